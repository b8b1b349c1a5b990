"""The reference models compiled by numba: the limit of what this machine can do with a model in plain arrays.

The same state machine as with heapq, but for the heap and the waiting lists, which are arrays here.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numba import njit

from tests.benchmarks import cases
from tests.benchmarks.cases import Found, Network, Pathway, Read, Run

SUPPORTED, PLACED, LIMIT = range(3)
RESOLVES_DAYS = cases.YEAR / np.array(cases.RESOLVES_A_YEAR)
REFERRED_DAYS = cases.YEAR / np.array(cases.REFERRED_A_YEAR)
KINDS = np.array(cases.KINDS)
STAY_DAYS = np.array(cases.STAY_YEARS) * cases.YEAR
ESCALATES_TO = np.array(cases.ESCALATES_TO)
RETURNS = np.array(cases.RETURNS)
ESCALATES = np.array(cases.ESCALATES)
LIMITED, CLASSES, STATIONS = len(cases.PLACES), cases.CLASSES, cases.STATIONS
INDEPENDENT = cases.INDEPENDENT
SERVERS = cases.SERVERS
RESOLVES, REFERRED, PATIENCE = cases.RESOLVES, cases.REFERRED, cases.PATIENCE
STAY, KIND, OUTCOME = cases.STAY, cases.KIND, cases.OUTCOME


@njit(cache=True)
def push(times, what, size, at, who, ends, about):
    """Add an event to a binary heap in arrays; return the new size."""
    hole = size
    while hole > 0:
        parent = (hole - 1) >> 1
        if times[parent] <= at:
            break
        times[hole] = times[parent]
        what[hole] = what[parent]
        hole = parent
    times[hole] = at
    what[hole, 0], what[hole, 1], what[hole, 2] = who, ends, about
    return size + 1


@njit(cache=True)
def drop_first(times, what, size):
    """Take the first event out of the heap; return the new size."""
    size -= 1
    at, last, hole = times[size], size, 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if at <= times[child]:
            break
        times[hole] = times[child]
        what[hole] = what[child]
        hole = child
    times[hole] = at
    what[hole] = what[last]
    return size


@njit(cache=True)
def _support(times, what, size, now, pupil, mine, supports, severity, leaves_at):
    first = now + mine[RESOLVES + supports] * RESOLVES_DAYS[severity]
    second = now + mine[REFERRED + supports] * REFERRED_DAYS[severity]
    until = min(first, second, leaves_at)
    ends = 2 if until == leaves_at else 0 if until == first else 1
    return push(times, what, size, until, pupil, SUPPORTED, ends)


@njit(cache=True)
def _stay(times, what, size, now, pupil, mine, stays, kind, leaves_at):
    until = min(now + mine[STAY + stays] * STAY_DAYS[kind], leaves_at)
    return push(times, what, size, until, pupil, PLACED, kind)


@njit(cache=True)
def _kind_of_place(severity, uniform):
    for kind in range(KINDS.shape[1]):
        if uniform < KINDS[severity, kind]:
            return kind
    return LIMITED - 1


@njit(cache=True)
def _pathway(onset, leaves_at, severity, numbers, usable, patience, end):
    people = len(onset)
    times, what = np.empty(4 * people), np.empty((4 * people, 3), np.int64)
    size = entries = 0
    room = 4 * people
    who, since = np.empty(room, np.int64), np.empty(room)
    waiting = np.empty((LIMITED, CLASSES, room // 2), np.int64)
    heads, tails = np.zeros((LIMITED, CLASSES), np.int64), np.zeros((LIMITED, CLASSES), np.int64)
    supports, limits, stays = np.zeros(people, np.int64), np.zeros(people, np.int64), np.zeros(people, np.int64)
    free = usable.copy()
    waits, waited, counts = np.zeros(CLASSES, np.int64), np.zeros(CLASSES), np.zeros(5, np.int64)
    coming = 0
    while True:
        seeks = -1
        if coming < people and (size == 0 or onset[coming] <= times[0]):
            now, pupil = onset[coming], coming
            coming += 1
            counts[0] += 1
            size = _support(times, what, size, now, pupil, numbers[pupil], 0, severity[pupil], leaves_at[pupil])
            continue
        now = times[0]
        pupil, ends, about = what[0, 0], what[0, 1], what[0, 2]
        size = drop_first(times, what, size)
        if now >= end:
            break
        rank, mine = CLASSES - 1 - severity[pupil], numbers[pupil]
        if ends == LIMIT:
            kind, entry = about % LIMITED, about // LIMITED
            if who[entry] < 0:
                continue
            who[entry] = -1
            waits[rank] += 1
            waited[rank] += now - since[entry]
            counts[0] += 1
            counts[4] += 1
            if now == leaves_at[pupil]:
                counts[1] += 1
                continue
            seeks = ESCALATES_TO[kind]
        elif ends == SUPPORTED:
            counts[0] += 1
            if about == 2:
                counts[1] += 1
                continue
            if about == 0:
                counts[2] += 1
                continue
            seeks = _kind_of_place(severity[pupil], mine[KIND + supports[pupil]])
            supports[pupil] += 1
        else:
            counts[0] += 1
            if about != INDEPENDENT:
                given = False
                for one in range(CLASSES):
                    while not given and heads[about, one] < tails[about, one]:
                        entry = waiting[about, one, heads[about, one]]
                        heads[about, one] += 1
                        other = who[entry]
                        if other >= 0:
                            who[entry] = -1
                            waits[one] += 1
                            waited[one] += now - since[entry]
                            counts[0] += 1
                            size = _stay(
                                times, what, size, now, other, numbers[other], stays[other], about, leaves_at[other]
                            )
                            given = True
                if not given:
                    free[about] += 1
            if now == leaves_at[pupil]:
                counts[1] += 1
                continue
            uniform = mine[OUTCOME + stays[pupil]]
            stays[pupil] += 1
            if uniform < RETURNS[about]:
                size = _support(times, what, size, now, pupil, mine, supports[pupil], severity[pupil], leaves_at[pupil])
                continue
            if uniform >= RETURNS[about] + ESCALATES[about]:
                counts[3] += 1
                continue
            seeks = ESCALATES_TO[about]
        if seeks == INDEPENDENT:
            size = _stay(times, what, size, now, pupil, mine, stays[pupil], seeks, leaves_at[pupil])
            continue
        limit = min(now + mine[PATIENCE + limits[pupil]] * patience, leaves_at[pupil])
        limits[pupil] += 1
        if free[seeks] > 0:
            free[seeks] -= 1
            waits[rank] += 1
            size = _stay(times, what, size, now, pupil, mine, stays[pupil], seeks, leaves_at[pupil])
        else:
            who[entries], since[entries] = pupil, now
            waiting[seeks, rank, tails[seeks, rank]] = entries
            tails[seeks, rank] += 1
            size = push(times, what, size, limit, pupil, LIMIT, entries * LIMITED + seeks)
            entries += 1
    return counts, waits, waited


def pathway(case: Pathway) -> Run:
    _compiled(Pathway(0, 0.01))()
    return _compiled(case)


def _compiled(case: Pathway) -> Run:
    pupils = case.pupils
    arrays = (np.array(pupils.onset), np.array(pupils.leaves_at), np.array(pupils.severity))
    run = partial(_pathway, *arrays, np.array(pupils.numbers()), np.array(case.usable), case.patience, case.end)

    def timed() -> Read:
        counts, waits, waited = run()
        events, *outcomes = counts.tolist()
        return lambda: Found(events, tuple(waits.tolist()), tuple(waited.tolist()), tuple(outcomes))

    return timed


@njit(cache=True)
def _network(at, ranks, first, station, service, end):
    people = len(at)
    times, what = np.empty(people + 8), np.empty((people + 8, 3), np.int64)
    began_after = np.zeros(people)
    visit = first[:-1].copy()
    waiting, came = np.empty((STATIONS, CLASSES, len(station)), np.int64), np.empty(people)
    heads, tails = np.zeros((STATIONS, CLASSES), np.int64), np.zeros((STATIONS, CLASSES), np.int64)
    free = np.full(STATIONS, SERVERS)
    waits, waited = np.zeros(CLASSES, np.int64), np.zeros(CLASSES)
    events = coming = size = 0
    while True:
        if coming < people and (size == 0 or at[coming] <= times[0]):
            now, one = at[coming], coming
            coming += 1
            events += 1
        else:
            now, one = times[0], what[0, 0]
            size = drop_first(times, what, size)
            if now >= end:
                break
            events += 1
            waits[ranks[one]] += 1
            waited[ranks[one]] += began_after[one]
            here, given = station[visit[one]], False
            for rank in range(CLASSES):
                if not given and heads[here, rank] < tails[here, rank]:
                    other = waiting[here, rank, heads[here, rank]]
                    heads[here, rank] += 1
                    began_after[other] = now - came[other]
                    size = push(times, what, size, now + service[visit[other]], other, 0, 0)
                    given = True
            if not given:
                free[here] += 1
            visit[one] += 1
            if visit[one] == first[one + 1]:
                continue
        here = station[visit[one]]
        if free[here] > 0:
            free[here] -= 1
            began_after[one] = 0.0
            size = push(times, what, size, now + service[visit[one]], one, 0, 0)
        else:
            came[one] = now
            waiting[here, ranks[one], tails[here, ranks[one]]] = one
            tails[here, ranks[one]] += 1
    return events, waits, waited


def network(case: Network) -> Run:
    _compiled_network(Network(0, 200))()
    return _compiled_network(case)


def _compiled_network(case: Network) -> Run:
    arrivals = case.arrivals
    visits = arrivals.visits()
    first = np.concatenate([[0], np.cumsum([len(mine) for mine in visits])])
    flat = [visit for mine in visits for visit in mine]
    station, service = np.array([s for s, _ in flat]), np.array([days for _, days in flat])
    run = partial(_network, np.array(arrivals.at), np.array(arrivals.rank), first, station, service, case.end)

    def timed() -> Read:
        events, waits, waited = run()
        return lambda: Found(int(events), tuple(waits.tolist()), tuple(waited.tolist()), ())

    return timed

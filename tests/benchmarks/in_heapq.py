"""The reference models as a hand-written event loop over heapq: the limit of what interpreted Python can do.

No library, no recording, and the model dissolved into a state machine: fast, and the hardest to read or change.
"""

from __future__ import annotations

from heapq import heappop, heappush

from tests.benchmarks import cases
from tests.benchmarks.cases import Found, Network, Pathway, Read, Run, kind_of_place

SUPPORTED, PLACED, LIMIT = range(3)
"""What ends at an event: support in school, a stay, or patience in a waiting list."""


def pathway(case: Pathway) -> Run:
    pupils = case.pupils
    everybodys = pupils.numbers()

    def run() -> Read:
        onset, leaves_at, severity = pupils.onset, pupils.leaves_at, pupils.severity
        end, patience, free = case.end, case.patience, list(case.usable)
        lists: list[list[list]] = [
            [] for _ in free
        ]  # entries: rank, order, since, pupil; the pupil is -1 once it ended
        supports, limits, stays = ([0] * len(pupils) for _ in range(3))
        resolves = [cases.YEAR / a_year for a_year in cases.RESOLVES_A_YEAR]
        refers = [cases.YEAR / a_year for a_year in cases.REFERRED_A_YEAR]
        lengths = [years * cases.YEAR for years in cases.STAY_YEARS]
        waits, waited = [0] * cases.CLASSES, [0.0] * cases.CLASSES
        events = left = resolved = gone = gave_up = order = 0
        heap: list[tuple] = []

        def support(pupil: int) -> None:
            mine, at, grade = everybodys[pupil], supports[pupil], severity[pupil]
            first = now + mine[cases.RESOLVES + at] * resolves[grade]
            second = now + mine[cases.REFERRED + at] * refers[grade]
            until = min(first, second, leaves_at[pupil])
            ends = 2 if until == leaves_at[pupil] else 0 if until == first else 1
            heappush(heap, (until, pupil, SUPPORTED, ends))

        def stay(pupil: int, kind: int) -> None:
            until = now + everybodys[pupil][cases.STAY + stays[pupil]] * lengths[kind]
            heappush(heap, (min(until, leaves_at[pupil]), pupil, PLACED, kind))

        def seek(pupil: int, kind: int) -> None:
            nonlocal order
            if kind == cases.INDEPENDENT:
                stay(pupil, kind)
                return
            rank = cases.CLASSES - 1 - severity[pupil]
            limit = now + everybodys[pupil][cases.PATIENCE + limits[pupil]] * patience
            limits[pupil] += 1
            if free[kind]:
                free[kind] -= 1
                waits[rank] += 1
                stay(pupil, kind)
            else:
                order += 1
                entry = [rank, order, now, pupil]
                heappush(lists[kind], entry)
                heappush(heap, (min(limit, leaves_at[pupil]), pupil, LIMIT, (kind, entry)))

        def release(kind: int) -> None:
            nonlocal events
            waiting = lists[kind]
            while waiting:
                entry = heappop(waiting)
                rank, _, since, pupil = entry
                if pupil >= 0:
                    entry[3] = -1
                    waits[rank] += 1
                    waited[rank] += now - since
                    events += 1
                    stay(pupil, kind)
                    return
            free[kind] += 1

        coming, number = 0, len(onset)
        while True:
            if coming < number and (not heap or onset[coming] <= heap[0][0]):
                now = onset[coming]
                coming += 1
                events += 1
                support(coming - 1)
                continue
            now, pupil, what, about = heappop(heap)
            if now >= end:
                break
            if what == LIMIT:
                kind, entry = about
                if entry[3] < 0:
                    continue
                entry[3] = -1
                rank = entry[0]
                waits[rank] += 1
                waited[rank] += now - entry[2]
                events += 1
                gave_up += 1
                if now == leaves_at[pupil]:
                    left += 1
                else:
                    seek(pupil, cases.ESCALATES_TO[kind])
                continue
            events += 1
            if what == SUPPORTED:
                if about == 2:
                    left += 1
                elif about == 0:
                    resolved += 1
                else:
                    uniform = everybodys[pupil][cases.KIND + supports[pupil]]
                    supports[pupil] += 1
                    seek(pupil, kind_of_place(severity[pupil], uniform))
                continue
            if about != cases.INDEPENDENT:
                release(about)
            if now == leaves_at[pupil]:
                left += 1
                continue
            uniform = everybodys[pupil][cases.OUTCOME + stays[pupil]]
            stays[pupil] += 1
            if uniform < cases.RETURNS[about]:
                support(pupil)
            elif uniform >= cases.RETURNS[about] + cases.ESCALATES[about]:
                gone += 1
            else:
                seek(pupil, cases.ESCALATES_TO[about])
        return lambda: Found(events, tuple(waits), tuple(waited), (left, resolved, gone, gave_up))

    return run


def network(case: Network) -> Run:
    arrivals = case.arrivals
    everybodys = arrivals.visits()

    def run() -> Read:
        at, ranks, end = arrivals.at, arrivals.rank, case.end
        free = [cases.SERVERS] * cases.STATIONS
        lists: list[list[tuple]] = [[] for _ in free]
        visit = [0] * len(at)
        waits, waited = [0] * cases.CLASSES, [0.0] * cases.CLASSES
        events = order = coming = 0
        heap: list[tuple] = []
        number = len(at)
        while True:
            if coming < number and (not heap or at[coming] <= heap[0][0]):
                now, customer = at[coming], coming
                coming += 1
                events += 1
            else:
                now, customer, days = heappop(heap)
                if now >= end:
                    break
                events += 1
                rank = ranks[customer]
                waits[rank] += 1
                waited[rank] += days
                mine, done = everybodys[customer], visit[customer]
                station = mine[done][0]
                if lists[station]:
                    _, _, since, other = heappop(lists[station])
                    heappush(heap, (now + everybodys[other][visit[other]][1], other, now - since))
                else:
                    free[station] += 1
                visit[customer] = done = done + 1
                if done == len(mine):
                    continue
            station, service = everybodys[customer][visit[customer]]
            if free[station]:
                free[station] -= 1
                heappush(heap, (now + service, customer, 0.0))
            else:
                order += 1
                heappush(lists[station], (ranks[customer], order, now, customer))
        return lambda: Found(events, tuple(waits), tuple(waited), ())

    return run

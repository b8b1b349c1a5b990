"""The reference models in SimPy as its documentation writes models: a process for each person, PriorityResource."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from tests.benchmarks import cases
from tests.benchmarks.cases import Found, Network, Pathway, Read, Run, kind_of_place

Steps = Generator[simpy.Event, Any, Any]


class Counts:
    """What is counted along the way."""

    def __init__(self) -> None:
        self.events = self.left = self.resolved = self.gone = self.gave_up = 0
        self.waits, self.waited = [0] * cases.CLASSES, [0.0] * cases.CLASSES

    def wait(self, rank: int, days: float) -> None:
        """Count a wait that ended."""
        self.waits[rank] += 1
        self.waited[rank] += days
        self.events += days > 0.0

    def found(self, *outcomes: int) -> Found:
        """Return what was found."""
        return Found(self.events, tuple(self.waits), tuple(self.waited), outcomes)


def pathway(case: Pathway) -> Run:
    pupils = case.pupils
    everybodys = pupils.numbers()

    def run() -> Read:
        env, counts = simpy.Environment(), Counts()
        places = [simpy.PriorityResource(env, capacity) for capacity in case.usable]
        patience = case.patience

        def onsets() -> Steps:
            for number, onset in enumerate(pupils.onset):
                yield env.timeout(onset - env.now)
                env.process(life(everybodys[number], pupils.severity[number], pupils.leaves_at[number]))

        def life(mine: list[float], severity: int, leaves_at: float) -> Steps:
            supports = waits = stays = 0
            counts.events += 1
            while True:
                resolved = mine[cases.RESOLVES + supports] * (cases.YEAR / cases.RESOLVES_A_YEAR[severity])
                referred = mine[cases.REFERRED + supports] * (cases.YEAR / cases.REFERRED_A_YEAR[severity])
                until = min(resolved, referred, leaves_at - env.now)
                yield env.timeout(until)
                counts.events += 1
                if until not in (resolved, referred):
                    counts.left += 1
                    return
                if until == resolved:
                    counts.resolved += 1
                    return
                kind = kind_of_place(severity, mine[cases.KIND + supports])
                supports += 1
                while True:
                    began = env.now
                    if kind == cases.INDEPENDENT:
                        last = yield from stay(kind, mine[cases.STAY + stays], leaves_at)
                    else:
                        limit = min(mine[cases.PATIENCE + waits] * patience, leaves_at - began)
                        waits += 1
                        with places[kind].request(priority=cases.CLASSES - 1 - severity) as request:
                            yield request | env.timeout(limit)
                            counts.wait(cases.CLASSES - 1 - severity, env.now - began)
                            if not request.triggered:
                                counts.gave_up += 1
                                if limit == leaves_at - began:
                                    counts.left += 1
                                    return
                                kind = cases.ESCALATES_TO[kind]
                                continue
                            last = yield from stay(kind, mine[cases.STAY + stays], leaves_at)
                    if last:
                        counts.left += 1
                        return
                    uniform = mine[cases.OUTCOME + stays]
                    stays += 1
                    if uniform < cases.RETURNS[kind]:
                        break
                    if uniform >= cases.RETURNS[kind] + cases.ESCALATES[kind]:
                        counts.gone += 1
                        return
                    kind = cases.ESCALATES_TO[kind]

        def stay(kind: int, length: float, leaves_at: float) -> Steps:
            """Stay in a place; return whether the pupil then leaves for good."""
            days, left = length * (cases.STAY_YEARS[kind] * cases.YEAR), leaves_at - env.now
            yield env.timeout(min(days, left))
            counts.events += 1
            return left <= days

        env.process(onsets())
        env.run(until=case.end)
        return lambda: counts.found(counts.left, counts.resolved, counts.gone, counts.gave_up)

    return run


def network(case: Network) -> Run:
    arrivals = case.arrivals
    everybodys = arrivals.visits()

    def run() -> Read:
        env, counts = simpy.Environment(), Counts()
        stations = [simpy.PriorityResource(env, cases.SERVERS) for _ in range(cases.STATIONS)]

        def source() -> Steps:
            for at, rank, visits in zip(arrivals.at, arrivals.rank, everybodys, strict=True):
                yield env.timeout(at - env.now)
                env.process(customer(rank, visits))

        def customer(rank: int, visits: list[tuple[int, float]]) -> Steps:
            counts.events += 1
            for station, service in visits:
                came = env.now
                with stations[station].request(priority=rank) as request:
                    yield request
                    began = env.now
                    yield env.timeout(service)
                counts.events += 1
                counts.waits[rank] += 1
                counts.waited[rank] += began - came

        env.process(source())
        env.run(until=case.end)
        return lambda: counts.found()

    return run

"""The reference models in salabim, a component for each person; in its default style and with generators.

The process of a component is written once, with `yield`. In salabim's default style `hold` and `request` switch
to another greenlet by themselves, so there the steps are only walked through.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import salabim

from tests.benchmarks import cases
from tests.benchmarks.cases import Network, Pathway, Read, Run, kind_of_place
from tests.benchmarks.in_simpy import Counts

Steps = Generator[Any, Any, Any]


def pathway(case: Pathway) -> Run:
    """With generators (`yieldless=False`)."""
    return _pathway(case, is_default=False)


def pathway_default(case: Pathway) -> Run:
    """In the default style, on greenlets."""
    return _pathway(case, is_default=True)


def network(case: Network) -> Run:
    """With generators (`yieldless=False`)."""
    return _network(case, is_default=False)


def network_default(case: Network) -> Run:
    """In the default style, on greenlets."""
    return _network(case, is_default=True)


def _component(is_default: bool) -> type[salabim.Component]:
    class Walked(salabim.Component):
        def process(self) -> None:
            for _ in self.steps():
                pass

    class Yielding(salabim.Component):
        def process(self) -> Steps:
            yield from self.steps()

    return Walked if is_default else Yielding


def _pathway(case: Pathway, is_default: bool) -> Run:
    pupils = case.pupils
    everybodys = pupils.numbers()

    def run() -> Read:
        env, counts = salabim.Environment(trace=False, yieldless=is_default), Counts()
        places = [salabim.Resource(f"place_{i}", capacity, monitor=False) for i, capacity in enumerate(case.usable)]

        class Onsets(_component(is_default)):  # type: ignore[misc]
            def steps(self) -> Steps:
                for number, onset in enumerate(pupils.onset):
                    yield self.hold(till=onset)
                    Pupil(number=number)

        class Pupil(_component(is_default)):  # type: ignore[misc]
            def setup(self, number: int) -> None:
                self.mine = everybodys[number]
                self.severity, self.leaves_at = pupils.severity[number], pupils.leaves_at[number]
                self.limits = self.stays = 0

            def steps(self) -> Steps:
                mine, severity, supports = self.mine, self.severity, 0
                counts.events += 1
                while True:
                    resolved = mine[cases.RESOLVES + supports] * (cases.YEAR / cases.RESOLVES_A_YEAR[severity])
                    referred = mine[cases.REFERRED + supports] * (cases.YEAR / cases.REFERRED_A_YEAR[severity])
                    until = min(resolved, referred, self.leaves_at - env.now())
                    yield self.hold(until)
                    counts.events += 1
                    if until not in (resolved, referred):
                        counts.left += 1
                        return
                    if until == resolved:
                        counts.resolved += 1
                        return
                    kind = kind_of_place(severity, mine[cases.KIND + supports])
                    supports += 1
                    if not (yield from self.seek(kind)):
                        return

            def seek(self, kind: int) -> Steps:
                """Wait and stay in one place after another; return whether the pupil comes back to school."""
                while True:
                    if kind != cases.INDEPENDENT:
                        began, rank = env.now(), cases.CLASSES - 1 - self.severity
                        limit = min(self.mine[cases.PATIENCE + self.limits] * case.patience, self.leaves_at - began)
                        self.limits += 1
                        yield self.request((places[kind], 1, rank), fail_delay=limit)
                        counts.wait(rank, env.now() - began)
                        if self.failed():
                            counts.gave_up += 1
                            if limit == self.leaves_at - began:
                                counts.left += 1
                                return False
                            kind = cases.ESCALATES_TO[kind]
                            continue
                    days = self.mine[cases.STAY + self.stays] * (cases.STAY_YEARS[kind] * cases.YEAR)
                    left = self.leaves_at - env.now()
                    yield self.hold(min(days, left))
                    counts.events += 1
                    if kind != cases.INDEPENDENT:
                        self.release(places[kind])
                    if left <= days:
                        counts.left += 1
                        return False
                    uniform = self.mine[cases.OUTCOME + self.stays]
                    self.stays += 1
                    if uniform < cases.RETURNS[kind]:
                        return True
                    if uniform >= cases.RETURNS[kind] + cases.ESCALATES[kind]:
                        counts.gone += 1
                        return False
                    kind = cases.ESCALATES_TO[kind]

        Onsets()
        env.run(till=case.end)
        return lambda: counts.found(counts.left, counts.resolved, counts.gone, counts.gave_up)

    return run


def _network(case: Network, is_default: bool) -> Run:
    arrivals = case.arrivals
    everybodys = arrivals.visits()

    def run() -> Read:
        env, counts = salabim.Environment(trace=False, yieldless=is_default), Counts()
        stations = [salabim.Resource(f"station_{i}", cases.SERVERS, monitor=False) for i in range(cases.STATIONS)]

        class Source(_component(is_default)):  # type: ignore[misc]
            def steps(self) -> Steps:
                for number, at in enumerate(arrivals.at):
                    yield self.hold(till=at)
                    Customer(number=number)

        class Customer(_component(is_default)):  # type: ignore[misc]
            def setup(self, number: int) -> None:
                self.visits, self.rank = everybodys[number], arrivals.rank[number]

            def steps(self) -> Steps:
                counts.events += 1
                for station, service in self.visits:
                    came = env.now()
                    yield self.request((stations[station], 1, self.rank))
                    began = env.now()
                    yield self.hold(service)
                    self.release(stations[station])
                    counts.events += 1
                    counts.waits[self.rank] += 1
                    counts.waited[self.rank] += began - came

        Source()
        env.run(till=case.end)
        return lambda: counts.found()

    return run

"""What is left to do of a study, doing it, and telling how far it is; units that fail are recorded and left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from sim.parallel import Run, Task
from sim.replicate import Outcome, Unit, from_bytes, unpacked
from sim.store import DamagedUnit, Keeper, package_versions

ATTEMPTS = 3
"""A unit that failed, or was lost with its worker, is tried again at most twice."""

MOST_TOGETHER = 10
"""Scenarios of a replication that go into one task at most: they share a run-in, and are lost together."""

LOST = "the worker process was lost"
LOG = logging.getLogger(__name__)


class StudyFailed(Exception):
    """Some units could not be run; the others are finished and kept. `failures` are their outcomes."""

    def __init__(self, failures: list[Outcome]) -> None:
        super().__init__(failures)
        self.failures = failures

    def __str__(self) -> str:
        """Return the failed units with seed and error, one line each."""
        lines = [f"{f.unit.label} (seed {f.unit.seed}): {f.error.strip().splitlines()[-1]}" for f in self.failures]
        return "\n".join([f"{len(lines)} of the runs failed; the others are kept:", *lines])

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback: the message, as at the command line."""
        return [str(self)]


@dataclass(frozen=True)
class Standing:
    """How far a study is after a unit has ended.

    Attributes
    ----------
    done, total : units finished, and units in all; `found` of those finished were there at the start.
    label : the unit that ended.
    failed : units whose last try failed.
    precision : a line for each headline measure, if a judge of precision is at work.
    """

    done: int
    total: int
    label: str
    found: int = 0
    failed: int = 0
    precision: tuple[str, ...] = ()


class Progress(Protocol):
    """What is told how far a study is."""

    def __call__(self, standing: Standing, /) -> None:
        """Take note after each unit."""


class Judge(Protocol):
    """Sees the measures of every finished unit, and says how many replications are needed.

    Attributes
    ----------
    first : replications to begin with.
    measures : names of the measures it looks at.
    """

    first: int
    measures: tuple[str, ...]

    def note(self, scenario: str, replication: int, measures: Any) -> None:
        """Take note of a unit's measures, a DataFrame of those named; a unit may be told of again."""

    def standing(self) -> tuple[str, ...]:
        """Return a line for each headline measure with its present precision."""

    def further(self, replications: int) -> int:
        """Return the number of replications to go on to, or `replications` when that is enough."""

    def record(self) -> dict[str, Any]:
        """Return what run.json says about it."""


class Work:
    """The units of a study: which are missing, how they are run and kept, and how often each was tried.

    Parameters
    ----------
    units : by scenario, then replication; units of one key have equal parameters and are run once.
    packed : what `pack` made, by case: scenario, or scenario and draw.
    notes : what unit.json says beside seed and replication, by case.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        keeper: Keeper,
        packed: Mapping[str, bytes],
        notes: Mapping[str, Mapping[str, Any]],
        progress: Progress | None = None,
        judge: Judge | None = None,
    ) -> None:
        self.units, self._keeper, self._packed, self._notes = units, keeper, packed, notes
        self._progress, self._judge = progress, judge
        self._same: dict[str, list[Unit]] = {}
        for unit in units:
            self._same.setdefault(unit.key, []).append(unit)
        self._in_full = {unit.key for unit in units if unit.in_full}
        self._tries: dict[str, int] = {}
        self._failures: dict[str, Outcome] = {}
        self._suspects: list[list[Unit]] = []
        self._lost_how: dict[str, str] = {}
        self._damaged: set[str] = set()
        self._left = {unit.key for unit in self.missing()}
        self._found = self._count_done()

    @property
    def parameters(self) -> set[str]:
        """Fingerprints of the parameters of all scenarios."""
        return {note["parameters"] for note in self._notes.values()}

    def missing(self) -> list[Unit]:
        """Return the units that are not finished; scenarios with equal parameters share theirs."""
        return [mine[0] for mine in self._same.values() if self._is_missing(mine[0])]

    def finish(self, run: Run, cores: Callable[[], int]) -> None:
        """Run what is missing, with two more tries for what failed or was lost; StudyFailed if something still is.

        What was under way when a worker process was lost is run again alone, one task after the other, and then unit
        by unit: a unit counts as tried only if it was alone when its worker was lost, so that it is to blame.

        Parameters
        ----------
        run : where the tasks are run.
        cores : returns for how many processes there should be tasks, at present.
        """
        self._lay_damaged_aside()
        self.tell_judge_of_finished()
        while True:
            if todo := self._to_try():
                self._suspects += self._lost_of(run, self._tasks(todo, cores))
            elif self._suspects:
                self._try_alone(run, self._suspects.pop(0))
            else:
                break
            self._look_for_others()
        if left := self.missing():
            raise StudyFailed([self._failures.get(unit.key, Outcome(unit, {}, error=LOST)) for unit in left])

    def tell_judge_of_finished(self) -> None:
        """Show the judge the measures of all units that were finished at the start; damaged ones are left out."""
        for key in self._same.keys() - self._left if self._judge is not None else ():
            try:
                self._tell_judge(key, self._keeper.get(key, ("measures",))["measures"])
            except DamagedUnit as error:
                LOG.warning("%s %s; the run is not used", error.problems[0].file, error.problems[0].found)
                self._damaged.add(key)
                self._left.add(key)

    def tasks(self, cores: Callable[[], int]) -> Iterator[list[Unit]]:
        """Yield what is missing as it goes into the first tasks."""
        yield from self._grouped(self._to_try(), cores)

    def _lay_damaged_aside(self) -> None:
        """Have damaged units run again."""
        for key in self._same:
            if said := self._keeper.lay_aside(key, key in self._in_full):
                LOG.warning("damaged, laid aside, and run again: %s", said)
                self._left.add(key)
        self._damaged.clear()
        self._found = self._count_done()

    def _to_try(self) -> list[Unit]:
        """Return what is missing and may be tried (again), what was tried less often first; without suspects."""
        suspects = {unit.key for task in self._suspects for unit in task}
        left = [self._same[key][0] for key in self._same if key in self._left and key not in suspects]
        may = [unit for unit in left if self._tries.get(unit.key, 0) < ATTEMPTS and self._is_missing(unit)]
        return sorted(may, key=lambda unit: (self._tries.get(unit.key, 0), unit.replication))

    def _tasks(self, todo: Sequence[Unit], cores: Callable[[], int]) -> Iterator[Task]:
        """Yield tasks, without what another process has finished meanwhile."""
        for together in self._grouped(todo, cores):
            if task := [unit for unit in together if self._is_missing(unit)]:
                yield self._task(task)

    def _task(self, units: list[Unit]) -> Task:
        return units, [self._packed[unit.case] for unit in units]

    def _grouped(self, todo: Sequence[Unit], cores: Callable[[], int]) -> Iterator[list[Unit]]:
        """Yield units of one replication, as many as leave something for every process; what failed goes by itself."""
        groups: dict[tuple[int, int], list[Unit]] = {}
        for unit in todo:
            groups.setdefault((self._tries.get(unit.key, 0), unit.replication), []).append(unit)
        for (tries, _), mine in groups.items():
            while mine:
                size = 1 if tries else max(1, min(MOST_TOGETHER, len(todo) // cores()))
                together, mine = mine[:size], mine[size:]
                yield together

    def _lost_of(self, run: Run, tasks: Iterator[Task]) -> list[list[Unit]]:
        """Run tasks, and return the units of each that were lost: sent, but without an outcome of their own."""
        sent: list[list[Unit]] = []
        ended: set[str] = set()

        def noted() -> Iterator[Task]:
            for task in tasks:
                sent.append(task[0])
                yield task

        with closing(run(noted())) as outcomes:
            for outcome in outcomes:
                if outcome.is_lost:
                    self._lost_how[outcome.unit.key] = outcome.error
                else:
                    ended.add(outcome.unit.key)
                    self._take(outcome)
        lost = [[unit for unit in units if unit.key not in ended] for units in sent]
        return [units for units in lost if units]

    def _try_alone(self, run: Run, units: list[Unit]) -> None:
        """Run suspects while nothing else is run; what is lost by itself has been tried."""
        units = [unit for unit in units if self._is_missing(unit)]
        lost = self._lost_of(run, iter([self._task(units)])) if units else []
        for unit in [unit for task in lost for unit in task]:
            if len(units) == 1:
                self._failed(Outcome(unit, {}, error=self._lost_how.get(unit.key, LOST)))
            if self._tries.get(unit.key, 0) < ATTEMPTS:
                self._suspects.append([unit])

    def _is_missing(self, unit: Unit) -> bool:
        return unit.key in self._damaged or not self._keeper.has(unit.key, unit.key in self._in_full)

    def _take(self, outcome: Outcome) -> None:
        if outcome.error:
            self._failed(outcome)
        else:
            self._keep(outcome)
        if self._progress is not None:
            precision = self._judge.standing() if self._judge else ()
            done, label = self._count_done(), outcome.unit.label
            self._progress(Standing(done, len(self.units), label, self._found, len(self._failures), precision))

    def _keep(self, outcome: Outcome) -> None:
        unit = outcome.unit
        tables = {name: from_bytes(content) for name, content in outcome.tables.items()}
        self._keeper.put(unit.key, tables, {**self._note_of(unit), "seconds": round(outcome.seconds, 3)})
        self._keep_parameters(unit)
        self._failures.pop(unit.key, None)
        self._left.discard(unit.key)
        self._tell_judge(unit.key, tables["measures"])

    def _keep_parameters(self, unit: Unit) -> None:
        """Keep the parameters again if they were pruned since the study began, when no unit used them yet."""
        note = self._notes[unit.case]
        if not note.get("opening_roll") and not self._keeper.has_parameters(note["parameters"]):
            parameters, _ = unpacked(self._packed[unit.case])
            self._keeper.keep_parameters(note["parameters"], parameters.model_dump_json())

    def _failed(self, outcome: Outcome) -> None:
        key = outcome.unit.key
        self._tries[key] = self._tries.get(key, 0) + 1
        self._failures[key] = outcome
        note = self._note_of(outcome.unit)
        error = without_message(outcome.error) if note.get("opening_roll") else outcome.error
        said = {"in_full": key in self._in_full, "tries": self._tries[key], "error": error}
        self._keeper.fail(key, {**note, **said})

    def _note_of(self, unit: Unit) -> dict[str, Any]:
        said = {"seed": unit.seed, "replication": unit.replication, "code": unit.code}
        return {"scenario": unit.scenario, **self._notes[unit.case], **said, "packages": package_versions()}

    def _look_for_others(self) -> None:
        """Take note of what another process has finished meanwhile."""
        for key in [key for key in self._left if not self._is_missing(self._same[key][0])]:
            if said := self._keeper.lay_aside(key, key in self._in_full):
                LOG.warning("damaged, laid aside, and run again: %s", said)
                continue
            self._left.discard(key)
            self._failures.pop(key, None)
            if self._judge is not None:
                self._tell_judge(key, self._keeper.get(key, ("measures",))["measures"])

    def _tell_judge(self, key: str, measures: pa.Table) -> None:
        if self._judge is not None:
            asked = pa.array(self._judge.measures, pa.string())
            measures = measures.filter(pc.is_in(measures["measure"].cast(pa.string()), asked)).to_pandas()
            for unit in self._same[key]:
                self._judge.note(unit.scenario, unit.replication, measures)

    def _count_done(self) -> int:
        return sum(unit.key not in self._left for unit in self.units)


def without_message(error: str) -> str:
    """Return where an error came from and its kind, but not its message: it could quote a pupil of an opening roll."""
    lines = error.splitlines()
    kinds = [line.partition(":")[0] for line in lines if line and not line[:1].isspace()]
    places = [line for line in lines if line.startswith('  File "')]
    return "\n".join([*places, kinds[-1] if kinds else ""])

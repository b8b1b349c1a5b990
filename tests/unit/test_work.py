"""Work: which tasks are made, what another process has done meanwhile, and how often a unit is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sim.parallel import Task
from sim.replicate import Outcome, Unit, to_bytes
from sim.store import MemoryStore
from sim.work import ATTEMPTS, MOST_TOGETHER, Standing, StudyFailed, Work, without_message

MEASURES = pa.table({"measure": pa.array(["a", "b"]).dictionary_encode(), "value": [1.0, 2.0]})
TABLES = {"measures": MEASURES, "pupils": pa.table({"pupil": ["one"]})}


def units(scenarios: int, replications: int, twins: bool = False) -> list[Unit]:
    return [
        Unit(f"{0 if twins else scenario}-{number}", f"s{scenario}", 1, number, False, "code", ())
        for scenario in range(scenarios)
        for number in range(replications)
    ]


def work(mine: list[Unit], keeper: MemoryStore | None = None, **more: Any) -> Work:
    names = {unit.scenario for unit in mine}
    return Work(
        mine, keeper or MemoryStore(), dict.fromkeys(names, b""), {name: {"parameters": ""} for name in names}, **more
    )


def done(unit: Unit) -> Outcome:
    return Outcome(unit, {name: to_bytes(table) for name, table in TABLES.items()}, 1.0)


def run(tasks: Iterator[Task]) -> Iterator[Outcome]:
    yield from (done(unit) for mine, _ in tasks for unit in mine)


def sizes_of_tasks(mine: list[Unit], workers: int) -> list[int]:
    sizes = []

    def noting(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for task in tasks:
            assert len({unit.replication for unit in task[0]}) == 1
            sizes.append(len(task[0]))
            yield from run(iter([task]))

    work(mine).finish(noting, workers)
    return sizes


def test_scenarios_of_a_replication_go_together_as_far_as_every_worker_has_something_to_do() -> None:
    assert sizes_of_tasks(units(4, 3), workers=2) == [4, 4, 4]
    assert sizes_of_tasks(units(4, 1), workers=2) == [2, 2]
    assert sizes_of_tasks(units(2, 1), workers=9) == [1, 1]
    assert sizes_of_tasks(units(25, 1), workers=1) == [MOST_TOGETHER, MOST_TOGETHER, 5]


def test_what_another_process_finishes_meanwhile_is_not_run_again() -> None:
    keeper, ran, said = MemoryStore(), [], []

    def slowly(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for mine, _ in tasks:
            ran.extend(unit.key for unit in mine)
            keeper.put("0-2", TABLES, {})
            yield from (done(unit) for unit in mine)

    mine = work(units(1, 3), keeper, progress=said.append)
    mine.finish(slowly, 1)
    assert ran == ["0-0", "0-1"]
    assert mine.missing() == []


def test_scenarios_with_equal_parameters_are_run_once_and_both_count_as_done() -> None:
    said: list[Standing] = []
    work(units(2, 2, twins=True), progress=said.append).finish(run, 1)
    assert [(one.done, one.total) for one in said] == [(2, 4), (4, 4)]


def test_a_unit_that_fails_is_tried_as_often_as_may_be_while_the_others_go_on() -> None:
    tried = []

    def failing(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for mine, _ in tasks:
            for unit in mine:
                tried.append(unit.key)
                yield Outcome(unit, {}, error="ValueError: no") if unit.key == "0-0" else done(unit)

    mine = work(units(1, 3))
    with pytest.raises(StudyFailed, match=r"s0, replication 0 \(seed 1\): ValueError: no"):
        mine.finish(failing, 1)
    assert tried == ["0-0", "0-1", "0-2", *["0-0"] * (ATTEMPTS - 1)]


def test_a_unit_that_succeeds_at_last_is_no_failure() -> None:
    said: list[Standing] = []

    def late(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for mine, _ in tasks:
            for unit in mine:
                yield done(unit) if said else Outcome(unit, {}, error="OSError: once")

    work(units(1, 1), progress=said.append).finish(late, 1)
    assert [(one.done, one.failed) for one in said] == [(0, 1), (1, 0)]


class Noting:
    """A judge that only notes."""

    first, measures = 1, ("b",)

    def __init__(self) -> None:
        self.noted: list[tuple[str, int, list[float]]] = []

    def note(self, scenario: str, replication: int, measures: pd.DataFrame) -> None:
        self.noted.append((scenario, replication, measures["value"].tolist()))

    def standing(self) -> tuple[str, ...]:
        return (f"{len(self.noted)} noted",)

    def further(self, replications: int) -> int:
        return replications

    def record(self) -> dict[str, Any]:
        return {}


def test_the_judge_sees_the_measures_it_asked_for_of_every_unit_found_run_or_shared() -> None:
    keeper, judge, said = MemoryStore(), Noting(), []
    keeper.put("0-0", TABLES, {})
    work(units(2, 2, twins=True), keeper, progress=said.append, judge=judge).finish(run, 1)
    assert sorted(judge.noted) == [(f"s{scenario}", number, [2.0]) for scenario in (0, 1) for number in (0, 1)]
    assert said[-1].precision == ("4 noted",)
    assert said[-1].found == 2


def test_what_is_recorded_of_a_failure_need_not_hold_the_words_of_the_error() -> None:
    error = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in run\n    row(pupil)\nValueError: pupil\n  Ann\n'
    )
    assert without_message(error).splitlines() == ['  File "a.py", line 1, in run', "ValueError"]


def test_a_failure_under_an_opening_roll_is_recorded_without_its_message() -> None:
    class Recording(MemoryStore):
        errors: list[str] = []  # noqa: RUF012

        def fail(self, key: str, note: Any) -> None:
            self.errors.append(note["error"])

    def failing(tasks: Iterator[Task]) -> Iterator[Outcome]:
        yield from (Outcome(unit, {}, error="ValueError: pupil Ann") for mine, _ in tasks for unit in mine)

    for roll, expected in (("", "ValueError: pupil Ann"), ("aa", "ValueError")):
        keeper = Recording()
        with pytest.raises(StudyFailed):
            Work(units(1, 1), keeper, {"s0": b""}, {"s0": {"opening_roll": roll}}).finish(failing, 1)
        assert keeper.errors.pop() == expected

"""Work: which tasks are made, what another process has done meanwhile, and how often a unit is tried."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sim.parallel import Run, Task
from sim.parameters.schema import Parameters
from sim.replicate import Outcome, Unit, pack, to_bytes
from sim.store import MemoryStore, Store, damage
from sim.work import ATTEMPTS, MOST_TOGETHER, Standing, StudyFailed, Work, without_message

KILLER = "0-1"
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

    work(mine).finish(noting, lambda: workers)
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
    mine.finish(slowly, lambda: 1)
    assert ran == ["0-0", "0-1"]
    assert mine.missing() == []


def test_scenarios_with_equal_parameters_are_run_once_and_both_count_as_done() -> None:
    said: list[Standing] = []
    work(units(2, 2, twins=True), progress=said.append).finish(run, lambda: 1)
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
        mine.finish(failing, lambda: 1)
    assert tried == ["0-0", "0-1", "0-2", *["0-0"] * (ATTEMPTS - 1)]


def test_a_unit_that_succeeds_at_last_is_no_failure() -> None:
    said: list[Standing] = []

    def late(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for mine, _ in tasks:
            for unit in mine:
                yield done(unit) if said else Outcome(unit, {}, error="OSError: once")

    work(units(1, 1), progress=said.append).finish(late, lambda: 1)
    assert [(one.done, one.failed) for one in said] == [(0, 1), (1, 0)]


class Recording(MemoryStore):
    """A store that remembers what it was told of failures."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[tuple[str, int]] = []

    def fail(self, key: str, note: Any) -> None:
        self.failed.append((key, note["tries"]))


def pool(tasks: Iterator[Task]) -> Iterator[Outcome]:
    """Stand in for three processes: all of them end, with what they are at, when one runs the killer."""
    while under_way := list(islice(tasks, 3)):
        if any(unit.key == KILLER for mine, _ in under_way for unit in mine):
            return
        yield from run(iter(under_way))


def cluster(tasks: Iterator[Task]) -> Iterator[Outcome]:
    """Stand in for a cluster: what is at work or waits on the worker that runs the killer comes back as lost."""
    while under_way := list(islice(tasks, 3)):
        units = [unit for mine, _ in under_way for unit in mine]
        is_lost = any(unit.key == KILLER for unit in units)
        lost = (Outcome(unit, {}, error="KilledWorker: 4", is_lost=True) for unit in units)
        yield from lost if is_lost else map(done, units)


@pytest.mark.parametrize("where", [pool, cluster])
@pytest.mark.parametrize("scenarios", [1, 4])
def test_a_unit_that_kills_its_worker_fails_and_its_neighbours_do_not(where: Run, scenarios: int) -> None:
    keeper, mine = Recording(), units(scenarios, 9)
    with pytest.raises(StudyFailed, match="replication 1") as failed:
        work(mine, keeper).finish(where, lambda: 3)
    assert [outcome.unit.key for outcome in failed.value.failures] == [KILLER]
    assert keeper.failed == [(KILLER, tries) for tries in range(1, ATTEMPTS + 1)]
    assert all(keeper.has(unit.key) for unit in mine if unit.key != KILLER)


def test_a_worker_that_is_lost_once_costs_no_unit_a_try() -> None:
    keeper, lost = Recording(), []

    def once(tasks: Iterator[Task]) -> Iterator[Outcome]:
        if not lost:
            lost.extend(islice(tasks, 2))
            return
        yield from run(tasks)

    work(units(2, 3), keeper).finish(once, lambda: 1)
    assert len(lost) == 2
    assert keeper.failed == []


def test_suspects_run_while_nothing_else_does() -> None:
    rounds: list[list[str]] = []

    def noting(tasks: Iterator[Task]) -> Iterator[Outcome]:
        rounds.append([])

        def noted() -> Iterator[Task]:
            for task in tasks:
                rounds[-1].extend(unit.key for unit in task[0])
                yield task

        yield from pool(noted())

    with pytest.raises(StudyFailed):
        work(units(1, 6)).finish(noting, lambda: 3)
    assert rounds == [["0-0", "0-1", "0-2"], ["0-3", "0-4", "0-5"], ["0-0"], ["0-1"], ["0-2"], ["0-1"], ["0-1"]]


def test_a_unit_that_spoils_its_task_does_not_take_the_others_along() -> None:
    def spoilt(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for mine, _ in tasks:
            error = "ValueError: no" if any(unit.key == KILLER for unit in mine) else ""
            yield from (Outcome(unit, {}, error=error) if error else done(unit) for unit in mine)

    with pytest.raises(StudyFailed) as failed:
        work(units(4, 2)).finish(spoilt, lambda: 1)
    assert [outcome.unit.key for outcome in failed.value.failures] == [KILLER]


def test_the_size_of_tasks_follows_the_cores_there_are_when_they_are_sent() -> None:
    sizes, cores = [], [1]

    def growing(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for task in tasks:
            sizes.append(len(task[0]))
            cores[0] = 8
            yield from run(iter([task]))

    work(units(4, 4)).finish(growing, lambda: cores[0])
    assert sizes == [4, *[2] * 6]


def finished_in(store: Store) -> list[Unit]:
    mine = units(1, 3)
    store.keep_parameters("", "{}")
    for unit in mine:
        store.put(unit.key, TABLES, {"parameters": ""})
    return mine


def test_damaged_units_are_laid_aside_with_a_warning_and_run_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, ran = Store(tmp_path), []
    mine = finished_in(store)
    (store.folder / "0-0" / "unit.json").write_text("{", encoding="utf-8")
    other = (store.folder / "0-1" / "pupils.parquet").read_bytes()
    (store.folder / "0-2" / "measures.parquet").write_bytes(other)

    def noting(tasks: Iterator[Task]) -> Iterator[Outcome]:
        for task in tasks:
            ran.extend(unit.key for unit in task[0])
            yield from run(iter([task]))

    work(mine, Store(tmp_path)).finish(noting, lambda: 1)
    assert ran == ["0-0", "0-2"]
    assert [damage(folder) for folder in store.folders()] == [[], [], []]
    assert [path.name.partition(".")[0] for path in store.laid_aside()] == ["0-0", "0-2"]
    assert "0-0: unit.json cannot be read" in caplog.text
    assert "0-2: measures.parquet has changed" in caplog.text


def test_a_judge_who_only_looks_leaves_damaged_units_out_and_in_their_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, judge = Store(tmp_path), Noting()
    mine = finished_in(store)
    file = store.folder / "0-1" / "measures.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    looked_at = work(mine, store, judge=judge)
    assert looked_at.missing() == []
    looked_at.tell_judge_of_finished()
    assert sorted(replication for _, replication, _ in judge.noted) == [0, 2]
    assert [unit.key for unit in looked_at.missing()] == ["0-1"]
    assert "measures.parquet" in caplog.text
    assert store.laid_aside() == []


def test_parameters_that_were_pruned_while_a_study_ran_are_kept_again_with_its_units(
    tmp_path: Path, exampleshire: Parameters
) -> None:
    store = Store(tmp_path)
    Work(units(1, 1), store, {"s0": pack(exampleshire)}, {"s0": {"parameters": "aa"}}).finish(run, lambda: 1)
    assert store.parameters("aa") == exampleshire.model_dump(mode="json")


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
    work(units(2, 2, twins=True), keeper, progress=said.append, judge=judge).finish(run, lambda: 1)
    assert sorted(judge.noted) == [(f"s{scenario}", number, [2.0]) for scenario in (0, 1) for number in (0, 1)]
    assert said[-1].precision == ("4 noted",)
    assert said[-1].found == 2


def test_what_is_recorded_of_a_failure_need_not_hold_the_words_of_the_error() -> None:
    error = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in run\n    row(pupil)\nValueError: pupil\n  Ann\n'
    )
    assert without_message(error).splitlines() == ['  File "a.py", line 1, in run', "ValueError"]


def test_a_failure_under_an_opening_roll_is_recorded_without_its_message() -> None:
    class Errors(MemoryStore):
        errors: list[str] = []  # noqa: RUF012

        def fail(self, key: str, note: Any) -> None:
            self.errors.append(note["error"])

    def failing(tasks: Iterator[Task]) -> Iterator[Outcome]:
        yield from (Outcome(unit, {}, error="ValueError: pupil Ann") for mine, _ in tasks for unit in mine)

    for roll, expected in (("", "ValueError: pupil Ann"), ("aa", "ValueError")):
        keeper = Errors()
        with pytest.raises(StudyFailed):
            Work(units(1, 1), keeper, {"s0": b""}, {"s0": {"opening_roll": roll}}).finish(failing, lambda: 1)
        assert keeper.errors.pop() == expected

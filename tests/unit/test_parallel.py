"""Where units run: what is said without a cluster, and real workers that die."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import parallel
from sim.parameters.problems import ConfigurationError
from sim.replicate import Outcome, Unit

UNITS = [Unit(f"unit{number}", "baseline", 1, number, False, "code", ()) for number in range(4)]
TASKS = [([unit], [b""]) for unit in UNITS]


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def outcome_or_death(folder: str) -> Callable[..., list[Outcome]]:
    """Return what stands in for running units: the process that first meets the second of them dies."""

    def run(_parent: int, units: list[Unit], _packed: list[bytes]) -> list[Outcome]:
        mark = Path(folder) / "died"
        if units[0].replication == 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return [Outcome(unit, {}) for unit in units]

    return run


def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError) as caught, parallel.running(1, "local"):
        pass
    (problem,) = caught.value.problems
    documented = (Path(__file__).resolve().parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")
    assert problem.fix.removeprefix("install the extra: ") in documented.splitlines()


def test_an_address_where_nobody_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "CONNECT_SECONDS", 1)
    with (
        pytest.raises(ConfigurationError, match="dask scheduler"),
        parallel.running(1, f"tcp://127.0.0.1:{free_port()}"),
    ):
        pass


class MadeUpFuture:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def result(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_task_that_the_cluster_gives_up_comes_back_as_failed() -> None:
    found = parallel._fetched(MadeUpFuture(RuntimeError("3 workers died while trying to run it")), UNITS[:2])
    assert [outcome.unit for outcome in found] == UNITS[:2]
    assert all(outcome.error == "RuntimeError: 3 workers died while trying to run it" for outcome in found)
    kept = [Outcome(UNITS[0], {})]
    assert parallel._fetched(MadeUpFuture(kept), UNITS[:1]) == kept


def test_one_worker_runs_in_this_process_and_draws_tasks_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def tasks() -> Iterator[parallel.Task]:
        for task in TASKS:
            drawn.append(task[0][0].key)
            yield task

    monkeypatch.setattr(
        parallel, "run_together", lambda units, _: [Outcome(unit, {}, error=str(os.getpid())) for unit in units]
    )
    with parallel.running(1) as run:
        first = next(run(tasks()))
    assert (first.error, drawn) == (str(os.getpid()), ["unit0"])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a worker is killed by a POSIX signal")
def test_a_local_worker_that_dies_ends_the_round_early_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_run_for", outcome_or_death(str(tmp_path)))
    with parallel.running(2) as run:
        first = [outcome.unit.key for outcome in run(iter(TASKS))]
        second = [outcome.unit.key for outcome in run(iter(TASKS))]
    assert len(first) < len(TASKS)
    assert "unit1" not in first
    assert sorted(second) == [unit.key for unit in UNITS]

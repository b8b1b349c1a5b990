"""Where units run: what is said without a cluster, and real workers that die."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask
import pyarrow as pa
import pytest

from sim import parallel
from sim.parameters.problems import ConfigurationError
from sim.replicate import Outcome, Unit, to_bytes
from sim.store import MemoryStore
from sim.work import StudyFailed, Work

UNITS = [Unit(f"unit{number}", "baseline", 1, number, False, "code", ()) for number in range(4)]
TASKS = [([unit], [b""]) for unit in UNITS]


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def outcome_or_death(folder: str) -> Callable[..., list[Outcome]]:
    """Return what stands in for running units: the process that first meets the second of them dies."""

    def run(units: list[Unit], _packed: list[bytes]) -> list[Outcome]:
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


@pytest.mark.parametrize("address", ["banana", "tcp://banana", "banana:", "8786", "tcp://ba nana:1"])
def test_an_address_without_host_and_port_is_refused_before_anybody_is_asked(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError, match="no host and port"), parallel.running(1, address):
        pass


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "tls://node-1.example:8786", "tcp://[::1]:8786/"])
def test_addresses_of_hosts_with_a_port_are_tried(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError, match="not installed"), parallel.running(1, address):
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
    assert all(outcome.is_lost for outcome in found)
    kept = [Outcome(UNITS[0], {})]
    assert parallel._fetched(MadeUpFuture(kept), UNITS[:1]) == kept


class Pending:
    """A task that ends when it is told to."""

    def __init__(self, units: list[Unit]) -> None:
        self.units = units

    def add_done_callback(self, told: Callable[[Any], None]) -> None:
        self.end = lambda: told(self)

    def result(self) -> list[Outcome]:
        return [Outcome(unit, {}) for unit in self.units]


class MadeUpClient:
    """A cluster that has so many cores at each look, the last number for ever; tasks end after `ends_after` looks."""

    def __init__(self, *cores: int, ends_after: int = sys.maxsize) -> None:
        self.cores, self.looks, self.ends_after = cores, 0, ends_after
        self.sent: list[Pending] = []
        self.given_up = 0

    def ncores(self) -> dict[str, int]:
        self.looks += 1
        if self.looks > self.ends_after and self.sent:
            self.sent.pop(0).end()
        return {"worker": self.cores[min(self.looks, len(self.cores)) - 1]}

    def submit(self, _run: Any, units: list[Unit], _packed: list[bytes], **_more: Any) -> Pending:
        self.sent.append(Pending(units))
        return self.sent[-1]

    def cancel(self, futures: list[Any]) -> None:
        self.given_up += len(futures)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(parallel, "SECONDS_BETWEEN_LOOKS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_cluster_without_workers_for_too_long_ends_the_study() -> None:
    client = MadeUpClient(2, 1, 0)
    with pytest.raises(parallel.ClusterLost, match="no workers"):
        list(parallel._sent(client, iter(TASKS)))
    assert client.given_up == len(client.sent) == len(TASKS)


@pytest.mark.usefixtures("impatient")
def test_a_cluster_may_be_without_workers_for_a_while() -> None:
    client = MadeUpClient(2, 0, 0, 0, 1, ends_after=4)
    outcomes = list(parallel._sent(client, iter(TASKS)))
    assert sorted(outcome.unit.key for outcome in outcomes) == [unit.key for unit in UNITS]


def test_a_scheduler_that_answers_no_more_ends_the_study() -> None:
    class Gone:
        def ncores(self) -> None:
            raise OSError("connection closed")

    with pytest.raises(parallel.ClusterLost, match="connection closed"):
        parallel._cores(Gone())


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
    monkeypatch.setattr(parallel, "run_together", outcome_or_death(str(tmp_path)))
    with parallel.running(2) as run:
        first = [outcome.unit.key for outcome in run(iter(TASKS))]
        second = [outcome.unit.key for outcome in run(iter(TASKS))]
    assert len(first) < len(TASKS)
    assert "unit1" not in first
    assert sorted(second) == [unit.key for unit in UNITS]


def always_death(units: list[Unit], _packed: list[bytes]) -> list[Outcome]:
    """Stand in for running units: a process that meets the second of them dies, each time."""
    if any(unit.replication == 1 for unit in units):
        os.kill(os.getpid(), signal.SIGKILL)
    table = to_bytes(pa.table({"measure": ["a"], "value": [1.0]}))
    return [Outcome(unit, {"measures": table}) for unit in units]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="workers are killed by a POSIX signal")
@pytest.mark.parametrize("cluster", ["", "local"])
def test_a_unit_that_kills_each_worker_it_meets_is_the_only_one_that_fails(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "run_together", always_death)
    units, keeper = [replace(UNITS[0], key=f"unit{number}", replication=number) for number in range(8)], MemoryStore()
    work = Work(units, keeper, {"baseline": b""}, {"baseline": {"parameters": ""}})
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        parallel.running(2, cluster) as place,
        pytest.raises(StudyFailed) as failed,
    ):
        work.finish(place, place.cores)
    assert [outcome.unit.key for outcome in failed.value.failures] == ["unit1"]
    assert all(keeper.has(unit.key) for unit in units if unit.replication != 1)

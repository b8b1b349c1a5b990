"""A real Dask scheduler with worker processes on loopback: the same results, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim import parallel
from sim.experiments import load_experiment
from sim.parallel import ClusterLost
from sim.results import Results
from sim.store import Store
from sim.study import Standing, Study, StudyFailed, run_study
from tests.studies import study_file
from tests.unit.test_parallel import free_port

pytestmark = pytest.mark.slow
PATIENCE = 120.0
ROOT = Path(__file__).resolve().parents[2]


def until(happened: Callable[[], bool], what: str) -> None:
    """Ask again and again until something has happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.02)


@contextmanager
def process(*arguments: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m distributed.cli...` as a process of its own, which is ended with the context."""
    with log.open("wb") as out:
        command = [sys.executable, "-m", *arguments]
        started = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT, env={**os.environ, **environment})
        try:
            yield started
        finally:
            started.kill()
            started.wait()


@contextmanager
def worker(address: str, folder: Path, name: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder), "--name", name)
    log = folder / f"{name}.log"
    with process("distributed.cli.dask_worker", address, *options, log=log, **environment) as started:
        yield started


@contextmanager
def scheduler_in(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    address = f"tcp://127.0.0.1:{free_port()}"
    options = ("--host", address, "--no-dashboard")
    log = folder / "scheduler.log"
    with process("distributed.cli.dask_scheduler", *options, log=log) as started:
        until(lambda: b"Scheduler at" in log.read_bytes(), "the scheduler")
        yield address, started


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    with scheduler_in(tmp_path) as (address, _):
        yield address


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study.of(load_experiment(study_file(tmp_path_factory.mktemp("study"), "replications: 3")))


@pytest.fixture(scope="module")
def serial(study: Study) -> Results:
    return run_study(study, workers=1)


def same(one: Results, other: Results) -> None:
    pd.testing.assert_frame_equal(one.measures, other.measures, check_exact=True)
    for scenario in one.scenarios:
        pd.testing.assert_frame_equal(one.pupils(scenario), other.pupils(scenario), check_exact=True)
        pd.testing.assert_frame_equal(
            one.recorded("spells", scenario), other.recorded("spells", scenario), check_exact=True
        )


def test_a_cluster_gives_bitwise_the_same_also_when_a_worker_is_killed_in_mid_study(
    study: Study, serial: Results, scheduler: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(scheduler, tmp_path, name)) for name in ("one", "two")]
        killed: list[int] = []

        def kill_one(standing: Standing) -> None:
            if not killed:
                killed.append(standing.done)
                workers[0].send_signal(signal.SIGKILL)
                workers[0].wait()

        found = run_study(study, tmp_path / "results", progress=kill_one, cluster=scheduler)
        assert killed
        assert killed[0] < len(study.scenarios) * study.replications
    same(found, serial)
    assert Store(tmp_path / "results").failures() == {}


@pytest.mark.parametrize("gone", ["its last worker", "its scheduler"])
def test_a_cluster_that_loses_what_it_needs_ends_the_study_which_goes_on_elsewhere(
    gone: str, study: Study, serial: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "GRACE_SECONDS", 2.0)
    with scheduler_in(tmp_path) as (address, head), worker(address, tmp_path, "only") as hand:
        victim = head if gone == "its scheduler" else hand
        with pytest.raises(ClusterLost):
            run_study(study, tmp_path / "results", progress=lambda _: victim.kill(), cluster=address)
    finished = len(Store(tmp_path / "results").finished())
    assert 1 <= finished < len(study.scenarios) * study.replications
    assert Store(tmp_path / "results").failures() == {}
    same(run_study(study, tmp_path / "results", workers=1), serial)


def test_a_worker_with_other_sources_refuses(study: Study, scheduler: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    text = "import sim.store\nsim.store.code_hash = lambda: 'other'\n"
    (other / "sitecustomize.py").write_text(text, encoding="utf-8")
    path = os.pathsep.join([str(other), str(ROOT)])
    with worker(scheduler, tmp_path, "odd", PYTHONPATH=path), pytest.raises(StudyFailed, match="other sources"):
        run_study(study.with_(replications=1), tmp_path / "results", cluster=scheduler)
    failures = Store(tmp_path / "results").failures().values()
    assert len(failures) == len(study.scenarios)
    assert all("other sources" in said["error"] for said in failures)


def test_a_cluster_started_here_gives_bitwise_the_same(
    study: Study, serial: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = study_file(tmp_path, "replications: 3")
    monkeypatch.chdir(tmp_path)
    same(sim.experiment(file, workers=2, cluster="local", output=tmp_path / "results"), serial)

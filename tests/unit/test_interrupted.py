"""Studies in processes of their own that are killed, stopped, or two at once on one store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli.options import STOPPED
from sim.results import Results
from sim.store import Store
from sim.store_care import damaged
from tests.studies import POINTS, study_file

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="processes are killed and stopped by POSIX signals"),
]
PATIENCE = 100.0
ROOT = Path(__file__).resolve().parents[2]
REPLICATIONS = 3
TOTAL = len(POINTS) * REPLICATIONS


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study_file(tmp_path_factory.mktemp("study"), f"replications: {REPLICATIONS}")


@pytest.fixture(scope="module")
def through(file: Path) -> Results:
    """What the study gives when it is run through in one process."""
    return sim.experiment(file, workers=1)


def started(file: Path, store: Path, output: Path, workers: int = 2) -> subprocess.Popen[str]:
    """Return `pathways study run` as a process with children of its own group."""
    command = [sys.executable, "-m", "sim", "study", "run", file, "--store", store, "--output", output]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*map(str, command), "--workers", str(workers)],
        cwd=file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        env=environment,
        preexec_fn=hear_ctrl_c,
    )


def hear_ctrl_c() -> None:
    """Hear Ctrl-C, to which a shell makes what it starts in the background deaf, and its children with it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Ask again and again until something has happened; the process must still be at work then."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def same(folder: Path, expected: Results) -> None:
    found = Results.load(folder)
    pd.testing.assert_frame_equal(found.measures, expected.measures, check_exact=True)
    for scenario in expected.scenarios:
        pd.testing.assert_frame_equal(found.pupils(scenario), expected.pupils(scenario), check_exact=True)


def written_at(store: Store) -> dict[str, int]:
    return {unit.name: (unit / "unit.json").stat().st_mtime_ns for unit in store.folders()}


def test_a_study_that_is_killed_loses_no_finished_unit_and_goes_on_with_the_rest(
    file: Path, through: Results, tmp_path: Path
) -> None:
    store, output = Store(tmp_path / "store"), tmp_path / "results"
    process = started(file, store.root, output)
    until(lambda: len(store.finished()) >= 2, process)
    process.kill()
    process.communicate(timeout=PATIENCE)  # its workers hold the pipes too, so that they have ended with it
    before = written_at(store)
    assert 2 <= len(store.finished()) < TOTAL
    assert damaged(store) == {}
    assert not (output / "run.json").exists()
    again = started(file, store.root, output)
    _, said = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, said
    after = written_at(store)
    assert {name: after[name] for name in before} == before
    assert len(store.finished()) == TOTAL
    same(output, through)


def test_two_processes_on_one_store_finish_the_same_study_side_by_side(
    file: Path, through: Results, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    outputs = [tmp_path / "one", tmp_path / "two"]
    both = [started(file, store.root, output, workers=1) for output in outputs]
    for process in both:
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    assert len(store.finished()) == TOTAL
    assert damaged(store) == {}
    assert store.drafts() == []
    for output in outputs:
        same(output, through)


def test_a_study_that_the_user_stops_says_how_to_go_on(file: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    process = started(file, store.root, tmp_path / "results")
    until(lambda: len(store.finished()) >= 1, process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == STOPPED
    assert f"pathways study run {file} --output {tmp_path / 'results'}" in said
    assert f"--store {store.root} goes on where this stopped" in said
    assert "Traceback" not in said
    assert "Warning" not in said
    assert damaged(store) == {}
    assert 1 <= len(store.finished()) < TOTAL


def children_of(process: subprocess.Popen[str]) -> list[str]:
    """Return the processes that another has started (Linux only)."""
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    return [child for thread in threads for child in (thread / "children").read_text(encoding="ascii").split()]


needs_proc = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are looked up in /proc")


@needs_proc
def test_worker_processes_without_work_end_with_a_study_that_is_killed(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    process = started(study_file(tmp_path, "replications: 1"), store.root, tmp_path / "results", workers=6)
    until(lambda: len(children_of(process)) >= 6, process)
    process.kill()
    process.communicate(timeout=PATIENCE)  # its workers hold the pipes too, so that they have ended with it


@needs_proc
def test_a_study_that_is_stopped_while_its_workers_begin_says_no_more_than_that(file: Path, tmp_path: Path) -> None:
    process = started(file, tmp_path / "store", tmp_path / "results")
    until(lambda: len(children_of(process)) >= 3, process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == STOPPED
    assert said.strip().count("\n") == 0
    assert said.strip().startswith("Stopped; finished runs are kept.")

"""Where units run: in this process, on the cores of this machine (joblib), or on a Dask cluster; same outcomes.

The cluster is used through `dask.distributed` itself. joblib has a backend for it, but in joblib 1.6 a task whose
worker dies for good is never handed back there (`joblib._dask` calls no callback for a task in error), so that the
study would wait for ever.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache, partial
from itertools import islice
from threading import Thread
from time import sleep
from typing import Any
from uuid import uuid4

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import BrokenProcessPool

from sim.parameters.problems import ConfigurationError, Problem
from sim.replicate import Outcome, Unit, run_together

Task = tuple[list[Unit], list[bytes]]
"""Units of one replication, and the packed parameters of each."""

Run = Callable[[Iterator[Task]], Iterator[Outcome]]
"""Yields the outcomes of tasks as they end, drawing a task only when a process is about to be free for it."""

LOCAL = "local"
CONNECT_SECONDS = 30
SECONDS_BETWEEN_LOOKS = 1.0
AHEAD = 2
"""Tasks sent to a cluster ahead, for each of its cores, so that none has to wait."""


def running(workers: int, cluster: str = "") -> AbstractContextManager[Run]:
    """Return the context in which tasks can be run.

    Parameters
    ----------
    workers : processes on this machine; one runs the tasks in this process.
    cluster : address of a Dask scheduler, or 'local' to start one here with that many workers; '' for neither.

    Raises ConfigurationError when there is no such cluster, or no Dask.
    """
    if cluster:
        return _on_cluster(cluster, workers)
    return _on_cores(workers)


@contextmanager
def _on_cores(workers: int) -> Iterator[Run]:
    yield _one_by_one if workers == 1 else partial(_in_processes, workers)


def _one_by_one(tasks: Iterator[Task]) -> Iterator[Outcome]:
    for task in tasks:
        yield from run_together(*task)


def _in_processes(workers: int, tasks: Iterator[Task]) -> Iterator[Outcome]:
    """Yield outcomes as tasks end; ends early when a worker process dies."""
    try:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
            for outcomes in pool(delayed(_run_for)(os.getpid(), *task) for task in tasks):
                yield from outcomes
    except BrokenProcessPool:
        return


def _run_for(parent: int, units: list[Unit], packed: list[bytes]) -> list[Outcome]:
    """Run units in a worker process that is to end with its parent, also when that is killed."""
    _settle_in(parent)
    return run_together(units, packed)


@lru_cache(maxsize=1)
def _settle_in(parent: int) -> None:
    """Leave Ctrl-C, which reaches every process, to the parent; and end when it does.

    Workers of loky whose parent was killed would otherwise stay for ever. (On Windows a process does not learn in this
    way that its parent has gone.)
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)


@contextmanager
def _on_cluster(address: str, workers: int) -> Iterator[Run]:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        fix = 'install the extra: python3 -m pip --python .venv install -q -c constraints.txt -e ".[cluster]"'
        raise _no_cluster(address, "dask.distributed is not installed", fix) from None
    with ExitStack() as stack:
        where: Any = address
        if address == LOCAL:
            where = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
            stack.enter_context(where)
        try:
            client = stack.enter_context(Client(where, timeout=CONNECT_SECONDS, set_as_default=False))
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            fix = "start a scheduler (`dask scheduler`) and at least one worker (`dask worker ADDRESS --nthreads 1`)"
            raise _no_cluster(address, str(error).splitlines()[0], fix) from None
        yield partial(_sent, client)


def _no_cluster(address: str, found: str, fix: str) -> ConfigurationError:
    allowed = "the address of a Dask scheduler with workers, such as tcp://host:8786, or local"
    return ConfigurationError(Problem("command line", f"--cluster {address}", found, allowed, fix))


def _sent(client: Any, tasks: Iterator[Task]) -> Iterator[Outcome]:
    """Yield the outcomes of tasks sent to a cluster; a task that cannot be run there comes back as failed."""
    from distributed import as_completed

    under_way: dict[Any, Task] = {}
    finished = as_completed(loop=client.loop)

    def send() -> None:
        room = AHEAD * max(1, sum(client.ncores().values())) - len(under_way)
        for task in islice(tasks, max(0, room)):
            name = f"pathways-{task[0][0].key}-{uuid4().hex}"
            future = client.submit(run_together, *task, key=name, pure=False)
            under_way[future] = task
            finished.add(future)

    send()
    try:
        while under_way:
            future = next(finished)
            units, _ = under_way.pop(future)
            yield from _fetched(future, units)
            send()
    finally:
        client.cancel(list(under_way))


def _fetched(future: Any, units: list[Unit]) -> list[Outcome]:
    try:
        outcomes: list[Outcome] = future.result()
    except Exception as error:  # what the cluster says when it cannot run or deliver a task
        outcomes = [Outcome(unit, {}, error=f"{type(error).__name__}: {error}") for unit in units]
    return outcomes

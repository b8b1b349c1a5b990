"""Where units run: in this process, on the cores of this machine (joblib), or on a Dask cluster; same outcomes.

The cluster is used through `dask.distributed` itself. joblib has a backend for it, but in joblib 1.6 a task whose
worker dies for good is never handed back there (`joblib._dask` calls no callback for a task in error), so that the
study would wait for ever.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import resource_tracker
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky.backend import resource_tracker as loky_tracker
from joblib.externals.loky.process_executor import BrokenProcessPool

from sim.parameters.problems import ConfigurationError, Problem
from sim.replicate import Outcome, Unit, run_together

Task = tuple[list[Unit], list[bytes]]
"""Units of one replication, and the packed parameters of each."""

Outcomes = Generator[Outcome, None, None]
Run = Callable[[Iterator[Task]], Outcomes]
"""Yields the outcomes of tasks as they end, drawing a task only when a process is about to be free for it."""

LOCAL = "local"
ADDRESS = r"([a-z]+://)?(\[[0-9A-Fa-f:.%]+\]|[^\s:/]+):\d+/?"
"""Of a Dask scheduler: host and port, perhaps with the protocol in front."""

CONNECT_SECONDS = 8
"""How long a scheduler may take to answer."""

WORKERS_SECONDS = 30
"""How long the first worker of a cluster may take to be there."""

GRACE_SECONDS = 60.0
"""How long a cluster may be without any worker in mid study."""

SECONDS_BETWEEN_LOOKS = 1.0
AHEAD = 2
"""Tasks sent to a cluster ahead, for each of its cores, so that none has to wait."""


class ClusterLost(Exception):
    """The cluster has gone, or has no workers any more; finished units are kept."""


@dataclass(frozen=True)
class Place:
    """Where tasks are run, by calling it.

    Attributes
    ----------
    run : yields the outcomes of tasks.
    cores : returns how many tasks can be at work at once, at present.
    """

    run: Run
    cores: Callable[[], int]

    def __call__(self, tasks: Iterator[Task]) -> Outcomes:
        """Yield the outcomes of tasks as they end."""
        return self.run(tasks)


def processes(workers: int | None) -> int:
    """Return the number of processes asked for, or that of the cores that this process may use."""
    return int(workers or cpu_count())


def running(workers: int, cluster: str = "") -> AbstractContextManager[Place]:
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
def _on_cores(workers: int) -> Iterator[Place]:
    yield Place(_one_by_one if workers == 1 else partial(_in_processes, workers), lambda: workers)


def _one_by_one(tasks: Iterator[Task]) -> Outcomes:
    for task in tasks:
        yield from run_together(*task)


def _in_processes(workers: int, tasks: Iterator[Task]) -> Outcomes:
    """Yield outcomes as tasks end; ends early when a worker process dies.

    No more tasks are sent than there are processes, so that a worker that dies puts few of them in doubt.
    """
    own = {"initializer": _settle_in, "initargs": (os.getpid(),)}
    with ExitStack() as stack:
        with parallel_config(backend="loky", inner_max_num_threads=1, **own), _ctrl_c_held():
            pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
            found = pool(delayed(run_together)(*task) for task in tasks)
            stack.callback(_give_up, found)
        with suppress(BrokenProcessPool):
            for outcomes in found:
                yield from outcomes


def _give_up(pool: Any) -> None:
    """End what is left of a pool's tasks, if anything, without the warning of joblib."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pool.close()


@contextmanager
def _ctrl_c_held() -> Iterator[None]:
    """Have processes that are started here be deaf to Ctrl-C, which reaches every process, from their beginning.

    This process hears it at the end. (Windows has no such mask; there it is `_settle_in` that makes them deaf.)
    """
    if os.name != "posix":
        yield
        return
    for tracker in (resource_tracker, loky_tracker):  # what starts one lets Ctrl-C through again
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settle_in(parent: int) -> None:
    """Make a new worker process leave Ctrl-C to its parent, and end when that does.

    Workers of loky whose parent was killed would otherwise stay for minutes. (On Windows a process does not learn in
    this way that its parent has gone.)
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)


@contextmanager
def _on_cluster(address: str, workers: int) -> Iterator[Place]:
    if address != LOCAL and not re.fullmatch(ADDRESS, address):
        raise _no_cluster(address, "no host and port", "give the address that `dask scheduler` prints")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        fix = 'install the extra: python3 -m pip --python .venv install -q -c constraints.txt -e ".[cluster]"'
        raise _no_cluster(address, "dask.distributed is not installed", fix) from None
    with _dask_quiet(), ExitStack() as stack:
        where: Any = address
        if address == LOCAL:
            where = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
            stack.enter_context(where)
        try:
            client = stack.enter_context(Client(where, timeout=CONNECT_SECONDS, set_as_default=False))
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except Exception as error:  # whatever it is that answers there, or does not
            fix = "start a scheduler (`dask scheduler`) and at least one worker (`dask worker ADDRESS --nthreads 1`)"
            raise _no_cluster(address, (str(error) or type(error).__name__).splitlines()[0], fix) from None
        yield Place(partial(_sent, client), lambda: max(1, _cores(client)))


@contextmanager
def _dask_quiet() -> Iterator[None]:
    """Keep Dask's log, which shows tracebacks of what is told here in words, off the screen."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]  # Dask sets a level for both
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)


def _no_cluster(address: str, found: str, fix: str) -> ConfigurationError:
    allowed = "the address of a Dask scheduler with workers, such as tcp://host:8786, or local"
    return ConfigurationError(Problem("command line", f"--cluster {address}", found, allowed, fix))


def _cores(client: Any) -> int:
    """Return the cores of a cluster at present; ClusterLost when the scheduler does not answer any more."""
    try:
        return sum(client.ncores().values())
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise ClusterLost(f"The scheduler of the cluster does not answer any more: {error}") from None


def _sent(client: Any, tasks: Iterator[Task]) -> Outcomes:
    """Yield the outcomes of tasks sent to a cluster; a task that cannot be run there comes back as lost."""
    under_way: dict[Any, Task] = {}
    ended: Queue[Any] = Queue()

    def send() -> None:
        room = AHEAD * max(1, _cores(client)) - len(under_way)
        for task in islice(tasks, max(0, room)):
            name = f"pathways-{task[0][0].key}-{uuid4().hex}"
            future = client.submit(run_together, *task, key=name, pure=False)
            under_way[future] = task
            future.add_done_callback(ended.put)

    send()
    try:
        while under_way:
            future = _next_of(client, ended)
            units, _ = under_way.pop(future)
            yield from _fetched(future, units)
            send()
    finally:
        client.cancel(list(under_way))


def _next_of(client: Any, ended: Queue[Any]) -> Any:
    """Return a task that has ended, once there is one; ClusterLost when no workers are left for too long."""
    seen = monotonic()
    while True:
        try:
            return ended.get(timeout=SECONDS_BETWEEN_LOOKS)
        except Empty:
            if _cores(client):
                seen = monotonic()
            elif monotonic() - seen > GRACE_SECONDS:
                raise ClusterLost(f"The cluster has had no workers for {GRACE_SECONDS:.0f} seconds.") from None


def _fetched(future: Any, units: list[Unit]) -> list[Outcome]:
    try:
        outcomes: list[Outcome] = future.result()
    except Exception as error:  # what the cluster says when it cannot run or deliver a task
        said = f"{type(error).__name__}: {error}"
        outcomes = [Outcome(unit, {}, error=said, is_lost=True) for unit in units]
    return outcomes

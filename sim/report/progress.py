"""How far a study is: a bar with rate and time left on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

Told = Callable[[int, int, str], None]
LINES = 10
"""About so many lines are written to a log."""


@contextmanager
def shown(total: int, quiet: bool = False) -> Iterator[Told | None]:
    """Yield what to call after each run (done, in all, label); None when nothing is to be shown.

    Progress goes to stderr, so that results alone can be sent to a file.
    """
    out = Console(stderr=True, highlight=False, markup=False)
    if quiet:
        yield None
    elif out.is_terminal:
        with _bar(out) as bar:
            task = bar.add_task("runs", total=total)
            yield lambda done, _all, label: bar.update(task, completed=done, description=label)
    else:
        yield LogLines(total).tell


class LogLines:
    """Writes a line for about each tenth of the runs, with rate and time left."""

    def __init__(self, total: int) -> None:
        self._every = max(1, total // LINES)
        self._started = monotonic()
        self._found_done: int | None = None
        self._told_at = 0

    def tell(self, done: int, total: int, _label: str) -> None:
        """Note that `done` of `total` runs are finished; write a line if it is time for one."""
        if self._found_done is None:
            self._found_done = done - 1
        if done < total and done - self._told_at < self._every:
            return
        self._told_at = done
        seconds, made = max(monotonic() - self._started, 1e-9), max(done - self._found_done, 1)
        left = f", about {in_minutes((total - done) * seconds / made)} left" if done < total else ""
        print(f"{done} of {total} runs, {60 * made / seconds:.1f} a minute{left}", file=sys.stderr, flush=True)


def in_minutes(seconds: float) -> str:
    """Return a length of time as people say it, such as '40 seconds' or '3 minutes'."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} second{'' if whole == 1 else 's'}"
    return f"{round(seconds / 60)} minutes"


def _bar(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=out,
        transient=True,
    )


class _Rate(ProgressColumn):
    """Runs a minute."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before it is known."""
        return Text(f"{60 * task.speed:.1f} a minute" if task.speed else "")

"""How far a study is: a bar with rate and time left on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from sim.work import Standing

Told = Callable[[Standing], None]
SECONDS_BETWEEN = 10.0
"""A log gets at most one line in so many seconds, and the last."""


@contextmanager
def shown(total: int, quiet: bool = False) -> Iterator[Told | None]:
    """Yield what to call after each run with how far the study is; None when nothing is to be shown.

    Progress goes to stderr, so that results alone can be sent to a file.
    """
    out = Console(stderr=True, highlight=False, markup=False)
    if quiet:
        yield None
    elif out.is_terminal:
        display = Display(total)
        with Live(display, console=out, transient=True, refresh_per_second=4):
            yield display.tell
    else:
        yield LogLines().tell


class Display:
    """A bar with units done, rate and time left; below it what failed, and how precise the headline measures are."""

    def __init__(self, total: int) -> None:
        self._bar = _bar()
        self._task = self._bar.add_task("runs", total=total)
        self._below = Text()
        self._is_new = True

    def tell(self, standing: Standing) -> None:
        """Show a new standing."""
        if self._is_new:
            self._bar.reset(self._task, completed=standing.found)
            self._is_new = False
        self._bar.update(self._task, completed=standing.done, total=standing.total, description=standing.label)
        failed = [f"{standing.failed} failed so far"] if standing.failed else []
        self._below = Text("\n".join([*failed, *standing.precision]))

    def __rich__(self) -> Group:
        """Return what is on the screen."""
        return Group(self._bar, self._below)


class LogLines:
    """Writes a line now and then, with rate, time left, failures and precision."""

    def __init__(self) -> None:
        self._started = self._told_at = monotonic()
        self._found: int | None = None

    def tell(self, standing: Standing) -> None:
        """Note how far the study is; write a line if it is time for one."""
        now = monotonic()
        self._found = standing.found if self._found is None else self._found
        if standing.done < standing.total and now - self._told_at < SECONDS_BETWEEN:
            return
        self._told_at = now
        made = max(standing.done - self._found, 1)
        print(_in_a_line(standing, made, max(now - self._started, 1e-9)), file=sys.stderr, flush=True)


def _in_a_line(standing: Standing, made: int, seconds: float) -> str:
    parts = [f"{standing.done} of {standing.total} runs", f"{60 * made / seconds:.1f} a minute"]
    if standing.done < standing.total:
        parts.append(f"about {in_minutes((standing.total - standing.done) * seconds / made)} left")
    if standing.failed:
        parts.append(f"{standing.failed} failed so far")
    return "; ".join([", ".join(parts), *standing.precision])


def in_minutes(seconds: float) -> str:
    """Return a length of time as people say it, such as '40 seconds' or '3 minutes'."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} second{'' if whole == 1 else 's'}"
    return f"{round(seconds / 60)} minutes"


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        _Rate(table_column=Column(no_wrap=True)),
        TimeRemainingColumn(),
        TextColumn("left"),
    )


class _Rate(ProgressColumn):
    """Runs a minute."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before it is known."""
        return Text(f"{60 * task.speed:.1f} a minute" if task.speed else "")

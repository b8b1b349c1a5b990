"""How far a study is, in a notebook: a bar that moves in place, and at the end a line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from time import monotonic
from typing import Any

from sim.markup import element
from sim.report.progress import in_minutes
from sim.work import Standing

Told = Callable[[Standing], None]
SECONDS_BETWEEN = 0.2


@contextmanager
def shown_if_asked(progress: Told | bool | None) -> Iterator[Told | None]:
    """Yield what to tell how far a study is: what was given; if nothing, a bar in a notebook.

    Parameters
    ----------
    progress : False shows nothing, True shows a bar wherever it can be shown.
    """
    if callable(progress):
        yield progress
    elif progress is not False and is_notebook():
        yield NotebookBar().tell
    else:
        yield None


def is_notebook() -> bool:
    """Whether this runs in a Jupyter kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookBar:
    """A bar in the output of a cell; it is put there when it is first told of a run."""

    def __init__(self, display: Any = None) -> None:
        self._display = display or import_module("IPython.display")
        self._started = self._told_at = monotonic()
        self._handle: Any = None

    def tell(self, standing: Standing) -> None:
        """Show a new standing, if it is time to."""
        now, is_last = monotonic(), standing.done >= standing.total
        if self._handle is not None and not is_last and now - self._told_at < SECONDS_BETWEEN:
            return
        self._told_at = now
        shown = self._display.HTML(bar_html(standing, now - self._started))
        if self._handle is None:
            self._handle = self._display.display(shown, display_id=True)
        else:
            self._handle.update(shown)


def bar_html(standing: Standing, seconds: float) -> str:
    """Return the bar with runs done, failed and time left; when all is done a line without a bar."""
    done, total = standing.done, standing.total
    failed = f", {standing.failed} failed" if standing.failed else ""
    precision = "".join(element("div", line) for line in standing.precision)
    if done >= total:
        return element("div", f"{total} runs in {in_minutes(seconds)}{failed}") + precision
    made = max(done - standing.found, 1)
    left = in_minutes((total - done) * seconds / made)
    bar = f'<progress value="{done}" max="{total}"></progress> '
    return f"<div>{bar}{element('span', f'{done} of {total} runs, about {left} left{failed}')}</div>{precision}"

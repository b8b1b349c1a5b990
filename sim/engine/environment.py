"""SimPy's environment with events at exact instants and a stated order among events at the same instant."""

from __future__ import annotations

from heapq import heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import simpy
from simpy.events import NORMAL, URGENT

_PUPIL_SHIFT = 40


class Instant(simpy.Event):
    """An event that is sure to happen, with no value: as light as SimPy's loop allows."""

    _ok = True
    _value: Any = None

    def __init__(self) -> None:
        self.callbacks = []


class Environment(simpy.Environment):
    """Adds `at`: an event at an exact instant, ordered within the instant by pupil and not by call order.

    It writes to SimPy's own queue of (time, priority, order, event); a test checks the order against plain
    SimPy for the pinned version.
    """

    if not TYPE_CHECKING:
        now = property(attrgetter("_now"), doc="The clock, read without a call of Python code.")

    def at(self, instant: float, order: int = 0) -> simpy.Event:
        """Return an event that happens at `instant`; at equal instants lower `order` (a pupil id) goes first."""
        event = Instant()
        heappush(self._queue, (instant, NORMAL, ((order + 1) << _PUPIL_SHIFT) + next(self._eid), event))
        return event

    def put(self, event: simpy.Event, instant: float, order: int) -> None:
        """Let an event happen at `instant`, after ordinary events of that instant and by `order`."""
        heappush(self._queue, (instant, NORMAL, ((order + 1) << _PUPIL_SHIFT) + next(self._eid), event))

    def first_at(self, instant: float) -> simpy.Event:
        """Return an event that happens at `instant` before all ordinary events of that instant."""
        event = Instant()
        heappush(self._queue, (instant, URGENT, next(self._eid), event))
        return event

    def run_before(self, instant: float) -> None:
        """Let everything happen that happens before `instant`, and set the clock to it.

        SimPy's own loop, without a call for each event.
        """
        queue = self._queue
        while queue and queue[0][0] < instant:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # as SimPy marks it
            for callback in callbacks:
                callback(event)
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value
        self._now = instant

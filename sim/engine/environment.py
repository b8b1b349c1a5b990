"""SimPy's environment with events at exact instants and a stated order among events at the same instant."""

from __future__ import annotations

from heapq import heappush
from typing import Any

import simpy

_PUPIL_SHIFT = 40


class Environment(simpy.Environment):
    """Adds `at`: an event at an exact instant, ordered within the instant by pupil and not by call order.

    It writes to SimPy's own queue of (time, priority, order, event); `tests/unit/engine` checks the order
    against plain SimPy for the pinned version.
    """

    def at(self, instant: float, order: int = 0, value: Any = None) -> simpy.Event:
        """Return an event that happens at `instant`; at equal instants lower `order` (a pupil id) goes first."""
        event = simpy.Event(self)
        event._ok, event._value = True, value
        self.put(event, instant, order)
        return event

    def put(self, event: simpy.Event, instant: float, order: int = 0) -> None:
        """Schedule a triggered event at `instant`, after ordinary events of that instant and by `order`."""
        key = ((order + 1) << _PUPIL_SHIFT) + next(self._eid)
        heappush(self._queue, (instant, simpy.events.NORMAL, key, event))

    def first_at(self, instant: float) -> simpy.Event:
        """Return an event that happens at `instant` before all ordinary events of that instant."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        heappush(self._queue, (instant, simpy.events.URGENT, next(self._eid), event))
        return event

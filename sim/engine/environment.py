"""SimPy's environment with events at exact instants and a stated order among events at the same instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL, PENDING, URGENT, EventPriority

_PUPIL_SHIFT = 40
_BATCH_SHIFT = 3
"""A batch of events far ahead covers this power of two of school days, so that its number is exact."""

_NEVER = float("inf")
_Entry = tuple[float, EventPriority, int, simpy.Event]


class Instant(simpy.Event):
    """An event that cannot fail, at first with no value: as light as SimPy's loop allows."""

    callbacks: list[Callable[[simpy.Event], None]]
    _ok = True
    _value: Any = None
    __init__ = object.__init__  # whoever makes one gives it its callbacks, which spares a call of Python code


class Environment(simpy.Environment):
    """Adds `at`: an event at an exact instant, ordered within the instant by pupil and not by call order.

    It writes to SimPy's own queue of (time, priority, order, event); a test checks the order against plain
    SimPy for the pinned version. Most events lie far ahead, and a short queue is a fast one: what lies beyond
    the next days waits unsorted, in batches of a few days, and joins the queue when its batch comes up.
    """

    now: float = 0.0
    """The clock. What SimPy has as a property is an attribute here, because it is read so often."""

    def __init__(self) -> None:
        super().__init__()
        self._batches: defaultdict[int, list[_Entry]] = defaultdict(list)
        self._batched_from = 0.0  # all events before this instant are in the queue

    def at(self, instant: float, order: int = 0, priority: EventPriority = NORMAL) -> Instant:
        """Return an event that happens at `instant`; at equal instants lower `order` (a pupil id) goes first.

        What is asked for an infinite instant never happens.
        """
        event: Instant = Instant()
        event.callbacks = []
        entry: _Entry = (instant, priority, ((order + 1) << _PUPIL_SHIFT) + next(self._eid), event)
        if instant < self._batched_from:
            heappush(self._queue, entry)
        elif instant < _NEVER:
            self._batches[int(instant) >> _BATCH_SHIFT].append(entry)
        return event

    def first_at(self, instant: float) -> Instant:
        """Return an event that happens at `instant` before all ordinary events of that instant."""
        return self.at(instant, -1, URGENT)

    def undecided(self) -> Instant:
        """Return an event that happens when it is decided."""
        event: Instant = Instant()
        event.callbacks, event._value = [], PENDING
        return event

    def decide(self, event: Instant, value: object) -> None:
        """Let an undecided event happen with this value after what happens now, as SimPy's `succeed` does."""
        event._value = value
        heappush(self._queue, (self.now, NORMAL, next(self._eid), event))

    def peek(self) -> float:
        """Return the instant of the next event; infinity if there is none."""
        while (first := super().peek()) >= self._batched_from and (self._batches or first < _NEVER):
            self._take_up_batch(min(self._batches) if self._batches else int(first) >> _BATCH_SHIFT)
        return first

    def _take_up_batch(self, number: int) -> None:
        """Put the earliest batch into the queue, which sorted is a heap."""
        self._queue += self._batches.pop(number, ())
        self._queue.sort()
        self._batched_from = float((number + 1) << _BATCH_SHIFT)

    def step(self) -> None:
        """Let the next event happen."""
        self.peek()
        super().step()

    def run_before(self, instant: float) -> None:
        """Let everything happen that happens before `instant`, and set the clock to it."""
        while self.peek() < instant:
            self._run_queue_before(min(instant, self._batched_from))
        self.now = instant

    @property
    def _now(self) -> float:
        """The clock, as SimPy's own events and loop know it."""
        return self.now

    @_now.setter
    def _now(self, instant: float) -> None:
        self.now = instant

    def _run_queue_before(self, instant: float) -> None:
        """Let the events of the queue happen: SimPy's own loop, without a call for each event."""
        queue = self._queue
        while queue and queue[0][0] < instant:
            self.now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # as SimPy marks it
            for callback in callbacks:
                callback(event)
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value

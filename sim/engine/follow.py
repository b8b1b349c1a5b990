"""Follows a pathway from event to event, as a SimPy process does, until it ends or the pupil leaves.

A pathway is a SimPy generator. Following it by callbacks on the events it yields, instead of wrapping it in a
process, lets it start at once and spares two events and two generator layers for each of the many short
pathways of a run. Pathways are never interrupted and never waited for, so nothing of a process is missed.
What happens to nobody in particular, such as a year's onsets, is followed in the same way and goes on to its end.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol

import simpy

from sim.vocabulary import WaitOutcome

Steps = Generator[simpy.Event, Any, None]
"""A pathway: a SimPy generator that yields the events it waits for."""


WaitSteps = Generator[simpy.Event, Any, WaitOutcome]
"""Part of a pathway that waits for a place and returns how the wait ended."""


class MayLeave(Protocol):
    """Whoever a pathway is about: it ends when they leave."""

    has_left: bool


class _Nobody:
    has_left = False


_NOBODY = _Nobody()


class _Follower:
    """Callback that takes a pathway further with the value of the event it waited for."""

    __slots__ = ("pupil", "steps")

    def __init__(self, steps: Steps, pupil: MayLeave) -> None:
        self.steps, self.pupil = steps, pupil

    def __call__(self, event: simpy.Event) -> None:
        """Take the steps that can be taken now; an event that has already happened is answered at once."""
        try:
            while not self.pupil.has_left:
                event = self.steps.send(event._value)
                if event.callbacks is not None:
                    event.callbacks.append(self)
                    return
        except StopIteration:
            return
        self.steps.close()


def follow(steps: Steps, pupil: MayLeave | None = None) -> None:
    """Take a pathway's first step now and the others as the events it waits for happen."""
    try:
        event = next(steps)
    except StopIteration:
        return
    follower = _Follower(steps, _NOBODY if pupil is None else pupil)
    if event.callbacks is None:
        follower(event)
    else:
        event.callbacks.append(follower)

"""A pupil's career: competing events, of which the first to come happens."""

from collections.abc import Callable, Mapping

from sim.engine.follow import Steps
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.vocabulary import EventKind

Pathway = Callable[[Pupil, World], Steps | None]
"""What follows an event: steps that take time, or something done in an instant (None)."""


def career(pupil: Pupil, world: World, pathways: Mapping[EventKind, Pathway]) -> Steps:
    """Live from one event to the next until the pupil leaves."""
    while not pupil.has_left:
        yield world.next_event(pupil)
        kind = world.spent(pupil)
        if kind is not None:
            steps = pathways[kind](pupil, world)
            if steps is not None:
                world.begin(steps, pupil)
            if pupil.just_spent is not None:
                world.rebase(pupil)

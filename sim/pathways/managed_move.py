"""A trial at another school without an exclusion; the roll moves only if the trial succeeds."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.pathways.reintegration import join_new_school
from sim.vocabulary import Happening, ProvisionKind


def managed_move(pupil: Pupil, world: World) -> Steps:
    """Try another school for the length of the trial, then join it or come back; a trial under way goes on."""
    trial = world.the(ProvisionKind.MANAGED_MOVE)
    if world.has_support(pupil, trial.kind):
        world.note(pupil, Happening.RETURNED)
        return
    trial.admit()
    support = world.start_support(pupil, trial)
    world.note(pupil, Happening.MANAGED_MOVE_STARTED)
    yield world.pause(pupil, "managed_move_trial", Purpose.TRIAL_LENGTH)
    was_complete = support.is_open
    world.end_support(pupil, support)
    if was_complete and world.holds(pupil, Purpose.TRIAL_SUCCEEDS, world.quantities.managed_move.success.value):
        world.note(pupil, Happening.MANAGED_MOVE_SUCCEEDED)
        join_new_school(pupil, world)
    else:
        world.note(pupil, Happening.MANAGED_MOVE_FAILED)

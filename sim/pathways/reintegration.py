"""Back to a mainstream school from alternative provision, tuition or a special school."""

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.schools import WHOLE_COUNTY
from sim.engine.world import World
from sim.vocabulary import EventKind, Happening, Phase, ProvisionKind, phase_of

AFTER_AP = "after_alternative_provision"
_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]


def reintegration(pupil: Pupil, world: World) -> None:
    """Try to return; a try that fails leaves the pupil where they are, to try again."""
    success = {
        ProvisionKind.ALTERNATIVE_PROVISION: world.quantities.alternative_provision.reintegration_success,
        ProvisionKind.TUITION_WITH_PLAN: world.quantities.tuition.reintegration_success,
        ProvisionKind.TUITION_WITHOUT_PLAN: world.quantities.tuition.reintegration_success,
    }.get(pupil.kind)
    chance = 1.0 if success is None else success.value
    if world.holds(pupil, Purpose.REINTEGRATION_SUCCEEDS, chance):
        return_to_mainstream(pupil, world)
    else:
        world.note(pupil, Happening.REINTEGRATION_FAILED, pupil.provision)


def return_to_mainstream(pupil: Pupil, world: World, *ending: ProvisionKind) -> None:
    """Take up a place at the pupil's own school, or at a new one if they are on no roll.

    Open waits end: those for the kinds of provision in `ending`, or all if none is named.
    """
    came_from = pupil.kind
    world.note(pupil, Happening.REINTEGRATED, pupil.provision)
    world.end_waits(pupil, *ending)
    if pupil.school is None:
        join_new_school(pupil, world)
    world.place(pupil, world.mainstream)
    if came_from is ProvisionKind.ALTERNATIVE_PROVISION:
        factor = world.quantities.alternative_provision.repeat_factor.value
        until = world.after(pupil, "after_alternative_provision", Purpose.AFTER_AP)
        world.influence_for(pupil, AFTER_AP, _SUSPENSION, factor, until)


def join_new_school(pupil: Pupil, world: World) -> None:
    """Go on the roll of another mainstream school of the district, drawn by size; those that signed take more."""
    phase, draw = phase_of(pupil.year_group), world.schools.draw_receiving
    uniform = pupil.luck.uniform(Purpose.NEW_SCHOOL)
    school = draw(phase, pupil.district, uniform) or draw(phase, WHOLE_COUNTY, uniform)
    world.attend(pupil, school)
    if phase is Phase.SECONDARY:
        pupil.secondary_school = school

"""From primary to secondary school: plans name a place by the deadline, and the first months are unsettled."""

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.specialist_place import seek_place
from sim.vocabulary import (
    FIRST_SECONDARY,
    Decision,
    EventKind,
    Happening,
    ProvisionKind,
    Record,
)

NEW_PHASE = "phase_transfer"
_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]


def name_places(world: World) -> None:
    """At the naming deadline, decide for each Year 6 plan holder in a mainstream school what Year 7 will be."""
    for _, pupil in sorted(world.pupils.items()):
        is_last_primary_year = pupil.year_group == FIRST_SECONDARY - 1
        if is_last_primary_year and pupil.record is Record.PLAN and pupil.kind is ProvisionKind.MAINSTREAM:
            named = world.decide(Decision.PHASE_TRANSFER, pupil, Purpose.TRANSFER_ROUTE, "keep")
            pupil.transfer_named = None if named == "keep" else ProvisionKind(named)


def transfer(pupil: Pupil, world: World) -> None:
    """On 1 September move to the secondary school."""
    world.note(pupil, Happening.PHASE_TRANSFER, pupil.provision)
    if pupil.school is not None:
        world.attend(pupil, pupil.secondary_school)
    if pupil.kind is ProvisionKind.MAINSTREAM:
        factor = world.quantities.crisis.phase_transfer_factor.value
        until = world.after(pupil, "after_phase_transfer")
        world.influence_for(pupil, NEW_PHASE, _SUSPENSION, factor, until)


def take_up_named_place(pupil: Pupil, world: World, named_at: float) -> None:
    """On 1 September look for the place named, counting as waiting since the deadline."""
    if pupil.transfer_named is not None and pupil.record is Record.PLAN:
        seek_place(pupil, world, pupil.transfer_named, named_at)
    pupil.transfer_named = None

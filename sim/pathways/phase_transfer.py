"""From primary to secondary school: plans name a place by the deadline, and the first months are unsettled."""

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.specialist_place import seek_place
from sim.pathways.tuition import start_tuition
from sim.vocabulary import (
    FIRST_SECONDARY,
    Decision,
    EventKind,
    Happening,
    ProvisionKind,
    Record,
    Severity,
)

NEW_PHASE = "phase_transfer"
_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]


def name_places(world: World) -> None:
    """At the naming deadline, decide for each Year 6 plan holder in a mainstream school what Year 7 will be."""
    leaving_primary = [
        pupil
        for pupil in world.pupils.values()
        if pupil.year_group == FIRST_SECONDARY - 1 and pupil.record is Record.PLAN
    ]
    for pupil in sorted(leaving_primary, key=lambda pupil: pupil.id):
        if pupil.kind is ProvisionKind.MAINSTREAM:
            named = world.decide(Decision.PHASE_TRANSFER, pupil, Purpose.TRANSFER_ROUTE, "keep")
            pupil.transfer_named = None if named == "keep" else ProvisionKind(named)


def transfer(pupil: Pupil, world: World) -> None:
    """On 1 September move to the secondary school; a pupil whose need is visible is unsettled for a while.

    District teachers teach primary pupils: one who has no school yet goes on in tuition.
    """
    world.note(pupil, Happening.PHASE_TRANSFER, pupil.provision)
    if pupil.school is not None:
        world.attend(pupil, pupil.secondary_school)
    if pupil.kind is ProvisionKind.DISTRICT_TEACHING:
        start_tuition(pupil, world)
    if pupil.kind is ProvisionKind.MAINSTREAM and pupil.severity is not Severity.NONE:
        factor = world.quantities.crisis.phase_transfer_factor.value
        until = world.after(pupil, "after_phase_transfer", Purpose.AFTER_PHASE_TRANSFER)
        world.influence_for(pupil, NEW_PHASE, _SUSPENSION, factor, until)


def take_up_named_place(pupil: Pupil, world: World, named_at: float) -> None:
    """On 1 September look for the place named, counting as waiting since the deadline."""
    named, pupil.transfer_named = pupil.transfer_named, None
    if named is not None and pupil.record is Record.PLAN:
        seek_place(pupil, world, named, named_at)

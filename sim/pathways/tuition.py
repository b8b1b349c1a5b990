"""Out-of-school tuition: quick to start, dear, and harder to leave the longer it lasts."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.specialist_place import seek_place
from sim.vocabulary import Decision, EventKind, Happening, ProvisionKind, Record

STICKINESS = "tuition_stickiness"
_REINTEGRATION = KIND_INDEX[EventKind.REINTEGRATION]


def tuition_after_crisis(pupil: Pupil, world: World) -> Steps:
    """The decision after a crisis is tuition."""
    world.note(pupil, Happening.TUITION_AFTER_CRISIS)
    return tuition(pupil, world)


def medical_referral(pupil: Pupil, world: World) -> Steps:
    """A pupil too unwell for school is tutored."""
    world.note(pupil, Happening.MEDICAL_REFERRAL)
    return tuition(pupil, world)


def breakdown(pupil: Pupil, world: World) -> Steps:
    """A placement breaks down, and nothing but tuition is there."""
    world.note(pupil, Happening.BREAKDOWN, pupil.provision)
    return tuition(pupil, world)


def tuition(pupil: Pupil, world: World) -> Steps:
    """Out of education until tuition starts, then taught, while a plan holder looks for a place."""
    nowhere = world.the(ProvisionKind.NO_EDUCATION)
    world.end_waits(pupil, ProvisionKind.ALTERNATIVE_PROVISION)
    world.place(pupil, nowhere)
    yield world.pause(pupil, "tuition_start", Purpose.TUITION_START)
    if pupil.provision is nowhere:
        start_tuition(pupil, world)


def start_tuition(pupil: Pupil, world: World) -> None:
    """Begin to be taught; who pays depends on the plan."""
    has_plan = pupil.record is Record.PLAN
    kind = ProvisionKind.TUITION_WITH_PLAN if has_plan else ProvisionKind.TUITION_WITHOUT_PLAN
    world.place(pupil, world.the(kind))
    world.begin(_grows_sticky(pupil, world), pupil)
    if has_plan:
        sought = world.decide(Decision.TUITION_PLACE_SOUGHT, pupil, Purpose.TUITION_PLACE_SOUGHT, "keep")
        seek_place(pupil, world, sought)


def _grows_sticky(pupil: Pupil, world: World) -> Steps:
    """Each term of tuition makes a return less likely than the one before."""
    per_term, factor = world.quantities.tuition.stickiness.value, 1.0
    tutored = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
    try:
        while pupil.kind in tutored:
            yield world.pause(pupil, "tuition_term")
            if pupil.kind in tutored:
                factor *= per_term
                world.influence(pupil, STICKINESS, _REINTEGRATION, factor)
    finally:
        world.lift(pupil, STICKINESS)

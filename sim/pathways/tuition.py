"""Out-of-school tuition: quick to start, dear, and harder to leave the longer it lasts."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.specialist_place import seek_place
from sim.vocabulary import Decision, EventKind, Happening, ProvisionKind, Record

_TUTORED = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
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
    world.begin(_grows_sticky(pupil, world, 1.0, world.after(pupil, "tuition_term")), pupil)
    _look_for_place(pupil, world)


def go_on_in_tuition(pupil: Pupil, world: World) -> None:
    """Go on in tuition that began before the run: the terms already served count."""
    term = world.after(pupil, "tuition_term") - world.now
    terms, part = divmod(world.now - pupil.spell_start, term)
    factor = world.quantities.tuition.stickiness.value**terms
    world.begin(_grows_sticky(pupil, world, factor, world.now + term - part), pupil)
    _look_for_place(pupil, world)


def _look_for_place(pupil: Pupil, world: World) -> None:
    if pupil.record is Record.PLAN:
        sought = world.decide(Decision.TUITION_PLACE_SOUGHT, pupil, Purpose.TUITION_PLACE_SOUGHT, "keep")
        seek_place(pupil, world, sought)


def _grows_sticky(pupil: Pupil, world: World, factor: float, term_ends: float) -> Steps:
    """Each term of one package makes a return less likely than the one before; the next package starts anew."""
    per_term = world.quantities.tuition.stickiness.value
    made = world.influence(pupil, STICKINESS, _REINTEGRATION, factor, while_in=_TUTORED)
    while True:
        yield world.env.at(term_ends, pupil.id)
        if pupil.influences.get(STICKINESS) is not made:
            return
        term_ends = world.after(pupil, "tuition_term")
        factor *= per_term
        made = world.influence(pupil, STICKINESS, _REINTEGRATION, factor, while_in=_TUTORED)

"""Out-of-school tuition: quick to start, dear, and harder to leave the longer it lasts."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.district_teaching import taught_instead_of_tutored
from sim.pathways.places import charge_for_tuition
from sim.pathways.reintegration import return_to_mainstream
from sim.pathways.specialist_place import seek_place
from sim.vocabulary import Decision, EventKind, Happening, Phase, ProvisionKind, Record, Route, phase_of

_TUTORED = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
STICKINESS, REVIEWED = "tuition_stickiness", "tuition_reviewed"
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
    stay = pupil.stay
    yield world.pause(pupil, "tuition_start", Purpose.TUITION_START)
    if pupil.stay == stay:
        start_tuition(pupil, world)


def start_tuition(pupil: Pupil, world: World) -> None:
    """Begin a package, unless a district teacher or the area partnership takes the pupil instead."""
    if taught_instead_of_tutored(pupil, world):
        return
    if not _partnership_takes(pupil, world):
        _start_package(pupil, world)
    _look_for_place(pupil, world)


def _partnership_takes(pupil: Pupil, world: World) -> bool:
    """Whether the area partnership places a secondary pupil with a plan instead of having them tutored."""
    chance = world.quantities.alternative_provision.takes_tutored.value
    if not chance or pupil.record is not Record.PLAN or phase_of(pupil.year_group) is not Phase.SECONDARY:
        return False
    if not (world.holds(pupil, Purpose.PARTNERSHIP_TAKES, chance) and _to_alternative_provision(pupil, world)):
        return False
    world.note(pupil, Happening.PARTNERSHIP_PLACED, pupil.provision)
    return True


def _to_alternative_provision(pupil: Pupil, world: World) -> bool:
    from sim.pathways.alternative_provision import enter_if_free  # when full it leads back to tuition

    return enter_if_free(pupil, world)


def _start_package(pupil: Pupil, world: World) -> None:
    """Begin to be taught; who pays depends on the plan."""
    has_plan = pupil.record is Record.PLAN
    kind = ProvisionKind.TUITION_WITH_PLAN if has_plan else ProvisionKind.TUITION_WITHOUT_PLAN
    world.place(pupil, world.the(kind))
    if has_plan:
        charge_for_tuition(pupil, world)
    world.begin(_grows_sticky(pupil, world, 1.0, world.after(pupil, "tuition_term", Purpose.TUITION_TERM)), pupil)
    chance = world.quantities.tuition.reviewed.value
    if chance and world.holds(pupil, Purpose.TUITION_REVIEWED, chance):
        world.begin(_reviews(pupil, world), pupil)


def _reviews(pupil: Pupil, world: World) -> Steps:
    """Review a package at equal intervals until it ends, also when a plan makes it tuition with a plan."""
    package = world.influence(pupil, REVIEWED, _REINTEGRATION, 1.0, while_in=_TUTORED)
    while True:
        yield world.pause(pupil, "tuition_review", Purpose.TUITION_REVIEW_WAIT)
        if pupil.influences.get(REVIEWED) is not package or not world.quantities.tuition.reviewed.value:
            return
        world.note(pupil, Happening.TUITION_REVIEWED, pupil.provision)
        _review(pupil, world)


def _review(pupil: Pupil, world: World) -> None:
    """Go back to school, to alternative provision if it has a place, look for a special school, or go on as before.

    A plan holder who goes back to school keeps waiting for the special place that the plan names.
    """
    route = world.decide(Decision.TUITION_REVIEW, pupil, Purpose.TUITION_REVIEW_ROUTE, Route.KEEP)
    if route == Route.RETURN:
        return_to_mainstream(pupil, world, ProvisionKind.ALTERNATIVE_PROVISION)
    elif route == ProvisionKind.SPECIAL:
        seek_place(pupil, world, route)
    elif route == ProvisionKind.ALTERNATIVE_PROVISION and phase_of(pupil.year_group) is Phase.SECONDARY:
        _to_alternative_provision(pupil, world)


def go_on_in_tuition(pupil: Pupil, world: World) -> None:
    """Go on in tuition that began before the run: the terms already served count."""
    term = world.after(pupil, "tuition_term", Purpose.TUITION_TERM) - world.now
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
        term_ends = world.after(pupil, "tuition_term", Purpose.TUITION_TERM)
        factor *= per_term
        made = world.influence(pupil, STICKINESS, _REINTEGRATION, factor, while_in=_TUTORED)

"""From a request for an EHC needs assessment to a plan and the place it names.

Rule: Children and Families Act 2014 and SEND Regulations 2014: decide within 6 weeks, final plan within 20.
"""

from math import floor

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.annual_review import annual_reviews
from sim.pathways.specialist_place import seek_place
from sim.pathways.tuition import start_tuition
from sim.vocabulary import Decision, EventKind, Happening, ProvisionKind, Record

OPEN_REQUEST = "assessment_under_way"
_REQUEST = KIND_INDEX[EventKind.EHC_REQUEST]


def request_assessment(pupil: Pupil, world: World) -> None:
    """Begin an assessment unless the pupil has a plan or a request under way."""
    if not pupil.in_assessment and pupil.record is not Record.PLAN:
        world.begin(needs_assessment(pupil, world), pupil)


def needs_assessment(pupil: Pupil, world: World) -> Steps:
    """Follow one request: decision to assess, casework, plan, placement; a refusal may be overturned or repeated."""
    if pupil.in_assessment or pupil.record is Record.PLAN:
        return
    pupil.in_assessment = True
    world.influence(pupil, OPEN_REQUEST, _REQUEST, 0.0)
    try:
        yield from _assess(pupil, world)
    finally:
        pupil.in_assessment = False
        world.lift(pupil, OPEN_REQUEST)


def _assess(pupil: Pupil, world: World) -> Steps:
    casework = world.quantities.casework
    requested = world.now
    world.note(pupil, Happening.EHC_REQUESTED, pupil.provision)
    touched = world.after(pupil, "ehc_touch_time", Purpose.TOUCH_TIME)
    refused = world.rules.in_year(world.parameters.yearly.refused_share, world.academic_year)
    yield world.pause(pupil, "ehc_decision", Purpose.EHC_DECISION)
    if world.holds(pupil, Purpose.REQUEST_REFUSED, refused):
        world.note(pupil, Happening.EHC_REFUSED)
        if not world.holds(pupil, Purpose.REFUSAL_OVERTURNED, casework.refusal_overturned.value):
            _perhaps_ask_again(pupil, world)
            return
        world.note(pupil, Happening.EHC_OVERTURNED)
    yield world.env.at(max(touched, world.now) + world.casework.join(world.now), pupil.id)
    if world.holds(pupil, Purpose.PLAN_AFTER_ASSESSMENT, casework.plan_after_assessment.value):
        _issue_plan(pupil, world, requested)
    else:
        world.note(pupil, Happening.EHC_NO_PLAN)


def _perhaps_ask_again(pupil: Pupil, world: World) -> None:
    if world.holds(pupil, Purpose.REQUEST_REPEATED, world.quantities.casework.repeat_after_refusal.value):
        world.begin(_ask_again(pupil, world), pupil)


def _ask_again(pupil: Pupil, world: World) -> Steps:
    yield world.pause(pupil, "ehc_repeat", Purpose.REPEAT_DELAY)
    request_assessment(pupil, world)


def _issue_plan(pupil: Pupil, world: World, requested: float) -> None:
    weeks = world.calendar.weeks_between(requested, world.now)
    due = world.calendar.after_weeks(requested, world.rules.stays["ehc_due"].mean)
    world.note(pupil, Happening.PLAN_ISSUED, pupil.provision, weeks)
    if floor(world.now) > due:
        world.note(pupil, Happening.PLAN_LATE, None, world.calendar.weeks_between(due, world.now))
    world.set_record(pupil, Record.PLAN)
    world.begin(annual_reviews(pupil, world), pupil)
    _first_placement(pupil, world)


def _first_placement(pupil: Pupil, world: World) -> None:
    """The plan names a place; a pupil in tuition stays there, now with a plan, until one is found."""
    if pupil.kind is ProvisionKind.DISTRICT_TEACHING:
        start_tuition(pupil, world)
        return
    if pupil.kind is ProvisionKind.TUITION_WITHOUT_PLAN:
        world.place(pupil, world.the(ProvisionKind.TUITION_WITH_PLAN))
        sought = world.decide(Decision.TUITION_PLACE_SOUGHT, pupil, Purpose.TUITION_PLACE_SOUGHT, "keep")
    else:
        sought = world.decide(Decision.PLAN_ISSUED, pupil, Purpose.PLAN_ISSUED_ROUTE, "keep")
    seek_place(pupil, world, sought)

"""Alternative provision bought by the area partnership: ways in, and what a full provision leads to."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.provision import Provision
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.need import become_recorded
from sim.pathways.needs_assessment import request_assessment
from sim.pathways.support import ask_for_plan_if_needed
from sim.pathways.tuition import tuition
from sim.vocabulary import (
    Decision,
    EventKind,
    Happening,
    ProvisionKind,
    Record,
    Severity,
    WaitingClass,
    WaitOutcome,
)

_MAY_TAKE_UP = (
    ProvisionKind.MAINSTREAM,
    ProvisionKind.NO_EDUCATION,
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
)
WAITING_FOR_AP = "waiting_for_alternative_provision"
_REFERRAL = KIND_INDEX[EventKind.AP_REFERRAL]


def planned_referral(pupil: Pupil, world: World) -> Steps:
    """The school plans alternative provision without a crisis."""
    return _refer(pupil, world, Happening.AP_REFERRED_PLANNED)


def refer_after_crisis(pupil: Pupil, world: World) -> Steps:
    """The partnership diverts a crisis to alternative provision."""
    return _refer(pupil, world, Happening.AP_REFERRED_AFTER_CRISIS)


def _refer(pupil: Pupil, world: World, why: Happening) -> Steps:
    provision = world.find(ProvisionKind.ALTERNATIVE_PROVISION, pupil)
    world.note(pupil, why, provision)
    if not enter_if_free(pupil, world):
        yield from _when_full(pupil, world, provision)


def enter_if_free(pupil: Pupil, world: World) -> bool:
    """Whether the district's provision has a free place, which the pupil then takes."""
    provision = world.find(ProvisionKind.ALTERNATIVE_PROVISION, pupil)
    if provision is None or not provision.has_vacancy(world.waiting_class(pupil)):
        return False
    provision.admit()
    _enter(pupil, world, provision)
    return True


def _enter(pupil: Pupil, world: World, provision: Provision) -> None:
    """Begin in a place that is held; at entry the needs of a pupil without a plan may be assessed."""
    world.place(pupil, provision, is_offered=True)
    chance = world.quantities.alternative_provision.assessed_at_entry.value
    if chance and pupil.record is not Record.PLAN and world.holds(pupil, Purpose.AP_ASSESSED, chance):
        world.note(pupil, Happening.AP_ASSESSED, provision)
        _assess(pupil, world)


def _assess(pupil: Pupil, world: World) -> None:
    """Assessment may find a need that no record shows; a recorded need more than emerging is put forward for a plan."""
    finds = world.quantities.alternative_provision.assessment_finds_need.value
    is_hidden = pupil.record is Record.NONE and pupil.severity is not Severity.NONE
    if is_hidden and world.holds(pupil, Purpose.ASSESSMENT_FINDS_NEED, finds):
        become_recorded(pupil, world)
    if pupil.record is Record.SEN_SUPPORT:
        ask_for_plan_if_needed(pupil, world)


def _when_full(pupil: Pupil, world: World, provision: Provision | None) -> Steps:
    """Without a place the pupil waits in school, is put forward for a plan, or is tutored."""
    world.note(pupil, Happening.AP_FULL, provision)
    route = world.decide(Decision.AP_FULL, pupil, Purpose.AP_FULL_ROUTE, "wait_in_school")
    if route == "tuition":
        yield from tuition(pupil, world)
    elif route == "ehc_request":
        request_assessment(pupil, world)
    elif provision is not None and not _is_waiting(pupil, provision):
        yield from _wait_in_school(pupil, world, provision)


def _is_waiting(pupil: Pupil, provision: Provision) -> bool:
    return any(waiting.provision is provision and waiting.is_open for waiting in pupil.waits)


def _wait_in_school(pupil: Pupil, world: World, provision: Provision) -> Steps:
    world.influence(pupil, WAITING_FOR_AP, _REFERRAL, 0.0)
    try:
        until = world.after(pupil, "alternative_provision_wait", Purpose.AP_WAIT)
        outcome = yield world.wait(pupil, provision, world.waiting_class(pupil), until)
    finally:
        world.lift(pupil, WAITING_FOR_AP)
    if outcome is WaitOutcome.OFFERED:
        _take_up(pupil, world, provision)


def _take_up(pupil: Pupil, world: World, provision: Provision) -> None:
    """Take the place offered, unless the pupil has meanwhile gone elsewhere."""
    if pupil.kind in _MAY_TAKE_UP:
        _enter(pupil, world, provision)
    else:
        provision.release(WaitingClass.OTHER)

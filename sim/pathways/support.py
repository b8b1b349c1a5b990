"""Support beside the placement: district-team cases and the tiers of a resource base."""

from sim.chance.distributions import gamma, poisson
from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.provision import Provision
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.needs_assessment import request_assessment
from sim.school_year import DAYS_IN_SCHOOL_WEEK
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

UNSERVED = "unserved_crisis"
AWAITING_SUPPORT = "awaiting_or_in_support"
_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]
_REFERRAL = KIND_INDEX[EventKind.SUPPORT_REFERRAL]


def support_referral(pupil: Pupil, world: World) -> Steps:
    """Ask for help before a crisis: wait for a place with the team or the base, be supported, and stop."""
    provision = _where_to(pupil, world)
    if provision is None:
        return
    world.note(pupil, Happening.SUPPORT_REFERRED, provision)
    world.influence(pupil, AWAITING_SUPPORT, _REFERRAL, 0.0)
    try:
        until = world.after(pupil, "support_wait", Purpose.SUPPORT_WAIT)
        outcome = yield world.wait(pupil, provision, WaitingClass.PREVENTIVE, until)
        if outcome is WaitOutcome.OFFERED:
            yield from _early_case(pupil, world, provision)
    finally:
        world.lift(pupil, AWAITING_SUPPORT)


def _early_case(pupil: Pupil, world: World, provision: Provision) -> Steps:
    """Take up the place, unless a crisis case of the same kind has begun meanwhile: there is one of a kind at most."""
    if world.has_support(pupil, provision.kind):
        provision.release(WaitingClass.PREVENTIVE)
    else:
        yield from supported(pupil, world, provision, is_crisis=False)


def _where_to(pupil: Pupil, world: World) -> Provision | None:
    """A tier of the base if it admits the pupil and has room, else the district team."""
    kind = world.decide(Decision.SUPPORT_REFERRAL, pupil, Purpose.SUPPORT_ROUTE, "keep")
    if kind == "keep":
        return None
    tier = world.find(ProvisionKind(kind), pupil)
    if tier is not None and tier.has_vacancy(WaitingClass.PREVENTIVE) and _takes(tier, pupil):
        return tier
    return world.find(ProvisionKind.DISTRICT_TEAM, pupil)


def _takes(tier: Provision, pupil: Pupil) -> bool:
    """Whether a tier of a base is for pupils of this age, sex, record and severity."""
    return tier.spec.admits(pupil.year_group, pupil.sex) and tier.spec.supports(pupil.record, pupil.severity)


def supported(pupil: Pupil, world: World, provision: Provision, is_crisis: bool) -> Steps:
    """Hold a place for the length of a case; an assessment tier ends with a request for a plan."""
    support = world.start_support(pupil, provision, is_crisis)
    uniform = pupil.luck.uniform(Purpose.SUPPORT_LENGTH)
    yield world.env.at(world.now + case_days(world, provision, is_crisis, uniform), pupil.id)
    was_complete = support.is_open
    world.end_support(pupil, support)
    if was_complete and provision.kind is ProvisionKind.ASSESSMENT:
        ask_for_plan_if_needed(pupil, world)


def case_days(world: World, provision: Provision, is_crisis: bool, uniform: float) -> float:
    """Return school days a pupil's case holds its place: with a district team, or in a tier of a base."""
    if provision.kind is not ProvisionKind.DISTRICT_TEAM:
        return world.rules.stays[provision.kind.value].draw(uniform)
    return gamma(uniform, team_case_days(world, is_crisis), world.quantities.team.case_cv.value)


def team_case_days(world: World, is_crisis: bool) -> float:
    """Return school days a case of a district team lasts on average: its hours over hours a week."""
    team = world.quantities.team
    hours = team.crisis_case_hours if is_crisis else team.preventive_case_hours
    return hours.value / team.slot_hours.value * DAYS_IN_SCHOOL_WEEK


def ask_for_plan_if_needed(pupil: Pupil, world: World) -> None:
    """Assessment in a base feeds the request for an EHC plan when need is more than emerging."""
    if pupil.record is not Record.PLAN and pupil.severity > Severity.EMERGING:
        request_assessment(pupil, world)


def crisis_support(pupil: Pupil, world: World, window_ends: float) -> Steps:
    """Ask the district team for a crisis case; without a free slot inside the window the crisis goes unserved."""
    team = world.find(ProvisionKind.DISTRICT_TEAM, pupil)
    if team is None:
        return
    outcome = yield world.wait(pupil, team, WaitingClass.CRISIS, window_ends)
    if outcome is WaitOutcome.OFFERED:
        world.note(pupil, Happening.CRISIS_SERVED, team)
        world.end_supports(pupil, ProvisionKind.DISTRICT_TEAM)
        yield from supported(pupil, world, team, is_crisis=True)
    elif outcome is WaitOutcome.DEADLINE:
        world.note(pupil, Happening.CRISIS_UNSERVED, team)
        harm = world.quantities.crisis.unserved_factor.value
        until = world.after(pupil, "after_crisis", Purpose.AFTER_CRISIS)
        world.influence_for(pupil, UNSERVED, _SUSPENSION, harm, until)


def respite(pupil: Pupil, world: World) -> bool:
    """Whether a free respite place absorbs the crisis; if so the pupil goes there for its length."""
    tier = world.find(ProvisionKind.RESPITE, pupil)
    if tier is None or not tier.is_open or not _takes(tier, pupil):
        return False
    if world.has_support(pupil, tier.kind):
        return False
    is_willing = world.holds(pupil, Purpose.RESPITE_ABSORBS, world.quantities.crisis.respite_absorbs.value)
    if not (is_willing and tier.has_vacancy(WaitingClass.CRISIS)):
        return False
    tier.admit(WaitingClass.CRISIS)
    world.note(pupil, Happening.CRISIS_ABSORBED, tier)
    world.begin(supported(pupil, world, tier, is_crisis=True), pupil)
    return True


def other_needs(world: World, team: Provision) -> Steps:
    """Let other needs' cases use the team's slots this academic year, spread over it by luck."""
    mean = world.quantities.team.other_needs_cases.value
    year, start, days = world.academic_year, world.now, world.calendar.days_per_year
    count_luck = float(world.streams.other_cases(team.name, year, 0)[0])
    count = int(poisson(count_luck, mean))
    times = sorted(start + days * u for u in world.streams.other_cases(team.name, year, count)[1:].tolist())
    for number, at in enumerate(times):
        yield world.env.at(at)
        world.begin(_other_case(world, team, number))


def _other_case(world: World, team: Provision, number: int) -> Steps:
    began = world.now
    waiting = team.wait(-1 - number, WaitingClass.PREVENTIVE)
    if waiting.is_open:
        limit = world.env.at(began + world.rules.stays["support_wait"].mean)
        limit.callbacks.append(lambda _event: team.close(waiting, WaitOutcome.DEADLINE))
    outcome = yield waiting.decided
    if outcome is WaitOutcome.OFFERED:
        key = world.start_other_case(team, number)
        yield world.env.at(world.now + team_case_days(world, is_crisis=False))
        world.end_other_case(key)

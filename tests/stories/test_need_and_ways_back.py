"""Stories of one pupil's need, of the events that compete, and of the ways back to a school."""

import pytest

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX
from sim.pathways.alternative_provision import planned_referral
from sim.pathways.annual_review import annual_reviews
from sim.pathways.need import become_recorded, improve, recur, resolve, worsen
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.reintegration import reintegration
from sim.pathways.specialist_place import special_place
from sim.pathways.support import support_referral
from sim.pathways.suspension import suspension
from sim.pathways.tuition import breakdown, medical_referral
from sim.vocabulary import Decision, EventKind, Happening, Record, Severity, WaitOutcome
from tests.worlds import Stay, Story, always, fixed, places

REFERRAL, SUPPORT_REFERRAL = KIND_INDEX[EventKind.AP_REFERRAL], KIND_INDEX[EventKind.SUPPORT_REFERRAL]
NO_AP = {"provisions/ap_*/devolved_budget/2011-09-01": 0}
TO_THE_TEAM = always(Decision.SUPPORT_REFERRAL, "district_team")
PATIENT = {"durations/special_deadline": fixed(5, "school years"), "quantities/special/refusal": 0}
HUNDRED_DAYS = 1.9
"""A rate a year at which a budget of one lasts a hundred school days."""


# -- need --------------------------------------------------------------------------------------------------------------


def test_need_rises_and_falls_one_step_at_a_time():
    story = Story()
    pupil, found = story.pupil(severity=Severity.EMERGING), []
    for event in (worsen, worsen, improve):
        story.begin(event, pupil)
        found.append(pupil.severity)
    assert found == [Severity.MODERATE, Severity.COMPLEX, Severity.MODERATE]
    told = [what for what, _ in story.happenings(pupil)]
    assert told == [Happening.WORSENED, Happening.WORSENED, Happening.IMPROVED]


@pytest.mark.parametrize(("record", "after"), [(Record.SEN_SUPPORT, Record.NONE), (Record.PLAN, Record.PLAN)])
def test_sen_support_ends_when_the_need_resolves_and_a_plan_does_not(record, after):
    story = Story()
    pupil = story.pupil(record=record)
    story.run(40)
    story.begin(resolve, pupil)
    assert (pupil.severity, pupil.record) == (Severity.NONE, after)
    assert len(story.stays(pupil)) == 1 + (record is not after), "a spell is cut when the record changes"


def test_a_need_that_comes_back_is_at_its_mildest_and_not_recorded():
    story = Story()
    pupil = story.pupil(record=Record.SEN_SUPPORT, severity=Severity.COMPLEX)
    story.begin(resolve, pupil)
    story.begin(recur, pupil)
    assert (pupil.severity, pupil.record) == (Severity.EMERGING, Record.NONE)


@pytest.mark.parametrize("record", [Record.SEN_SUPPORT, Record.PLAN])
def test_a_need_that_is_recorded_is_not_recorded_again(record):
    story = Story()
    pupil = story.pupil(record=record)
    story.begin(become_recorded, pupil)
    assert pupil.record is record
    assert story.happenings(pupil) == []


# -- events that compete -----------------------------------------------------------------------------------------------


def suspended_at(story, pupil):
    story.run(400)
    return story.when(pupil, Happening.SUSPENSION)[0]


def test_a_crisis_comes_when_its_budget_is_spent_and_sooner_at_a_school_that_suspends_readily():
    story = Story({"rates/suspension_moderate_primary": HUNDRED_DAYS})
    pupil = story.pupil()
    assert suspended_at(story, pupil) == pytest.approx(10.0 + 100.0 / pupil.school.propensity)


def test_a_need_that_worsens_on_the_way_uses_up_the_rest_of_the_budget_faster():
    story = Story(
        {"rates/suspension_moderate_primary": HUNDRED_DAYS, "rates/suspension_complex_primary": 2 * HUNDRED_DAYS}
    )
    pupil = story.pupil()
    story.run(30)
    story.begin(worsen, pupil)
    rest = 100.0 / pupil.school.propensity - 20.0
    assert suspended_at(story, pupil) == pytest.approx(30.0 + rest / 2.0)


def test_of_two_events_the_one_whose_budget_is_spent_first_happens_and_the_other_goes_on():
    story = Story({"rates/record_moderate_primary": HUNDRED_DAYS, "rates/medical_referral_moderate": HUNDRED_DAYS / 2})
    pupil = story.pupil()
    story.run(400)
    assert story.when(pupil, Happening.RECORDED) == [pytest.approx(110.0)]
    assert story.when(pupil, Happening.MEDICAL_REFERRAL) == [pytest.approx(210.0)]


# -- tuition, and a place in alternative provision that was waited for -------------------------------------------------


def test_the_decision_after_a_crisis_may_be_tuition():
    story = Story(
        {
            **always(Decision.SUSPENSION, "tuition"),
            "durations/suspension_out": fixed(2),
            "durations/tuition_start": fixed(4),
            "provisions/team_*/places/2011-09-01": places(0),
        }
    )
    pupil = story.pupil()
    story.begin(suspension, pupil)
    story.run(40)
    assert story.when(pupil, Happening.TUITION_AFTER_CRISIS) == [17.0]
    assert [stay[:2] for stay in story.stays(pupil)][-2:] == [("no_education", 17.0), ("tuition_without_plan", 21.0)]
    assert story.when(pupil, Happening.RETURNED) == []


def test_a_pupil_too_unwell_for_school_is_tutored_and_waits_for_alternative_provision_no_longer():
    story = Story({**NO_AP, **always(Decision.AP_FULL, "wait_in_school"), "durations/tuition_start": fixed(4)})
    pupil = story.pupil(year_group=9)
    story.begin(planned_referral, pupil)
    story.run(20)
    story.begin(medical_referral, pupil)
    story.run(30)
    assert story.waits(pupil) == [("ap_northmarsh", 10.0, 20.0, WaitOutcome.CASE_CHANGED)]
    assert story.stays(pupil)[1:] == [Stay("no_education", 20.0, 24.0), Stay("tuition_without_plan", 24.0, 30.0)]


def test_a_pupil_who_waits_for_alternative_provision_is_not_referred_again_until_the_wait_ends():
    story = Story({**NO_AP, **always(Decision.AP_FULL, "wait_in_school"), "durations/alternative_provision_wait": 63})
    pupil = story.pupil(year_group=9)
    story.begin(planned_referral, pupil)
    factors = []
    for day in (11, 72.9, 73.1):
        story.run(day)
        factors.append(pupil.factors[REFERRAL])
    assert factors == [0.0, 0.0, 1.0]
    assert [wait[2:] for wait in story.waits(pupil)] == [(73.0, WaitOutcome.DEADLINE)]


# -- support -----------------------------------------------------------------------------------------------------------


def test_nobody_is_referred_for_support_again_while_waiting_for_it_or_having_it():
    story = Story({**TO_THE_TEAM, "provisions/team_northmarsh/places/2011-09-01": places(0)})
    pupil, team = story.pupil(), story.world.by_name["team_northmarsh"]
    story.begin(support_referral, pupil)
    factors = []
    for day in (15, 25, 66):
        story.run(day)
        team.fund(1)  # free from day 15, and the case lasts forty days
        factors.append(pupil.factors[SUPPORT_REFERRAL])
    assert factors == [0.0, 0.0, 1.0]
    assert story.supports(pupil) == [Stay("team_northmarsh", 15.0, 55.0)]


def test_another_needs_case_uses_a_slot_like_any_other():
    others = {"quantities/team/other_needs_cases": 50, "provisions/team_northmarsh/places/2011-09-01": places(1)}
    story = Story({**TO_THE_TEAM, **others}, day=1.0)
    team = story.world.by_name["team_northmarsh"]
    while not team.roll:
        story.run(story.world.now + 1)
    pupil = story.pupil()
    asked = story.world.now
    story.begin(support_referral, pupil)
    story.run(asked + 1)
    assert team.roll == team.usable == 1
    assert not pupil.supports
    assert [wait.provision.name for wait in pupil.waits if wait.is_open] == ["team_northmarsh"]


ASSESSMENT = {
    **always(Decision.SUPPORT_REFERRAL, "base_assessment"),
    "provisions/base_northmarsh_assessment/places/2011-09-01": places(2),
    "durations/base_assessment": fixed(63),
}


@pytest.mark.parametrize(("improves", "requests"), [(False, [73.0]), (True, [])])
def test_an_assessment_place_ends_with_a_request_for_a_plan_when_the_need_is_more_than_emerging(improves, requests):
    story = Story(ASSESSMENT)
    pupil = story.pupil(severity=Severity.COMPLEX, told={Purpose.SUPPORT_ROUTE: [0.999]})
    story.begin(support_referral, pupil)
    story.run(70)
    for _ in range(2 * improves):
        story.begin(improve, pupil)
    story.run(80)
    assert story.supports(pupil) == [Stay("base_northmarsh_assessment", 10.0, 73.0)]
    assert story.when(pupil, Happening.EHC_REQUESTED) == requests


def test_an_assessment_that_is_broken_off_ends_without_a_request():
    story = Story(ASSESSMENT)
    pupil = story.pupil(severity=Severity.COMPLEX, told={Purpose.SUPPORT_ROUTE: [0.999]})
    story.begin(support_referral, pupil)
    story.run(40)
    story.begin(breakdown, pupil)
    story.run(80)
    assert story.supports(pupil) == [Stay("base_northmarsh_assessment", 10.0, 40.0)]
    assert story.when(pupil, Happening.EHC_REQUESTED) == []


# -- special schools and the ways back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "goes"), [("mainstream", "special_school"), ("tuition_with_plan", "tuition_with_plan")])
def test_an_annual_review_may_name_a_special_school_for_a_pupil_who_has_a_school(at, goes):
    changes = {**always(Decision.ANNUAL_REVIEW, "special_school"), "durations/place_consultation": fixed(30)}
    story = Story({**PATIENT, **changes, "provisions/marsh_house/places/2011-09-01": places(3)})
    pupil = story.pupil(record=Record.PLAN, severity=Severity.COMPLEX, at=at)
    story.begin(annual_reviews, pupil)
    story.run(229)
    assert (pupil.kind, story.when(pupil, Happening.ANNUAL_REVIEW)) == (at, [200.0])
    story.run(231)
    assert pupil.kind == goes


def test_a_breakdown_at_a_special_school_frees_the_place_for_who_waits():
    story = Story({**PATIENT, "provisions/marsh_house/places/2011-09-01": places(1)})
    there = story.pupil(record=Record.PLAN, at="marsh_house")
    waiting = story.pupil(record=Record.PLAN, told={Purpose.SPECIAL_NAMED: [0.1]})
    story.begin(special_place, waiting)
    story.run(50)
    story.begin(breakdown, there)
    story.run(60)
    assert story.stays(waiting) == [Stay("mainstream", 10.0, 50.0), Stay("marsh_house", 50.0, 60.0)]
    assert there.kind == "tuition_with_plan"


@pytest.mark.parametrize("at", ["marsh_house", "independent_in_county"])
def test_a_pupil_who_comes_back_from_a_special_school_goes_to_their_own_and_is_not_unsettled(at):
    story = Story()
    pupil = story.pupil(record=Record.PLAN, at=at)
    own, factors = pupil.school, list(pupil.factors)
    story.run(50)
    story.begin(reintegration, pupil)
    assert story.when(pupil, Happening.REINTEGRATED) == [50.0]
    assert (pupil.kind, pupil.school, pupil.factors) == ("mainstream", own, factors)


def test_an_excluded_pupil_whom_fair_access_finds_no_school_stays_in_tuition_and_joins_another_school_in_time():
    changes = {"provisions/team_*/places/2011-09-01": places(0), "durations/fair_access": fixed(20)}
    story = Story({**always(Decision.FAIR_ACCESS, "keep"), **changes})
    pupil = story.pupil(told={Purpose.NEW_SCHOOL: [0.99]})
    excluded_from = pupil.school
    story.begin(permanent_exclusion, pupil)
    story.run(60)
    assert (pupil.kind, pupil.school) == ("tuition_without_plan", None)
    assert story.when(pupil, Happening.FAIR_ACCESS_PLACED) == []
    story.begin(reintegration, pupil)
    assert pupil.kind == "mainstream"
    assert pupil.school not in (None, excluded_from)

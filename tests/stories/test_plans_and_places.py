"""Stories of single pupils: from a request for a plan to a place, and of places that come late or never."""

import pytest

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX
from sim.pathways.alternative_provision import planned_referral
from sim.pathways.leaving import become_home_educated, leave_county
from sim.pathways.needs_assessment import needs_assessment
from sim.pathways.reintegration import reintegration
from sim.pathways.specialist_place import seek_place, special_place
from sim.pathways.support import support_referral
from sim.pathways.tuition import breakdown, medical_referral
from sim.vocabulary import Decision, EventKind, Happening, Record, Severity, Sex, WaitOutcome
from tests.worlds import Stay, Story, always, fixed, places

SUSPENSION, BREAKDOWN = KIND_INDEX[EventKind.SUSPENSION], KIND_INDEX[EventKind.BREAKDOWN]
REINTEGRATION = KIND_INDEX[EventKind.REINTEGRATION]
AGREED = {"yearly/refused_share/*": 0, "quantities/casework/plan_after_assessment": 1}
REFUSED = {"yearly/refused_share/*": 1, "quantities/casework/refusal_overturned": 0}
KEEP = always(Decision.PLAN_ISSUED, "keep")
PATIENT = {"durations/special_deadline": fixed(1000), "quantities/special/refusal": 0}
NO_AP = {"provisions/ap_*/devolved_budget/2011-09-01/value": 0, "provisions/ap_*/devolved_budget/2011-09-01/low": 0}


def special_places(number):
    return {
        "provisions/marsh_house/places/2011-09-01": places(number),
        "provisions/southfield_beacon/places/2011-09-01": places(number),
    }


# -- EHC plans -----------------------------------------------------------------------------------------------------


def test_a_request_leads_to_a_plan_within_the_due_date():
    story = Story({**AGREED, **KEEP, "durations/ehc_touch_time": fixed(17, "calendar weeks")})
    pupil, calendar = story.pupil(record=Record.SEN_SUPPORT), story.world.calendar
    story.begin(needs_assessment, pupil)
    assert pupil.in_assessment
    story.run(150)
    issued = calendar.after_weeks(10.0, 17)
    assert story.happenings(pupil) == [(Happening.EHC_REQUESTED, 10.0), (Happening.PLAN_ISSUED, issued)]
    assert 17 <= story.value(pupil, Happening.PLAN_ISSUED) <= 20
    assert pupil.record is Record.PLAN
    assert not pupil.in_assessment
    assert story.stays(pupil) == [Stay("mainstream", 10.0, issued), Stay("mainstream", issued, 150.0)]


def test_a_plan_that_takes_longer_than_twenty_weeks_is_late_by_the_calendar():
    story = Story({**AGREED, **KEEP, "durations/ehc_touch_time": fixed(21, "calendar weeks")})
    pupil, calendar = story.pupil(), story.world.calendar
    story.begin(needs_assessment, pupil)
    story.run(189)
    issued, due = calendar.after_weeks(10.0, 21), calendar.after_weeks(10.0, 20)
    assert story.when(pupil, Happening.PLAN_LATE) == [issued]
    assert story.value(pupil, Happening.PLAN_LATE) == calendar.weeks_between(due, issued) == 1


def test_casework_that_is_full_makes_plans_late():
    story = Story({**AGREED, **KEEP, "yearly/casework_capacity/*": 19, "yearly/other_needs_requests/*": 0})
    first, second = story.pupil(), story.pupil()
    for pupil in (first, second):
        story.begin(needs_assessment, pupil)
    story.run(150)
    assert story.when(second, Happening.PLAN_ISSUED)[0] == story.when(first, Happening.PLAN_ISSUED)[0] + 190 / 19


def test_a_refused_request_is_made_again_and_refused_again():
    story = Story({**REFUSED, "quantities/casework/repeat_after_refusal": 1, "durations/ehc_repeat": fixed(40)})
    pupil, calendar = story.pupil(record=Record.SEN_SUPPORT), story.world.calendar
    story.begin(needs_assessment, pupil)
    story.run(105)
    refused = calendar.after_weeks(10.0, 6)
    again = calendar.after_weeks(refused + 40, 6)
    assert story.when(pupil, Happening.EHC_REQUESTED) == [10.0, refused + 40]
    assert story.when(pupil, Happening.EHC_REFUSED) == [refused, again]
    assert pupil.record is Record.SEN_SUPPORT
    assert not pupil.in_assessment


def test_a_refused_request_ends_there_when_nobody_asks_again():
    story = Story({**REFUSED, "quantities/casework/repeat_after_refusal": 0})
    pupil = story.pupil()
    story.begin(needs_assessment, pupil)
    story.run(400)
    assert [what for what, _ in story.happenings(pupil)][:2] == [Happening.EHC_REQUESTED, Happening.EHC_REFUSED]
    assert len(story.when(pupil, Happening.EHC_REQUESTED)) == 1


def test_a_refusal_that_is_overturned_leads_to_a_plan():
    story = Story({**AGREED, **KEEP, "yearly/refused_share/*": 1, "quantities/casework/refusal_overturned": 1})
    pupil = story.pupil()
    story.begin(needs_assessment, pupil)
    story.run(150)
    told = [what for what, _ in story.happenings(pupil)]
    assert told == [Happening.EHC_REQUESTED, Happening.EHC_REFUSED, Happening.EHC_OVERTURNED, Happening.PLAN_ISSUED]


def test_an_assessment_may_end_without_a_plan():
    story = Story({**AGREED, "quantities/casework/plan_after_assessment": 0})
    pupil = story.pupil()
    story.begin(needs_assessment, pupil)
    story.run(150)
    assert story.happenings(pupil)[-1][0] is Happening.EHC_NO_PLAN
    assert pupil.record is Record.NONE


def test_nobody_has_two_requests_under_way():
    story = Story({**AGREED, **KEEP})
    pupil = story.pupil()
    for _ in range(3):
        story.begin(needs_assessment, pupil)
    story.run(150)
    assert len(story.when(pupil, Happening.EHC_REQUESTED)) == len(story.when(pupil, Happening.PLAN_ISSUED)) == 1


def test_a_plan_is_reviewed_each_year_and_ends_when_the_need_has_gone():
    story = Story({**AGREED, **KEEP})
    pupil, calendar = story.pupil(), story.world.calendar
    story.begin(needs_assessment, pupil)
    issued = calendar.after_weeks(10.0, 17)
    story.run(issued + 191)
    assert pupil.record is Record.PLAN
    story.world.set_severity(pupil, Severity.NONE)
    story.run(issued + 600)
    assert story.when(pupil, Happening.ANNUAL_REVIEW) == [issued + 190, issued + 380]
    assert story.when(pupil, Happening.PLAN_CEASED) == [issued + 380]
    assert pupil.record is Record.NONE


def test_a_pupil_in_tuition_who_gets_a_plan_goes_on_in_tuition_with_a_plan_and_looks_for_a_place():
    seek = always(Decision.TUITION_PLACE_SOUGHT, "special_school")
    story = Story({**AGREED, **seek, **PATIENT, **special_places(1), "durations/place_consultation": fixed(30)})
    pupil = story.pupil(at="tuition_without_plan")
    story.begin(needs_assessment, pupil)
    story.run(170)
    issued = story.world.calendar.after_weeks(10.0, 17)
    assert story.stays(pupil) == [
        Stay("tuition_without_plan", 10.0, issued),
        Stay("tuition_with_plan", issued, issued + 30),
        Stay("marsh_house", issued + 30, 170.0),
    ]


# -- breakdown, tuition and special places -------------------------------------------------------------------------


def test_after_a_breakdown_a_pupil_is_tutored_until_a_special_place_comes_free_before_pupils_in_mainstream():
    changes = {
        **PATIENT,
        **special_places(1),
        **always(Decision.TUITION_PLACE_SOUGHT, "special_school"),
        "durations/tuition_start": fixed(4),
        "durations/place_consultation": fixed(10),
    }
    story = Story(changes)
    holder = story.pupil(record=Record.PLAN, at="marsh_house")
    patient = story.pupil(record=Record.PLAN)
    broken = story.pupil(record=Record.PLAN)
    story.begin(special_place, patient)
    story.run(15)
    story.begin(breakdown, broken)
    story.run(60)
    story.begin(leave_county, holder)
    story.run(80)
    assert story.stays(broken) == [
        Stay("mainstream", 10.0, 15.0),
        Stay("no_education", 15.0, 19.0),
        Stay("tuition_with_plan", 19.0, 60.0),
        Stay("marsh_house", 60.0, 80.0),
    ]
    assert story.waits(broken) == [("marsh_house", 29.0, 60.0, WaitOutcome.OFFERED)]
    story.begin(leave_county, broken)
    story.run(90)
    assert story.stays(patient) == [Stay("mainstream", 10.0, 80.0), Stay("marsh_house", 80.0, 90.0)]


def test_a_pupil_who_loses_their_school_while_waiting_moves_up_the_list():
    story = Story({**PATIENT, **special_places(0), "durations/tuition_start": fixed(4)})
    first, second = story.pupil(record=Record.PLAN), story.pupil(record=Record.PLAN)
    story.begin(special_place, first)
    story.run(12)
    story.begin(special_place, second)
    story.run(20)
    story.begin(breakdown, second)
    story.run(22)
    story.world.by_name["marsh_house"].fund(1)
    story.run(30)
    assert second.kind == "special_school"
    assert first.kind == "mainstream"


def test_waiting_for_a_special_place_makes_a_breakdown_more_likely_until_the_wait_ends():
    story = Story({**PATIENT, **special_places(0), "quantities/special/waiting_factor": 2})
    pupil = story.pupil(record=Record.PLAN)
    story.begin(special_place, pupil)
    story.run(20)
    assert pupil.factors[BREAKDOWN] == 2.0
    story.world.by_name["marsh_house"].fund(1)
    story.run(21)
    assert pupil.factors[BREAKDOWN] == 1.0


def test_at_the_deadline_the_council_buys_an_independent_place():
    story = Story({**special_places(0), "quantities/special/refusal": 0, "durations/special_deadline": fixed(50)})
    pupil = story.pupil(record=Record.PLAN, told={Purpose.INDEPENDENT_NAMED: [0.9]})
    story.begin(special_place, pupil)
    story.run(100)
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 60.0), Stay("independent_out_of_county", 60.0, 100.0)]
    assert story.waits(pupil) == [("marsh_house", 10.0, 60.0, WaitOutcome.DEADLINE)]
    assert story.when(pupil, Happening.INDEPENDENT_NAMED) == [60.0]


def test_an_independent_offer_ends_the_search_for_a_special_place():
    story = Story({**PATIENT, **special_places(0), "durations/place_consultation": fixed(5)})
    pupil = story.pupil(record=Record.PLAN)
    seek_place(pupil, story.world, "independent_special")
    seek_place(pupil, story.world, "special_school")
    story.run(40)
    assert story.stays(pupil)[0].provision == "mainstream"
    assert pupil.kind == "independent_special"
    assert story.when(pupil, Happening.SPECIAL_NAMED) == []


@pytest.mark.parametrize(("sex", "named"), [(Sex.MALE, "marsh_house"), (Sex.FEMALE, None)])
def test_a_primary_girl_is_not_named_for_the_school_that_admits_primary_boys_only(sex, named):
    story = Story({**PATIENT, **special_places(5)})
    pupil = story.pupil(record=Record.PLAN, sex=sex)
    story.begin(special_place, pupil)
    story.run(20)
    assert pupil.provision.name == (named or "mainstream")
    assert bool(story.when(pupil, Happening.SPECIAL_NAMED)) == bool(named)


def test_a_primary_girl_in_tuition_for_whom_no_special_school_is_open_goes_to_an_independent_one():
    story = Story({**PATIENT, **special_places(5)})
    pupil = story.pupil(record=Record.PLAN, sex=Sex.FEMALE, at="tuition_with_plan")
    story.begin(special_place, pupil)
    assert pupil.kind == "independent_special"


def test_a_secondary_girl_may_be_named_for_either_school():
    for uniform, school in ((0.1, "marsh_house"), (0.9, "southfield_beacon")):
        story = Story({**PATIENT, **special_places(5)})
        told = {Purpose.SPECIAL_NAMED: [uniform]}
        pupil = story.pupil(year_group=8, record=Record.PLAN, sex=Sex.FEMALE, told=told)
        story.begin(special_place, pupil)
        story.run(11)
        assert pupil.provision.name == school


def test_a_school_that_refuses_is_followed_by_another_and_by_staying_when_all_refuse():
    story = Story({**PATIENT, **special_places(5), "quantities/special/refusal": 1})
    pupil = story.pupil(year_group=8, record=Record.PLAN)
    story.begin(special_place, pupil)
    told = [what for what, _ in story.happenings(pupil)]
    assert told == [Happening.SPECIAL_NAMED, Happening.SPECIAL_REFUSED] * 2
    assert pupil.kind == "mainstream"


def test_tuition_grows_sticky_term_by_term_and_a_return_ends_that():
    story = Story({"quantities/tuition/stickiness": 0.5, "durations/tuition_term": fixed(60)})
    pupil = story.pupil()
    story.begin(medical_referral, pupil)
    story.run(14.1 + 125)
    assert pupil.kind == "tuition_without_plan"
    assert pupil.factors[REINTEGRATION] == 0.25
    story.begin(reintegration, pupil)
    assert pupil.kind == "mainstream"
    story.run(300)
    assert pupil.factors[REINTEGRATION] == 1.0
    assert story.when(pupil, Happening.REINTEGRATED) == [139.1]


def test_a_second_package_of_tuition_is_not_sticky_from_the_first():
    story = Story({"quantities/tuition/stickiness": 0.5, "durations/tuition_term": fixed(60)})
    pupil = story.pupil()
    story.begin(medical_referral, pupil)
    story.run(14.1 + 65)
    story.begin(reintegration, pupil)
    assert pupil.factors[REINTEGRATION] == 1.0
    story.begin(medical_referral, pupil)
    story.run(14.1 + 65 + 4.1 + 55)
    assert pupil.kind == "tuition_without_plan"
    assert pupil.factors[REINTEGRATION] == 1.0
    story.run(14.1 + 65 + 4.1 + 65)
    assert pupil.factors[REINTEGRATION] == 0.5


# -- alternative provision -----------------------------------------------------------------------------------------


def test_with_a_free_place_alternative_provision_begins_at_once():
    story = Story()
    pupil = story.pupil(year_group=9)
    story.begin(planned_referral, pupil)
    assert pupil.provision.name == "ap_northmarsh"
    assert pupil.school is not None


def test_when_alternative_provision_is_full_the_pupil_waits_in_school_until_a_place_comes():
    story = Story({**NO_AP, **always(Decision.AP_FULL, "wait_in_school")})
    pupil = story.pupil(year_group=9)
    story.begin(planned_referral, pupil)
    story.run(30)
    assert pupil.kind == "mainstream"
    story.world.by_name["ap_northmarsh"].fund(1)
    story.run(40)
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 30.0), Stay("ap_northmarsh", 30.0, 40.0)]


def test_a_wait_in_school_ends_at_its_deadline_and_a_later_place_stays_free():
    story = Story(
        {**NO_AP, **always(Decision.AP_FULL, "wait_in_school"), "durations/alternative_provision_wait": fixed(63)}
    )
    pupil = story.pupil(year_group=9)
    story.begin(planned_referral, pupil)
    story.run(74)
    story.world.by_name["ap_northmarsh"].fund(1)
    story.run(80)
    assert story.waits(pupil) == [("ap_northmarsh", 10.0, 73.0, WaitOutcome.DEADLINE)]
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 80.0)]
    assert story.world.by_name["ap_northmarsh"].roll == 0


def test_a_pupil_who_has_gone_elsewhere_meanwhile_leaves_the_alternative_provision_place_to_others():
    story = Story({**NO_AP, **PATIENT, **special_places(3), **always(Decision.AP_FULL, "wait_in_school")})
    pupil = story.pupil(year_group=9, record=Record.PLAN)
    story.begin(planned_referral, pupil)
    story.begin(special_place, pupil)
    story.run(20)
    story.world.by_name["ap_northmarsh"].fund(1)
    story.run(30)
    assert pupil.kind == "special_school"
    assert story.world.by_name["ap_northmarsh"].has_vacancy()


def test_when_alternative_provision_is_full_the_pupil_may_be_tutored_or_put_forward_for_a_plan():
    tutored = Story({**NO_AP, **always(Decision.AP_FULL, "tuition"), "durations/tuition_start": fixed(4)})
    one = tutored.pupil(year_group=9)
    tutored.begin(planned_referral, one)
    tutored.run(20)
    assert [stay.provision for stay in tutored.stays(one)] == ["no_education", "tuition_without_plan"]
    requested = Story({**NO_AP, **always(Decision.AP_FULL, "ehc_request")})
    other = requested.pupil(year_group=9)
    requested.begin(planned_referral, other)
    assert requested.when(other, Happening.EHC_REQUESTED) == [10.0]
    assert other.kind == "mainstream"


@pytest.mark.parametrize(("success", "kind"), [(1, "mainstream"), (0, "alternative_provision")])
def test_reintegration_from_alternative_provision_may_fail(success, kind):
    story = Story({"quantities/alternative_provision/reintegration_success": success,
                   "quantities/alternative_provision/repeat_factor": 2})  # fmt: skip
    pupil = story.pupil(year_group=9, at="ap_northmarsh")
    level = pupil.factors[SUSPENSION]
    story.begin(reintegration, pupil)
    assert pupil.kind == kind
    assert pupil.factors[SUSPENSION] == (2 * level if success else level)


# -- changes of school, and leaving --------------------------------------------------------------------------------


def test_at_the_change_of_phase_a_named_place_is_taken_up_on_1_september():
    story = Story({**PATIENT, **special_places(3), **always(Decision.PHASE_TRANSFER, "special_school")})
    pupil = story.pupil(
        year_group=6, record=Record.PLAN, severity=Severity.COMPLEX, told={Purpose.SPECIAL_NAMED: [0.1]}
    )
    story.run(200)
    assert pupil.year_group == 7
    assert story.when(pupil, Happening.PHASE_TRANSFER) == [190.0]
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 190.0), Stay("marsh_house", 190.0, 200.0)]


def test_a_place_named_at_the_deadline_counts_as_waited_for_since_then():
    story = Story({**PATIENT, **special_places(0), **always(Decision.PHASE_TRANSFER, "special_school")})
    told = {Purpose.SPECIAL_NAMED: [0.1]}
    earlier, later = (story.pupil(year_group=8, record=Record.PLAN, told=told) for _ in range(2))
    named = story.pupil(year_group=6, record=Record.PLAN, severity=Severity.COMPLEX, told=told)
    story.run(80)
    story.begin(special_place, earlier)
    story.run(150)
    story.begin(special_place, later)
    story.run(195)
    assert 80 < story.world.named_at < 150
    for next_one in (earlier, named, later):
        assert next_one.kind == "mainstream"
        story.world.by_name["marsh_house"].fund(story.world.by_name["marsh_house"].roll + 1)
        story.run(story.world.now + 1)
        assert next_one.kind == "special_school"


def test_a_pupil_without_a_plan_moves_to_the_secondary_school_and_is_unsettled_for_a_while():
    story = Story({"quantities/crisis/phase_transfer_factor": 1.5, "durations/after_phase_transfer": fixed(65)}, 180.0)
    pupil, settled = story.pupil(year_group=6), story.pupil(year_group=6, severity=Severity.NONE)
    story.run(191)
    assert pupil.school is pupil.secondary_school
    assert pupil.factors[SUSPENSION] == pytest.approx(pupil.school.propensity * 1.5)
    assert settled.factors[SUSPENSION] == settled.school.propensity
    story.run(190 + 66)
    assert pupil.factors[SUSPENSION] == pupil.school.propensity


def test_at_the_end_of_year_11_everything_ends():
    story = Story({**PATIENT, **special_places(0)}, 180.0)
    pupil = story.pupil(year_group=11, record=Record.PLAN)
    story.begin(special_place, pupil)
    story.run(200)
    assert pupil.has_left
    assert story.happenings(pupil)[-1] == (Happening.LEFT_YEAR_11, 190.0)
    assert story.stays(pupil) == [Stay("mainstream", 180.0, 190.0)]
    assert [wait[1:] for wait in story.waits(pupil)] == [(180.0, 190.0, WaitOutcome.CASE_CHANGED)]
    assert story.world.mainstream.roll == 0


def test_leaving_the_county_frees_every_place_and_ends_support():
    story = Story(special_places(1))
    pupil = story.pupil(told={Purpose.SUPPORT_ROUTE: [0.0]})
    story.begin(support_referral, pupil)
    team = story.world.by_name["team_northmarsh"]
    assert team.roll == 1
    story.run(20)
    story.begin(leave_county, pupil)
    story.run(300)
    assert team.roll == 0
    assert story.supports(pupil) == [Stay("team_northmarsh", 10.0, 20.0)]
    assert story.happenings(pupil)[-1] == (Happening.LEFT_COUNTY, 20.0)


def test_a_home_educated_pupil_stays_outside_provision_even_when_a_place_was_being_sought():
    story = Story({**PATIENT, **special_places(3), "durations/place_consultation": fixed(10)})
    pupil = story.pupil(record=Record.PLAN)
    seek_place(pupil, story.world, "special_school")
    story.run(15)
    story.begin(become_home_educated, pupil)
    seek_place(pupil, story.world, "special_school")
    story.run(100)
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 15.0), Stay("home_education", 15.0, 100.0)]


# -- early support -------------------------------------------------------------------------------------------------


def test_early_support_works_after_its_lag_fades_in_steps_and_is_gone():
    story = Story({"provisions/base_*_outreach/places/2011-09-01": places(1), "durations/base_outreach": fixed(50)})
    pupil = story.pupil(told={Purpose.SUPPORT_ROUTE: [0.5]})
    level = pupil.factors[SUSPENSION]
    story.begin(support_referral, pupil)
    share = {}
    for day in (20, 31, 59, 61, 122, 124, 249, 251):
        story.run(day)
        share[day] = pupil.factors[SUSPENSION] / level
    assert story.supports(pupil) == [Stay("base_northmarsh_outreach", 10.0, 60.0)]
    expected = {20: 1, 31: 0.85, 59: 0.85, 61: 0.85, 122: 0.85, 124: 0.925, 249: 0.925, 251: 1}
    assert share == pytest.approx(expected)


def test_a_base_that_is_closed_sends_the_pupil_to_the_district_team():
    story = Story()
    pupil = story.pupil(told={Purpose.SUPPORT_ROUTE: [0.5]})
    story.begin(support_referral, pupil)
    story.run(11)
    assert [support.provision.name for support in pupil.supports] == ["team_northmarsh"]


def test_a_wait_for_support_ends_at_its_deadline():
    story = Story({"provisions/team_*/places/2011-09-01": places(0), "durations/support_wait": fixed(63)})
    pupil = story.pupil()
    story.begin(support_referral, pupil)
    story.run(100)
    assert story.waits(pupil) == [("team_northmarsh", 10.0, 73.0, WaitOutcome.DEADLINE)]
    assert pupil.supports == []

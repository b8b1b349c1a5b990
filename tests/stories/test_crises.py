"""Stories of one pupil and a crisis: what follows a suspension, step by step."""

from math import log

import pytest

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX
from sim.pathways.leaving import leave_county
from sim.pathways.managed_move import managed_move
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.reintegration import reintegration
from sim.pathways.support import crisis_support, support_referral
from sim.pathways.suspension import suspension
from sim.pathways.tuition import breakdown
from sim.vocabulary import Decision, EventKind, Happening, Record, Severity, WaitOutcome
from tests.worlds import Stay, Story, always, fixed, places

SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]
NO_TEAMS = {"provisions/team_*/places/2011-09-01": places(0)}
TWO_DAYS_OUT = {"durations/suspension_out": fixed(2), "quantities/crisis/identify": 0}
UNHELPED = {
    **TWO_DAYS_OUT,
    "quantities/crisis/referred_to_team_primary": 0,
    "quantities/crisis/referred_to_team_secondary": 0,
}


def crisis(changes, day=10.0):
    return Story({**UNHELPED, **changes}, day)


def test_a_suspended_pupil_returns_after_the_days_out_and_the_decision():
    story = crisis(always(Decision.SUSPENSION, "return"))
    pupil = story.pupil()
    story.begin(suspension, pupil)
    story.run(30)
    assert story.happenings(pupil) == [(Happening.SUSPENSION, 10.0), (Happening.RETURNED, 17.0)]
    assert story.value(pupil, Happening.SUSPENSION) == 2.0
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 30.0)]


def test_no_second_crisis_comes_inside_the_window_and_for_a_while_another_is_more_likely():
    story = crisis({**always(Decision.SUSPENSION, "return"), "quantities/crisis/after_factor": 1.5})
    pupil = story.pupil()
    level = pupil.factors[SUSPENSION]
    story.begin(suspension, pupil)
    factors = []
    for day in (16.9, 17.1, 76.9, 77.1):
        story.run(day)
        factors.append(pupil.factors[SUSPENSION])
    assert factors == [0.0, level * 1.5, level * 1.5, level]


def test_a_crisis_may_bring_an_unrecorded_need_to_light():
    story = crisis({"quantities/crisis/identify": 1})
    pupil = story.pupil()
    story.begin(suspension, pupil)
    assert pupil.record is Record.SEN_SUPPORT
    assert story.when(pupil, Happening.RECORDED) == [10.0]


def test_a_primary_pupil_excluded_for_good_is_tutored_from_the_sixth_day_and_then_finds_a_school():
    routes = {**always(Decision.SUSPENSION, "permanent_exclusion"), **always(Decision.FAIR_ACCESS, "new_school")}
    story = crisis({**routes, **NO_TEAMS})
    pupil = story.pupil(told={Purpose.NEW_SCHOOL: [0.999]})
    old_school = pupil.school
    story.begin(suspension, pupil)
    story.run(20)
    assert pupil.school is None
    story.run(60)
    assert story.stays(pupil) == [
        Stay("mainstream", 10.0, 17.0),
        Stay("no_education", 17.0, 22.0),
        Stay("tuition_without_plan", 22.0, 42.0),
        Stay("mainstream", 42.0, 60.0),
    ]
    assert story.when(pupil, Happening.SIXTH_DAY_DUTY) == [22.0]
    assert story.when(pupil, Happening.FAIR_ACCESS_PLACED) == [42.0]
    assert pupil.school not in (None, old_school)


def test_a_district_teacher_takes_an_excluded_primary_pupil_when_a_slot_is_free():
    story = crisis(always(Decision.FAIR_ACCESS, "new_school"))
    pupil, team = story.pupil(), story.world.by_name["team_northmarsh"]
    story.begin(permanent_exclusion, pupil)
    story.run(20)
    assert team.roll == 1
    story.run(60)
    assert [stay.provision for stay in story.stays(pupil)] == ["no_education", "district_teaching", "mainstream"]
    assert story.supports(pupil) == [Stay("team_northmarsh", 15.0, 35.0)]
    assert team.roll == 0


def test_district_teachers_do_not_teach_secondary_pupils():
    story = crisis(always(Decision.FAIR_ACCESS, "keep"), day=180.0)
    pupil, team = story.pupil(year_group=6), story.world.by_name["team_northmarsh"]
    story.begin(permanent_exclusion, pupil)
    story.run(189)
    assert pupil.kind == "district_teaching"
    story.run(191)
    assert pupil.kind == "tuition_without_plan"
    assert team.roll == 0


def test_an_excluded_secondary_pupil_goes_to_alternative_provision_when_there_is_a_place():
    story = crisis(always(Decision.FAIR_ACCESS, "keep"))
    pupil = story.pupil(year_group=9)
    story.begin(permanent_exclusion, pupil)
    story.run(60)
    assert [stay.provision for stay in story.stays(pupil)] == ["no_education", "ap_northmarsh"]
    assert pupil.school is None


def test_an_excluded_secondary_pupil_without_a_place_is_tutored():
    no_money = {
        "provisions/ap_*/devolved_budget/2011-09-01/value": 0,
        "provisions/ap_*/devolved_budget/2011-09-01/low": 0,
    }
    story = crisis({**always(Decision.FAIR_ACCESS, "keep"), **no_money})
    pupil = story.pupil(year_group=9)
    story.begin(permanent_exclusion, pupil)
    story.run(60)
    assert [stay.provision for stay in story.stays(pupil)] == ["no_education", "tuition_without_plan"]


@pytest.mark.parametrize(("chance", "moves"), [(1, True), (0, False)])
def test_in_a_managed_move_the_roll_moves_only_when_the_trial_succeeds(chance, moves):
    changes = {**always(Decision.SUSPENSION, "managed_move"), "quantities/managed_move/success": chance}
    story = crisis(changes)
    pupil = story.pupil(told={Purpose.NEW_SCHOOL: [0.999]})
    old_school = pupil.school
    story.begin(suspension, pupil)
    story.run(70)
    assert pupil.school is old_school
    story.run(90)
    assert (pupil.school is not old_school) == moves
    assert story.supports(pupil) == [Stay("managed_move_trial", 17.0, 77.0)]
    assert story.stays(pupil) == [Stay("mainstream", 10.0, 90.0)]


def served(slots, **told):
    """A story in which the team is asked in each crisis; the pupil's luck lies just above the chance of a return."""
    story = Story({**TWO_DAYS_OUT, "quantities/crisis/referred_to_team_primary": 1})
    for team in ("team_northmarsh", "team_southfield"):
        story.world.by_name[team].fund(slots)
    pupil = story.pupil(told={Purpose.SUSPENSION_ROUTE: [0.96], **told})
    story.begin(suspension, pupil)
    return story, pupil


def test_a_crisis_served_inside_the_window_makes_a_return_more_likely_on_the_same_luck():
    unserved, one = served(slots=0)
    unserved.run(40)
    assert unserved.when(one, Happening.CRISIS_UNSERVED) == [17.0]
    assert unserved.when(one, Happening.MANAGED_MOVE_STARTED) == [17.0]
    helped, other = served(slots=1)
    helped.run(40)
    assert helped.when(other, Happening.CRISIS_SERVED) == [10.0]
    assert helped.when(other, Happening.RETURNED) == [17.0]
    assert helped.when(other, Happening.MANAGED_MOVE_STARTED) == []


def test_a_slot_that_comes_free_inside_the_window_still_counts():
    story, pupil = served(slots=0)
    story.run(15)
    story.world.by_name["team_northmarsh"].fund(1)
    story.run(40)
    assert story.when(pupil, Happening.CRISIS_SERVED) == [15.0]
    assert story.when(pupil, Happening.RETURNED) == [17.0]


def test_a_crisis_case_holds_its_slot_for_its_hours_and_then_frees_it():
    story, pupil = served(slots=1)
    team = story.world.by_name["team_northmarsh"]
    story.run(10 + 30 / 1.5 * 5 - 0.1)
    assert team.roll == 1
    story.run(10 + 30 / 1.5 * 5 + 0.1)
    assert team.roll == 0
    assert story.supports(pupil) == [Stay("team_northmarsh", 10.0, 110.0)]


def test_an_unserved_crisis_does_the_harm_that_is_configured():
    story = Story({**TWO_DAYS_OUT, **NO_TEAMS, "quantities/crisis/referred_to_team_primary": 1,
                   "quantities/crisis/unserved_factor": 1.2, "quantities/crisis/after_factor": 1,
                   **always(Decision.SUSPENSION, "return")})  # fmt: skip
    pupil = story.pupil()
    level = pupil.factors[SUSPENSION]
    story.begin(suspension, pupil)
    story.run(18)
    assert pupil.factors[SUSPENSION] == pytest.approx(1.2 * level)
    story.run(78)
    assert pupil.factors[SUSPENSION] == level


def test_respite_absorbs_a_crisis_while_it_has_a_place():
    changes = {
        **always(Decision.SUSPENSION, "permanent_exclusion"),
        "quantities/crisis/respite_absorbs": 1,
        "provisions/base_*_respite/places/2011-09-01": places(1),
    }
    story = crisis(changes)
    absorbed, next_one = story.pupil(), story.pupil()
    for pupil in (absorbed, next_one):
        story.begin(suspension, pupil)
    story.run(40)
    assert story.when(absorbed, Happening.CRISIS_ABSORBED) == [10.0]
    assert story.when(absorbed, Happening.RETURNED) == [17.0]
    assert story.supports(absorbed) == [Stay("base_northmarsh_respite", 10.0, 25.0)]
    assert story.stays(absorbed) == [Stay("mainstream", 10.0, 40.0)]
    assert story.when(next_one, Happening.PERMANENT_EXCLUSION) == [17.0]


def test_respite_of_a_primary_base_takes_no_secondary_pupil():
    changes = {
        **always(Decision.SUSPENSION, "tuition"),
        "quantities/crisis/respite_absorbs": 1,
        "provisions/base_*_respite/places/2011-09-01": places(5),
    }
    story = crisis(changes)
    pupil = story.pupil(year_group=8)
    story.begin(suspension, pupil)
    story.run(40)
    assert story.when(pupil, Happening.CRISIS_ABSORBED) == []
    assert [stay.provision for stay in story.stays(pupil)][1:] == ["no_education", "tuition_without_plan"]


def test_a_pupil_of_a_special_school_is_suspended_and_simply_comes_back():
    story = crisis(always(Decision.SUSPENSION, "permanent_exclusion"))
    pupil = story.pupil(record=Record.PLAN, at="marsh_house")
    story.begin(suspension, pupil)
    story.run(60)
    assert story.happenings(pupil) == [(Happening.SUSPENSION, 10.0)]
    assert story.stays(pupil) == [Stay("marsh_house", 10.0, 60.0)]


def test_support_ends_and_waits_for_it_are_given_up_when_the_pupil_leaves_mainstream():
    story = Story(
        {**TWO_DAYS_OUT, "quantities/crisis/referred_to_team_primary": 1, **always(Decision.SUSPENSION, "tuition")}
    )
    team = story.world.by_name["team_northmarsh"]
    team.fund(1)
    helped, waiting = story.pupil(), story.pupil(severity=Severity.EMERGING, told={Purpose.SUPPORT_ROUTE: [0.1]})
    story.begin(suspension, helped)
    story.begin(support_referral, waiting)
    story.run(12)
    story.begin(breakdown, waiting)
    story.run(40)
    assert story.supports(helped) == [Stay("team_northmarsh", 10.0, 17.0)]
    assert story.waits(waiting) == [("team_northmarsh", 10.0, 12.0, WaitOutcome.CASE_CHANGED)]
    assert story.supports(waiting) == []
    assert team.roll == 0


def test_the_district_teachers_slot_is_free_again_when_the_pupil_returns_to_school():
    story = crisis(always(Decision.FAIR_ACCESS, "keep"))
    pupil, team = story.pupil(), story.world.by_name["team_northmarsh"]
    story.begin(permanent_exclusion, pupil)
    story.run(40)
    assert (pupil.kind, team.roll) == ("district_teaching", 1)
    story.begin(reintegration, pupil)
    assert (pupil.kind, team.roll, pupil.supports) == ("mainstream", 0, [])


@pytest.mark.parametrize("ends", [leave_county, breakdown])
def test_a_slot_is_not_offered_back_to_the_pupil_who_gives_it_up(ends):
    one_slot = {"provisions/team_*/places/2011-09-01": places(1)}
    story = crisis({**one_slot, **always(Decision.SUPPORT_REFERRAL, "district_team")})
    pupil, team = story.pupil(), story.world.by_name["team_northmarsh"]
    story.begin(lambda one, world: crisis_support(one, world, 20.0), pupil)
    story.begin(support_referral, pupil)
    story.run(11)
    assert team.roll == 1
    story.begin(ends, pupil)
    story.run(80)
    assert team.roll == 0
    assert [wait[3] for wait in story.waits(pupil)][-1] is WaitOutcome.CASE_CHANGED


def test_a_second_managed_move_does_not_begin_during_the_first():
    story = crisis({"durations/managed_move_trial": fixed(60)})
    pupil = story.pupil()
    story.begin(managed_move, pupil)
    story.run(20)
    story.begin(managed_move, pupil)
    assert len(pupil.supports) == 1
    assert story.when(pupil, Happening.MANAGED_MOVE_STARTED) == [10.0]


def test_a_crisis_wait_that_a_move_ends_is_not_an_unserved_crisis():
    story = crisis({**NO_TEAMS})
    pupil = story.pupil()
    story.begin(lambda one, world: crisis_support(one, world, 20.0), pupil)
    story.run(12)
    story.begin(breakdown, pupil)
    story.run(30)
    assert story.when(pupil, Happening.CRISIS_UNSERVED) == []


def test_a_full_base_sends_the_pupil_to_the_district_team():
    full = {"provisions/base_*_in_reach/places/2011-09-01": places(1)}
    story = crisis({**full, **always(Decision.SUPPORT_REFERRAL, "base_in_reach")})
    first, second = story.pupil(), story.pupil()
    story.begin(support_referral, first)
    story.begin(support_referral, second)
    story.run(11)
    assert first.supports[0].provision.kind == "base_in_reach"
    assert second.supports[0].provision.kind == "district_team"


def test_cases_of_a_team_may_differ_in_length_about_their_mean_hours():
    wide = {"quantities/team/case_cv": 1.0, "quantities/team/crisis_case_hours": 30}
    story = Story({**wide, "provisions/team_*/places/2011-09-01": places(4)})
    short, long = (story.pupil(told={Purpose.SUPPORT_LENGTH: [luck]}) for luck in (0.25, 0.75))
    for pupil in (short, long):
        story.begin(lambda pupil, world: crisis_support(pupil, world, 15.0), pupil)
    story.run(180)
    lengths = [stay.end - stay.start for pupil in (short, long) for stay in story.supports(pupil)]
    assert lengths == pytest.approx([-100.0 * log(0.75), -100.0 * log(0.25)])

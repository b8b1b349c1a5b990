"""Stories of places kept for some: special places for pupils without a school, team time for teaching, base tiers."""

from collections import Counter
from datetime import date

import pytest

from sim.chance.streams import Purpose
from sim.engine.provision import Provision
from sim.model import Run, simulate
from sim.parameters.changes import with_changes
from sim.parameters.load import find_county, load_county
from sim.pathways.leaving import leave_county
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.reintegration import reintegration
from sim.pathways.specialist_place import special_place
from sim.pathways.support import crisis_support, support_referral
from sim.pathways.suspension import suspension
from sim.pathways.tuition import breakdown, medical_referral
from sim.vocabulary import Decision, Happening, ProvisionKind, Record, Severity, WaitingClass
from tests.laws import assert_conserved, assert_within_places, count_of
from tests.worlds import EXAMPLESHIRE, Stay, Story, always, differing, fixed, places

TEAM = "team_northmarsh"
CRISIS, TAUGHT, EARLY = WaitingClass.CRISIS, WaitingClass.TEACHING, WaitingClass.PREVENTIVE
RESERVED = "quantities/special/reserved_for_tutored"
PROTECTED, TEACHING = "quantities/team/protected_share", "quantities/team/teaching_share"
TEACHES = "quantities/team/teaches_tutored"
UNPLACED = {**always(Decision.FAIR_ACCESS, "keep"), **always(Decision.TUITION_PLACE_SOUGHT, "keep")}


def slots(number):
    return {"provisions/team_*/places/2011-09-01": places(number)}


def from_1_september(story, year, changes):
    """Let changes come into force on a later 1 September."""
    parameters = with_changes(story.world.parameters, {}, later={date(year, 9, 1): changes})
    story.world.change_to(parameters)


# -- special places ------------------------------------------------------------------------------------------------

PATIENT = {**UNPLACED, "durations/special_deadline": fixed(1000), "quantities/special/refusal": 0}


def seeking(changes, special_places=4, others=3, tutored=2):
    """Pupils who ask for a place at one school on day 10: first those in mainstream, then those in tuition."""
    story = Story({**PATIENT, "provisions/marsh_house/places/2011-09-01": places(special_places), **changes})
    at = ["mainstream"] * others + ["tuition_with_plan"] * tutored
    pupils = [story.pupil(record=Record.PLAN, at=name) for name in at]
    for pupil in pupils:
        story.begin(special_place, pupil)
    story.run(20)
    return story, pupils


def placed(pupils):
    return [pupil.kind == "special_school" for pupil in pupils]


def test_without_a_reserve_special_places_go_to_whoever_asks_first():
    assert placed(seeking({})[1]) == [True, True, True, True, False]


def test_pupils_who_have_a_school_get_no_place_that_is_kept_for_those_who_have_none():
    story, pupils = seeking({RESERVED: 0.5})
    assert placed(pupils) == [True, True, False, True, True]
    assert story.world.by_name["marsh_house"].roll == 4


def test_a_place_kept_is_a_vacancy_whoever_fills_the_others():
    story, pupils = seeking({RESERVED: 0.25}, others=3, tutored=1)
    assert placed(pupils) == [True] * 4
    waiting = story.pupil(record=Record.PLAN)
    story.begin(special_place, waiting)
    story.begin(leave_county, pupils[0])
    story.run(30)
    assert waiting.kind == "mainstream"
    story.begin(leave_county, pupils[1])
    story.run(40)
    assert waiting.kind == "special_school"


def test_when_every_place_is_kept_nobody_with_a_school_gets_one():
    assert placed(seeking({RESERVED: 1})[1]) == [False, False, False, True, True]


def test_a_reserve_may_begin_and_end_on_1_september_and_then_its_vacancies_are_offered():
    story, pupils = seeking({RESERVED: 0.5}, others=4, tutored=0)
    from_1_september(story, 2012, {RESERVED: 0.25})
    from_1_september(story, 2013, {RESERVED: 0})
    taken = []
    for day in (189, 191, 379, 381):
        story.run(day)
        taken.append(sum(placed(pupils)))
    assert taken == [2, 3, 3, 4]


def test_a_reserve_of_less_than_a_place_is_none():
    assert placed(seeking({RESERVED: 0.24})[1]) == placed(seeking({})[1])


# -- the time of district teams ------------------------------------------------------------------------------------


def excluded(story, number):
    pupils = [story.pupil() for _ in range(number)]
    for pupil in pupils:
        story.begin(permanent_exclusion, pupil)
    return pupils


def in_crisis(story, number):
    pupils = [story.pupil() for _ in range(number)]
    for pupil in pupils:
        story.begin(lambda one, world: crisis_support(one, world, world.now + 8.0), pupil)
    return pupils


def test_team_time_kept_for_teaching_is_closed_to_other_cases():
    kept = Story({**UNPLACED, **slots(4), TEACHING: 0.5})
    served = in_crisis(kept, 3)
    early = kept.pupil(told={Purpose.SUPPORT_ROUTE: [0.1]})
    kept.begin(support_referral, early)
    kept.run(11)
    assert [len(pupil.supports) for pupil in (*served, early)] == [1, 1, 0, 0]
    taught = excluded(kept, 2)
    kept.run(17)
    assert [pupil.kind for pupil in taught] == ["district_teaching"] * 2


def test_without_team_time_kept_for_it_crises_may_leave_no_teacher():
    story = Story({**UNPLACED, **slots(4)})
    in_crisis(story, 4)
    pupil = excluded(story, 1)[0]
    story.run(17)
    assert pupil.kind == "tuition_without_plan"


def test_teaching_may_use_more_than_its_share_but_not_what_is_kept_for_early_work():
    story = Story({**UNPLACED, **slots(4), TEACHING: 0.25, PROTECTED: 0.25})
    pupils = excluded(story, 4)
    story.run(17)
    assert Counter(pupil.kind for pupil in pupils) == {"district_teaching": 3, "tuition_without_plan": 1}
    early = story.pupil(told={Purpose.SUPPORT_ROUTE: [0.1]})
    story.begin(support_referral, early)
    story.run(18)
    assert len(early.supports) == 1


def test_when_all_team_time_is_kept_for_teaching_no_crisis_is_served():
    story = Story({**UNPLACED, **slots(4), TEACHING: 1})
    crises = in_crisis(story, 2)
    story.run(19)
    assert [story.when(pupil, Happening.CRISIS_UNSERVED) for pupil in crises] == [[18.0], [18.0]]


def test_each_slot_is_freed_for_the_class_that_held_it_whatever_share_was_kept_meanwhile():
    story = Story({**UNPLACED, **slots(4)}, day=180.0)
    team = story.world.by_name[TEAM]
    pupil, crisis = excluded(story, 1)[0], in_crisis(story, 1)[0]
    from_1_september(story, 2012, {TEACHING: 0.5, PROTECTED: 0.25})
    from_1_september(story, 2013, {TEACHING: 0, PROTECTED: 0})
    story.run(200)
    assert team.roll_by_class == {CRISIS: 1, TAUGHT: 1}
    story.begin(reintegration, pupil)
    story.begin(leave_county, crisis)
    assert team.roll_by_class == {CRISIS: 0, TAUGHT: 0}
    late = excluded(story, 1)[0]
    story.run(381)
    story.begin(reintegration, late)
    assert team.roll_by_class == {CRISIS: 0, TAUGHT: 0}
    assert team.roll == 0


# -- district teachers take over primary tuition -------------------------------------------------------------------


def about_to_be_tutored(changes, year_group=3, record=Record.NONE, how=medical_referral, told=None):
    story = Story({**UNPLACED, "durations/tuition_start": fixed(4), **changes})
    pupil = story.pupil(year_group, record, told=told)
    story.begin(how, pupil)
    story.run(20)
    return story, pupil


def test_a_district_teacher_teaches_a_pupil_who_would_be_tutored_when_a_slot_is_free():
    story, pupil = about_to_be_tutored({TEACHES: 1})
    assert [stay.provision for stay in story.stays(pupil)] == ["no_education", "district_teaching"]
    assert story.when(pupil, Happening.TAUGHT_BY_DISTRICT) == [pupil.spell_start]
    assert story.world.by_name[TEAM].roll_by_class == {TAUGHT: 1}


def test_without_a_free_slot_the_pupil_is_tutored():
    story, pupil = about_to_be_tutored({TEACHES: 1, **slots(0)})
    assert pupil.kind == "tuition_without_plan"
    assert story.when(pupil, Happening.TAUGHT_BY_DISTRICT) == []


@pytest.mark.parametrize(
    ("year_group", "record", "kind"),
    [(3, Record.PLAN, "tuition_with_plan"), (9, Record.NONE, "tuition_without_plan")],
)
def test_district_teachers_take_only_primary_pupils_without_a_plan(year_group, record, kind):
    assert about_to_be_tutored({TEACHES: 1}, year_group, record, breakdown)[1].kind == kind


@pytest.mark.parametrize(("uniform", "kind"), [(0.59, "district_teaching"), (0.61, "tuition_without_plan")])
def test_district_teachers_take_the_share_of_pupils_that_is_configured(uniform, kind):
    assert about_to_be_tutored({TEACHES: 0.6}, told={Purpose.DISTRICT_TEACHES: [uniform]})[1].kind == kind


def test_by_default_district_teachers_take_nobody_who_would_be_tutored_and_nothing_is_drawn():
    _, pupil = about_to_be_tutored({}, told={Purpose.DISTRICT_TEACHES: [0.0]})
    assert pupil.kind == "tuition_without_plan"
    assert pupil.luck.uniform(Purpose.DISTRICT_TEACHES) == 0.0


def test_a_pupil_taught_by_a_district_teacher_goes_back_to_their_own_school_in_time():
    rate = EXAMPLESHIRE.rates["reintegration_district_teaching"].value
    assert rate > 0
    story, pupil = about_to_be_tutored({TEACHES: 1, "rates/reintegration_district_teaching": rate})
    school = pupil.school
    began, returns = pupil.spell_start, pupil.spell_start + 190 / rate
    story.run(returns + 10)
    assert story.stays(pupil)[-2:] == [
        Stay("district_teaching", began, returns),
        Stay("mainstream", returns, returns + 10),
    ]
    assert pupil.school is school
    assert story.world.by_name[TEAM].roll == 0


@pytest.mark.parametrize("county", ["cambridgeshire", "exampleshire"])
def test_nobody_is_stuck_where_a_policy_may_send_them(county):
    """District teaching and special schools have a way back, on which policies can act."""
    parameters = load_county(find_county(county))
    back = [rate for rate in parameters.rates.values() if rate.event == "reintegration"]
    for placement, year_groups in (("district_teaching", range(7)), ("special_school", range(12))):
        covered = {group for rate in back if rate.placement == placement for group in rate.year_groups if rate.value}
        assert covered >= set(year_groups)


# -- tiers of a base -----------------------------------------------------------------------------------------------


def base_with(tier, **admission):
    return {
        f"provisions/base_*_{tier}/places/2011-09-01": places(5),
        **{f"provisions/base_*_{tier}/{name}": value for name, value in admission.items()},
        **always(Decision.SUPPORT_REFERRAL, f"base_{tier}"),
    }


@pytest.mark.parametrize(
    ("admission", "described", "helper"),
    [
        ({}, {}, "base_in_reach"),
        ({"least_severity": "moderate"}, {}, "base_in_reach"),
        ({"least_severity": "complex"}, {}, "district_team"),
        ({"record": "no_plan"}, {"record": Record.SEN_SUPPORT}, "base_in_reach"),
        ({"record": "no_plan"}, {"record": Record.PLAN}, "district_team"),
        ({"record": "plan"}, {"record": Record.PLAN}, "base_in_reach"),
        ({"record": "plan"}, {"record": Record.NONE}, "district_team"),
    ],
)
def test_a_tier_closed_to_a_pupil_sends_them_to_the_district_team(admission, described, helper):
    story = Story(base_with("in_reach", **admission))
    pupil = story.pupil(severity=Severity.MODERATE, **described)
    story.begin(support_referral, pupil)
    story.run(11)
    assert [support.provision.kind for support in pupil.supports] == [helper]


@pytest.mark.parametrize(("severity", "absorbs"), [(Severity.MODERATE, False), (Severity.COMPLEX, True)])
def test_respite_absorbs_the_crises_only_of_pupils_it_is_for(severity, absorbs):
    story = Story({**base_with("respite", least_severity="complex"), "quantities/crisis/respite_absorbs": 1})
    pupil = story.pupil(severity=severity)
    story.begin(suspension, pupil)
    assert bool(story.when(pupil, Happening.CRISIS_ABSORBED)) == absorbs


# -- whole runs ----------------------------------------------------------------------------------------------------

SWITCHED = {
    date(2013, 9, 1): {PROTECTED: 0.25, TEACHES: 1, RESERVED: 0.3},
    date(2016, 9, 1): {PROTECTED: 0, TEACHING: 0.5, "quantities/tuition/reviewed": 1},
    date(2018, 9, 1): {PROTECTED: 0.5, TEACHING: 0.25, "quantities/alternative_provision/assessed_at_entry": 1},
    date(2020, 9, 1): {TEACHING: 0, PROTECTED: 0, "quantities/alternative_provision/takes_tutored": 0.5},
}
DEAR = {"value": 8000, "price_base": "2018-19"}


def everything_switched():
    charges = {f"provisions/ap_*/charge_per_{what}/2015-09-01": DEAR for what in ("exclusion", "tuition")}
    return with_changes(EXAMPLESHIRE, charges, later=SWITCHED)


def test_classes_are_counted_right_at_all_times_while_shares_come_and_go():
    run = Run(everything_switched(), 1, 0)
    world, taught = run.world, 0
    teams = [provision for provision in world.provisions if provision.kind is ProvisionKind.DISTRICT_TEAM]
    for day in range(5, int(world.calendar.end), 19):
        world.env.run_before(day)
        for team in teams:
            held = Counter(s.rank for pupil in world.pupils.values() for s in pupil.supports if s.provision is team)
            held[EARLY] += sum(provision is team for provision in world.other_cases.values())
            assert {rank: number for rank, number in (team.roll_by_class or {}).items() if number} == +held
            assert team.roll == held.total()
            taught += held[TAUGHT]
    run.finish()
    assert taught > 20


def test_with_everything_switched_on_and_off_the_laws_of_places_hold(monkeypatch):
    admit, beyond = Provision.admit, []

    def admitted(provision, rank=0):
        beyond.append(not provision.has_vacancy(rank))
        admit(provision, rank)

    monkeypatch.setattr(Provision, "admit", admitted)
    tables = simulate(everything_switched(), 1, 0).tables()
    assert_conserved(tables, EXAMPLESHIRE)
    assert_within_places(tables, EXAMPLESHIRE)
    assert not any(beyond)
    for happening in (
        Happening.TAUGHT_BY_DISTRICT,
        Happening.PARTNERSHIP_PLACED,
        Happening.PARTNERSHIP_CHARGED,
        Happening.AP_ASSESSED,
        Happening.TUITION_REVIEWED,
    ):
        assert count_of(happening, tables) > 1, happening


def test_before_a_share_holds_nothing_is_different():
    later = {date(2020, 9, 1): {RESERVED: 1, TEACHING: 0.5, TEACHES: 1, PROTECTED: 0.25}}
    until = EXAMPLESHIRE.calendar().september(2020)
    runs = [simulate(p, 1, 0).tables() for p in (EXAMPLESHIRE, with_changes(EXAMPLESHIRE, {}, later=later))]
    assert differing(*runs)
    before = [
        {"events": {name: column[tables["events"]["at"] < until] for name, column in tables["events"].items()}}
        for tables in runs
    ]
    assert differing(*before) == []

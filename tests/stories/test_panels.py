"""Stories of Centre of Expertise panels: who is heard when, and what comes of it."""

from datetime import date
from functools import cache

import pandas as pd
import pytest

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX
from sim.model import Run, simulate
from sim.parameters.changes import with_changes
from sim.parameters.problems import ConfigurationError
from sim.pathways.leaving import leave_county
from sim.pathways.panel import begin_panels
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.specialist_place import special_place
from sim.pathways.suspension import suspension
from sim.vocabulary import Decision, EventKind, Happening, Phase, ProvisionKind, Record, Severity, phase_of
from tests.laws import assert_conserved, assert_others_live_on, one_more
from tests.worlds import ENDLESS, EXAMPLESHIRE, UNLIMITED, Stay, Story, always, differing, fixed, places

SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]
NOBODY_PLACED = {"quantities/panel/allocates": 0, "quantities/panel/reintegrates": 0}
QUIET_CRISES = {
    "durations/suspension_out": fixed(2),
    "quantities/crisis/identify": 0,
    "quantities/crisis/referred_to_team_primary": 0,
    "quantities/crisis/referred_to_team_secondary": 0,
    "provisions/team_*/places/2011-09-01": places(0),
}
TAKES_FAIR_ACCESS = {"quantities/panel/takes_fair_access": 1}
SHORTER = with_changes(EXAMPLESHIRE, {"horizon/last_academic_year": "2018/19", "horizon/study_start": "2018-09-01"})


def panels(agenda=1, day=10.0, opened="2011-09-01", **changes):
    """A story with a panel that meets every four weeks, on day 20, 40 and so on; it finds nobody a school."""
    opening = {f"provisions/panel_northmarsh/places/{opened}": places(agenda)}
    story = Story({**QUIET_CRISES, **NOBODY_PLACED, **opening, **changes.get("changes", {})}, day)
    begin_panels(story.world)
    return story


def heard(story, *pupils):
    return [story.when(pupil, Happening.PANEL_HEARD) for pupil in pupils]


# -- who is heard, and when ----------------------------------------------------------------------------------------


def test_the_highest_need_is_heard_first():
    story = panels()
    mild, serious = (story.pupil(severity=severity) for severity in (Severity.EMERGING, Severity.COMPLEX))
    for pupil in (mild, serious):
        story.begin(suspension, pupil)
    in_ap = story.pupil(year_group=9, severity=Severity.MODERATE, at="ap_northmarsh")
    tutored = story.pupil(severity=Severity.EMERGING, at="tuition_without_plan")
    nowhere = story.pupil(severity=Severity.EMERGING, at="no_education")
    story.run(101)
    in_turn = (nowhere, tutored, serious, in_ap)
    assert heard(story, *in_turn) == [[20.0, 100.0], [40.0], [60.0], [80.0]]
    assert heard(story, mild) == [[]]


def test_of_equal_need_the_longest_waiting_is_heard_first():
    story = panels()
    one, other = story.pupil(), story.pupil()
    story.begin(suspension, other)
    story.run(12)
    story.begin(suspension, one)
    story.run(41)
    assert story.when(one, Happening.PANEL_REFERRED) == [12.0]
    assert heard(story, other, one) == [[20.0], [40.0]]


def test_the_agenda_is_finite_and_those_left_over_are_counted_and_stay_on_the_list():
    story = panels(agenda=2)
    pupils = [story.pupil(at="tuition_without_plan") for _ in range(3)]
    story.run(61)
    meetings = story.rows("meetings")
    assert meetings[["at", "agenda", "heard", "unheard", "placed"]].to_numpy().tolist() == [
        [20.0, 2, 2, 1, 0],
        [40.0, 2, 1, 0, 0],
        [60.0, 2, 0, 0, 0],
    ]
    assert sorted(heard(story, *pupils)) == [[20.0], [20.0], [40.0]]


def test_a_pupil_who_leaves_is_off_the_list():
    story = panels()
    gone, here = story.pupil(), story.pupil()
    story.begin(suspension, gone)
    story.run(11)
    story.begin(suspension, here)
    story.begin(leave_county, gone)
    story.run(21)
    assert heard(story, gone, here) == [[], [20.0]]
    assert story.rows("meetings").unheard.tolist() == [0]


def test_a_pupil_who_goes_to_a_special_school_is_off_the_list():
    story = panels()
    pupil = story.pupil(record=Record.PLAN)
    story.begin(suspension, pupil)
    story.run(12)
    story.world.place(pupil, story.world.by_name["marsh_house"])
    story.run(21)
    assert heard(story, pupil) == [[]]


def test_a_case_that_was_heard_is_followed_for_a_term_and_then_heard_again():
    story = panels(agenda=5, changes={"durations/centre_of_expertise": fixed(45)})
    tutored, at_school = story.pupil(at="tuition_without_plan"), story.pupil()
    story.begin(suspension, at_school)
    story.run(30)
    story.begin(suspension, at_school)
    story.run(81)
    assert heard(story, tutored, at_school) == [[20.0, 80.0], [20.0]]
    assert story.when(at_school, Happening.PANEL_REFERRED) == [10.0]
    assert story.supports(at_school) == [Stay("panel_northmarsh", 20.0, 65.0)]


def test_a_new_placement_makes_a_new_case():
    story = panels(agenda=5)
    pupil = story.pupil(at="no_education")
    story.run(25)
    story.world.place(pupil, story.world.by_name["tuition_without_plan"])
    story.run(41)
    assert heard(story, pupil) == [[20.0, 40.0]]


def test_a_panel_hears_the_cases_of_its_own_district():
    story = panels(agenda=5)
    here, there = (story.pupil(at="tuition_without_plan") for _ in range(2))
    there.district = 1 - here.district
    story.run(41)
    assert heard(story, here, there) == [[20.0], []]


@pytest.mark.parametrize(("phase", "expected"), [("primary", [[], [20.0], []]), ("secondary", [[20.0], [], [20.0]])])
def test_a_panel_for_one_phase_leaves_the_other_alone(phase, expected):
    story = panels(agenda=5, changes={f"quantities/panel/hears_{phase}": 0})
    younger, older, suspended = (story.pupil(at="tuition_without_plan"), story.pupil(9), story.pupil(3))
    story.begin(suspension, older)
    story.begin(suspension, suspended)
    story.run(21)
    assert heard(story, younger, older, suspended) == expected
    assert bool(story.when(older, Happening.PANEL_REFERRED)) == (phase == "primary")


def test_a_panel_may_be_closed_to_pupils_with_a_plan():
    story = panels(agenda=5, changes={"provisions/panel_northmarsh/record": "no_plan"})
    without, with_plan = (story.pupil(record=record) for record in (Record.SEN_SUPPORT, Record.PLAN))
    for pupil in (without, with_plan):
        story.begin(suspension, pupil)
    story.run(21)
    assert heard(story, without, with_plan) == [[20.0], []]


# -- meetings ------------------------------------------------------------------------------------------------------


def test_a_panel_meets_in_the_first_week_of_each_year_and_then_every_so_many_weeks():
    story = panels(changes={"quantities/panel/meeting_weeks": 6})
    story.run(225)
    assert story.rows("meetings")["at"].tolist() == [30, 60, 90, 120, 150, 180, 190, 220]


def test_a_panel_that_opens_in_the_year_meets_from_its_opening_on():
    story = panels(opened="2012-01-09")
    opening = story.world.calendar.clock(date(2012, 1, 9))
    story.run(211)
    assert story.rows("meetings")["at"].tolist() == [*range(int(opening), 190, 20), 190, 210]


def test_the_interval_may_change_on_1_september():
    weeks = {date(2012, 9, 1): {"quantities/panel/meeting_weeks": 10}}
    opening = {"provisions/panel_*/places/2012-01-09": places(3)}
    meetings = pd.DataFrame(simulate(with_changes(SHORTER, opening, later=weeks), 1).tables()["meetings"])
    second_year = meetings[meetings["at"].between(190, 379)]
    assert second_year["at"].unique().tolist() == [190, 240, 290, 340]
    assert meetings["at"].diff().ge(0).iloc[1:].all()


def test_a_meeting_on_1_september_comes_after_the_turn_of_the_year():
    story = panels(agenda=5, day=185.0, changes={"quantities/panel/hears_secondary": 0})
    leaver, moves_up, stays = (story.pupil(group, at="tuition_without_plan") for group in (11, 6, 5))
    story.run(191)
    assert leaver.has_left
    assert heard(story, leaver, moves_up, stays) == [[], [], [190.0]]


def test_the_panel_does_not_change_a_route_drawn_on_the_day_it_meets():
    changes = {"effects/panel_not_returning": 0}
    story = panels(agenda=5, day=13.0, changes=changes)
    decided_that_day, decided_later = (story.pupil(told={Purpose.SUSPENSION_ROUTE: [0.999]}) for _ in range(2))
    story.begin(suspension, decided_that_day)
    story.run(14)
    story.begin(suspension, decided_later)
    story.run(41)
    assert heard(story, decided_later) == [[20.0]]
    assert story.when(decided_later, Happening.RETURNED) == [21.0]
    assert story.when(decided_that_day, Happening.PERMANENT_EXCLUSION) == [20.0]
    assert heard(story, decided_that_day) == [[40.0]]


# -- what comes of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("agenda", "happens"), [(1, Happening.RETURNED), (0, Happening.MANAGED_MOVE_STARTED)])
def test_a_later_crisis_of_a_pupil_who_was_heard_is_diverted_before_exclusion(agenda, happens):
    story = panels(agenda, changes={"effects/panel_not_returning": 0.5})
    pupil = story.pupil(told={Purpose.SUSPENSION_ROUTE: [0.5, 0.96]})
    story.begin(suspension, pupil)
    story.run(30)
    assert story.when(pupil, Happening.RETURNED) == [17.0]
    story.begin(suspension, pupil)
    story.run(40)
    assert story.when(pupil, happens)[-1] == 37.0


def test_a_panel_case_makes_crises_rarer_until_it_has_faded():
    story = panels(changes={"effects/panel_suspension": 0.5, "quantities/crisis/after_factor": 1})
    pupil = story.pupil()
    level = pupil.factors[SUSPENSION]
    story.begin(suspension, pupil)
    factors = []
    for day in (19.9, 20.1, 145.9, 146.1, 208.9, 209.1):
        story.run(day)
        factors.append(pupil.factors[SUSPENSION] / level)
    assert factors == pytest.approx([1, 0.5, 0.5, 0.75, 0.75, 1])


def test_the_cases_a_panel_follows_may_be_more_than_its_agenda():
    story = panels(agenda=1)
    for _ in range(3):
        story.begin(suspension, story.pupil())
    story.run(61)
    assert story.world.by_name["panel_northmarsh"].roll == 3


@pytest.mark.parametrize(
    ("at", "year_group", "chance"),
    [
        ("no_education", 3, "allocates"),
        ("tuition_without_plan", 8, "allocates"),
        ("tuition_with_plan", 3, "allocates"),
        ("ap_northmarsh", 10, "reintegrates"),
    ],
)
@pytest.mark.parametrize("is_on_roll", [True, False])
def test_a_pupil_out_of_school_may_be_found_one(at, year_group, chance, is_on_roll):
    story = panels(changes={f"quantities/panel/{chance}": 1})
    pupil = story.pupil(year_group, at=at, told={Purpose.NEW_SCHOOL: [0.999]})
    own = pupil.school
    if not is_on_roll:
        story.world.attend(pupil, None)
    story.run(30)
    assert story.stays(pupil) == [Stay(at, 10.0, 20.0), Stay("mainstream", 20.0, 30.0)]
    assert pupil.school is not None
    if phase_of(year_group) is Phase.PRIMARY:  # the district has one secondary school
        assert (pupil.school is own) == is_on_roll
    assert story.when(pupil, Happening.PANEL_ALLOCATED) == story.when(pupil, Happening.REINTEGRATED) == [20.0]
    assert story.rows("meetings").placed.tolist() == [1]


@pytest.mark.parametrize("at", ["no_education", "tuition_without_plan", "ap_northmarsh"])
def test_a_panel_that_finds_nobody_a_school_leaves_them_where_they_are(at):
    story = panels(agenda=5)
    pupil = story.pupil(year_group=9, at=at)
    story.run(30)
    assert story.stays(pupil) == [Stay(at, 10.0, 30.0)]
    assert heard(story, pupil) == [[20.0]]


def test_a_pupil_with_a_plan_who_is_found_a_school_goes_on_waiting_for_a_special_place():
    told = {Purpose.SPECIAL_NAMED: [0.1]}
    patient = {"durations/special_deadline": fixed(900), "quantities/special/refusal": 0}
    no_place = {"provisions/marsh_house/places/2011-09-01": places(0), "quantities/panel/allocates": 1}
    story = panels(changes={**patient, **no_place})
    pupil = story.pupil(record=Record.PLAN, at="tuition_with_plan", told=told)
    story.begin(special_place, pupil)
    story.run(30)
    assert pupil.kind is ProvisionKind.MAINSTREAM
    story.world.by_name["marsh_house"].fund(1)
    story.run(40)
    assert [stay.provision for stay in story.stays(pupil)] == ["tuition_with_plan", "mainstream", "marsh_house"]
    assert [wait[:3] for wait in story.waits(pupil)] == [("marsh_house", 10.0, 30.0)]


# -- fair access ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [Stay("no_education", 18.0, 23.0), Stay("tuition_without_plan", 23.0, 43.0)]),
        (TAKES_FAIR_ACCESS, [Stay("no_education", 18.0, 20.0)]),
    ],
)
def test_a_panel_that_takes_fair_access_finds_a_school_sooner(changes, expected):
    story = panels(day=18.0, changes={**always(Decision.FAIR_ACCESS, "new_school"), **changes})
    pupil = story.pupil()
    story.begin(permanent_exclusion, pupil)
    story.run(60)
    assert story.stays(pupil) == [*expected, Stay("mainstream", expected[-1].end, 60.0)]
    assert story.when(pupil, Happening.FAIR_ACCESS_PLACED) == [expected[-1].end]
    assert bool(story.when(pupil, Happening.SIXTH_DAY_DUTY)) == (not changes)
    assert len(story.when(pupil, Happening.PANEL_ALLOCATED)) == len(changes)
    assert pupil.school is not None


def test_fair_access_is_decided_once_by_the_panel_too():
    story = panels(agenda=5, changes=TAKES_FAIR_ACCESS)
    pupil = story.pupil(told={Purpose.FAIR_ACCESS_ROUTE: [0.0, 0.999, 0.999]})
    story.begin(permanent_exclusion, pupil)
    story.run(150)
    assert len(heard(story, pupil)[0]) > 1
    assert story.when(pupil, Happening.FAIR_ACCESS_PLACED) == []
    assert pupil.kind is ProvisionKind.TUITION_WITHOUT_PLAN


def test_a_pupil_whose_fair_access_is_undecided_ranks_first_wherever_they_are():
    story = panels(changes={**always(Decision.FAIR_ACCESS, "new_school"), **TAKES_FAIR_ACCESS})
    story.pupil(at="tuition_without_plan")
    excluded = story.pupil(year_group=9)
    story.begin(permanent_exclusion, excluded)
    story.run(21)
    assert story.when(excluded, Happening.FAIR_ACCESS_PLACED) == [20.0]
    assert [stay.provision for stay in story.stays(excluded)] == ["no_education", "ap_northmarsh", "mainstream"]


def test_fair_access_stays_with_a_primary_panel_when_the_pupil_changes_phase():
    primary = {**TAKES_FAIR_ACCESS, "quantities/panel/hears_secondary": 0}
    story = panels(day=185.0, changes={**always(Decision.FAIR_ACCESS, "new_school"), **primary})
    moves_up, older = story.pupil(year_group=6), story.pupil(year_group=9)
    for pupil in (moves_up, older):
        story.begin(permanent_exclusion, pupil)
    story.run(192)
    assert moves_up.year_group == 7
    assert story.when(moves_up, Happening.FAIR_ACCESS_PLACED) == [190.0]
    story.run(215)
    assert story.when(older, Happening.FAIR_ACCESS_PLACED) == [210.0]
    assert heard(story, older) == [[]]


def test_a_panel_that_closes_hands_fair_access_back():
    closes = {"provisions/panel_northmarsh/places/2012-01-09": places(0)}
    story = panels(day=40.5, changes={**always(Decision.FAIR_ACCESS, "new_school"), **TAKES_FAIR_ACCESS, **closes})
    first, second = story.pupil(at="no_education"), story.pupil()
    story.begin(permanent_exclusion, second)
    story.run(130)
    assert 60 < story.world.calendar.clock(date(2012, 1, 9)) <= 80
    assert story.rows("meetings")["at"].tolist() == [60.0]
    assert heard(story, first, second) == [[60.0], []]
    assert story.when(second, Happening.FAIR_ACCESS_PLACED) == [80.0]


def test_a_pupil_who_leaves_first_is_found_no_school():
    story = panels(changes={**always(Decision.FAIR_ACCESS, "new_school"), **TAKES_FAIR_ACCESS})
    pupil = story.pupil()
    story.begin(permanent_exclusion, pupil)
    story.run(15)
    story.begin(leave_county, pupil)
    story.run(200)
    assert story.when(pupil, Happening.FAIR_ACCESS_PLACED) == heard(story, pupil)[0] == []


# -- laws ----------------------------------------------------------------------------------------------------------

OPENED = "2013-09-01"
FULL_STRENGTH = {
    "quantities/panel/allocates": 1,
    "quantities/panel/reintegrates": 1,
    "quantities/panel/takes_fair_access": 1,
    "quantities/panel/meeting_weeks": 2,
}
NEUTRAL = {"effects/panel_*": 1, **NOBODY_PLACED}
OWN_EVENTS = [tuple(Happening).index(h) for h in (Happening.PANEL_REFERRED, Happening.PANEL_HEARD)]
OWN_PROVISIONS = [
    code for code, spec in enumerate(EXAMPLESHIRE.provisions.values()) if spec.kind is ProvisionKind.PANEL
]


def agenda(number):
    return {f"provisions/panel_*/places/{OPENED}": places(number) if isinstance(number, int) else number}


def run(changes):
    return simulate(with_changes(SHORTER, changes), 1).tables()


@cache
def baseline():
    return run({})


def rows_of_others(tables, name):
    """Rows of a table but for the panels' own."""
    rows = pd.DataFrame(tables[name])
    own = rows.happening.isin(OWN_EVENTS) if name == "events" else rows.provision.isin(OWN_PROVISIONS)
    return rows[~own].reset_index(drop=True)


def test_a_panel_without_an_agenda_is_bitwise_the_baseline():
    assert differing(baseline(), run({**agenda(0), **FULL_STRENGTH, "effects/panel_*": 0.1})) == []
    assert len(baseline()["meetings"]["at"]) == 0


def test_a_panel_with_neutral_effects_that_places_nobody_changes_nothing_but_its_own_rows():
    tables = run({**agenda(4), **NEUTRAL})
    own = ["supports", "events", "places", "meetings"]
    assert differing(baseline(), tables, besides=own) == []
    for name in own[:3]:
        pd.testing.assert_frame_equal(
            rows_of_others(baseline(), name), rows_of_others(tables, name), check_exact=True, obj=name
        )
    assert tables["meetings"]["heard"].sum() > 200
    assert tables["meetings"]["unheard"].sum() > 200


def test_a_huge_agenda_is_an_unlimited_one_and_leaves_nobody_unheard():
    huge, unlimited = run({**agenda(10**6), **FULL_STRENGTH}), run({**agenda(ENDLESS), **FULL_STRENGTH})
    assert set(differing(huge, unlimited)) == {"places.usable", "meetings.agenda"}
    assert (unlimited["meetings"]["unheard"] == 0).all()
    assert (unlimited["meetings"]["agenda"] == -1).all()
    assert 0 < unlimited["meetings"]["placed"].sum() <= unlimited["meetings"]["heard"].sum()


def test_with_panels_at_full_strength_everybody_is_still_in_one_place_at_a_time():
    tables = run({**agenda(3), **FULL_STRENGTH})
    assert_conserved(tables, SHORTER)
    out = [code for code, spec in enumerate(EXAMPLESHIRE.provisions.values()) if "tuition" in spec.kind]
    days = [
        (spells.end - spells.start)[spells.provision.isin(out)].sum()
        for spells in (pd.DataFrame(baseline()["spells"]), pd.DataFrame(tables["spells"]))
    ]
    assert days[1] < 0.7 * days[0]


def test_without_limits_one_more_pupil_changes_nobody_elses_life():
    changes = {**UNLIMITED, **agenda(ENDLESS)}
    assert_others_live_on(run(changes), run({**changes, **one_more(SHORTER, 2013, "Y3")}))


@pytest.mark.parametrize(
    ("before", "day"),
    [({}, "2016-09-01"), ({}, "2017-01-16"), ({}, "2016-08-20"), ({**agenda(2), **FULL_STRENGTH}, "2017-01-16")],
)
def test_a_run_that_goes_on_with_panels_is_the_run_that_had_them_from_the_start(before, day):
    first = with_changes(SHORTER, before)
    changed = with_changes(first, {f"provisions/panel_*/places/{day}": places(3)})
    goes_on = Run(first, 3, 0)
    goes_on.stop_before(date.fromisoformat(day))
    goes_on.change_to(changed)
    expected = simulate(changed, 3).tables()
    meetings = expected["meetings"]
    assert (meetings["at"][meetings["agenda"] == 3].min() >= changed.calendar().clock(date.fromisoformat(day))).all()
    assert differing(goes_on.finish().tables(), expected) == []


def test_a_run_that_goes_on_under_the_same_parameters_holds_each_meeting_once():
    parameters = with_changes(SHORTER, agenda(2))
    goes_on = Run(parameters, 1, 0)
    goes_on.stop_before(date(2016, 2, 1))
    goes_on.change_to(parameters)
    meetings = pd.DataFrame(goes_on.finish().tables()["meetings"])
    assert len(meetings) > 100
    assert not meetings.duplicated(["provision", "at"]).any()


@pytest.mark.parametrize("name", ["hears_primary", "hears_secondary", "takes_fair_access"])
@pytest.mark.parametrize("value", [0.5, {"value": 1, "low": 0, "high": 1}])
def test_a_panel_hears_all_of_a_phase_or_nobody(name, value):
    with pytest.raises(ConfigurationError, match=r"0 \(for nobody\) or 1 \(for everybody\)"):
        with_changes(EXAMPLESHIRE, {f"quantities/panel/{name}": value})

"""Stories of schools that sign the Standards for Inclusion or are trained, and of the pupils who attend them."""

from datetime import date
from itertools import pairwise

import pytest

from sim.chance.streams import Purpose
from sim.engine.pupil import KIND_INDEX, NOT_RETURNING
from sim.model import simulate
from sim.parameters.changes import with_changes
from sim.pathways.managed_move import managed_move
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.reintegration import reintegration
from sim.pathways.suspension import suspension
from sim.vocabulary import Decision, EventKind, Happening, ProvisionKind, Severity, WaitingClass
from tests.worlds import EXAMPLESHIRE, Story, always, differing, fixed

SUSPENSION, WORSEN, BREAKDOWN = (
    KIND_INDEX[kind] for kind in (EventKind.SUSPENSION, EventKind.WORSEN, EventKind.BREAKDOWN)
)
SIGNED, TRAINED = "yearly/signed_share/2011/12", "yearly/trained_share/2011/12"
ALIKE = {"quantities/schools/propensity_sd_log": 0, "quantities/need/frailty_variance": 0}
UNHELPED = {"durations/suspension_out": fixed(2), "quantities/crisis/referred_to_team_primary": 0}
ALMOST_EXCLUDED = {Purpose.SUSPENSION_ROUTE: [0.995]}
HALF_TRAINED = {**ALIKE, TRAINED: 0.5, "effects/trained_suspension": 0.8}
SECOND_YEAR = date(2012, 9, 1)


def signed(story):
    return {school.name for school in story.world.schools if school.is_signed}


def trained(story):
    return {school.name for school in story.world.schools if school.is_trained}


def school_of(story, phase, is_trained):
    """The first school of a phase that is trained, or is not."""
    schools = (s for s in story.world.schools if s.name.startswith(phase))
    return next(school for school in schools if school.is_trained == is_trained)


def at_school(story, is_trained, **told):
    """A pupil of primary age who attends a school that is trained, or is not."""
    pupil = story.pupil(**told)
    story.world.attend(pupil, school_of(story, "primary", is_trained))
    return pupil


# -- what signing and training do to a pupil ----------------------------------------------------------------------


@pytest.mark.parametrize(("share", "happened"), [(0, Happening.PERMANENT_EXCLUSION), (1, Happening.RETURNED)])
def test_a_school_that_has_signed_keeps_a_pupil_it_would_have_excluded_on_the_same_luck(share, happened):
    story = Story({**UNHELPED, SIGNED: share, "effects/signed_not_returning": 0.1})
    pupil = story.pupil(told=ALMOST_EXCLUDED)
    story.begin(suspension, pupil)
    story.run(17.5)
    assert [what for what, _ in story.happenings(pupil)] == [Happening.SUSPENSION, happened]


def test_a_school_that_has_not_signed_excludes_as_before():
    story = Story({**UNHELPED, SIGNED: 0.5, "effects/signed_not_returning": 0.1})
    outcomes = []
    for is_trained in (False, True):
        pupil = at_school(story, is_trained, told=ALMOST_EXCLUDED)
        story.begin(suspension, pupil)
        story.run(story.world.now + 7.5)
        outcomes.append(story.happenings(pupil)[-1][0])
    assert outcomes == [Happening.PERMANENT_EXCLUSION, Happening.RETURNED]


def test_the_effect_of_zero_keeps_everybody():
    story = Story({**UNHELPED, SIGNED: 1, "effects/signed_not_returning": 0})
    pupil = story.pupil(told={Purpose.SUSPENSION_ROUTE: [0.999999]})
    story.begin(suspension, pupil)
    story.run(17.5)
    assert story.when(pupil, Happening.RETURNED) == [17.0]


def test_training_and_signing_count_once():
    both, one, none = (Story({**ALIKE, **shares}) for shares in ({SIGNED: 1, TRAINED: 1}, {TRAINED: 1}, {}))
    levels = [story.pupil().factors[SUSPENSION] for story in (both, one, none)]
    assert levels[0] == levels[1] == levels[2] * EXAMPLESHIRE.effects["trained_suspension"].value
    assert [story.pupil().factors[NOT_RETURNING] for story in (both, one)] == [0.6, 1.0]


def test_the_standards_include_training():
    story = Story({**ALIKE, SIGNED: 1, "effects/trained_suspension": 0.8})
    assert story.pupil().factors[SUSPENSION] == 0.8
    assert trained(story) == signed(story) == {school.name for school in story.world.schools}


# -- coming and going ---------------------------------------------------------------------------------------------


def test_a_pupil_gains_what_a_trained_school_gives_on_joining_it_and_loses_it_on_leaving():
    story = Story(HALF_TRAINED)
    pupil = at_school(story, False)
    assert pupil.factors[SUSPENSION] == 1.0
    story.world.attend(pupil, school_of(story, "primary", True))
    assert pupil.factors[SUSPENSION] == 0.8
    story.world.attend(pupil, school_of(story, "primary", False))
    assert pupil.factors[SUSPENSION] == 1.0
    assert not pupil.influences


def test_a_pupil_placed_elsewhere_has_the_effect_again_on_return():
    story = Story({**HALF_TRAINED, "quantities/tuition/reintegration_success": 1})
    pupil = at_school(story, True)
    story.world.place(pupil, story.world.the(ProvisionKind.TUITION_WITHOUT_PLAN))
    away = pupil.factors[SUSPENSION]
    story.begin(reintegration, pupil)
    assert (away, pupil.factors[SUSPENSION], pupil.kind) == (1.0, 0.8, ProvisionKind.MAINSTREAM)


def test_a_pupil_excluded_from_a_trained_school_loses_its_effect_and_gains_that_of_the_next():
    story = Story({**HALF_TRAINED, TRAINED: 1, **always(Decision.FAIR_ACCESS, "new_school")})
    pupil = story.pupil()
    story.begin(permanent_exclusion, pupil)
    assert pupil.factors[SUSPENSION] == 1.0
    story.run(60)
    assert (pupil.kind, pupil.factors[SUSPENSION]) == (ProvisionKind.MAINSTREAM, 0.8)


def test_a_managed_move_that_succeeds_brings_the_effect_of_the_new_school():
    story = Story({**HALF_TRAINED, "quantities/managed_move/success": 1})
    old = school_of(story, "primary", False)
    pupil = story.pupil(told={Purpose.NEW_SCHOOL: [uniform_of(story, True)]})
    story.world.attend(pupil, old)
    story.begin(managed_move, pupil)
    story.run(69)
    before = pupil.factors[SUSPENSION]
    story.run(71)
    assert pupil.school is not old
    assert (before, pupil.factors[SUSPENSION]) == (1.0, 0.8)


def uniform_of(story, is_trained):
    """Luck on which a primary pupil of the first district is sent to a school that is trained, or is not."""
    luck = (i / 100 for i in range(100))
    return next(u for u in luck if story.world.schools.draw_receiving("primary", 0, u).is_trained == is_trained)


def test_phase_transfer_swaps_the_effect_of_the_primary_for_that_of_the_secondary_school():
    story = Story({**HALF_TRAINED, "quantities/crisis/phase_transfer_factor": 1}, day=180)
    pupils = [story.pupil(year_group=6) for _ in range(2)]
    for pupil, from_trained in zip(pupils, (True, False), strict=True):
        story.world.attend(pupil, school_of(story, "primary", from_trained))
        pupil.secondary_school = school_of(story, "secondary", not from_trained)
    before = [pupil.factors[SUSPENSION] for pupil in pupils]
    story.run(191)
    assert (before, [pupil.factors[SUSPENSION] for pupil in pupils]) == ([0.8, 1.0], [1.0, 0.8])


def test_a_new_severity_brings_the_factor_for_it():
    story = Story({**ALIKE, TRAINED: 1, "effects/trained_worsen/severity": "moderate"})
    pupil, factors = story.pupil(severity=Severity.EMERGING), []
    for severity in (Severity.EMERGING, Severity.MODERATE, Severity.COMPLEX):
        story.world.set_severity(pupil, severity)
        factors.append(pupil.factors[WORSEN])
    assert factors == [1.0, 0.93, 1.0]


def test_an_effect_for_some_year_groups_ends_when_the_pupil_leaves_them():
    story = Story({**ALIKE, TRAINED: 1, "effects/trained_suspension/last_year_group": "Y3"})
    young, old = story.pupil(year_group=3), story.pupil(year_group=4)
    assert (young.factors[SUSPENSION], old.factors[SUSPENSION]) == (0.93, 1.0)
    story.run(191)
    assert young.factors[SUSPENSION] == 1.0


def test_support_too_reaches_only_the_year_groups_of_its_effects():
    story = Story({"effects/team_not_returning/last_year_group": "Y6"})
    team, factors = story.world.by_name["team_northmarsh"], []
    for year_group in (6, 7):
        pupil = story.pupil(year_group=year_group)
        team.admit()
        story.world.start_support(pupil, team)
        factors.append(pupil.factors[NOT_RETURNING])
    assert factors == [0.8, 1.0]


def test_early_work_lowers_the_risk_of_worsening_and_a_case_after_a_crisis_does_not():
    story = Story({"effects/team_worsen_emerging/lag_days": 0})
    team, factors = story.world.by_name["team_northmarsh"], []
    for is_crisis in (False, True):
        pupil = story.pupil(severity=Severity.EMERGING)
        team.admit(WaitingClass.CRISIS if is_crisis else WaitingClass.PREVENTIVE)
        support = story.world.start_support(pupil, team, is_crisis)
        factors.append((pupil.factors[WORSEN], pupil.factors[NOT_RETURNING]))
        story.world.end_support(pupil, support)
    assert factors == [(0.88, 0.8), (1.0, 0.8)]


# -- years --------------------------------------------------------------------------------------------------------


def test_pupils_gain_when_their_school_is_trained_on_1_september_and_lose_it_when_training_lapses():
    story = Story({**ALIKE, "yearly/trained_share/2012/13": 1, "yearly/trained_share/2013/14": 0})
    pupil, factors = story.pupil(), []
    for day in (189, 191, 381):
        story.run(day)
        factors.append(pupil.factors[SUSPENSION])
    assert factors == [1.0, 0.93, 1.0]
    rows = story.rows("sign_ups")
    assert rows["at"].tolist() == [190.0] * 15 + [380.0] * 15
    assert rows["trained"].tolist() == [1] * 15 + [0] * 15
    assert not rows["signed"].any()


def test_an_effect_with_another_value_from_a_later_year_is_renewed():
    story = Story({**ALIKE, TRAINED: 1}, later={SECOND_YEAR: {"effects/trained_suspension": 0.5}})
    pupil = story.pupil()
    before = pupil.factors[SUSPENSION]
    story.run(191)
    assert (before, pupil.factors[SUSPENSION]) == (0.93, 0.5)
    assert len(story.rows("sign_ups")) == len(EXAMPLESHIRE.schools)


def test_an_effect_that_acts_on_something_else_from_a_later_year_leaves_nothing_behind():
    story = Story({**ALIKE, TRAINED: 1}, later={SECOND_YEAR: {"effects/trained_suspension/target": "breakdown"}})
    pupil = story.pupil()
    story.run(191)
    assert (pupil.factors[SUSPENSION], pupil.factors[BREAKDOWN]) == (1.0, 0.93)


def test_a_larger_share_only_adds_schools():
    stories = [Story({SIGNED: share, TRAINED: share}, day=1) for share in (0, 0.2, 0.5, 0.8, 1)]
    for found in ([signed(story) for story in stories], [trained(story) for story in stories]):
        assert all(fewer <= more for fewer, more in pairwise(found))
        assert [len(names) for names in (found[0], found[-1])] == [0, len(EXAMPLESHIRE.schools)]
        assert 0 < len(found[2]) < len(EXAMPLESHIRE.schools)


@pytest.mark.parametrize("correlation", [-1, 1])
def test_schools_that_suspend_readily_sign_last_when_that_goes_with_unwillingness_and_first_when_not(correlation):
    story = Story({SIGNED: 0.5, "quantities/standards/correlation": correlation}, day=1)
    chosen, others = ([s.propensity for s in story.world.schools if s.is_signed == state] for state in (True, False))
    assert max(chosen) < min(others) if correlation < 0 else min(chosen) > max(others)


def test_readiness_to_be_trained_has_nothing_to_do_with_readiness_to_sign():
    one, other = (Story({TRAINED: 0.5, "quantities/standards/correlation": c}, day=1) for c in (-1, 1))
    assert trained(one) == trained(other) != signed(Story({SIGNED: 0.5}, day=1))


# -- receiving schools --------------------------------------------------------------------------------------------


def received(displacement, share=0.5):
    """How many of forty excluded pupils, with evenly spread luck, join a school that has signed; and which schools."""
    routes = always(Decision.FAIR_ACCESS, "new_school")
    story = Story({**routes, SIGNED: share, "quantities/standards/displacement": displacement})
    pupils = [story.pupil(told={Purpose.NEW_SCHOOL: [(i + 0.5) / 40]}) for i in range(40)]
    for pupil in pupils:
        story.begin(permanent_exclusion, pupil)
    story.run(60)
    return sum(pupil.school.is_signed for pupil in pupils), [pupil.school.name for pupil in pupils]


def test_displacement_sends_more_excluded_pupils_to_schools_that_have_signed():
    (none, as_before), (some, _), (many, _) = received(0), received(1), received(10)
    assert none < some < many
    assert as_before == received(10, share=0)[1]


# -- nothing where nothing is meant -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def baseline():
    return simulate(EXAMPLESHIRE, 1).tables()


def test_while_no_school_has_signed_or_is_trained_nothing_else_about_them_matters(baseline):
    settings = {
        "quantities/standards/displacement": 1,
        "quantities/standards/correlation": -0.6,
        "effects/signed_*": 0.2,
        "effects/trained_suspension": 0.85,
    }
    run = simulate(with_changes(EXAMPLESHIRE, settings), 1).tables()
    assert differing(baseline, run) == []
    assert len(run["sign_ups"]["school"]) == 0


def test_signing_and_training_without_any_effect_change_nothing_but_who_has_signed(baseline):
    neutral = {"effects/trained_*": 1, "effects/signed_*": 1, "quantities/standards/displacement": 0}
    everywhere = {"yearly/trained_share/2013/14": 1, "yearly/signed_share/2016/17": 1}
    run = simulate(with_changes(EXAMPLESHIRE, {**neutral, **everywhere}), 1).tables()
    assert differing(baseline, run, besides=["sign_ups"]) == []
    assert len(run["sign_ups"]["school"]) == 2 * len(EXAMPLESHIRE.schools)


def test_the_rolls_of_schools_are_recorded_from_joining_on():
    story = Story({**always(Decision.FAIR_ACCESS, "new_school")})
    pupil = story.pupil(told={Purpose.NEW_SCHOOL: [0.999]})
    first = pupil.school.index
    story.begin(permanent_exclusion, pupil)
    story.run(60)
    rows = story.rows("enrolments")
    assert rows["school"].tolist() == [first, -1, pupil.school.index]
    assert rows["at"].tolist() == [10.0, 10.0, story.when(pupil, Happening.FAIR_ACCESS_PLACED)[0]]


def test_every_pupil_of_a_run_is_on_a_roll_from_onset(baseline):
    first = {}
    for pupil, at in zip(baseline["enrolments"]["pupil"], baseline["enrolments"]["at"], strict=True):
        first.setdefault(int(pupil), float(at))
    onsets = dict(zip(baseline["pupils"]["pupil"].tolist(), baseline["pupils"]["onset"].tolist(), strict=True))
    assert first == onsets

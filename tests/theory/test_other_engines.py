"""Other engines run the same small pathway and say the same."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.analysis.theory.queues import giving_up
from tests.claims import LEVEL, Claims
from tests.theory.driven import generator
from tests.theory.small_pathway import MEASURES, Setting, luck_of, measured, plain_loop
from tests.theory.small_pathway_here import run_here

SETTINGS = {
    "leaving at a random age": Setting(),
    "leaving at a fixed age": Setting(is_age_fixed=True, places=(3, 1)),
    "few leave": Setting(arrivals=2.5, mean_age=200.0),
    "one place each": Setting(arrivals=1.5, places=(1, 1), escalating=0.9),
    "no second provision": Setting(places=(3, 0)),
    "no place at all": Setting(places=(0, 0)),
}

PART = "One provision and the next: other engines"
RUNS = 40
LEFT_OUT = 500
"""Pupils at the start, and at the end, who are not counted: a hundred days, where all leave within some days."""


@pytest.mark.parametrize("case", SETTINGS)
def test_a_plain_event_loop_gives_every_pupil_the_same_instants_bit_for_bit(case):
    setting = SETTINGS[case]
    luck = luck_of(setting, generator(201, list(SETTINGS).index(case)), 4_000)
    here, plain = run_here(setting, luck), plain_loop(setting, luck)
    assert np.isfinite(here[:, 5]).all()
    assert np.array_equal(here, plain, equal_nan=True)


@pytest.mark.slow
@pytest.mark.parametrize("case", SETTINGS)
def test_a_plain_event_loop_agrees_bit_for_bit_for_many_pupils(case):
    setting = SETTINGS[case]
    luck = luck_of(setting, generator(202, list(SETTINGS).index(case)), 60_000)
    here, plain = run_here(setting, luck), plain_loop(setting, luck)
    assert np.array_equal(here, plain, equal_nan=True)
    if min(setting.places) > 0:
        assert np.array_equal(*(measured(luck.comes, luck.ranks, one, LEFT_OUT) for one in (here, plain)))


@pytest.mark.slow
@pytest.mark.parametrize("case", SETTINGS)
def test_ciw_gives_every_pupil_the_same_instants_from_the_same_luck(case):
    from tests.theory.small_pathway_in_ciw import run_in_ciw  # Ciw is a development tool

    setting = SETTINGS[case]
    luck = luck_of(setting, generator(203, list(SETTINGS).index(case)), 10_000)
    comes, ranks, found = run_in_ciw(setting, luck)
    assert np.array_equal(ranks, luck.ranks)
    np.testing.assert_allclose(comes, luck.comes, rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(found, run_here(setting, luck), rtol=0.0, atol=1e-9)


@pytest.mark.slow
def test_ciw_with_luck_of_its_own_measures_the_same(claims):
    from tests.theory.small_pathway_in_ciw import run_in_ciw_alone

    setting, days, pupils = SETTINGS["leaving at a fixed age"], 6_000.0, 40_000
    theirs = [measured(*run_in_ciw_alone(setting, 204_000 + run, days), LEFT_OUT) for run in range(RUNS)]
    lucks = (luck_of(setting, generator(204, run), pupils) for run in range(RUNS))
    ours = [measured(luck.comes, luck.ranks, run_here(setting, luck), LEFT_OUT) for luck in lucks]
    basis = f"{RUNS} runs of {pupils:,} pupils here, {RUNS} of {days:,.0f} days in Ciw with its own generators"
    limits = (0.025, 0.01, 0.03, 0.03, 0.01, 0.015, 0.01)
    for what, mine, other, limit in zip(MEASURES, np.transpose(ours), np.transpose(theirs), limits, strict=True):
        claims.differs_by_nothing(PART, f"This engine and Ciw: {what}", mine, other, basis, limit)


@pytest.mark.slow
def test_the_first_provision_is_erlang_a_where_pupils_leave_at_a_random_age(claims):
    setting, pupils = replace(SETTINGS["leaving at a random age"], arrivals=6.0), 40_000
    stay = 1.0 / (1.0 / setting.mean_stays[0] + 1.0 / setting.mean_age)
    exact = giving_up(setting.arrivals, stay, setting.places[0], setting.mean_age)
    lucks = (luck_of(setting, generator(205, run), pupils) for run in range(RUNS))
    found = np.array([measured(luck.comes, luck.ranks, run_here(setting, luck), LEFT_OUT) for luck in lucks])
    for column, value in ((3, exact.share), (4, exact.mean_roll)):
        basis = f"{RUNS} runs of {pupils:,} pupils"
        claims.covers(PART, f"Erlang A with classes: {MEASURES[column]}", value, found[:, column], basis)


def test_a_difference_between_two_engines_is_found_and_so_is_one_too_uncertain_to_tell():
    rng = np.random.default_rng(np.random.SeedSequence(206))
    ours, theirs, other = rng.normal(10.0, 0.1, 50), rng.normal(10.0, 0.2, 30), rng.normal(10.5, 0.2, 30)
    made = Claims("by hand")
    claim = made.differs_by_nothing("part", "same", ours, theirs, "drawn", 0.05)
    interval = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(LEVEL)
    assert (claim.high - claim.low) * theirs.mean() == pytest.approx(interval.high - interval.low)
    with pytest.raises(AssertionError, match=r"other: ours 9\.9"):
        made.differs_by_nothing("part", "other", ours, other, "drawn", 0.05)
    with pytest.raises(AssertionError, match=r"wide: .* wider than"):
        made.differs_by_nothing("part", "wide", ours, theirs, "drawn", 0.001)
    with pytest.raises(AssertionError, match="few: too few samples"):
        made.differs_by_nothing("part", "few", ours[:5], theirs, "drawn")
    assert [one.what for one in made.record] == ["same, ratio", "other, ratio", "wide, ratio"]

"""Breaking even: roots of straight lines and curves, their intervals, and words when there is none."""

from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.break_even import Outcome, linear_root, root_of_curve

RNG = np.random.default_rng(8)
SAVED = RNG.normal(-900.0, 200.0, 30)
COST = RNG.normal(600.0, 50.0, 30)


def t_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    half = stats.t.ppf((1 + confidence) / 2, len(values) - 1) * stats.sem(values)
    return values.mean() - half, values.mean() + half


def test_a_lever_may_cost_as_much_as_it_saves() -> None:
    root = linear_root({0.0: [-100.0, -140.0], 1.0: [-60.0, -100.0]})
    assert (root.outcome, root.level, root.pays_above) == (Outcome.FOUND, 3.0, False)


def test_the_interval_of_a_multiplier_is_where_the_t_interval_of_net_cost_touches_nought() -> None:
    root = linear_root({0.0: SAVED, 1.0: SAVED + COST})
    assert t_interval(SAVED + root.low * COST)[1] == pytest.approx(0, abs=1e-6)
    assert t_interval(SAVED + root.high * COST)[0] == pytest.approx(0, abs=1e-6)
    assert root.low < root.level < root.high
    narrower = linear_root({0.0: SAVED, 1.0: SAVED + COST}, 0.8)
    assert root.low < narrower.low < narrower.high < root.high


def test_any_two_multipliers_give_the_same_answer() -> None:
    one = linear_root({0.0: SAVED, 1.0: SAVED + COST})
    other = linear_root({3.0: SAVED + 3 * COST, 0.5: SAVED + 0.5 * COST, 1.0: SAVED + COST})
    assert (other.level, other.low, other.high) == pytest.approx((one.level, one.low, one.high))


def test_a_cost_that_is_certain_gives_the_interval_of_the_saving() -> None:
    low, high = t_interval(SAVED)
    root = linear_root({0.0: SAVED, 1.0: SAVED + 300.0})
    assert (root.low, root.high) == pytest.approx((-high / 300, -low / 300))


def test_a_lever_that_saves_nothing_never_pays_and_one_that_costs_nothing_always_does() -> None:
    never = linear_root({0.0: [5.0, 6.0], 1.0: [9.0, 9.0]})
    assert never.outcome is Outcome.NEVER
    assert isnan(never.level)
    assert linear_root({0.0: [-5.0, -6.0], 1.0: [-5.0, -6.0]}).outcome is Outcome.ALWAYS
    assert linear_root({0.0: [0.0, 0.0], 1.0: [0.0, 0.0]}).outcome is Outcome.ALWAYS
    assert linear_root({0.0: [0.0, 0.0], 1.0: [4.0, 4.0]}).level == 0


def test_a_saving_that_chance_may_hide_has_an_interval_without_end() -> None:
    noisy = RNG.normal(-10.0, 500.0, 10)
    root = linear_root({0.0: noisy, 1.0: noisy + RNG.normal(3.0, 400.0, 10)})
    assert root.high == inf


def test_net_cost_that_bends_is_refused_for_a_straight_line() -> None:
    with pytest.raises(ValueError, match="not linear"):
        linear_root({0.0: [1.0, 1.0], 1.0: [2.0, 2.0], 2.0: [5.0, 5.0]})


LEVELS = [0.0, 0.5, 1.0, 1.5, 2.0]
SLOPES = RNG.normal(-400.0, 60.0, 25)
CURVE = np.array([500.0 + SLOPES * level + 40.0 * level**2 for level in LEVELS])


def test_a_strong_enough_effect_pays() -> None:
    root = root_of_curve(LEVELS, CURVE)
    means = CURVE.mean(axis=1)
    assert (root.outcome, root.pays_above) == (Outcome.FOUND, True)
    assert np.interp(root.level, LEVELS, means) == pytest.approx(0, abs=1e-9)
    assert (root.lowest, root.highest, root.replications) == (0, 2, 25)


def test_its_interval_holds_the_levels_whose_t_interval_includes_nought() -> None:
    root = root_of_curve(LEVELS, CURVE)
    for level in np.linspace(0.0, 2.0, 401):
        at = np.array([np.interp(level, LEVELS, column) for column in CURVE.T])
        low, high = t_interval(at)
        assert (low <= 0 <= high) == (root.low <= level <= root.high), level


def test_levels_between_two_stretches_at_which_breaking_even_is_ruled_out_are_in_neither() -> None:
    """Net cost is above nought at 0 and 1, below it at 2, and between them it is told from nought only near 1."""
    costs = [[-50.0, 60.0], [30.0, 31.0], [-90.0, 40.0]]
    root = root_of_curve([0.0, 1.0, 2.0], costs)
    assert len(root.stretches) == 2
    for level in np.linspace(0.0, 2.0, 401):
        low, high = t_interval(np.array([np.interp(level, [0.0, 1.0, 2.0], column) for column in np.array(costs).T]))
        assert (low <= 0 <= high) == any(start <= level <= end for start, end in root.stretches), level
    assert root.stretches[0][1] < 1.0 < root.stretches[1][0]


def test_an_effect_given_as_a_factor_pays_up_to_a_level() -> None:
    root = root_of_curve([0.2, 0.6, 1.0], [[-30.0, -20.0], [-10.0, -10.0], [40.0, 40.0]])
    assert (root.level, root.pays_above) == (pytest.approx(0.68), False)


@pytest.mark.parametrize("low", [0.1, 0.3])
def test_a_root_at_a_level_that_was_tried_is_that_level(low: float) -> None:
    root = root_of_curve([low, 0.7, 1.1], [[3.0, 3.0], [0.0, 0.0], [-3.0, -3.0]])
    assert (root.level, root.low, root.high) == (0.7, 0.7, 0.7)


def test_what_pays_throughout_and_what_never_does() -> None:
    pays = root_of_curve(LEVELS, -CURVE[::-1] - 2000.0)
    assert pays.outcome is Outcome.ALWAYS
    assert (pays.lowest, pays.highest) == (0, 2)
    never = root_of_curve(LEVELS, CURVE + 2000.0)
    assert (never.outcome, never.stretches) == (Outcome.NEVER, ())
    assert isnan(never.level)
    assert isnan(never.low)


def test_breaking_even_that_cannot_be_ruled_out_beyond_the_last_level_is_said() -> None:
    root = root_of_curve([0.0, 1.0], [[100.0, 100.0, 100.0], [10.0, 30.0, -10.0]])
    assert root.outcome is Outcome.NEVER
    assert 0 < root.low < 1
    assert root.high == inf
    assert root.stretches == ((root.low, inf),)


def test_a_dose_of_nothing_does_not_pay_for_itself() -> None:
    nothing = [0.0] * 4
    dear, good = [[10.0] * 4, [20.0] * 4], [[-10.0] * 4, [-20.0] * 4]
    assert root_of_curve([0.0, 1.0, 2.0], [nothing, *dear]).outcome is Outcome.NEVER
    assert root_of_curve([0.0, 1.0, 2.0], [nothing, *good]).outcome is Outcome.ALWAYS
    assert root_of_curve([0.0, 2.0], [nothing, dear[0]]).outcome is Outcome.NEVER
    assert root_of_curve([0.0, 1.0, 2.0], [nothing, dear[0], good[0]]).level == 1.5
    assert root_of_curve([0.0, 2.0], [nothing, nothing]).outcome is Outcome.ALWAYS


def test_one_replication_gives_a_level_and_no_interval() -> None:
    root = root_of_curve([0.0, 1.0], [[3.0], [-1.0]])
    assert (root.level, root.replications) == (0.75, 1)
    assert isnan(root.low)
    assert root.stretches == ()


def test_replications_without_a_value_are_left_out() -> None:
    holed = np.column_stack([CURVE, [np.nan, *[1e9] * 4]])
    assert root_of_curve(LEVELS, holed) == root_of_curve(LEVELS, CURVE)
    with pytest.raises(ValueError, match="no replication"):
        root_of_curve([0.0, 1.0], [[np.nan], [1.0]])


@pytest.mark.parametrize("levels", [[1.0], [1.0, 0.0], [1.0, 1.0]])
def test_levels_must_ascend(levels: list[float]) -> None:
    with pytest.raises(ValueError, match="ascending order"):
        root_of_curve(levels, [[1.0, 2.0]] * len(levels))


def test_a_shape_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="levels x replications"):
        root_of_curve([0.0, 1.0], [1.0, 2.0])


amounts = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.tuples(amounts, amounts, amounts), min_size=2, max_size=6))
def test_a_root_that_is_found_lies_inside_its_interval_and_the_mean_is_nought_there(
    rows: list[tuple[float, float, float]],
) -> None:
    costs = np.array(rows).T
    root = root_of_curve([0.0, 1.0, 3.0], costs)
    if root.outcome is Outcome.FOUND:
        assert root.low <= root.level <= root.high
        assert np.interp(root.level, [0.0, 1.0, 3.0], costs.mean(axis=1)) == pytest.approx(0, abs=0.01)
    else:
        assert (costs.mean(axis=1) <= 0.005).all() == (root.outcome is Outcome.ALWAYS)

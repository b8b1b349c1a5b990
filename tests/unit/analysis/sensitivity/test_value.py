"""What it would be worth to know: against decisions whose answer is known in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from sim.analysis.sensitivity.decision import Decision, drawn_together
from sim.analysis.sensitivity.value import FEWEST_PER_FIGURE, LEVEL, value_of_all, value_of_part, values_of_parts
from tests.unit.analysis.sensitivity.linear_normal import decision, worth


@pytest.mark.parametrize(("slope", "saving"), [(1.0, 0.5), (2.0, -1.0), (1.0, 1.5)])
def test_the_worth_of_a_figure_agrees_with_the_unit_normal_loss(slope: float, saving: float) -> None:
    made = decision(6000, saving, {"known": slope, "other": 0.7}, luck=1.0, seed=1)
    found = value_of_part(made, "known", ["known"])
    exact = worth(saving, slope)
    assert found.low <= exact <= found.high
    assert found.high - found.low < 0.5 * exact


def test_worth_in_pennies_is_a_hundred_times_that_in_pounds() -> None:
    made = decision(200, 0.5e6, {"a": 1e6, "b": 0.5e6}, luck=1e6, seed=2)
    pennies = Decision(made.scenarios, 100 * made.costs, made.figures)
    for name in ("a", "b"):
        small, large = (value_of_part(one, name, [name]) for one in (made, pennies))
        assert small.low > 0.0
        assert np.array(large[1:]) == pytest.approx(100 * np.array(small[1:]), rel=1e-6)


@pytest.mark.slow
def test_intervals_of_worth_hold_the_truth_about_as_often_as_they_say() -> None:
    exact, sets = worth(0.5, 1.0), 60
    found = [value_of_part(decision(200, 0.5, {"a": 1.0}, 1.0, seed), "a", ["a"]) for seed in range(sets)]
    held = sum(one.low <= exact <= one.high for one in found)
    assert held >= binom.ppf(0.001, sets, LEVEL)
    error = np.array([one.value for one in found]) - exact
    assert abs(error.mean()) < norm.ppf(0.999) * error.std(ddof=1) / np.sqrt(sets) < 0.15 * exact


def test_figures_that_say_nothing_are_worth_about_nothing_although_draws_are_few() -> None:
    made = decision(60, 0.5, {"known": 1.0, **{f"idle_{i}": 0.0 for i in range(20)}}, luck=1.0, seed=3)
    found = values_of_parts(made).set_index("name")
    idle = found.drop("known")["value"]
    assert found.index[0] == "known"
    assert idle.mean() < 0.03 * worth(0.5, 1.0)


def test_a_group_is_worth_what_its_figures_tell_together() -> None:
    slopes = {"a": 0.6, "b": 0.8, "c": 0.5}
    made = decision(1500, 0.4, slopes, luck=0.5, seed=4)
    found = values_of_parts(made, {"both": ["a", "b"], "last": ["c"], "none": []}).set_index("name")
    assert list(found.index) == ["both", "last"]
    assert found.loc["both", "low"] <= worth(0.4, 1.0) <= found.loc["both", "high"]
    assert found.loc["last", "low"] <= worth(0.4, 0.5) <= found.loc["last", "high"]


@pytest.mark.parametrize("draws", [20, 60])
def test_a_group_of_many_figures_that_say_nothing_has_no_worth_above_that_of_all(draws: int) -> None:
    names = [f"idle_{i}" for i in range(20)]
    made = decision(draws, 0.2, dict.fromkeys(names, 0.0), luck=1.0, seed=draws)
    found = values_of_parts(made, {"idle": names}).iloc[0]
    assert found["figures"] == 20
    if draws < FEWEST_PER_FIGURE * 20:
        assert np.isnan(found["value"])
    else:
        whole = value_of_all(made)
        assert 0.0 <= found["value"] <= whole.value
        assert found["high"] <= whole.high


def test_a_group_of_more_figures_than_draws_can_bend_is_told_by_straight_lines() -> None:
    names = [f"figure_{i}" for i in range(12)]
    made = decision(40, 0.2, dict.fromkeys(names, 0.3), luck=0.1, seed=5)
    found = value_of_part(made, "all", names)
    assert found.low <= worth(0.2, 0.3 * np.sqrt(12)) <= found.high


def test_the_worth_of_knowing_all_leaves_out_luck_that_cannot_be_known() -> None:
    made = decision(4000, 0.5, {"a": 0.6, "b": 0.8}, luck=3.0, seed=6)
    found = value_of_all(made)
    exact = worth(0.5, 1.0)
    assert found.low <= exact <= found.high
    assert found.high - found.low < 0.8 * exact
    with_luck = np.minimum(made.by_draw, 0.0)[1].mean() - made.by_draw[1].mean()
    assert -with_luck > found.high


def test_knowing_is_worth_nothing_where_it_changes_no_choice() -> None:
    made = decision(200, 50.0, {"a": 1.0}, luck=1.0, seed=7)
    assert value_of_all(made)[1:] == (0.0, 0.0, 0.0)
    assert value_of_part(made, "a", ["a"])[1:] == (0.0, 0.0, 0.0)


def test_a_scenario_that_is_the_baseline_by_another_name_changes_no_worth() -> None:
    made = decision(300, 0.5, {"a": 1.0}, luck=0.5, seed=8)
    same = Decision(("baseline", "act", "same"), np.concatenate([made.costs, 0 * made.costs[:1]]), made.figures)
    alone, joined = (value_of_part(one, "a", ["a"]) for one in (made, same))
    assert joined.value == pytest.approx(alone.value)


def test_spread_of_the_truth_is_what_is_left_when_that_of_luck_is_taken_away() -> None:
    rng = np.random.default_rng(9)
    truth, noise = np.array([[4.0, 1.0], [1.0, 2.0]]), np.array([[1.0, 0.5], [0.5, 3.0]])
    means = rng.multivariate_normal([1.0, -2.0], truth + noise, size=400).T
    found = drawn_together(means, noise, np.full(400, 1 / 400))
    assert found.mean(axis=1) == pytest.approx(means.mean(axis=1))
    assert np.cov(found) == pytest.approx(np.maximum(np.cov(means) - noise, 0.0), abs=1e-8)


def test_luck_that_explains_all_spread_leaves_none() -> None:
    means = np.array([[1.0, 2.0, 3.0]])
    assert drawn_together(means, np.array([[9.0]]), np.full(3, 1 / 3)) == pytest.approx(np.full((1, 3), 2.0))


@pytest.mark.parametrize(("scenarios", "shape", "draws"), [(2, (2, 3), 3), (1, (1, 3, 2), 3), (2, (2, 1, 2), 1)])
def test_a_decision_that_does_not_fit_together_is_refused(scenarios: int, shape: tuple[int, ...], draws: int) -> None:
    with pytest.raises(ValueError, match="found"):
        Decision(tuple("abc"[:scenarios]), np.zeros(shape), pd.DataFrame({"a": range(draws)}))

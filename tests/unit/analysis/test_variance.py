"""Parameters against chance: the components of variance, by hand and against scipy."""

import numpy as np
import pytest
from scipy import stats

from sim.analysis.variance import split_variance

ONE = np.array([[1.0, 3.0, 5.0, 7.0, 9.0, 11.0]])


def test_components_are_those_worked_out_by_hand() -> None:
    # draws (1, 3), (5, 7), (9, 11): means 2, 6, 10; between 2 x 16 = 32, within 2; (32 - 2) / 2 = 15
    found = split_variance(ONE, per_draw=2).iloc[0]
    assert (found["parameters"], found["chance"], found["draws"]) == (15.0, 2.0, 3)
    assert found["share"] == pytest.approx(15 / 17)


def test_draws_closer_together_than_chance_allows_have_no_component_of_their_own() -> None:
    found = split_variance(np.array([[1.0, 9.0, 9.0, 1.0]]), per_draw=2).iloc[0]
    assert (found["parameters"], found["share"], found["share_low"]) == (0.0, 0.0, 0.0)
    assert found["chance"] == 32.0


def test_the_share_lies_in_its_interval_which_is_that_of_the_f_law() -> None:
    values = np.random.default_rng(1).normal(size=(1, 30)) + np.repeat(np.arange(10.0), 3)
    found = split_variance(values, per_draw=3).iloc[0]
    ratio = stats.f_oneway(*values.reshape(10, 3)).statistic
    low, high = (ratio / stats.f(9, 20).ppf(0.975), ratio / stats.f(9, 20).ppf(0.025))
    assert found["share_low"] == pytest.approx((low - 1) / (low + 2))
    assert found["share_high"] == pytest.approx((high - 1) / (high + 2))
    assert found["share_low"] < found["share"] < found["share_high"]


def test_values_that_are_missing_make_draws_of_different_size() -> None:
    # draws (1, 3), (5), (9, 11): means 2, 5, 10; grand 5.8; sizes 2, 1, 2
    values = np.array([[1.0, 3.0, 5.0, np.nan, 9.0, 11.0]])
    between = (2 * (2 - 5.8) ** 2 + (5 - 5.8) ** 2 + 2 * (10 - 5.8) ** 2) / 2
    typical = (5 - 9 / 5) / 2
    found = split_variance(values, per_draw=2).iloc[0]
    assert found["chance"] == pytest.approx(2.0)
    assert found["parameters"] == pytest.approx((between - 2.0) / typical)
    cut = split_variance(np.array([[1.0, 3.0, 9.0, 11.0, 5.0]]), per_draw=2).iloc[0]
    assert cut["parameters"] == pytest.approx(found["parameters"])


@pytest.mark.parametrize("values", [np.full((1, 6), np.nan), ONE[:, :2], np.full((1, 6), 4.0)])
def test_what_cannot_be_told_is_not_told(values: np.ndarray) -> None:
    assert np.isnan(split_variance(values, per_draw=2).iloc[0]["share"])


def test_one_replication_of_a_draw_cannot_tell_parameters_from_chance() -> None:
    found = split_variance(ONE, per_draw=1).iloc[0]
    assert np.isnan(found[["parameters", "chance", "share"]]).all()


def test_spread_that_is_all_between_draws_is_all_due_to_parameters() -> None:
    assert split_variance(np.array([[1.0, 1.0, 5.0, 5.0]]), per_draw=2).iloc[0]["share"] == 1.0


def test_components_are_right_on_average() -> None:
    luck = np.random.default_rng(20190517)
    values = np.repeat(luck.normal(0, 3, size=(4000, 20)), 2, axis=1) + luck.normal(0, 2, size=(4000, 40))
    found = split_variance(values, per_draw=2)
    for name, expected in (("parameters", 9.0), ("chance", 4.0)):
        error = stats.sem(found[name])
        assert abs(found[name].mean() - expected) < 3.9 * error < 0.04 * expected, name
    inside = ((found["share_low"] <= 9 / 13) & (found["share_high"] >= 9 / 13)).sum()
    assert stats.binomtest(int(inside), 4000, 0.95).pvalue > 0.0001

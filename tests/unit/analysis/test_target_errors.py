"""What may lie between a published figure and a true model, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.calibration.errors import (
    discrepancy_variance,
    exposure,
    implausibilities,
    implausibility,
    observation_variance,
    observed_interval,
)
from sim.parameters.schema import Parameters
from tests.unit.analysis.made_targets import published, target

PRIMARY = {"phase": "primary", "divided_by": "headcount", "per": 100}
TWO_YEARS = "2016/17 to 2017/18"
SHARE = {"error": "binomial", "trials": 50, "value": 0.2, "divided_by": "plans"}
NORMAL = {"error": "normal", "sd": 3.0, "value": 80}


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return published()


def test_the_exposure_turns_a_value_into_the_count_behind_it(parameters: Parameters) -> None:
    found = [exposure(target(periods=TWO_YEARS, over=over), parameters) for over in ("sum", "mean", "last")]
    assert found == [1.0, 2.0, 1.0]
    rates = [exposure(target(periods=TWO_YEARS, over=over, **PRIMARY), parameters) for over in ("sum", "mean", "last")]
    assert rates == [40.0, 40.0, 30.0]


def test_the_chance_of_a_count_is_that_of_what_is_expected(parameters: Parameters) -> None:
    assert observation_variance(target(), [0.0, 4.0, 25.0], parameters).tolist() == [0.0, 4.0, 25.0]
    mean_of_two = target(periods=TWO_YEARS, over="mean")
    assert observation_variance(mean_of_two, 10.0, parameters) == pytest.approx(20 / 2**2)
    rate = target(**PRIMARY)
    assert observation_variance(rate, 2.0, parameters) == pytest.approx(20 / 10**2)


def test_a_share_has_the_chance_of_its_trials_and_a_normal_error_its_own(parameters: Parameters) -> None:
    assert observation_variance(target(**SHARE), 0.5, parameters) == pytest.approx(0.25 / 50)
    percent = target(**{**SHARE, "value": 20, "per": 100})
    assert observation_variance(percent, 50.0, parameters) == pytest.approx(2500 / 50)
    assert observation_variance(target(**NORMAL), [1.0, 500.0], parameters).tolist() == [9.0, 9.0]


def test_discrepancy_is_relative_to_the_published_figure() -> None:
    assert discrepancy_variance(target(value=20, discrepancy=0.1)) == pytest.approx(4.0)
    assert discrepancy_variance(
        target(**{**NORMAL, "value": -80, "use": "context", "discrepancy": 0.05})
    ) == pytest.approx(16.0)


def test_implausibility_counts_standard_deviations_of_everything_between(parameters: Parameters) -> None:
    one = target(value=20, discrepancy=0.1)
    assert implausibility(one, 12.0, parameters) == pytest.approx(8 / (12 + 4) ** 0.5)
    assert implausibility(one, 12.0, parameters, variance=9.0) == pytest.approx(8 / 5)
    assert implausibility(one, [20.0, 20.0], parameters).tolist() == [0.0, 0.0]


def test_implausibilities_have_a_row_for_each_set_and_a_column_for_each_target(parameters: Parameters) -> None:
    targets = {"a": target(value=20, discrepancy=0.1), "b": target(**NORMAL, discrepancy=0)}
    expected = pd.DataFrame({"b": [80.0, 86.0], "a": [12.0, 20.0]}, index=[7, 9])
    found = implausibilities(targets, expected, parameters, {"b": 27.0})
    assert found["a"].tolist() == pytest.approx([2.0, 0.0])
    assert found["b"].tolist() == pytest.approx([0.0, 6 / 6])
    assert found.index.tolist() == [7, 9]


def test_the_interval_of_a_count_is_the_exact_one(parameters: Parameters) -> None:
    low, high = observed_interval(target(value=24), parameters)
    assert (low, high) == pytest.approx((15.377, 35.710), abs=5e-4)
    assert observed_interval(target(value=0), parameters) == pytest.approx((0.0, 3.689), abs=5e-4)
    rate_low, rate_high = observed_interval(target(value=2.4, **PRIMARY), parameters)
    assert (rate_low, rate_high) == pytest.approx((low / 10, high / 10))


def test_the_interval_of_a_share_is_the_exact_one(parameters: Parameters) -> None:
    low, high = observed_interval(target(**SHARE), parameters)
    assert (low, high) == pytest.approx((0.10030, 0.33718), abs=5e-5)


def test_the_interval_of_an_estimate_is_normal(parameters: Parameters) -> None:
    assert observed_interval(target(**NORMAL), parameters) == pytest.approx((74.120, 85.880), abs=5e-4)


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 400), st.sampled_from((0.5, 0.9, 0.95)))
def test_the_ends_of_the_interval_of_a_count_are_expectations_under_which_it_is_just_unlikely(
    count: int, level: float
) -> None:
    low, high = observed_interval(target(value=count), published(), level)
    assert stats.poisson.sf(count - 1, low) == pytest.approx((1 - level) / 2)
    assert stats.poisson.cdf(count, high) == pytest.approx((1 - level) / 2)


@settings(deadline=None, derandomize=True)
@given(st.floats(0.01, 500), st.floats(0, 2), st.floats(0, 100))
def test_more_uncertainty_never_makes_a_set_less_plausible(expected: float, discrepancy: float, spread: float) -> None:
    parameters = published()
    narrow = implausibility(target(discrepancy=discrepancy), expected, parameters)
    wide = implausibility(target(discrepancy=min(discrepancy + 0.1, 2)), expected, parameters, spread)
    assert np.all(wide <= narrow)

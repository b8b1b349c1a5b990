"""Inverse distribution functions: right law, one uniform in, one value out, and coupled."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.chance.distributions import (
    correlated,
    cumulated,
    gamma,
    gammas,
    lognormal,
    lognormal_of_log_sd,
    poisson,
    sampler,
    unit_exponential,
)

steady = settings(deadline=None, derandomize=True, max_examples=60)
MIDDLES = (np.arange(100_000) + 0.5) / 100_000
LAWS = [("fixed", 0.0), ("exponential", 0.0), ("gamma", 0.5), ("gamma", 2.0), ("lognormal", 0.8)]
uniforms = st.floats(0, 1, exclude_max=True)
positive = st.floats(0.01, 500)


@pytest.mark.parametrize(("law", "cv"), LAWS)
def test_the_mean_of_a_law_is_the_mean_asked_for(law, cv):
    draw = sampler(law, 7.0, cv)
    assert np.mean([draw(u) for u in MIDDLES[::10]]) == pytest.approx(7.0, rel=0.01)


@pytest.mark.parametrize("cv", [0.18, 0.5, 0.86])
def test_gamma_and_lognormal_have_the_coefficient_of_variation_asked_for(cv):
    for law in (gamma, lognormal):
        values = np.array([law(u, 3.0, cv) for u in MIDDLES[::10]])
        assert values.std() / values.mean() == pytest.approx(cv, rel=0.02)


@pytest.mark.parametrize("uniform", [0.001, 0.3, 0.5, 0.97])
def test_quantiles_agree_with_scipy(uniform):
    assert unit_exponential(uniform) == pytest.approx(stats.expon.ppf(uniform))
    assert gamma(uniform, 4.0, 0.5) == pytest.approx(stats.gamma.ppf(uniform, 4.0, scale=1.0))
    expected = stats.lognorm.ppf(uniform, 0.8, scale=2.0 * np.exp(-(0.8**2) / 2))
    assert lognormal_of_log_sd(uniform, 2.0, 0.8) == pytest.approx(expected)


@pytest.mark.parametrize(("law", "cv"), LAWS)
def test_a_higher_uniform_never_gives_a_lower_value(law, cv):
    draw = sampler(law, 7.0, cv)
    values = [draw(u) for u in (0.0, *MIDDLES[::100], 1 - 2**-53)]
    assert np.all(np.diff(values) >= 0)
    assert np.isfinite(values).all()


@pytest.mark.parametrize("law", ["exponential", "gamma", "lognormal"])
def test_a_shorter_mean_shortens_every_stay(law):
    short, long = sampler(law, 5.0, 0.5), sampler(law, 6.0, 0.5)
    assert all(short(u) < long(u) for u in MIDDLES[::1000])


def test_without_variation_the_value_is_exactly_the_mean():
    assert gamma(0.123, 3.7, 0.0) == 3.7
    assert lognormal(0.123, 3.7, 0.0) == 3.7
    assert sampler("fixed", 3.7, 0.0)(0.9) == 3.7
    assert gammas(np.array([0.1, 0.9]), 3.7, 0.0).tolist() == [3.7, 3.7]


def test_an_array_of_gammas_is_the_same_as_one_after_another():
    some = MIDDLES[::5000]
    assert gammas(some, 2.0, 1.3).tolist() == pytest.approx([gamma(float(u), 2.0, 1.3) for u in some], rel=1e-12)


@pytest.mark.parametrize("mean", [0.01, 0.5, 3.0, 12.3, 40.0, 1000.0])
def test_poisson_counts_agree_with_scipy(mean):
    assert poisson(MIDDLES[::50], mean).tolist() == stats.poisson.ppf(MIDDLES[::50], mean).tolist()


def test_poisson_counts_are_right_where_the_distribution_steps():
    for count in range(8):
        edge = float(stats.poisson.cdf(count, 3.0))
        assert poisson(np.nextafter(edge, 0), 3.0) == count
        assert poisson(edge + 1e-12, 3.0) == count + 1


def test_poisson_with_mean_zero_or_uniform_zero_gives_nobody():
    assert poisson([0.0, 0.5, 0.999999], 0.0).tolist() == [0, 0, 0]
    assert poisson(0.0, [0.5, 30.0]).tolist() == [0, 0]


@steady
@given(uniform=uniforms, lower=positive, more=st.floats(0, 100))
def test_a_higher_poisson_mean_never_gives_a_lower_count(uniform, lower, more):
    assert poisson(uniform, lower) <= poisson(uniform, lower + more)


@steady
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=8))
def test_running_sums_of_weights_rise_to_exactly_one(weights):
    sums = cumulated(weights)
    assert sums[-1] == 1.0
    assert all(a <= b for a, b in pairwise(sums))
    assert sums[0] == pytest.approx(weights[0] / sum(weights))


@pytest.mark.parametrize("correlation", [-1.0, -0.3, 0.5, 1.0])
def test_a_correlated_uniform_is_uniform_and_its_normal_score_has_the_correlation(correlation):
    own, other = np.random.default_rng(3).random((2, 20_000))
    made = np.array([correlated(a, b, correlation) for a, b in zip(own, other, strict=True)])
    assert stats.kstest(made, "uniform").pvalue > 0.001
    assert np.corrcoef(stats.norm.ppf(made), stats.norm.ppf(other))[0, 1] == pytest.approx(correlation, abs=0.03)


@given(uniforms, uniforms, st.floats(-1, 1))
@steady
def test_a_correlated_uniform_stays_below_one_and_without_correlation_is_what_it_was(own, other, correlation):
    assert 0.0 <= correlated(own, other, correlation) < 1.0
    assert correlated(own, other, 0.0) == own

"""Selection of the best on common luck: hand-worked cases, and the probability that theory promises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.selection import (
    Rule,
    Selection,
    Take,
    chances_of_being_best,
    not_told_apart,
    screened_out,
    select,
    variances_of_differences,
)
from sim.chance.resampling import mean_weights

Floats = NDArray[np.float64]
SEED = 20190517
ALPHA = 0.1


def given(values: Sequence[Sequence[float]]) -> Take:
    """Return what hands out the first replications (rows) of fixed values."""
    table = np.array(values, dtype=float)
    return lambda systems, replications: table[:replications, list(systems)]


class Normal:
    """Normal systems with equal variances and equal correlation, as many replications of each as are asked for."""

    def __init__(self, means: Sequence[float], sd: float, correlation: float, rng: np.random.Generator) -> None:
        self._means = np.array(means)
        shared, own = sd * np.sqrt(correlation), sd * np.sqrt(1 - correlation)
        number = len(means)
        self._more = lambda: shared * rng.normal(size=(64, 1)) + own * rng.normal(size=(64, number))
        self._values = np.empty((0, number))

    def take(self, systems: Sequence[int], replications: int) -> Floats:
        while len(self._values) < replications:
            self._values = np.concatenate([self._values, self._means + self._more()])
        return np.asarray(self._values[:replications, list(systems)])


def repeated(
    times: int, rule: Rule, means: Sequence[float], correlation: float = 0.0, sd: float = 2.0
) -> list[Selection]:
    rng = np.random.default_rng(SEED)
    return [select(Normal(means, sd, correlation, rng).take, len(means), rule) for _ in range(times)]


def lowest_of_share(hits: int, times: int) -> float:
    """Return the lower end of the exact one-sided 99% interval of a probability."""
    return float(stats.binomtest(hits, times, alternative="greater").proportion_ci(0.99).low)


# With three replications and alpha 0.1 between two systems, h^2 = 2 (0.2^-1 - 1) = 8. In THREE the differences of the
# second from the first are 0, 1 and 2: mean 1, variance 1. With an indifference of 1, W(r) = (8 - r) / (2 r), which is
# 5/6 after three replications and 1/2 after four; selection ends after nine.
THREE = [[10.0, 10.0], [10.0, 11.0], [10.0, 12.0]]
RULE = Rule(indifference=1.0, confidence=0.9, first=3)


def test_a_system_is_screened_out_when_it_is_behind_by_more_than_the_allowance() -> None:
    found = select(given(THREE), 2, RULE)
    assert found == Selection(best=0, survivors=(0,), replications=(3, 3), is_sure=True, needed=9)


def test_a_system_that_is_behind_by_less_than_the_allowance_is_run_further() -> None:
    nearer = [[10.0, second - 0.2] for _, second in THREE]  # mean difference 0.8, below 5/6
    found = select(given([*nearer, [10.0, 10.8]]), 2, RULE)  # still 0.8 after four, above 1/2
    assert found == Selection(best=0, survivors=(0,), replications=(4, 4), is_sure=True, needed=9)


def test_equal_systems_are_run_until_the_end_known_after_the_first_stage() -> None:
    level = [[10.0, 9.0], [10.0, 10.0], [10.0, 11.0], *([[10.0, 10.0]] * 20)]
    found = select(given(level), 2, RULE)
    assert found == Selection(best=0, survivors=(0, 1), replications=(9, 9), is_sure=True, needed=9)


def test_what_does_not_vary_enough_to_matter_is_decided_after_the_first_stage() -> None:
    # Differences 0, 0.25 and 0.5 have the variance 1/16, so that 8/16 replications would be enough.
    found = select(given([[10.0, 10.0], [10.0, 10.25], [10.0, 10.5]]), 2, RULE)
    assert found == Selection(best=0, survivors=(0,), replications=(3, 3), is_sure=True, needed=3)


def test_when_the_budget_ends_first_nothing_is_sure() -> None:
    level = [[10.0, 9.0], [10.0, 10.0], [10.0, 11.0], *([[10.0, 10.0]] * 20)]
    found = select(given(level), 2, Rule(indifference=1.0, confidence=0.9, first=3, most=6))
    assert found == Selection(best=0, survivors=(0, 1), replications=(6, 6), is_sure=False, needed=9)


def test_one_system_is_the_best_there_is() -> None:
    assert select(given([[3.0], [5.0], [4.0]]), 1, RULE) == Selection(0, (0,), (3,), True, 3)


def test_only_systems_that_may_yet_be_the_best_are_run_further() -> None:
    asked: list[tuple[tuple[int, ...], int]] = []
    rows = [[0.0, 50.0, 0.0], [1.0, 51.0, -1.0], [-1.0, 49.0, 1.0], *([[0.0, 50.0, 0.0]] * 60)]

    def take(systems: Sequence[int], replications: int) -> Floats:
        asked.append((tuple(systems), replications))
        return given(rows)(systems, replications)

    found = select(take, 3, Rule(indifference=2.0, confidence=0.9, first=3, step=4))
    assert asked[0] == ((0, 1, 2), 3)
    assert {systems for systems, _ in asked[1:]} == {(0, 2)}
    assert [number for _, number in asked[1:-1]] == list(range(7, asked[-1][1], 4))
    assert found.replications == (found.needed, 3, found.needed)


def test_variances_are_those_of_paired_differences() -> None:
    values = np.random.default_rng(SEED).normal(size=(7, 4))
    expected = [[np.var(values[:, i] - values[:, j], ddof=1) for j in range(4)] for i in range(4)]
    np.testing.assert_allclose(variances_of_differences(values), expected)


def test_the_least_mean_is_never_screened_out() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(200):
        means, bounds = rng.normal(size=6), rng.uniform(0, 40, size=(6, 6))
        out = screened_out(means, int(rng.integers(3, 50)), bounds + bounds.T, 0.5)
        assert not out[means.argmin()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"indifference": 0.0},
        {"indifference": 1.0, "confidence": 1.0},
        {"indifference": 1.0, "confidence": 0.4},
        {"indifference": 1.0, "first": 1},
        {"indifference": 1.0, "first": 20, "most": 10},
        {"indifference": 1.0, "step": 0},
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"needed|step must be"):
        Rule(**wrong)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("means", "correlation", "step"),
    [
        ([0.0, 1.0], 0.0, 1),
        ([1.0, 1.0, 0.0, 1.0, 1.0], 0.0, 1),
        ([1.0, 1.0, 0.0, 1.0, 1.0], 0.0, 7),
        ([1.0, 1.0, 0.0, 1.0, 1.0], 0.8, 1),
        ([0.0, 1.0, 1.5, 2.0, 2.5, 3.0], 0.5, 1),
    ],
)
def test_the_best_is_selected_as_often_as_promised(means: list[float], correlation: float, step: int) -> None:
    times = 1500
    found = repeated(times, Rule(1.0, 1 - ALPHA, first=10, step=step), means, correlation)
    assert all(one.is_sure for one in found)
    hits = sum(one.best == int(np.argmin(means)) for one in found)
    assert lowest_of_share(hits, times) > 1 - ALPHA, hits / times


@pytest.mark.slow
def test_survivors_hold_the_best_as_often_as_promised_when_the_budget_ends_first() -> None:
    times = 1500
    found = repeated(times, Rule(1.0, 1 - ALPHA, first=10, most=20), [1.0, 1.0, 0.0, 1.0, 1.0])
    assert sum(not one.is_sure for one in found) > times / 2, "the budget should end first"
    assert lowest_of_share(sum(2 in one.survivors for one in found), times) > 1 - ALPHA


@pytest.mark.slow
def test_without_the_allowance_the_promise_would_be_broken() -> None:
    # Taking the least mean of ten replications, as if it were known, is wrong far more often than one time in ten.
    rng, times = np.random.default_rng(SEED), 1500
    means = [1.0, 1.0, 0.0, 1.0, 1.0]
    hits = sum(int(Normal(means, 2.0, 0.0, rng).take(range(5), 10).mean(axis=0).argmin()) == 2 for _ in range(times))
    assert stats.binomtest(hits, times, alternative="less").proportion_ci(0.99).high < 1 - ALPHA


@pytest.mark.slow
def test_common_luck_saves_replications_in_proportion_to_what_it_takes_off_the_variance() -> None:
    # A correlation of 0.8 leaves a fifth of the variance of each difference, and the allowance is in proportion to it.
    means, rule, times = [0.0, 1.0, 1.0, 1.0], Rule(1.0, 0.95, first=10), 300
    alone, common = (
        np.array([sum(one.replications) for one in repeated(times, rule, means, correlation, sd=6.0)])
        for correlation in (0.0, 0.8)
    )
    ratio = common.mean() / alone.mean()
    error = ratio * np.hypot(stats.sem(common) / common.mean(), stats.sem(alone) / alone.mean())
    half = stats.norm.isf(0.005) * error
    assert ratio - half < 0.2 < ratio + half, f"{ratio:.3f} +- {half:.3f}"
    assert half < 0.02


def test_what_differs_by_less_than_its_error_is_not_told_apart() -> None:
    # Differences from the first: 0, 1, 2 (mean 1, standard error 1 / sqrt 3) and the same plus 1. The one-sided 95%
    # quantile of t with two degrees of freedom is 2.92, that shared between two alternatives 4.30.
    values = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 2.0], [0.0, 2.0, 3.0]])
    assert not_told_apart(values, 0, 2, 0.95).tolist() == [True, True, False]
    assert not_told_apart(values, 0, 3, 0.95).tolist() == [True, True, True]


def test_what_is_better_than_the_best_is_not_told_apart_from_it() -> None:
    values = np.array([[0.0, -1.0], [0.0, -2.0], [0.0, -3.0]])
    assert not_told_apart(values, 0, 2, 0.95).tolist() == [True, True]


@pytest.mark.slow
def test_what_is_not_told_apart_holds_the_best_as_often_as_promised() -> None:
    times, hits = 3000, 0
    rng = np.random.default_rng(SEED)
    for _ in range(times):
        values = Normal([0.0, 0.3, 0.3, 0.3], 2.0, 0.5, rng).take(range(4), 12)
        hits += bool(not_told_apart(values, int(values.mean(axis=0).argmin()), 4, 0.9)[0])
    assert lowest_of_share(hits, times) > 0.9


def test_the_chance_of_being_best_is_the_share_of_weights_under_which_the_mean_is_least() -> None:
    values = np.array([[0.0, 1.0], [2.0, 1.5]])
    weights = np.array([[1.0, 0.0], [0.5, 0.5], [0.4, 0.6], [0.0, 1.0]])  # means 0 1, 1 1.25, 1.2 1.3, 2 1.5
    assert chances_of_being_best(values, weights).tolist() == [0.75, 0.25]


def test_systems_that_are_the_same_share_the_chance() -> None:
    values = np.random.default_rng(SEED).normal(size=(9, 1)).repeat(2, axis=1)
    assert chances_of_being_best(values, mean_weights(50, 9, SEED)).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("number", [5, 10, 200])
def test_the_chance_agrees_with_the_posterior_of_a_normal_mean(number: int) -> None:
    rng, draws = np.random.default_rng(SEED), 40_000
    values = np.stack([np.zeros(number), rng.normal(0.6 / np.sqrt(number), 1.0, number)], axis=1)
    gap = values[:, 1]
    exact = stats.t.cdf(gap.mean() / (gap.std(ddof=1) / np.sqrt(number)), number - 1)
    hits = chances_of_being_best(values, mean_weights(draws, number, SEED))[0] * draws
    interval = stats.binomtest(round(hits), draws).proportion_ci(0.999)
    assert interval.low < exact < interval.high
    assert 0.02 < exact < 0.98


def test_a_chance_from_few_replications_comes_true_as_often_as_it_says() -> None:
    rng, stated, right = np.random.default_rng(SEED), [], 0
    for number in range(1500):
        truth = rng.normal(0.0, 0.5, 2)
        chances = chances_of_being_best(truth + rng.normal(0.0, 1.0, (10, 2)), mean_weights(400, 10, number))
        if 0.9 < chances.max() < 0.99:
            stated.append(chances.max())
            right += truth[int(chances.argmax())] == truth.min()
    interval = stats.binomtest(int(right), len(stated)).proportion_ci(0.99)
    assert interval.low < np.mean(stated) < interval.high + 0.02
    assert len(stated) > 200


def test_weights_add_up_and_are_the_same_for_the_same_seed() -> None:
    weights = mean_weights(20, 5, 3)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert (weights == mean_weights(20, 5, 3)).all()
    assert (weights != mean_weights(20, 5, 4)).any()

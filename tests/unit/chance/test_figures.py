"""Luck of figures: keyed by name, and the quantiles of each kind of distribution."""

import numpy as np
import pytest
from scipy import stats

from sim.chance.figures import LAWS, keyed_uniform, quantiles

ENDS = (2.0, 1.0, 5.0)


def test_a_uniform_belongs_to_seed_draw_and_name() -> None:
    first = keyed_uniform(1, 2, "rates/a")
    assert first == keyed_uniform(1, 2, "rates/a")
    others = {keyed_uniform(2, 2, "rates/a"), keyed_uniform(1, 3, "rates/a"), keyed_uniform(1, 2, "rates/b")}
    assert len(others | {first}) == 4
    assert keyed_uniform(1, 23, "4") != keyed_uniform(12, 3, "4")


def test_uniforms_of_many_names_are_uniform_and_those_of_following_draws_independent() -> None:
    drawn = np.array([[keyed_uniform(7, draw, f"rates/{name}") for name in range(100)] for draw in range(100)])
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.001
    for one, other in ((drawn[1:], drawn[:-1]), (drawn[:, 1:], drawn[:, :-1])):
        assert stats.pearsonr(one.ravel(), other.ravel()).pvalue > 0.001
    assert drawn.min() >= 0.0
    assert drawn.max() < 1.0


@pytest.mark.parametrize("law", LAWS)
def test_no_quantile_lies_outside_the_range_and_none_falls_as_luck_rises(law: str) -> None:
    luck = np.append(np.linspace(0.0, 1.0, 1000, endpoint=False), np.nextafter(1.0, 0.0))
    for value in (1.0, 2.0, 5.0):
        found = quantiles(law, luck, value, 1.0, 5.0)
        assert found.min() >= 1.0
        assert found.max() <= 5.0
        assert (np.diff(found) >= 0.0).all()


@pytest.mark.parametrize(
    ("law", "luck", "expected"),
    [
        ("triangular", 0.25, 2.0),  # the part below the mode of 1, 2, 5
        ("uniform", 0.25, 2.0),
        ("beta", 0.5, 1 + 4 * stats.beta(2, 4).median()),
        ("fixed", 0.9, 2.0),
    ],
)
def test_quantiles_are_those_of_the_law(law: str, luck: float, expected: float) -> None:
    assert float(quantiles(law, luck, *ENDS)) == pytest.approx(expected)


def test_normal_and_lognormal_have_95_percent_of_their_law_between_the_ends() -> None:
    middle = stats.norm(3.0, 4.0 / (2 * stats.norm.ppf(0.975)))
    assert float(quantiles("normal", 0.3, 3.0, 1.0, 5.0)) == pytest.approx(middle.ppf(0.025 + 0.3 * 0.95))
    assert float(quantiles("lognormal", 0.5, 3.0, 1.0, 9.0)) == pytest.approx(3.0)
    uneven = float(quantiles("lognormal", 0.3, np.exp(3.0), np.exp(1.0), np.exp(5.0)))
    assert uneven == pytest.approx(np.exp(middle.ppf(0.025 + 0.3 * 0.95)))


def test_many_quantiles_at_once_are_those_of_one_at_a_time() -> None:
    lows, values, highs = np.array([[0.0, 1.0, 10.0], [0.5, 1.0, 40.0], [1.0, 3.0, 50.0]])
    luck = np.array([0.1, 0.5, 0.9])
    together = quantiles("triangular", luck, values, lows, highs)
    alone = [float(quantiles("triangular", *row)) for row in zip(luck, values, lows, highs, strict=True)]
    assert together.tolist() == alone

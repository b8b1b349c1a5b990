"""Tornado and Morris screening against functions whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analysis.sensitivity.screening import (
    LEAST,
    design_of,
    elementary_effects,
    grouped,
    points_of,
    screening_of,
)
from sim.analysis.sensitivity.tornado import points_of as tornado_points
from sim.analysis.sensitivity.tornado import tornado_of

EACH = {name: name for name in ("x1", "x2", "x3")}


def ishigami(design: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990) with a = 7 and b = 0.1, on the unit cube."""
    x1, x2, x3 = (2 * design.T - 1) * np.pi
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


def test_screening_of_the_ishigami_function_finds_its_exact_mean_effects() -> None:
    design = design_of(EACH, 200, seed=1)
    found = screening_of(EACH, design, ishigami(design)[:, None], seed=1, run="r").effects.set_index("group")
    step, root = 2 / 3, np.sqrt(0.75)
    fourth = [np.pi**4, (np.pi / 3) ** 4]
    exact = {
        "x1": root * np.mean([1 + 0.1 * one for one in fourth]) / step,
        "x2": 7 * root**2 / step,
        "x3": 0.1 * (fourth[0] - fourth[1]) * root / 2 / step,
    }
    for name, mu_star in exact.items():
        row = found.loc[name]
        assert row["mu_star_low"] - 1e-9 <= mu_star <= row["mu_star_high"] + 1e-9
        assert row["mu_star_high"] - row["mu_star_low"] < 0.4 * mu_star
    assert found.loc["x2", "mu_star"] == pytest.approx(exact["x2"])
    # x2 moves the outcome up or down by the same amount, half of the time each; the others depend on x1 or x3
    assert found.loc["x2", "sigma_low"] <= exact["x2"] * np.sqrt(200 / 199) + 1e-9
    assert found.loc["x2", "sigma"] > 0.9 * exact["x2"]


def test_screening_of_a_linear_function_gives_its_slopes_and_no_spread() -> None:
    design = design_of(EACH, 6, seed=2)
    found = screening_of(EACH, design, (design @ [3.0, -5.0, 0.0])[:, None], seed=2, run="r").effects
    assert found["group"].tolist() == ["x2", "x1", "x3"]
    assert found["mu_star"].tolist() == pytest.approx([5.0, 3.0, 0.0])
    assert found["sigma"].tolist() == pytest.approx([0.0] * 3, abs=1e-9)
    signs = elementary_effects(EACH, design, design @ [3.0, -5.0, 0.0])
    assert signs["x2"] == pytest.approx(np.full(6, -5.0))


def test_figures_of_a_group_move_together_and_each_in_its_own_direction() -> None:
    groups = {"x1": "rates", "x2": "rates", "x3": "x3"}
    design = design_of(groups, 60, seed=3)
    assert len(design) == 60 * 3
    found = screening_of(groups, design, (design @ [3.0, 1.0, 0.5])[:, None], seed=3, run="r")
    rates = found.effects.set_index("group").loc["rates"]
    assert found.trajectories == 60
    assert rates["figures"] == 2
    assert np.isnan(rates["sigma"])
    assert rates["mu_star_low"] < 3.0 < rates["mu_star_high"]
    sizes = np.abs(elementary_effects(groups, design, design @ [3.0, 1.0, 0.5])["rates"])
    assert set(sizes.round(9)) == {2.0, 4.0}


def test_the_size_of_figures_that_do_nothing_is_told_by_the_luck_of_replications() -> None:
    rng = np.random.default_rng(8)
    design = design_of(EACH, 400, seed=4)
    outcomes = (design @ [3.0, 0.0, 0.0])[:, None] + rng.normal(0.0, 0.5, (len(design), 6))
    found = screening_of(EACH, design, outcomes, seed=4, run="r").effects.set_index("group")
    for name in ("x2", "x3"):
        row = found.loc[name]
        assert row["mu_star_low"] < row["luck"] < row["mu_star_high"]
        assert row["mu_star_high"] - row["mu_star_low"] < 0.2 * row["luck"]
    assert found.loc["x1", "mu_star_low"] > found.loc["x1", "luck"]


def test_with_one_replication_or_none_that_differs_luck_is_not_known_or_nothing() -> None:
    design = design_of(EACH, 5, seed=5)
    outcome = (design @ [1.0, 0.5, 0.0])[:, None]
    assert screening_of(EACH, design, outcome, seed=5, run="r").effects["luck"].isna().all()
    same = screening_of(EACH, design, outcome.repeat(3, axis=1), seed=5, run="r").effects
    assert same["luck"].tolist() == pytest.approx([0.0] * 3, abs=1e-12)


def test_points_stay_off_the_ends_of_the_ranges() -> None:
    points = points_of(EACH, np.array([[0.0, 1.0, 0.5]]))
    assert points == [pytest.approx({"x1": LEAST, "x2": 1 - LEAST, "x3": 0.5})]


def test_the_same_seed_gives_the_same_trajectories() -> None:
    assert (design_of(EACH, 3, seed=4) == design_of(EACH, 3, seed=4)).all()
    assert (design_of(EACH, 3, seed=4) != design_of(EACH, 3, seed=5)).any()


def test_one_trajectory_is_refused() -> None:
    with pytest.raises(ValueError, match="found 1"):
        design_of(EACH, 1, seed=1)


def test_factors_are_groups_of_their_own_and_other_figures_go_by_part() -> None:
    names = ["factors/onset_primary", "rates/worsen", "rates/improve", "together/fees"]
    assert list(grouped(names).values()) == ["factors/onset_primary", "rates", "rates", "together"]
    assert list(grouped(names, by_figure=True).values()) == names


def test_the_widest_swing_of_a_tornado_comes_first_with_its_paired_interval() -> None:
    assert tornado_points(["a", "b"]) == [{}, {"a": 0.05}, {"a": 0.95}, {"b": 0.05}, {"b": 0.95}]
    values = np.array([[10.0, 14.0], [9.0, 13.0], [11.0, 15.0], [15.0, 20.0], [5.0, 7.0]])
    found = tornado_of(["a", "b"], values, "r")
    assert (found.central, found.run) == (12.0, "r")
    assert found.bars["name"].tolist() == ["b", "a"]
    b, a = found.bars.to_dict("records")
    assert (b["at_low"], b["at_high"], b["swing"]) == (17.5, 6.0, -11.5)
    # swings -10 and -13: standard error 1.5, t(0.975, 1) = 12.7062
    assert (b["swing_low"], b["swing_high"]) == pytest.approx((-11.5 - 1.5 * 12.7062, -11.5 + 1.5 * 12.7062), abs=1e-3)
    # the replications differ by 4 and the swing by nothing
    assert (a["swing"], a["swing_low"], a["swing_high"]) == (2.0, 2.0, 2.0)

"""How sure the ranking of scenarios is, and which assumptions could change it: by hand and in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from sim.analysis.sensitivity.assumptions import SIGNIFICANT, assumptions
from sim.analysis.sensitivity.decision import Decision
from sim.analysis.sensitivity.ranking import ranking
from tests.unit.analysis.sensitivity.linear_normal import decision


def of_costs(*costs: list[float], **figures: list[float]) -> Decision:
    """A decision with one replication of each draw."""
    made = np.array([[0.0] * len(costs[0]), *costs])[..., None]
    names = ("baseline", "bases", "panels")[: len(made)]
    return Decision(names, made, pd.DataFrame(figures or {"a": range(len(costs[0]))}))


def test_probabilities_of_each_rank_are_shares_of_draws() -> None:
    found = ranking(of_costs([-9.0, -2.0, 3.0, 1.0], [-1.0, -3.0, -4.0, 2.0])).set_index("scenario")
    assert list(found.index) == ["bases", "panels", "baseline"]
    assert found["net_cost"].tolist() == [-1.75, -1.5, 0.0]
    assert found["probability_best"].to_dict() == {"baseline": 0.25, "bases": 0.25, "panels": 0.5}
    assert found["rank_2"].to_dict() == {"baseline": 0.25, "bases": 0.5, "panels": 0.25}
    assert found["rank_3"].to_dict() == {"baseline": 0.5, "bases": 0.25, "panels": 0.25}


def test_of_two_that_cost_the_same_the_first_is_best() -> None:
    found = ranking(of_costs([0.0, 0.0])).set_index("scenario")
    assert found.loc["baseline", "probability_best"] == 1.0


def test_the_interval_of_a_probability_is_that_of_wilson() -> None:
    found = ranking(of_costs([-1.0] * 20)).set_index("scenario")
    assert found.loc["bases", "best_low"] == pytest.approx(20 / (20 + norm.ppf(0.975) ** 2))
    assert found.loc["bases", "best_high"] == 1.0


def test_the_probability_of_being_best_leaves_out_the_luck_of_replications() -> None:
    made = decision(1000, 1.0, {"a": 1.0}, luck=4.0, seed=1)
    found = ranking(made).set_index("scenario").loc["act"]
    exact = norm.cdf(1.0)
    assert found["best_low"] < exact < found["best_high"]
    assert (made.by_draw[1] < 0).mean() < found["best_low"]


def test_an_assumption_that_turns_the_answer_comes_first() -> None:
    turns, idle = list(range(1, 31)), [7, 3, 9] * 10
    made = of_costs([float(one - 18) for one in turns], turns=turns, idle=idle, same=[1] * 30)
    found = assumptions(made)
    assert found["name"].tolist() == ["turns", "idle"]
    first = found.iloc[0]
    assert (first["lower"], first["upper"], first["change"]) == (1.0, 0.0, -1.0)
    assert (first["best_lower"], first["best_upper"]) == ("bases", "baseline")
    assert first["below"] == pytest.approx(1 + 29 / 3)
    assert first["above"] == pytest.approx(30 - 29 / 3)
    assert first["clear"]
    assert not found.iloc[1]["clear"]


def test_changes_that_some_of_many_figures_show_by_chance_are_rarely_called_clear() -> None:
    sets, idle = 20, {f"idle_{i}": 0.0 for i in range(40)}
    found = [assumptions(decision(60, 0.3, idle, luck=1.0, seed=seed, replications=1)) for seed in range(sets)]
    alone = sum((one["p_value"] < SIGNIFICANT).any() for one in found)
    together = sum(one["clear"].any() for one in found)
    assert together <= binom.ppf(0.999, sets, SIGNIFICANT) < alone

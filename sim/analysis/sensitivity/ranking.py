"""Which scenario is best, and how sure that is: probabilities of each rank over draws of what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.analysis.sensitivity.decision import Criterion, Decision, Floats
from sim.chance.designs import weights
from sim.results import mean_with_interval

LEVEL = 0.95
SAMPLES, SEED = 512, 1981
"""Of the Bayesian bootstrap."""


def ranking(decision: Decision) -> pd.DataFrame:
    """Return the scenarios, the lowest mean net cost first, with the probability that each is best.

    Returns
    -------
    One row per scenario: scenario; net_cost with its t interval over draws (low, high); probability_best with its
    interval (best_low, best_high); rank_1, rank_2, ...: probability of each rank. The luck of a draw's replications
    is taken out first (`Decision.without_chance`). The interval is the wider of Wilson's, for the number of draws,
    and that of a Bayesian bootstrap over draws in which the luck is taken out each time.
    """
    places = ranks(decision.without_chance())
    names = range(len(decision.scenarios))
    rows = pd.DataFrame({"scenario": decision.scenarios})
    rows[["net_cost", "low", "high"]] = mean_with_interval(decision.by_draw, LEVEL)[["mean", "low", "high"]]
    rows[["probability_best", "best_low", "best_high"]] = [share_with_interval(places[place] == 0) for place in names]
    rows["best_low"], rows["best_high"] = _at_least_as_wide(rows, decision)
    for rank in names:
        rows[f"rank_{rank + 1}"] = (places == rank).mean(axis=1)
    return rows.sort_values("net_cost", kind="stable", ignore_index=True)


def told_by(found: pd.DataFrame, by: Criterion) -> pd.DataFrame:
    """Return a ranking as it is told: by another criterion than net cost, the change of its quantity with its own sign.

    Columns net_cost, low and high become change, low and high; the first row is still the best.
    """
    if by.is_net_cost:
        return found
    ends = ["low", "high"] if by.sign > 0 else ["high", "low"]
    signed = found.assign(
        net_cost=by.sign * found["net_cost"], low=by.sign * found[ends[0]], high=by.sign * found[ends[1]]
    )
    return signed.rename(columns={"net_cost": "change"})


def ranks(costs: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return the rank of each scenario in each draw, 0 the lowest cost; of equal ones the first is better."""
    return np.argsort(np.argsort(costs, axis=0, kind="stable"), axis=0)


def _at_least_as_wide(rows: pd.DataFrame, decision: Decision) -> tuple[Floats, Floats]:
    """Return the ends of the intervals of being best, wide enough for what is not known of the luck."""
    shares = weights(SAMPLES, decision.draws, SEED)
    found = [(ranks(decision.without_chance(share)) == 0) @ share for share in shares]
    low, high = np.quantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], axis=0)
    return np.minimum(rows["best_low"], low).to_numpy(), np.minimum(np.maximum(rows["best_high"], high), 1.0).to_numpy()


def share_with_interval(holds: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[float, float, float]:
    """Return the share of draws in which something holds, and its Wilson interval."""
    from scipy.stats import binomtest

    found = binomtest(int(holds.sum()), len(holds))
    ends = found.proportion_ci(LEVEL, method="wilson")
    return float(found.statistic), float(ends.low), float(ends.high)

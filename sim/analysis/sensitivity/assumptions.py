"""Which assumptions could change the answer: how often it holds where a figure is low, and where it is high."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.analysis.sensitivity.decision import Decision, varied
from sim.analysis.sensitivity.ranking import ranks

THIRD = 1.0 / 3.0
SIGNIFICANT = 0.05


def assumptions(decision: Decision) -> pd.DataFrame:
    """Return for each figure how often the best scenario is best in its lower and in its upper third of draws.

    Returns
    -------
    One row per figure that differs between draws, the largest change first: name; below, above: ends of the lower and
    upper third; lower, upper: share of these draws in which the scenario that is best on average is best; change:
    upper - lower; best_lower, best_upper: scenario with the lowest mean cost in each third; p_value of Fisher's exact
    test that the shares are equal; clear: whether that is below 5% when all figures are looked at together (Holm).
    The luck of a draw's replications is taken out first (`Decision.without_chance`).
    """
    costs = decision.without_chance()
    holds = ranks(costs)[decision.best] == 0
    rows = [_thirds(decision, costs, holds, name) for name in varied(decision.figures)]
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["clear"] = _holm(found["p_value"].to_numpy(dtype=np.float64))
    order = found.assign(size=-found["change"].abs()).sort_values(["size", "p_value"], kind="stable").index
    return found.loc[order].reset_index(drop=True)


COLUMNS = ("name", "below", "above", "lower", "upper", "change", "best_lower", "best_upper", "p_value")


def _thirds(decision: Decision, costs: np.ndarray, holds: np.ndarray, name: str) -> tuple[object, ...]:
    from scipy.stats import fisher_exact

    figure = decision.figures[name].to_numpy(dtype=np.float64)
    below, above = np.quantile(figure, [THIRD, 1.0 - THIRD])
    low, high = figure <= below, figure >= above
    counts = np.array([[holds[part].sum(), (~holds[part]).sum()] for part in (low, high)])
    lower, upper = (float(holds[part].mean()) for part in (low, high))
    best = [decision.scenarios[int(costs[:, part].mean(axis=1).argmin())] for part in (low, high)]
    return (name, below, above, lower, upper, upper - lower, *best, float(fisher_exact(counts).pvalue))


def _holm(p_values: np.ndarray) -> np.ndarray:
    """Return which of the p-values are below 5% when each is one of many (Holm 1979)."""
    order = np.argsort(p_values)
    adjusted = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    clear = np.empty(len(p_values), dtype=bool)
    clear[order] = adjusted < SIGNIFICANT
    return clear

"""A decision with a known answer: net costs that are linear in normal figures, and luck on top."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from sim.analysis.sensitivity.decision import Decision


def decision(draws: int, saving: float, slopes: dict[str, float], luck: float, seed: int, replications: int = 2):
    """A scenario that saves `saving` + slopes x standard normal figures, with luck of that deviation in each run."""
    rng = np.random.default_rng(seed)
    figures = pd.DataFrame(rng.normal(size=(draws, len(slopes))), columns=list(slopes))
    saved = saving + figures.to_numpy() @ np.array(list(slopes.values()))
    cost = -saved[:, None] + luck * rng.normal(size=(draws, replications))
    return Decision(("baseline", "act"), np.stack([np.zeros_like(cost), cost]), figures)


def worth(saving: float, slope: float) -> float:
    """Expected value of knowing what moves the saving by a normal deviation of `slope`: the unit normal loss."""
    return saving * norm.cdf(saving / slope) + slope * norm.pdf(saving / slope) - max(saving, 0.0)

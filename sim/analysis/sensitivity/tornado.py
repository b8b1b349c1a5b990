"""A tornado: one uncertain figure at a time at its low and its high quantile, all others at their central value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.sensitivity.points import Floats, How, Point, Subject, outcomes_at
from sim.results import mean_with_interval

LOW, HIGH = 0.05, 0.95
"""Quantiles at which each figure is looked at."""

LEVEL = 0.95


@dataclass(frozen=True)
class Tornado:
    """What each figure does to the outcome.

    Attributes
    ----------
    bars : one row per name, the largest swing first: name; at_low and at_high (mean outcome with the figure at its
        5% and 95% quantile); swing (at_high - at_low, paired by replication) with the interval swing_low to swing_high.
    central : mean outcome with all figures as they are; central_low and central_high are its interval.
    run : id of all runs together.
    """

    bars: pd.DataFrame
    central: float
    central_low: float
    central_high: float
    run: str


def points_of(names: Sequence[str]) -> list[Point]:
    """Return the points to run: the central one, then each name low and high."""
    return [{}, *({name: end} for name in names for end in (LOW, HIGH))]


def tornado(subject: Subject, names: Sequence[str], how: How) -> Tornado:
    """Run the scenario with each name at both quantiles, and return what that changes; see `points.outcomes_at`."""
    found = outcomes_at(subject, points_of(names), how)
    return tornado_of(names, found.values, found.run)


def tornado_of(names: Sequence[str], values: Floats, run: str) -> Tornado:
    """Return the tornado of outcomes (points of `points_of` x replications).

    Replications share their luck between points, so the swing is a paired difference and its t interval is that of
    a mean of pairs.
    """
    central, at_low, at_high = values[:1], values[1::2], values[2::2]
    middle = mean_with_interval(central, LEVEL).iloc[0]
    swing = mean_with_interval(at_high - at_low, LEVEL) if len(names) else pd.DataFrame(columns=["mean", "low", "high"])
    bars = pd.DataFrame(
        {
            "name": list(names),
            "at_low": at_low.mean(axis=1),
            "at_high": at_high.mean(axis=1),
            "swing": swing["mean"].to_numpy(dtype=np.float64),
            "swing_low": swing["low"].to_numpy(dtype=np.float64),
            "swing_high": swing["high"].to_numpy(dtype=np.float64),
        }
    )
    bars = bars.sort_values("swing", key=lambda column: -column.abs(), kind="stable", ignore_index=True)
    return Tornado(bars, float(middle["mean"]), float(middle["low"]), float(middle["high"]), run)

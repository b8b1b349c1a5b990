"""What the targets taught: which factors they pin down, which targets conflict, and where the best point lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.analysis.calibration.likelihood import Likelihood
from sim.analysis.calibration.matching import Matching
from sim.analysis.calibration.points import Floats, Points, scores

FORCED = 20.0
"""When a target is forced, its error is divided by this."""


def factors_learnt(matching: Matching, members: Points) -> pd.DataFrame:
    """Return for each factor the ratio of the members: median, 5% and 95%, and how much of its range is left.

    `spread_left` is the standard deviation on the log scale over that of the whole range: near 1 nothing was learnt.
    """
    space = matching.space
    ratios = space.ratios(members.places)
    low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95], axis=0)
    left = members.places.std(axis=0, ddof=1) * np.sqrt(3)
    columns = {"factor": space.factors, "lowest": space.low, "highest": space.high}
    return pd.DataFrame({**columns, "median": middle, "p5": low, "p95": high, "spread_left": left})


def judged_learnt(matching: Matching, members: Points, least: float = 0.2) -> pd.DataFrame:
    """Return the judged figures whose members part from their range: shift and spread in standard normal scores."""
    found = scores(members.quantiles)
    shift, spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    table = pd.DataFrame({"figure": matching.space.judged, "shift": shift, "spread_left": spread})
    noise = 3 / np.sqrt(max(1, len(members)))
    learnt = (np.abs(shift) > max(least, noise)) | (spread < 1 - max(least, noise))
    found_out: pd.DataFrame = table[learnt].reset_index(drop=True)
    return found_out


def conflicts(likelihood: Likelihood) -> pd.DataFrame:
    """Return, for each target, how far it is missed at the likeliest point, and what gives way when it is forced.

    Columns: target, missed_by (signed, in standard deviations), forced_costs (rise of half the sum of squared
    distances of the others), gives_way (the target that moves most then), by (how far, signed).
    """
    best = likelihood.likeliest()
    at_best = _signed(likelihood, best)
    rows = []
    for number, name in enumerate(likelihood.observed.names):
        forced = _forced(likelihood, number).likeliest()
        moved = _signed(likelihood, forced)
        others = np.arange(len(moved)) != number
        cost = 0.5 * float((moved[others] ** 2).sum() - (at_best[others] ** 2).sum())
        change = np.where(others, moved - at_best, 0.0)
        most = int(np.abs(change).argmax())
        rows.append((name, at_best[number], cost, likelihood.observed.names[most], change[most]))
    return pd.DataFrame(rows, columns=["target", "missed_by", "forced_costs", "gives_way", "by"])


def _signed(likelihood: Likelihood, inputs: Floats) -> Floats:
    """Return how far each target is missed, in standard deviations of observation and discrepancy."""
    predicted = likelihood.emulator.predict(inputs[None, :])[0]
    found: Floats = (predicted - likelihood.observed.values) / likelihood.observed.errors
    return found


def _forced(likelihood: Likelihood, number: int) -> Likelihood:
    """Return the likelihood with one target that must be met."""
    observed, emulated = likelihood.observed.errors.copy(), likelihood.emulator.errors.copy()
    observed[number] /= FORCED
    emulated[number] /= FORCED
    return replace(
        likelihood,
        observed=replace(likelihood.observed, errors=observed),
        emulator=replace(likelihood.emulator, errors=emulated),
    )

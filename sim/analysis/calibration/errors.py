"""How far a published figure may lie from what a true model expects: chance in it, error of it, and discrepancy.

A published count is one outcome of chance: Poisson around its expectation, or binomial for a share of a known number
of cases. Other figures have a stated standard deviation. On top, a model that is right in all it holds may miss the
figure by a relative discrepancy, because definitions and pathways are simplified; that is a judgement.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from sim.analysis.calibration.simulated import denominators
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target, Targets

Array = NDArray[np.float64]
LEVEL = 0.95


def exposure(target: Target, parameters: Parameters) -> float:
    """Return the count per unit of a target's value: value x exposure is the number of cases behind it.

    A rate per 100 of 50,000 pupils over two years, averaged, has an exposure of 1,000.
    """
    over = denominators(target, parameters)
    if target.over == "last":
        return float(over[-1] / target.per)
    if target.over == "sum" and not target.divided_by:
        return 1.0 / target.per
    return float(over.sum() / target.per)


def observation_variance(target: Target, expected: ArrayLike, parameters: Parameters) -> Array:
    """Return the variance of the published figure when the model expects `expected`, in the same shape.

    Chance is that of the expected count, not of the one that came: 0 exclusions in a year that expects 2 are likely.
    """
    mean = np.asarray(expected, dtype=np.float64)
    if target.error == "poisson":
        return np.asarray(np.maximum(mean, 0.0) / exposure(target, parameters))
    if target.error == "binomial":
        part = np.clip(mean / target.per, 0.0, 1.0)
        return np.asarray(part * (1 - part) * target.per**2 / float(target.trials or 1))
    return np.full_like(mean, float(target.sd or 0.0) ** 2)


def discrepancy_variance(target: Target) -> float:
    """Return the variance of the model's discrepancy: (relative discrepancy x published figure) squared."""
    return float((target.discrepancy * target.value) ** 2)


def implausibility(target: Target, expected: ArrayLike, parameters: Parameters, variance: ArrayLike = 0.0) -> Array:
    """Return |published - expected| in standard deviations of everything that may lie between them.

    Parameters
    ----------
    expected : what runs of one set of parameters come to on average, in the terms of the published figure.
    variance : of that average, because runs are few or it was interpolated.

    A set is implausible above 3: by Pukelsheim's rule at least 95% of any unimodal law lies within three
    standard deviations. Source: https://doi.org/10.1080/00031305.1994.10476030
    """
    mean = np.asarray(expected, dtype=np.float64)
    total = observation_variance(target, mean, parameters) + discrepancy_variance(target) + np.asarray(variance)
    return np.asarray(np.abs(target.value - mean) / np.sqrt(total))


def implausibilities(
    targets: Targets, expected: pd.DataFrame, parameters: Parameters, variance: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the implausibility of each row of `expected` (sets of parameters) for each target (columns)."""
    spread = variance or {}
    columns = {
        name: implausibility(target, expected[name].to_numpy(), parameters, spread.get(name, 0.0))
        for name, target in targets.items()
    }
    return pd.DataFrame(columns, index=expected.index)


def observed_interval(target: Target, parameters: Parameters, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of the expectation behind a published figure: exact for counts and shares, else normal.

    Poisson: Garwood (1936), https://doi.org/10.1093/biomet/28.3-4.437; binomial: Clopper and Pearson (1934),
    https://doi.org/10.1093/biomet/26.4.404. Discrepancy is not in it.
    """
    tail = (1 - level) / 2
    if target.error == "poisson":
        per_unit = exposure(target, parameters)
        count = target.value * per_unit
        low = stats.chi2.ppf(tail, 2 * count) / 2 if count > 0 else 0.0
        return float(low / per_unit), float(stats.chi2.isf(tail, 2 * count + 2) / 2 / per_unit)
    if target.error == "binomial":
        trials = int(target.trials or 1)
        found = stats.binomtest(round(target.value / target.per * trials), trials).proportion_ci(level, "exact")
        return float(found.low * target.per), float(found.high * target.per)
    reach = stats.norm.isf(tail) * float(target.sd or 0.0)
    return float(target.value - reach), float(target.value + reach)

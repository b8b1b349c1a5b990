"""How much of the spread of results is due to what is not known, and how much to chance: one-way analysis of variance.

Draws of the parameters are the groups, replications with luck of their own the members. The components are the
unbiased ones of Searle, Casella and McCulloch (1992), Variance Components, chapter 3, with the between-draw component
set to 0 where its estimate is below; the interval of the share is that of the intraclass correlation under normality.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtri

Array = NDArray[np.float64]


def split_variance(values: Array, per_draw: int, level: float = 0.95) -> pd.DataFrame:
    """Return the variance of one future by what it is due to, for each row of `values`.

    Parameters
    ----------
    values : keys x replications; replication k belongs to draw k // per_draw. NaN where there is no value.
    per_draw : replications of a draw, one or more; with one the two cannot be told apart.
    level : of the interval of the share.

    Returns
    -------
    One row per key: `parameters` and `chance` (variances, in the squared unit of the values), `share` of the first in
    their sum with `share_low` and `share_high`, and `draws` that have a value. NaN where it cannot be known.
    """
    grouped = _by_draw(values, per_draw)
    known = ~np.isnan(grouped)
    size = known.sum(axis=2)
    number, draws = size.sum(axis=1), (size > 0).sum(axis=1)
    means = _ratio(np.where(known, grouped, 0.0).sum(axis=2), size)
    grand = _ratio(np.where(known, grouped, 0.0).sum(axis=(1, 2)), number)
    between = _ratio(np.nansum(size * (means - grand[:, None]) ** 2, axis=1), draws - 1)
    within = _ratio(np.nansum((grouped - means[:, :, None]) ** 2, axis=(1, 2)), number - draws)
    typical = _ratio(number - _ratio((size**2).sum(axis=1), number), draws - 1)
    parameters = np.maximum(_ratio(between - within, typical), 0.0)
    low, high = _share_interval(between, within, typical, (draws - 1, number - draws), level)
    return pd.DataFrame(
        {
            "parameters": parameters,
            "chance": within,
            "share": _ratio(parameters, parameters + within),
            "share_low": low,
            "share_high": high,
            "draws": draws,
        }
    )


def _by_draw(values: Array, per_draw: int) -> Array:
    """Return keys x draws x replications of a draw; a last draw that is not whole is filled up with NaN."""
    keys, number = values.shape
    draws = -(-number // per_draw)
    whole = np.full((keys, draws * per_draw), np.nan)
    whole[:, :number] = values
    return whole.reshape(keys, draws, per_draw)


def _share_interval(
    between: Array, within: Array, typical: Array, freedom: tuple[NDArray[np.int64], NDArray[np.int64]], level: float
) -> tuple[Array, Array]:
    tail, (above, below) = (1 + level) / 2, (np.maximum(part, 1) for part in freedom)
    ratio = _ratio(between, within)
    ends = (ratio / fdtri(above, below, tail), ratio * fdtri(below, above, tail))
    low, high = (np.maximum(_ratio(end - 1, end - 1 + typical), 0.0) for end in ends)
    return low, high


def _ratio(part: NDArray[np.float64] | NDArray[np.int64], whole: NDArray[np.float64] | NDArray[np.int64]) -> Array:
    """Return part / whole, NaN where the whole is not above 0."""
    over = np.asarray(whole, dtype=float)
    made: Array = np.divide(part, over, out=np.full(over.shape, np.nan), where=over > 0)
    return made

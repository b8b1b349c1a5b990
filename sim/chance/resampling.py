"""Weights that are drawn to see how far an average hangs on which replications there happen to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mean_weights(draws: int, replications: int, seed: int) -> NDArray[np.float64]:
    """Return weights that make of replications what their mean may truly be: shape (draws, replications).

    Each row adds up to 1. Weighed sums of any values, several at once, follow the multivariate t distribution around
    their means with the covariance of the means, which is what is known of true means of normal values; so few
    replications give wide ones. The same seed gives the same weights. Two or more replications.
    """
    luck = np.random.default_rng(seed)
    normal = luck.standard_normal((draws, replications))
    free = replications - 1
    spread = np.sqrt(free / luck.chisquare(free, size=(draws, 1)) / (replications * free))
    made: NDArray[np.float64] = 1 / replications + (normal - normal.mean(axis=1, keepdims=True)) * spread
    return made

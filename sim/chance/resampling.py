"""Weights that are drawn to see how far an average hangs on which replications there happen to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bootstrap_weights(draws: int, replications: int, seed: int) -> NDArray[np.float64]:
    """Return weights of the Bayesian bootstrap: shape (draws, replications), each row adding up to 1.

    The same seed gives the same weights.
    """
    return np.random.default_rng(seed).dirichlet(np.ones(replications), size=draws)

"""Points of an experiment that are drawn: a Latin hypercube, and the luck of a library that draws them."""

import numpy as np
from numpy.typing import NDArray


def latin_hypercube(points: int, factors: int, seed: int) -> NDArray[np.float64]:
    """Return a Latin hypercube on the unit cube: each factor has one point in each of `points` equal slices.

    Shape (points, factors). The same seed gives the same points.
    """
    from scipy.stats import qmc  # slow to load, and not needed by a run

    drawn: NDArray[np.float64] = qmc.LatinHypercube(factors, rng=seed).random(points)
    return drawn


def luck_for_walkers(seed: int) -> np.random.RandomState:
    """Return luck of the kind that the library emcee wants; the same seed gives the same numbers."""
    return np.random.RandomState(seed)

"""Points that are drawn for a design or an integral: Latin hypercubes; and luck for a library that draws its own."""

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


def normal_hypercube(points: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Return a Latin hypercube of independent standard normal variables, shape (points, dimensions)."""
    from scipy.special import ndtri

    return np.asarray(ndtri(latin_hypercube(points, dimensions, seed)))


def weights(points: int, items: int, seed: int) -> NDArray[np.float64]:
    """Return weights of a Bayesian bootstrap (Rubin 1981), shape (points, items): each row sums to 1.

    They are those of a flat Dirichlet law, made of exponential variables that stand on a Latin hypercube.
    """
    made = -np.log1p(-latin_hypercube(points, items, seed))
    return np.asarray(made / made.sum(axis=1, keepdims=True))

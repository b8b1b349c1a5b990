"""Inverse distribution functions: one uniform in, one value out, so that luck stays coupled between scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import exp, log, log1p, nextafter, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import cython_special, gammaincinv, ndtr, ndtri, pdtr, pdtrik

Sampler = Callable[[float], float]

_LEAST, _MOST = 1e-300, nextafter(1.0, 0.0)
"""Bounds of a uniform: its normal score is finite, and it is below 1."""


def unit_exponential(uniform: float) -> float:
    """Return the unit-exponential quantile of a uniform in [0, 1)."""
    return -log1p(-uniform)


def gamma(uniform: float, mean: float, cv: float) -> float:
    """Return the quantile of a gamma distribution given by mean and coefficient of variation (0 gives the mean)."""
    if cv == 0.0:
        return mean
    shape = 1.0 / cv**2
    return cython_special.gammaincinv(shape, uniform) * mean / shape  # the same, without the cost of an array function


def gammas(uniforms: NDArray[np.float64], mean: float, cv: float) -> NDArray[np.float64]:
    """Return gamma quantiles of an array of uniforms; see `gamma`."""
    if cv == 0.0:
        return np.full_like(uniforms, mean)
    return np.asarray(gammaincinv(1.0 / cv**2, uniforms) * mean * cv**2)


def lognormal(uniform: float, mean: float, cv: float) -> float:
    """Return the quantile of a lognormal distribution given by mean and coefficient of variation."""
    return lognormal_of_log_sd(uniform, mean, sqrt(log(1.0 + cv**2)))


def lognormal_of_log_sd(uniform: float, mean: float, log_sd: float) -> float:
    """Return the quantile of a lognormal given by its mean and the standard deviation of its logarithm."""
    if log_sd == 0.0:
        return mean
    return mean * exp(log_sd * float(ndtri(max(uniform, _LEAST))) - log_sd**2 / 2)


def correlated(own: float, other: float, correlation: float) -> float:
    """Return a uniform made of two independent ones whose normal score has this correlation with that of `other`."""
    if correlation == 0.0:
        return own
    own_score, other_score = (float(ndtri(max(uniform, _LEAST))) for uniform in (own, other))
    score = correlation * other_score + sqrt(1.0 - correlation**2) * own_score
    return min(float(ndtr(score)), _MOST)


def sampler(law: str, mean: float, cv: float) -> Sampler:
    """Return the function from a uniform to a value of `law` (fixed, exponential, gamma or lognormal)."""
    if law == "fixed":
        return lambda _uniform: mean
    if law == "exponential":
        return lambda uniform: mean * unit_exponential(uniform)
    return partial(gamma if law == "gamma" else lognormal, mean=mean, cv=cv)


def poisson(uniforms: ArrayLike, means: ArrayLike) -> NDArray[np.int64]:
    """Return Poisson quantiles, elementwise: a higher mean never gives a lower count; mean 0 gives 0."""
    u, m = np.broadcast_arrays(np.asarray(uniforms, dtype=float), np.asarray(means, dtype=float))
    counts = np.ceil(pdtrik(u, np.where(m > 0, m, 1.0)))
    lower = np.maximum(counts - 1, 0)
    counts = np.where(pdtr(lower, np.where(m > 0, m, 1.0)) >= u, lower, counts)
    return np.asarray(np.where(m > 0, counts, 0), dtype=np.int64)


def cumulated(weights: Sequence[float]) -> tuple[float, ...]:
    """Return running sums of weights, the last one exactly 1, for use with bisect on a uniform."""
    total, sums = 0.0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return (*(s / total for s in sums[:-1]), 1.0)

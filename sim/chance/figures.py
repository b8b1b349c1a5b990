"""Luck of figures: one keyed uniform for each uncertain figure of a draw, and the quantiles of its distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_BYTES, _UNUSED_BITS, _STEPS = 8, 11, 2**53
_NORMAL_RANGE = 2 * 1.959963984540054
"""Standard deviations between the ends of a central range of 95%."""


def keyed_uniform(seed: int, draw: int, name: str) -> float:
    """Return the uniform in [0, 1) that belongs to a figure's name in a draw: the same whatever else is drawn.

    It is made of the first 53 bits of SHA-256 of the three, so that it depends on no order and no library.
    """
    digest = sha256(f"{seed}/{draw}/{name}".encode()).digest()
    return (int.from_bytes(digest[:_BYTES], "big") >> _UNUSED_BITS) / _STEPS


def quantiles(distribution: str, uniforms: ArrayLike, values: ArrayLike, lows: ArrayLike, highs: ArrayLike) -> Array:
    """Return quantiles of figures that share a kind of distribution, elementwise; all lie from low to high.

    Parameters
    ----------
    distribution : says what value, low and high of a figure mean:

        - triangular: low and high are bounds, value is the mode;
        - uniform: low and high are bounds, value plays no part;
        - beta: low and high are bounds, value is the mode of a beta law whose parameters sum to 6 (PERT);
        - normal: mean value, low to high as wide as 95% of it, cut off at low and high;
        - lognormal: the same for the logarithms (all above 0); value is the median before cutting;
        - fixed: value.
    uniforms : in [0, 1), shape as the figures'.
    values, lows, highs : low < high and low <= value <= high.

    The mean of a law that is not symmetric is not its value: (low + value + high) / 3 for a triangular one.
    """
    u, value, low, high = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (uniforms, values, lows, highs)))
    found: Array = np.clip(LAWS[distribution](u, value, low, high), low, high)
    return found


def _triangular(u: Array, value: Array, low: Array, high: Array) -> Array:
    from scipy import stats  # slow to load, and not needed by a run

    return np.asarray(stats.triang.ppf(u, (value - low) / (high - low), low, high - low))


def _uniform(u: Array, _value: Array, low: Array, high: Array) -> Array:
    return np.asarray(low + u * (high - low))


def _beta(u: Array, value: Array, low: Array, high: Array) -> Array:
    from scipy import stats

    mode = (value - low) / (high - low)
    return np.asarray(stats.beta.ppf(u, 1 + 4 * mode, 1 + 4 * (1 - mode), low, high - low))


def _normal(u: Array, value: Array, low: Array, high: Array) -> Array:
    from scipy import stats

    sd = (high - low) / _NORMAL_RANGE
    return np.asarray(stats.truncnorm.ppf(u, (low - value) / sd, (high - value) / sd, value, sd))


def _lognormal(u: Array, value: Array, low: Array, high: Array) -> Array:
    return np.exp(_normal(u, np.log(value), np.log(low), np.log(high)))


def _fixed(_u: Array, value: Array, _low: Array, _high: Array) -> Array:
    return value


LAWS: Mapping[str, Callable[[Array, Array, Array, Array], Array]] = {
    "triangular": _triangular,
    "uniform": _uniform,
    "beta": _beta,
    "normal": _normal,
    "lognormal": _lognormal,
    "fixed": _fixed,
}

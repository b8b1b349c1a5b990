"""Where net cost is nought: the unit cost, or the strength of an effect, at which a lever just pays for itself.

Net costs are given by replication; levels share their luck, so they are paired. Between two levels the net cost of
each replication is taken to run straight, so the mean does too, and the t interval of the mean at any level between
is exact. Breaking even cannot be ruled out at the levels at which that t interval includes 0. On a straight line that
is Fieller's set: an interval, two stretches without end, or everything (Fieller (1954), Some problems in interval
estimation, Journal of the Royal Statistical Society B 16(2), 175-185). Levels closer to the root make it better.
Nothing is drawn, so the answer is always the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import inf, isinf, nan, sqrt
from typing import Any

import numpy as np
from scipy.special import stdtrit

from sim.analysis.paired_spend import HALF_A_PENNY, Floats

TOUCHING = 1e-9
"""Stretches of levels that are no further apart, relative to the level, are one."""


class Outcome(StrEnum):
    """What there is to say about breaking even."""

    FOUND = "found"
    ALWAYS = "pays at any level"
    NEVER = "never pays at any level"


@dataclass(frozen=True)
class Root:
    """Where a lever breaks even.

    Attributes
    ----------
    level : at which the mean net cost is nought; NaN unless it was found.
    stretches : of levels at which breaking even cannot be ruled out, in order, as the t interval of the net cost
        includes nought; infinite where they go on beyond the levels looked at. None with fewer than two replications.
    low, high : ends of the first and the last stretch, between which there may be gaps; NaN where there are none.
    replications, confidence : number of replications, and of what level the interval is.
    lowest, highest : levels looked at.
    pays_above : whether the lever pays from `level` up, rather than up to `level`.
    """

    outcome: Outcome
    level: float
    low: float
    high: float
    replications: int
    confidence: float
    lowest: float
    highest: float
    pays_above: bool
    stretches: tuple[tuple[float, float], ...] = ()


def linear_root(costs_at: Mapping[float, Any], confidence: float = 0.95) -> Root:
    """Return the multiplier of a unit cost, 0 or more, at which a lever breaks even.

    Parameters
    ----------
    costs_at : net cost by replication at two or more multipliers; it must be linear in the multiplier, as it is
        when nothing but the price of the lever itself is multiplied.

    Raises ValueError for fewer than two multipliers, or net costs that are not linear in them.
    """
    levels = sorted(costs_at)
    costs = _known(levels, [costs_at[level] for level in levels])
    slope = (costs[-1] - costs[0]) / (levels[-1] - levels[0])
    fixed = costs[0] - slope * levels[0]
    _refuse_curves(levels, costs, fixed, slope)
    start, rise = float(fixed.mean()), float(slope.mean())
    pays_at_first, turns = start <= HALF_A_PENNY, abs(rise) > HALF_A_PENNY and (start <= HALF_A_PENNY) == (rise > 0)
    outcome = Outcome.FOUND if turns else _same_throughout(pays_at_first)
    level = max(-start / rise, 0.0) if turns else nan
    covered = _covered(fixed, slope, confidence, 0.0, inf)
    return _root(outcome, level, covered, costs.shape[1], confidence, (0.0, inf), pays_above=not pays_at_first)


def root_of_curve(levels: Sequence[float], net_costs: Any, confidence: float = 0.95) -> Root:
    """Return the level of an effect or a dose at which a lever breaks even.

    Parameters
    ----------
    levels : two or more, in ascending order.
    net_costs : levels x replications; at or below 0 the lever pays. A replication without a value at some level is
        left out of all. Levels at the start at which nothing at all is spent or saved are taken to go the way of the
        first at which something is: a lever that is not there does not pay for itself.

    Where the mean changes sign more than once, the first change counts. Raises ValueError for levels out of order,
    or a shape that does not fit.
    """
    costs = _known(levels, net_costs)
    something = (np.abs(costs) > HALF_A_PENNY).any(axis=1)
    first, means = int(something.argmax()), costs.mean(axis=1)
    pays = (means <= HALF_A_PENNY)[first:]
    turn = first + int(np.append(pays[:-1] != pays[1:], True).argmax())  # the last level when there is none
    found = turn < len(levels) - 1
    level = _between(*levels[turn : turn + 2], *means[turn : turn + 2]) if found else nan
    outcome = Outcome.FOUND if found else _same_throughout(bool(pays[0]))
    covered = _covered_curve(levels, costs, first, confidence)
    looked_at = (levels[0], levels[-1])
    return _root(outcome, level, covered, costs.shape[1], confidence, looked_at, pays_above=not pays[0])


def _known(levels: Sequence[float], net_costs: Any) -> Floats:
    """Return levels x replications without replications that lack a value."""
    costs = np.asarray(net_costs, dtype=np.float64)
    if len(levels) < 2 or any(not a < b for a, b in pairwise(levels)):
        raise ValueError(f"two or more levels in ascending order are needed; found {list(levels)}")
    if costs.ndim != 2 or len(costs) != len(levels):
        raise ValueError(f"net costs must be levels x replications; found {costs.shape} for {len(levels)} levels")
    costs = costs[:, ~np.isnan(costs).any(axis=0)]
    if not costs.shape[1]:
        raise ValueError("no replication has a net cost at every level")
    return costs


def _refuse_curves(levels: Sequence[float], costs: Floats, fixed: Floats, slope: Floats) -> None:
    straight = fixed + np.asarray(levels, dtype=np.float64)[:, None] * slope
    if not np.allclose(costs, straight, rtol=1e-9, atol=HALF_A_PENNY):
        raise ValueError("net cost is not linear in the multiplier: look for the root of a curve instead")


def _same_throughout(pays: bool) -> Outcome:
    return Outcome.ALWAYS if pays else Outcome.NEVER


def _between(low: float, high: float, cost_low: float, cost_high: float) -> float:
    """Return where the straight line between two levels is nought."""
    share = min(max(cost_low / (cost_low - cost_high), 0.0), 1.0)
    return float(low + share * (high - low))


def _covered_curve(levels: Sequence[float], costs: Floats, first: int, confidence: float) -> list[tuple[float, float]]:
    """Return the stretches of levels, from `first` on, at which the t interval of the mean net cost includes 0.

    A stretch that reaches the lowest or highest level goes on beyond it, for all that is known; one that reaches
    the first level at which anything is spent goes on to the level before.
    """
    found = []
    for i in range(first, len(levels) - 1):
        low, high = levels[i], levels[i + 1]
        ends = {0.0: low if i > first else _before(levels, first), 1.0: high if i < len(levels) - 2 else inf}
        for stretch in _covered(costs[i], costs[i + 1] - costs[i], confidence, 0.0, 1.0):
            start, end = (ends.get(share, low + share * (high - low)) for share in stretch)
            found.append((start, end))
    return found


def _before(levels: Sequence[float], first: int) -> float:
    return levels[first - 1] if first else -inf


def _covered(fixed: Floats, slope: Floats, confidence: float, low: float, high: float) -> list[tuple[float, float]]:
    """Return the stretches of m in [low, high] at which the t interval of the mean of fixed + m x slope includes 0.

    There |mean| <= t x standard error, which squared is a quadratic in m.
    """
    number = len(fixed)
    if number < 2:
        return []
    reach = stdtrit(number - 1, (1 + confidence) / 2) ** 2 / number
    spread = np.cov(fixed, slope)
    a = slope.mean() ** 2 - reach * spread[1, 1]
    b = fixed.mean() * slope.mean() - reach * spread[0, 1]
    c = fixed.mean() ** 2 - reach * spread[0, 0]
    ends = [low, *sorted(m for m in _roots(a, b, c) if low < m < high), high]
    return [(p, q) for p, q in pairwise(ends) if _inside(a, b, c, p, q)]


def _inside(a: float, b: float, c: float, low: float, high: float) -> bool:
    probe = 2 * low + 1 if isinf(high) else (low + high) / 2
    return bool(a * probe**2 + 2 * b * probe + c <= 0)


def _roots(a: float, b: float, c: float) -> list[float]:
    """Return the real roots of a m^2 + 2 b m + c."""
    if a == 0:
        return [-c / (2 * b)] if b else []
    inside = b * b - a * c
    return [(-b - sqrt(inside)) / a, (-b + sqrt(inside)) / a] if inside >= 0 else []


def _root(
    outcome: Outcome,
    level: float,
    covered: Sequence[tuple[float, float]],
    replications: int,
    confidence: float,
    looked_at: tuple[float, float],
    pays_above: bool,
) -> Root:
    """Return a root with the stretches covered; the level itself is always one, if it is nothing but rounding."""
    found = [*covered, *([(level, level)] if replications > 1 and outcome is Outcome.FOUND else [])]
    stretches = _joined(found)
    low, high = (stretches[0][0], stretches[-1][1]) if stretches else (nan, nan)
    lowest, highest = (float(edge) for edge in looked_at)
    ends = float(level), float(low), float(high)
    return Root(outcome, *ends, replications, confidence, lowest, highest, pays_above, stretches)


def _joined(stretches: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return stretches in order, those that touch (floating-point error aside) as one."""
    joined: list[tuple[float, float]] = []
    for low, high in sorted((float(start), float(end)) for start, end in stretches):
        if joined and low <= joined[-1][1] + TOUCHING * max(1.0, abs(low)):
            joined[-1] = joined[-1][0], max(high, joined[-1][1])
        else:
            joined.append((low, high))
    return tuple(joined)

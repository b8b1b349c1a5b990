"""The chance that a lever works as well as it must to pay for itself, by what the evidence says of it."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.break_even import Outcome, Root
from sim.analysis.lever_break_even import Answer, effects_of, scaled_by
from sim.chance.figures import quantiles
from sim.levers.acts import LeverInUse
from sim.levers.spec import Ranged

STEPS = 10_000
"""Evenly spaced quantiles at which a range is looked at; a chance is right to the fourth decimal."""


class Chance(NamedTuple):
    """The chance that a figure is as good as is needed; low and high are NaN without an interval of what is needed."""

    name: str
    value: float
    low: float
    high: float


def chances(lever: LeverInUse, answer: Answer) -> list[Chance]:
    """Return for each figure scaled the chance, over its range of evidence, that the lever pays with it.

    The interval is that of the level needed, carried over: the chances at its two ends. Where several figures are
    scaled, each is looked at as if the others were as good as it is. Where the lever pays at every level looked at,
    or at none, what lies beyond is not known: the interval then counts it either way.
    """
    found = []
    for name, (neutral, central) in scaled_by(lever, answer.question.axis).items():
        figure = lever.spec.settings.get(name) or effects_of(lever)[name]
        levels = (_drawn(figure) - neutral) / (central - neutral)
        found.append(Chance(name, *_chance(answer.root, levels)))
    return found


def _drawn(figure: Ranged) -> NDArray[np.float64]:
    """Return a figure at evenly spaced quantiles of its range."""
    if figure.low == figure.high:
        return np.array([figure.value])
    middles = (np.arange(STEPS) + 0.5) / STEPS
    return quantiles(figure.distribution, middles, figure.value, figure.low, figure.high)


def _chance(root: Root, levels: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the share of levels that pay, and the same with what is not known counted against and for the lever."""
    if root.outcome is not Outcome.FOUND:
        inside = (levels >= root.lowest) & (levels <= root.highest)
        known, unknown = float(inside.mean()), 1.0 - float(inside.mean())
        pays = known if root.outcome is Outcome.ALWAYS else 0.0
        return pays, pays, pays + unknown
    at = [_share(root, levels, level) for level in (root.level, root.low, root.high)]
    return at[0], float(np.min(at)), float(np.max(at))


def _share(root: Root, levels: NDArray[np.float64], level: float) -> float:
    if isnan(level):
        return level
    return float((levels >= level).mean() if root.pays_above else (levels <= level).mean())

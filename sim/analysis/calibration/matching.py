"""Waves of runs that close in on the points at which the simulation agrees with what was observed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.calibration.emulator import Emulator, emulator_of
from sim.analysis.calibration.likelihood import Likelihood, Observed, likelihood_of
from sim.analysis.calibration.points import Floats, Points, Space, first_design

MOST_IMPLAUSIBLE = 3.0
"""Pukelsheim's three-sigma rule: a point further than this from any target is ruled out."""

Simulate = Callable[[Points], Floats]
"""Runs points and returns points x targets on the scales of the targets; NaN where a run has no value."""

Quantiles = Callable[[NDArray[np.int64]], Floats]
"""Returns the quantiles of all judged figures for point numbers: points x judged figures."""


@dataclass(frozen=True)
class Wave:
    """What one wave found.

    Attributes
    ----------
    number : from 1.
    points : runs in this wave; `plausible` of them are not ruled out.
    median_worst : median over its points of the largest implausibility.
    explained : share of variance of each target that the emulator of all runs up to this wave explains.
    """

    number: int
    points: int
    plausible: int
    median_worst: float
    explained: tuple[float, ...]


@dataclass(frozen=True)
class Matching:
    """Everything that was run, and what is left as plausible.

    Attributes
    ----------
    simulated : points x targets.
    chance : standard deviation between runs of the same point, one a target.
    """

    space: Space
    observed: Observed
    points: Points
    simulated: Floats
    chance: Floats
    likelihood: Likelihood
    waves: tuple[Wave, ...]

    @property
    def implausibility(self) -> Floats:
        """Points x targets."""
        return self.observed.implausibility(self.simulated, self.chance)

    @property
    def plausible(self) -> NDArray[np.bool_]:
        """Points that no target rules out."""
        return worst(self.implausibility) <= MOST_IMPLAUSIBLE

    def members(self, most: int, waves: Sequence[int] | None = None) -> NDArray[np.int64]:
        """Return up to so many plausible points of the last wave (or of `waves`), in the order they were drawn.

        Points of a wave after the first were drawn by their likelihood, so that those kept stand for what is
        plausible and how much so.
        """
        asked = np.isin(self.points.wave, waves or [self.points.wave.max()])
        return np.flatnonzero(asked & self.plausible)[:most]


def worst(implausibility: Floats) -> Floats:
    """Return the largest implausibility of each point; infinite where a target has no value."""
    found: Floats = np.where(np.isnan(implausibility), np.inf, implausibility).max(axis=1)
    return found


def matched(
    space: Space,
    observed: Observed,
    quantiles: Quantiles,
    simulate: Simulate,
    chance: Floats,
    sizes: Sequence[int],
    seed: int,
    tell: Callable[[Wave], None] = lambda wave: None,
) -> Matching:
    """Return the outcome of waves of the given sizes.

    The first fills the space; each later one is drawn by the likelihood of an emulator of all runs so far.

    Parameters
    ----------
    chance : standard deviation between runs of the same point, one a target.
    tell : told of each wave when it is done.
    """
    points = first_design(space, quantiles(np.arange(sizes[0])), seed)
    simulated, waves = simulate(points), list[Wave]()
    for number, size in enumerate((*sizes[1:], 0), start=1):
        implausibility = observed.implausibility(simulated, chance)
        likelihood = likelihood_of(space, _emulated(points, simulated), observed)
        waves.append(_wave(number, points, implausibility, likelihood.emulator))
        tell(waves[-1])
        if size:
            fresh = _fresh(points, quantiles, size, number + 1)
            fresh = likelihood.drawn(fresh, seed + number)
            points, simulated = points.joined(fresh), np.vstack([simulated, simulate(fresh)])
    return Matching(space, observed, points, simulated, chance, likelihood, tuple(waves))


def _emulated(points: Points, simulated: Floats) -> Emulator:
    known = ~np.isnan(simulated).any(axis=1)
    return emulator_of(points.inputs[known], simulated[known], len(points.space.factors))


def _fresh(points: Points, quantiles: Quantiles, size: int, wave: int) -> Points:
    """Return points with numbers that follow, quantiles of their own, and places in the middle."""
    numbers = len(points) + np.arange(size)
    places = np.zeros((size, len(points.space.factors)))
    return Points(points.space, numbers, places, quantiles(numbers), np.full(size, wave))


def _wave(number: int, points: Points, implausibility: Floats, emulator: Emulator) -> Wave:
    mine = worst(implausibility[points.wave == number])
    plausible = int((mine <= MOST_IMPLAUSIBLE).sum())
    return Wave(number, len(mine), plausible, float(np.median(mine)), tuple(emulator.explained.tolist()))

"""Points of the space that calibration searches: a ratio for each factor, a quantile for each judged figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.chance.designs import latin_hypercube

Floats = NDArray[np.float64]
DIGITS = 6
"""Ratios have so many significant digits and given quantiles so many decimals, so that a file holds them exactly."""

LEAST_QUANTILE = 1e-6
"""Quantiles are kept this far from 0 and 1, so that their normal score is finite."""


@dataclass(frozen=True)
class Space:
    """What is searched.

    Attributes
    ----------
    factors : names of the factors; each is a ratio between `low` and `high`, searched evenly on a log scale.
    judged : names of the figures drawn from their ranges, each by its quantile.
    """

    factors: tuple[str, ...]
    low: Floats
    high: Floats
    judged: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Factors, then judged figures."""
        return (*self.factors, *self.judged)

    def ratios(self, places: Floats) -> Floats:
        """Return ratios, to `DIGITS`, at places from -1 (low) to 1 (high), each column a factor."""
        exact = np.exp(np.log(self.low) + (places + 1) / 2 * (np.log(self.high) - np.log(self.low)))
        made: Floats = np.vectorize(lambda ratio: float(f"{ratio:.{DIGITS}g}"), otypes=[np.float64])(exact)
        return made

    def places(self, ratios: Floats) -> Floats:
        """Return the places from -1 to 1 of ratios."""
        made: Floats = 2 * (np.log(ratios) - np.log(self.low)) / (np.log(self.high) - np.log(self.low)) - 1
        return made


@dataclass(frozen=True)
class Points:
    """Points of a space.

    Attributes
    ----------
    numbers : of each point; it decides the luck of its run and all quantiles that are not given.
    places : points x factors, from -1 to 1.
    quantiles : points x judged figures, between 0 and 1.
    wave : in which each point was chosen, from 1.
    """

    space: Space
    numbers: NDArray[np.int64]
    places: Floats
    quantiles: Floats
    wave: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def inputs(self) -> Floats:
        """Points x (factors, judged figures), each of about unit variance: what an emulator regresses on."""
        return np.hstack([self.places * np.sqrt(3), scores(self.quantiles)])

    def ratios(self) -> list[dict[str, float]]:
        """Return the ratio of each factor at each point."""
        found = self.space.ratios(self.places)
        return [dict(zip(self.space.factors, row.tolist(), strict=True)) for row in found]

    def given(self, names: Sequence[str]) -> list[dict[str, float]]:
        """Return the quantiles of some judged figures at each point."""
        columns = [self.space.judged.index(name) for name in names]
        return [dict(zip(names, row.tolist(), strict=True)) for row in self.quantiles[:, columns]]

    def taken(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """Return some of the points."""
        return replace(
            self,
            numbers=self.numbers[which],
            places=self.places[which],
            quantiles=self.quantiles[which],
            wave=self.wave[which],
        )

    def joined(self, others: Points) -> Self:
        """Return these points and then others of the same space."""
        return replace(
            self,
            numbers=np.concatenate([self.numbers, others.numbers]),
            places=np.vstack([self.places, others.places]),
            quantiles=np.vstack([self.quantiles, others.quantiles]),
            wave=np.concatenate([self.wave, others.wave]),
        )


def scores(quantiles: Floats) -> Floats:
    """Return the standard normal scores of quantiles."""
    found: Floats = ndtri(np.clip(quantiles, LEAST_QUANTILE, 1 - LEAST_QUANTILE))
    return found


def quantiles_of(normal_scores: Floats) -> Floats:
    """Return the quantiles of standard normal scores."""
    found: Floats = ndtr(normal_scores)
    return found


def first_design(space: Space, quantiles: Floats, seed: int) -> Points:
    """Return points that fill the space: a Latin hypercube of the factors beside quantiles that are drawn already.

    Parameters
    ----------
    quantiles : points x judged figures.
    """
    number = len(quantiles)
    places = 2 * latin_hypercube(number, len(space.factors), seed) - 1
    return Points(space, np.arange(number), places, quantiles, np.ones(number, np.int64))


def space_of(factors: Mapping[str, tuple[float, float]], judged: Sequence[str]) -> Space:
    """Return the space of factors, given with the ends of their ratios, and judged figures."""
    low, high = (np.array([ends[side] for ends in factors.values()], dtype=np.float64) for side in (0, 1))
    return Space(tuple(factors), low, high, tuple(judged))

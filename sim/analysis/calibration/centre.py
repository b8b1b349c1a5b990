"""The one set of figures that stands for all: what the targets tell of at its likeliest, the rest at central values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.analysis.calibration.likelihood import Likelihood, Observed
from sim.analysis.calibration.points import DIGITS, Floats, quantiles_of

Central = Callable[[Mapping[str, float], Mapping[str, float], Sequence[int]], Floats]
"""Runs the county with factors on it and some figures at given quantiles; replications x targets on their scales."""

ROUNDS = 4
"""How often the emulator is put right by runs at its best point before the best of them is taken."""


@dataclass(frozen=True)
class Centre:
    """The best figures found, and how runs with them compare with what was observed.

    Attributes
    ----------
    ratios : by factor.
    quantiles : of the judged figures that were sought beside the factors, by name.
    means : mean of each target over the replications, on its own scale.
    implausibility : distance of that mean from each target in standard deviations of observation, discrepancy and the
        error of the mean.
    """

    ratios: Mapping[str, float]
    quantiles: Mapping[str, float]
    means: Floats
    implausibility: Floats

    @property
    def misfit(self) -> float:
        """Root of the mean squared implausibility."""
        return float(np.sqrt((self.implausibility**2).mean()))


def centre_of(
    likelihood: Likelihood, held: Floats, run: Central, replications: Sequence[int], rounds: int = ROUNDS
) -> tuple[Centre, ...]:
    """Return the centres tried, the best first.

    The likeliest figures of the emulator are run, the emulator is shifted to what the runs gave, and so on: far from
    the runs it was fitted to, a shift is what it is wrong by.

    Parameters
    ----------
    held : one entry for each judged figure that is searched: the normal score of its central value in its range, to
        keep it there, or NaN to seek it.
    replications : numbers of the runs of each centre; the same for all, so that they share their luck.
    """
    tried: list[Centre] = []
    now = likelihood
    kept = np.concatenate([np.full(len(likelihood.space.factors), np.nan), held])
    for _ in range(rounds):
        inputs = now.likeliest(kept)
        ratios, quantiles = _ratios(likelihood, inputs), _quantiles(likelihood, inputs, np.isnan(held))
        centre = _compared(likelihood.observed, ratios, quantiles, run(ratios, quantiles, replications))
        shift = centre.means - now.emulator.predict(inputs[None, :])[0]
        now = replace(now, emulator=replace(now.emulator, intercepts=now.emulator.intercepts + shift))
        tried.append(centre)
    return tuple(sorted(tried, key=lambda centre: centre.misfit))


def _ratios(likelihood: Likelihood, inputs: Floats) -> dict[str, float]:
    space = likelihood.space
    places = np.clip(inputs[: len(space.factors)] / np.sqrt(3), -1, 1)
    return dict(zip(space.factors, space.ratios(places[None, :])[0].tolist(), strict=True))


def _quantiles(likelihood: Likelihood, inputs: Floats, sought: NDArray[np.bool_]) -> dict[str, float]:
    found = np.round(quantiles_of(inputs[len(likelihood.space.factors) :]), DIGITS)
    named = zip(likelihood.names, found.tolist(), sought, strict=True)
    return {name: quantile for name, quantile, is_sought in named if is_sought}


def _compared(
    observed: Observed, ratios: Mapping[str, float], quantiles: Mapping[str, float], values: Floats
) -> Centre:
    means = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return Centre(ratios, quantiles, means, observed.implausibility(means[None, :], error)[0])

"""The one set of figures that stands for all: factors at their likeliest, everything else at its central value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.analysis.calibration.likelihood import Likelihood, Observed
from sim.analysis.calibration.points import Floats

Central = Callable[[Mapping[str, float], Sequence[int]], Floats]
"""Runs the county with factors on it and nothing drawn; replications x targets on the scales of the targets."""

ROUNDS = 4
"""How often the emulator is put right by runs at its best point before the best of them is taken."""


@dataclass(frozen=True)
class Centre:
    """The best factors found, and how runs with them compare with what was observed.

    Attributes
    ----------
    ratios : by factor.
    means : mean of each target over the replications, on its own scale.
    implausibility : distance of that mean from each target in standard deviations of observation, discrepancy and the
        error of the mean.
    """

    ratios: Mapping[str, float]
    means: Floats
    implausibility: Floats

    @property
    def misfit(self) -> float:
        """Root of the mean squared implausibility."""
        return float(np.sqrt((self.implausibility**2).mean()))


def centre_of(
    likelihood: Likelihood, central_scores: Floats, run: Central, replications: Sequence[int], rounds: int = ROUNDS
) -> tuple[Centre, ...]:
    """Return the centres tried, the best first.

    The likeliest factors of the emulator are run, the emulator is shifted to what the runs gave, and so on: far from
    the runs it was fitted to, a shift is what it is wrong by.

    Parameters
    ----------
    central_scores : normal scores, in their own ranges, of the central values of the judged figures that are searched.
    replications : numbers of the runs of each centre; the same for all, so that they share their luck.
    """
    tried: list[Centre] = []
    now = likelihood
    for _ in range(rounds):
        inputs = now.likeliest(central_scores)
        ratios = _ratios(likelihood, inputs)
        values = run(ratios, replications)
        centre = _compared(likelihood.observed, ratios, values)
        shift = centre.means - now.emulator.predict(inputs[None, :])[0]
        now = replace(now, emulator=replace(now.emulator, intercepts=now.emulator.intercepts + shift))
        tried.append(centre)
    return tuple(sorted(tried, key=lambda centre: centre.misfit))


def _ratios(likelihood: Likelihood, inputs: Floats) -> dict[str, float]:
    space = likelihood.space
    places = np.clip(inputs[: len(space.factors)] / np.sqrt(3), -1, 1)
    return dict(zip(space.factors, space.ratios(places[None, :])[0].tolist(), strict=True))


def _compared(observed: Observed, ratios: Mapping[str, float], values: Floats) -> Centre:
    means = values.mean(axis=0)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return Centre(ratios, means, observed.implausibility(means[None, :], error)[0])

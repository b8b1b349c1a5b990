"""Points drawn where an emulator finds the observed targets likely, and the likeliest point of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from sim.analysis.calibration.emulator import Emulator
from sim.analysis.calibration.points import DIGITS, Floats, Points, Space, quantiles_of
from sim.chance.designs import luck_for_walkers

MOST_JUDGED = 30
"""Judged figures that are searched beside the factors: those that move the targets most."""

NEAR = 0.1
"""How far from the likeliest point walkers start, in standard deviations of an input."""

WALKERS_PER_INPUT, STEPS, BURNT = 4, 1500, 700


@dataclass(frozen=True)
class Observed:
    """Targets on their own scales.

    Attributes
    ----------
    values : one a target.
    errors : standard deviation of observation and model discrepancy together.
    """

    names: tuple[str, ...]
    values: Floats
    errors: Floats

    def implausibility(self, simulated: Floats, more: Floats | float = 0.0) -> Floats:
        """Return points x targets: distance over its standard deviation, with that of something more in it."""
        found: Floats = np.abs(simulated - self.values) / np.sqrt(self.errors**2 + np.square(more))
        return found

    def of(self, which: NDArray[np.bool_]) -> Observed:
        """Return some of the targets."""
        names = tuple(name for name, is_in in zip(self.names, which, strict=True) if is_in)
        return Observed(names, self.values[which], self.errors[which])


@dataclass(frozen=True)
class Likelihood:
    """How likely the targets are at a point, by an emulator on the inputs that matter.

    Attributes
    ----------
    searched : which judged figures are searched; the others are left to chance.
    """

    space: Space
    emulator: Emulator
    observed: Observed
    searched: NDArray[np.bool_]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the judged figures that are searched."""
        return tuple(name for name, is_in in zip(self.space.judged, self.searched, strict=True) if is_in)

    def log(self, inputs: Floats) -> Floats:
        """Return the log of prior times likelihood at points x inputs searched; minus infinity outside."""
        factors = len(self.space.factors)
        distance = self.observed.implausibility(self.emulator.predict(inputs), self.emulator.errors)
        judged: Floats = -0.5 * (inputs[:, factors:] ** 2).sum(axis=1)
        found: Floats = -0.5 * (distance**2).sum(axis=1) + judged + self._prior(inputs[:, :factors] / np.sqrt(3))
        return found

    def _prior(self, places: Floats) -> Floats:
        """Return the log of the prior of factors: triangular on the log scale, highest at a ratio of 1."""
        peak = self.space.places(np.ones((1, len(self.space.factors))))
        heights = np.where(places < peak, (places + 1) / (peak + 1), (1 - places) / (1 - peak))
        with np.errstate(divide="ignore"):
            found: Floats = np.log(np.maximum(heights, 0.0)).sum(axis=1)
        return found

    def drawn(self, fresh: Points, seed: int) -> Points:
        """Return points with places and searched quantiles drawn by their likelihood, the rest as in `fresh`.

        An affine-invariant ensemble of walkers (Goodman and Weare 2010; the library emcee) is used, and points are
        taken from it far apart.
        """
        from emcee import EnsembleSampler, State

        number = len(self.space.factors) + int(self.searched.sum())
        walkers = WALKERS_PER_INPUT * number
        luck = luck_for_walkers(seed)
        sampler = EnsembleSampler(walkers, number, self.log, vectorize=True)
        sampler.run_mcmc(
            State(self._start(luck.standard_normal((walkers, number))), random_state=luck.get_state()), STEPS
        )
        chain = sampler.get_chain(discard=BURNT, flat=True)
        chosen = chain[np.linspace(0, len(chain) - 1, len(fresh)).astype(int)]
        return self._with(fresh, chosen)

    def _start(self, apart: Floats) -> Floats:
        """Return places to start from: near the likeliest point, and apart from each other."""
        start: Floats = self.likeliest() + NEAR * apart
        factors, edge = len(self.space.factors), np.sqrt(3) - NEAR / 2
        start[:, :factors] = np.clip(start[:, :factors], -edge, edge)
        return start

    def likeliest(self, held: Floats | None = None) -> Floats:
        """Return the inputs with the highest prior times likelihood.

        Parameters
        ----------
        held : one entry for each input, which is kept; NaN for those that are sought. None seeks all.
        """
        factors, edge = len(self.space.factors), float(np.sqrt(3)) - NEAR / 2
        whole = np.full(factors + int(self.searched.sum()), np.nan) if held is None else held.copy()
        sought = np.isnan(whole)

        def cost(inputs: Floats) -> float:
            whole[sought] = inputs
            return -float(self.log(whole[None, :])[0])

        bounds = [(-edge, edge)] * factors + [(-4.0, 4.0)] * (len(whole) - factors)
        asked = [ends for ends, is_sought in zip(bounds, sought, strict=True) if is_sought]
        whole[sought] = minimize(cost, np.zeros(int(sought.sum())), method="L-BFGS-B", bounds=asked).x
        return whole

    def _with(self, fresh: Points, inputs: Floats) -> Points:
        factors = len(self.space.factors)
        quantiles = fresh.quantiles.copy()
        quantiles[:, self.searched] = np.round(quantiles_of(inputs[:, factors:]), DIGITS)
        places = np.clip(inputs[:, :factors] / np.sqrt(3), -1, 1)
        return Points(self.space, fresh.numbers, places, quantiles, fresh.wave)


def likelihood_of(space: Space, emulator: Emulator, observed: Observed, most: int = MOST_JUDGED) -> Likelihood:
    """Return the likelihood with the judged figures that move the targets most by the emulator."""
    weight = emulator.weight_of_inputs(np.hypot(observed.errors, emulator.errors))
    factors = len(space.factors)
    judged = weight[factors:]
    searched = np.zeros(len(judged), bool)
    searched[np.argsort(-judged, kind="stable")[:most]] = True
    searched &= judged > 0
    kept = np.concatenate([np.ones(factors, bool), searched])
    return Likelihood(space, emulator.restricted(kept), observed, searched)

"""Calibration of a county from start to end: waves of runs, the ensemble, its centre, and tables that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from sim.analysis.calibration.centre import Centre, centre_of
from sim.analysis.calibration.learnt import conflicts, factors_learnt, judged_learnt
from sim.analysis.calibration.likelihood import Likelihood
from sim.analysis.calibration.matching import MOST_IMPLAUSIBLE, Matching, Wave, matched, worst
from sim.analysis.calibration.points import Floats, Points, scores
from sim.analysis.calibration.scales import observed_of
from sim.analysis.calibration.table import target_table, with_markov
from sim.analysis.calibration.trials import SHARES, Trials
from sim.chance.figures import quantiles
from sim.parameters.problems import ConfigurationError, Problem
from sim.uncertainty import rows_by_name

CENTRAL_FROM = 900_000
"""Replications of runs with nothing drawn have numbers from here, so that no point has their luck."""


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes
    ----------
    sizes : runs of each wave; the first fills the space.
    members : the ensemble has at most so many.
    central : replications of each centre that is tried, and of the county as it was.
    """

    sizes: tuple[int, ...] = (240, 160, 120)
    members: int = 60
    central: int = 16


@dataclass(frozen=True)
class Calibration:
    """What calibration found.

    Attributes
    ----------
    matching : all points with their runs.
    members : which of the points make the ensemble.
    values : points x all targets, fitted or not, in the terms of the published figures.
    centres : those tried, the best first, none if no point is plausible; `before` is the county as it was.
    """

    trials: Trials
    plan: Plan
    matching: Matching
    values: Floats
    centres: tuple[Centre, ...]
    before: Floats

    @property
    def centre(self) -> Centre:
        """The best centre."""
        return self.centres[0]

    @cached_property
    def members(self) -> Points:
        """The points of the ensemble: plausible ones of all waves but the first, the latest waves first."""
        return self.matching.points.taken(self.numbers)

    @cached_property
    def numbers(self) -> np.ndarray:
        """Which points the members are."""
        waves = sorted({int(wave) for wave in self.matching.points.wave if wave > 1}, reverse=True)
        found = [self.matching.members(self.plan.members, [wave]) for wave in waves or [1]]
        return np.concatenate(found)[: self.plan.members]

    def table(self) -> pd.DataFrame:
        """Return the targets with what the ensemble comes to; see `sim.analysis.calibration.table.target_table`.

        The column markov has what an independent projection of the figures of the centre comes to.
        """
        runs = pd.DataFrame(self.values[self.numbers], columns=list(self.trials.targets))
        return with_markov(target_table(self.trials.targets, runs, self.trials.county), self._markov)

    @cached_property
    def _markov(self) -> pd.Series:
        return self.trials.projected(self.centre.ratios, self.centre.quantiles)

    def runs(self) -> pd.DataFrame:
        """Return every point run: number, wave, ratios of the factors, worst implausibility and which target's."""
        points = self.matching.points
        distance = self.matching.implausibility
        table = pd.DataFrame(points.ratios())
        table.insert(0, "number", points.numbers)
        table.insert(1, "wave", points.wave)
        names = np.array(self.matching.observed.names)
        return table.assign(worst=worst(distance), of=names[np.nan_to_num(distance, nan=np.inf).argmax(axis=1)])

    def factors(self) -> pd.DataFrame:
        """Return what was learnt of each factor, and its best value."""
        table = factors_learnt(self.matching, self.members)
        return table.assign(best=[self.centre.ratios[name] for name in table["factor"]])

    def judged(self) -> pd.DataFrame:
        """Return the judged figures that the targets moved."""
        return judged_learnt(self.matching, self.members)

    def ruled_out_by(self) -> pd.Series:
        """Return for each target the share of all points that it rules out, the strictest first."""
        share = (self.matching.implausibility > MOST_IMPLAUSIBLE).mean(axis=0)
        return pd.Series(share, index=list(self.matching.observed.names)).sort_values(ascending=False)

    def conflicts(self) -> pd.DataFrame:
        """Return which targets are missed and which pull against each other."""
        return conflicts(self.matching.likelihood)

    def fit_of_centre(self) -> pd.DataFrame:
        """Return each fitted target's distance from the county before and at the centre, in standard deviations."""
        observed = self.matching.observed
        before = observed.implausibility(self.before.mean(axis=0)[None, :])[0]
        return pd.DataFrame({"target": observed.names, "before": before, "after": self.centre.implausibility})


def calibrate(trials: Trials, plan: Plan, tell: Callable[[Wave], None] = lambda wave: None) -> Calibration:
    """Return the calibration of a county to its targets.

    Parameters
    ----------
    tell : told of each wave when it is done.
    """
    replications = [CENTRAL_FROM + number for number in range(plan.central)]
    before = trials.on_scales(trials.central({}, replications))
    _refuse_undefined(trials, before)
    observed = observed_of(trials.fitted, trials.county)
    kept: list[Floats] = []

    def simulate(points: Points) -> Floats:
        kept.append(trials.values(trials.draws(points)))
        return trials.on_scales(kept[-1])

    chance = before.std(axis=0, ddof=1)
    matching = matched(trials.space, observed, trials.quantiles, simulate, chance, plan.sizes, trials.seed, tell)

    def central(ratios: Mapping[str, float], quantiles: Mapping[str, float], numbers: Sequence[int]) -> Floats:
        return trials.on_scales(trials.central(ratios, numbers, quantiles))

    found = Calibration(trials, plan, matching, np.vstack(kept), (), before)
    if not len(found.numbers):
        return found
    moved = set(found.judged()["figure"]) & may_move(trials)
    names = matching.likelihood.names
    held = np.where([name in moved for name in names], np.nan, central_scores(trials, matching.likelihood))
    return replace(found, centres=centre_of(matching.likelihood, held, central, replications))


def _refuse_undefined(trials: Trials, before: Floats) -> None:
    """Refuse targets that some run of the county as it is has no value for."""
    wrong = [name for name, column in zip(trials.fitted, before.T, strict=True) if np.isnan(column).any()]
    if wrong:
        found, fix = "no value in some of the runs of the county as it is", "take a longer period, or do not fit to it"
        raise ConfigurationError(
            *(Problem("targets", f"row {name}", found, "a value in each run", fix) for name in wrong)
        )


def central_scores(trials: Trials, likelihood: Likelihood) -> Floats:
    """Return the normal scores that the central values of the judged figures searched have in their ranges.

    Of a judgement stated in several rows, the first that is drawn stands for all.
    """
    rows: dict[str, Mapping[str, Any]] = {
        name: first for name, (first, *_) in rows_by_name(trials.county, trials.spec).items()
    }
    rows |= {f"{SHARES}/{name}": share.model_dump(mode="json") for name, share in trials.spec.shares.items()}
    return scores(np.array([quantile_of(rows[name], rows[name]["value"]) for name in likelihood.names]))


def may_move(trials: Trials) -> set[str]:
    """Return the judged figures whose central value calibration may move: those that stand in one row of the county.

    One quantile of several rows of unlike ranges has no one value, a probability takes from the others of its decision,
    and shares belong to what was published.
    """
    rows = rows_by_name(trials.county, trials.spec)
    return {name for name, found in rows.items() if len(found) == 1 and not name.startswith("routes/")}


def quantile_of(row: Mapping[str, Any], value: float) -> float:
    """Return the quantile at which a figure with a range has a value, from 0 to 1."""

    def distance(quantile: float) -> float:
        found = quantiles(str(row["distribution"]), quantile, row["value"], row["low"], row["high"])
        return float(found) - value

    if distance(0.0) >= 0:
        return 0.0
    return 1.0 if distance(1.0) <= 0 else float(brentq(distance, 0.0, 1.0))

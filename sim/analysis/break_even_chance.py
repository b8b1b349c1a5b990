"""The chance that a lever works as well as it must to pay for itself, by what the evidence says of it."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.break_even import Outcome, Root
from sim.analysis.lever_break_even import Answer, Question, effects_of, scaled_by
from sim.analysis.sensitivity.decision import decision_of
from sim.analysis.sensitivity.ranking import ranking
from sim.chance.figures import quantiles
from sim.levers.acts import LeverInUse
from sim.levers.spec import Ranged
from sim.parameters.schema import Parameters
from sim.results import Results
from sim.scenarios import baseline
from sim.study import Study
from sim.uncertainty import Draws

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
    what lies beyond is not known, and the interval counts it either way; where it pays at none, so is what lies above
    the highest level, or where its net cost cannot be told apart from nought.
    """
    found = []
    for name, (neutral, central) in scaled_by(lever, answer.question.axis).items():
        figure = lever.spec.settings.get(name) or effects_of(lever)[name]
        levels = (_drawn(figure) - neutral) / (central - neutral)
        found.append(Chance(name, *_chance(answer.root, levels)))
    return found


def study_in_draws(county: Parameters, drawn: Draws, question: Question, draws: int) -> Study:
    """Return the study of a lever, as it is set, against the baseline in draws of all that is not known."""
    asked = question.settings
    pulled = baseline(county).with_(levers={question.lever: asked}, name=question.lever)
    name, scenarios = f"break_even_{question.lever}_drawn", (baseline(county), pulled)
    return Study(name, scenarios, question.seed, draws * drawn.per_draw, spells_of=(), draws=drawn)


def chance_in_draws(results: Results) -> Chance:
    """Return the share of draws in which the lever pays for itself, with its interval; see `ranking`."""
    (found,) = ranking(decision_of(results)).query("scenario != @results.baseline").to_dict("records")
    return Chance(found["scenario"], found["probability_best"], found["best_low"], found["best_high"])


def _drawn(figure: Ranged) -> NDArray[np.float64]:
    """Return a figure at evenly spaced quantiles of its range."""
    if figure.low == figure.high:
        return np.array([figure.value])
    middles = (np.arange(STEPS) + 0.5) / STEPS
    return quantiles(figure.distribution, middles, figure.value, figure.low, figure.high)


def _chance(root: Root, levels: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the share of levels that pay, and the same with what is not known counted against and for the lever."""
    if root.outcome is Outcome.NEVER:
        first = root.highest if isnan(root.low) else max(root.low, root.lowest)
        return 0.0, 0.0, float((levels >= first).mean())
    if root.outcome is Outcome.ALWAYS:
        known = float(((levels >= root.lowest) & (levels <= root.highest)).mean())
        return known, known, 1.0
    at = [_share(root, levels, level) for level in (root.level, root.low, root.high)]
    return at[0], float(np.min(at)), float(np.max(at))


def _share(root: Root, levels: NDArray[np.float64], level: float) -> float:
    if isnan(level):
        return level
    return float((levels >= level).mean() if root.pays_above else (levels <= level).mean())

"""What it would be worth to know: value of perfect information about all that is not known, and about parts of it.

The decision is which scenario to choose, at the lowest expected net cost to the block. Knowing more is worth what is
saved where it makes one choose differently. For parts, the net cost is regressed on the figures known, from the draws
that are there already, so no run is needed (Strong, Oakley and Brennan 2014, doi:10.1177/0272989X13505910). The curve
is a spline whose coefficients are shrunk as far as the data say (Bayesian ridge), so a figure that says nothing about
the cost is worth about nothing; without that, few draws would make every figure look worth something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.analysis.sensitivity.decision import Decision, Floats, root_of, varied
from sim.chance.designs import normal_hypercube, weights

LEVEL = 0.95
SAMPLES = 512
"""Curves drawn from what the regression leaves open, each with its own weights of the draws."""

KNOTS, DEGREE, FEWEST_FOR_CURVES = 4, 3, 3
"""Of splines. With fewer draws than `FEWEST_FOR_CURVES` for each coefficient, the figures have straight lines."""

FEWEST_PER_FIGURE = 3
"""Draws for each figure of a group that it takes to tell what knowing all of them is worth."""

SEED = 2014
"""Of the numbers by which integrals are worked out; all results use the same."""


class Worth(NamedTuple):
    """What knowing some figures would save, pounds over the study, with its interval; never below 0."""

    name: str
    value: float
    low: float
    high: float


def value_of_all(decision: Decision) -> Worth:
    """Return the value of knowing everything that was drawn: no evidence is worth more.

    The luck of a draw's replications is taken out first (`Decision.without_chance`): it cannot be known. The interval
    is that of a Bayesian bootstrap over draws, in which that is done each time.
    """
    even = np.full(decision.draws, 1.0 / decision.draws)
    samples = [
        _saved(decision.without_chance(share)[..., None], share[:, None])[0]
        for share in weights(SAMPLES, decision.draws, SEED)
    ]
    return _worth("everything", decision.without_chance(even), np.array(samples))


def values_of_parts(decision: Decision, parts: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """Return the value of knowing each figure exactly, or each group of figures, the most valuable first.

    Parameters
    ----------
    parts : group -> names of its figures; without, each figure that differs between draws by itself.

    Returns
    -------
    One row per part with the columns of `Worth`; figures: how many there are in it. No part is worth more than
    everything. Parts with more figures than the draws can tell of (`FEWEST_PER_FIGURE`) come last, without a value.
    """
    known, most = set(varied(decision.figures)), value_of_all(decision)
    asked = parts if parts is not None else {name: [name] for name in sorted(known)}
    kept = {name: [one for one in members if one in known] for name, members in asked.items()}
    rows: list[tuple[object, ...]] = []
    for name, members in kept.items():
        if len(members) > 1 and decision.draws < FEWEST_PER_FIGURE * len(members):
            rows.append((name, np.nan, np.nan, np.nan, len(members)))
        elif members:
            worth = value_of_part(decision, name, members)
            rows.append(
                (
                    name,
                    *(min(mine, all_of_it) for mine, all_of_it in zip(worth[1:], most[1:], strict=True)),
                    len(members),
                )
            )
    found = pd.DataFrame(rows, columns=[*Worth._fields, "figures"])
    return found.sort_values("value", ascending=False, kind="stable", na_position="last", ignore_index=True)


def value_of_part(decision: Decision, name: str, members: Sequence[str]) -> Worth:
    """Return the value of knowing some figures exactly and at once.

    The net costs are regressed on the figures; `value` is that of the curves fitted. The interval comes from curves
    drawn around them and from a Bayesian bootstrap over draws.
    """
    basis = _basis(decision.figures[list(members)].to_numpy(dtype=np.float64))
    fitted, samples = _curves(basis, decision.by_draw[1:])
    share = weights(SAMPLES, decision.draws, SEED).T
    return _worth(name, _with_baseline(fitted), _saved(_with_baseline(samples), share))


def _worth(name: str, costs: Floats, samples: Floats) -> Worth:
    """Return the worth of costs (scenarios x draws, as what is known tells them), with an interval from samples."""
    value = float(_saved(costs[..., None], np.full((costs.shape[1], 1), 1.0 / costs.shape[1]))[0])
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(samples, [tail, 1.0 - tail])
    return Worth(name, value, min(float(low), value), max(float(high), value))


def _saved(costs: Floats, share: Floats) -> Floats:
    """Return what choosing in each draw saves against choosing once, one value for each sample.

    Parameters
    ----------
    costs : scenarios x draws x samples.
    share : weights of the draws, draws x samples.
    """
    chosen = (costs * share).sum(axis=1).argmin(axis=0)
    once = np.take_along_axis(costs, chosen[None, None, :], axis=0)[0]
    return np.asarray(((once - costs.min(axis=0)) * share).sum(axis=0))


def _basis(figures: Floats) -> Floats:
    """Return the columns that the curves are made of, draws x columns, each with mean 0: splines of every figure."""
    from sklearn.preprocessing import SplineTransformer

    draws, number = figures.shape
    columns = (figures - figures.mean(axis=0)) / figures.std(axis=0)
    if draws >= FEWEST_FOR_CURVES * number * (KNOTS + DEGREE - 2):
        columns = SplineTransformer(KNOTS, degree=DEGREE, knots="quantile", include_bias=False).fit_transform(columns)
    return np.asarray(columns - columns.mean(axis=0))


def _curves(basis: Floats, costs: Floats) -> tuple[Floats, Floats]:
    """Return curves fitted to the costs of each scenario, and curves drawn around them.

    Drawn coefficients of two scenarios go together as far as what the curves leave over does.

    Returns
    -------
    Scenarios x draws, and scenarios x draws x samples.
    """
    from sklearn.linear_model import BayesianRidge

    number, (draws, columns) = len(costs), basis.shape
    unit = costs.std(axis=1, keepdims=True)
    unit[unit == 0.0] = 1.0
    costs = costs / unit  # the ridge takes figures of about one for granted
    models = [BayesianRidge().fit(basis, cost) for cost in costs]
    fitted = np.array([model.predict(basis) for model in models])
    together = _root_of_correlation(costs - fitted)
    luck = normal_hypercube(SAMPLES, number * (columns + 1), SEED).reshape(SAMPLES, columns + 1, number) @ together.T
    samples = np.empty((number, draws, SAMPLES))
    for place, model in enumerate(models):
        spread = basis @ root_of(np.asarray(model.sigma_))
        levels = luck[:, -1, place] / np.sqrt(model.alpha_ * draws)
        samples[place] = fitted[place][:, None] + spread @ luck[:, :-1, place].T + levels
    return fitted * unit, samples * unit[..., None]


def _with_baseline(others: Floats) -> Floats:
    """Put the costs of the baseline, 0, before those of the other scenarios."""
    return np.concatenate([np.zeros_like(others[:1]), others])


def _root_of_correlation(left_over: Floats) -> Floats:
    """Return the symmetric square root of the correlation of rows; a row without spread goes with no other."""
    spread = np.atleast_2d(np.cov(left_over))
    size = np.sqrt(np.maximum(np.diag(spread), 0.0))
    scale = np.where(size > 0.0, size, 1.0)
    made = spread / np.outer(scale, scale)
    np.fill_diagonal(made, 1.0)
    return root_of(made)

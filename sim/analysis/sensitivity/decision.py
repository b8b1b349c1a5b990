"""The decision that results are to serve: which scenario is best, in each draw of what is not known.

The best is the one that costs the high needs block least, if nothing else is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import pinvh

from sim.analysis.lever_break_even import BLOCK_SPEND
from sim.analysis.quantities import by_replication
from sim.questions import LooksAt
from sim.results import Results

Floats = NDArray[np.float64]

SHARES = "shares/"
"""First step of the names of shares in what was drawn."""


Aim = Literal["least", "most"]


@dataclass(frozen=True)
class Criterion:
    """By what scenarios are ranked: a quantity, and whether it should be small or large."""

    quantity: LooksAt = BLOCK_SPEND
    aim: Aim = "least"

    @property
    def sign(self) -> int:
        """1 if the least is the best, -1 if the largest."""
        return 1 if self.aim == "least" else -1

    @property
    def is_net_cost(self) -> bool:
        """Whether it is the net cost to the high needs block over the study."""
        return self == NET_COST


NET_COST = Criterion()


@dataclass(frozen=True)
class Decision:
    """Scenarios to choose from, what each costs in each draw, and the figures that were drawn.

    Attributes
    ----------
    scenarios : names, the baseline first if it is one of them.
    costs : scenarios x draws x replications of a draw; net cost to the block over the study against the baseline in
        the same replication, pounds cash; the baseline's are 0. By another criterion: change of its quantity, with the
        sign turned if the largest is the best.
    figures : draws x names of what was drawn.
    """

    scenarios: tuple[str, ...]
    costs: Floats
    figures: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse what does not fit together, and too little of it."""
        if self.costs.ndim != 3 or self.costs.shape[:2] != (len(self.scenarios), len(self.figures)):
            found = f"{self.costs.shape} for {len(self.scenarios)} scenarios and {len(self.figures)} draws"
            raise ValueError(f"costs must be scenarios x draws x replications; found {found}")
        if len(self.scenarios) < 2 or len(self.figures) < 2:
            found = f"{len(self.scenarios)} scenario(s), {len(self.figures)} draw(s)"
            raise ValueError(f"a decision needs two or more scenarios and draws; found {found}")

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.figures)

    @property
    def by_draw(self) -> Floats:
        """Mean over the replications of each draw, scenarios x draws."""
        return cast(Floats, self.costs.mean(axis=2))

    def without_chance(self, share: Floats | None = None) -> Floats:
        """Return `by_draw` without what the luck of a few replications adds to its spread; see `drawn_together`.

        `share` are weights of the draws that sum to 1, equal ones if not given. With one replication of each draw luck
        cannot be told apart, and stays.
        """
        weights = np.full(self.draws, 1.0 / self.draws) if share is None else share
        number = self.costs.shape[2]
        if number < 2:
            return self.by_draw
        first = int(not self.costs[0].any())  # the baseline, against which costs are counted, has no luck of its own
        others = self.costs[first:]
        within = others - others.mean(axis=2, keepdims=True)
        noise = np.einsum("d,adr,bdr->ab", weights, within, within) / (number - 1) / number
        return np.vstack([np.zeros((first, self.draws)), drawn_together(self.by_draw[first:], noise, weights)])

    @property
    def best(self) -> int:
        """Place of the scenario with the lowest mean net cost."""
        return int(self.by_draw.mean(axis=1).argmin())


def decision_of(results: Results, by: Criterion = NET_COST, among: Sequence[str] = ()) -> Decision:
    """Return the decision that results with draws are about.

    Parameters
    ----------
    by : what makes a scenario the best.
    among : names of scenarios to choose from, which leaves out the baseline unless it is named; () for all.

    A figure is told by its value, or by its quantile if its name stands for several rows. Shares that relate published
    figures to the pupils modelled move no run and are left out, and so is a last draw that is not whole.

    Raises ValueError when nothing was drawn, for fewer than two scenarios or whole draws, for scenarios that there are
    not, and for a quantity without a value in some replication.
    """
    if not results.are_drawn:
        raise ValueError("results without draws of what is not known")
    unknown = [name for name in among if name not in results.scenarios]
    if unknown:
        raise ValueError(f"no results of scenario {unknown[0]}; there are {', '.join(results.scenarios)}")
    names = [name for name in results.scenarios if not among or name in among]
    draws = int(results.provenance["replications"]) // results.per_draw
    values = _values(results, by.quantity, [results.baseline, *names])[:, : draws * results.per_draw]
    costs = by.sign * (values[1:] - values[:1])
    return Decision(tuple(names), costs.reshape(len(names), draws, results.per_draw), _figures(results.draws, draws))


def _values(results: Results, quantity: LooksAt, names: Sequence[str]) -> Floats:
    """Return a quantity of scenarios (rows, the baseline first) in each replication."""
    wide = by_replication(results.measures, quantity, date.fromisoformat(results.provenance["horizon"]["study_start"]))
    values = wide.reindex(list(names)).to_numpy(dtype=np.float64)
    if not values.size or np.isnan(values).any():
        raise ValueError(f"{quantity.label}, which has no value in some replication")
    return values


def _figures(drawn: pd.DataFrame, draws: int) -> pd.DataFrame:
    told = drawn[~drawn["name"].str.startswith(SHARES)]
    told = told.assign(figure=told["value"].fillna(told["quantile"]))
    wide = told.pivot_table(values="figure", index="draw", columns="name", sort=False)
    return wide.reindex(range(draws))


def drawn_together(means: Floats, noise: Floats, share: Floats) -> Floats:
    """Return the means of draws, moved towards their mean until they spread as far as the truth does.

    The spread of means of few replications is that of the truth and of luck. What is returned has the mean of `means`
    and the covariance that is left when that of the luck is taken away: constrained empirical Bayes (Louis 1984,
    Journal of the American Statistical Association 79, 393-398), in the least move that does it. So a share of draws
    is one of parameters, not of luck. The law is taken to be about normal.

    Parameters
    ----------
    means : quantities x draws.
    noise : covariance of the luck in a mean, quantities x quantities.
    share : weights of the draws, which sum to 1.
    """
    centre = (means @ share)[:, None]
    spread = np.atleast_2d(np.cov(means, aweights=share))
    root = root_of(spread)
    inverse = pinvh(root)
    wanted = root_of(root @ _without_negatives(spread - noise) @ root)
    return np.asarray(centre + inverse @ wanted @ inverse @ (means - centre))


def _without_negatives(matrix: Floats) -> Floats:
    """Return the symmetric matrix with negative eigenvalues set to 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def root_of(matrix: Floats) -> Floats:
    """Return the symmetric square root of a covariance matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def varied(figures: pd.DataFrame) -> Sequence[str]:
    """Return the names of figures that differ between draws."""
    return [str(name) for name in figures.columns if np.ptp(figures[name].to_numpy(dtype=np.float64)) > 0.0]

"""Which of several systems is best: replications until it is known, at a stated probability, on common luck.

The procedure is KN of Kim and Nelson (2001), A fully sequential procedure for indifference-zone selection in
simulation, ACM Transactions on Modeling and Computer Simulation 11(3), 251-273, with c = 1 and the bound for systems
that share their luck. After `first` replications of all k systems the variance of each paired difference is worked
out, once. Then, look by look, a system is screened out whose mean is above that of another by more than

    W(r) = max(0, delta / (2 r) (h^2 S^2 / delta^2 - r)),   h^2 = (n - 1) ((2 alpha / (k - 1))^(-2 / (n - 1)) - 1),

where r is the replications so far, n is `first`, S^2 the variance of the difference of the two and delta the
indifference; until one is left, or r reaches a number known after the first stage, when the least mean is taken.

Guarantee: the best is selected with probability at least 1 - alpha whenever its mean is better than all others by
delta or more. When others are within delta of it, one of these may be selected instead. Assumptions: the values of one
replication over all systems are jointly normal, replications are independent of one another and all alike. Means of
whole years over a county are near enough to normal; sums of few rare events are not. Nothing is assumed about how
systems depend on one another, and the more they have in common the sooner it ends. Looking less often than after every
replication does not lower the probability: watching a process at fewer times only makes a wrong exit less likely
(Jennison, Johnstone and Turnbull 1982, Annals of Statistics 10(2), 547-558, on which the paper builds).

The least mean is the best; for a measure that should be large, give its negative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

Take = Callable[[Sequence[int], int], Floats]
"""Given systems and a number of replications, their values: shape (replications, systems), the same each time."""


@dataclass(frozen=True)
class Rule:
    """When a system is screened out, and when selection ends.

    Attributes
    ----------
    indifference : a difference of means (delta) that it is worth telling apart, in the unit of the values.
    confidence : 1 - alpha.
    first : replications of the first stage, from which variances are estimated.
    step : replications between two looks.
    most : replications of a system at most; when they end first, there is no guarantee.
    """

    indifference: float
    confidence: float = 0.95
    first: int = 10
    step: int = 1
    most: int = 1000

    def __post_init__(self) -> None:
        """Refuse a rule that cannot be followed."""
        if not (self.indifference > 0 and 0.5 <= self.confidence < 1 and 2 <= self.first <= self.most):
            raise ValueError("indifference above 0, confidence of 0.5 to below 1, and 2 <= first <= most are needed")
        if self.step < 1:
            raise ValueError(f"step must be 1 or more; found {self.step}")


@dataclass(frozen=True)
class Selection:
    """What was selected.

    Attributes
    ----------
    best : the system with the least mean of those not screened out.
    survivors : systems not screened out, in order; more than one only if it ended at its last look.
    replications : of each system: those after which it was screened out, or all.
    is_sure : whether the procedure came to its end, so that its guarantee holds.
    needed : replications at most until it does, known after the first stage.
    """

    best: int
    survivors: tuple[int, ...]
    replications: tuple[int, ...]
    is_sure: bool
    needed: int


def select(take: Take, systems: int, rule: Rule) -> Selection:
    """Select the system with the least mean, taking more replications only of those that may yet be it.

    Parameters
    ----------
    take : called with ascending numbers of replications and ever fewer systems.
    systems : number of systems, one or more; they are numbered from 0 on.
    """
    number = rule.first
    left = list(range(systems))
    spent = np.zeros(systems, dtype=int)
    values = take(left, number)
    bounds = _bounds(values, rule)
    end = floor(float(bounds.max()))
    while True:
        spent[left] = number
        stays = ~screened_out(values.mean(axis=0), number, bounds, rule.indifference)
        left = [system for system, kept in zip(left, stays.tolist(), strict=True) if kept]
        values, bounds = values[:, stays], bounds[np.ix_(stays, stays)]
        if len(left) == 1 or number > end or number >= rule.most:
            best = left[int(values.mean(axis=0).argmin())]
            is_sure = len(left) == 1 or number > end
            return Selection(best, tuple(left), tuple(spent.tolist()), is_sure, max(end + 1, rule.first))
        number = min(number + rule.step, end + 1, rule.most)
        values = take(left, number)


def screened_out(means: Floats, replications: int, bounds: Floats, indifference: float) -> NDArray[np.bool_]:
    """Return which systems are worse than another by more than chance explains.

    Parameters
    ----------
    means : of each system, the least being the best.
    bounds : h^2 S^2 / delta^2 of each pair: shape (systems, systems), 0 on the diagonal.
    """
    allowed = np.maximum(0.0, indifference / (2 * replications) * (bounds - replications))
    return np.asarray((means[:, None] - means[None, :] > allowed).any(axis=1))


def variances_of_differences(values: Floats) -> Floats:
    """Return the sample variance of the paired difference of each two columns: shape (systems, systems)."""
    return np.asarray((values[:, :, None] - values[:, None, :]).var(axis=0, ddof=1))


def not_told_apart(values: Floats, best: int, alternatives: int, confidence: float) -> NDArray[np.bool_]:
    """Return which systems cannot be told apart from the best with the replications there are; the best is among them.

    A system is told apart if its mean is above that of the best by more than t S / sqrt(r), t being the one-sided
    quantile with alpha shared out over the alternatives (the screening of Nelson, Swann, Goldsman and Song (2001),
    Simple procedures for selecting the best simulated system when the number of alternatives is large, Operations
    Research 49(6), 950-963, against one system).

    Parameters
    ----------
    values : shape (replications, systems), two or more replications.
    alternatives : systems among which the best was selected, all told.
    """
    number = len(values)
    quantile = float(stdtrit(number - 1, 1 - (1 - confidence) / max(alternatives - 1, 1)))
    apart = values - values[:, [best]]
    half = quantile * apart.std(axis=0, ddof=1) / np.sqrt(number)
    same: NDArray[np.bool_] = apart.mean(axis=0) <= half
    return same


def chances_of_being_best(values: Floats, weights: Floats) -> Floats:
    """Return the probability of each system to have the least mean, given the replications.

    Each draw weighs the replications anew, all systems alike, so that what they have in common stays; see
    `sim.chance.resampling.mean_weights`. Systems with equal means share a draw.

    Parameters
    ----------
    values : shape (replications, systems).
    weights : shape (draws, replications), each row adding up to 1.
    """
    means = weights @ values
    is_least = means == means.min(axis=1, keepdims=True)
    return np.asarray((is_least / is_least.sum(axis=1, keepdims=True)).mean(axis=0))


def _bounds(values: Floats, rule: Rule) -> Floats:
    """Return h^2 S^2 / delta^2 of each pair; selection of a pair ends when r exceeds it."""
    free, others = rule.first - 1, max(values.shape[1] - 1, 1)
    h_squared = free * ((2 * (1 - rule.confidence) / others) ** (-2 / free) - 1)
    return np.asarray(h_squared * variances_of_differences(values) / rule.indifference**2)

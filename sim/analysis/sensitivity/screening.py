"""Morris screening: how much groups of uncertain figures move an outcome anywhere in their ranges, and how unevenly.

Trajectories through the ranges and the statistics are those of SALib (Iwanaga, Usher and Herman 2022,
doi:10.18174/sesmo.18155); the method is that of Morris (1991, doi:10.1080/00401706.1991.10484804), with the mean of
absolute effects of Campolongo, Cariboni and Saltelli (2007, doi:10.1016/j.envsoft.2006.10.004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.sensitivity.points import Floats, How, Point, Subject, outcomes_at
from sim.uncertainty.pinned import FACTORS

GRID = 4
"""Levels of each figure, evenly spaced quantiles from `LEAST` to 1 - `LEAST`."""

LEAST = 0.05
LEVEL = 0.95
RESAMPLES = 2000


@dataclass(frozen=True)
class Screening:
    """What each group does to the outcome when it moves across two thirds of the quantiles looked at.

    Attributes
    ----------
    effects : one row per group, the largest first: group, figures (names in it); mu_star (mean of the absolute
        effect), sigma (standard deviation of the effect) and their bootstrap intervals, in the unit of the outcome;
        luck (mean size that would be found of a group that does nothing, as the luck of replications does not cancel
        out; NaN with one replication).
        sigma is NaN for groups of several names, whose figures move in different directions.
    trajectories : walks through the ranges.
    run : id of all runs together.
    """

    effects: pd.DataFrame
    trajectories: int
    run: str


def grouped(names: Sequence[str], by_figure: bool = False) -> dict[str, str]:
    """Return the group of each name: a factor is its own, other figures go by the part of the county they belong to."""
    return {name: name if by_figure or name.startswith(f"{FACTORS}/") else name.split("/", 1)[0] for name in names}


def screening(subject: Subject, groups: Mapping[str, str], trajectories: int, how: How) -> Screening:
    """Run the scenario along random trajectories and return what each group does; see `points.outcomes_at`.

    Parameters
    ----------
    groups : name -> its group; figures of a group move in one step, each in its own direction.
    trajectories : 2 or more; each takes one run of the scenario more than there are groups.

    Raises ValueError for fewer than two trajectories.
    """
    design = design_of(groups, trajectories, subject.seed)
    found = outcomes_at(subject, points_of(groups, design), how)
    return screening_of(groups, design, found.values, subject.seed, found.run)


def problem_of(groups: Mapping[str, str]) -> dict[str, Any]:
    """Return the names and groups as SALib wants them."""
    bounds = [[0.0, 1.0]] * len(groups)
    return {"num_vars": len(groups), "names": list(groups), "groups": list(groups.values()), "bounds": bounds}


def design_of(groups: Mapping[str, str], trajectories: int, seed: int) -> Floats:
    """Return the trajectories on the unit cube: (trajectories x (groups + 1)) x names; the same for the same seed."""
    if trajectories < 2:
        raise ValueError(f"a screening needs two or more trajectories; found {trajectories}")
    from SALib.sample import morris

    made: Floats = morris.sample(problem_of(groups), trajectories, num_levels=GRID, seed=seed)
    return made


def points_of(groups: Mapping[str, str], design: Floats) -> list[Point]:
    """Return the points to run: each name at a quantile from `LEAST` to 1 - `LEAST`."""
    quantiles = LEAST + (1.0 - 2.0 * LEAST) * design
    return [dict(zip(groups, row, strict=True)) for row in quantiles.tolist()]


def screening_of(groups: Mapping[str, str], design: Floats, outcomes: Floats, seed: int, run: str) -> Screening:
    """Return the screening of outcomes (points of the design x replications)."""
    from SALib.analyze import morris

    outcome = outcomes.mean(axis=1)
    more = {"num_resamples": RESAMPLES, "conf_level": LEVEL, "num_levels": GRID, "seed": seed}
    said = morris.analyze(problem_of(groups), design, outcome, **more)
    order = list(said["names"])
    effects = elementary_effects(groups, design, outcome)
    members = pd.Series(list(groups.values())).value_counts()
    columns: dict[str, Any] = {"group": order, "figures": [int(members[name]) for name in order]}
    for name, of in (("mu_star", _mean_size), ("sigma", _spread)):
        columns[name] = said["mu_star"] if name == "mu_star" else [float(of(effects[group])) for group in order]
        ends = [_bootstrap(effects[group], of, seed) for group in order]
        columns[f"{name}_low"], columns[f"{name}_high"] = zip(*ends, strict=True)
    columns["luck"] = [size_by_luck(groups, design, outcomes)[group] for group in order]
    rows = pd.DataFrame(columns)
    several = rows["figures"] > 1
    rows.loc[several, ["sigma", "sigma_low", "sigma_high"]] = np.nan
    rows = rows.sort_values("mu_star", ascending=False, kind="stable", ignore_index=True)
    return Screening(rows, len(outcome) // (len(order) + 1), run)


def elementary_effects(groups: Mapping[str, str], design: Floats, outcome: Floats) -> dict[str, Floats]:
    """Return the effects of each group, one for each trajectory: change of the outcome over the length of the step.

    The sign is that of the outcome as a single figure rises; that of a group of several has no meaning.
    """
    return {group: np.array(values) for group, values in _steps(groups, design, outcome).items()}


def size_by_luck(groups: Mapping[str, str], design: Floats, outcomes: Floats) -> dict[str, float]:
    """Return the mean absolute effect that luck alone would give each group: outcomes are points x replications.

    The mean difference of a step over replications is taken to be normal, so that without any effect its mean size is
    the square root of 2 / pi of its standard error.
    """
    number = outcomes.shape[1]
    if number < 2:
        return dict.fromkeys(groups.values(), float("nan"))
    steps = _steps(groups, design, outcomes)
    errors = {group: np.array(values).std(axis=1, ddof=1) / np.sqrt(number) for group, values in steps.items()}
    return {group: float(np.sqrt(2 / np.pi * (error**2).mean())) for group, error in errors.items()}


def _steps(groups: Mapping[str, str], design: Floats, outcome: Floats) -> dict[str, list[Any]]:
    """Return the change of the outcome over the length of the step, for each step of each group."""
    names, walk = list(groups), len(set(groups.values())) + 1
    found: dict[str, list[Any]] = {group: [] for group in groups.values()}
    for start in range(0, len(outcome), walk):
        for step in range(start, start + walk - 1):
            move = design[step + 1] - design[step]
            moved = int(np.abs(move).argmax())
            found[groups[names[moved]]].append((outcome[step + 1] - outcome[step]) / move[moved])
    return found


def _mean_size(effects: Floats, axis: int = -1) -> Any:
    return np.abs(effects).mean(axis=axis)


def _spread(effects: Floats, axis: int = -1) -> Any:
    return effects.std(axis=axis, ddof=1)


def _bootstrap(effects: Floats, of: Any, seed: int) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a statistic over trajectories."""
    from scipy.stats import bootstrap

    if np.ptp(effects) == 0.0:
        return (float(of(effects)),) * 2
    more: dict[str, Any] = {"method": "percentile", "n_resamples": RESAMPLES, "confidence_level": LEVEL, "rng": seed}
    ends = bootstrap((effects,), of, axis=-1, vectorized=True, **more).confidence_interval
    return float(ends.low), float(ends.high)

"""Published against simulated: one row for each target, and how many targets the simulated range covers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sim.analysis.calibration.errors import (
    LEVEL,
    Array,
    exposure,
    implausibility,
    observed_interval,
)
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target, Targets, Use

RANGE = 0.9
FEWEST = 20
"""With fewer runs the ends of the range are not known, and no target is said to be inside or outside."""

MARKOV = "markov"
"""Column of the table, if it was asked for: see `with_markov`."""

POINTS = (np.arange(199) + 0.5) / 199
"""Probabilities at which an error is laid out around a simulated value: evenly spread, so that nothing is drawn."""


def target_table(
    targets: Targets, runs: pd.DataFrame, parameters: Parameters, are_means: bool = False, level: float = RANGE
) -> pd.DataFrame:
    """Return one row for each target (index): published with interval, simulated with range, and whether it is inside.

    Parameters
    ----------
    runs : simulated values, one row for each run (or member of an ensemble) and a column for each target.
    parameters : the county, for the published headcounts.
    are_means : whether a value is a mean over replications of one set of parameters. A single run has the chance of
        counts in it; a mean has not, and it is added.
    level : of the simulated range.

    Columns: label, use, unit, observed, observed_low, observed_high (95% interval), simulated (median),
    simulated_low, simulated_high (range for the published figure, its error included, discrepancy not), runs,
    inside (missing for context, and with fewer than FEWEST runs) and distance: the implausibility of the mean of the
    runs, which counts the discrepancy.
    """
    made = [
        _row(target, runs[name].dropna().to_numpy(), parameters, are_means, level) for name, target in targets.items()
    ]
    return pd.DataFrame(made, index=pd.Index(targets, name="target")).astype({"inside": "boolean"})


def with_markov(table: pd.DataFrame, projected: pd.Series) -> pd.DataFrame:
    """Return the table with the column markov behind the simulated range: an independent projection's expected value.

    Parameters
    ----------
    projected : by target, NaN where the projection cannot say; see `sim.analysis.calibration.projected`.
    """
    found = table.copy()
    behind = list(found.columns).index("simulated_high") + 1
    found.insert(behind, MARKOV, projected.reindex(table.index).astype("float64"))
    return found


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Return for each use that is scored, and all (index): targets, those inside the simulated range, and the share."""
    scored = table[table["inside"].notna()]
    grouped = scored.groupby("use", sort=False)["inside"].agg(targets="size", inside="sum")
    whole = pd.DataFrame([grouped.sum()], index=["all"])
    made = pd.concat([grouped, whole]).astype("int64").rename_axis("use")
    return made.assign(share=made["inside"] / made["targets"].where(made["targets"] > 0))


def predicted(target: Target, values: Array, parameters: Parameters, are_means: bool = False) -> Array:
    """Return values the published figure may take, equally likely, when the model is right and runs gave `values`.

    The error of the figure is laid out around each value: a normal one always, the chance of a count only around
    means. Shape (values x points,), or that of `values` when nothing is added.
    """
    mean = np.asarray(values, dtype=np.float64)[:, np.newaxis]
    if target.error == "normal":
        return np.asarray(mean + float(target.sd or 0.0) * stats.norm.ppf(POINTS)).ravel()
    if not are_means:
        return mean.ravel()
    if target.error == "poisson":
        per_unit = exposure(target, parameters)
        return np.asarray(stats.poisson.ppf(POINTS, np.maximum(mean, 0.0) * per_unit) / per_unit).ravel()
    trials, part = int(target.trials or 1), np.clip(mean / target.per, 0.0, 1.0)
    return np.asarray(stats.binom.ppf(POINTS, trials, part) / trials * target.per).ravel()


def _row(target: Target, values: Array, parameters: Parameters, are_means: bool, level: float) -> dict[str, object]:
    low, high = observed_interval(target, parameters, LEVEL)
    row: dict[str, object] = {"label": target.label, "use": str(target.use), "unit": target.unit}
    row |= {"observed": target.value, "observed_low": low, "observed_high": high}
    if not len(values):
        nothing = dict.fromkeys(("simulated", "simulated_low", "simulated_high", "distance"), np.nan)
        return row | nothing | {"runs": 0, "inside": None}
    possible = predicted(target, values, parameters, are_means)
    first, last = np.quantile(possible, [(1 - level) / 2, (1 + level) / 2])
    spread = float(values.var(ddof=1) / len(values)) if len(values) > 1 else 0.0
    row |= {"simulated": float(np.median(values)), "simulated_low": float(first), "simulated_high": float(last)}
    row |= {"distance": float(implausibility(target, values.mean(), parameters, spread)), "runs": len(values)}
    scored = target.use is not Use.CONTEXT and len(values) >= FEWEST
    return row | {"inside": bool(first <= target.value <= last) if scored else None}

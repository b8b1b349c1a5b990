"""Forecasts that anybody could make without the model, to set beside the model's: the last value, and the trend.

Beside them stands the Markov projection of the same inputs, where the table of targets has it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.analysis.calibration.table import MARKOV
from sim.parameters.periods import academic_years_of
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target, Targets, Use
from sim.school_year import year_start

NAIVE = ("last", "trend")
OTHERS = (*NAIVE, MARKOV)
"""What the model is set beside."""

FEWEST_FOR_TREND = 3

History = list[tuple[float, float]]
"""(year, value) in order."""


def naive_forecasts(targets: Targets) -> pd.DataFrame:
    """Return, for each target that is held out (index), the last earlier value and the straight line through all.

    Earlier figures are those of targets that ask the same of other periods, whatever their use, if they end before
    the first year held out. Columns: last, trend (NaN with fewer than three figures), figures.
    """
    held_out = {name: target for name, target in targets.items() if target.use is Use.VALIDATE}
    rows = {name: _row(target, _history(target, targets)) for name, target in held_out.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["last", "trend", "figures"]).rename_axis("target")


def against_naive(table: pd.DataFrame, naive: pd.DataFrame) -> pd.DataFrame:
    """Return held-out targets with the errors of the model and of other forecasts, as shares of what was observed.

    Parameters
    ----------
    table : see `sim.analysis.calibration.table.target_table`; the model's forecast is its median. Without the column
        markov nothing is known of that projection.

    Columns: label, observed, model, last, trend, markov, and error_model, error_last, error_trend, error_markov
    (forecast over observed, less 1).
    """
    found = table.loc[naive.index, ["label", "observed", "simulated"]].rename(columns={"simulated": "model"})
    found = found.join(naive[[*NAIVE]])
    found[MARKOV] = table[MARKOV].reindex(naive.index) if MARKOV in table else np.nan
    for name in ("model", *OTHERS):
        found[f"error_{name}"] = found[name] / found["observed"] - 1
    return found


def mean_errors(compared: pd.DataFrame) -> pd.DataFrame:
    """Return the mean absolute error of the model beside that of each other forecast, over what both forecast.

    Index: last, trend, markov, those of them that are in the table. Columns: figures (how many both forecast), model,
    other. Figures observed as 0 are left out.
    """
    rows = {}
    for name in (name for name in OTHERS if f"error_{name}" in compared):
        both = compared[["error_model", f"error_{name}"]].replace([np.inf, -np.inf], np.nan).dropna().abs()
        means = both.mean()
        rows[name] = (len(both), float(means["error_model"]), float(means[f"error_{name}"]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["figures", "model", "other"])


def _row(target: Target, history: History) -> tuple[float, float, int]:
    if not history:
        return np.nan, np.nan, 0
    years, values = (np.array(part) for part in zip(*history, strict=True))
    trend = np.nan
    if len(history) >= FEWEST_FOR_TREND:
        slope, start = np.polyfit(years - years.mean(), values, 1)
        trend = float(start + slope * (_middle(target) - years.mean()))
    return float(values[-1]), trend, len(history)


def _history(target: Target, targets: Targets) -> History:
    earlier = {_middle(other): other.value for other in _alike(target, targets) if _last(other) < _first(target)}
    return sorted(earlier.items())


def _alike(target: Target, targets: Targets) -> Iterator[Target]:
    keys = ("measure", "provision", "phase", "divided_by", "per", "share", "unit")
    for other in targets.values():
        is_alike = all(getattr(other, key) == getattr(target, key) for key in keys)
        as_long = len(other.labels) == len(target.labels) or "sum" not in (other.over, target.over)
        if other.use is not Use.VALIDATE and is_alike and as_long:
            yield other


def _first(target: Target) -> int:
    return min(academic_years_of(label).start for label in target.labels)


def _last(target: Target) -> int:
    return max(academic_years_of(label).start for label in target.labels)


def _middle(target: Target) -> float:
    starts = [academic_years_of(label).start for label in target.labels]
    return float(np.mean(starts))


def last_year_of(targets: Targets, parameters: Parameters) -> int:
    """Return the start of the last academic year that targets look at, at least the baseline year."""
    ends = [academic_years_of(label).stop - 1 for target in targets.values() for label in target.labels]
    return max([*ends, year_start(parameters.horizon.baseline_academic_year)])

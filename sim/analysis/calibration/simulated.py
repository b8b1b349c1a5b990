"""What a run says of each calibration target, in the terms of the published figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from sim.measures.facts import Column
from sim.measures.rolls import published_figure
from sim.measures.tidy import ALL, NOT_APPLICABLE, ratio
from sim.parameters.periods import academic_years_of
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target, Targets, share_of
from sim.school_year import academic_year_label

KEYS = ("measure", "provision", "phase", "period")
Looked = Mapping[tuple[str, str, str, str], float]
"""Value by measure, provision, phase and period."""


def simulated(
    targets: Targets, measures: pd.DataFrame, shares: Mapping[str, float], parameters: Parameters
) -> pd.Series:
    """Return the figure of one run for each target (index), comparable with the published one; NaN where it has none.

    Parameters
    ----------
    measures : those of the run, as `sim.measures.measure` returns them.
    shares : value of each share that targets name; those named by a path are taken from `parameters`.
    parameters : those of the run; their published headcounts are what rates are divided by.
    """
    looked = _looked_up(targets, measures)
    values = {name: _value(target, looked, shares, parameters) for name, target in targets.items()}
    return pd.Series(values, dtype=np.float64, name="simulated")


def simulated_each(
    targets: Targets, measures: pd.DataFrame, of_replication: Callable[[int], tuple[Mapping[str, float], Parameters]]
) -> pd.DataFrame:
    """Return the same for each replication of one scenario: a row for each replication, a column for each target.

    Parameters
    ----------
    measures : with the column `replication`, as `Results.measures` has them, of one scenario.
    of_replication : the shares and the parameters that a replication ran with.
    """
    rows = []
    for number in (numbers := sorted(measures["replication"].unique().tolist())):
        mine = measures[measures["replication"] == number]
        rows.append(simulated(targets, mine, *of_replication(number)))
    return pd.DataFrame(rows, index=pd.Index(numbers, name="replication"))[list(targets)]


def denominators(target: Target, parameters: Parameters) -> Column:
    """Return the published denominator of each period of a target; 1 for one that is divided by nothing published.

    Shape (periods,), for example pupils on roll; NaN where none is published.
    """
    rows = parameters.observed.values()
    if not any(row.measure == target.divided_by for row in rows):
        return np.ones(len(target.labels))
    return np.array(
        [
            published_figure(parameters, target.divided_by, str(target.phase), (label, *_academic_labels(label)))
            for label in target.labels
        ]
    )


def _value(target: Target, looked: Looked, shares: Mapping[str, float], parameters: Parameters) -> float:
    counts = sum((_numbers(target, measure, looked) for measure in target.measures), np.zeros(len(target.labels)))
    over = denominators(target, parameters)
    if target.divided_by and not _is_published(target, parameters):
        over = np.array([_one(looked, target.divided_by, ALL, target.phase, label) for label in target.labels])
    return float(_over_periods(target, counts, over) * target.per / share_of(target, shares, parameters))


def _over_periods(target: Target, counts: Column, over: Column) -> float:
    """Return the sum of counts over the sum of denominators, the mean of the ratios, or the last of them."""
    if target.over == "sum":
        divisor = over.sum() if target.divided_by else 1.0
        return float(ratio(np.array(counts.sum()), np.array(divisor)))
    ratios = ratio(counts, over)
    return float(ratios[-1] if target.over == "last" else ratios.mean())


def _numbers(target: Target, measure: str, looked: Looked) -> Column:
    """Return the sum over the target's provisions in each period."""
    return np.array(
        [sum(_one(looked, measure, each, target.phase, label) for each in target.provisions) for label in target.labels]
    )


def _one(looked: Looked, measure: str, provision: str, phase: str, label: str) -> float:
    return looked.get((measure, provision, str(phase), label), np.nan)


def _is_published(target: Target, parameters: Parameters) -> bool:
    return any(row.measure == target.divided_by for row in parameters.observed.values())


def _looked_up(targets: Targets, measures: pd.DataFrame) -> Looked:
    """Return the rows of whole county that targets look at; '' counts as 'all'."""
    names = {name for target in targets.values() for name in (*target.measures, target.divided_by)}
    asked = measures[measures["measure"].isin(names) & measures["district"].isin([ALL, NOT_APPLICABLE])]
    keys = [asked[name].astype("str").replace(NOT_APPLICABLE, ALL) for name in KEYS]
    return dict(zip(zip(*keys, strict=True), asked["value"], strict=True))


def _academic_labels(label: str) -> tuple[str, ...]:
    """Return the academic year of a census day; a headcount of one holds for the other."""
    years = academic_years_of(label)
    return tuple(academic_year_label(year) for year in years) if len(years) == 1 else ()

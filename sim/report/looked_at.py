"""What a question looks at, taken from results: changes by scenario, and levels by year with the run-to-run range."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.comparison import is_in_study, over_study
from sim.analysis.quantities import rows_of
from sim.measures.ledger import BESIDE_BLOCK, IN_BLOCK
from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.questions import LooksAt
from sim.report.frames import LEVEL, range_of_futures
from sim.results import KEYS as ROW
from sim.results import Results, mean_with_interval, means_of_draws, paired_differences, wide

TOTAL_SPEND = "spend_total"
KEYS = ["measure", "provision", "phase"]
FIGURES = ("baseline_mean", "scenario_mean", "difference", "low", "high")


@dataclass(frozen=True)
class Change:
    """What a scenario changes in one quantity: the mean paired difference, with the 95% interval of the mean."""

    quantity: LooksAt
    scenario: str
    period: str
    before: float
    after: float
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes no change."""
        return self.low > 0 or self.high < 0

    @property
    def is_known(self) -> bool:
        """Whether the quantity has a value in the baseline and in the scenario."""
        return not isnan(self.difference)

    @property
    def is_none(self) -> bool:
        """Whether nothing changes in any replication."""
        return self.difference == self.low == self.high == 0

    @property
    def is_worse(self) -> bool:
        """Whether it goes the way that is not wanted."""
        return self.quantity.falls_is == ("good" if self.difference > 0 else "bad")

    @property
    def is_better(self) -> bool:
        """Whether it goes the way that is wanted."""
        return self.quantity.falls_is == ("bad" if self.difference > 0 else "good")

    @property
    def is_net(self) -> bool:
        """Whether the quantity is what the block, or what is beside it, spends in all."""
        return self.quantity.measure == TOTAL_SPEND and self.quantity.provision in (IN_BLOCK, BESIDE_BLOCK)

    @property
    def clarity(self) -> float:
        """The size of the change over half the width of its interval; above 1 the interval excludes no change."""
        half = (self.high - self.low) / 2
        return 0.0 if isnan(half) else abs(self.difference) / half if half > 0 else float("inf")


@dataclass(frozen=True)
class Level:
    """A quantity in one year, or over the study: mean with its 95% interval, and the run-to-run range."""

    quantity: LooksAt
    period: str
    mean: float
    low: float
    high: float
    p10: float
    p90: float


def changes(
    results: Results, looks_at: Sequence[LooksAt], scenarios: Sequence[str] = (), baseline: str = ""
) -> list[Change]:
    """Return the change of each quantity that has figures, in their order, by scenario in the order of the study.

    Parameters
    ----------
    scenarios, baseline : compare these with that one; if not given, all others with the baseline of the study.
    """
    first = baseline or results.baseline
    found: dict[tuple[str, ...], dict[Hashable, Any]] = {}
    for over in dict.fromkeys(quantity.over for quantity in looks_at):
        joined = over_study(_rows(results, [one for one in looks_at if one.over == over]), _start(results), over)
        for scenario in (scenarios or results.scenarios[1:]) if len(joined) else ():
            for one in _compared(joined, scenario, first, results.per_draw):
                found[(over, scenario, *(one[key] for key in KEYS))] = one
    return [
        Change(quantity, scenario, row["period"], *(row[name] for name in FIGURES))
        for quantity in looks_at
        for scenario in scenarios or results.scenarios[1:]
        if (row := found.get((quantity.over, scenario, *_key(quantity))))
    ]


def _compared(joined: pd.DataFrame, scenario: str, baseline: str, per_draw: int) -> list[dict[Hashable, Any]]:
    """Return paired differences; where the baseline has no value, both levels are those of each by itself."""
    table = paired_differences(joined, scenario, baseline, LEVEL, per_draw)
    for column, name in (("baseline_mean", baseline), ("scenario_mean", scenario)):
        values = wide(joined, name).reindex(table.set_index(list(ROW))[[]].index)
        own = mean_with_interval(means_of_draws(values.to_numpy(), values.columns.to_numpy(), per_draw), LEVEL)["mean"]
        table[column] = table[column].fillna(own)
    return _named(table).to_dict("records")


def levels_by_year(results: Results, looks_at: Sequence[LooksAt]) -> list[Level]:
    """Return the baseline's level of each quantity in every year of the study that has a value."""
    start = _start(results)
    periods = dict.fromkeys(_rows(results, looks_at)["period"].astype("str"))
    years = [label for label in periods if is_in_study(label, start)]

    def of_years(found: Results) -> pd.DataFrame:
        measures = _rows(found, looks_at)
        return measures[measures["period"].isin(years)]

    return _levels(results, of_years, looks_at)


def levels_over_study(results: Results, looks_at: Sequence[LooksAt]) -> list[Level]:
    """Return the baseline's level of each quantity with the years of the study put together as it asks."""
    found = []
    for quantity in looks_at:

        def joined(of: Results, quantity: LooksAt = quantity) -> pd.DataFrame:
            return over_study(_rows(of, [quantity]), _start(of), quantity.over)

        found += _levels(results, joined, [quantity])
    return found


def _levels(
    results: Results, measures_of: Callable[[Results], pd.DataFrame], looks_at: Sequence[LooksAt]
) -> list[Level]:
    """Return levels: means with their intervals over draws, and ranges over all replications."""
    measures = measures_of(results)
    if measures.empty:
        return []
    values = wide(measures, results.baseline)
    means = wide(measures_of(results.of_draws()), results.baseline)
    table = _named(values.index.to_frame(index=False)).join(mean_with_interval(means.to_numpy(), LEVEL))
    futures = [range_of_futures(row[~np.isnan(row)]) if (~np.isnan(row)).any() else () for row in values.to_numpy()]
    found = [(row, ends) for row, ends in zip(table.to_dict("records"), futures, strict=True) if ends]
    return [
        Level(quantity, row["period"], row["mean"], row["low"], row["high"], *ends)
        for quantity in looks_at
        for row, ends in found
        if tuple(row[key] for key in KEYS) == _key(quantity)
    ]


def _rows(results: Results, looks_at: Sequence[LooksAt]) -> pd.DataFrame:
    return rows_of(results.measures, looks_at)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Return keys as text, 'all' also where a key does not apply."""
    plain = table.astype({**dict.fromkeys(KEYS, "str"), "period": "str"})
    return plain.assign(**{key: plain[key].replace(NOT_APPLICABLE, ALL) for key in KEYS})


def _key(quantity: LooksAt) -> tuple[str, str, str]:
    return quantity.measure, quantity.provision or ALL, quantity.phase or ALL


def _start(results: Results) -> date:
    return date.fromisoformat(str(results.provenance["horizon"]["study_start"]))

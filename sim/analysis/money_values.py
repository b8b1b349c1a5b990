"""Money by financial year out of results, as money pages need it: per replication, then described with its interval.

A page is made of items. An item says how its pounds come about in one scenario, replication by replication and year by
year; only when all adding up is done is there a mean with its interval, and a range of single runs. Every row says
value, unit, which interval it is, prices and run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from sim.analysis.paired_spend import Floats, first_study_year, money_of
from sim.results import Results, interval_name, mean_with_interval, run_id
from sim.school_year import financial_year_label, year_start

LEVEL = 0.95
CASH = "cash: prices of each year"
POUNDS = "GBP"
NO_INTERVAL = "none: given by the configuration"
MEASURES = ("spend", "spend_total", "balance_in_year", "balance_cumulative")
PERCENTILES = (10, 90)
NUMBERS = ("value", "low", "high", "p10", "p90")
TOTAL = "all years"


@dataclass(frozen=True)
class Money:
    """Pounds of a study by scenario, measure, line, replication and financial year.

    Attributes
    ----------
    table : index scenario, measure, provision, replication; columns are financial years, by the year each begins.
    replications : in order; draws, if replications of one draw were put together.
    """

    table: pd.DataFrame
    replications: tuple[int, ...]
    _kept: dict[tuple[str, str, str], Floats] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, results: Results, years: Sequence[int]) -> Self:
        """Return the money in results for some years; what a replication does not hold is NaN."""
        rows = results.measures[results.measures["measure"].isin(MEASURES)]
        keys = ["scenario", "measure", "provision", "replication"]
        rows = rows.astype(dict.fromkeys(["scenario", "measure", "provision", "period"], "str"))
        table = rows.set_index([*keys, "period"])["value"].unstack("period")  # noqa: PD010 - NaN stays
        table = table.rename(columns=year_start).reindex(columns=list(years))
        return cls(table.sort_index(), tuple(sorted(set(rows["replication"]))))

    def values(self, scenario: str, measure: str, provision: str) -> Floats:
        """Return pounds: replications x years."""
        key = (scenario, measure, provision)
        if key not in self._kept:
            rows = pd.MultiIndex.from_tuples([(*key, number) for number in self.replications])
            self._kept[key] = self.table.reindex(rows).to_numpy(dtype=np.float64)
        return self._kept[key]


Values = Callable[[Money, str], Floats]


@dataclass(frozen=True)
class Item:
    """A row of a page: what tells it apart, and how its pounds come about in a scenario."""

    keys: Mapping[str, str]
    values: Values
    is_balance: bool = False


def page_years(results: Results) -> list[int]:
    """Return the financial years of money pages: the year before the study, if it is known, and all later ones."""
    periods = results.measures.loc[results.measures["measure"] == "spend_total", "period"].astype("str").unique()
    years = sorted(year_start(period) for period in periods)
    return [year for year in years if year >= first_study_year(results) - 1]


def both_of(results: Results, years: Sequence[int]) -> tuple[Money, Money]:
    """Return the money of draws (for intervals of the mean) and of single replications (for their range)."""
    singles = Money.of(results, years)
    return (singles if results.per_draw == 1 else Money.of(results.of_draws(), years)), singles


def described(
    results: Results, items: Iterable[Item], scenarios: Sequence[str] = (), level: float = LEVEL
) -> pd.DataFrame:
    """Return the rows of items: each scenario's level, and its change from the baseline, by year and all years.

    Parameters
    ----------
    scenarios : those to describe; all of the results if none are named.

    Returns
    -------
    Rows of scenario, comparison ('' for a level), the keys of the items, period, value, low, high, p10, p90,
    interval, replications, unit, price_base, run. A balance is not added up over years.
    """
    years = page_years(results)
    both = both_of(results, years)
    made = [
        rows
        for item in items
        for scenario in scenarios or results.scenarios
        for rows in _rows_of_item(results, both, item, scenario, years, level)
    ]
    table = pd.concat(made, ignore_index=True)
    return table.assign(unit=POUNDS, price_base=CASH, run=run_id(results.provenance))


def _rows_of_item(
    results: Results, both: tuple[Money, Money], item: Item, scenario: str, years: Sequence[int], level: float
) -> Iterator[pd.DataFrame]:
    means, singles = (_with_total(item, item.values(money, scenario), results, years) for money in both)
    periods = [financial_year_label(year) for year in years] + ([] if item.is_balance else [TOTAL])
    name = interval_name(level)
    keys: dict[str, Any] = {"scenario": scenario, "comparison": "", **item.keys}
    yield estimated(means, singles, level, **keys, period=periods, interval=name.removesuffix(" difference"))
    if scenario != results.baseline:
        before = [_with_total(item, item.values(money, results.baseline), results, years) for money in both]
        keys["comparison"] = results.baseline
        yield estimated(means - before[0], singles - before[1], level, **keys, period=periods, interval=name)


def estimated(means: Floats, singles: Floats, level: float, **keys: Any) -> pd.DataFrame:
    """Return rows of keys, value, low, high, p10, p90 and replications.

    Parameters
    ----------
    means : replications (or draws) x rows, for the mean and its interval.
    singles : single replications x rows, for their 10th and 90th percentile.
    """
    found = mean_with_interval(means.T, level).rename(columns={"mean": "value"})
    known = ~np.isnan(singles).any(axis=0)
    low, high = np.full((2, singles.shape[1]), np.nan)
    if known.any() and len(singles):
        low[known], high[known] = np.percentile(singles[:, known], PERCENTILES, axis=0)
    table = pd.DataFrame(keys, index=found.index)
    numbers: dict[str, Any] = {
        "value": found["value"],
        "low": found["low"],
        "high": found["high"],
        "p10": low,
        "p90": high,
    }
    return table.assign(**numbers, replications=found["replications"])


def _with_total(item: Item, values: Floats, results: Results, years: Sequence[int]) -> Floats:
    """Return values with the total of the years of the study beside them, unless they are balances."""
    if item.is_balance:
        return values
    in_study = np.array(years) >= first_study_year(results)
    return np.concatenate([values, values[:, in_study].sum(axis=1, keepdims=True)], axis=1)


def line_labels(results: Results) -> dict[str, str]:
    """Return the budget lines on which any scenario ever spends, with their labels, in the county's order."""
    spend = results.measures[(results.measures["measure"] == "spend") & (results.measures["value"] != 0)]
    used = set(spend["provision"].astype("str"))
    labels = dict(results.provenance["lines"])
    return {name: labels.get(name, name) for name in [*labels, *sorted(used - set(labels))] if name in used}


def payer_of(results: Results, line: str) -> str:
    """Return who pays for a line; results of an earlier version tell only whether it is the block."""
    money = money_of(results)
    fallback = "high needs block" if line in money["in_block"] else "beside the block"
    return str(money.get("payer", {}).get(line, fallback))

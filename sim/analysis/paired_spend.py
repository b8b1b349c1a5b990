"""Spend by financial year in a scenario and in the baseline, replications paired: what all analysis of money uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.measures.ledger import IN_BLOCK
from sim.results import Results, mean_with_interval
from sim.school_year import financial_year_label, financial_year_of, year_start

Floats = NDArray[np.float64]

HALF_A_PENNY = 0.005
"""What is less than this is nothing: the rounding of sums of large numbers."""

ESTIMATE = ("mean", "low", "high", "replications")


class Estimate(NamedTuple):
    """A mean over replications with its t interval; low and high are NaN when there is no interval."""

    mean: float
    low: float
    high: float
    replications: int


@dataclass(frozen=True)
class PairedSpend:
    """Spend in the baseline and in a scenario, pounds of each year.

    Attributes
    ----------
    years : financial years, by the calendar year in which each begins.
    replications : those in which both scenarios have every value; means of draws, if parameters were drawn.
    lines : budget lines, or the total of the block alone.
    before, after : lines x replications x years.
    """

    years: tuple[int, ...]
    replications: tuple[int, ...]
    lines: tuple[str, ...]
    before: Floats
    after: Floats

    def at(self, years: Sequence[int]) -> tuple[Floats, Floats]:
        """Return `before` and `after` of some years."""
        columns = [self.years.index(year) for year in years]
        return self.before[..., columns], self.after[..., columns]


def block_spend(results: Results, scenario: str) -> PairedSpend:
    """Return the spend of all lines in the block together."""
    return _paired(results, scenario, "spend_total", [IN_BLOCK])


def line_spend(results: Results, scenario: str) -> PairedSpend:
    """Return the spend of each line in the block that the results hold."""
    return _paired(results, scenario, "spend", list(money_of(results)["in_block"]))


def study_years(spend: PairedSpend, results: Results) -> list[int]:
    """Return the financial years from that in which the study starts; earlier ones too if money was spent then.

    Raises ValueError when the results do not hold the whole of the year in which the study starts, as when the
    runs began on that day: what was spent first would be missing.
    """
    first = first_study_year(results)
    if first not in spend.years:
        label = financial_year_label(first)
        raise ValueError(f"payback needs the whole of {label}, in which the study starts; the results do not hold it")
    most = np.abs(spend.after - spend.before).max(axis=(0, 1), initial=0.0)
    since = min([first, *(year for i, year in enumerate(spend.years) if most[i] > HALF_A_PENNY)])
    return [year for year in spend.years if year >= since]


def first_study_year(results: Results) -> int:
    """Return the financial year in which the study starts."""
    return financial_year_of(date.fromisoformat(str(results.provenance["horizon"]["study_start"])))


def money_of(results: Results) -> Mapping[str, Any]:
    """Return the lines of the block, price levels and discount rates; ValueError for results without them."""
    if "money" not in results.provenance:
        raise ValueError("the results say nothing about prices: they were made by an earlier version; run them again")
    found: Mapping[str, Any] = results.provenance["money"]
    return found


def estimates(values: Floats, level: float, **keys: Any) -> pd.DataFrame:
    """Return rows of mean, low, high and replications for values (replications x rows), behind their keys."""
    found = mean_with_interval(values.T, level)
    return pd.concat([pd.DataFrame({**keys}, index=found.index), found], axis=1)


def estimate(values: Floats, level: float) -> Estimate:
    """Return the mean of one value per replication, with its interval."""
    mean, low, high, number = mean_with_interval(values[None, :], level)[list(ESTIMATE)].to_numpy()[0]
    return Estimate(float(mean), float(low), float(high), int(number))


def _paired(results: Results, scenario: str, measure: str, lines: list[str]) -> PairedSpend:
    both = [_by_year(results, name, measure, lines) for name in (results.baseline, scenario)]
    after = both[1].reindex(index=both[0].index, columns=both[0].columns)
    lines = [line for line in lines if line in both[0].index]
    known = (both[0] + after).notna().all(axis=1).groupby("replication").all()
    replications = [int(number) for number in known.index[known]]
    shape = (len(lines), len(replications), both[0].shape[1])
    index = pd.MultiIndex.from_product([lines, replications])
    before, then = (table.reindex(index).to_numpy(dtype=np.float64).reshape(shape) for table in (both[0], after))
    years = tuple(int(year) for year in both[0].columns.tolist())
    return PairedSpend(years, tuple(replications), tuple(lines), before, then)


def _by_year(results: Results, scenario: str, measure: str, lines: list[str]) -> pd.DataFrame:
    """Return lines and replications (index) x financial years (columns)."""
    rows = results.of_draws().measures
    rows = rows[(rows["scenario"] == scenario) & (rows["measure"] == measure) & rows["provision"].isin(lines)]
    if rows.empty:
        raise ValueError(f"no {measure} of scenario {scenario!r} in the results")
    rows = rows.astype({"period": "str", "provision": "str"})
    table = rows.set_index(["provision", "replication", "period"])["value"].unstack("period")  # noqa: PD010 - NaN stays
    return table.rename(columns=year_start).sort_index(axis=1)

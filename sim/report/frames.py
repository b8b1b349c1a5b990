"""Choosing and summarising results for figures and tables; pure pandas.

What is compared, and how years are put together, is said once, in `sim.analysis.comparison`; here the rows are
chosen and brought into the units in which people read them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from sim.analysis.comparison import headline, headline_rows, paired_differences
from sim.measures.ledger import IN_BLOCK
from sim.report.words import words
from sim.results import Results, mean_with_interval, wide
from sim.school_year import academic_year_label, financial_year_label
from sim.vocabulary import BASE_TIERS, PLACEMENTS

LEVEL = 0.95
FUTURES = (10, 90)
MILLION, THOUSAND = 1e6, 1e3
KINDS = tuple(str(kind) for kind in (*PLACEMENTS, *BASE_TIERS))
BLOCK_LABEL = "High needs block, all lines modelled"
BALANCE = "balance_cumulative"
DRAWN = ("Pupils on roll", "Pupils supported by the bases", "Crises", "Spend a year")
"""Groups of the headline table that the figure of changes shows."""
NUMBERS = {"baseline_mean", "scenario_mean", "difference", "mean", "low", "high", "p10", "p90"}
BY_PHASE = ("Crises",)
"""Groups with quantities of very different size, each given by phase: 'Suspensions ..., primary'."""


def interval_of_mean(values: ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Return the t interval of the mean; both ends are the mean when there are fewer than two values.

    The same as `sim.results.mean_with_interval` for one row, but quick enough to be called for every point drawn.
    """
    sample = np.asarray(values, dtype=float)
    number = len(sample)
    error = sample.std(ddof=1) / number**0.5 if number > 1 else 0.0
    half = stdtrit(max(number - 1, 1), (1 + level) / 2) * error
    return float(sample.mean() - half), float(sample.mean() + half)


def range_of_futures(values: ArrayLike) -> tuple[float, float]:
    """Return the 10th and 90th percentile of the values (one value per replication)."""
    low, high = np.percentile(np.asarray(values, dtype=float), FUTURES)
    return float(low), float(high)


def rows_of(measures: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the rows of a measure for the whole county and all phases, with `year`; keys are plain text.

    `year` is the first calendar year that `period` names. ValueError lists the measures there are when none is found.
    """
    whole = measures["phase"].isin(["", "all"]) & measures["district"].isin(["", "all"])
    rows = measures[whole & (measures["measure"] == measure)]
    if rows.empty:
        raise ValueError(f"no rows of measure {measure!r}; there are {', '.join(sorted(set(measures['measure'])))}")
    rows = rows.astype(dict.fromkeys(["scenario", "period", "measure", "provision", "phase", "district"], "str"))
    return rows.assign(year=rows["period"].str.extract(r"(\d{4})", expand=False).astype(int))


def scenarios_of(measures: pd.DataFrame) -> list[str]:
    """Return the scenarios in the order in which they first appear; the first is the baseline."""
    return [str(name) for name in dict.fromkeys(measures["scenario"])]


def kinds_in_use(rolls: pd.DataFrame) -> list[str]:
    """Return the kinds of provision with anybody on roll in any scenario, in the order of the vocabulary."""
    used = set(rolls.loc[rolls["value"] > 0, "provision"])
    return [kind for kind in KINDS if kind in used]


def usable_places(measures: pd.DataFrame) -> pd.DataFrame:
    """Return mean usable places by scenario, provision (a kind) and year; kinds without a limit are left out."""
    places = rows_of(measures, "usable_places").dropna(subset="value")
    return places.groupby(["scenario", "provision", "year"], sort=False)["value"].mean().reset_index()


def spend_rows(measures: pd.DataFrame) -> pd.DataFrame:
    """Return spend in millions of pounds by line (`provision`) and year, with the total of the block's lines first."""
    total = rows_of(measures, "spend_total")
    rows = pd.concat([total[total["provision"] == IN_BLOCK], rows_of(measures, "spend")])
    return rows.assign(value=rows["value"] / MILLION)


def lines_in_use(spend: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the label of every line with any spend: the block's total, those of `labels` in order, the rest."""
    used = set(spend.loc[spend["value"] != 0, "provision"])
    named = {line: label for line, label in {IN_BLOCK: BLOCK_LABEL, **labels}.items() if line in used}
    return named | {line: words(line) for line in sorted(used - set(named))}


def changes_of(results: Results, scenario: str) -> pd.DataFrame:
    """Return the headline table of a scenario in readable units, with `scenario` and `digits` to print.

    Columns as `sim.analysis.comparison.headline`; money is in thousands of pounds.
    """
    return _readable(headline(results, scenario, LEVEL)).assign(scenario=scenario)


def panels_of(changes: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the panels of the figure of changes: title with unit and years, and rows with a `label` each."""
    rows = changes[changes["group"].isin(DRAWN)]
    by_phase = rows["group"].isin(BY_PHASE)
    parts = rows["quantity"].str.rpartition(", ")
    panel = rows["group"].where(~by_phase, parts[0])
    shown = rows.assign(label=rows["quantity"].where(~by_phase, parts[2].str.capitalize()), panel=panel)
    return [
        (f"{name} ({group['unit'].iloc[0]}; {group['period'].iloc[0]})", group)
        for name, group in shown.groupby("panel", sort=False)
    ]


def changes_by_year(measures: pd.DataFrame, scenario: str, measure: str, since: int) -> pd.DataFrame:
    """Return the paired differences of a measure of the whole county year by year, from the year `since` on.

    Columns as `sim.results.paired_differences`, and `year`.
    """
    rows = rows_of(measures, measure)
    found = paired_differences(rows[rows["year"] >= since], scenario, LEVEL, scenarios_of(measures)[0])
    return found.assign(year=found["period"].str.slice(0, 4).astype(int))


def levels_of(results: Results, year: int) -> pd.DataFrame:
    """Return the headline quantities of the first scenario in the academic and financial years beginning in `year`.

    Columns: group, quantity, unit, digits, mean, low, high (95% interval of the mean), p10, p90 (run-to-run range).
    """
    rows = pd.DataFrame([row for row in headline_rows(results.provenance["lines"]) if row.over != "sum"])
    wanted = [academic_year_label(year), financial_year_label(year)]

    def values_of(measures: pd.DataFrame) -> pd.DataFrame:
        mine = measures[measures["period"].isin(wanted) & measures["district"].isin(["", "all"])]
        return wide(mine[mine["measure"].isin(rows["measure"])], results.baseline)

    values, means = values_of(results.measures), values_of(results.of_draws().measures)
    keys = values.index.to_frame(index=False).astype("str")
    found = keys.join(mean_with_interval(means.to_numpy(), LEVEL)).join(_percentiles(values))
    table = rows.merge(found, on=["measure", "provision", "phase"])
    return _readable(table[table["mean"].fillna(0.0) != 0])


def _percentiles(values: pd.DataFrame) -> pd.DataFrame:
    futures = [
        range_of_futures(row[~np.isnan(row)]) if (~np.isnan(row)).any() else (np.nan,) * 2 for row in values.to_numpy()
    ]
    return pd.DataFrame(futures, columns=["p10", "p90"])


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """Bring money into thousands of pounds, and say how many decimals to print."""
    is_money = table["unit"].str.startswith("GBP")
    numbers = [name for name in table.columns if name in NUMBERS]
    divided = table[numbers].div(np.where(is_money, THOUSAND, 1.0), axis=0)
    unit = table["unit"].str.replace("GBP", "£ thousand").replace("number", "number a year")
    return table.assign(**divided, unit=unit, digits=np.where(table["unit"] == "number", 2, 1))

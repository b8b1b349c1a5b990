"""Figures of the pages about money and about whom it changes: each row of their tables becomes a figure with a code.

The tables are those of the workbook (`sim.report.money.sheets`), so that paper and workbook say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import pandas as pd

from sim.analysis import changed_for_whom as whom
from sim.analysis import invest_to_save as invest
from sim.analysis import money_pages as pages
from sim.analysis.money_values import NO_INTERVAL, TOTAL
from sim.analysis.paired_spend import first_study_year
from sim.analysis.payback import PAID_BACK, payback
from sim.measures.ledger import IN_BLOCK
from sim.measures.tidy import ALL
from sim.report.forum.figures import CASH, PUPILS, About, Figure, Interval, Origin
from sim.report.words import words
from sim.results import Results
from sim.school_year import year_start

HEADING, PAYER = "spend_section_251", "spend_by_payer"
PLAN = {
    pages.INCOME: "plan_block",
    pages.REST: "plan_other_spend",
    pages.LEFT: "plan_left",
    pages.MODELLED: "plan_spend",
    pages.IN_YEAR: "plan_balance_in_year",
    pages.CUMULATIVE: "plan_balance_carried_forward",
}
"""Measures of a deficit management plan by item."""

CASES = {invest.AS_MODELLED: "", invest.CENTRAL: "_optimism_central", invest.CAUTIOUS: "_optimism_cautious"}
"""What stands behind the name of a measure for each way of taking estimates."""

LEVELS = (invest.START_UP, invest.RUNNING, invest.SAVING, invest.NPV, invest.SWITCHING)
"""What is told as an amount and not as more or less than in the baseline."""

FLOW, ARROW = f"{PUPILS}furthest", ">"


@dataclass(frozen=True)
class Maker:
    """Makes figures of one run out of rows of value, low, high, p10, p90 and replications."""

    results: Results
    origin: Origin = field(init=False)

    def __post_init__(self) -> None:
        """Take the origin from the results."""
        object.__setattr__(self, "origin", Origin.of(self.results.provenance))

    def figure(self, row: Mapping[Any, Any], about: About, label: str, unit: str, interval: Interval) -> Figure:
        """Return the figure of a row; what the configuration gives has its value at both ends."""
        ends = (row["value"],) * 2 if interval is Interval.GIVEN else (row["low"], row["high"])
        futures = (row.get("p10", float("nan")), row.get("p90", float("nan")))
        return Figure(
            about=about,
            label=label,
            unit=unit,
            value=row["value"],
            low=ends[0],
            high=ends[1],
            interval=interval,
            number=int(row["replications"]),
            origin=self.origin,
            futures=futures if all(isfinite(end) for end in futures) else None,
            price_base=str(row.get("price_base", "")),
        )


def money_figures(results: Results, scenarios: Sequence[str]) -> Iterator[Figure]:
    """Yield the figures of all pages, levels of the baseline first.

    Parameters
    ----------
    scenarios : those that are told of in full. Results that hold too little for a page give no figures of it.
    """
    make, told = Maker(results), (results.baseline, *scenarios)
    try:
        first_year = first_study_year(results)
        yield from _by_year(make, told, first_year)
        for name in scenarios:
            yield from _of_investment(make, name)
    except ValueError:  # made by an earlier version, or the first year is not whole: the page is left out
        pass
    if set(told) <= set(results.pupil_tables):
        for name in scenarios:
            yield from _for_whom(make, name)


def total_of(periods: Sequence[str]) -> str:
    """Return what the total of some financial years is called."""
    return f"total of {periods[0]} to {periods[-1]}"


def _by_year(make: Maker, told: Sequence[str], first: int) -> Iterator[Figure]:
    results = make.results
    for row in _known(pages.spend_by_heading(results, told), first):
        yield _money(make, row, HEADING, row["section_251"], f"Section 251 {row['section_251']}, {row['heading']}")
    for row in _known(pages.who_pays(results, told), first):
        yield _money(make, row, PAYER, row["payer"], f"Spend paid by: {row['payer']}")
    for row in _known(pages.management_plan(results, told), first):
        yield _money(make, row, PLAN[row["item"]], IN_BLOCK, row["item"])


def _known(table: pd.DataFrame, first: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of the years of the study that have a value, the total of the years under its name."""
    years = [name for name in dict.fromkeys(table["period"]) if name != TOTAL and year_start(name) >= first]
    for row in table.to_dict("records"):
        period = total_of(years) if row["period"] == TOTAL else row["period"]
        if isfinite(row["value"]) and (row["period"] == TOTAL or row["period"] in years):
            yield {**{str(key): value for key, value in row.items()}, "period": period}


def _money(make: Maker, row: Mapping[str, Any], measure: str, provision: str, label: str) -> Figure:
    given = Interval.GIVEN if row["interval"] == NO_INTERVAL else Interval.MEAN
    about = About(measure, provision, ALL, row["period"], row["scenario"], row["comparison"])
    return make.figure(row, about, label, "£", Interval.DIFFERENCE if row["comparison"] else given)


def _of_investment(make: Maker, scenario: str) -> Iterator[Figure]:
    """Yield costs, savings, payback and worth of a scenario, as modelled and with optimism bias."""
    table = invest.invest_to_save(make.results, scenario)
    years = list(dict.fromkeys(table.loc[table["quantity"] == invest.CUMULATIVE, "period"]))
    for row in table.to_dict("records"):
        quantity, is_chance = str(row["quantity"]), row["unit"] == "share"
        measure = PAID_BACK if quantity == invest.PAID_BACK else quantity
        period = total_of(years) if row["period"] == TOTAL else str(row["period"])
        baseline = make.results.baseline
        about = About(f"{measure}{CASES[row['case']]}", IN_BLOCK, "all", period, scenario, baseline)
        said = "" if row["case"] == invest.AS_MODELLED else f" ({row['case']})"
        is_level = quantity in LEVELS
        interval = Interval.CHANCE if is_chance else Interval.MEAN if is_level else Interval.DIFFERENCE
        yield make.figure(row, about, f"{words(quantity)}{said}", "share" if is_chance else "£", interval)
    saved = payback(make.results, scenario).savings
    for row in saved[(saved["line"] == IN_BLOCK) & (saved["period"] == saved["period"].iloc[-1])].to_dict("records"):
        if isfinite(row["mean"]):
            about = About(str(row["part"]), IN_BLOCK, "all", total_of(years), scenario, make.results.baseline)
            told = {**row, "value": row["mean"], "price_base": CASH}
            yield make.figure(told, about, words(str(row["part"])), "£", Interval.MEAN)


def _for_whom(make: Maker, scenario: str) -> Iterator[Figure]:
    """Yield counts of pupils who avoid and gain spells, by group, and flows; few pupils have no figure."""
    period, baseline = "since the study began", make.results.baseline
    pairs = whom.paired_pupils(make.results, scenario)
    for row in whom.changed_for_whom(make.results, scenario, pairs=pairs).to_dict("records"):
        if row["few"]:
            continue
        group = ALL if row["grouping"] == whom.EVERYBODY else f"{row['grouping']} {row['group']}"
        about = About(f"{PUPILS}{row['quantity']}", str(row["spell"]), group, period, scenario, baseline)
        net = Interval.DIFFERENCE if row["quantity"] == whom.NET else Interval.MEAN
        label = f"Pupils, {words(str(row['quantity'])).lower()}: {words(str(row['spell'])).lower()}"
        yield make.figure(row, about, label if group == ALL else f"{label} ({group.replace('_', ' ')})", "pupils", net)
    for row in whom.flows(make.results, scenario, pairs=pairs).to_dict("records"):
        if not row["few"]:
            pair = f"{row['before']}{ARROW}{row['after']}"
            about = About(FLOW, pair, ALL, period, scenario, baseline)
            label = f"Pupils by furthest placement: {words(row['before'])} in the baseline, {words(row['after'])} here"
            yield make.figure(row, about, label, "pupils", Interval.MEAN)

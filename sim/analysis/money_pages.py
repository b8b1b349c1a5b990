"""Pages of money: spend by budget line and section 251 heading, who pays, and the table of a deficit management plan.

The plan's table follows the management plans that authorities with a deficit on their dedicated schools grant keep
(Department for Education, DSG deficit management plan template): what the block is, what is spent from it, the balance
of the year and the balance carried forward, unmitigated (the baseline) and mitigated (a scenario).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from sim.analysis.money_values import (
    CASH,
    LEVEL,
    NO_INTERVAL,
    NUMBERS,
    POUNDS,
    Item,
    Money,
    described,
    line_labels,
    page_years,
    payer_of,
)
from sim.analysis.paired_spend import Floats, money_of
from sim.measures.ledger import BESIDE_BLOCK, BLOCK, IN_BLOCK, OTHER
from sim.measures.prices import in_force
from sim.measures.tidy import NOT_APPLICABLE
from sim.parameters.appraisal import section_251_headings
from sim.results import Results, run_id
from sim.school_year import financial_year_label

NOT_MAPPED = "not mapped"
UNMITIGATED, MITIGATED, MITIGATION = "unmitigated", "mitigated", "effect of mitigation"
INCOME, REST, MODELLED = "High needs block", "Other high needs spend", "Spend on the lines modelled"
IN_YEAR, CUMULATIVE = "Balance of the year", "Balance carried forward at 31 March"
LEFT = "Left for the lines modelled (block less other spend)"


def spend_by_line(results: Results, scenarios: Sequence[str] = (), level: float = LEVEL) -> pd.DataFrame:
    """Return spend by budget line, and in and beside the block; rows as `sim.analysis.money_values.described`.

    Keys of a row: line, label, section_251 (code), heading, payer.
    """
    headings = headings_of(results)
    items = [_of_line(results, name, label, headings) for name, label in line_labels(results).items()]
    totals = {IN_BLOCK: "High needs block, all lines modelled", BESIDE_BLOCK: "Beside the block, all lines modelled"}
    for name, label in totals.items():
        keys = {"line": name, "label": label, "section_251": "", "heading": "", "payer": ""}
        items.append(Item(keys, partial(_spent_in_all, name)))
    return described(results, items, scenarios, level)


def spend_by_heading(results: Results, scenarios: Sequence[str] = (), level: float = LEVEL) -> pd.DataFrame:
    """Return spend by section 251 heading, lines added up within each replication first.

    Keys of a row: section_251 (code), heading, lines (labels).
    """
    codes, headings = section_251_of(results), headings_of(results)
    items = []
    for code in sorted({codes.get(name, NOT_MAPPED) for name in line_labels(results)}):
        mine = {name: text for name, text in line_labels(results).items() if codes.get(name, NOT_MAPPED) == code}
        keys = {"section_251": code, "heading": headings.get(code, code), "lines": "; ".join(mine.values())}
        items.append(Item(keys, partial(_spent, tuple(mine))))
    return described(results, items, scenarios, level)


def who_pays(results: Results, scenarios: Sequence[str] = (), level: float = LEVEL) -> pd.DataFrame:
    """Return spend by who pays (key `payer`): the block, the council, schools; below 0, a change is a saving."""
    payers: dict[str, list[str]] = {}
    for line in line_labels(results):
        payers.setdefault(payer_of(results, line), []).append(line)
    items = [Item({"payer": payer}, partial(_spent, tuple(lines))) for payer, lines in payers.items()]
    return described(results, items, scenarios, level)


def management_plan(results: Results, scenarios: Sequence[str] = (), level: float = LEVEL) -> pd.DataFrame:
    """Return the table of a deficit management plan: rows as `described`, with plan (un- or mitigated) and item.

    The block and what else it pays for are given by the county, and stand without interval; in draws they vary, which
    the balances hold. A balance below 0 is a deficit. NaN where a county has no published block.
    """
    items = [
        Item({"item": LEFT}, _left),
        Item({"item": MODELLED}, partial(_spent_in_all, IN_BLOCK)),
        Item({"item": IN_YEAR}, partial(_measured, "balance_in_year")),
        Item({"item": CUMULATIVE}, partial(_measured, "balance_cumulative"), is_balance=True),
    ]
    rows = described(results, items, scenarios, level)
    given = _given(results, scenarios or results.scenarios, rows["period"].unique())
    table = pd.concat([given, rows], ignore_index=True) if len(given) else rows
    table = table.sort_values(["scenario", "comparison", "item"], key=_plan_order(results), kind="stable")
    plan = table["scenario"].map(lambda name: UNMITIGATED if name == results.baseline else MITIGATED)
    plan = plan.where(table["comparison"] == "", MITIGATION)
    return table.assign(plan=plan)[["scenario", "comparison", "plan", *table.columns.drop(["scenario", "comparison"])]]


def _plan_order(results: Results) -> Callable[[pd.Series[str]], pd.Series[int]]:
    """Return the order of a plan: scenario by scenario, its level first, items as a plan adds them up."""
    names = (*results.scenarios, INCOME, REST, LEFT, MODELLED, IN_YEAR, CUMULATIVE)
    order = {"": -1, **{name: place for place, name in enumerate(names)}}
    return lambda column: column.map(order)


def section_251_of(results: Results) -> Mapping[str, str]:
    """Return the section 251 code of each line; nothing for results of an earlier version, which do not tell it."""
    found: Mapping[str, str] = money_of(results).get("section_251", {})
    return found


def headings_of(results: Results) -> dict[str, str]:
    """Return the label of each section 251 heading as it stood in the first year of the pages."""
    return section_251_headings(financial_year_label(page_years(results)[0]))


def _of_line(results: Results, name: str, label: str, headings: Mapping[str, str]) -> Item:
    code = section_251_of(results).get(name, NOT_MAPPED)
    keys = {"line": name, "label": label, "section_251": code, "heading": headings.get(code, code)}
    return Item({**keys, "payer": payer_of(results, name)}, partial(_spent, (name,)))


def _spent(lines: tuple[str, ...], money: Money, scenario: str) -> Floats:
    return np.asarray(np.sum([money.values(scenario, "spend", line) for line in lines], axis=0))


def _spent_in_all(total: str, money: Money, scenario: str) -> Floats:
    return money.values(scenario, "spend_total", total)


def _measured(measure: str, money: Money, scenario: str) -> Floats:
    return money.values(scenario, measure, NOT_APPLICABLE)


def _left(money: Money, scenario: str) -> Floats:
    """Return what the block leaves after other spend: the balance of the year and what was spent on modelled lines."""
    return _measured("balance_in_year", money, scenario) + _spent_in_all(IN_BLOCK, money, scenario)


def _given(results: Results, scenarios: Iterable[str], periods: Iterable[str]) -> pd.DataFrame:
    """Return the rows of the block and other spend, by year, as the configuration gives them."""
    money, labels = money_of(results), {financial_year_label(year): year for year in page_years(results)}
    rows = [
        {
            "scenario": scenario,
            "comparison": "",
            "item": item,
            "period": period,
            **dict.fromkeys(NUMBERS, float("nan")),
            "value": in_force(money[name], labels[period]),
            "interval": NO_INTERVAL,
            "replications": 0,
        }
        for scenario in scenarios
        for item, name in ((INCOME, BLOCK), (REST, OTHER))
        for period in periods
        if money.get(name) and period in labels
    ]
    made = pd.DataFrame(
        rows, columns=["scenario", "comparison", "item", "period", *NUMBERS, "interval", "replications"]
    )
    return made.assign(unit=POUNDS, price_base=CASH, run=run_id(results.provenance))

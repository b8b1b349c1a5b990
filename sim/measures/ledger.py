"""What it all costs: stays, cases, places and services times dated prices, under the budget's headings.

Nothing is rounded. The cost of a stay [a, b) is C(b) - C(a), C being cumulative in time, so splitting a stay
or the horizon at any instant adds up. Prices are those of the financial year: value x index / index of its
price base; a tariff may have other versions from a later 1 September on.

Each function in COST_LINES is one way in which money is spent; which budget line it falls under is data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from sim.measures.charges import Amounts, cases_charged, places_funded, stays_charged
from sim.measures.facts import Column, Facts
from sim.measures.prices import Timeline, held
from sim.measures.services import (
    partnerships_charged,
    schools_contribute,
    services_run,
    services_started,
    stays_beyond_places,
)
from sim.measures.tidy import NOT_APPLICABLE, rows
from sim.school_year import APRIL, financial_year_label, year_start

BLOCK, OTHER, OPENING = "high_needs_block", "other_high_needs_spend", "opening_balance"
IN_BLOCK, BESIDE_BLOCK = "in_block", "beside_block"

CostLine = Callable[[Facts, Timeline], Amounts]

COST_LINES: dict[str, CostLine] = {
    "stays_charged": stays_charged,
    "places_funded": places_funded,
    "cases_charged": cases_charged,
    "services_run": services_run,
    "services_started": services_started,
    "schools_contribute": schools_contribute,
    "partnerships_charged": partnerships_charged,
    "stays_beyond_places": stays_beyond_places,
}
"""Every way in which money is spent, or comes back."""


def spend_between(facts: Facts, cuts: Sequence[date]) -> pd.DataFrame:
    """Return spend by budget line (index, every line of the county) between consecutive dates (columns).

    Parameters
    ----------
    cuts : at least two dates in ascending order within the calendar of the run; a column is named by the date
        it begins on. Values are pounds of the day, unrounded.
    """
    if len(cuts) < 2 or list(cuts) != sorted(set(cuts)):
        named = ", ".join(map(str, cuts))
        raise ValueError(f"spend needs two or more dates in ascending order; found {named}")
    time = Timeline(facts.parameters, facts.calendar, tuple(cuts))
    sums = {line: np.zeros(len(time.edges) - 1) for line in facts.parameters.lines}
    for cost_line in COST_LINES.values():
        for line, amounts in cost_line(facts, time):
            sums[line] = sums.get(line, 0.0) + amounts
    asked = [time.asked(amounts) for amounts in sums.values()]
    return pd.DataFrame(asked, index=list(sums), columns=list(cuts[:-1]))


def spend(facts: Facts) -> pd.DataFrame:
    """Spend by budget line and financial year, pounds of the year."""
    yearly = facts.once(_yearly_spend)
    return money_rows(facts, "spend", yearly.to_numpy().T, list(yearly.index))


def spend_total(facts: Facts) -> pd.DataFrame:
    """Spend of all lines in the high needs block, and of those beside it (council, schools)."""
    yearly, lines = facts.once(_yearly_spend), facts.parameters.lines
    beside = [name for name in yearly.index if name not in lines or not lines[name].in_block]
    both = [facts.once(_block_spend), yearly.loc[beside].sum().to_numpy()]
    return money_rows(facts, "spend_total", np.stack(both).T, [IN_BLOCK, BESIDE_BLOCK])


def balance_in_year(facts: Facts) -> pd.DataFrame:
    """High needs block less the modelled lines in it and less what else it pays for; below 0 is a deficit."""
    return money_rows(facts, "balance_in_year", facts.once(_balance), [NOT_APPLICABLE])


def balance_cumulative(facts: Facts) -> pd.DataFrame:
    """Balance at 31 March: the opening balance (1 April of its year) and the balances since; NaN before.

    NaN throughout when a run began after that year, as the balances between are not known.
    """
    opening, balance = facts.parameters.budgets.get(OPENING, {}), facts.once(_balance)
    values = np.full(len(balance), np.nan)
    if opening and year_start(min(opening)) >= facts.financial_years.start:
        label = min(opening)
        since = np.array(facts.financial_years) >= year_start(label)
        values[since] = opening[label].value + np.cumsum(balance[since])
    return money_rows(facts, "balance_cumulative", values, [NOT_APPLICABLE])


def _yearly_spend(facts: Facts) -> pd.DataFrame:
    years = facts.financial_years
    if not years:  # a run of one academic year holds no whole financial year
        return pd.DataFrame(index=list(facts.parameters.lines), dtype=np.float64)
    return spend_between(facts, [date(year, APRIL, 1) for year in range(years.start, years.stop + 1)])


def _block_spend(facts: Facts) -> Column:
    inside = [name for name, line in facts.parameters.lines.items() if line.in_block]
    return np.asarray(facts.once(_yearly_spend).loc[inside].sum().to_numpy())


def _balance(facts: Facts) -> Column:
    budgets, years = facts.parameters.budgets, facts.financial_years
    if not budgets.get(BLOCK):
        return np.full(len(years), np.nan)
    other = budgets.get(OTHER)
    income = [held(budgets[BLOCK], year) - (held(other, year) if other else 0.0) for year in years]
    return np.array(income) - facts.once(_block_spend)


def money_rows(facts: Facts, measure: str, values: Column, provisions: list[str]) -> pd.DataFrame:
    """Return rows of pounds, by financial year and by what stands in the provision column."""
    periods = [financial_year_label(year) for year in facts.financial_years]
    return rows(measure, values, periods, provisions, (NOT_APPLICABLE,), (NOT_APPLICABLE,))

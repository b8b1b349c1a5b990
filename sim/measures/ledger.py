"""What it all costs: stays, cases, places and services times dated prices, under the budget's headings.

Nothing is rounded. The cost of a stay [a, b) is C(b) - C(a), C being cumulative in time, so splitting a stay
or the horizon at any instant adds up. Prices are those of the financial year: value x index / index of its
price base.

Each function in COST_LINES is one way in which money is spent; which budget line it falls under is data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Facts, Table, chosen
from sim.measures.happenings import CODES
from sim.measures.prices import (
    CALENDAR_DAYS,
    SCHOOL_DAYS,
    YEARS,
    Timeline,
    accrued,
    counted,
    cumulative,
    held,
    interval_of,
)
from sim.measures.support import support_of_pupils
from sim.measures.tidy import NOT_APPLICABLE, rows
from sim.parameters.schema import Money, ProvisionSpec, Tariff
from sim.school_year import APRIL, SEPTEMBER, financial_year_label, year_start
from sim.vocabulary import PLACEMENTS, Happening, Record

START_UP = "start_up"
BLOCK, OTHER, OPENING = "high_needs_block", "other_high_needs_spend", "opening_balance"
IN_BLOCK, BESIDE_BLOCK = "in_block", "beside_block"
RECORDS = {"any": tuple(Record), "plan": (Record.PLAN,), "no_plan": (Record.NONE, Record.SEN_SUPPORT)}

Amounts = Iterator[tuple[str, Column]]
"""Budget line and pounds in each interval of a timeline."""

CostLine = Callable[[Facts, Timeline], Amounts]


class Charge(NamedTuple):
    """Stays that a tariff charges for, and how: pounds per unit of the scale."""

    pupil: Column
    start: Column
    end: Column
    scale: str
    price: float


def stays_charged(facts: Facts, time: Timeline) -> Amounts:
    """Top-ups, fees and tuition: pupils' placements and support by calendar day, year or taught hour."""
    for tariff in _tariffs(facts, "calendar_day", "pupil_year", "taught_hour"):
        charge = _charge(facts, tariff)
        start, end = (time.position_of_clock(charge.scale, at) for at in (charge.start, charge.end))
        prices = time.prices(charge.price, tariff.price_base)
        yield tariff.line, accrued(start, end, time.on(charge.scale)) * prices


def places_funded(facts: Facts, time: Timeline) -> Amounts:
    """Place funding on commissioned places, filled or empty; a devolved budget pays for its own places."""
    for tariff in _tariffs(facts, "place_year"):
        prices = time.prices(tariff.value, tariff.price_base)
        for code in _provision_codes(facts, tariff.applies_to):
            spec = _spec(facts, code)
            if not spec.devolved_budget:
                dated = {day: float(places.commissioned) for day, places in spec.places.items()}
                yield tariff.line, _paid_from(time, dated) * prices


def cases_charged(facts: Facts, time: Timeline) -> Amounts:
    """Cases at the price of their day: happenings such as EHC requests, or entries to a provision."""
    for tariff in _tariffs(facts, "case"):
        _, at = _cases(facts, tariff)
        number = counted(time.position_of_clock(CALENDAR_DAYS, at), time.on(CALENDAR_DAYS))
        yield tariff.line, number * time.prices(tariff.value, tariff.price_base)


def services_run(facts: Facts, time: Timeline) -> Amounts:
    """Money for services by calendar time: running costs and devolved budgets, from the date each holds."""
    for spec in facts.parameters.provisions.values():
        for dated in filter(None, (spec.running_cost, spec.devolved_budget)):
            yield spec.line, _yearly_money(time, dated)


def services_started(facts: Facts, time: Timeline) -> Amounts:
    """Start-up costs, on their date, under their own line whatever the service."""
    edges = np.array([day.toordinal() for day in time.edges])
    for spec in facts.parameters.provisions.values():
        for day, money in spec.start_up.items():
            number = counted(np.array([day.toordinal()]), edges)
            yield START_UP, number * time.prices(money.value, money.price_base)


COST_LINES: dict[str, CostLine] = {
    "stays_charged": stays_charged,
    "places_funded": places_funded,
    "cases_charged": cases_charged,
    "services_run": services_run,
    "services_started": services_started,
}
"""Every way in which money is spent."""


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
    return _money_rows(facts, "spend", yearly.to_numpy().T, list(yearly.index))


def spend_total(facts: Facts) -> pd.DataFrame:
    """Spend of all lines in the high needs block, and of those beside it (council, schools)."""
    inside = facts.once(_block_spend)
    beside = facts.once(_yearly_spend).sum().to_numpy() - inside
    return _money_rows(facts, "spend_total", np.stack([inside, beside]).T, [IN_BLOCK, BESIDE_BLOCK])


def balance_in_year(facts: Facts) -> pd.DataFrame:
    """High needs block less the modelled lines in it and less what else it pays for; below 0 is a deficit."""
    return _money_rows(facts, "balance_in_year", facts.once(_balance), [NOT_APPLICABLE])


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
    return _money_rows(facts, "balance_cumulative", values, [NOT_APPLICABLE])


def pupil_spend(facts: Facts, since: date) -> Column:
    """Return what each pupil's own placements, support and cases cost from a date to the end, in cash."""
    last = date(facts.calendar.last_year + 1, SEPTEMBER, 1)
    time = Timeline(facts.parameters, facts.calendar, (since, last))
    sums = np.zeros(len(facts.tables["pupils"]["pupil"]))
    for tariff in _tariffs(facts, "calendar_day", "pupil_year", "taught_hour"):
        charge = _charge(facts, tariff)
        edges, prices = time.on(charge.scale), time.prices(charge.price, tariff.price_base)
        stay = (time.position_of_clock(charge.scale, at) for at in (charge.start, charge.end))
        start, end = (cumulative(position, edges, prices) for position in stay)
        sums += np.bincount(charge.pupil, end - start, minlength=len(sums))
    for tariff in _tariffs(facts, "case"):
        pupil, at = _cases(facts, tariff)
        interval = interval_of(time.position_of_clock(CALENDAR_DAYS, at), time.on(CALENDAR_DAYS))
        prices = np.append(time.prices(tariff.value, tariff.price_base), 0.0)
        sums += np.bincount(pupil, prices[interval], minlength=len(sums))
    return sums


def _tariffs(facts: Facts, *bases: str) -> Iterator[Tariff]:
    return (tariff for tariff in facts.parameters.tariffs.values() if tariff.basis in bases)


def _spec(facts: Facts, code: int) -> ProvisionSpec:
    return facts.parameters.provisions[facts.provisions[code]]


def _provision_codes(facts: Facts, applies_to: str) -> list[int]:
    """Return the provisions of a kind, or the one of that name."""
    if applies_to in KINDS:
        return [code for code in range(len(facts.provisions)) if _spec(facts, code).kind == applies_to]
    return [facts.provisions.index(applies_to)] if applies_to in facts.provisions else []


def _charge(facts: Facts, tariff: Tariff) -> Charge:
    found = _stays_of(facts, tariff)
    scale, price = _scale_and_price(facts, tariff)
    return Charge(found["pupil"], found["start"], found["end"], scale, price)


def _scale_and_price(facts: Facts, tariff: Tariff) -> tuple[str, float]:
    """Return the scale and the price on it; taught hours are spread evenly over the school days of a year."""
    if tariff.basis == "taught_hour":
        hours_a_day = tariff.hours_per_week * tariff.weeks_per_year / facts.calendar.days_per_year
        return SCHOOL_DAYS, tariff.value * hours_a_day
    return (CALENDAR_DAYS if tariff.basis == "calendar_day" else YEARS), tariff.value


def _stays_of(facts: Facts, tariff: Tariff) -> Table:
    """Return the placements or spells of support, of the model's own pupils, that a tariff is about."""
    codes = _provision_codes(facts, tariff.applies_to)
    is_placement = any(_spec(facts, code).kind in PLACEMENTS for code in codes)
    table = facts.tables["spells"] if is_placement else facts.once(_support_with_record)
    is_about = np.zeros(len(facts.provisions), dtype=bool)
    is_about[codes] = True
    return chosen(table, is_about[table["provision"]] & _has_record(table, tariff))


def _has_record(table: Table, tariff: Tariff) -> Column:
    """Whether each row's record is one that the tariff is for."""
    is_for = np.zeros(len(Record), dtype=bool)
    is_for[list(RECORDS[tariff.record])] = True
    return np.asarray(is_for[table["record"]])


def _support_with_record(facts: Facts) -> Table:
    """Return the pupils' spells of support with the record each pupil had when it started."""
    supports = facts.once(support_of_pupils)
    row = facts.placement_at(supports["pupil"], supports["start"])
    record = np.append(facts.tables["spells"]["record"], Record.NONE)[row]
    return {**supports, "record": record}


def _cases(facts: Facts, tariff: Tariff) -> tuple[Column, Column]:
    """Return pupil and instant of each case: a happening, or the start of a stay."""
    if tariff.applies_to in tuple(Happening):
        events = facts.tables["events"]
        about = events["happening"] == CODES[Happening(tariff.applies_to)]
        found = chosen(events, about & _has_record(events, tariff))
        return found["pupil"], found["at"]
    stays = _stays_of(facts, tariff)
    begins = np.append(True, ~_goes_on(stays))[: len(stays["pupil"])] & (stays["start"] >= 0.0)
    return stays["pupil"][begins], stays["start"][begins]


def _goes_on(stays: Table) -> Column:
    """Whether each stay but the first only continues the one before it, cut because the record changed."""
    same = [stays[name][1:] == stays[name][:-1] for name in ("pupil", "provision")]
    return np.asarray(same[0] & same[1] & (stays["start"][1:] == stays["end"][:-1]))


def _paid_from(time: Timeline, yearly: dict[date, float]) -> Column:
    """Return what yearly amounts, each in force from its date to the next, come to in each interval."""
    days = sorted(yearly)
    edges = time.on(YEARS)
    start = time.position_of_dates(YEARS, days)
    end = np.append(start[1:], np.inf)[: len(days)]
    return accrued(start, np.minimum(end, edges[-1]), edges, np.array([yearly[day] for day in days]))


def _yearly_money(time: Timeline, dated: dict[date, Money]) -> Column:
    """Return dated yearly money in each interval, every amount at its own price base."""
    days = sorted(dated)
    total = np.zeros(len(time.edges) - 1)
    for day, until in zip(days, [*days[1:], None], strict=True):
        money = dated[day]
        only = {day: 1.0} if until is None else {day: 1.0, until: 0.0}
        total += _paid_from(time, only) * time.prices(money.value, money.price_base)
    return total


def _yearly_spend(facts: Facts) -> pd.DataFrame:
    years = facts.financial_years
    if not years:  # a run of one academic year holds no whole financial year
        return pd.DataFrame(index=list(facts.parameters.lines), dtype=np.float64)
    return spend_between(facts, [date(year, APRIL, 1) for year in range(years.start, years.stop + 1)])


def _block_spend(facts: Facts) -> Column:
    inside = [line for line, budget in facts.parameters.lines.items() if budget.in_block]
    return np.asarray(facts.once(_yearly_spend).loc[inside].sum().to_numpy())


def _balance(facts: Facts) -> Column:
    budgets, years = facts.parameters.budgets, facts.financial_years
    if not budgets.get(BLOCK):
        return np.full(len(years), np.nan)
    other = budgets.get(OTHER)
    income = [held(budgets[BLOCK], year) - (held(other, year) if other else 0.0) for year in years]
    return np.array(income) - facts.once(_block_spend)


def _money_rows(facts: Facts, measure: str, values: Column, provisions: list[str]) -> pd.DataFrame:
    periods = [financial_year_label(year) for year in facts.financial_years]
    return rows(measure, values, periods, provisions, (NOT_APPLICABLE,), (NOT_APPLICABLE,))

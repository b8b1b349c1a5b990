"""What tariffs charge: stays by time, commissioned places by the year, and cases, at the prices in force.

A tariff may change from a 1 September: each version charges for the time, or the cases, of its own intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

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
    interval_of,
    paid_from,
)
from sim.measures.support import support_of_pupils
from sim.parameters.schema import ProvisionSpec, Tariff
from sim.school_year import SEPTEMBER
from sim.vocabulary import PLACEMENTS, Happening, Record

BY_TIME = ("calendar_day", "pupil_year", "taught_hour")
RECORDS = {"any": tuple(Record), "plan": (Record.PLAN,), "no_plan": (Record.NONE, Record.SEN_SUPPORT)}

Amounts = Iterator[tuple[str, Column]]
"""Budget line and pounds in each interval of a timeline."""


GroupOf = Callable[[Column, Column], Column]
"""From pupils and instants to the group of each."""


class Charge(NamedTuple):
    """Stays that a tariff charges for, and how: pounds per unit of the scale, in each interval."""

    pupil: Column
    start: Column
    end: Column
    scale: str
    prices: Column


def stays_charged(facts: Facts, time: Timeline) -> Amounts:
    """Top-ups, fees and tuition: pupils' placements and support by calendar day, year or taught hour."""
    for tariff, in_force in _tariffs(time, *BY_TIME):
        charge = _charge(facts, time, tariff, in_force)
        start, end = (time.position_of_clock(charge.scale, at) for at in (charge.start, charge.end))
        yield tariff.line, accrued(start, end, time.on(charge.scale)) * charge.prices


def places_funded(facts: Facts, time: Timeline) -> Amounts:
    """Place funding on commissioned places, filled or empty; a devolved budget pays for its own places."""
    for tariff, in_force in _tariffs(time, "place_year"):
        prices = time.prices(tariff.value, tariff.price_base) * in_force
        for code in provision_codes(facts, tariff.applies_to):
            spec = _spec(facts, code)
            if not spec.devolved_budget:
                dated = {day: float(places.commissioned) for day, places in spec.places.items()}
                yield tariff.line, paid_from(time, dated) * prices


def cases_charged(facts: Facts, time: Timeline) -> Amounts:
    """Cases at the price of their day: happenings such as EHC requests, or entries to a provision."""
    for tariff, in_force in _tariffs(time, "case"):
        _, at = _cases(facts, tariff)
        number = counted(time.position_of_case(at), time.on(CALENDAR_DAYS))
        yield tariff.line, number * (time.prices(tariff.value, tariff.price_base) * in_force)


def pupil_spend(facts: Facts, since: date) -> Column:
    """Return what each pupil's own placements, support and cases cost from a date to the end, in cash."""
    last = date(facts.calendar.last_year + 1, SEPTEMBER, 1)
    time = Timeline(facts.parameters, facts.calendar, (since, last))
    sums = np.zeros(len(facts.tables["pupils"]["pupil"]))
    for tariff, in_force in _tariffs(time, *BY_TIME):
        charge = _charge(facts, time, tariff, in_force)
        edges = time.on(charge.scale)
        stay = (time.position_of_clock(charge.scale, at) for at in (charge.start, charge.end))
        start, end = (cumulative(position, edges, charge.prices) for position in stay)
        sums += np.bincount(charge.pupil, end - start, minlength=len(sums))
    for tariff, in_force in _tariffs(time, "case"):
        pupil, at = _cases(facts, tariff)
        interval = interval_of(time.position_of_case(at), time.on(CALENDAR_DAYS))
        prices = np.append(time.prices(tariff.value, tariff.price_base) * in_force, 0.0)
        sums += np.bincount(pupil, prices[interval], minlength=len(sums))
    return sums


def spend_by_group(facts: Facts, time: Timeline, group_of: GroupOf, groups: int) -> Column:
    """Return what pupils' own placements, support and cases cost: shape (groups, intervals), in cash.

    Parameters
    ----------
    group_of : the group, 0 to `groups` - 1, of each stay or case, from its pupil and the instant it begins.
    """
    sums = np.zeros((groups, len(time.edges) - 1))
    for tariff, in_force in _tariffs(time, *BY_TIME):
        charge = _charge(facts, time, tariff, in_force)
        edges, group = time.on(charge.scale), group_of(charge.pupil, charge.start)
        start, end = (time.position_of_clock(charge.scale, at) for at in (charge.start, charge.end))
        sums += [accrued(start[group == g], end[group == g], edges) * charge.prices for g in range(groups)]
    for tariff, in_force in _tariffs(time, "case"):
        pupil, at = _cases(facts, tariff)
        days, edges, group = time.position_of_case(at), time.on(CALENDAR_DAYS), group_of(pupil, at)
        prices = time.prices(tariff.value, tariff.price_base) * in_force
        sums += [counted(days[group == g], edges) * prices for g in range(groups)]
    return sums


def _tariffs(time: Timeline, *bases: str) -> Iterator[tuple[Tariff, Column]]:
    return ((tariff, in_force) for tariff, in_force in time.tariffs if tariff.basis in bases)


def _spec(facts: Facts, code: int) -> ProvisionSpec:
    return facts.parameters.provisions[facts.provisions[code]]


def provision_codes(facts: Facts, applies_to: str) -> list[int]:
    """Return the provisions of a kind, or the one of that name."""
    if applies_to in KINDS:
        return [code for code in range(len(facts.provisions)) if _spec(facts, code).kind == applies_to]
    return [facts.provisions.index(applies_to)] if applies_to in facts.provisions else []


def _charge(facts: Facts, time: Timeline, tariff: Tariff, in_force: Column) -> Charge:
    found = _stays_of(facts, tariff)
    scale, price = _scale_and_price(facts, tariff)
    prices = time.prices(price, tariff.price_base) * in_force
    return Charge(found["pupil"], found["start"], found["end"], scale, prices)


def _scale_and_price(facts: Facts, tariff: Tariff) -> tuple[str, float]:
    """Return the scale and the price on it; taught hours are spread evenly over the school days of a year."""
    if tariff.basis == "taught_hour":
        hours_a_day = tariff.hours_per_week * tariff.weeks_per_year / facts.calendar.days_per_year
        return SCHOOL_DAYS, tariff.value * hours_a_day
    return (CALENDAR_DAYS if tariff.basis == "calendar_day" else YEARS), tariff.value


def _stays_of(facts: Facts, tariff: Tariff) -> Table:
    """Return the placements or spells of support, of the model's own pupils, that a tariff is about."""
    codes = provision_codes(facts, tariff.applies_to)
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
    begins = np.append(True, ~goes_on(stays))[: len(stays["pupil"])] & (stays["start"] >= 0.0)
    return stays["pupil"][begins], stays["start"][begins]


def goes_on(stays: Table) -> Column:
    """Whether each stay but the first only continues the one before it, cut because the record changed."""
    same = [stays[name][1:] == stays[name][:-1] for name in ("pupil", "provision")]
    return np.asarray(same[0] & same[1] & (stays["start"][1:] == stays["end"][:-1]))

"""Money that follows dates: running costs, budgets, start-up, what schools pay, what partnerships are charged.

None of it depends on how many pupils come, but for the charges of partnerships, which follow what happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from sim.measures.charges import Amounts
from sim.measures.facts import Column, Facts, chosen
from sim.measures.happenings import CODES
from sim.measures.prices import CALENDAR_DAYS, YEARS, Timeline, accrued, interval_of, paid_from
from sim.parameters.check_provisions import SCHOOLS_LINE, START_UP_LINE
from sim.parameters.schema import Money, Programme, ProvisionSpec
from sim.vocabulary import Happening


def services_run(facts: Facts, time: Timeline) -> Amounts:
    """Running costs of provisions and programmes and devolved budgets, by calendar time from the date each holds."""
    for spec in facts.parameters.provisions.values():
        for dated in filter(None, (spec.running_cost, spec.devolved_budget)):
            yield spec.line, _yearly_money(time, dated)
    for programme in facts.parameters.programmes.values():
        if programme.running_cost:
            yield programme.line, _yearly_money(time, programme.running_cost)


def services_started(facts: Facts, time: Timeline) -> Amounts:
    """Start-up costs, on their date, under their own line whatever the service."""
    edges = np.array([day.toordinal() for day in time.edges])
    for spec in _services(facts):
        for day, money in spec.start_up.items():
            interval = interval_of(np.array([day.toordinal()]), edges)
            number = (np.arange(len(edges) - 1) == interval).astype(np.float64)
            yield START_UP_LINE, number * time.prices(money.value, money.price_base)


def schools_contribute(facts: Facts, time: Timeline) -> Amounts:
    """What schools pay of a running cost: off the provision's own line, and on the line of the schools.

    Never more than the running cost in force, in the prices of the interval; so the two lines add up to nothing.
    """
    for spec in facts.parameters.provisions.values():
        if spec.school_contribution:
            paid = _lesser_of(time, spec.school_contribution, spec.running_cost)
            yield spec.line, -paid
            yield SCHOOLS_LINE, paid


def partnerships_charged(facts: Facts, time: Timeline) -> Amounts:
    """What partnerships give back of their budget for exclusions and tuition: pounds of the day, off their line."""
    events = facts.tables["events"]
    charged = chosen(events, events["happening"] == CODES[Happening.PARTNERSHIP_CHARGED])
    interval = interval_of(time.position_of_clock(CALENDAR_DAYS, charged["at"]), time.on(CALENDAR_DAYS))
    for code in np.unique(charged["provision"]).tolist():
        mine = (charged["provision"] == code) & (interval >= 0)
        pounds = np.bincount(interval[mine], charged["value"][mine], minlength=len(time.edges) - 1)
        yield facts.parameters.provisions[facts.provisions[code]].line, -pounds


def stays_beyond_budgets(facts: Facts, time: Timeline) -> Amounts:
    """What pupils cost who stay in alternative provision whose devolved budget has ended: their part of a place.

    The budget paid for them while it ran; from then on the council does, at the price of a place.
    """
    spells = facts.tables["spells"]
    share = facts.parameters.quantities.alternative_provision.part_time_share.value
    for code, spec in enumerate(facts.parameters.provisions.values()):
        ended = [day for day, money in spec.devolved_budget.items() if money.value == 0.0]
        if not ended or not any(money.value for money in spec.devolved_budget.values()):
            continue
        mine = chosen(spells, spells["provision"] == code)
        first = time.position_of_dates(YEARS, [min(ended)])[0]
        start, end = (time.position_of_clock(YEARS, mine[name]) for name in ("start", "end"))
        years = accrued(np.maximum(start, first), np.maximum(end, first), time.on(YEARS))
        for tariff, in_force in time.tariffs:
            if tariff.basis == "place_year" and tariff.applies_to == spec.kind:
                yield spec.line, years * share * time.prices(tariff.value, tariff.price_base) * in_force


def _services(facts: Facts) -> Iterable[ProvisionSpec | Programme]:
    return (*facts.parameters.provisions.values(), *facts.parameters.programmes.values())


def _yearly_money(time: Timeline, dated: Mapping[date, Money]) -> Column:
    """Return dated yearly money in each interval, every amount at its own price base."""
    days = sorted(dated)
    total = np.zeros(len(time.edges) - 1)
    for day, until in zip(days, [*days[1:], None], strict=True):
        money = dated[day]
        total += _years(time, day, until) * time.prices(money.value, money.price_base)
    return total


def _lesser_of(time: Timeline, one: Mapping[date, Money], other: Mapping[date, Money]) -> Column:
    """Return the lesser of two dated yearly amounts in each interval; nothing before both have begun."""
    days = sorted({*one, *other})
    total = np.zeros(len(time.edges) - 1)
    for day, until in zip(days, [*days[1:], None], strict=True):
        held = [_in_force(dated, day) for dated in (one, other)]
        prices = [time.prices(money.value, money.price_base) for money in held if money is not None]
        if len(prices) == len(held):
            total += _years(time, day, until) * np.minimum(*prices)
    return total


def _in_force(dated: Mapping[date, Money], day: date) -> Money | None:
    begun = [start for start in dated if start <= day]
    return dated[max(begun)] if begun else None


def _years(time: Timeline, day: date, until: date | None) -> Column:
    """Return the years that lie between two dates (None: the end of time) in each interval."""
    return paid_from(time, {day: 1.0} if until is None else {day: 1.0, until: 0.0})

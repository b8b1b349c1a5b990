"""Money that follows dates: running costs, budgets, start-up, what schools pay, what partnerships are charged.

None of it depends on how many pupils come, but for the charges of partnerships, which follow what happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from sim.measures.charges import Amounts, provision_codes
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
    interval = interval_of(time.position_of_case(charged["at"]), time.on(CALENDAR_DAYS))
    for code in np.unique(charged["provision"]).tolist():
        mine = (charged["provision"] == code) & (interval >= 0)
        pounds = np.bincount(interval[mine], charged["value"][mine], minlength=len(time.edges) - 1)
        yield facts.parameters.provisions[facts.provisions[code]].line, -pounds


def stays_beyond_places(facts: Facts, time: Timeline) -> Amounts:
    """What pupils cost who stay where there are no longer places for them: the price of a place each, while they stay.

    Nobody is sent away when places are cut, a budget ends, or a partnership is charged; the council pays on. Paid for
    are the places commissioned or, in alternative provision, those that the budget buys.
    """
    share = facts.parameters.quantities.alternative_provision.part_time_share.value
    for tariff, in_force in time.tariffs:
        if tariff.basis == "place_year":
            prices = time.prices(tariff.value, tariff.price_base) * in_force
            for code in provision_codes(facts, tariff.applies_to):
                spec = facts.parameters.provisions[facts.provisions[code]]
                years = _years_beyond(facts, time, code, spec)
                if years is not None:
                    line, part = (spec.line, share) if spec.devolved_budget else (tariff.line, 1.0)
                    yield line, years * part * prices


def _years_beyond(facts: Facts, time: Timeline, code: int, spec: ProvisionSpec) -> Column | None:
    """Return pupil years beyond the places paid for in each interval; None where there never were any."""
    spells = chosen(facts.tables["spells"], facts.tables["spells"]["provision"] == code)
    if not (spec.places or spec.devolved_budget):
        return None  # as many as come
    at, paid = _places_paid(facts, code, spec)
    instants = np.concatenate([spells["start"], spells["end"], at])
    number = len(spells["start"])
    steps = np.concatenate([np.ones(number), -np.ones(number), -np.diff(paid, prepend=0.0)])
    order = np.argsort(instants, kind="stable")
    beyond = np.maximum(np.cumsum(steps[order]), 0.0)
    since = np.append(instants[order][1:], facts.calendar.end)
    is_some = (beyond > 0.0) & (since > instants[order])
    if not is_some.any():
        return None
    start, end = (time.position_of_clock(YEARS, t[is_some]) for t in (instants[order], since))
    return accrued(start, end, time.on(YEARS), beyond[is_some])


def _places_paid(facts: Facts, code: int, spec: ProvisionSpec) -> tuple[Column, Column]:
    """Return instants and the number of places paid for from each; an unlimited provision has enough for all."""
    if not spec.devolved_budget:
        days = sorted(spec.places)
        at = np.array([facts.calendar.clock(day) for day in days], dtype=np.float64)
        return at, np.array([spec.places[day].commissioned for day in days], dtype=np.float64)
    places = chosen(facts.tables["places"], facts.tables["places"]["provision"] == code)
    usable = places["usable"].astype(np.float64)
    return places["at"], np.where(usable < 0, np.inf, usable)


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

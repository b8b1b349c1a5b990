"""What a tariff is expected to charge: pupil time in its stays, or cases, at the prices of a financial year."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from sim.analysis.theory.chain import outputs_of
from sim.analysis.theory.uniformisation import Array
from sim.parameters.schema import Parameters, Tariff
from sim.school_year import APRIL, SEPTEMBER, SchoolCalendar, financial_year_label
from sim.vocabulary import Happening, Record

_RECORDS = {"any": tuple(Record), "plan": (Record.PLAN,), "no_plan": (Record.NONE, Record.SEN_SUPPORT)}


class Year(NamedTuple):
    """One academic year; the last axis is the year group.

    instants : school days since 1 September: each day, and 1 April, at which the financial year ends.
    rolls : expected rolls at each instant: (instants, rolls, year groups).
    days : pupil days from 1 September to each instant, in the same shape.
    counts : events counted before 1 April, and in the whole year: (2, counts, year groups).
    """

    instants: Array
    rolls: Array
    days: Array
    counts: Array


def charged(tariff: Tariff, parameters: Parameters, year: int, financial_year: int, lived: Year) -> float:
    """Return the pounds that a tariff charges in the part of an academic year that lies in a financial year.

    Parameters
    ----------
    year, financial_year : by the calendar year in which each begins.
    lived : the academic year.

    Places are paid for whether pupils come or not, so tariffs for places charge nothing here. Raises ValueError for a
    tariff of cases that is for some records only, or of another thing than what happens to pupils.
    """
    if tariff.basis == "place_year":
        return 0.0
    calendar = parameters.calendar()
    price = tariff.value * _index(parameters, financial_year) / parameters.inflation[tariff.price_base].value
    if tariff.basis == "case":
        before_april, whole = lived.counts[:, _case(tariff, parameters)].sum(axis=1)
        return price * float(before_april if financial_year == year else whole - before_april)
    time = lived.days[:, _stays(tariff, parameters)].sum(axis=(1, 2))
    weights = _scale(tariff, calendar, year, lived.instants)
    inside = _inside(calendar, year, financial_year, lived.instants, is_taught=tariff.basis == "taught_hour")
    return price * float(np.sum(np.diff(time) * weights * inside))


def _index(parameters: Parameters, financial_year: int) -> float:
    return parameters.inflation[financial_year_label(financial_year)].value


def _stays(tariff: Tariff, parameters: Parameters) -> list[int]:
    """Return the rolls that a tariff is about: of a provision or of a kind of provision, by record."""
    return [
        row
        for row, (place, record) in enumerate(outputs_of(parameters)[0])
        if tariff.applies_to in (place, parameters.provisions[place].kind) and record in _RECORDS[tariff.record]
    ]


def _scale(tariff: Tariff, calendar: SchoolCalendar, year: int, instants: Array) -> Array:
    """Return the units charged for each pupil day in the stretches between instants.

    Holidays belong to the school day before them, years run evenly from September to September.
    """
    if tariff.basis == "taught_hour":
        return np.full(len(instants) - 1, tariff.hours_per_week * tariff.weeks_per_year / calendar.days_per_year)
    days = np.diff(calendar.instant(calendar.september(year) + instants)) / np.diff(instants)
    if tariff.basis == "calendar_day":
        return np.asarray(days)
    return np.asarray(days / (date(year + 1, SEPTEMBER, 1) - date(year, SEPTEMBER, 1)).days)


def _inside(calendar: SchoolCalendar, year: int, financial_year: int, instants: Array, is_taught: bool) -> Array:
    """Return 1 for the stretches in the financial year, else 0; taught time is cut at the next school day."""
    april = date(year + 1, APRIL, 1)
    start = calendar.september(year)
    position = start + instants[:-1] if is_taught else calendar.instant(start + instants[:-1])
    edge = calendar.clock(april) if is_taught else april.toordinal()
    is_early = position < edge - 1e-9
    return np.asarray(np.where(is_early, year, year + 1) == financial_year, dtype=np.float64)


def _case(tariff: Tariff, parameters: Parameters) -> int:
    if tariff.record != "any" or tariff.applies_to not in tuple(Happening):
        raise ValueError(f"cases of {tariff.applies_to} for record {tariff.record} are not counted")
    return outputs_of(parameters)[1].index(tariff.applies_to)

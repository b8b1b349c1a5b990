"""Time as money sees it: calendar days, years and taught days, cut where prices change; prices in force."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from sim.measures.facts import Column
from sim.parameters.schema import Parameters, Quantity, Tariff
from sim.school_year import APRIL, SEPTEMBER, SchoolCalendar, financial_year_of, year_start

CALENDAR_DAYS, YEARS, SCHOOL_DAYS = "calendar days", "years", "school days"


def held(series: Mapping[str, Quantity], year: int) -> float:
    """Return the figure of a yearly series for a year: the latest at or before it, or the first of all."""
    return in_force({label: quantity.value for label, quantity in series.items()}, year)


def in_force(series: Mapping[str, float], year: int) -> float:
    """Return the same of plain numbers by year."""
    values = sorted((year_start(label), value) for label, value in series.items())
    return next((value for start, value in reversed(values) if start <= year), values[0][1])


@dataclass(frozen=True)
class Timeline:
    """Consecutive intervals between dates, further cut where prices change: each 1 April, and with new tariffs.

    `cuts` are the dates asked for, in order; the first and last bound the whole.
    """

    parameters: Parameters
    calendar: SchoolCalendar
    cuts: tuple[date, ...]

    @cached_property
    def edges(self) -> list[date]:
        """All dates at which an interval begins or ends."""
        first, last = self.cuts[0], self.cuts[-1]
        aprils = (date(year, APRIL, 1) for year in range(first.year, last.year + 1))
        inside = (day for day in (*aprils, *self._new_tariffs()) if first < day < last)
        return sorted({*self.cuts, *inside})

    def asked(self, amounts: Column) -> Column:
        """Add up amounts by interval (last axis) to amounts between the dates asked for."""
        starts = [self.edges.index(day) for day in self.cuts[:-1]]
        return np.add.reduceat(amounts, starts, axis=-1) if starts else amounts[..., :0]

    def position_of_dates(self, scale: str, days: Sequence[date]) -> Column:
        """Return where dates lie on a scale; dates outside the calendar lie at its ends."""
        if scale == SCHOOL_DAYS:
            return np.array([self.calendar.clock(day) for day in days])
        ordinals = [day.toordinal() for day in days]
        return self._on(scale, np.clip(ordinals, self._septembers[0], self._septembers[-1]))

    def position_of_clock(self, scale: str, at: Column) -> Column:
        """Return where instants of the model clock lie on a scale."""
        return at if scale == SCHOOL_DAYS else self._on(scale, self.calendar.instant(at))

    def position_of_case(self, at: Column) -> Column:
        """Return where the dates of what happens at instants lie on the scale of calendar days.

        A stay that ends on the last school day before a holiday reaches into it; what happens on that day does not.
        """
        return self.position_of_clock(CALENDAR_DAYS, np.floor(at))

    def on(self, scale: str) -> Column:
        """Return the edges on a scale."""
        return self.position_of_dates(scale, self.edges)

    def prices(self, value: float, price_base: str) -> Column:
        """Return the price in each interval of what costs `value` in the prices of `price_base`."""
        base = held(self.parameters.inflation, year_start(price_base))
        return value * self._levels / base

    @cached_property
    def tariffs(self) -> list[tuple[Tariff, Column]]:
        """Every tariff ever in force, with 1 in the intervals in which it is and 0 in the others."""
        in_force = [self.parameters.on(day).tariffs for day in self.edges[:-1]]
        names = dict.fromkeys(name for tariffs in in_force for name in tariffs)
        return [
            (tariff, np.array([1.0 if tariffs.get(name) == tariff else 0.0 for tariffs in in_force]))
            for name in names
            for tariff in _different(tariffs[name] for tariffs in in_force if name in tariffs)
        ]

    def _new_tariffs(self) -> Iterator[date]:
        """Yield the dates from which other tariffs hold; other changes do not cut time."""
        before = self.parameters.tariffs
        for day in sorted(self.parameters.later):
            after = self.parameters.later[day].tariffs
            if after != before:
                yield day
            before = after

    @cached_property
    def _levels(self) -> Column:
        """The price level in each interval."""
        years = (financial_year_of(day) for day in self.edges[:-1])
        return np.array([held(self.parameters.inflation, year) for year in years])

    def _on(self, scale: str, instant: Column) -> Column:
        """Calendar days are the instant itself; years run evenly from one 1 September to the next."""
        if scale == CALENDAR_DAYS:
            return np.asarray(instant, dtype=np.float64)
        years = np.arange(len(self._septembers), dtype=np.float64)
        return np.asarray(np.interp(instant, self._septembers, years))

    @cached_property
    def _septembers(self) -> list[int]:
        years = range(self.calendar.first_year, self.calendar.last_year + 2)
        return [date(year, SEPTEMBER, 1).toordinal() for year in years]


def _different(tariffs: Iterable[Tariff]) -> list[Tariff]:
    """Return tariffs in order without repeats."""
    found: list[Tariff] = []
    for tariff in tariffs:
        if tariff not in found:
            found.append(tariff)
    return found


def accrued(start: Column, end: Column, edges: Column, weight: Column | float = 1.0) -> Column:
    """Return how much of the stretches [start, end) lies between each two `edges`, weighted and added up."""
    at_edge = [np.clip(edge, start, np.maximum(start, end)) for edge in edges]
    return np.array([float(np.sum((b - a) * weight)) for a, b in itertools.pairwise(at_edge)])


def cumulative(position: Column, edges: Column, prices: Column) -> Column:
    """Return C, the cost from the first edge up to each position: the cost of [a, b) is C(b) - C(a)."""
    return np.asarray(np.interp(position, edges, np.append(0.0, np.cumsum(np.diff(edges) * prices))))


def interval_of(position: Column, edges: Column) -> Column:
    """Return the interval between `edges`, closed on the left, that holds each position; -1 for none."""
    interval = np.searchsorted(edges, position, side="right") - 1
    return np.where(interval < len(edges) - 1, interval, -1)


def counted(position: Column, edges: Column) -> Column:
    """Return how many positions lie in each interval between `edges`."""
    interval = interval_of(position, edges)
    return np.bincount(interval[interval >= 0], minlength=len(edges) - 1).astype(np.float64)


def paid_from(time: Timeline, yearly: Mapping[date, float]) -> Column:
    """Return what yearly amounts, each in force from its date to the next, come to in each interval."""
    days = sorted(yearly)
    edges = time.on(YEARS)
    start = time.position_of_dates(YEARS, days)
    end = np.append(start[1:], np.inf)[: len(days)]
    return accrued(start, np.minimum(end, edges[-1]), edges, np.array([yearly[day] for day in days]))

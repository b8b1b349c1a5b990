"""Time as money sees it: calendar days, years and taught days, cut where prices change; prices in force."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from sim.measures.facts import Column
from sim.parameters.schema import Parameters, Quantity
from sim.school_year import APRIL, SEPTEMBER, SchoolCalendar, financial_year_of, year_start

CALENDAR_DAYS, YEARS, SCHOOL_DAYS = "calendar days", "years", "school days"


def held(series: Mapping[str, Quantity], year: int) -> float:
    """Return the figure of a yearly series for a year: the latest at or before it, or the first of all."""
    values = sorted((year_start(label), quantity.value) for label, quantity in series.items())
    return next((value for start, value in reversed(values) if start <= year), values[0][1])


@dataclass(frozen=True)
class Timeline:
    """Consecutive intervals between dates, further cut at each 1 April, where prices change.

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
        return sorted({*self.cuts, *(day for day in aprils if first < day < last)})

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

    def on(self, scale: str) -> Column:
        """Return the edges on a scale."""
        return self.position_of_dates(scale, self.edges)

    def prices(self, value: float, price_base: str) -> Column:
        """Return the price in each interval of what costs `value` in the prices of `price_base`."""
        base = held(self.parameters.inflation, year_start(price_base))
        return value * self._levels / base

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

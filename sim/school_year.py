"""School days, dates, academic years and financial years.

The model clock counts school days: an academic year has the same number of them every year, and day 0
is the first school day of the first academic year. Nothing happens in holidays. `instant` is the one
monotone function from the clock to calendar time: the first moment of an academic year is 1 September, a
holiday belongs to the stay that is being left, and time inside a school day runs evenly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

DAYS_IN_SCHOOL_WEEK = 5
DAYS_IN_WEEK = 7
SEPTEMBER = 9
APRIL = 4


def academic_year_of(day: date) -> int:
    """Return the calendar year in which the academic year holding `day` begins (1 September)."""
    return day.year if day.month >= SEPTEMBER else day.year - 1


def financial_year_of(day: date) -> int:
    """Return the calendar year in which the financial year holding `day` begins (1 April)."""
    return day.year if day.month >= APRIL else day.year - 1


def academic_year_label(start: int) -> str:
    """Return for example '2018/19'."""
    return f"{start}/{(start + 1) % 100:02d}"


def financial_year_label(start: int) -> str:
    """Return for example '2018-19'."""
    return f"{start}-{(start + 1) % 100:02d}"


@cache
def year_start(label: str) -> int:
    """Return the first calendar year of '2018/19' or '2018-19'; ValueError for anything else."""
    head, sep, tail = label.partition("/" if "/" in label else "-")
    if not (sep and len(head) == 4 and len(tail) == 2 and head.isdigit() and tail.isdigit()):
        raise ValueError(f"{label!r} is not a year such as 2018/19 (academic) or 2018-19 (financial)")
    if (int(head) + 1) % 100 != int(tail):
        raise ValueError(f"{label!r}: the second year must follow the first")
    return int(head)


@dataclass(frozen=True)
class TermPattern:
    """A half term: it starts on the first weekday on or after (month, day) and has `days` school days."""

    name: str
    month: int
    day: int
    days: int


def half_term_days(pattern: TermPattern, academic_year: int) -> list[date]:
    """Return the school days of one half term of the academic year that begins in `academic_year`."""
    year = academic_year if pattern.month >= SEPTEMBER else academic_year + 1
    day = date(year, pattern.month, pattern.day)
    days: list[date] = []
    while len(days) < pattern.days:
        if day.weekday() < DAYS_IN_SCHOOL_WEEK:
            days.append(day)
        day += timedelta(days=1)
    return days


class SchoolCalendar:
    """Maps the model clock (school days from the first day of `first_year`) to dates and back.

    Parameters
    ----------
    terms : half terms in order; their lengths add up to the school days of a year.
    first_year, last_year : academic years (calendar year in which each begins), both included.

    Raises ValueError when half terms overlap, or reach beyond 31 August, in any year.
    """

    def __init__(self, terms: Sequence[TermPattern], first_year: int, last_year: int) -> None:
        self.first_year, self.last_year = first_year, last_year
        self.days_per_year = sum(term.days for term in terms)
        self._half_term_starts = [sum(t.days for t in terms[:i]) for i in range(len(terms))]
        self._dates = [d for year in range(first_year, last_year + 1) for d in self._year(terms, year)]
        self._ordinals = [d.toordinal() for d in self._dates]
        self._instants = self._instant_of_each_day()

    @staticmethod
    def _year(terms: Sequence[TermPattern], year: int) -> list[date]:
        days = [day for term in terms for day in half_term_days(term, year)]
        for before, after in pairwise(days):
            if before >= after:
                raise ValueError(f"half terms overlap or are out of order at {after} in {academic_year_label(year)}")
        if days and days[-1] >= date(year + 1, SEPTEMBER, 1):
            raise ValueError(f"{academic_year_label(year)} has school days after 31 August")
        return days

    def _instant_of_each_day(self) -> NDArray[np.float64]:
        starts = np.array(self._ordinals, dtype=float)
        for year in range(self.first_year, self.last_year + 1):
            starts[(year - self.first_year) * self.days_per_year] = date(year, SEPTEMBER, 1).toordinal()
        return np.append(starts, date(self.last_year + 1, SEPTEMBER, 1).toordinal())

    @property
    def end(self) -> float:
        """The clock at the end of the last academic year."""
        return float(len(self._dates))

    def instant(self, at: ArrayLike) -> NDArray[np.float64]:
        """Return calendar time (proleptic ordinal of the date, with fraction) at clock `at`; monotone."""
        return np.asarray(np.interp(np.asarray(at, dtype=float), np.arange(len(self._instants)), self._instants))

    def date_of(self, at: float) -> date:
        """Return the date of the school day in which clock `at` falls (the last one at the very end)."""
        return self._dates[min(max(int(at), 0), len(self._dates) - 1)]

    def clock(self, day: date) -> float:
        """Return the clock at the start of the first school day on or after `day`; 1 September is exact."""
        if day >= date(self.last_year + 1, SEPTEMBER, 1):
            return self.end
        return float(bisect_right(self._ordinals, day.toordinal() - 1))

    def after_weeks(self, at: float, weeks: float) -> float:
        """Return the clock at the first school day on or after `weeks` calendar weeks from clock `at`."""
        due = self.date_of(at).toordinal() + round(weeks * DAYS_IN_WEEK)
        return float(bisect_right(self._ordinals, due - 1)) if due <= self._ordinals[-1] else self.end

    def weeks_between(self, start: float, end: float) -> float:
        """Return calendar weeks from the date of clock `start` to the date of clock `end`."""
        return (self.date_of(end) - self.date_of(start)).days / DAYS_IN_WEEK

    def september(self, academic_year: int) -> float:
        """Return the clock at 1 September of `academic_year`."""
        return float((academic_year - self.first_year) * self.days_per_year)

    def academic_year(self, at: float) -> int:
        """Return the academic year (its first calendar year) at clock `at`."""
        return self.first_year + int(at // self.days_per_year)

    def census(self, academic_year: int, month: int = 1, day: int = 17) -> float:
        """Return the clock at the January census of `academic_year` (next school day)."""
        return self.clock(date(academic_year + 1, month, day))

    def half_terms_from(self, at: float) -> Iterable[float]:
        """Yield the clock at each start of a half term strictly after `at`, to the end of the calendar."""
        for year in range(self.academic_year(at), self.last_year + 1):
            for offset in self._half_term_starts:
                start = self.september(year) + offset
                if start > at:
                    yield start

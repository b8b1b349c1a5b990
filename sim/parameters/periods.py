"""Labels of periods: academic, financial and calendar years, and census days, alone or from one to another."""

from __future__ import annotations

import re
from enum import StrEnum

from sim.school_year import academic_year_label, financial_year_label, year_start

TO = " to "
EXAMPLES = "2018/19, 2018-19, 2018 or Jan 2019, or from one to another such as 2015/16 to 2018/19"

_CALENDAR, _CENSUS = re.compile(r"\d{4}"), re.compile(r"([A-Z][a-z]{2}) (\d{4})")


class PeriodKind(StrEnum):
    """What a label names."""

    ACADEMIC = "academic year"
    FINANCIAL = "financial year"
    CALENDAR = "calendar year"
    CENSUS = "census day"


def kind_and_year(label: str) -> tuple[PeriodKind, int]:
    """Return what a label names and the calendar year in which it begins (of a census day, its own).

    Raises ValueError for anything else than a label such as 2018/19, 2018-19, 2018 or Jan 2019.
    """
    if "/" in label:
        return PeriodKind.ACADEMIC, year_start(label)
    if "-" in label:
        return PeriodKind.FINANCIAL, year_start(label)
    census = _CENSUS.fullmatch(label)
    if census:
        return PeriodKind.CENSUS, int(census[2])
    if _CALENDAR.fullmatch(label):
        return PeriodKind.CALENDAR, int(label)
    raise ValueError(f"{label} is not a period; allowed is {EXAMPLES}")


def periods_in(text: str) -> tuple[str, ...]:
    """Return the labels from the first to the last of '2015/16 to 2018/19', or the one label there is.

    Raises ValueError when they are not of one kind and in order.
    """
    first, _, last = text.partition(TO)
    (kind, start), (other, stop) = kind_and_year(first), kind_and_year(last or first)
    if kind is not other or start > stop or (kind is PeriodKind.CENSUS and first[:3] != (last or first)[:3]):
        raise ValueError(f"{text} does not run from one period to a later one of its kind; allowed is {EXAMPLES}")
    return tuple(_label(kind, year, first) for year in range(start, stop + 1))


def academic_years_of(label: str) -> range:
    """Return the academic years (calendar year in which each begins) that a period touches."""
    kind, year = kind_and_year(label)
    if kind is PeriodKind.ACADEMIC:
        return range(year, year + 1)
    if kind is PeriodKind.CENSUS:
        return range(year - 1, year)
    return range(year - 1, year + 1)


def _label(kind: PeriodKind, year: int, like: str) -> str:
    if kind is PeriodKind.ACADEMIC:
        return academic_year_label(year)
    if kind is PeriodKind.FINANCIAL:
        return financial_year_label(year)
    return str(year) if kind is PeriodKind.CALENDAR else f"{like[:3]} {year}"

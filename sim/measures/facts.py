"""What a run recorded, in the form measures want it: columns, codes, and cuts by academic year.

Columns stay plain arrays, because most measures are a weighted count over codes; DataFrames are for results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.parameters.schema import Parameters
from sim.school_year import SchoolCalendar, year_start
from sim.vocabulary import FIRST_SECONDARY, LAST_YEAR_GROUP, ProvisionKind

YEARS_BEFORE_BASELINE = 3
"""Measures begin this many academic years before the baseline year: published figures begin there."""

KINDS = tuple(ProvisionKind)

Column = NDArray[Any]
Table = Mapping[str, Column]
T = TypeVar("T")


def measured_years(parameters: Parameters) -> range:
    """Return the academic years that measures cover, by the calendar year in which each begins."""
    horizon = parameters.horizon
    first = year_start(horizon.baseline_academic_year) - YEARS_BEFORE_BASELINE
    return range(max(first, horizon.first_year), horizon.last_year + 1)


class Cut(NamedTuple):
    """Rows of a table cut at each 1 September: one entry per row and academic year it touches."""

    row: Column  # index into the table that was cut
    year: Column  # index into Facts.academic_years
    days: Column  # school days of the row inside that year
    secondary: Column  # 1 when the pupil is in Year 7 or above in that year


@dataclass(frozen=True)
class Facts:
    """One replication's recorded tables with what is needed to read them.

    `tables` holds the columns of `sim.engine.journal.COLUMNS`; instants are school days since the run began.
    Results that several measures share are computed once (`once`) and kept with the facts.
    """

    parameters: Parameters
    calendar: SchoolCalendar
    tables: Mapping[str, Table]
    _kept: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, make: Callable[[Facts], T]) -> T:
        """Return `make(self)`, computed the first time only."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return cast(T, self._kept[make])

    @property
    def academic_years(self) -> range:
        """Academic years that measures cover, by the calendar year in which each begins."""
        return measured_years(self.parameters)

    @property
    def financial_years(self) -> range:
        """Financial years that lie wholly inside the academic years covered."""
        return range(self.academic_years.start + 1, self.academic_years.stop)

    @property
    def provisions(self) -> tuple[str, ...]:
        """Provision names in the order of their codes."""
        return tuple(self.parameters.provisions)

    def kinds(self) -> Column:
        """Return the kind code (index into KINDS) of each provision code; the last entry, -1, is 'none'."""
        codes = [KINDS.index(spec.kind) for spec in self.parameters.provisions.values()]
        return np.array([*codes, -1], dtype=np.int64)

    def kind_of(self, table: Table) -> Column:
        """Return the kind code of each row's provision."""
        return self.once(Facts.kinds)[table["provision"]]

    @property
    def calendar_years(self) -> range:
        """Calendar years that lie wholly inside the academic years covered."""
        return range(self.academic_years.start + 1, self.academic_years.stop)

    def year_group(self, pupil: Column, academic_year: Column) -> Column:
        """Return the year group number of the pupil in that academic year (by its calendar year)."""
        return np.asarray(np.minimum(academic_year - self.once(_cohorts)[pupil], LAST_YEAR_GROUP))

    def secondary(self, pupil: Column, academic_year: Column) -> Column:
        """Return 1 where the pupil is in Year 7 or above in that academic year (calendar year), else 0."""
        return np.asarray(self.year_group(pupil, academic_year) >= FIRST_SECONDARY, dtype=np.int64)

    def began_in(self, at: Column) -> Column:
        """Return the index into `academic_years` of the year holding each instant; it may lie outside."""
        year = np.floor(at / self.calendar.days_per_year).astype(np.int64)
        return year + self.calendar.first_year - self.academic_years.start

    def ended_in(self, at: Column) -> Column:
        """Return the same for endings: an end at the first moment of 1 September closes the old year."""
        year = np.ceil(at / self.calendar.days_per_year).astype(np.int64) - 1
        return year + self.calendar.first_year - self.academic_years.start

    def in_calendar_year(self, at: Column) -> Column:
        """Return the index into `calendar_years` of the year holding each instant; it may lie outside."""
        years = self.calendar_years
        begins = [self.calendar.clock(date(year, 1, 1)) for year in range(years.start, years.stop + 1)]
        return np.asarray(np.searchsorted(begins, at, side="right") - 1)

    def census_clocks(self) -> Column:
        """Return the clock at the census of each academic year covered."""
        month, day = (int(part) for part in self.parameters.horizon.census.split("-"))
        return np.array([self.calendar.census(year, month, day) for year in self.academic_years])

    def placement_at(self, pupil: Column, at: Column) -> Column:
        """Return the row of `spells` each pupil is in at `at`, or -1 when on no roll then."""
        spells = self.tables["spells"]
        scale = self.calendar.end + 1.0
        start = np.maximum(spells["start"], 0.0)  # those of an opening roll began before the run
        row = np.searchsorted(spells["pupil"] * scale + start, pupil * scale + at, side="right") - 1
        found = (row >= 0) & (spells["pupil"][row] == pupil) & (at <= spells["end"][row])
        return np.where(found, row, -1)


def facts_of(tables: Mapping[str, Table], parameters: Parameters) -> Facts:
    """Return the facts of one replication.

    Parameters
    ----------
    tables : table -> column -> array, as `Journal.tables()` returns them.
    parameters : those of the run, which give codes their names.

    Pupils are put in order of their identity and numbered by row, in every table (-1 stays: not a pupil of
    the model). Spells are put in order of pupil and start; those of no length are dropped: nobody was there.
    """
    pupils = _rows_of(tables["pupils"], np.argsort(tables["pupils"]["pupil"], kind="stable"))
    made = {
        name: {**table, "pupil": _row_of(pupils["pupil"], table["pupil"])}
        for name, table in tables.items()
        if "pupil" in table
    }
    spells = made["spells"]
    order = np.lexsort((spells["start"], spells["pupil"]))
    in_order = _rows_of(spells, order[spells["end"][order] > spells["start"][order]])
    numbered = {**pupils, "pupil": np.arange(len(pupils["pupil"]))}
    made |= {"spells": in_order, "pupils": numbered}
    return Facts(parameters, parameters.calendar(), {**tables, **made})


def _row_of(identities: Column, wanted: Column) -> Column:
    """Return the row of each wanted identity; -1, which is nobody's, stays -1."""
    return pd.Index(identities).get_indexer(pd.Index(wanted))


def _rows_of(table: Table, order: Column) -> dict[str, Column]:
    return {name: column[order] for name, column in table.items()}


def chosen(table: Table, mask: Column) -> dict[str, Column]:
    """Return the rows of a table where `mask` is true."""
    return _rows_of(table, np.flatnonzero(mask))


def cut_by_year(facts: Facts, table: Table) -> Cut:
    """Cut rows with `pupil`, `start` and `end` at each 1 September of the academic years covered."""
    years = len(facts.academic_years)
    first = np.clip(facts.began_in(table["start"]), 0, years)
    touched = np.clip(facts.ended_in(table["end"]), -1, years - 1) - first + 1
    touched = np.where(table["end"] > table["start"], np.maximum(touched, 0), 0)
    row = np.repeat(np.arange(len(first)), touched)
    year = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(touched) - touched, touched)
    return Cut(row, year, _days_inside(facts, table, row, year), _secondary_inside(facts, table, row, year))


def spells_by_year(facts: Facts) -> Cut:
    """Return the placement spells cut by academic year (use with `facts.once`)."""
    return cut_by_year(facts, facts.tables["spells"])


def _days_inside(facts: Facts, table: Table, row: Column, year: Column) -> Column:
    length = facts.calendar.days_per_year
    opening = (facts.academic_years.start - facts.calendar.first_year + year) * float(length)
    inside = np.minimum(table["end"][row], opening + length) - np.maximum(table["start"][row], opening)
    return inside


def _secondary_inside(facts: Facts, table: Table, row: Column, year: Column) -> Column:
    return facts.secondary(table["pupil"][row], facts.academic_years.start + year)


def _cohorts(facts: Facts) -> Column:
    """Return the cohort of each pupil; the extra last entry stands for 'not a pupil of the model'."""
    return np.append(facts.tables["pupils"]["cohort"].astype(np.int64), 0)

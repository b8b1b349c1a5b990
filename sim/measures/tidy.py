"""From counts over codes to tidy rows: period, measure, provision, phase, district, value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Cut, Facts, Table
from sim.school_year import academic_year_label
from sim.vocabulary import Phase, ProvisionKind

ALL = "all"
NOT_APPLICABLE = ""
COLUMNS = ("period", "measure", "provision", "phase", "district", "value")
PHASES = (Phase.PRIMARY.value, Phase.SECONDARY.value, ALL)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def year_labels(facts: Facts) -> list[str]:
    """Return the labels of the academic years covered."""
    return [academic_year_label(year) for year in facts.academic_years]


def census_labels(facts: Facts) -> list[str]:
    """Return the labels of the census days, such as 'Jan 2019'."""
    month = MONTHS[int(facts.parameters.horizon.census.split("-")[0]) - 1]
    return [f"{month} {year + 1}" for year in facts.academic_years]


def tally(year: Column, code: Column, secondary: Column, weights: Column | None, shape: tuple[int, int]) -> Column:
    """Return sums (counts without weights) by year, code and phase: shape (years, codes, 2).

    Rows whose year or code lies outside `shape` are left out.
    """
    years, codes = shape
    inside = (year >= 0) & (year < years) & (code >= 0) & (code < codes)
    place = ((year * codes + code) * 2 + secondary)[inside]
    sums = np.bincount(place, None if weights is None else weights[inside], minlength=years * codes * 2)
    return cast(Column, sums.reshape(years, codes, 2).astype(np.float64))


def days_by_provision(facts: Facts, table: Table, cut: Cut) -> Column:
    """Return pupil school days by academic year, provision and phase: (years, provisions, 2)."""
    shape = (len(facts.academic_years), len(facts.provisions))
    return tally(cut.year, table["provision"][cut.row], cut.secondary, cut.days, shape)


def census_by_provision(facts: Facts, table: Table, cut: Cut, mask: Column | None = None) -> Column:
    """Count the rows in force on each census day (of those in `mask`) in the same shape."""
    day = facts.once(Facts.census_clocks)[cut.year]
    there = (table["start"][cut.row] <= day) & (day < table["end"][cut.row])
    if mask is not None:
        there &= mask[cut.row]
    shape = (len(facts.academic_years), len(facts.provisions))
    return tally(cut.year[there], table["provision"][cut.row[there]], cut.secondary[there], None, shape)


def with_all_phases(sums: Column) -> Column:
    """Append the sum of both phases as a third phase."""
    return np.concatenate([sums, sums.sum(axis=-1, keepdims=True)], axis=-1)


def with_all_codes(sums: Column) -> Column:
    """Append the sum over codes (second axis) as one more code."""
    return np.concatenate([sums, sums.sum(axis=1, keepdims=True)], axis=1)


def by_kind(facts: Facts, sums: Column) -> Column:
    """Add up sums by provision (second axis) to sums by kind of provision, shape (years, kinds, ...)."""
    added = np.zeros((len(KINDS), sums.shape[0], *sums.shape[2:]))
    np.add.at(added, facts.once(Facts.kinds)[:-1], np.moveaxis(sums, 1, 0))
    return np.moveaxis(added, 0, 1)


def ratio(part: Column, whole: Column) -> Column:
    """Return part / whole, and NaN where the whole is 0."""
    undefined = np.full(np.shape(part), np.nan)
    return np.asarray(np.divide(part, whole, out=undefined, where=whole != 0))


def rows(
    measure: str,
    values: Column,
    periods: Sequence[str],
    provisions: Sequence[str] = (ALL,),
    phases: Sequence[str] = PHASES,
    districts: Sequence[str] = (ALL,),
) -> pd.DataFrame:
    """Return tidy rows of `values`, whose axes in order are periods, provisions, phases and districts."""
    axes = [periods, provisions, phases, districts]
    shape = [len(axis) for axis in axes]
    columns = [np.broadcast_to(_along(axis, i), shape).ravel() for i, axis in enumerate(axes)]
    period, provision, phase, district = columns
    value = np.asarray(values, dtype=np.float64).reshape(-1)
    made = (period, measure, provision, phase, district, value)
    return pd.DataFrame(dict(zip(COLUMNS, made, strict=True)), columns=list(COLUMNS))


def _along(labels: Sequence[str], axis: int) -> Column:
    return np.array(labels, dtype=object).reshape([-1 if i == axis else 1 for i in range(4)])


def names_of_kinds(kinds: Sequence[ProvisionKind]) -> list[str]:
    """Return the names under which kinds appear in the provision column, with 'all' for their sum."""
    return [*(kind.value for kind in kinds), ALL]


def own_names(facts: Facts, kinds: Sequence[ProvisionKind]) -> dict[str, int]:
    """Return name -> code of the provisions of these kinds whose name is not itself the name of a kind."""
    taken = {kind.value for kind in KINDS}
    return {
        name: code
        for code, (name, spec) in enumerate(facts.parameters.provisions.items())
        if spec.kind in kinds and name not in taken
    }

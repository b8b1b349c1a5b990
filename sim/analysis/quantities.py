"""Single quantities out of the measures: what a question or a study looks at, one value for each replication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import pandas as pd

from sim.analysis.comparison import Over, over_study
from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.school_year import academic_year_label


class Quantity(Protocol):
    """A measure, for which provision and phase, and how its years are put together; 'all' also means 'none'."""

    @property
    def measure(self) -> str:
        """Its name."""

    @property
    def provision(self) -> str:
        """Provision, or 'all'."""

    @property
    def phase(self) -> str:
        """Phase, or 'all'."""

    @property
    def over(self) -> Over:
        """How the years of the study are put together."""


def rows_of(measures: pd.DataFrame, looks_at: Sequence[Quantity]) -> pd.DataFrame:
    """Return the rows of the measures looked at, census days under their academic year ('Jan 2020' as 2019/20)."""
    is_asked = measures["measure"].isin({quantity.measure for quantity in looks_at})
    rows = measures[is_asked & measures["district"].isin([ALL, NOT_APPLICABLE])]
    periods = rows["period"].astype("str")
    years = {period: academic_year_label(int(period[-4:]) - 1) for period in set(periods) if " " in period}
    return rows.assign(period=periods.replace(years)) if years else rows


def rows_over_study(measures: pd.DataFrame, quantity: Quantity, study_start: date) -> pd.DataFrame:
    """Return a row of a quantity for each scenario and replication, its years put together: `period` says which."""
    rows = rows_of_one(measures, quantity)
    return rows if rows.empty else over_study(rows, study_start, quantity.over)


def rows_of_one(measures: pd.DataFrame, quantity: Quantity) -> pd.DataFrame:
    """Return the rows of one quantity by period, census days under their academic year."""
    rows = rows_of(measures, [quantity])
    for column, wanted in (("provision", quantity.provision), ("phase", quantity.phase)):
        rows = rows[rows[column].astype("str").replace(NOT_APPLICABLE, ALL) == (wanted or ALL)]
    return rows


def by_replication(measures: pd.DataFrame, quantity: Quantity, study_start: date) -> pd.DataFrame:
    """Return one value of a quantity for each scenario (index) and replication (columns), its years put together.

    Empty when the quantity has no figures; a replication in which it has none is NaN.
    """
    joined = rows_over_study(measures, quantity, study_start)
    return by_scenario(joined) if len(joined) else pd.DataFrame()


def by_scenario(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the values of rows of one quantity and period: scenarios (index) x replications (columns)."""
    keys = rows["scenario"].astype("str"), rows["replication"]
    return rows.groupby([*keys], sort=False)["value"].first().unstack()  # noqa: PD010 - a pivot drops undefined values

"""Results at hand in a notebook: recorded facts in words, one's own measures, figures, and the headline table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sim.analysis.changed_for_whom import changed_for_whom
from sim.analysis.comparison import headline
from sim.analysis.flows import flows
from sim.analysis.recorded import Names, event_log, in_words, recorded
from sim.analysis.stays import stays, whole_stays
from sim.measures.tidy import ALL, COLUMNS
from sim.report.dataset import write_dataset
from sim.report.shown import results_html
from sim.results import Results
from sim.store import FACTS

if TYPE_CHECKING:
    from sim.report.plots import Plots

NO_PERIOD = "whole run"
NO_FACTS = "no recorded facts are kept; run with keep_facts=1 or more, or spells_of of a study"
Tables = Mapping[str, pd.DataFrame]
Told = float | int | pd.Series | pd.DataFrame
"""What a measure of one's own returns for one replication: a number, numbers by group, or tidy rows."""


@dataclass(frozen=True)
class OwnMeasure:
    """A measure of one's own: a function of the recorded tables of one replication; `sim.measure_of` makes it."""

    name: str
    function: Callable[[Tables], Told]

    def of(self, results: Outcome) -> pd.DataFrame:
        """Return tidy rows (as `Results.measures`) of all scenarios and replications whose facts are kept.

        Raises ValueError when facts are kept of none, or the function returns something else than it may.
        """
        made = []
        for scenario, replication in results.kept():
            rows = _tidy(self.function(results.tables(scenario, replication)), self.name)
            made.append(rows.assign(scenario=scenario, replication=replication))
        if not made:
            raise ValueError(NO_FACTS)
        return pd.concat(made, ignore_index=True)[["scenario", "replication", *COLUMNS]]


@dataclass(frozen=True, repr=False)
class Outcome(Results):
    """What a study found, as `sim.run`, `sim.compare` and `sim.load` return it.

    Besides `measures`, `means` and `differences()` of all results there are recorded facts in words (`spells`, `waits`,
    `events`, ...), `flows()`, `changed_for_whom()`, `event_log()`, measures of one's own, and figures (`plot`). Nothing
    of it changes: what adds something returns a new outcome.
    """

    @classmethod
    def of(cls, results: Results, **more: Any) -> Self:
        """Return results as an outcome, as those of `Study.run()` or `Results.load`."""
        parts = (results.measures, results.provenance, results.pupil_tables, results.fact_tables, results.draws)
        return cls(*parts, **more)

    @cached_property
    def plot(self) -> Plots:
        """The figures: `plot.rolls()`, `plot.change()` and so on; each is a matplotlib Figure."""
        from sim.report.plots import Plots

        return Plots(self)

    @property
    def spells(self) -> pd.DataFrame:
        """One row per stay in a placement: who, where, with which record, from when to when (replications kept)."""
        return self._facts("spells")

    @property
    def stays(self) -> pd.DataFrame:
        """One row per whole stay in a provision, with kind, year group when it began, and length in school weeks."""
        self._needs_facts()
        return stays(self)

    @property
    def supports(self) -> pd.DataFrame:
        """One row per spell of support beside a placement; without a pupil it is a case of another need."""
        return self._facts("supports")

    @property
    def waits(self) -> pd.DataFrame:
        """One row per wait for a place, with how it ended."""
        return self._facts("waits")

    @property
    def events(self) -> pd.DataFrame:
        """One row per thing that happened to a pupil."""
        return self._facts("events")

    @property
    def places(self) -> pd.DataFrame:
        """Usable places of provisions by the day from which they hold; -1 is no limit."""
        return self._facts("places")

    def _facts(self, table: str) -> pd.DataFrame:
        self._needs_facts()
        return recorded(self, table)

    def _needs_facts(self) -> None:
        if not self.kept():
            raise ValueError(NO_FACTS)

    def all_pupils(self) -> pd.DataFrame:
        """Return one row per pupil, replication and scenario; columns as `sim.measures.pupils.pupil_table`."""
        made = {name: self.pupils(name) for name in self.scenarios}
        return pd.concat(made, names=["scenario"]).reset_index("scenario").reset_index(drop=True)

    def headline(self, scenario: str | None = None, level: float = 0.95) -> pd.DataFrame:
        """Return the rows of the printed table; see `sim.analysis.comparison.headline`."""
        return headline(self, scenario, level)

    def flows(self, level: float = 0.95) -> pd.DataFrame:
        """Return moves between kinds of provision by scenario and year; see `sim.analysis.flows`."""
        return flows(self, level)

    def changed_for_whom(self, scenario: str | None = None, level: float = 0.95) -> pd.DataFrame:
        """Return for which pupils a scenario (the last, if none is named) changes where they are.

        See `sim.analysis.changed_for_whom.changed_for_whom` for the columns, of which the Forum paper and the money
        pages tell as well. ValueError without a second scenario.
        """
        return changed_for_whom(self, self.other(scenario), level)

    def event_log(self, *scenarios: str, xes: bool = False) -> pd.DataFrame:
        """Return an event log with case, activity and timestamp; see `sim.analysis.recorded.event_log`."""
        return event_log(self, scenarios, xes)

    def to_dataset(self, folder: str | Path, form: str = "parquet") -> Path:
        """Write everything as tables that pandas, DuckDB and R read, with a description of each column.

        Parameters
        ----------
        form : 'parquet' or 'csv' (UTF-8, commas, ISO dates).

        Returns the folder: measures, differences, pupils, flows, recorded tables in words, stays, event_log, and
        columns.csv.
        """
        return write_dataset(self._dataset(), Path(folder), form, self.provenance)

    def _dataset(self) -> dict[str, pd.DataFrame]:
        tables = {"measures": self.measures, "differences": self.differences(), "flows": self.flows()}
        if self.pupil_tables:
            tables["pupils"] = self.all_pupils()
        if any(self.kept()):
            tables |= {name: recorded(self, name) for name in FACTS}
            tables |= {"stays": self.stays, "event_log": self.event_log()}
        return tables

    def kept(self) -> list[tuple[str, int]]:
        """Return the scenarios and replications whose recorded facts are kept in full."""
        numbers = [number for number in self.provenance["facts_kept_of"] if number < self.provenance["replications"]]
        return [(name, number) for name in self.scenarios if self.fact_tables.get(name) for number in numbers]

    def tables(self, scenario: str, replication: int = 0) -> dict[str, pd.DataFrame]:
        """Return all tables of one replication kept in full, in words: recorded ones, `stays` and `pupils`."""
        names, made = Names.of(self), {"pupils": _of_replication(self.pupils(scenario), replication)}
        for name in FACTS:
            rows = _of_replication(self.recorded(name, scenario), replication)
            made[name] = in_words({str(column): rows[column].to_numpy() for column in rows}, names)
        kinds = {name: one["kind"] for name, one in self.provenance["provisions"].items()}
        return made | {"stays": whole_stays(made["spells"], kinds)}

    def with_measures(self, *measures: OwnMeasure) -> Self:
        """Return the outcome with measures of one's own among the others, so that `differences()` has them too."""
        plain = self.measures.astype({name: "str" for name in _texts(self.measures)})
        rows = pd.concat([plain, *(own.of(self) for own in measures)])
        return replace(self, measures=rows.astype(dict.fromkeys(_texts(rows), "category")).reset_index(drop=True))

    def other(self, scenario: str | None = None) -> str:
        """Return the scenario that is named, or the last; ValueError if it is the baseline or not there."""
        there = self.scenarios[1:]
        if not there:
            raise ValueError("there is no scenario to set against the baseline: compare two or more")
        name = scenario or there[-1]
        if name not in there:
            raise ValueError(f"no scenario {name!r} to set against the baseline; there is {', '.join(there)}")
        return name

    def _repr_html_(self) -> str:
        return results_html(self)


def _texts(measures: pd.DataFrame) -> list[str]:
    return [str(name) for name in measures if name not in ("replication", "value")]


def _of_replication(rows: pd.DataFrame, replication: int) -> pd.DataFrame:
    found = rows[rows["replication"] == replication].drop(columns="replication")
    return found.reset_index(drop=True)


def _tidy(told: Told, name: str) -> pd.DataFrame:
    """Return what a measure of one's own told as tidy rows."""
    if isinstance(told, pd.Series):
        told = pd.DataFrame({"provision": told.index.astype("str"), "value": told.to_numpy(dtype=float)})
    if not isinstance(told, pd.DataFrame):
        told = pd.DataFrame({"value": [float(told)]})
    if "value" not in told:
        raise ValueError(
            f"measure {name} returned a table without the column value; it has {', '.join(map(str, told))}"
        )
    usual = {"period": NO_PERIOD, "measure": name, "provision": ALL, "phase": ALL, "district": ALL}
    found = told.assign(**{key: text for key, text in usual.items() if key not in told or key == "measure"})
    return found[list(COLUMNS)].astype({key: "str" for key in usual})

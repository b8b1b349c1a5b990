"""Which file of a county holds which rows, and where in the parameters a row belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath

from pydantic import BaseModel

from sim.parameters import schema
from sim.parameters.problems import Finding, Origin, Path, Problem

COUNTY_FILE = "county.yaml"
COUNTY_KEYS = ("county", "horizon", "terms")
MONEY_UNITS = {
    "running_cost": "GBP per year",
    "start_up": "GBP",
    "school_contribution": "GBP per year",
    "devolved_budget": "GBP per year",
    "charge_per_exclusion": "GBP",
    "charge_per_tuition": "GBP",
}
DATED_MONEY = tuple(MONEY_UNITS)
PROGRAMME_MONEY = ("running_cost", "start_up")
MONEY_ITEMS = {"services.csv": DATED_MONEY, "programme_costs.csv": PROGRAMME_MONEY}


@dataclass(frozen=True)
class Table:
    """A CSV file: the model of its rows and the path of a row, where "{column}" stands for that cell.

    The column `id` of quantities.csv holds "group.name" and counts as two steps.
    """

    file: str
    model: type[BaseModel]
    path: tuple[str, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Columns that name the row."""
        return tuple(step[1:-1] for step in self.path if step.startswith("{"))

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Columns that fill the model."""
        names = tuple(self.model.model_fields)
        return tuple(n for n in names if n not in ("places", *DATED_MONEY))

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Columns that must be there."""
        needed = self.model.model_fields
        return self.keys + tuple(name for name in self.fields if needed[name].is_required())

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The path with one entry for each step."""
        return tuple(s for step in self.path for s in (("{group}", "{name}") if step == "{id}" else (step,)))

    def matches(self, path: Sequence[str]) -> bool:
        """Whether `path` may name a row here, something above it or something in it."""
        return all(s.startswith("{") or s == p for s, p in zip(self.steps, path, strict=False))

    def path_of(self, cells: Mapping[str, str]) -> Path:
        """Return where the row with these cells belongs; ValueError for an id without its group."""
        steps: list[str] = []
        for step in self.path:
            cell = cells[step[1:-1]] if step.startswith("{") else step
            steps.extend(cell.split(".") if step == "{id}" else [cell])
        if len(steps) != len(self.steps):
            raise ValueError("an id is a group, a full stop and a name, such as crisis.identify")
        return tuple(steps)

    def name_of(self, path: Path) -> str:
        """Return the words for the row at `path`, such as 'row suspension_primary'."""
        names = [p for s, p in zip(self.steps, path, strict=False) if s.startswith("{")]
        joined = ("." if self.keys == ("id",) else " ").join(names)
        return f"row {joined}" if names else "the table"


TABLES = (
    Table("quantities.csv", schema.Quantity, ("quantities", "{id}")),
    Table("durations.csv", schema.Duration, ("durations", "{name}")),
    Table("yearly.csv", schema.Quantity, ("yearly", "{series}", "{academic_year}")),
    Table("onset.csv", schema.Onset, ("onset", "{name}")),
    Table("rates.csv", schema.Rate, ("rates", "{name}")),
    Table("routes.csv", schema.RouteWeight, ("routes", "{name}")),
    Table("effects.csv", schema.Effect, ("effects", "{name}")),
    Table("provisions.csv", schema.ProvisionSpec, ("provisions", "{name}")),
    Table("places.csv", schema.Places, ("provisions", "{provision}", "places", "{from}")),
    Table("services.csv", schema.Money, ("provisions", "{provision}", "{item}", "{from}")),
    Table("programmes.csv", schema.Programme, ("programmes", "{name}")),
    Table("programme_costs.csv", schema.Money, ("programmes", "{programme}", "{item}", "{from}")),
    Table("schools.csv", schema.School, ("schools", "{name}")),
    Table("cohorts.csv", schema.Cohort, ("cohorts", "{academic_year}", "{year_group}")),
    Table("tariffs.csv", schema.Tariff, ("tariffs", "{name}")),
    Table("lines.csv", schema.BudgetLine, ("lines", "{name}")),
    Table("budgets.csv", schema.Quantity, ("budgets", "{item}", "{financial_year}")),
    Table("inflation.csv", schema.Quantity, ("inflation", "{financial_year}")),
    Table("discount.csv", schema.Quantity, ("discount", "{financial_year}")),
    Table("observed.csv", schema.Observed, ("observed", "{name}")),
    Table("sources.csv", schema.Source, ("sources", "{key}")),
)


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line at which `path`, or the nearest step above it, was written (0 when unknown)."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)


def table_of(path: Sequence[str]) -> Table | None:
    """Return the table whose rows `path` names, or lies above or in; None for what stands in county.yaml."""
    tables = [t for t in TABLES if t.matches(path) and _services_only(t, path)]
    if not tables:
        return None
    reached = [t for t in tables if len(t.steps) <= len(path)]
    return max(reached, key=lambda t: len(t.steps)) if reached else tables[0]


def _services_only(table: Table, path: Sequence[str]) -> bool:
    return table.file not in MONEY_ITEMS or len(path) < 3 or path[2] in MONEY_ITEMS[table.file]


def row_table(path: Sequence[str]) -> Table | None:
    """Return the table of which `path` names exactly one row, if it does."""
    table = table_of(path)
    return table if table is not None and len(table.steps) == len(path) else None


def split(location: Sequence[str | int]) -> tuple[Path, str]:
    """Split a place in the parameters into the path of its row and the column ("" for the whole row)."""
    path = tuple(str(step) for step in location)
    table = table_of(path)
    length = len(table.steps) if table else (2 if path[:1] == ("terms",) else 1)
    rest = path[length:]
    column = "" if not rest or rest[0].startswith("[") else rest[0]
    return path[:length], column


@dataclass(frozen=True)
class Origins:
    """Where rows came from; rows not listed are named by the table they belong to."""

    rows: Mapping[Path, Origin]
    lines: Mapping[Path, int]  # of county.yaml
    folder: FilePath | None = None

    def problem(self, finding: Finding) -> Problem:
        """Return the finding told in terms of a file and a place in it."""
        known = [row for row in finding.rows if row in self.rows]
        first = (known or list(finding.rows))[0]
        origin = self.origin(first, finding.column)
        others = [self.origin(row, "") for row in finding.rows if row != first]
        also = f"; see also {', '.join(self._brief(o, origin.file) for o in others[:6])}" if others else ""
        column = f", column {finding.column}" if finding.column and table_of(first) else ""
        return Problem(origin.file, f"{origin}{column}{also}", finding.found, finding.allowed, finding.fix)

    def origin(self, row: Path, column: str) -> Origin:
        """Return where a row (or, in county.yaml, a key) was read, or which table it belongs to."""
        if row in self.rows:
            return self.rows[row]
        table = table_of(row)
        if table is not None:
            return Origin(self._file(table.file), 0, table.name_of(row))
        path = (*row, column) if column else row
        at = line_of(self.lines, path)
        return Origin(self._file(COUNTY_FILE), at, f"key {'/'.join(path)}")

    def _file(self, name: str) -> str:
        return str(self.folder / name) if self.folder else name

    @staticmethod
    def _brief(origin: Origin, file: str) -> str:
        return str(origin) if origin.file == file else f"{origin.file} {origin}"

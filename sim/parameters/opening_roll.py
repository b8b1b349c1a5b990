"""An opening roll: pupils and where they are on the first day of a run, in place of the state a run-in leaves.

It is the one place where real pupil data may come in. Rows live in memory only and do not print themselves;
nothing of them is copied to results, and a run that used a roll records no more of it than its hash.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from pydantic import Field

from sim.parameters.changes import with_changes
from sim.parameters.parse import Row
from sim.parameters.problems import Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.schema import Frozen, Parameters, ProvisionSpec
from sim.parameters.translate import DATE, iso_hint
from sim.school_year import SEPTEMBER, academic_year_label, academic_year_of
from sim.vocabulary import PLACEMENTS, YEAR_GROUPS, ProvisionKind, Record, Severity, Sex

REQUIRED = ("provision", "year_group", "record", "severity")
OPTIONAL = ("sex", "district", "placed")
MOST_ROWS = 1 << 15
"""Pupils of a roll are numbered from MOST_ROWS on, beyond every pupil whose need becomes visible in the run."""

WITH_PLAN = (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT, ProvisionKind.TUITION_WITH_PLAN)
WITHOUT_PLAN = (ProvisionKind.TUITION_WITHOUT_PLAN, ProvisionKind.DISTRICT_TEACHING)
RECORDS = {record.name.lower(): record for record in Record}
SEVERITIES = {severity.name.lower(): severity for severity in Severity}

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_Value = TypeVar("_Value")


class OpeningRow(Frozen):
    """One pupil: placement, year group number on the first day, record and severity.

    Sex is drawn when not given; the district is then that of the provision, or drawn if it serves the county.
    `placed` is the day on which the present placement began.
    """

    provision: str = Field(repr=False)
    year_group: int = Field(repr=False)
    record: Record = Field(repr=False)
    severity: Severity = Field(repr=False)
    sex: Sex | None = Field(default=None, repr=False)
    district: str | None = Field(default=None, repr=False)
    placed: date | None = Field(default=None, repr=False)


@dataclass(frozen=True)
class OpeningRoll:
    """The rows of an opening-roll file and the SHA-256 of the file, which is all that is ever written down."""

    rows: tuple[OpeningRow, ...] = field(repr=False)
    sha256: str


def opening_day(parameters: Parameters) -> date:
    """Return the first day of a run that starts from a roll: 1 September of the year in which the study starts."""
    return date(academic_year_of(parameters.horizon.study_start), SEPTEMBER, 1)


def starting_at_study(parameters: Parameters) -> Parameters:
    """Return parameters whose run, and with it the baseline year, begins in the study's first academic year."""
    year = academic_year_label(opening_day(parameters).year)
    wanted = {"horizon/first_academic_year": year, "horizon/baseline_academic_year": year}
    horizon = parameters.horizon
    if (horizon.first_academic_year, horizon.baseline_academic_year) == (year, year):
        return parameters
    return with_changes(parameters, wanted)


def over_full(rows: Sequence[OpeningRow], parameters: Parameters) -> int:
    """Return how many provisions have more pupils on the roll than usable places on the opening day.

    Such a roll can be used: nobody is sent away, and nobody admitted until places are free. Alternative
    provision is not counted: what its budget buys is worked out in the run.
    """
    day, rolls = opening_day(parameters), Counter(row.provision for row in rows)
    return sum(number > _usable(parameters.provisions[name], day) for name, number in rolls.items())


def _usable(spec: ProvisionSpec, day: date) -> float:
    dated = [spec.places[start] for start in sorted(spec.places) if start <= day]
    if spec.devolved_budget or not spec.places:
        return float("inf")
    usable = dated[-1].usable if dated else 0
    return float("inf") if usable is None else usable


def checked_rows(table: Sequence[Row], file: str, parameters: Parameters) -> tuple[OpeningRow, ...]:
    """Return the pupils of a roll; ConfigurationError lists what is wrong by `file`, line and column.

    Messages hold the cell at fault and no other content of a row.
    """
    if not 0 < len(table) <= MOST_ROWS:
        fix = "add one row for each pupil" if not table else "leave out pupils without visible need"
        raise_if_any([Problem(file, "", f"{len(table)} rows", f"1 to {MOST_ROWS} pupils", fix)])
    reader, rows, problems = _Reader(parameters), [], []
    for row in table:
        reader.wrong = []
        made = reader.row(row.cells)
        problems += [
            Problem(file, f"line {row.line}, column {one.column}", one.found, one.allowed, one.fix)
            for one in reader.wrong
        ]
        rows += [made] if made is not None else []
    raise_if_any(problems)
    return tuple(rows)


@dataclass(frozen=True)
class _Wrong:
    column: str
    found: str
    allowed: str
    fix: str


@dataclass
class _Reader:
    """Reads rows one by one; what is wrong with the present one is in `wrong`."""

    parameters: Parameters
    wrong: list[_Wrong] = field(default_factory=list)

    def row(self, cells: Mapping[str, str]) -> OpeningRow | None:
        """Return a row, or None when something in it is wrong."""
        provisions = {name: name for name, _ in self.parameters.provisions_of(*PLACEMENTS)}
        provision = self._one_of(cells, "provision", provisions)
        year_group = self._one_of(cells, "year_group", {label: i for i, label in enumerate(YEAR_GROUPS)})
        record = self._one_of(cells, "record", RECORDS)
        severity = self._one_of(cells, "severity", SEVERITIES)
        sex = self._one_of(cells, "sex", {str(sex): sex for sex in Sex})
        district = self._one_of(cells, "district", {name: name for name in self.parameters.districts})
        placed = self._date(cells)
        if self.wrong or provision is None or year_group is None or record is None or severity is None:
            return None
        row = OpeningRow(
            provision=provision,
            year_group=year_group,
            record=record,
            severity=severity,
            sex=sex,
            district=district,
            placed=placed,
        )
        self.wrong += _clashes(row, self.parameters)
        return None if self.wrong else row

    def _one_of(self, cells: Mapping[str, str], column: str, known: Mapping[str, _Value]) -> _Value | None:
        """Return what a cell stands for; None for a blank optional cell, or one that is wrong."""
        cell = cells.get(column, "")
        if cell in known or (not cell and column in OPTIONAL):
            return known.get(cell)
        fix = did_you_mean(cell, known, f"correct or fill in {column}")
        self.wrong.append(_Wrong(column, cell or "a blank cell", suggestions(cell, known), fix))
        return None

    def _date(self, cells: Mapping[str, str]) -> date | None:
        cell = cells.get("placed", "")
        if not cell:
            return None
        try:
            if _ISO_DATE.fullmatch(cell):
                return date.fromisoformat(cell)
        except ValueError:
            pass
        self.wrong.append(_Wrong("placed", cell, DATE, iso_hint(cell)))
        return None


def _clashes(row: OpeningRow, parameters: Parameters) -> Iterator[_Wrong]:
    """Yield what cannot be so about a pupil, each cell being right on its own."""
    spec = parameters.provisions[row.provision]
    if row.year_group not in spec.year_groups:
        allowed = f"{spec.first_year_group} to {spec.last_year_group}, whom the provision of this row admits"
        yield _Wrong("year_group", YEAR_GROUPS[row.year_group], allowed, "correct the year group or the provision")
    elif not sexes_admitted(spec, row):
        allowed = "a sex that the provision of this row admits in this year group"
        yield _Wrong("sex", str(row.sex), allowed, "correct the sex, the year group or the provision")
    yield from _record_clashes(row, spec.kind)
    yield from _date_clashes(row, opening_day(parameters))


def sexes_admitted(spec: ProvisionSpec, row: OpeningRow) -> list[Sex]:
    """Return the sexes that a pupil of this row may have: the one given, or those that the provision admits."""
    return [sex for sex in Sex if row.sex in (None, sex) and spec.admits(row.year_group, sex)]


def _record_clashes(row: OpeningRow, kind: ProvisionKind) -> Iterator[_Wrong]:
    cell = row.record.name.lower()
    if kind in WITH_PLAN and row.record is not Record.PLAN:
        yield _Wrong("record", cell, f"plan, which every pupil in {kind} has", "correct the record or the provision")
    if kind in WITHOUT_PLAN and row.record is Record.PLAN:
        allowed = f"none or sen_support, as pupils in {kind} have no plan"
        yield _Wrong("record", cell, allowed, "correct the record, or name tuition with a plan")


def _date_clashes(row: OpeningRow, opening: date) -> Iterator[_Wrong]:
    if row.placed is None:
        return
    first = date(opening.year - row.year_group, SEPTEMBER, 1)
    if row.placed > opening:
        yield _Wrong("placed", str(row.placed), f"a date up to the opening, {opening}", "correct the date")
    elif row.placed < first:
        allowed = f"a date from {first} on, when the pupil's year group was in Reception"
        yield _Wrong("placed", str(row.placed), allowed, "correct the date or the year group")

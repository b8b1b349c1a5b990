"""Every figure of a county as tables: value, range, law, unit, grade, source, and notes and sources below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from sim.parameters.checks import evidence_rows
from sim.parameters.problems import Path
from sim.parameters.schema import Evidence, Parameters, Quantity
from sim.parameters.tables import TABLES, Table, table_of
from sim.parameters.targets import Target, Targets
from sim.report.markdown import extent, figure, in_full, table_lines, titled, wrapped
from sim.vocabulary import Grade

HEADS = ("name", "about", "value", "range", "drawn from", "unit", "grade", "source", "as of", "note")
SOURCE_HEADS = ("key", "source", "publisher", "rows")
GRADE_HEADS = ("grade", "rows", "share")
SHARED = ("drawn from", "unit", "grade", "source", "as of")
"""Columns that are told once above a table in which all rows have the same."""

FIGURE = ("value", "low", "high", "distribution", "unit")
TARGETS_FILE = "targets.csv"


class Line(NamedTuple):
    """A row of a county: its name, what it is about, its figure in words, and where it comes from."""

    name: str
    about: str
    figures: tuple[str, str, str, str]
    evidence: Evidence


def parameters_in_markdown(county: Parameters, targets: Targets) -> str:
    """Return every row of a county that has evidence, table by table, as a Markdown document."""
    tables = lines_by_table(county, targets)
    parts = [*_opening(county, tables)]
    for file, rows in tables.items():
        parts += ["", f"## {file.removesuffix('.csv').replace('_', ' ').capitalize()}"]
        parts += [*_table(rows)]
    return "\n".join([*parts, "", "## Sources", *_sources(county, tables)]) + "\n"


def lines_by_table(county: Parameters, targets: Targets) -> dict[str, list[Line]]:
    """Return the rows of each file of a county that have evidence, in the order in which files and rows are read."""
    found: dict[str, list[Line]] = {table.file: [] for table in TABLES}
    for path, row in evidence_rows(county):
        table = table_of(path)
        if table is not None:
            found[table.file].append(_line(table, path, row))
    found[TARGETS_FILE] = [_target_line(name, target) for name, target in targets.items()]
    return {file: lines for file, lines in found.items() if lines}


def unused_sources(county: Parameters, targets: Targets) -> list[str]:
    """Return the keys of sources that no row of a county and none of its targets refers to."""
    used = {line.evidence.source for lines in lines_by_table(county, targets).values() for line in lines}
    return [key for key in county.sources if key not in used]


def graded(lines: Sequence[Line]) -> dict[Grade, int]:
    """Return how many rows there are of each grade, the best first."""
    return {grade: sum(line.evidence.grade is grade for line in lines) for grade in Grade}


def _line(table: Table, path: Path, row: Evidence) -> Line:
    names = [step for mark, step in zip(table.steps, path, strict=True) if mark.startswith("{")]
    about = _about(row, table.fields)
    return Line((".".join(names) if table.keys == ("id",) else " ".join(names)), about, _figures(row), row)


def _target_line(name: str, target: Target) -> Line:
    about = f"{target.label}; {target.periods}; to {target.use.value}"
    return Line(name, about, (figure(target.value), "", f"{target.error} error", target.unit), target)


def _figures(row: Evidence) -> tuple[str, str, str, str]:
    if not isinstance(row, Quantity):
        return ("", "", "", "")
    drawn = "" if row.low == row.high else row.distribution
    return figure(row.value), extent(row.low, row.high), drawn, row.unit


def _about(row: Evidence, fields: Sequence[str]) -> str:
    """Return in words what else a row says: its columns that are not figures, evidence, or as they are by default."""
    told = []
    for name in fields:
        info, value = type(row).model_fields[name], getattr(row, name)
        is_told = name in FIGURE and isinstance(row, Quantity)
        if name in Evidence.model_fields or is_told or (not info.is_required() and value == info.default):
            continue
        told.append((name, _worded(value)))
    return "; ".join(_joined(told))


def _joined(told: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield columns in words: year groups as a range, the rest with the name of the column."""
    cells = dict(told)
    first, last = cells.pop("first_year_group", ""), cells.pop("last_year_group", "")
    if first or last:
        yield f"{first} to {last}" if first != last else first
    yield from (f"{name.replace('_', ' ')}: {value}" for name, value in cells.items())


def _worded(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value).replace("_", " ")
    if isinstance(value, int | float):
        return figure(value)
    return "unlimited" if value is None else str(value).replace("_", " ")


def _opening(county: Parameters, tables: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    yield f"# Parameters of {county.county.label}"
    yield ""
    yield from wrapped(county.county.statement)
    yield ""
    yield from wrapped(
        "Every figure that a run of this county stands on, and every published figure it is compared with: its value, "
        "the range within which it is thought to lie, the law by which it is drawn from that range when uncertainty is "
        "studied, its unit, the grade of the evidence and the source. What the tables and columns mean is in the "
        "[data dictionary](data_dictionary.md); what is taken for granted in choosing them, in the "
        "[register of assumptions](assumptions.md)."
    )
    lines = [line for rows in tables.values() for line in rows]
    counts = graded(lines)
    yield from table_lines(GRADE_HEADS, ((g.value, f"{n:,}", f"{n / len(lines):.0%}") for g, n in counts.items()))
    horizon = county.horizon
    terms = ", ".join(f"{_worded(term.name)} {term.days}" for term in county.terms)
    yield ""
    yield from wrapped(
        f"The run begins in {horizon.first_academic_year}, the baseline year is {horizon.baseline_academic_year}, "
        f"policies begin on {in_full(horizon.study_start)} unless dated otherwise, and the last academic year is "
        f"{horizon.last_academic_year}. Census day is {horizon.census} and the deadline for naming Year 7 places "
        f"{horizon.naming_deadline} (month-day). A school year has {county.calendar().days_per_year} school days in "
        f"{len(county.terms)} half terms: {terms}."
    )


def _table(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the table of a file; what is the same in all rows above it, and the notes below, each once."""
    notes = {note: f"[{number}]" for number, note in enumerate(dict.fromkeys(_note(x) for x in lines if _note(x)), 1)}
    rows = [_cells(line, notes) for line in lines]
    same = {head: rows[0][place] for place, head in enumerate(HEADS) if head in SHARED and _is_same(rows, place)}
    if same:
        yield ""
        yield from wrapped(f"In all rows: {'; '.join(f'{head} {cell}' for head, cell in same.items())}.")
    shown = [place for place, head in enumerate(HEADS) if head not in same]
    yield from table_lines([HEADS[place] for place in shown], ([cells[place] for place in shown] for cells in rows))
    if notes:
        yield ""
        yield from (f"- {number} {note}" for note, number in notes.items())


def _is_same(rows: Sequence[Sequence[str]], place: int) -> bool:
    return len(rows) > 1 and bool(rows[0][place]) and len({cells[place] for cells in rows}) == 1


def _cells(line: Line, notes: Mapping[str, str]) -> tuple[str, ...]:
    row = line.evidence
    return (line.name, line.about, *line.figures, row.grade.value, row.source, row.year, notes.get(_note(line), ""))


def _note(line: Line) -> str:
    return " ".join(line.evidence.note.split())


def _sources(county: Parameters, tables: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    named = sorted(line.evidence.source for lines in tables.values() for line in lines)
    counts = {key: len(list(rows)) for key, rows in groupby(named)}
    yield from table_lines(
        SOURCE_HEADS,
        ((key, titled(one), one.publisher, f"{counts.get(key, 0):,}") for key, one in county.sources.items()),
    )

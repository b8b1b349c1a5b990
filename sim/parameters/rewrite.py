"""Changed figures written back into the tables of a county; every other line stays as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from sim.parameters.parse import parse_table
from sim.parameters.problems import ConfigurationError, Path, Problem
from sim.parameters.tables import Table

Cells = Mapping[str, Any]


def rewritten(text: str, table: Table, rows: Mapping[Path, Cells], file: str) -> str:
    """Return the text of a table with some cells of some rows changed.

    Parameters
    ----------
    rows : path of a row -> its new cells, by column; numbers are written so that they are read back exactly.
    file : what messages call the text.

    Raises ConfigurationError for a row or column that is not there, or a file that Excel has saved with semicolons.
    """
    lines = text.split("\n")
    header = next(csv.reader(lines[:1]))
    if len(header) == 1:
        fix = "save it as CSV with commas first"
        raise ConfigurationError(Problem(file, "line 1", "columns that commas do not part", "commas", fix))
    optional = tuple(name for name in table.fields if name not in table.required)
    at = {table.path_of(row.cells): row.line for row in parse_table(text, file, table.required, optional)}
    for path, cells in rows.items():
        if path not in at:
            raise ConfigurationError(Problem(file, table.name_of(path), "no such row", "rows of the table"))
        number = at[path] - 1
        lines[number] = _line({**dict(zip(header, _cells(lines[number]), strict=True)), **_as_text(cells)}, header)
    return "\n".join(lines)


def with_row(text: str, cells: Mapping[str, str]) -> str:
    """Return the text of a table with a row more at its end, unless its first column has that name already."""
    header = next(csv.reader([text.split("\n", 1)[0]]))
    names = {line.split(",", 1)[0] for line in text.splitlines()[1:]}
    if cells[header[0]] in names:
        return text
    return f"{text.rstrip(chr(10))}\n{_line(cells, header)}\n"


def _cells(line: str) -> list[str]:
    return next(csv.reader([line]))


def _as_text(cells: Cells) -> dict[str, str]:
    return {name: repr(value) if isinstance(value, float) else str(value) for name, value in cells.items()}


def _line(cells: Mapping[str, str], header: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([cells.get(name, "") for name in header])
    return out.getvalue()

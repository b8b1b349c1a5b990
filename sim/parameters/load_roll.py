"""Reads an opening-roll file. Its rows are kept in memory only; see `sim.parameters.opening_roll`."""

from __future__ import annotations

from pathlib import Path

from sim.parameters.load import read_text, sha256_of
from sim.parameters.opening_roll import OPTIONAL, REQUIRED, OpeningRoll, OpeningRow, checked_rows
from sim.parameters.parse import parse_table
from sim.parameters.problems import ConfigurationError, Problem
from sim.parameters.schema import Parameters


def load_opening_roll(path: str | Path, parameters: Parameters) -> tuple[OpeningRow, ...]:
    """Return the pupils of an opening-roll file (CSV), checked against the county that `parameters` describe.

    Columns: provision, year_group (R to Y11, on the opening day), record (none, sen_support, plan), severity
    (none, emerging, moderate, complex) and, if known, sex, district and placed (the day, year-month-day, on
    which the present placement began). Other columns are refused: the model needs nothing that names a pupil.

    Raises
    ------
    ConfigurationError : naming the file, the line and the column, with the cell at fault and no other.
    """
    text = read_text(Path(path))
    _must_have_header(text, str(path))
    return checked_rows(parse_table(text, str(path), REQUIRED, OPTIONAL), str(path), parameters)


def read_opening_roll(path: str | Path, parameters: Parameters) -> OpeningRoll:
    """Return the pupils of an opening-roll file with the SHA-256 of the file; errors as `load_opening_roll`."""
    return OpeningRoll(load_opening_roll(path, parameters), sha256_of(Path(path)))


def _must_have_header(text: str, file: str) -> None:
    """Refuse a file without column names before its first pupil is taken, and printed, for a header."""
    first = next(iter(text.splitlines()), "")
    if not any(name in first for name in REQUIRED):
        allowed = f"the columns {', '.join(REQUIRED)} and, if known, {', '.join(OPTIONAL)}"
        raise ConfigurationError(
            Problem(file, "line 1 (header)", "no column names", allowed, "put the column names in the first line")
        )

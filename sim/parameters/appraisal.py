"""What appraisals of public spending need beside a county: headings of the section 251 return, and optimism bias.

Both are national and stand beside the counties, in section_251.csv and optimism_bias.csv of the configurations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sim.parameters.load import config_folders, read_table
from sim.parameters.parse import Row
from sim.parameters.problems import ConfigurationError, Problem
from sim.school_year import year_start

HEADINGS_FILE, BIAS_FILE = "section_251.csv", "optimism_bias.csv"
HEADING_COLUMNS = ("heading", "label", "from", "grade", "source", "link")
BIAS_COLUMNS = ("applies_to", "value", "low", "high", "unit", "grade", "source", "link", "year")
START_UP, RUNNING, SAVING = "start_up", "running", "saving"


class Share(NamedTuple):
    """A share that estimates are out by, with its range and where it comes from."""

    value: float
    low: float
    high: float
    grade: str
    source: str
    note: str


@dataclass(frozen=True)
class Bias:
    """How much too low costs, and too high savings, tend to be estimated: shares from 0 to 1."""

    start_up: Share
    running: Share
    saving: Share

    def at(self, end: str) -> tuple[float, float, float]:
        """Return the three shares: their `value`, or those at the `low` or `high` end of their ranges."""
        return getattr(self.start_up, end), getattr(self.running, end), getattr(self.saving, end)


def section_251_headings(financial_year: str) -> dict[str, str]:
    """Return the label of each heading of the return as it stood in a financial year, such as '2018-19'.

    Headings that came later are left out.
    """
    rows = sorted(_rows(HEADINGS_FILE, HEADING_COLUMNS), key=lambda row: year_start(row.cells["from"]))
    wanted = year_start(financial_year)
    return {row.cells["heading"]: row.cells["label"] for row in rows if year_start(row.cells["from"]) <= wanted}


def optimism_bias() -> Bias:
    """Return by how much costs and savings are adjusted for optimism bias."""
    shares = {row.cells["applies_to"]: _share(row) for row in _rows(BIAS_FILE, BIAS_COLUMNS)}
    return Bias(**{name: shares[name] for name in (START_UP, RUNNING, SAVING)})


def appraisal_sources() -> list[Mapping[str, str]]:
    """Return what each row of the two files says of itself, for a sheet of sources."""
    both = ((HEADINGS_FILE, HEADING_COLUMNS), (BIAS_FILE, BIAS_COLUMNS))
    return [row.cells for file, columns in both for row in _rows(file, columns)]


def _rows(name: str, columns: tuple[str, ...]) -> list[Row]:
    return read_table(_file(name), columns, ("note",))


def _file(name: str) -> Path:
    return next(_found(name), config_folders()[0] / name)


def _found(name: str) -> Iterator[Path]:
    yield from (folder / name for folder in config_folders() if (folder / name).is_file())


def _share(row: Row) -> Share:
    cells = row.cells
    numbers = [float(cells[name]) for name in ("value", "low", "high")]
    value, low, high = numbers
    if not 0 <= low <= value <= high <= 1:
        found = f"value {value:g}, low {low:g}, high {high:g}"
        allowed = "shares from 0 to 1, low <= value <= high"
        raise ConfigurationError(Problem(BIAS_FILE, f"line {row.line}", found, allowed, "correct the row"))
    return Share(value, low, high, cells["grade"], cells["source"], cells.get("note", ""))

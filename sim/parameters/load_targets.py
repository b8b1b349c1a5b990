"""Reads calibration targets: those of a county, or a file of one's own; see `sim.parameters.targets`."""

from __future__ import annotations

from pathlib import Path

from sim.parameters.load import find_county, read_table
from sim.parameters.problems import raise_if_any
from sim.parameters.targets import COLUMNS, REQUIRED, Known, Targets, checked

TARGETS_FILE = "targets.csv"


def find_targets(name_or_path: str | Path) -> Path:
    """Return a file of targets: the one named, or that of a county given by name or folder."""
    path = Path(name_or_path)
    return path if path.is_file() else find_county(name_or_path) / TARGETS_FILE


def load_targets(name_or_path: str | Path, known: Known) -> Targets:
    """Return the targets of a county (its name or folder) or of a file (CSV), by name.

    Parameters
    ----------
    known : the county whose runs are compared, and the measures, shares and years there are; a row that names
        anything else is refused.

    Raises
    ------
    ConfigurationError : naming the file, line, row and column at fault, what was found and what is allowed.
    """
    file = find_targets(name_or_path)
    optional = tuple(name for name in COLUMNS if name not in REQUIRED)
    targets, problems = checked(read_table(file, REQUIRED, optional), str(file), known)
    raise_if_any(problems)
    return targets

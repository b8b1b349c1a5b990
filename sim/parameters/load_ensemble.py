"""Reads the ensemble of a county: plausible sets of figures, and the record of the calibration that found them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.parameters.ensemble import COLUMNS, Ensemble, members_in
from sim.parameters.load import read_table, read_text
from sim.parameters.problems import ConfigurationError, Problem, raise_if_any
from sim.parameters.uncertainty import Uncertainty

ENSEMBLE_FILE, RECORD_FILE = "ensemble.csv", "calibration.json"
NEEDED = ("county", "seed", "run")


def calibration_record(folder: Path) -> dict[str, Any]:
    """Return what calibration.json in a county's folder says; nothing without the file."""
    file = folder / RECORD_FILE
    if not file.is_file():
        return {}
    fix = "write it again: pathways calibrate"
    try:
        said = json.loads(read_text(file))
    except json.JSONDecodeError as error:
        found = f"text that is not JSON ({error.msg})"
        raise ConfigurationError(Problem(str(file), f"line {error.lineno}", found, "JSON", fix)) from None
    missing = [key for key in NEEDED if not isinstance(said, dict) or key not in said]
    if missing:
        raise ConfigurationError(Problem(str(file), f"key {missing[0]}", "nothing", "this key must be there", fix))
    return dict(said)


def load_ensemble(folder: Path, spec: Uncertainty) -> Ensemble | None:
    """Return the ensemble in a county's folder, None when it has none.

    Raises ConfigurationError naming the file, line and column at fault.
    """
    file, record = folder / ENSEMBLE_FILE, calibration_record(folder)
    if not file.is_file() or not record:
        return None
    members, problems = members_in(read_table(file, COLUMNS), spec, str(file))
    raise_if_any(problems)
    return Ensemble(seed=int(record["seed"]), county=str(record["county"]), members=members)

"""Reads the ensemble of a county: plausible sets of figures, and the record of the calibration that found them."""

from __future__ import annotations

from pathlib import Path

from sim.parameters.ensemble import COLUMNS, members_in
from sim.parameters.load import calibration_record, read_table
from sim.parameters.problems import raise_if_any
from sim.parameters.uncertainty import Ensemble, Stated

ENSEMBLE_FILE = "ensemble.csv"


def load_ensemble(folder: Path, spec: Stated) -> Ensemble | None:
    """Return the ensemble in a county's folder, None when it has none.

    Raises ConfigurationError naming the file, line and column at fault.
    """
    file, record = folder / ENSEMBLE_FILE, calibration_record(folder)
    if not file.is_file() or not record:
        return None
    members, problems = members_in(read_table(file, COLUMNS), spec, str(file))
    raise_if_any(problems)
    return Ensemble(seed=int(record["seed"]), county=str(record["county"]), members=members)

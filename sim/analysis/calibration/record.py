"""The tables of a calibration, and the record that says how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.calibration.outcome import Calibration
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import RECORD_FILE, sha256_of
from sim.results import RUN_DIGITS, write_json, write_text
from sim.store import code_hash, digest, git_state, package_versions


def record_of(found: Calibration, targets: Path) -> dict[str, Any]:
    """Return what calibration.json says: the run, what it started from, how much was run, and how well it fits.

    Parameters
    ----------
    targets : file they were read from.
    """
    trials, fit = found.trials, found.fit_of_centre()
    said = {
        "before": fingerprint(trials.county),
        "factors": list(trials.spec.factors),
        "targets": targets.name,
        "targets_sha256": sha256_of(targets),
        "seed": trials.seed,
        "waves": list(found.plan.sizes),
        "central_replications": found.plan.central,
        "code": code_hash(),
    }
    return {
        "run": digest(repr(said).encode())[:RUN_DIGITS],
        **said,
        "members": len(found.members),
        "centre": dict(found.centre.ratios),
        "centre_quantiles": dict(found.centre.quantiles),
        "misfit": {name: float((fit[name] ** 2).mean() ** 0.5) for name in ("before", "after")},
        "git": git_state(),
        "packages": package_versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_tables(found: Calibration, folder: Path, record: Mapping[str, Any]) -> None:
    """Write the tables of a calibration as CSV into a folder, the record last."""
    tables = {
        "waves": pd.DataFrame([_of_wave(found, number) for number in range(len(found.matching.waves))]),
        "runs": found.runs(),
        "factors": found.factors(),
        "judged": found.judged(),
        "conflicts": found.conflicts(),
        "centre": found.fit_of_centre(),
        "targets": found.table().reset_index(),
        "simulated": pd.DataFrame(found.values, columns=list(found.trials.targets)),
    }
    for name, table in tables.items():
        write_text(table.to_csv(index=False, lineterminator="\n"), folder / f"{name}.csv")
    write_json(dict(record), folder / RECORD_FILE)


def _of_wave(found: Calibration, number: int) -> dict[str, Any]:
    wave = found.matching.waves[number]
    names = found.matching.observed.names
    explained = {f"explained_{name}": share for name, share in zip(names, wave.explained, strict=True)}
    counts = {"wave": wave.number, "runs": wave.points, "plausible": wave.plausible}
    return {**counts, "median_worst": wave.median_worst, **explained}

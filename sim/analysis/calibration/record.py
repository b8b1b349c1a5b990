"""The tables of a calibration, and the record that says how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.calibration.forecasts import against_naive, naive_forecasts
from sim.analysis.calibration.outcome import Calibration
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import RECORD_FILE, sha256_of
from sim.parameters.periods import academic_years_of
from sim.parameters.targets import Targets
from sim.results import RUN_DIGITS, write_json, write_text
from sim.school_year import academic_year_label
from sim.store import code_hash, digest, git_state, package_versions

LIBRARIES = ("emcee", "scikit-learn", "scipy")
"""What decides, beside the runs, which sets of figures are kept."""


def record_of(found: Calibration, targets: Path, origin: str = "") -> dict[str, Any]:
    """Return what calibration.json says: the run, what it started from, how much was run, and how well it fits.

    Parameters
    ----------
    targets : file they were read from.
    origin : academic year from which yearly series were held, if any.
    """
    trials = found.trials
    said = {
        "before": fingerprint(trials.county),
        "uncertainty_sha256": digest(trials.spec.model_dump_json(exclude={"ensemble"}).encode()),
        "targets": targets.name,
        "targets_sha256": sha256_of(targets),
        "seed": trials.seed,
        "waves": list(found.plan.sizes),
        "most_members": found.plan.members,
        "central_replications": found.plan.central,
        "origin": origin,
        "last_fitted": last_fitted(trials.fitted),
        "code": code_hash(),
        "fitted_by": {**{name: version(name) for name in LIBRARIES}, "sources": _sources()},
    }
    return {
        "run": digest(repr(said).encode())[:RUN_DIGITS],
        **said,
        **(_of_ensemble(found) if len(found.numbers) else {"members": 0}),
        "git": git_state(),
        "packages": package_versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _of_ensemble(found: Calibration) -> dict[str, Any]:
    fit = found.fit_of_centre()
    return {
        "members": len(found.members),
        "centre": dict(found.centre.ratios),
        "centre_quantiles": dict(found.centre.quantiles),
        "misfit": {name: float((fit[name] ** 2).mean() ** 0.5) for name in ("before", "after")},
    }


def last_fitted(targets: Targets) -> str:
    """Return the last academic year that fitted targets look at."""
    return academic_year_label(max(academic_years_of(label).stop - 1 for t in targets.values() for label in t.labels))


def _sources() -> str:
    """Return the hash of the sources of calibration and of draws."""
    root = Path(__file__).parents[2]
    files = sorted(file for folder in ("analysis/calibration", "uncertainty") for file in (root / folder).glob("*.py"))
    return digest("".join(sha256_of(file) for file in files).encode())[:RUN_DIGITS]


def write_tables(found: Calibration, folder: Path, record: Mapping[str, Any]) -> None:
    """Write the tables of a calibration as CSV into a folder, the record last."""
    always = {
        "waves": pd.DataFrame([_of_wave(found, number) for number in range(len(found.matching.waves))]),
        "runs": found.runs(),
        "simulated": pd.DataFrame(found.values, columns=list(found.trials.targets)),
    }
    for name, table in {**always, **(_tables_of_ensemble(found) if len(found.numbers) else {})}.items():
        write_text(table.to_csv(index=False, lineterminator="\n"), folder / f"{name}.csv")
    write_json(dict(record), folder / RECORD_FILE)


def _tables_of_ensemble(found: Calibration) -> dict[str, pd.DataFrame]:
    return {
        "factors": found.factors(),
        "judged": found.judged(),
        "conflicts": found.conflicts(),
        "centre": found.fit_of_centre(),
        "targets": found.table().reset_index(),
        "forecasts": against_naive(found.table(), naive_forecasts(found.trials.targets)).reset_index(),
    }


def _of_wave(found: Calibration, number: int) -> dict[str, Any]:
    wave = found.matching.waves[number]
    names = found.matching.observed.names
    explained = {f"explained_{name}": share for name, share in zip(names, wave.explained, strict=True)}
    counts = {"wave": wave.number, "runs": wave.points, "plausible": wave.plausible}
    return {**counts, "median_worst": wave.median_worst, **explained}

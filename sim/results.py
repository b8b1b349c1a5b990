"""Results: tidy tables of measures, one row per pupil, recorded facts of chosen replications, and provenance.

A results folder holds `measures.parquet`, `pupils/<scenario>.parquet`, `facts/<scenario>/<table>.parquet` and
`run.json`, which is written last: a folder without it is unfinished.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.measures.tidy import COLUMNS

SCHEMA_VERSION = 1
KEYS = COLUMNS[:-1]
STAMP = "uncalibrated"
CAVEATS = (
    "Uncalibrated: the parameters have not yet been fitted to published figures. Use these numbers to test "
    "the model, not to decide.",
    "Money and placements are not children's outcomes: a cheaper placement is not a better one.",
    "The world modelled has no Covid school closures.",
)
ABOUT = "Placements and money only, not children's outcomes. A world without Covid school closures."
"""The caveats in short, for under a figure, where the stamp stands beside them."""

RUN_DIGITS = 10
MEASURES_FILE, PUPILS_FOLDER, FACTS_FOLDER, RUN_FILE = "measures.parquet", "pupils", "facts", "run.json"


def run_id(provenance: Mapping[str, Any]) -> str:
    """Return a short name of a run: the same for the same scenarios, seed, replications, opening roll and sources."""
    scenarios = [(scenario["name"], scenario["parameters"]) for scenario in provenance["scenarios"]]
    parts = (scenarios, *(provenance[name] for name in ("seed", "replications", "code")))
    return hashlib.sha256(repr((*parts, provenance.get("opening_roll", ""))).encode()).hexdigest()[:RUN_DIGITS]


def interval_name(level: float) -> str:
    """Return in words what the interval of a paired difference is."""
    return f"{100 * level:g}% interval of the mean difference"


def mean_with_interval(values: NDArray[np.float64], level: float) -> pd.DataFrame:
    """Return mean, low, high and number of replications of each row of `values` (keys x replications).

    The t interval is that of the mean, not the range of replications. Replications without a value (NaN) are left
    out; low and high are NaN where fewer than two are left.
    """
    known = ~np.isnan(values)
    number = known.sum(axis=1)
    mean = _over(np.where(known, values, 0.0).sum(axis=1), number)
    spread = np.where(known, values - mean[:, None], 0.0)
    error = np.sqrt(_over(_over((spread**2).sum(axis=1), number - 1), number))
    half = stdtrit(np.maximum(number - 1, 1), (1 + level) / 2) * error
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half, "replications": number})


def wide(measures: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Return one scenario's measures, keys (index) x replications (columns); ValueError when it has none."""
    mine = measures[measures["scenario"] == scenario]
    if mine.empty:
        known = ", ".join(dict.fromkeys(measures["scenario"]))
        raise ValueError(f"no results of scenario {scenario!r}; there are results of {known}")
    values = mine.set_index([*KEYS, "replication"])["value"]
    return values.unstack("replication", sort=False)  # noqa: PD010 - pivot_table would drop undefined values


def paired_differences(measures: pd.DataFrame, scenario: str, baseline: str, level: float = 0.95) -> pd.DataFrame:
    """Return what a scenario changes: differences from the baseline within each replication, then their mean.

    Parameters
    ----------
    measures : tidy rows with the columns scenario, replication, those of `KEYS`, and value.
    level : of the t interval of the mean difference.

    Returns
    -------
    One row per key, in the order of the baseline: KEYS, baseline_mean, scenario_mean, difference, low, high,
    replications (pairs in which both have a value; both means are taken over these).
    """
    before = wide(measures, baseline)
    after = wide(measures, scenario).reindex(index=before.index, columns=before.columns)
    pair = before.to_numpy() + after.to_numpy()
    change = mean_with_interval(after.to_numpy() - before.to_numpy(), level)
    made = before.index.to_frame(index=False)
    for name, values in (("baseline_mean", before), ("scenario_mean", after)):
        paired = np.where(np.isnan(pair), np.nan, values.to_numpy())
        made[name] = mean_with_interval(paired, level)["mean"].to_numpy()
    made["difference"] = change["mean"]
    return made.assign(**{name: change[name] for name in ("low", "high", "replications")})


def _over(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    made = np.divide(part, whole, out=np.full(len(part), np.nan), where=np.asarray(whole) > 0)
    return cast(NDArray[np.float64], made)


@dataclass(frozen=True)
class Results:
    """What a study found.

    Attributes
    ----------
    measures : one row per scenario, replication, period, measure, provision, phase and district: `value`. The
        keys are categories, to save memory.
    provenance : what run.json says: schema, study, scenarios, county, hashes, versions, seed, stamp, caveats.

    Rows of pupils and recorded facts are kept as Arrow tables and handed out as DataFrames, by scenario.
    """

    measures: pd.DataFrame
    provenance: Mapping[str, Any]
    pupil_tables: Mapping[str, pa.Table] = field(default_factory=dict, repr=False)
    fact_tables: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict, repr=False)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios, the baseline first."""
        return tuple(scenario["name"] for scenario in self.provenance["scenarios"])

    @property
    def baseline(self) -> str:
        """Name of the scenario that the others are compared with."""
        return self.scenarios[0]

    def with_(self, **changes: Any) -> Self:
        """Return a copy with other tables or provenance."""
        return replace(self, **changes)

    def pupils(self, scenario: str) -> pd.DataFrame:
        """Return one row per pupil and replication of a scenario; see `sim.measures.pupils.pupil_table`."""
        return _frame(self.pupil_tables, scenario)

    def recorded(self, table: str, scenario: str) -> pd.DataFrame:
        """Return recorded facts (spells, supports, waits, events, places) of replications kept in full."""
        return _frame(self.fact_tables.get(scenario, {}), table)

    def spells(self, scenario: str) -> pd.DataFrame:
        """Return the placement spells of the replications kept in full."""
        return self.recorded("spells", scenario)

    def means(self, scenario: str, level: float = 0.95) -> pd.DataFrame:
        """Return the mean of every measure over replications, with the t interval of the mean."""
        values = wide(self.measures, scenario)
        found = mean_with_interval(values.to_numpy(), level)
        return pd.concat([values.index.to_frame(index=False), found], axis=1)

    def differences(self, level: float = 0.95) -> pd.DataFrame:
        """Return paired differences of every scenario from the baseline; the first column is `scenario`."""
        others = self.scenarios[1:]
        found = {name: paired_differences(self.measures, name, self.baseline, level) for name in others}
        if not found:
            return paired_differences(self.measures, self.baseline, self.baseline, level).iloc[:0]
        return pd.concat(found, names=["scenario"]).reset_index("scenario").reset_index(drop=True)

    def save(self, folder: str | Path) -> Path:
        """Write the results into a folder, run.json last, and return the folder."""
        root = Path(folder)
        (root / RUN_FILE).unlink(missing_ok=True)
        write_table(pa.Table.from_pandas(self.measures, preserve_index=False), root / MEASURES_FILE)
        for scenario, table in self.pupil_tables.items():
            write_table(table, root / PUPILS_FOLDER / f"{scenario}.parquet")
        for scenario, tables in self.fact_tables.items():
            for name, table in tables.items():
                write_table(table, root / FACTS_FOLDER / scenario / f"{name}.parquet")
        write_json(dict(self.provenance), root / RUN_FILE)
        return root

    def write_csv(self, folder: str | Path) -> Path:
        """Write the measures as measures.csv beside measures.parquet (UTF-8, commas) and return its path."""
        file = (Path(folder) / MEASURES_FILE).with_suffix(".csv")
        self.measures.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
        return file

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Return the results in a folder; FileNotFoundError when it holds none or they are unfinished."""
        root = Path(folder)
        if not (root / RUN_FILE).is_file():
            raise FileNotFoundError(f"{root} holds no finished results: there is no {RUN_FILE}")
        provenance = read_json(root / RUN_FILE)
        names = [scenario["name"] for scenario in provenance["scenarios"]]
        measures = read_table(root / MEASURES_FILE).to_pandas()
        facts = {name: _tables_in(root / FACTS_FOLDER / name) for name in names}
        pupils = _tables_in(root / PUPILS_FOLDER)
        return cls(measures, provenance, {name: pupils[name] for name in names if name in pupils}, facts)


def _frame(tables: Mapping[str, pa.Table], name: str) -> pd.DataFrame:
    if name not in tables:
        raise ValueError(f"nothing is kept for {name!r}; there is {', '.join(tables) or 'nothing'}")
    return cast(pd.DataFrame, tables[name].to_pandas())


def _tables_in(folder: Path) -> dict[str, pa.Table]:
    files = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
    return {file.stem: read_table(file) for file in files}


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table as Parquet (zstd), so that the file is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    pq.write_table(table, part, compression="zstd")
    os.replace(part, file)


def read_table(file: Path) -> pa.Table:
    """Return a table written by `write_table`."""
    return pq.read_table(file)


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write JSON, so that the file is there whole or not at all."""
    write_text(f"{json.dumps(content, indent=2, ensure_ascii=False, default=str)}\n", file)


def write_text(content: str, file: Path) -> None:
    """Write text in UTF-8, so that the file is there whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="\n") as out:
        out.write(content)
    os.replace(part, file)


def read_json(file: Path) -> dict[str, Any]:
    """Return what a JSON file says."""
    with file.open(encoding="utf-8") as said:
        return cast(dict[str, Any], json.load(said))

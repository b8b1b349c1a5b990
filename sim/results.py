"""Results: tidy tables of measures, one row per pupil, recorded facts of chosen replications, and provenance.

A results folder holds `measures.parquet`, `pupils/<scenario>.parquet`, `facts/<scenario>/<table>.parquet`,
`draws.parquet` if parameters were drawn, and `run.json`, which is written last: a folder without it is unfinished.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.markup import brief, counted, listed
from sim.measures.tidy import COLUMNS
from sim.parameters.problems import ConfigurationError, Problem
from sim.uncertainty import NOTHING_DRAWN, PARAMETERS_DRAWN

SCHEMA_VERSION = 1
KEYS = COLUMNS[:-1]
STAMP = "uncalibrated"
CAVEATS = (
    "Uncalibrated: the parameters have not yet been fitted to published figures. Use these numbers to test "
    "the model, not to decide.",
    "Money and placements are not children's outcomes: a cheaper placement is not a better one.",
    "The world modelled has no Covid school closures.",
)
FITTED = (
    "Fitted to published figures (calibration {run}); `pathways validate` tells which of them it does not reproduce."
)
ABOUT = "Placements and money only, not children's outcomes. A world without Covid school closures."
"""The caveats in short, for under a figure, where the stamp stands beside them."""

FOLDERS = "a folder that compare, ask or study run wrote"
AGAIN = "remove the folder, or give another with --output, and run again; finished runs are in the store"
DRAWS_FILE = "draws.parquet"
DRAW_COLUMNS = ("draw", "name", "quantile", "value")
RUN_DIGITS = 10
MEASURES_FILE, PUPILS_FOLDER, FACTS_FOLDER, RUN_FILE = "measures.parquet", "pupils", "facts", "run.json"


class UnreadableFile(ConfigurationError):
    """A file that this program wrote cannot be read: it was cut off, changed, or is something else."""


def stamp_of(calibration: str) -> str:
    """Return what is printed in capitals over results: nothing when their county was calibrated."""
    return "" if calibration else STAMP


def caveats_of(calibration: str) -> list[str]:
    """Return what a reader of results must know, given the run of the county's calibration ('' for none)."""
    return [FITTED.format(run=calibration), *CAVEATS[1:]] if calibration else list(CAVEATS)


def run_id(provenance: Mapping[str, Any]) -> str:
    """Return a short name of a run: the same for the same scenarios, seed, replications, opening roll and sources."""
    scenarios = [(scenario["name"], scenario["parameters"]) for scenario in provenance["scenarios"]]
    parts = (scenarios, *(provenance[name] for name in ("seed", "replications", "code")))
    drawn = [provenance["drawn_from"]] if "drawn_from" in provenance else []
    said = (*parts, provenance.get("opening_roll", ""), *drawn)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:RUN_DIGITS]


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


def paired_differences(
    measures: pd.DataFrame, scenario: str, baseline: str, level: float = 0.95, per_draw: int = 1
) -> pd.DataFrame:
    """Return what a scenario changes: differences from the baseline within each replication, then their mean.

    Parameters
    ----------
    measures : tidy rows with the columns scenario, replication, those of `KEYS`, and value.
    level : of the t interval of the mean difference.
    per_draw : replications that share the parameters of a draw; pairs are averaged within draws before anything else.

    Returns
    -------
    One row per key, in the order of the baseline: KEYS, baseline_mean, scenario_mean, difference, low, high,
    replications (pairs in which both have a value, or draws with such pairs; both means are taken over these).
    """
    before = wide(measures, baseline)
    after = wide(measures, scenario).reindex(index=before.index, columns=before.columns)
    numbers = before.columns.to_numpy()
    pair = after.to_numpy() - before.to_numpy()
    change = mean_with_interval(means_of_draws(pair, numbers, per_draw), level)
    made = before.index.to_frame(index=False)
    for name, values in (("baseline_mean", before), ("scenario_mean", after)):
        paired = means_of_draws(np.where(np.isnan(pair), np.nan, values.to_numpy()), numbers, per_draw)
        made[name] = mean_with_interval(paired, level)["mean"].to_numpy()
    made["difference"] = change["mean"]
    return made.assign(**{name: change[name] for name in ("low", "high", "replications")})


def means_of_draws(values: NDArray[np.float64], numbers: NDArray[np.int64], per_draw: int) -> NDArray[np.float64]:
    """Return the mean of each draw over those of its replications that have a value: rows x draws.

    Parameters
    ----------
    values : rows x replications.
    numbers : of the replications.
    per_draw : replications of each draw.
    """
    if per_draw == 1:
        return values
    draws = numbers // per_draw
    known = ~np.isnan(values)
    made = [
        _over(np.where(known[:, mine], values[:, mine], 0.0).sum(axis=1), known[:, mine].sum(axis=1))
        for mine in (draws == draw for draw in np.unique(draws))
    ]
    return np.column_stack(made) if made else values


def _over(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    made = np.divide(part, whole, out=np.full(len(part), np.nan), where=np.asarray(whole) > 0)
    return cast(NDArray[np.float64], made)


@dataclass(frozen=True, repr=False)
class Results:
    """What a study found.

    Attributes
    ----------
    measures : one row per scenario, replication, period, measure, provision, phase and district: `value`. The
        keys are categories, to save memory.
    provenance : what run.json says: schema, study, scenarios, county, hashes, versions, seed, stamp, caveats.
    draws : what each name came to in each draw: draw, name, quantile and value; without rows while nothing is drawn.

    Rows of pupils and recorded facts are kept as Arrow tables and handed out as DataFrames, by scenario.
    """

    measures: pd.DataFrame
    provenance: Mapping[str, Any]
    pupil_tables: Mapping[str, pa.Table] = field(default_factory=dict, repr=False)
    fact_tables: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict, repr=False)
    draws: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DRAW_COLUMNS)), repr=False)

    def __repr__(self) -> str:
        said = self.provenance
        drawn = f" in {counted(said['draws'], 'draw')} of the parameters" if "draws" in said else ""
        number = f"{counted(said['replications'], 'replication')}{drawn}"
        return brief(
            type(self).__name__, run_id(said), listed(self.scenarios), number, said["county"]["label"], said["stamp"]
        )

    @property
    def per_draw(self) -> int:
        """Replications of each draw, which share its parameters; 1 while nothing is drawn."""
        return int(self.provenance.get("replications_per_draw", 1))

    @property
    def are_drawn(self) -> bool:
        """Whether parameters were drawn."""
        return bool(self.provenance.get("uncertainty", NOTHING_DRAWN) == PARAMETERS_DRAWN)

    def of_draws(self) -> Self:
        """Return the results with the mean of each draw in place of its replications; as they are if nothing is drawn.

        Intervals of a mean are worked out from these, as replications of one draw are alike.
        """
        return self if self.per_draw == 1 else self._means_of_draws

    def one_by_one(self) -> Self:
        """Return the results with every replication standing for itself: for chances and ranges of single futures."""
        return self.with_(provenance={**self.provenance, "replications_per_draw": 1})

    @cached_property
    def _means_of_draws(self) -> Self:
        number = self.measures["replication"] // self.per_draw
        keys = ["scenario", "replication", *KEYS]
        found = self.measures.assign(replication=number).groupby(keys, sort=False, observed=True)["value"].mean()
        return self.with_(measures=found.reset_index(), provenance={**self.provenance, "replications_per_draw": 1})

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

    def means(self, scenario: str, level: float = 0.95) -> pd.DataFrame:
        """Return the mean of every measure over replications (or draws), with the t interval of the mean."""
        values = wide(self.of_draws().measures, scenario)
        found = mean_with_interval(values.to_numpy(), level)
        return pd.concat([values.index.to_frame(index=False), found], axis=1)

    def differences(self, level: float = 0.95) -> pd.DataFrame:
        """Return paired differences of every scenario from the baseline; the first column is `scenario`."""
        others, of_draws = self.scenarios[1:], (level, self.per_draw)
        found = {name: paired_differences(self.measures, name, self.baseline, *of_draws) for name in others}
        if not found:
            nothing = paired_differences(self.measures, self.baseline, self.baseline, *of_draws).iloc[:0]
            nothing.insert(0, "scenario", pd.Series(dtype="str"))
            return nothing
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
        (root / DRAWS_FILE).unlink(missing_ok=True)
        if len(self.draws):
            write_table(pa.Table.from_pandas(self.draws, preserve_index=False), root / DRAWS_FILE)
        write_json(dict(self.provenance), root / RUN_FILE)
        return root

    def write_csv(self, folder: str | Path) -> Path:
        """Write the measures as measures.csv beside measures.parquet (UTF-8, commas) and return its path."""
        file = (Path(folder) / MEASURES_FILE).with_suffix(".csv")
        self.measures.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
        return file

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Return the results in a folder.

        Raises FileNotFoundError when it holds none or they are unfinished, UnreadableFile when they are damaged.
        """
        root = Path(folder)
        if not (root / RUN_FILE).is_file():
            raise FileNotFoundError(f"{root} holds no finished results: there is no {RUN_FILE}; give {FOLDERS}")
        provenance = read_run(root)
        names = [scenario["name"] for scenario in provenance["scenarios"]]
        measures = read_table(root / MEASURES_FILE).to_pandas()
        facts = {name: _tables_in(root / FACTS_FOLDER / name) for name in names}
        pupils = _tables_in(root / PUPILS_FOLDER)
        found = cls(measures, provenance, {name: pupils[name] for name in names if name in pupils}, facts)
        file = root / DRAWS_FILE
        return found.with_(draws=read_table(file).to_pandas()) if file.is_file() else found


def read_run(folder: Path) -> dict[str, Any]:
    """Return what run.json of a results folder says; UnreadableFile when it is damaged or not one."""
    said = read_json(folder / RUN_FILE)
    if "scenarios" not in said:
        raise _unreadable(folder / RUN_FILE, "no scenarios")
    return said


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
    """Return a table written by `write_table`; UnreadableFile when it is damaged."""
    try:
        return pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise _unreadable(file, "no whole Parquet file") from None


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
    """Return what a JSON file with an object says; UnreadableFile when it is damaged."""
    try:
        with file.open(encoding="utf-8") as content:
            said = json.load(content)
    except ValueError:
        raise _unreadable(file, "no whole JSON file") from None
    if not isinstance(said, dict):
        raise _unreadable(file, "JSON without keys")
    return said


def _unreadable(file: Path, found: str) -> UnreadableFile:
    return UnreadableFile(Problem(str(file), "", found, "the file as this program wrote it", AGAIN))

"""Results written as a folder of tables for other tools, with a description of every column."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.recorded import ACTIVITY, CASE, INSTANTS, TIMESTAMP
from sim.analysis.stays import COLUMNS as STAY
from sim.dictionary import Word, dictionary
from sim.engine.journal import COLUMNS as RECORDED
from sim.results import KEYS, run_id, write_text
from sim.store import FACTS

FORMS = ("parquet", "csv")
ANY_KIND = "days_*"
"""Stands for a column for each kind of placement."""


def _in_words(name: str) -> Iterator[str]:
    """Yield the columns of a recorded table in words."""
    yield from ("scenario", "replication")
    for column in RECORDED[name]:
        yield from (column, f"{column}_date") if column in INSTANTS else (column,)


DATASET: Mapping[str, tuple[str, ...]] = {
    "measures": ("scenario", "replication", *KEYS, "value"),
    "differences": (
        *("scenario", *KEYS, "baseline_mean", "scenario_mean", "difference", "low", "high", "replications"),
    ),
    "flows": ("scenario", "period", "source", "target", "phase", "mean", "low", "high", "replications"),
    "pupils": (
        *("scenario", "replication", "pupil", "cohort", "year_group_of_onset", "number", "male", "district"),
        *("school_signed", ANY_KIND),
        *("suspensions", "permanent_exclusions", "plans_issued", "tuition_entries", "spend_gbp"),
    ),
    **{name: tuple(_in_words(name)) for name in FACTS},
    "stays": STAY,
    "event_log": (CASE, ACTIVITY, TIMESTAMP, "scenario", "replication", "pupil", "provision", "kind"),
}
"""Columns of the tables of a data set; tests compare them with what is written."""


def write_dataset(tables: Mapping[str, pd.DataFrame], folder: Path, form: str, provenance: Mapping[str, Any]) -> Path:
    """Write tables and columns.csv into a folder, which is made, and return it; each file is there whole or not at all.

    Parameters
    ----------
    form : 'parquet' or 'csv'; ValueError for another.
    """
    if form not in FORMS:
        raise ValueError(f"form is {' or '.join(map(repr, FORMS))}; found {form!r}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        if form == "csv":
            write_text(_as_csv(table), folder / f"{name}.csv")
        else:
            _write_parquet(table, folder / f"{name}.parquet")
    write_text(_as_csv(described(tables).assign(run=run_id(provenance))), folder / "columns.csv")
    return folder


def described(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what each column of some tables is: table, column, meaning, unit."""
    words = dictionary()
    made = []
    for name, table in tables.items():
        own = words.dataset[name].columns if name in words.dataset else {}
        for column in map(str, table):
            word = word_of(column, {**words.dataset_shared, **own})
            made.append((name, column, word.meaning, word.unit))
    return pd.DataFrame(made, columns=["table", "column", "meaning", "unit"])


def word_of(column: str, words: Mapping[str, Word]) -> Word:
    """Return the meaning of a column; of one that the dictionary lacks, such as one of one's own, its name."""
    name = ANY_KIND if column.startswith(ANY_KIND[:-1]) else column
    return words.get(name) or Word(meaning=column.replace("_", " "))


def _as_csv(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, lineterminator="\n"))


def _write_parquet(table: pd.DataFrame, file: Path) -> None:
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    table.to_parquet(part, index=False)
    os.replace(part, file)

"""Results written as a folder of tables for other tools, with a description of every column."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.results import run_id

FORMS = ("parquet", "csv")
DESCRIBED = {
    "scenario": "name of the scenario; the first in run.json is the baseline",
    "replication": "number of the run; the same number has the same luck in every scenario",
    "period": "academic year 2019/20, financial year 2019-20, census Jan 2020 or calendar year 2020",
    "measure": "what is counted",
    "provision": "provision, kind of provision, budget line, flow, or 'all'",
    "phase": "primary, secondary, or 'all'",
    "district": "district of the county, or 'all'",
    "value": "the figure, in the unit of the measure: pupils, moves, school days or pounds (cash)",
    "pupil": "pupil of the model (nobody real): cohort, year group of onset, number",
    "start": "school days from the start of the run",
    "end": "school days from the start of the run",
    "at": "school days from the start of the run",
    "start_date": "date of start",
    "end_date": "date of end",
    "at_date": "date of at",
    "record": "how the need is recorded: none, sen_support or plan",
    "case": "scenario/replication/pupil",
    "activity": "what happened",
    "timestamp": "day on which it happened",
    "mean": "mean over replications (draws, if parameters are drawn)",
    "difference": "mean of scenario less baseline, replications paired",
    "low": "lower end of the 95% interval of the mean",
    "high": "upper end of the 95% interval of the mean",
    "replications": "replications (draws) that the mean is over",
    "spend_gbp": "pounds, cash, from the start of the study on",
}


def write_dataset(tables: Mapping[str, pd.DataFrame], folder: Path, form: str, provenance: Mapping[str, Any]) -> Path:
    """Write tables and columns.csv into a folder, which is made, and return it.

    Parameters
    ----------
    form : 'parquet' or 'csv'; ValueError for another.
    """
    if form not in FORMS:
        raise ValueError(f"form is {' or '.join(map(repr, FORMS))}; found {form!r}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        if form == "csv":
            table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")
        else:
            table.to_parquet(folder / f"{name}.parquet", index=False)
    columns = [(name, str(column), _meaning(str(column))) for name, table in tables.items() for column in table]
    said = pd.DataFrame(columns, columns=["table", "column", "meaning"]).assign(run=run_id(provenance))
    said.to_csv(folder / "columns.csv", index=False, encoding="utf-8", lineterminator="\n")
    return folder


def _meaning(column: str) -> str:
    if column.startswith("days_"):
        return "school days in this placement from the start of the study on"
    return DESCRIBED.get(column, column.replace("_", " "))

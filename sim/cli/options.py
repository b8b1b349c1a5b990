"""Options that several commands share, and the formats and exit codes they speak of."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

FAILED, UNUSABLE, STOPPED = 1, 2, 130
"""Exit codes: some runs failed (or documents differ), the command cannot be used, stopped by the user."""


class TableFormat(StrEnum):
    """Formats of the tables in a results folder; Parquet is always written."""

    PARQUET = "parquet"
    CSV = "csv"


class UncertaintyOf(StrEnum):
    """What is drawn for a study: nothing, or every parameter that has a range."""

    NONE = "none"
    PARAMETERS = "parameters"


class YearsOf(StrEnum):
    """How the years of the study are put together."""

    MEAN = "mean"
    SUM = "sum"
    LAST = "last"


class AimOf(StrEnum):
    """Whether the smallest or the largest is the best."""

    LEAST = "least"
    MOST = "most"


Uncertain = Annotated[
    UncertaintyOf | None,
    typer.Option(
        "--uncertainty",
        help="parameters: draw every figure that has a range, the same for all scenarios; none: hold them.",
    ),
]
CountyName = Annotated[
    str | None,
    typer.Option(
        "--county", "--config", metavar="NAME_OR_DIR", help="County that comes with the package, or a folder with one."
    ),
]
ScenarioNames = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="NAME_OR_FILE", help="Scenario to compare with the baseline; may be repeated."),
]
ScenarioName = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME_OR_FILE", help="Scenario: a name or a YAML file.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all luck; the same seed, the same answer.")]
Replications = Annotated[int | None, typer.Option("--replications", min=1, help="Runs of each scenario.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes to use; one per core if not given.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="DIR", help="Results folder; if not given, results/<county>-<scenario>-seed<seed>."
    ),
]
OpeningRollFile = Annotated[
    Path | None,
    typer.Option(
        "--opening-roll",
        metavar="FILE",
        help="CSV of pupils to start with, in place of a run-in; only its hash is ever written down.",
    ),
]
Format = Annotated[
    TableFormat, typer.Option("--format", help="csv: also write measures.csv, a copy of measures.parquet.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress.")]
StoreFolder = Annotated[
    Path | None,
    typer.Option(
        "--store", metavar="DIR", help="Run store, which several studies may share; finished runs are kept there."
    ),
]
Cluster = Annotated[
    str,
    typer.Option("--cluster", metavar="ADDRESS|local", help="Dask scheduler to run on, or local to start one here."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and how long it takes.")]

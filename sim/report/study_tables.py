"""What a study of a file found: headline measures with interval and run-to-run range, and its points.

While no parameters are drawn, the range is due to luck alone; that of futures would be wider.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.quantities import by_replication
from sim.experiments import Experiment
from sim.experiments.points import plain
from sim.questions import LooksAt
from sim.report.drawn_words import how_many, range_name, variance_in_words, variance_table
from sim.report.finding_tables import change_table, level_table
from sim.report.frames import range_of_futures
from sim.report.looked_at import Change, changes, levels_over_study
from sim.report.plain_table import GAP, plain_table
from sim.report.sensitivity_words import cheapest_in_words
from sim.report.study_precision import precision_in_words
from sim.results import Results, interval_name

DESIGN_FILE, HEADLINES_FILE, VARIANCE_FILE = "design.csv", "headlines.csv", "variance.csv"
WIDTH = 110
MOST_POINTS = 10
"""So many points of a design are printed at most; all are in design.csv."""

Futures = Mapping[tuple[LooksAt, str], tuple[float, float]]


def study_in_words(experiment: Experiment, results: Results) -> str:
    """Return the headline table of a study, its points, what its precision came to, and what to keep in mind."""
    said = results.provenance
    names = {one["name"]: one["title"] or one["name"] for one in said["scenarios"][1:]}
    origin = f"{said['county']['label']}. Run {said['run']}, seed {said['seed']}, {how_many(said)}."
    if not names:
        table = level_table(levels_over_study(results, experiment.looks_at), range_name(said))
    else:
        found = changes(results, experiment.looks_at)
        table = change_table(found, _labels(experiment, names), futures_of(results, found), WIDTH, range_name(said))
    split = variance_in_words(results, experiment.looks_at, WIDTH)
    sure = [line for line in [cheapest_in_words(results)] if line]
    variance = [*split, ""] if split else []
    caveats = [_wrapped(f"* {caveat}") for caveat in said["caveats"]]
    told = [_wrapped(line) for line in (*sure, _apart(said), *precision_in_words(said, experiment.looks_at))]
    parts = [experiment.title, "", table, "", *points_in_words(experiment), *variance, *told, "", *caveats, "", origin]
    return "\n".join(parts)


def _apart(said: Mapping[str, Any]) -> str:
    """Return how the two ranges of a table differ."""
    name = range_name(said)
    if "draws" in said:
        return (
            f"The {interval_name(0.95)} says how well the mean over all that is not known is known, and narrows with "
            f"draws of the parameters. The {name} (10th to 90th percentile of all replications) says what one future "
            "may bring, by luck and by parameters that are not known, and does not."
        )
    return (
        f"The {interval_name(0.95)} says how well the mean is known, and narrows with replications. The {name} "
        "(10th to 90th percentile of the replications) says what luck alone may bring in one run, and does not. It "
        "leaves out what is not known about the parameters, which are the same in all runs."
    )


def points_in_words(experiment: Experiment) -> list[str]:
    """Return the levels of the factors at the first points of a design, and where the others are; nothing without."""
    points = experiment.points
    if not points:
        return []
    rows = [(point.scenario, *map(plain, point.levels.values())) for point in points[:MOST_POINTS]]
    heads = tuple(points[0].levels)
    columns = zip(("", *heads), *rows, strict=True)
    width = min(WIDTH, sum(max(map(len, column)) + GAP for column in columns))
    where = f"All are in {DESIGN_FILE}." if len(points) <= MOST_POINTS else f"The other points are in {DESIGN_FILE}."
    number = f"the first {MOST_POINTS} of {len(points)}" if len(points) > MOST_POINTS else str(len(points))
    return [f"Points of the design ({number}):", plain_table(heads, rows, width), where, ""]


def futures_of(results: Results, found: Sequence[Change]) -> Futures:
    """Return the 10th and 90th percentile, over replications, of the paired difference of each change."""
    start = pd.Timestamp(results.provenance["horizon"]["study_start"]).date()
    ranges = {}
    for quantity in dict.fromkeys(change.quantity for change in found):
        values = by_replication(results.measures, quantity, start)
        for change in found:
            if change.quantity == quantity:
                pairs = (values.loc[change.scenario] - values.loc[results.baseline]).dropna().to_numpy()
                if len(pairs):
                    ranges[quantity, change.scenario] = range_of_futures(pairs)
    return ranges


def _write(rows: list[dict[str, Any]], file: Path) -> None:
    """Write rows as CSV; without any, remove what an earlier study may have left there."""
    if rows:
        pd.DataFrame(rows).to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
    else:
        file.unlink(missing_ok=True)


def write_study(experiment: Experiment, results: Results, folder: Path) -> None:
    """Write headlines.csv into the results folder, design.csv for a design, variance.csv if parameters were drawn."""
    found = changes(results, experiment.looks_at)
    futures = futures_of(results, found)
    rows = [
        {
            "scenario": change.scenario,
            **change.quantity.model_dump(include={"label", "measure", "provision", "phase", "over", "unit"}),
            "period": change.period,
            **{key: getattr(change, key) for key in ("before", "after", "difference", "low", "high")},
            **dict(zip(("p10", "p90"), futures.get((change.quantity, change.scenario), ("", "")), strict=True)),
            "stamp": results.provenance["stamp"],
        }
        for change in found
    ]
    _write(rows, folder / HEADLINES_FILE)
    split = variance_table(results, experiment.looks_at) if results.are_drawn else pd.DataFrame()
    _write(
        [{str(key): value for key, value in row.items()} for row in split.to_dict("records")], folder / VARIANCE_FILE
    )
    _write([{"scenario": point.scenario, **point.levels} for point in experiment.points], folder / DESIGN_FILE)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  " if text.startswith("* ") else "")


def _labels(experiment: Experiment, titles: Mapping[str, str]) -> Mapping[str, str]:
    """Return what rows are called: points of a design by their names, which are short."""
    return {name: name if experiment.points else title for name, title in titles.items()}

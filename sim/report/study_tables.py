"""What a study of a file found: headline measures with interval and range of futures, precision, and its design."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.quantities import by_replication
from sim.experiments import Experiment
from sim.questions import LooksAt
from sim.report.finding_tables import change_table, level_table
from sim.report.frames import range_of_futures
from sim.report.looked_at import Change, changes, levels_over_study
from sim.results import Results, interval_name

DESIGN_FILE, HEADLINES_FILE = "design.csv", "headlines.csv"
WIDTH = 110
Futures = Mapping[tuple[LooksAt, str], tuple[float, float]]


def study_in_words(experiment: Experiment, results: Results) -> str:
    """Return the headline table of a study, what its precision came to, and what to keep in mind."""
    said = results.provenance
    names = {one["name"]: one["title"] or one["name"] for one in said["scenarios"][1:]}
    number = f"{said['replications']} replication{'s' if said['replications'] > 1 else ''}"
    origin = f"{said['county']['label']}. Run {said['run']}, seed {said['seed']}, {number}."
    if not names:
        table = level_table(levels_over_study(results, experiment.looks_at))
    else:
        found = changes(results, experiment.looks_at)
        table = change_table(found, _labels(experiment, names), futures_of(results, found), WIDTH)
    apart = (
        f"The {interval_name(0.95)} says how well the mean is known, and narrows with replications. The range of "
        "futures (10th to 90th percentile of the replications) says what one future may bring, and does not."
    )
    caveats = [_wrapped(f"* {caveat}") for caveat in said["caveats"]]
    told = [_wrapped(line) for line in (apart, *precision_in_words(said))]
    return "\n".join([experiment.title, "", table, "", *told, "", *caveats, "", origin])


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


def precision_in_words(provenance: Mapping[str, Any]) -> list[str]:
    """Return lines about the precision reached: after how many replications, or how many more would be needed."""
    said = provenance.get("precision", {})
    if "most" not in said:
        return []
    if said["reached_after"] is not None:
        reached, number = said["reached_after"], said["replications"]
        return [
            f"Every paired difference was as precise as asked after {reached} replications, and stayed so to {number}."
        ]
    short = [one for one in said["intervals"] if one["more_needed"] != 0]
    lines = [f"The budget of {said['most']} replications ended before every paired difference was as precise as asked."]
    if not short:
        return [*lines, "All are so now, but have not been so for long enough to be sure that it was not luck."]
    return lines + [_shortfall(one) for one in short]


def _shortfall(one: Mapping[str, Any]) -> str:
    parts = (one["measure"], one["provision"], one["phase"])
    name = " ".join(part for part in parts if part and part != "all")
    if one["half_width"] is None:
        return f"* {one['scenario']}, {name}: no figures in this county."
    more = "no number would be enough" if one["more_needed"] is None else f"about {one['more_needed']:,} more needed"
    return f"* {one['scenario']}, {name}: +-{one['half_width']:.3g}, to be {one['at_most'] or 0:.3g}; {more}."


def write_study(experiment: Experiment, results: Results, folder: Path) -> None:
    """Write headlines.csv, and design.csv for a design, into the results folder."""
    found = changes(results, experiment.looks_at)
    futures = futures_of(results, found)
    rows = [
        {
            "scenario": change.scenario,
            **change.quantity.model_dump(include={"label", "measure", "provision", "phase", "over", "unit"}),
            "period": change.period,
            **{key: getattr(change, key) for key in ("before", "after", "difference", "low", "high")},
            **dict(zip(("p10", "p90"), futures.get((change.quantity, change.scenario), ("", "")), strict=True)),
        }
        for change in found
    ]
    if rows:
        _write(pd.DataFrame(rows).assign(stamp=results.provenance["stamp"]), folder / HEADLINES_FILE)
    if experiment.points:
        _write(
            pd.DataFrame([{"scenario": point.scenario, **point.levels} for point in experiment.points]),
            folder / DESIGN_FILE,
        )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  " if text.startswith("* ") else "")


def _write(table: pd.DataFrame, file: Path) -> None:
    table.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")


def _labels(experiment: Experiment, titles: Mapping[str, str]) -> Mapping[str, str]:
    """Return what rows are called: points of a design by their names, which are short."""
    return {name: name if experiment.points else title for name, title in titles.items()}

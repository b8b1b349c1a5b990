"""How results show themselves in a notebook: the headline table, each change in words with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.markup import block, element, table
from sim.report.drawn_words import how_many
from sim.report.frames import changes_of, levels_of
from sim.report.tables import TOTALS, study_year
from sim.report.words import level
from sim.results import Results, interval_name, run_id

LEVEL = 0.95
MOST_SHOWN = 6
"""Scenarios whose table is shown; of more there is only said that they are there."""


def results_html(results: Results) -> str:
    """Return the headline table of each scenario with intervals in words; levels, if there is one scenario only."""
    said = results.provenance
    stamp = element("p", said["stamp"].upper(), "font-weight:bold") if said["stamp"] else ""
    origin = f"{said['county']['label']}. Run {run_id(said)}, seed {said['seed']}, {how_many(said)}."
    others = results.scenarios[1:]
    parts = [_changes(results, name) for name in others[:MOST_SHOWN]] or [_levels(results)]
    more = f"And {len(others) - MOST_SHOWN} more scenarios: .differences() has all." if len(others) > MOST_SHOWN else ""
    caveats = [element("li", caveat) for caveat in said["caveats"]]
    return block(
        stamp, *parts, element("p", more) if more else "", element("p", origin), f"<ul>{''.join(caveats)}</ul>"
    )


def in_words(row: Mapping[Any, Any]) -> str:
    """Return a change with its interval in words, such as 'down 3.1 (2.0 to 4.2)' or 'no change told from chance'."""
    digits, change = int(row["digits"]), row["difference"]
    if change != change:
        return "not known"
    if row["low"] != row["low"]:
        return f"{_way(change, digits)}, no interval (one replication)"
    ends = sorted((row["low"], row["high"]))
    if ends[0] <= 0 <= ends[1]:
        return f"{_way(change, digits)}, but may be {_way(ends[0], digits)} or {_way(ends[1], digits)}"
    near, far = sorted(abs(end) for end in ends)
    return f"{_way(change, digits)} (between {near:,.{digits}f} and {far:,.{digits}f})"


def _way(change: float, digits: int) -> str:
    size = f"{abs(change):,.{digits}f}"
    return "no change" if not round(change, digits) else f"{'down' if change < 0 else 'up'} {size}"


def _changes(results: Results, scenario: str) -> str:
    titles = {one["name"]: one["title"] for one in results.provenance["scenarios"]}
    found = changes_of(results, scenario)
    heads = ("", "unit", "baseline", "scenario", f"change ({interval_name(LEVEL)})")
    title = element("b", f"{titles[scenario] or scenario}, compared with the baseline")
    return title + table(heads, _rows(found[~found["group"].isin(TOTALS)].to_dict("records")))


def _rows(records: list[dict[Any, Any]]) -> Iterator[tuple[str, ...]]:
    for row in records:
        digits = int(row["digits"])
        unit = f"{row['unit']}, {row['period']}"
        levels = (level(row[name], digits) for name in ("baseline_mean", "scenario_mean"))
        yield f"{row['group']}: {row['quantity']}", unit, *levels, in_words(row)


def _levels(results: Results) -> str:
    found = levels_of(results, study_year(results))
    heads = ("", "unit", "mean", "95% interval of the mean", "10th to 90th percentile of runs")
    rows = []
    for row in found.to_dict("records"):
        ends = {name: level(row[name], int(row["digits"])) for name in ("mean", "low", "high", "p10", "p90")}
        interval = f"{ends['low']} to {ends['high']}" if row["low"] == row["low"] else "no interval"
        what = f"{row['group']}: {row['quantity']}"
        rows.append((what, row["unit"], ends["mean"], interval, f"{ends['p10']} to {ends['p90']}"))
    return element("b", f"Baseline, years from {study_year(results)}") + table(heads, rows)

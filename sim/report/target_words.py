"""Published against simulated figures, in plain words and a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sim.analysis.calibration.table import MARKOV, RANGE, coverage
from sim.parameters.targets import Use
from sim.report.amounts import Style, is_money, is_share
from sim.report.plain_table import plain_table
from sim.report.words import NOT_KNOWN

WIDTH = 120
HEADINGS = {
    Use.CALIBRATE: "Calibrated to",
    Use.VALIDATE: "Held out",
    Use.CONTEXT: "For context, not scored",
}
NOTES = (
    "Published: with the {observed} interval of what lies behind the figure, chance in a small count or error of an "
    "estimate. Simulated: median over runs, and the range within which {range} of published figures would lie if the "
    "model were right. Distance: between the published figure and the mean of the runs, in standard deviations of all "
    "that may lie between them, the stated discrepancy of the model included and the spread of the ensemble left out; "
    "above 3 is implausible.",
    "Ranges overlap and targets share pupils, so that the numbers inside are a guide and no test.",
)
MARKOV_NOTE = (
    "Markov: what a cohort projection of the county's central figures expects, by year group, place, record and "
    "severity, written apart from the simulation. It has the pupils, rates, routes, stays and prices of each year, but "
    "always a place and never a queue, no casework or support team, no crisis that makes the next more likely, and no "
    "unlike pupils or schools. It is no rival forecast: what lies between it and the simulated figure is what these "
    "add, and what comes of drawing uncertain figures in the runs. Empty where it cannot say: waits, delays, how many "
    "different pupils, and money for places or staff."
)


def targets_in_words(table: pd.DataFrame, origin: str = "", level: float = RANGE) -> str:
    """Return the table of `sim.analysis.calibration.table.target_table` as plain text, with how many are inside.

    Parameters
    ----------
    origin : a last line that says where the runs come from.
    level : of the simulated range in `table`.
    """
    has_markov = MARKOV in table
    heads = [
        "published\n(95% interval)",
        f"simulated\n({level:.0%} range)",
        *(["Markov"] if has_markov else []),
        "inside",
        "distance",
    ]
    notes = [note.format(observed="95%", range=f"{level:.0%}") for note in NOTES]
    notes += [MARKOV_NOTE] if has_markov else []
    told = [*coverage_in_words(table, level), *notes, *([origin] if origin else [])]
    return "\n\n".join([plain_table(heads, _rows(table), WIDTH), *(textwrap.fill(line, WIDTH) for line in told)])


def coverage_in_words(table: pd.DataFrame, level: float = RANGE) -> list[str]:
    """Return a line for each use that is scored: how many targets lie inside the simulated range."""
    found = coverage(table)
    return [
        f"{HEADINGS[Use(use)]}: {row['inside']:.0f} of {row['targets']:.0f} published figures lie inside the simulated "
        f"{level:.0%} range."
        for use, row in found.iterrows()
        if use in HEADINGS
    ]


def amount(value: float, row: Mapping[Any, Any]) -> str:
    """Return a figure of a target: £m, % or a number in its unit, as fine as its published interval deserves.

    Counts are given in full.
    """
    unit = str(row["unit"])
    style = Style.of(unit, row["observed"], row["observed_low"], row["observed_high"])
    if pd.isna(value):
        return NOT_KNOWN
    if is_money(unit) or is_share(unit):
        return style.signed(value)
    return f"{'-' if value < 0 else ''}{replace(style, place=min(style.place, 0)).number(value)}"


def name_of(row: Mapping[Any, Any]) -> str:
    """Return the label of a target with its unit, where figures do not show it."""
    unit = str(row["unit"])
    if is_share(unit):
        return str(row["label"])
    said = unit.removeprefix("GBP").strip(" ,") if is_money(unit) else unit
    return f"{row['label']} ({said})" if said else str(row["label"])


def by_use(table: pd.DataFrame) -> Iterator[tuple[str, list[dict[Any, Any]]]]:
    """Yield the heading and the rows of each use there is, in the order of HEADINGS."""
    for use, heading in HEADINGS.items():
        rows = table[table["use"] == str(use)].to_dict("records")
        if rows:
            yield heading, rows


def _rows(table: pd.DataFrame) -> Iterator[str | tuple[str, ...]]:
    for heading, rows in by_use(table):
        yield heading
        for row in rows:
            markov = ["" if pd.isna(row[MARKOV]) else amount(row[MARKOV], row)] if MARKOV in row else []
            observed = _with_ends(row, "observed")
            simulated = _with_ends(row, "simulated") if row["runs"] else "not simulated"
            inside = {True: "yes", False: "no"}.get(row["inside"], "")
            distance = f"{row['distance']:.1f}" if row["runs"] else ""
            yield f"  {name_of(row)}", observed, simulated, *markov, inside, distance


def _with_ends(row: Mapping[Any, Any], which: str) -> str:
    middle, low, high = (amount(row[f"{which}{end}"], row) for end in ("", "_low", "_high"))
    return f"{middle} ({low} to {high})"

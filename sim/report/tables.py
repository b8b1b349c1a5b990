"""Results as tables for a terminal: what a scenario changes, levels, and stories side by side.

Everything is printed through `console`, which keeps to signs that the terminal's encoding has.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from math import isnan
from pathlib import Path
from typing import IO, Any

import pandas as pd
from rich.box import ASCII_DOUBLE_HEAD, SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.analysis.comparison import headline_rows
from sim.measures.ledger import IN_BLOCK
from sim.report.drawn_words import how_many, range_name, variance_in_words
from sim.report.frames import (
    BALANCE,
    LEVEL,
    MILLION,
    THOUSAND,
    changes_by_year,
    changes_of,
    levels_of,
    lines_in_use,
    spend_rows,
)
from sim.report.stories import Pair, in_words, year_words
from sim.report.words import between, level, signed
from sim.results import Results, interval_name, run_id
from sim.school_year import academic_year_label, academic_year_of, financial_year_label, year_start

LOG_WIDTH = 118
TOTALS = ("Spend over the study",)
"""Groups that repeat another one as totals; they stand in differences.csv only."""
VARIANCE_OF = ("Pupils on roll", "Crises", "High needs block")
"""Groups of which it is said how much of their variance is due to what."""
SAME = "as on the left"
OPENED = (
    "* The runs start from an opening roll: waiting lists, support and casework of that day are not in it, and none "
    "of its pupils is in the tables of pupils and of recorded facts."
)


def console(file: IO[str] | None = None) -> Console:
    """Return a console; one that is not a terminal (a log file) is wide enough for every table."""
    out = file or sys.stdout
    found = Console(file=out, highlight=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = LOG_WIDTH
    return found


def box_for(out: Console) -> Box:
    """Return the lines of a table that the terminal can show."""
    return ASCII_DOUBLE_HEAD if out.options.ascii_only or out.legacy_windows else SIMPLE_HEAD


def study_year(results: Results) -> int:
    """Return the academic year in which the study starts, from which changes are averaged."""
    return academic_year_of(date.fromisoformat(str(results.provenance["horizon"]["study_start"])))


def printed_differences(results: Results) -> pd.DataFrame:
    """Return the printed differences of every scenario, with the run id, as written to differences.csv."""
    found = [changes_of(results, scenario) for scenario in results.scenarios[1:]]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    said = results.provenance
    return table.assign(interval=interval_name(LEVEL), stamp=said["stamp"], run=run_id(said))


def print_comparison(out: Console, results: Results) -> None:
    """Print for each scenario the paired differences, spend by year and line, and what to keep in mind."""
    titles = {one["name"]: one["title"] for one in results.provenance["scenarios"]}
    for scenario in results.scenarios[1:]:
        out.print()
        out.print(Text(f"{titles[scenario] or scenario}, compared with the baseline", style="bold"))
        found = changes_of(results, scenario)
        out.print(_change_table(out, found))
        out.print(_year_table(out, results, scenario))
        out.print(_line_table(out, results, scenario))
        for line in plain_words(found):
            out.print(line)
        out.print()
    _print_variance(out, results, VARIANCE_OF)
    print_caveats(out, results)


def _print_variance(out: Console, results: Results, groups: Sequence[str]) -> None:
    """Print how much of the variance of headline quantities is due to parameters, if they were drawn."""
    rows = [row for row in headline_rows(results.provenance["lines"]) if row.group in groups]
    for line in variance_in_words(results, rows, out.width):
        out.print(line)
    if results.are_drawn:
        out.print()


def print_levels(out: Console, results: Results) -> None:
    """Print the levels of the first scenario in the baseline year and in the last year."""
    horizon = results.provenance["horizon"]
    years = (year_start(horizon["baseline_academic_year"]), year_start(horizon["last_academic_year"]))
    for year in dict.fromkeys(years):
        out.print(_level_table(out, results, year))
    _print_variance(out, results, VARIANCE_OF)
    print_caveats(out, results)


def print_caveats(out: Console, results: Results) -> None:
    """Print the stamp, the caveats and the run id."""
    said = results.provenance
    for caveat in said["caveats"]:
        out.print(f"* {caveat}")
    if said.get("opening_roll"):
        out.print(OPENED)
    out.print(f"{said['county']['label']}. Run {run_id(said)}, seed {said['seed']}, {how_many(said)}.")
    if said["replications"] == 1:
        out.print("One replication gives no interval: run more before reading anything into a difference.")


def print_pairs(out: Console, pairs: Sequence[Pair], titles: tuple[str, str]) -> None:
    """Print two lives side by side, by date, with a line where they part."""
    table = Table("Date", "Year", *titles, box=box_for(out), show_lines=False)
    for pair in pairs:
        if pair.parts_here:
            mark = Text("-- from here on the two lives differ --", style="bold")
            table.add_row("", "", mark, mark)
        same = pair.first == pair.second
        right = SAME if same else "; ".join(pair.second)
        table.add_row(in_words(pair.day), year_words(pair.year_group), "; ".join(pair.first), right)
    out.print(table)


def plain_words(found: pd.DataFrame) -> list[str]:
    """Return what `changes` found, in sentences: only changes whose interval excludes no change are named."""
    clear = found[((found["low"] > 0) | (found["high"] < 0)) & ~found["group"].isin(TOTALS)]
    if clear.empty:
        return ["In plain words: no change is larger than what chance alone may bring."]
    lines = ["In plain words: changes that these runs tell from no change (95% interval of the mean change):"]
    for heading, rows in _sections(clear):
        told = [text for label, row in rows if (text := _up_or_down(label, row))]
        lines += [f"* {heading}: {'; '.join(told)}."] if told else []
    return [
        *lines,
        "All else in the first table has an interval that includes no change, or a change that rounds to none.",
    ]


def _sections(table: pd.DataFrame) -> Iterator[tuple[str, list[tuple[str, dict[Hashable, Any]]]]]:
    """Yield each group's heading, with its units and years, and its rows with their labels."""
    for group, rows in table.groupby("group", sort=False):
        records, unit, period = rows.to_dict("records"), set(rows["unit"]), set(rows["period"])
        heading = f"{group} ({'; '.join(str(*found) for found in (unit, period) if len(found) == 1)})"
        yield heading, [(row["quantity"] + ("" if len(unit) == 1 else f" ({row['unit']})"), row) for row in records]


def _up_or_down(label: str, row: Mapping[Any, Any]) -> str:
    """Return for example 'tuition, with plan down 3.1 (2.0 to 4.2)'; nothing for what rounds to no change."""
    digits, falls = row["digits"], row["difference"] < 0
    if not round(row["difference"], digits):
        return ""
    ends = sorted(abs(row[name]) for name in ("low", "high"))
    interval = " to ".join(f"{end:,.{digits}f}" for end in ends)
    way = "down" if falls else "up"
    return f"{label} {way} {abs(row['difference']):,.{digits}f} ({interval})"


def write_differences(results: Results, folder: Path) -> Path:
    """Write the printed differences as differences.csv (UTF-8) and return its path."""
    path = folder / "differences.csv"
    printed_differences(results).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    return path


def new_table(out: Console, title: str, first: str, *others: str) -> Table:
    """Return an empty table for a terminal: text in the first column, figures in the others."""
    table = Table(title=title, title_justify="left", title_style="italic", box=box_for(out))
    table.add_column(first, min_width=14)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _change_table(out: Console, found: pd.DataFrame) -> Table:
    table = new_table(out, "What changes", "", "baseline", "scenario", "change", interval_heading())
    for heading, rows in _sections(found[~found["group"].isin(TOTALS)]):
        table.add_section()
        table.add_row(Text(heading, style="bold"))
        for label, row in rows:
            table.add_row(f"  {label}", *_cells(row, row["digits"]))
    return table


def interval_heading() -> str:
    """Return the heading of a column of intervals."""
    return f"{100 * LEVEL:g}% interval of\nthe mean change"


def _cells(row: Mapping[Any, Any], digits: int, divisor: float = 1.0) -> tuple[str, str, str, str]:
    """Return baseline, scenario, change and interval as they are printed."""
    names = ("baseline_mean", "scenario_mean", "difference", "low", "high")
    before, after, change, low, high = (row[name] / divisor for name in names)
    return level(before, digits), level(after, digits), signed(change, digits), between(low, high, digits)


def _year_table(out: Console, results: Results, scenario: str) -> Table:
    """Return spend on all block lines and the cumulative balance by financial year, with their changes."""
    since = study_year(results)
    measures = results.of_draws().measures
    spend = changes_by_year(measures, scenario, "spend_total", since)
    balance = changes_by_year(measures, scenario, BALANCE, since).set_index("period")
    heads = ("change", interval_heading())
    title = "High needs block by financial year, £m cash (a balance below 0 is a deficit)"
    table = new_table(out, title, "", "spend,\nbaseline", *heads, "cumulative\nbalance,\nbaseline", *heads)
    for row in spend[spend["provision"] == IN_BLOCK].to_dict("records"):
        both = (row, balance.loc[row["period"]].to_dict())
        cells = [_cells(one, 2, MILLION) for one in both]
        table.add_row(str(row["period"]), *(text for cell in cells for text in (cell[0], *cell[2:])))
    return table


def _line_table(out: Console, results: Results, scenario: str) -> Table:
    """Return the mean change in spend by budget line and financial year, in thousands of pounds."""
    since, measures = study_year(results), results.of_draws().measures
    labels = lines_in_use(spend_rows(measures), results.provenance["lines"])
    found = pd.concat([changes_by_year(measures, scenario, name, since) for name in ("spend_total", "spend")])
    changed = found.pivot_table(values="difference", index="provision", columns="period", sort=False) / THOUSAND
    title = "Mean change in spend by budget line and financial year, £ thousand cash (lines that change)"
    table = new_table(out, title, "", *(period[2:] for period in changed.columns))
    values = dict(zip(changed.index, changed.to_numpy().tolist(), strict=True))
    for line, label in labels.items():
        if any(round(value) for value in values[line]):
            table.add_row(label, *(signed(value, 0) for value in values[line]))
    return table


def _level_table(out: Console, results: Results, year: int) -> Table:
    futures = range_name(results.provenance)
    heads = ("mean", "95% interval\nof the mean", f"{futures}\n(10th to 90th percentile)")
    title = f"Academic year {academic_year_label(year)} (money: financial year {financial_year_label(year)})"
    table = new_table(out, title, "", *heads)
    for heading, rows in _sections(levels_of(results, year)):
        table.add_section()
        table.add_row(Text(heading, style="bold"))
        for label, row in rows:
            names = ("mean", "low", "high", "p10", "p90")
            mean, low, high, p10, p90 = (f"{row[name]:,.{row['digits']}f}" for name in names)
            interval = "no interval" if isnan(row["low"]) else f"{low} to {high}"
            table.add_row(f"  {label}", mean, interval, f"{p10} to {p90}")
    return table

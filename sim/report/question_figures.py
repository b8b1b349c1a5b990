"""What a question looks at, year by year: a panel for each quantity, a line with its interval for each scenario."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.report.frames import interval_of_mean
from sim.report.style import GREY, INK, WIDTH, Caption, Drawing, look, save, titled
from sim.results import Results

COLUMNS = 2
LINES = ("#1a1a1a", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
DASHES: tuple[Any, ...] = ("--", "-", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), "-")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""By scenario, the baseline first; told apart by line and marker too, so that a figure reads in greyscale."""

NOTE = (
    "Lines: mean over replications. Bands: the baseline's line plus the 95% interval of the mean paired difference "
    "from it (same replication, same luck); where a band leaves the baseline out, the difference is not luck. "
    "Panels have their own axes; not all start at zero. The study begins at the dotted line."
)
NOTE_OF_ONE = (
    "Lines: mean over replications. Bands: 95% interval of the mean (how well the replications pin it down). "
    "Panels have their own axes; not all start at zero. The study begins at the dotted line."
)
MILLION = 1e6


class Quantity(NamedTuple):
    """What a panel shows: rows of a measure, with the words and unit for them."""

    measure: str
    provision: str
    phase: str
    label: str
    unit: str


def question_figure(results: Results, title: str, quantities: Sequence[Quantity]) -> Figure:
    """Draw each quantity by academic or financial year for every scenario of the results.

    Quantities without a value in any scenario are left out; ValueError when none is left.
    """
    found = [(quantity, rows) for quantity in quantities if not (rows := rows_of(results, quantity)).empty]
    if not found:
        raise ValueError("none of the quantities asked for has a value in these results")
    caption = Caption.of(results.provenance)
    start = int(results.provenance["horizon"]["study_start"][:4])
    with look():
        figure, panels = _panels(len(found))
        for (quantity, rows), panel in zip(found, panels, strict=True):
            _draw(panel, rows, results.scenarios)
            _finish(panel, quantity, rows, start)
        keys = [[key] for key in _keys(results.scenarios, caption)]
        paired = [[*a, *b] for a, b in zip(keys[::2], [*keys[1::2], []], strict=False)]
        titled(figure, title, NOTE if len(results.scenarios) > 1 else NOTE_OF_ONE, caption, paired)
    return figure


def question_in_words(results: Results, title: str, quantities: Sequence[Quantity]) -> str:
    """Return what the figure shows: each quantity in the first and the last year, by scenario."""
    caption, lines = Caption.of(results.provenance), [f"{title}."]
    for quantity in quantities:
        rows = rows_of(results, quantity)
        if rows.empty:
            continue
        means = rows.groupby(["scenario", "year"], observed=True)["value"].mean()
        first, last = rows["year"].min(), rows["year"].max()
        parts = [
            f"{caption.title_of(name)} {means.get((name, first), math.nan):,.2f} to {means[name, last]:,.2f}"
            for name in results.scenarios
            if (name, last) in means.index
        ]
        lines.append(f"{quantity.label} ({quantity.unit}), {first} to {last}: {'; '.join(parts)}.")
    return "\n".join([*lines, caption.origin])


def save_question_figure(results: Results, title: str, quantities: Sequence[Quantity], path: Path) -> Path:
    """Write the figure as PNG with the same in words beside it."""
    return save(question_figure(results, title, quantities), path, question_in_words(results, title, quantities))


def rows_of(results: Results, quantity: Quantity) -> pd.DataFrame:
    """Return the rows of a quantity with `year`, in the unit it is shown in; years without a value are left out."""
    measures = results.of_draws().measures
    phase = quantity.phase or NOT_APPLICABLE
    is_mine = (
        (measures["measure"] == quantity.measure)
        & (measures["provision"] == quantity.provision)
        & (measures["phase"] == phase)
        & measures["district"].isin([ALL, NOT_APPLICABLE])
        & ~measures["period"].astype("str").str.startswith("Jan")
    )
    rows = measures[is_mine].dropna(subset="value")
    rows = rows.astype({"scenario": "str", "period": "str"})
    scale = MILLION if quantity.unit.startswith("£m") else 1.0
    year = rows["period"].str.slice(0, 4).astype(int)
    return rows.assign(year=year, value=rows["value"] / scale)


def _panels(count: int) -> tuple[Figure, list[Axes]]:
    rows = math.ceil(count / COLUMNS)
    figure = Drawing(figsize=(WIDTH, 2.4 * rows + 1.6))
    grid = figure.subplots(rows, COLUMNS, squeeze=False).flatten().tolist()
    for spare in grid[count:]:
        spare.set_axis_off()
    return figure, grid[:count]


def _draw(panel: Axes, rows: pd.DataFrame, scenarios: Sequence[str]) -> None:
    """Draw the mean of each scenario with the interval of its paired difference, or of the mean of the only one."""
    wide = rows.pivot_table(index=["replication", "year"], columns="scenario", values="value")
    for number, name in enumerate(scenarios):
        if name not in wide:
            continue
        means = wide[name].groupby("year").mean().dropna()
        panel.plot(means.index, means, lw=1.5, markersize=4, markeredgewidth=0, **_style(number))
        ends = _ends(wide, name, scenarios)
        if ends is not None:
            low, high = ends
            panel.fill_between(low.index, low, high, color=LINES[number % len(LINES)], alpha=0.2, lw=0)


def _ends(wide: pd.DataFrame, name: str, scenarios: Sequence[str]) -> tuple[pd.Series[float], pd.Series[float]] | None:
    """Return the ends of the band around a scenario by year; None for a baseline with others, or without a baseline."""
    first = scenarios[0]
    if first not in wide or (name == first and len(scenarios) > 1):
        return None
    paired = wide[name] if name == first else wide[name] - wide[first]
    level = 0.0 if name == first else wide[first].groupby("year").mean()
    found = paired.dropna().groupby("year").apply(interval_of_mean)
    low, high = (pd.Series([ends[side] for ends in found], found.index) for side in (0, 1))
    return low + level, high + level


def _style(number: int) -> dict[str, Any]:
    place = number % len(LINES)
    return {"color": LINES[place], "ls": DASHES[place], "marker": MARKERS[place]}


def _finish(panel: Axes, quantity: Quantity, rows: pd.DataFrame, start: int) -> None:
    sign = "-" if "-" in rows["period"].iloc[0] else "/"
    panel.set(title=textwrap.fill(quantity.label.removesuffix(", all years"), 52), xlabel="", ylabel=quantity.unit)
    panel.axvline(start - 0.5, color=GREY, lw=0.9, ls=":")
    first, last = int(rows["year"].min()), int(rows["year"].max())
    panel.set_xticks(range(first, last + 1, max(1, math.ceil((last - first + 1) / 6))))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{int(year)}{sign}{(int(year) + 1) % 100:02d}"))
    panel.yaxis.set_major_locator(MaxNLocator(5))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    panel.tick_params(colors=INK)


def _keys(scenarios: Sequence[str], caption: Caption) -> list[Line2D]:
    return [
        Line2D([], [], markersize=5, label=textwrap.shorten(caption.title_of(name), 70), **_style(number))
        for number, name in enumerate(scenarios)
    ]

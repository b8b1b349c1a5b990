"""One figure of published against simulated figures: a line for each target, relative to what was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.analysis.calibration.table import MARKOV, RANGE
from sim.report.style import FILLS, GREY, INK, LIGHT, WIDTH, Caption, Drawing, look, titled
from sim.report.target_words import amount, by_use, name_of, targets_in_words

SIMULATED = LIGHT[1]
ENDS = (0.25, 4.0)
"""The axis runs from a quarter of the published figure to four times it; what lies beyond is drawn at its end."""

TICKS = {0.25: "¼", 0.5: "½", 0.75: "¾", 1.0: "1", 1.5: "1½", 2.0: "2", 3.0: "3", 4.0: "4"}
ABOVE, BELOW = -0.18, 0.18
ROW = 0.23  # inches
THINNEST = 0.002  # of the published figure
NOTE = (
    "All figures are divided by the published one. Black: published, with its 95% interval. Bars: range within which "
    "{range} of published figures would lie if the model were right, and the median of the runs: filled in a range "
    "that holds the published figure, open elsewhere. Hatched bars are not scored. Arrows point to what lies beyond."
)
MARKOV_NOTE = " Crosses: a Markov projection of the same inputs, without places, queues or repeated crises."
MARKOV_COLOUR = FILLS[2]


def target_figure(table: pd.DataFrame, caption: Caption, level: float = RANGE) -> Figure:
    """Draw the table of `target_table`: published and simulated one below the other on a line for each target.

    Targets published as 0 cannot be set in proportion and are left out.
    """
    shown = table[table["observed"] != 0]
    groups = list(by_use(shown))
    lines = len(shown) + len(groups)
    with look():
        figure = Drawing(figsize=(WIDTH, 1.9 + ROW * lines))
        panel = figure.subplots()
        _draw(panel, groups)
        has_markov = MARKOV in table and bool(table[MARKOV].notna().any())
        note = NOTE.format(range=f"{level:.0%}") + (MARKOV_NOTE if has_markov else "")
        keys = _keys(level, has_markov)
        titled(figure, "Simulated set against published figures", note, caption, [keys[:3], keys[3:]])
    return figure


def figure_in_words(table: pd.DataFrame, caption: Caption, level: float = RANGE) -> str:
    """Return what the figure shows: the table in words."""
    return targets_in_words(table, caption.origin, level)


def _draw(panel: Axes, groups: list[tuple[str, list[dict[Any, Any]]]]) -> None:
    labels: dict[float, str] = {}
    published: dict[float, str] = {}
    place = 0.0
    for heading, rows in groups:
        labels[place] = heading
        for row in rows:
            place += 1
            labels[place], published[place] = name_of(row), amount(row["observed"], row)
            _draw_target(panel, place, row)
        place += 1
    _axis(panel, place)
    _name_rows(panel, labels, [labels_place for labels_place in labels if labels_place not in published])
    _name_published(panel, published)


def _draw_target(panel: Axes, place: float, row: Mapping[Any, Any]) -> None:
    first, last = sorted(_relative(row, f"observed{end}") for end in ("_low", "_high"))
    panel.plot([first, last], [place + ABOVE] * 2, color=INK, lw=1.1, marker="|", ms=5, mew=1.1, zorder=3)
    panel.plot(1.0, place + ABOVE, color=INK, marker="D", ms=3, zorder=3)
    if not row["runs"]:
        return
    first, last = sorted(_relative(row, f"simulated{end}") for end in ("_low", "_high"))
    scored = row["inside"] is True or row["inside"] is False
    look: dict[str, Any] = {
        "facecolor": SIMULATED,
        "hatch": None if scored else "/////",
        "edgecolor": INK,
        "linewidth": 0.5,
    }
    panel.barh(place + BELOW, max(last - first, 0.002), left=first, height=0.3, zorder=2, **look)
    _draw_median(panel, place + BELOW, row)
    _draw_markov(panel, place + BELOW, row)


def _draw_markov(panel: Axes, place: float, row: Mapping[Any, Any]) -> None:
    """Mark the Markov projection, at the end of the axis when it lies beyond."""
    if not pd.isna(row.get(MARKOV, np.nan)):
        at = _relative(row, MARKOV)
        panel.plot(at, place, marker="x", ms=5, mew=1.4, color=MARKOV_COLOUR, zorder=5, clip_on=False)


def _draw_median(panel: Axes, place: float, row: Mapping[Any, Any]) -> None:
    """Mark the median: filled when the range holds the published figure, an arrow when it lies beyond the axis."""
    exact = row["simulated"] / row["observed"]
    middle = _relative(row, "simulated")
    beyond = {ENDS[0]: "<", ENDS[1]: ">"}.get(middle, "o") if exact != middle else "o"
    holds = row["simulated_low"] <= row["observed"] <= row["simulated_high"]
    fill = INK if holds else "white"
    panel.plot(middle, place, marker=beyond, ms=4, color=INK, mfc=fill, mec=INK, mew=0.9, zorder=4, clip_on=False)


def _relative(row: Mapping[Any, Any], column: str) -> float:
    """Return a figure in proportion to the published one, held within the ends of the axis."""
    return float(np.clip(row[column] / row["observed"], *ENDS))


def _axis(panel: Axes, lines: float) -> None:
    panel.set_xscale("log", base=2)
    panel.set_xlim(*ENDS)
    panel.set_xticks(list(TICKS), list(TICKS.values()))
    panel.minorticks_off()
    panel.set_ylim(lines - 0.4, -0.6)
    panel.axvline(1.0, color=GREY, lw=0.9, zorder=1)
    panel.grid(visible=False, axis="y")
    panel.set_xlabel("in proportion to the published figure")


def _name_rows(panel: Axes, labels: Mapping[float, str], headings: list[float]) -> None:
    panel.set_yticks(list(labels), list(labels.values()))
    for place, text in zip(labels, panel.get_yticklabels(), strict=True):
        text.set_fontweight("bold" if place in headings else "normal")
    panel.tick_params(axis="y", length=0)


def _name_published(panel: Axes, published: Mapping[float, str]) -> None:
    """Write the published figures along the right edge."""
    right = panel.secondary_yaxis("right")
    right.set_yticks(list(published), list(published.values()))
    right.tick_params(axis="y", length=0)
    right.spines["right"].set_visible(False)
    right.set_ylabel("published figure", color=GREY)


def _bar_look(scored: bool) -> dict[str, Any]:
    return {"facecolor": SIMULATED, "edgecolor": INK, "linewidth": 0.5, "hatch": None if scored else "/////"}


def _keys(level: float, has_markov: bool = False) -> list[Any]:
    markov = Line2D([], [], color=MARKOV_COLOUR, lw=0, marker="x", ms=5, mew=1.4, label="Markov projection")
    return [
        Line2D([], [], color=INK, lw=1.1, marker="D", ms=3, label="published, 95% interval"),
        Patch(**_bar_look(scored=True), label=f"simulated, {level:.0%} range"),
        Patch(**_bar_look(scored=False), label="not scored"),
        Line2D([], [], color=INK, lw=0, marker="o", ms=4, label="median, range holds it"),
        Line2D([], [], color=INK, lw=0, marker="o", ms=4, mfc="white", label="median, range misses it"),
        *([markov] if has_markov else []),
    ]

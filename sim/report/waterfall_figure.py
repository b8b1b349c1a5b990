"""The waterfall: what each part of a policy does to spend, what they do only together, and all of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.analysis.waterfall import BASELINE, COMBINATION, INTERACTION, TOGETHER, waterfall
from sim.report.frames import MILLION
from sim.report.style import GREY, HATCHES, INK, LIGHT, WIDTH, Caption, Drawing, look, titled
from sim.report.words import between, signed
from sim.results import Results

ROW, LETTERS, DIGITS = 0.34, 44, 2
UP: dict[str, Any] = {"facecolor": LIGHT[2], "hatch": HATCHES[0]}
DOWN: dict[str, Any] = {"facecolor": LIGHT[1]}
WHOLE: dict[str, Any] = {"facecolor": LIGHT[6]}
NOTE = (
    "Bars: mean of the paired differences (same replication, same luck), one after the other from the baseline; the "
    "last is all together. Interaction: what the parts come to together beyond their sum. Thin lines, and figures in "
    "brackets: 95% interval of the mean difference of that step. {period}."
)


def waterfall_figure(results: Results, parts: Sequence[str], combination: str) -> Figure:
    """Draw the steps from the baseline's spend of the block to that of a combination, £m cash over the study."""
    steps = waterfall(results, parts, combination)
    caption = Caption.of(results.provenance)
    rows = steps[~steps["kind"].isin([BASELINE, COMBINATION])].reset_index(drop=True)
    before = float(steps["mean"].iloc[0]) / MILLION
    with look():
        figure = Drawing(figsize=(WIDTH, 2.3 + ROW * len(rows)))
        panel = figure.subplots()
        _draw(panel, rows)
        names = [_name(row, caption) for row in rows.to_dict("records")]
        panel.set_yticks(range(len(rows)), names)
        panel.set_ylim(len(rows) - 0.4, -0.6)
        panel.set_xlabel(f"£m cash over the study, change from the baseline's {before:,.1f}")
        title = f"What the parts of a policy do to spend: {caption.title_of(combination)}"
        period = str(steps["period"].iloc[0]).capitalize()
        titled(figure, title, NOTE.format(period=period), caption, [_keys()])
    return figure


def _draw(panel: Axes, rows: pd.DataFrame) -> None:
    """Lay each bar where the one before ended; the last starts at the baseline."""
    at = 0.0
    ends = [0.0]
    for place, row in enumerate(rows.to_dict("records")):
        change, is_last = row["mean"] / MILLION, row["kind"] == TOGETHER
        begin = 0.0 if is_last else at
        fill = WHOLE if is_last else UP if change > 0 else DOWN
        panel.barh(place, change, left=begin, height=0.62, edgecolor=INK, lw=0.7, **fill)
        at = begin + change
        interval = [begin + row[end] / MILLION for end in ("low", "high")]
        panel.plot(interval, [place, place], color=INK, lw=1.1, marker="|", markersize=5)
        if not is_last:
            panel.plot([at, at], [place, place + 1], color=GREY, lw=0.7, ls=":")
        ends += [at, *interval]
        low, middle, high = (row[name] / MILLION for name in ("low", "mean", "high"))
        text = f"{signed(middle, DIGITS)}  {between(low, high, DIGITS)}"
        panel.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", size=8, color=INK)
    panel.axvline(0, color=GREY, lw=0.9)
    low, high = np.nanmin(ends), np.nanmax(ends)
    room = max(0.06 * (high - low), 10.0**-DIGITS)
    panel.set_xlim(low - room, high + room)
    panel.grid(visible=False, axis="y")


def _name(row: Mapping[Any, Any], caption: Caption) -> str:
    if row["kind"] == INTERACTION:
        return "Interaction"
    text = "All together" if row["kind"] == TOGETHER else caption.title_of(row["step"])
    return textwrap.shorten(text, LETTERS, placeholder=" ...")


def _keys() -> list[Patch]:
    said = {"spends more": UP, "spends less": DOWN, "all together": WHOLE}
    return [Patch(edgecolor=INK, lw=0.7, label=label, **fill) for label, fill in said.items()]

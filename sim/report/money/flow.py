"""The flow between two lives of the same pupils: how far they came in the baseline, and how far in the scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle

from sim.analysis.changed_for_whom import FEWEST, FURTHEST, MAINSTREAM
from sim.report.ribbon import ribbon
from sim.report.style import GREY, INK
from sim.report.words import words

ORDER = (*FURTHEST, MAINSTREAM)
SHADES = ("#333333", "#0072b2", "#e69f00", "#56b4e9", "#d9d9d9")
HATCHES = ("", "//", "..", "xx", "")
WIDTH, GAP = 0.07, 0.035
"""Of a bar, and between bars, as shares of the picture."""


def moved(flow: pd.DataFrame) -> pd.DataFrame:
    """Return the flow without pupils who were in mainstream throughout in both lives: they would hide all others."""
    return flow[(flow["before"] != MAINSTREAM) | (flow["after"] != MAINSTREAM)]


def draw_flow(panel: Axes, flow: pd.DataFrame, titles: Sequence[str]) -> None:
    """Draw bars of pupils by furthest placement on the left (baseline) and right (scenario), and bands between them.

    Parameters
    ----------
    flow : rows of before, after and value, as `sim.analysis.changed_for_whom.flows` returns them.
    titles : over the two bars.
    """
    counts = moved(flow).pivot_table(index="before", columns="after", values="value", aggfunc="sum")
    table = counts.reindex(index=list(ORDER), columns=list(ORDER)).fillna(0.0)
    total = float(table.to_numpy().sum())
    panel.set(xlim=(-0.42, 1.42), ylim=(-0.02, 1.1))
    panel.set_axis_off()
    if not total:
        panel.text(0.5, 0.5, "No pupil came further than mainstream", ha="center")
        return
    scale = (1 - GAP * (len(ORDER) - 1)) / total
    tops = [_bars(panel, sizes, side, scale) for side, sizes in enumerate((table.sum(axis=1), table.sum(axis=0)))]
    _bands(panel, table, tops, scale)
    for x, title in zip((WIDTH / 2, 1 - WIDTH / 2), titles, strict=True):
        panel.text(x, 1.06, title, ha="center", weight="bold")


def flow_in_words(flow: pd.DataFrame) -> str:
    """Return the flow in sentences, largest first, pupils who came as far in both lives last."""
    rows = moved(flow).sort_values("value", ascending=False, kind="stable")
    same = rows["before"] == rows["after"]
    parts = [
        f"{words(row['before'])} to {words(row['after'])}: {count_said(row['value'])} pupils"
        for row in [*rows[~same].to_dict("records"), *rows[same].to_dict("records")]
    ]
    return "; ".join(parts) or "No pupil came further than mainstream"


def count_said(value: float) -> str:
    """Return a mean number of pupils, or that it is of few."""
    return f"{value:,.0f}" if value >= FEWEST or not value else f"fewer than {FEWEST}"


def _bars(panel: Axes, sizes: pd.Series[float], side: int, scale: float) -> dict[str, float]:
    """Draw the bars of one side from the top, and return the top of each."""
    tops, y = {}, 1.0
    for place, name in enumerate(ORDER):
        height = float(sizes[name]) * scale
        x = 0.0 if side == 0 else 1 - WIDTH
        bar: dict[str, Any] = {"facecolor": SHADES[place], "hatch": HATCHES[place], "edgecolor": INK, "linewidth": 0.6}
        panel.add_patch(Rectangle((x, y - height), WIDTH, height, **bar))
        tops[name] = y
        if sizes[name]:
            at, align = (-0.015, "right") if side == 0 else (1.015, "left")
            panel.text(at, y - height / 2, f"{words(name)}\n{count_said(sizes[name])}", ha=align, va="center")
        y -= height + GAP
    return tops


def _bands(panel: Axes, table: pd.DataFrame, tops: Sequence[Mapping[str, float]], scale: float) -> None:
    left, right = dict(tops[0]), dict(tops[1])
    for place, before in enumerate(ORDER):
        for after in ORDER:
            height = float(np.asarray(table.loc[before, after])) * scale
            if height:
                band: dict[str, Any] = {"facecolor": SHADES[place], "alpha": 0.25 if before == after else 0.6}
                shape = ribbon((WIDTH, 1 - WIDTH), left[before], right[after], -height)
                panel.add_patch(PathPatch(shape, edgecolor=GREY, linewidth=0.3, **band))
            left[before] -= height
            right[after] -= height

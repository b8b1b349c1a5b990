"""Moves between kinds of provision as bands: where pupils come from on the left, where they go to on the right."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from numpy.typing import NDArray

from sim.analysis.comparison import over_study
from sim.analysis.flows import ARROW, FLOW
from sim.report.ribbon import ribbon
from sim.report.style import FILLS, GREY, HATCHES, INK, WIDTH, Caption, Drawing, look, titled
from sim.report.words import kind_words
from sim.results import Results, mean_with_interval

BEGINNING, HALVINGS = "onset", 30
GAP, THINNEST, BAR, TEXT_ROOM = 0.02, 0.045, 0.03, 0.045
"""Of the height of the panel: between ends, the least room of an end with its label; of the width: an end."""

NOTE = (
    "Bands: moves between placements, mean over replications{period}; as wide as there are moves. Figures: moves a "
    "year, in brackets the 95% interval of the mean. Need that becomes visible is not a move."
)


def moves(results: Results, scenario: str, period: str | None = None) -> pd.DataFrame:
    """Return mean moves a year from source to target, those that happen only: source, target and one value per run.

    Parameters
    ----------
    period : academic year; the mean of the study's years if not given.
    """
    rows = results.of_draws().measures
    rows = rows[(rows["measure"] == FLOW) & (rows["phase"] == "all") & (rows["scenario"] == scenario)]
    if period is None:
        start = date.fromisoformat(str(results.provenance["horizon"]["study_start"]))
        rows = over_study(rows, start, "mean")
    else:
        known = sorted(set(rows["period"].astype("str")))
        if period not in known:
            raise ValueError(f"no academic year {period!r} of scenario {scenario!r}; there are {', '.join(known)}")
        rows = rows[rows["period"].astype("str") == period]
    if rows.empty:
        raise ValueError(f"no moves of scenario {scenario!r} in {period or 'the years of the study'}")
    table = rows.astype({"provision": "str"}).pivot_table(index="provision", columns="replication", values="value")
    begins = table.index.str.startswith(f"{BEGINNING}{ARROW}")
    table = table[table.gt(0).any(axis=1) & ~begins]
    ends = pd.DataFrame([name.split(ARROW) for name in table.index], columns=["source", "target"], index=table.index)
    return pd.concat([ends, table], axis=1).reset_index(drop=True)


def flow_figure(results: Results, scenario: str, period: str | None = None) -> Figure:
    """Draw the moves of a year, or of a year of the study on average."""
    if scenario not in results.scenarios:
        raise ValueError(f"no scenario {scenario!r}; there is {', '.join(results.scenarios)}")
    caption, table = Caption.of(results.provenance), moves(results, scenario, period)
    with look():
        figure = Drawing(figsize=(WIDTH, 6.4))
        panel = figure.subplots()
        panel.set_axis_off()
        panel.set(xlim=(0, 1), ylim=(1, 0))
        _draw(panel, table)
        when = f", {period}" if period else ", a year of the study on average"
        title = f"Where pupils move: {caption.title_of(scenario)}{when}"
        titled(figure, title, NOTE.format(period=when), caption)
    return figure


def _draw(panel: Axes, table: pd.DataFrame) -> None:
    if table.empty:
        panel.text(0.5, 0.5, "nobody moves", ha="center", color=INK)
        return
    table = table.assign(value=table.drop(columns=["source", "target"]).mean(axis=1))
    sources, targets = _order(table, "source"), _order(table, "target")
    scale = _scale(table)
    left, right = (_ends(table, side, names, scale) for side, names in (("source", sources), ("target", targets)))
    begin, finish = dict(left), dict(right)
    ranks = {name: number for number, name in enumerate(sources)}
    places = {name: number for number, name in enumerate(targets)}
    ordered = table.assign(a=table["source"].map(ranks), b=table["target"].map(places)).sort_values(["a", "b"])
    for row in ordered.to_dict("records"):
        height = row["value"] * scale
        number = ranks[row["source"]]
        _band(panel, begin[row["source"]], finish[row["target"]], height, number)
        begin[row["source"]] += height
        finish[row["target"]] += height
    for side, names, ends in (("source", sources, left), ("target", targets, right)):
        _label(panel, table, side, names, ends, scale)


def _order(table: pd.DataFrame, side: str) -> list[str]:
    return [str(name) for name in table.groupby(side)["value"].sum().sort_values(ascending=False).index]


def _scale(table: pd.DataFrame) -> float:
    """Return the height of one move with which the fuller side, with all its labels, fills the panel."""
    return min(_fitting(table.groupby(side)["value"].sum().to_numpy()) for side in ("source", "target"))


def _fitting(sums: NDArray[np.float64]) -> float:
    """Return the height of one move with which ends of these sizes fill the height 1, gaps among it."""
    room = 1.0 - GAP * (len(sums) - 1)
    low, high = 0.0, room / float(sums.sum())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(sums * middle, THINNEST).sum() < room else (low, middle)
    return low


def _ends(table: pd.DataFrame, side: str, names: list[str], scale: float) -> dict[str, float]:
    """Return the top of each end, with room for its label."""
    sums, at, tops = table.groupby(side)["value"].sum(), 0.0, {}
    for name in names:
        tops[name] = at
        at += max(sums[name] * scale, THINNEST) + GAP
    return tops


def _band(panel: Axes, left: float, right: float, height: float, number: int) -> None:
    sides = (TEXT_ROOM * 5 + BAR, 1 - TEXT_ROOM * 5 - BAR)
    fill = FILLS[number % len(FILLS)]
    panel.add_patch(PathPatch(ribbon(sides, left, right, height), facecolor=fill, alpha=0.45, edgecolor=INK, lw=0.5))


def _label(panel: Axes, table: pd.DataFrame, side: str, names: list[str], tops: dict[str, float], scale: float) -> None:
    runs = table.drop(columns=["source", "target", "value"]).groupby(table[side]).sum()
    for number, name in enumerate(names):
        found = mean_with_interval(runs.loc[[name]].to_numpy(dtype=np.float64), 0.95).iloc[0]
        height = found["mean"] * scale
        is_left = side == "source"
        x = TEXT_ROOM * 5 if is_left else 1 - TEXT_ROOM * 5 - BAR
        look_of: dict[str, Any] = {"facecolor": FILLS[number % len(FILLS)], "hatch": HATCHES[number % len(HATCHES)]}
        style = look_of if is_left else {"facecolor": GREY}
        panel.bar(x, height, BAR, bottom=tops[name], align="edge", edgecolor=INK, lw=0.6, **style)
        interval = "" if np.isnan(found["low"]) else f" ({max(found['low'], 0):,.1f} to {found['high']:,.1f})"
        text = f"{_word(name)}\n{found['mean']:,.1f}{interval}"
        at = x - 0.008 if is_left else x + BAR + 0.008
        middle = tops[name] + max(height, THINNEST) / 2
        panel.text(at, middle, text, ha="right" if is_left else "left", va="center", size=8, color=INK, linespacing=1.1)


def _word(name: str) -> str:
    text = kind_words(name)
    return text[:1].upper() + text[1:]

"""Pictures of a paper, at the size they are printed in: readable without colour, with the same in words beside them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.analysis.payback import CUMULATIVE
from sim.report.forum.figures import Figure
from sim.report.forum.markdown import plain
from sim.report.forum.rounding import interval_words, value_words
from sim.report.frames import MILLION
from sim.report.money.flow import draw_flow, flow_in_words
from sim.report.style import GREY, INK, look, save

WIDTH, MOST_ROWS, MOST_LETTERS, LABEL = 6.3, 26, 48, 42
FLOW_HEIGHT = 3.9
"""Inches between the margins of an A4 page; scenarios in one picture; letters of a title, and of a line of a label."""


class Picture(NamedTuple):
    """A picture in a paper: its file, the caption under it and what it shows in words."""

    file: Path
    caption: str
    alt: str


def save_pictures(
    net: Sequence[Figure], yearly: Mapping[str, Sequence[Figure]], titles: Mapping[str, str], folder: Path
) -> list[Picture]:
    """Write the pictures of a paper and return them.

    Parameters
    ----------
    net : what each scenario changes in the spend of the block over the study.
    yearly : net cost added up since the start, by financial year, of the scenarios that are told of in full.
    titles : what to call each scenario.
    """
    made = []
    for start in range(0, len(net), MOST_ROWS):
        rows = net[start : start + MOST_ROWS]
        caption = f"Change in spend of the high needs block, {rows[0].about.period}, with the {rows[0].interval}"
        part = f" (options {start + 1} to {start + len(rows)})" if len(net) > MOST_ROWS else ""
        alt = _in_words(caption, [(titles[one.about.scenario], one) for one in rows])
        file = save(_dots(rows, titles, start), folder / f"net_{start // MOST_ROWS + 1}.png", alt)
        made.append(Picture(file, f"{caption}{part}. Dots: mean. A filled dot: the interval excludes no change.", alt))
    shown = {name: rows for name, rows in yearly.items() if rows}
    if shown:
        caption = "Net cost to the high needs block added up since the start, by financial year"
        alt = _in_words(f"{caption}, last year shown", [(titles[name], rows[-1]) for name, rows in shown.items()])
        file = save(_lines(shown, titles), folder / "net_by_year.png", alt)
        made.append(Picture(file, f"{caption}. Lines: mean. Bands: 95% interval of the mean difference. Cash.", alt))
    return made


def save_flows(flows: Mapping[str, pd.DataFrame], titles: Mapping[str, str], folder: Path) -> dict[str, Picture]:
    """Write the flow between two lives of the same pupils for each option, and return the pictures.

    Parameters
    ----------
    flows : tables of `sim.analysis.changed_for_whom.flows` by scenario.
    """
    made = {}
    for number, (name, flow) in enumerate(flows.items(), start=1):
        caption = (
            f"{plain(titles[name], 2 * MOST_LETTERS)}: furthest placement of the same pupils since the study began"
        )
        alt = f"{caption}. {flow_in_words(flow)}."
        with look():
            drawing = Drawing(figsize=(WIDTH, FLOW_HEIGHT), layout="constrained")
            draw_flow(drawing.subplots(), flow, ("Baseline", "This option"))
        file = save(drawing, folder / f"flow_{number}.png", alt)
        said = "Mean number of pupils; mainstream in both lives is left out. Faint bands: as far in both lives"
        made[name] = Picture(file, f"{caption}. {said}.", alt)
    return made


def _in_words(caption: str, rows: Sequence[tuple[str, Figure]]) -> str:
    parts = [f"{plain(title, MOST_LETTERS)}: {value_words(one)} ({interval_words(one)})" for title, one in rows]
    return f"{caption}. {'; '.join(parts)}."


def _dots(rows: Sequence[Figure], titles: Mapping[str, str], start: int) -> Drawing:
    with look():
        drawing = Drawing(figsize=(WIDTH, 0.8 + 0.32 * len(rows)), layout="constrained")
        panel = drawing.subplots()
        for place, one in enumerate(rows):
            low, mean, high = (value / MILLION for value in (one.low, one.value, one.high))
            panel.plot([low, high], [place, place], color=INK, lw=1.4)
            filled = INK if one.is_clear else "white"
            panel.plot(mean, place, "o", color=INK, markerfacecolor=filled, markersize=5.5)
        names = [textwrap.fill(plain(titles[one.about.scenario], 2 * LABEL), LABEL) for one in rows]
        panel.set_yticks(
            range(len(rows)), [f"{start + i}. {name}" for i, name in enumerate(names, 1)], parse_math=False
        )
        panel.set_ylim(len(rows) - 0.4, -0.6)
        panel.axvline(0, color=GREY, lw=0.9, ls="--")
        _finish(panel, "£m, cash; left of 0: less is spent", x_axis=True)
    return drawing


def _lines(yearly: Mapping[str, Sequence[Figure]], titles: Mapping[str, str]) -> Drawing:
    height = math.ceil(len(yearly) / 2)
    with look():
        drawing = Drawing(figsize=(WIDTH, 0.3 + 1.9 * height), layout="constrained")
        panels = drawing.subplots(height, 2, squeeze=False).flatten().tolist()
        for panel, (name, rows) in zip(panels, yearly.items(), strict=False):
            years = [int(one.about.period[:4]) for one in rows]
            low, mean, high = ([getattr(one, end) / MILLION for one in rows] for end in ("low", "value", "high"))
            panel.fill_between(years, low, high, color="#c9c9c9", lw=0)
            panel.plot(years, mean, color=INK, lw=1.5, marker="o", markersize=3)
            panel.axhline(0, color=GREY, lw=0.9, ls="--")
            panel.set_title(textwrap.fill(plain(titles[name], 2 * MOST_LETTERS), 40), size=8.5, parse_math=False)
            panel.set_xticks(years[:: max(1, math.ceil(len(years) / 4))])
            panel.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{int(year)}-{(int(year) + 1) % 100:02d}"))
            _finish(panel, "£m, cash", x_axis=False)
        for spare in panels[len(yearly) :]:
            spare.set_axis_off()
    return drawing


def _finish(panel: Axes, unit: str, *, x_axis: bool) -> None:
    axis = panel.xaxis if x_axis else panel.yaxis
    axis.set_label_text(unit)
    axis.set_major_locator(MaxNLocator(6 if x_axis else 4))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    panel.tick_params(colors=INK)


def cumulative(figures: Sequence[Figure], scenario: str) -> list[Figure]:
    """Return the net cost of a scenario added up since the start, by year."""
    return [one for one in figures if one.about.measure == CUMULATIVE and one.about.scenario == scenario]

"""When a policy has paid for itself: cumulative net cost by financial year, and the chance that it has paid back."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.analysis.payback import CUMULATIVE, NEVER, PAID_BACK, Payback, payback
from sim.report.frames import MILLION
from sim.report.style import DASHES, FILLS, GREY, INK, MARKERS, WIDTH, Caption, Drawing, look, titled
from sim.report.words import not_shown
from sim.results import Results

COLUMNS, LETTERS = 2, 46
CHANCE: dict[str, Any] = {"color": FILLS[2], "lw": 1.3, "ls": DASHES[0], "marker": MARKERS[0], "ms": 3.5}
NOTE = (
    "Solid with band: net cost since the study began, mean and 95% interval of the mean paired difference, cash; below "
    "0 the policy has paid for itself. Dashed with bars: share of replications that have paid back by the end of the "
    "year and stay so to the end of the horizon, with its exact 95% (Clopper-Pearson) interval."
)


def payback_figure(results: Results, scenarios: Sequence[str], left_out: int = 0) -> Figure:
    """Draw a panel for each scenario: cumulative net cost (left axis, £m cash), and the chance of having paid back.

    `left_out` is the number of scenarios that are not drawn to keep the figure on a page; it is said below.
    """
    if not scenarios:
        raise ValueError("payback needs a scenario besides the baseline")
    caption = Caption.of(results.provenance)
    found = [payback(results, name) for name in scenarios]
    rows = math.ceil(len(found) / COLUMNS)
    with look():
        figure = Drawing(figsize=(WIDTH, 2.5 * rows + 1.6))
        grid = figure.subplots(rows, min(len(found), COLUMNS), squeeze=False).flatten().tolist()
        for one, panel in zip(found, grid, strict=False):
            _draw(panel, one)
            name = textwrap.shorten(caption.title_of(one.scenario), LETTERS, placeholder=" ...")
            panel.set_title(f"{name}\n{_when(one)}", size=9)
        for spare in grid[len(found) :]:
            spare.set_axis_off()
        titled(figure, "Does it pay for itself, and when", NOTE + not_shown(left_out), caption, [_keys()])
    return figure


def _when(found: Payback) -> str:
    costs = found.by_year.loc[found.by_year["quantity"] == CUMULATIVE, ["mean", "low", "high"]].fillna(0.0)
    if not costs.to_numpy().any():
        return "costs and saves nothing"
    year = found.likely_year
    return f"more likely than not paid back: {year if year == NEVER else f'by the end of {year}'}"


def _draw(panel: Axes, found: Payback) -> None:
    years = found.by_year[found.by_year["quantity"] == CUMULATIVE].reset_index(drop=True)
    pounds = years[["mean", "low", "high"]] / MILLION
    panel.plot(years.index, pounds["mean"], color=INK, lw=1.6, marker=MARKERS[1], ms=4)
    panel.fill_between(years.index, pounds["low"], pounds["high"], color=FILLS[1], alpha=0.3, lw=0)
    panel.axhline(0, color=GREY, lw=0.9)
    panel.set_ylabel("£m, cumulative")
    panel.yaxis.set_major_locator(MaxNLocator(5))
    _draw_chance(panel, found.by_year[found.by_year["quantity"] == PAID_BACK].reset_index(drop=True))
    step = math.ceil(len(years) / 6)
    panel.set_xticks(years.index[::step], years["period"].iloc[::step].tolist())
    panel.margins(x=0.04)


def _draw_chance(panel: Axes, shares: pd.DataFrame) -> None:
    right = panel.twinx()
    right.plot(shares.index, shares["mean"], **CHANCE)
    for at, low, high in zip(shares.index, shares["low"], shares["high"], strict=True):
        right.plot([at, at], [low, high], color=FILLS[2], lw=0.9)
    right.set_ylim(-0.04, 1.04)
    right.yaxis.set_major_formatter(PercentFormatter(1.0))
    right.set_ylabel("paid back")
    right.spines["right"].set_visible(True)
    right.grid(visible=False)


def _keys() -> list[Line2D]:
    return [
        Line2D([], [], color=INK, lw=1.6, marker=MARKERS[1], ms=4, label="cumulative net cost (left)"),
        Line2D([], [], label="chance of having paid back (right)", **CHANCE),
    ]

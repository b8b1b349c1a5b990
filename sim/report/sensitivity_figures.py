"""Figures of sensitivity: tornado, the plane of a Morris screening, and bars of what evidence is worth.

Each returns a matplotlib Figure with its units, source run and interval said on it; marks are told apart by fill and
shape as well as by colour.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.analysis.sensitivity.decision import NET_COST, Criterion
from sim.analysis.sensitivity.screening import Screening
from sim.analysis.sensitivity.tornado import Tornado
from sim.analysis.sensitivity.value import Worth
from sim.report.frames import MILLION
from sim.report.sensitivity_words import LEAST_WORTH, figure_words, ranking_title
from sim.report.style import FILLS, HATCHES, INK, LIGHT, MARKERS, WIDTH, Caption, Drawing, look, save, titled

MOST_BARS, MOST_WORTHS, MOST_NAMED, LETTERS, ROW = 20, 12, 5, 46, 0.3
ENDS: dict[str, dict[str, Any]] = {
    "at_low": {"facecolor": LIGHT[2], "hatch": HATCHES[0]},
    "at_high": {"facecolor": LIGHT[1]},
}

TORNADO = (
    "Bars: mean outcome with one figure at its 5% and its 95% quantile and all others as they are. Thin lines: 95% "
    "interval of the swing between the two (paired replications, same luck), laid at the end of the 95% quantile. "
    "Dotted: all figures as they are."
)
PLANE = (
    "Points: groups of figures; those further right move the outcome more, those higher up bend it or depend on "
    "others (above the dashed line the spread exceeds the mean size). Lines: 95% bootstrap intervals. Groups of "
    "several figures have no spread and lie on the axis, as open squares."
)
BEST = (
    "Bars: share of the draws of what is not known in which a scenario is the best. Thin lines: its 95% interval, the "
    "wider of Wilson's, for the number of draws, and that of a Bayesian bootstrap of the draws{luck}."
)
TAKEN_OUT, LEFT_IN = ", with the luck of single runs taken out", "; with one run of each draw, its luck is left in"
WORTHS = "Bars: what choosing with exact knowledge of the figure would save on average. Thin lines: 95% interval."


def tornado_figure(found: Tornado, caption: Caption, what: str) -> Figure:
    """Draw the largest swings as bars from the outcome at the low to that at the high quantile, £m."""
    bars = found.bars.head(MOST_BARS)
    with look():
        figure, panel = _panel(len(bars))
        for place, row in enumerate(bars.to_dict("records")):
            reach = {end: (row[end] - found.central) / MILLION for end in ENDS}
            for end in sorted(reach, key=lambda end: -abs(reach[end])):  # the shorter one on top
                common: dict[str, Any] = {"left": found.central / MILLION, "height": 0.7, "edgecolor": INK, "lw": 0.7}
                panel.barh(place, reach[end], **common, **ENDS[end])
            ends = np.array([row["swing_low"], row["swing_high"]]) - row["swing"] + row["at_high"]
            panel.plot(ends / MILLION, [place, place], color=INK, lw=1.1, marker="|", markersize=5)
        panel.axvline(found.central / MILLION, color=INK, lw=1.0, ls=":")
        _finish(panel, [str(name) for name in bars["name"]], "£m cash over the study")
        keys = [
            Patch(edgecolor=INK, label="at its 5% quantile", **ENDS["at_low"]),
            Patch(edgecolor=INK, label="at its 95% quantile", **ENDS["at_high"]),
        ]
        titled(figure, f"What moves it: {what}", TORNADO, caption, [keys])
    return figure


def screening_figure(found: Screening, caption: Caption, what: str) -> Figure:
    """Draw mean size against spread of the effect of each group, £m, with the largest named."""
    rows = found.effects
    several = rows["sigma"].isna()
    with look():
        figure = Drawing(figsize=(WIDTH, 6.2))
        panel = figure.subplots()
        for mine, marker, fill in ((rows[~several], MARKERS[0], FILLS[1]), (rows[several], MARKERS[1], "white")):
            _draw_points(panel, mine.fillna(0.0), marker, fill)
        most = float(rows["mu_star_high"].max()) / MILLION
        panel.plot([0, most], [0, most], color=INK, lw=0.8, ls="--")
        for number, row in enumerate(rows.fillna(0.0).head(MOST_NAMED).to_dict("records")):
            at = (row["mu_star"] / MILLION, row["sigma"] / MILLION)
            panel.annotate(
                figure_words(row["group"]), at, (5, 5 + 9 * (number % 2)), textcoords="offset points", size=8
            )
        panel.set_xlabel("mean size of the effect, £m cash over the study")
        panel.set_ylabel("spread of the effect (standard deviation), £m")
        top = float(rows["sigma_high"].fillna(0.0).max()) / MILLION
        panel.set(xlim=(0, 1.15 * most or None), ylim=(0, 1.25 * top or None))
        keys = [
            Line2D([], [], ls="", marker=MARKERS[0], color=FILLS[1], label="one figure, judgement or factor"),
            Line2D([], [], ls="", marker=MARKERS[1], color=INK, markerfacecolor="white", label="several figures"),
        ]
        titled(figure, f"What moves it: {what}", PLANE, caption, [keys])
    return figure


def value_figure(all_known: Worth, parts: pd.DataFrame, caption: Caption) -> Figure:
    """Draw what it is worth to know everything, and the figures most worth knowing, £m."""
    first = pd.DataFrame([all_known._asdict()])
    bars = pd.concat([first, parts[parts["high"] >= LEAST_WORTH].head(MOST_WORTHS)], ignore_index=True)
    with look():
        figure, panel = _panel(len(bars))
        fills = [LIGHT[6], *[LIGHT[1]] * (len(bars) - 1)]
        panel.barh(range(len(bars)), bars["value"] / MILLION, height=0.7, color=fills, edgecolor=INK, lw=0.7)
        for place, row in enumerate(bars.to_dict("records")):
            ends = np.array([row["low"], row["high"]]) / MILLION
            panel.plot(ends, [place, place], color=INK, lw=1.1, marker="|", markersize=5)
        _finish(panel, [str(name) for name in bars["name"]], "worth of knowing it exactly, £m cash over the study")
        panel.set_xlim(left=0)
        titled(figure, "Which evidence is worth collecting: value of perfect information", WORTHS, caption)
    return figure


def ranking_figure(found: pd.DataFrame, caption: Caption, by: Criterion = NET_COST) -> Figure:
    """Draw in which share of the draws each scenario is the best, with its interval; the best on average on top."""
    labels = ["\n".join(textwrap.wrap(caption.title_of(name), LETTERS)) for name in found["scenario"]]
    lines = sum(label.count("\n") + 1 for label in labels)
    with look():
        figure, panel = _panel(max(lines, len(labels)))
        for place, row in enumerate(found.to_dict("records")):
            share, low, high = (100 * row[name] for name in ("probability_best", "best_low", "best_high"))
            panel.barh(place, share, height=0.6, color=LIGHT[1], edgecolor=INK, lw=0.7)
            panel.plot([low, high], [place, place], color=INK, lw=1.1, marker="|", markersize=5)
            panel.annotate(f"{share:.0f}%", (high, place), (5, 0), textcoords="offset points", va="center", size=8)
        panel.set_yticks(range(len(labels)), labels)
        panel.set_ylim(len(labels) - 0.4, -0.6)
        panel.set(xlim=(0, 108), xlabel="draws in which the scenario is the best, %")
        panel.set_xticks(range(0, 101, 20))
        panel.grid(visible=False, axis="y")
        note = BEST.format(luck=TAKEN_OUT if caption.per_draw > 1 else LEFT_IN)
        titled(figure, ranking_title(by), note, caption)
    return figure


def save_sensitivity(figure: Figure, path: Path, lines: Sequence[str], caption: Caption) -> Path:
    """Write a figure as PNG, with what it shows in words beside it."""
    return save(figure, path, "\n".join([*lines, caption.origin]))


def _panel(rows: int) -> tuple[Figure, Axes]:
    figure = Drawing(figsize=(WIDTH, 2.2 + ROW * rows))
    return figure, figure.subplots()


def _finish(panel: Axes, names: Sequence[str], unit: str) -> None:
    labels = [textwrap.shorten(figure_words(name), LETTERS, placeholder=" ...") for name in names]
    panel.set_yticks(range(len(names)), labels)
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.set_xlabel(unit)
    panel.grid(visible=False, axis="y")


def _draw_points(panel: Axes, rows: pd.DataFrame, marker: str, fill: str) -> None:
    x, y = rows["mu_star"] / MILLION, rows["sigma"] / MILLION
    reach = [
        [np.maximum(at - rows[f"{name}_low"] / MILLION, 0.0), np.maximum(rows[f"{name}_high"] / MILLION - at, 0.0)]
        for name, at in (("mu_star", x), ("sigma", y))
    ]
    common: dict[str, Any] = {"fmt": marker, "color": INK, "ecolor": INK, "elinewidth": 0.8, "markersize": 6}
    panel.errorbar(x, y, xerr=reach[0], yerr=reach[1], markerfacecolor=fill, clip_on=False, **common)

"""The figure of a search for the best split: splits by their objective, with intervals, best and tied ones marked."""

from __future__ import annotations

import textwrap
from math import isnan
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from sim.report.amounts import MILLION, THOUSAND, is_money
from sim.report.style import FILLS, GREY, INK, LIGHT, WIDTH, Caption, Drawing, look, save, titled
from sim.search import Found, Searched
from sim.search.searching import LEVEL

SHOWN = 25
"""Splits drawn at most, the best first."""

ROW, LETTERS = 0.36, 62
NOTE = (
    "Dots: mean of the paired differences from the baseline (same {paired}). Lines: {level} interval of "
    "the mean difference{over}, of each split by itself; whether two splits can be told apart is judged on their own "
    "paired difference, which is known better. Splits that were screened out early have fewer replications."
)
SHARES = (
    " Bars: share of the draws in which a split is the best of those with all replications, with its {level} interval "
    "(luck of single runs is in it)."
)
HELD = " All figures of the county are held at their central values."
BEST, TIED, APART, BROKEN = (
    ("D", FILLS[1], FILLS[1], "best"),
    ("o", INK, INK, "not told apart from the best"),
    ("o", "white", GREY, "told apart, or screened out"),
    ("X", "white", GREY, "breaks a condition"),
)
"""Marker, fill, edge and name of each state: told apart by shape and fill as well as by colour."""


def allocation_figure(searched: Searched) -> Figure:
    """Draw the change of the objective from the baseline in each split, the best on top."""
    shown = searched.found[:SHOWN]
    unit = searched.allocation.said.objective.unit
    scale = _scale(unit, shown)
    with look():
        figure = Drawing(figsize=(WIDTH, 2.2 + ROW * len(shown)))
        axes, *beside = _panels(figure, searched)
        for row, one in enumerate(shown):
            marker, fill, edge, _ = _state(one, row == 0)
            low, high = one.change.low / scale, one.change.high / scale
            axes.plot([low, high], [row, row], color=edge, lw=2.2 if row == 0 else 1.2, zorder=2)
            axes.plot(
                [one.change.mean / scale], [row], marker=marker, mfc=fill, mec=edge, ms=8 if row == 0 else 6, zorder=3
            )
        axes.axvline(0, color=GREY, lw=0.9, zorder=1)
        axes.set_yticks(range(len(shown)), [_label(searched, one) for one in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"{searched.allocation.said.objective.label}: change from the baseline, {_unit(unit, scale)}")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,.4g}" if value else "0"))
        for panel in beside:
            _draw_shares(panel, shown)
        titled(
            figure, searched.allocation.title, _note(searched), Caption.of(searched.results.provenance), [_keys(shown)]
        )
    return figure


def allocation_in_a_figure(searched: Searched) -> str:
    """Return in words what the figure shows."""
    objective = searched.allocation.said.objective
    rows = [
        f"{number}. {searched.allocation.title_of(one.split)}: {one.change.mean:,.6g} "
        f"({one.change.low:,.6g} to {one.change.high:,.6g}), {_state(one, number == 1)[3]}{_share(one)}"
        for number, one in enumerate(searched.found[:SHOWN], start=1)
    ]
    head = (
        f"{objective.label}, change from the baseline in {objective.unit}, with the {LEVEL:.0%} interval of the mean:"
    )
    return "\n".join([f"{searched.allocation.title} {head}", *rows, _note(searched)])


def draw_allocation(searched: Searched, folder: Path) -> Path:
    """Write the figure, with its text alternative beside it, into the figures of a results folder."""
    return save(allocation_figure(searched), folder / "figures" / "splits.png", allocation_in_a_figure(searched))


def _panels(figure: Figure, searched: Searched) -> list[Axes]:
    """Return the panel of changes and, if parameters were drawn, one beside it for shares of draws."""
    if not searched.is_drawn:
        return [figure.subplots()]
    return list(figure.subplots(1, 2, sharey=True, width_ratios=[3, 1]))


def _draw_shares(panel: Axes, shown: tuple[Found, ...]) -> None:
    """Draw in which share of the draws each split is the best, with the interval."""
    for row, one in enumerate(shown):
        share, low, high = (100 * value for value in one.best_in)
        if not isnan(share):
            panel.barh(row, share, height=0.6, color=LIGHT[1], edgecolor=INK, lw=0.7)
            panel.plot([low, high], [row, row], color=INK, lw=1.1, marker="|", markersize=5)
    panel.set(xlim=(0, 100), xlabel="best in so many draws, %")
    panel.tick_params(axis="y", left=False)
    panel.grid(axis="y", visible=False)


def _share(one: Found) -> str:
    share, low, high = one.best_in
    return "" if isnan(share) else f"; best in {share:.0%} of the draws ({low:.0%} to {high:.0%})"


def _state(one: Found, is_best: bool) -> tuple[str, str, str, str]:
    if is_best:
        return BEST
    return BROKEN if one.breaks else TIED if one.is_tied else APART


def _keys(shown: tuple[Found, ...]) -> list[Line2D]:
    states = dict.fromkeys(_state(one, row == 0) for row, one in enumerate(shown))
    return [
        Line2D([], [], marker=marker, mfc=fill, mec=edge, color=edge, lw=1.2, label=name)
        for marker, fill, edge, name in states
    ]


def _label(searched: Searched, one: Found) -> str:
    return "\n".join(textwrap.wrap(searched.allocation.title_of(one.split), LETTERS))


def _note(searched: Searched) -> str:
    more = len(searched.found) - SHOWN
    level, drawn = f"{LEVEL:.0%}", searched.is_drawn
    paired = "draw of what is not known, same luck" if drawn else "replication, same luck"
    said = NOTE.format(level=level, paired=paired, over=" over draws and luck" if drawn else "")
    rest = f" {more} more splits are in splits.csv." if more > 0 else ""
    return f"{said}{SHARES.format(level=level) if drawn else HELD}{rest}"


def _scale(unit: str, shown: tuple[Found, ...]) -> float:
    most = max(abs(value) for one in shown for value in one.change[:3] if value == value)
    return (MILLION if most >= MILLION else THOUSAND) if is_money(unit) else 1.0


def _unit(unit: str, scale: float) -> str:
    return unit if scale == 1.0 else "£m" if scale == MILLION else "£ thousand"

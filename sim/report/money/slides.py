"""Pictures for slides: 16 to 9, large type, one message each, told apart without colour, with a text beside each."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.analysis import invest_to_save as invest
from sim.analysis.changed_for_whom import flows
from sim.analysis.money_pages import CUMULATIVE, management_plan
from sim.analysis.money_values import TOTAL
from sim.analysis.paired_spend import HALF_A_PENNY
from sim.analysis.payback import payback
from sim.analysis.savings import ADDED
from sim.measures.ledger import IN_BLOCK
from sim.report.amounts import Style
from sim.report.frames import LEVEL, MILLION
from sim.report.money.flow import draw_flow, flow_in_words
from sim.report.money.workbook import safe_text
from sim.report.payback_table import PARTS
from sim.report.style import DASHES, FILLS, GREY, HATCHES, INK, LIGHT, MARKERS, Caption, look, save
from sim.report.words import words
from sim.results import Results

SIZE = (13.333, 7.5)  # inches, 16 to 9
TYPE: dict[Any, Any] = {
    "font.size": 18.0,
    "axes.labelsize": 18.0,
    "xtick.labelsize": 16.0,
    "ytick.labelsize": 16.0,
    "legend.fontsize": 16.0,
    "axes.linewidth": 1.2,
}
AREA = (0.02, 0.11, 0.96, 0.7)  # left, bottom, width, height of the picture within the slide
TITLE_LETTERS, FOOT_LETTERS, KEY_LETTERS = 52, 150, 52
MOST_LINES, LABEL_LETTERS = 8, 28
PAGE_DOTS_PER_INCH = 100
MOST_TOLD = 6
"""Scenarios drawn if none are named, and lines in one picture: a slide holds no more."""


@dataclass(frozen=True)
class Slide:
    """A picture: what its file is called, the figure, and the same in words."""

    name: str
    figure: Figure
    text: str


def slides(results: Results, scenarios: Sequence[str] = (), level: float = LEVEL) -> Iterator[Slide]:
    """Yield the pictures of a study: the balance, and for each scenario cost, payback, savings and flow of pupils.

    Parameters
    ----------
    scenarios : those to draw; the first few of the results if none are named.
    """
    told = [name for name in results.scenarios[1:] if name in scenarios or not scenarios][:MOST_TOLD]
    balance = management_plan(results, [results.baseline, *told], level)
    balance = balance[(balance["item"] == CUMULATIVE) & (balance["comparison"] == "")].dropna(subset="value")
    if len(balance):
        yield _balance(results, balance)
    for number, name in enumerate(told, start=1):
        stem = f"{number:02d}_{file_name(name)}"
        rows = invest.invest_to_save(results, name, level)
        yield _net_cost(results, rows, name, stem)
        yield _payback(results, rows, name, stem)
        yield _savings(results, name, stem, level)
        if results.pupil_tables:
            yield _flow(results, name, stem, level)


def save_slides(made: Sequence[Slide], folder: Path) -> list[Path]:
    """Write pictures as PNG, with the same in words beside each, and return their paths."""
    return [save(one.figure, folder / f"{one.name}.png", one.text) for one in made]


def png_of(one: Slide) -> bytes:
    """Return a picture as PNG for a page: smaller than the one for slides."""
    content = io.BytesIO()
    with look():
        one.figure.savefig(content, dpi=PAGE_DOTS_PER_INCH, format="png")
    return content.getvalue()


def file_name(name: str) -> str:
    """Return a name as a part of a file name: letters, digits, hyphens and underscores, not too long."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:48] or "scenario"


def slide_title(name: str, titles: Caption) -> str:
    """Return the title of a scenario, plain and short enough for a slide."""
    return textwrap.shorten(safe_text(titles.title_of(name)), TITLE_LETTERS, placeholder="…").replace("$", r"\$")


def _new(title: str, note: str, titles: Caption) -> tuple[Figure, Axes]:
    """Return a slide with its title, its note and where it comes from, and the axes between them."""
    figure = Figure(figsize=SIZE)
    figure.set_layout_engine("constrained", rect=AREA)
    heading = "\n".join(textwrap.wrap(title, TITLE_LETTERS)[:2])
    figure.text(0.025, 0.965, heading, size=26, weight="bold", va="top", color=INK)
    if titles.stamp:
        box = {"facecolor": "white", "edgecolor": INK, "boxstyle": "square,pad=0.4", "linewidth": 1.5}
        figure.text(0.975, 0.955, titles.stamp.upper(), size=14, weight="bold", ha="right", va="top", bbox=box)
    foot = "\n".join(textwrap.wrap(safe_text(f"{note} {titles.origin}"), FOOT_LETTERS)).replace("$", r"\$")
    figure.text(0.025, 0.02, foot, size=11.5, color=GREY, va="bottom")
    return figure, figure.subplots()


def _in_millions(panel: Axes) -> None:
    panel.yaxis.set_major_formatter(FuncFormatter(_millions))
    panel.axhline(0, color=INK, linewidth=1.2)


def _millions(value: float, _: float) -> str:
    """Return pounds as millions, with as many decimals as there are."""
    return f"{value / MILLION:,.4g}".replace("-", "\N{MINUS SIGN}")


def _years(panel: Axes, labels: Sequence[str]) -> None:
    panel.set_xticks(range(len(labels)), [label[2:] for label in labels])
    panel.set_xlabel("financial year")


def _band(panel: Axes, rows: pd.DataFrame, place: int, label: str) -> None:
    """Draw a line of means with the interval of the mean as a band."""
    at = list(range(len(rows)))
    style: dict[str, Any] = {
        "color": FILLS[place],
        "linestyle": DASHES[place],
        "marker": MARKERS[place],
        "linewidth": 3,
        "markersize": 9,
    }
    panel.plot(at, rows["value"], label=label, **style)
    panel.fill_between(at, rows["low"], rows["high"], color=FILLS[place], alpha=0.2, linewidth=0)


def _said(rows: pd.DataFrame) -> str:
    """Return value and interval of each period in words."""
    return "; ".join(f"{row['period']} {_one(row)}" for row in rows.to_dict("records"))


def _one(row: Mapping[Hashable, Any]) -> str:
    value, low, high = row["value"], row["low"], row["high"]
    if row["unit"] == "share":
        return f"{value:.0%} (no interval)" if pd.isna(low) else f"{value:.0%} ({low:.0%} to {high:.0%})"
    style = Style.of("£", value, low, high)
    ends = "no interval" if pd.isna(low) else f"{style.signed(low)} to {style.signed(high)}"
    return f"{style.signed(value)} ({ends})"


def _balance(results: Results, rows: pd.DataFrame) -> Slide:
    titles = Caption.of(results.provenance)
    with look(), mpl.rc_context(TYPE):
        note = "Lines: mean. Bands: 95% interval of the mean. Cash."
        figure, panel = _new("Balance of the high needs block carried forward at 31 March", note, titles)
        lines = [f"{rows['period'].iloc[0]} on"]
        for place, (name, mine) in enumerate(rows.groupby("scenario", sort=False)):
            _band(panel, mine, place, textwrap.shorten(slide_title(str(name), titles), KEY_LETTERS, placeholder="…"))
            lines.append(f"{titles.title_of(str(name))}: {_said(mine)}")
        _in_millions(panel)
        _years(panel, list(dict.fromkeys(rows["period"])))
        panel.set_ylabel("£m (below 0: deficit)")
        panel.legend()
    return Slide("balance", figure, "\n".join([*lines, note, titles.origin]))


def _net_cost(results: Results, rows: pd.DataFrame, name: str, stem: str) -> Slide:
    titles = Caption.of(results.provenance)
    mine = rows[(rows["case"] == invest.AS_MODELLED) & (rows["period"] != TOTAL)]
    net, total = (mine[mine["quantity"] == quantity] for quantity in (invest.NET, invest.CUMULATIVE))
    with look(), mpl.rc_context(TYPE):
        note = "Against the baseline. Band and lines on bars: 95% interval of the mean difference. Cash."
        figure, panel = _new(f"{slide_title(name, titles)}: net cost to the block", note, titles)
        at = list(range(len(net)))
        panel.bar(at, net["value"], color=LIGHT[1], edgecolor=INK, hatch=HATCHES[0], label="net cost of the year")
        panel.vlines(at, net["low"], net["high"], color=INK, linewidth=2)
        _band(panel, total, 2, "added up since the start")
        _in_millions(panel)
        _years(panel, list(net["period"]))
        panel.set_ylabel("£m (below 0: saving)")
        panel.legend()
    text = f"{titles.title_of(name)}: net cost by year: {_said(net)}. Added up: {_said(total)}."
    return Slide(f"{stem}_net_cost", figure, "\n".join([text, note, titles.origin]))


def _payback(results: Results, rows: pd.DataFrame, name: str, stem: str) -> Slide:
    titles = Caption.of(results.provenance)
    mine = rows[rows["quantity"] == invest.PAID_BACK]
    with look(), mpl.rc_context(TYPE):
        note = "Paid back for good by the end of the year. Bands: exact 95% interval of the chance."
        figure, panel = _new(f"{slide_title(name, titles)}: chance that the money is back", note, titles)
        lines = []
        for place, case in enumerate(invest.CASES):
            here = mine[mine["case"] == case]
            _band(panel, here, place, case)
            lines.append(f"{titles.title_of(name)}, {case}: {_said(here)}")
        _years(panel, list(dict.fromkeys(mine["period"])))
        panel.set_ylim(-0.03, 1.03)
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        panel.set_ylabel("chance")
        panel.legend()
    return Slide(f"{stem}_payback", figure, "\n".join([*lines, note, titles.origin]))


def _savings(results: Results, name: str, stem: str, level: float) -> Slide:
    titles, labels = Caption.of(results.provenance), dict(results.provenance["lines"])
    saved = payback(results, name, level).savings
    whole = saved[(saved["period"] == saved["period"].iloc[-1]) & (saved["line"] != IN_BLOCK)]
    table = _largest(whole)
    with look(), mpl.rc_context(TYPE):
        note = f"Means, total of {whole['period'].iloc[0]}, cash; intervals are in the workbook (sheet Savings)."
        figure, panel = _new(f"{slide_title(name, titles)}: where money is saved and spent", note, titles)
        _stack(panel, table)
        shown = [textwrap.fill(labels.get(line, line), LABEL_LETTERS) for line in table.index]
        panel.set_yticks(range(len(table)), shown, size=14)
        panel.axvline(0, color=INK, linewidth=1.2)
        panel.xaxis.set_major_formatter(FuncFormatter(_millions))
        panel.set_xlabel("£m (right: saved; left: added cost)")
        figure.legend(loc="upper right", bbox_to_anchor=(0.98, 0.86), ncols=len(PARTS))
    lines = [f"{labels.get(line, line)}: {_parts_said(whole[whole['line'] == line])}" for line in table.index[::-1]]
    return Slide(f"{stem}_savings", figure, "\n".join([titles.title_of(name), *lines, note, titles.origin]))


def _stack(panel: Axes, table: pd.DataFrame) -> None:
    """Draw cash released and cost avoided to the right, added cost to the left."""
    at, left = list(range(len(table))), np.zeros(len(table))
    for place, (part, label) in enumerate(PARTS.items()):
        sizes = table[part].to_numpy()
        style: dict[str, Any] = {"color": LIGHT[place + 1], "edgecolor": INK, "hatch": HATCHES[place]}
        if part == ADDED:
            panel.barh(at, -sizes, label=label.replace("\n", " "), **style)
        else:
            panel.barh(at, sizes, left=left, label=label.replace("\n", " "), **style)
            left = left + sizes


def _largest(whole: pd.DataFrame) -> pd.DataFrame:
    """Return the parts (columns) of the lines that change most, the largest last; what is not known counts as 0."""
    table = whole.pivot(index="line", columns="part", values="mean").fillna(0.0)[list(PARTS)]  # noqa: PD010
    sizes = table.abs().sum(axis=1).nlargest(MOST_LINES)
    return table.loc[sizes[sizes > HALF_A_PENNY].index[::-1]]


def _parts_said(rows: pd.DataFrame) -> str:
    said = []
    for row in rows.dropna(subset="mean").to_dict("records"):
        style = Style.of("£", row["mean"], row["low"], row["high"])
        ends = "no interval" if pd.isna(row["low"]) else f"{style.signed(row['low'])} to {style.signed(row['high'])}"
        said.append(f"{words(row['part']).lower()} {style.signed(row['mean'])} ({ends})")
    return ", ".join(said)


def _flow(results: Results, name: str, stem: str, level: float) -> Slide:
    titles = Caption.of(results.provenance)
    flow = flows(results, name, level)
    with look(), mpl.rc_context(TYPE):
        note = (
            "Furthest placement of the same pupils since the study began; mainstream in both lives left out. Means; "
            "intervals are in the workbook (sheet Flows)."
        )
        figure, panel = _new(f"{slide_title(name, titles)}: how far the same pupils come", note, titles)
        draw_flow(panel, flow, ("Baseline", "Scenario"))
    return Slide(f"{stem}_flow", figure, "\n".join([titles.title_of(name), flow_in_words(flow), note, titles.origin]))

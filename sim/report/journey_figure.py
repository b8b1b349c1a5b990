"""One pupil's way through provision under the baseline and under a scenario, one below the other."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.analysis.recorded import recorded
from sim.report.style import GREY, HATCHES, INK, LIGHT, WIDTH, Caption, Drawing, look, titled
from sim.report.words import words
from sim.results import Results
from sim.vocabulary import Happening, ProvisionKind

DATES: Any = dates  # its functions have no types
COMPARED = (
    ProvisionKind.SPECIAL,
    ProvisionKind.INDEPENDENT,
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.NO_EDUCATION,
)
"""Placements by whose days the pupil is chosen who differs most."""

SIGNS = {
    Happening.ONSET: ("o", "need visible"),
    Happening.SUSPENSION: ("x", "suspension"),
    Happening.PERMANENT_EXCLUSION: ("X", "permanent exclusion"),
    Happening.PLAN_ISSUED: ("^", "EHC plan issued"),
    Happening.REINTEGRATED: ("D", "back to mainstream"),
    Happening.RESOLVED: ("s", "need resolved"),
}
BARS: dict[str, dict[str, Any]] = {
    "placement": {"facecolor": LIGHT[1]},
    "support": {"facecolor": LIGHT[2], "hatch": HATCHES[2]},
    "wait": {"facecolor": "white", "hatch": HATCHES[0]},
}
KIND_WORDS = {"placement": "placement", "support": "support beside it", "wait": "waiting for a place"}
ROW, LETTERS, SHORTEST = 0.3, 44, 4
"""Inches of a row, letters of its name, and days that a bar is drawn wide at least."""

NOTE = (
    "One run (replication {replication}) with the same luck in both: what differs follows from the policy, and is one "
    "life of many, so there is no interval. Ticks: 1 September. The pupil is nobody real. {chosen}"
)
CHOSEN = "Chosen: the pupil whose days in special, tuition and no education differ most between the two."


def pick(results: Results, scenario: str, replications: list[int]) -> tuple[str, int]:
    """Return the pupil, and replication, whose days in the placements compared differ most; the first among equals."""
    columns = [f"days_{kind.value}" for kind in COMPARED]
    both = [
        one[one["replication"].isin(replications)].set_index(["replication", "pupil"])[columns]
        for one in (results.pupils(results.baseline), results.pupils(scenario))
    ]
    apart = (both[1] - both[0]).dropna().abs().sum(axis=1)
    if apart.empty:
        raise ValueError("no pupil is in both runs")
    replication, pupil = apart.index[int(apart.to_numpy().argmax())]
    return str(pupil), int(replication)


def journey(results: Results, scenario: str, pupil: str, replication: int) -> pd.DataFrame:
    """Return the stays, support and waits of a pupil: kind, name, start_date, end_date, in order of beginning."""
    made = []
    for table, kind in (("spells", "placement"), ("supports", "support"), ("waits", "wait")):
        rows = _of(recorded(results, table, (scenario,)), pupil, replication)
        made.append(rows.assign(kind=kind, name=rows["provision"].astype("str")))
    found = pd.concat(made, ignore_index=True)[["kind", "name", "start_date", "end_date"]]
    return found.sort_values("start_date", kind="stable").reset_index(drop=True)


def journey_figure(results: Results, scenario: str, pupil: str | None = None, replication: int | None = None) -> Figure:
    """Draw what happens to a pupil under the baseline and a scenario, by date; ValueError for one who is in neither."""
    kept = [n for n in results.provenance["facts_kept_of"] if n < results.provenance["replications"]]
    who, number = pick(results, scenario, kept) if pupil is None else (pupil, kept[0])
    number = number if replication is None else replication
    lives = {name: journey(results, name, who, number) for name in (results.baseline, scenario)}
    if all(life.empty for life in lives.values()):
        raise ValueError(f"no pupil {who!r} in replication {number}; results.spells has those there are")
    caption = Caption.of(results.provenance)
    labels = {name: one["label"] for name, one in results.provenance["provisions"].items()}
    sizes = [max(life[["kind", "name"]].drop_duplicates().shape[0], 1) + 1 for life in lives.values()]
    with look():
        figure = Drawing(figsize=(WIDTH, 2.2 + ROW * sum(sizes)))
        panels = figure.subplots(2, 1, sharex=True, height_ratios=sizes)
        for (name, life), panel in zip(lives.items(), panels, strict=True):
            _draw(panel, life, labels)
            _mark(panel, _of(recorded(results, "events", (name,)), who, number))
            panel.set_title(textwrap.shorten(caption.title_of(name), 90, placeholder=" ..."))
        note = NOTE.format(replication=number, chosen=CHOSEN if pupil is None else "")
        titled(figure, f"One pupil, two worlds: {who}", note, caption, _keys())
    return figure


def _of(table: pd.DataFrame, pupil: str, replication: int) -> pd.DataFrame:
    return table[(table["pupil"] == pupil) & (table["replication"] == replication)]


def _draw(panel: Axes, life: pd.DataFrame, labels: dict[str, str]) -> None:
    lanes = life[["kind", "name"]].drop_duplicates().reset_index(drop=True)
    place = {pair: number for number, pair in enumerate(zip(lanes["kind"], lanes["name"], strict=True))}
    for row in life.to_dict("records"):
        begin = _number(row["start_date"])
        width = max(_number(row["end_date"]) - begin, SHORTEST)
        at = place[row["kind"], row["name"]]
        panel.barh(at, width, left=begin, height=0.62, edgecolor=INK, lw=0.6, **BARS[row["kind"]])
    names = [textwrap.shorten(labels.get(name, words(name)), LETTERS, placeholder=" ...") for name in lanes["name"]]
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(max(len(names), 1) - 0.4, -1.2)
    panel.xaxis.set_major_locator(DATES.YearLocator(month=9, day=1))
    panel.xaxis.set_major_formatter(DATES.DateFormatter("%b %Y"))
    panel.tick_params(axis="x", labelrotation=30)
    panel.grid(visible=False, axis="y")


def _number(day: Any) -> Any:
    """Return dates as the numbers that matplotlib draws at."""
    return DATES.date2num(day)


def _mark(panel: Axes, events: pd.DataFrame) -> None:
    for happening, (sign, _) in SIGNS.items():
        mine = events[events["happening"] == happening.value]
        if len(mine):
            days = _number(mine["at_date"])
            panel.plot(days, [-0.75] * len(mine), ls="", marker=sign, ms=5, color=INK, mfc=GREY)


def _keys() -> list[list[Any]]:
    bars = [Patch(edgecolor=INK, lw=0.6, label=KIND_WORDS[kind], **fill) for kind, fill in BARS.items()]
    signs = [
        Line2D([], [], ls="", marker=sign, ms=5, color=INK, mfc=GREY, label=label) for sign, label in SIGNS.values()
    ]
    return [bars, signs[:4], signs[4:]]

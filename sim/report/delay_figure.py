"""What beginning later costs: spend over the study by years of delay, paired with beginning at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analysis.lever_break_even import BLOCK_SPEND
from sim.analysis.quantities import by_replication
from sim.report.frames import LEVEL, MILLION
from sim.report.style import FILLS, GREY, INK, WIDTH, Caption, Drawing, look, titled
from sim.report.words import between, signed
from sim.results import Results, mean_with_interval

BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""Under words, so that no line runs through them."""

NOTE = (
    "Points: mean spend of the high needs block over the study less what it is when the policy begins at once (same "
    "replication, same luck), cash. Lines: 95% interval of the mean difference. Above 0 waiting costs money. A filled "
    "point has an interval that excludes no difference."
)


def delays_of(results: Results) -> dict[str, float]:
    """Return the years of delay of the scenarios of one policy: those that are delayed, and the one at once.

    ValueError when the results hold no delayed scenario, or none with the same levers that begins at once.
    """
    said = {one["name"]: one for one in results.provenance["scenarios"]}
    late = {name: one for name, one in said.items() if one.get("delay_years")}
    levers = {tuple(sorted(one["levers"])) for one in late.values()}
    others = [(name, said[name]) for name in results.scenarios[1:]]
    at_once = [n for n, one in others if n not in late and tuple(sorted(one["levers"])) in levers]
    if not late or not at_once:
        raise ValueError("the cost of waiting needs a policy at once and later; give delays={scenario: years, ...}")
    return {at_once[0]: 0.0, **{name: float(one["delay_years"]) for name, one in late.items()}}


def costs_of_waiting(results: Results, delays: Mapping[str, float], level: float = LEVEL) -> pd.DataFrame:
    """Return for each scenario, the one with the least delay first, what it spends more than that one.

    Columns: scenario, years, mean, low, high (pounds cash over the study; t interval), replications.
    """
    missing = [name for name in delays if name not in results.scenarios]
    if missing or len(delays) < 2:
        raise ValueError(f"delays need two or more scenarios of {', '.join(results.scenarios)}; found {list(delays)}")
    start = date.fromisoformat(str(results.provenance["horizon"]["study_start"]))
    spend = by_replication(results.of_draws().measures, BLOCK_SPEND, start)
    names = sorted(delays, key=lambda name: delays[name])
    values = spend.loc[names].to_numpy(dtype=np.float64)
    found = mean_with_interval(values - values[:1], level)
    return pd.concat([pd.DataFrame({"scenario": names, "years": [delays[name] for name in names]}), found], axis=1)


def delay_figure(results: Results, delays: Mapping[str, float] | None = None) -> Figure:
    """Draw what each delay costs, £m cash over the study."""
    found = costs_of_waiting(results, delays or delays_of(results))
    caption = Caption.of(results.provenance)
    with look():
        figure = Drawing(figsize=(WIDTH, 4.8))
        panel = figure.subplots()
        _draw(panel, found)
        first = caption.title_of(str(found["scenario"].iloc[0]))
        titled(figure, f"What waiting costs: {first}", NOTE, caption)
    return figure


def _draw(panel: Axes, found: pd.DataFrame) -> None:
    panel.axhline(0, color=GREY, lw=0.9)
    panel.plot(found["years"], found["mean"] / MILLION, color=INK, lw=0.9, ls=":")
    rises = found["mean"].iloc[-1] >= 0.0  # the line leads up to the right: words stand below it, and else above
    away = -9 if rises else 9
    words: dict[str, Any] = {
        "textcoords": "offset points",
        "va": "top" if rises else "bottom",
        "size": 8,
        "bbox": BEHIND,
    }
    for row in found.to_dict("records"):
        low, middle, high = (row[name] / MILLION for name in ("low", "mean", "high"))
        fill = FILLS[1] if low > 0 or high < 0 else "white"
        panel.plot([row["years"]] * 2, [low, high], color=INK, lw=1.6, solid_capstyle="butt")
        panel.plot(row["years"], middle, "o", ms=7, mec=INK, mfc=fill)
        text = f"{signed(middle, 2)}\n{between(low, high, 2)}" if row["years"] != found["years"].iloc[0] else "at once"
        panel.annotate(text, (row["years"], middle), (9, away), **words)
    panel.set_xlabel("years by which the policy begins later")
    panel.set_ylabel("£m cash over the study")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.margins(x=0.18, y=0.12)
    if not found["mean"].abs().max():
        panel.set_ylim(-1, 1)

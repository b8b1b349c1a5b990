"""A tornado of scenarios that were run in pairs: one with a figure low, one with it high."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.analysis.lever_break_even import BLOCK_SPEND
from sim.analysis.quantities import by_replication
from sim.analysis.sensitivity.tornado import Tornado, tornado_of
from sim.report.frames import MILLION
from sim.report.style import HATCHES, INK, LIGHT, WIDTH, Caption, Drawing, look, titled
from sim.results import Results, run_id

ROW, LETTERS = 0.3, 46
ENDS: dict[str, dict[str, Any]] = {
    "at_low": {"facecolor": LIGHT[2], "hatch": HATCHES[0]},
    "at_high": {"facecolor": LIGHT[1]},
}
NOTE = (
    "Bars: mean spend of the high needs block over the study in the scenario with one figure low and in that with it "
    "high, less the baseline's. Thin lines: 95% interval of the mean paired difference between the two (same "
    "replication, same luck), laid at the end of the high one. The largest difference is on top."
)


def scenario_tornado(results: Results, ends: Mapping[str, tuple[str, str]]) -> Tornado:
    """Return the tornado of pairs of scenarios (low, high) by label; the outcome is spend of the block, pounds cash.

    ValueError for a scenario that the results do not hold, or without a pair.
    """
    names = [name for pair in ends.values() for name in pair]
    missing = [name for name in names if name not in results.scenarios]
    if missing or not names:
        known = ", ".join(results.scenarios)
        raise ValueError(f"no results of {', '.join(missing) or 'any pair'}; the scenarios are {known}")
    start = date.fromisoformat(str(results.provenance["horizon"]["study_start"]))
    spend = by_replication(results.of_draws().measures, BLOCK_SPEND, start)
    values = spend.loc[[results.baseline, *names]].to_numpy(dtype=np.float64)
    return tornado_of(list(ends), values, run_id(results.provenance))


def scenario_tornado_figure(results: Results, ends: Mapping[str, tuple[str, str]]) -> Figure:
    """Draw the tornado of pairs of scenarios, £m cash over the study."""
    found = scenario_tornado(results, ends)
    with look():
        figure = Drawing(figsize=(WIDTH, 2.3 + ROW * len(found.bars)))
        panel = figure.subplots()
        _draw(panel, found)
        central = f"{found.central / MILLION:,.1f}"
        panel.set_xlabel(f"£m cash over the study, change from the baseline's {central}")
        keys = [
            Patch(edgecolor=INK, label="low", **ENDS["at_low"]),
            Patch(edgecolor=INK, label="high", **ENDS["at_high"]),
        ]
        title = "What moves it: spend of the high needs block"
        titled(figure, title, NOTE, Caption.of(results.provenance), [keys])
    return figure


def _draw(panel: Axes, found: Tornado) -> None:
    for place, row in enumerate(found.bars.to_dict("records")):
        reach = {end: (row[end] - found.central) / MILLION for end in ENDS}
        for end in sorted(reach, key=lambda end: -abs(reach[end])):  # the shorter one on top
            panel.barh(place, reach[end], height=0.7, edgecolor=INK, lw=0.7, **ENDS[end])
        ends = np.array([row["swing_low"], row["swing_high"]]) - row["swing"] + row["at_high"] - found.central
        panel.plot(ends / MILLION, [place, place], color=INK, lw=1.1, marker="|", markersize=5)
    panel.axvline(0, color=INK, lw=1.0)
    names = [textwrap.shorten(str(name), LETTERS, placeholder=" ...") for name in found.bars["name"]]
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(len(names) - 0.4, -0.6)
    panel.grid(visible=False, axis="y")
    if not (found.bars[["at_low", "at_high"]] - found.central).abs().to_numpy().max():
        panel.set_xlim(-1, 1)

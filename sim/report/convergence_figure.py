"""How the mean paired difference and its interval settle as replications are added."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analysis.comparison import Row, headline_rows
from sim.analysis.paired_spend import Floats
from sim.analysis.precision import half_widths, means
from sim.analysis.quantities import Quantity, by_replication
from sim.measures.ledger import IN_BLOCK
from sim.report.frames import MILLION
from sim.report.style import FILLS, GREY, INK, WIDTH, Caption, Drawing, look, titled
from sim.results import Results

COLUMNS, DEFAULT = 2, 4
LEVEL = 0.95
NOTE = (
    "Line: mean of the paired differences (same replication, same luck) after so many {unit}, in their order. Band: "
    "95% t interval of that mean, from the second on. Dotted: the mean at the end. A line that still drifts, or a "
    "band that still narrows, asks for more replications."
)


def convergence_figure(results: Results, scenario: str, quantities: Sequence[Quantity] = ()) -> Figure:
    """Draw a panel for each quantity: its running mean difference from the baseline with its interval.

    ValueError when there are fewer than two replications (or draws), or a quantity has no figures.
    """
    chosen = quantities or default_quantities(results, scenario)
    found = [(one, differences(results, scenario, one)) for one in chosen]
    if any(np.isfinite(change).sum() < 2 for _, change in found):
        raise ValueError("convergence needs two or more replications in which the quantity has a value")
    caption, rows = Caption.of(results.provenance), math.ceil(len(found) / COLUMNS)
    with look():
        figure = Drawing(figsize=(WIDTH, 2.4 * rows + 1.5))
        grid = figure.subplots(rows, min(len(found), COLUMNS), squeeze=False).flatten().tolist()
        for (quantity, change), panel in zip(found, grid, strict=False):
            _draw(panel, quantity, change)
        for spare in grid[len(found) :]:
            spare.set_axis_off()
        unit = "draws of the parameters" if results.per_draw > 1 else "replications"
        title = f"How precise it is: {caption.title_of(scenario)}"
        titled(figure, title, NOTE.format(unit=unit), caption)
    return figure


def default_quantities(results: Results, scenario: str) -> list[Row]:
    """Return spend of the block a year and the rolls that a scenario changes most."""
    rows = headline_rows(results.provenance["lines"])
    spend = [row for row in rows if row.provision == IN_BLOCK and row.over == "mean"]
    rolls = [row for row in rows if row.measure == "mean_roll"]
    size = {row: abs(float(np.nanmean(differences(results, scenario, row)))) for row in rolls}
    return [*spend, *sorted(rolls, key=lambda row: -size[row])[: DEFAULT - len(spend)]]


def differences(results: Results, scenario: str, quantity: Quantity) -> Floats:
    """Return the paired difference of each replication (or draw), in their order; ValueError without figures."""
    start = date.fromisoformat(str(results.provenance["horizon"]["study_start"]))
    both = by_replication(results.of_draws().measures, quantity, start)
    if both.empty:
        raise ValueError(f"no figures of {quantity.measure} of {quantity.provision!r}")
    return np.asarray((both.loc[scenario] - both.loc[results.baseline]).to_numpy(dtype=np.float64))


def _draw(panel: Axes, quantity: Quantity, change: Floats) -> None:
    unit = str(getattr(quantity, "unit", ""))
    is_money = unit.startswith(("GBP", "£"))
    values = change / (MILLION if is_money else 1.0)
    number, mean, half = np.arange(1, len(values) + 1), means(values), half_widths(values, LEVEL)
    half[~np.isfinite(half)] = np.nan
    panel.fill_between(number, mean - half, mean + half, color=FILLS[1], alpha=0.3, lw=0)
    panel.plot(number, mean, color=INK, lw=1.5)
    panel.axhline(mean[-1], color=INK, lw=0.9, ls=":")
    panel.axhline(0, color=GREY, lw=0.9)
    label = str(getattr(quantity, "label", f"{quantity.measure} {quantity.provision}"))
    panel.set_title(textwrap.shorten(label, 52, placeholder=" ..."))
    panel.set_ylabel("£m a year, cash" if is_money else unit or "change")
    panel.set_xlabel("number so far")
    panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if not np.nanmax(np.abs(values)):
        panel.set_ylim(-1, 1)

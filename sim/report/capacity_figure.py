"""How full provisions are and how many wait for them, by academic year: two heat maps."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.frames import rows_of, usable_places
from sim.report.style import INK, WIDTH, Caption, Drawing, look, titled
from sim.report.words import shortened, words
from sim.results import Results
from sim.school_year import academic_year_label
from sim.vocabulary import ProvisionKind

CELL, MOST_YEARS, LETTERS = 0.27, 14, 48
PALETTE, DARKEST = "Greys", 2.0
"""The largest value has the grey in the middle of the palette, on which black figures can still be read."""

NOTE = (
    "Means over replications. Above: mean roll in % of usable places, by kind of provision with a limit; above 100% "
    "children are taught beyond the places there are. Below: pupils waiting on average over the year, by provision; "
    "those that nobody waits for are left out. Darker is more. An empty cell had no places, or nobody waiting."
)


def occupancy(results: Results, scenario: str) -> pd.DataFrame:
    """Return mean roll in % of usable places: kind of provision (index) x academic year, as labels; NaN without any."""
    measures = results.measures[results.measures["scenario"] == scenario]
    places = usable_places(measures).pivot_table(index="provision", columns="year", values="value", sort=False)
    rolls = rows_of(measures, "mean_roll").pivot_table(index="provision", columns="year", values="value", sort=False)
    there = places[places.gt(0).any(axis=1)]
    return _labelled(100 * rolls.reindex(index=there.index, columns=there.columns) / there.where(there > 0))


def queues(results: Results, scenario: str) -> pd.DataFrame:
    """Return pupils waiting on average: provision (index) x academic year, of those that anybody waits for."""
    rows = rows_of(results.measures[results.measures["scenario"] == scenario], "waiting_number")
    single = rows[~rows["provision"].isin(["all", *map(str, ProvisionKind)])]
    found = single.pivot_table(index="provision", columns="year", values="value", sort=False)
    return _labelled(found[found.gt(0).any(axis=1)])


def capacity_figure(results: Results, scenario: str) -> Figure:
    """Draw occupancy above queues; a note takes the place of a map of nothing."""
    if scenario not in results.scenarios:
        raise ValueError(f"no scenario {scenario!r}; there is {', '.join(results.scenarios)}")
    caption = Caption.of(results.provenance)
    full, waiting = occupancy(results, scenario), queues(results, scenario)
    labels = {name: one["label"] for name, one in results.provenance.get("provisions", {}).items()}
    sizes = [max(len(table), 2) + 1.5 for table in (full, waiting)]
    with look():
        figure = Drawing(figsize=(WIDTH, 1.7 + CELL * sum(sizes)))
        above, below = figure.subplots(2, 1, height_ratios=sizes)
        _draw(above, full, {}, "Roll in % of usable places", ".0f")
        _draw(below, waiting, labels, "Pupils waiting on average", ".1f")
        titled(figure, f"Capacity and queues: {caption.title_of(scenario)}", NOTE, caption)
    return figure


def _draw(panel: Axes, table: pd.DataFrame, labels: dict[str, str], title: str, form: str) -> None:
    panel.set_title(title)
    if table.empty:
        panel.set_axis_off()
        panel.text(0.5, 0.5, "nothing to show", ha="center", va="center", color=INK, transform=panel.transAxes)
        return
    annotated = len(table.columns) <= MOST_YEARS
    style = {"linewidths": 0.6, "linecolor": "#bdbdbd", "annot_kws": {"size": 7.5, "color": INK}}
    top = float(table.max().max())
    sns.heatmap(
        table, ax=panel, cmap=PALETTE, vmin=0, vmax=DARKEST * top, annot=annotated, fmt=form, cbar=False, **style
    )
    panel.set_yticks(
        [i + 0.5 for i in range(len(table))],
        [shortened(labels.get(n, words(n)), LETTERS) for n in table.index],
        rotation=0,
    )
    panel.tick_params(axis="x", rotation=0, length=0)
    panel.tick_params(axis="y", length=0)
    panel.set(xlabel="", ylabel="")


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns=academic_year_label)

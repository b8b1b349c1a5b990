"""The three figures of a results folder: rolls over time, spend by line and year, and paired change.

Each takes tidy frames with the columns of `Results.measures` (the first scenario is the baseline) and returns a
matplotlib Figure; each has a function beside it that says the same in words.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report.frames import (
    changes_of,
    interval_of_mean,
    kinds_in_use,
    lines_in_use,
    panels_of,
    range_of_futures,
    rows_of,
    scenarios_of,
    spend_rows,
    usable_places,
)
from sim.report.style import (
    DASHES,
    FILLS,
    GREY,
    HATCHES,
    INK,
    LIGHT,
    MARKERS,
    WIDTH,
    Caption,
    Drawing,
    look,
    save,
    titled,
)
from sim.report.words import between, not_shown, shortened, signed, words
from sim.results import Results

COLUMNS = 3
MOST_LETTERS = 100
LETTERS = 56
"""Of the name of a row; longer ones are cut short."""

MOST_BANDS = 3
"""Scenarios that are drawn with bands; of more only the baseline is, as bands on bands cannot be told apart."""

FAR_FROM_ZERO = 0.5  # a panel whose lowest value is above half of its highest does not start at zero
BANDS = (
    "Dark band: 95% interval of the mean (how well the replications pin down the average). "
    "Light band: {}, 10th to 90th percentile of the replications ({})."
)
OWN_AXES = " Panels have their own axes, and those of the larger rolls may not start at zero."
ONE_REPLICATION = "One replication: there are no intervals, and other luck may give another answer."
BASELINE_ONLY = " The bands are the baseline's; those of the others are left out, as they would lie on each other."
FAR_BY_LUCK = "how far luck may take one run"
FAR_BY_PARAMETERS = "how far luck and parameters that are not known may take one future"
BARS = "Bars: mean over replications. Thin lines: 95% interval of the mean. Cash, not adjusted for inflation."
FOREST = (
    "Dots: mean of the paired differences (same replication, same luck). Lines: 95% interval of the mean difference. "
    "A filled dot has an interval that excludes no change; an open dot does not."
)

DOTS = (0, (1, 1))
PLACE_KEY = Line2D([], [], color=INK, lw=1.2, ls=DOTS, label="usable places")


def rolls_figure(measures: pd.DataFrame, caption: Caption, left_out: int = 0) -> Figure:
    """Draw the mean roll of each kind of provision in use by academic year, with its usable places, a panel each.

    `left_out` is the number of scenarios that are not in `measures` to keep the figure readable; it is said below.
    """
    rolls, places = rows_of(measures, "mean_roll"), usable_places(measures)
    scenarios, kinds = scenarios_of(rolls), kinds_in_use(rolls)
    with look():
        figure, panels = _panels(len(kinds), 2.0)
        for kind, panel in zip(kinds, panels, strict=True):
            _draw_bands(panel, rolls[rolls["provision"] == kind], scenarios, caption.per_draw)
            _draw_places(panel, places[places["provision"] == kind], scenarios)
            _finish(panel, words(kind), rolls["year"], "/")
        _label_rows(panels, "pupils (mean roll)")
        keys = [
            *_rows(_line_keys(scenarios, caption)),
            [*(_band_keys(caption) if caption.replications > 1 else []), PLACE_KEY],
        ]
        note = _note_on_bands(caption, len(scenarios))
        title = "Pupils on roll by kind of provision and academic year"
        titled(figure, title, note + not_shown(left_out), caption, keys)
    return figure


def spend_figure(
    measures: pd.DataFrame, caption: Caption, lines: Mapping[str, str] | None = None, left_out: int = 0
) -> Figure:
    """Draw spend by budget line and financial year in millions of pounds, a panel each.

    `lines` gives the label of each line, in the order to draw them; lines that are never spent on are left out.
    `left_out` is as in `rolls_figure`.
    """
    spend = spend_rows(measures)
    scenarios, labels = scenarios_of(spend), lines_in_use(spend, lines or {})
    with look():
        figure, panels = _panels(len(labels), 2.0)
        for (line, label), panel in zip(labels.items(), panels, strict=True):
            _draw_bars(panel, spend[spend["provision"] == line], scenarios)
            _finish(panel, label, spend["year"], "-")
        _label_rows(panels, "£m a year (cash)")
        keys = _rows(_bar_keys(scenarios, caption))
        note = BARS if caption.replications > 1 else f"{ONE_REPLICATION} Cash, not adjusted for inflation."
        titled(figure, "Spend by budget line and financial year", note + not_shown(left_out), caption, keys)
    return figure


def change_figure(changes: pd.DataFrame, caption: Caption, scenario: str) -> Figure:
    """Draw the changes of one scenario from baseline with their intervals: a panel for each unit, a row for each.

    `changes` holds one row per quantity (see `frames.changes_of`).
    """
    groups = panels_of(changes)
    sizes = [len(rows) + 1 for _, rows in groups]
    with look():
        figure = Drawing(figsize=(WIDTH, 1.5 + 0.22 * sum(sizes) + 0.3 * len(groups)))
        grid = figure.subplots(len(groups), 1, squeeze=False, height_ratios=sizes)
        for (name, rows), panel in zip(groups, grid[:, 0], strict=True):
            _draw_forest(panel, rows)
            panel.set_title(textwrap.fill(name, 80))
        note = FOREST if caption.replications > 1 else f"Dots: differences (same luck). {ONE_REPLICATION}"
        titled(figure, f"Change from baseline: {caption.title_of(scenario)}", note, caption)
    return figure


def save_figures(results: Results, folder: Path) -> list[Path]:
    """Write the three figures as PNG, with the same in words beside each, and return their paths.

    There is one figure of changes for each scenario; it is named after the scenario when there are several.
    """
    measures, caption, lines = results.measures, Caption.of(results.provenance), results.provenance["lines"]
    means = results.of_draws().measures
    others = results.scenarios[1:]
    saved = [
        save(rolls_figure(measures, caption), folder / "rolls.png", rolls_in_words(measures, caption)),
        save(spend_figure(means, caption, lines), folder / "spend.png", spend_in_words(means, caption, lines)),
    ]
    for name in others:
        changes = changes_of(results, name)
        path = folder / ("change.png" if len(others) == 1 else f"change_{name}.png")
        saved.append(save(change_figure(changes, caption, name), path, change_in_words(changes, caption, name)))
    return saved


def rolls_in_words(measures: pd.DataFrame, caption: Caption) -> str:
    """Return what the figure of rolls shows: the mean roll of each kind in the first and the last year."""
    rolls = rows_of(measures, "mean_roll")
    return _in_words("Pupils on roll, mean", rolls, {k: words(k) for k in kinds_in_use(rolls)}, caption, 0)


def spend_in_words(measures: pd.DataFrame, caption: Caption, lines: Mapping[str, str]) -> str:
    """Return what the figure of spend shows: the spend by line in the first and the last financial year."""
    spend = spend_rows(measures)
    return _in_words("Spend in millions of pounds (cash), mean", spend, lines_in_use(spend, lines), caption, 2)


def change_in_words(changes: pd.DataFrame, caption: Caption, scenario: str) -> str:
    """Return what the figure of changes shows: each change with its interval."""
    lines = [f"Change from baseline: {caption.title_of(scenario)}."]
    for name, rows in panels_of(changes):
        parts = (f"{r['label']} {signed(r['difference'], r['digits'])} {_ends(r)}" for r in rows.to_dict("records"))
        lines.append(f"{name}: {'; '.join(parts)}.")
    return "\n".join([*lines, "In brackets: 95% interval of the mean difference.", caption.origin])


def _ends(row: Mapping[Any, Any]) -> str:
    return between(row["low"], row["high"], row["digits"])


def _in_words(title: str, rows: pd.DataFrame, labels: Mapping[str, str], caption: Caption, digits: int) -> str:
    means = rows.groupby(["provision", "scenario", "year"])["value"].mean()
    first, last = rows["year"].min(), rows["year"].max()
    lines = [f"{title}: in the year from {first} and the year from {last}."]
    for name, label in labels.items():
        parts = []
        for who in scenarios_of(rows):
            ends = (f"{means[name, who, year]:,.{digits}f}" for year in (first, last))
            parts.append(f"{caption.title_of(who)} {' to '.join(ends)}")
        lines.append(f"{label}: {'; '.join(parts)}.")
    return "\n".join([*lines, caption.origin])


def _note_on_bands(caption: Caption, scenarios: int) -> str:
    if caption.replications == 1:
        return ONE_REPLICATION + OWN_AXES
    said = BANDS.format(caption.range_name, FAR_BY_PARAMETERS if caption.draws else FAR_BY_LUCK) + OWN_AXES
    return said + (BASELINE_ONLY if scenarios > MOST_BANDS else "")


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    rows = math.ceil(count / COLUMNS)
    figure = Drawing(figsize=(WIDTH, height * rows + 1.3))
    grid = figure.subplots(rows, COLUMNS, squeeze=False).flatten().tolist()
    for spare in grid[count:]:
        spare.set_axis_off()
    return figure, grid[:count]


def _draw_bands(panel: Axes, rolls: pd.DataFrame, scenarios: Sequence[str], per_draw: int) -> None:
    """Draw the means with their intervals over draws, and the range over all replications, while bands are few."""
    common: dict[str, Any] = {"x": "year", "y": "value", "ax": panel, "legend": False}
    for number, scenario in enumerate(scenarios):
        rows = rolls[rolls["scenario"] == scenario]
        colour, dash = FILLS[number % len(FILLS)], DASHES[number % len(DASHES)]
        has_bands = number == 0 or len(scenarios) <= MOST_BANDS
        if has_bands:
            edge = {"alpha": 0.14, "edgecolor": colour, "lw": 0.6, "ls": dash}
            sns.lineplot(rows, **common, color=colour, lw=0, errorbar=range_of_futures, err_kws=edge)
        sns.lineplot(
            rows if per_draw == 1 else _means_of_draws(rows, per_draw),
            **common,
            color=colour if number else INK,
            ls=dash,
            lw=1.5,
            marker=MARKERS[number % len(MARKERS)],
            markersize=3.2,
            markeredgewidth=0,
            errorbar=interval_of_mean if has_bands else None,
            err_kws={"alpha": 0.4, "lw": 0} if has_bands else {},
        )


def _means_of_draws(rows: pd.DataFrame, per_draw: int) -> pd.DataFrame:
    means = rows.groupby(["year", rows["replication"] // per_draw])["value"].mean()
    return means.reset_index()


def _draw_places(panel: Axes, places: pd.DataFrame, scenarios: Sequence[str]) -> None:
    """Draw usable places once for all that have the same, and in a scenario's own colour where they differ."""
    drawn: list[list[tuple[int, float]]] = []
    for name, steps in places.groupby("scenario", sort=False):
        there = list(zip(steps["year"], steps["value"], strict=True))
        if there in drawn:
            continue
        drawn.append(there)
        number = scenarios.index(str(name))
        colour = FILLS[number % len(FILLS)] if number else INK
        panel.step(steps["year"], steps["value"], where="mid", color=colour, lw=1.2, ls=DOTS, zorder=3)


def _draw_bars(panel: Axes, spend: pd.DataFrame, scenarios: Sequence[str]) -> None:
    sns.barplot(
        spend,
        x="year",
        y="value",
        hue="scenario",
        hue_order=scenarios,
        palette=[LIGHT[number % len(LIGHT)] for number in range(len(scenarios))],
        ax=panel,
        native_scale=True,
        legend=False,
        errorbar=interval_of_mean,
        err_kws={"linewidth": 0.8, "color": INK},
    )
    for number, bars in enumerate(panel.containers):
        for bar in bars:
            bar.set(**_bar_look(number))


def _bar_look(number: int) -> dict[str, Any]:
    fill = LIGHT[number % len(LIGHT)]
    return {"facecolor": fill, "hatch": HATCHES[number % len(HATCHES)], "edgecolor": INK, "linewidth": 0.5}


def _draw_forest(panel: Axes, rows: pd.DataFrame) -> None:
    reach = max(float(rows[["low", "difference", "high"]].abs().max().max()), 10.0 ** -int(rows["digits"].max()))
    for place, row in enumerate(rows.to_dict("records")):
        low, high, middle = row["low"], row["high"], row["difference"]
        fill = FILLS[1] if low > 0 or high < 0 else "white"
        panel.plot([low, high], [place, place], color=INK, lw=1.6, solid_capstyle="butt")
        panel.plot([middle], [place], "o", ms=5.5, mec=INK, mfc=fill)
        text = f"{signed(middle, row['digits'])}  {_ends(row)}"
        panel.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", size=8, color=INK)
    panel.axvline(0, color=GREY, lw=0.9)
    panel.set_xlim(-1.08 * reach, 1.08 * reach)
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.set_yticks(range(len(rows)), [shortened(label, LETTERS) for label in rows["label"]])
    panel.tick_params(axis="y", length=0)
    panel.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    panel.spines["left"].set_visible(False)


def _finish(panel: Axes, title: str, years: pd.Series[int], sign: str) -> None:
    low, high = panel.get_ylim()
    is_income = any(bar.get_height() < 0 for bar in panel.patches if isinstance(bar, Rectangle))
    bottom = low if is_income or low > FAR_FROM_ZERO * high else 0
    panel.set(
        title=textwrap.fill(title, 34, max_lines=2, placeholder=" ..."), xlabel="", ylabel="", ylim=(bottom, high)
    )
    first, last = int(years.min()), int(years.max())
    panel.set_xlim(first - 0.6, last + 0.6)
    step = max(1, math.ceil((last - first + 1) / 5))
    panel.set_xticks(range(first, last + 1, step))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{int(year)}{sign}{(int(year) + 1) % 100:02d}"))
    panel.yaxis.set_major_locator(MaxNLocator(4))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def _label_rows(panels: Sequence[Axes], label: str) -> None:
    for panel in panels[::COLUMNS]:
        panel.set_ylabel(label)


def _line_keys(scenarios: Sequence[str], caption: Caption) -> list[Line2D]:
    return [
        Line2D(
            [],
            [],
            color=FILLS[number % len(FILLS)] if number else INK,
            ls=DASHES[number % len(DASHES)],
            marker=MARKERS[number % len(MARKERS)],
            markersize=4,
            label=shortened(caption.title_of(name), MOST_LETTERS),
        )
        for number, name in enumerate(scenarios)
    ]


def _rows(keys: Sequence[Artist]) -> list[Sequence[Artist]]:
    """Put two keys in a row when their words fit, else one."""
    number = 2 if sum(len(str(key.get_label())) for key in keys[:2]) < MOST_LETTERS else 1
    return [keys[start : start + number] for start in range(0, len(keys), number)]


def _band_keys(caption: Caption) -> list[Patch]:
    return [
        Patch(facecolor=GREY, alpha=0.5, label="95% interval of the mean"),
        Patch(facecolor=GREY, alpha=0.18, label=caption.range_name),
    ]


def _bar_keys(scenarios: Sequence[str], caption: Caption) -> list[Patch]:
    return [
        Patch(**_bar_look(number), label=shortened(caption.title_of(name), MOST_LETTERS))
        for number, name in enumerate(scenarios)
    ]

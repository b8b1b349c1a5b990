"""Published against simulated figures, as words and as a figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from sim.analysis.calibration.table import FEWEST, target_table, with_markov
from sim.report import style
from sim.report.style import Caption
from sim.report.target_figure import figure_in_words, target_figure
from sim.report.target_words import MARKOV_NOTE, WIDTH, amount, coverage_in_words, name_of, targets_in_words
from tests.drawings import assert_texts_are_apart_and_inside, texts_of
from tests.shipped_targets import county_and_targets

FAR = ("requests_2016", "ap_with_plan_share")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Return the table of all targets of the county: runs at 1.1 times what was published, two far away."""
    county, targets, _ = county_and_targets("cambridgeshire")
    spread = np.linspace(0.8, 1.4, FEWEST)
    runs = pd.DataFrame({name: target.value * spread for name, target in targets.items()})
    runs[FAR[0]] *= 10
    runs[FAR[1]] /= 10
    runs["tuition_2019_20"] = np.nan
    return target_table(targets, runs, county)


@pytest.fixture(scope="module")
def drawn(table: pd.DataFrame, caption: Caption) -> Figure:
    return target_figure(table, caption)


def test_forty_targets_stand_on_one_figure_without_overlaps(table: pd.DataFrame, drawn: Figure) -> None:
    assert len(table) > 40
    assert_texts_are_apart_and_inside(drawn)


def test_the_figure_names_every_target_its_published_value_its_run_and_its_stamp(
    table: pd.DataFrame, drawn: Figure, caption: Caption
) -> None:
    texts = {text for text, _ in texts_of(drawn)}
    assert {name_of(row) for row in table.to_dict("records")} <= texts
    assert {"24", "£3.10m", "-£16.6m", "52%", "Calibrated to", "Held out", "For context, not scored"} <= texts
    said = " ".join(" ".join(texts).split())
    for needed in (caption.run, "UNCALIBRATED", "Madeshire", "95% interval", "90% range", "not children's outcomes"):
        assert needed in said


def test_what_lies_beyond_the_axis_is_drawn_at_its_end_as_an_arrow(drawn: Figure) -> None:
    panel = drawn.axes[0]
    arrows = {line.get_marker(): float(line.get_xdata()[0]) for line in panel.lines if line.get_marker() in "<>"}
    assert arrows == {">": 4.0, "<": 0.25}


def test_a_filled_median_stands_for_a_range_that_holds_the_published_figure(table: pd.DataFrame, drawn: Figure) -> None:
    medians = [line for line in drawn.axes[0].lines if line.get_marker() in ("o", "<", ">")]
    open_ones = [line for line in medians if line.get_markerfacecolor() == "white"]
    assert len(medians) == len(table) - 1
    assert len(open_ones) == len(FAR)


def test_the_bars_can_be_told_from_the_marks_and_hatched_ones_from_plain_ones_in_grey(drawn: Figure) -> None:
    fills = {bar.get_facecolor()[:3] for bar in drawn.axes[0].patches}
    grey = {float(np.dot(to_rgb(fill), (0.299, 0.587, 0.114))) for fill in fills}
    ink = float(np.dot(to_rgb(style.INK), (0.299, 0.587, 0.114)))
    assert min(grey) - ink > 0.3
    assert {bar.get_hatch() for bar in drawn.axes[0].patches} == {None, "/////"}


def test_a_target_published_as_nought_is_left_out_of_the_figure_only(table: pd.DataFrame, caption: Caption) -> None:
    nought = table.assign(observed=table["observed"].where(table.index != "exclusions_secondary", 0.0))
    texts = {text for text, _ in texts_of(target_figure(nought, caption))}
    name = name_of(table.loc["exclusions_secondary"].to_dict())
    assert name not in texts
    assert "Permanent exclusions, secondary, four" in figure_in_words(nought, caption)


def test_the_words_give_each_figure_with_its_interval_range_and_verdict(table: pd.DataFrame) -> None:
    lines = targets_in_words(table).splitlines()
    exclusions = next(line for line in lines if "Permanent exclusions, primary, four" in line)
    assert exclusions.split()[4:] == ["24", "(15", "to", "36)", "26", "(20", "to", "33)", "yes", "0.4"]
    far = next(line for line in lines if "EHC assessment, 2016" in line)
    assert " no " in far
    assert max(map(len, lines)) <= WIDTH


def test_what_was_not_simulated_is_said_and_context_has_no_verdict(table: pd.DataFrame) -> None:
    text = targets_in_words(table, "Run 0123.")
    assert next(line for line in text.splitlines() if "tuition, 2019-20" in line).endswith("not simulated")
    deficit = next(line for line in text.splitlines() if "Balance of the grant" in line)
    assert "yes" not in deficit
    assert text.endswith("Run 0123.")


def test_coverage_is_told_for_each_use_that_is_scored(table: pd.DataFrame) -> None:
    told = coverage_in_words(table)
    assert told == [
        "Calibrated to: 20 of 21 published figures lie inside the simulated 90% range.",
        "Held out: 9 of 10 published figures lie inside the simulated 90% range.",
    ]


@pytest.fixture(scope="module")
def with_projection(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a projection half as large as what was published, of counts of exclusions only."""
    half = table["observed"].where(table.index.str.startswith("exclusions")) / 2
    return with_markov(table, half)


def test_a_markov_projection_has_a_column_that_is_empty_where_it_cannot_say(
    table: pd.DataFrame, with_projection: pd.DataFrame
) -> None:
    lines = targets_in_words(with_projection).splitlines()
    exclusions = next(line for line in lines if "Permanent exclusions, primary," in line)
    assert exclusions.split()[-3:] == ["12", "yes", "0.4"]
    other = next(line for line in lines if "Requests for an" in line)
    assert other.rpartition(")")[2].split()[0] == "no"
    assert max(map(len, lines)) <= WIDTH
    assert MARKOV_NOTE in " ".join(" ".join(lines).split())
    assert "Markov" not in targets_in_words(table)


def test_a_markov_projection_is_a_cross_on_the_line_of_its_target(
    with_projection: pd.DataFrame, drawn: Figure, caption: Caption
) -> None:
    figure = target_figure(with_projection, caption)
    assert_texts_are_apart_and_inside(figure)
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == with_projection["markov"].notna().sum() == 4
    assert {float(line.get_xdata()[0]) for line in crosses} == {0.5}
    assert "Markov projection" in {text for text, _ in texts_of(figure)}
    assert "Markov projection" not in {text for text, _ in texts_of(drawn)}


AMOUNTS = {
    ("GBP, all needs", 3_100_000.0): "£3.10m",
    ("GBP", -8_900_000.0): "-£8.90m",
    ("share of plans", 0.209): "20.9%",
    ("pupils", 3_045.0): "3,045",
    ("per 100 pupils", -2.12): "-2.12",
    ("pupils", float("nan")): "not known",
}


@pytest.mark.parametrize(("unit", "value"), AMOUNTS)
def test_amounts_are_written_in_the_unit_of_the_target(unit: str, value: float) -> None:
    row = {"unit": unit, "observed": value, "observed_low": float("nan"), "observed_high": float("nan")}
    assert amount(value, row) == AMOUNTS[unit, value]


@pytest.mark.parametrize(("unit", "name"), [("pupils", "It (pupils)"), ("share", "It"), ("GBP", "It")])
def test_a_name_holds_the_unit_that_figures_do_not_show(unit: str, name: str) -> None:
    assert name_of({"label": "It", "unit": unit}) == name
    assert name_of({"label": "It", "unit": "GBP, all needs"}) == "It (all needs)"

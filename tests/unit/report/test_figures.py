"""Figures say what they must, hold together without overlaps, and read in black and white."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from sim.report import figures, style
from sim.report.frames import changes_of
from sim.report.map_drawing import draw_map
from sim.report.words import shortened
from tests.drawings import assert_texts_are_apart_and_inside, texts_of

DRAW = {
    "rolls": lambda results, caption: figures.rolls_figure(results.measures, caption),
    "spend": lambda results, caption: figures.spend_figure(results.measures, caption, results.provenance["lines"]),
    "change": lambda results, caption: figures.change_figure(changes_of(results, "open_bases"), caption, "open_bases"),
}


@pytest.fixture(scope="module")
def drawn(results, caption) -> dict[str, Figure]:
    return {name: draw(results, caption) for name, draw in DRAW.items()}


@pytest.mark.parametrize("name", DRAW)
def test_no_text_of_a_figure_overlaps_another_or_leaves_the_page(drawn, name):
    assert_texts_are_apart_and_inside(drawn[name])


def test_no_text_of_the_pathway_map_overlaps_another_or_leaves_the_page(exampleshire):
    assert_texts_are_apart_and_inside(draw_map(exampleshire))


@pytest.mark.parametrize("name", DRAW)
def test_every_figure_says_its_run_its_stamp_its_interval_and_what_it_is_not_about(drawn, caption, name):
    said = " ".join(" ".join(text for text, _ in texts_of(drawn[name])).split())
    for needed in (caption.run, "UNCALIBRATED", "Madeshire", "95% interval of the mean", "not children's outcomes"):
        assert needed in said


@pytest.mark.parametrize(("name", "unit"), [("rolls", "pupils"), ("spend", "£m"), ("change", "£ thousand")])
def test_every_figure_says_its_units(drawn, name, unit):
    assert any(unit in text for text, _ in texts_of(drawn[name]))


def test_a_figure_of_calibrated_results_carries_no_stamp(results):
    caption = style.Caption.of({**results.provenance, "stamp": ""})
    said = " ".join(text for text, _ in texts_of(figures.rolls_figure(results.measures, caption)))
    assert "UNCALIBRATED" not in said


def test_a_figure_of_an_ensemble_counts_its_sets_of_figures_and_not_runs_as_replications():
    caption = style.Caption("Madeshire", "1a2b3c", 120, "", {}, members=60)
    assert "60 sets of figures (members of the ensemble), 2 replications of each." in caption.origin
    assert "Run 1a2b3c, 1 replication." in style.Caption("Madeshire", "1a2b3c", 1, "", {}).origin


def test_a_long_title_takes_two_lines_and_names_of_rows_are_cut_between_words(results, caption):
    told = {
        **results.provenance,
        "scenarios": [{**one, "title": "very " * 60} for one in results.provenance["scenarios"]],
    }
    figure = figures.change_figure(changes_of(results, "open_bases"), style.Caption.of(told), "open_bases")
    assert_texts_are_apart_and_inside(figure)
    title = next(text for text, _ in texts_of(figure) if text.startswith("Change from baseline"))
    assert title.count("\n") == 1
    assert title.endswith("...")
    assert shortened("one two three", 9) == "one ..."
    assert len(shortened("x" * 90, 20)) == 20


def test_there_is_a_panel_for_each_kind_in_use_and_none_for_the_others(drawn):
    titles = {panel.get_title(loc="left") for panel in drawn["rolls"].axes if panel.get_title(loc="left")}
    assert "Base: in-reach" in titles
    assert "Base: outreach" not in titles


def test_bars_show_the_mean_spend_in_millions(drawn, results):
    rows = results.measures
    wanted = rows[(rows["measure"] == "spend") & (rows["provision"] == "bases") & (rows["period"] == "2020-21")]
    mean = wanted[wanted["scenario"] == "open_bases"]["value"].mean() / 1e6
    panel = next(panel for panel in drawn["spend"].axes if panel.get_title(loc="left") == "Primary bases")
    assert max(bar.get_height() for bar in panel.patches) == pytest.approx(mean)


def test_baseline_and_scenario_differ_without_colour():
    for marks in (style.DASHES, style.MARKERS, style.HATCHES):
        assert len(set(marks)) == len(marks) >= 2
    grey = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in style.LIGHT[:2]]
    assert abs(grey[0] - grey[1]) > 0.2


def test_a_filled_dot_stands_for_an_interval_that_excludes_no_change(drawn):
    def filled(title: str) -> set[str]:
        panel = next(panel for panel in drawn["change"].axes if panel.get_title(loc="left").startswith(title))
        labels = [label.get_text() for label in panel.get_yticklabels()]
        dots = [line for line in panel.lines if line.get_marker() == "o"]
        return {label for label, dot in zip(labels, dots, strict=True) if dot.get_markerfacecolor() != "white"}

    assert filled("Pupils on roll") == {"Independent special", "Tuition with plan"}
    assert filled("Pupils supported by the bases") == {"Base in reach"}


def test_saving_writes_a_picture_of_200_dots_per_inch_with_its_words_inside_and_beside_it(results, tmp_path: Path):
    from PIL import Image

    paths = figures.save_figures(results, tmp_path / "figures")
    assert [path.name for path in paths] == ["rolls.png", "spend.png", "change.png"]
    for path in paths:
        beside = path.with_suffix(".txt").read_text(encoding="utf-8").strip()
        with Image.open(path) as picture:
            assert picture.info["Description"] == beside
            assert picture.info["dpi"][0] == pytest.approx(200, abs=0.1)
            assert picture.width == pytest.approx(200 * style.WIDTH, abs=1)


def test_the_words_beside_a_figure_give_its_numbers(results, caption):
    said = figures.change_in_words(changes_of(results, "open_bases"), caption, "open_bases")
    assert "Independent special -2.0 (-2.0 to -2.0)" in said
    assert "Special school (SEMH): Baseline 195 to 195" in rounded(figures.rolls_in_words(results.measures, caption))


def rounded(text: str) -> str:
    """Return text in which rolls near 195 are called 195, as luck moves them a little."""
    for near in range(190, 201):
        text = text.replace(f" {near} ", " 195 ").replace(f" {near};", " 195;").replace(f" {near}.", " 195.")
    return text


def test_drawing_leaves_the_settings_of_the_caller_alone(results, caption):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.rolls_figure(results.measures, caption)
    assert dict(mpl.rcParams) == before

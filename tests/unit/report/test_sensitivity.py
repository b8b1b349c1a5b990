"""Sensitivity in words, tables and figures."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.sensitivity.assumptions import assumptions
from sim.analysis.sensitivity.decision import Decision
from sim.analysis.sensitivity.ranking import ranking
from sim.analysis.sensitivity.screening import Screening
from sim.analysis.sensitivity.tornado import Tornado, tornado_of
from sim.analysis.sensitivity.value import Worth
from sim.report.sensitivity_figures import save_sensitivity, screening_figure, tornado_figure, value_figure
from sim.report.sensitivity_words import (
    assumption_sentences,
    bars_in_words,
    effects_in_words,
    figure_words,
    print_ranking,
    print_screening,
    print_tornado,
    print_value,
    value_sentences,
)
from sim.report.style import Caption
from sim.report.tables import console

TITLES = {"baseline": "Baseline", "bases": "Bases in all districts"}
CAPTION = Caption("Madeshire", "1a2b3c", 4, "uncalibrated", TITLES)
NAMES = ["rates/worsen_moderate", "factors/onset_primary"]
TURN = {
    "name": "rates/recur",
    "below": 0.0512,
    "above": 0.0948,
    "lower": 0.9,
    "upper": 0.25,
    "change": -0.65,
    "best_lower": "bases",
    "best_upper": "baseline",
    "p_value": 0.0001,
    "clear": True,
}


@pytest.fixture
def decision() -> Decision:
    """Bases save £2m in three of four draws and cost £4m in the fourth."""
    costs = np.array([[0.0] * 4, [-2e6, -2e6, -2e6, 4e6]]).repeat(10, axis=1)[..., None]
    return Decision(("baseline", "bases"), costs, pd.DataFrame({"rates/recur": np.linspace(0.1, 0.4, 40)}))


@pytest.fixture
def swings() -> Tornado:
    values = np.array([[5e6, 5e6], [4e6, 4e6], [5.5e6, 5.7e6], [9e6, 9e6], [2e6, 1e6]])
    return tornado_of(NAMES, values, "1a2b3c")


@pytest.fixture
def effects() -> Screening:
    nothing = (np.nan, np.nan, np.nan)
    rows = [("rates", 17, 3e6, 2e6, 4e6, *nothing, 1.1e6), (NAMES[1], 1, 2e6, 1e6, 3e6, 5e5, 1e5, 9e5, 1.2e6)]
    columns = ["group", "figures", "mu_star", "mu_star_low", "mu_star_high", "sigma", "sigma_low", "sigma_high", "luck"]
    return Screening(pd.DataFrame(rows, columns=columns), 6, "1a2b3c")


def printed(show: object, *arguments: object) -> str:
    file = io.StringIO()
    show(console(file), *arguments)  # type: ignore[operator]
    return " ".join(file.getvalue().split())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("factors/onset_primary", "Factor: onset primary"),
        ("together/independent_fees", "Judgement: independent fees"),
        ("levers/fund_training_bursary/take_up", "Levers: fund training bursary, take up"),
        ("together", "Judgements that stand in several rows"),
        ("rates", "Rates"),
        ("everything", "Everything"),
    ],
)
def test_a_figure_is_called_by_its_part_of_the_county_and_its_name(name: str, said: str) -> None:
    assert figure_words(name) == said


def test_a_ranking_says_what_is_cheapest_and_how_likely_that_is(decision: Decision) -> None:
    said = printed(print_ranking, decision, ranking(decision), pd.DataFrame([TURN]), TITLES)
    assert "Cheapest on average: Bases in all districts. The chance that it is the cheapest is 75%" in said
    assert "Bases in all districts -0.50 (-1.34 to +0.34) 75%" in said
    assert "with one each, luck cannot be told apart" in said


def test_scenarios_that_are_the_same_are_not_ranked_by_their_order() -> None:
    same = Decision(("baseline", "bases"), np.zeros((2, 40, 2)), pd.DataFrame({"rates/recur": np.linspace(0, 1, 40)}))
    said = printed(print_ranking, same, ranking(same), assumptions(same), TITLES)
    assert "Cheapest on average are Baseline and Bases in all districts, which cannot be told apart" in said
    assert "The chance that it is the cheapest" not in said


def test_a_chance_that_may_as_well_be_its_opposite_is_not_told() -> None:
    rng = np.random.default_rng(3)
    saved = np.stack([np.zeros((12, 2)), 2e5 + rng.normal(0.0, 3e6, (12, 2))])
    drowned = Decision(("baseline", "bases"), saved, pd.DataFrame({"rates/recur": rng.random(12)}))
    found = ranking(drowned)
    assert found["best_high"][0] - found["best_low"][0] > 0.5, "luck is too small for what is tried here"
    said = printed(print_ranking, drowned, found, assumptions(drowned), TITLES)
    assert "How likely it is the cheapest cannot be told" in said
    assert "Which assumptions could change this cannot be told" in said
    assert "The chance that it is the cheapest is" not in said


def test_assumptions_that_could_change_the_answer_are_told_with_what_they_change_it_to() -> None:
    told = list(assumption_sentences(pd.DataFrame([TURN, {**TURN, "name": "rates/idle", "clear": False}]), TITLES))
    assert told == [
        "Assumptions that could change the answer:",
        "* Rates: recur: where it is in the lower third of its draws, the cheapest stays the cheapest in 90% of them; "
        "in the upper third, in 25%. Cheapest on average: Bases in all districts in the lower third, Baseline in the "
        "upper.",
    ]


def test_without_a_clear_assumption_the_largest_changes_are_told_as_such() -> None:
    unclear = {**TURN, "clear": False, "best_upper": "bases"}
    told = list(assumption_sentences(pd.DataFrame([unclear] * 5), TITLES))
    assert len(told) == 4
    assert told[0].startswith("No single assumption changes this by more than chance may")
    assert told[1].endswith("in the upper third, in 25%.")


def test_an_answer_that_holds_in_every_draw_hangs_on_no_assumption_and_no_evidence(decision: Decision) -> None:
    same = pd.DataFrame([{**TURN, "change": 0.0, "clear": False}])
    assert len(list(assumption_sentences(same, TITLES))) == 1
    assert next(assumption_sentences(same, TITLES)).startswith("No assumption changes this")
    nothing = Worth("everything", 0.0, 0.0, 0.0)
    parts = pd.DataFrame([("rates/recur", 0.0, 0.0, 0.0)] * 15, columns=Worth._fields)
    said = printed(print_value, decision, nothing, parts, parts)
    assert "so no evidence about the figures would change the choice" in said
    assert "recur" not in said


def test_worth_is_told_in_millions_with_its_interval(decision: Decision) -> None:
    whole = Worth("everything", 1.2e6, 0.9e6, 1.6e6)
    parts = pd.DataFrame(
        [("rates/recur", 4e5, 1e5, 9e5), *[("rates/idle", 100.0, 0.0, 400.0)] * 14], columns=Worth._fields
    )
    said = printed(print_value, decision, whole, parts, parts.head(1))
    assert "would save £1.200m on average (95% interval 0.900 to 1.600)" in said
    assert "Most worth knowing by themselves: Rates: recur (£0.400m, 0.100 to 0.900)." in said
    assert "14 other figures are worth nothing that these draws can tell" in said
    assert "Rates: idle" not in said
    assert value_sentences(whole, parts.tail(3))[1].startswith("No single figure is worth knowing exactly")


def test_a_tornado_is_told_from_the_widest_swing_down(swings: Tornado) -> None:
    said = printed(print_tornado, swings, "spend", CAPTION.origin)
    assert "With all figures as they are: £5.00m" in said
    assert said.index("Factor: onset primary 9.00 1.50 -7.50") < said.index("Rates: worsen moderate 4.00 5.60 +1.60")
    assert "Run 1a2b3c" in said
    assert bars_in_words(swings)[1].startswith("Factor: onset primary -7.50 (-13.85 to -1.15)")


def test_a_screening_tells_no_spread_of_figures_that_move_in_different_directions(effects: Screening) -> None:
    said = printed(print_screening, effects, "spend", CAPTION.origin)
    assert "Rates 17 3.00 2.00 to 4.00 1.10 - -" in said
    assert "Factor: onset primary 1 2.00 1.00 to 3.00 1.20 0.50 0.10 to 0.90" in said
    assert "Not to be told from figures that do nothing, whose mean size is luck: Factor: onset primary." in said
    assert effects_in_words(effects)[0] == "Rates: mean size £3.00m (2.00 to 4.00)"


def test_the_tornado_is_drawn_from_the_central_outcome_to_both_ends(swings: Tornado) -> None:
    panel = tornado_figure(swings, CAPTION, "spend").axes[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == [
        "Factor: onset primary",
        "Rates: worsen moderate",
    ]
    ends = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in panel.patches]
    assert np.array(ends) == pytest.approx(np.array([[5.0, 9.0], [1.5, 5.0], [4.0, 5.0], [5.0, 5.6]]))
    assert panel.get_xlabel() == "£m cash over the study"
    low, high = panel.patches[0], panel.patches[1]
    assert low.get_hatch() != high.get_hatch()


def test_an_end_that_another_would_hide_is_drawn_on_top() -> None:
    same_side = tornado_of(["rates/recur"], np.array([[5e6, 5e6], [6e6, 6e6], [8e6, 8e6]]), "r")
    panel = tornado_figure(same_side, CAPTION, "spend").axes[0]
    assert [bar.get_width() for bar in panel.patches] == pytest.approx([3.0, 1.0])


def test_the_plane_of_a_screening_names_its_groups(effects: Screening) -> None:
    panel = screening_figure(effects, CAPTION, "spend").axes[0]
    assert {text.get_text() for text in panel.texts} == {"Rates", "Factor: onset primary"}
    at = {tuple(np.ravel(line.get_xydata())) for line in panel.lines if len(line.get_xydata()) == 1}
    assert {(2.0, 0.5), (3.0, 0.0)} <= at


def test_worths_are_drawn_below_that_of_everything_and_saved_with_their_words(tmp_path: Path) -> None:
    parts = pd.DataFrame([(name, 4e5, 1e5, 9e5) for name in NAMES], columns=Worth._fields)
    figure = value_figure(Worth("everything", 1.2e6, 0.9e6, 1.6e6), parts, CAPTION)
    assert [bar.get_width() for bar in figure.axes[0].patches] == pytest.approx([1.2, 0.4, 0.4])
    path = save_sensitivity(figure, tmp_path / "value.png", ["Words."], CAPTION)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.with_suffix(".txt").read_text(encoding="utf-8") == f"Words.\n{CAPTION.origin}\n"

"""Figures of results: what each says of itself, and awkward results."""

from collections.abc import Callable

import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim
from sim.results import run_id
from tests.drawings import assert_texts_are_apart_and_inside
from tests.outcomes import (
    of_many,
    of_one_replication,
    only_baseline,
    that_nobody_enters,
    with_long_names,
    without_difference,
)

pytestmark = pytest.mark.slow

BARE = {"capacity", "flow", "rolls", "spend"}
PAIRED = {"change", "convergence", "journey", "payback"}


@pytest.fixture(scope="module")
def two(found: sim.Outcome) -> sim.Outcome:
    return found


def of_none_in_special(found: sim.Outcome) -> sim.Outcome:
    return that_nobody_enters(found, "special")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


def drawn(found: sim.Outcome, name: str) -> Figure:
    figure: Figure = getattr(found.plot, name)()
    figure.canvas.draw()
    return figure


@pytest.mark.parametrize("name", sorted(BARE | PAIRED))
@pytest.mark.parametrize(
    "shape",
    [lambda found: found, without_difference, of_many, with_long_names, of_none_in_special],
    ids=["two", "same", "twenty", "long", "nobody"],
)
def test_a_figure_names_its_run_and_none_of_its_texts_overlap_or_are_cut_off(
    two: sim.Outcome, name: str, shape: Callable[[sim.Outcome], sim.Outcome]
) -> None:
    found = shape(two)
    figure = drawn(found, name)
    assert any(run_id(found.provenance) in text for text in texts(figure))
    assert_texts_are_apart_and_inside(figure)


@pytest.mark.parametrize("name", sorted((BARE | PAIRED) - {"convergence"}))
def test_one_replication_is_drawn_and_claims_no_interval(two: sim.Outcome, name: str) -> None:
    figure = drawn(of_one_replication(two), name)
    assert_texts_are_apart_and_inside(figure)
    assert any("1 replication." in text for text in texts(figure))
    if name in ("change", "rolls", "spend"):
        assert not any("95%" in text for text in texts(figure))


def test_a_policy_that_changes_nothing_is_not_said_to_have_paid_back(two: sim.Outcome) -> None:
    figure = drawn(without_difference(two), "payback")
    assert "costs and saves nothing" in figure.axes[0].get_title(loc="left")


def test_one_replication_cannot_converge_and_says_so(two: sim.Outcome) -> None:
    with pytest.raises(ValueError, match="two or more replications"):
        of_one_replication(two).plot.convergence()


def test_rolls_of_many_scenarios_have_the_bands_of_the_baseline_only(two: sim.Outcome) -> None:
    def bands(figure: Figure) -> set[int]:
        return {len(panel.findobj(PolyCollection)) for panel in figure.axes if panel.get_title(loc="left")}

    assert bands(drawn(two, "rolls")) == {4}
    many = drawn(of_many(two), "rolls")
    assert bands(many) == {2}
    assert any("bands are the baseline's" in " ".join(text.split()) for text in texts(many))


def test_a_figure_of_twenty_scenarios_fits_on_a_page_and_says_how_many_it_leaves_out(two: sim.Outcome) -> None:
    many = of_many(two)
    for name, left_out in (("payback", 13), ("rolls", 14), ("spend", 16)):
        figure = drawn(many, name)
        assert figure.get_figheight() < 1.42 * figure.get_figwidth()
        assert any(f"{left_out} more scenarios are not shown" in " ".join(text.split()) for text in texts(figure))


@pytest.mark.parametrize("name", sorted(BARE))
def test_the_baseline_alone_can_be_drawn(two: sim.Outcome, name: str) -> None:
    assert_texts_are_apart_and_inside(drawn(only_baseline(two), name))


@pytest.mark.parametrize("name", sorted(PAIRED))
def test_what_needs_a_second_scenario_says_so(two: sim.Outcome, name: str) -> None:
    with pytest.raises(ValueError, match=r"baseline"):
        getattr(only_baseline(two).plot, name)()


@pytest.mark.parametrize("name", sorted(PAIRED - {"journey"}))
def test_what_is_paired_names_the_kind_of_its_interval(two: sim.Outcome, name: str) -> None:
    assert any("95%" in text for text in texts(drawn(two, name)))


def test_a_waterfall_of_twenty_keeps_its_rows_apart(two: sim.Outcome) -> None:
    figure = of_many(two).plot.waterfall()
    assert_texts_are_apart_and_inside(figure)


def test_waiting_is_set_against_beginning_at_once(two: sim.Outcome) -> None:
    figure = of_many(two).plot.cost_of_waiting()
    labels = texts(figure)
    assert "at once" in labels
    assert figure.axes[0].get_xlabel() == "years by which the policy begins later"


def test_without_a_later_scenario_the_cost_of_waiting_says_what_it_needs(two: sim.Outcome) -> None:
    with pytest.raises(ValueError, match=r"at once and later; give delays"):
        two.plot.cost_of_waiting()


def test_a_provision_nobody_enters_is_no_row_of_the_heat_map_of_queues(two: sim.Outcome) -> None:
    from sim.report.capacity_figure import queues

    waiting = two.measures["measure"] == "waiting_number"
    nobody = two.with_(measures=two.measures.assign(value=two.measures["value"].where(~waiting, 0.0)))
    assert queues(nobody, nobody.baseline).empty
    assert "nothing to show" in texts(drawn(nobody, "capacity"))


def test_a_line_that_brings_money_in_shows_its_bars_below_zero(two: sim.Outcome) -> None:
    top_up = two.measures["provision"].astype("str").str.startswith("top_up")
    income = two.with_(measures=two.measures.assign(value=two.measures["value"].where(~top_up, -1e6)))
    panels = [panel for panel in drawn(income, "spend").axes if panel.get_title(loc="left").startswith("Top-up")]
    assert panels
    assert all(panel.get_ylim()[0] <= -1 for panel in panels)


def test_a_tornado_shows_both_ends_of_a_figure_that_moves_the_outcome_one_way_only(two: sim.Outcome) -> None:
    ends = {"one way": ("policy_8", "policy_18"), "both ways": ("policy_3", "policy_8")}
    figure = of_many(two).plot.tornado(ends)
    assert_texts_are_apart_and_inside(figure)
    bars = [bar for bar in figure.axes[0].patches if bar.get_y() < 0.5 and bar.get_width()]
    long_first = [abs(bar.get_width()) for bar in bars]
    assert len(long_first) == 2
    assert long_first == sorted(long_first, reverse=True)


def test_a_notebook_shows_a_figure_without_being_set_up_for_it(two: sim.Outcome) -> None:
    shown = two.plot.change()._repr_png_()  # type: ignore[attr-defined]
    assert shown.startswith(b"\x89PNG")

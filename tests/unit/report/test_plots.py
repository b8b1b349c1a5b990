"""Figures of results: what each says of itself, and awkward results."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim
from sim.results import run_id
from tests.outcomes import of_many, only_baseline, small, without_difference

pytestmark = pytest.mark.slow

BARE = {"capacity", "flow", "rolls", "spend"}
PAIRED = {"change", "convergence", "journey", "payback"}
EDGE = 8.0  # pixels by which a text may reach over the edge: room of a glyph


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> sim.Outcome:
    return small(tmp_path_factory.getbasetemp() / "outcomes")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


def drawn(found: sim.Outcome, name: str) -> Figure:
    figure: Figure = getattr(found.plot, name)()
    figure.canvas.draw()
    return figure


def stays_inside(figure: Figure) -> None:
    """Refuse titles, notes and keys that reach over the edge, as they would be cut off in a file."""
    width, height = figure.bbox.width, figure.bbox.height
    owned = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for text in owned:
        box = text.get_window_extent()
        assert box.x0 > -EDGE, text.get_text()
        assert box.x1 < width + EDGE, text.get_text()
        assert -EDGE < box.y0 < box.y1 < height + EDGE, text.get_text()


def rows_apart(figure: Figure) -> None:
    """Refuse names of rows of a panel that lie over each other."""
    for panel in figure.axes:
        boxes = [label.get_window_extent() for label in panel.get_yticklabels() if label.get_text()]
        for one, other in pairwise(boxes):
            assert one.y0 >= other.y1 - 1 or other.y0 >= one.y1 - 1, [t.get_text() for t in panel.get_yticklabels()]


@pytest.mark.parametrize("name", sorted(BARE | PAIRED))
@pytest.mark.parametrize("shape", [lambda found: found, without_difference, of_many], ids=["two", "same", "twenty"])
def test_a_figure_names_its_run_and_nothing_in_it_is_cut_off(
    two: sim.Outcome, name: str, shape: Callable[[sim.Outcome], sim.Outcome]
) -> None:
    found = shape(two)
    figure = drawn(found, name)
    assert any(run_id(found.provenance) in text for text in texts(figure))
    stays_inside(figure)
    rows_apart(figure)


@pytest.mark.parametrize("name", sorted(BARE))
def test_the_baseline_alone_can_be_drawn(two: sim.Outcome, name: str) -> None:
    stays_inside(drawn(only_baseline(two), name))


@pytest.mark.parametrize("name", sorted(PAIRED))
def test_what_needs_a_second_scenario_says_so(two: sim.Outcome, name: str) -> None:
    with pytest.raises(ValueError, match=r"baseline"):
        getattr(only_baseline(two).plot, name)()


@pytest.mark.parametrize("name", sorted(PAIRED - {"journey"}))
def test_what_is_paired_names_the_kind_of_its_interval(two: sim.Outcome, name: str) -> None:
    assert any("95%" in text for text in texts(drawn(two, name)))


def test_a_waterfall_of_twenty_keeps_its_rows_apart(two: sim.Outcome) -> None:
    figure = of_many(two).plot.waterfall()
    figure.canvas.draw()
    rows_apart(figure)
    stays_inside(figure)


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

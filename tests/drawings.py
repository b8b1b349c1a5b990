"""What stands on a figure and whether it can be read."""

from collections.abc import Iterator
from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.report import style


def texts_of(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return every visible text of a figure with its box in pixels."""
    with style.look():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        hidden = set(labels_out_of_sight(figure))
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        return [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in texts if t not in hidden]


def labels_out_of_sight(figure: Figure) -> Iterator[Text]:
    """Yield the labels of ticks beyond the ends of their axis, which are made but never drawn."""
    for panel in figure.axes:
        for axis in (panel.xaxis, panel.yaxis):
            low, high = axis.get_view_interval()
            ticks = axis.get_major_ticks()
            beyond = [tick for tick in ticks if not min(low, high) <= tick.get_loc() <= max(low, high)]
            yield from (label for tick in beyond for label in (tick.label1, tick.label2))


def overlaps(one: Bbox, other: Bbox) -> bool:
    """Whether two boxes share more than a rounding of their edges."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width > 1 and height > 1


def assert_texts_are_apart_and_inside(figure: Figure) -> None:
    found = texts_of(figure)
    clashes = [(a, b) for (a, one), (b, other) in combinations(found, 2) if overlaps(one, other)]
    assert not clashes
    page = figure.bbox
    outside = [
        text for text, box in found if box.x0 < -1 or box.x1 > page.x1 + 1 or box.y0 < -1 or box.y1 > page.y1 + 1
    ]
    assert not outside

"""Drawing the pathway map: mainstream at the left, support in the middle, other placements at the right.

Ways from and to mainstream are level arrows with their labels; all other ways run in numbered lanes at the right,
listed in the key, so that no two texts can meet however many ways the data hold.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from sim.parameters.schema import Parameters
from sim.report.pathway_map import NOTE, OUTSIDE, Edge, edges_of, nodes_of
from sim.report.style import GREY, INK, look
from sim.report.words import kind_words, words
from sim.vocabulary import PLACEMENTS, SUPPORTS, ProvisionKind

PITCH, HALF = 0.62, 0.2  # inches from row to row, and half the height of a box
HUB = (0.1, 1.75)
SUPPORT_BOX, PLACEMENT_BOX = (4.0, 5.8), (6.3, 8.1)
LANES, LANE = 8.5, 0.26
KEY_LEFT, KEY_WIDTH, KEY_LETTERS, LINE = 6.5, 4.9, 82, 0.16
FILL = {"hub": "#d9ecf7", "support": "#f3f3f3", "placement": "#ffffff"}
MANY = 4
"""Ways with one label from this many placements or more share one entry in the key."""


def draw_map(parameters: Parameters) -> Figure:
    """Return the pathway map of a county as a figure."""
    edges, rows = edges_of(parameters), _rows(nodes_of(parameters))
    lanes, key = _lanes([edge for edge in edges if not _touches_hub(edge)])
    width = max(LANES + LANE * len(lanes), KEY_LEFT + KEY_WIDTH) + 0.2
    spare = max(0.0, LINE * len(key) + 0.5 - PITCH * sum(row in SUPPORTS for row in rows))
    height = PITCH * (len(rows) + 2.4) + spare
    with look():
        figure = Figure(figsize=(width, height + 0.5))
        panel = figure.add_axes((0, 0, 1, height / (height + 0.5)), xlim=(0, width), ylim=(0, height))
        panel.set_axis_off()
        heights = {node: height - spare - PITCH * (place + 0.5) for place, node in enumerate(rows)}
        _draw_nodes(panel, parameters, heights)
        _draw_outside(panel, edges, heights)
        _draw_spokes(panel, edges, heights)
        _draw_lanes(panel, lanes, heights)
        panel.text(KEY_LEFT, height - 0.1, "\n".join(key), va="top", size=7.5, linespacing=1.5, color=INK)
        title = f"Pathway map: {parameters.county.label}"
        figure.text(0.1 / width, 1 - 0.12 / (height + 0.5), title, weight="bold", size=13, va="top", color=INK)
    return figure


def _rows(nodes: Sequence[str]) -> list[str]:
    supports = [node for node in nodes if node in SUPPORTS]
    placements = [node for node in nodes if node in PLACEMENTS and node != ProvisionKind.MAINSTREAM]
    return supports + placements


def _touches_hub(edge: Edge) -> bool:
    return ProvisionKind.MAINSTREAM in (edge.source, edge.target) or OUTSIDE in (edge.source, edge.target)


def _lanes(edges: Sequence[Edge]) -> tuple[list[tuple[int, Edge]], list[str]]:
    """Return the numbered lanes to draw and the lines of the key; ways from many placements share an entry."""
    shared: dict[tuple[str, tuple[str, ...]], list[Edge]] = defaultdict(list)
    for edge in edges:
        shared[edge.target, edge.labels].append(edge)
    entries = [entry for group in shared.values() for entry in _entries(group)]
    lanes = [(number, edge) for number, (edge, _) in enumerate(entries, start=1)]
    key = ["Ways between the other boxes, by number:"]
    for number, (_, text) in enumerate(entries, start=1):
        key += textwrap.wrap(f"{number:>2}  {text}", KEY_LETTERS, subsequent_indent="      ")
    return lanes, key


def _entries(group: Sequence[Edge]) -> list[tuple[Edge, str]]:
    """Return the lanes for ways with the same target and labels; one that ends where it starts is only an arrival."""
    if len(group) < MANY:
        return [(edge, str(edge)) for edge in group]
    target, labels = group[0].target, group[0].labels
    sources = ", ".join(kind_words(edge.source) for edge in group)
    return [(Edge(target, target, labels), f"To {kind_words(target)} from {sources}: {', '.join(labels)}")]


def _draw_nodes(panel: Axes, parameters: Parameters, heights: dict[str, float]) -> None:
    top, bottom = max(heights.values()) + HALF, min(heights.values()) - HALF
    _box(panel, HUB, bottom, top, FILL["hub"])
    panel.text(sum(HUB) / 2, (top + bottom) / 2, "Mainstream\nschool", ha="center", va="center", size=11, weight="bold")
    for node, y in heights.items():
        is_support = node in SUPPORTS
        edges = SUPPORT_BOX if is_support else PLACEMENT_BOX
        _box(panel, edges, y - HALF, y + HALF, FILL["support" if is_support else "placement"])
        panel.text(sum(edges) / 2, y, _node_words(parameters, node), ha="center", va="center", size=8)


def _node_words(parameters: Parameters, node: str) -> str:
    number = sum(spec.kind == node for spec in parameters.provisions.values())
    return f"{words(node)}\n({number} provisions)" if number > 1 else words(node)


def _box(panel: Axes, sides: tuple[float, float], bottom: float, top: float, fill: str) -> None:
    style = "round,pad=0,rounding_size=0.07"
    left, right = sides
    panel.add_patch(FancyBboxPatch((left, bottom), right - left, top - bottom, style, fc=fill, ec=INK, lw=1, zorder=3))


def _draw_spokes(panel: Axes, edges: Sequence[Edge], heights: dict[str, float]) -> None:
    """Draw the ways from and to mainstream as level arrows, the label above or below."""
    for edge in edges:
        if not _touches_hub(edge) or OUTSIDE in (edge.source, edge.target):
            continue
        outward = edge.source == ProvisionKind.MAINSTREAM
        node = edge.target if outward else edge.source
        y = heights[node] + (0.07 if outward else -0.07)
        near, far = HUB[1], (SUPPORT_BOX if node in SUPPORTS else PLACEMENT_BOX)[0]
        _arrow(panel, [(near, y), (far, y)] if outward else [(far, y), (near, y)], dashed=node in SUPPORTS)
        panel.text(
            (near + far) / 2,
            y + (0.03 if outward else -0.04),
            ", ".join(edge.labels),
            ha="center",
            va="bottom" if outward else "top",
            size=7.5,
            color=INK,
        )


def _draw_lanes(panel: Axes, lanes: Sequence[tuple[int, Edge]], heights: dict[str, float]) -> None:
    """Draw the ways between the other nodes: out of one box, along a lane of its own, and into the other."""
    ports = _ports(lanes, heights)
    for place, (number, edge) in enumerate(lanes):
        x = LANES + LANE * place
        start, end = ports[number, edge.source, True], ports[number, edge.target, False]
        left, right = (_right_side(node) for node in (edge.source, edge.target))
        points = [(x, end), (right, end)] if edge.source == edge.target else [(left, start), (x, start), (x, end)]
        _arrow(panel, [*points, (right, end)] if edge.source != edge.target else points)
        middle = end if edge.source == edge.target else (start + end) / 2
        panel.text(x, middle, str(number), ha="center", va="center", size=7, weight="bold", zorder=5, bbox=_tag())


def _tag() -> dict[str, object]:
    return {"boxstyle": "circle,pad=0.18", "fc": "white", "ec": INK, "lw": 0.7}


def _right_side(node: str) -> float:
    return (SUPPORT_BOX if node in SUPPORTS else PLACEMENT_BOX)[1]


def _ports(lanes: Sequence[tuple[int, Edge]], heights: dict[str, float]) -> dict[tuple[int, str, bool], float]:
    """Return the height at which each lane leaves (True) or enters (False) each node, spread over its side."""
    ends: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for number, edge in lanes:
        if edge.source != edge.target:
            ends[edge.source].append((number, True))
        ends[edge.target].append((number, False))
    return {
        (number, node, leaves): heights[node] + HALF * (1 - 2 * (place + 1) / (len(found) + 1))
        for node, found in ends.items()
        for place, (number, leaves) in enumerate(found)
    }


def _arrow(panel: Axes, points: Sequence[tuple[float, float]], *, dashed: bool = False) -> None:
    xs, ys = zip(*points, strict=True)
    panel.plot(xs, ys, color=GREY, lw=1, ls="--" if dashed else "-", zorder=1)
    head = {"arrowstyle": "-|>", "color": GREY, "lw": 1, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    (x0, y0), (x1, y1) = points[-2:]
    share = min(1.0, 0.2 / max(abs(x1 - x0) + abs(y1 - y0), 1e-9))
    panel.annotate(
        "", (x1, y1), (x1 - share * (x1 - x0), y1 - share * (y1 - y0)), arrowprops=head, zorder=2, annotation_clip=False
    )


def _draw_outside(panel: Axes, edges: Sequence[Edge], heights: dict[str, float]) -> None:
    top = min(heights.values()) - 2.2 * HALF - 0.1
    _box(panel, (HUB[0], PLACEMENT_BOX[1]), top - 2.4 * HALF, top, FILL["support"])
    lines = ["Left the county's schools", *_ways_out(edges)]
    panel.text(HUB[0], top - 2.4 * HALF - 0.12, NOTE, va="top", size=7.5, color=GREY)
    panel.text((HUB[0] + PLACEMENT_BOX[1]) / 2, top - 1.2 * HALF, "\n".join(lines), ha="center", va="center", size=8)
    x = sum(HUB) / 2
    _arrow(panel, [(x, min(heights.values()) - HALF), (x, top)])


def _ways_out(edges: Sequence[Edge]) -> list[str]:
    ways = [edge for edge in edges if edge.target == OUTSIDE]
    if not ways:
        return ["end of Year 11, from any placement"]
    labels = ", ".join(dict.fromkeys(["end of Year 11", *(label for edge in ways for label in edge.labels)]))
    everywhere = {edge.source for edge in ways} >= set(PLACEMENTS)
    sources = "any placement" if everywhere else ", ".join(kind_words(edge.source) for edge in ways)
    return textwrap.wrap(f"{labels}, from {sources}", 120)

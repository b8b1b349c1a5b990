"""How every figure looks, and what every figure must say about itself.

Two scenarios are told apart by lightness, line style, marker and hatch as well as by colour, so that a
figure reads in greyscale and for every kind of colour vision.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import matplotlib as mpl
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from sim.markup import counted
from sim.report.words import FUTURES, RUN_TO_RUN, words
from sim.results import ABOUT, run_id, write_text

DOTS_PER_INCH, SCREEN = 200, 100
WIDTH = 10.0  # inches; a landscape A4 page within its margins
INK, GREY = "#1a1a1a", "#595959"
FILLS = ("#7f7f7f", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
LIGHT = ("#ffffff", "#56b4e9", "#e69f00", "#8fd3bd", "#e6b8d2", "#f5e28a", "#c9c9c9", "#b8d8f0")
DASHES: tuple[Any, ...] = ("--", "-", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
HATCHES = ("////", "", "....", "xxxx", "----", "||||", "oo", "++")
"""Baseline first; FILLS for lines and bands, LIGHT for bars, on which black marks must show.

The hues keep apart under all common kinds of colour blindness.
"""

LOOK = {
    **sns.axes_style("ticks"),
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "axes.edgecolor": GREY,
    "hatch.color": INK,
    "hatch.linewidth": 0.6,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Caption:
    """What a figure says about where it comes from.

    `run` is the run id, `stamp` is printed in capitals ('' once results are calibrated), and `titles` gives
    the words to print for a scenario's name. `draws` of the parameters have `per_draw` replications each; 0 draws if
    the parameters are held. `members` is the number of sets of figures of an ensemble, where all of it was run.
    """

    county: str
    run: str
    replications: int
    stamp: str
    titles: Mapping[str, str]
    draws: int = 0
    per_draw: int = 1
    members: int = 0

    @classmethod
    def of(cls, provenance: Mapping[str, Any]) -> Self:
        """Return the caption of a run, from what run.json says."""
        titles = {scenario["name"]: scenario["title"] for scenario in provenance["scenarios"]}
        label = provenance["county"]["label"]
        drawn = (provenance.get("draws", 0), provenance.get("replications_per_draw", 1))
        return cls(label, run_id(provenance), provenance["replications"], provenance["stamp"], titles, *drawn)

    def title_of(self, scenario: str) -> str:
        """Return the scenario's title, or its name when it has none."""
        return self.titles.get(scenario) or words(scenario)

    @property
    def origin(self) -> str:
        """One line: stamp, county, run and replications, and what the numbers are about."""
        stamp = f"{self.stamp.upper()}. " if self.stamp else ""
        return f"{stamp}{self.county}. Run {self.run}, {self.number}. {ABOUT}"

    @property
    def number(self) -> str:
        """How many replications there are, and of how many draws or sets of figures."""
        number = counted(self.replications, "replication")
        if self.members:
            each = f"{counted(self.replications // self.members, 'replication')} of each"
            return f"{counted(self.members, 'set')} of figures (members of the ensemble), {each}"
        return f"{number} in {counted(self.draws, 'draw')} of the parameters" if self.draws else number

    @property
    def range_name(self) -> str:
        """What the 10th to 90th percentile of the replications is called: it is of futures if parameters vary."""
        return FUTURES if self.draws else RUN_TO_RUN


@contextmanager
def look() -> Iterator[None]:
    """Draw inside this context, so that a caller's own settings are neither used nor changed."""
    with mpl.rc_context(LOOK):
        yield


class Drawing(Figure):
    """A figure that a notebook shows by itself, also where matplotlib was not set up for it."""

    def _repr_png_(self) -> bytes:
        shown = BytesIO()
        with look():
            self.savefig(shown, format="png", dpi=SCREEN)
        return shown.getvalue()


def titled(figure: Figure, title: str, note: str, caption: Caption, keys: Sequence[Sequence[Artist]] = ()) -> None:
    """Put the title, the stamp and rows of keys above the panels, and the note and origin below them."""
    height = figure.get_figheight()
    heading = textwrap.wrap(title, 75, max_lines=2, placeholder=" ...")
    lines = [line for text in (note, caption.origin) for line in textwrap.wrap(text, 155)]
    below, above = 0.25 + 0.17 * len(lines), 0.22 + 0.22 * len(heading) + 0.24 * len(keys)
    area = (0.01, below / height, 0.98, 1 - (below + above) / height)
    figure.set_layout_engine("constrained", rect=area, h_pad=0.07, w_pad=0.07)
    figure.text(0.015, 1 - 0.12 / height, "\n".join(heading), weight="bold", size=12, va="top", color=INK)
    for place, row in enumerate(keys):
        y = 1 - (0.12 + 0.22 * len(heading) + 0.24 * place) / height
        figure.legend(handles=list(row), loc="upper left", ncols=len(row), bbox_to_anchor=(0.01, y), borderpad=0.1)
    if caption.stamp:
        box = {"facecolor": "white", "edgecolor": INK, "boxstyle": "square,pad=0.4", "linewidth": 1.2}
        figure.text(0.985, 1 - 0.16 / height, caption.stamp.upper(), weight="bold", ha="right", va="top", bbox=box)
    figure.text(0.015, 0.1 / height, "\n".join(lines), size=8, va="bottom", color=GREY, linespacing=1.35)


def save(figure: Figure, path: Path, alt_text: str) -> Path:
    """Write the figure as PNG at 200 dots per inch; the alternative text goes inside it and beside it (.txt).

    Each file is there whole or not at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with look():
        figure.savefig(part, dpi=DOTS_PER_INCH, format="png", metadata={"Description": alt_text})
    os.replace(part, path)
    write_text(alt_text + "\n", path.with_suffix(".txt"))
    return path

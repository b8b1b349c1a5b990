"""To come."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from sim.results import Results


def waterfall_figure(results: Results, parts: Sequence[str], combination: str) -> Figure:
    """To come."""
    raise NotImplementedError

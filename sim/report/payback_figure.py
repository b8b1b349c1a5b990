"""To come."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from sim.results import Results


def payback_figure(results: Results, scenarios: Sequence[str]) -> Figure:
    """To come."""
    raise NotImplementedError

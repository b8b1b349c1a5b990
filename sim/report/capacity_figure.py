"""To come."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.results import Results


def capacity_figure(results: Results, scenario: str) -> Figure:
    """To come."""
    raise NotImplementedError

"""To come."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.results import Results


def flow_figure(results: Results, scenario: str, period: str | None) -> Figure:
    """To come."""
    raise NotImplementedError

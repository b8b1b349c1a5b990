"""To come."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.results import Results


def journey_figure(results: Results, scenario: str, pupil: str | None, replication: int | None) -> Figure:
    """To come."""
    raise NotImplementedError

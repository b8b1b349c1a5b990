"""To come."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from sim.results import Results


def delay_figure(results: Results, delays: Mapping[str, float] | None) -> Figure:
    """To come."""
    raise NotImplementedError

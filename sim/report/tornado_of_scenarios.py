"""To come."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from sim.results import Results


def scenario_tornado_figure(results: Results, ends: Mapping[str, tuple[str, str]]) -> Figure:
    """To come."""
    raise NotImplementedError

"""To come."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from sim.results import Results


def results_target_figure(results: Results, county: str | Path | None) -> Figure:
    """To come."""
    raise NotImplementedError

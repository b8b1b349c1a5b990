"""To come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from sim.results import Results


def convergence_figure(results: Results, scenario: str, quantities: Sequence[Any]) -> Figure:
    """To come."""
    raise NotImplementedError

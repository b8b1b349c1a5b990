"""Uncertainty: a county drawn from the ranges of its figures, the same for all scenarios of a draw."""

from sim.uncertainty.county import drawn, named, scaled
from sim.uncertainty.draws import (
    NOTHING_DRAWN,
    PARAMETERS_DRAWN,
    Draw,
    Draws,
    Named,
    draw_from_ranges,
    drawing,
    draws_for,
)

__all__ = [
    "NOTHING_DRAWN",
    "PARAMETERS_DRAWN",
    "Draw",
    "Draws",
    "Named",
    "draw_from_ranges",
    "drawing",
    "drawn",
    "draws_for",
    "named",
    "scaled",
]

"""Uncertainty: a county drawn from the ranges of its figures, the same for all scenarios of a draw."""

from sim.uncertainty.county import drawn, named, scaled, uncertain_names
from sim.uncertainty.draws import (
    NOTHING_DRAWN,
    PARAMETERS_DRAWN,
    Draw,
    Draws,
    Named,
    draw_from_ranges,
    drawing,
    draws_for,
    members_of,
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
    "members_of",
    "named",
    "scaled",
    "uncertain_names",
]

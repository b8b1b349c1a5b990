"""Uncertainty: a county drawn from the ranges of its figures, the same for all scenarios of a draw."""

from sim.uncertainty.county import drawn, named, scaled
from sim.uncertainty.draws import Draw, Draws, Named, draw_from_ranges, drawing

__all__ = ["Draw", "Draws", "Named", "draw_from_ranges", "drawing", "drawn", "named", "scaled"]

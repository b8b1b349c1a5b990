"""Uncertainty: a county drawn from the ranges of its figures, the same for all scenarios of a draw."""

from sim.uncertainty.draws import Draw, draw_from_ranges, drawing, drawn, scaled, uncertain_names

__all__ = ["Draw", "draw_from_ranges", "drawing", "drawn", "scaled", "uncertain_names"]

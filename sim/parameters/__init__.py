"""Parameters of a county: their shape, how they are read, checked and changed.

Nothing is imported here, so that `sim.parameters.problems` (standard library only) stays quick to import.
"""

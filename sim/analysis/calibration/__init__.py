"""Fitting a county to what was observed: points tried, an emulator of the targets, and the points that stay plausible.

History matching in waves (Craig et al. 1997; Andrianakis et al. 2015): a first design over the whole space is run; a
sparse regression stands for the simulation; further points are drawn where it finds the targets likely; what the
simulation itself does not find implausible makes the ensemble.
"""

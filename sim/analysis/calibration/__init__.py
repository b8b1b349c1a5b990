"""Results beside published figures, and a county fitted to them.

What a run says of each target, with which error, and how far apart they are; and history matching in waves (Craig et
al. 1997; Andrianakis et al. 2015): a first design over the whole space is run; a sparse regression stands for the
simulation; further points are drawn where it finds the targets likely; what the simulation itself does not find
implausible makes the ensemble.
"""

"""The best split of a grant: which levers to spend it on, and how sure that is.

An allocation file is YAML; `experiments/allocations/` holds those that come along. It says what there is to spend, on
which budget lines, which levers it may buy in which steps, and by which measure a split is the best. Splits that the
money can pay for become scenarios; `sim.analysis.selection` chooses among them on common luck.
"""

from __future__ import annotations

from sim.search.allocation import Allocation, Split
from sim.search.reading import find_allocation, list_allocations, load_allocation
from sim.search.searching import Found, Searched, first_study, search

__all__ = [
    "Allocation",
    "Found",
    "Searched",
    "Split",
    "find_allocation",
    "first_study",
    "list_allocations",
    "load_allocation",
    "search",
]

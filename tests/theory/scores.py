"""Normal scores of what runs found, so that a table of them can be judged at one level."""

from __future__ import annotations

import numpy as np
from scipy import stats

FEWEST_EXPECTED = 5.0
"""Cells in which fewer pupils are expected in all runs together are added up within their year."""


def poisson_scores(total: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return normal scores of Poisson counts, from the exact tail on the side on which each lies."""
    above, below = stats.poisson.sf(total - 1, expected), stats.poisson.cdf(total, expected)
    return np.where(above < below, stats.norm.isf(np.minimum(above, 0.5)), stats.norm.ppf(np.minimum(below, 0.5)))


def mean_scores(samples: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return normal scores of means of independent runs (first axis), by Student's distribution."""
    t = (samples.mean(axis=0) - expected) / stats.sem(samples, axis=0)
    return np.sign(t) * stats.norm.isf(stats.t.sf(np.abs(t), len(samples) - 1))


def pooled(total: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells of a year in which enough pupils are expected, and the sum of the others as one more."""
    is_enough = expected >= FEWEST_EXPECTED
    cells = [np.append(one[is_enough], one[~is_enough].sum()) for one in (total, expected)]
    return cells[0], cells[1]

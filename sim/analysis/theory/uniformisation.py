"""Linear equations of a Markov chain with a steady source, solved by uniformisation: sums of positive terms only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, stats

Array = NDArray[np.float64]

TAIL = 1e-15
"""Probability of more jumps of the uniformised chain than are summed."""


class Passage(NamedTuple):
    """What a chain does over a stretch of time, for each of several starts (last axis).

    end : expected number in each state at the last instant, shape (states, starts).
    at : values of the outputs at each instant, shape (instants, outputs, starts).
    until : their integrals from the beginning to each instant, in the same shape.
    stays : integrals of every state from the beginning to each mark, shape (marks, states, starts).
    """

    end: Array
    at: Array
    until: Array
    stays: Array


def passage(
    generator: sparse.csr_array,
    start: Array,
    source: Array,
    outputs: sparse.csr_array,
    instants: ArrayLike,
    marks: ArrayLike,
) -> Passage:
    """Solve p' = p Q + s from p(0) = start, and read linear outputs F p at instants.

    Parameters
    ----------
    generator : Q, rates from row to column per unit of time with rows that sum to 0 or less (the rest leaves).
    start, source : expected numbers, and what flows in per unit of time, by state and start: (states, starts).
    outputs : F, shape (outputs, states).
    instants, marks : in ascending order, from 0 on; marks no later than the last instant.

    Notes
    -----
    exp(Qt) is the Poisson mixture of the powers of P = I + Q / rate, and the integral of it the mixture by the
    Poisson tail over the rate; the source is one more state, which never changes. Every term is at least 0, so nothing
    cancels. Jensen (1953), Markoff chains as an aid in the study of Markoff processes.
    """
    times = np.asarray(instants, dtype=np.float64)
    rate = float(max(-generator.diagonal().min(), 1e-9))
    jumps = np.arange(int(stats.poisson.isf(TAIL, rate * times[-1])) + 2)
    powers = sparse.csr_array(sparse.eye_array(generator.shape[0]) + generator.T / rate)
    now, drops, end = start.copy(), source / rate, np.zeros_like(start)
    last = stats.poisson.pmf(jumps, rate * times[-1])
    rests: Array = np.asarray(stats.poisson.sf(jumps, rate * np.asarray(marks, dtype=np.float64)[:, None]) / rate)
    stays = np.zeros((len(rests), *start.shape))
    read = np.empty((len(jumps), outputs.shape[0], start.shape[1]))
    for jump in jumps:
        end += last[jump] * now
        for mark, rest in enumerate(rests):
            stays[mark] += rest[jump] * now
        read[jump] = outputs @ now
        now = powers @ now + drops
    weights = stats.poisson.pmf(jumps, rate * times[:, None]), stats.poisson.sf(jumps, rate * times[:, None]) / rate
    at, until = (np.tensordot(weight, read, axes=1) for weight in weights)
    return Passage(end, at, until, stays)

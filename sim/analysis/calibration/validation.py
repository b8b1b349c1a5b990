"""The ensemble of a county put to the test: what it says of targets it was fitted to, and of those it was not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.analysis.calibration.forecasts import against_naive, naive_forecasts
from sim.analysis.calibration.points import Floats
from sim.analysis.calibration.table import coverage, target_table, with_markov
from sim.analysis.calibration.trials import Trials
from sim.uncertainty import members_of

LUCK_APART = 1_000_000
"""Replications of validation have numbers that far from those of calibration, and from each other."""


@dataclass(frozen=True)
class Validation:
    """What the members of an ensemble say of targets.

    Attributes
    ----------
    values : runs x targets, in the terms of the published figures; members one after another, then the next luck.
    members, replications : so many of each.
    """

    trials: Trials
    values: Floats
    members: int
    replications: int

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return each target with what the runs come to; see `sim.analysis.calibration.table.target_table`.

        The column markov has what an independent projection of the county's own figures comes to.
        """
        runs = pd.DataFrame(self.values, columns=list(self.trials.targets))
        return with_markov(target_table(self.trials.targets, runs, self.trials.county), self.trials.projected())

    @property
    def coverage(self) -> pd.DataFrame:
        """Return how many targets lie inside, by use."""
        return coverage(self.table)

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """Return held-out targets with the errors of the model, of naive forecasts and of the Markov projection."""
        return against_naive(self.table, naive_forecasts(self.trials.targets))


def validate(trials: Trials, replications: int) -> Validation:
    """Return what the ensemble of a county says of the targets of `trials`, with luck that calibration has not seen.

    Parameters
    ----------
    replications : runs of each member.
    """
    draws = members_of(trials.spec)
    runs = [trials.values(draws, LUCK_APART * (number + 1)) for number in range(replications)]
    return Validation(trials, np.vstack(runs), len(draws), replications)

"""A figure of a paper: its value, its interval and what kind that is, where it comes from, and its reference code."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any, NamedTuple, Self

from sim.analysis.paired_spend import HALF_A_PENNY
from sim.report.amounts import is_money
from sim.report.words import FUTURES, RUN_TO_RUN
from sim.results import run_id

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters of a code: none that is easily taken for another."""

RUN_LETTERS, OWN_LETTERS = 4, 7
CODE = rf"[0-9a-f]{{{RUN_LETTERS}}}-[{ALPHABET}]{{{OWN_LETTERS}}}"
NOTHING = 1e-9
"""What is less than this is the rounding of sums."""

EACH_YEAR, COUNTED = "each year", "pupils_counted"
PUPILS = "pupils_"
CASH = "cash: prices of each year"


class Interval(StrEnum):
    """What the interval of a figure is of; none of them is the range that single runs may show.

    What the configuration gives has none, and says so.
    """

    MEAN = "95% interval of the mean"
    DIFFERENCE = "95% interval of the mean difference"
    CHANCE = "95% interval of the chance"
    GIVEN = "no interval: given by the county's configuration"


class About(NamedTuple):
    """What a figure says it is. `comparison` is the scenario it is set against; '' for a level."""

    measure: str
    provision: str
    phase: str
    period: str
    scenario: str
    comparison: str


@dataclass(frozen=True)
class Origin:
    """Where figures come from: figures of two origins do not belong in one paper.

    Attributes
    ----------
    run, code, seed : run id, hash of the sources that made the runs, seed.
    configuration : hash of the parameters of all scenarios and of the county's files.
    replications, draws : of each scenario; draws is 0 while the parameters are held.
    """

    run: str
    code: str
    configuration: str
    seed: int
    replications: int
    draws: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return the origin of results, from what run.json says."""
        scenarios = [(one["name"], one["parameters"]) for one in said["scenarios"]]
        parts = (scenarios, sorted(said.get("inputs", {}).items()), said.get("drawn_from", ""))
        configuration = hashlib.sha256(repr(parts).encode()).hexdigest()
        draws = int(said.get("draws", 0))
        return cls(run_id(said), str(said["code"]), configuration, said["seed"], said["replications"], draws)

    @property
    def units(self) -> str:
        """What means and intervals are taken over: replications, or draws of parameters."""
        return "draws" if self.draws else "replications"

    @property
    def range_name(self) -> str:
        """What the 10th to 90th percentile of single runs is: of luck alone, or of luck and parameters."""
        return FUTURES if self.draws else RUN_TO_RUN


@dataclass(frozen=True)
class Figure:
    """A figure with all that must be said beside it.

    Attributes
    ----------
    unit : as in the questions; money is in pounds and shares are from 0 to 1.
    low, high, interval : the interval and what it is of; NaN when there is none.
    futures : 10th and 90th percentile of single runs, worked out after each run's years were put together.
    number : replications (or draws) in which it has a value.
    price_base : of money; '' otherwise.
    """

    about: About
    label: str
    unit: str
    value: float
    low: float
    high: float
    interval: Interval
    number: int
    origin: Origin
    futures: tuple[float, float] | None = None
    price_base: str = ""

    @property
    def code(self) -> str:
        """The reference code: a hash of what the figure says it is, behind the first digits of its run."""
        return code_of(self.origin.run, self.about)

    @property
    def units(self) -> str:
        """What its number counts: replications for a chance, which is that of one future, else what means are over."""
        return "replications" if self.interval is Interval.CHANCE else self.origin.units

    @property
    def has_interval(self) -> bool:
        """Whether it has an interval, which may be of no width."""
        return all(isfinite(number) for number in (self.value, self.low, self.high))

    @property
    def never_varies(self) -> bool:
        """Whether it was the same in every replication."""
        return self.high - self.low <= (HALF_A_PENNY if is_money(self.unit) else NOTHING)

    @property
    def is_change(self) -> bool:
        """Whether it is a difference between two scenarios."""
        return self.interval is Interval.DIFFERENCE

    @property
    def is_clear(self) -> bool:
        """Whether its interval excludes nought."""
        return self.low > 0 or self.high < 0

    @property
    def series(self) -> str:
        """The reference code of the row it stands in: the same figure for each year, or all counts of pupils."""
        if self.about.measure.startswith(PUPILS):
            return code_of(self.origin.run, self.about._replace(measure=COUNTED))
        return code_of(self.origin.run, self.about._replace(period=EACH_YEAR))


def code_of(run: str, about: About) -> str:
    """Return the reference code of what is said of a run: the same whenever and wherever it is worked out."""
    number = int.from_bytes(hashlib.sha256(repr((run, *about)).encode()).digest())
    letters = []
    for _ in range(OWN_LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{run[:RUN_LETTERS]}-{''.join(letters)}"

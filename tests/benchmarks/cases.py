"""The two models that every contender runs, their luck, and what a contender must find.

Both are small enough to be written in any simulation package, and invented: only queue lengths and numbers of events
resemble a county's. Instants are school days. Luck comes from this project's keyed streams; contenders other than its
engine read the same numbers, already turned into exponentials where that is their use, from lists made before the
clock starts. So all of them live through the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import isclose, log1p

import numpy as np

from sim.chance.distributions import poisson
from sim.chance.streams import PupilLuck, Purpose, Streams

YEAR = 190.0
"""School days in a year."""

CLASSES = 3


class Draw(IntEnum):
    """What the luck of a pupil or customer is for: the purposes of which many occasions are stored.

    RESOLVES to PATIENCE and the stay have unit-exponential numbers, KIND and OUTCOME uniform ones. In the network
    KIND chooses the station, STAY is the service and OUTCOME whether the customer goes on.
    """

    RESOLVES = Purpose.DAYS_OUT
    REFERRED = Purpose.CRISIS_IDENTIFIES
    PATIENCE = Purpose.CRISIS_REFERRED
    STAY = Purpose.RESPITE_ABSORBS
    KIND = Purpose.SUSPENSION_ROUTE
    OUTCOME = Purpose.REVIEW_ROUTE


DRAWS = tuple(Draw)
EXPONENTIAL = DRAWS[:4]
OCCASIONS = 16
RESOLVES, REFERRED, PATIENCE, STAY, KIND, OUTCOME = (OCCASIONS * i for i in range(len(DRAWS)))
"""Where the occasions of a draw begin in a pupil's list."""


def exponential(luck: PupilLuck, draw: Draw) -> float:
    """Return a unit-exponential number from keyed luck, by inversion."""
    return -log1p(-luck.uniform(draw))


def numbers(luck: PupilLuck) -> list[float]:
    """Return all stored occasions of every draw, in the order of `DRAWS`."""
    return [
        exponential(luck, draw) if draw in EXPONENTIAL else luck.uniform(draw)
        for draw in DRAWS
        for _ in range(OCCASIONS)
    ]


@dataclass(frozen=True)
class Found:
    """What a contender found; of two that had the same luck everything must be equal.

    Attributes
    ----------
    events : arrivals, ends of support, of waits that took time, and of stays (or services).
    waits : waits that ended, by class; with `waited`, the school days they took.
    outcomes : how many left for each reason, in an order that is the model's own.
    """

    events: int
    waits: tuple[int, ...]
    waited: tuple[float, ...]
    outcomes: tuple[int, ...]

    @property
    def mean_waits(self) -> tuple[float, ...]:
        """Mean wait by class, in school days."""
        return tuple(days / max(number, 1) for days, number in zip(self.waited, self.waits, strict=True))

    def equals(self, other: Found) -> bool:
        """Whether the same happened: numbers equal, and sums of days but for their rounding."""
        same = (self.events, self.waits, self.outcomes) == (other.events, other.waits, other.outcomes)
        return same and all(isclose(a, b, rel_tol=1e-9) for a, b in zip(self.waited, other.waited, strict=True))


Read = Callable[[], Found]
Run = Callable[[], Read]
"""A contender is a function from a case to a Run. The run is timed; what it returns is read after the clock."""


# -- the pathway ---------------------------------------------------------------------------------------------------

PLACES = ("alternative provision", "tuition team", "resource base", "special school")
INDEPENDENT = len(PLACES)
"""The kind of place that is unlimited, and the last to which a pupil escalates."""

RESOLVES_A_YEAR = (0.55, 0.35, 0.15)
REFERRED_A_YEAR = (0.4, 0.9, 1.8)
"""Yearly hazards by severity while supported in school; the earlier happens, unless the pupil leaves before."""

KINDS = ((0.70, 0.88, 0.97), (0.45, 0.68, 0.80), (0.12, 0.30, 0.42))
"""Cumulative probabilities of the first three kinds of place by severity; the rest needs a special school."""

STAY_YEARS = (0.75, 0.5, 0.4, 3.0, 3.0)
PATIENCE_YEARS = 1.0
ESCALATES_TO = (1, 3, 3, INDEPENDENT, INDEPENDENT)
RETURNS = (0.65, 0.50, 0.45, 0.15, 0.10)
ESCALATES = (0.20, 0.30, 0.30, 0.10, 0.0)
"""After a stay: back to support in school, on to a dearer place, or gone for good, by kind of place."""

USABLE = (250, 100, 45, 700)
STOCK, ONSETS_A_YEAR, YEARS = 2500, 1100.0, 10.0
LEAVING_AGE, FIRST_AGE = 16.0, 4.0


@dataclass(frozen=True)
class Pathway:
    """A reference county: onset, support, a ranked wait for places, a stay, then return, escalation or leaving.

    Attributes
    ----------
    scale : multiplies pupils and places. squeeze : divides places and multiplies patience, which makes long queues.
    """

    seed: int
    scale: float = 1.0
    squeeze: float = 1.0

    @property
    def end(self) -> float:
        """The horizon."""
        return YEARS * YEAR

    @property
    def usable(self) -> tuple[int, ...]:
        """Places by limited kind."""
        return tuple(max(1, round(places * self.scale / self.squeeze)) for places in USABLE)

    @property
    def patience(self) -> float:
        """Mean of the exponential patience in a waiting list."""
        return PATIENCE_YEARS * YEAR * self.squeeze

    @cached_property
    def pupils(self) -> Pupils:
        """Who they are, by the instant of onset."""
        streams = Streams(self.seed, 0)
        uniform = float(streams.onsets(0, 1)[0])
        stock, arrivals = round(STOCK * self.scale), int(poisson(uniform, ONSETS_A_YEAR * YEARS * self.scale))
        cell = streams.pupils(0, 0, stock + arrivals)
        onset = cell.first(Purpose.ONSET_TIME) * self.end
        onset[:stock] = 0.0
        age = FIRST_AGE + cell.first(Purpose.FRAILTY) * (LEAVING_AGE - FIRST_AGE)
        severity = np.searchsorted((0.5, 0.85), cell.first(Purpose.ONSET_SEVERITY), side="right")
        order = np.argsort(onset, kind="stable")
        lucks = cell.lucks()
        return Pupils(
            onset[order].tolist(),
            (onset + (LEAVING_AGE - age) * YEAR)[order].tolist(),
            severity[order].tolist(),
            [lucks[i] for i in order],
        )


@dataclass(frozen=True)
class Pupils:
    """Pupils in order of onset: when, when they leave at the latest, how serious (0 to 2), and their keyed luck."""

    onset: list[float]
    leaves_at: list[float]
    severity: list[int]
    lucks: list[PupilLuck]

    def __len__(self) -> int:
        return len(self.onset)

    def numbers(self) -> list[list[float]]:
        """Return everybody's numbers in a list of lists, which uses up the keyed luck."""
        return [numbers(luck) for luck in self.lucks]


def kind_of_place(severity: int, uniform: float) -> int:
    """Return the kind of place that a pupil of this severity needs."""
    first, second, third = KINDS[severity]
    return 0 if uniform < first else 1 if uniform < second else 2 if uniform < third else 3


# -- the network ---------------------------------------------------------------------------------------------------

STATIONS, SERVERS = 5, 10
CUSTOMERS_A_DAY, SERVICE_DAYS, GOES_ON = 18.0, 1.0, 0.6
CLASS_SHARES = (0.2, 0.3, 0.5)


@dataclass(frozen=True)
class Network:
    """Five stations of ten servers and three classes, none of whom interrupts another's service.

    A customer begins at any station, and after each service goes on to any of the others with probability 0.6;
    utilisation is 0.9. (Packages differ in whether one who comes back to the same station at once overtakes those
    who wait there.) It begins empty and ends when so many customers should have come; what is then under way does
    not count.
    """

    seed: int
    customers: int = 30_000

    @property
    def end(self) -> float:
        """The horizon, in days."""
        return self.customers / CUSTOMERS_A_DAY

    @cached_property
    def arrivals(self) -> Arrivals:
        """Who comes when, of which class, and with which luck."""
        cell = Streams(self.seed, 0).pupils(0, 0, round(self.customers * 1.1) + 100)
        at = np.cumsum(-np.log1p(-cell.first(Purpose.ONSET_TIME))) / CUSTOMERS_A_DAY
        if at[-1] < self.end:
            raise RuntimeError("too few customers drawn for the horizon")
        rank = np.searchsorted(np.cumsum(CLASS_SHARES[:-1]), cell.first(Purpose.SEX), side="right")
        number = int(np.searchsorted(at, self.end))
        return Arrivals(at[:number].tolist(), rank[:number].tolist(), cell.lucks()[:number])


@dataclass(frozen=True)
class Arrivals:
    """Customers in order of arrival: when, class (0 is served first), and keyed luck."""

    at: list[float]
    rank: list[int]
    lucks: list[PupilLuck]

    def visits(self) -> list[list[tuple[int, float]]]:
        """Return every customer's visits, station and days of service, which uses up the keyed luck."""
        return [_visits(luck) for luck in self.lucks]


def next_station(before: int | None, uniform: float) -> int:
    """Return the station to begin at, or to go on to from the one before."""
    if before is None:
        return int(uniform * STATIONS)
    return (before + 1 + int(uniform * (STATIONS - 1))) % STATIONS


def _visits(luck: PupilLuck) -> list[tuple[int, float]]:
    made, station = [], None
    while True:
        station = next_station(station, luck.uniform(Draw.KIND))
        made.append((station, exponential(luck, Draw.STAY) * SERVICE_DAYS))
        if luck.uniform(Draw.OUTCOME) >= GOES_ON:
            return made


def by_class(rank: Sequence[int], weights: Sequence[float] | None = None) -> tuple[float, ...]:
    """Return numbers, or sums of weights, by class."""
    return tuple(np.bincount(rank, weights, minlength=CLASSES).tolist())

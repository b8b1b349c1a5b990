"""A small pathway that any engine can run: ranked wait, stay, return or a second provision, and an age to leave at.

A pupil comes, waits for a place at the first provision (first class before second, then who came first), stays, and
either returns or waits at home for a place at the second provision, stays there and returns. At a date of their own
the pupil leaves, whether waiting or in a place. Here are the luck, the plain event loop and the measures; nothing in
this file knows the engine.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
COLUMNS = ("entered_first", "left_first", "asked_second", "entered_second", "left_second", "gone")


@dataclass(frozen=True)
class Setting:
    """What the pathway is like; times in days."""

    arrivals: float = 5.0
    second_class: float = 0.6
    places: tuple[int, int] = (3, 2)
    mean_stays: tuple[float, float] = (1.0, 1.5)
    escalating: float = 0.3
    mean_age: float = 3.0
    is_age_fixed: bool = False


@dataclass(frozen=True)
class Luck:
    """Drawn for each pupil in the order of coming; `stays` has a row for each provision."""

    comes: Floats
    ranks: NDArray[np.int64]
    stays: Floats
    escalates: NDArray[np.bool_]
    leaves: Floats


def luck_of(setting: Setting, rng: np.random.Generator, pupils: int) -> Luck:
    comes = np.cumsum(rng.exponential(1.0 / setting.arrivals, pupils))
    age = np.full(pupils, setting.mean_age) if setting.is_age_fixed else rng.exponential(setting.mean_age, pupils)
    return Luck(
        comes,
        (rng.random(pupils) < setting.second_class).astype(np.int64),
        rng.exponential(np.array(setting.mean_stays)[:, None], (2, pupils)),
        rng.random(pupils) < setting.escalating,
        comes + age,
    )


class PlainLoop:
    """The pathway on a heap of events (instant, pupil, what happens, provision) and a queue for each class."""

    def __init__(self, setting: Setting, luck: Luck) -> None:
        comes, leaves = luck.comes.tolist(), luck.leaves.tolist()
        self.ranks, self.stays, self.escalates = luck.ranks.tolist(), luck.stays.tolist(), luck.escalates.tolist()
        self.found = np.full((len(comes), len(COLUMNS)), np.nan)
        self.free = list(setting.places)
        self.lists = [(deque(), deque()) for _ in self.free]
        self.where = [None] * len(comes)  # (provision, is in a place) of who is here
        self.events = [(instant, pupil, self.come, 0) for pupil, instant in enumerate(comes)]
        self.events += [(instant, pupil, self.leave, 0) for pupil, instant in enumerate(leaves)]
        self.events.sort(key=itemgetter(0, 1))

    def run(self) -> Floats:
        while self.events:
            now, pupil, happens, provision = heappop(self.events)
            happens(pupil, provision, now)
        return self.found

    def come(self, pupil: int, provision: int, now: float) -> None:
        self.where[pupil] = provision, False
        self.lists[provision][self.ranks[pupil]].append(pupil)
        self.fill(provision, now)

    def fill(self, provision: int, now: float) -> None:
        for line in self.lists[provision]:
            while line and self.free[provision]:
                pupil = line.popleft()
                if self.where[pupil] == (provision, False):
                    self.enter(pupil, provision, now)

    def enter(self, pupil: int, provision: int, now: float) -> None:
        self.free[provision] -= 1
        self.where[pupil] = provision, True
        self.found[pupil, 3 * provision] = now
        heappush(self.events, (now + self.stays[provision][pupil], pupil, self.end_stay, provision))

    def end_stay(self, pupil: int, provision: int, now: float) -> None:
        if self.where[pupil] != (provision, True):
            return
        self.vacate(pupil, provision, now)
        if provision == 0 and self.escalates[pupil]:
            self.found[pupil, 2] = now
            self.come(pupil, 1, now)
        else:
            self.found[pupil, 5] = now

    def vacate(self, pupil: int, provision: int, now: float) -> None:
        self.found[pupil, 1 + 3 * provision] = now
        self.where[pupil] = None
        self.free[provision] += 1
        self.fill(provision, now)

    def leave(self, pupil: int, _provision: int, now: float) -> None:
        here, self.where[pupil] = self.where[pupil], None
        if here is not None:
            self.found[pupil, 5] = now
            if here[1]:
                self.vacate(pupil, here[0], now)


def plain_loop(setting: Setting, luck: Luck) -> Floats:
    """Return the instants of `COLUMNS` by pupil, NaN where it never came."""
    return PlainLoop(setting, luck).run()


MEASURES = (
    "mean wait for the first provision in days, first class",
    "mean wait for the first provision in days, second class",
    "mean wait for the second provision in days",
    "share who age out while waiting for the first provision",
    "mean roll of the first provision",
    "mean roll of the second provision",
    "pupils a day who leave the first provision",
)


def measured(comes: Floats, ranks: NDArray[np.int64], found: Floats, left_out: int) -> Floats:
    """Return `MEASURES`; as many pupils are left out at the start and at the end."""
    start, end = comes[left_out], comes[-left_out]
    seen = slice(left_out, -left_out)
    entered, asked, entered_second, gone = found[seen][:, [0, 2, 3, 5]].T
    wait = np.where(np.isnan(entered), gone, entered) - comes[seen]
    second = np.where(np.isnan(entered_second), gone, entered_second) - asked
    return np.array(
        [
            wait[ranks[seen] == 0].mean(),
            wait[ranks[seen] == 1].mean(),
            np.nanmean(second),
            np.isnan(entered).mean(),
            _area(found[:, 0], found[:, 1], start, end) / (end - start),
            _area(found[:, 3], found[:, 4], start, end) / (end - start),
            ((start <= found[:, 1]) & (found[:, 1] < end)).sum() / (end - start),
        ]
    )


def _area(entered: Floats, left: Floats, start: float, end: float) -> float:
    return float(np.nansum(np.maximum(np.minimum(left, end) - np.maximum(entered, start), 0.0)))

"""One real provision driven by luck drawn beforehand: who comes when, in which class, stays and waits how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from simpy import Event

from sim.engine.environment import Environment
from sim.engine.journal import Journal
from sim.engine.provision import OUTCOME_CODE, Provision
from sim.vocabulary import WaitOutcome
from tests.worlds import EXAMPLESHIRE

Floats = NDArray[np.float64]
SPECIAL = EXAMPLESHIRE.provisions["marsh_house"]


def generator(seed: int, run: int) -> np.random.Generator:
    """Return the generator of one run: each run of each seed has luck of its own."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(run,)))


@dataclass(frozen=True)
class Luck:
    """What is drawn for each pupil, in the order of coming; `patience` is None where nobody gives up."""

    gaps: Floats
    stays: Floats
    ranks: NDArray[np.int64]
    patience: Floats | None = None


def drawn(
    rng: np.random.Generator,
    pupils: int,
    arrivals: float,
    second_class: float = 0.0,
    mean_patience: float | None = None,
) -> Luck:
    """Draw Poisson arrivals (per day), exponential stays of mean 1 day, and classes 0 or 1."""
    return Luck(
        rng.exponential(1.0 / arrivals, pupils),
        rng.exponential(1.0, pupils),
        (rng.random(pupils) < second_class).astype(np.int64),
        None if mean_patience is None else rng.exponential(mean_patience, pupils),
    )


class Driven:
    """A provision, its clock and its journal, and the pupils who come to it."""

    def __init__(self, places: int, luck: Luck) -> None:
        self.env, self.journal = Environment(), Journal()
        self.provision = Provision("special", 0, SPECIAL, self.env, self.journal)
        self.provision.fund(places)
        self.turned_away: list[int] = []
        self._at, self._stays = np.cumsum(luck.gaps).tolist(), luck.stays.tolist()
        self._ranks = luck.ranks.tolist()
        self._patience = None if luck.patience is None else luck.patience.tolist()
        self._come = 0

    def let_in(self, arrives: Callable[[int], None]) -> None:
        """Let the pupils come one after another."""

        def comes(_event: Event) -> None:
            pupil = self._come
            self._come += 1
            arrives(pupil)
            if self._come < len(self._at):
                self.env.at(self._at[self._come], self._come).callbacks.append(comes)

        self.env.at(self._at[0], 0).callbacks.append(comes)

    def enters_or_goes_away(self, pupil: int) -> None:
        """Nobody waits."""
        if self.provision.has_vacancy():
            self.provision.admit()
            self._stay(pupil)
        else:
            self.turned_away.append(pupil)

    def waits(self, pupil: int) -> None:
        """Wait for a place, perhaps not for ever."""
        waiting = self.provision.wait(pupil, self._ranks[pupil])
        waiting.decided.callbacks.append(partial(self._decided, pupil))
        if self._patience is not None and waiting.is_open:
            deadline = self.env.at(self.env.now + self._patience[pupil], pupil)
            deadline.callbacks.append(lambda _event: self.provision.close(waiting, WaitOutcome.DEADLINE))

    def _decided(self, pupil: int, decided: Event) -> None:
        if decided.value is WaitOutcome.OFFERED:
            self._stay(pupil)

    def _stay(self, pupil: int) -> None:
        self.env.at(self.env.now + self._stays[pupil], pupil).callbacks.append(lambda _event: self.provision.release())


@dataclass(frozen=True)
class Waits:
    """Who waited how long, by pupil, as the journal recorded it."""

    days: Floats
    ranks: NDArray[np.int64]
    gave_up: NDArray[np.bool_]


def waits_of(places: int, luck: Luck, warm_up: int) -> Waits:
    """Let everybody wait for a place; leave out as many pupils at the start, and the end, as warm up."""
    driven = Driven(places, luck)
    driven.let_in(driven.waits)
    driven.env.run_before(np.inf)
    table = driven.journal.tables()["waits"]
    order = np.argsort(table["pupil"])[warm_up:-warm_up]
    days, gave_up = table["end"] - table["start"], table["outcome"] == OUTCOME_CODE[WaitOutcome.DEADLINE]
    return Waits(days[order], table["rank"][order].astype(np.int64), gave_up[order])


def share_turned_away_of(places: int, luck: Luck, warm_up: int) -> float:
    """Return the share of pupils after the warm-up who found no place and went away."""
    driven = Driven(places, luck)
    driven.let_in(driven.enters_or_goes_away)
    driven.env.run_before(np.inf)
    away = sum(pupil >= warm_up for pupil in driven.turned_away)
    return away / (len(luck.gaps) - warm_up)


def steadied(
    samples: Sequence[float], exact: Callable[..., float], expected: Sequence[float], means: Sequence[Sequence[float]]
) -> Floats:
    """Return samples less what the luck of each run explains to first order (control variates).

    The coefficients are the slopes of the exact answer, so they do not depend on the samples and the correction is
    zero on average: the samples stay independent and their mean what it was, only less noisy.

    Parameters
    ----------
    exact : the exact answer as a function of the expected means; expected : what it is evaluated at.
    means : for each sample, what was drawn on average instead of `expected`.
    """
    at = np.asarray(expected, dtype=float)
    step = 1e-4 * np.diag(at)
    slopes = np.array([(exact(*(at + one)) - exact(*(at - one))) / (2.0 * one.sum()) for one in step])
    return np.asarray(samples, dtype=float) - (np.asarray(means) - at) @ slopes

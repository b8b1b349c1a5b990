"""The small pathway in this project's engine: real provisions, clock and journal, pathways followed as in the model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.engine.environment import Environment
from sim.engine.follow import follow
from sim.engine.journal import Journal
from sim.engine.provision import Provision, Wait
from sim.vocabulary import WaitOutcome
from tests.theory.driven import SPECIAL
from tests.theory.small_pathway import COLUMNS, Floats, Luck, Setting


class Child:
    """A pupil of the small pathway."""

    __slots__ = ("has_left", "number", "place", "waiting")

    def __init__(self, number: int) -> None:
        self.number, self.has_left = number, False
        self.waiting: Wait | None = None
        self.place: int | None = None


class Here:
    """One run."""

    def __init__(self, setting: Setting, luck: Luck) -> None:
        self.env, self.journal = Environment(), Journal()
        self.provisions = [
            Provision(name, index, SPECIAL, self.env, self.journal) for index, name in enumerate(("first", "second"))
        ]
        for provision, places in zip(self.provisions, setting.places, strict=True):
            provision.fund(places)
        self.comes, self.leaves, self.ranks = luck.comes.tolist(), luck.leaves.tolist(), luck.ranks.tolist()
        self.stays, self.escalates = luck.stays.tolist(), luck.escalates.tolist()
        self.found = np.full((len(self.comes), len(COLUMNS)), np.nan)
        self._next(0)

    def _next(self, number: int) -> None:
        if number < len(self.comes):
            self.env.at(self.comes[number], number).callbacks.append(lambda _event: self._comes(number))

    def _comes(self, number: int) -> None:
        child = Child(number)
        self.env.at(self.leaves[number], number).callbacks.append(lambda _event: self._leaves(child))
        follow(self._steps(child), child)
        self._next(number + 1)

    def _steps(self, child: Child) -> Iterator[object]:
        yield from self._stay(child, 0)
        if self.escalates[child.number]:
            self.found[child.number, 2] = self.env.now
            yield from self._stay(child, 1)
        self._goes(child)

    def _stay(self, child: Child, index: int) -> Iterator[object]:
        number, provision = child.number, self.provisions[index]
        child.waiting = provision.wait(number, self.ranks[number])
        yield child.waiting.decided
        child.place = index
        self.found[number, 3 * index] = self.env.now
        yield self.env.at(self.env.now + self.stays[index][number], number)
        self._vacate(child)

    def _vacate(self, child: Child) -> None:
        index, child.place = child.place, None
        self.found[child.number, 1 + 3 * index] = self.env.now
        self.provisions[index].release()

    def _goes(self, child: Child) -> None:
        child.has_left = True
        self.found[child.number, 5] = self.env.now

    def _leaves(self, child: Child) -> None:
        if child.has_left:
            return
        self._goes(child)
        if child.place is None:
            child.waiting.provision.close(child.waiting, WaitOutcome.DEADLINE)
        else:
            self._vacate(child)


def run_here(setting: Setting, luck: Luck) -> Floats:
    """Return the instants of `COLUMNS` by pupil, NaN where it never came."""
    here = Here(setting, luck)
    here.env.run_before(np.inf)
    return here.found

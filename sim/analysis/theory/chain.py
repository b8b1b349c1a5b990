"""The states that pupils of one group can reach, as a sparse generator with what is read off it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
from scipy import sparse

from sim.analysis.theory.groups import Group
from sim.analysis.theory.life import Branches, Life, State
from sim.analysis.theory.uniformisation import Array
from sim.parameters.schema import Parameters
from sim.vocabulary import EventKind, Happening, Record

Entries = dict[tuple[int, int], float]


def outputs_of(parameters: Parameters) -> tuple[list[tuple[str, int]], list[str]]:
    """Return what is read off a chain: rolls by provision and record, and counts of happenings and of entries."""
    rolls = list(product(parameters.provisions, (int(record) for record in Record)))
    return rolls, [*(happening.value for happening in Happening), *(entry(name) for name in parameters.provisions)]


def entry(place: str) -> str:
    """Return the name under which entries to a provision are counted."""
    return f"entry to {place}"


class Chain:
    """A continuous-time Markov chain of the pupils of a group, explored from onset and the chains `before` it.

    Attributes
    ----------
    states, index : the states and their positions.
    steady, requests : generators per school day; requests for a plan are apart, as their rate has a factor by year.
        A row of `steady` sums to minus the rate at which pupils leave, one of `requests` to 0.
    rolls : which states make up each roll, shape (rolls, states).
    counts, request_counts : rates of what is counted, shape (counts, states), in the same two parts.
    """

    def __init__(self, group: Group, before: Iterable[Chain] = ()) -> None:
        self.group, self.life = group, Life(group)
        self._rolls, self._counts = outputs_of(group.parameters)
        self._row = {name: row for row, name in enumerate(self._counts)}
        self.states: list[State] = []
        self.index: dict[State, int] = {}
        for branch in self.life.onset():
            self._number(branch.state)
        for state in (state for chain in before for state in chain.states):
            for branch in self.life.arrive(state):
                self._number(branch.state)
        self._explore()

    def _explore(self) -> None:
        parts: tuple[Entries, Entries] = defaultdict(float), defaultdict(float)
        read: tuple[Entries, Entries] = defaultdict(float), defaultdict(float)
        rolls: Entries = {}
        for here, state in enumerate(self.states):  # grows while it is explored
            rolls[self._rolls.index((state.place, state.record)), here] = 1.0
            for event, rate, branches in self.life.events(state):
                which = int(event == EventKind.EHC_REQUEST)
                parts[which][here, here] -= rate
                self._add(here, rate, branches, parts[which], read[which])
            for branch in self.life.name_place(state):
                self._number(branch.state)
        size, rows = len(self.states), len(self._row)
        self.steady, self.requests = (_matrix(part, (size, size)) for part in parts)
        self.rolls = _matrix(rolls, (len(self._rolls), size))
        self.counts, self.request_counts = (_matrix(part, (rows, size)) for part in read)

    def _number(self, state: State) -> int:
        found = self.index.setdefault(state, len(self.states))
        if found == len(self.states):
            self.states.append(state)
        return found

    def _add(self, here: int, rate: float, branches: Branches, part: Entries, read: Entries) -> None:
        for branch in branches:
            if branch.chance > 0.0:
                part[here, self._number(branch.state)] += rate * branch.chance
                for name in self._noted(self.states[here], branch.state, branch.noted):
                    read[self._row[name], here] += rate * branch.chance

    @staticmethod
    def _noted(before: State, after: State, noted: tuple[str, ...]) -> tuple[str, ...]:
        return noted if after.place == before.place else (*noted, entry(after.place))

    def onset(self) -> Array:
        """Return the chance of each state at onset."""
        found = np.zeros(len(self.states))
        for branch in self.life.onset():
            found[self.index[branch.state]] += branch.chance
        return found

    def jump(self, onto: Chain, step: Callable[[State], Branches]) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Return what a fixed date does: chances from state (column) to state of `onto` (row); expected counts."""
        moves: Entries = defaultdict(float)
        read: Entries = defaultdict(float)
        for here, state in enumerate(self.states):
            for branch in step(state):
                moves[onto.index[branch.state], here] += branch.chance
                for name in self._noted(state, branch.state, branch.noted):
                    read[self._row[name], here] += branch.chance
        shape = len(onto.states), len(self.states)
        return _matrix(moves, shape), _matrix(read, (len(self._row), len(self.states)))


def _matrix(entries: Entries, shape: tuple[int, int]) -> sparse.csr_array:
    places = np.array(list(entries), dtype=np.int64).reshape(-1, 2)
    return sparse.csr_array((np.fromiter(entries.values(), float, len(entries)), places.T), shape=shape)

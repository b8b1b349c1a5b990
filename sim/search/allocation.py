"""An allocation file on its county: options with the own cost of each step, and the splits that the grant pays for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance.designs import latin_hypercube
from sim.markup import brief, listed
from sim.parameters.schema import Parameters
from sim.scenarios import BASELINE, Scenario, baseline
from sim.search.costs import Floats, affordable, is_covered
from sim.search.schema import ONE_OFF, RECURRING, AllocationFile
from sim.uncertainty import Draws

Split = tuple[int, ...]
"""The step of each option, in the order of the file."""

MOST_SPLITS = 200_000

PER_DRAW = 1
"""Replications of a draw: selection takes replications to be independent, so that each has a draw of its own."""


@dataclass(frozen=True)
class Step:
    """A step of an option.

    Attributes
    ----------
    use : what a scenario asks of the lever; None leaves it out.
    label : the values that vary, in words.
    one_off, recurring : own cost by financial year, pounds.
    """

    use: Mapping[str, Any] | None
    label: str
    one_off: Floats
    recurring: Floats

    @property
    def cost(self) -> Floats:
        """Own cost by financial year."""
        return self.one_off + self.recurring


@dataclass(frozen=True)
class Allocation:
    """An allocation file on its county, ready to be searched.

    Attributes
    ----------
    folder : of the county; years : financial years of its runs, in order.
    steps : of each option, by its name.
    draws : of uncertain parameters, the same for all splits: replication k of each is draw k; None holds them.
    """

    name: str
    said: AllocationFile
    question: str
    folder: str
    county: Parameters
    years: tuple[str, ...]
    steps: Mapping[str, tuple[Step, ...]]
    seed: int
    file_sha256: str
    draws: Draws | None = None

    @property
    def most(self) -> int:
        """Replications of a split at most: those of the file, or as many as there are draws if that is fewer."""
        there = self.draws.most_replications if self.draws else None
        return self.said.selection.most if there is None else min(self.said.selection.most, there)

    def __repr__(self) -> str:
        return brief("Allocation", self.name, self.title, f"options {listed(self.steps)}", self.county.county.label)

    @property
    def title(self) -> str:
        """What the file is about."""
        return self.said.title

    @property
    def combinations(self) -> int:
        """Combinations of steps, whatever they cost."""
        return prod(len(steps) for steps in self.steps.values())

    @cached_property
    def affordable(self) -> tuple[Split, ...]:
        """The splits that the grant pays for and that use as much of it as they must, in the order of the steps."""
        splits = np.indices([len(steps) for steps in self.steps.values()]).reshape(len(self.steps), -1)
        costs = {
            pot: sum(
                np.stack([getattr(step, pot) for step in steps])[places]
                for places, steps in zip(splits, self.steps.values(), strict=True)
            )
            for pot in (ONE_OFF, RECURRING)
        }
        fits = affordable({pot: np.asarray(found) for pot, found in costs.items()}, list(self.years), self.said.grant)
        return tuple(map(tuple, splits.T[fits].tolist()))

    @cached_property
    def first_splits(self) -> tuple[Split, ...]:
        """The splits to begin with: all that can be paid for, or as many of them spread over all."""
        most = self.said.candidates.most
        return self.affordable if len(self.affordable) <= most else self._spread(most)

    def neighbours(self, split: Split) -> tuple[Split, ...]:
        """Return splits that can be paid for and differ by a step: money moved to, from, or between two options."""
        apart = np.abs(np.array(self.affordable) - np.array(split))
        near = (apart.max(axis=1) == 1) & (apart.sum(axis=1) <= 2)
        return tuple(one for one, is_near in zip(self.affordable, near.tolist(), strict=True) if is_near)

    def chosen(self, split: Split) -> dict[str, Step]:
        """Return the step of each option in a split."""
        return {name: steps[place] for (name, steps), place in zip(self.steps.items(), split, strict=True)}

    def name_of(self, split: Split) -> str:
        """Return the name of a split as a scenario: its number among all combinations, from 1 on."""
        if not any(step.use is not None for step in self.chosen(split).values()):
            return BASELINE
        number = int(np.ravel_multi_index(split, [len(steps) for steps in self.steps.values()])) + 1
        return f"split_{number:0{len(str(self.combinations))}d}"

    def title_of(self, split: Split) -> str:
        """Return a split in words."""
        parts = [
            f"{self.said.options[name].label} {step.label}"
            for name, step in self.chosen(split).items()
            if step.use is not None
        ]
        return "; ".join(parts) or "None of the levers"

    def scenario(self, split: Split) -> Scenario:
        """Return a split as a scenario on the county."""
        uses = {name: step.use for name, step in self.chosen(split).items() if step.use is not None}
        if not uses:
            return baseline(self.county)
        return baseline(self.county).with_(
            levers=uses, name=self.name_of(split), title=self.title_of(split), question=self.question
        )

    def spent(self, split: Split) -> Floats:
        """Return what a split costs by itself in the years that the grant must cover: one-off, recurring; pounds."""
        covered = is_covered(list(self.years), self.said.grant)
        steps = self.chosen(split).values()
        return np.array([sum(getattr(step, pot)[covered].sum() for step in steps) for pot in (ONE_OFF, RECURRING)])

    def unspent(self, split: Split) -> float:
        """Return what is left of the grant, pounds."""
        return float(self.said.grant.total - self.spent(split).sum())

    def _spread(self, number: int) -> tuple[Split, ...]:
        """Return splits spread over all that can be paid for: each the nearest to a point of a Latin hypercube."""
        shape = np.array([len(steps) for steps in self.steps.values()])
        places = np.array(self.affordable) / np.maximum(shape - 1, 1)
        left = np.ones(len(places), dtype=bool)
        for point in latin_hypercube(number, len(shape), self.seed):
            apart = np.where(left, np.square(places - point).sum(axis=1), np.inf)
            left[int(apart.argmin())] = False
        return _picked(self.affordable, ~left)


def _picked(splits: Sequence[Split], chosen: NDArray[np.bool_]) -> tuple[Split, ...]:
    return tuple(split for split, is_chosen in zip(splits, chosen.tolist(), strict=True) if is_chosen)

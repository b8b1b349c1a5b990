"""A study file on its county, ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sim.experiments.schema import Levels, Precision
from sim.markup import brief, counted, listed
from sim.questions import LooksAt
from sim.scenarios import Scenario
from sim.uncertainty import Draws


class Point(NamedTuple):
    """A point of a design: the scenario whose results it has, and the level of each factor."""

    scenario: str
    levels: Levels


@dataclass(frozen=True)
class Experiment:
    """A study file on its county, ready to run.

    Attributes
    ----------
    folder : of the county.
    scenarios : the baseline, then those of the file.
    points : of a design, in its order. Those with the parameters of the baseline have its results and no others.
    looks_at : the headline measures.
    draws : of uncertain parameters; None holds them.
    """

    name: str
    title: str
    question: str
    folder: str
    scenarios: tuple[Scenario, ...]
    points: tuple[Point, ...]
    replications: int
    precision: Precision | None
    looks_at: tuple[LooksAt, ...]
    seed: int
    file_sha256: str
    draws: Draws | None = None

    def __repr__(self) -> str:
        number = f"{counted(self.replications, 'replication')} each"
        return brief("Experiment", self.name, self.title, listed(one.name for one in self.scenarios), number)

"""How strong, how much or how cheap a lever must be to pay for itself: runs of one lever at several levels.

The levels share their luck and their run-in with the baseline. A first grid finds where the net cost changes
sign; a second one is laid around that place. What is sought is the smallest level at which the net cost to the
high needs block over the study is nought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.break_even import Root, linear_root, root_of_curve
from sim.analysis.quantities import by_replication
from sim.levers.acts import LeverInUse, effects_at, in_play, scaled
from sim.levers.adjustments import composed
from sim.levers.catalogue import designs, in_use
from sim.levers.spec import STRONGEST
from sim.measures.ledger import IN_BLOCK
from sim.parameters.schema import Effect, Parameters
from sim.questions import LooksAt
from sim.results import Results
from sim.scenarios import BASELINE, Scenario, baseline
from sim.study import Progress, Study, run_study
from sim.vocabulary import ProvisionKind

BREAK_EVEN = "break_even"
"""Names of studies of a break-even begin with this."""

EFFECT, DOSE, COST = "effect", "dose", "cost"
AXES = (EFFECT, DOSE, COST)
BLOCK_SPEND = LooksAt(measure="spend_total", provision=IN_BLOCK, over="sum", label="Spend of the block", unit="GBP")
GRID = (0.0, 0.5, 1.0, 1.5, 2.0)
COST_GRID = (0.0, 0.5, 1.0)
"""Levels tried first, as multiples of what the evidence or the lever says; effects go up to their limit."""

INNER = 3
"""Levels laid between the two of the first grid between which the net cost changes sign."""


Shown = Callable[[int], AbstractContextManager[Progress | None]]
"""Given the number of runs, the context in which they run."""


@dataclass(frozen=True)
class Question:
    """What is asked: which lever, on which axis, with which settings and how many replications."""

    lever: str
    axis: str
    settings: Mapping[str, Any]
    replications: int
    seed: int


class Meaning(NamedTuple):
    """What a level comes to for one figure: its central value, and its value at the root and at both ends."""

    name: str
    central: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Answer:
    """Where a lever breaks even on an axis, and the net cost at each level that was run.

    `net_costs` are pounds (cash, over the study; below 0 the lever saves), levels x replications.
    """

    question: Question
    levels: tuple[float, ...]
    net_costs: NDArray[np.float64]
    root: Root
    meaning: tuple[Meaning, ...]
    run: str


def axes_of(lever: LeverInUse) -> list[str]:
    """Return the axes on which a lever has something to scale; the first is asked about when none is named."""
    return [axis for axis in AXES if scaled_by(lever, axis)]


def scaled_by(lever: LeverInUse, axis: str) -> dict[str, tuple[float, float]]:
    """Return what an axis scales: name -> (neutral value, central value); prices scale from nought."""
    if axis == COST:
        return {name: (0.0, lever.settings[name].value) for name in costs_of(lever)}
    roles = (EFFECT,) if axis == EFFECT else (DOSE, "uptake")
    found = {
        name: (setting.neutral, setting.value)
        for name, setting in lever.settings.items()
        if setting.role in roles and setting.neutral is not None and setting.value != setting.neutral
        if name in in_play(lever)
    }
    rows = effects_of(lever) if axis == EFFECT else {}
    return found | {name: (1.0, row.value) for name, row in rows.items()}


def _meaning(lever: LeverInUse, axis: str, root: Root) -> Iterator[Meaning]:
    """Yield what the level at the root, and the ends of its interval, come to for each figure scaled."""
    for name, (neutral, central) in scaled_by(lever, axis).items():
        value, low, high = (_at_level(neutral, central, level) for level in (root.level, root.low, root.high))
        most = lever.settings[name].most if name in lever.settings else float("inf")
        ends = [min(end, most) if isfinite(end) else end for end in (value, low, high)]
        yield Meaning(name, central, ends[0], min(ends[1:]), max(ends[1:]))


def _at_level(neutral: float, central: float, level: float) -> float:
    return max(0.0, scaled(central, neutral, level)) if isfinite(level) else level


def break_even(
    county: Parameters,
    question: Question,
    workers: int | None = None,
    output: Path | None = None,
    progress: Shown | None = None,
) -> Answer:
    """Return where a lever pays for itself.

    Parameters
    ----------
    county : the baseline.
    output : results folder; finished runs in it are not run again. None keeps all in memory.
    progress : given the number of runs of a grid, the context in which they run; it yields what is told of each.

    Raises ConfigurationError for an unknown lever or setting, ValueError for an axis the lever does not have.
    """
    lever = in_use(county, question.lever, question.settings, "command line")
    levels = _grid(lever, question.axis)
    runner = _Runner(county, lever, question, workers, output, progress)
    costs = runner.net_costs(levels)
    if question.axis == COST and lever.spec.mechanism != "train_schools":
        root = linear_root(dict(zip(levels, costs, strict=True)))
    else:
        inner = _between(levels, costs.mean(axis=1))
        if inner:
            more = runner.net_costs(inner)
            order = np.argsort([*levels, *inner])
            levels = [[*levels, *inner][place] for place in order]
            costs = np.vstack([costs, more])[order]
        root = root_of_curve(levels, costs)
    meaning = tuple(_meaning(lever, question.axis, root))
    return Answer(question, tuple(levels), costs, root, meaning, runner.run_id)


def _grid(lever: LeverInUse, axis: str) -> list[float]:
    """Return the levels tried first: for effects up to the level at which the first of them can grow no more.

    Raises ValueError for an axis on which the lever has nothing.
    """
    if not scaled_by(lever, axis):
        raise ValueError(f"{lever.name} has no {axis} to scale; it has {', '.join(axes_of(lever)) or 'none'}")
    if axis == COST:
        return list(COST_GRID)
    if axis == DOSE:
        bounds = [_most_strength(lever, name) for name, s in lever.settings.items() if s.neutral is not None]
        most = min([bound for bound in bounds if bound > 0.0], default=GRID[-1])
        return sorted({level for level in (*GRID, min(most, STRONGEST)) if level <= most})
    factors = [row.value for row in effects_of(lever).values() if row.value < 1.0]
    most = min(STRONGEST, min((1.0 / (1.0 - factor) for factor in factors), default=GRID[-1]))
    return sorted({*(level for level in GRID if level < most), most, (1.0 + most) / 2.0})


def _most_strength(lever: LeverInUse, name: str) -> float:
    """Return the strength at which a setting reaches the most (or least) that it may be."""
    setting = lever.settings[name]
    away = setting.value - (setting.neutral or 0.0)
    if setting.role == COST or away == 0.0:
        return STRONGEST
    edge = setting.most if away > 0 else setting.least
    return (edge - (setting.neutral or 0.0)) / away


def effects_of(lever: LeverInUse) -> dict[str, Effect]:
    """Return the rows of effects by which a lever works, by name."""
    known = lever.parameters.effects
    mine = {name: known[name] for name in lever.spec.effects if name in known}
    tiers = designs()[lever.choices["design"]].tiers if "design" in lever.choices else {}
    return {name: row for name, row in mine.items() if not tiers or row.given_by in tiers}


def costs_of(lever: LeverInUse) -> list[str]:
    """Return the settings that are prices."""
    return [name for name, setting in lever.settings.items() if setting.role == COST and setting.price_base]


def _between(levels: Sequence[float], means: NDArray[np.float64]) -> list[float]:
    """Return levels to be tried between the first two between which the mean net cost changes sign."""
    signs = np.sign(means)
    for place in range(len(levels) - 1):
        if signs[place] * signs[place + 1] < 0:
            return [float(level) for level in np.linspace(levels[place], levels[place + 1], INNER + 2)[1:-1]]
    return []


@dataclass
class _Runner:
    """Runs levels of one lever beside what they are compared with."""

    county: Parameters
    lever: LeverInUse
    question: Question
    workers: int | None
    output: Path | None
    progress: Shown | None
    run_id: str = ""

    def net_costs(self, levels: Sequence[float]) -> NDArray[np.float64]:
        """Return net costs to the block over the study, levels x replications."""
        named = {f"level_{level:g}": self._at(level) for level in levels}
        bases = {f"without_{level:g}": self._without(level) for level in levels} if self._is_in_baseline() else {}
        scenarios = [baseline(self.county)]
        scenarios += [replace(s, name=name) for name, s in {**named, **bases}.items()]
        results = self._run(scenarios)
        spend = spend_over_study(results)
        found = [spend[name] - spend[f"without_{name[6:]}" if bases else BASELINE] for name in named]
        return np.array(found)

    def _run(self, scenarios: list[Scenario]) -> Results:
        q = self.question
        study = Study(f"{BREAK_EVEN}_{q.lever}_{q.axis}", tuple(scenarios), q.seed, q.replications, spells_of=())
        with self.progress(len(scenarios) * q.replications) if self.progress else nullcontext() as tell:
            results = run_study(study, self.output, self.workers, tell)
        self.run_id = results.provenance["run"]
        return results

    def _at(self, level: float) -> Scenario:
        if self.question.axis == COST:
            settings = {name: self.lever.settings[name] for name in costs_of(self.lever)}
            return self._scenario({name: max(s.least, min(level * s.value, s.most)) for name, s in settings.items()})
        return self._scenario({"strength" if self.question.axis == DOSE else "effect_strength": level})

    def _without(self, level: float) -> Scenario:
        """The baseline with the same strength of effect, for effects of what is there without the lever."""
        diff = composed(self.county, effects_at(self.lever, level))
        return baseline(self.county).with_(diff.changes, later=diff.later)

    def _scenario(self, more: Mapping[str, float]) -> Scenario:
        uses = {self.question.lever: {**self.question.settings, **more}}
        return baseline(self.county).with_(levers=uses)

    def _is_in_baseline(self) -> bool:
        """Whether effects of the lever are at work without it, as those of teams that exist are."""
        if self.question.axis != EFFECT:
            return False
        given_by = {row.given_by for row in effects_of(self.lever).values()}
        kinds = [kind for kind in given_by if isinstance(kind, ProvisionKind)]
        start = self.lever.use.start
        return any(
            any(places.usable != 0 for day, places in spec.places.items() if day <= start)
            for _, spec in self.county.provisions_of(*kinds)
        )


def spend_over_study(results: Results) -> dict[str, NDArray[np.float64]]:
    """Return what the high needs block spends over the study, by scenario: one value per replication, cash."""
    start = date.fromisoformat(results.provenance["horizon"]["study_start"])
    wide = by_replication(results.measures, BLOCK_SPEND, start)
    return {str(name): wide.loc[name].to_numpy(dtype=np.float64) for name in results.scenarios}

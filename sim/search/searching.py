"""The search: splits become scenarios, selection says which to run further, and what is known at the end of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from sim.analysis.paired_spend import Estimate, Floats, estimate
from sim.analysis.quantities import by_replication
from sim.analysis.selection import Rule, Selection, chances_of_being_best, not_told_apart, select
from sim.analysis.sensitivity.decision import Decision
from sim.analysis.sensitivity.ranking import ranking
from sim.cases import Cases, MadeCases
from sim.chance.resampling import mean_weights
from sim.markup import brief, counted
from sim.parallel import Place, processes, running
from sim.parameters.problems import ConfigurationError, Problem
from sim.results import Results
from sim.scenarios import BASELINE, baseline
from sim.search.allocation import Allocation, Split
from sim.search.schema import Condition, Objective
from sim.store import Keeper, Store
from sim.study import Progress, Study, inputs_of, run_study, work_of

LEVEL = 0.95
"""Of the intervals of single splits, as everywhere; the confidence of the selection is another thing."""

DRAWS = 10_000
"""Draws behind the chance of being the best: known to a percentage point."""


class BestIn(NamedTuple):
    """Share of the draws in which a split is the best, with the ends of its interval; see `ranking`."""

    share: float = np.nan
    low: float = np.nan
    high: float = np.nan


NOT_DRAWN = BestIn()


@dataclass(frozen=True)
class Found:
    """What is known of a split at the end.

    Attributes
    ----------
    change : of the objective from the baseline; behind : the same from the best split (0 for the best itself).
    replications : those that were run; screened_after : those after which it was screened out, 0 if it never was.
    chance : probability that its mean is the best among those with all replications; NaN for others.
    best_in : share of the draws in which it is the best of these, low and high end of its interval; NaN for others, and
        while the parameters are held.
    is_tied : whether it cannot be told apart from the best.
    conditions : change from its limit of each condition; `breaks` says whether one is shown to be broken.
    """

    split: Split
    change: Estimate
    behind: Estimate
    replications: int
    screened_after: int
    chance: float
    is_tied: bool
    conditions: tuple[Estimate, ...]
    breaks: bool
    best_in: BestIn = NOT_DRAWN


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes
    ----------
    found : every split that was run, the best first, then by objective, those that break a condition last.
    selection : of the last round; its systems are numbered otherwise than `found`.
    rounds : of trying neighbours, after the first; runs : of which the search is made, finished before or not.
    results : the baseline, the best, what cannot be told apart from it and the next best, with all replications.
    """

    allocation: Allocation
    found: tuple[Found, ...]
    selection: Selection
    rounds: int
    runs: int
    results: Results

    def __repr__(self) -> str:
        number = f"{counted(len(self.found), 'split')} run, {len(self.tied)} not told apart from the best"
        return brief("Searched", self.allocation.name, number, repr(self.results))

    @property
    def is_drawn(self) -> bool:
        """Whether the splits were run over draws of what is not known."""
        return self.allocation.draws is not None

    @property
    def best(self) -> Found:
        """The best split."""
        return self.found[0]

    @property
    def runner_up(self) -> Found | None:
        """The next best with all replications; None if there is no other."""
        return next((one for one in self.found[1:] if not one.breaks), None)

    @property
    def tied(self) -> tuple[Found, ...]:
        """The others that cannot be told apart from the best."""
        return tuple(one for one in self.found[1:] if one.is_tied)


def search(
    allocation: Allocation,
    output: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    store: str | Path | None = None,
    cluster: str = "",
) -> Searched:
    """Run what is missing of a search, and say which split is the best.

    Parameters
    ----------
    output, workers, progress, store, cluster : see `sim.study.run_study`. The results folder is that of a study of the
        baseline, the best split, those not told apart from it and the next best.

    Raises StudyFailed when runs failed for good; the same call again goes on with what is in the store.
    """
    number = processes(workers)
    inputs = {**inputs_of(Path(allocation.folder)), f"{allocation.name}.yaml": allocation.file_sha256}
    with TemporaryDirectory() as nowhere, running(number, cluster) as place:
        folder = Path(store or output or nowhere)
        trials = Trials(allocation, Store(folder), place, progress)
        rounds = _rounds(allocation, trials)
        whole = trials.replications_of(rounds[-1].best)
        _level(trials, rounds[-1].best, whole)
        found = _found(trials, rounds)
        kept = [one.split for one in found if one.is_tied] + [one.split for one in found[1:2]]
        results = run_study(trials.study(kept, whole), output, workers, None, inputs, store=folder, cluster=cluster)
    return Searched(allocation, found, rounds[-1].selection, len(rounds) - 1, trials.runs, results)


def first_study(allocation: Allocation) -> Study:
    """Return the study of the first replications of the baseline and all splits to begin with."""
    scenarios = {one.name: one for one in map(allocation.scenario, allocation.first_splits)}
    every = {BASELINE: baseline(allocation.county), **scenarios}
    first = allocation.said.selection.first
    return Study(allocation.name, tuple(every.values()), allocation.seed, first, spells_of=(), draws=allocation.draws)


class Trials:
    """The values of objective and conditions, by split and replication; what is missing is run."""

    def __init__(self, allocation: Allocation, keeper: Keeper, place: Place, progress: Progress | None) -> None:
        said = allocation.said
        self.allocation = allocation
        self.quantities: tuple[Objective | Condition, ...] = (said.objective, *said.conditions)
        self.first, self.measures = said.selection.first, tuple({one.measure for one in self.quantities})
        self._keeper, self._place, self._progress = keeper, place, progress
        self._values: dict[tuple[str, int], Floats] = {}
        self._names: dict[Split, str] = {}
        self._cases: MadeCases = {}
        self._scenarios = {BASELINE: baseline(allocation.county)}
        self.splits: dict[Split, int] = {}
        self.sign = 1.0 if said.objective.aim == "least" else -1.0
        self._looking = ""

    @property
    def runs(self) -> int:
        """Runs that the search is made of, finished before or not."""
        return len(self._values)

    def replications_of(self, split: Split) -> int:
        """Return how many replications there are of a split."""
        return self.splits.get(split, 0)

    def study(self, splits: Sequence[Split], replications: int) -> Study:
        """Return the study of the baseline and some splits, all on the same draws."""
        for split in splits:
            if self._name_of(split) not in self._scenarios:
                self._scenarios[self._name_of(split)] = self.allocation.scenario(split)
        names = dict.fromkeys([BASELINE, *map(self._name_of, splits)])
        scenarios = tuple(self._scenarios[name] for name in names)
        named = self.allocation.name, scenarios, self.allocation.seed, replications
        return Study(*named, spells_of=(), draws=self.allocation.draws)

    def finish(self, splits: Sequence[Split], replications: int) -> None:
        """Run what is missing of the first replications of some splits and of the baseline."""
        new = [split for split in splits if self.replications_of(split) < replications]
        if new:
            self._looking = f"{len(new)} of {len(self.splits.keys() | new)} splits, up to {replications} replications"
            study = self.study(new, replications)
            study = study.with_(cases=Cases(study.scenarios, study.draws, None, self._cases))
            work = work_of(study, self._keeper, self._progress, judge=self)
            work.finish(self._place, self._place.cores)
            self.splits.update(dict.fromkeys(new, replications))

    def values(self, splits: Sequence[Split], replications: int, quantity: int = 0) -> Floats:
        """Return a quantity in the first replications (rows) of some splits (columns); 0 is the objective."""
        return self._of([self._name_of(split) for split in splits], replications, quantity)

    def baseline(self, replications: int, quantity: int = 0) -> Floats:
        """Return a quantity in the first replications of the baseline."""
        return self._of([BASELINE], replications, quantity)[:, 0]

    def _of(self, names: Sequence[str], replications: int, quantity: int) -> Floats:
        return np.array([[self._values[name, number][quantity] for name in names] for number in range(replications)])

    def _name_of(self, split: Split) -> str:
        if split not in self._names:
            self._names[split] = self.allocation.name_of(split)
        return self._names[split]

    def note(self, scenario: str, replication: int, measures: pd.DataFrame) -> None:
        """Take note of a finished unit's measures."""
        if (scenario, replication) in self._values:
            return
        rows = measures.assign(scenario=scenario, replication=replication)
        start = self.allocation.county.horizon.study_start
        found = [by_replication(rows, quantity, start) for quantity in self.quantities]
        values = np.array([float(one.to_numpy()[0, 0]) if one.size else np.nan for one in found])
        if np.isnan(values[0]):
            said = f"no value of {self.quantities[0].measure} in replication {replication} of {scenario}"
            allowed = "a measure that always has a value, such as a number or a sum"
            raise ConfigurationError(Problem(self.allocation.name, "key objective", said, allowed, "use another"))
        self._values[scenario, replication] = values

    def standing(self) -> tuple[str, ...]:
        """Return a line with how many splits are being run."""
        return (self._looking,)

    def further(self, replications: int) -> int:
        """Return the replications there are: selection decides on more."""
        return replications

    def record(self) -> dict[str, Any]:
        """Return nothing: the record of a search is its own file."""
        return {}


class _Round(NamedTuple):
    """A selection among some splits."""

    among: tuple[Split, ...]
    selection: Selection

    @property
    def best(self) -> Split:
        """The split selected."""
        return self.among[self.selection.best]

    @property
    def survivors(self) -> list[Split]:
        """Those not screened out."""
        return [self.among[number] for number in self.selection.survivors]

    @property
    def screened(self) -> dict[Split, int]:
        """Those screened out, with the replications after which they were."""
        spent = dict(zip(self.among, self.selection.replications, strict=True))
        return {split: number for split, number in spent.items() if split not in self.survivors}


def _rounds(allocation: Allocation, trials: Trials) -> list[_Round]:
    """Return the selection among the first splits, and one for each round of trying the neighbours of the best."""
    made = [_round(allocation, trials, allocation.first_splits)]
    while len(made) <= allocation.said.candidates.rounds:
        last = made[-1]
        new = [split for split in allocation.neighbours(last.best) if split not in trials.splits]
        if not new:
            break
        made.append(_round(allocation, trials, (*last.survivors, *new)))
        if made[-1].best == last.best:
            break
    return made


def _round(allocation: Allocation, trials: Trials, splits: tuple[Split, ...]) -> _Round:
    """Return the selection among splits, without those that are shown to break a condition."""
    asked = allocation.said.selection
    rule = Rule(asked.indifference, asked.confidence, asked.first, asked.step, allocation.most)
    trials.finish(splits, rule.first)
    among = tuple(split for split in splits if not _breaks(trials, split, len(splits))) or splits
    while True:
        found = _Round(among, select(partial(_take, trials, among), len(among), rule))
        among = tuple(split for split in among if split != found.best)
        if not among or not _breaks(trials, found.best, len(splits)):
            return found


def _take(trials: Trials, among: Sequence[Split], systems: Sequence[int], replications: int) -> Floats:
    splits = [among[system] for system in systems]
    trials.finish(splits, replications)
    return trials.sign * trials.values(splits, replications)


def _level(trials: Trials, best: Split, replications: int) -> None:
    """Give the splits that cannot be told apart from the best, and the next best, as many replications as it has."""
    others = [split for split in trials.splits if split != best]
    near = [split for split in others if _is_tied(trials, split, best)]
    by_mean = sorted(others, key=lambda split: _behind(trials, split, best).mean())
    trials.finish([*near, *by_mean[:1]], replications)


def _behind(trials: Trials, split: Split, best: Split) -> Floats:
    """Return by how much a split is worse than the best, in the replications that both have."""
    both = min(trials.replications_of(split), trials.replications_of(best))
    values = trials.values([split, best], both)
    return np.asarray(trials.sign * (values[:, 0] - values[:, 1]))


def _is_tied(trials: Trials, split: Split, best: Split) -> bool:
    """Whether a split keeps to the conditions and cannot be told apart from the best."""
    alternatives = len(trials.splits)
    if _breaks(trials, split, alternatives):
        return False
    pair = np.stack([np.zeros(len(behind := _behind(trials, split, best))), behind], axis=1)
    return bool(not_told_apart(pair, 0, alternatives, trials.allocation.said.selection.confidence)[1])


def _beyond(trials: Trials, split: Split, place: int) -> Floats:
    """Return how far beyond the limit of a condition a split is, by replication; above 0 it is broken."""
    condition, number = trials.allocation.said.conditions[place], trials.replications_of(split)
    values = trials.values([split], number, place + 1)[:, 0]
    limit = trials.baseline(number, place + 1) if condition.limit == "baseline" else condition.limit
    return np.asarray(condition.sign * (values - limit))


def _breaks(trials: Trials, split: Split, alternatives: int) -> bool:
    """Whether a condition is shown to be broken: the one-sided interval, alpha shared out, lies beyond the limit."""
    conditions = trials.allocation.said.conditions
    alpha = 1 - trials.allocation.said.selection.confidence
    for place in range(len(conditions)):
        beyond = _beyond(trials, split, place)
        known = beyond[~np.isnan(beyond)]
        if len(known) > 1:
            quantile = float(stdtrit(len(known) - 1, 1 - alpha / (alternatives * len(conditions))))
            if known.mean() > quantile * known.std(ddof=1) / np.sqrt(len(known)) + 1e-12:
                return True
    return False


def _found(trials: Trials, rounds: Sequence[_Round]) -> tuple[Found, ...]:
    """Return what is known of every split, the best first."""
    best, screened = rounds[-1].best, {split: number for one in rounds for split, number in one.screened.items()}
    whole = trials.replications_of(best)
    complete = [one for one in trials.splits if trials.replications_of(one) >= whole]
    compared = [one for one in complete if one == best or not _breaks(trials, one, len(trials.splits))]
    weights = mean_weights(DRAWS, whole, trials.allocation.seed)
    values = trials.sign * trials.values(compared, whole)
    chance_of = dict(zip(compared, chances_of_being_best(values, weights).tolist(), strict=True))
    best_in = _best_in(trials, compared, values)
    found = [
        replace(
            _of_split(trials, split, best, screened.get(split, 0), chance_of.get(split, np.nan)),
            best_in=best_in.get(split, NOT_DRAWN),
        )
        for split in trials.splits
    ]
    return tuple(sorted(found, key=lambda one: (one.split != best, one.breaks, one.behind.mean)))


def _best_in(trials: Trials, compared: Sequence[Split], values: Floats) -> dict[Split, BestIn]:
    """Return in which share of the draws each split is the best; none while parameters are held, or of one split.

    Parameters
    ----------
    values : draws (rows) x splits, the least being the best.
    """
    if trials.allocation.draws is None or len(compared) < 2:
        return {}
    names = tuple(map(trials.allocation.name_of, compared))
    decision = Decision(names, values.T[:, :, None], pd.DataFrame(index=range(len(values))))
    rows = ranking(decision).set_index("scenario")[["probability_best", "best_low", "best_high"]]
    found = {str(name): BestIn(*row) for name, *row in rows.itertuples()}
    return {split: found[name] for split, name in zip(compared, names, strict=True)}


def _of_split(trials: Trials, split: Split, best: Split, screened_after: int, chance: float) -> Found:
    number = trials.replications_of(split)
    change = trials.values([split], number)[:, 0] - trials.baseline(number)
    places = range(len(trials.allocation.said.conditions))
    return Found(
        split,
        estimate(change, LEVEL),
        estimate(_behind(trials, split, best), LEVEL),
        number,
        screened_after,
        chance,
        split == best or _is_tied(trials, split, best),
        tuple(estimate(_beyond(trials, split, place), LEVEL) for place in places),
        _breaks(trials, split, len(trials.splits)),
    )

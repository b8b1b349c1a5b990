"""Runs at points of the uncertain figures: which figures there are, and what a scenario comes to at each point.

All points share their luck, so that a difference between two of them is due to the figures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.analysis.lever_break_even import BLOCK_SPEND
from sim.analysis.quantities import by_replication
from sim.parameters.fingerprint import fingerprint
from sim.parameters.uncertainty import Uncertainty
from sim.questions import LooksAt
from sim.results import Results, run_id
from sim.scenarios import BASELINE, Scenario, baseline
from sim.store import code_hash
from sim.study import Progress, Standing, Study, run_study
from sim.uncertainty.pinned import FACTORS, Asked, pinned

Floats = NDArray[np.float64]
Point = Mapping[str, float]
"""Name of a figure, judgement or factor -> its quantile; what is not named has its central value."""


@dataclass(frozen=True)
class Subject:
    """What is looked at: a scenario against the baseline, or the level of the baseline if that is the scenario.

    Attributes
    ----------
    quantity : what is looked at of it; the default is spend of the high needs block over the study, pounds cash.
    """

    scenario: Scenario
    spec: Uncertainty
    seed: int
    replications: int
    quantity: LooksAt = BLOCK_SPEND

    @property
    def is_level(self) -> bool:
        """Whether it is the level of the baseline that is looked at."""
        return not self.scenario.steps

    def scenarios_at(self, point: Point) -> tuple[Scenario, ...]:
        """Return the scenarios to run at a point, the baseline first."""
        county, draw = self.scenario.county or self.scenario.parameters, pinned(self.spec, point)
        before = replace(baseline(county), name=BASELINE).under(draw, self.spec)
        return (before,) if self.is_level else (before, self.scenario.under(draw, self.spec))


@dataclass(frozen=True)
class How:
    """How points are run: nothing here changes an answer.

    Attributes
    ----------
    folder : of the run store, so that finished runs are not run again; None keeps all in memory.
    """

    workers: int | None = None
    folder: Path | None = None
    progress: Progress | None = None


@dataclass(frozen=True)
class Outcomes:
    """What the quantity came to: points x replications, and the id of all runs together."""

    values: Floats
    run: str


def names_of(subject: Subject, only: Sequence[str] = ()) -> list[str]:
    """Return the names of all that is uncertain about the scenario and its county: what a draw would move.

    Parameters
    ----------
    only : patterns such as 'rates/*'; without any all names are returned, factors first.
    """
    asked, county = Asked(0, 0), subject.scenario.county or subject.scenario.parameters
    baseline(county).under(asked, subject.spec)
    subject.scenario.under(asked, subject.spec)
    factors = [f"{FACTORS}/{name}" for name, one in subject.spec.factors.items() if one.low < one.high]
    return [name for name in (*factors, *asked.names) if not only or any(fnmatchcase(name, one) for one in only)]


def outcomes_at(subject: Subject, points: Sequence[Point], how: How) -> Outcomes:
    """Return what the quantity comes to at each point: the paired difference from the baseline, or its level.

    Each point is a study of its own, of which only the quantity is kept. Raises `sim.study.StudyFailed` when runs
    failed; the same call goes on from what is in the store.
    """
    values, said = [], []
    for number, point in enumerate(points):
        scenarios = subject.scenarios_at(point)
        study = Study(f"point_{number}", scenarios, subject.seed, subject.replications, spells_of=())
        results = run_study(study, None, how.workers, _told(how.progress, number, len(points)), store=how.folder)
        values.append(_outcome(subject, results))
        said += [{"name": one.name, "parameters": fingerprint(one.parameters)} for one in scenarios]
    record = {"scenarios": said, "seed": subject.seed, "replications": subject.replications, "code": code_hash()}
    return Outcomes(np.array(values), run_id(record))


def _outcome(subject: Subject, results: Results) -> Floats:
    start = date.fromisoformat(results.provenance["horizon"]["study_start"])
    wide = by_replication(results.measures, subject.quantity, start)
    if wide.empty:
        raise ValueError(f"the results hold no figures of {subject.quantity.measure}")
    levels = [wide.loc[name].to_numpy(dtype=np.float64) for name in results.scenarios]
    return levels[0] if subject.is_level else levels[1] - levels[0]


def _told(progress: Progress | None, number: int, points: int) -> Callable[[Standing], None] | None:
    """Return what turns the standing of a point's study into that of all points."""
    if progress is None:
        return None

    def tell(standing: Standing) -> None:
        before = number * standing.total
        progress(replace(standing, done=before + standing.done, total=points * standing.total))

    return tell

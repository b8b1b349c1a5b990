"""Replications saved by keyed luck: how much less paired differences vary than those of independent seeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import sim
from sim.analysis.comparison import over_study
from sim.measures.ledger import IN_BLOCK
from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.results import Results
from sim.scenarios import Scenario
from sim.study import Study, run_study
from sim.vocabulary import ProvisionKind
from tests.benchmarks.measuring import Clock, Say, in_own_process, paragraph, short, table

SEED = 20190517
LEVEL = 0.95
Floats = NDArray[np.float64]


class Policy(NamedTuple):
    """A policy, what kind of change it is, and the variance ratio that its differences should have at least."""

    kind: str
    goal: float


POLICIES = {
    "overhaul_everything": Policy("a large change of policy", 10.0),
    "special_places_added": Policy("a change of places", 80.0),
}

HEADLINES = {
    "block spend": ("spend_total", IN_BLOCK, NOT_APPLICABLE),
    "roll of independent special schools": ("mean_roll", ProvisionKind.INDEPENDENT.value, ALL),
    "suspensions": ("suspensions", ALL, ALL),
}
"""Words -> measure, provision and phase; the mean of the study years."""

WAITING = {
    "special schools": ("waiting_number", ProvisionKind.SPECIAL.value, ALL),
    "alternative provision": ("waiting_number", ProvisionKind.ALTERNATIVE_PROVISION.value, ALL),
    "district teams": ("waiting_number", ProvisionKind.DISTRICT_TEAM.value, ALL),
}
"""The same of the number who wait in each queue."""

NO_CHANGE = 0.01
"""A change that is less than this part of what it was is gone."""


class Queue(NamedTuple):
    """A queue by the kind of provision that pupils wait for, or casework."""

    words: str
    kind: ProvisionKind | None


QUEUES = (
    Queue("special schools", ProvisionKind.SPECIAL),
    Queue("alternative provision", ProvisionKind.ALTERNATIVE_PROVISION),
    Queue("district teams", ProvisionKind.DISTRICT_TEAM),
    Queue("casework of EHC needs assessments", None),
)


def endless(scenario: Scenario, queue: Queue) -> Scenario:
    """Return a scenario in which nobody waits in one of the queues."""
    changes: dict[str, Any] = {}
    for name, spec in scenario.parameters.provisions.items():
        if spec.kind is queue.kind:
            changes |= {f"provisions/{name}/places/{day}/usable": "unlimited" for day in spec.places}
            changes |= {f"provisions/{name}/devolved_budget/{day}": 1e10 for day in spec.devolved_budget}
    if queue.kind is None:
        changes = {"yearly/casework_capacity/*": 1e9}
    return scenario.with_(changes, name=scenario.name)


def headlines(
    county: str, replications: int, workers: int, policies: Sequence[str], queue: int | None = None
) -> dict[str, Any]:
    """Run the baseline and policies; return each headline by scenario and replication.

    Parameters
    ----------
    queue : index into `QUEUES` of a queue that is made endless in all scenarios; None leaves them as they are.
    """
    base = sim.county(county)
    scenarios = (base, *(sim.scenario(name, base) for name in policies))
    if queue is not None:
        scenarios = tuple(endless(scenario, QUEUES[queue]) for scenario in scenarios)
    began = Clock.now()
    results = run_study(Study("benchmark", scenarios, SEED, replications), workers=workers)
    return {
        "values": {words: _values(results, *key) for words, key in HEADLINES.items()},
        "waiting": {words: _values(results, *key) for words, key in WAITING.items()},
        **Clock.now().since(began),
    }


def _values(results: Results, measure: str, provision: str, phase: str) -> dict[str, list[float]]:
    start = pd.Timestamp(results.provenance["horizon"]["study_start"]).date()
    mine = results.measures.query("measure == @measure and provision == @provision and phase == @phase")
    years = over_study(mine, start, "mean")
    if years.empty:
        raise RuntimeError(f"no {measure} of {provision}, {phase}")
    return {
        str(name): rows.sort_values("replication")["value"].tolist()
        for name, rows in years.groupby("scenario", observed=True)
    }


class Saved(NamedTuple):
    """A variance ratio with its interval; all three are NaN where the difference does not vary."""

    ratio: float
    low: float
    high: float


def variance_ratio(before: Floats, after: Floats, level: float = LEVEL) -> Saved:
    """Return the variance of a difference with independent luck over that of the paired differences.

    Var(after) + Var(before) is half of Var(after + before) + Var(after - before), so the ratio is (1 + S / D) / 2, S
    and D being the variances of sum and difference. These are independent where both scenarios vary alike and
    normally, so S / D follows an F law.
    """
    freedom = len(before) - 1
    total, change = np.var(after + before, ddof=1), np.var(after - before, ddof=1)
    if change <= 1e-20 * total:
        return Saved(*[float("nan")] * 3)
    high, low = stats.f.ppf([(1.0 - level) / 2.0, (1.0 + level) / 2.0], freedom, freedom)
    return Saved(*(float((1.0 + total / change / by) / 2.0) for by in (1.0, low, high)))


def section(quick: bool, say: Say) -> list[str]:
    """Measure, and return the lines of the page."""
    county, replications, workers = ("exampleshire", 6, 1) if quick else ("cambridgeshire", 12, 2)
    asked = {"county": county, "replications": replications, "workers": workers}
    found = in_own_process("luck:headlines", **asked, policies=list(POLICIES))
    say(f"differences of {replications} replications: {found['wall']:.1f} s")
    lines = [*_about(county, replications), *_saved(found["values"])]
    short_of = list(_short_of_goal(found["values"]))
    if not short_of:
        return lines
    asked["replications"] = fewer = replications * 2 // 3
    without, again = {}, list(dict.fromkeys(policy for policy, _ in short_of))
    for index, queue in enumerate(QUEUES):
        without[queue.words] = in_own_process("luck:headlines", **asked, policies=again, queue=index)["values"]
        say(f"the same without queues for {queue.words}")
    return [*lines, *_queues(found["values"], without, short_of, fewer), *_shared(found, short_of)]


def _about(county: str, replications: int) -> list[str]:
    return [
        "## Replications saved by keyed luck",
        "",
        *paragraph(
            f"Baseline and policy on {county.capitalize()}, {replications} replications, mean of the study years. With",
            "independent seeds a difference has the variance of the one plus that of the other; with keyed luck that",
            "of the paired differences. Their ratio is the number of replications with independent seeds that are",
            f"worth one pair ({LEVEL:.0%} interval by an F law). Half-widths of changes are those of the same level.",
        ),
    ]


def _pair(values: Mapping[str, Mapping[str, list[float]]], words: str, policy: str) -> tuple[Floats, Floats]:
    mine = values[words]
    before = next(name for name in mine if name not in POLICIES)
    return np.array(mine[before]), np.array(mine[policy])


def _each(values: Mapping[str, Any]) -> Iterator[tuple[str, str, Floats, Floats, Saved]]:
    for policy in POLICIES:
        for words in HEADLINES:
            before, after = _pair(values, words, policy)
            yield policy, words, before, after, variance_ratio(before, after)


def _saved(values: Mapping[str, Any]) -> list[str]:
    rows = []
    for policy, words, before, after, saved in _each(values):
        change = after - before
        half = stats.t.ppf((1.0 + LEVEL) / 2.0, len(change) - 1) * stats.sem(change)
        goal = POLICIES[policy].goal
        met = "nothing varies" if np.isnan(saved.ratio) else "met" if saved.ratio >= goal else "**not met**"
        rows.append(
            (
                f"{policy}: {words}",
                f"{change.mean():+,.1f} ± {half:,.1f}",
                f"{short(saved.ratio)} ({short(saved.low)} to {short(saved.high)})",
                f"{goal:g}",
                met,
            )
        )
    return table(("policy and difference", "paired change", "variance ratio", "goal", ""), rows)


def _short_of_goal(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for policy, words, _, _, saved in _each(values):
        if saved.ratio < POLICIES[policy].goal:
            yield policy, words


def _queues(
    values: Mapping[str, Any],
    without: Mapping[str, Mapping[str, Any]],
    wanted: Iterable[tuple[str, str]],
    replications: int,
) -> list[str]:
    """Return what becomes of the noise in differences short of their goal when nobody waits in one queue."""
    return [
        "### Which queue carries the noise",
        "",
        *paragraph(
            "Where a ratio is short of its goal: the variance of the paired differences when nobody waits in one of",
            f"the queues, in all scenarios, over the variance with all queues ({replications} replications). A queue",
            "that carries the noise leaves little of it. Where endless places leave nothing of the change itself, that",
            "is said.",
        ),
        *table(
            ("policy and difference", *(f"without queues for {queue}" for queue in without)),
            [
                (
                    f"{policy}: {words}",
                    *(
                        _left(_change(values, words, policy), _change(found, words, policy))
                        for found in without.values()
                    ),
                )
                for policy, words in wanted
            ],
        ),
    ]


def _change(values: Mapping[str, Any], words: str, policy: str) -> Floats:
    before, after = _pair(values, words, policy)
    return after - before


def _left(change: Floats, without: Floats) -> str:
    """Return the variance without a queue over that with it, of the replications run without it."""
    change = change[: len(without)]
    if abs(without.mean()) < NO_CHANGE * abs(change.mean()):
        return "no change left"
    return short(float(np.var(without, ddof=1) / np.var(change, ddof=1)))


def _shared(found: Mapping[str, Any], wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Return how much of the variance of differences goes with that of the differences in waiting."""
    replications = len(next(iter(next(iter(found["values"].values())).values())))
    rows = []
    for policy, words in wanted:
        change = _change(found["values"], words, policy)
        waiting = [_change(found["waiting"], queue, policy) for queue in WAITING]
        rows.append((f"{policy}: {words}", *(_r_squared(change, one) for one in waiting)))
    return [
        *paragraph(
            "Over replications, how much of the variance of a difference goes with the difference in the number who",
            f"wait (R²; luck alone gives {1.0 / (replications - 1):.2f} on average):",
        ),
        *table(("policy and difference", *(f"waiting for {queue}" for queue in WAITING)), rows),
    ]


def _r_squared(one: Floats, other: Floats) -> str:
    return "nothing varies" if np.ptp(other) == 0.0 else f"{np.corrcoef(one, other)[0, 1] ** 2:.2f}"

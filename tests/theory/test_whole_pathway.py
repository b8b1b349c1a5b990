"""The whole simulation against its exact Markov chain: rolls, flows and spend of a county without limits.

The chain is a second statement of the pathways, from the same parameters (see `sim.analysis.theory.life`). Pupils are
a Poisson stream of independent lives, so rolls at an instant are exactly Poisson: mean and variance are tested.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sim.analysis.theory.markov import MarkovCounty
from sim.vocabulary import YEAR_GROUPS, Happening, ProvisionKind, Record
from tests.claims import Claims
from tests.theory.free_counties import harsh_county
from tests.theory.free_runs import Counts, runs
from tests.theory.scores import mean_scores, poisson_scores, pooled

PART = "Whole pathway: simulation against its Markov chain"
SEED = 20190517
REPLICATIONS, ONSET_FACTOR = 120, 2.0
BASIS = f"{REPLICATIONS} runs of 13 academic years, about 4,000 pupils each"

ALL = tuple(Record)
TUITION = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
ROLLS: dict[str, tuple[tuple[ProvisionKind, ...], tuple[Record, ...], float | None]] = {
    "mainstream pupils with need": ((ProvisionKind.MAINSTREAM,), ALL, 0.01),
    "pupils with SEN support, in any placement": (tuple(ProvisionKind), (Record.SEN_SUPPORT,), 0.01),
    "pupils with an EHC plan, in any placement": (tuple(ProvisionKind), (Record.PLAN,), 0.01),
    "alternative provision": ((ProvisionKind.ALTERNATIVE_PROVISION,), ALL, 0.02),
    "special schools": ((ProvisionKind.SPECIAL,), ALL, 0.02),
    "independent special schools": ((ProvisionKind.INDEPENDENT,), ALL, 0.02),
    "tuition": (TUITION, ALL, 0.025),
    "taught by district teachers (rare)": ((ProvisionKind.DISTRICT_TEACHING,), ALL, None),
    "no education (rare)": ((ProvisionKind.NO_EDUCATION,), ALL, None),
    "home education (rare)": ((ProvisionKind.HOME_EDUCATION,), ALL, None),
}
"""What is claimed of census rolls: kinds of placement, records and the widest interval.

Intervals are as narrow as some minutes of computing allow. Long stays make the counts of one pupil at many censuses
vary together, so that 1 % everywhere, at the level that the whole suite shares, would take five times as many pupils.
"""

FLOWS: dict[Happening, float | None] = {
    Happening.SUSPENSION: 0.01,
    Happening.CRISIS_SERVED: 0.012,
    Happening.MANAGED_MOVE_STARTED: 0.03,
    Happening.EHC_REQUESTED: 0.01,
    Happening.PLAN_ISSUED: 0.01,
    Happening.BREAKDOWN: 0.015,
    Happening.REINTEGRATED: 0.015,
    Happening.PERMANENT_EXCLUSION: None,
    Happening.FAIR_ACCESS_PLACED: None,
}
ENTRIES = {
    ProvisionKind.ALTERNATIVE_PROVISION: 0.015,
    ProvisionKind.SPECIAL: 0.015,
    ProvisionKind.INDEPENDENT: 0.015,
}
NOT_IN_THE_CHAIN = {
    Happening.ONSET,
    Happening.MANAGED_MOVE_FAILED,
    Happening.PLAN_LATE,
    Happening.SPECIAL_NAMED,
    Happening.SPECIAL_REFUSED,
    Happening.LEFT_YEAR_11,
    Happening.LEFT_COUNTY,
}
"""Onset and leaving are rates of the chain, not moves in it; trials cut short, names and lateness are left out."""


@pytest.fixture(scope="module")
def exact() -> MarkovCounty:
    return MarkovCounty(harsh_county(ONSET_FACTOR))


@pytest.fixture(scope="module")
def simulated(exact: MarkovCounty) -> Counts:
    return runs(exact, SEED, REPLICATIONS)


def rolls_of(county: MarkovCounty, kinds: Sequence[ProvisionKind], records: Sequence[Record]) -> list[int]:
    provisions = county.parameters.provisions
    return [
        i for i, (place, record) in enumerate(county.rolls) if provisions[place].kind in kinds and record in records
    ]


def adjusted(samples: np.ndarray, mean: float, exact: MarkovCounty, simulated: Counts) -> np.ndarray:
    """Return samples less what the run's own number of onsets explains; their expectation stays what it is.

    Onsets have a known mean, so any constant times their excess may be taken off; the constant is the mean per onset.
    """
    onsets = simulated.happenings[:, :, list(Happening).index(Happening.ONSET)].sum(axis=(1, 2))
    years = range(exact.calendar.first_year, exact.calendar.last_year + 1)
    expected = sum(exact.onsets(year, group) for year in years for group in range(len(YEAR_GROUPS)))
    return samples - mean * (onsets / expected - 1.0)


def state_mean(
    claims: Claims, what: str, mean: float, samples: np.ndarray, given: tuple[MarkovCounty, Counts], limit: float | None
) -> None:
    basis = f"{BASIS}; the number of onsets of each run, whose mean is known, allowed for"
    claims.covers(PART, what, mean, adjusted(samples, mean, *given), basis, limit)


def state_scores(claims: Claims, what: str, scores: np.ndarray, basis: str = BASIS) -> None:
    claims.agrees(PART, what, np.zeros(scores.size), scores.ravel(), np.ones(scores.size), basis)


@pytest.mark.slow
def test_rolls_at_the_january_census_have_the_exact_means(claims, exact, simulated):
    census = exact.census()
    for what, (kinds, records, limit) in ROLLS.items():
        mine = rolls_of(exact, kinds, records)
        samples = simulated.census[:, :, mine].sum(axis=(1, 2, 3))
        words = f"Census rolls of all years: {what}"
        state_mean(claims, words, census[:, mine].sum(), samples, (exact, simulated), limit)


@pytest.mark.slow
def test_rolls_agree_by_year_placement_record_and_year_group(claims, exact, simulated):
    total, expected = simulated.census.sum(axis=0), exact.census() * REPLICATIONS
    cells = [pooled(*year) for year in zip(total, expected, strict=True)]
    scores = [poisson_scores(*year) for year in cells]
    state_scores(claims, "Census rolls by year, provision, record and year group", np.concatenate(scores))
    assert (total[expected == 0.0] == 0.0).all(), "pupils where the chain says that nobody can be"


@pytest.mark.slow
def test_rolls_vary_between_runs_as_poisson_numbers_do(claims, exact, simulated):
    expected = exact.census()
    likely = expected >= 1.0
    squares = (simulated.census - expected)[:, likely] ** 2 / expected[likely]
    what = "Variance over exact mean of census rolls by year, provision, record and year group"
    claims.covers(PART, what, 1.0, squares.mean(axis=1), BASIS, limit=0.05)
    by_group, exact_group = simulated.census.sum(axis=2), expected.sum(axis=1)
    squares = (by_group - exact_group) ** 2 / exact_group
    what = "Variance over exact mean of all pupils by year and year group"
    claims.covers(PART, what, 1.0, squares.mean(axis=(1, 2)), BASIS, limit=0.2)


@pytest.mark.slow
def test_flows_have_the_exact_means(claims, exact, simulated):
    for happening, limit in FLOWS.items():
        samples = simulated.happenings[:, :, list(Happening).index(happening)].sum(axis=(1, 2))
        words = f"Number in all years: {happening.value.replace('_', ' ')}" + ("" if limit else " (rare)")
        state_mean(claims, words, exact.counted(happening.value).sum(), samples, (exact, simulated), limit)
    for kind, limit in ENTRIES.items():
        names = [name for name, _ in exact.parameters.provisions_of(kind)]
        columns = [list(exact.parameters.provisions).index(name) for name in names]
        expected = sum(exact.counted(f"entry to {name}").sum() for name in names)
        samples = simulated.entries[:, :, columns].sum(axis=(1, 2))
        words = f"Entries in all years: {kind.value.replace('_', ' ')}"
        state_mean(claims, words, expected, samples, (exact, simulated), limit)


@pytest.mark.slow
def test_flows_agree_year_by_year(claims, exact, simulated):
    names = [happening for happening in Happening if happening not in NOT_IN_THE_CHAIN]
    expected = np.array([exact.counted(name.value).sum(axis=1) for name in names])
    samples = simulated.happenings.sum(axis=3)[:, :, [list(Happening).index(name) for name in names]]
    samples = samples.transpose(0, 2, 1)
    likely = expected * REPLICATIONS >= 50.0
    assert (samples[:, expected == 0.0] == 0.0).all(), "events that the chain says cannot happen"
    state_scores(claims, "Events by kind and academic year", mean_scores(samples[:, likely], expected[likely]))
    expected = np.array([exact.counted(f"entry to {name}").sum(axis=1) for name in exact.parameters.provisions]).T
    likely = expected * REPLICATIONS >= 50.0
    scores = mean_scores(simulated.entries[:, likely], expected[likely])
    state_scores(claims, "Entries by provision and academic year", scores)


def spend(exact: MarkovCounty) -> tuple[list[str], np.ndarray]:
    """Return the lines whose spend follows pupils, and what is expected: (financial years, lines)."""
    years = range(exact.calendar.first_year + 1, exact.calendar.last_year + 1)
    lines = list(dict.fromkeys(t.line for t in exact.parameters.tariffs.values() if t.basis != "place_year"))
    return lines, np.array([[exact.spend(line, year) for line in lines] for year in years])


@pytest.mark.slow
def test_spend_has_the_exact_means_by_line_and_year(claims, exact, simulated):
    lines, expected = spend(exact)
    columns = [list(exact.parameters.lines).index(line) for line in lines]
    samples = simulated.spend[:, :, columns]
    for number, line in enumerate(lines):
        words = f"Spend in all financial years, pounds: {exact.parameters.lines[line].label}"
        total = samples[:, :, number].sum(axis=1)
        state_mean(claims, words, expected[:, number].sum(), total, (exact, simulated), limit=0.03)
    state_scores(claims, "Spend by line and financial year", mean_scores(samples, expected))

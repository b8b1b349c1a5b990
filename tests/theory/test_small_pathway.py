"""A small county against its chain, in seconds: need, record, assessment, plan, place and tuition, without crises."""

import numpy as np
import pytest

from sim.analysis.theory.markov import MarkovCounty
from sim.vocabulary import EventKind, Happening
from tests.theory.free_counties import THREE_YEARS, harsh_county, only
from tests.theory.free_runs import runs
from tests.theory.scores import mean_scores, poisson_scores, pooled

PART = "Whole pathway: simulation against its Markov chain"
REPLICATIONS = 20
BASIS = f"{REPLICATIONS} runs of 3 academic years without crises, about 600 pupils each"
HAPPENING = (
    EventKind.WORSEN,
    EventKind.IMPROVE,
    EventKind.RESOLVE,
    EventKind.RECORD,
    EventKind.EHC_REQUEST,
    EventKind.BREAKDOWN,
)


@pytest.fixture(scope="module")
def exact():
    return MarkovCounty(harsh_county(1.0, {**only(*HAPPENING), **THREE_YEARS}))


def test_a_small_county_agrees_with_its_chain(claims, exact):
    simulated = runs(exact, 20190517, REPLICATIONS)
    expected = exact.census()
    claims.covers(
        PART, "Census rolls of a small county", expected.sum(), simulated.census.sum(axis=(1, 2, 3)), BASIS, limit=0.07
    )
    cells = zip(simulated.census.sum(axis=0), expected * REPLICATIONS, strict=True)
    scores = np.concatenate([poisson_scores(*pooled(*year)) for year in cells])
    claims.agrees(PART, "Census rolls of a small county", np.zeros(scores.size), scores, np.ones(scores.size), BASIS)
    requests = simulated.happenings[:, :, list(Happening).index(Happening.EHC_REQUESTED)].sum(axis=2)
    found = mean_scores(requests, exact.counted(Happening.EHC_REQUESTED.value).sum(axis=1))
    claims.agrees(PART, "EHC requests of a small county by year", np.zeros(3), found, np.ones(3), BASIS)

"""The run-in is long enough: six more years before it give the same rolls and waiting lists in January 2019.

Both runs have the same luck, so every pupil present in January 2019 is the same; what differs is only what older
cohorts, long gone by then, have left behind in places and waiting lists.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.measures import MEASURES, facts_of
from sim.model import simulate
from sim.parameters.changes import with_changes
from sim.parameters.load import find_county, load_county
from sim.parameters.schema import Parameters
from sim.vocabulary import PLACEMENTS
from tests.claims import Claims
from tests.earlier import beginning_in
from tests.theory.scores import mean_scores

SEED, CENSUS = 20190517, "Jan 2019"
SHIPPED, LONGER = 2001, 1995
"""First years of a run-in of 18 years, as Cambridgeshire has it, and of one of 24."""

UNTIL_THEN = {"horizon/last_academic_year": "2018/19", "horizon/study_start": "2018-09-01"}
PUPILS, SHARE = 2.0, 0.02
"""A roll counts as the same when the interval of its mean change lies within so many pupils and this share of it."""


def census(parameters: Parameters, first_year: int, replication: int) -> pd.Series:
    """Return rolls by kind of placement, and pupils waiting by kind of place, in January 2019."""
    begun = parameters.horizon.first_year == first_year
    county = parameters if begun else beginning_in(parameters, first_year)
    facts = facts_of(simulate(county, SEED, replication).tables(), county)
    rows = pd.concat([MEASURES[name](facts) for name in ("census_roll", "waiting_census")])
    rows = rows[(rows["period"] == CENSUS) & (rows["phase"] == "all")].set_index(["measure", "provision"])
    return rows["value"]


NO_CASEWORK_QUEUE = {"yearly/casework_capacity/*": 1e9}
"""Exampleshire's casework works near its limit before 2015, so its backlog settles in no number of years.

Cambridgeshire's has room to spare in its run-in, and is left as it is.
"""


def changes(
    county: str, replications: int, besides: Mapping[str, float] | None = None
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the paired changes by replication that the longer run-in makes, and the means of the shorter one."""
    parameters = with_changes(load_county(find_county(county)), {**UNTIL_THEN, **(besides or {})})
    pairs = [[census(parameters, year, n) for year in (SHIPPED, LONGER)] for n in range(replications)]
    means = pd.concat([shorter for shorter, _ in pairs], axis=1).mean(axis=1)
    return pd.DataFrame([longer - shorter for shorter, longer in pairs]), means


def assert_same_rolls(found: pd.DataFrame, means: pd.Series) -> None:
    """The 95% interval of the mean change of each roll lies within the margin."""
    half = stats.t.ppf(0.975, len(found) - 1) * found.sem()
    for kind in PLACEMENTS:
        cell = "census_roll", kind.value
        furthest = abs(found[cell].mean()) + half[cell]
        assert furthest <= PUPILS + SHARE * means[cell], f"{kind}: up to {furthest:.2f} of {means[cell]:.1f}"
    everybody = found["census_roll", "all"]
    assert (np.abs(everybody) <= SHARE * means["census_roll", "all"]).all()


@pytest.mark.slow
def test_a_run_in_of_24_years_gives_the_rolls_of_one_of_18_in_exampleshire(claims: Claims) -> None:
    found, means = changes("exampleshire", 20, NO_CASEWORK_QUEUE)
    assert_same_rolls(found, means)
    kinds = [cell for cell in found if cell[1] in tuple(PLACEMENTS) or cell[0] == "waiting_census"]
    moved = [cell for cell in kinds if found[cell].sem() > 0.0]
    assert (found[[cell for cell in kinds if cell not in moved]] == 0.0).all(axis=None), "a change without variance"
    scores = mean_scores(found[moved].to_numpy(), np.zeros(len(moved)))
    basis = "20 pairs of runs of Exampleshire with the same luck"
    what = "change of rolls and waiting lists in January 2019 when the run-in is 24 years instead of 18"
    claims.agrees("Run-in", what, np.zeros(len(moved)), scores, np.ones(len(moved)), basis)


@pytest.mark.slow
def test_a_run_in_of_24_years_gives_the_rolls_of_one_of_18_in_cambridgeshire() -> None:
    assert_same_rolls(*changes("cambridgeshire", 10))

"""The chain itself: rows sum to zero, nobody is lost, and a case solved by hand comes out."""

from math import exp

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import expm

from sim.analysis.theory.chain import Chain
from sim.analysis.theory.free_county import free_county
from sim.analysis.theory.groups import Group, Stratum, strata
from sim.analysis.theory.markov import MarkovCounty
from sim.analysis.theory.uniformisation import passage
from sim.parameters.changes import with_changes
from sim.vocabulary import EventKind, Sex
from tests.theory.free_counties import THREE_YEARS, harsh_county, only
from tests.worlds import EXAMPLESHIRE

BOY = Stratum(Sex.MALE, "northmarsh")


def two_states(**rates: float):
    """Pupils who become recorded at a rate a year and leave at another, both the same for everybody."""
    same = {f"rates/{name}": rates["record"] for name in EXAMPLESHIRE.rates if name.startswith("record_")}
    changes = {**only(EventKind.RECORD), **same, **THREE_YEARS, "rates/leave_county": rates["leave"]}
    return free_county(with_changes(EXAMPLESHIRE, changes))


@pytest.mark.parametrize("year_group", [3, 6])
def test_rows_of_the_generator_sum_to_minus_the_rate_of_leaving(year_group):
    chain = Chain(Group(harsh_county(1.0, only(EventKind.SUSPENSION, EventKind.EHC_REQUEST)), year_group, BOY))
    days = EXAMPLESHIRE.calendar().days_per_year
    leaving = EXAMPLESHIRE.rates["leave_county"].value / days
    assert np.allclose(chain.steady.sum(axis=1), -leaving, atol=1e-14)
    assert np.allclose(chain.requests.sum(axis=1), 0.0, atol=1e-14)
    off_diagonal = chain.steady - sparse.diags_array(chain.steady.diagonal())
    assert off_diagonal.min() >= 0.0
    assert len(chain.states) > 100


def test_each_state_makes_up_one_roll_and_onset_is_certain():
    chain = Chain(Group(harsh_county(1.0, only(EventKind.EHC_REQUEST)), 8, BOY))
    assert (chain.rolls.sum(axis=0) == 1.0).all()
    assert chain.onset().sum() == pytest.approx(1.0, abs=1e-15)


def test_fixed_dates_lose_nobody():
    county = harsh_county(1.0, only(EventKind.EHC_REQUEST))
    year_6 = Chain(Group(county, 6, BOY))
    year_7 = Chain(Group(county, 7, BOY), [year_6])
    for step, _ in (year_6.jump(year_6, year_6.life.name_place), year_6.jump(year_7, year_7.life.arrive)):
        assert np.allclose(step.sum(axis=0), 1.0, atol=1e-14)


def test_strata_make_up_all_pupils():
    assert sum(strata(EXAMPLESHIRE).values()) == pytest.approx(1.0, abs=1e-15)


def test_a_passage_agrees_with_the_matrix_exponential():
    rng = np.random.default_rng(1)
    rates = rng.random((5, 5))
    np.fill_diagonal(rates, 0.0)
    generator = rates - np.diag(rates.sum(axis=1) + rng.random(5))
    start, source, read = rng.random((5, 2)), rng.random((5, 2)), rng.random((3, 5))
    times = np.array([0.0, 0.3, 7.0])
    found = passage(sparse.csr_array(generator), start, source, sparse.csr_array(read), times, times[1:])
    whole = np.block([[generator.T, np.eye(5), np.zeros((5, 5))], [np.zeros((10, 15))]])
    for number, at in enumerate(times):
        parts = expm(whole * at)
        now = parts[:5, :5] @ start + parts[:5, 5:10] @ source
        assert found.at[number] == pytest.approx(read @ now, rel=1e-12, abs=1e-14)
    assert found.end == pytest.approx(now, rel=1e-12)
    stays = np.linalg.solve(generator.T, now - start - source * times[-1])
    assert found.stays[-1] == pytest.approx(stays, rel=1e-10)
    assert found.until[-1] == pytest.approx(read @ stays, rel=1e-10)


def test_two_states_solved_by_hand_come_out():
    record, leave = 0.7, 0.4
    county = MarkovCounty(two_states(record=record, leave=leave))
    per_year = county.onsets(2017, 3)
    unrecorded = per_year * (1.0 - exp(-(record + leave))) / (record + leave)
    everybody = per_year * (1.0 - exp(-leave)) / leave
    instant = county.years[2017].rolls[-1, :, 3]
    rolls = {roll: value for roll, value in zip(county.rolls, instant, strict=True) if value}
    assert rolls == pytest.approx({("mainstream", 0): unrecorded, ("mainstream", 1): everybody - unrecorded})
    stayed = per_year * (1.0 - (1.0 - exp(-(record + leave))) / (record + leave)) / (record + leave)
    assert county.counted("recorded")[0, 3] == pytest.approx(record * stayed)


def test_who_enters_a_year_group_is_who_was_there_at_the_end_of_the_year_before():
    county = MarkovCounty(two_states(record=0.7, leave=0.4))
    for year in (2017, 2018):
        ended, began = county.years[year].rolls[-1], county.years[year + 1].rolls[0]
        assert began[:, 1:] == pytest.approx(ended[:, :-1], rel=1e-12)
        assert (began[:, 0] == 0.0).all()


def test_rules_that_change_during_the_run_are_refused():
    with pytest.raises(ValueError, match="rules change"):
        MarkovCounty(EXAMPLESHIRE)

"""The compact Markov projection: what it must agree with, and that it takes the inputs of each year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp

import numpy as np
import pytest

from sim.analysis.projection.cohorts import Projection
from sim.analysis.theory.free_county import free_county
from sim.analysis.theory.markov import MarkovCounty
from sim.parameters.changes import with_changes
from sim.parameters.schema import Later, Parameters
from sim.vocabulary import EventKind, Happening, ProvisionKind, Record
from tests.theory.free_counties import THREE_YEARS, only
from tests.theory.free_runs import runs
from tests.worlds import EXAMPLESHIRE

SEED, REPLICATIONS = 20190517, 16
FURTHEST = 5.0
"""Standard errors: with 16 runs, exceeded by chance in about 2 of 10,000 comparisons."""

NEED_AND_RECORD = (
    EventKind.WORSEN,
    EventKind.IMPROVE,
    EventKind.RESOLVE,
    EventKind.RECUR,
    EventKind.RECORD,
    EventKind.HOME_EDUCATION,
)
NO_MEMORY = {
    "quantities/crisis/after_factor": 1,
    "quantities/crisis/phase_transfer_factor": 1,
    "quantities/alternative_provision/repeat_factor": 1,
    "effects/team_*": 1,
}
AT_ONCE = {
    f"durations/{name}": {"value": 0.01, "unit": "school days", "law": "exponential", "cv": 0}
    for name in ("suspension_out", "decision_window", "tuition_start", "sixth_day", "fair_access", "ehc_decision")
}
MANY = {
    "yearly/onset_factor/*": 4,
    "quantities/need/recorded_at_onset": 0.5,
    **{f"rates/ehc_request_{name}": 0.5 for name in ("moderate_sen_support_primary", "moderate_sen_support_secondary")},
    "rates/breakdown_moderate_mainstream": 0.5,
    "rates/medical_referral_moderate": 0.3,
}


def at(projection: Projection, year: int, instant: float) -> np.ndarray:
    """Rolls at an instant of an academic year: (rolls, year groups)."""
    lived = projection.years[year].year
    return lived.rolls[np.searchsorted(lived.instants, instant)]


def census(projection: Projection) -> np.ndarray:
    month, day = (int(part) for part in projection.parameters.horizon.census.split("-"))
    calendar = projection.calendar
    days = [calendar.census(year, month, day) - calendar.september(year) for year in projection.years]
    return np.array([at(projection, year, day) for year, day in zip(projection.years, days, strict=True)])


def counted(projection: Projection, name: str) -> np.ndarray:
    row = projection.counted.index(name)
    return np.array([lived.year.counts[-1, row].sum() for lived in projection.years.values()])


def test_two_states_solved_by_hand_come_out() -> None:
    record, leave = 0.7, 0.4
    same = {f"rates/{name}": record for name in EXAMPLESHIRE.rates if name.startswith("record_")}
    changes = {**only(EventKind.RECORD), **same, **THREE_YEARS, "rates/leave_county": leave}
    projection = Projection(with_changes(EXAMPLESHIRE, changes))
    onset = MarkovCounty(free_county(projection.parameters)).onsets(2017, 3)
    unrecorded = onset * (1.0 - exp(-(record + leave))) / (record + leave)
    everybody = onset * (1.0 - exp(-leave)) / leave
    found = projection.years[2017].year.rolls[-1, :, 3]
    rolls = {roll: value for roll, value in zip(projection.rolls, found, strict=True) if value}
    assert rolls == pytest.approx({("mainstream", 0): unrecorded, ("mainstream", 1): everybody - unrecorded})


def test_need_and_record_come_out_as_in_the_exact_chain_that_the_simulation_is_verified_by() -> None:
    county = free_county(with_changes(EXAMPLESHIRE, {**only(*NEED_AND_RECORD), **THREE_YEARS}))
    exact, projection = MarkovCounty(county), Projection(county)
    assert projection.rolls == exact.rolls
    assert census(projection) == pytest.approx(exact.census(), rel=1e-9, abs=1e-12)
    assert census(projection)[:, :, 8].sum() > 10
    assert len(projection.states) < sum(len(chain.states) for chain in exact.chains.values())


@pytest.fixture(scope="module")
def free() -> Parameters:
    """A county without limits or memory, in which steps of a few days take no time."""
    return with_changes(
        free_county(with_changes(EXAMPLESHIRE, {**THREE_YEARS, **MANY, **NO_MEMORY, **AT_ONCE})),
        {"durations/ehc_repeat": {"value": 0, "unit": "school days", "law": "fixed", "cv": 0}},
    )


@pytest.mark.slow
def test_without_limits_and_memory_the_simulation_agrees(free: Parameters) -> None:
    projection = Projection(free)
    simulated = runs(MarkovCounty(free), SEED, REPLICATIONS, cores=1)
    expected = census(projection)
    told = {}
    for kind in (
        ProvisionKind.MAINSTREAM,
        ProvisionKind.ALTERNATIVE_PROVISION,
        ProvisionKind.TUITION_WITH_PLAN,
        ProvisionKind.TUITION_WITHOUT_PLAN,
        ProvisionKind.SPECIAL,
        ProvisionKind.INDEPENDENT,
    ):
        mine = [i for i, (place, _) in enumerate(projection.rolls) if free.provisions[place].kind is kind]
        told[kind.value] = expected[:, mine].sum(), simulated.census[:, :, mine].sum(axis=(1, 2, 3))
    plans = [i for i, (_, record) in enumerate(projection.rolls) if record == Record.PLAN]
    told["plans"] = expected[:, plans].sum(), simulated.census[:, :, plans].sum(axis=(1, 2, 3))
    for happening in (
        Happening.SUSPENSION,
        Happening.PERMANENT_EXCLUSION,
        Happening.EHC_REQUESTED,
        Happening.PLAN_ISSUED,
    ):
        samples = simulated.happenings[:, :, list(Happening).index(happening)].sum(axis=(1, 2))
        told[happening.value] = counted(projection, happening.value).sum(), samples
    assert {name: found for name, found in map(_distance, told, told.values()) if abs(found) > FURTHEST} == {}
    assert all(mean > 0 for mean, _ in told.values())


def _distance(name: str, pair: tuple[float, Sequence[float]]) -> tuple[str, float]:
    mean, samples = pair
    error = float(np.std(samples, ddof=1)) / len(samples) ** 0.5
    return name, (float(np.mean(samples)) - mean) / max(error, 0.01 * mean)


def test_each_year_has_its_own_inputs() -> None:
    years = ("2018/19", "2019/20")
    same = with_changes(EXAMPLESHIRE, {**THREE_YEARS, "yearly/refused_share/*": 0.3})
    known = [year for year in same.yearly.refused_share if year in years]
    assert known, "the county must publish one of these years"
    later = with_changes(same, {f"yearly/refused_share/{known[-1]}": 0.9})
    one, other = (counted(Projection(county), Happening.PLAN_ISSUED) for county in (same, later))
    first = int(known[-1][:4]) - 2017
    assert other[:first] == pytest.approx(one[:first], rel=1e-12)
    assert other[first] < 0.9 * one[first]


def test_requests_refused_are_overturned_or_repeated_as_a_geometric_series_says() -> None:
    casework = {"quantities/casework/refusal_overturned": 0.2, "quantities/casework/repeat_after_refusal": 0.5}
    factor = {"yearly/ehc_request_factor/*": 2, "yearly/refused_share/*": 0.5}
    projection = Projection(with_changes(EXAMPLESHIRE, {**THREE_YEARS, **casework, **factor}))
    made, begun = projection.requests(2018)
    assert made == pytest.approx(2 * sum((0.5 * 0.8 * 0.5) ** n for n in range(60)))
    assert begun == pytest.approx(made * (1 - 0.5 * 0.8))


def test_nobody_is_turned_away_however_few_places_there_are() -> None:
    none = {"commissioned": 0, "usable": 0}
    names = [name for name, spec in EXAMPLESHIRE.provisions_of(ProvisionKind.SPECIAL) if spec.places]
    few = with_changes(EXAMPLESHIRE, {**THREE_YEARS, **{f"provisions/{name}/places/*": none for name in names}})
    many = with_changes(EXAMPLESHIRE, THREE_YEARS)
    assert few != many
    assert census(Projection(few)).tolist() == census(Projection(many)).tolist()


def test_money_for_places_staff_or_programmes_is_left_alone() -> None:
    projection = Projection(with_changes(EXAMPLESHIRE, THREE_YEARS))
    assert projection.spends("independent_fees")
    assert projection.spend("independent_fees", 2018) > 0
    for line in ("place_funding", "send_district_team", "training_bursary", "no_such_line"):
        assert not projection.spends(line)


def test_rules_that_change_during_the_run_are_refused() -> None:
    county = with_changes(EXAMPLESHIRE, THREE_YEARS)
    parts = {name: getattr(county, name) for name in Later.model_fields}
    changing = county.model_copy(update={"later": {date(2019, 9, 1): Later.model_validate(parts)}})
    with pytest.raises(ValueError, match="`later` must be empty"):
        Projection(changing)

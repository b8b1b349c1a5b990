"""The laws in random counties under random scenarios: whatever is changed about a county, they hold.

What a failing example prints can be pasted into `built` and `under` as it is.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.levers.catalogue import levers
from sim.measures import MEASURES, facts_of, measure
from sim.measures.ledger import spend_between
from sim.model import Run, simulate
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters
from sim.replicate import CAN_FORK, Unit, pack, run_together, run_unit
from sim.store import code_hash
from sim.vocabulary import EventKind, Happening, WaitOutcome
from tests.counties import (
    SET_BY_LEVERS,
    SMALL,
    STARTS,
    built,
    counties,
    neutral_scenarios,
    scenarios,
    times,
    under,
)
from tests.laws import (
    assert_areas_add_up,
    assert_conserved,
    assert_counted_day_by_day,
    assert_others_live_on,
    assert_within_places,
    frame,
    one_more,
    unlimited,
    watching,
)
from tests.worlds import differing, places

HALF_A_PENNY = 0.005
SEED = 20190517
START, END = date(2016, 9, 1), date(2019, 9, 1)
YEARS = ("2016/17", "2017/18", "2018/19")
CENSORED = tuple(WaitOutcome).index(WaitOutcome.CENSORED)
INSTANT = {"events": "at", "places": "at", "enrolments": "at", "sign_ups": "at", "meetings": "at", "pupils": "left"}
"""The column by which rows of a table become final; 'end' for all others."""

few = partial(settings, deadline=None, derandomize=True)
many = few(max_examples=60)


def tables_of(parameters: Parameters, replication: int = 0):
    return simulate(parameters, SEED, replication).tables()


# -- conservation ------------------------------------------------------------------------------------------------------


@few(max_examples=20)
@given(counties(), scenarios())
def test_every_day_each_pupil_is_in_one_placement_and_no_roll_grows_beyond_its_places(county, scenario):
    parameters = under(built(county), scenario)
    with watching() as watched:
        tables = tables_of(parameters)
    assert_conserved(tables, parameters)
    assert_counted_day_by_day(tables, parameters)
    assert_within_places(tables, parameters)
    assert_areas_add_up(watched, tables, parameters)


@few(max_examples=10)
@given(counties(), scenarios())
def test_every_wait_is_recorded_once_and_one_still_open_at_the_end_is_censored_and_counted(county, scenario):
    parameters = under(built(county), scenario)
    with watching() as watched:
        tables = tables_of(parameters)
    waits, end = frame(tables, "waits"), parameters.calendar().end
    assert len(waits) == len(watched.waits)
    still_open = sorted((one.provision.index, one.pupil_id, one.since) for one in watched.waits if one.is_open)
    censored = waits[waits["outcome"] == CENSORED]
    assert sorted(censored[["provision", "pupil", "start"]].itertuples(index=False, name=None)) == still_open
    assert (censored["end"] == end).all()
    facts = facts_of(tables, parameters)
    own = sum(one.pupil_id >= 0 for one in watched.waits if one.is_open)
    assert _total(MEASURES["waits_censored"](facts), YEARS[-1]) == own
    days = sum(days for name, days in watched.queues.until(end).items() if "other needs" not in name)
    rows = MEASURES["waiting_number"](facts)
    numbers = sum(_total(rows, period) for period in YEARS)
    assert numbers * facts.calendar.days_per_year == pytest.approx(days, abs=1e-6)


def _total(rows: pd.DataFrame, period: str) -> float:
    mine = rows[(rows["period"] == period) & (rows["provision"] == "all") & (rows["phase"] == "all")]
    return float(mine["value"].iloc[0])


# -- zero effect -------------------------------------------------------------------------------------------------------


@few(max_examples=8)
@given(counties(), scenarios(least=1))
def test_levers_at_strength_nought_change_no_bit_of_any_table(county, scenario):
    parameters = built(county)
    nought = under(parameters, {name: {**asked, "strength": 0} for name, asked in scenario.items()})
    assert differing(tables_of(parameters), tables_of(nought)) == []


@few(max_examples=10)
@given(counties(besides=SET_BY_LEVERS), neutral_scenarios())
def test_levers_at_full_strength_with_neutral_settings_change_no_bit_of_any_table(county, scenario):
    parameters = built(county)
    assert differing(tables_of(parameters), tables_of(under(parameters, scenario))) == []


@few(max_examples=10)
@given(counties(), scenarios(least=1))
def test_nothing_is_different_before_the_first_lever_starts(county, scenario):
    parameters = built(county)
    started = min(asked.get("start", STARTS[0]) for asked in scenario.values())
    assert_same_before(started, parameters, tables_of(parameters), tables_of(under(parameters, scenario)))


def assert_same_before(day, parameters, one, other):
    """Rows that became final before a day are the same, bit for bit and in the same order."""
    clock = parameters.calendar().clock(day)
    for name in one:
        column = INSTANT.get(name, "end")
        rows = [frame(tables, name) for tables in (one, other)]
        before = [found[found[column] < clock].reset_index(drop=True) for found in rows]
        pd.testing.assert_frame_equal(*before, check_exact=True, obj=name)


# -- nobody else's life ------------------------------------------------------------------------------------------------


@few(max_examples=8)
@given(counties(besides=("onset/*",)), st.sampled_from([(2016, "R"), (2016, "Y9"), (2017, "Y5"), (2017, "Y7")]))
def test_without_limits_one_more_pupil_changes_nobody_elses_life_in_any_county(county, cell):
    parameters = built(county)
    roomy = with_changes(parameters, unlimited(parameters))
    after = with_changes(roomy, one_more(roomy, *cell, seed=SEED))
    assert_others_live_on(tables_of(roomy), tables_of(after))


@few(max_examples=8)
@given(counties(besides=("onset/*",)), st.floats(0.0, 1.5), st.floats(0.0, 1.5))
def test_a_higher_onset_only_adds_pupils_in_any_county(county, one, other):
    keys = ["pupil", "cohort", "year_group_of_onset", "number", "male", "district", "onset"]
    lower, higher = (
        frame(tables_of(built({**county, "onset/*": times(factor)})), "pupils")[keys] for factor in sorted((one, other))
    )
    assert len(lower.merge(higher, on=keys)) == len(lower) <= len(higher)


FIRST = {
    EventKind.WORSEN: Happening.WORSENED,
    EventKind.IMPROVE: Happening.IMPROVED,
    EventKind.RESOLVE: Happening.RESOLVED,
    EventKind.RECORD: Happening.RECORDED,
    EventKind.SUPPORT_REFERRAL: Happening.SUPPORT_REFERRED,
    EventKind.SUSPENSION: Happening.SUSPENSION,
    EventKind.EHC_REQUEST: Happening.EHC_REQUESTED,
    EventKind.AP_REFERRAL: Happening.AP_REFERRED_PLANNED,
    EventKind.MEDICAL: Happening.MEDICAL_REFERRAL,
    EventKind.LEAVE_COUNTY: Happening.LEFT_COUNTY,
}
"""What is noted when the first event of a kind comes to a pupil to whom nothing else happens."""


@few(max_examples=12)
@given(counties(besides=("rates/*", "onset/*")), st.sampled_from(sorted(FIRST)), st.floats(0.05, 0.95))
def test_a_lower_rate_delays_the_first_event_of_its_kind_in_any_county(county, event, share):
    often, seldom = (_first_at(built(county), event, factor) for factor in (1.0, share))
    assume(len(often))
    assert set(seldom.index) <= set(often.index)
    assert (seldom > often.reindex(seldom.index)).all()


def _first_at(parameters: Parameters, event: EventKind, factor: float) -> pd.Series:
    """Return the instant of the first event of each pupil, with rates of the other kinds at zero."""
    rates = {f"rates/{name}": 4 * factor * row.value * (row.event == event) for name, row in parameters.rates.items()}
    events = frame(tables_of(with_changes(parameters, rates)), "events")
    mine = events[events["happening"] == tuple(Happening).index(FIRST[event])]
    return mine.groupby("pupil")["at"].min()


# -- money -------------------------------------------------------------------------------------------------------------

days = st.dates(START + timedelta(days=1), END - timedelta(days=1))


@few(max_examples=10)
@given(counties(), scenarios(), days)
def test_the_ledger_adds_up_however_time_is_cut(county, scenario, split):
    parameters = under(built(county), scenario)
    facts = facts_of(tables_of(parameters), parameters)
    whole = spend_between(facts, [START, END])[START]
    aprils = [START, *(date(year, 4, 1) for year in (2017, 2018, 2019)), END]
    for cuts in ([START, split, END], aprils, [date(year, 9, 1) for year in range(2016, 2020)]):
        assert np.allclose(spend_between(facts, cuts).sum(axis=1), whole, rtol=0, atol=HALF_A_PENNY)
    assert np.isfinite(whole).all()
    found = measure(facts).set_index(["measure", "provision", "period"])["value"]
    years = ("2017-18", "2018-19")
    yearly = spend_between(facts, aprils[1:4])
    for year, spent in zip(years, yearly.to_numpy().T, strict=True):
        lines = dict(zip(yearly.index, spent, strict=True))
        assert all(found["spend", name, year] == pytest.approx(value) for name, value in lines.items())
        inside = sum(value for name, value in lines.items() if parameters.lines[name].in_block)
        assert found["spend_total", "in_block", year] == pytest.approx(inside, abs=HALF_A_PENNY)
        beside = sum(lines.values()) - inside
        assert found["spend_total", "beside_block", year] == pytest.approx(beside, abs=HALF_A_PENNY)
        income = [parameters.budgets[item][year].value for item in ("high_needs_block", "other_high_needs_spend")]
        assert found["balance_in_year", "", year] == pytest.approx(income[0] - income[1] - inside, abs=HALF_A_PENNY)
    opening = parameters.budgets["opening_balance"]["2018-19"].value
    last = opening + found["balance_in_year", "", "2018-19"]
    assert found["balance_cumulative", "", "2018-19"] == pytest.approx(last, abs=HALF_A_PENNY)


# -- the same answer ---------------------------------------------------------------------------------------------------


@few(max_examples=8)
@given(counties(), scenarios(), st.integers(0, 3))
def test_a_run_repeated_is_the_same_bit_for_bit(county, scenario, replication):
    parameters = under(built(county), scenario)
    assert differing(tables_of(parameters, replication), tables_of(parameters, replication)) == []


@pytest.mark.skipif(not CAN_FORK, reason="only platforms that can fork share a run-in")
@few(max_examples=4)
@given(counties(), scenarios(least=1))
def test_a_run_in_shared_by_scenarios_gives_what_each_gives_by_itself(county, scenario):
    parameters = built(county)
    pairs = {"baseline": parameters, "changed": under(parameters, scenario)}
    units = [Unit(name, name, SEED, 0, True, code_hash()) for name in pairs]
    packed = [pack(made) for made in pairs.values()]
    for together, alone in zip(run_together(units, packed), map(run_unit, units, packed), strict=True):
        assert together.error == alone.error == ""
        assert together.tables == alone.tables


# -- extremes ----------------------------------------------------------------------------------------------------------

NO_PLACES = {
    **{f"provisions/{name}/places/2011-09-01": places(0) for name, spec in SMALL.provisions.items() if spec.places},
    "provisions/ap_*/devolved_budget/2011-09-01": 0,
}
EXTREMES = {
    "no places anywhere": NO_PLACES,
    "places for everybody": unlimited(SMALL),
    "nobody's need becomes visible": {"onset/*": 0},
    "every need is complex": {"decisions/onset_severity": "complex"},
    "one year": {"horizon/first_academic_year": "2018/19", "horizon/study_start": "2018-09-01"}
    | {"horizon/baseline_academic_year": "2018/19"},
}


@pytest.mark.parametrize("extreme", EXTREMES)
@few(max_examples=3)
@given(counties(besides=("provisions/*", "onset/*", "yearly/*", "decisions/onset_severity")))
def test_extremes_give_a_sensible_answer_in_any_county(extreme, county):
    parameters = built(county | EXTREMES[extreme])
    assert_sensible(parameters, tables_of(parameters))


def assert_sensible(parameters: Parameters, tables) -> None:
    assert_conserved(tables, parameters)
    assert_within_places(tables, parameters)
    found = measure(facts_of(tables, parameters))
    assert not np.isinf(found["value"]).any()
    counts = found[~found["measure"].str.startswith(("spend", "balance", "committed"))]
    assert (counts["value"].dropna() >= 0).all()


@few(max_examples=4)
@given(counties())
def test_a_school_year_of_a_single_day_is_a_year_too(county):
    """The shortest horizon there is: one day in each of the three years."""
    term = SMALL.terms[0].model_copy(update={"days": 1})
    parameters = built(county).model_copy(update={"terms": [term]})
    assert parameters.calendar().end == 3.0
    assert_sensible(parameters, tables_of(parameters))


@few(max_examples=4)
@given(counties())
def test_a_run_cut_off_after_its_first_day_is_the_beginning_of_the_whole_one(county):
    parameters = built(county)
    run = Run(parameters, SEED, 0)
    run.stop_before(date(2016, 9, 5))
    first, whole = run.world.close().tables(), tables_of(parameters)
    assert_counted_day_by_day(first, parameters)
    assert_same_before(date(2016, 9, 5), parameters, first, whole)


LAST_DAY = SMALL.calendar().date_of(SMALL.calendar().end - 1)
ON_ANY_DAY = ("fund_special_places", "fund_district_team", "open_primary_bases")


@few(max_examples=4)
@given(counties(), st.sampled_from(ON_ANY_DAY))
def test_a_lever_on_the_last_day_changes_nothing_before_it_in_any_county(county, lever):
    parameters = built(county)
    lead = {"lead_months": 0} if levers()[lever].lead else {}
    late = under(parameters, {lever: {"start": LAST_DAY, **lead}})
    tables = tables_of(late)
    assert_same_before(LAST_DAY, parameters, tables_of(parameters), tables)
    assert_sensible(late, tables)


# -- many more ---------------------------------------------------------------------------------------------------------

OF_A_COUNTY_UNDER_A_SCENARIO = (
    test_every_day_each_pupil_is_in_one_placement_and_no_roll_grows_beyond_its_places,
    test_every_wait_is_recorded_once_and_one_still_open_at_the_end_is_censored_and_counted,
    test_nothing_is_different_before_the_first_lever_starts,
)


@pytest.mark.slow
@pytest.mark.parametrize("law", OF_A_COUNTY_UNDER_A_SCENARIO, ids=lambda law: law.__name__)
@many
@given(counties(), scenarios(least=1))
def test_a_law_holds_in_many_more_counties(law, county, scenario):
    law.hypothesis.inner_test(county, scenario)


@pytest.mark.slow
@many
@given(counties(), scenarios(), days)
def test_the_ledger_adds_up_in_many_more_counties(county, scenario, split):
    test_the_ledger_adds_up_however_time_is_cut.hypothesis.inner_test(county, scenario, split)

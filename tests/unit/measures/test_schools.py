"""Schools that have signed the Standards and those that have not, on runs small enough to count by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES, facts_of, pupil_table, without_roll
from sim.measures.charges import cases_charged, stays_charged
from sim.measures.prices import Timeline
from sim.parameters.opening_roll import MOST_ROWS
from sim.school_year import APRIL
from sim.vocabulary import Happening, Record
from tests.made_up import Run, county

COUNTS = [name for name in MEASURES if name.endswith("by_sign_up") and "rate" not in name]
TABLES = [*COUNTS, "schools_signed", "schools_trained"]


def value(table: pd.DataFrame, period: str, provision: str, phase: str = "all") -> float:
    """Return the one value with these keys."""
    found = table[(table["period"] == period) & (table["provision"] == provision) & (table["phase"] == phase)]
    assert len(found) == 1, f"{len(found)} rows for {period}, {provision}, {phase}"
    return float(found["value"].iloc[0])


def both(run: Run, name: str, period: str, phase: str = "all") -> tuple[float, float]:
    """Return what a measure gives for schools that have signed, and for those that have not."""
    table = MEASURES[name](run.facts())
    return value(table, period, "signed", phase), value(table, period, "not_signed", phase)


@pytest.fixture
def run() -> Run:
    """Return a run in which 'east' signs in September 2016 and 'west' never, with a pupil in each."""
    made = Run()
    made.sign("east", made.at(2016))
    for number, school in enumerate(("east", "west")):
        pupil = made.pupil(number, made.at(2015, 95), made.calendar.end)
        made.enrol(pupil, school, made.at(2015, 95))
        made.spell(pupil, "mainstream", made.at(2015, 95), made.at(2017, 19))
        made.spell(pupil, "oak_lodge", made.at(2017, 19), made.calendar.end, Record.PLAN, ended=False)
    return made


EAST, WEST = 1000, 1007


def test_what_happens_counts_with_the_status_of_the_school_at_that_moment(run: Run) -> None:
    for pupil, day in ((EAST, 0), (EAST, 10), (WEST, 10)):
        run.event(pupil, Happening.SUSPENSION, run.at(2016, day), place="mainstream")
    run.event(EAST, Happening.SUSPENSION, run.at(2015, 189), place="mainstream")
    assert both(run, "suspensions_by_sign_up", "2016/17") == (2, 1)
    assert both(run, "suspensions_by_sign_up", "2015/16", "primary") == (0, 1)


def test_suspensions_from_special_schools_are_no_mainstream_schools_doing(run: Run) -> None:
    run.event(EAST, Happening.SUSPENSION, run.at(2017, 50), place="oak_lodge")
    assert both(run, "suspensions_by_sign_up", "2017/18") == (0, 0)


def test_an_exclusion_counts_with_the_school_that_excluded(run: Run) -> None:
    run.event(EAST, Happening.PERMANENT_EXCLUSION, run.at(2016, 20), place="mainstream")
    run.enrol(EAST, None, run.at(2016, 20))
    run.enrol(EAST, "west", run.at(2016, 20))
    run.event(WEST, Happening.PERMANENT_EXCLUSION, run.at(2016, 30), place="mainstream")
    run.enrol(WEST, None, run.at(2016, 30))
    run.event(WEST, Happening.PERMANENT_EXCLUSION, run.at(2016, 40), place="mainstream")
    run.enrol(EAST, "east", run.at(2016, 50))
    assert both(run, "exclusions_by_sign_up", "2016/17") == (0, 3)


def test_the_rate_of_exclusion_is_by_thousand_pupils_on_the_roll_of_those_schools(run: Run) -> None:
    run.event(EAST, Happening.PERMANENT_EXCLUSION, run.at(2016, 20), place="mainstream")
    excluded, roll = both(run, "exclusions_by_sign_up", "2016/17"), both(run, "roll_by_sign_up", "2016/17")
    rate = both(run, "exclusion_rate_by_sign_up", "2016/17")
    assert sum(excluded) == 1
    for count, pupils, by_thousand in zip(excluded, roll, rate, strict=True):
        assert by_thousand == pytest.approx(1000 * count / pupils, nan_ok=True) if pupils else np.isnan(by_thousand)


def test_pupils_received_are_those_who_moved_or_came_back_not_those_who_joined_at_onset_or_by_phase_transfer() -> None:
    run = Run()
    run.sign("east", run.at(2016))
    pupil = run.pupil(1, run.at(2015), run.calendar.end, year_group=5, cohort=2010)
    joined = ("west", 2015, 0), ("east", 2016, 20), (None, 2016, 30), ("east", 2016, 60), ("west", 2017, 0)
    for school, year, day in joined:
        run.enrol(pupil, school, run.at(year, day))
    assert both(run, "received_by_sign_up", "2015/16") == (0, 0)
    assert both(run, "received_by_sign_up", "2016/17", "primary") == (2, 0)
    assert both(run, "received_by_sign_up", "2017/18") == (0, 0)


def test_a_pupil_without_a_school_who_joins_one_as_year_7_begins_is_received() -> None:
    run = Run()
    pupil = run.pupil(1, run.at(2015), run.calendar.end, year_group=5, cohort=2010)
    for school, year, day in (("west", 2015, 0), (None, 2016, 30), ("west", 2017, 0)):
        run.enrol(pupil, school, run.at(year, day))
    assert both(run, "received_by_sign_up", "2017/18", "secondary") == (0, 1)


def test_the_roll_follows_the_school_and_ends_with_a_special_place(run: Run) -> None:
    assert both(run, "roll_by_sign_up", "2015/16") == (0, pytest.approx(1.0))
    assert both(run, "roll_by_sign_up", "2016/17") == (1, 1)
    assert both(run, "roll_by_sign_up", "2017/18") == (pytest.approx(0.1), pytest.approx(0.1))
    assert both(run, "roll_by_sign_up", "2018/19") == (0, 0)


def test_nobody_is_on_a_roll_between_an_exclusion_and_the_next_school(run: Run) -> None:
    run.enrol(EAST, None, run.at(2016, 38))
    run.enrol(EAST, "west", run.at(2016, 76))
    signed, not_signed = both(run, "roll_by_sign_up", "2016/17")
    assert (signed, not_signed) == (pytest.approx(0.2), pytest.approx(1.6))


def test_a_school_that_takes_its_signature_back_counts_with_the_others(run: Run) -> None:
    run.sign("east", run.at(2017), signed=False, trained=True)
    run.sign("west", run.at(2017), signed=True)
    assert both(run, "roll_by_sign_up", "2017/18") == (pytest.approx(0.1), pytest.approx(0.1))
    numbers = {name: MEASURES[name](run.facts()) for name in ("schools_signed", "schools_trained")}
    years = ("2015/16", "2016/17", "2017/18", "2018/19")
    assert [value(numbers["schools_signed"], year, "all") for year in years] == [0, 1, 1, 1]
    assert [value(numbers["schools_trained"], year, "all", "primary") for year in years] == [0, 1, 2, 2]


def test_schools_that_sign_before_the_years_measured_count_in_all_of_them() -> None:
    run = Run()
    run.sign("west", 0.0)
    assert value(MEASURES["schools_signed"](run.facts()), "2015/16", "all") == 1


def test_a_stay_costs_with_the_status_at_its_start_and_mainstream_is_cut_when_the_school_signs() -> None:
    run = Run()
    run.sign("east", run.at(2016))
    pupil = run.pupil(1, run.at(2014), run.calendar.end)
    run.enrol(pupil, "east", run.at(2014))
    run.spell(pupil, "mainstream", run.at(2014), run.at(2017), Record.PLAN)
    run.spell(pupil, "tuition_without_plan", run.at(2017), run.calendar.end, ended=False)
    run.sign("east", run.at(2018), signed=False)
    signed, not_signed = both(run, "spend_by_sign_up", "2016-17", "")
    before, after = 153 / 366, 212 / 365  # of the years to August 2016 and 2017, April to August and on to March
    assert not_signed / (signed + not_signed) == pytest.approx(before / (before + after))
    signed, not_signed = both(run, "spend_by_sign_up", "2018-19", "")
    assert signed > 0 == not_signed


def test_spend_by_status_adds_up_to_what_pupils_own_stays_and_cases_cost(run: Run) -> None:
    rng = np.random.default_rng(7)
    for number in range(2, 40):
        start = run.at(2014, rng.uniform(0, 300))
        end = start + rng.uniform(1, 500)
        pupil = run.pupil(number, start, end)
        run.enrol(pupil, str(rng.choice(["east", "west"])), start)
        run.enrol(pupil, str(rng.choice(["east", "west"])), (start + end) / 2)
        run.spell(pupil, str(rng.choice(["mainstream", "far_school", "tuition_with_plan"])), start, end, Record.PLAN)
        run.support(pupil, "base_east", start, end)
        run.event(pupil, Happening.EHC_REQUESTED, end, record=Record.PLAN)
    facts = run.facts()
    years = facts.financial_years
    cuts = tuple(date(year, APRIL, 1) for year in range(years.start, years.stop + 1))
    time = Timeline(facts.parameters, facts.calendar, cuts)
    amounts = [amount for line in (stays_charged, cases_charged) for _, amount in line(facts, time)]
    found = MEASURES["spend_by_sign_up"](facts).groupby("period")["value"].sum()
    assert found.to_numpy() == pytest.approx(time.asked(np.sum(amounts, axis=0)), rel=1e-12)


@pytest.mark.parametrize("name", TABLES)
def test_a_run_without_pupils_or_signatures_gives_zeros(name: str) -> None:
    assert (MEASURES[name](Run(county()).facts())["value"] == 0).all()


def test_pupils_of_an_opening_roll_are_left_out_of_the_enrolments_told() -> None:
    run = Run()
    pupil, real = run.pupil(1, 0.0, run.calendar.end), run.pupil(MOST_ROWS, 0.0, run.calendar.end)
    for one in (pupil, real):
        run.enrol(one, "east", 0.0)
        run.spell(one, "mainstream", 0.0, run.calendar.end)
    told = without_roll(run.tables())
    assert told["enrolments"]["pupil"].tolist() == [pupil]
    assert facts_of(told, run.parameters).tables["enrolments"]["pupil"].tolist() == [0]


def test_a_pupils_row_tells_whether_their_school_had_signed_when_the_study_began_or_at_onset(run: Run) -> None:
    late = run.pupil(2, run.at(2017, 30), run.calendar.end)
    run.enrol(late, "west", run.at(2017, 30))
    run.spell(late, "mainstream", run.at(2017, 30), run.calendar.end, ended=False)
    run.sign("west", run.at(2017, 20))
    found = pupil_table(run.facts()).set_index("number")["school_signed"]
    assert found.to_dict() == {0: True, 1: False, 2: True}

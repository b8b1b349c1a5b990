"""Counts in the periods and groups of returns, worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES
from sim.vocabulary import Happening, Record
from tests.made_up import Run


def values(run: Run, name: str, period: str, phase: str = "all") -> dict[str, float]:
    """Return what a measure says of a period, by the provision column."""
    table: pd.DataFrame = MEASURES[name](run.facts())
    found = table[(table["period"] == period) & (table["phase"] == phase) & (table["district"] == "all")]
    return dict(zip(found["provision"], found["value"], strict=True))


@pytest.fixture
def run() -> Run:
    return Run()


def pupil_in(run: Run, number: int, year_group: int, place: str, record: Record = Record.NONE) -> int:
    """Add a pupil who is in one place throughout and in this year group in 2016/17."""
    pupil = run.pupil(number, run.at(2015), run.calendar.end, cohort=2016 - year_group)
    run.spell(pupil, place, run.at(2015), run.calendar.end, record, ended=False)
    return pupil


def test_plans_are_counted_on_census_day_by_the_age_at_the_start_of_the_year(run: Run) -> None:
    for number, year_group in enumerate((0, 1, 6, 7, 11), start=1):
        pupil_in(run, number, year_group, "mainstream", Record.PLAN)
    pupil_in(run, 9, 3, "mainstream", Record.SEN_SUPPORT)
    found = values(run, "plans_census_by_age", "Jan 2017")
    assert found == {"aged_5_to_10": 2, "aged_11_to_15": 2, "all": 4}


def test_a_plan_given_on_census_day_counts_and_one_that_ceases_then_does_not(run: Run) -> None:
    day = run.calendar.census(2016)
    for number, (start, end) in enumerate(((day, run.at(2017)), (run.at(2016), day)), start=1):
        pupil = run.pupil(number, start, end, cohort=2013)
        run.spell(pupil, "mainstream", start, end, Record.PLAN)
    assert values(run, "plans_census_by_age", "Jan 2017")["aged_5_to_10"] == 1


def test_new_plans_are_counted_by_the_age_of_the_pupil_then(run: Run) -> None:
    pupil = pupil_in(run, 1, 6, "mainstream")
    for year_group in (0, 6, 7, 8):
        run.event(pupil, Happening.PLAN_ISSUED, run.at(2016, 5), year_group)
    assert values(run, "plans_issued_by_age", "2016/17") == {"aged_5_to_10": 1, "aged_11_to_15": 2, "all": 3}


def test_pupils_in_alternative_provision_are_counted_by_key_stage_and_by_record(run: Run) -> None:
    places = ((7, Record.NONE), (9, Record.NONE), (10, Record.SEN_SUPPORT), (11, Record.PLAN), (11, Record.PLAN))
    for number, (year_group, record) in enumerate(places, start=1):
        pupil_in(run, number, year_group, "ap_east", record)
    pupil_in(run, 8, 10, "mainstream", Record.PLAN)
    assert values(run, "ap_census_by_key_stage", "Jan 2017") == {"key_stage_3": 2, "key_stage_4": 3, "all": 5}
    assert values(run, "ap_census_by_record", "Jan 2017") == {"none": 2, "sen_support": 1, "plan": 2, "all": 5}


def test_a_calendar_year_begins_on_the_first_school_day_of_january(run: Run) -> None:
    pupil = pupil_in(run, 1, 5, "mainstream")
    january = run.calendar.clock(date(2017, 1, 1))
    for at in (january - 0.01, january, run.at(2017, 10), run.calendar.clock(date(2018, 1, 1))):
        run.event(pupil, Happening.EHC_REQUESTED, at)
    requests = {year: values(run, "ehc_requests_calendar", year)["all"] for year in ("2016", "2017", "2018")}
    assert requests == {"2016": 1, "2017": 2, "2018": 1}


def test_late_plans_are_counted_in_the_calendar_year_like_all_plans(run: Run) -> None:
    pupil = pupil_in(run, 1, 5, "mainstream")
    for day in (100, 120):
        run.event(pupil, Happening.PLAN_ISSUED, run.at(2016, day), value=19)
    run.event(pupil, Happening.PLAN_LATE, run.at(2016, 120), value=1)
    assert values(run, "plans_issued_calendar", "2017") == {"all": 2}
    assert values(run, "plans_late_calendar", "2017") == {"all": 1}


def moved_to_special(run: Run, number: int, *happened: tuple[Happening, float]) -> None:
    """Add a pupil who goes from mainstream to a special school 150 days into 2016/17, in the spring of 2017."""
    pupil = run.pupil(number, run.at(2015), run.calendar.end)
    run.spell(pupil, "mainstream", run.at(2015), run.at(2016, 150), Record.PLAN)
    run.spell(pupil, "oak_lodge", run.at(2016, 150), run.calendar.end, Record.PLAN, ended=False)
    for what, at in happened:
        run.event(pupil, what, at, record=Record.PLAN)


def test_going_to_the_school_named_when_the_plan_was_issued_is_no_move(run: Run) -> None:
    issued = (Happening.PLAN_ISSUED, run.at(2016, 10))
    review = (Happening.ANNUAL_REVIEW, run.at(2016, 100))
    moved_to_special(run, 1, issued, (Happening.SPECIAL_NAMED, run.at(2016, 20)), review)
    assert values(run, "moves_calendar", "2017")["mainstream>special_school"] == 0
    moved_to_special(run, 2, issued, review, (Happening.SPECIAL_NAMED, run.at(2016, 101)))
    assert values(run, "moves_calendar", "2017")["mainstream>special_school"] == 1


def test_a_plan_older_than_the_run_moves_whenever_it_moves(run: Run) -> None:
    moved_to_special(run, 1, (Happening.SPECIAL_NAMED, run.at(2016, 20)))
    assert values(run, "moves_calendar", "2017")["mainstream>special_school"] == 1


def test_another_pupils_plan_has_nothing_to_do_with_a_move(run: Run) -> None:
    moved_to_special(run, 2, (Happening.SPECIAL_NAMED, run.at(2016, 20)))
    for number in (1, 3):
        run.event(pupil_in(run, number, 4, "mainstream"), Happening.PLAN_ISSUED, run.at(2016, 10))
    assert values(run, "moves_calendar", "2017")["mainstream>special_school"] == 1


def test_ways_back_are_counted_and_stays_that_do_not_abut_are_not(run: Run) -> None:
    for number, gap in ((1, 0.0), (2, 5.0)):
        pupil = run.pupil(number, run.at(2015), run.calendar.end)
        run.spell(pupil, "oak_lodge", run.at(2015), run.at(2016, 150), Record.PLAN)
        run.spell(pupil, "mainstream", run.at(2016, 150 + gap), run.calendar.end, Record.PLAN, ended=False)
    assert values(run, "moves_calendar", "2017")["special_school>mainstream"] == 1


def test_suspensions_from_special_schools_are_not_those_of_mainstream_schools(run: Run) -> None:
    pupil = run.pupil(1, run.at(2015), run.at(2017))
    run.spell(pupil, "mainstream", run.at(2015), run.at(2016, 50))
    run.spell(pupil, "oak_lodge", run.at(2016, 50), run.at(2017))
    other = pupil_in(run, 2, 8, "oak_lodge")
    for day in (10, 20, 60):
        run.event(pupil, Happening.SUSPENSION, run.at(2016, day))
    run.event(other, Happening.SUSPENSION, run.at(2016, 10), year_group=8)
    assert values(run, "suspensions", "2016/17") == {"all": 4}
    assert values(run, "suspensions_mainstream", "2016/17") == {"all": 2}
    assert values(run, "pupils_suspended_mainstream", "2016/17", "primary") == {"all": 1}
    assert values(run, "pupils_suspended_mainstream", "2016/17", "secondary") == {"all": 0}


def test_returns_of_a_run_without_pupils_are_nought(run: Run) -> None:
    names = [name for name in MEASURES if "calendar" in name or "by_age" in name or "ap_census" in name]
    assert len(names) == 8
    for name in names:
        assert np.all(MEASURES[name](run.facts())["value"] == 0)

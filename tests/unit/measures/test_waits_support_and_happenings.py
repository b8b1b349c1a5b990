"""Waits, support and what happened, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES, pupil_table
from sim.vocabulary import Happening, WaitOutcome
from tests.made_up import Run, county, observed


def value(table: pd.DataFrame, period: str, provision: str = "all", phase: str = "all", district: str = "all") -> float:
    """Return the one value with these keys."""
    keys = {"period": period, "provision": provision, "phase": phase, "district": district}
    found = table
    for name, wanted in keys.items():
        found = found[found[name] == wanted]
    assert len(found) == 1, f"{len(found)} rows for {keys}"
    return float(found["value"].iloc[0])


def of(run: Run, name: str) -> pd.DataFrame:
    return MEASURES[name](run.facts())


@pytest.fixture
def run() -> Run:
    """Return a run with one pupil in mainstream throughout."""
    made = Run()
    pupil = made.pupil(1, made.at(2014), made.calendar.end)
    made.spell(pupil, "mainstream", made.at(2014), made.calendar.end, ended=False)
    return made


PUPIL = 1007


def test_the_number_waiting_is_waiting_time_over_days_of_the_year(run: Run) -> None:
    run.wait(PUPIL, "oak_lodge", run.at(2016, 100), run.at(2017, 19), WaitOutcome.OFFERED)
    waiting = of(run, "waiting_number")
    assert value(waiting, "2016/17", "special_school") == pytest.approx(90 / 190)
    assert value(waiting, "2017/18", "oak_lodge") == pytest.approx(0.1)
    assert value(waiting, "2017/18") == pytest.approx(0.1)


def test_the_time_waited_is_that_of_waits_that_ended_in_the_year(run: Run) -> None:
    run.wait(PUPIL, "oak_lodge", run.at(2016, 100), run.at(2017, 20), WaitOutcome.OFFERED)
    run.wait(PUPIL, "elm_house", run.at(2017, 30), run.at(2017, 60), WaitOutcome.DEADLINE)
    run.wait(PUPIL, "elm_house", run.at(2017, 60), run.calendar.end, WaitOutcome.CENSORED)
    assert value(of(run, "waits_ended"), "2017/18", "special_school") == 2
    assert value(of(run, "wait_days"), "2017/18", "special_school") == pytest.approx((110 + 30) / 2)
    assert np.isnan(value(of(run, "wait_days"), "2018/19", "special_school"))


def test_waits_that_had_not_ended_are_counted_and_not_averaged(run: Run) -> None:
    run.wait(PUPIL, "oak_lodge", run.at(2018, 100), run.calendar.end, WaitOutcome.CENSORED)
    assert value(of(run, "waits_censored"), "2018/19", "special_school") == 1
    assert value(of(run, "waits_ended"), "2018/19") == 0
    assert value(of(run, "waiting_number"), "2018/19", "special_school") == pytest.approx(90 / 190)


def test_who_waits_on_census_day_is_counted(run: Run) -> None:
    day = run.calendar.census(2016)
    run.wait(PUPIL, "oak_lodge", day, day + 1, WaitOutcome.OFFERED)
    run.wait(PUPIL, "elm_house", day - 5, day, WaitOutcome.OFFERED)
    assert value(of(run, "waiting_census"), "Jan 2017", "special_school") == 1


def test_an_offer_made_at_once_is_a_wait_of_no_days_in_its_own_year(run: Run) -> None:
    run.wait(PUPIL, "oak_lodge", run.at(2017), run.at(2017), WaitOutcome.OFFERED)
    assert value(of(run, "waits_ended"), "2017/18", "special_school") == 1
    assert value(of(run, "wait_days"), "2017/18", "special_school") == 0


def test_happenings_are_counted_by_phase_of_the_pupil_then_and_by_district(run: Run) -> None:
    for year_group, day in ((6, 10), (6, 20), (7, 30)):
        run.event(PUPIL, Happening.SUSPENSION, run.at(2016, day), year_group, value=2)
    suspensions = of(run, "suspensions")
    assert value(suspensions, "2016/17", phase="primary") == 2
    assert value(suspensions, "2016/17", phase="secondary") == 1
    assert value(suspensions, "2016/17", district="west") == 3
    assert value(suspensions, "2016/17", district="east") == 0
    assert value(of(run, "pupils_suspended"), "2016/17", phase="primary") == 1
    assert value(of(run, "permanent_exclusions"), "2016/17") == 0


def test_plans_on_time_are_those_not_noted_as_late(run: Run) -> None:
    for day in (1, 2, 3, 4):
        run.event(PUPIL, Happening.PLAN_ISSUED, run.at(2016, day), value=18)
    run.event(PUPIL, Happening.PLAN_LATE, run.at(2016, 4), value=3)
    assert value(of(run, "plans_on_time_share"), "2016/17") == 0.75
    assert np.isnan(value(of(run, "plans_on_time_share"), "2017/18"))


def test_the_modelled_share_of_suspensions_counts_mainstream_against_all_published() -> None:
    published = [
        observed("headcount", "primary", "2016/17", 1000),
        observed("suspension_rate", "primary", "2016/17", 0.4),
    ]
    run = Run(county(observed={str(i): row for i, row in enumerate(published)}))
    pupil = run.pupil(1, run.at(2015), run.at(2017))
    run.spell(pupil, "mainstream", run.at(2015), run.at(2016, 50))
    run.spell(pupil, "oak_lodge", run.at(2016, 50), run.at(2017))
    for day in (49, 50, 60):
        run.event(pupil, Happening.SUSPENSION, run.at(2016, day))
    share = of(run, "modelled_share_of_suspensions")
    assert value(share, "2016/17", phase="primary") == pytest.approx(1 / 4)
    assert np.isnan(value(share, "2017/18", phase="primary"))


def test_the_preventive_share_is_of_slot_time_given_to_semh(run: Run) -> None:
    run.support(PUPIL, "team_east", run.at(2016, 0), run.at(2016, 30))
    run.support(PUPIL, "team_east", run.at(2016, 30), run.at(2016, 120), crisis=True)
    run.support(-1, "team_east", run.at(2016), run.at(2017))
    run.usable("team_east", 0.0, 2)
    assert value(of(run, "team_preventive_share"), "2016/17") == pytest.approx(0.25)
    assert value(of(run, "team_occupancy"), "2016/17") == pytest.approx((120 + 190) / (2 * 190))
    assert value(of(run, "team_crisis_cases"), "2016/17") == 1
    assert value(of(run, "team_preventive_cases"), "2016/17", phase="primary") == 1


def test_bases_are_as_full_as_their_usable_places_allow(run: Run) -> None:
    run.usable("base_east", 0.0, 0)
    run.usable("base_east", run.at(2017), 2)
    run.support(PUPIL, "base_east", run.at(2017), run.at(2017, 95))
    occupancy = of(run, "base_occupancy")
    assert value(occupancy, "2017/18", "base_in_reach") == pytest.approx(0.25)
    assert np.isnan(value(occupancy, "2016/17", "base_in_reach"))
    assert value(of(run, "mean_roll"), "2017/18", "base_in_reach") == pytest.approx(0.5)
    assert value(of(run, "mean_roll"), "2017/18") == 1.0


def test_usable_places_change_within_a_year_and_unlimited_has_no_number(run: Run) -> None:
    run.usable("oak_lodge", 0.0, 4)
    run.usable("oak_lodge", run.at(2016, 95), 6)
    run.usable("elm_house", 0.0, 1)
    run.usable("mainstream", 0.0, -1)
    usable = of(run, "usable_places")
    assert value(usable, "2015/16", "special_school") == 5
    assert value(usable, "2016/17", "special_school") == 6
    assert np.isnan(value(usable, "2016/17", "mainstream"))


def test_pupils_rows_count_what_happened_since_the_study_began(run: Run) -> None:
    run.event(PUPIL, Happening.SUSPENSION, run.at(2016, 189))
    run.event(PUPIL, Happening.SUSPENSION, run.at(2017))
    assert list(pupil_table(run.facts())["suspensions"]) == [1]

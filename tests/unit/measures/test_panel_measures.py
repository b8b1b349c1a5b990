"""Measures of panels and of the way from an exclusion to a new school, counted by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES
from sim.vocabulary import FIRST_SECONDARY, Happening, ProvisionKind
from tests.made_up import PROVISIONS, Run, county, places, provision
from tests.unit.measures.test_waits_support_and_happenings import value

LAST = "2017/18"
PANELS = {
    f"panel_{district}": provision(ProvisionKind.PANEL, district=district, places={date(2014, 9, 1): places(5)})
    for district in ("east", "west")
}


@pytest.fixture
def run() -> Run:
    return Run(county(provisions={**PROVISIONS, **PANELS}))


def of(run: Run, name: str) -> pd.DataFrame:
    return MEASURES[name](run.facts())


def meeting(run: Run, panel: str, at: float, unheard: int) -> None:
    run.rows["meetings"].append((run.names.index(panel), at, 5, 5, unheard, 1))


def pupil(run: Run, number: int, *stays: tuple[str, float, float]) -> int:
    """Return a pupil with these stays, in school days of 2017/18; an end after the run cuts the last one off."""
    made = run.pupil(number, run.at(2017, stays[0][1]), min(run.at(2017, stays[-1][2]), run.calendar.end))
    for place, start, end in stays:
        is_over = run.at(2017, end) < run.calendar.end
        run.spell(made, place, run.at(2017, start), min(run.at(2017, end), run.calendar.end), ended=is_over)
    return made


ENDLESS = 900.0


def excluded(run: Run, made: int, day: float, year_group: int = 3) -> None:
    run.event(made, Happening.PERMANENT_EXCLUSION, run.at(2017, day), year_group)


def test_meetings_and_the_cases_left_over_are_counted_by_year_and_district(run: Run) -> None:
    for day, unheard in ((0.0, 4), (20.0, 6), (40.0, 2)):
        meeting(run, "panel_east", run.at(2017, day), unheard)
    meeting(run, "panel_west", run.at(2017), 0)
    meetings, unheard = of(run, "panel_meetings"), of(run, "panel_cases_unheard")
    assert [value(meetings, LAST, district=where) for where in ("east", "west", "all")] == [3, 1, 4]
    assert [value(unheard, LAST, district=where) for where in ("east", "west", "all")] == [4, 0, 3]
    assert value(meetings, "2016/17") == 0
    assert np.isnan(value(unheard, "2016/17"))


def test_cases_heard_and_pupils_placed_are_counted_by_phase_and_district(run: Run) -> None:
    here = pupil(run, 1, ("mainstream", 0.0, ENDLESS))
    for happening, year_group in (
        (Happening.PANEL_HEARD, 3),
        (Happening.PANEL_HEARD, FIRST_SECONDARY),
        (Happening.PANEL_ALLOCATED, FIRST_SECONDARY),
    ):
        run.event(here, happening, run.at(2017, 20), year_group)
    heard, placed = of(run, "panel_cases_heard"), of(run, "panel_placed")
    assert [value(heard, LAST, phase=phase) for phase in ("primary", "secondary", "all")] == [1, 1, 2]
    assert [value(placed, LAST, phase=phase) for phase in ("primary", "secondary", "all")] == [0, 1, 1]
    assert value(heard, LAST, district="west") == 2


def test_days_to_a_new_school_run_from_the_exclusion_to_the_next_school_of_any_kind(run: Run) -> None:
    between = ("no_education", 10.0, 15.0)
    mainstream = pupil(
        run, 1, ("mainstream", 0.0, 10.0), between, ("tuition_without_plan", 15.0, 30.0), ("mainstream", 30.0, ENDLESS)
    )
    special = pupil(run, 2, ("mainstream", 0.0, 10.0), between, ("ap_east", 15.0, 60.0), ("oak_lodge", 60.0, ENDLESS))
    other = pupil(run, 3, ("mainstream", 0.0, 10.0), between, ("far_school", 15.0, ENDLESS))
    excluded(run, mainstream, 10.0)
    excluded(run, special, 10.0, FIRST_SECONDARY)
    excluded(run, other, 10.0)
    days = of(run, "days_to_new_school")
    assert value(days, LAST, phase="primary") == pytest.approx((20 + 5) / 2)
    assert value(days, LAST, phase="secondary") == 50
    assert value(days, LAST) == pytest.approx((20 + 5 + 50) / 3)
    assert value(of(run, "excluded_without_school_yet"), LAST) == 0


def test_who_has_no_school_again_by_the_end_is_counted_beside(run: Run) -> None:
    waiting = pupil(run, 1, ("mainstream", 0.0, 10.0), ("tuition_without_plan", 10.0, ENDLESS))
    gone = pupil(run, 2, ("mainstream", 0.0, 10.0), ("ap_east", 10.0, 20.0))
    nobody_else = pupil(run, 3, ("mainstream", 0.0, ENDLESS))
    excluded(run, waiting, 10.0)
    excluded(run, gone, 10.0, FIRST_SECONDARY)
    assert nobody_else
    without, days = of(run, "excluded_without_school_yet"), of(run, "days_to_new_school")
    assert [value(without, LAST, phase=phase) for phase in ("primary", "secondary", "all")] == [1, 1, 2]
    assert np.isnan(value(days, LAST))
    assert value(without, "2016/17") == 0


def test_each_of_two_exclusions_counts_to_the_school_that_follows_it(run: Run) -> None:
    made = pupil(
        run,
        1,
        ("mainstream", 0.0, 10.0),
        ("no_education", 10.0, 14.0),
        ("mainstream", 14.0, 50.0),
        ("no_education", 50.0, 60.0),
        ("mainstream", 60.0, ENDLESS),
    )
    excluded(run, made, 10.0)
    excluded(run, made, 50.0)
    assert value(of(run, "days_to_new_school"), LAST) == pytest.approx((4 + 10) / 2)

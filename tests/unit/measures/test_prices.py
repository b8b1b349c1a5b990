"""Time as money sees it: where dates and instants lie, where it is cut, and which price is in force."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.measures.prices import CALENDAR_DAYS, SCHOOL_DAYS, YEARS, Timeline, counted, held, in_force, interval_of
from tests.made_up import county, figure
from tests.money import changed, later

EDGES = np.array([0.0, 10.0, 20.0])
FIRST, LAST = date(2014, 9, 1), date(2019, 9, 1)


def timeline(*cuts: date, **changes: object) -> Timeline:
    made = county(**changes)
    return Timeline(made, made.calendar(), cuts or (FIRST, LAST))


@pytest.mark.parametrize(("year", "found"), [(2010, 1.0), (2014, 1.0), (2016, 1.0), (2017, 2.0), (2050, 2.0)])
def test_a_yearly_figure_holds_until_the_next_and_the_first_holds_before(year: int, found: float) -> None:
    assert in_force({"2017-18": 2.0, "2014-15": 1.0}, year) == found
    assert held({"2017-18": figure(2.0), "2014-15": figure(1.0)}, year) == found


def test_an_interval_holds_where_it_begins_and_not_where_it_ends() -> None:
    position = np.array([-0.1, 0.0, 9.9, 10.0, 19.9, 20.0, 35.0])
    assert interval_of(position, EDGES).tolist() == [-1, 0, 0, 1, 1, -1, -1]
    assert counted(position, EDGES).tolist() == [2.0, 2.0]


def test_nothing_counted_is_nought_in_every_interval() -> None:
    assert counted(np.array([]), EDGES).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("scale", [CALENDAR_DAYS, YEARS, SCHOOL_DAYS])
def test_dates_outside_the_calendar_lie_at_its_ends(scale: str) -> None:
    outside = timeline().position_of_dates(scale, [date(1990, 1, 1), date(2050, 1, 1)])
    assert outside.tolist() == timeline().position_of_dates(scale, [FIRST, LAST]).tolist()


def test_instants_of_the_clock_lie_where_their_dates_do() -> None:
    time, days = timeline(), [date(2015, 1, 12), date(2016, 9, 1), date(2018, 6, 4)]
    clock = time.position_of_dates(SCHOOL_DAYS, days)
    for scale in (CALENDAR_DAYS, YEARS, SCHOOL_DAYS):
        assert time.position_of_clock(scale, clock) == pytest.approx(time.position_of_dates(scale, days))


def test_years_run_evenly_from_one_september_to_the_next() -> None:
    found = timeline().position_of_dates(YEARS, [FIRST, date(2015, 9, 1), date(2016, 3, 2), LAST])
    assert found == pytest.approx([0.0, 1.0, 1.0 + 183 / 366, 5.0])


def test_time_is_cut_on_1_april_and_where_tariffs_change_and_nowhere_else() -> None:
    made = county()
    dated = {date(2015, 9, 1): {}, date(2016, 9, 1): changed("fee", value=60_000.0), date(2017, 9, 1): {}}
    time = timeline(date(2015, 5, 1), date(2018, 4, 1), later=later(made, dated))
    cuts = [date(2015, 5, 1), date(2016, 4, 1), date(2016, 9, 1), date(2017, 4, 1), date(2018, 4, 1)]
    assert time.edges == cuts


def test_amounts_add_up_to_what_lies_between_the_dates_asked_for() -> None:
    time = timeline(date(2015, 5, 1), date(2017, 1, 1), date(2018, 3, 1))
    assert len(time.edges) == 5
    assert time.asked(np.array([[1.0, 2.0, 4.0, 8.0]])).tolist() == [[3.0, 12.0]]

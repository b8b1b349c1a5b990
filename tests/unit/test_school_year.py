"""The one calendar: school days, dates, academic and financial years."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.school_year import (
    SchoolCalendar,
    TermPattern,
    academic_year_label,
    academic_year_of,
    financial_year_label,
    financial_year_of,
    half_term_days,
    year_start,
)
from tests.worlds import EXAMPLESHIRE

CALENDAR = EXAMPLESHIRE.calendar()
YEARS = range(CALENDAR.first_year, CALENDAR.last_year + 1)
DAYS = CALENDAR.days_per_year
clocks = st.floats(0, CALENDAR.end)
steady = settings(deadline=None, derandomize=True, max_examples=80)


def test_every_school_day_goes_to_a_date_and_back():
    for at in range(int(CALENDAR.end)):
        assert CALENDAR.clock(CALENDAR.date_of(at)) == at


def test_every_year_has_the_same_number_of_school_days_none_of_them_at_a_weekend():
    days = [CALENDAR.date_of(at) for at in range(int(CALENDAR.end))]
    assert DAYS == 190
    assert all(day.weekday() < 5 for day in days)
    assert [academic_year_of(day) for day in days[::DAYS]] == list(YEARS)
    assert [academic_year_of(day) for day in days[DAYS - 1 :: DAYS]] == list(YEARS)


def test_the_clock_on_1_september_is_exact():
    for number, year in enumerate(YEARS):
        assert CALENDAR.clock(date(year, 9, 1)) == CALENDAR.september(year) == number * DAYS
        assert CALENDAR.instant(CALENDAR.september(year)) == date(year, 9, 1).toordinal()
    assert CALENDAR.instant(CALENDAR.end) == date(CALENDAR.last_year + 1, 9, 1).toordinal()


def test_a_date_in_a_holiday_goes_to_the_next_school_day():
    christmas = CALENDAR.clock(date(2015, 12, 25))
    assert CALENDAR.date_of(christmas) > date(2015, 12, 25)
    assert CALENDAR.date_of(christmas - 1) < date(2015, 12, 25)
    assert CALENDAR.clock(date(2016, 8, 15)) == CALENDAR.september(2016)
    assert CALENDAR.clock(date(1999, 1, 1)) == 0.0
    assert CALENDAR.clock(date(2090, 1, 1)) == CALENDAR.end


def test_a_holiday_belongs_to_the_stay_being_left():
    first_after_christmas = CALENDAR.clock(date(2015, 12, 25))
    start, end = CALENDAR.instant([first_after_christmas - 1, first_after_christmas])
    assert start == CALENDAR.date_of(first_after_christmas - 1).toordinal()
    assert end == CALENDAR.date_of(first_after_christmas).toordinal()
    assert end - start > 14
    summer = CALENDAR.instant([CALENDAR.september(2016) - 1, CALENDAR.september(2016)])
    assert summer[1] - summer[0] > 35


@steady
@given(clocks, clocks)
def test_calendar_time_never_runs_backwards(one, other):
    first, second = sorted((one, other))
    assert CALENDAR.instant(first) <= CALENDAR.instant(second)
    if second - first > 1e-9:
        assert CALENDAR.instant(first) < CALENDAR.instant(second)


@steady
@given(clocks.filter(lambda at: at < CALENDAR.end))
def test_clock_date_and_academic_year_agree(at):
    assert CALENDAR.academic_year(at) == academic_year_of(CALENDAR.date_of(at))
    assert CALENDAR.clock(CALENDAR.date_of(at)) == int(at)


@steady
@given(clocks.filter(lambda at: at < CALENDAR.end), st.integers(0, 60))
def test_a_due_date_is_the_first_school_day_on_or_after_whole_calendar_weeks(at, weeks):
    due, day = CALENDAR.after_weeks(at, weeks), CALENDAR.date_of(at)
    target = date.fromordinal(day.toordinal() + 7 * weeks)
    if due < CALENDAR.end:
        assert CALENDAR.date_of(due) >= target
        assert due == 0 or CALENDAR.date_of(due - 1) < target
        assert CALENDAR.weeks_between(at, due) >= weeks
    else:
        assert target > CALENDAR.date_of(CALENDAR.end - 1)


def test_six_weeks_across_a_half_term_are_counted_on_the_calendar():
    start = CALENDAR.clock(date(2015, 9, 28))
    assert CALENDAR.date_of(CALENDAR.after_weeks(start, 6)) == date(2015, 11, 9)


def test_years_begin_in_september_and_in_april():
    assert academic_year_of(date(2019, 8, 31)) == 2018
    assert academic_year_of(date(2019, 9, 1)) == 2019
    assert financial_year_of(date(2019, 3, 31)) == 2018
    assert financial_year_of(date(2019, 4, 1)) == 2019


def test_labels_are_written_and_read():
    assert academic_year_label(2018) == "2018/19"
    assert academic_year_label(1999) == "1999/00"
    assert financial_year_label(2018) == "2018-19"
    assert year_start("2018/19") == year_start("2018-19") == 2018
    assert year_start("1999-00") == 1999


@pytest.mark.parametrize("label", ["2018", "2018/20", "18/19", "2018 19", "2018/2019", "", "abcd/ef"])
def test_a_label_that_is_no_year_is_refused(label):
    with pytest.raises(ValueError, match="year"):
        year_start(label)


def test_the_january_census_is_the_next_school_day():
    census = CALENDAR.date_of(CALENDAR.census(2018))
    assert census == date(2019, 1, 17)
    assert CALENDAR.date_of(CALENDAR.census(2014, 1, 17)) == date(2015, 1, 19)  # the 17th was a Saturday
    assert CALENDAR.academic_year(CALENDAR.census(2018)) == 2018


def test_half_terms_follow_each_other_to_the_end():
    starts = list(CALENDAR.half_terms_from(CALENDAR.september(2022)))
    assert len(starts) == 5 + 6
    assert np.all(np.diff(starts) > 0)
    assert CALENDAR.date_of(starts[0]).month == 10


def test_a_half_term_starts_on_a_weekday_and_skips_weekends():
    days = half_term_days(TermPattern("autumn", 9, 5, 6), 2015)  # 5 September 2015 was a Saturday
    assert days[0] == date(2015, 9, 7)
    assert days[-1] == date(2015, 9, 14)


def test_overlapping_half_terms_are_refused():
    terms = [TermPattern("one", 9, 2, 60), TermPattern("two", 10, 30, 30)]
    with pytest.raises(ValueError, match="overlap"):
        SchoolCalendar(terms, 2015, 2016)


def test_school_days_after_the_end_of_august_are_refused():
    with pytest.raises(ValueError, match="31 August"):
        SchoolCalendar([TermPattern("late", 7, 1, 60)], 2015, 2016)

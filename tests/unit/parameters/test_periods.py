"""Labels of periods."""

import pytest

from sim.parameters.periods import PeriodKind, academic_years_of, kind_and_year, periods_in

KINDS = {
    "2018/19": (PeriodKind.ACADEMIC, 2018),
    "2018-19": (PeriodKind.FINANCIAL, 2018),
    "2018": (PeriodKind.CALENDAR, 2018),
    "Jan 2019": (PeriodKind.CENSUS, 2019),
}
TOUCHED = {"2018/19": [2018], "2018-19": [2017, 2018], "2018": [2017, 2018], "Jan 2019": [2018]}
RUNS = {
    "2015/16 to 2017/18": ("2015/16", "2016/17", "2017/18"),
    "1999-00 to 2000-01": ("1999-00", "2000-01"),
    "2016 to 2018": ("2016", "2017", "2018"),
    "Jan 2018 to Jan 2019": ("Jan 2018", "Jan 2019"),
    "2018/19": ("2018/19",),
}
REFUSED = ("2018/20", "18/19", "January 2019", "2018/19 to 2016/17", "2018/19 to 2019-20", "2018 to Jan 2019", "soon")


@pytest.mark.parametrize("label", KINDS)
def test_a_label_tells_its_kind_and_year(label: str) -> None:
    assert kind_and_year(label) == KINDS[label]
    assert list(academic_years_of(label)) == TOUCHED[label]


@pytest.mark.parametrize("text", RUNS)
def test_a_run_of_periods_holds_each_of_them(text: str) -> None:
    assert periods_in(text) == RUNS[text]


@pytest.mark.parametrize("text", [*REFUSED, "Jan 2018 to May 2019"])
def test_what_is_no_run_of_periods_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (period|year)|does not run|must follow"):
        periods_in(text)

"""Adjustments of single figures: how several combine, and what they come to on each date."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from sim.levers.adjustments import Adjustment, Figure, composed
from sim.parameters.changes import with_changes
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters

SAID = {"grade": "judgement", "source": "fictional", "year": "2020", "note": ""}
SHARE = "quantities/team/protected_share"
FIRST, SECOND, THIRD = date(2019, 9, 1), date(2020, 9, 1), date(2021, 9, 1)


def adjustment(path: str, op: str, value: float, start: date = FIRST, lever: str = "a", **more: object) -> Adjustment:
    made = Adjustment(path, op, Figure(value, value, value, "fixed"), start, None, lever, SAID)
    return replace(made, **more)


def in_force(county: Parameters, *made: Adjustment) -> Parameters:
    diff = composed(county, made)
    return with_changes(county, diff.changes, later=diff.later)


def test_one_sets_then_all_multiply_then_all_add_in_whatever_order_they_are_given(exampleshire: Parameters) -> None:
    made = [
        adjustment(SHARE, "add", 0.1, lever="a"),
        adjustment(SHARE, "multiply", 0.5, lever="b"),
        adjustment(SHARE, "set", 0.4, lever="c"),
        adjustment(SHARE, "multiply", 0.5, lever="d"),
    ]
    found = {composed(exampleshire, order).later[FIRST][SHARE]["value"] for order in permutations(made)}
    assert found == {0.4 * 0.5 * 0.5 + 0.1}


def test_two_levers_that_set_one_figure_differently_are_refused_by_name(exampleshire: Parameters) -> None:
    made = [adjustment(SHARE, "set", 0.4, lever="keep_time"), adjustment(SHARE, "set", 0.5, lever="guard_time")]
    with pytest.raises(ConfigurationError, match="guard_time and keep_time"):
        composed(exampleshire, made)


def test_two_levers_that_set_one_figure_alike_agree(exampleshire: Parameters) -> None:
    made = [adjustment(SHARE, "set", 0.4, lever="a"), adjustment(SHARE, "set", 0.4, lever="b")]
    assert in_force(exampleshire, *made).on(FIRST).quantities.team.protected_share.value == 0.4


def test_an_adjustment_that_ends_gives_back_what_was_there(exampleshire: Parameters) -> None:
    changed = in_force(exampleshire, adjustment(SHARE, "set", 0.4, end=SECOND))
    shares = [changed.on(day).quantities.team.protected_share.value for day in (FIRST, SECOND, THIRD)]
    assert shares == [0.4, 0, 0]
    assert changed.on(SECOND).quantities.team.protected_share == exampleshire.quantities.team.protected_share


def test_places_are_added_to_those_of_each_date(exampleshire: Parameters) -> None:
    base = with_changes(exampleshire, {"provisions/marsh_house/places/2020-09-01": {"commissioned": 12, "usable": 11}})
    changed = in_force(base, adjustment("provisions/marsh_house/places", "add", 3))
    found = {day: (row.commissioned, row.usable) for day, row in changed.provisions["marsh_house"].places.items()}
    assert found == {date(2011, 9, 1): (10, 9), FIRST: (13, 12), SECOND: (15, 14)}


def test_places_never_fall_below_none(exampleshire: Parameters) -> None:
    changed = in_force(exampleshire, adjustment("provisions/marsh_house/places", "add", -50))
    assert changed.provisions["marsh_house"].places[FIRST].commissioned == 0
    assert changed.provisions["marsh_house"].places[FIRST].usable == 0


def test_a_start_up_cost_is_paid_once(exampleshire: Parameters) -> None:
    path = "provisions/base_northmarsh_outreach/start_up"
    changed = in_force(exampleshire, adjustment(path, "add", 5000, price_base="2019-20"))
    paid = {day: money.value for day, money in changed.provisions["base_northmarsh_outreach"].start_up.items()}
    assert paid == {FIRST: 5000}


def test_running_costs_of_two_levers_add_up(exampleshire: Parameters) -> None:
    path = "programmes/casework/running_cost"
    made = [
        adjustment(path, "add", 5000, price_base="2019-20", lever="a"),
        adjustment(path, "add", 7000, SECOND, price_base="2019-20", lever="b"),
    ]
    paid = {
        day: money.value for day, money in in_force(exampleshire, *made).programmes["casework"].running_cost.items()
    }
    assert paid == {FIRST: 5000, SECOND: 12000}


def test_money_of_different_price_bases_is_not_mixed(exampleshire: Parameters) -> None:
    path = "provisions/team_northmarsh/running_cost"
    with pytest.raises(ConfigurationError, match="prices of 2018-19 and 2019-20"):
        composed(exampleshire, [adjustment(path, "add", 5, date(2018, 9, 1), price_base="2019-20")])


def test_new_money_of_different_price_bases_is_not_mixed_either(exampleshire: Parameters) -> None:
    path = "programmes/casework/running_cost"
    made = [adjustment(path, "add", 5, price_base=year, lever=year) for year in ("2018-19", "2019-20")]
    with pytest.raises(ConfigurationError, match="prices of 2018-19 and 2019-20"):
        composed(exampleshire, made)


def test_new_money_that_ends_is_nothing_afterwards(exampleshire: Parameters) -> None:
    path = "programmes/casework/running_cost"
    changed = in_force(exampleshire, adjustment(path, "add", 5000, end=SECOND, price_base="2019-20"))
    paid = {day: money.value for day, money in changed.programmes["casework"].running_cost.items()}
    assert paid == {FIRST: 5000, SECOND: 0}


def test_a_yearly_series_changes_from_the_year_on_and_follows_its_own_course(exampleshire: Parameters) -> None:
    base = with_changes(exampleshire, {"yearly/refused_share/2022/23": 0.4})
    changed = in_force(base, adjustment("yearly/refused_share", "add", 0.05, SECOND))
    before, after = base.yearly.refused_share, changed.yearly.refused_share
    assert after["2022/23"].value == pytest.approx(0.45)
    assert after["2020/21"].value == pytest.approx(before["2019/20"].value + 0.05)
    assert after["2019/20"] == before["2019/20"]


def test_a_budget_changes_in_each_financial_year_from_the_start_on(exampleshire: Parameters) -> None:
    changed = in_force(exampleshire, adjustment("budgets/high_needs_block", "add", 1000, date(2020, 4, 1)))
    before, after = exampleshire.budgets["high_needs_block"], changed.budgets["high_needs_block"]
    differences = {year: after[year].value - before[year].value for year in before}
    assert {round(value) for year, value in differences.items() if year >= "2020-21"} == {1000}
    assert not any(value for year, value in differences.items() if year < "2020-21")


def test_the_range_of_uncertainty_is_carried_along(exampleshire: Parameters) -> None:
    wide = replace(adjustment(SHARE, "add", 0.2), figure=Figure(0.2, 0.1, 0.5))
    row = composed(exampleshire, [wide]).later[FIRST][SHARE]
    assert (row["value"], row["low"], row["high"], row["distribution"]) == (0.2, 0.1, 0.5, "triangular")


def test_a_figure_the_county_does_not_have_is_named(exampleshire: Parameters) -> None:
    with pytest.raises(ConfigurationError, match="effects/no_such_effect"):
        composed(exampleshire, [adjustment("effects/no_such_effect", "set", 1)])

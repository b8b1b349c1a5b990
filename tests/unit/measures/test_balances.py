"""Balances of the high needs block, when parts of the county's budget are not given or the run is short."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES
from sim.measures.ledger import spend_between
from sim.parameters.schema import Parameters, Quantity
from tests.made_up import Run, county, figure, tariff
from tests.money import flat, one_stay

YEARS = ["2016-17", "2017-18", "2018-19"]
BUDGETS = county().budgets


def with_budgets(**budgets: dict[str, Quantity]) -> Parameters:
    return county(budgets=budgets)


def by_year(measure: str, parameters: Parameters, provision: str = "") -> pd.Series:
    table = MEASURES[measure](one_stay(parameters, "far_school", 0, 950).facts())
    return table[table["provision"] == provision].set_index("period")["value"]


def test_without_a_published_block_there_is_no_balance() -> None:
    for measure in ("balance_in_year", "balance_cumulative"):
        found = by_year(measure, with_budgets(opening_balance=BUDGETS["opening_balance"]))
        assert found.index.to_list() == YEARS
        assert found.isna().all()


def test_without_other_spend_the_whole_block_is_there_for_the_modelled_lines() -> None:
    block = BUDGETS["high_needs_block"]
    alone = by_year("balance_in_year", with_budgets(high_needs_block=block))
    beside = by_year("balance_in_year", county())
    assert (alone - beside).to_list() == pytest.approx([4e5] * 3)


def test_without_an_opening_balance_nothing_is_known_of_the_cumulative_one() -> None:
    found = by_year("balance_cumulative", with_budgets(high_needs_block=BUDGETS["high_needs_block"]))
    assert found.index.to_list() == YEARS
    assert found.isna().all()


@pytest.mark.parametrize(("opening", "known"), [("2016-17", 3), ("2017-18", 2), ("2018-19", 1), ("2015-16", 0)])
def test_the_cumulative_balance_begins_with_the_year_of_the_opening_balance_unless_the_run_began_later(
    opening: str, known: int
) -> None:
    parameters = county(budgets={**BUDGETS, "opening_balance": {opening: figure(-5e4)}})
    found, yearly = by_year("balance_cumulative", parameters), by_year("balance_in_year", parameters)
    assert found.notna().to_list() == [False] * (3 - known) + [True] * known
    if known:
        assert found.iloc[-1] == pytest.approx(-5e4 + yearly.iloc[-known:].sum())


def test_money_is_told_apart_by_neither_phase_nor_district() -> None:
    facts = Run().facts()
    for measure in ("spend", "spend_total", "balance_in_year", "balance_cumulative", "committed_spend"):
        table = MEASURES[measure](facts)
        assert set(table["phase"]) == set(table["district"]) == {""}
        assert np.issubdtype(table["value"].dtype, np.floating)


def test_a_run_of_one_academic_year_holds_no_whole_financial_year_and_has_no_money() -> None:
    made = county()
    horizon = {"first_academic_year": "2018/19", "study_start": date(2018, 9, 1)}
    facts = Run(county(horizon=made.horizon.model_copy(update=horizon))).facts()
    for measure in ("spend", "spend_total", "balance_in_year", "balance_cumulative"):
        assert MEASURES[measure](facts).empty


@pytest.mark.parametrize("cuts", [[], [date(2016, 4, 1)], [date(2016, 4, 1), date(2016, 4, 1)]])
def test_spend_is_asked_for_between_two_different_dates_at_least(cuts: list[date]) -> None:
    with pytest.raises(ValueError, match="two or more dates in ascending order; found") as refused:
        spend_between(Run().facts(), cuts)
    assert str(refused.value).endswith(f"found {', '.join(str(day) for day in cuts)}")


def test_what_is_charged_under_a_heading_that_is_no_line_of_the_county_stands_beside_the_block() -> None:
    prices = {"fee": tariff("pocket_money", "far_school", "pupil_year", 500)}
    facts = one_stay(flat(tariffs=prices), "far_school", 0, 950).facts()
    assert spend_between(facts, [date(2016, 9, 1), date(2017, 9, 1)]).loc["pocket_money"].to_list() == [500]
    total = MEASURES["spend_total"](facts).set_index(["provision", "period"])["value"]
    assert total["beside_block", "2018-19"] == pytest.approx(500)

"""Invest to save: costs and savings apart, optimism bias, chances and switching value, on sums done by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.analysis import invest_to_save as invest
from sim.analysis.money_values import TOTAL
from sim.analysis.payback import NEVER, payback
from sim.parameters.appraisal import optimism_bias, section_251_headings
from tests.unit.analysis.made_money import made_money


def rows(quantity: str, case: str = invest.AS_MODELLED, results=None) -> pd.DataFrame:
    found = invest.invest_to_save(results or made_money(), "open")
    return found[(found["quantity"] == quantity) & (found["case"] == case)].set_index("period")


def test_a_line_that_rises_is_a_cost_and_one_that_falls_a_saving() -> None:
    assert rows(invest.START_UP)["value"].to_list() == [100, 0, 0, 100]
    assert rows(invest.RUNNING)["value"].to_list() == [0, 40, 0, 40]
    assert rows(invest.SAVING)["value"].to_list() == pytest.approx([0, 150, 35, 185])
    assert rows(invest.NET)["value"].to_list() == pytest.approx([100, -110, -35, -45])


def test_optimism_bias_raises_costs_and_cuts_savings_by_the_shares_of_the_file() -> None:
    bias = optimism_bias()
    start, run, save = bias.start_up.high, bias.running.high, bias.saving.high
    expected = 100 * (1 + start) + 40 * (1 + run) - 185 * (1 - save)
    assert rows(invest.NET, invest.CAUTIOUS).loc[TOTAL, "value"] == pytest.approx(expected)


def test_the_chance_of_payback_follows_the_payback_year_of_each_replication() -> None:
    assert rows(invest.PAID_BACK)["value"].to_list() == [0, 0.5, 1]
    assert rows(invest.PAYBACK_YEAR)["value"].to_dict() == {"2019-20": 0, "2020-21": 0.5, "2021-22": 0.5, NEVER: 0}


def test_net_present_value_is_that_of_payback_and_running_cost_that_uses_it_up_breaks_even() -> None:
    worth = rows(invest.NPV)["value"].iloc[0]
    assert worth == pytest.approx(payback(made_money(), "open").npv.mean)
    weights = 1 + 1 / 1.1 + 1 / 1.1 / 1.25
    assert rows(invest.SWITCHING)["value"].iloc[0] * weights == pytest.approx(worth)


def test_a_scenario_that_changes_nothing_costs_and_saves_nothing_and_is_paid_back_at_once() -> None:
    nothing = made_money({})
    assert set(rows(invest.NET, results=nothing)["value"]) == {0.0}
    assert set(rows(invest.PAID_BACK, invest.CAUTIOUS, nothing)["value"]) == {1.0}


def test_one_replication_has_values_and_no_interval() -> None:
    found = invest.invest_to_save(made_money({("bases", "2020-21"): [5.0]}, 1), "open")
    assert found["value"].notna().all()
    assert found[["low", "high"]].isna().all(axis=None)


def test_every_row_says_unit_kind_of_interval_prices_and_run() -> None:
    found = invest.invest_to_save(made_money(), "open")
    assert (found[["unit", "interval", "run"]] != "").all(axis=None)
    assert set(found.loc[found["unit"] == "GBP", "price_base"]) == {"cash: prices of each year", "prices of 2018-19"}


def test_headings_are_those_of_the_year_and_of_no_later_one() -> None:
    assert section_251_headings("2018-19")["1.2.5"] == "SEN support services"
    assert section_251_headings("2017-18") == {}

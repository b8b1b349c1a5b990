"""Spend by heading and payer, the deficit plan, and a council's forecast beside ours, on sums done by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from sim.analysis.council_forecast import ABOVE, WITHIN, beside_ours, read_forecast
from sim.analysis.money_pages import (
    INCOME,
    LEFT,
    MODELLED,
    NOT_MAPPED,
    REST,
    management_plan,
    spend_by_heading,
    spend_by_line,
    who_pays,
)
from sim.analysis.money_values import NO_INTERVAL, TOTAL
from sim.parameters.problems import ConfigurationError
from sim.results import Results
from tests.unit.analysis.made_money import made_money


def of(table: pd.DataFrame, **keys: str) -> pd.DataFrame:
    for name, wanted in keys.items():
        table = table[table[name] == wanted]
    return table.set_index("period")


def forecast_in(folder: Path, *lines: str) -> Path:
    file = folder / "council.csv"
    file.write_text("\n".join(["financial_year,line,amount", *lines, ""]), encoding="utf-8")
    return file


def with_balance(results: Results) -> Results:
    """Return results with a balance of 500 less what the block spends."""
    block = results.measures[
        (results.measures["measure"] == "spend_total") & (results.measures["provision"] == "in_block")
    ]
    balance = block.assign(measure="balance_in_year", provision="", value=500 - block["value"])
    return results.with_(measures=pd.concat([results.measures.astype({"measure": "str", "provision": "str"}), balance]))


def test_a_change_is_paired_and_has_its_interval_and_the_total_is_of_the_study_only() -> None:
    found = of(spend_by_line(made_money()), line="fees", scenario="open", comparison="baseline")
    assert found["value"].to_dict() == pytest.approx(
        {"2018-19": 0, "2019-20": 0, "2020-21": -150, "2021-22": -35, TOTAL: -185}
    )
    half = stats.t.ppf(0.975, 1) * stats.sem([-100, -200])
    assert found.loc["2020-21", "high"] == pytest.approx(-150 + half)
    level = of(spend_by_line(made_money()), line="fees", scenario="baseline")
    assert level.loc[TOTAL, "value"] == 3000


def test_lines_are_put_under_their_section_251_headings() -> None:
    found = spend_by_line(made_money())
    codes = dict(zip(found["line"], found["section_251"], strict=True))
    assert (codes["fees"], codes["bases"]) == ("1.2.3", "1.2.4")
    heading = of(spend_by_heading(made_money()), section_251="1.2.3", scenario="baseline", comparison="")
    assert heading.loc["2019-20", ["value", "lines"]].to_list() == [1000, "Independent fees"]


def test_results_that_do_not_tell_headings_are_shown_as_not_mapped() -> None:
    results = made_money()
    money = {name: one for name, one in results.provenance["money"].items() if name != "section_251"}
    old = results.with_(provenance={**results.provenance, "money": money})
    assert set(spend_by_heading(old)["section_251"]) == {NOT_MAPPED}


def test_what_each_payer_spends_adds_up_to_the_lines() -> None:
    found = who_pays(made_money())
    block = of(found, payer="high needs block", scenario="open", comparison="baseline")
    assert block.loc[TOTAL, "value"] == pytest.approx(-45)
    assert set(found["payer"]) == {"high needs block", "council"}


def test_a_plan_holds_what_is_given_without_interval_and_what_is_left_after_other_spend() -> None:
    plan = management_plan(with_balance(made_money()))
    income = of(plan, item=INCOME, scenario="open")
    assert income["value"].to_list() == [5000, 5000, 6000, 6000]
    assert set(income["interval"]) == {NO_INTERVAL}
    assert set(of(plan, item=REST, scenario="open")["value"]) == {3500}
    assert of(plan, item=LEFT, scenario="open", comparison="")["value"].to_list() == [500, 500, 500, 500, 1500]
    effect = of(plan, item=MODELLED, plan="effect of mitigation")
    assert effect.loc["2019-20", "value"] == 100


def test_a_study_of_the_baseline_alone_has_a_plan_without_mitigation() -> None:
    alone = made_money(scenarios=())
    assert set(management_plan(alone)["plan"]) == {"unmitigated"}


def test_a_councils_forecast_stands_beside_ours_with_the_difference(tmp_path: Path) -> None:
    file = forecast_in(tmp_path, "2019-20,fees,1000", '2020-21,Independent Fees,"£1,250.50"')
    found = beside_ours(made_money(), read_forecast(file, made_money()))
    base = of(found, scenario="baseline")
    assert base["difference"].to_list() == pytest.approx([0, -250.5])
    assert base["where"].to_list() == [WITHIN, ABOVE]
    assert of(found, scenario="open").loc["2020-21", "difference"] == pytest.approx(850 - 1250.5)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2019/20,fees,1", "did you mean 2019-20"),
        ("2035-36,fees,1", "2018-19 to 2021-22"),
        ("2019-20,feees,1", "did you mean fees"),
        ("2019-20,fees,lots", "write a number"),
        ("2019-20,fees,nan", "write a number"),
        ("2019-20,fees,", "amount is blank"),
        ("2019-20,fees,1,234", "cells"),
        ("2019-20,fees,1\n2019-20,Independent fees,2", "each line and year once"),
        ("", "no rows"),
    ],
)
def test_a_forecast_that_cannot_be_used_is_told_where_and_why(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_forecast(forecast_in(tmp_path, line), made_money())

"""Dated money: programmes, what schools pay, charges of partnerships, and tariffs that change."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.measures.ledger import spend_between
from sim.vocabulary import Happening
from tests.made_up import LINES, Run, county, gbp, line
from tests.money import changed, charge, flat, later, one_stay, programme


def test_a_programme_costs_its_running_cost_on_its_own_line_and_its_start_up_on_that_of_start_up() -> None:
    lines = {**LINES, "training": line()}
    training = programme(running_cost={date(2017, 9, 1): gbp(12_000)}, start_up={date(2018, 1, 8): gbp(500)})
    years = [date(year, 9, 1) for year in range(2014, 2020)]
    without = spend_between(Run(flat(lines=lines)).facts(), years)
    with_it = spend_between(Run(flat(lines=lines, programmes={"training": training})).facts(), years)
    added = (with_it - without).loc[["training", "start_up"]].to_numpy().tolist()
    assert added == [pytest.approx([0, 0, 0, 12_000, 12_000]), [0, 0, 0, 500, 0]]


def base_paid_by_schools(agreed: float, begins: date = date(2016, 9, 1)) -> pd.DataFrame:
    """Return spend on a base that costs 100,000 a year from September 2017, by academic year."""
    base = county().provisions["base_east"].model_copy(update={"school_contribution": {begins: gbp(agreed)}})
    lines = {**LINES, "school_contributions": line(in_block=False)}
    run = Run(flat(provisions={**county().provisions, "base_east": base}, lines=lines))
    return spend_between(run.facts(), [date(year, 9, 1) for year in range(2016, 2020)])


def test_what_schools_pay_comes_off_the_line_of_the_base_and_stands_beside_the_block() -> None:
    spent, before = base_paid_by_schools(40_000), base_paid_by_schools(0)
    assert spent.loc["school_contributions"].to_list() == pytest.approx([0, 40_000, 40_000])
    assert (before - spent).loc["services"].to_list() == pytest.approx([0, 40_000, 40_000])
    assert before.loc["school_contributions"].to_list() == [0, 0, 0]


def test_schools_never_pay_more_than_the_running_cost_in_force() -> None:
    assert base_paid_by_schools(250_000).loc["school_contributions"].to_list() == pytest.approx([0, 100_000, 100_000])


def test_schools_pay_from_the_date_agreed() -> None:
    spent = base_paid_by_schools(36_500, date(2018, 4, 1)).loc["school_contributions"]
    assert spent.to_list() == pytest.approx([0, 100 * 153, 36_500])  # 153 days from April to August


def test_a_charge_comes_off_the_line_of_the_partnership_on_its_day_in_pounds_of_that_day() -> None:
    run = Run()
    charge(run, run.pupil(1, 0.0, 950.0), "ap_east", run.calendar.clock(date(2018, 4, 16)), 5_000.0)
    days = [date(2018, 4, 16), date(2018, 4, 17), date(2018, 4, 18)]
    change = spend_between(run.facts(), days) - spend_between(Run().facts(), days)
    assert change.loc["services"].to_list() == pytest.approx([-5_000, 0])
    assert np.allclose(change.drop("services"), 0)


def test_a_new_price_holds_from_its_1_september_for_stays_and_cases_alike() -> None:
    parameters = flat()
    new = {**changed("fee", value=60_000.0), **changed("request", value=1_000.0), **changed("place", value=20_000.0)}
    parameters = parameters.model_copy(update={"later": later(parameters, {date(2017, 9, 1): new})})
    run = one_stay(parameters, "far_school", 0, 950)
    for year in (2016, 2017):
        run.event(run.pupil(year, 0.0, 950.0), Happening.EHC_REQUESTED, run.at(year))
    spent = spend_between(run.facts(), [date(year, 9, 1) for year in (2016, 2017, 2018)])
    boarding = 11 * 365
    assert spent.loc["fees"].to_list() == pytest.approx([50_000 + boarding, 60_000 + boarding])
    assert spent.loc["casework"].to_list() == pytest.approx([900, 1_000])
    commissioned = (date(2017, 9, 1) - date(2017, 1, 10)).days * 2 / 365 + 3
    assert spent.loc["place_funding"].to_list() == pytest.approx([commissioned * 10_000, 5 * 20_000])


def test_a_price_base_may_change_with_the_price() -> None:
    parameters = county()
    new = changed("fee", value=50_000.0, price_base="2014-15")
    parameters = parameters.model_copy(update={"later": later(parameters, {date(2017, 9, 1): new})})
    run = one_stay(parameters, "far_school", run_start := 3 * 190.0, run_start + 190)
    spent = spend_between(run.facts(), [date(2018, 9, 1), date(2019, 9, 1)])  # the stay has ended
    assert spent.loc["fees"].to_list() == [0]
    in_2014_prices = spend_between(run.facts(), [date(2018, 4, 1), date(2018, 4, 2)]).loc["fees"].iloc[0]
    assert in_2014_prices == pytest.approx(50_000 * 1.08 / 365 + 11 * 1.08 / 1.02)


def test_pupils_who_stay_when_a_partnerships_budget_has_ended_cost_the_council_their_part_of_a_place() -> None:
    budget = {date(2014, 9, 1): gbp(90_000), date(2017, 9, 1): gbp(0)}
    partnership = county().provisions["ap_east"].model_copy(update={"devolved_budget": budget})
    parameters = flat(provisions={**county().provisions, "ap_east": partnership})
    price = next(t for t in parameters.tariffs.values() if t.basis == "place_year" and t.applies_to == partnership.kind)
    share = parameters.quantities.alternative_provision.part_time_share.value
    years = [date(year, 9, 1) for year in range(2016, 2020)]
    run = one_stay(parameters, "ap_east", 380.0, 950.0)  # three whole years from September 2016
    code = run.names.index("ap_east")
    run.rows["places"].extend([(code, 0.0, 5), (code, 570.0, 0)])
    spent = spend_between(run.facts(), years) - spend_between(Run(parameters).facts(), years)
    beyond = spent.loc[partnership.line].to_list()
    assert beyond[0] == 0
    assert beyond[1:] == pytest.approx([price.value * share] * 2)

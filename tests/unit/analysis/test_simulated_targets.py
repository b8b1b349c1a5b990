"""From the measures of a run to figures comparable with what was published, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.analysis.calibration.simulated import denominators, simulated, simulated_each
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target
from tests.unit.analysis.made_targets import frame, published, target

PRIMARY = {"phase": "primary", "divided_by": "headcount", "per": 100}
TWO_YEARS = "2016/17 to 2017/18"
MEASURES = frame(
    ("2016/17", "suspensions", "all", "primary", 20.0),
    ("2017/18", "suspensions", "all", "primary", 30.0),
    ("2016/17", "suspensions", "all", "all", 60.0),
    ("2017/18", "suspensions", "all", "all", 90.0),
    ("Jan 2017", "recorded", "all", "primary", 50.0),
    ("Jan 2017", "census_roll", "special_school", "all", 190.0),
    ("Jan 2017", "waiting_census", "special_school", "all", 25.0),
    ("2016-17", "spend", "tuition_with_plan", "", 2e6),
    ("2016-17", "spend", "tuition_without_plan", "", 1e6),
    ("2016/17", "plans", "young", "all", 3.0),
    ("2017/18", "plans", "young", "all", 9.0),
    ("2016/17", "plans", "all", "all", 10.0),
    ("2017/18", "plans", "all", "all", 10.0),
)


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return published()


def value(one: Target, parameters: Parameters, measures: pd.DataFrame = MEASURES, **shares: float) -> float:
    return float(simulated({"it": one}, measures, shares, parameters)["it"])


def test_years_are_averaged_added_up_or_the_last_is_taken(parameters: Parameters) -> None:
    found = [value(target(periods=TWO_YEARS, over=over), parameters) for over in ("mean", "sum", "last")]
    assert found == [75.0, 150.0, 90.0]


def test_a_rate_is_divided_by_the_published_headcount_of_each_year(parameters: Parameters) -> None:
    rates = {over: value(target(periods=TWO_YEARS, over=over, **PRIMARY), parameters) for over in ("mean", "sum")}
    assert rates["mean"] == pytest.approx((2.0 + 1.0) / 2)
    assert rates["sum"] == pytest.approx(100 * 50 / 4_000)


def test_a_census_day_is_divided_by_the_headcount_of_its_academic_year(parameters: Parameters) -> None:
    one = target(measure="recorded", periods="Jan 2017", **PRIMARY)
    assert value(one, parameters) == pytest.approx(5.0)
    assert denominators(one, parameters).tolist() == [1_000.0]


def test_the_part_of_the_modelled_pupils_is_blown_up_to_all_pupils(parameters: Parameters) -> None:
    one = target(share="quantities/crisis/modelled_share_primary * ratio")
    of_county = parameters.quantities.crisis.modelled_share_primary.value
    assert value(one, parameters, ratio=0.8) == pytest.approx(60 / (of_county * 0.8))


def test_measures_are_added_up_and_so_are_provisions(parameters: Parameters) -> None:
    places = target(measure="census_roll + waiting_census", provision="special_school", periods="Jan 2017")
    assert value(places, parameters) == 215.0
    money = target(measure="spend", provision="tuition_with_plan + tuition_without_plan", periods="2016-17")
    assert value(money, parameters) == 3e6


def test_a_share_of_a_simulated_number_pools_its_years(parameters: Parameters) -> None:
    young = {"measure": "plans", "provision": "young", "divided_by": "plans", "periods": TWO_YEARS}
    assert value(target(over="sum", **young), parameters) == pytest.approx(0.6)
    assert value(target(over="mean", **young), parameters) == pytest.approx((0.3 + 0.9) / 2)


def test_a_target_of_which_a_run_has_no_figures_is_not_defined(parameters: Parameters) -> None:
    for one in (target(periods="2018/19"), target(periods="2015/16", **PRIMARY), target(provision="nowhere")):
        assert np.isnan(value(one, parameters))


def test_districts_are_not_taken_for_the_county(parameters: Parameters) -> None:
    west = MEASURES.assign(district="west", value=1e6)
    assert value(target(), parameters, pd.concat([west, MEASURES])) == 60.0


def test_the_order_of_the_targets_is_kept(parameters: Parameters) -> None:
    several = {name: target() for name in ("b", "c", "a")}
    assert list(simulated(several, MEASURES, {}, parameters).index) == ["b", "c", "a"]


def test_each_replication_is_set_against_the_shares_it_ran_with(parameters: Parameters) -> None:
    twice = pd.concat([MEASURES.assign(replication=4), MEASURES.assign(replication=2, value=MEASURES["value"] * 2)])
    one = {"it": target(share="part"), "other": target()}
    found = simulated_each(one, twice, lambda number: ({"part": 0.5 if number == 4 else 0.25}, parameters))
    assert found.index.tolist() == [2, 4]
    assert found["it"].tolist() == [480.0, 120.0]
    assert found["other"].tolist() == [120.0, 60.0]

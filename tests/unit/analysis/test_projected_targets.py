"""What the Markov projection says of targets, beside what is left empty because it cannot say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.analysis.calibration.forecasts import against_naive, mean_errors, naive_forecasts
from sim.analysis.calibration.projected import projected, projected_measures
from sim.analysis.calibration.table import target_table, with_markov
from sim.analysis.calibration.trials import held_after, until
from sim.measures import MEASURES
from sim.measures.tidy import COLUMNS
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target, Use
from tests.made_up import SAID
from tests.shipped_targets import county_and_targets


@pytest.fixture(scope="module")
def county() -> Parameters:
    return until(county_and_targets("exampleshire")[0], "2019/20")


def asked(measure: str, provision: str = "all", periods: str = "Jan 2019", **cells: object) -> Target:
    made = {"label": measure, "measure": measure, "provision": provision, "periods": periods, "value": 10}
    said = {"unit": "pupils", "error": "poisson", "discrepancy": 0.1, "use": "validate", **SAID}
    return Target.model_validate({**made, **said, **cells})


TARGETS = {
    "special": asked("census_roll", "special_school"),
    "special_and_waiting": asked("census_roll + waiting_census", "special_school"),
    "waiting": asked("waiting_census", "special_school"),
    "plans": asked("plans_census"),
    "plans_2020": asked("plans_census", periods="Jan 2020"),
    "plans_by_age": asked("plans_census_by_age"),
    "requests": asked("ehc_requests_calendar", periods="2019"),
    "requests_in_two_years": asked("ehc_requests", periods="2018/19 to 2019/20", over="sum"),
    "fees": asked("spend", "independent_fees", "2018-19"),
    "place_money": asked("spend", "place_funding", "2018-19"),
    "both": asked("spend", "independent_fees + place_funding", "2018-19"),
    "pupils_suspended": asked("pupils_suspended_mainstream", periods="2018/19"),
    "late": asked("plans_late_calendar", periods="2019"),
    "balance": asked("balance_in_year", periods="2018-19", error="normal", sd=1),
}
EMPTY = ("waiting", "place_money", "both", "pupils_suspended", "late", "balance")


@pytest.fixture(scope="module")
def found(county: Parameters) -> pd.Series:
    return projected(TARGETS, county, {})


def test_it_is_empty_where_it_cannot_say_and_only_there(found: pd.Series) -> None:
    assert found[found.isna()].index.tolist() == list(EMPTY)


def test_nobody_waits_so_that_those_in_or_waiting_are_those_in(found: pd.Series) -> None:
    assert found["special"] == found["special_and_waiting"] > 0


def test_a_calendar_year_lies_between_the_academic_years_that_it_touches(county: Parameters, found: pd.Series) -> None:
    table = projected_measures(county)
    requests = table[(table["measure"] == "ehc_requests") & (table["phase"] == "all")].set_index("period")["value"]
    low, high = sorted((requests["2018/19"], requests["2019/20"]))
    assert low < found["requests"] < high
    assert found["requests_in_two_years"] == pytest.approx(requests["2018/19"] + requests["2019/20"])


def test_its_measures_are_among_those_of_a_run_and_have_their_columns(county: Parameters) -> None:
    table = projected_measures(county)
    assert list(table.columns) == list(COLUMNS)
    assert set(table["measure"]) <= set(MEASURES)
    assert not table.duplicated([name for name in COLUMNS if name != "value"]).any()
    plans = table[(table["measure"] == "plans_census") & (table["period"] == "Jan 2019")].set_index("phase")["value"]
    assert plans["all"] == pytest.approx(plans["primary"] + plans["secondary"])


def test_it_takes_the_inputs_of_each_year_and_an_origin_holds_them(county: Parameters, found: pd.Series) -> None:
    loose = with_changes(county, {"yearly/refused_share/2019/20": 0.0, "yearly/ehc_request_factor/2019/20": 3.0})
    later = projected(TARGETS, loose, {})
    assert later["plans"] == found["plans"]
    assert later["plans_2020"] > found["plans_2020"]
    held = projected(TARGETS, held_after(loose, "2018/19"), {})
    assert held["plans_2020"] == projected(TARGETS, held_after(county, "2018/19"), {})["plans_2020"]


def test_the_share_of_pupils_modelled_scales_it(county: Parameters) -> None:
    half = {"plans": asked("plans_census", share="semh_share_of_plans")}
    whole = projected({"plans": asked("plans_census")}, county, {})["plans"]
    assert projected(half, county, {"semh_share_of_plans": 0.5})["plans"] == pytest.approx(2 * whole)


def test_it_stands_in_the_table_of_targets_and_in_the_comparison_of_forecasts(
    county: Parameters, found: pd.Series
) -> None:
    mine = {name: TARGETS[name] for name in ("special", "plans", "late")}
    assert all(target.use is Use.VALIDATE for target in mine.values())
    runs = pd.DataFrame({name: [20.0, 20.0] for name in mine})
    table = with_markov(target_table(mine, runs, county), found)
    names = list(table.columns)
    assert names.index("markov") == names.index("simulated_high") + 1
    compared = against_naive(table, naive_forecasts(mine))
    assert compared["markov"].isna().tolist() == [False, False, True]
    assert compared.loc["plans", "error_markov"] == pytest.approx(found["plans"] / 10 - 1)
    error = np.mean([abs(found[name] / 10 - 1) for name in ("special", "plans")])
    assert mean_errors(compared).loc["markov"].tolist() == pytest.approx([2, 1.0, error])


def test_without_a_projection_the_comparison_has_an_empty_column(county: Parameters) -> None:
    mine = {"plans": TARGETS["plans"]}
    compared = against_naive(target_table(mine, pd.DataFrame({"plans": [20.0]}), county), naive_forecasts(mine))
    assert compared["markov"].isna().all()
    assert mean_errors(compared).loc["markov", "figures"] == 0

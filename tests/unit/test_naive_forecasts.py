"""Forecasts that anybody could make, worked out by hand."""

import pandas as pd
import pytest

from sim.analysis.calibration.forecasts import against_naive, mean_errors, naive_forecasts
from sim.parameters.targets import Target


def target(year: str, value: float, use: str = "calibrate", provision: str = "all") -> Target:
    return Target.model_validate(
        {
            "label": f"Requests, {year}",
            "measure": "ehc_requests",
            "provision": provision,
            "periods": year,
            "value": value,
            "unit": "requests",
            "error": "poisson",
            "discrepancy": 0.1,
            "use": use,
            "grade": "judgement",
            "source": "none",
            "year": year,
        }
    )


TARGETS = {
    "first": target("2015/16", 100),
    "second": target("2016/17", 130),
    "third": target("2017/18", 130, use="context"),
    "other": target("2017/18", 999, provision="special_school"),
    "held_out": target("2018/19", 200, use="validate"),
    "alone": target("2018/19", 50, use="validate", provision="tuition_with_plan"),
}


def test_the_last_value_is_that_of_the_latest_year_before() -> None:
    assert naive_forecasts(TARGETS).loc["held_out", "last"] == 130


def test_the_trend_is_the_least_squares_line_through_all_earlier_years() -> None:
    # slope 15 a year through the mean of 120 in 2016/17; two years on: 150
    assert naive_forecasts(TARGETS).loc["held_out", "trend"] == pytest.approx(150)


def test_two_figures_make_no_trend() -> None:
    two = {name: TARGETS[name] for name in ("first", "second", "held_out")}
    row = naive_forecasts(two).loc["held_out"]
    assert (row["last"], row["figures"]) == (130, 2)
    assert pd.isna(row["trend"])


def test_a_figure_of_the_years_held_out_is_no_history() -> None:
    later = {**TARGETS, "held_out": target("2016/17", 130, use="validate")}
    assert naive_forecasts(later).loc["held_out", "last"] == 100


def test_a_target_without_earlier_figures_has_no_naive_forecast() -> None:
    row = naive_forecasts(TARGETS).loc["alone"]
    assert row["figures"] == 0
    assert pd.isna(row["last"])


def test_errors_are_shares_of_what_was_observed() -> None:
    table = pd.DataFrame(
        {"label": ["a", "b"], "observed": [200.0, 50.0], "simulated": [180.0, 60.0]},
        index=pd.Index(["held_out", "alone"], name="target"),
    )
    compared = against_naive(table, naive_forecasts(TARGETS))
    assert compared.loc["held_out", "error_model"] == pytest.approx(-0.1)
    assert compared.loc["held_out", "error_last"] == pytest.approx(-0.35)
    assert compared.loc["held_out", "error_trend"] == pytest.approx(-0.25)
    assert mean_errors(compared) == pytest.approx({"model": 0.1, "last": 0.35, "trend": 0.25})

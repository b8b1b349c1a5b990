"""Rows that cannot be meant are refused where they are read, in words that say what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from sim.parameters.schema import Horizon, Parameters, YearlySeries


@pytest.mark.parametrize(
    ("table", "row", "changes", "said"),
    [
        (
            "effects",
            "panel_suspension",
            {"given_by": "special_school"},
            "special_school is a placement; allowed are district_team",
        ),
        (
            "effects",
            "panel_suspension",
            {"given_by": "everyone", "target": "not_returning"},
            "an effect given to everyone acts on a rate; change routes.csv",
        ),
        (
            "effects",
            "trained_suspension",
            {"cases": "crisis"},
            "cases can be narrowed only for an effect given by support",
        ),
        (
            "effects",
            "panel_suspension",
            {"placement": "mainstream"},
            "placement and record can be narrowed only for an effect given to everyone",
        ),
        (
            "effects",
            "trained_suspension",
            {"record": "plan"},
            "placement and record can be narrowed only for an effect given to everyone",
        ),
        ("onset", None, {"first_year_group": "Y9", "last_year_group": "Y3"}, "first_year_group Y9 comes after Y3"),
        ("onset", None, {"first_year_group": "Y12"}, "Y12"),
        (
            "tariffs",
            None,
            {"basis": "taught_hour", "hours_per_week": 0.0, "weeks_per_year": 38.0},
            "needs hours_per_week and weeks_per_year above 0",
        ),
        ("tariffs", None, {"price_base": "lately"}, "lately"),
        ("rates", None, {"low": 0.0, "distribution": "lognormal"}, "a lognormal figure is above 0"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(
    exampleshire: Parameters, table: str, row: str | None, changes: dict[str, Any], said: str
) -> None:
    rows = getattr(exampleshire, table)
    found = rows[row] if row else next(iter(rows.values()))
    data = found.model_dump(mode="json")
    assert type(found).model_validate(data) == found
    with pytest.raises(ValueError, match=said):
        type(found).model_validate(data | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"low": -1.0}, "low is -1; a duration cannot be negative"),
        ({"law": "gamma", "cv": 0.0}, "law gamma needs a coefficient of variation above 0; found 0"),
        ({"law": "lognormal", "cv": 0.0}, "law lognormal needs a coefficient of variation above 0"),
    ],
)
def test_a_duration_that_cannot_be_drawn_is_refused(
    exampleshire: Parameters, changes: dict[str, Any], said: str
) -> None:
    _, duration = next(iter(exampleshire.durations))
    with pytest.raises(ValueError, match=said):
        type(duration).model_validate(duration.model_dump(mode="json") | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"baseline_academic_year": "2009/10"}, "years must be in order: first 2011/12, baseline 2009/10, last"),
        ({"last_academic_year": "2012/13"}, "years must be in order"),
        ({"study_start": "2011-08-31"}, "study_start 2011-08-31 lies outside the academic years of the run"),
        ({"study_start": "2024-09-01"}, "study_start 2024-09-01 lies outside the academic years of the run"),
    ],
)
def test_a_horizon_whose_years_are_out_of_order_is_refused(
    exampleshire: Parameters, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Horizon.model_validate(exampleshire.horizon.model_dump(mode="json") | changes)


def test_the_study_may_start_on_the_first_and_on_the_last_day_of_the_run(exampleshire: Parameters) -> None:
    data = exampleshire.horizon.model_dump(mode="json")
    for day in ("2011-09-01", "2024-08-31"):
        assert str(Horizon.model_validate(data | {"study_start": day}).study_start) == day


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ({}, "needs at least one academic year"),
        ({"value": 1.5, "high": 1.5}, "2011/12: value is 1.5; allowed is 0 to 1 share"),
        ({"unit": "pupils"}, "2011/12: unit is 'pupils'; allowed is 'share'"),
    ],
)
def test_a_yearly_series_out_of_bounds_is_refused_with_its_year(
    exampleshire: Parameters, series: dict[str, Any], said: str
) -> None:
    data = exampleshire.yearly.model_dump(mode="json")
    first = next(iter(data["refused_share"].values()))
    made = {"2011/12": first | series} if series else {}
    with pytest.raises(ValueError, match=said):
        YearlySeries.model_validate(data | {"refused_share": made})

"""The printed table: years put together within a replication first, rows in plain words, nothing rows left out."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.analysis.comparison import headline, headline_rows, over_study, paired_differences
from sim.measures import MEASURES
from sim.results import Results
from tests.made_up import Run

LINES = {"fees": "Independent fees", "bases": "Resource bases", "unused": "A line without spend"}
START = date(2019, 9, 1)


def rows(measure: str, provision: str, values: dict[str, dict[str, list[float]]], phase: str = "all") -> pd.DataFrame:
    """Return tidy rows: scenario -> period -> value of each replication."""
    district = "" if measure.startswith(("spend", "balance")) else "all"
    return pd.DataFrame(
        [
            (scenario, replication, period, measure, provision, phase, district, value)
            for scenario, periods in values.items()
            for period, found in periods.items()
            for replication, value in enumerate(found)
        ],
        columns=["scenario", "replication", "period", "measure", "provision", "phase", "district", "value"],
    )


def results_of(*parts: pd.DataFrame) -> Results:
    provenance = {
        "scenarios": [{"name": "baseline"}, {"name": "bases"}],
        "lines": LINES,
        "horizon": {"study_start": START.isoformat()},
    }
    return Results(pd.concat(parts, ignore_index=True), provenance)


ROLL = rows(
    "mean_roll",
    "special_school",
    {
        "baseline": {"2018/19": [900, 900], "2019/20": [100, 120], "2020/21": [110, 130]},
        "bases": {"2018/19": [900, 900], "2019/20": [99, 118], "2020/21": [107, 126]},
    },
)
FEES = rows(
    "spend",
    "fees",
    {
        "baseline": {"2018-19": [7e6, 7e6], "2019-20": [4e6, 5e6], "2020-21": [6e6, 6e6]},
        "bases": {"2018-19": [7e6, 7e6], "2019-20": [4e6, 5e6], "2020-21": [5e6, 4e6]},
    },
    phase="",
)


def row_of(table: pd.DataFrame, quantity: str, group: str | None = None) -> pd.Series:
    found = table[(table["quantity"] == quantity) & ((table["group"] == group) | (group is None))]
    assert len(found) == 1
    return found.iloc[0]


def test_rolls_are_averaged_over_the_years_of_the_study_before_replications_are_paired() -> None:
    row = row_of(headline(results_of(ROLL, FEES)), "Special school")
    assert (row["baseline_mean"], row["scenario_mean"]) == (115, 112.5)
    assert row["difference"] == -2.5
    spread = np.std([-2.0, -3.0], ddof=1) / 2**0.5
    assert row["high"] - row["difference"] == pytest.approx(12.706 * spread, rel=1e-4)
    assert row["period"] == "mean of 2019/20 to 2020/21"


def test_money_is_added_up_from_the_financial_year_in_which_the_study_starts() -> None:
    table = headline(results_of(ROLL, FEES))
    total = row_of(table, "Independent fees", "Spend over the study")
    assert (total["baseline_mean"], total["difference"]) == (10.5e6, -1.5e6)
    assert total["period"] == "total of 2019-20 to 2020-21"
    yearly = row_of(table, "Independent fees", "Spend a year")
    assert yearly["difference"] == -0.75e6


def test_the_balance_is_that_of_the_last_year() -> None:
    balance = rows(
        "balance_cumulative",
        "",
        {
            "baseline": {"2019-20": [-1e6, -1e6], "2020-21": [-5e6, -6e6]},
            "bases": {"2019-20": [-2e6, -2e6], "2020-21": [-5e6, -7e6]},
        },
        phase="",
    )
    row = row_of(headline(results_of(ROLL, FEES, balance)), "Cumulative balance")
    assert (row["baseline_mean"], row["difference"], row["period"]) == (-5.5e6, -0.5e6, "2020-21")


def test_rows_with_nothing_in_either_scenario_are_left_out() -> None:
    nothing = rows("spend", "unused", {name: {"2019-20": [0.0, 0.0]} for name in ("baseline", "bases")}, phase="")
    new = rows("spend", "bases", {"baseline": {"2019-20": [0.0, 0.0]}, "bases": {"2019-20": [1.0, 1.0]}}, phase="")
    quantities = set(headline(results_of(ROLL, FEES, nothing, new))["quantity"])
    assert "A line without spend" not in quantities
    assert "Resource bases" in quantities


def test_years_without_a_value_are_left_out_of_a_mean() -> None:
    waits = rows("wait_days", "special_school", {"baseline": {"2019/20": [10.0, np.nan], "2020/21": [30.0, 50.0]}})
    joined = over_study(waits, START, "mean")
    assert list(joined["value"]) == [20, 50]
    assert joined["period"].unique().tolist() == ["mean of 2019/20 to 2020/21"]


def test_what_never_had_a_value_stays_undefined_when_added_up() -> None:
    waits = rows("wait_days", "special_school", {"baseline": {"2019/20": [np.nan, 1.0], "2020/21": [np.nan, 2.0]}})
    found = over_study(waits, START, "sum")["value"]
    assert np.isnan(found.iloc[0])
    assert found.iloc[1] == 3


def test_years_before_the_study_census_days_and_districts_are_left_out() -> None:
    days = rows("census_roll", "special_school", {"baseline": {"Jan 2020": [1.0], "2019/20": [2.0], "2018/19": [4.0]}})
    one_district = days.assign(district="east", value=8.0)
    assert list(over_study(pd.concat([days, one_district]), START, "sum")["value"]) == [2.0]


def test_a_study_that_starts_within_a_year_takes_whole_academic_years_only() -> None:
    found = over_study(ROLL, date(2020, 1, 6), "mean")
    assert found["period"].unique().tolist() == ["mean of 2020/21"]


def test_paired_differences_take_results_or_their_measures() -> None:
    results = results_of(ROLL)
    one, other = paired_differences(results, "bases"), paired_differences(results.measures, "bases")
    pd.testing.assert_frame_equal(one, other)
    assert list(one["difference"]) == [0, -1.5, -3.5]


def test_every_row_of_the_table_is_a_measure_that_exists() -> None:
    facts = Run().facts()
    wanted = headline_rows({name: name for name in facts.parameters.lines})
    for row in wanted:
        table = MEASURES[row.measure](facts)
        found = table[(table["provision"] == row.provision) & (table["phase"] == row.phase)]
        assert not found.empty, row
    assert len({(row.group, row.quantity) for row in wanted}) == len(wanted)


def test_a_study_without_a_whole_year_is_refused_in_words() -> None:
    before = rows("mean_roll", "special_school", {name: {"2018/19": [1.0, 2.0]} for name in ("baseline", "bases")})
    with pytest.raises(ValueError, match="no whole year"):
        headline(results_of(before))

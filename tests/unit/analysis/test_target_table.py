"""The table of published against simulated figures, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.analysis.calibration.table import FEWEST, POINTS, coverage, predicted, target_table
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target
from tests.unit.analysis.made_targets import published, target

NORMAL = {"error": "normal", "sd": 3.0, "value": 80}


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return published()


def runs(**values: object) -> pd.DataFrame:
    return pd.DataFrame(values)


def one_row(one: Target, values: object, parameters: Parameters, **more: object) -> pd.Series:
    return target_table({"it": one}, runs(it=values), parameters, **more).loc["it"]


def test_a_row_holds_what_was_published_and_what_was_simulated(parameters: Parameters) -> None:
    row = one_row(target(value=24), np.arange(101.0), parameters)
    assert (row["observed"], row["simulated"], row["runs"]) == (24, 50.0, 101)
    assert (row["observed_low"], row["observed_high"]) == pytest.approx((15.377, 35.710), abs=5e-4)
    assert (row["simulated_low"], row["simulated_high"]) == pytest.approx((5.0, 95.0))
    assert row["inside"] is np.True_ or row["inside"] is True


def test_the_range_of_another_level_is_narrower(parameters: Parameters) -> None:
    row = one_row(target(value=24), np.arange(101.0), parameters, level=0.5)
    assert (row["simulated_low"], row["simulated_high"]) == pytest.approx((25.0, 75.0))
    assert not row["inside"]


def test_the_error_of_an_estimate_widens_the_range(parameters: Parameters) -> None:
    row = one_row(target(**NORMAL), np.full(FEWEST, 80.0), parameters)
    reach = 3 * stats.norm.ppf(0.95)
    assert (row["simulated_low"], row["simulated_high"]) == pytest.approx((80 - reach, 80 + reach), rel=2e-3)


def test_the_chance_of_a_count_is_added_to_means_and_not_to_runs_that_have_it(parameters: Parameters) -> None:
    values = np.full(FEWEST, 9.0)
    assert predicted(target(), values, parameters).tolist() == values.tolist()
    chance = predicted(target(), values, parameters, are_means=True)
    assert len(chance) == FEWEST * len(POINTS)
    assert np.quantile(chance, [0.05, 0.95]).tolist() == stats.poisson.ppf([0.05, 0.95], 9).tolist()


def test_values_laid_out_around_a_mean_have_its_moments(parameters: Parameters) -> None:
    rate = target(phase="primary", divided_by="headcount", per=100)
    share = target(error="binomial", trials=50, value=0.2, divided_by="plans")
    for one, mean, variance in ((rate, 2.0, 20 / 100), (share, 0.2, 0.16 / 50), (target(**NORMAL), 70.0, 9.0)):
        around = predicted(one, np.array([mean]), parameters, are_means=True)
        assert around.mean() == pytest.approx(mean, rel=0.01)
        assert around.var() == pytest.approx(variance, rel=0.05)


def test_the_distance_counts_discrepancy_and_how_well_the_mean_of_the_runs_is_known(parameters: Parameters) -> None:
    values = np.tile([9.0, 15.0], 20)
    row = one_row(target(value=20, discrepancy=0.1), values, parameters)
    assert row["distance"] == pytest.approx(8 / (12 + 4 + values.var(ddof=1) / 40) ** 0.5)
    single = one_row(target(value=20, discrepancy=0.1), [12.0], parameters)
    assert single["distance"] == pytest.approx(2.0)


def test_few_runs_and_context_are_shown_and_not_scored(parameters: Parameters) -> None:
    assert pd.isna(one_row(target(), np.full(FEWEST - 1, 20.0), parameters)["inside"])
    assert pd.isna(one_row(target(use="context"), np.full(FEWEST, 20.0), parameters)["inside"])
    assert one_row(target(), np.full(FEWEST, 20.0), parameters)["inside"]


def test_runs_without_a_figure_are_left_out(parameters: Parameters) -> None:
    row = one_row(target(), [np.nan, 20.0, 30.0], parameters)
    assert (row["runs"], row["simulated"]) == (2, 25.0)
    nothing = one_row(target(), [np.nan], parameters)
    assert (nothing["runs"], pd.isna(nothing["inside"]), np.isnan(nothing["simulated"])) == (0, True, True)


def test_coverage_counts_what_is_scored_by_use_and_in_all(parameters: Parameters) -> None:
    targets = {
        "near": target(),
        "far": target(value=90),
        "held_out": target(use="validate"),
        "shown": target(use="context"),
    }
    found = coverage(target_table(targets, runs(**dict.fromkeys(targets, np.arange(15.0, 36.0))), parameters))
    assert found["targets"].to_dict() == {"calibrate": 2, "validate": 1, "all": 3}
    assert found["inside"].to_dict() == {"calibrate": 1, "validate": 1, "all": 2}
    assert found["share"].tolist() == pytest.approx([0.5, 1.0, 2 / 3])


def test_coverage_of_nothing_scored_is_not_defined(parameters: Parameters) -> None:
    found = coverage(target_table({"it": target()}, runs(it=[20.0]), parameters))
    assert found["targets"].to_dict() == {"all": 0}
    assert np.isnan(found.loc["all", "share"])

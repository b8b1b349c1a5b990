"""Summaries: intervals, pairing, units."""

import numpy as np
import pytest

from sim.report import frames
from sim.results import mean_with_interval


def test_the_quick_interval_is_the_one_of_results():
    values = np.random.default_rng(3).normal(5, 2, 12)
    expected = mean_with_interval(values[None, :], 0.95).iloc[0]
    assert frames.interval_of_mean(values) == pytest.approx((expected["low"], expected["high"]))


def test_one_value_has_an_interval_of_no_width():
    assert frames.interval_of_mean([4.0]) == (4.0, 4.0)


def test_changes_are_paired_so_that_the_same_change_in_every_replication_has_no_error(results):
    changes = frames.changes_of(results, "open_bases").set_index("quantity")
    row = changes.loc["Independent special"]
    assert (row["difference"], row["low"], row["high"]) == pytest.approx((-2.0, -2.0, -2.0))


def test_money_is_told_in_thousands_of_pounds(results):
    changes = frames.changes_of(results, "open_bases")
    bases = changes[(changes["quantity"] == "Primary bases") & (changes["group"] == "Spend a year")].iloc[0]
    assert bases["difference"] == pytest.approx(900.0)
    assert bases["unit"].startswith("£ thousand")


def test_changes_by_year_start_in_the_year_asked_for(results):
    found = frames.changes_by_year(results.measures, "open_bases", "spend", 2019)
    assert found["year"].min() == 2019
    fees = found[(found["provision"] == "independent_fees") & (found["period"] == "2024-25")].iloc[0]
    assert fees["difference"] == pytest.approx(-1.2e5)


def test_levels_hold_the_range_of_futures_beside_the_interval_of_the_mean(results):
    levels = frames.levels_of(results, 2018).set_index("quantity")
    row = levels.loc["Special school"]
    assert row["p10"] < row["low"] < row["mean"] < row["high"] < row["p90"]


def test_panels_split_quantities_of_different_size_and_name_their_unit(results):
    titles = [title for title, _ in frames.panels_of(frames.changes_of(results, "open_bases"))]
    assert len(titles) == 5
    assert titles[2].startswith("Permanent exclusions (number a year")


def test_an_unknown_measure_is_refused_with_the_measures_there_are(results):
    with pytest.raises(ValueError, match=r"mean_rol.*mean_roll"):
        frames.rows_of(results.measures, "mean_rol")


def test_a_line_without_a_label_is_drawn_under_its_own_name(results):
    spend = frames.spend_rows(results.measures)
    assert list(frames.lines_in_use(spend, {"bases": "Primary bases"}).values()) == [
        frames.BLOCK_LABEL,
        "Primary bases",
        "Independent fees",
        "Start up",
    ]

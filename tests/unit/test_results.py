"""Results: paired differences with intervals, undefined values, saving and loading."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from sim.results import Results, interval_name, mean_with_interval, paired_differences, wide


def tidy(values: dict[str, list[float]], measure: str = "mean_roll") -> pd.DataFrame:
    """Return tidy rows of one measure: scenario -> value of each replication."""
    return pd.DataFrame(
        [
            (scenario, replication, "2019/20", measure, "special_school", "all", "all", value)
            for scenario, found in values.items()
            for replication, value in enumerate(found)
        ],
        columns=["scenario", "replication", "period", "measure", "provision", "phase", "district", "value"],
    )


def results_of(measures: pd.DataFrame) -> Results:
    scenarios = [{"name": name} for name in dict.fromkeys(measures["scenario"])]
    tables = {scenario["name"]: pa.table({"replication": [0], "pupil": ["2012-Y3-1"]}) for scenario in scenarios}
    facts = {scenario["name"]: {"spells": pa.table({"start": [0.5]})} for scenario in scenarios}
    return Results(measures, {"scenarios": scenarios}, tables, facts)


BASE, OTHER = [100.0, 140.0, 90.0, 130.0], [103.0, 142.0, 95.0, 134.0]


def test_differences_are_paired_by_replication() -> None:
    row = paired_differences(tidy({"baseline": BASE, "more": OTHER}), "more", "baseline").iloc[0]
    changes = np.subtract(OTHER, BASE)
    low, high = stats.t.interval(0.95, 3, changes.mean(), stats.sem(changes))
    assert row["difference"] == pytest.approx(changes.mean())
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    assert (row["baseline_mean"], row["scenario_mean"]) == (115, 118.5)
    assert row["replications"] == 4
    unpaired = stats.ttest_ind(OTHER, BASE).confidence_interval()
    assert row["high"] - row["low"] < (unpaired.high - unpaired.low) / 10


def test_the_order_of_the_rows_does_not_matter() -> None:
    measures = tidy({"baseline": BASE, "more": OTHER})
    shuffled = measures.sample(frac=1, random_state=4)
    one, other = (paired_differences(table, "more", "baseline").iloc[0] for table in (measures, shuffled))
    assert one["difference"] == pytest.approx(other["difference"])
    assert one["low"] == pytest.approx(other["low"])


def test_a_wider_level_gives_a_wider_interval() -> None:
    measures = tidy({"baseline": BASE, "more": OTHER})
    rows = [paired_differences(measures, "more", "baseline", level).iloc[0] for level in (0.5, 0.95, 0.99)]
    widths = [row["high"] - row["low"] for row in rows]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draws = np.random.default_rng(8).normal(3.0, 2.0, size=(4000, 6))
    found = mean_with_interval(draws, 0.9)
    covered = ((found["low"] < 3.0) & (found["high"] > 3.0)).mean()
    assert abs(covered - 0.9) < 4 * (0.9 * 0.1 / 4000) ** 0.5


def test_pairs_without_a_value_are_left_out_of_both_means() -> None:
    values = {"baseline": [10.0, np.nan, 30.0], "more": [12.0, 999.0, 34.0]}
    row = paired_differences(tidy(values, "wait_days"), "more", "baseline").iloc[0]
    assert (row["baseline_mean"], row["scenario_mean"], row["difference"]) == (20, 23, 3)
    assert row["replications"] == 2


def test_one_replication_has_a_difference_but_no_interval() -> None:
    row = paired_differences(tidy({"baseline": [1.0], "more": [4.0]}), "more", "baseline").iloc[0]
    assert row["difference"] == 3
    assert np.isnan(row["low"])
    assert np.isnan(row["high"])


def test_what_never_has_a_value_has_no_difference() -> None:
    row = paired_differences(tidy({"baseline": [np.nan] * 2, "more": [np.nan] * 2}), "more", "baseline").iloc[0]
    assert np.isnan(row["difference"])
    assert row["replications"] == 0


def test_no_change_is_exactly_no_change() -> None:
    row = paired_differences(tidy({"baseline": BASE, "same": BASE}), "same", "baseline").iloc[0]
    assert (row["difference"], row["low"], row["high"]) == (0, 0, 0)


def test_every_scenario_is_compared_with_the_first() -> None:
    results = results_of(tidy({"baseline": BASE, "more": OTHER, "same": BASE}))
    found = results.differences()
    assert list(found["scenario"]) == ["more", "same"]
    assert list(found["difference"]) == [3.5, 0]
    assert found.columns[0] == "scenario"


def test_a_single_scenario_has_no_differences_but_means_with_intervals() -> None:
    results = results_of(tidy({"baseline": BASE}))
    assert results.differences().empty
    row = results.means("baseline").iloc[0]
    low, high = stats.t.interval(0.95, 3, np.mean(BASE), stats.sem(BASE))
    assert (row["mean"], row["low"], row["high"]) == (115, pytest.approx(low), pytest.approx(high))


def test_the_interval_is_named_in_words() -> None:
    assert interval_name(0.95) == "95% interval of the mean difference"
    assert interval_name(0.9) == "90% interval of the mean difference"


def test_an_unknown_scenario_is_named_with_those_there_are() -> None:
    results = results_of(tidy({"baseline": BASE, "more": OTHER}))
    with pytest.raises(ValueError, match="'less'; there are results of baseline, more"):
        wide(results.measures, "less")
    with pytest.raises(ValueError, match="'less'; there is baseline, more"):
        results.pupils("less")


def test_results_come_back_as_they_were_saved(tmp_path: Path) -> None:
    results = results_of(tidy({"baseline": BASE, "more": [*OTHER[:3], np.nan]}))
    loaded = Results.load(results.save(tmp_path / "run"))
    pd.testing.assert_frame_equal(loaded.measures, results.measures, check_exact=True)
    assert loaded.scenarios == ("baseline", "more")
    for scenario in loaded.scenarios:
        pd.testing.assert_frame_equal(loaded.pupils(scenario), results.pupils(scenario))
        pd.testing.assert_frame_equal(loaded.recorded("spells", scenario), results.recorded("spells", scenario))


def test_a_folder_without_run_json_is_unfinished(tmp_path: Path) -> None:
    results_of(tidy({"baseline": BASE})).save(tmp_path)
    (tmp_path / "run.json").unlink()
    with pytest.raises(FileNotFoundError, match="holds no finished results"):
        Results.load(tmp_path)


def test_no_part_files_are_left_behind(tmp_path: Path) -> None:
    results_of(tidy({"baseline": BASE})).save(tmp_path)
    assert not list(tmp_path.rglob("*.part"))


def test_results_are_replaced_not_changed() -> None:
    results = results_of(tidy({"baseline": BASE}))
    changed = results.with_(measures=results.measures.assign(value=0.0))
    assert (changed.measures["value"] == 0).all()
    assert list(results.measures["value"]) == BASE


def test_keys_may_be_categories_or_text() -> None:
    text = tidy({"baseline": BASE, "more": OTHER})
    keys = ["scenario", "period", "measure", "provision", "phase", "district"]
    categories = text.astype(dict.fromkeys(keys, "category"))
    found = [paired_differences(table, "more", "baseline") for table in (text, categories)]
    columns = ["difference", "low", "high", "replications"]
    pd.testing.assert_frame_equal(found[0][columns], found[1][columns])

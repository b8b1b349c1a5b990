"""Waterfalls: simple effects and an interaction that add up, whatever the order in which parts are named."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.analysis.waterfall import BASELINE, COMBINATION, INTERACTION, PART, TOGETHER, waterfall
from sim.results import Results
from tests.unit.analysis.made_results import LINES, YEARS, changed, results_of

NAMES = ("bases", "team", "training", "panel")


def made(replications: int = 6) -> Results:
    rng = np.random.default_rng(2)
    base = {line: {year: list(rng.uniform(1e6, 9e6, replications)) for year in YEARS} for line in LINES}

    def moved() -> dict[tuple[str, str], list[float]]:
        return {(line, year): list(rng.normal(-1e5, 3e5, replications)) for line in LINES for year in YEARS[1:]}

    return results_of({"baseline": base, **{name: changed(base, moved()) for name in (*NAMES, "all")}})


RESULTS = made()


def of_study(scenario: str) -> np.ndarray:
    """Return spend of the block over the study, by replication."""
    rows = RESULTS.measures
    mine = rows[(rows["scenario"] == scenario) & (rows["provision"] == "in_block") & (rows["period"] != "2018-19")]
    return mine.groupby("replication")["value"].sum().to_numpy()


def test_steps_add_up_from_the_baseline_to_the_combination() -> None:
    steps = waterfall(RESULTS, NAMES, "all").set_index("kind")["mean"]
    assert steps[PART].sum() + steps[INTERACTION] == pytest.approx(steps[TOGETHER], rel=1e-9, abs=1e-9)
    assert steps[BASELINE] + steps[TOGETHER] == pytest.approx(steps[COMBINATION], rel=1e-12)


def test_each_step_is_a_paired_difference_with_the_interval_of_its_mean() -> None:
    steps = waterfall(RESULTS, NAMES, "all").set_index(["kind", "step"])
    effects = {name: of_study(name) - of_study("baseline") for name in (*NAMES, "all")}
    mixed = effects["all"] - sum(effects[name] for name in NAMES)
    for key, values in {
        (PART, "team"): effects["team"],
        (INTERACTION, ""): mixed,
        (TOGETHER, "all"): effects["all"],
    }.items():
        row = steps.loc[key]
        half = stats.t.ppf(0.975, 5) * stats.sem(values)
        assert row["mean"] == pytest.approx(values.mean())
        assert (row["low"], row["high"]) == (pytest.approx(row["mean"] - half), pytest.approx(row["mean"] + half))
        assert row["replications"] == 6
    assert set(steps["period"]) == {"total of 2019-20 to 2021-22"}


def test_the_order_of_the_parts_changes_no_bit() -> None:
    first = waterfall(RESULTS, NAMES, "all").set_index(["kind", "step"])
    for order in itertools.permutations(NAMES):
        other = waterfall(RESULTS, order, "all").set_index(["kind", "step"])
        pd.testing.assert_frame_equal(other.loc[first.index], first, check_exact=True)
        assert [step for kind, step in other.index if kind == PART] == list(order)


def test_one_part_by_itself_has_no_interaction() -> None:
    twins = results_of(
        {
            "baseline": (base := {line: {year: [1.0, 2.0] for year in YEARS} for line in LINES}),
            "one": (more := changed(base, {("fees", "2020-21"): [3.0, 4.0]})),
            "same": more,
        }
    )
    steps = waterfall(twins, ["one"], "same").set_index("kind")["mean"]
    assert (steps[PART], steps[INTERACTION]) == (3.5, 0)


def test_other_measures_and_ways_of_putting_years_together() -> None:
    steps = waterfall(RESULTS, ["team", "panel"], "all", "spend", "fees", over="last")
    assert set(steps["period"]) == {"2021-22"}


def test_one_replication_has_no_interval() -> None:
    steps = waterfall(made(1), NAMES, "all")
    assert steps["mean"].notna().all()
    assert steps[["low", "high"]].isna().all(axis=None)


def test_a_replication_without_a_value_somewhere_is_left_out_of_every_step() -> None:
    rows = RESULTS.measures
    hole = (rows["scenario"] == "panel") & (rows["replication"] == 3)
    steps = waterfall(RESULTS.with_(measures=rows[~hole]), NAMES, "all")
    assert set(steps["replications"]) == {5}


@pytest.mark.parametrize(
    ("parts", "whole", "words"),
    [
        (["team", "tutors"], "all", "no results of tutors; the scenarios besides the baseline are bases, team"),
        (["team"], "everything", "no results of everything"),
        (["team", "team"], "all", "named once each"),
        (["team", "all"], "all", "named once each"),
        ([], "all", "found none"),
    ],
)
def test_a_scenario_that_is_missing_or_named_twice_is_refused(parts: list[str], whole: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        waterfall(RESULTS, parts, whole)


def test_a_measure_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole year of rolls"):
        waterfall(RESULTS, NAMES, "all", "rolls")

"""Paired differences with parameters drawn: pairs come first, then means of draws, then the interval."""

import numpy as np
import pandas as pd
import pytest

from sim.measures.tidy import COLUMNS
from sim.results import means_of_draws, paired_differences

GAIN = 2.0


def rows(scenario: str, values: np.ndarray) -> pd.DataFrame:  # type: ignore[type-arg]
    number = len(values)
    keys = dict.fromkeys(COLUMNS[:-1], "x")
    return pd.DataFrame({"scenario": scenario, "replication": range(number), **keys, "value": values})


@pytest.mark.parametrize("per_draw", [1, 2, 3, 5])
def test_an_exact_change_stays_exact_where_a_scenario_has_gaps(per_draw: int) -> None:
    random = np.random.default_rng(4)
    before = random.normal(20.0, 8.0, 60)
    after = np.where(random.random(60) < 0.3, np.nan, before + GAIN)
    measures = pd.concat([rows("baseline", before), rows("policy", after)])
    found = paired_differences(measures, "policy", "baseline", 0.95, per_draw).iloc[0]
    assert found[["difference", "low", "high"]].tolist() == pytest.approx([GAIN] * 3)
    assert found["scenario_mean"] - found["baseline_mean"] == pytest.approx(GAIN)


def test_a_draw_without_any_pair_is_left_out_and_not_counted() -> None:
    measures = pd.concat(
        [rows("baseline", np.array([1.0, 2.0, 3.0, 5.0])), rows("policy", np.array([np.nan, np.nan, 4.0, 7.0]))]
    )
    found = paired_differences(measures, "policy", "baseline", 0.95, 2).iloc[0]
    assert (found["difference"], found["replications"]) == (1.5, 1)


def test_replications_of_a_draw_weigh_together_as_one() -> None:
    values = np.array([[1.0, 3.0, 10.0, np.nan]])
    assert means_of_draws(values, np.arange(4), 2).tolist() == [[2.0, 10.0]]

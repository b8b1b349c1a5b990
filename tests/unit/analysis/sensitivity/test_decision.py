"""The decision that results with draws are about: net costs by draw and replication, beside the figures drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.analysis.sensitivity.decision import decision_of
from sim.results import Results
from tests.unit.analysis.made_results import changed, level, results_of

FIGURES = [
    (0, "rates/recur", 0.2, 0.05),
    (0, "together/fees", 0.7, np.nan),
    (0, "shares/plans", np.nan, 0.2),
    (1, "rates/recur", 0.9, 0.12),
    (1, "together/fees", 0.1, np.nan),
    (1, "shares/plans", np.nan, 0.3),
]


def drawn(scenarios: int = 2, replications: int = 5, **provenance: object) -> Results:
    """Results of two whole draws of two replications, and one more replication."""
    before = level(replications, fees=100.0)
    more = changed(
        before, {("bases", "2019-20"): range(1, replications + 1), ("bases", "2018-19"): [9.0] * replications}
    )
    said = {"uncertainty": "parameters", "replications_per_draw": 2, "replications": replications, **provenance}
    made = results_of(dict(list({"baseline": before, "bases": more}.items())[:scenarios]), **said)
    return made.with_(draws=pd.DataFrame(FIGURES, columns=["draw", "name", "quantile", "value"]))


def test_net_costs_stand_by_draw_and_replication_and_begin_with_the_study() -> None:
    found = decision_of(drawn())
    assert found.scenarios == ("baseline", "bases")
    assert found.costs.tolist() == [[[0.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]]]


def test_a_figure_is_told_by_its_value_a_judgement_by_its_quantile_and_a_share_not_at_all() -> None:
    found = decision_of(drawn()).figures
    assert found.to_dict("list") == {"rates/recur": [0.05, 0.12], "together/fees": [0.7, 0.1]}


@pytest.mark.parametrize(
    ("results", "needed"),
    [
        (drawn(uncertainty="none"), "without draws"),
        (drawn(scenarios=1), "1 scenario"),
        (drawn(replications=3), "1 draw"),
    ],
)
def test_results_that_serve_no_decision_are_refused(results: Results, needed: str) -> None:
    with pytest.raises(ValueError, match=needed):
        decision_of(results)

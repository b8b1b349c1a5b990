"""Single quantities out of the measures, one value for each scenario and replication."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analysis.quantities import by_replication, rows_of
from sim.questions import LooksAt

START = date(2019, 9, 1)


def row(value: float, **more: Any) -> dict[str, Any]:
    keys = {"scenario": "baseline", "replication": 0, "period": "2019/20", "measure": "roll"}
    return {**keys, "provision": "special", "phase": "all", "district": "all", **more, "value": value}


def looked_at(**more: Any) -> LooksAt:
    return LooksAt(**{"measure": "roll", "provision": "special", "label": "Roll", "unit": "pupils", **more})


@pytest.mark.parametrize(("over", "expected"), [("mean", 4.0), ("sum", 8.0), ("last", 5.0)])
def test_the_years_of_the_study_are_put_together_as_asked(over: str, expected: float) -> None:
    measures = pd.DataFrame([row(9.0, period="2018/19"), row(3.0), row(5.0, period="2020/21")])
    assert by_replication(measures, looked_at(over=over), START).to_numpy().tolist() == [[expected]]


def test_scenarios_are_rows_and_replications_columns_and_a_missing_value_stays_missing() -> None:
    parts = [
        row(1.0),
        row(2.0, replication=1),
        row(3.0, scenario="policy"),
        row(np.nan, scenario="policy", replication=1),
    ]
    found = by_replication(pd.DataFrame(parts), looked_at(), START)
    assert found.index.tolist() == ["baseline", "policy"]
    assert found.columns.tolist() == [0, 1]
    assert str(found.to_numpy().tolist()) == "[[1.0, 2.0], [3.0, nan]]"


def test_all_also_stands_for_a_key_that_does_not_apply() -> None:
    measures = pd.DataFrame([row(1.0, provision="", phase=""), row(9.0), row(9.0, provision="", phase="primary")])
    found = by_replication(measures, looked_at(provision="all"), START)
    assert found.to_numpy().tolist() == [[1.0]]


def test_districts_and_other_measures_are_left_out_and_nothing_gives_nothing() -> None:
    measures = pd.DataFrame([row(1.0, district="east"), row(2.0, measure="other")])
    assert by_replication(measures, looked_at(), START).empty


def test_a_census_day_stands_under_its_academic_year() -> None:
    rows = rows_of(pd.DataFrame([row(4.0, period="Jan 2020")]), [looked_at()])
    assert rows["period"].tolist() == ["2019/20"]

"""Precision in words: in the units of the headline measures, and what is said of differences that never vary."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.analysis.precision import Series
from sim.experiments import Target
from sim.questions import LooksAt
from sim.report.study_precision import in_headline_units, precision_in_words

BLOCK = LooksAt(measure="spend_total", provision="in_block", over="sum", label="Spend of the block", unit="£m")
PLACES = LooksAt(measure="base_occupancy", label="Places in use", unit="share of places")
HEADLINES = (BLOCK, PLACES)


def row(quantity: Target | LooksAt, half: float | None, **more: Any) -> dict[str, Any]:
    keys = {key: getattr(quantity, key) for key in ("measure", "provision", "phase", "over")}
    said = {"scenario": "policy", "difference": 0.0, "half_width": half, "is_same": False, "at_most": 5e5}
    return {**said, **keys, "more_needed": 7, **more}


def told(*intervals: dict[str, Any], reached: int | None = None) -> str:
    said = {"most": 20, "reached_after": reached, "replications": 25, "intervals": intervals}
    return " ".join(precision_in_words({"precision": said}, HEADLINES))


@pytest.mark.parametrize(
    ("quantity", "half", "width", "said"),
    [
        (BLOCK, 1.234e6, 5e5, "Spend of the block (£m): widest +-1.23 (to be 0.5) in policy"),
        (PLACES, 0.0123, 0.05, "Places in use (% of places): widest +-1.23 (to be 5) in policy"),
        (Target(measure="spend_total", half_width=1), 2e6, np.nan, "spend_total (£m): widest +-2 in policy"),
        (Target(measure="other", phase="primary", half_width=1), 0.5, 1, "other primary: widest +-0.5 (to be 1) in"),
    ],
)
def test_an_interval_is_told_in_the_unit_of_its_headline(quantity: Any, half: float, width: float, said: str) -> None:
    series = Series("policy", quantity, np.array([half]), np.array([0.0]), np.array([width]), False)
    assert in_headline_units(HEADLINES)(series).startswith(said)


def test_what_is_missing_is_told_in_the_unit_of_its_headline() -> None:
    assert "policy, Spend of the block (£m): +-1.2, to be 0.5; about 7 more needed." in told(row(BLOCK, 1.2e6))
    assert "no number would be enough" in told(row(BLOCK, 1.2e6, more_needed=None))


def test_a_difference_that_never_varies_is_told_as_a_bound_and_not_as_exact() -> None:
    assert "the same change in every replication, so this is a bound for rare" in told(row(BLOCK, 1e6, is_same=True))
    assert "no variation in the baseline to judge it by" in told(row(BLOCK, None, is_same=True, more_needed=None))
    assert "no figures in this county" in told(row(BLOCK, None, difference=None, is_same=True, more_needed=None))
    found = told(row(BLOCK, 1e5, is_same=True, more_needed=0), row(PLACES, 0.0, is_same=True), reached=15)
    assert "as precise as asked after 15 replications" in found
    assert found.count("(rule of three): +-0.1.") == 1
    assert "Places in use" not in found

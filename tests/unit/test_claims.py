"""Claims of theory must be able to fail: off the exact value, too wide, or without any width."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.claims import ROWS_AT_MOST, Claim, Claims, write

AROUND_ONE = 1.0 + 0.001 * np.tile([-1.0, 1.0], 20)


def test_a_narrow_interval_that_covers_the_exact_value_is_accepted_and_recorded() -> None:
    claims = Claims("pytest x")
    claims.covers("part", "what", 1.0, AROUND_ONE, "40 samples")
    assert [claim.what for claim in claims.record] == ["what"]


@pytest.mark.parametrize(
    ("exact", "samples"),
    [
        pytest.param(1.01, AROUND_ONE, id="off"),
        pytest.param(1.0, 1.0 + 50 * (AROUND_ONE - 1.0), id="too wide"),
        pytest.param(1.0, np.ones(40), id="no width"),
        pytest.param(1.0, AROUND_ONE[:10], id="too few"),
    ],
)
def test_a_claim_that_is_off_or_proves_nothing_fails(exact: float, samples: np.ndarray) -> None:
    with pytest.raises(AssertionError):
        Claims("pytest x").covers("part", "what", exact, samples, "samples")


def test_a_table_fails_by_its_worst_cell() -> None:
    exact, error = np.ones(100), np.full(100, 0.1)
    mean = exact.copy()
    mean[17] += 0.45
    Claims("pytest x").agrees("part", "table", exact, mean, error, "samples")
    mean[17] += 0.2
    with pytest.raises(AssertionError, match="17"):
        Claims("pytest x").agrees("part", "table", exact, mean, error, "samples")


def test_several_runs_make_one_record(tmp_path: Path) -> None:
    claims, file = Claims("pytest x"), tmp_path / "found.json"
    claims.covers("part", "one", 1.0, AROUND_ONE, "40 samples")
    write(claims.record, {"test_b"}, file)
    write([], {"test_a"}, file)
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [row["what"] for row in found["claims"]] == ["one"]
    assert found["tests"] == ["test_a", "test_b"]


def test_more_rows_than_share_the_false_alarm_are_refused(tmp_path: Path) -> None:
    rows = [Claim("part", f"row {n}", 1.0, 1.0, 0.9, 1.1, None, "", "") for n in range(ROWS_AT_MOST + 1)]
    with pytest.raises(AssertionError, match="false alarm"):
        write(rows, set(), tmp_path / "found.json")

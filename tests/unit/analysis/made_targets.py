"""Targets and a county with round published figures."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sim.measures.tidy import COLUMNS
from sim.parameters.schema import Parameters
from sim.parameters.targets import Target
from tests.made_up import SAID, county, observed

HEADCOUNTS = {"2016/17": 1_000, "2017/18": 3_000}


def target(**cells: object) -> Target:
    """Return a Poisson target of 20 suspensions in 2016/17, with other cells if given."""
    made = {"label": "Suspensions", "measure": "suspensions", "periods": "2016/17", "value": 20, "unit": "pupils"}
    said = {"error": "poisson", "discrepancy": 0.1, "use": "calibrate", **SAID}
    return Target.model_validate({**made, **said, **cells})


@cache
def published() -> Parameters:
    """Return the made-up county with a headcount of primary pupils in two years."""
    rows = [observed("headcount", "primary", year, number) for year, number in HEADCOUNTS.items()]
    return county(observed={str(i): row for i, row in enumerate(rows)})


def frame(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    """Return measures of the whole county: period, measure, provision, phase, value."""
    return pd.DataFrame([(*row[:4], "all", row[4]) for row in rows], columns=list(COLUMNS))

"""Results made up for tests of money pages: round pounds, pupils with two lives, and what run.json says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from sim.results import Results
from sim.vocabulary import PLACEMENTS
from tests.unit.analysis.made_results import changed, level, results_of

BLOCK = {"high_needs_block": {"2018-19": 5000.0, "2020-21": 6000.0}, "other_high_needs_spend": {"2018-19": 3500.0}}
MAPPED = {"fees": "1.2.3", "bases": "1.2.4", "start_up": "1.2.8", "transport": "2.1.4"}
OPEN = {
    ("start_up", "2019-20"): [100.0, 100.0],
    ("bases", "2020-21"): [40.0, 40.0],
    ("fees", "2020-21"): [-100.0, -200.0],
    ("fees", "2021-22"): [-100.0, 30.0],
}
"""Net cost 100, -60, -100 in one replication and 100, -160, 30 in the other."""

Life = Mapping[str, float]


def pupil(number: int, replication: int = 0, district: str = "east", signed: bool = False, **life: float) -> Life:
    """Return a row of a pupil in mainstream who also had what is named, such as special_school=10."""
    days = {f"days_{kind}": life.get(kind.value, 0.0) for kind in PLACEMENTS}
    known = {"cohort": 2012, "year_group_of_onset": "Y3", "district": district, "school_signed": signed}
    excluded = {"permanent_exclusions": life.get("permanent_exclusions", 0)}
    return {"replication": replication, "pupil": f"2012-Y3-{number}", **known, **days, **excluded}  # type: ignore[dict-item]


def made_money(
    changes: Mapping[tuple[str, str], Sequence[float]] = OPEN,
    replications: int = 2,
    pupils: Mapping[str, Sequence[Life]] | None = None,
    titles: Mapping[str, str] | None = None,
    scenarios: Sequence[str] = ("open",),
    **provenance: Any,
) -> Results:
    """Return results of a baseline that spends 1,000 a year on fees, and of scenarios that change it."""
    base = level(replications, fees=1000.0)
    made = results_of({"baseline": base, **{name: changed(base, changes) for name in scenarios}})
    said = dict(made.provenance)
    named = [
        {"name": one["name"], "title": (titles or {}).get(one["name"], one["title"]), "parameters": "p"}
        for one in said["scenarios"]
    ]
    said |= {"scenarios": named, "study": "made up", "county": {"label": "Made-up county"}, "code": "c", "seed": 1}
    said |= {"replications": replications, "stamp": "uncalibrated", "caveats": ["Money is not outcomes."]}
    said |= {"created": "2026-01-02T03:04:05+00:00", "lines": {**said["lines"], "transport": "Transport"}}
    payers = {"transport": "council"}
    said["money"] = {**said["money"], **BLOCK, "section_251": MAPPED, "payer": payers}
    tables = {name: pa.Table.from_pandas(pd.DataFrame(list(rows))) for name, rows in (pupils or {}).items()}
    return made.with_(provenance={**said, **provenance}, pupil_tables=tables)

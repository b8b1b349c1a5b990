"""A made-up run: measures with known answers, and the recorded lives of three pupils."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.engine.journal import COLUMNS, Tables
from sim.parameters.schema import Parameters
from sim.report.style import Caption
from sim.results import CAVEATS, STAMP, Results
from sim.vocabulary import PLACEMENTS, Happening, WaitOutcome

REPLICATIONS = 8
ACADEMIC = [f"{year}/{(year + 1) % 100:02d}" for year in range(2015, 2029)]
FINANCIAL = [f"{year}-{(year + 1) % 100:02d}" for year in range(2016, 2029)]
CHANGED_FROM = 2019
LINES = {
    "independent_fees": "Independent and non-maintained special fees",
    "bases": "Primary bases",
    "start_up": "Start-up",
}
LEVELS = dict(zip(PLACEMENTS, (1900, 220, 45, 60, 3, 195, 80, 12, 40), strict=True))
ROLL_CHANGE = {"independent_special": -2.0, "tuition_with_plan": -1.5}
TITLE = "A primary resource base in every district of the county from September 2019, with two tiers"


class Maker:
    """Collects tidy rows of baseline and scenario; the same luck in both, and a stated change from 2019 on."""

    def __init__(self) -> None:
        self.rng, self.rows = np.random.default_rng(11), []

    def add(self, measure: str, provision: str, level: float, change: float, periods: list[str], phase: str = "all"):
        place = "" if phase == "" else "all"
        for replication in range(REPLICATIONS):
            draws = level + self.rng.normal(0, abs(level) ** 0.5 / 2, len(periods))
            for period, value in zip(periods, draws, strict=True):
                later = change if int(period[:4]) >= CHANGED_FROM else 0.0
                key = (replication, period, measure, provision, phase, place)
                self.rows += [("baseline", *key, value), ("open_bases", *key, value + later)]


@pytest.fixture(scope="session")
def measures() -> pd.DataFrame:
    maker = Maker()
    for kind, level in LEVELS.items():
        maker.add("mean_roll", kind, level, ROLL_CHANGE.get(kind, 0.0), ACADEMIC)
    maker.add("mean_roll", "base_in_reach", 0.0, 18.0, ACADEMIC)
    maker.add("usable_places", "special_school", 210.0, 0.0, ACADEMIC)
    for phase, level in (("primary", 5.0), ("secondary", 1.0)):
        maker.add("permanent_exclusions", "all", level, -1.0, ACADEMIC, phase)
        maker.add("suspensions", "all", 300 * level, -60.0, ACADEMIC, phase)
    maker.add("plans_issued", "all", 120.0, 0.0, ACADEMIC)
    maker.add("tuition_packages", "all", 105.0, -1.5, ACADEMIC)
    maker.add("waiting_number", "special_school", 20.0, 0.0, ACADEMIC)
    maker.add("wait_days", "special_school", 60.0, 0.0, ACADEMIC)
    for line, level, change in zip(LINES, (4e6, 0.0, 0.0), (-1.2e5, 9e5, 3e4), strict=True):
        maker.add("spend", line, level, change, FINANCIAL, "")
    maker.add("spend_total", "in_block", 4e6, 8.1e5, FINANCIAL, "")
    maker.add("balance_in_year", "", -1e6, -8.1e5, FINANCIAL, "")
    maker.add("balance_cumulative", "", -3e6, -8.1e5, FINANCIAL, "")
    columns = ["scenario", "replication", "period", "measure", "provision", "phase", "district", "value"]
    keys = ["scenario", "period", "measure", "provision", "phase", "district"]
    frame = pd.DataFrame(maker.rows, columns=columns).sort_values("scenario", kind="stable", ignore_index=True)
    return frame.astype(dict.fromkeys(keys, "category"))


@pytest.fixture(scope="session")
def results(measures: pd.DataFrame) -> Results:
    provenance = {
        "county": {"name": "madeshire", "label": "Madeshire", "fictional": True},
        "horizon": {
            "baseline_academic_year": "2018/19",
            "study_start": "2019-09-01",
            "last_academic_year": "2028/29",
        },
        "lines": LINES,
        "scenarios": [
            {"name": "baseline", "title": "Baseline", "parameters": "00aa"},
            {"name": "open_bases", "title": TITLE, "parameters": "11bb"},
        ],
        "seed": 7,
        "replications": REPLICATIONS,
        "code": "c0de",
        "stamp": STAMP,
        "caveats": list(CAVEATS),
    }
    return Results(measures, provenance)


@pytest.fixture(scope="session")
def caption(results: Results) -> Caption:
    return Caption.of(results.provenance)


def table(name: str, *rows: tuple[float, ...]) -> dict[str, np.ndarray]:
    """Return rows as a recorded table."""
    block = np.array(rows, dtype=float).reshape(-1, len(COLUMNS[name]))
    return {column: block[:, i].astype(kind) for i, (column, kind) in enumerate(COLUMNS[name].items())}


def code(happening: Happening) -> int:
    return tuple(Happening).index(happening)


@pytest.fixture
def lives(exampleshire: Parameters) -> Tables:
    """Pupil 1 is suspended, waits ten weeks and goes to a special school; 2 stays in mainstream; 3 is tutored."""
    names = list(exampleshire.provisions)
    mainstream, tuition = names.index("mainstream"), names.index("tuition_without_plan")
    special = next(i for i, s in enumerate(exampleshire.provisions.values()) if s.kind == "special_school")
    offered = tuple(WaitOutcome).index(WaitOutcome.OFFERED)
    return {
        "pupils": table(
            "pupils",
            (1, 2008, 3, 17, 1, 0, 100.0, 2280.0),
            (2, 2008, 3, 4, 0, 0, 110.0, 2280.0),
            (3, 2007, 4, 9, 0, 1, 120.0, 2090.0),
        ),
        "events": table(
            "events",
            (1, 100.0, code(Happening.ONSET), -1, 3, 0, 0),
            (1, 150.0, code(Happening.SUSPENSION), mainstream, 3, 0, 2.5),
            (1, 200.0, code(Happening.SPECIAL_NAMED), special, 4, 2, 0),
            (1, 400.0, code(Happening.ANNUAL_REVIEW), special, 5, 2, 0),
            (1, 1710.0, code(Happening.LEFT_YEAR_11), special, 11, 2, 0),
            (2, 110.0, code(Happening.ONSET), -1, 3, 0, 0),
            (3, 120.0, code(Happening.ONSET), -1, 4, 0, 0),
        ),
        "waits": table("waits", (1, special, 2, 200.0, 250.0, offered)),
        "supports": table("supports"),
        "spells": table(
            "spells",
            (1, mainstream, 0, 100.0, 180.0, 1),
            (1, mainstream, 2, 180.0, 250.0, 1),
            (1, special, 2, 250.0, 1710.0, 1),
            (2, mainstream, 0, 110.0, 1710.0, 1),
            (3, mainstream, 0, 120.0, 300.0, 1),
            (3, tuition, 0, 300.0, 700.0, 1),
        ),
        "places": table("places"),
    }

"""Made-up results for papers: what each scenario changes is known, and nothing has to be run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.questions import LooksAt
from sim.results import CAVEATS, STAMP, Results, run_id

COLUMNS = ("scenario", "replication", "period", "measure", "provision", "phase", "district", "value")
ACADEMIC, FINANCIAL = ("2019/20", "2020/21"), ("2018-19", "2019-20", "2020-21")
LUCK = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 0.5])
TUITION = LooksAt(measure="mean_roll", provision="tuition", label="Pupils in tuition", unit="pupils", falls_is="good")
EXCLUSIONS = LooksAt(measure="permanent_exclusions", label="Permanent exclusions", unit="pupils a year")
LONG = LooksAt(measure="tuition_length_p90", over="sum", label="Longest tuition", unit="school weeks")


def provenance(names: tuple[str, ...], replications: int, **more: Any) -> dict[str, Any]:
    scenarios = [
        {"name": name, "title": f"Policy {name}", "question": "", "parameters": f"hash of {name}"}
        for name in ("baseline", *names)
    ]
    said = {
        "study": "made_up",
        "county": {"label": "Madeshire", "name": "madeshire"},
        "scenarios": scenarios,
        "horizon": {"study_start": "2019-09-01"},
        "lines": {"fees": "Independent fees"},
        "money": {"in_block": ["fees"], "inflation": {"2018-19": 1.0}, "discount": {"2018-19": 0.035}},
        "seed": 7,
        "replications": replications,
        "code": "c0de" * 10,
        "stamp": STAMP,
        "caveats": list(CAVEATS),
        "created": "2026-05-17T10:00:00+00:00",
        **more,
    }
    return {"run": run_id(said), **said}


def made(*names: str, replications: int = 6, luck: float = 1.0, **more: Any) -> Results:
    """Return results in which every scenario saves £100,000 a year, 3 pupils in tuition and 0.2 exclusions."""
    names = names or ("one",)
    rows: list[tuple[Any, ...]] = []
    for number, name in enumerate(("baseline", *names)):
        for replication in range(replications):
            noise = luck * LUCK[(replication + number) % len(LUCK)] if number else 0.0
            for period in ACADEMIC:
                tuition, exclusions = (60.0, 4.0) if not number else (57 + 0.2 * noise, 3.8 + 0.01 * noise)
                rows.append((name, replication, period, "mean_roll", "tuition", "all", "all", tuition))
                rows.append((name, replication, period, "permanent_exclusions", "all", "all", "all", exclusions))
            for period in FINANCIAL:
                money = 2e6 if not number or period == FINANCIAL[0] else 1.9e6 + 1e4 * noise
                rows.append((name, replication, period, "spend_total", "in_block", "", "", money))
                rows.append((name, replication, period, "spend", "fees", "", "", money))
    return Results(pd.DataFrame(rows, columns=list(COLUMNS)), provenance(names, replications, **more))

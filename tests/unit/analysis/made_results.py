"""Results made up for tests of the analysis of money: spend by line, year and replication, with round prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sim.results import Results

YEARS = ("2018-19", "2019-20", "2020-21", "2021-22")
"""The year before the study, and three years of it."""

LINES = ("fees", "bases", "start_up")
INFLATION = {"2018-19": 1.0, "2019-20": 1.1, "2020-21": 1.2, "2021-22": 1.25}
DISCOUNT = {"2018-19": 0.1, "2021-22": 0.25}

Spend = Mapping[str, Mapping[str, Sequence[float]]]
"""Line -> year -> pounds in each replication."""


def changed(baseline: Spend, changes: Mapping[tuple[str, str], Sequence[float]]) -> Spend:
    """Return spend with an amount added in every replication, by line and year."""
    return {
        line: {
            year: list(np.asarray(values) + np.asarray(changes.get((line, year), 0.0)))
            for year, values in by_year.items()
        }
        for line, by_year in baseline.items()
    }


def level(replications: int = 2, **pounds: float) -> Spend:
    """Return spend that is the same in every year."""
    return {line: {year: [pounds.get(line, 0.0)] * replications for year in YEARS} for line in LINES}


def results_of(scenarios: Mapping[str, Spend], **provenance: object) -> Results:
    """Return results whose in-block lines are those of LINES; the first scenario is the baseline.

    Transport, beside the block, is there to be left out; balances are not defined.
    """
    rows = []
    for scenario, spend in scenarios.items():
        lines = list(spend)
        for year in spend[lines[0]]:
            block = np.sum([spend[line][year] for line in lines], axis=0)
            for replication, total in enumerate(block):
                key = (scenario, replication, year)
                rows += [(*key, "spend", line, spend[line][year][replication]) for line in lines]
                rows.append((*key, "spend", "transport", 1e6 * len(rows)))
                rows.append((*key, "spend_total", "in_block", total))
                rows.append((*key, "spend_total", "beside_block", 1e6 * len(rows)))
                rows.append((*key, "balance_cumulative", "", np.nan))
    measures = pd.DataFrame(rows, columns=["scenario", "replication", "period", "measure", "provision", "value"])
    said = {
        "scenarios": [{"name": name, "title": f"Title of {name}"} for name in scenarios],
        "horizon": {"study_start": "2019-09-01"},
        "lines": {"fees": "Independent fees", "bases": "Resource bases", "start_up": "Start-up costs"},
        "money": {"in_block": list(LINES), "inflation": INFLATION, "discount": DISCOUNT},
    }
    texts = ["scenario", "period", "measure", "provision"]
    made = measures.assign(phase="", district="").astype(dict.fromkeys(texts, "category"))
    return Results(made, {**said, **provenance})

"""How many pupils move from where to where, by year, out of the measure `flow`."""

from __future__ import annotations

import pandas as pd

from sim.results import Results, mean_with_interval, wide

FLOW, ARROW, ALL = "flow", ">", "all"


def flows(results: Results, level: float = 0.95) -> pd.DataFrame:
    """Return moves between kinds of provision by scenario and academic year.

    Returns
    -------
    scenario, period, source, target (a kind of provision; 'left' for leavers), phase, mean (moves a year), low, high
    (t interval of the mean over replications, or over draws if parameters are drawn), replications. Moves that nobody
    makes in any scenario are left out.
    """
    rows = results.of_draws().measures
    rows = rows[(rows["measure"] == FLOW) & rows["district"].isin(["", ALL])]
    used = set(rows.loc[rows["value"] != 0, "provision"])
    rows = rows[rows["provision"].isin(used)].astype({"scenario": "str", "provision": "str", "period": "str"})
    made = [_of_scenario(rows, name, level) for name in results.scenarios if len(rows)]
    columns = ["scenario", "period", "source", "target", "phase", "mean", "low", "high", "replications"]
    return pd.concat(made, ignore_index=True)[columns] if made else pd.DataFrame(columns=columns)


def _of_scenario(rows: pd.DataFrame, scenario: str, level: float) -> pd.DataFrame:
    values = wide(rows, scenario)
    keys = values.index.to_frame(index=False)
    ends = keys["provision"].str.split(ARROW, expand=True)
    found = mean_with_interval(values.to_numpy(), level)
    keys = keys.assign(scenario=scenario, source=ends[0], target=ends[1])
    return pd.concat([keys, found], axis=1)

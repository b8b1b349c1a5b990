"""What each part of a policy brings by itself, and what the parts bring only together.

The simple effect of a part is the scenario with that part alone less the baseline, within each replication. The
interaction is the effect of the combination less the sum of all simple effects: below 0 where the parts come to less
together than apart, above 0 where they come to more. It belongs to no part, so the order in which parts are named
makes no difference to any number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import fsum

import numpy as np
import pandas as pd

from sim.analysis.comparison import Over, over_study
from sim.analysis.paired_spend import Floats, estimates
from sim.measures.ledger import IN_BLOCK
from sim.results import Results

BASELINE, PART, INTERACTION, TOGETHER, COMBINATION = "baseline", "part", "interaction", "together", "combination"
"""Kinds of step: level before, simple effects, interaction, effect of all together, level after."""


def waterfall(
    results: Results,
    parts: Sequence[str],
    combination: str,
    measure: str = "spend_total",
    provision: str = IN_BLOCK,
    phase: str = "",
    over: Over = "sum",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the steps from the baseline to a combination of policies.

    Parameters
    ----------
    parts : scenarios with one part of the policy each, in the order in which they are to be shown.
    combination : the scenario with all parts.
    measure, provision, phase : rows of the results to explain; spend on all lines in the block if not said.
    over : how the years of the study are put together within a replication; see `over_study`.
    level : of the t interval of the mean.

    Returns
    -------
    One row per step: kind, step (scenario, or '' for the interaction), period, mean, low, high, replications. The
    first is the level of the baseline, the last that of the combination; between them the parts, the interaction,
    and the effect of all together, which is their sum within each replication. Replications in which a scenario
    has no value are left out of all steps.

    Raises ValueError for a scenario that the results do not hold or a part named twice.
    """
    _refuse(results, parts, combination)
    values, period = _values(results, [results.baseline, *parts, combination], measure, provision, phase, over)
    before, after = values[0], values[-1]
    effects, together = values[1:-1] - before, after - before
    apart = np.array([fsum(column) for column in effects.T])
    steps = [
        (BASELINE, results.baseline, before),
        *((PART, name, effect) for name, effect in zip(parts, effects, strict=True)),
        (INTERACTION, "", together - apart),
        (TOGETHER, combination, together),
        (COMBINATION, combination, after),
    ]
    keys = {"kind": [kind for kind, _, _ in steps], "step": [name for _, name, _ in steps], "period": period}
    return estimates(np.stack([step for _, _, step in steps], axis=1), level, **keys)


def _refuse(results: Results, parts: Sequence[str], combination: str) -> None:
    there = results.scenarios[1:]
    missing = [name for name in (*parts, combination) if name not in there]
    if missing:
        known = ", ".join(there) or "none"
        raise ValueError(f"no results of {', '.join(missing)}; the scenarios besides the baseline are {known}")
    if not parts or len({*parts, combination}) <= len(parts):
        raise ValueError(f"parts must be named once each, the combination apart; found {', '.join(parts) or 'none'}")


def _values(
    results: Results, scenarios: Sequence[str], measure: str, provision: str, phase: str, over: Over
) -> tuple[Floats, str]:
    """Return scenarios x replications, of those with a value in every scenario, and what years they stand for."""
    rows = results.of_draws().measures
    wanted = (rows["measure"] == measure) & (rows["provision"] == provision) & (rows["phase"] == phase)
    start = date.fromisoformat(str(results.provenance["horizon"]["study_start"]))
    found = over_study(rows[wanted & rows["scenario"].isin(scenarios)], start, over)
    if found.empty:
        raise ValueError(f"no whole year of {measure} of {provision!r}, phase {phase!r}, in the study")
    table = found.astype({"scenario": "str"}).pivot_table(
        values="value", index="scenario", columns="replication", dropna=False
    )
    values = table.reindex(list(scenarios)).to_numpy(dtype=np.float64)
    return values[:, ~np.isnan(values).any(axis=0)], str(found["period"].iloc[0])

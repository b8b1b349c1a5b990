"""Cash released against cost avoided: where a saving can be taken out of a budget, and where it cannot.

A budget line, in one financial year of one replication, is spent to `before` in the baseline and `after` in the
scenario; `then` is what it was in the financial year before the study. All are cash. A line that on average over
the replications falls in that year is a saving, which has two parts:

- cash released = min(before, then) - min(after, then): what spend falls below where it stood before the study;
- cost avoided = max(before, then) - max(after, then): the rest, growth that does not come.

A line that on average rises in that year is added cost, after - before, in every replication. So released + avoided
- added is what is saved, line by line, in every replication. Whether a line rises or falls is judged on its mean,
because chance alone moves every line in single replications both ways, which would swell both sides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.paired_spend import Floats, PairedSpend, estimates, first_study_year, line_spend
from sim.measures.ledger import IN_BLOCK
from sim.results import Results
from sim.school_year import financial_year_label

RELEASED, AVOIDED, ADDED = "cash_released", "cost_avoided", "added_cost"


def savings(results: Results, scenario: str, years: Sequence[int], level: float) -> pd.DataFrame:
    """Return the three parts for each line of the block and all together, for each year and all years together.

    Columns: line ('in_block' is all of them), part, period (such as '2020-21' or '2019-20 to 2028-29'), mean, low,
    high, replications. What a falling line releases and avoids is NaN when the results do not hold the year before the
    study.
    """
    spend = line_spend(results, scenario)
    parts = _parts(*spend.at(years), _then(spend, first_study_year(results) - 1))
    labels = [financial_year_label(year) for year in years]
    periods = [*labels, f"{labels[0]} to {labels[-1]}"]
    made = []
    for part, values in parts.items():
        for line, of_line in zip((*spend.lines, IN_BLOCK), [*values, values.sum(axis=0)], strict=True):
            totals = np.concatenate([of_line, of_line.sum(axis=1, keepdims=True)], axis=1)
            made.append(estimates(totals, level, line=line, part=part, period=periods))
    return pd.concat(made, ignore_index=True)


def _parts(before: Floats, after: Floats, then: Floats) -> dict[str, Floats]:
    """Return each part: lines x replications x years."""
    rises = rises_on_average(before, after)
    return {
        RELEASED: np.where(rises, 0.0, np.minimum(before, then) - np.minimum(after, then)),
        AVOIDED: np.where(rises, 0.0, np.maximum(before, then) - np.maximum(after, then)),
        ADDED: np.where(rises, after - before, 0.0),
    }


def _then(spend: PairedSpend, year: int) -> Floats:
    """Return spend in the baseline in the year before the study: lines x replications x 1; NaN if there is none."""
    if year not in spend.years:
        return np.full((*spend.before.shape[:2], 1), np.nan)
    return spend.at([year])[0]


def rises_on_average(before: Floats, after: Floats) -> NDArray[np.bool_]:
    """Return where a line costs more in the scenario on average over replications: lines x 1 x years."""
    if not before.shape[1]:
        return np.zeros((1, 1, 1), dtype=bool)
    return np.asarray((after - before).mean(axis=1, keepdims=True) > 0)

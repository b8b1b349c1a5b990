"""Results with uncertain parameters, in words: what their range is called, and what is due to what."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import isnan
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.quantities import Quantity, by_replication
from sim.analysis.variance import split_variance
from sim.report.plain_table import WIDTH, plain_table
from sim.report.words import FUTURES, RUN_TO_RUN
from sim.results import Results

MOST_SCENARIOS = 3
"""So many scenarios have a column; the table would be too wide with more."""

Floats = NDArray[np.float64]


class Labelled(Quantity, Protocol):
    """A quantity with words for it."""

    @property
    def label(self) -> str:
        """What it is called."""


def range_name(provenance: Mapping[str, Any]) -> str:
    """Return what the 10th to 90th percentile of the replications is called: it is of futures if parameters vary."""
    return FUTURES if "draws" in provenance else RUN_TO_RUN


def how_many(provenance: Mapping[str, Any]) -> str:
    """Return how many replications there are, and of how many draws."""
    number = f"{provenance['replications']} replication{'s' if provenance['replications'] > 1 else ''}"
    return f"{number} in {provenance['draws']} draws of the parameters" if "draws" in provenance else number


def variance_in_words(results: Results, looks_at: Sequence[Labelled], width: int = WIDTH) -> list[str]:
    """Return lines on how much of the variance of one future is due to parameters; none while they are held.

    Parameters
    ----------
    looks_at : the headline quantities; those that do not vary are left out.
    """
    if not results.are_drawn:
        return []
    names = results.scenarios[1 : MOST_SCENARIOS + 1]
    heads = ("level,\nbaseline", *(f"change,\n{name}" for name in names))
    rows = [(label, *cells) for label, cells in _rows(results, looks_at, names) if any(cells)]
    said = results.provenance
    about = (
        "How much of the variance of one future is due to parameters that are not known; the rest is luck. 95% "
        f"interval in brackets, from {said['draws']} draws of {results.per_draw} replications."
    )
    if results.per_draw == 1:
        return textwrap.wrap("With one replication of each draw, luck cannot be told from what is not known.", width)
    if not rows:
        return textwrap.wrap("There are too few draws to tell luck from what is not known.", width)
    return [*textwrap.wrap(about, width), plain_table(heads, rows, width)]


def variance_table(results: Results, looks_at: Sequence[Labelled]) -> pd.DataFrame:
    """Return the split of the variance of each quantity: of the baseline's level, and of the change by scenario.

    Columns: label, scenario (the baseline for its level), and those of `sim.analysis.variance.split_variance`.
    """
    found = [
        split_variance(values[None, :], results.per_draw).assign(label=one.label, scenario=name)
        for one in looks_at
        for name, values in _values(results, one)
    ]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["label", "scenario"])
    return table[["label", "scenario", *(name for name in table if name not in ("label", "scenario"))]]


def _rows(
    results: Results, looks_at: Sequence[Labelled], names: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in looks_at:
        found = {name: split_variance(values[None, :], results.per_draw) for name, values in _values(results, one)}
        yield one.label, tuple(_cell(found[name]) if name in found else "" for name in (results.baseline, *names))


def _values(results: Results, quantity: Quantity) -> Iterator[tuple[str, Floats]]:
    """Yield the baseline's level, then each scenario's paired difference, by replication."""
    start = date.fromisoformat(str(results.provenance["horizon"]["study_start"]))
    table = by_replication(results.measures, quantity, start)
    if results.baseline in table.index:
        before = table.loc[results.baseline].to_numpy(dtype=np.float64)
        yield results.baseline, before
        for name in results.scenarios[1:]:
            if name in table.index:
                yield name, table.loc[name].to_numpy(dtype=np.float64) - before


def _cell(split: pd.DataFrame) -> str:
    share, low, high = (float(split[name].iloc[0]) for name in ("share", "share_low", "share_high"))
    return "" if isnan(share) else f"{share:.0%} ({low:.0%}-{high:.0%})" if not isnan(low) else f"{share:.0%}"

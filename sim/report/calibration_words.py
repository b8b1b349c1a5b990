"""What a calibration found, in plain words and tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from sim.analysis.calibration.matching import MOST_IMPLAUSIBLE, Wave
from sim.analysis.calibration.outcome import Calibration
from sim.report.plain_table import plain_table
from sim.report.target_words import targets_in_words

NOT_LEARNT = 0.8
"""Above this share of its spread a factor counts as not learnt."""

MISSED = 2.0
"""Targets further than this, in standard deviations, are said to be missed; and what is forced at such a cost."""


def calibration_in_words(found: Calibration, origin: str) -> str:
    """Return the waves, what was learnt, what conflicts, and the table of targets, as plain text."""
    return "\n\n".join([*_waves(found), *_learnt(found), *_conflicts(found), targets_in_words(found.table(), origin)])


def wave_in_words(wave: Wave) -> str:
    """Return one line about a wave."""
    return (
        f"Wave {wave.number}: {wave.points} runs, {wave.plausible} not ruled out; the target furthest from a run is "
        f"{wave.median_worst:.1f} standard deviations off (median over runs)."
    )


def _waves(found: Calibration) -> Iterator[str]:
    yield "\n".join(wave_in_words(wave) for wave in found.matching.waves)
    fit = found.fit_of_centre()
    before, after = (float((fit[name] ** 2).mean() ** 0.5) for name in ("before", "after"))
    yield (
        f"Ensemble: {len(found.members)} sets of figures, none of which any target rules out (further than "
        f"{MOST_IMPLAUSIBLE:g} standard deviations of observation, discrepancy and chance). Its centre misses the "
        f"targets by {after:.2f} standard deviations (root mean square), the county's files by {before:.2f}."
    )


def _learnt(found: Calibration) -> Iterator[str]:
    factors = found.factors()
    rows = [
        (
            str(row["factor"]),
            f"{row['best']:.2f}",
            f"{row['median']:.2f}",
            f"{row['p5']:.2f} to {row['p95']:.2f}",
            f"{row['lowest']:g} to {row['highest']:g}",
            f"{row['spread_left']:.0%}",
        )
        for row in _rows(factors)
    ]
    heading = ["centre", "median", "90% of\nmembers", "searched", "spread\nleft"]
    yield "Factors on the county's figures (1: as its files say):"
    yield plain_table(heading, rows)
    unseen = [row["factor"] for row in _rows(factors) if row["spread_left"] > NOT_LEARNT]
    if unseen:
        yield f"The targets say little about: {', '.join(unseen)} (more than {NOT_LEARNT:.0%} of the spread is left)."
    moved = found.judged()
    if len(moved):
        told = [f"{row['figure']} ({row['shift']:+.1f})" for row in _rows(moved)]
        yield f"Judged figures that the targets moved (standard deviations of their range): {', '.join(told)}."


def _conflicts(found: Calibration) -> Iterator[str]:
    table = found.conflicts()
    missed = [f"{row['target']} ({row['missed_by']:+.1f})" for row in _rows(table) if abs(row["missed_by"]) > MISSED]
    yield f"Missed by the likeliest figures of all: {', '.join(missed) or 'no target'} (standard deviations)."
    pulls = [
        f"{row['target']} (then {row['gives_way']} moves by {row['by']:+.1f})"
        for row in _rows(table)
        if row["forced_costs"] > MISSED
    ]
    yield f"Can be met exactly only at the cost of others: {', '.join(pulls) or 'no target'}."


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]

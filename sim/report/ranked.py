"""A ranking of scenarios as files of the results folder: two tables and a figure, each there whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pandas as pd

from sim.analysis.sensitivity.decision import Criterion
from sim.report.sensitivity_figures import ranking_figure, save_sensitivity
from sim.report.sensitivity_words import ranking_in_words
from sim.report.style import Caption
from sim.results import Results, write_text

LONGEST, OF_HASH = 80, 8
"""Letters of a name at most, and of the hash that stands for what is cut off."""


def files_of(by: Criterion, among: Sequence[str]) -> tuple[str, str, str]:
    """Return the names of ranking, assumptions and figure, so that each question put to a folder has its own.

    Parameters
    ----------
    among : the scenarios asked for, if not all.
    """
    quantity = by.quantity
    parts = [] if by.is_net_cost else [quantity.measure, quantity.provision, quantity.phase, quantity.over, by.aim]
    name = "-".join([*(part for part in parts if part and part != "all"), *among])
    if len(name) > LONGEST:
        name = f"{name[:LONGEST]}-{sha256(name.encode()).hexdigest()[:OF_HASH]}"
    ending = f"-{name}" if name else ""
    return f"ranking{ending}.csv", f"assumptions{ending}.csv", f"figures/ranking{ending}.png"


def write_ranking(
    results: Results,
    found: pd.DataFrame,
    could_change: pd.DataFrame,
    by: Criterion,
    folder: Path,
    names: tuple[str, str, str],
) -> None:
    """Write a ranking, the assumptions that could change it and its figure under the names that `files_of` gives."""
    for rows, name in zip((found, could_change), names[:2], strict=True):
        write_text(rows.to_csv(index=False, lineterminator="\n"), folder / name)
    caption = Caption.of(results.provenance)
    lines = ranking_in_words(found, {name: caption.title_of(name) for name in found["scenario"]}, by)
    save_sensitivity(ranking_figure(found, caption, by), folder / names[2], lines, caption)

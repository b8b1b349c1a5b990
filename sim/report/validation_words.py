"""What a validation found, in plain words, tables and a figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.calibration.forecasts import OTHERS, mean_errors
from sim.analysis.calibration.validation import Validation
from sim.report.plain_table import plain_table
from sim.report.style import Caption, save
from sim.report.target_figure import figure_in_words, target_figure
from sim.report.target_words import targets_in_words
from sim.report.words import NOT_KNOWN
from sim.results import write_text

NAMED = {"last": "last value", "trend": "trend", "markov": "Markov projection"}


def validation_in_words(found: Validation, run: str) -> str:
    """Return the table of targets, what lies outside, and forecasts beside others, as plain text.

    Parameters
    ----------
    run : of the calibration that found the ensemble.
    """
    origin = (
        f"{found.members} members of the ensemble of calibration {run}, {found.replications} runs each, seed "
        f"{found.trials.seed}."
    )
    parts = (targets_in_words(found.table, origin), _outside(found.table), *forecasts_in_words(found.forecasts))
    return "\n\n".join(part for part in parts if part)


def write_validation(found: Validation, folder: Path, run: str) -> None:
    """Write targets.csv, coverage.csv, forecasts.csv, simulated.csv and targets.png into a folder."""
    simulated = pd.DataFrame(found.values, columns=list(found.trials.targets))
    tables = {
        "targets": found.table.reset_index(),
        "coverage": found.coverage.reset_index(),
        "forecasts": found.forecasts.reset_index(),
        "simulated": simulated,
    }
    for name, table in tables.items():
        write_text(table.to_csv(index=False, lineterminator="\n"), folder / f"{name}.csv")
    caption = Caption(found.trials.county.county.label, run, len(found.values), "", {}, members=found.members)
    save(target_figure(found.table, caption), folder / "targets.png", figure_in_words(found.table, caption))


def _outside(table: pd.DataFrame) -> str:
    """Return the targets outside the simulated range, and which way the model is out."""
    outside = table[(table["inside"] == False).fillna(False).astype(bool)]  # noqa: E712 - missing is neither
    if outside.empty:
        return "No scored target lies outside the simulated range."
    told = [
        f"{row['label']} ({row['simulated'] / row['observed'] - 1:+.0%})" if row["observed"] else str(row["label"])
        for row in _rows(outside)
    ]
    return f"Not reproduced, with the model's median against the published figure: {'; '.join(told)}."


def forecasts_in_words(compared: pd.DataFrame) -> Iterator[str]:
    """Yield a table of held-out figures with the errors of the model and of other forecasts, and their means."""
    if compared.empty:
        return
    yield "Held-out figures: error of the model's median and of forecasts without it, of the published figure:"
    names = [f"error_{name}" for name in ("model", *OTHERS)]
    rows = [(str(row["label"]), *(_share(row[name]) for name in names)) for row in _rows(compared)]
    yield plain_table(["model", "last\nvalue", "trend", "Markov"], rows)
    for name, row in mean_errors(compared).iterrows():
        if row["figures"]:
            said = f"model {row['model']:.0%}, {NAMED[str(name)]} {row['other']:.0%}"
            both = "one figure" if row["figures"] == 1 else f"{row['figures']:.0f} figures"
            yield f"Mean absolute error over the {both} that both forecast: {said}."
    without = [
        str(row["label"]) for row in _rows(compared) if pd.isna(row["error_last"]) and pd.isna(row["error_trend"])
    ]
    if without:
        yield (
            "Without a naive forecast, as the targets hold no earlier figure of the kind, and left out of the means: "
            f"{'; '.join(without)}."
        )


def _share(value: float) -> str:
    return NOT_KNOWN if pd.isna(value) or np.isinf(value) else f"{value:+.0%}"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]

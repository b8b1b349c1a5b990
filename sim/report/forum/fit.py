"""How well the county's figures reproduce what was published, from its calibration and the runs of the paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from sim.parameters.load import calibration_record, find_county
from sim.parameters.problems import ConfigurationError
from sim.parameters.targets import Use
from sim.report.target_words import amount, coverage_in_words, name_of
from sim.report.targets_of_results import results_target_table
from sim.results import Results

CHANGED_SINCE = (
    "The county's figures have been fitted again or changed since these runs, so that they cannot be set beside "
    "published figures here; pathways validate tells of the county as it is."
)

SHARES = (
    "Shares of a published figure that the modelled pupils account for have their central value here; pathways "
    "validate varies them as well, so that its ranges are wider."
)


def fit_of(results: Results) -> list[str]:
    """Return sentences on which published figures the baseline of the results reproduces, and which it does not.

    Nothing is said of a county that was not fitted: the stamp does.
    """
    if results.provenance["stamp"]:
        return []
    try:
        record = calibration_record(find_county(results.provenance["county"]["name"]))
        if not any(str(record["run"]) in caveat for caveat in results.provenance["caveats"]):
            return [CHANGED_SINCE]
        table = results_target_table(results)
    except (ConfigurationError, KeyError, FileNotFoundError):
        return [CHANGED_SINCE]
    return list(_in_words(table, record))


def _in_words(table: pd.DataFrame, record: Any) -> Iterator[str]:
    runs = int(table["runs"].max()) if len(table) else 0
    fitted = f"{record['last_fitted']} (calibration {record['run']})"
    yield (
        f"The county's figures were fitted to published ones up to {fitted}. In the {runs} runs of the baseline of "
        f"this paper: {' '.join(coverage_in_words(table))} {SHARES}"
    )
    scored = table[table["use"].isin([str(Use.CALIBRATE), str(Use.VALIDATE)]) & table["inside"].notna()]
    for use, what in ((Use.CALIBRATE, "it was fitted to"), (Use.VALIDATE, "held out")):
        rows = scored[(scored["use"] == str(use)) & ~scored["inside"].fillna(True).astype(bool)]
        said = [_missed({str(key): value for key, value in row.items()}) for row in rows.to_dict("records")]
        if said:
            yield f"Not reproduced, of figures {what}: {'; '.join(said)}."


def _missed(row: dict[str, Any]) -> str:
    """Return a figure that lies outside: published, and simulated with its range."""
    published, simulated, low, high = (
        amount(row[name], row) for name in ("observed", "simulated", "simulated_low", "simulated_high")
    )
    return f"{name_of(row)}: {published} published, {simulated} simulated (90% range {low} to {high})"

"""A county's files brought up to what calibration found: figures of the centre, the ensemble around it, the record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.calibration.outcome import Calibration, quantile_of, rows_by_name
from sim.analysis.calibration.points import DIGITS
from sim.chance.figures import quantiles
from sim.parameters.ensemble import COLUMNS, tidy
from sim.parameters.figures import figures
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import RECORD_FILE, load_county, read_text
from sim.parameters.load_ensemble import ENSEMBLE_FILE
from sim.parameters.rewrite import Cells, rewritten, with_row
from sim.parameters.schema import Parameters
from sim.parameters.tables import Table, row_table
from sim.parameters.uncertainty import Member
from sim.results import write_json, write_text
from sim.uncertainty import drawn
from sim.uncertainty.pinned import Pinned

SOURCE = "calibration"
_WORDS = {
    "key": SOURCE,
    "title": "Fitted to published figures (targets.csv) by history matching; see calibration.json",
    "publisher": "Pupil Pathways",
    "url": "",
}
_BEFORE = re.compile(r" ?Fitted; before it was .*$")
FIGURE_DIGITS = 9


def adopt(found: Calibration, folder: Path, record: Mapping[str, Any]) -> None:
    """Write what calibration found into a county's folder: changed rows, sources, the ensemble and its record.

    Rows that a factor reached, judged figures that the targets moved, and destinations that took the difference, get
    the figures of the centre, the grade derived and the source calibration; their notes say what stood there before.
    Members keep their figures: ratios and quantiles are those on the new rows. The record is written last; without it
    the ensemble counts as none.
    """
    county = load_county(folder)
    after = county_after(county, found)
    (folder / RECORD_FILE).unlink(missing_ok=True)
    for file, text in _changed_tables(folder, county, after):
        write_text(text, file)
    write_text(_ensemble(found, county, after), folder / ENSEMBLE_FILE)
    adopted = fingerprint(load_county(folder))
    write_json({"county": adopted, "seed": found.trials.seed, **record}, folder / RECORD_FILE)


def county_after(county: Parameters, found: Calibration) -> Parameters:
    """Return a county with the figures of the centre."""
    return drawn(county, Pinned(0, 0, found.centre.ratios, at=found.centre.quantiles), found.trials.spec)


def members_of(found: Calibration, before: Parameters, after: Parameters) -> dict[int, Member]:
    """Return the members of the ensemble by number, from 1, as ratios and quantiles on the figures of the centre.

    Parameters
    ----------
    before, after : the county before and after the figures of the centre went into it.
    """
    best, spec = found.centre.ratios, found.trials.spec
    was, now = rows_by_name(before, spec), rows_by_name(after, spec)
    moved = [name for name in found.centre.quantiles if name in was]
    made = {}
    for number, draw in enumerate(found.trials.draws(found.members), start=1):
        ratios = {name: float(f"{ratio / best[name]:.{DIGITS}g}") for name, ratio in draw.factors.items()}
        given = dict(draw.given)
        for name in moved:
            row = was[name]
            value = quantiles(row["distribution"], draw.uniform(name), row["value"], row["low"], row["high"])
            given[name] = round(quantile_of(now[name], float(value)), DIGITS)
        made[number] = Member(draw=draw.number, factors=ratios, given=given)
    return made


def _ensemble(found: Calibration, before: Parameters, after: Parameters) -> str:
    rows = pd.DataFrame(list(tidy(members_of(found, before, after))), columns=list(COLUMNS))
    return rows.to_csv(index=False, lineterminator="\n")


def _changed_tables(folder: Path, before: Parameters, after: Parameters) -> Iterator[tuple[Path, str]]:
    """Yield the file and the new text of each table with a row that changed, and of the sources."""
    by_table: dict[Table, dict[tuple[str, ...], Cells]] = {}
    was = dict(figures(before.model_dump(mode="json")))
    for path, row in figures(after.model_dump(mode="json")):
        table = row_table(path)
        if table is not None and row != was[path]:
            by_table.setdefault(table, {})[path] = _cells(was[path], row)
    for table, rows in by_table.items():
        file = folder / table.file
        yield file, rewritten(read_text(file), table, rows, str(file))
    if by_table:
        file = folder / "sources.csv"
        yield file, with_row(read_text(file), _WORDS)


def _cells(was: Mapping[str, Any], row: Mapping[str, Any]) -> Cells:
    """Return the cells of a row that change, with evidence; the note keeps what stood there before the first fit."""
    differs = [name for name in ("value", "low", "high") if row[name] != was[name]]
    ends = {name: float(f"{row[name]:.{FIGURE_DIGITS}g}") for name in differs}
    if was["source"] == SOURCE:
        return ends
    note = _BEFORE.sub("", was["note"])
    before = (
        f"Fitted; before it was {was['value']:g} ({was['low']:g} to {was['high']:g}), {was['grade']}: {was['source']}."
    )
    return {**ends, "grade": "derived", "source": SOURCE, "note": f"{note} {before}".strip()}

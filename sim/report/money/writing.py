"""Writes the money pages of a study into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.analysis.council_forecast import COLUMNS, read_forecast, template_rows
from sim.report.money.sheets import Sheet, money_sheets
from sim.report.money.slides import file_name, save_slides, slides
from sim.report.money.summary import summary_page
from sim.report.money.workbook import csv_safe, write_workbook
from sim.results import Results, write_text

WORKBOOK, SUMMARY, TEMPLATE, TABLES, PICTURES = "money.xlsx", "summary.html", "council_forecast.csv", "tables", "slides"


def write_money(
    results: Results,
    folder: Path,
    scenarios: Sequence[str] = (),
    council: Path | None = None,
    with_workbook: bool = True,
) -> list[Path]:
    """Write workbook, tables, summary and pictures, and return the paths.

    Parameters
    ----------
    scenarios : those to tell of beside the baseline; all if none are named.
    council : CSV with the council's own forecast; see `sim.analysis.council_forecast`.
    with_workbook : False where openpyxl is not installed.

    Raises ConfigurationError for a forecast that cannot be used, and ValueError for results that hold too little.
    """
    forecast = None if council is None else read_forecast(council, results)
    sheets = money_sheets(results, scenarios, forecast)
    written = [_table(sheet, folder / TABLES) for sheet in sheets]
    if with_workbook:
        written.append(write_workbook(sheets, folder / WORKBOOK, str(results.provenance["created"])))
    drawn = list(slides(results, scenarios))
    pictures = save_slides(drawn, folder / PICTURES)
    page = folder / SUMMARY
    write_text(summary_page(results, scenarios, drawn[0] if drawn else None), page)
    return [*written, *pictures, page, _template(results, folder / TEMPLATE)]


def _table(sheet: Sheet, folder: Path) -> Path:
    return _csv(csv_safe(sheet.tidy), folder / f"{file_name(sheet.name).lower().replace('-', '_')}.csv")


def _template(results: Results, file: Path) -> Path:
    """Write an empty forecast to fill in: every line of every year."""
    return _csv(pd.DataFrame(template_rows(results), columns=list(COLUMNS)), file)


def _csv(table: pd.DataFrame, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False, encoding="utf-8", lineterminator="\n", float_format="%.4f")
    return file

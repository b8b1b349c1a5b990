"""Workbooks that hold values only: no formula, whatever a name begins with, and the same bytes whenever written."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.parameters.problems import ConfigurationError, Problem
from sim.report.money.sheets import Sheet

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

HEADER_ROW = 3
"""Title and note stand above the header; all three stay in sight."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
MOST_LETTERS = 32_000
NARROWEST, WIDEST, LOOKED_AT = 9, 46, 200
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
STAMPS = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</)")
WHOLE = "0"


def write_workbook(sheets: Sequence[Sheet], file: Path, created: str) -> Path:
    """Write sheets as .xlsx and return the path.

    Parameters
    ----------
    created : when the run was made (ISO), which the workbook gives as its own date.

    Raises ConfigurationError when openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ModuleNotFoundError:
        found, fix = (
            "the package openpyxl is not installed",
            'python3 -m pip --python .venv install -c constraints.txt -e ".[excel]"',
        )
        raise ConfigurationError(Problem(str(file), "", found, "the extra excel", fix)) from None
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    raw = io.BytesIO()
    book.save(raw)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(repeatable(raw.getvalue(), created))
    return file


def repeatable(content: bytes, created: str) -> bytes:
    """Return an .xlsx with dates inside that do not depend on when it was written."""
    made = io.BytesIO()
    stamp = _utc(created).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            body = old.read(name)
            if name == CORE:
                body = STAMPS.sub(rb"\g<1>" + stamp + rb"\g<3>", body)
            info = zipfile.ZipInfo(name, ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, body)
    return made.getvalue()


def safe_text(value: object) -> str:
    """Return text without control characters, cut to what a cell holds."""
    return CONTROL.sub(" ", str(value))[:MOST_LETTERS]


def csv_safe(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text begins like a formula: such text has an apostrophe in front."""
    texts = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].map(_quoted) for name in texts})


def _quoted(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = safe_text(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _utc(created: str) -> datetime:
    try:
        return datetime.fromisoformat(created).astimezone(UTC)
    except ValueError:
        return datetime(*ZIP_EPOCH, tzinfo=UTC)


def _fill(page: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    _put(page, 1, 1, sheet.title).font = Font(bold=True, size=14)
    _put(page, 2, 1, sheet.note).font = Font(italic=True)
    columns = list(sheet.shown.columns)
    for column, name in enumerate(columns, start=1):
        head = _put(page, HEADER_ROW, column, str(name).replace("_", " "))
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDDDDD")
        head.alignment = Alignment(wrap_text=True, vertical="top")
    for row, values in enumerate(sheet.shown.itertuples(index=False, name=None), start=HEADER_ROW + 1):
        for column, value in enumerate(values, start=1):
            _put(page, row, column, value, _format(sheet, columns[column - 1], value))
    _lay_out(page, sheet)


def _format(sheet: Sheet, column: str, value: object) -> str:
    if column in ("replications", "value") and isinstance(value, int) and not isinstance(value, bool):
        return WHOLE
    return WHOLE if column == "replications" else sheet.formats.get(column, sheet.others)


def _put(page: Worksheet, row: int, column: int, value: object, number_format: str = "") -> Any:
    """Write a value into a cell: numbers as numbers, nothing for what is not known, all else as text."""
    cell = page.cell(row, column)
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        if isfinite(value):
            cell.value = round(float(value), 4) if not float(value).is_integer() else int(value)
            cell.number_format = number_format or "General"
        return cell
    if value is None or value is pd.NA:
        return cell
    cell.value = safe_text(value)
    cell.data_type = "s"  # never a formula or an error, whatever it begins with
    cell.quotePrefix = str(value).startswith(FORMULA_SIGNS)
    return cell


def _lay_out(page: Worksheet, sheet: Sheet) -> None:
    """Freeze the header, fit widths, and have the page print on landscape A4, the header on every sheet."""
    from openpyxl.utils import get_column_letter

    page.freeze_panes = f"A{HEADER_ROW + 1}"
    page.print_title_rows = f"1:{HEADER_ROW}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    for column, name in enumerate(sheet.shown.columns, start=1):
        texts = sheet.shown[name].head(LOOKED_AT).map(_length)
        width = max([len(str(name)), *texts]) + 2
        page.column_dimensions[get_column_letter(column)].width = min(max(width, NARROWEST), WIDEST)


def _length(value: object) -> int:
    return len(f"{value:,.0f}") if isinstance(value, float) else len(str(value))

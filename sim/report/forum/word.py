"""What pandoc leaves open in a Word document: rows whole over pages, widths of cells, and room above pictures."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from sim.report.money.workbook import ZIP_EPOCH

BODY = "word/document.xml"
WHOLE_ROW = "<w:cantSplit />"
ROOM = '<w:spacing w:before="240" />'
ROW = re.compile(r"<w:tr>(<w:trPr>)?")
FIGURE_STYLE = '<w:pStyle w:val="CaptionedFigure" />'


def tidied(file: Path) -> None:
    """Rewrite a Word document of pandoc in place, with the same dates inside as any other time."""
    with zipfile.ZipFile(file) as document:
        parts = [(one.filename, document.read(one)) for one in document.infolist()]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as document:
        for name, content in parts:
            info = zipfile.ZipInfo(name, ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            document.writestr(info, tidy_body(content.decode("utf-8")).encode("utf-8") if name == BODY else content)


def tidy_body(body: str) -> str:
    """Return the text of a document with whole rows, widths of cells, and room above pictures."""
    made = re.sub(r"<w:tbl>.*?</w:tbl>", lambda table: _table(table.group()), body, flags=re.DOTALL)
    return made.replace(FIGURE_STYLE, f"{FIGURE_STYLE}{ROOM}")


def _table(table: str) -> str:
    widths = re.findall(r'<w:gridCol w:w="(\d+)"', table)
    rows = re.split(r"(?=<w:tr>)", table)
    return rows[0] + "".join(_row(row, widths) for row in rows[1:])


def _row(row: str, widths: list[str]) -> str:
    whole = ROW.sub(lambda found: f"<w:tr><w:trPr>{WHOLE_ROW}" + ("" if found.group(1) else "</w:trPr>"), row, count=1)
    cells = whole.split("<w:tcPr />")
    if len(cells) != len(widths) + 1:  # cells that span columns keep what they have
        return whole
    told = [
        f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa" /></w:tcPr>{cell}'
        for width, cell in zip(widths, cells[1:], strict=True)
    ]
    return "".join([cells[0], *told])

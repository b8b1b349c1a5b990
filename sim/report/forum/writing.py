"""Writing a paper: pictures, Word, a web page, and the list of its references."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.report.forum.converting import check_reference, write_page, write_word
from sim.report.forum.paper import Paper, context_of
from sim.report.forum.pictures import save_flows, save_pictures
from sim.report.forum.quoting import sentence
from sim.report.forum.templating import MARKDOWN_TEMPLATE, rendered, shipped
from sim.report.money.workbook import csv_safe

REFERENCES, PICTURES = "references.csv", "pictures"


def write_paper(paper: Paper, folder: Path, template: Path | None = None, reference: Path | None = None) -> list[Path]:
    """Write a paper into a folder and return its files: Word, page, references.

    Parameters
    ----------
    template : Markdown with Jinja2 in place of the one that comes along.
    reference : Word document whose styles to take.
    """
    if reference is not None:
        check_reference(reference)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = save_pictures(paper.nets(), paper.yearly(), paper.titles, folder / PICTURES)
    paper.pictures = [one._replace(file=one.file.relative_to(folder)) for one in drawn]
    drawn_flows = save_flows(paper.flow_tables(), paper.titles, folder / PICTURES)
    paper.flows = {name: one._replace(file=one.file.relative_to(folder)) for name, one in drawn_flows.items()}
    context = context_of(paper)
    text = rendered(template or shipped(MARKDOWN_TEMPLATE), context)
    title = str(context["title"])
    word = write_word(text, title, paper.dated, folder, reference)
    return [word, write_page(text, title, paper.dated, folder), write_references(paper, folder / REFERENCES)]


def write_references(paper: Paper, file: Path) -> Path:
    """Write every figure that may be quoted, with its reference code, and return the file."""
    rows = [
        {
            "code": one.code,
            "sentence": sentence(one, paper.titles),
            **one.about._asdict(),
            "value": one.value,
            "low": one.low,
            "high": one.high,
            "unit": one.unit,
            "interval": str(one.interval),
            "price_base": one.price_base,
            "number": one.number,
            "of": one.units,
            "run": one.origin.run,
        }
        for one in paper.catalogue
        if one.has_interval
    ]
    csv_safe(pd.DataFrame(rows)).to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
    return file

"""From Markdown to Word and to a web page that stands alone, byte for byte the same for the same paper."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

from sim.parameters.problems import ConfigurationError, Problem
from sim.report.forum.templating import PAGE_TEMPLATE, REFERENCE, STYLES, shipped
from sim.report.forum.word import tidied
from sim.results import write_text

WORD, PAGE = "forum_paper.docx", "forum_paper.html"
READ_AS = "markdown-raw_html-raw_tex-raw_attribute-tex_math_dollars-citations-smart-example_lists-auto_identifiers"
STYLES_IN_WORD, BODY_IN_WORD = "word/styles.xml", "word/document.xml"


def write_word(markdown: str, title: str, dated: date, folder: Path, reference: Path | None = None) -> Path:
    """Write the paper as a Word document and return its path.

    Parameters
    ----------
    folder : where the document goes, and where the pictures it names are.
    reference : a Word document whose styles are taken over.
    """
    like = reference or shipped(REFERENCE)
    check_reference(like)
    _pandoc(markdown, title, dated, folder, [f"--reference-doc={like.resolve()}", "--to=docx", f"--output={WORD}"])
    tidied(folder / WORD)
    return folder / WORD


def write_page(markdown: str, title: str, dated: date, folder: Path) -> Path:
    """Write the paper as one HTML file with everything in it, and return its path."""
    page = [f"--template={shipped(PAGE_TEMPLATE).resolve()}", f"--css={shipped(STYLES).resolve()}", "--embed-resources"]
    text = _pandoc(
        markdown, title, dated, folder, [*page, "--to=html5", "--section-divs", "--shift-heading-level-by=1"]
    )
    write_text(with_scopes(text), folder / PAGE)
    return folder / PAGE


def check_reference(file: Path) -> None:
    """Refuse a file that is not a Word document with text and styles."""
    try:
        with zipfile.ZipFile(file) as document:
            ElementTree.fromstring(document.read(STYLES_IN_WORD))
            ElementTree.fromstring(document.read(BODY_IN_WORD))
            return
    except (zipfile.BadZipFile, FileNotFoundError, IsADirectoryError, KeyError, ElementTree.ParseError):
        pass
    found, fix = "not a Word document", f"save it from Word as .docx, or begin with {shipped(REFERENCE).name}"
    raise ConfigurationError(Problem("command line", "--reference-docx", f"{file}, {found}", "a .docx file", fix))


def with_scopes(page: str) -> str:
    """Return a page in which heads of columns and the first cell of each row say what they are the heads of."""
    page = page.replace("<th>", '<th scope="col">').replace("<th style", '<th scope="col" style')
    return re.sub(r"(<tr>\n)<td([^>]*)>(.*?)</td>", r'\1<th scope="row"\2>\3</th>', page, flags=re.DOTALL)


def _pandoc(markdown: str, title: str, dated: date, folder: Path, options: Sequence[str]) -> str:
    """Run pandoc in the folder of the pictures, at the instant of the paper's date; return what it prints."""
    import pypandoc

    second = int(datetime(dated.year, dated.month, dated.day, tzinfo=UTC).timestamp())
    given = ["--standalone", f"--from={READ_AS}", "--metadata=lang:en-GB", f"--metadata=title:{title}", *options]
    said = subprocess.run(
        [pypandoc.get_pandoc_path(), *given],
        input=markdown,
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(max(second, 0))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if said.returncode:
        raise ConfigurationError(Problem("pandoc", "", said.stderr.strip() or f"exit code {said.returncode}"))
    return said.stdout

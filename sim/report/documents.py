"""The documents in docs/ that are written from the data: a name and the function that returns the text of each.

Pictures are left out: a PNG differs from one version of the drawing library to the next, so it cannot be checked
byte for byte. `pathways map` draws the map of pathways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

from sim.levers.catalogue import levers
from sim.measures import MEASURES
from sim.parameters.load import find_county, load_county, read_text
from sim.parameters.schema import Parameters
from sim.questions import questions
from sim.report.lever_list import levers_in_markdown
from sim.report.pathway_map import in_words
from sim.report.question_list import questions_in_markdown
from sim.report.verification import verification_in_markdown
from sim.results import read_json
from sim.scenarios import defaults

COMMAND = "pathways docs"
VERIFICATION_RESULTS, VERIFICATION_PAGE = "verification.json", "verification.md"
"""What the tests found, and the page that is made of it."""


def levers_document() -> str:
    """Every lever, on the default county."""
    return levers_in_markdown(levers(), _county())


def questions_document() -> str:
    """Every question, its scenarios and the levers they pull."""
    return questions_in_markdown(questions(MEASURES))


def map_document() -> str:
    """The map of pathways of the default county, in words."""
    return f"{in_words(_county())}\n"


DOCUMENTS: dict[str, Callable[[], str]] = {
    "levers.md": levers_document,
    "questions.md": questions_document,
    "pathway_map.txt": map_document,
}
"""File name -> function that returns its text. A feature registers its page here."""


def documents_of(folder: Path, verification: Path | None = None) -> dict[str, Callable[[], str]]:
    """Return all documents of a folder: those from the data, and the verification page if there are results of tests.

    Parameters
    ----------
    verification : results of the tests, as `pytest --claims=FILE` writes them; those in the folder if not given.
    """
    results = verification or folder / VERIFICATION_RESULTS
    page = {VERIFICATION_PAGE: partial(_verification_document, results)} if results.is_file() else {}
    return DOCUMENTS | page


def _verification_document(results: Path) -> str:
    return verification_in_markdown(read_json(results))


def write_documents(folder: Path, documents: Mapping[str, Callable[[], str]] = DOCUMENTS) -> list[Path]:
    """Write every document (UTF-8, lines ending in a line feed) and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in documents]
    for file in files:
        file.write_text(documents[file.name](), encoding="utf-8", newline="\n")
    return files


def outdated(folder: Path, documents: Mapping[str, Callable[[], str]] = DOCUMENTS) -> list[str]:
    """Return the names of the documents that are missing or do not say what would be written; nothing is written."""
    return [name for name, text in documents.items() if not _says(folder / name, text())]


def _says(file: Path, text: str) -> bool:
    return file.is_file() and read_text(file) == text


@lru_cache(maxsize=1)
def _county() -> Parameters:
    return load_county(find_county(defaults().county))

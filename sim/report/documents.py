"""The documents in docs/ that are written from the data: a name and the function that returns the text of each.

Pictures are left out: a PNG differs from one version of the drawing library to the next, so it cannot be checked
byte for byte. `pathways map` draws the map of pathways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

from sim.assumptions import assumptions, figures_of
from sim.dictionary import dictionary
from sim.levers.catalogue import levers
from sim.measures import MEASURES
from sim.parameters.load import list_counties, read_table, read_text
from sim.parameters.schema import Parameters
from sim.questions import questions
from sim.report.assumption_list import assumptions_in_markdown
from sim.report.data_dictionary import dictionary_in_markdown
from sim.report.described import described, filled
from sim.report.lever_list import levers_in_markdown
from sim.report.parameter_list import parameters_in_markdown
from sim.report.pathway_map import in_words
from sim.report.question_list import questions_in_markdown
from sim.report.shipped import county_and_targets
from sim.report.verification import verification_in_markdown
from sim.results import read_json
from sim.scenarios import defaults

COMMAND = "pathways docs"
VERIFICATION_RESULTS, VERIFICATION_PAGE = "verification.json", "verification.md"
"""What the tests found, and the page that is made of it."""

SENSITIVITY_RESULTS = "sensitivity.csv"
"""What a sensitivity analysis found about the figures that assumptions govern: a copy of its table of assumptions."""

SENSITIVITY_COLUMNS = ("below", "above", "lower", "upper", "best_lower", "best_upper", "p_value", "clear")


def levers_document() -> str:
    """Every lever, on the default county."""
    return levers_in_markdown(levers(), _county())


def questions_document() -> str:
    """Every question, its scenarios and the levers they pull."""
    return questions_in_markdown(questions(MEASURES))


def map_document() -> str:
    """The map of pathways of the default county, in words."""
    return f"{in_words(_county())}\n"


def stress_document() -> str:
    """The STRESS-DES checklist, answered for the default county."""
    return filled("stress_des", _described())


def odd_document() -> str:
    """The ODD description, for the default county."""
    return filled("odd", _described())


def assumptions_document(measured: Mapping[str, float] | None = None) -> str:
    """The register of assumptions, with the figures of the default county."""
    county, name = _county(), defaults().county
    return assumptions_in_markdown(assumptions(), figures_of(county), county, parameters_page(name), measured)


def dictionary_document() -> str:
    """The data dictionary."""
    return dictionary_in_markdown(dictionary(), _county())


def parameters_document(county: str) -> str:
    """Every figure of a county."""
    return parameters_in_markdown(*county_and_targets(county))


def parameters_page(county: str) -> str:
    """Return the name of the page that lists the figures of a county."""
    return f"parameters_{county}.md"


DOCUMENTS: dict[str, Callable[[], str]] = {
    "levers.md": levers_document,
    "questions.md": questions_document,
    "pathway_map.txt": map_document,
    "stress_des.md": stress_document,
    "odd.md": odd_document,
    "assumptions.md": assumptions_document,
    "data_dictionary.md": dictionary_document,
    **{parameters_page(county): partial(parameters_document, county) for county in list_counties()},
}
"""File name -> function that returns its text. A feature registers its page here."""


def documents_of(folder: Path, verification: Path | None = None) -> dict[str, Callable[[], str]]:
    """Return all documents of a folder: those from the data, and the verification page if there are results of tests.

    The register of assumptions holds measured impacts if there is a table of a sensitivity analysis in the folder.

    Parameters
    ----------
    verification : results of the tests, as `pytest --claims=FILE` writes them; those in the folder if not given.
    """
    results = verification or folder / VERIFICATION_RESULTS
    page = {VERIFICATION_PAGE: partial(_verification_document, results)} if results.is_file() else {}
    analysis = folder / SENSITIVITY_RESULTS
    if analysis.is_file():
        page["assumptions.md"] = partial(assumptions_document, measured_impacts(analysis))
    return DOCUMENTS | page


def measured_impacts(file: Path) -> dict[str, float]:
    """Return the change of the chance that the best policy is the best, by name of a figure, from a table (CSV).

    The table is one that `pathways sensitivity ranking` writes; only its columns name and change are looked at.
    """
    rows = read_table(file, ("name", "change"), SENSITIVITY_COLUMNS)
    return {row.cells["name"]: float(row.cells["change"]) for row in rows}


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


def _county() -> Parameters:
    return county_and_targets(defaults().county)[0]


@lru_cache(maxsize=1)
def _described() -> Mapping[str, str]:
    name = defaults().county
    county, targets = county_and_targets(name)
    return described(county, targets, assumptions(), dictionary().state, parameters_page(name))

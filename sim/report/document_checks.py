"""What would make the documents untrue though they are up to date: sources nobody uses, judgements under no assumption.

Each check returns problems in the words of the configuration; `pathways docs` refuses to go on while there are any.
A row without a source is refused when a county is read, so it needs no check here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sim.assumptions import FILE as ASSUMPTIONS_FILE
from sim.assumptions import assumptions, shipped_figures
from sim.assumptions import gaps as assumption_gaps
from sim.dictionary import dictionary
from sim.dictionary import gaps as dictionary_gaps
from sim.parameters.load import find_county, list_counties, read_text, shipped_file
from sim.parameters.problems import Problem
from sim.report.data_dictionary import named
from sim.report.parameter_list import unused_sources
from sim.report.shipped import county_and_targets

DECISIONS = "decisions.md"
PARTS = ("*Context:*", "**Choice:**", "*Consequence:*")
_ENTRY = re.compile(r"^\*\*(\d+)\. (.+?)\*\*", re.MULTILINE | re.DOTALL)


def problems(folder: Path) -> list[Problem]:
    """Return everything that must be mended before the documents in a folder can be right.

    Parameters
    ----------
    folder : where the log of decisions stands, if it does; it is written by hand and checked only.
    """
    log = folder / DECISIONS
    found = [*source_problems(), *assumption_gaps(assumptions(), shipped_figures())]
    found += dictionary_gaps(dictionary(), named())
    if log.is_file():
        text = read_text(log)
        found += [*decision_problems(text, str(log)), *_unknown_decisions(numbers_in(text))]
    return found


def source_problems() -> Iterator[Problem]:
    """Yield sources of shipped counties that nothing refers to."""
    for name in list_counties():
        county, targets = county_and_targets(name)
        file = str(find_county(name) / "sources.csv")
        for key in unused_sources(county, targets):
            yield Problem(
                file, f"row {key}", "a source that no row refers to", "sources in use", "remove it, or use it"
            )


def decision_problems(text: str, file: str) -> Iterator[Problem]:
    """Yield what is wrong with a log of decisions: numbers out of order, parts that are missing or empty."""
    entries = list(_ENTRY.finditer(text))
    if not entries:
        yield Problem(file, "", "no decision", "entries such as **1. What was decided.**", "add the decisions")
    for place, entry in enumerate(entries):
        number, where = int(entry[1]), f"line {text.count(chr(10), 0, entry.start()) + 1} (decision {entry[1]})"
        if number != place + 1:
            yield Problem(
                file, where, f"number {number}", f"number {place + 1}", "number decisions in order, each once"
            )
        end = entries[place + 1].start() if place + 1 < len(entries) else len(text)
        missing = _missing_parts(text[entry.end() : end])
        if missing:
            yield Problem(file, where, f"without {', '.join(missing)}", ", ".join(PARTS), "add what is missing")


def _missing_parts(body: str) -> list[str]:
    """Return the parts that an entry lacks, or that say nothing, or that come out of order."""
    starts = [body.find(part) for part in PARTS]
    ends = [*starts[1:], len(body)]
    told = (body[start + len(part) : end].strip() for part, start, end in zip(PARTS, starts, ends, strict=True))
    return [part for part, start, said in zip(PARTS, starts, told, strict=True) if start < 0 or not said]


def numbers_in(text: str) -> set[int]:
    """Return the numbers of the decisions in a log."""
    return {int(entry[1]) for entry in _ENTRY.finditer(text)}


def _unknown_decisions(known: set[int]) -> Iterator[Problem]:
    for key, one in assumptions().items():
        for number in [number for number in one.decisions if number not in known]:
            found = f"decision {number}, which the log does not have"
            file = str(shipped_file(ASSUMPTIONS_FILE))
            yield Problem(file, f"key {key}/decisions", found, f"1 to {max(known)}", "correct it")

"""The questions and the scenarios that answer them, as text for a terminal and as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from sim.questions import Question
from sim.report.plain_table import WIDTH
from sim.scenarios import Outline, outline

INDENT = " " * 5
NO_SCENARIOS = "The baseline alone: its levels year by year."


def questions_in_words(questions: Mapping[str, Question]) -> str:
    """Return every question with its scenarios, in eighty columns."""
    parts = [
        "\n".join([_wrapped(f"{key:<5}{one.asked}", "", INDENT), *_scenarios(one)]) for key, one in questions.items()
    ]
    return "\n\n".join([*parts, "To ask one: pathways ask Q1"])


def _scenarios(question: Question) -> Iterator[str]:
    for name in question.runs:
        yield _wrapped(f"- {name}: {outline(name).title}", INDENT, f"{INDENT}  ")
    if not question.runs:
        yield f"{INDENT}{NO_SCENARIOS}"


def _wrapped(text: str, first: str, others: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def questions_in_markdown(questions: Mapping[str, Question]) -> str:
    """Return every question with its scenarios and the levers they pull, as a Markdown document."""
    lines = [
        "# Questions",
        "",
        "The questions put to the Schools Forum, and the scenarios that answer each. `pathways ask Q1` runs the",
        "scenarios of a question against the baseline and says in plain words what they change. What a lever does, and",
        "with which figures, is in [levers.md](levers.md).",
    ]
    for key, question in questions.items():
        lines += ["", f"## {key}", "", *textwrap.wrap(question.asked, 120), "", *_table(question)]
        lines += ["", "Looked at:", "", *(f"- {one.label} ({one.unit})" for one in question.looks_at)]
        if question.caveats:
            lines += ["", "To keep in mind:", "", *(f"- {caveat}" for caveat in question.caveats)]
        if question.go_further:
            lines += ["", "To go further:", "", "```bash", *question.go_further, "```"]
    return "\n".join(lines) + "\n"


def _table(question: Question) -> Iterator[str]:
    if not question.runs:
        yield NO_SCENARIOS
        return
    yield "| scenario | what is done | levers pulled |"
    yield "|---|---|---|"
    for name in question.runs:
        said = outline(name)
        yield f"| `{name}` | {said.title} | {_pulled(said)} |"


def _pulled(said: Outline) -> str:
    """Return the levers of a scenario with what it asks of each."""
    told = []
    for name, asked in said.levers.items():
        lever = str(asked.get("lever", name))
        settings = ", ".join(f"{key} {_worded(value)}" for key, value in asked.items() if key != "lever")
        told.append(f"`{lever}`{f' ({settings})' if settings else ''}")
    late = [f"all {said.delay_years} year{'s' if said.delay_years > 1 else ''} later"] if said.delay_years else []
    return "; ".join([*told, *late]) or "none: it changes figures of the county directly"


def _worded(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(str, value))
    return f"{value:,g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)

"""The questions put to the Schools Forum: in what words, which scenarios answer them, and what is looked at.

They stand in `questions.yaml` of the configurations; a question is known by its key, such as Q4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from sim.markup import brief, listed
from sim.parameters.load import read_yaml, shipped_file
from sim.parameters.problems import ConfigurationError, Origin, Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.schema import Frozen, Parameters
from sim.parameters.tables import line_of
from sim.parameters.translate import allowed_by
from sim.scenarios import Scenario, baseline, list_scenarios, load_scenario

FILE = "questions.yaml"
KEY = r"Q[1-9][0-9]*"
Lines = Mapping[tuple[str, ...], int]


class LooksAt(Frozen):
    """A quantity that a question looks at: a measure, how its years are put together, and the words for it.

    `provision` and `phase` are as in the measures; 'all' also stands for 'does not apply'. `falls_is` says how a
    fall is to be read.
    """

    measure: str = Field(min_length=1)
    provision: str = "all"
    phase: str = "all"
    over: Literal["mean", "sum", "last"] = "mean"
    label: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    falls_is: Literal["good", "bad", "neither"] = "neither"


class Combination(Frozen):
    """Scenarios that are parts of a whole, and the scenario in which all of them act together."""

    parts: tuple[str, ...] = Field(min_length=2)
    together: str = Field(min_length=1)


class Question(Frozen):
    """A question as it was put, the scenarios that answer it, what it looks at, and what to keep in mind.

    `price_or_volume` names a budget line whose growth in the baseline is split into the two; `go_further` are commands
    that answer parts of the question which the comparison of scenarios leaves open.
    """

    asked: str = Field(min_length=1)
    scenarios: tuple[str, ...] = ()
    combination: Combination | None = None
    looks_at: tuple[LooksAt, ...] = Field(min_length=1)
    price_or_volume: str = ""
    caveats: tuple[str, ...] = ()
    go_further: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return brief("Question", f"'{self.asked}'", listed(self.runs))

    def __str__(self) -> str:
        """Return the question as it was put."""
        return self.asked

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of all scenarios to run against the baseline, each once."""
        combined = (*self.combination.parts, self.combination.together) if self.combination else ()
        return tuple(dict.fromkeys((*self.scenarios, *combined)))

    def scenarios_on(self, county: Parameters) -> tuple[Scenario, ...]:
        """Return the baseline and every scenario that answers the question, on a county."""
        return (baseline(county), *(load_scenario(name, county) for name in self.runs))


def questions(measures: Collection[str] = (), file: Path | None = None) -> dict[str, Question]:
    """Return every question by its key, in the order of their numbers.

    Parameters
    ----------
    measures : names of the measures there are; if given, a question may look at no other.
    file : a file of one's own in place of the one that comes with the package.

    Raises ConfigurationError that names the line and key at fault, what was found and what is allowed.
    """
    path = file or shipped_file(FILE)
    text = read_yaml(path)
    try:
        found = TypeAdapter(dict[str, Question]).validate_python(text.data)
    except ValidationError as error:
        raise ConfigurationError(*(_problem(detail, text.lines, path) for detail in error.errors())) from None
    wrong = [
        *_wrong_keys(found, text.lines, path),
        *_unknown_scenarios(found, text.lines, path),
        *_unknown_measures(found, measures, text.lines, path),
    ]
    raise_if_any(wrong)
    return dict(sorted(found.items(), key=lambda one: int(one[0][1:])))


def question_named(name: str, known: Mapping[str, Question]) -> str:
    """Return the key of a question asked for as 'Q4', 'q4' or '4'; ConfigurationError lists those there are."""
    key = name.strip().upper()
    key = f"Q{key}" if key.isdecimal() else key
    if key not in known:
        fix = "pathways questions prints what each asks"
        raise ConfigurationError(Problem("command line", "QUESTION", f"no question {name}", ", ".join(known), fix))
    return key


def _where(path: tuple[str, ...], lines: Lines, file: Path) -> str:
    return str(Origin(str(file), line_of(lines, path), f"key {'/'.join(path)}"))


def _problem(detail: ErrorDetails, lines: Lines, file: Path) -> Problem:
    """Return an error of the shape of the file, with its line and key."""
    path = tuple(str(step) for step in detail["loc"])
    where = _where(path, lines, file)
    if detail["type"] == "extra_forbidden":
        known = tuple(_model_at(path).model_fields)
        fix = did_you_mean(path[-1], known, "remove it")
        return Problem(str(file), where, f"unknown key {path[-1]}", suggestions(path[-1], known), fix)
    if detail["type"] == "missing":
        return Problem(str(file), where, "nothing", "this key must be there", f"add {path[-1]}")
    return Problem(str(file), where, repr(detail["input"]), allowed_by(detail), "correct the value")


def _model_at(path: tuple[str, ...]) -> type[BaseModel]:
    """Return the model of which the last step of a path is a key."""
    inside: dict[str, type[BaseModel]] = {"looks_at": LooksAt, "combination": Combination}
    return inside.get(path[1], Question) if len(path) > 2 else Question


def _wrong_keys(found: Mapping[str, Question], lines: Lines, file: Path) -> Iterator[Problem]:
    for name in found:
        if not re.fullmatch(KEY, name):
            yield Problem(str(file), _where((name,), lines, file), name, "Q and a number, such as Q4", "rename it")


def _unknown_scenarios(found: Mapping[str, Question], lines: Lines, file: Path) -> Iterator[Problem]:
    known = list_scenarios()[1:]
    for name, question in found.items():
        for scenario in question.runs:
            if scenario not in known:
                where = _where((name, "scenarios"), lines, file)
                fix = did_you_mean(scenario, known, "add its file to configs/scenarios")
                yield Problem(str(file), where, f"unknown scenario {scenario}", suggestions(scenario, known), fix)


def _unknown_measures(
    found: Mapping[str, Question], measures: Collection[str], lines: Lines, file: Path
) -> Iterator[Problem]:
    for name, question in found.items():
        for number, quantity in enumerate(question.looks_at):
            if measures and quantity.measure not in measures:
                where = _where((name, "looks_at", str(number), "measure"), lines, file)
                allowed = suggestions(quantity.measure, measures)
                fix = did_you_mean(quantity.measure, measures, "use a measure that there is")
                yield Problem(str(file), where, f"unknown measure {quantity.measure}", allowed, fix)

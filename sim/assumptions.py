"""The register of assumptions: what the model takes for granted, how much hangs on it, and which figures it governs.

It stands in `assumptions.yaml` of the configurations. A figure is governed by an assumption when one of the
assumption's patterns matches its path step by step; "*" stands for any text in a step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from sim.levers.catalogue import levers
from sim.parameters.checks import evidence_rows
from sim.parameters.load import find_county, list_counties, load_county, read_yaml, shipped_file
from sim.parameters.parse import YamlText
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.problems import Path as FigurePath
from sim.parameters.schema import Evidence, Frozen, Parameters
from sim.parameters.tables import line_of
from sim.parameters.translate import allowed_by
from sim.scenarios import defaults
from sim.vocabulary import Grade

FILE = "assumptions.yaml"
LEVERS = "levers"
"""First step of the path of a lever's setting: levers/NAME/SETTING."""

Figures = Mapping[FigurePath, Evidence]
"""Rows and settings that have evidence, by path."""


class Assumption(Frozen):
    """Something taken for granted: why, what it would do to the results if wrong, and the figures it governs.

    `source` holds keys of sources.csv of the default county, `decisions` numbers in the log of decisions, `governs`
    patterns of paths. `impact` is a judgement.
    """

    statement: str = Field(min_length=1)
    kind: Literal["scope", "simplification", "judgement"]
    because: str = Field(min_length=1)
    if_wrong: str = Field(min_length=1)
    impact: Literal["high", "medium", "low"]
    grade: Grade
    source: tuple[str, ...] = Field(min_length=1)
    decisions: tuple[int, ...] = ()
    governs: tuple[str, ...] = ()

    def reaches(self, path: FigurePath) -> bool:
        """Whether it governs the figure at a path."""
        return any(matches(path, pattern) for pattern in self.governs)


def matches(path: FigurePath, pattern: str) -> bool:
    """Whether a pattern such as rates/worsen_* names a path: the same part of a county, and as many steps."""
    first, *rest = pattern.split("/")
    return first == path[0] and len(rest) == len(path) - 1 and all(map(fnmatchcase, path[1:], rest))


def assumptions(file: Path | None = None) -> dict[str, Assumption]:
    """Return every assumption by its key, in the order of the file.

    Parameters
    ----------
    file : a file of one's own in place of the one that comes with the package.

    Raises ConfigurationError that names the line and key at fault, what was found and what is allowed.
    """
    path = file or shipped_file(FILE)
    text = read_yaml(path)
    try:
        found = TypeAdapter(dict[str, Assumption]).validate_python(text.data)
    except ValidationError as error:
        problems = [
            _told(text, path, tuple(map(str, one["loc"])), _found(one["input"]), allowed_by(one))
            for one in error.errors(include_url=False)
        ]
        raise ConfigurationError(*problems) from None
    raise_if_any([*_unknown_sources(found, text, path), *_unknown_parts(found, text, path)])
    return found


def figures_of(county: Parameters) -> dict[FigurePath, Evidence]:
    """Return everything that has evidence, by path: rows of a county and settings of levers."""
    settings = {(LEVERS, lever, name): one for lever, spec in levers().items() for name, one in spec.settings.items()}
    return dict(evidence_rows(county)) | settings


def shipped_figures() -> dict[str, Figures]:
    """Return the figures of every county that comes along, by its name."""
    return {name: figures_of(_county(name)) for name in list_counties()}


@cache
def _county(name: str) -> Parameters:
    return load_county(find_county(name))


def governed(assumption: Assumption, figures: Figures) -> list[FigurePath]:
    """Return the paths of the figures that an assumption governs."""
    return [path for path in figures if assumption.reaches(path)]


def gaps(register: Mapping[str, Assumption], figures: Mapping[str, Figures], file: Path | None = None) -> list[Problem]:
    """Return what the register leaves open: patterns that reach nothing, and judgements that nothing governs.

    Parameters
    ----------
    figures : of each county by its name; a pattern must reach something in one of them.
    file : the file of the register, for messages.
    """
    path = file or shipped_file(FILE)
    return [*_idle_patterns(register, figures, path), *_ungoverned(register, figures, path)]


def _idle_patterns(register: Mapping[str, Assumption], figures: Mapping[str, Figures], file: Path) -> Iterator[Problem]:
    paths = {path for one in figures.values() for path in one}
    for key, assumption in register.items():
        for pattern in assumption.governs:
            if not any(matches(path, pattern) for path in paths):
                fix = did_you_mean(pattern, sorted(map("/".join, paths)), "correct the pattern or remove it")
                yield Problem(str(file), f"key {key}/governs", f"{pattern} reaches nothing", "a path of a figure", fix)


def _ungoverned(register: Mapping[str, Assumption], figures: Mapping[str, Figures], file: Path) -> Iterator[Problem]:
    for county, rows in figures.items():
        for path, row in rows.items():
            if row.grade is Grade.JUDGEMENT and not any(one.reaches(path) for one in register.values()):
                found = f"{'/'.join(path)} of {county} is a judgement that no assumption governs"
                fix = "add an assumption, or its path to governs of one"
                yield Problem(str(file), "", found, "every judgement under an assumption", fix)


def _unknown_sources(register: Mapping[str, Assumption], text: YamlText, file: Path) -> Iterator[Problem]:
    known = _county(defaults().county).sources
    for key, assumption in register.items():
        yield from (
            _unknown(text, file, (key, "source"), name, known) for name in assumption.source if name not in known
        )


def _unknown_parts(register: Mapping[str, Assumption], text: YamlText, file: Path) -> Iterator[Problem]:
    """Yield patterns that begin with no part of a county: with a star in front they would reach too much."""
    known = (*Parameters.model_fields, LEVERS)
    for key, assumption in register.items():
        firsts = (pattern.partition("/")[0] for pattern in assumption.governs)
        yield from (_unknown(text, file, (key, "governs"), first, known) for first in firsts if first not in known)


def _unknown(text: YamlText, file: Path, path: tuple[str, ...], name: str, known: Collection[str]) -> Problem:
    return _told(text, file, path, f"unknown {name}", suggestions(name, known), did_you_mean(name, known, "correct it"))


def _told(
    text: YamlText, file: Path, path: tuple[str, ...], found: str, allowed: str, fix: str = "correct it"
) -> Problem:
    return Problem(str(file), f"line {line_of(text.lines, path)} (key {'/'.join(path)})", found, allowed, fix)


def _found(given: object) -> str:
    return repr(given) if isinstance(given, str | int | float) else "something else"

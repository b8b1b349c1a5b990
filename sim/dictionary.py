"""What columns, measures, happenings and state variables mean: the words of the data dictionary.

They stand in `dictionary.yaml` of the configurations. `gaps` compares them with the names that the code has, so that
none is without a meaning and no meaning is left behind when a name goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from sim.parameters.load import read_yaml, shipped_file
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean
from sim.parameters.schema import Frozen
from sim.parameters.tables import line_of
from sim.parameters.translate import allowed_by

FILE = "dictionary.yaml"


class Word(Frozen):
    """A meaning, and the unit where there is one; in the file plain text is a meaning without a unit."""

    unit: str = ""
    meaning: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"meaning": given} if isinstance(given, str) else given


Words = Mapping[str, Word]


class TableWords(Frozen):
    """What the rows of a table are, and what its own columns mean."""

    about: str = Field(min_length=1)
    columns: dict[str, Word] = Field(default_factory=dict)


class Dictionary(Frozen):
    """All words: tables by file, with the columns that several share; figures, measures and so on by name."""

    shared: dict[str, Word]
    county: dict[str, TableWords]
    figures: dict[str, Word]
    results: dict[str, TableWords]
    recorded: dict[str, TableWords]
    recorded_shared: dict[str, Word]
    dataset: dict[str, TableWords] = Field(default_factory=dict)
    dataset_shared: dict[str, Word] = Field(default_factory=dict)
    run: dict[str, Word] = Field(alias="run.json")
    store: dict[str, str]
    measures: dict[str, str]
    happenings: dict[str, Word]
    state: dict[str, dict[str, Word]]


class Named(Frozen):
    """The names that the code has: columns by table, and other names by the part of the dictionary they belong to."""

    county: dict[str, tuple[str, ...]]
    results: dict[str, tuple[str, ...]]
    recorded: dict[str, tuple[str, ...]]
    dataset: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    others: dict[str, tuple[str, ...]]


def dictionary(file: Path | None = None) -> Dictionary:
    """Return the words of the data dictionary.

    Parameters
    ----------
    file : a file of one's own in place of the one that comes with the package.

    Raises ConfigurationError that names the line and key at fault, what was found and what is allowed.
    """
    path = file or shipped_file(FILE)
    text = read_yaml(path)
    try:
        return Dictionary.model_validate(text.data)
    except ValidationError as error:
        raise ConfigurationError(
            *(
                Problem(str(path), _where(tuple(map(str, one["loc"])), text.lines), one["msg"], allowed_by(one))
                for one in error.errors(include_url=False)
            )
        ) from None


def _where(path: tuple[str, ...], lines: Mapping[tuple[str, ...], int]) -> str:
    return f"line {line_of(lines, path)} (key {'/'.join(path)})"


def gaps(words: Dictionary, named: Named, file: Path | None = None) -> list[Problem]:
    """Return names without a meaning, and meanings of names that there are not.

    Parameters
    ----------
    named : the names that the code has.
    file : the file of the dictionary, for messages.
    """
    path = file or shipped_file(FILE)
    found = [
        *_table_gaps("county", words.county, named.county, words.shared),
        *_table_gaps("results", words.results, named.results, words.shared),
        *_table_gaps("recorded", words.recorded, named.recorded, words.recorded_shared),
        *_table_gaps("dataset", words.dataset, named.dataset, words.dataset_shared),
    ]
    for part, names in named.others.items():
        found += _differences(part, _part(words, part), names)
    return [Problem(str(path), f"key {key}", said, "as many words as names", fix) for key, said, fix in found]


Gap = tuple[str, str, str]
"""Key, what was found, and the fix."""


def _part(words: Dictionary, part: str) -> Collection[str]:
    """Return the names in a part of the dictionary, such as measures or state/pupil."""
    first, _, second = part.partition("/")
    found: Mapping[str, Any] = getattr(words, "run" if first == "run.json" else first)
    return found[second] if second else found


def _table_gaps(
    part: str, words: Mapping[str, TableWords], named: Mapping[str, tuple[str, ...]], shared: Words
) -> Iterator[Gap]:
    yield from _differences(part, words, named)
    for name in [name for name in named if name in words]:
        own, columns = words[name].columns, named[name]
        missing = [column for column in columns if column not in own and column not in shared]
        yield from _missing(f"{part}/{name}/columns", missing)
        yield from _idle(f"{part}/{name}/columns", [column for column in own if column not in columns], columns)


def _differences(key: str, words: Collection[str], named: Collection[str]) -> Iterator[Gap]:
    yield from _missing(key, [name for name in named if name not in words])
    yield from _idle(key, [name for name in words if name not in named], named)


def _missing(key: str, names: Collection[str]) -> Iterator[Gap]:
    yield from ((key, f"no meaning of {name}", f"say what {name} is") for name in names)


def _idle(key: str, names: Collection[str], known: Collection[str]) -> Iterator[Gap]:
    yield from (
        (key, f"a meaning of {name}, which there is not", did_you_mean(name, known, "remove it")) for name in names
    )

"""From the text of a YAML or CSV file to plain data, refusing what can be read as something else than meant.

YAML 1.1 reads `yes` as true, `12:30` as 750 and `010` as 8, leaves `1e3` and `08` as text and lets a later
key overwrite an earlier one. Here each of these is an error with its line. Keys are text as written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from sim.parameters.problems import ConfigurationError, Path, Problem, did_you_mean, raise_if_any, suggestions

_PLAIN_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_PLAIN_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.[0-9]*([eE][-+][0-9]+)?")
_MEANT_AS_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|\d{1,3}(,\d{3})+(\.\d+)?")
_AFTER_COMMA = re.compile(r"0\d\d")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class YamlText:
    """The mapping a YAML file holds and the line at which each path in it stands."""

    data: dict[str, Any]
    lines: Mapping[Path, int]


def parse_yaml(text: str, file: str) -> YamlText:
    """Return the mapping in `text`; ConfigurationError names `file` and the line of anything doubtful."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ConfigurationError(Problem(file, "line 1", "no keys", "key: value lines", "add the keys it needs"))
        tree = _Tree(loader, file)
        data = tree.mapping(node, ())
    except yaml.YAMLError as error:
        raise ConfigurationError(_syntax(error, file)) from None
    finally:
        loader.dispose()
    raise_if_any(tree.problems)
    return YamlText(data, tree.lines)


def _syntax(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}" if mark else "unknown line"
    found = getattr(error, "problem", None) or "text that is not YAML"
    allowed = "YAML: key: value lines, indented with spaces"
    return Problem(file, where, found, allowed, "mend this line or the one above")


class _Tree:
    """Builds plain data from nodes, noting lines and problems on the way."""

    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self._loader, self._file = loader, file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._open: list[yaml.Node] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        """Return the data of any node."""
        if any(node is above for above in self._open):
            self._note(node, path, "a value that holds itself", "plain values", "remove the alias (*name)")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, path)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        """Return the data of a mapping; its keys are text as written."""
        data: dict[str, Any] = {}
        self._open.append(node)
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node, path, "a key that is not text", "text as keys", "write key: value")
                continue
            key = key_node.value
            here = (*path, key)
            if key in data:
                first = f"the key {key} again; it first stands at line {self.lines[here]}"
                self._note(key_node, here, first, "each key once", "remove one of the two")
            self.lines[here] = key_node.start_mark.line + 1
            data[key] = self.value(value_node, here)
        self._open.pop()
        return data

    def _sequence(self, node: yaml.SequenceNode, path: Path) -> list[Any]:
        self._open.append(node)
        items = []
        for number, item in enumerate(node.value):
            self.lines[(*path, str(number))] = item.start_mark.line + 1
            items.append(self.value(item, (*path, str(number))))
        self._open.pop()
        return items

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        fix = _surprise(node) if node.style is None else ""
        if fix:
            self._note(node, path, str(node.value), "a value that can be read in one way only", fix)
            return None
        try:
            return self._loader.construct_object(node)
        except ValueError as error:
            allowed = "a date that exists, such as 2019-09-01"
            self._note(node, path, f"{node.value} ({error})", allowed, "correct the date")
            return None

    def _note(self, node: yaml.Node, path: Path, found: str, allowed: str, fix: str) -> None:
        where = f"line {node.start_mark.line + 1} (key {'/'.join(path)})"
        self.problems.append(Problem(self._file, where, found, allowed, fix))


def _surprise(node: yaml.ScalarNode) -> str:
    """Return what to write instead when a bare word would be read as something else than meant, else ''."""
    tag, text = node.tag.removeprefix(_TAG), node.value
    if tag == "bool" and text.lower() not in ("true", "false"):
        return f'write true or false, or put it in quotes if it is a word: "{text}"'
    meant = tag == "str" and _MEANT_AS_NUMBER.fullmatch(text)
    odd_int = tag == "int" and not _PLAIN_INT.fullmatch(text)
    odd_float = tag == "float" and not _PLAIN_FLOAT.fullmatch(text)
    if meant or odd_int or odd_float:
        return f'{_as_number(text)}, or put it in quotes if it is text: "{text}"'
    return ""


def _as_number(text: str) -> str:
    """Return how to write what was meant as a number; three digits after a comma were part of the one before it."""
    if _AFTER_COMMA.fullmatch(text):
        return "write a large number without commas, such as 100000 for 100,000"
    if _MEANT_AS_NUMBER.fullmatch(text):
        return f"write {np.format_float_positional(float(text.replace(',', '')), trim='-')} if it is a number"
    return "write a plain number such as 8, 1000 or 0.25"


@dataclass(frozen=True)
class Row:
    """A row of a table: the line of the file it starts on and its cells by column, blank ones left out."""

    line: int
    cells: dict[str, str]


def parse_table(text: str, file: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[Row]:
    """Return the rows of a CSV text; ConfigurationError names `file`, the line and the columns at fault."""
    records = _records(text, file)
    line, header = next(records, (1, []))
    columns = [name.strip() for name in header]
    raise_if_any(list(_header_problems(columns, file, line, required, optional)))
    rows, problems = [], []
    for line, record in records:
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if len(cells) != len(columns):
            problems.append(_ragged(file, line, len(cells), len(columns)))
        rows.append(Row(line, {c: cell for c, cell in zip(columns, cells, strict=False) if cell}))
    raise_if_any(problems)
    return rows


def _records(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        fix = 'put a cell that holds a comma or a quotation mark in "..." and double the marks inside it'
        raise ConfigurationError(Problem(file, f"line {line}", str(error), "comma-separated cells", fix)) from None


def _ragged(file: str, line: int, cells: int, columns: int) -> Problem:
    fix = 'put a cell that holds a comma in "..."' if cells > columns else "add the commas for the blank cells"
    return Problem(file, f"line {line}", f"{cells} cells", f"{columns} cells, as in the header", fix)


def _header_problems(
    columns: list[str], file: str, line: int, required: tuple[str, ...], optional: tuple[str, ...]
) -> Iterator[Problem]:
    known, where = (*required, *optional), f"line {line} (header)"
    if len(columns) == 1 and ";" in columns[0]:
        fix = "save it as comma-separated CSV (UTF-8); decimals take a full stop"
        yield Problem(file, where, "semicolons between the columns", "commas", fix)
        return
    for name in columns:
        if name not in known:
            fix = did_you_mean(name, known, "remove the column")
            yield Problem(file, where, f"unknown column {name or '(blank)'}", suggestions(name, known), fix)
        elif columns.count(name) > 1:
            yield Problem(file, where, f"column {name} twice", "each column once", "remove one of the two")
    for name in required:
        if name not in columns:
            yield Problem(file, where, f"no column {name}", suggestions(name, required), f"add the column {name}")

"""Changed copies of parameters, checked again as a whole, and the fingerprint of parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args, get_origin

from sim.parameters.figures import steps_of
from sim.parameters.load import validated
from sim.parameters.problems import (
    ConfigurationError,
    Origin,
    Path,
    Problem,
    did_you_mean,
    raise_if_any,
    suggestions,
)
from sim.parameters.schema import Later, Parameters, Quantity
from sim.parameters.tables import DATED_MONEY, MONEY_UNITS, PROGRAMME_MONEY, Origins, Table, row_table
from sim.parameters.translate import NUMBER
from sim.school_year import SEPTEMBER, year_start

EVIDENCE_KEYS = ("grade", "source", "year", "note")
_RANGE = ("low", "high", "distribution")
UNSTATED: Mapping[str, str] = {
    "grade": "judgement",
    "source": "set_by_user",
    "year": "not stated",
    "note": "",
}
"""Evidence of a row that was changed without saying where its figure comes from."""
UNSTATED_SOURCE = {"title": "Set by the user of the model; no source stated", "publisher": "none", "url": ""}

_NEW_KEYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("provisions", "*", "places"), "a date such as 2019-09-01"),
    *((("provisions", "*", item), "a date such as 2019-09-01") for item in DATED_MONEY),
    *((("programmes", "*", item), "a date such as 2019-09-01") for item in PROGRAMME_MONEY),
    (("yearly", "*"), "an academic year such as 2018/19"),
    (("cohorts",), "an academic year such as 2018/19"),
    (("budgets", "*"), "a financial year such as 2018-19"),
    (("inflation",), "a financial year such as 2018-19"),
)


def with_changes(
    parameters: Parameters,
    changes: Mapping[str, Any],
    evidence: Mapping[str, str] | None = None,
    sources: Mapping[str, Any] | None = None,
    file: str = "changes",
    lines: Mapping[str, int] | None = None,
    later: Mapping[date, Mapping[str, Any]] | None = None,
) -> Parameters:
    """Return a copy of `parameters` with `changes` made and everything checked again.

    Parameters
    ----------
    changes : new values by path. A path walks the parameters with "/"; a step may hold "*" and must match.
        Keys may be added where rows go by date or year, nowhere else. A bare number given for a figure sets
        value, low and high and fixes it; a mapping given for a row sets those columns and keeps the others.
        A single column such as value is set alone: the range and the evidence of its row stay.
    evidence : grade, source, year (and note) of the rows changed; a row may bring its own. Without it they
        are marked as a judgement of the user.
    sources : rows for sources.csv (title, publisher, url) by key.
    file, lines : what messages call the place of a change, and the line of each path in it.
    later : changes by the 1 September from which they hold, of the parts that may change during a run:
        quantities, durations, rates, routes, effects and tariffs. `changes` hold throughout.

    Raises
    ------
    ConfigurationError : for a step that does not exist, two changes of one figure, or anything that the
        schema or the checks across rows refuse; its problems name the change at fault where it is one.
    """
    if not changes and not sources and not later:
        return parameters
    said = _Said(evidence or UNSTATED, file, lines or {})
    draft = _draft_with(parameters.model_copy(update={"later": {}}), changes, said, sources or {})
    rows = dict(draft.rows)
    for day in sorted({*parameters.later, *(later or {})}):
        of_day = _draft_with(parameters.on(day).model_copy(update={"later": {}}), changes, said, sources or {})
        for begun in sorted(d for d in later or {} if d <= day):
            of_day = _on_top(of_day, (later or {})[begun], begun)
        rows |= {path: origin for path, origin in of_day.rows.items() if path not in rows}
        draft.tree["sources"] |= of_day.tree["sources"]
        draft.tree["later"][day.isoformat()] = {part: of_day.tree[part] for part in Later.model_fields}
    return validated(draft.tree, Origins(rows, {}))


@dataclass(frozen=True)
class _Said:
    """What is said with changes: their evidence, the file they stand in and their lines there."""

    evidence: Mapping[str, str]
    file: str
    lines: Mapping[str, int]


def _draft_with(parameters: Parameters, changes: Mapping[str, Any], said: _Said, sources: Mapping[str, Any]) -> _Draft:
    draft = _Draft(parameters.model_dump(mode="json"), said.evidence, said.file, said.lines)
    draft.add_sources(sources)
    return _made(draft, changes)


def _on_top(draft: _Draft, changes: Mapping[str, Any], day: date) -> _Draft:
    """Return a draft with changes that begin on a day made on top of what is there."""
    begins = "" if (day.month, day.day) == (SEPTEMBER, 1) else f"from {day}"
    for path in changes:
        part = path.split("/")[0]
        if part not in Later.model_fields:
            found, allowed = f"{part}, from {day}", f"a path into {', '.join(Later.model_fields)}"
            raise draft.error(path, found, allowed, "give the date in the path, as in provisions/x/places/2019-09-01")
        if begins:
            raise draft.error(path, begins, "from 1 September of a year", "correct the date")
    return _made(_Draft(draft.tree, draft.evidence, draft.file, draft.lines, rows=draft.rows), changes)


def _made(draft: _Draft, changes: Mapping[str, Any]) -> _Draft:
    for path in sorted(changes):
        draft.plan(path, changes[path])
    raise_if_any(draft.problems)
    draft.apply()
    return draft


def same_figures(one: Parameters, other: Parameters) -> bool:
    """Whether two sets of parameters hold the same figures from each date on.

    What they say of where figures come from does not count, nor do ranges: a run uses central values.
    """
    return _figures(one) == _figures(other)


def _figures(parameters: Parameters) -> dict[str, Any]:
    parts = _bare(parameters.model_dump(exclude={"sources", "later"}))
    held, turns = parts, {}
    for day in sorted(parameters.later):
        now = {**parts, **_bare(parameters.later[day].model_dump())}
        if now != held:
            turns[day] = held = now
    return {**parts, "later": turns}


def _bare(tree: Any) -> Any:
    """Return rows without evidence and, where they have a range, without it."""
    if not isinstance(tree, dict):
        return tree
    left = {*EVIDENCE_KEYS, *(_RANGE if "low" in tree else ())}
    return {key: _bare(value) for key, value in tree.items() if key not in left}


@dataclass
class _Step:
    """One row or single value to set: where, to what, and the change that asked for it."""

    path: Path
    value: Any
    change: str
    cells_only: bool = False  # single columns of a row, whose range and evidence stay


@dataclass
class _Draft:
    """Parameters as plain data while changes are being planned and made."""

    tree: dict[str, Any]
    evidence: Mapping[str, str]
    file: str
    lines: Mapping[str, int]
    steps: list[_Step] = field(default_factory=list)
    rows: dict[Path, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _set_by: dict[Path, str] = field(default_factory=dict)

    def add_sources(self, sources: Mapping[str, Any]) -> None:
        """Add rows to the sources; a key that exists must say the same."""
        for key, value in sources.items():
            row = {"url": "", **value} if isinstance(value, Mapping) else value
            if self.tree["sources"].get(key, row) != row:
                found = f"source {key}, which the county has with other words"
                error = self.error(key, found, "a key of its own", "choose another key", f"sources/{key}")
                self.problems.extend(error.problems)
                continue
            self.tree["sources"][key] = row
            self.rows["sources", key] = Origin(self.file, self.lines.get(f"sources/{key}", 0), f"key sources/{key}")

    def plan(self, change: str, value: Any) -> None:
        """Work out the rows and single values that a change sets; what is wrong with it is kept for later."""
        try:
            for path in self._paths(change, self.tree, self._steps(change), ()):
                for step in self._assignments(change, path, value):
                    self._claim(step)
                    self.steps.append(step)
        except ConfigurationError as error:
            self.problems.extend(error.problems)

    def _steps(self, change: str) -> list[str]:
        steps = list(steps_of(change))
        if not steps:
            allowed = "a path such as quantities/crisis/identify"
            raise self.error(change, "an empty path", allowed, "write the path")
        return steps

    def _paths(self, change: str, node: Any, steps: list[str], done: Path) -> Iterator[Path]:
        """Yield every path that the steps match; a new key is followed as it is written."""
        if not steps:
            yield done
            return
        head, *rest = steps
        if not isinstance(node, dict):
            found, fix = (
                f"{'/'.join(done)} is a single value",
                f"end the path there; {head} is one step too far",
            )
            raise self.error(change, found, "a path to a value", fix)
        for name in self._matching(change, node, head, done):
            if name in node:
                yield from self._paths(change, node[name], rest, (*done, name))
            else:
                yield (*done, name, *rest)

    def _matching(self, change: str, node: Mapping[str, Any], step: str, done: Path) -> list[str]:
        matches = [name for name in node if fnmatchcase(name, step)] if "*" in step else [step]
        allowed = _allowed_key(done, step)
        if matches and (matches[0] in node or allowed is True):
            return matches
        here = "/".join(done) or "the parameters"
        found = f"nothing in {here} matches {step}" if "*" in step else f"no {step} in {here}"
        known = suggestions(step, node) + (f", or {allowed}" if allowed else "")
        raise self.error(change, found, known, did_you_mean(step, node, "use a name that exists here"))

    def _assignments(self, change: str, path: Path, value: Any) -> Iterator[_Step]:
        """Yield what to set for one path: whole rows as mappings, anything else as it is."""
        table, parent = row_table(path), row_table(path[:-1])
        if table is not None and not isinstance(value, Mapping):
            yield _Step(path, {"value": self._number(change, table, value)}, change)
        elif isinstance(value, Mapping):
            yield from self._from_mapping(change, path, value, is_row=table is not None)
        elif isinstance(_at(self.tree, path), dict):
            found = f"{value!r} for {'/'.join(path)}, which holds several values"
            raise self.error(change, found, suggestions("", _at(self.tree, path)), "add a step to the path")
        elif parent is not None:
            yield _Step(path[:-1], {path[-1]: self._cell(change, parent, path[-1], value)}, change, True)
        else:
            yield _Step(path, value.isoformat() if isinstance(value, date) else value, change)

    def _from_mapping(self, change: str, path: Path, value: Mapping[Any, Any], is_row: bool) -> Iterator[_Step]:
        here = _at(self.tree, path)
        cells = {}
        for key, inner in value.items():
            name = key.isoformat() if isinstance(key, date) else str(key)
            nested = not is_row or (isinstance(here, dict) and isinstance(here.get(name), dict))
            if nested:
                for deeper in self._paths(change, here if here is not None else {name: None}, [name], path):
                    yield from self._assignments(change, deeper, inner)
            else:
                table = row_table(path)
                cells[name] = self._cell(change, table, name, inner) if table else inner
        if cells:
            yield _Step(path, cells, change)

    def _number(self, change: str, table: Table, value: Any) -> float:
        if not issubclass(table.model, Quantity):
            found = f"{value!r} for a whole row"
            raise self.error(change, found, ", ".join(table.fields), "give the columns as keys and values")
        return float(self._cell(change, table, "value", value))

    def _cell(self, change: str, table: Table, column: str, value: Any) -> Any:
        """Return the value of a cell as plain data; a number must be one, not text that looks like one."""
        info = table.model.model_fields.get(column)
        if info is not None and info.annotation in (float, int, int | None):
            if column == "usable" and value in ("unlimited", None):
                return None
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise self.error(change, f"{column} {value!r}", NUMBER, "write a number, without quotation marks")
        return value.isoformat() if isinstance(value, date) else value

    def _claim(self, step: _Step) -> None:
        """Note which change sets which figure; two that set the same one are an error."""
        row = isinstance(step.value, Mapping)
        for path in [(*step.path, column) for column in step.value] if row else [step.path]:
            other = self._set_by.setdefault(path, step.change)
            if other != step.change:
                found = f"{'/'.join(path)} is set by {other} too"
                raise self.error(step.change, found, "one change for each figure", "remove one of the two")

    def apply(self) -> None:
        """Make the planned changes in the tree and note where they came from."""
        for step in self.steps:
            name = f"key changes/{step.change}"
            self.rows[step.path] = Origin(self.file, self.lines.get(step.change, 0), name)
            parent = self._parent(step.path)
            table = row_table(step.path)
            if table is None:
                parent[step.path[-1]] = step.value
            else:
                siblings = [row for row in parent.values() if isinstance(row, dict)]
                parent[step.path[-1]] = self._row(step, table, parent.get(step.path[-1]), siblings)

    def _parent(self, path: Path) -> dict[str, Any]:
        """Return the mapping that holds the last step, with its keys in order if one is to be added."""
        here = self.tree
        for depth, step in enumerate(path[:-1]):
            if step not in here:
                here[step] = {}
                _sort(here, path[:depth])
            here = here[step]
        if path[-1] not in here:
            here[path[-1]] = {}
            _sort(here, path[:-1])
        return here

    def _row(self, step: _Step, table: Table, old: Any, siblings: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the row with the columns given, and what follows from them."""
        given: Mapping[str, Any] = step.value
        row = {**(old or {}), **given}
        if old and step.cells_only:
            return row
        if "value" in given and not {"low", "high"} & set(given):
            row.update(low=given["value"], high=given["value"])
            row["distribution"] = given.get("distribution", "fixed")
        unit = _unit(table, step.path, siblings)
        if unit and "unit" in table.model.model_fields:
            row.setdefault("unit", unit)
        for key in EVIDENCE_KEYS if "grade" in table.model.model_fields else ():
            row[key] = given.get(key, self.evidence.get(key, UNSTATED[key]))
        if row.get("source") == UNSTATED["source"]:
            self.tree["sources"].setdefault(UNSTATED["source"], dict(UNSTATED_SOURCE))
        return row

    def error(self, change: str, found: str, allowed: str, fix: str, key: str = "") -> ConfigurationError:
        """Return the error of a change, with its place."""
        key = key or f"changes/{change}"
        line = self.lines.get(change if key.startswith("changes/") else key, 0)
        return ConfigurationError(Problem(self.file, str(Origin(self.file, line, f"key {key}")), found, allowed, fix))


def _at(tree: Any, path: Path) -> Any:
    """Return what stands at a path, or None."""
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def _matches(pattern: tuple[str, ...], path: Path) -> bool:
    return len(pattern) == len(path) and all(p in ("*", s) for p, s in zip(pattern, path, strict=True))


def _allowed_key(done: Path, step: str) -> bool | str:
    """Return True when `step` may be added below `done`, else words for what may be ('' for nothing)."""
    words = next((words for pattern, words in _NEW_KEYS if _matches(pattern, done)), "")
    if not words:
        return ""
    try:
        if "date" in words:
            date.fromisoformat(step)
        else:
            year_start(step)
        return True if ("/" in step) == ("academic" in words) else words
    except ValueError:
        return words


def _sort(mapping: dict[str, Any], path: Path) -> None:
    """Put the keys of a mapping that goes by date or year in order; year groups keep theirs."""
    if any(_matches(pattern, path) for pattern, _ in _NEW_KEYS):
        ordered = sorted(mapping.items())
        mapping.clear()
        mapping.update(ordered)


def _unit(table: Table, path: Path, siblings: list[dict[str, Any]]) -> str:
    """Return the unit of a row: the schema's only one, its item's, or that of the rows beside it."""
    info = table.model.model_fields.get("unit")
    options = get_args(info.annotation) if info and get_origin(info.annotation) is Literal else ()
    if len(options) == 1:
        return str(options[0])
    item = path[2] if len(path) > 2 else ""
    beside = next((row["unit"] for row in siblings if "unit" in row), "")
    return MONEY_UNITS.get(item, beside)

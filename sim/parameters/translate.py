"""From the errors of a schema to findings that name the row, what was found, what is allowed and the fix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.parameters.problems import Finding, Path, did_you_mean, suggestions
from sim.parameters.schema import Parameters
from sim.parameters.tables import split, table_of

NUMBER = "a number such as 8 or 0.25, without thousands separators, currency signs or %"
DATE = "a date written year-month-day, such as 2019-09-01"

_EXPECTED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "literal_error": lambda context: str(context["expected"]).replace("'", ""),
    "enum": lambda context: str(context["expected"]).replace("'", ""),
    "greater_than_equal": lambda context: f"at least {context['ge']:g}",
    "less_than_equal": lambda context: f"at most {context['le']:g}",
    "string_too_short": lambda context: f"text of at least {context['min_length']} character(s)",
    "float_parsing": lambda _: NUMBER,
    "float_type": lambda _: NUMBER,
    "int_parsing": lambda _: "a whole number",
    "int_type": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "finite_number": lambda _: "a finite number",
    "bool_parsing": lambda _: "true or false",
    "bool_type": lambda _: "true or false",
    "string_type": lambda _: "text; in YAML put it in quotes",
    "model_type": lambda _: "a row of keys and values",
    "dict_type": lambda _: "keys and values",
    "list_type": lambda _: "a list",
}


def findings(error: ValidationError) -> list[Finding]:
    """Return one finding for each cell (or row) at fault; alternatives of one cell are told together."""
    grouped: dict[tuple[Path, str], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        grouped.setdefault(split(_culprit(detail)), []).append(detail)
    return [_finding(row, column, details) for (row, column), details in grouped.items()]


def _culprit(detail: ErrorDetails) -> tuple[str | int, ...]:
    """Return the place of an error; a yearly series names the year at fault at the start of its message."""
    place = detail["loc"]
    if place[:1] == ("later",):  # the parts that hold from a date on have the shape of those before
        place = place[2:]
    if place[:1] == ("yearly",) and len(place) == 2 and isinstance(detail["input"], Mapping):
        message = str(detail.get("ctx", {}).get("error", ""))
        return (*place, *[year for year in detail["input"] if message.startswith(f"{year}: ")])
    return place


def _finding(row: Path, column: str, details: list[ErrorDetails]) -> Finding:
    kind, found = details[0]["type"], repr(details[0]["input"])
    if kind == "missing":
        return _missing(row, column)
    if kind == "extra_forbidden":
        return _unknown(row, column)
    if kind in ("value_error", "assertion_error"):
        return _refused(row, column, details[0])
    if kind.startswith("date") or details[0]["loc"][-1:] == ("[key]",):
        return Finding((row,), found, DATE, "correct the date", column)
    allowed = " or ".join(dict.fromkeys(allowed_by(detail) for detail in details))
    return Finding((row,), found, allowed, _fix(details[0], allowed), column)


def allowed_by(detail: ErrorDetails) -> str:
    """Return in words what would have been allowed where an error was found."""
    expected = _EXPECTED.get(detail["type"])
    return expected(detail.get("ctx", {})) if expected else detail["msg"]


def _fix(detail: ErrorDetails, allowed: str) -> str:
    if detail["type"] in ("literal_error", "enum"):
        words = allowed.replace(" or ", ", ").split(", ")
        return did_you_mean(str(detail["input"]), words, "use one of the words allowed")
    return "correct the value"


def _missing(row: Path, column: str) -> Finding:
    table = table_of(row)
    if column:
        return Finding((row,), "nothing", f"{column} must be filled in", f"fill in {column}", column)
    what = "row" if table and len(table.steps) == len(row) else "rows" if table else "key"
    name = table.name_of(row) if table else "/".join(row)
    return Finding((row,), f"no such {what}", "all of them must be there", f"add the {what}: {name}")


def _unknown(row: Path, column: str) -> Finding:
    known = known_names(row[:-1] if not column else row)
    wrong = column or row[-1]
    fix = did_you_mean(wrong, known, "remove it")
    return Finding((row,), f"unknown name {wrong}", suggestions(wrong, known), fix, column)


def known_names(path: Path) -> list[str]:
    """Return the names the schema knows below `path` (a group of figures, a row or a section)."""
    here: Any = Parameters
    for step in path:
        if not (isinstance(here, type) and issubclass(here, BaseModel)):
            return []
        field = here.model_fields.get(step)
        here = _inner(field.annotation) if field else None
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _inner(annotation: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else annotation


def _refused(row: Path, column: str, detail: ErrorDetails) -> Finding:
    """Return a finding from a message of the schema's own, which may say what is allowed."""
    message = str(detail.get("ctx", {}).get("error", detail["msg"]))
    head, _, tail = message.partition("; ")
    for starts in ("allowed is ", "allowed are "):
        if tail.startswith(starts):
            return Finding((row,), head, tail.removeprefix(starts), "correct the value", column)
    if tail.startswith("found "):
        fix = "put them in order (a change of the whole figure, without /value, sets all three)"
        return Finding((row,), tail.removeprefix("found "), head, fix, column)
    return Finding((row,), message, "", "correct the row", column)


def iso_hint(text: str) -> str:
    """Return how to write a date given as day/month/year, or a general hint."""
    day, _, rest = text.replace(".", "/").partition("/")
    month, _, year = rest.partition("/")
    try:
        return f"write {date(int(year), int(month), int(day)).isoformat()} if {text} is day/month/year"
    except ValueError:
        return "correct the date"

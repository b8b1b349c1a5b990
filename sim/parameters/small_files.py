"""From a small YAML file to its model, with what is wrong told by line and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.parameters.parse import YamlText
from sim.parameters.problems import ConfigurationError, Origin, Path, Problem, did_you_mean, suggestions
from sim.parameters.tables import line_of
from sim.parameters.translate import allowed_by

Model = TypeVar("Model", bound=BaseModel)


def filled(model: type[Model], text: YamlText, file: FilePath) -> Model:
    """Return the model of a file's text; ConfigurationError lists everything wrong with its line and key."""
    try:
        return model.model_validate(text.data)
    except ValidationError as error:
        raise ConfigurationError(*(_problem(detail, model, text.lines, file) for detail in error.errors())) from None


def place(lines: Mapping[Path, int], path: Path, file: FilePath) -> str:
    """Return the words for a key of a file: its line, if known, and its name."""
    return str(Origin(str(file), line_of(lines, path), f"key {'/'.join(path)}"))


def _problem(detail: ErrorDetails, model: type[BaseModel], lines: Mapping[Path, int], file: FilePath) -> Problem:
    path = tuple(str(step) for step in detail["loc"])
    where = place(lines, path, file)
    if detail["type"] == "extra_forbidden":
        known = _keys(model, path[:-1])
        fix = did_you_mean(path[-1], known, "remove it")
        return Problem(str(file), where, f"unknown key {path[-1]}", suggestions(path[-1], known), fix)
    if detail["type"] == "missing":
        return Problem(str(file), where, "nothing", "this key must be there", f"add {path[-1]}")
    if detail["type"] == "value_error":
        allowed, _, found = str(detail["ctx"]["error"]).partition("; found ")
        return Problem(str(file), where, found or allowed, allowed if found else "", "correct the values")
    return Problem(str(file), where, repr(detail["input"]), allowed_by(detail), "correct the value")


def _keys(model: Any, path: Path) -> tuple[str, ...]:
    """Return the keys of the model at a path inside another; a step into a mapping names one of its entries."""
    for step in path:
        is_model = isinstance(model, type) and issubclass(model, BaseModel)
        model = model.model_fields[step].annotation if is_model else next(iter(get_args(model)[1:]), None)
    return tuple(getattr(model, "model_fields", ()))

"""The figures of a county that have a range: where they stand, which patterns reach them, what bounds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from sim.parameters.problems import Path
from sim.parameters.schema import Quantities, Within, YearlySeries

STEP = re.compile(r"\d{4}/\d{2}(?=/|$)|[^/]+")
"""One step of a path as text; the slash of an academic year does not separate steps."""

_WHEN = re.compile(r"\d{4}[/-]\d{2}(-\d{2})?")
_NOT_PARAMETERS = frozenset({"observed", "later"})
"""Parts whose figures are not drawn: what was published, and what holds later, which is drawn with what it replaces."""

_BOUNDS = {"routes": (0.0, 1.0), "onset": (0.0, 1000.0), "cohorts": (0.0, float("inf")), "rates": (0.0, float("inf"))}


def steps_of(path: str) -> Path:
    """Return the steps of a path or pattern."""
    return tuple(STEP.findall(path))


def figures(tree: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield (path, row) of each row of plain parameters that has a value with a low and a high end."""
    for name, node in tree.items():
        if isinstance(node, dict) and "low" in node:
            yield (*above, name), node
        elif isinstance(node, dict) and not (above == () and name in _NOT_PARAMETERS):
            yield from figures(node, (*above, name))


def is_uncertain(row: Mapping[str, Any]) -> bool:
    """Whether a row has a range that it may be drawn from."""
    return bool(row["low"] < row["high"] and row["distribution"] != "fixed")


def reaches(pattern: Path, path: Path) -> bool:
    """Whether a pattern reaches a path; a step after the first may hold "*"."""
    if len(pattern) != len(path) or pattern[0] != path[0]:
        return False
    steps = zip(pattern, path, strict=True)
    return all(step == asked or ("*" in asked and fnmatchcase(step, asked)) for asked, step in steps)


def reached(patterns: Iterable[str], paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the paths that any of the patterns reaches, in their order."""
    asked = [steps_of(pattern) for pattern in patterns]
    return (path for path in paths if any(reaches(pattern, path) for pattern in asked))


def series_of(path: Path) -> str:
    """Return the name of the series that a figure belongs to: its path without a year or date."""
    return "/".join(step for step in path if not _WHEN.fullmatch(step))


def bounds_of(path: Path) -> tuple[float, float]:
    """Return the least and the largest figure that the schema allows at a path."""
    rule: Within | None = None
    if path[0] == "quantities":
        group = Quantities.model_fields[path[1]].annotation
        fields = getattr(group, "model_fields", {})
        rule = next((m for m in fields[path[2]].metadata if isinstance(m, Within)), None)
    elif path[0] == "yearly":
        rule = YearlySeries.ALLOWED[path[1]]
    return (rule.low, rule.high) if rule else _BOUNDS.get(path[0], (float("-inf"), float("inf")))

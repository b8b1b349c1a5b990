"""Rows of ensemble.csv: sets of figures that calibration left as plausible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.parameters.parse import Row
from sim.parameters.problems import Problem, did_you_mean, suggestions
from sim.parameters.uncertainty import Member, Stated

FACTORS = "factors/"
COLUMNS = ("member", "draw", "name", "value")


def tidy(members: Mapping[int, Member]) -> Iterator[tuple[int, int, str, float]]:
    """Yield member, draw, name and value, a row for each factor and each quantile that is given."""
    for number, member in members.items():
        for name, ratio in member.factors.items():
            yield number, member.draw, f"{FACTORS}{name}", ratio
        for name, quantile in member.given.items():
            yield number, member.draw, name, quantile


def members_in(rows: list[Row], spec: Stated, file: str) -> tuple[tuple[Member, ...], list[Problem]]:
    """Return the members in the rows of a table, and everything that is wrong with them."""
    found: dict[str, Member] = {}
    problems: list[Problem] = []
    for row in rows:
        wrong = list(_wrong(row.cells, spec))
        problems += [Problem(file, f"line {row.line}, column {column}", *told) for column, *told in wrong]
        if not wrong:
            cells, name = row.cells, row.cells["name"]
            member = found.setdefault(cells["member"], Member(draw=int(cells["draw"]), factors={}, given={}))
            into = member.factors if name.startswith(FACTORS) else member.given
            into[name.removeprefix(FACTORS)] = float(cells["value"])
    return tuple(found.values()), problems


def _wrong(cells: Mapping[str, str], spec: Stated) -> Iterator[tuple[str, str, str, str]]:
    """Yield column, found, allowed and fix of what is wrong with a row."""
    fix = "write the ensemble again: pathways calibrate"
    if not cells["draw"].isdigit():
        yield "draw", cells["draw"], "the number of a draw", fix
    is_factor = cells["name"].startswith(FACTORS)
    name = cells["name"].removeprefix(FACTORS)
    if is_factor and name not in spec.factors:
        yield "name", f"no factor {name}", suggestions(name, spec.factors), did_you_mean(name, spec.factors, fix)
    value = _number(cells["value"])
    if value is None or not (value > 0 if is_factor else 0 <= value <= 1):
        yield "value", cells["value"], "a ratio above 0" if is_factor else "a quantile from 0 to 1", fix


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None

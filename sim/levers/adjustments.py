"""Dated adjustments of single figures, and their composition to one set of changes, whatever their order.

Several adjustments of a figure combine: first the one that sets it, then all factors, then all sums, in the
order of the levers' names. Two levers that set one figure at the same time are an error, not a guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import floor
from typing import Any, NamedTuple

from sim.parameters.problems import ConfigurationError, Problem
from sim.parameters.schema import Later, Money, Parameters, Places, Quantity
from sim.parameters.tables import DATED_MONEY, PROGRAMME_MONEY
from sim.school_year import (
    SEPTEMBER,
    academic_year_label,
    academic_year_of,
    financial_year_label,
    financial_year_of,
    year_start,
)

BOUNDS = ("value", "low", "high")
LUMP = "start_up"


class Figure(NamedTuple):
    """A figure with the range of its uncertainty."""

    value: float
    low: float
    high: float
    distribution: str = "triangular"


@dataclass(frozen=True)
class Adjustment:
    """What one lever does to one figure from a date until another (None: for good)."""

    path: str
    op: str
    figure: Figure
    start: date
    end: date | None
    lever: str
    evidence: Mapping[str, str]
    column: str = ""
    price_base: str = ""

    def is_on(self, day: date) -> bool:
        """Whether it is in force on a date."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Diff:
    """Changes that hold throughout (with dates in their paths), and changes of other parts by 1 September."""

    changes: dict[str, Any]
    later: dict[date, dict[str, Any]]

    def sources(self) -> set[str]:
        """Return the keys of the sources that its rows name."""
        rows = [*self.changes.values(), *(row for rows in self.later.values() for row in rows.values())]
        return {str(row["source"]) for row in rows if isinstance(row, Mapping) and "source" in row}


def composed(parameters: Parameters, adjustments: Iterable[Adjustment]) -> Diff:
    """Return the changes that adjustments come to, on top of what `parameters` hold on each date."""
    by_path: dict[str, list[Adjustment]] = defaultdict(list)
    for made in adjustments:
        by_path[made.path].append(made)
    diff = Diff({}, defaultdict(dict))
    for path, found in sorted(by_path.items()):
        mine = sorted(found, key=lambda made: (made.lever, made.start, made.op))
        steps = path.split("/")
        if steps[0] in Later.model_fields:
            _add_later(diff, parameters, path, mine)
        elif steps[0] == "yearly":
            _add_years(diff, parameters, path, mine)
        elif steps[0] == "budgets":
            _add_budgets(diff, parameters, path, mine)
        elif steps[-1] == LUMP:
            _add_lumps(diff, parameters, path, mine)
        elif steps[-1] == "places" or steps[-1] in (*DATED_MONEY, *PROGRAMME_MONEY):
            _add_dated(diff, parameters, path, mine)
        else:
            _add_lasting(diff, path, mine)
    return Diff(diff.changes, dict(sorted(diff.later.items())))


def _add_later(diff: Diff, parameters: Parameters, path: str, mine: list[Adjustment]) -> None:
    days = {day for made in mine for day in (made.start, made.end) if day is not None}
    days |= {day for day in parameters.later if day > min(days)}
    for day in sorted(days):
        base = _at(parameters.on(day), path)
        diff.later[day][path] = _row(base, [made for made in mine if made.is_on(day)])


def _add_years(diff: Diff, parameters: Parameters, path: str, mine: list[Adjustment]) -> None:
    series: dict[str, Quantity] = _at(parameters, path)
    ends = [made.end for made in mine if made.end is not None]
    years = {academic_year_of(day) for day in [made.start for made in mine] + ends}
    years |= {year_start(label) for label in series if year_start(label) > min(years)}
    for year in sorted(years):
        base = _held(series, academic_year_label(year))
        on = [made for made in mine if made.is_on(date(year, SEPTEMBER, 1))]
        diff.changes[f"{path}/{academic_year_label(year)}"] = _row(base, on)


def _add_budgets(diff: Diff, parameters: Parameters, path: str, mine: list[Adjustment]) -> None:
    series: dict[str, Quantity] = _at(parameters, path)
    for label, base in series.items():
        on = [made for made in mine if financial_year_label(financial_year_of(made.start)) <= label]
        on = [m for m in on if m.end is None or label < financial_year_label(financial_year_of(m.end))]
        if on:
            diff.changes[f"{path}/{label}"] = _row(base, on)


def _add_lumps(diff: Diff, parameters: Parameters, path: str, mine: list[Adjustment]) -> None:
    dated: dict[date, Money] = _at(parameters, path)
    for day in sorted({made.start for made in mine}):
        base = dated.get(day)
        diff.changes[f"{path}/{day}"] = _money(base, [made for made in mine if made.start == day], mine)


def _add_dated(diff: Diff, parameters: Parameters, path: str, mine: list[Adjustment]) -> None:
    dated: dict[date, Any] = _at(parameters, path)
    days = {day for made in mine for day in (made.start, made.end) if day is not None}
    days |= {day for day in dated if day > min(days)}
    for day in sorted(days):
        begun = [start for start in dated if start <= day]
        base = dated[max(begun)] if begun else None
        on = [made for made in mine if made.is_on(day)]
        is_places = path.endswith("/places")
        diff.changes[f"{path}/{day}"] = _places(base, on) if is_places else _money(base, on, mine)


def _add_lasting(diff: Diff, path: str, mine: list[Adjustment]) -> None:
    """A word of a provision, such as whom it is open to, which holds at all dates."""
    values = {made.evidence["word"] for made in mine}
    if len(values) > 1:
        raise _clash(path, mine)
    diff.changes[path] = values.pop()


def _row(base: Quantity, on: list[Adjustment]) -> dict[str, Any]:
    """Return a row of figures with the adjustments in force, or as it was."""
    return _figures(base, on) | _evidence(base, on)


def _money(base: Money | None, on: list[Adjustment], mine: list[Adjustment]) -> dict[str, Any]:
    """Return a row of money with the adjustments in force; `mine` are all those of this figure, ended ones too."""
    priced = next((made for made in (*on, *mine) if made.price_base), None)
    if base is not None and (base.value or priced is None):
        price_base = base.price_base
    else:
        price_base = priced.price_base if priced else ""
    other = {made.price_base for made in on if made.op in ("add", "set") and made.price_base} - {price_base}
    if other:
        raise _clash(on[0].path, on, f"prices of {' and '.join(sorted({price_base, *other}))}")
    evidence = _evidence(base, on if on or base is not None else mine)
    return _figures(base, on) | {"price_base": price_base} | evidence


def _places(base: Places | None, on: list[Adjustment]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in ("commissioned", "usable"):
        start = getattr(base, column) if base is not None else 0
        mine = [made for made in on if made.column in ("", column)]
        if start is None:
            found[column] = None
            continue
        number = _combined(float(start), [(m.op, m.figure.value) for m in _ordered(mine)])
        found[column] = max(0, floor(number + 0.5))
    if found["usable"] is not None:
        found["usable"] = min(found["usable"], found["commissioned"])
    return found | _evidence(base, on)


def _figures(base: Quantity | None, on: list[Adjustment]) -> dict[str, Any]:
    ends = {
        name: _combined(
            0.0 if base is None else getattr(base, name), [(m.op, getattr(m.figure, name)) for m in _ordered(on)]
        )
        for name in BOUNDS
    }
    value, low, high = ends["value"], min(ends.values()), max(ends.values())
    widest = next((m.figure.distribution for m in on if m.figure.distribution != "fixed"), "fixed")
    law = base.distribution if base is not None and not on else widest
    if base is not None and base.distribution != "fixed" and low < high:
        law = base.distribution
    return {"value": value, "low": low, "high": high, "distribution": law if low < high else "fixed"}


def _ordered(on: list[Adjustment]) -> list[Adjustment]:
    """Return adjustments in the order in which they are made: set, multiply, add; by lever within each."""
    setting = [made for made in on if made.op == "set"]
    if len({(made.figure, made.column) for made in setting}) > 1 and len({made.lever for made in setting}) > 1:
        raise _clash(on[0].path, setting)
    rank = {"set": 0, "multiply": 1, "add": 2}
    return sorted(on, key=lambda made: (rank[made.op], made.lever))


def _combined(base: float, steps: Iterable[tuple[str, float]]) -> float:
    for op, value in steps:
        base = value if op == "set" else base * value if op == "multiply" else base + value
    return base


def _evidence(base: Any, on: list[Adjustment]) -> dict[str, str]:
    """Return the evidence of the lever at work, of the row as it was, or words for several levers."""
    if not on:
        return base.evidence() if base is not None else {}
    said = {name: on[0].evidence[name] for name in ("grade", "source", "year", "note")}
    levers = sorted({made.lever for made in on})
    if len(levers) > 1:
        said["note"] = f"Set together by {' and '.join(levers)}."
    return said


def _clash(path: str, on: list[Adjustment], found: str = "") -> ConfigurationError:
    levers = " and ".join(sorted({made.lever for made in on}))
    said = found or f"{levers} set {path} to different values"
    fix = "use one of them, or give them different dates"
    return ConfigurationError(Problem("levers", f"key {levers}", said, "one value of a figure at a time", fix))


def _at(parameters: Parameters, path: str) -> Any:
    """Return what stands at a path; ConfigurationError when a lever names what the county does not have."""
    here: Any = parameters
    for step in path.split("/"):
        known = here if isinstance(here, Mapping) else vars(here)
        if step not in known:
            found = f"the county has no {path}"
            raise ConfigurationError(
                Problem("levers", f"path {path}", found, "rows that the lever needs", "add the row")
            )
        here = known[step]
    return here


def _held(series: Mapping[str, Quantity], label: str) -> Quantity:
    begun = [year for year in series if year <= label]
    return series[max(begun) if begun else min(series)]

"""Probabilities of a decision when some of them change: one destination takes the difference, so they sum to 1."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Rows = Mapping[str, dict[str, Any]]

_WHO = ("decision", "first_year_group", "last_year_group", "record", "severity", "district")
"""Columns that say whose decision a row is about."""

ROUNDING = 1e-9


def decisions(routes: Rows) -> Iterator[Rows]:
    """Yield the rows of each decision about the same pupils, in the order of the first."""
    found: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for name, row in routes.items():
        found.setdefault(tuple(row[column] for column in _WHO), {})[name] = row
    yield from found.values()


def remainder_of(rows: Rows, scaled: Collection[str]) -> str:
    """Return the row that takes the difference: the largest of those that no factor scales (of all, if all are)."""
    free = [name for name in rows if name not in scaled] or list(rows)
    return max(free, key=lambda name: rows[name]["value"])


def total_of(rows: Rows) -> float:
    """Return what the rows sum to: 1, or less where other rows are about some of the same pupils."""
    total = float(sum(row["value"] for row in rows.values()))
    return 1.0 if abs(total - 1.0) < ROUNDING else total


def balance(rows: Rows, remainder: str, total: float) -> None:
    """Give the remainder what the others leave of the total; if they exceed it, scale them down and leave it 0.

    The range of a row is widened where its new value lies outside.
    """
    others = [row for name, row in rows.items() if name != remainder]
    found = sum(row["value"] for row in others)
    if found > total:
        for row in others:
            _set(row, row["value"] * total / found)
    _set(rows[remainder], max(0.0, total - sum(row["value"] for row in others)))


def _set(row: dict[str, Any], value: float) -> None:
    row.update(value=value, low=min(row["low"], value), high=max(row["high"], value))

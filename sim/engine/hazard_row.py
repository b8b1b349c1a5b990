"""Hazards of one group of pupils, and what changes for a pupil who comes from another group."""

from __future__ import annotations

from typing import NamedTuple


class Change(NamedTuple):
    """What a pupil's move from one row to another does, by kind of event.

    going_on : kind and old hazard over new, by which the time to the due instant stretches.
    stopping : kind and old hazard; starting : kind and new hazard.
    """

    going_on: tuple[tuple[int, float], ...]
    stopping: tuple[tuple[int, float], ...]
    starting: tuple[tuple[int, float], ...]


class HazardRow:
    """Hazards per school day of one group of pupils, by kind of event; rows are compared by identity."""

    __slots__ = ("_changes", "active", "rates")

    def __init__(self, rates: tuple[float, ...]) -> None:
        self.rates = rates
        self.active = tuple((kind, rate) for kind, rate in enumerate(rates) if rate > 0.0)
        self._changes: dict[HazardRow, Change] = {}

    def change_from(self, other: HazardRow) -> Change:
        """Return what changes for a pupil who comes from `other`; kinds with the same hazard are left out."""
        found = self._changes.get(other)
        if found is None:
            pairs = [(kind, old, new) for kind, (old, new) in enumerate(zip(other.rates, self.rates, strict=True))]
            found = self._changes[other] = Change(
                tuple((kind, old / new) for kind, old, new in pairs if old > 0.0 and new > 0.0 and old != new),
                tuple((kind, old) for kind, old, new in pairs if old > 0.0 and new == 0.0),
                tuple((kind, new) for kind, old, new in pairs if old == 0.0 and new > 0.0),
            )
        return found

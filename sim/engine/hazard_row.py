"""Hazards of one group of pupils, and which of them may differ from those of another group."""

from __future__ import annotations


class HazardRow:
    """Hazards per school day of one group of pupils, by kind of event; rows are compared by identity."""

    __slots__ = ("_differences", "rates")

    def __init__(self, rates: tuple[float, ...]) -> None:
        self.rates = rates
        self._differences: dict[HazardRow, tuple[int, ...]] = {}

    def differences_from(self, other: HazardRow) -> tuple[int, ...]:
        """Return the kinds whose hazard is another one than in `other`."""
        found = self._differences.get(other)
        if found is None:
            pairs = enumerate(zip(self.rates, other.rates, strict=True))
            found = self._differences[other] = tuple(kind for kind, (new, old) in pairs if new != old)
        return found

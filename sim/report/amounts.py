"""How figures are written in sentences: in pounds or in their unit, and no finer than their interval deserves."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isnan, log10
from typing import Self

from sim.report.words import NOT_KNOWN

MILLION, THOUSAND = 1e6, 1e3
SIGNIFICANT = 3
"""A figure without an interval, or with a very narrow one, is given to so many significant digits."""

HIDDEN_PLACES = 2
"""A figure up to so many places below the first digit of its interval's half-width is still shown."""

MONEY = ("£", "GBP")
SHARE = "share"
PER_CENT = 0.01
LESS, MORE = "less", "more"


def is_money(unit: str) -> bool:
    """Whether a unit is of money; values are then pounds."""
    return unit.startswith(MONEY)


def is_share(unit: str) -> bool:
    """Whether a unit is a share, such as 'share of places'; values are then from 0 to 1 and are written in %."""
    return unit.split(" ")[0] == SHARE


def place_of(value: float, low: float, high: float) -> int:
    """Return the power of ten to which a figure with this interval is worth giving.

    That of the first digit of half the interval's width: 828.8 (806.7 to 850.8) is given to tens. It is that of the
    first digit of the figure where a wide interval would hide it, as with 30 (-470 to 530), unless it is hardly one
    in a hundred of that width; and one place finer if an end would read 0 although it is not.
    """
    sizes = [abs(number) for number in (value, low, high) if number and not isnan(number)]
    if not sizes:
        return 0
    coarsest = floor(log10(max(sizes))) - SIGNIFICANT + 1
    half = 0.0 if isnan(low) or isnan(high) else (high - low) / 2
    place = max(coarsest, _as_shown(value, floor(log10(half)))) if half > 0 else coarsest
    if half > 0:
        place -= any(not round(size, -place) for size in sizes if size != abs(value))
    return place


def _as_shown(value: float, place: int) -> int:
    """Return the place, or that of the first digit of the value if this is a little finer."""
    first = floor(log10(abs(value))) if value and not isnan(value) else place
    return first if place - HIDDEN_PLACES <= first < place else place


@dataclass(frozen=True)
class Style:
    """How the figures of one quantity are written: divided by what, to which place, with which words around them."""

    divisor: float
    place: int
    before: str
    after: str

    @classmethod
    def of(cls, unit: str, value: float, low: float, high: float) -> Self:
        """Return the style that a figure and its interval deserve; money is in pounds, or in £m from a million on."""
        place = place_of(value, low, high)
        if is_share(unit):
            return cls(PER_CENT, place, "", " percentage points")
        if not is_money(unit):
            return cls(1.0, place, "", f" {unit}")
        sizes = (abs(number) for number in (value, low, high) if not isnan(number))
        return cls(MILLION, place, "£", "m") if max(sizes, default=0.0) >= MILLION else cls(1.0, place, "£", "")

    def number(self, value: float) -> str:
        """Return the figure without sign and unit, such as '8.3' or '830'."""
        if isnan(value):
            return NOT_KNOWN
        shift = floor(log10(self.divisor) + 0.5)
        rounded = round(abs(value), -self.place) / self.divisor
        return f"{rounded:,.{max(0, shift - self.place)}f}"

    def words(self, value: float) -> str:
        """Return the figure with its unit, such as '£8.3m' or '3.1 pupils'."""
        return f"{self.before}{self.number(value)}{self.after}"

    def moved(self, difference: float) -> str:
        """Return a change with its way, such as '£8.3m more', or 'about £0'."""
        if not round(difference, -self.place):
            return f"about {self.words(0.0)}"
        return f"{self.words(difference)} {MORE if difference > 0 else LESS}"

    def signed(self, value: float) -> str:
        """Return a level with its unit and, below 0, its sign, such as '-£85.8m' or '45%'."""
        said = f"{self.number(value)}%" if self.divisor == PER_CENT else self.words(value)
        return f"-{said}" if value < 0 else said

    def between(self, low: float, high: float) -> str:
        """Return an interval, such as '£8.1m to £8.5m', '2.0 to 4.2', or '£0.1m less to £0.3m more'.

        The sizes are given, the smaller first, when both ends have the same sign.
        """
        if isnan(low) or isnan(high):
            return "no interval"
        if low >= 0 or high <= 0:
            near, far = sorted((abs(low), abs(high)))
            return f"{self._short(near)} to {self._short(far)}"
        return f"{self._short(low)} {LESS} to {self._short(high)} {MORE}"

    def _short(self, value: float) -> str:
        return self.words(value) if self.before else self.number(value)

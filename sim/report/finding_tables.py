"""The tables below a finding, as text of eighty columns that every terminal and every editor shows alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import floor, isnan, log10
from typing import NamedTuple, Self

import pandas as pd

from sim.analysis.waterfall import BASELINE, COMBINATION, INTERACTION, TOGETHER
from sim.questions import LooksAt
from sim.report import words
from sim.report.amounts import MILLION, PER_CENT, SHARE, THOUSAND, is_money, is_share, place_of
from sim.report.looked_at import Change, Level
from sim.report.plain_table import WIDTH, plain_table

INTERVAL = "95% interval of\nthe mean change"
MOST_DIGITS = 3
HUNDRED = 100.0
"""Counts below this are printed with a digit after the point, so that a change is what the levels differ by."""
UNKNOWN = "-"


class Scale(NamedTuple):
    """How the figures of one quantity are printed: their unit, divided by what, and to which power of ten."""

    unit: str
    divisor: float
    place: int

    @classmethod
    def of(cls, unit: str, figures: Iterable[tuple[float, float, float]]) -> Self:
        """Return the scale of figures with their intervals (value, low, high); it is as fine as any deserves."""
        known = [figure for figure in figures if any(number and not isnan(number) for number in figure)]
        place = min((place_of(*figure) for figure in known), default=0)
        sizes = [abs(number) for figure in known for number in figure if not isnan(number)]
        if is_share(unit):
            return cls(f"%{unit.removeprefix(SHARE)}", PER_CENT, place)
        if not is_money(unit):
            return cls(unit, 1.0, min(place, -1 if max(sizes, default=0.0) < HUNDRED else 0))
        in_millions = unit.startswith("£m") or (not unit.startswith("£ ") and max(sizes, default=0.0) >= MILLION)
        rest = unit.removeprefix("£m").removeprefix("£ thousand").removeprefix("£").removeprefix("GBP")
        return cls(f"£m{rest}", MILLION, place) if in_millions else cls(f"£ thousand{rest}", THOUSAND, place)

    @property
    def digits(self) -> int:
        """Digits after the point."""
        return min(max(0, floor(log10(self.divisor) + 0.5) - self.place), MOST_DIGITS)

    def level(self, value: float) -> str:
        """Return a level as it is printed."""
        return UNKNOWN if isnan(value) else words.level(self._rounded(value), self.digits)

    def cells(self, change: Change) -> tuple[str, str, str, str]:
        """Return baseline, scenario, change and interval as they are printed; there is none of what has no value."""
        levels = self.level(change.before), self.level(change.after)
        if not change.is_known:
            return *levels, UNKNOWN, UNKNOWN
        return *levels, self.signed(change.difference), self.between(change.low, change.high)

    def signed(self, value: float) -> str:
        """Return a change with its sign as it is printed."""
        return words.signed(self._rounded(value), self.digits)

    def between(self, low: float, high: float) -> str:
        """Return an interval of a change as it is printed."""
        return words.between(self._rounded(low), self._rounded(high), self.digits)

    def _rounded(self, value: float) -> float:
        return round(value, -self.place) / self.divisor


def change_table(
    changes: Sequence[Change],
    names: Mapping[str, str],
    futures: Mapping[tuple[LooksAt, str], tuple[float, float]] | None = None,
    width: int = WIDTH,
    range_name: str = words.RUN_TO_RUN,
) -> str:
    """Return the table of changes: by quantity and scenario, or of the only scenario by quantity.

    Parameters
    ----------
    names : scenario -> what its rows are called. What is nothing in every scenario is left out.
    futures : if given, the run-to-run range of the change by quantity and scenario, for a column of its own.
    width : of the table, in characters.
    range_name : what the range is called.
    """
    rows: list[str | tuple[str, ...]] = []
    heading = ""
    for mine in _by_quantity(changes):
        quantity = mine[0].quantity
        scale = _scale_of(mine)
        said, gap = f"{scale.unit}; {mine[0].period}", [""] if rows else []
        if len(names) > 1:
            rows += [*gap, f"{quantity.label} ({said})"]
        elif said != heading:
            heading = said
            rows += [*gap, f"{said[:1].upper()}{said[1:]}"]
        for change in mine:
            name = names[change.scenario] if len(names) > 1 else quantity.label
            ends = (futures or {}).get((quantity, change.scenario))
            more = () if futures is None else (scale.between(*ends) if ends else UNKNOWN,)
            rows.append((f"  {name}", *scale.cells(change), *more))
    heads = ("baseline", "scenario", "change", INTERVAL, *(() if futures is None else (_head_of(range_name),)))
    return plain_table(heads, rows, width)


def _scale_of(changes: Sequence[Change]) -> Scale:
    """Return the scale of one quantity: as fine as its clear changes deserve, or else as its level does."""
    unit = changes[0].quantity.unit
    found = [(one.difference, one.low, one.high) for one in changes if one.is_known]
    levels = [(level, level, level) for one in changes for level in (one.before, one.after)]
    clear = [(one.difference, one.low, one.high) for one in changes if one.is_clear]
    whole = Scale.of(unit, [*levels, *found])
    if clear:
        return whole._replace(place=Scale.of(unit, clear).place)
    finest = Scale.of(unit, levels).place
    return whole._replace(place=max(finest, Scale.of(unit, found).place) if found else finest)


def _head_of(range_name: str) -> str:
    return f"{range_name}\n(10th to 90th)"


def level_table(levels: Sequence[Level], range_name: str = words.RUN_TO_RUN) -> str:
    """Return the table of levels by year: mean, 95% interval of the mean, and run-to-run range."""
    rows: list[str | tuple[str, ...]] = []
    for mine in _runs_of(levels):
        quantity = mine[0].quantity
        scale = Scale.of(quantity.unit, [(one.mean, one.low, one.high) for one in mine])
        rows += [*([""] if rows else []), f"{quantity.label} ({scale.unit})"]
        for one in mine:
            interval = "no interval" if isnan(one.low) else f"{scale.level(one.low)} to {scale.level(one.high)}"
            futures = f"{scale.level(one.p10)} to {scale.level(one.p90)}"
            rows.append((f"  {one.period}", scale.level(one.mean), interval, futures))
    return plain_table(("mean", "95% interval\nof the mean", _head_of(range_name)), rows)


def line_table(levels: Sequence[Level]) -> str:
    """Return the mean of each quantity by year, in millions of pounds: a row each, a column for each year."""
    years = list(dict.fromkeys(one.period for one in levels))
    rows = []
    for mine in _runs_of(levels):
        found = {one.period: one.mean for one in mine}
        cells = (f"{found[year] / MILLION:.2f}" if year in found else "" for year in years)
        rows.append((mine[0].quantity.label, *cells))
    return plain_table([year[2:] for year in years], rows)


def _by_quantity(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Yield the changes of each quantity, without those for which neither level has a value."""
    for _, group in groupby(changes, lambda change: change.quantity):
        mine = [change for change in group if not (isnan(change.before) and isnan(change.after))]
        if any(number and not isnan(number) for change in mine for number in (change.before, change.after)):
            yield mine


def _runs_of(levels: Sequence[Level]) -> Iterator[list[Level]]:
    for _, group in groupby(levels, lambda level: level.quantity):
        yield list(group)


def step_table(steps: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return the steps of a waterfall in pounds, from the baseline to the combination."""
    rows = steps.to_dict("records")
    figures = [(row["mean"], row["low"], row["high"]) for row in rows if row["kind"] not in (BASELINE, COMBINATION)]
    scale = Scale.of("GBP", figures)
    labels = {
        BASELINE: "Baseline",
        INTERACTION: "What they bring only together",
        TOGETHER: "All together: change",
        COMBINATION: "All together: spend",
    }
    made: list[str | tuple[str, ...]] = []
    for row in rows:
        is_level = row["kind"] in (BASELINE, COMBINATION)
        name = labels.get(row["kind"]) or names[row["step"]]
        interval = "" if is_level else scale.between(row["low"], row["high"])
        made.append((name, scale.level(row["mean"]) if is_level else scale.signed(row["mean"]), interval))
    return plain_table((f"{scale.unit}, cash", INTERVAL), made)

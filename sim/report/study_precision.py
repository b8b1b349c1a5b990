"""How precise a study is, in words: in the units of its headline measures, such as £m."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any, NamedTuple

from sim.analysis.precision import Series
from sim.questions import LooksAt
from sim.report.amounts import is_money
from sim.report.finding_tables import Scale

KEYS = ("measure", "provision", "phase", "over")
NO_END = "no number would be enough"


class _Told(NamedTuple):
    """What a quantity is called, and what its figures are divided by."""

    name: str
    divisor: float

    def figure(self, value: float) -> str:
        return f"{value / self.divisor:.3g}"


def in_headline_units(looks_at: Sequence[LooksAt]) -> Callable[[Series], str]:
    """Return how to say how wide an interval is, in the unit of the headline measure of the same quantity."""

    def say(one: Series) -> str:
        told = _told(looks_at, tuple(str(getattr(one.quantity, key)) for key in KEYS), float(one.half[-1]))
        asked = "" if isnan(one.width[-1]) else f" (to be {told.figure(one.width[-1])})"
        return f"{told.name}: widest +-{told.figure(one.half[-1])}{asked} in {one.scenario}"

    return say


def precision_in_words(provenance: Mapping[str, Any], looks_at: Sequence[LooksAt]) -> list[str]:
    """Return lines about the precision reached: after how many replications, or how many more would be needed.

    Parameters
    ----------
    provenance : what run.json says; nothing is told of a study without targets.
    looks_at : headline measures, for names and units.
    """
    said = provenance.get("precision", {})
    if "most" not in said:
        return []
    if said["reached_after"] is not None:
        reached, number = said["reached_after"], said["replications"]
        return [
            f"Every paired difference was as precise as asked after {reached} replications, and stayed so to {number}.",
            *_unvaried(said["intervals"], looks_at),
        ]
    short = [one for one in said["intervals"] if one["more_needed"] != 0]
    lines = [f"The budget of {said['most']} replications ended before every paired difference was as precise as asked."]
    if not short:
        return [*lines, "All are so now, but have not been so for long enough to be sure that it was not luck."]
    return lines + [_shortfall(one, looks_at) for one in short]


def _unvaried(intervals: Sequence[Mapping[str, Any]], looks_at: Sequence[LooksAt]) -> Iterator[str]:
    """Yield a line for each difference that never varied, which only a bound for rare events says anything of."""
    for one in intervals:
        if one["is_same"] and one["half_width"]:
            told = _row_told(one, looks_at)
            bound = f"bound for events too rare to have come (rule of three): +-{told.figure(one['half_width'])}"
            yield f"* {one['scenario']}, {told.name}: the same change in every replication; {bound}."


def _shortfall(one: Mapping[str, Any], looks_at: Sequence[LooksAt]) -> str:
    told = _row_told(one, looks_at)
    lead = f"* {one['scenario']}, {told.name}"
    if one["difference"] is None:
        return f"{lead}: no figures in this county."
    if one["half_width"] is None:
        return f"{lead}: the same change in every replication, and no variation in the baseline to judge it by."
    more = NO_END if one["more_needed"] is None else f"about {one['more_needed']:,} more needed"
    asked = told.figure(one["at_most"] or 0.0)
    same = "; the same change in every replication, so this is a bound for rare events" if one["is_same"] else ""
    return f"{lead}: +-{told.figure(one['half_width'])}, to be {asked}; {more}{same}."


def _row_told(one: Mapping[str, Any], looks_at: Sequence[LooksAt]) -> _Told:
    return _told(looks_at, tuple(str(one[key]) for key in KEYS), float(one["half_width"] or 0.0))


def _told(looks_at: Sequence[LooksAt], key: tuple[str, ...], half: float) -> _Told:
    """Return the name of a quantity: its label and unit if it is a headline, else its keys; with money its unit."""
    same = next((one for one in looks_at if tuple(getattr(one, name) for name in KEYS) == key), None)
    measure = key[0]
    unit = next((one.unit for one in looks_at if one.measure == measure and is_money(one.unit)), "")
    name = " ".join(part for part in key[:3] if part and part != "all")
    if same is None and not unit:
        return _Told(name, 1.0)
    scale = Scale.of(same.unit if same else unit.split(" ")[0], [(half, half, half)])
    return _Told(f"{same.label if same else name} ({scale.unit})", scale.divisor)

"""What was found, in sentences: spend, placements, payback and levels. All words come from the data.

A change is told only when its interval excludes no change; otherwise it is said that it cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import pandas as pd

from sim.analysis.paired_spend import HALF_A_PENNY, Estimate
from sim.analysis.payback import CUMULATIVE, NEVER, PAID_BACK, payback
from sim.analysis.price_or_volume import Growth
from sim.analysis.waterfall import INTERACTION, PART, TOGETHER
from sim.report.amounts import Style
from sim.report.looked_at import Change, Level
from sim.report.words import RUN_TO_RUN
from sim.results import Results

MOST_NAMED = 3
"""So many changes at most are named in a sentence."""

NOT_TOLD = "cannot be told apart from no change"


def style_of(change: Change) -> Style:
    """Return how the figures of a change are written."""
    return Style.of(change.quantity.unit, change.difference, change.low, change.high)


def years_of(period: str) -> str:
    """Return the years of a period such as 'total of 2019-20 to 2028-29'."""
    return period.partition(" of ")[2] or period


def in_list(parts: Sequence[str]) -> str:
    """Return 'a, b and c'."""
    return " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), *parts[-1:]])


def spend_words(net: Change, beside: Change | None = None) -> str:
    """Return what happens to the net spend of the block (and to what is beside it), after 'it'."""
    told = _of_block(net)
    if beside is None or not beside.is_clear:
        return told
    style = style_of(beside)
    interval = style.between(beside.low, beside.high)
    return f"{told}, and beside the block council and schools pay {style.moved(beside.difference)} ({interval})"


def _of_block(net: Change) -> str:
    if net.is_none:
        return "changes nothing in what the high needs block spends"
    style = style_of(net)
    size, interval = style.words(net.difference), style.between(net.low, net.high)
    moved = style.moved(net.difference)
    if isnan(net.low):
        return f"makes the high needs block spend {moved} in the one replication run, which gives no interval"
    if not net.is_clear:
        return f"changes spend of the high needs block by what {NOT_TOLD}: {moved} (95% interval {interval})"
    verb = f"costs the high needs block {size} more" if net.difference > 0 else f"saves the high needs block {size}"
    return f"{verb} (95% interval {interval})"


def placement_words(changes: Sequence[Change], *, short: bool = False) -> str:
    """Return what happens to the quantities looked at, net spend aside: at most three clear changes are named."""
    mine = [change for change in changes if not change.is_net and change.is_known]
    clear = [change for change in mine if change.is_clear]
    if not mine:
        return ""
    if any(isnan(change.low) for change in mine):
        return "one replication gives no interval, so no other change can be told apart from none"
    if not clear:
        none = f"none of the other {len(mine)} changes" if len(mine) > 1 else "the only other change"
        return f"{none} looked at {'can' if len(mine) > 1 else 'cannot'} be told apart from no change"
    told = _by_direction(_named(clear))
    most = "the clearest" if len(clear) > MOST_NAMED else ""
    if short:
        return f"{most or 'clear'} changes: {told}"
    every = f"all {len(mine)} other changes" if len(mine) > 1 else "the only other change"
    some = every if len(clear) == len(mine) else f"{len(clear)} of {len(mine)} other changes"
    lead = "the clearest being" if most else "namely"
    return f"{some} looked at can be told apart from no change, {lead} {told}"


def _named(clear: Sequence[Change]) -> list[Change]:
    """Return the clearest changes, those for better or worse first; one for the worse is among them if there is any."""
    order = sorted(clear, key=lambda change: (not change.is_better and not change.is_worse, -change.clarity))
    named, worse = order[:MOST_NAMED], [change for change in order if change.is_worse]
    if worse and not any(change.is_worse for change in named):
        named[-1] = worse[0]
    return [change for change in clear if change in named]


def _by_direction(changes: Sequence[Change]) -> str:
    """Return changes for the better, those for the worse, and those that are neither."""
    better = [_up_or_down(change) for change in changes if change.is_better]
    worse = [_up_or_down(change) for change in changes if change.is_worse]
    neither = [_up_or_down(change) for change in changes if not change.is_better and not change.is_worse]
    groups = (("for the better ", better), ("for the worse ", worse), ("besides " if better or worse else "", neither))
    return ", and ".join(heading + in_list(parts) for heading, parts in groups if parts)


def _up_or_down(change: Change) -> str:
    style, way = style_of(change), "up" if change.difference > 0 else "down"
    size, interval = style.words(change.difference), style.between(change.low, change.high)
    return f"{change.quantity.label} {way} {size} ({interval})"


def payback_words(results: Results, scenario: str) -> str:
    """Return when a scenario pays back and how likely that is, after 'it'."""
    try:
        found = payback(results, scenario)
    except ValueError as error:
        return f"has a payback that cannot be worked out ({error})"
    total = found.by_year[found.by_year["quantity"] == CUMULATIVE]
    whole = total.to_dict("records")[-1]
    if whole["low"] <= 0.0 <= whole["high"]:
        return "cannot be said to pay back or not, as its net cost cannot be told apart from nought"
    if total["mean"].max() <= HALF_A_PENNY:
        return "costs nothing more on average at any time, so there is nothing to pay back"
    shares = found.by_year[found.by_year["quantity"] == PAID_BACK]
    last = shares.to_dict("records")[-1]
    number, of, end = round(last["mean"] * last["replications"]), int(last["replications"]), last["period"]
    if not number:
        return f"has not paid back by the end of {end} in any of {of} replications"
    chance = f"by the end of {end} in {number} of {of} replications"
    if not isnan(last["low"]):
        chance += f" (95% interval of the chance {last['low']:.0%} to {last['high']:.0%})"
    if found.likely_year in (NEVER, end):
        return f"has paid back {chance}"
    return f"has paid back by the end of {found.likely_year} in half of the replications or more, and {chance}"


def rank_words(order: Sequence[Change], numbers: Mapping[str, str], clear: Mapping[str, bool]) -> str:
    """Return the ranking of scenarios by net cost.

    Parameters
    ----------
    order : net change in spend of each scenario, cheapest first.
    numbers : scenario -> the number it goes by.
    clear : scenario -> whether it is dearer than the one before by more than chance alone may bring.
    """
    told = []
    for place, change in enumerate(order):
        size = "no change" if change.is_none else style_of(change).moved(change.difference)
        before = numbers[order[place - 1].scenario]
        tie = "" if not place or clear[change.scenario] else f", not clearly dearer than {before}"
        told.append(f"{numbers[change.scenario]} ({size}{tie})")
    return f"By net cost to the high needs block over {years_of(order[0].period)}, least first: {'; '.join(told)}."


def together_words(steps: pd.DataFrame) -> str:
    """Return what the parts of a policy cost apart and together, from the steps of a waterfall in pounds."""
    rows = steps.to_dict("records")
    apart = sum(row["mean"] for row in rows if row["kind"] == PART)
    whole = next(row for row in rows if row["kind"] == TOGETHER)
    only = next(row for row in rows if row["kind"] == INTERACTION)
    first, second = (_cost(size, whole["low"], whole["high"]) for size in (apart, whole["mean"]))
    style = Style.of("GBP", only["mean"], only["low"], only["high"])
    between = f"95% interval {style.between(only['low'], only['high'])}"
    difference = f"the difference, {style.moved(only['mean'])} ({between}),"
    is_clear = only["low"] > 0 or only["high"] < 0
    judged = "is what they bring only together" if is_clear else NOT_TOLD
    return f"added up, the parts by themselves {first}, and all together they {second}; {difference} {judged}"


def _cost(size: float, low: float, high: float) -> str:
    said = Style.of("GBP", size, low, high).words(size)
    return f"cost {said}" if size > 0 else f"save {said}"


def growth_words(label: str, growth: Growth) -> str:
    """Return how a budget line grows in the baseline, and what of it is due to volume and to prices."""
    before, after = _pounds(growth.before), _pounds(growth.after)
    volume, price = (f"{_part(part)} {why}" for part, why in ((growth.by_volume, _VOLUME), (growth.by_price, _PRICE)))
    return (
        f"in the baseline, {label} go from {before} in {growth.first} to {after} in {growth.last} (cash); of the "
        f"difference {volume}, and {price}"
    )


_VOLUME = "is volume: the number and the kind of places"
_PRICE = "is the general rise of prices, which all tariffs follow"


def _pounds(found: Estimate) -> str:
    return Style.of("GBP", found.mean, found.low, found.high).signed(found.mean)


def _part(part: Estimate) -> str:
    style = Style.of("GBP", part.mean, part.low, part.high)
    said = style.signed(part.mean)
    return said if isnan(part.low) else f"{said} (95% interval {style.signed(part.low)} to {style.signed(part.high)})"


def level_sentences(by_year: Sequence[Level], over_study: Sequence[Level], range_name: str = RUN_TO_RUN) -> list[str]:
    """Return a sentence for each quantity: where it starts and ends, or its total or mean over the study."""
    told = []
    for whole in over_study:
        first = next((level for level in by_year if level.quantity == whole.quantity), whole)
        start = ""
        if whole.quantity.over == "last" and first.period != whole.period:
            style = Style.of(whole.quantity.unit, first.mean, first.low, first.high)
            start = f"{style.signed(first.mean)} in {first.period}, "
        told.append(f"{whole.quantity.label}: {start}{_level_words(whole, range_name)}.")
    return told


def _level_words(level: Level, range_name: str) -> str:
    style = Style.of(level.quantity.unit, level.mean, level.low, level.high)
    words = {"sum": "in total over", "mean": "on average over", "last": "in"}
    told = f"{style.signed(level.mean)} {words[level.quantity.over]} {years_of(level.period)}"
    if isnan(level.low):
        return f"{told} (one replication, no interval)"
    interval = f"95% interval of the mean {style.signed(level.low)} to {style.signed(level.high)}"
    return f"{told} ({interval}; {range_name} {style.signed(level.p10)} to {style.signed(level.p90)})"

"""Checks across the rows that decide what happens to pupils: onset, rates, routes and effects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.parameters.check_provisions import district_exists
from sim.parameters.problems import Finding, did_you_mean, suggestions
from sim.parameters.schema import DESTINATIONS, NAMED_PROVISIONS, Onset, Parameters, Rate, RouteWeight
from sim.vocabulary import YEAR_GROUPS, Decision, EventKind, Record, Severity

WEIGHT_TOLERANCE = 1e-9

Findings = Iterator[Finding]
Rows = Mapping[str, RouteWeight]
Districts = tuple[str, ...]


def onset(p: Parameters) -> Findings:
    """No year group has two rows of onset."""
    for (a, one), (b, other) in combinations(p.onset.items(), 2):
        if common := _shared_years(one, other):
            allowed = "one row of onset for a year group"
            rows = (("onset", b), ("onset", a))
            yield Finding(rows, f"{common} is covered by {a} too", allowed, "change the year groups of one of the two")


def _shared_years(one: Onset | Rate, other: Onset | Rate) -> str:
    both = [YEAR_GROUPS[y] for y in one.year_groups if y in other.year_groups]
    return f"{both[0]} to {both[-1]}" if len(both) > 1 else "".join(both)


def rates(p: Parameters) -> Findings:
    """No pupil has two rates for one event."""
    by_event: dict[str, list[str]] = defaultdict(list)
    for name, rate in p.rates.items():
        by_event[rate.event].append(name)
    for event, names in by_event.items():
        for a, b in combinations(names, 2):
            if common := _overlap(p.rates[a], p.rates[b]):
                rows, allowed = (("rates", b), ("rates", a)), f"one rate of {event} for a pupil"
                fix = "narrow the placement, year groups, record or severity of one of the two"
                yield Finding(rows, f"{common} is covered by {a} too", allowed, fix)


NEEDED_SEVERITIES = {
    EventKind.WORSEN: (Severity.EMERGING, Severity.MODERATE),
    EventKind.IMPROVE: (Severity.MODERATE, Severity.COMPLEX),
    EventKind.RESOLVE: (Severity.EMERGING, Severity.MODERATE, Severity.COMPLEX),
    EventKind.RECUR: (Severity.NONE,),
}
"""Severities at which a change of need can happen at all."""


def severities(p: Parameters) -> Findings:
    """Find rates of a change of need at a severity that it cannot happen at."""
    for name, rate in p.rates.items():
        possible = NEEDED_SEVERITIES.get(rate.event, tuple(Severity))
        if rate.value > 0 and not set(rate.severities) <= set(possible):
            found = f"{rate.event} at severity {rate.severity}"
            allowed = ", ".join(severity.name.lower() for severity in possible)
            yield Finding((("rates", name),), found, allowed, "give one row for each severity allowed", "severity")


def _overlap(one: Rate, other: Rate) -> str:
    """Return words for the pupils whom both rates cover, or ''."""
    if "any" not in (one.placement, other.placement) and one.placement != other.placement:
        return ""
    records = [r for r in one.records if r in other.records]
    severities = [s for s in one.severities if s in other.severities]
    years = _shared_years(one, other)
    if not (records and severities and years):
        return ""
    placement = one.placement if other.placement == "any" else other.placement
    return f"{placement}, {years}, record {records[0].name.lower()}, severity {severities[0].name.lower()}"


def routes(p: Parameters) -> Findings:
    """Each route leads to a destination its decision allows, in a district that exists."""
    for name, route in p.routes.items():
        allowed = destinations(p, route.decision)
        if route.destination not in allowed:
            fix = did_you_mean(route.destination, allowed, f"use a destination of {route.decision}")
            found, known = f"destination {route.destination}", suggestions(route.destination, allowed)
            yield Finding((("routes", name),), found, known, fix, "destination")
        yield from district_exists(p, ("routes", name), route.district)


def destinations(p: Parameters, decision: Decision) -> tuple[str, ...]:
    """Return the destinations a decision may name, in name order."""
    if decision in NAMED_PROVISIONS:
        return tuple(sorted(name for name, _ in p.provisions_of(NAMED_PROVISIONS[decision])))
    return tuple(sorted(str(place) for place in DESTINATIONS[decision]))


def weights(p: Parameters) -> Findings:
    """Within a decision the weights for each pupil sum to one, or there are none."""
    for decision in Decision:
        rows = {name: route for name, route in p.routes.items() if route.decision == decision}
        if rows:
            total, covered = _summed(rows, p.districts)
            yield from _wrong_sums(decision, rows, p.districts, total, covered)
            yield from _half_covered(decision, rows, p.districts, covered)
        else:
            found = f"no rows for the decision {decision}"
            yield Finding((("routes",),), found, "rows for every decision", "add rows whose weights sum to one")


def _summed(rows: Rows, districts: Districts) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the sum of weights, and whether there is any, by year group, record, severity and district."""
    shape = (len(YEAR_GROUPS), len(Record), len(Severity), max(len(districts), 1))
    total, covered = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    for route in rows.values():
        cells = np.ix_(*_cells(route, districts))
        total[cells] += route.value
        covered[cells] = True
    return total, covered


def _wrong_sums(
    decision: Decision,
    rows: Rows,
    districts: Districts,
    total: NDArray[np.float64],
    covered: NDArray[np.bool_],
) -> Findings:
    """Yield one finding for each set of rows whose weights do not sum to one, naming the first pupils."""
    told: set[tuple[str, ...]] = set()
    for at in np.argwhere(covered & (np.abs(total - 1) > WEIGHT_TOLERANCE)):
        names = tuple(name for name, route in rows.items() if _holds(route, at, districts))
        if names not in told:
            told.add(names)
            yield _weight_finding(decision, names, float(total[tuple(at)]), _who(at, districts, rows))


def _half_covered(decision: Decision, rows: Rows, districts: Districts, covered: NDArray[np.bool_]) -> Findings:
    """Yield the first pupils for whom a decision has rows in some districts and none in another."""
    for year, record, severity in np.argwhere(covered.any(axis=3) & ~covered.all(axis=3))[:1]:
        lacking = int(np.argmin(covered[year, record, severity]))
        first = next(n for n, route in rows.items() if year in route.year_groups and record in route.records)
        found = f"{_pupils(year, record, severity)}: none in {districts[lacking]}"
        allowed = f"rows of {decision} for all districts or none"
        yield Finding((("routes", first),), found, allowed, f"add rows for {districts[lacking]}")


def _cells(route: RouteWeight, districts: Districts) -> tuple[list[int], ...]:
    """Return the indices a route covers: year groups, records, severities, districts."""
    here = [i for i, name in enumerate(districts or ("any",)) if route.district in ("any", name)]
    return list(route.year_groups), [int(r) for r in route.records], [int(s) for s in route.severities], here


def _holds(route: RouteWeight, at: NDArray[np.intp], districts: Districts) -> bool:
    return all(index in covered for index, covered in zip(at, _cells(route, districts), strict=True))


def _who(at: NDArray[np.intp], districts: Districts, rows: Rows) -> str:
    year, record, severity, district = (int(index) for index in at)
    local = any(route.district != "any" for route in rows.values())
    return _pupils(year, record, severity) + (f", {districts[district]}" if local and districts else "")


def _pupils(year: int, record: int, severity: int) -> str:
    words = Record(record).name.lower(), Severity(severity).name.lower()
    return f"{YEAR_GROUPS[year]}, record {words[0]}, severity {words[1]}"


def _weight_finding(decision: Decision, names: tuple[str, ...], total: float, who: str) -> Finding:
    rows = tuple(("routes", name) for name in names)
    found = f"the weights of {decision} for {who} sum to {total:.10g}"
    return Finding(rows, found, "a sum of 1", f"add {1 - total:+.10g} to one of them, or spread it", "value")


def effects(p: Parameters) -> Findings:
    """No two rows state the same effect; those given to everyone belong to policies of their own and multiply."""
    seen: dict[tuple[str, ...], str] = {}
    for name, effect in p.effects.items():
        if effect.given_by == "everyone":
            continue
        years = (effect.first_year_group, effect.last_year_group)
        key = (str(effect.given_by), str(effect.target), effect.severity, *years)
        if key in seen:
            rows = (("effects", name), ("effects", seen[key]))
            allowed = "one row for what gives it, a target, a severity and year groups"
            yield Finding(rows, f"the same effect as {seen[key]}", allowed, "remove one of the two")
        seen.setdefault(key, name)

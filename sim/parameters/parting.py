"""From which date two sets of parameters can make a difference to a run, so that what lies before is run once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sim.parameters.schema import Later, Parameters, ProvisionSpec, Quantity
from sim.school_year import SEPTEMBER, year_start
from sim.vocabulary import SUPPORTS

_AFTER_THE_RUN = frozenset({"county", "lines", "budgets", "discount", "observed", "sources", "programmes"})
"""Parts that a run never looks at: words, and what measures and the ledger use."""

_COMPARED_BELOW = frozenset({"provisions", "yearly", "later"})
_DATED = ("places", "devolved_budget", "charge_per_exclusion", "charge_per_tuition")
_MONEY_ONLY = (
    *("running_cost", "start_up", "school_contribution"),
    *("label", "line", "grade", "source", "year", "note"),
)


def parting_date(one: Parameters, other: Parameters) -> date | None:
    """Return the first date on which a run under `one` may differ from one under `other`.

    Returns date.max when it never does, None when it may from the start.
    """
    throughout = Parameters.model_fields.keys() - _AFTER_THE_RUN - _COMPARED_BELOW
    if any(getattr(one, part) != getattr(other, part) for part in throughout):
        return None
    if tuple(one.provisions) != tuple(other.provisions):
        return None
    dates = [*_later(one, other), *_years_that_differ(one, other)]
    for before, after in zip(one.provisions.values(), other.provisions.values(), strict=True):
        if _lasting(before) != _lasting(after):
            opens = _opens(before, after)
            if opens is None:
                return None
            dates.append(opens)
        dates += _dates_that_differ(before, after)
    return min(dates, default=date.max)


def _later(one: Parameters, other: Parameters) -> Iterator[date]:
    """Yield the dates from which different parts hold."""
    for day in one.later.keys() | other.later.keys():
        before, after = one.on(day), other.on(day)
        if any(getattr(before, part) != getattr(after, part) for part in Later.model_fields):
            yield day


def _years_that_differ(one: Parameters, other: Parameters) -> Iterator[date]:
    """Yield 1 September of each academic year from which a yearly series has another value."""
    for name in type(one.yearly).model_fields:
        before, after = getattr(one.yearly, name), getattr(other.yearly, name)
        if before != after:
            for label in before.keys() | after.keys():
                if _held(before, label) != _held(after, label):
                    first = label in (min(before), min(after))  # a first value holds before its year too
                    yield date.min if first else date(year_start(label), SEPTEMBER, 1)


def _held(series: Mapping[str, Quantity], label: str) -> float:
    begun = [year for year in series if year <= label]
    return series[max(begun) if begun else min(series)].value


def _lasting(spec: ProvisionSpec) -> dict[str, object]:
    """What holds at all dates and matters to a run."""
    lasting = ProvisionSpec.model_fields.keys() - {*_DATED, *_MONEY_ONLY}
    return {name: getattr(spec, name) for name in lasting}


def _opens(one: ProvisionSpec, other: ProvisionSpec) -> date | None:
    """Return the first date on which support has places in either; what else it is matters from then on."""
    if one.kind not in SUPPORTS or one.kind != other.kind or one.district != other.district:
        return None
    days = [day for spec in (one, other) for day, places in spec.places.items() if places.usable != 0]
    return min(days, default=date.max) if one.places and other.places else None


def _dates_that_differ(one: ProvisionSpec, other: ProvisionSpec) -> Iterator[date]:
    for part in _DATED:
        before, after = getattr(one, part), getattr(other, part)
        yield from (day for day in before.keys() | after.keys() if before.get(day) != after.get(day))

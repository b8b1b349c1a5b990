"""From which date two sets of parameters can make a difference to a run, so that what lies before is run once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sim.parameters.schema import Parameters, ProvisionSpec

_AFTER_THE_RUN = frozenset({"county", "lines", "budgets", "observed", "sources", "provisions"})
"""Parts that a run never looks at: words, and what measures and the ledger use. Provisions are compared below."""

_DATED = ("places", "devolved_budget")
_MONEY_ONLY = ("running_cost", "start_up", "label", "line", "grade", "source", "year", "note")


def parting_date(one: Parameters, other: Parameters) -> date | None:
    """Return the first date on which a run under `other` may differ from one under `one`.

    Returns date.max when it never does, None when it may from the start.
    """
    in_the_run = [part for part in Parameters.model_fields if part not in _AFTER_THE_RUN]
    if any(getattr(one, part) != getattr(other, part) for part in in_the_run):
        return None
    if tuple(one.provisions) != tuple(other.provisions):
        return None
    dates: list[date] = []
    for before, after in zip(one.provisions.values(), other.provisions.values(), strict=True):
        if _lasting(before) != _lasting(after):
            return None
        dates += _dates_that_differ(before, after)
    return min(dates, default=date.max)


def _lasting(spec: ProvisionSpec) -> dict[str, object]:
    """What holds at all dates and matters to a run."""
    lasting = ProvisionSpec.model_fields.keys() - {*_DATED, *_MONEY_ONLY}
    return {name: getattr(spec, name) for name in lasting}


def _dates_that_differ(one: ProvisionSpec, other: ProvisionSpec) -> Iterator[date]:
    for part in _DATED:
        before, after = getattr(one, part), getattr(other, part)
        yield from (day for day in before.keys() | after.keys() if before.get(day) != after.get(day))

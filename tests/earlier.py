"""Counties whose runs begin earlier than they are shipped: what held first has held before as well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sim.parameters.checks import check
from sim.parameters.schema import Parameters, ProvisionSpec
from sim.school_year import academic_year_label, financial_year_label

DATED = ("places", "running_cost", "devolved_budget")


def beginning_in(parameters: Parameters, first_year: int) -> Parameters:
    """Return a county whose run begins in `first_year`, with the cohorts, places and prices of its own first year."""
    years, start = range(first_year, parameters.horizon.first_year), date(first_year, 9, 1)
    own_start = date(parameters.horizon.first_year, 9, 1)
    cohorts = {academic_year_label(year): min(parameters.cohorts.items())[1] for year in years}
    inflation = {financial_year_label(year): min(parameters.inflation.items())[1] for year in years}
    made = parameters.model_copy(
        update={
            "horizon": parameters.horizon.model_copy(update={"first_academic_year": academic_year_label(first_year)}),
            "cohorts": cohorts | parameters.cohorts,
            "inflation": inflation | parameters.inflation,
            "provisions": {name: _since(spec, own_start, start) for name, spec in parameters.provisions.items()},
        }
    )
    assert check(made) == []
    return made


def _since(spec: ProvisionSpec, own_start: date, start: date) -> ProvisionSpec:
    """Return a provision whose places and money of its county's first day hold from an earlier day."""

    def moved(dated: Mapping[date, Any]) -> dict[date, Any]:
        return {start if day == own_start else day: row for day, row in dated.items()}

    return spec.model_copy(update={name: moved(getattr(spec, name)) for name in DATED})

"""The Markov counterpart of a county: the same pathways, in which no pupil can stand in another's way."""

from __future__ import annotations

from typing import Any

from sim.parameters.changes import with_changes
from sim.parameters.schema import Duration, Durations, Parameters
from sim.school_year import DAYS_IN_SCHOOL_WEEK, DAYS_IN_WEEK
from sim.vocabulary import BASE_TIERS, ProvisionKind

DAYS_IN_YEAR = 365.25
ENDLESS = {"commissioned": 1_000_000, "usable": "unlimited"}
CLOSED = {"commissioned": 0, "usable": 0}
MUCH_MONEY = 1e12
MUCH_CASEWORK = 1e9

_STAY_AS_THEY_ARE = (
    "ehc_due",
    "support_wait",
    "alternative_provision_wait",
    "special_deadline",
    *(tier.value for tier in BASE_TIERS),
    ProvisionKind.PANEL.value,
)
_AT_ONCE = "ehc_repeat"


def free_county(county: Parameters) -> Parameters:
    """Return the county in the test mode in which each pupil's life is a continuous-time Markov chain.

    Alive are onset, need, record, suspension with its days out and decision window, all routes after it, managed
    moves, alternative provision with reintegration and its aftermath, tuition with its start, stickiness and reviews,
    permanent exclusion with the sixth day, district teaching and fair access, the EHC assessment with refusals
    overturned or repeated, plans, annual reviews, consultation, refusals by schools, special and independent places,
    phase transfer with the naming deadline, breakdown, medical referral, home education, leaving, early and crisis
    cases of district teams with their effects, and prices.

    Changed, and why:

    - stays are exponential with their own mean, in school days (calendar weeks at so many a year), since a chain
      has no memory; so are cases of district teams;
    - frailty and the schools' readiness to suspend are 1: their mixture would be one chain for each value;
    - places, slots and casework are unlimited and other needs' cases are none, so that pupils are independent; nobody
      waits for a place, so deadlines, the factor on breakdown while waiting and unserved crises do not come up;
    - effects of support begin with it and end with it: a lag or persistence would be a clock beside the state;
    - schools neither sign nor train, bases and panels are closed: what they do depends on dates and other pupils;
    - a refused request that is repeated is repeated at once: any number of repeats could be pending otherwise;
    - a return from tuition is impossible after its first term (stickiness 0): powers of it are endlessly many states;
    - the share of requests refused is that of the baseline year: it is looked up when the request is made.

    Raises ValueError when rules of the county change during the run.
    """
    if county.later:
        raise ValueError("the Markov counterpart needs one set of rules throughout; `later` must be empty")
    return with_changes(county, {**_luck(), **_places(county), **_stays(county), **_rules(county)})


def _luck() -> dict[str, Any]:
    return {
        "quantities/need/frailty_variance": 0,
        "quantities/schools/propensity_sd_log": 0,
        "quantities/team/case_cv": 1,
        "quantities/team/other_needs_cases": 0,
        "quantities/tuition/stickiness": 0,
    }


def _rules(county: Parameters) -> dict[str, Any]:
    refused = county.yearly.refused_share
    base = county.horizon.baseline_academic_year
    begun = [year for year in refused if year <= base] or list(refused)[:1]
    return {
        "yearly/refused_share/*": refused[begun[-1]].value,
        "yearly/trained_share/*": 0,
        "yearly/signed_share/*": 0,
        "yearly/casework_capacity/*": MUCH_CASEWORK,
        "effects/*/lag_days": 0,
        "effects/*/full_days": 0,
        "effects/*/half_days": 0,
    }


def _places(county: Parameters) -> dict[str, Any]:
    closed = (*BASE_TIERS, ProvisionKind.PANEL)
    changes: dict[str, Any] = {}
    for name, spec in county.provisions.items():
        for day in spec.places:
            changes[f"provisions/{name}/places/{day}"] = CLOSED if spec.kind in closed else ENDLESS
        for day, money in spec.devolved_budget.items():
            changes[f"provisions/{name}/devolved_budget/{day}"] = {"value": MUCH_MONEY, "price_base": money.price_base}
    return changes


def _stays(county: Parameters) -> dict[str, Any]:
    drawn = [name for name in Durations.model_fields if name not in _STAY_AS_THEY_ARE]
    days_per_year = county.calendar().days_per_year
    changes: dict[str, Any] = {}
    for name in drawn:
        days = mean_days(getattr(county.durations, name), days_per_year)
        changes[f"durations/{name}"] = {"value": days, "unit": "school days", "law": "exponential", "cv": 0}
    changes[f"durations/{_AT_ONCE}"] = {"value": 0, "unit": "school days", "law": "fixed", "cv": 0}
    return changes


def mean_days(duration: Duration, days_per_year: int) -> float:
    """Return the mean of a duration in school days."""
    days = {
        "school days": 1.0,
        "school weeks": float(DAYS_IN_SCHOOL_WEEK),
        "school years": float(days_per_year),
        "calendar weeks": DAYS_IN_WEEK * days_per_year / DAYS_IN_YEAR,
    }
    return duration.value * days[duration.unit]

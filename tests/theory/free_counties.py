"""Counties without limits in which what is rare elsewhere is common, so that few pupils show every pathway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.analysis.theory.free_county import free_county
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters
from sim.vocabulary import EventKind
from tests.worlds import EXAMPLESHIRE

THREE_YEARS = {
    "horizon/first_academic_year": "2017/18",
    "horizon/last_academic_year": "2019/20",
    "horizon/study_start": "2018-09-01",
}
"""A short horizon, for chains and runs that take no time."""


def weights(*rows: str, **shares: float) -> dict[str, float]:
    """Return the weights of the destinations of rows of routes.csv whose names begin alike."""
    return {f"routes/{row}_{destination}": share for row in rows for destination, share in shares.items()}


HARSH = {
    **weights("onset", emerging=0.2, moderate=0.3, complex=0.5),
    **weights("plan_issued_moderate", keep=0.7, special_school=0.2, independent_special=0.1),
    **weights("plan_issued_complex", keep=0.5, special_school=0.3, independent_special=0.2),
    **weights("annual_review_moderate", keep=0.6, special_school=0.25, independent_special=0.15),
    **weights("annual_review_complex", keep=0.3, special_school=0.4, independent_special=0.3),
    **weights("tuition_place_sought", keep=0.4, special_school=0.35, independent_special=0.25),
    **weights(
        "suspension_primary_no_plan", **{"return": 0.9, "managed_move": 0.05}, tuition=0.02, permanent_exclusion=0.03
    ),
    "routes/suspension_key_stage_3_no_plan_permanent_exclusion": 0.0208,
    "routes/suspension_key_stage_3_no_plan_return": 0.7402,
    "rates/breakdown_moderate_mainstream": 0.4,
    "rates/breakdown_complex_mainstream": 0.9,
    "rates/breakdown_special_school": 0.1,
    "rates/medical_referral_moderate": 0.2,
    "rates/medical_referral_complex": 0.5,
    "rates/reintegration_special_school": 0.05,
    "rates/home_education_plan": 0.05,
    "quantities/alternative_provision/assessed_at_entry": 0.3,
    "quantities/alternative_provision/takes_tutored": 0.3,
    "quantities/team/teaches_tutored": 0.3,
    "quantities/tuition/reviewed": 1,
    "quantities/crisis/referred_to_team_primary": 0.5,
    "quantities/crisis/referred_to_team_secondary": 0.3,
    "effects/team_not_returning": 0.6,
    "effects/team_worsen_*": 0.6,
}
"""Severe needs, many breakdowns and exclusions, and every lever that needs no place put to use."""

MORE_REQUESTS = {
    f"yearly/ehc_request_factor/{year}": 8.0 * figure.value
    for year, figure in EXAMPLESHIRE.yearly.ehc_request_factor.items()
}


def only(*events: EventKind) -> dict[str, float]:
    """Return changes after which only some kinds of event, and leaving, happen by themselves; onset is unrecorded."""
    off = {
        f"rates/{name}": 0
        for name, rate in EXAMPLESHIRE.rates.items()
        if rate.event not in events and rate.event != EventKind.LEAVE_COUNTY
    }
    return {**off, "quantities/need/recorded_at_onset": 0}


def harsh_county(onset_factor: float, changes: Mapping[str, Any] | None = None) -> Parameters:
    """Return the Markov counterpart of a harsh Exampleshire with so many times its onsets."""
    many = {"yearly/onset_factor/*": onset_factor}
    return free_county(with_changes(EXAMPLESHIRE, {**HARSH, **MORE_REQUESTS, **many, **(changes or {})}))

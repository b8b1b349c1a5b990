"""Designs of a primary resource base: tiers with places, staff, length of stay, admission and referrals, as data."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sim.parameters.schema import DistributionName, Evidence, Frozen, Source
from sim.vocabulary import BASE_TIERS, ProvisionKind

TOLERANCE = 1e-9


class Length(Frozen):
    """School days a pupil stays: the mean and its range."""

    value: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    distribution: DistributionName = "triangular"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low <= value <= high is needed; found {self.low:g}, {self.value:g}, {self.high:g}")
        return self


class Tier(Frozen):
    """One tier of one base: pupils at a time, staff, stay, and whom it is open to."""

    places: int = Field(ge=0)
    staff_fte: float = Field(ge=0)
    length_days: Length
    record: Literal["any", "no_plan", "plan"] = "any"
    least_severity: Literal["none", "emerging", "moderate", "complex"] = "none"


class Design(Evidence):
    """A design: its tiers, and to which of them referrals of each severity go (the rest to the district team)."""

    label: str = Field(min_length=1)
    description: str = Field(min_length=1)
    tiers: dict[ProvisionKind, Tier] = Field(min_length=1)
    referrals: dict[Literal["emerging", "moderate", "complex"], dict[ProvisionKind, float]]
    sources: dict[str, Source] = Field(default_factory=dict)

    @field_validator("tiers")
    @classmethod
    def _are_tiers(cls, tiers: dict[ProvisionKind, Tier]) -> dict[ProvisionKind, Tier]:
        for kind in tiers:
            if kind not in BASE_TIERS:
                raise ValueError(f"{kind} is not a tier of a base; allowed are {', '.join(BASE_TIERS)}")
        return tiers

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for severity, weights in self.referrals.items():
            if abs(sum(weights.values()) - 1.0) > TOLERANCE:
                raise ValueError(f"referrals of {severity} sum to {sum(weights.values()):g}; they must sum to 1")
            other = weights.keys() - self.tiers.keys() - {ProvisionKind.DISTRICT_TEAM}
            if other:
                raise ValueError(f"referrals of {severity} name {', '.join(sorted(other))}, which the design has not")
        return self

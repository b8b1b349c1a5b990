"""What is uncertain about a county beyond the range of each figure: factors to be calibrated, judgements stated in
several rows, and shares that relate published figures to the pupils modelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from sim.parameters.figures import reaches, series_of, steps_of
from sim.parameters.problems import Path
from sim.parameters.schema import DistributionName, Evidence, Frozen, Quantity

T = TypeVar("T")


class Factor(Evidence):
    """A ratio on figures as the county's files state them; 1 leaves them as they are.

    It multiplies value, low and high of every row that a pattern of `scales` reaches, and divides those that one of
    `divides` reaches. Among the destinations of a decision the largest one that no factor scales takes the difference.
    """

    label: str = Field(min_length=1)
    scales: tuple[str, ...] = Field(min_length=1)
    divides: tuple[str, ...] = ()
    value: Literal[1] = 1
    low: float = Field(gt=0)
    high: float
    distribution: DistributionName = "triangular"

    @model_validator(mode="after")
    def _around_one(self) -> Self:
        if not self.low <= 1 <= self.high:
            raise ValueError(f"low <= 1 <= high is needed; found {self.low:g} and {self.high:g}")
        return self


class Share(Quantity):
    """The pupils modelled as a share of those whom a published figure counts."""

    label: str = Field(min_length=1)
    unit: Literal["share"] = "share"
    value: float = Field(gt=0, le=1)
    low: float = Field(gt=0, le=1)
    high: float = Field(gt=0, le=1)


class Member(Frozen):
    """One plausible set of figures.

    Attributes
    ----------
    draw : number of the draw that decides the quantiles which are not given.
    factors : ratios on figures as the county's files state them, by factor.
    given : quantiles that calibration chose, by name of the figure.
    """

    draw: int
    factors: dict[str, float]
    given: dict[str, float]


class Ensemble(Frozen):
    """Plausible sets of figures of a county, equally likely.

    Attributes
    ----------
    seed : of the draws.
    county : fingerprint of the county that they are sets of figures of.
    """

    seed: int
    county: str
    members: tuple[Member, ...]


class Stated(Frozen):
    """What uncertainty.yaml of a county says.

    Attributes
    ----------
    factors : ratios that are calibrated, by name.
    together : name -> patterns of the rows that state one judgement several times; they share one quantile.
    shares : shares of published figures, by name.
    """

    factors: dict[str, Factor] = Field(default_factory=dict)
    together: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    shares: dict[str, Share] = Field(default_factory=dict)

    def quantile_name(self, path: Path) -> str:
        """Return the name whose quantile a figure is drawn at: its judgement's if it shares one, else its series'."""
        found = (name for pattern, name in self._judgements.get(path[0], ()) if reaches(pattern, path))
        return next(found, "") or series_of(path)

    def ratio(self, path: Path, factors: Mapping[str, float]) -> float | None:
        """Return the ratio that a figure is multiplied by, None when no factor reaches it; a factor not given is 1."""
        for pattern, (name, divides) in self._scaled.get(path[0], ()):
            if reaches(pattern, path):
                ratio = factors.get(name, 1.0)
                return 1.0 / ratio if divides else ratio
        return None

    @cached_property
    def _judgements(self) -> Mapping[str, list[tuple[Path, str]]]:
        return _by_part(
            (pattern, f"together/{name}") for name, patterns in self.together.items() for pattern in patterns
        )

    @cached_property
    def _scaled(self) -> Mapping[str, list[tuple[Path, tuple[str, bool]]]]:
        return _by_part(
            (pattern, (name, divides))
            for name, factor in self.factors.items()
            for divides, patterns in ((False, factor.scales), (True, factor.divides))
            for pattern in patterns
        )


def _by_part(named: Iterable[tuple[str, T]]) -> Mapping[str, list[tuple[Path, T]]]:
    """Return patterns as steps, with what they stand for, by the part of the parameters that they begin with."""
    found: dict[str, list[tuple[Path, T]]] = {}
    for pattern, name in named:
        steps = steps_of(pattern)
        found.setdefault(steps[0], []).append((steps, name))
    return found


class Uncertainty(Stated):
    """What is uncertain about a county: what its uncertainty.yaml says, and the ensemble that calibration found.

    Attributes
    ----------
    ensemble : None for a county that was not calibrated, or whose figures have changed since.
    """

    ensemble: Ensemble | None = None

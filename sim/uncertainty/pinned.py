"""A county with a few of its uncertain figures at quantiles that are asked for, and all others as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.chance.figures import quantiles
from sim.parameters.uncertainty import Factor, Uncertainty
from sim.uncertainty.draws import Draw

FACTORS = "factors"
MIDDLE = 0.5


@dataclass(frozen=True)
class Pinned(Draw):
    """A draw in which the names of `at` have the quantiles given, and all other figures keep their central value."""

    at: Mapping[str, float] = field(default_factory=dict)

    def moves(self, name: str) -> bool:
        """Whether a quantile is given for a name."""
        return name in self.at

    def uniform(self, name: str) -> float:
        """Return the quantile given for a name."""
        return self.at[name]


@dataclass(frozen=True)
class Asked(Draw):
    """A draw with all figures at their middle quantile, which takes note of the names asked for."""

    names: dict[str, None] = field(default_factory=dict)

    def uniform(self, name: str) -> float:
        """Take note of a name."""
        self.names[name] = None
        return MIDDLE


def pinned(spec: Uncertainty, at: Mapping[str, float]) -> Pinned:
    """Return the draw with names at quantiles in [0, 1]: factors/<name>, together/<name> or that of a figure's series.

    Raises KeyError for a factor that the county does not have; names of other figures are not checked.
    """
    asked = {name.removeprefix(f"{FACTORS}/"): u for name, u in at.items() if name.startswith(f"{FACTORS}/")}
    return Pinned(0, 0, {name: _at(spec.factors[name], u) for name, u in asked.items()}, at=dict(at))


def _at(factor: Factor, u: float) -> float:
    if factor.low == factor.high:
        return float(factor.value)
    return float(quantiles(factor.distribution, u, factor.value, factor.low, factor.high))

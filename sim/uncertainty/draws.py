"""Draws: one state of what nobody knows each, in which every figure has a quantile by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from sim.chance.figures import keyed_uniform, quantiles
from sim.levers.spec import Drawing, Ranged
from sim.parameters.figures import steps_of
from sim.parameters.uncertainty import Uncertainty

NOTHING_DRAWN, PARAMETERS_DRAWN = "none", "parameters"
"""What may be asked of a study's uncertainty: the parameters are held, or drawn."""

PER_DRAW = 2
"""Replications of a draw if nothing else is said: as few as tell parameters from chance."""


class Named(NamedTuple):
    """What one name came to in a draw: its quantile, and its value if it stands for one figure; else NaN."""

    name: str
    quantile: float
    value: float


@dataclass(frozen=True)
class Draw:
    """One state of what nobody knows: calibrated factors, shares of published figures, and a quantile for the rest.

    Attributes
    ----------
    number, seed : with its name, the key of a figure's uniform, so that one figure more moves no other.
    factors : ratio by name of the factor; 1 for those left out.
    shares : share of a published figure by name.
    given : quantiles by name that are not left to luck, such as those that calibration found.
    """

    number: int
    seed: int
    factors: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    given: Mapping[str, float] = field(default_factory=dict)

    def uniform(self, name: str) -> float:
        """Return the uniform in [0, 1) that belongs to a name in this draw."""
        given = self.given.get(name)
        return keyed_uniform(self.seed, self.number, name) if given is None else given

    def moves(self, name: str) -> bool:
        """Whether figures of a name leave their central value in this draw."""
        return True

    def value(self, name: str, figure: Ranged) -> float:
        """Return a figure drawn from its range; its value when it has none."""
        if figure.low == figure.high or not self.moves(name):
            return figure.value
        ends = (figure.value, figure.low, figure.high)
        return float(quantiles(figure.distribution, self.uniform(name), *ends))


def drawing(draw: Draw, spec: Uncertainty, seen: dict[str, Named] | None = None) -> Drawing:
    """Return what draws settings of levers and lengths of designs; see `sim.levers.catalogue.produced`.

    What has a range and is drawn is noted in `seen`.
    """

    def value(name: str, figure: Ranged) -> float:
        key = spec.quantile_name(steps_of(name))
        found = draw.value(key, figure)
        if seen is not None and figure.low < figure.high:
            seen[name] = Named(name, draw.uniform(key), found)
        return found

    return value


def draw_from_ranges(spec: Uncertainty, seed: int, number: int) -> Draw:
    """Return a draw whose factors and shares come from their ranges, as figures do."""
    draw = Draw(number, seed)
    return Draw(
        number,
        seed,
        {name: draw.value(f"factors/{name}", factor) for name, factor in spec.factors.items()},
        _shares(draw, spec),
    )


@dataclass(frozen=True)
class Draws:
    """The draws of a study: replication k belongs to draw k // per_draw, and has luck of its own.

    Attributes
    ----------
    spec : what the county says of its uncertainty.
    seed : of figures, and of factors and shares without an ensemble.
    per_draw : replications of each draw, two or more to tell parameters from chance.
    members : draws of an ensemble, in order and over again; () draws factors and shares from their ranges.
    """

    spec: Uncertainty
    seed: int
    per_draw: int = PER_DRAW
    members: tuple[Draw, ...] = ()

    def __post_init__(self) -> None:
        """Refuse draws without replications."""
        if self.per_draw < 1:
            raise ValueError(f"a draw has 1 replication or more; found {self.per_draw}")

    @cached_property
    def fingerprint(self) -> str:
        """The hash of what the draws come from."""
        said = (self.spec.model_dump_json(), self.seed, self.per_draw, self.members)
        return sha256(repr(said).encode()).hexdigest()

    def number_of(self, replication: int) -> int:
        """Return the number of the draw that a replication belongs to."""
        return replication // self.per_draw

    def draw(self, number: int) -> Draw:
        """Return a draw by its number."""
        if self.members:
            return self.members[number % len(self.members)]
        return draw_from_ranges(self.spec, self.seed, number)


def draws_for(spec: Uncertainty, asked: str | None, seed: int, per_draw: int | None = None) -> Draws | None:
    """Return the draws of a study, None if the parameters are held.

    Parameters
    ----------
    asked : 'none' or 'parameters'; None is what the county is ready for: to draw them if it has an ensemble.
    per_draw : replications of each draw.
    """
    ready = PARAMETERS_DRAWN if spec.ensemble else NOTHING_DRAWN
    if (asked or ready) == NOTHING_DRAWN:
        return None
    return Draws(spec, seed, per_draw or PER_DRAW, members_of(spec))


def members_of(spec: Uncertainty) -> tuple[Draw, ...]:
    """Return the draws of a county's ensemble; none without one."""
    if spec.ensemble is None:
        return ()
    seed = spec.ensemble.seed
    plain = (Draw(one.draw, seed, one.factors, given=one.given) for one in spec.ensemble.members)
    return tuple(replace(draw, shares=_shares(draw, spec)) for draw in plain)


def _shares(draw: Draw, spec: Uncertainty) -> dict[str, float]:
    return {name: draw.value(f"shares/{name}", share) for name, share in spec.shares.items()}

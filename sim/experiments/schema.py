"""What a study file may hold: scenarios or a design of factors, and how often or how precisely to run them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from sim.chance.designs import latin_hypercube
from sim.parameters.schema import Frozen
from sim.questions import LooksAt

LEVERS, NEUTRAL, PULLED = "levers", "neutral", "pulled"

DIGITS = 6
"""Significant digits of a value drawn between two ends, so that design.csv holds it exactly."""

Level = int | float | str
Levels = Mapping[str, Level]
"""Factor -> its level at a point."""


class Factor(Frozen):
    """What a design varies: a lever (`levers/<lever>`), a setting of one, or a figure of the parameters by its path.

    `levels` are the values tried; of a lever, 'neutral' leaves it out and 'pulled' uses it as it is. A Latin hypercube
    may have `low` and `high` instead. `start` is the 1 September from which a figure changes; the whole run without.
    """

    of: str = Field(pattern=r"^[^/]+(/[^/]+)+$")
    levels: tuple[Level, ...] = ()
    low: float | None = None
    high: float | None = None
    start: date | None = None

    @property
    def lever(self) -> str:
        """The lever varied, '' for a figure of the parameters."""
        head, *rest = self.of.split("/")
        return rest[0] if head == LEVERS else ""

    @property
    def setting(self) -> str:
        """The setting of the lever that is varied, '' for the lever as a whole."""
        return "/".join(self.of.split("/")[2:])

    @property
    def is_range(self) -> bool:
        """Whether values are drawn between two ends."""
        return self.low is not None and self.high is not None

    @model_validator(mode="after")
    def _can_vary(self) -> Self:
        if self.is_range == bool(self.levels) or (self.low is None) != (self.high is None):
            raise ValueError("a factor needs levels, or low and high; allowed is one of the two")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low {self.low:g}, high {self.high:g}; allowed is low below high")
        if self.levels and (len(self.levels) < 2 or len(set(self.levels)) < len(self.levels)):
            raise ValueError("levels that are too few or repeat; allowed are two or more different levels")
        return self

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.lever and self.start is not None:
            raise ValueError(f"start of a lever; allowed is a factor levers/{self.lever}/start")
        if self.lever and not self.setting and set(self.levels) - {NEUTRAL, PULLED}:
            raise ValueError(f"levels of a whole lever; allowed are {NEUTRAL} and {PULLED}")
        if not self.lever and NEUTRAL in self.levels:
            raise ValueError(f"{NEUTRAL} for a figure that no lever sets; allowed are numbers")
        return self

    def at(self, share: float) -> Level:
        """Return the value at a share (0 to 1) of the range, or of the levels in their order."""
        if self.low is not None and self.high is not None:
            return float(f"{self.low + share * (self.high - self.low):.{DIGITS}g}")
        return self.levels[min(int(share * len(self.levels)), len(self.levels) - 1)]


class Design(Frozen):
    """Points to run: every combination of levels, or a number of points of a Latin hypercube."""

    kind: Literal["factorial", "latin_hypercube"]
    points: int | None = Field(default=None, ge=2, le=10_000)
    factors: dict[str, Factor] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        is_cube = self.kind == "latin_hypercube"
        if is_cube != (self.points is not None):
            raise ValueError("points belong to a latin_hypercube; allowed are points there and nowhere else")
        ranges = [name for name, factor in self.factors.items() if factor.is_range]
        if ranges and not is_cube:
            raise ValueError(f"low and high of {ranges[0]} in a factorial; allowed are levels")
        return self

    def levels(self, seed: int) -> list[Levels]:
        """Return the levels at each point, in a fixed order."""
        if self.points is None:
            return [dict(zip(self.factors, row, strict=True)) for row in product(*(f.levels for f in self._all))]
        shares = latin_hypercube(self.points, len(self.factors), seed).tolist()
        return [
            {name: factor.at(share) for (name, factor), share in zip(self.factors.items(), row, strict=True)}
            for row in shares
        ]

    @property
    def _all(self) -> list[Factor]:
        return list(self.factors.values())


class Target(Frozen):
    """How precisely the paired difference of a measure is to be known: half the width of its interval, at most.

    In the unit of the measure, or as a share of the mean difference, or of the mean of the baseline.
    """

    measure: str = Field(min_length=1)
    provision: str = "all"
    phase: str = "all"
    over: Literal["mean", "sum", "last"] = "mean"
    half_width: float | None = Field(default=None, gt=0)
    of_difference: float | None = Field(default=None, gt=0)
    of_baseline: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_width(self) -> Self:
        given = [one for one in (self.half_width, self.of_difference, self.of_baseline) if one is not None]
        if len(given) != 1:
            raise ValueError(f"{len(given)} widths; allowed is one of half_width, of_difference and of_baseline")
        return self


class Precision(Frozen):
    """When replications are enough: targets, look-ahead against stopping by luck, and a budget.

    `look_ahead` is kLimit of Hoad, Robinson and Davies (2010), which grows with the replications above 100.
    """

    targets: tuple[Target, ...] = Field(min_length=1)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    look_ahead: int = Field(default=5, ge=0)
    first: int = Field(default=5, ge=3)
    most: int = Field(ge=3)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.most:
            raise ValueError(f"first {self.first}, most {self.most}; allowed is first up to most")
        return self


class StudyFile(Frozen):
    """What a study file may hold. What it does not say is taken from its question, then from the defaults."""

    title: str = Field(min_length=1)
    question: str = ""
    county: str = ""
    scenarios: tuple[str, ...] = ()
    design: Design | None = None
    replications: int | None = Field(default=None, ge=1)
    precision: Precision | None = None
    measures: tuple[LooksAt, ...] = ()
    uncertainty: Literal["none", "parameters"] | None = None
    replications_per_draw: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.scenarios and self.design:
            raise ValueError("scenarios and design; allowed is one of the two")
        if not (self.scenarios or self.design or self.question):
            raise ValueError("nothing to run; allowed are scenarios, a design, or a question that has scenarios")
        if (self.replications is None) == (self.precision is None):
            raise ValueError("replications and precision, both or neither; allowed is one of the two")
        if self.replications_per_draw is not None and self.uncertainty == "none":
            raise ValueError("replications_per_draw while nothing is drawn; allowed is uncertainty parameters")
        if not (self.measures or self.question):
            raise ValueError("no measures; allowed are measures, or a question that has some")
        return self


def model_at(path: tuple[str, ...]) -> type[BaseModel]:
    """Return the model of which the last step of a path through the file is a key."""
    inside: dict[tuple[str, int], type[BaseModel]] = {
        ("design", 2): Design,
        ("design", 4): Factor,
        ("precision", 2): Precision,
        ("precision", 4): Target,
        ("measures", 3): LooksAt,
    }
    return inside.get((path[0], len(path)), StudyFile)

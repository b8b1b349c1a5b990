"""What an allocation file may hold: a grant, what it may be spent on, options with their steps, and an objective."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from sim.parameters.schema import Frozen
from sim.questions import LooksAt
from sim.scenarios import BASELINE
from sim.school_year import year_start

Level = int | float | str
YEAR = r"^[0-9]{4}-[0-9]{2}$"
ONE_OFF, RECURRING = "one_off", "recurring"
POTS = (ONE_OFF, RECURRING)
MOST_STEPS = 100
VALUES, SPAN = "values", "span"
"""What stands in the place of an error besides keys of the file: how values that vary are given."""


class Pot(Frozen):
    """Money for costs of one nature: the budget lines it may be spent on, and how much at most, in pounds."""

    lines: tuple[str, ...] = ()
    most: float | None = Field(default=None, ge=0)


class Grant(Frozen):
    """The money there is.

    `amounts` are pounds of each financial year; with `carry_forward` what is left of a year may be spent in a later
    one. The grant must cover all that a split costs by itself up to the end of `covers_to`; `afterwards` says whether
    levers then stop (on 1 September of that year, so that the grant pays to their end) or go on at the cost of the
    high needs block. `spent_at_least` is the share of the grant that a split must use.
    """

    amounts: dict[str, float] = Field(min_length=1)
    carry_forward: bool = True
    covers_to: str = Field(pattern=YEAR)
    afterwards: Literal["block_pays", "levers_stop"]
    one_off: Pot
    recurring: Pot
    spent_at_least: float = Field(default=0.0, ge=0, le=1)

    @property
    def total(self) -> float:
        """All of it, in pounds of the years it is given in."""
        return sum(self.amounts.values())

    @property
    def pots(self) -> Mapping[str, Pot]:
        """Both pots by name."""
        return {ONE_OFF: self.one_off, RECURRING: self.recurring}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for label, amount in self.amounts.items():
            if len(label) != len(self.covers_to) or not label[:4].isdecimal() or label[4:] != _next(label):
                raise ValueError(f"the year {label}; allowed are financial years such as 2019-20")
            if amount < 0:
                raise ValueError(f"{amount:g} pounds in {label}; allowed is 0 or more")
        if year_start(self.covers_to) < min(map(year_start, self.amounts)):
            raise ValueError(f"covers_to {self.covers_to} before the grant; allowed is its first year or later")
        twice = set(self.one_off.lines) & set(self.recurring.lines)
        if twice:
            raise ValueError(f"{sorted(twice)[0]} in both pots; allowed is each line in one of them")
        return self


class Span(Frozen):
    """Equally spaced values, both ends included."""

    first: float = Field(alias="from")
    last: float = Field(alias="to")
    step: float = Field(gt=0)

    @property
    def values(self) -> tuple[Level, ...]:
        """The values, whole ones without a decimal point."""
        number = round((self.last - self.first) / self.step)
        found = [float(self.first + place * self.step) for place in range(number + 1)]
        return tuple(int(value) if value.is_integer() else float(f"{value:.10g}") for value in found)

    @model_validator(mode="after")
    def _ends_meet(self) -> Self:
        steps = (self.last - self.first) / self.step
        if steps < 1 or not np.isclose(steps, round(steps)) or round(steps) >= MOST_STEPS:
            raise ValueError(
                f"from {self.first:g} to {self.last:g} by {self.step:g}; "
                f"allowed are two to {MOST_STEPS} values, the last of them reached exactly"
            )
        return self


def _kind_of(values: Any) -> str:
    return SPAN if isinstance(values, (Mapping, Span)) else VALUES


def _is_a_row(values: Any) -> Any:
    if not isinstance(values, (list, tuple)):
        raise ValueError(f"{values!r}; allowed are values in square brackets, or from, to and step")
    return values


def _is_a_limit(value: Any) -> Any:
    if value is not None and value != BASELINE and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"{value!r}; allowed are {BASELINE}, or a number")
    return value


Values = Annotated[
    Annotated[tuple[Level, ...], BeforeValidator(_is_a_row), Tag(VALUES)] | Annotated[Span, Tag(SPAN)],
    Discriminator(_kind_of),
]
Limit = Annotated[Literal["baseline"] | float | None, BeforeValidator(_is_a_limit)]


class OwnCost(Frozen):
    """What an option costs by itself, where that cannot be worked out without pupils: pounds, the same at each step."""

    one_off: float = Field(default=0.0, ge=0)
    recurring_a_year: float = Field(default=0.0, ge=0)


class Option(Frozen):
    """A lever that money may be spent on: what is fixed, and which of its settings vary over which values.

    Every combination of values is a step; without `always` the lever may also be left out. `own_cost` is stated only
    for a lever whose cost follows the pupils it reaches.
    """

    label: str = Field(min_length=1)
    lever: str = Field(min_length=1)
    settings: dict[str, Any] = Field(default_factory=dict)
    vary: dict[str, Values] = Field(min_length=1)
    always: bool = False
    own_cost: OwnCost | None = None

    @property
    def levels(self) -> list[dict[str, Level]]:
        """The values that vary, at each step at which the lever is pulled."""
        values = [found.values if isinstance(found, Span) else found for found in self.vary.values()]
        return [dict(zip(self.vary, row, strict=True)) for row in product(*values)]

    @model_validator(mode="after")
    def _varies(self) -> Self:
        for key, values in self.vary.items():
            if key in self.settings:
                raise ValueError(f"{key} both fixed and varied; allowed is one of the two")
            if isinstance(values, tuple) and (not values or len(set(values)) < len(values)):
                raise ValueError(f"values of {key} that are missing or repeat; allowed are different values")
        if len(self.levels) > MOST_STEPS:
            raise ValueError(f"{len(self.levels)} steps; allowed are at most {MOST_STEPS}")
        return self


class Objective(LooksAt):
    """The measure by which splits are compared, and whether it should be small or large."""

    aim: Literal["least", "most"]


class Condition(LooksAt):
    """What a split must keep to: a measure not above (or not below) the baseline, or a number."""

    not_above: Limit = None
    not_below: Limit = None

    @property
    def sign(self) -> int:
        """1 if the measure must not be above its limit, -1 if not below."""
        return 1 if self.not_above is not None else -1

    @property
    def limit(self) -> Literal["baseline"] | float:
        """The limit."""
        limit = self.not_above if self.not_above is not None else self.not_below
        return "baseline" if limit is None else limit

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.not_above is None) == (self.not_below is None):
            raise ValueError("not_above and not_below, both or neither; allowed is one of the two")
        return self


class Rule(Frozen):
    """How sure the answer is to be: the confidence, a difference that matters, and replications (see KN).

    `indifference` is in the unit of the measure; `first` replications are made of every split, then `step` more at a
    time of those that may yet be the best, up to `most`. While parameters are drawn each replication has a draw of its
    own, and there are no more of them than the county's ensemble has members.
    """

    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    indifference: float = Field(gt=0)
    first: int = Field(default=10, ge=3)
    step: int = Field(default=5, ge=1)
    most: int = Field(default=100, ge=3)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.most:
            raise ValueError(f"first {self.first}, most {self.most}; allowed is first up to most")
        return self


class Candidates(Frozen):
    """How many splits to run at most to begin with, and how many rounds of trying the neighbours of the best."""

    most: int = Field(default=50, ge=2, le=1000)
    rounds: int = Field(default=2, ge=0, le=50)


class AllocationFile(Frozen):
    """What an allocation file may hold."""

    title: str = Field(min_length=1)
    question: str = ""
    county: str = ""
    grant: Grant
    options: dict[str, Option] = Field(min_length=1)
    objective: Objective
    conditions: tuple[Condition, ...] = ()
    selection: Rule
    candidates: Candidates = Field(default_factory=Candidates)
    uncertainty: Literal["none", "parameters"] | None = None
    seed: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _different_options(self) -> Self:
        before: dict[str, str] = {}
        for name, place in self._reach():
            if place in before:
                raise ValueError(
                    f"options {before[place]} and {name}, which both pull {place}; "
                    "allowed is one option for a lever (or for each of its districts), with all its steps under vary"
                )
            before[place] = name
        return self

    def _reach(self) -> Iterator[tuple[str, str]]:
        for name, option in self.options.items():
            for district in option.settings.get("districts") or ("everywhere",):
                yield name, f"{option.lever} {district}"


def _next(label: str) -> str:
    """Return the end of the financial year that begins like `label`, such as '-20' of 2019."""
    return f"-{(int(label[:4]) + 1) % 100:02d}"

"""The shape of a lever: its settings with range and evidence, and the acts by which they change parameters.

A lever is a file `levers/<name>.yaml` of the configurations; `sim.levers.catalogue` reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal, Protocol, Self

from pydantic import Field, model_validator

from sim.parameters.schema import DistributionName, Evidence, Frozen, Source
from sim.vocabulary import Decision

Role = Literal["dose", "effect", "uptake", "cost", "rule"]
"""What a setting is to the lever: how much of it, what it achieves, whom it reaches, its price, or a rule."""

Operation = Literal["set", "add", "multiply", "grow_with_secondary_pupils"]
STRONGEST = 20.0
"""The largest multiple of a dose or an effect that may be asked for."""


class Setting(Evidence):
    """One figure of a lever. `neutral` is where it does nothing; without one, strength does not scale it.

    `least` and `most` bound what a scenario may ask for; `low` and `high` are the range of its uncertainty.
    """

    label: str = Field(min_length=1)
    value: float
    low: float
    high: float
    distribution: DistributionName = "triangular"
    unit: str = Field(min_length=1)
    neutral: float | None = None
    least: float
    most: float
    role: Role
    price_base: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.least <= self.low <= self.value <= self.high <= self.most:
            found = ", ".join(f"{name} {getattr(self, name):g}" for name in ("least", "low", "value", "high", "most"))
            raise ValueError(f"least <= low <= value <= high <= most is needed; found {found}")
        if self.unit.startswith("GBP") and not self.price_base:
            raise ValueError("a setting in GBP needs price_base, such as 2019-20")
        if self.distribution == "lognormal" and self.low <= 0:
            raise ValueError(f"a lognormal setting is above 0; found low {self.low:g}")
        return self


class Ranged(Protocol):
    """A figure with a range; `sim.chance.figures.quantiles` says what its distribution means."""

    @property
    def value(self) -> float:
        """The central figure."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""

    @property
    def distribution(self) -> str:
        """The kind of distribution."""


Drawing = Callable[[str, Ranged], float]
"""Returns the value drawn for a figure by its name, such as levers/fund_training_bursary/turnover."""


class Choice(Frozen):
    """A setting that is a word: what it is by default and what else it may be."""

    label: str = Field(min_length=1)
    default: str
    options: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _among(self) -> Self:
        if self.default not in self.options:
            raise ValueError(f"default {self.default!r} is not among {', '.join(self.options)}")
        return self


class Act(Frozen):
    """One change that a lever makes: an operation with a setting on the figures that a path names.

    A step `{kind}` stands for each provision of that kind in the districts reached. `times` multiplies by a
    second setting. Places are `commissioned` or `usable` as `column` says, both if it does not. `split` shares a
    number out over the provisions instead of giving it to each. `when` limits the act to a choice.
    """

    path: str
    op: Operation
    setting: str
    times: str = ""
    column: Literal["", "commissioned", "usable"] = ""
    split: bool = False
    when: dict[str, str] = Field(default_factory=dict)


class Shift(Frozen):
    """A share of the probability of one destination of a decision goes to another, for every group that has both."""

    decision: Decision
    source: str
    target: str
    setting: str
    phase: Literal["all", "primary", "secondary"] = "all"
    when: dict[str, str] = Field(default_factory=dict)


class LeverSpec(Frozen):
    """A lever as its file states it.

    `by_district` says that it can be pulled in some districts only. `effects` are rows of effects.csv by which the
    lever works on pupils; `lead` names the setting that holds the months from the decision to the opening;
    `mechanism` names a rule of `sim.levers.mechanisms` for what acts cannot say.
    """

    label: str = Field(min_length=1)
    questions: tuple[str, ...] = Field(min_length=1)
    description: str = Field(min_length=1)
    settings: dict[str, Setting] = Field(default_factory=dict)
    choices: dict[str, Choice] = Field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    shifts: tuple[Shift, ...] = ()
    effects: tuple[str, ...] = ()
    mechanism: Literal["", "open_bases", "train_schools"] = ""
    by_district: bool = False
    lead: str = ""
    sources: dict[str, Source] = Field(default_factory=dict)

    @property
    def has_dose(self) -> bool:
        """Whether there is more or less of the lever, so that its strength is that and not how well it works."""
        doses = [one for one in self.settings.values() if one.role in ("dose", "uptake") and one.neutral is not None]
        return bool(doses or self.mechanism)

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        parts: tuple[Act | Shift, ...] = (*self.acts, *self.shifts)
        asked = [part.setting for part in parts] + [act.times for act in self.acts if act.times]
        for name in [*asked, *([self.lead] if self.lead else [])]:
            if name not in self.settings:
                raise ValueError(f"setting {name!r} is used but not defined; defined are {', '.join(self.settings)}")
        for part in parts:
            for choice, option in part.when.items():
                if option not in getattr(self.choices.get(choice), "options", ()):
                    raise ValueError(f"when: {choice} {option!r} is not an option of this lever")
        return self


class Use(Frozen):
    """A lever as a scenario uses it: from when, how strongly, where, and with which settings.

    `strength` scales every setting between its neutral value (0) and what is asked for (1). With `ramp_years` n
    the strength grows in n equal steps, one each year from `start`. `end` is the day from which it holds no more.
    `number` reaches that many districts, those with most pupils first.
    """

    lever: str
    start: date
    end: date | None = None
    strength: float = Field(default=1.0, ge=0, le=STRONGEST)
    ramp_years: int = Field(default=1, ge=1, le=20)
    districts: tuple[str, ...] | None = None
    number: int | None = Field(default=None, ge=0)
    effect_strength: float = Field(default=1.0, ge=0, le=STRONGEST)
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"end {self.end} is not after start {self.start}")
        if self.districts is not None and self.number is not None:
            raise ValueError("give districts or number, not both")
        return self


USE_KEYS = tuple(name for name in Use.model_fields if name != "settings")
"""Keys of a use that are not settings of its lever."""

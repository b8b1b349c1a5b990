"""Calibration targets: published figures that results are compared with, each with its error and its use.

A target says which measure of a run answers to a published figure, for which periods, and how the one becomes the
other: divided by a headcount, times 100, and divided by the share of the published figure that the modelled pupils
account for. `sim.parameters.load_targets` reads them from a county's targets.csv or any other file of its shape.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from sim.parameters.parse import Row
from sim.parameters.periods import academic_years_of, periods_in
from sim.parameters.problems import Problem, did_you_mean, suggestions
from sim.parameters.schema import Evidence, Parameters, Quantity
from sim.parameters.translate import allowed_by
from sim.vocabulary import Phase

PLUS, TIMES = " + ", " * "
"""Marks between measures (or provisions) that are added up, and between shares that are multiplied."""

QUANTITIES = "quantities/"


class Use(StrEnum):
    """What a target is for: fitted to, set against what was held out, or shown beside results only."""

    CALIBRATE = "calibrate"
    VALIDATE = "validate"
    CONTEXT = "context"


class Target(Evidence):
    """A published figure and how results become comparable with it.

    `value` is in `unit` and all numbers beside it too: `sd` is the standard deviation of a normal error. A Poisson
    error is that of the count behind the value; a binomial one that of a share of `trials`. `discrepancy` is the
    relative standard deviation by which a true model may still miss the figure: a judgement.
    """

    label: str = Field(min_length=1)
    measure: str = Field(min_length=1)
    provision: str = "all"
    phase: Literal["all"] | Phase = "all"
    periods: str
    over: Literal["mean", "sum", "last"] = "mean"
    divided_by: str = ""
    per: float = Field(default=1.0, gt=0)
    share: str = ""
    value: float
    unit: str = Field(min_length=1)
    error: Literal["poisson", "binomial", "normal"]
    sd: float | None = Field(default=None, gt=0)
    trials: int | None = Field(default=None, ge=1)
    discrepancy: float = Field(ge=0, le=2)
    use: Use

    @field_validator("periods")
    @classmethod
    def _known(cls, text: str) -> str:
        periods_in(text)
        return text

    @model_validator(mode="after")
    def _error_is_complete(self) -> Self:
        needed = {"normal": "sd", "binomial": "trials"}.get(self.error, "")
        for name in ("sd", "trials"):
            if (name == needed) != (getattr(self, name) is not None):
                allowed = "a normal error with sd, a binomial one with trials, a Poisson one with neither"
                raise ValueError(f"error {self.error} {'without' if name == needed else 'with'} {name}; {_A} {allowed}")
        return self

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.error == "poisson" and self.value < 0:
            raise ValueError(f"value {self.value:g} with a Poisson error; {_A} a count or rate of at least 0")
        if self.error == "normal" and self.use is Use.CALIBRATE and self.value <= 0:
            raise ValueError(f"value {self.value:g} to be fitted with a normal error; {_A} above 0")
        if self.error == "binomial" and not 0 < self.value < self.per:
            raise ValueError(f"value {self.value:g} with a binomial error; {_A} between 0 and {self.per:g} (per)")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The periods one by one."""
        return periods_in(self.periods)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that are added up."""
        return tuple(self.measure.split(PLUS))

    @property
    def provisions(self) -> tuple[str, ...]:
        """What may stand in the provision column of the rows that are added up."""
        return tuple(self.provision.split(PLUS))

    @property
    def shares(self) -> tuple[str, ...]:
        """The shares that are multiplied; none when the figure is of the pupils modelled."""
        return tuple(self.share.split(TIMES)) if self.share else ()


Targets = Mapping[str, Target]
"""Targets by name, in the order of their file."""

_A = "allowed is"
COLUMNS = ("name", *Target.model_fields)
REQUIRED = ("name", *(name for name, info in Target.model_fields.items() if info.is_required()))


def share_of(target: Target, shares: Mapping[str, float], parameters: Parameters) -> float:
    """Return the share of the published figure that the modelled pupils account for (1 when it is of them alone)."""
    product = 1.0
    for name in target.shares:
        quantity = quantity_at(parameters, name)
        product *= quantity.value if quantity is not None else shares[name]
    return product


def quantity_at(parameters: Parameters, path: str) -> Quantity | None:
    """Return the figure at a path such as quantities/crisis/identify, or None when there is none."""
    if not path.startswith(QUANTITIES):
        return None
    found: object = parameters
    for step in path.split("/"):
        found = getattr(found, step, None)
    return found if isinstance(found, Quantity) else None


@dataclass(frozen=True)
class Known:
    """What the rows of a file of targets may name.

    `measures` and `shares` are the names there are; `years` are the academic years that measures cover.
    """

    parameters: Parameters
    measures: Collection[str]
    shares: Collection[str]
    years: range


Wrong = tuple[str, str, str, str]
"""Column, found, allowed, fix."""


def checked(rows: Collection[Row], file: str, known: Known) -> tuple[Targets, list[Problem]]:
    """Return the targets in the rows of a table, and everything that is wrong with them."""
    made: dict[str, Target] = {}
    problems: list[Problem] = []
    for row in rows:
        name = row.cells.get("name", "")
        target, wrong = _read(row.cells)
        if not name or name in made:
            wrong.append(("name", name or "blank", "a name of its own in each row", "give the row another name"))
        if target is not None:
            wrong += _wrong(target, known)
            made.setdefault(name, target)
        where = f"line {row.line} (row {name})" if name else f"line {row.line}"
        problems += [Problem(file, f"{where}, column {c}" if c else where, *told) for c, *told in wrong]
    return made, problems


def _read(cells: Mapping[str, str]) -> tuple[Target | None, list[Wrong]]:
    try:
        return Target.model_validate({name: cell for name, cell in cells.items() if name != "name"}), []
    except ValidationError as error:
        return None, [_told(detail) for detail in error.errors(include_url=False)]


def _told(detail: ErrorDetails) -> Wrong:
    column = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "missing":
        return column, "blank", f"{column} must be filled in", f"fill in {column}"
    if detail["type"] == "value_error":
        found, _, allowed = str(detail["ctx"]["error"]).partition(f"; {_A} ")
        return column, found, allowed, "correct the row" if not column else f"correct {column}"
    return column, repr(detail["input"]), allowed_by(detail), "correct the value"


def _wrong(target: Target, known: Known) -> Iterator[Wrong]:
    """Yield what a row names that there is not, and uses that are not allowed."""
    yield from (_unknown("measure", name, known.measures) for name in target.measures if name not in known.measures)
    yield from _wrong_denominator(target, known)
    for name in target.shares:
        if name not in known.shares and quantity_at(known.parameters, name) is None:
            yield _unknown("share", name, known.shares)
    if target.source not in known.parameters.sources:
        yield _unknown("source", target.source, known.parameters.sources)
    yield from _wrong_periods(target, known)


def _wrong_denominator(target: Target, known: Known) -> Iterator[Wrong]:
    published, name = {row.measure for row in known.parameters.observed.values()}, target.divided_by
    if name and name not in published and name not in known.measures:
        yield _unknown("divided_by", name, [*sorted(published), *known.measures])
    elif name and name not in published and target.error == "poisson":
        allowed = "a Poisson error of a count, or of a rate whose denominator is published"
        yield "error", f"poisson, divided by {name}", allowed, "use a normal or a binomial error"


def _wrong_periods(target: Target, known: Known) -> Iterator[Wrong]:
    years = known.years
    closed = set(target.labels) & set(known.parameters.county.school_closures)
    for label in target.labels:
        touched = academic_years_of(label)
        if touched.start < years.start or touched.stop > years.stop:
            allowed = f"periods within the academic years from {years.start} to {years.stop - 1} (of their beginning)"
            yield "periods", label, allowed, "correct the period"
    if closed and target.use is not Use.CONTEXT:
        found = f"{target.use}, although schools were closed in {', '.join(sorted(closed))}"
        yield "use", found, "context: such figures are shown, not scored", "write context, or take another period"


def _unknown(column: str, name: str, names: Collection[str]) -> Wrong:
    what = {"divided_by": "measure"}.get(column, column)
    return column, f"unknown {what} {name}", suggestions(name, names), did_you_mean(name, names, f"correct {column}")

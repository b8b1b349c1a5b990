"""Studies as files: a question, scenarios or a design of factors, and how often or how precisely to run them.

A study file is YAML; `experiments/` holds those that come along. Whatever it asks for becomes scenarios on a county,
so that a study of a design and a comparison of two scenarios are the same thing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from sim.chance.designs import latin_hypercube
from sim.parameters.load import find_county, load_county, read_yaml, sha256_of
from sim.parameters.problems import ConfigurationError, Origin, Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.schema import Frozen, Parameters
from sim.parameters.tables import line_of
from sim.parameters.translate import allowed_by
from sim.questions import LooksAt, Question, question_named, questions
from sim.scenarios import BASELINE, Scenario, baseline, defaults, load_scenario

FOLDER = Path("experiments")
LEVERS, NEUTRAL, PULLED = "levers", "neutral", "pulled"
LONGEST_NAME = 100
"""Names of scenarios are names of files; longer ones are refused."""

DIGITS = 6
"""Significant digits of a value drawn between two ends, so that design.csv holds it exactly."""

Lines = Mapping[tuple[str, ...], int]
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
    seed: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.scenarios and self.design:
            raise ValueError("scenarios and design; allowed is one of the two")
        if not (self.scenarios or self.design or self.question):
            raise ValueError("nothing to run; allowed are scenarios, a design, or a question that has scenarios")
        if (self.replications is None) == (self.precision is None):
            raise ValueError("replications and precision, both or neither; allowed is one of the two")
        if not (self.measures or self.question):
            raise ValueError("no measures; allowed are measures, or a question that has some")
        return self


@dataclass(frozen=True)
class Experiment:
    """A study file on its county, ready to run.

    Attributes
    ----------
    folder : of the county.
    scenarios : the baseline, then those of the file.
    points : scenario -> levels of the factors, for a design; a point at which nothing differs is the baseline.
    looks_at : the headline measures.
    """

    name: str
    title: str
    question: str
    folder: str
    scenarios: tuple[Scenario, ...]
    points: Mapping[str, Levels]
    replications: int
    precision: Precision | None
    looks_at: tuple[LooksAt, ...]
    seed: int
    file_sha256: str


def find_experiment(name_or_path: str | Path) -> Path:
    """Return the path of a study file; a bare name is looked for in ./experiments."""
    path = Path(name_or_path)
    found = next((file for file in (path, FOLDER / f"{path}.yaml", FOLDER / path) if file.is_file()), None)
    if found is None:
        known = list_experiments()
        fix = did_you_mean(str(name_or_path), known, "correct the name or path")
        allowed = f"{suggestions(str(name_or_path), known)}, or the path of a YAML file"
        raise ConfigurationError(Problem(str(name_or_path), "", "no such study file", allowed, fix))
    return found


def list_experiments() -> list[str]:
    """Return the names of the study files in ./experiments."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def load_experiment(
    name_or_path: str | Path, measures: Collection[str] = (), seed: int | None = None, county: str | None = None
) -> Experiment:
    """Return the study of a file.

    Parameters
    ----------
    measures : names of the measures there are; if given, a study may look at no other.
    seed, county : used instead of what the file says.

    Raises ConfigurationError that names the file, line and key at fault, what was found and what is allowed.
    """
    path = find_experiment(name_or_path)
    return _Reading(path, measures).experiment(seed, county)


class _Reading:
    """A study file while it is read: its text, and how to name a place in it."""

    def __init__(self, path: Path, measures: Collection[str]) -> None:
        self.path, self.measures = path, measures
        text = read_yaml(path)
        self.lines = text.lines
        try:
            self.said = StudyFile.model_validate(text.data)
        except ValidationError as error:
            raise ConfigurationError(*(self._problem(detail) for detail in error.errors())) from None
        raise_if_any(list(self._unknown_measures()))

    def experiment(self, seed: int | None, county: str | None) -> Experiment:
        """Return the study on its county."""
        said, question = self.said, self._question()
        folder = self._county(county)
        parameters = load_county(folder)
        chosen = next((one for one in (seed, said.seed, defaults().seed) if one is not None), 0)
        points = self._points(parameters, chosen)
        names = said.scenarios or (question.runs if question and not said.design else ())
        scenarios = [scenario for scenario, _ in points if scenario.name != BASELINE] or self._named(names, parameters)
        return Experiment(
            self.path.stem,
            said.title,
            self._key(),
            str(folder),
            (baseline(parameters), *scenarios),
            {scenario.name: levels for scenario, levels in points},
            said.precision.first if said.precision else int(said.replications or 1),
            said.precision,
            said.measures or (question.looks_at if question else ()),
            chosen,
            sha256_of(self.path),
        )

    def where(self, *path: str) -> str:
        """Return the words for a place in the file."""
        return str(Origin(str(self.path), line_of(self.lines, path), f"key {'/'.join(path)}"))

    def _key(self) -> str:
        known = questions()
        with self._at("question"):
            return question_named(self.said.question, known) if self.said.question else ""

    def _question(self) -> Question | None:
        return questions()[self._key()] if self.said.question else None

    def _county(self, county: str | None) -> Path:
        if county is not None:
            return find_county(county)
        with self._at("county"):
            return find_county(self.said.county or defaults().county)

    def _named(self, names: Sequence[str], county: Parameters) -> list[Scenario]:
        found = []
        for number, name in enumerate(names):
            if name == BASELINE:
                continue
            with self._at("scenarios", str(number)):
                beside = self.path.parent / name
                found.append(load_scenario(beside if beside.is_file() else name, county))
        return found

    def _points(self, county: Parameters, seed: int) -> list[tuple[Scenario, Levels]]:
        design = self.said.design
        if design is None:
            return []
        made = []
        for number, levels in enumerate(design.levels(seed), start=1):
            name = self._name(design, number, levels)
            with self._at("design"):
                made.append((_scenario(county, design, levels, name), levels))
        return made

    def _name(self, design: Design, number: int, levels: Levels) -> str:
        if design.points is not None:
            return f"point_{number:0{len(str(design.points))}d}"
        name = "_".join(f"{factor}-{_plain(level)}" for factor, level in levels.items() if level != NEUTRAL)
        if len(name) > LONGEST_NAME:
            allowed = f"names that come to at most {LONGEST_NAME} characters"
            raise ConfigurationError(
                Problem(
                    str(self.path), self.where("design", "factors"), name, allowed, "give the factors shorter names"
                )
            )
        return name or BASELINE

    def _at(self, *path: str) -> _Elsewhere:
        return _Elsewhere(self, path)

    def _problem(self, detail: ErrorDetails) -> Problem:
        """Return an error of the shape of the file, with its line and key."""
        path = tuple(str(step) for step in detail["loc"])
        where = self.where(*path) if path else ""
        if detail["type"] == "extra_forbidden":
            known = tuple(_model_at(path).model_fields)
            fix = did_you_mean(path[-1], known, "remove it")
            return Problem(str(self.path), where, f"unknown key {path[-1]}", suggestions(path[-1], known), fix)
        if detail["type"] == "missing":
            return Problem(str(self.path), where, "nothing", "this key must be there", f"add {path[-1]}")
        if detail["type"] == "value_error":
            found, _, allowed = str(detail["ctx"]["error"]).partition("; allowed ")
            return Problem(str(self.path), where, found, allowed.removeprefix("is ").removeprefix("are "), "correct it")
        return Problem(str(self.path), where, repr(detail["input"]), allowed_by(detail), "correct the value")

    def _unknown_measures(self) -> Iterator[Problem]:
        named: list[tuple[tuple[str, ...], str]] = [
            (("measures", str(i)), one.measure) for i, one in enumerate(self.said.measures)
        ]
        targets = self.said.precision.targets if self.said.precision else ()
        named += [(("precision", "targets", str(i)), one.measure) for i, one in enumerate(targets)]
        for path, measure in named:
            if self.measures and measure not in self.measures:
                fix = did_you_mean(measure, self.measures, "use a measure that there is")
                allowed = suggestions(measure, self.measures)
                where = self.where(*path, "measure")
                yield Problem(str(self.path), where, f"unknown measure {measure}", allowed, fix)


class _Elsewhere:
    """A context in which problems found elsewhere are told as problems of a place in the study file."""

    def __init__(self, reading: _Reading, path: tuple[str, ...]) -> None:
        self._reading, self._path = reading, path

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> Literal[False]:
        if isinstance(error, ConfigurationError):
            raise ConfigurationError(*(self._moved(problem) for problem in error.problems)) from None
        return False

    def _moved(self, problem: Problem) -> Problem:
        if problem.file.endswith(".yaml") and problem.where:
            return problem
        there = [part for part in (problem.where if problem.file == LEVERS else problem.file,) if part]
        where = ", ".join([self._reading.where(*self._path), *there])
        return replace(problem, file=str(self._reading.path), where=where)


def _model_at(path: tuple[str, ...]) -> type[BaseModel]:
    """Return the model of which the last step of a path is a key."""
    inside: dict[tuple[str, int], type[BaseModel]] = {
        ("design", 2): Design,
        ("design", 4): Factor,
        ("precision", 2): Precision,
        ("precision", 4): Target,
        ("measures", 3): LooksAt,
    }
    return inside.get((path[0], len(path)), StudyFile)


def _scenario(county: Parameters, design: Design, levels: Levels, name: str) -> Scenario:
    """Return the scenario of a point; a lever with a factor at 'neutral' is left out."""
    uses: dict[str, dict[str, Any]] = {}
    changes: dict[str, Any] = {}
    later: dict[date, dict[str, Any]] = {}
    out = {factor.lever for key, factor in design.factors.items() if levels[key] == NEUTRAL}
    for key, factor in design.factors.items():
        if factor.lever:
            uses.setdefault(factor.lever, {}).update({factor.setting: levels[key]} if factor.setting else {})
        else:
            (later.setdefault(factor.start, {}) if factor.start else changes)[factor.of] = levels[key]
    title = ", ".join(f"{key} {_plain(level)}" for key, level in levels.items())
    used = {lever: asked for lever, asked in uses.items() if lever not in out}
    return baseline(county).with_(changes, levers=used, later=later, name=name, title=title)


def _plain(level: Level) -> str:
    """Return a level as it stands in a name: figures without exponents."""
    return level if isinstance(level, str) else f"{level:.6f}".rstrip("0").rstrip(".")

"""Reading a study file: what is wrong is told with file, line and key, before anything is run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.experiments.experiment import Experiment, Point
from sim.experiments.points import badly_named, culprit, distinct, name_of, scenario_at
from sim.experiments.schema import LEVERS, Design, Levels, StudyFile, Target, model_at
from sim.parameters.changes import same_figures
from sim.parameters.load import find_county, load_county, read_yaml, sha256_of
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.schema import Parameters
from sim.parameters.stated import StatedFile, find_stated, stated_in
from sim.parameters.translate import allowed_by
from sim.questions import LooksAt, Question, question_named, questions
from sim.scenarios import BASELINE, Scenario, baseline, defaults, load_scenario
from sim.uncertainty import draws_for

FOLDER = Path("experiments")
CHANGES = "changes"
"""What problems with changes that come from no file are told of."""

Quantities = Callable[[Parameters], Collection[tuple[str, str, str]]]
"""Given a county, every measure with each provision and phase for which it has figures; 'all' where none applies."""


def find_experiment(name_or_path: str | Path) -> Path:
    """Return the path of a study file; a bare name is looked for in ./experiments."""
    return find_stated(name_or_path, FOLDER, "study")


def list_experiments() -> list[str]:
    """Return the names of the study files in ./experiments."""
    return stated_in(FOLDER)


def load_experiment(
    name_or_path: str | Path,
    quantities: Quantities | None = None,
    seed: int | None = None,
    county: str | None = None,
    uncertainty: str | None = None,
) -> Experiment:
    """Return the study of a file.

    Parameters
    ----------
    quantities : what can be looked at in a county; if given, a study file may name nothing else.
    seed, county, uncertainty : used instead of what the file says.

    Raises ConfigurationError that names the file, line and key at fault, what was found and what is allowed.
    """
    return _Reading(find_experiment(name_or_path)).experiment(quantities, seed, county, uncertainty)


class _Reading(StatedFile):
    """A study file while it is read: its text, and how to name a place in it."""

    def __init__(self, path: Path) -> None:
        text = read_yaml(path)
        super().__init__(path, text.lines)
        try:
            self.said = StudyFile.model_validate(text.data)
        except ValidationError as error:
            raise ConfigurationError(*(self._shape(detail) for detail in error.errors())) from None

    def experiment(
        self, quantities: Quantities | None, seed: int | None, county: str | None, uncertainty: str | None = None
    ) -> Experiment:
        """Return the study on its county."""
        said, question = self.said, self._question()
        folder = self._county(county)
        parameters = load_county(folder)
        if quantities is not None:
            raise_if_any(list(self._unknown(quantities(parameters))))
        chosen = next((one for one in (seed, said.seed, defaults().seed) if one is not None), 0)
        scenarios, points = self._points(parameters, chosen)
        if said.design is None:
            scenarios = self._named(said.scenarios or (question.runs if question else ()), parameters)
        return Experiment(
            self.path.stem,
            said.title,
            self._key(),
            str(folder),
            (baseline(parameters), *scenarios),
            points,
            said.precision.first if said.precision else int(said.replications or 1),
            said.precision,
            said.measures or (question.looks_at if question else ()),
            chosen,
            sha256_of(self.path),
            draws_for(
                load_uncertainty(folder, parameters),
                uncertainty or said.uncertainty,
                chosen,
                said.replications_per_draw,
            ),
        )

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
        found, places = [], []
        for number, name in enumerate(names):
            if name == BASELINE:
                continue
            with self._at("scenarios", str(number)):
                beside = self.path.parent / name
                found.append(load_scenario(beside if beside.is_file() else name, county))
                places.append(str(number))
        wrong = distinct([one.name for one in found])
        raise_if_any([self.problem(("scenarios", places[number]), *said) for number, said in wrong])
        return found

    def _points(self, county: Parameters, seed: int) -> tuple[list[Scenario], tuple[Point, ...]]:
        """Return the scenarios and the points of the design; points with the parameters of the baseline are it."""
        design = self.said.design
        if design is None:
            return [], ()
        all_levels = design.levels(seed)
        made = [self._scenario(county, design, number, levels) for number, levels in enumerate(all_levels, start=1)]
        is_same = [one.name == BASELINE or same_figures(one.parameters, county) for one in made]
        scenarios = [one for one, same in zip(made, is_same, strict=True) if not same]
        wrong = list(distinct([one.name for one in scenarios]))
        raise_if_any([self.problem(badly_named(design), *said) for _, said in wrong[:1]])
        names = [BASELINE if same else one.name for one, same in zip(made, is_same, strict=True)]
        return scenarios, tuple(map(Point, names, all_levels))

    def _scenario(self, county: Parameters, design: Design, number: int, levels: Levels) -> Scenario:
        try:
            return scenario_at(county, design.factors, levels, name_of(design, number, levels))
        except ConfigurationError as error:
            place = culprit(county, design.factors, levels)
            raise ConfigurationError(*(self.moved(problem, place) for problem in error.problems)) from None

    def _at(self, *path: str) -> _Elsewhere:
        return _Elsewhere(self, path)

    def moved(self, problem: Problem, path: Sequence[str]) -> Problem:
        """Return a problem found elsewhere as one of a place in this file, unless it is one of another file."""
        if problem.file.endswith(".yaml") and problem.where:
            return problem
        there = problem.where if problem.file in (LEVERS, CHANGES) else problem.file
        where = ", ".join([self.where(*path), *([there] if there else [])])
        return replace(problem, file=str(self.path), where=where)

    def _shape(self, detail: ErrorDetails) -> Problem:
        """Return an error of the shape of the file, with its line and key."""
        path = tuple(str(step) for step in detail["loc"])
        if detail["type"] == "extra_forbidden":
            return self._unknown_key(path)
        if detail["type"] == "missing":
            return self.problem(path, "nothing", "this key must be there", f"add {path[-1]}")
        if detail["type"] == "value_error":
            found, _, allowed = str(detail["ctx"]["error"]).partition("; allowed ")
            allowed = allowed.removeprefix("is ").removeprefix("are ")
            fix = "keep one and remove the other" if allowed.startswith("one of the two") else f"change it to {allowed}"
            return self.problem(path, found, allowed, fix)
        return self.problem(path, repr(detail["input"]), allowed_by(detail), "correct the value")

    def _unknown_key(self, path: tuple[str, ...]) -> Problem:
        known, key = tuple(model_at(path).model_fields), path[-1]
        otherwise = "write a large number without commas, such as 100000" if key.isdecimal() else "remove it"
        return self.problem(path, f"unknown key {key}", suggestions(key, known), did_you_mean(key, known, otherwise))

    def _unknown(self, known: Collection[tuple[str, str, str]]) -> Iterator[Problem]:
        """Yield a problem for each quantity of the file that has no figures in the county."""
        targets = self.said.precision.targets if self.said.precision else ()
        named: list[tuple[tuple[str, ...], LooksAt | Target]] = [
            *((("measures", str(number)), one) for number, one in enumerate(self.said.measures)),
            *((("precision", "targets", str(number)), one) for number, one in enumerate(targets)),
        ]
        for path, one in named:
            wanted = one.measure, one.provision or "all", one.phase or "all"
            wrong = first_unknown(wanted, known)
            if wrong:
                key, word, there = wrong
                fix = did_you_mean(word, there, f"use a {key} that there is")
                what = f"unknown {key} {word}" if key == "measure" else f"no figures of {one.measure} for {key} {word}"
                yield self.problem((*path, key), what, suggestions(word, there), fix)


def first_unknown(
    wanted: tuple[str, str, str], known: Collection[tuple[str, str, str]]
) -> tuple[str, str, list[str]] | None:
    """Return the first key of a quantity with which there are no figures, its word, and the words there are."""
    left = known
    for place, key in enumerate(("measure", "provision", "phase")):
        there = sorted({one[place] for one in left})
        if wanted[place] not in there:
            return key, wanted[place], there
        left = [one for one in left if one[place] == wanted[place]]
    return None


class _Elsewhere:
    """A context in which problems found elsewhere are told as problems of a place in the study file."""

    def __init__(self, reading: _Reading, path: tuple[str, ...]) -> None:
        self._reading, self._path = reading, path

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> Literal[False]:
        if isinstance(error, ConfigurationError):
            raise ConfigurationError(*(self._reading.moved(one, self._path) for one in error.problems)) from None
        return False

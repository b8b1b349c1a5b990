"""Scenarios: named questions, each a small set of changes to a county's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from sim.levers.catalogue import produced, sources_of, spec_of
from sim.levers.spec import Drawing
from sim.levers.uses import LeverUse
from sim.markup import block, brief, element, listed, table
from sim.parameters.changes import with_changes
from sim.parameters.figures import steps_of
from sim.parameters.load import candidates, config_folders, load_county, read_text, read_yaml, sha256_of
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.paths import ParameterPath
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, suggestions
from sim.parameters.schema import Parameters, Source
from sim.parameters.small_files import filled
from sim.parameters.uncertainty import Uncertainty
from sim.uncertainty import Draw, drawing, drawn

Later = Mapping[date, Mapping[str, Any]] | Mapping[str, Mapping[str, Any]]
"""Changes by the day from which they hold, a date or its text."""

BASELINE = "baseline"
MOST_TOLD = 12
"""Changes that are printed of a scenario; a notebook shows all."""

FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
"""Names of scenarios are names of files in the results folder."""


@dataclass(frozen=True)
class Step:
    """One step from a county to a scenario: levers in use, then changes, with what is said of both.

    `file` is what messages call their place, `lines` the line of each change in it; see `Scenario.with_` for the rest.
    """

    levers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    delay_years: int = 0
    changes: Mapping[str, Any] = field(default_factory=dict)
    later: Mapping[date, Mapping[str, Any]] | None = None
    evidence: Mapping[str, str] | None = None
    sources: Mapping[str, Any] | None = None
    file: str = ""
    lines: Mapping[str, int] | None = None

    def taken_from(self, parameters: Parameters, drawing: Drawing | None = None) -> Parameters:
        """Return the parameters after this step, checked; `drawing` as in `sim.levers.catalogue.produced`."""
        file = self.file or "changes"
        pulled = _pulled(parameters, self.levers, self.file or "levers", self.delay_years, drawing)
        return with_changes(pulled, self.changes, self.evidence, self.sources, file, self.lines, self.later)


@dataclass(frozen=True)
class Scenario:
    """A named set of parameters, with the changes that led from the county to them (for the record).

    `file_sha256` is that of the scenario file, '' for one that was made or changed in code. `county` and `steps` are
    the way from the county to the parameters, so that it can be taken from another county; without a county the
    parameters are one by themselves. `uncertainty` is what the files of the county say of it, None if not read.
    """

    name: str
    parameters: Parameters
    title: str = ""
    question: str = ""
    description: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    file_sha256: str = ""
    levers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    delay_years: int = 0
    county: Parameters | None = field(default=None, repr=False, compare=False)
    steps: tuple[Step, ...] = field(default=(), repr=False, compare=False)
    uncertainty: Uncertainty | None = field(default=None, repr=False, compare=False)

    def under(self, draw: Draw, spec: Uncertainty) -> Self:
        """Return the scenario in a draw: the county is drawn first, then levers (drawn too) and changes act on it.

        What a scenario states of a lever is its choice and is not drawn. All scenarios of a county share the county of
        a draw, so that they differ by what they do only.
        """
        return self.on(drawn(self.county or self.parameters, draw, spec), drawing(draw, spec))

    def on(self, county: Parameters, drawing: Drawing | None = None) -> Self:
        """Return the scenario on another county; ConfigurationError when a step does not fit it."""
        parameters = county
        for step in self.steps:
            parameters = step.taken_from(parameters, drawing)
        return replace(self, parameters=parameters, county=county)

    @property
    def paths(self) -> ParameterPath:
        """The paths of all parameters, which complete as they are typed: `scenario.paths.rates.recur`."""
        return ParameterPath((), self.parameters.model_dump(mode="json"))

    def with_(
        self,
        *asked: Mapping[Any, Any] | LeverUse | None,
        levers: Mapping[str, Mapping[str, Any]] | None = None,
        delay_years: int = 0,
        later: Later | None = None,
        evidence: Mapping[str, str] | None = None,
        sources: Mapping[str, Any] | None = None,
        name: str | None = None,
        title: str | None = None,
        question: str | None = None,
        description: str | None = None,
    ) -> Self:
        """Return a copy with further levers and changes of parameters, another name or other words.

        Parameters
        ----------
        asked : levers in use, such as `sim.levers.fund_casework()`, and changes: new values by path, which is text or
            one of `paths`.
        levers : lever -> its settings, start, end, ramp_years, strength, districts or number; `pathways levers`
            prints what there is. They are put together in one step, in whatever order they are given, and come
            before `changes`.
        delay_years : the levers begin that many years later.
        later, evidence, sources : see `sim.parameters.changes.with_changes`, also for errors and for changes; a date
            may be text such as 2022-09-01.

        A scenario that is changed without a new name adds "_changed" to the old one, so that results keep them
        apart.
        """
        pulled, changes = {**(levers or {}), **_levers_in(asked)}, _changes_in(asked)
        changed = bool(pulled or changes or later or sources)
        step = Step(pulled, delay_years, changes, _by_date(later), evidence, sources)
        return replace(
            self,
            name=name or (f"{self.name}_changed" if changed else self.name),
            parameters=step.taken_from(self.parameters),
            title=self._words(self.title, title, changed),
            question=self.question if question is None else question,
            description=self._words(self.description, description, changed),
            changes={**self.changes, **changes},
            levers={**self.levers, **pulled},
            delay_years=max(self.delay_years, delay_years),
            file_sha256="" if changed else self.file_sha256,
            county=self.county or self.parameters,
            steps=(*self.steps, step) if changed else self.steps,
        )

    @staticmethod
    def _words(own: str, given: str | None, changed: bool) -> str:
        """Return the words given, else the scenario's own, which do not fit one that was changed."""
        return given if given is not None else "" if changed else own

    def changed_figures(self) -> list[tuple[str, str, str]]:
        """Return what the scenario changes: lever or path, what the county has there, and what stands in its place."""
        before = (self.county or self.parameters).model_dump(mode="json")
        of_levers = [
            (f"lever {name}", "not used", ", ".join(f"{key} {value}" for key, value in asked.items() if key != "lever"))
            for name, asked in self.levers.items()
        ]
        return of_levers + [(path, _told(_at(before, path)), _told(value)) for path, value in self.changes.items()]

    def __repr__(self) -> str:
        title = f"{self.title} ({self.parameters.county.label})" if self.title else self.parameters.county.label
        levers = f"levers {listed(self.levers)}" if self.levers else ""
        return brief("Scenario", self.name, title, levers, f"changes {listed(self.changes)}" if self.changes else "")

    def __str__(self) -> str:
        """Return the title, and a line for each lever and figure that differs from the county."""
        rows = [f"  {what}: {before} -> {after}" for what, before, after in self.changed_figures()]
        head = f"{self.title or self.name} ({self.name}), {self.parameters.county.label}"
        left = [f"  and {len(rows) - MOST_TOLD} more"] if len(rows) > MOST_TOLD else []
        return "\n".join([head, *(rows[:MOST_TOLD] or ["  Nothing changed."]), *left])

    def _repr_html_(self) -> str:
        about = [element("p", text) for text in (self.question, self.description) if text]
        rows = self.changed_figures()
        county = self.parameters.county.label
        diff = table(("what", "in the county", "in this scenario"), rows) if rows else element("p", "Nothing changed.")
        return block(element("b", f"{self.title or self.name} ({self.name}), {county}"), *about, diff)


def _levers_in(asked: Sequence[Mapping[Any, Any] | LeverUse | None]) -> dict[str, Mapping[str, Any]]:
    uses = [one for one in asked if isinstance(one, LeverUse)]
    names = [use.name for use in uses]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"lever {twice} is there twice; give one of them a name of its own with .named('...')")
    return {use.name: use.asked for use in uses}


def _changes_in(asked: Sequence[Mapping[Any, Any] | LeverUse | None]) -> dict[str, Any]:
    mappings = [one for one in asked if one is not None and not isinstance(one, LeverUse)]
    return {str(path): value for one in mappings for path, value in one.items()}


def _by_date(later: Later | None) -> dict[date, Mapping[str, Any]] | None:
    """Return later changes by date, which may have been given as text."""
    if later is None:
        return None
    try:
        return {date.fromisoformat(day) if isinstance(day, str) else day: changes for day, changes in later.items()}
    except ValueError:
        raise ValueError(f"later goes by dates such as 2022-09-01; found {', '.join(map(str, later))}") from None


def _at(tree: Any, path: str) -> Any:
    """Return what stands at a path; None for a pattern, or for what is not there."""
    for step in steps_of(path):
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def _told(value: Any) -> str:
    """Return a figure as text: of a row its value and unit."""
    if isinstance(value, Mapping):
        parts = [value.get("value"), value.get("unit")] if "value" in value else [f"{k} {v}" for k, v in value.items()]
        return " ".join(str(part) for part in parts if part not in (None, ""))
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Outline:
    """What a scenario file says: its words, and the levers that it pulls with what it asks of each."""

    name: str
    title: str
    question: str
    description: str
    levers: Mapping[str, Mapping[str, Any]]
    delay_years: int


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Evidence(_File):
    grade: str
    source: str
    year: str
    note: str = ""


class _ScenarioFile(_File):
    """What a scenario file may hold."""

    question: str = ""
    title: str = Field(min_length=1)
    description: str = ""
    evidence: _Evidence | None = None
    sources: dict[str, Source] = Field(default_factory=dict)
    levers: dict[str, dict[str, Any] | None] = Field(default_factory=dict)
    delay_years: int = Field(default=0, ge=0, le=20)
    changes: dict[str, Any] = Field(default_factory=dict)


class Defaults(_File):
    """What is used when nothing is named: county, scenario, seed (None: chosen anew) and replications.

    `ask_replications` is for questions, which have several scenarios each; `replications_per_draw` for studies with
    uncertain parameters.
    """

    county: str = Field(min_length=1)
    scenario: str = Field(min_length=1)
    seed: int | None = Field(default=None, ge=0)
    replications: int = Field(ge=1)
    ask_replications: int = Field(ge=1)
    replications_per_draw: int = Field(default=2, ge=1)


def baseline(county: Parameters) -> Scenario:
    """Return the scenario in which nothing is changed."""
    said = "The system of the baseline year, carried forward."
    return Scenario(BASELINE, county, "Baseline", description=said, county=county)


def load_baseline(folder: Path) -> Scenario:
    """Return the baseline of the county in a folder, with what the county says of its uncertainty.

    Raises ConfigurationError that says what is wrong, where, and what is allowed.
    """
    county = load_county(folder)
    return replace(baseline(county), uncertainty=load_uncertainty(folder, county))


def list_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package: the baseline, then by name."""
    names = {file.stem for folder in config_folders() for file in (folder / "scenarios").glob("*.yaml")}
    return (BASELINE, *sorted(names - {BASELINE}))


def find_scenario(name_or_path: str | Path) -> Path:
    """Return the file of a scenario, by name or by path; ConfigurationError lists those that exist."""
    for file in candidates(name_or_path, "scenarios/{}.yaml"):
        if file.is_file():
            return file
    name, known = str(name_or_path), list_scenarios()
    allowed = f"{suggestions(name, known)}, or the path of a YAML file"
    raise ConfigurationError(Problem(name, "", "no such scenario", allowed, did_you_mean(name, known, "correct it")))


def load_scenario(name_or_path: str | Path, county: Parameters) -> Scenario:
    """Return a scenario on top of `county`; its name is that of its file.

    Raises ConfigurationError naming the scenario file and the key at fault, or the row of the county that it
    clashes with.
    """
    if str(name_or_path) == BASELINE:
        return baseline(county)
    path = find_scenario(name_or_path)
    text = read_yaml(path)
    said = filled(_ScenarioFile, text, path)
    lines = {"/".join(at[1:] if at[0] == "changes" else at): line for at, line in text.lines.items() if len(at) == 2}
    levers = {name: asked or {} for name, asked in said.levers.items()}
    if said.delay_years and said.changes:
        found, allowed = "delay_years beside changes", "delay_years in a file with levers only"
        raise ConfigurationError(Problem(str(path), "key delay_years", found, allowed, "give the changes later dates"))
    step = Step(
        levers,
        said.delay_years,
        said.changes,
        evidence=said.evidence.model_dump() if said.evidence else None,
        sources={key: source.model_dump() for key, source in said.sources.items()},
        file=str(path),
        lines=lines,
    )
    return Scenario(
        path.stem,
        step.taken_from(county),
        *(said.title, said.question, said.description, said.changes, sha256_of(path), levers, said.delay_years),
        county=county,
        steps=(step,),
    )


def _pulled(
    county: Parameters,
    levers: Mapping[str, Mapping[str, Any]],
    file: str,
    delay_years: int,
    drawing: Drawing | None,
) -> Parameters:
    """Return a county with levers in use."""
    if not levers:
        return county
    diff = produced(county, levers, file, delay_years, drawing)
    named = diff.sources()
    sources = {key: row for key, row in sources_of(levers).items() if key in named}
    return with_changes(county, diff.changes, None, sources, file, later=diff.later)


def outline(name_or_path: str | Path) -> Outline:
    """Return what a scenario file says, without trying it on a county."""
    path = find_scenario(name_or_path)
    said = filled(_ScenarioFile, read_yaml(path), path)
    levers = {name: asked or {} for name, asked in said.levers.items()}
    return Outline(path.stem, said.title, said.question, said.description, levers, said.delay_years)


def single_levers(scenario: Scenario, county: Parameters) -> tuple[Scenario, ...]:
    """Return one scenario for each lever of a scenario, and one for its other changes, on the county as it is.

    Together with the scenario they show what each does alone and what comes from their being together.
    """
    start = baseline(county)
    parts = [
        start.with_(
            levers={name: asked},
            delay_years=scenario.delay_years,
            name=f"only_{name}",
            title=_label_of(name, asked),
            question=scenario.question,
        )
        for name, asked in sorted(scenario.levers.items())
    ]
    if scenario.changes:
        parts.append(start.with_(scenario.changes, name="only_other_changes", title="Other changes"))
    return tuple(parts)


def _label_of(name: str, asked: Mapping[str, Any]) -> str:
    spec = spec_of(name, asked)
    return name if spec is None else spec.label


def scenario_skeleton(name: str) -> str:
    """Return the text of a commented scenario file that can be used as it is, and changes nothing."""
    return skeleton("scenario", name)


def skeleton(kind: str, name: str) -> str:
    """Return the text of the commented file of a kind (scenario, lever) to start from."""
    found = (folder / "skeletons" / f"{kind}.yaml" for folder in config_folders())
    return read_text(next(file for file in found if file.is_file())).replace("{name}", name)


def defaults() -> Defaults:
    """Return what configs/defaults.yaml says; ConfigurationError when it is missing or wrong."""
    file = next((f for folder in config_folders() if (f := folder / "defaults.yaml").is_file()), None)
    if file is None:
        raise ConfigurationError(Problem("defaults.yaml", "", "no such file", "", "add configs/defaults.yaml"))
    return filled(Defaults, read_yaml(file), file)

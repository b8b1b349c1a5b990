"""Reading an allocation file: what is wrong is told with file, line and key, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.experiments.reading import FOLDER as STUDIES
from sim.experiments.reading import first_unknown
from sim.levers.catalogue import levers
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import find_county, load_county, read_yaml, sha256_of
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.schema import Parameters
from sim.parameters.stated import StatedFile, find_stated, stated_in
from sim.parameters.translate import allowed_by
from sim.questions import question_named, questions
from sim.scenarios import baseline, defaults
from sim.school_year import SEPTEMBER, financial_year_label, financial_year_of, year_start
from sim.search.allocation import MOST_SPLITS, PER_DRAW, Allocation, Step
from sim.search.costs import by_pot, own_cost, spend_without_pupils, stated
from sim.search.schema import ONE_OFF, POTS, RECURRING, SPAN, VALUES, AllocationFile, Level, Option
from sim.study import quantities_in
from sim.uncertainty import draws_for

FOLDER = STUDIES / "allocations"
LEVERS = "levers"


def find_allocation(name_or_path: str | Path) -> Path:
    """Return the path of an allocation file; a bare name is looked for in ./experiments/allocations."""
    return find_stated(name_or_path, FOLDER, "allocation")


def list_allocations() -> list[str]:
    """Return the names of the allocation files in ./experiments/allocations."""
    return stated_in(FOLDER)


def load_allocation(
    name_or_path: str | Path, county: str | None = None, seed: int | None = None, uncertainty: str | None = None
) -> Allocation:
    """Return the allocation of a file on its county, with the own cost of every step worked out.

    Parameters
    ----------
    county, seed, uncertainty : used instead of what the file says. Where neither says 'none' or 'parameters',
        parameters are drawn if the county has an ensemble.

    Raises ConfigurationError that names the file, line and key at fault, what was found and what is allowed; also when
    there is no split that the grant pays for, or fewer draws than selection begins with.
    """
    return _Reading(find_allocation(name_or_path)).allocation(county, seed, uncertainty)


class _Reading(StatedFile):
    """An allocation file while it is read: its text, and how to name a place in it."""

    def __init__(self, path: Path) -> None:
        text = read_yaml(path)
        super().__init__(path, text.lines)
        try:
            self.said = AllocationFile.model_validate(text.data)
        except ValidationError as error:
            raise ConfigurationError(*dict.fromkeys(self._shape(detail) for detail in error.errors())) from None

    def allocation(self, county: str | None, seed: int | None, uncertainty: str | None) -> Allocation:
        """Return the allocation on its county."""
        said = self.said
        with self._at("question"):
            question = question_named(said.question, questions()) if said.question else ""
        with self._at("county"):
            folder = find_county(county or said.county or defaults().county)
        parameters = load_county(folder)
        raise_if_any([*self._unknown_lines(parameters), *self._unknown_quantities(parameters)])
        before = spend_without_pupils(parameters)
        years = tuple(before.columns)
        raise_if_any(list(self._wrong_years(years, parameters)))
        steps = {name: self._steps(name, parameters, before) for name in said.options}
        chosen = next((one for one in (seed, said.seed, defaults().seed) if one is not None), 0)
        draws = draws_for(load_uncertainty(folder, parameters), uncertainty or said.uncertainty, chosen, PER_DRAW)
        found = Allocation(
            self.path.stem, said, question, str(folder), parameters, years, steps, chosen, sha256_of(self.path), draws
        )
        raise_if_any([*self._nothing_to_choose(found), *self._too_few_draws(found)])
        return found

    def _steps(self, name: str, county: Parameters, before: pd.DataFrame) -> tuple[Step, ...]:
        """Return the steps of an option, that without the lever first unless it is always pulled."""
        option = self.said.options[name]
        if option.lever not in levers():
            fix = did_you_mean(option.lever, levers(), "use a name that `pathways levers` prints")
            allowed = suggestions(option.lever, levers())
            raise ConfigurationError(self.problem(("options", name, "lever"), f"no lever {option.lever}", allowed, fix))
        nothing = np.zeros(len(before.columns))
        steps = [] if option.always else [Step(None, "left out", nothing, nothing)]
        same = {} if option.always else {fingerprint(county): "left out"}
        for values in option.levels:
            parameters, use = self._pulled(name, county, values)
            label = ", ".join(_in_words(option.lever, key, value) for key, value in values.items())
            twin = same.setdefault(fingerprint(parameters), label)
            if twin != label:
                allowed = "steps that differ from one another and from leaving the lever out"
                where = ("options", name, "vary")
                raise ConfigurationError(
                    self.problem(where, f"{label} is the same as {twin}", allowed, "remove one of them")
                )
            steps.append(self._costed(name, own_cost(before, parameters), use, label, county))
        return tuple(steps)

    def _pulled(
        self, name: str, county: Parameters, values: Mapping[str, Level]
    ) -> tuple[Parameters, Mapping[str, Any]]:
        """Return the county with an option at a step, and what a scenario asks of its lever."""
        option, grant = self.said.options[name], self.said.grant
        use = {"lever": option.lever, **option.settings, **values}
        if grant.afterwards == "levers_stop":
            use["end"] = date(year_start(grant.covers_to), SEPTEMBER, 1)
        try:
            return baseline(county).with_(levers={name: use}).parameters, use
        except ConfigurationError as error:
            raise ConfigurationError(*(self._moved(one, name, option) for one in error.problems)) from None

    def _costed(self, name: str, costs: pd.DataFrame, use: Mapping[str, Any], label: str, county: Parameters) -> Step:
        """Return a step with its own cost; refused if that falls on a line without money, or cannot be known."""
        option, grant = self.said.options[name], self.said.grant
        costs = costs.loc[[line for line in costs.index if county.lines[line].in_block]]
        without = [line for line in costs.index if not any(line in grant.pots[pot].lines for pot in POTS)]
        if without:
            found = f"{label} costs money on the line {without[0]}, on which none of the grant may be spent"
            fix = f"add {without[0]} to the lines of grant/one_off or grant/recurring"
            raise ConfigurationError(
                self.problem(("options", name), found, "levers that only cost what a line is for", fix)
            )
        pots = by_pot(costs, grant)
        if option.own_cost is not None:
            more = stated(option.own_cost, _start(use, county), list(costs.columns))
            pots = {pot: pots[pot] + more[pot] for pot in POTS}
        elif costs.empty:
            found = f"{label} costs nothing that can be worked out without pupils"
            allowed = "a lever with a cost of its own, or own_cost with one_off and recurring_a_year in pounds"
            raise ConfigurationError(self.problem(("options", name), found, allowed, "state own_cost, 0 if it is free"))
        return Step(use, label, pots[ONE_OFF], pots[RECURRING])

    def _nothing_to_choose(self, found: Allocation) -> Iterator[Problem]:
        if found.combinations > MOST_SPLITS:
            number = f"{found.combinations:,} combinations of steps"
            yield self.problem(("options",), number, f"at most {MOST_SPLITS:,}", "take fewer or larger steps")
        elif not found.affordable:
            cheapest = {name: min(step.cost.sum() for step in steps) for name, steps in found.steps.items()}
            least = min(step.cost.sum() for steps in found.steps.values() for step in steps if step.use is not None)
            needed = f"all options at their least come to {sum(cheapest.values()):,.0f} pounds over the whole study"
            allowed = (
                f"one split or more within {self.said.grant.total:,.0f} pounds up to {self.said.grant.covers_to}, and "
                f"above {self.said.grant.spent_at_least:.0%} of it; {needed}, the cheapest step to {least:,.0f}"
            )
            fix = "take smaller steps, more money, a lower spent_at_least or an earlier covers_to"
            yield self.problem(("grant",), "no split that the grant pays for", allowed, fix)

    def _too_few_draws(self, found: Allocation) -> Iterator[Problem]:
        first = self.said.selection.first
        if first > found.most:
            number = f"{first} replications of each split to begin with, each in a draw of its own"
            allowed = f"up to {found.most}, the members of the county's ensemble"
            fix = "take fewer, or a larger ensemble, or --uncertainty none"
            yield self.problem(("selection", "first"), number, allowed, fix)

    def _unknown_lines(self, county: Parameters) -> Iterator[Problem]:
        known = [name for name, line in county.lines.items() if line.in_block]
        for pot in POTS:
            for number, line in enumerate(self.said.grant.pots[pot].lines):
                if line not in known:
                    fix = did_you_mean(line, known, "use a budget line of the block")
                    path = ("grant", pot, "lines", str(number))
                    yield self.problem(path, f"no budget line {line} in the block", suggestions(line, known), fix)

    def _wrong_years(self, years: Sequence[str], county: Parameters) -> Iterator[Problem]:
        """Yield a problem if the grant covers years that are not in the runs, or none of a policy."""
        first = financial_year_label(financial_year_of(county.horizon.study_start))
        if self.said.grant.covers_to not in [year for year in years if year >= first]:
            allowed = f"a financial year from {first} to {years[-1]}, those in which policies are run"
            yield self.problem(("grant", "covers_to"), self.said.grant.covers_to, allowed, "correct the year")

    def _unknown_quantities(self, county: Parameters) -> Iterator[Problem]:
        known = quantities_in(county)
        named = [(("objective",), self.said.objective)]
        conditions = [(("conditions", str(number)), one) for number, one in enumerate(self.said.conditions)]
        for path, one in (*named, *conditions):
            wrong = first_unknown((one.measure, one.provision or "all", one.phase or "all"), known)
            if wrong:
                key, word, there = wrong
                fix = did_you_mean(word, there, f"use a {key} that there is")
                yield self.problem((*path, key), f"no figures of {key} {word}", suggestions(word, there), fix)

    @contextmanager
    def _at(self, *path: str) -> Iterator[None]:
        """Tell problems found elsewhere as problems of a place in the file."""
        try:
            yield
        except ConfigurationError as error:
            raise ConfigurationError(
                *(self.problem(path, one.found, one.allowed, one.fix) for one in error.problems)
            ) from None

    def _moved(self, problem: Problem, name: str, option: Option) -> Problem:
        """Return a problem of a lever in use as one of the option: of the key at fault, if the file states it."""
        key = problem.where.rpartition("/")[2]
        part = next((part for part in ("vary", "settings") if key in getattr(option, part)), "")
        path = ("options", name, part, key) if part else ("options", name)
        return replace(self.problem(path, problem.found, problem.allowed, problem.fix))

    def _shape(self, detail: ErrorDetails) -> Problem:
        """Return an error of the shape of the file, with its line and key."""
        path = tuple(str(step) for step in detail["loc"] if step not in (VALUES, SPAN))
        if detail["type"] == "extra_forbidden":
            key, known = path[-1], tuple(_model_at(path[:-1]).model_fields)
            fix = did_you_mean(key, known, "remove it")
            return self.problem(path, f"unknown key {key}", suggestions(key, known), fix)
        if detail["type"] == "missing":
            return self.problem(path, "nothing", "this key must be there", f"add {path[-1]}")
        if detail["type"] == "value_error":
            found, _, allowed = str(detail["ctx"]["error"]).partition("; allowed ")
            return self.problem(path, found, allowed.removeprefix("is ").removeprefix("are "), "correct it")
        return self.problem(path, repr(detail["input"]), allowed_by(detail), "correct the value")


def _model_at(path: Sequence[str]) -> type[BaseModel]:
    """Return the model that stands at a path through the file."""
    here: type[BaseModel] = AllocationFile
    for step in path:
        field = here.model_fields.get(step)
        inner = _models_in(field.annotation) if field is not None else []
        here = inner[0] if inner else here
    return here


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models in the type of a field, also inside lists and mappings."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _start(use: Mapping[str, Any], county: Parameters) -> date:
    start = use.get("start", county.horizon.study_start)
    return start if isinstance(start, date) else date.fromisoformat(str(start))


def _in_words(lever: str, key: str, value: Level) -> str:
    """Return a value of a lever in words, with its unit."""
    setting = levers()[lever].settings.get(key)
    if isinstance(value, str):
        return value.replace("_", " ")
    if key == "number":
        return f"in {value} district{'' if value == 1 else 's'}"
    unit = setting.unit if setting else key.replace("_", " ")
    if unit.startswith("GBP"):
        return f"£{value:,}{unit.removeprefix('GBP').replace(' per ', ' a ')}"
    return f"times {value:g}" if unit == "ratio" else f"{value:,} {unit}"

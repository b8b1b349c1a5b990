"""What a Python session uses: load a county, change it, run it, compare. `import sim` hands these out.

A county or scenario given by name is one that comes with the package; a path leads to one's own. What is not
given is taken from configs/defaults.yaml, as on the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from secrets import randbits
from typing import Any

import pandas as pd

from sim import model
from sim.analysis.recorded import Names, in_words
from sim.analysis.stays import whole_stays
from sim.experiments import load_experiment
from sim.levers.catalogue import levers
from sim.levers.uses import LeverFunction, own_lever
from sim.measures import MEASURES, facts_of, measure, pupil_table, without_roll
from sim.outcome import Outcome, OwnMeasure, Tables, Told
from sim.parameters.load import find_county
from sim.parameters.load import list_counties as county_names
from sim.parameters.load_roll import load_opening_roll, read_opening_roll
from sim.parameters.opening_roll import OpeningRow, starting_at_study
from sim.parameters.uncertainty import Uncertainty
from sim.questions import Question, question_named, questions
from sim.report.findings import Finding, finding, write_finding
from sim.report.notebook_bar import shown_if_asked
from sim.report.tables import write_differences
from sim.scenarios import Scenario, defaults, load_baseline, load_scenario
from sim.scenarios import list_scenarios as scenario_names
from sim.search import Searched, load_allocation, search
from sim.store import FACTS
from sim.study import Progress, Study, quantities_in, run_study
from sim.study_files import extended, run_experiment
from sim.uncertainty import NOTHING_DRAWN, PARAMETERS_DRAWN, Draws, draws_for

SEED_BITS = 31
Asked = Progress | bool | None
"""What is told how far a study is; None shows a bar in a notebook and nothing elsewhere, False nothing at all."""


def county(name_or_path: str | Path | None = None) -> Scenario:
    """Return a county as it is: the baseline scenario, which others are built on and compared with.

    Raises ConfigurationError that says what is wrong, where, and what is allowed.
    """
    return load_baseline(find_county(name_or_path or defaults().county))


def scenario(name_or_path: str | Path | None = None, on: Scenario | str | Path | None = None) -> Scenario:
    """Return the scenario of a YAML file, applied on top of `on`: a county, or another scenario of it.

    Raises ConfigurationError naming the file and the key at fault.
    """
    under = on if isinstance(on, Scenario) else county(on)
    found = load_scenario(name_or_path or defaults().scenario, under.parameters)
    return replace(
        found,
        changes={**under.changes, **found.changes},
        levers={**under.levers, **found.levers},
        county=under.county or under.parameters,
        steps=(*under.steps, *found.steps),
    )


def simulate(
    scenario: Scenario,
    seed: int | None = None,
    replication: int = 0,
    opening_roll: str | Path | None = None,
) -> dict[str, pd.DataFrame]:
    """Run one replication and return its tidy tables.

    Parameters
    ----------
    seed, replication : together they decide all luck; the same pair gives the same lives in every scenario.
    opening_roll : CSV file of pupils to start with, in place of a run-in. They count in `measures`; no other
        table has a row about one of them.

    Returns
    -------
    `measures` and `pupils` as in a results folder, and what was recorded: `spells`, `supports`, `waits`, `events`,
    `places`, `enrolments`, `sign_ups` and `meetings`, in words; `stays` are spells joined where the record changed.
    Instants are school days from the start of the run, with the date beside each.
    """
    parameters = scenario.parameters
    rows: tuple[OpeningRow, ...] = ()
    if opening_roll is not None:
        rows = load_opening_roll(opening_roll, parameters)
        parameters = starting_at_study(parameters)
    recorded = model.simulate(parameters, _seed(seed), replication, rows).tables()
    kept = without_roll(recorded)
    told = facts_of(kept, parameters)
    tables = {name: in_words(kept[name], Names.of_facts(told)) for name in FACTS}
    kinds = {name: one.kind.value for name, one in parameters.provisions.items()}
    tables["stays"] = whole_stays(tables["spells"], kinds)
    return {"measures": measure(facts_of(recorded, parameters)), "pupils": pupil_table(told), **tables}


def run(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    progress: Asked = None,
    opening_roll: str | Path | None = None,
    uncertainty: str | None = None,
    keep_facts: int = 1,
) -> Outcome:
    """Run replications of one scenario; `.means(name)` of the results gives levels with intervals.

    See `compare` for the parameters and errors.
    """
    return _run(
        _study((scenario,), replications, seed, opening_roll, uncertainty, keep_facts), output, workers, progress
    )


def compare(
    *scenarios: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    progress: Asked = None,
    opening_roll: str | Path | None = None,
    uncertainty: str | None = None,
    keep_facts: int = 1,
) -> Outcome:
    """Run scenarios with the same luck; `.differences()` of the results gives what each changes.

    Parameters
    ----------
    scenarios : the first is what the others are compared with. None at all: the default county and scenario.
    replications, seed : runs of each scenario, and the seed of all luck.
    workers : processes; one per core if not given. The answer does not depend on their number.
    output : results folder; the same call with the same folder goes on where it was stopped. None keeps all in
        memory.
    progress : told after each run how far it is (see `sim.study.Standing`); if nothing is said, a notebook shows a bar,
        and False shows none.
    opening_roll : CSV file of pupils to start with, in place of a run-in; only its hash is kept.
    uncertainty : 'parameters' draws every figure that has a range, the same for all scenarios; two replications (see
        configs/defaults.yaml) share a draw. 'none' holds the figures. If nothing is said, a county with an ensemble is
        drawn and another is not.
    keep_facts : replications, from the first, whose recorded facts (`spells`, `waits`, `events`) are kept in full.

    Raises ValueError for a single scenario, two of one name or of two counties, and `sim.study.StudyFailed` when runs
    failed.
    """
    _refuse_others(scenarios)
    if len(scenarios) == 1:
        raise ValueError(f"compare needs two or more scenarios; found only {scenarios[0].name!r}")
    chosen = scenarios or (county(), scenario())
    study = _study(chosen, replications, seed, opening_roll, uncertainty, keep_facts)
    results = _run(study, output, workers, progress)
    if output is not None:
        write_differences(results, Path(output))
    return results


@dataclass(frozen=True, repr=False)
class Answer(Outcome):
    """The results of the scenarios that answer a question; `print(answer.finding())` says in words what they show."""

    key: str = ""
    county: str = ""

    def finding(self) -> Finding:
        """Return what the results say about the question: paragraphs, caveats and tables; as text, all of it."""
        return finding(self, self.key, list_questions()[self.key], self.county)


def ask(
    question: str,
    on: Scenario | str | Path | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    progress: Asked = None,
    uncertainty: str | None = None,
) -> Answer:
    """Run the scenarios that answer a question against the baseline, with the same luck.

    Parameters
    ----------
    question : its key, such as 'Q4'; `list_questions()` has them all.
    on : the county; what is not given is taken from configs/defaults.yaml, as by `pathways ask`.
    replications, seed, workers, output, progress, uncertainty : see `compare`; a results folder also gets
        finding.txt.

    Raises ConfigurationError for a question that there is not.
    """
    known = list_questions()
    key = question_named(question, known)
    under = on if isinstance(on, Scenario) else county(on)
    named = "" if on is None or isinstance(on, Scenario) else str(on)
    number = defaults().ask_replications if replications is None else replications
    chosen = _seed(seed)
    scenarios, draws = known[key].scenarios_on(under.parameters), _draws(under, uncertainty, chosen)
    study = Study(key, scenarios, chosen, number, draws=draws)
    results = _run(study, output, workers, progress)
    if output is not None:
        if len(results.scenarios) > 1:
            write_differences(results, Path(output))
        write_finding(finding(results, key, known[key], named), results, known[key], Path(output))
    return Answer.of(results, key=key, county=named)


def experiment(
    file: str | Path,
    on: str | Path | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    store: str | Path | None = None,
    cluster: str = "",
    progress: Asked = None,
    replications: int | None = None,
    uncertainty: str | None = None,
) -> Outcome:
    """Run a study file, as `pathways study run` does, or up to a number of replications, as `pathways study extend`.

    Parameters
    ----------
    file : its path, or the name of one in ./experiments.
    on : the county, in place of the one that the file names.
    workers, output, progress, uncertainty : see `compare`; a results folder also gets headlines.csv, and design.csv for
        a design.
    store : folder of finished runs, which several studies may share; the results folder if not given.
    cluster : address of a Dask scheduler to run on, or 'local' to start one here.
    replications : of each scenario, in place of what the file says; no fewer than the results folder holds.

    Raises ConfigurationError for a file that cannot be used, and `sim.study.StudyFailed` when runs failed.
    """
    asked = load_experiment(file, quantities_in, county=None if on is None else str(on), uncertainty=uncertainty)
    folder = None if output is None else Path(output)
    if replications is not None:
        asked = extended(asked, replications, folder)
    with shown_if_asked(progress) as tell:
        return Outcome.of(run_experiment(asked, folder, workers, tell, store, cluster))


def allocate(
    file: str | Path,
    on: str | Path | None = None,
    seed: int | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    store: str | Path | None = None,
    cluster: str = "",
    progress: Asked = None,
    uncertainty: str | None = None,
) -> Searched:
    """Search for the best split of a grant, as `pathways allocate` does.

    Parameters
    ----------
    file : path of an allocation file, or the name of one in ./experiments/allocations.
    on, seed, uncertainty : county, seed and whether parameters are drawn ('none', 'parameters'), in place of what the
        file says; if neither does, they are drawn where the county has an ensemble.
    workers, output, store, cluster, progress : see `experiment`; a results folder also gets splits.csv,
        best_split.csv, allocation.json and a figure.

    Raises ConfigurationError for a file that cannot be used, and `sim.study.StudyFailed` when runs failed.
    """
    from sim.report.allocation_words import write_allocation

    asked = load_allocation(file, None if on is None else str(on), seed, uncertainty)
    with shown_if_asked(progress) as tell:
        searched = search(asked, output, workers, tell, store, cluster)
    if output is not None:
        write_allocation(searched, Path(output))
    return searched


def load(folder: str | Path) -> Outcome:
    """Return the results in a folder, such as one that `pathways compare` or `pathways study run` wrote.

    Raises FileNotFoundError when it holds none or they are unfinished, and ConfigurationError when they are damaged.
    """
    return Outcome.load(folder)


def measure_of(name: str, function: Callable[[Tables], Told]) -> OwnMeasure:
    """Return a measure of one's own, for `results.with_measures(...)`.

    Parameters
    ----------
    function : takes the tables of one replication (`spells`, `events`, `waits`, `pupils`, ... in words; see
        `Outcome.tables`), and returns a number, numbers by group (a Series), or rows with the column `value`.
    """
    return OwnMeasure(name, function)


def lever(source: str | Path | Mapping[str, Any], name: str | None = None) -> LeverFunction:
    """Return a lever of one's own as a function, like those of `sim.levers`.

    Parameters
    ----------
    source : a YAML file, or the same as a mapping: label, questions, description, settings, acts, ...
    name : of the lever; that of the file if not given.

    Raises ConfigurationError that says what is wrong with it.
    """
    return own_lever(source, name)


def list_counties() -> tuple[str, ...]:
    """Return the counties that come with the package; each is also a function: `sim.<name>()`."""
    return county_names()


def list_scenarios() -> tuple[str, ...]:
    """Return the scenarios that come with the package."""
    return scenario_names()


def list_questions() -> dict[str, Question]:
    """Return every question by its key: as it was asked, its scenarios, what it looks at, and its caveats."""
    return questions(MEASURES)


def list_levers() -> pd.DataFrame:
    """Return one row for each setting of each lever: value, range, bounds, role, grade and source."""
    rows = [
        {"lever": lever, "setting": name, **setting.model_dump(mode="json"), "questions": " ".join(spec.questions)}
        for lever, spec in levers().items()
        for name, setting in spec.settings.items()
    ]
    return pd.DataFrame(rows)


def _study(
    scenarios: tuple[Scenario, ...],
    replications: int | None,
    seed: int | None,
    file: str | Path | None,
    uncertainty: str | None,
    keep_facts: int,
) -> Study:
    _refuse_others(scenarios)
    number = defaults().replications if replications is None else replications
    roll = None if file is None else read_opening_roll(file, scenarios[0].parameters)
    chosen = _seed(seed)
    draws = _draws(scenarios[0], uncertainty, chosen)
    kept = tuple(range(min(keep_facts, number)))
    return Study(scenarios[-1].name, scenarios, chosen, number, kept, opening_roll=roll, draws=draws)


def _refuse_others(given: tuple[object, ...]) -> None:
    """Refuse what is no scenario, such as a name, and scenarios of several counties, and say how they are made."""
    for one in given:
        if not isinstance(one, Scenario):
            made = "sim.county(NAME) and sim.scenario(NAME, county)"
            raise TypeError(f"scenarios are made by {made}; found {one!r}")
    counties = list(dict.fromkeys(one.parameters.county.name for one in given if isinstance(one, Scenario)))
    if len(counties) > 1:
        fix = "give the county to each: sim.scenario(NAME, county)"
        raise ValueError(f"scenarios of one county can be compared; found those of {' and '.join(counties)}; {fix}")


def _run(study: Study, output: str | Path | None, workers: int | None, progress: Asked) -> Outcome:
    with shown_if_asked(progress) as tell:
        return Outcome.of(run_study(study, output, workers, tell))


def _draws(first: Scenario, uncertainty: str | None, seed: int) -> Draws | None:
    """Return the draws that are asked for; ValueError when the county they would be drawn from is not known."""
    if uncertainty not in (None, NOTHING_DRAWN, PARAMETERS_DRAWN):
        raise ValueError(f"uncertainty is {NOTHING_DRAWN!r} or {PARAMETERS_DRAWN!r}; found {uncertainty!r}")
    if first.uncertainty is None and uncertainty == PARAMETERS_DRAWN:
        raise ValueError(f"parameters are drawn from a county; begin with sim.county(...), not with {first.name!r}")
    return draws_for(first.uncertainty or Uncertainty(), uncertainty, seed, defaults().replications_per_draw)


def _seed(seed: int | None) -> int:
    """Return the seed given, else the default one, else a new one."""
    if seed is None:
        seed = defaults().seed
    return randbits(SEED_BITS) if seed is None else seed


def _installed_version() -> str:
    try:
        return version("pupil-pathways")
    except PackageNotFoundError:
        return "0+unknown"


__version__ = _installed_version()

"""Running a study file: one way for the command line and for Python, and how many replications its results go for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.analysis.precision import PrecisionJudge
from sim.experiments import Experiment
from sim.parameters.problems import ConfigurationError, Problem
from sim.report.study_precision import in_headline_units
from sim.report.study_tables import write_study
from sim.results import RUN_FILE, Results, read_json, read_run, write_json
from sim.store import Keeper
from sim.study import Progress, Study, inputs_of, run_study, work_of
from sim.uncertainty import NOTHING_DRAWN, PARAMETERS_DRAWN
from sim.work import Work

ASKED_FILE = "asked.json"
"""How many replications an extension goes for; there until it is finished."""


def run_experiment(
    experiment: Experiment,
    output: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    store: str | Path | None = None,
    cluster: str = "",
) -> Results:
    """Run the study of a file, and write headlines.csv and design.csv into the results folder.

    Parameters
    ----------
    output, workers, progress, store, cluster : see `sim.study.run_study`. A results folder that holds more
        replications, or an extension to more, is not made smaller: see `as_in`.
    """
    going = experiment if output is None else as_in(output, experiment)
    inputs = {**inputs_of(going.folder), f"{going.name}.yaml": going.file_sha256}
    more: dict[str, Any] = {"store": store, "cluster": cluster, "judge": judge_of(going)}
    results = run_study(Study.of(going), output, workers, progress, inputs, **more)
    if output is not None:
        write_study(going, results, output)
        (output / ASKED_FILE).unlink(missing_ok=True)
    return results


def judge_of(experiment: Experiment) -> PrecisionJudge:
    """Return the judge of precision of a study, which speaks in the units of its headline measures."""
    return PrecisionJudge(experiment, in_headline_units(experiment.looks_at))


def extended(experiment: Experiment, replications: int, output: Path | None) -> Experiment:
    """Return a study with a number of replications in place of what its file says, noted in its results folder.

    Raises ConfigurationError when the results there have more.
    """
    there = 0 if output is None else _replications(_run_in(output), experiment)
    if replications < there:
        allowed = f"{there} or more: results never lose replications; for fewer, give another --output"
        found = f"{replications}, and {output} holds results of {there} replications"
        raise ConfigurationError(Problem("command line", "--replications", found, allowed, "ask for more"))
    if output is not None and replications > there:
        write_json({**_whose(experiment), "replications": replications}, output / ASKED_FILE)
    return replace(experiment, replications=replications, precision=None)


def as_in(output: Path, experiment: Experiment) -> Experiment:
    """Return a study that begins with at least the replications of its results, or of an extension under way."""
    asked = read_json(output / ASKED_FILE) if (output / ASKED_FILE).is_file() else {}
    numbers = (_replications(said, experiment) for said in (_run_in(output), asked))
    return replace(experiment, replications=max(experiment.replications, *numbers))


def replayed(study: Study, keeper: Keeper, judge: PrecisionJudge) -> Work:
    """Return the work that a study is at, from its store alone: as far as what is finished decides.

    As when it runs, replications begin with `judge.first`, and the judge says how many more once all of them are
    finished.
    """
    wanted = judge.first
    while True:
        work = work_of(study.with_(replications=wanted), keeper, judge=judge, to_run=False)
        work.tell_judge_of_finished()
        before, wanted = wanted, wanted if work.missing() else judge.further(wanted)
        if wanted <= before:
            return work


def _run_in(output: Path) -> dict[str, Any]:
    """Return what the record of a results folder says; nothing without one."""
    return read_run(output) if (output / RUN_FILE).is_file() else {}


def _replications(said: Mapping[str, Any], experiment: Experiment) -> int:
    """Return the replications that a record names, 0 if it is of another study."""
    whose = _whose(experiment)
    return int(said["replications"]) if {key: said.get(key) for key in whose} == whose else 0


def _whose(experiment: Experiment) -> dict[str, Any]:
    county = experiment.scenarios[0].parameters.county.model_dump(mode="json")
    drawn = PARAMETERS_DRAWN if experiment.draws else NOTHING_DRAWN
    return {"study": experiment.name, "seed": experiment.seed, "county": county, "uncertainty": drawn}

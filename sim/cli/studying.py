"""`pathways study run | status | extend | show`: study files, run on a store that studies share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import Cluster, CountyName, DryRun, Quiet, StoreFolder, Workers
from sim.cli.shared import How, folder_for, run_shown, say_what_would_run, told, unusable

if TYPE_CHECKING:
    from sim.experiments import Experiment
    from sim.results import Results

SHARED_STORE = Path("results") / "store"

study = typer.Typer(name="study", no_args_is_help=True, help="Run a study file, see how far it is, and go on with it.")

StudyFile = Annotated[
    str, typer.Argument(metavar="FILE", help="Study file; a bare name is looked for in experiments/.")
]
Folder = Annotated[
    Path | None,
    typer.Option("--output", metavar="DIR", help="Results folder; if not given, results/<county>-<study>-seed<seed>."),
]


@study.command("run")
def run_file(
    file: StudyFile,
    county: CountyName = None,
    workers: Workers = None,
    output: Folder = None,
    store: StoreFolder = None,
    cluster: Cluster = "",
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Run what is missing of a study; stopped or killed, the same command goes on where it was."""
    with told():
        from sim.study import Study

        experiment = _experiment(file, county)
        folder = output or folder_for(Study.of(experiment), experiment.name)
        how = How(workers, quiet, store or SHARED_STORE, cluster)
        if dry_run:
            say_what_would_run(Study.of(experiment), store or SHARED_STORE, workers)
            return
        _run(experiment, folder, how, f"pathways study run {file}")


@study.command()
def extend(
    file: StudyFile,
    replications: Annotated[
        int, typer.Option("--replications", min=1, help="Replications of each scenario in all; those there are kept.")
    ],
    county: CountyName = None,
    workers: Workers = None,
    output: Folder = None,
    store: StoreFolder = None,
    cluster: Cluster = "",
    quiet: Quiet = False,
) -> None:
    """Run a study up to a larger number of replications; those that are finished are not run again."""
    with told():
        from dataclasses import replace

        from sim.study import Study

        experiment = replace(_experiment(file, county), replications=replications, precision=None)
        folder = output or folder_for(Study.of(experiment), experiment.name)
        how = How(workers, quiet, store or SHARED_STORE, cluster)
        _run(experiment, folder, how, f"pathways study extend {file} --replications {replications}")


@study.command()
def status(
    file: StudyFile,
    county: CountyName = None,
    workers: Workers = None,
    output: Folder = None,
    store: StoreFolder = None,
) -> None:
    """Say how far a study is: runs finished, failed and missing, time left, and the precision reached."""
    with told():
        from sim.analysis.precision import PrecisionJudge
        from sim.parallel import processes
        from sim.report.study_status import status_in_words
        from sim.store import Store
        from sim.study import Study, work_of

        experiment = _experiment(file, county)
        begun = Study.of(experiment)
        folder = output or folder_for(begun, experiment.name)
        begun = begun.with_(replications=max(begun.replications, _replications_in(folder, begun.seed)))
        judge = PrecisionJudge(experiment)
        keeper = Store(store or SHARED_STORE)
        work = work_of(begun, keeper, judge=judge, to_run=False)
        work.tell_judge_of_finished()
        typer.echo(status_in_words(work, keeper, judge.standing(), processes(workers)))


@study.command()
def show(file: StudyFile, county: CountyName = None, output: Folder = None) -> None:
    """Print the headline measures of a finished study: interval of the mean, and range of futures."""
    with told():
        from sim.report.study_tables import study_in_words
        from sim.results import RUN_FILE, Results
        from sim.study import Study

        experiment = _experiment(file, county)
        folder = output or folder_for(Study.of(experiment), experiment.name)
        if not (folder / RUN_FILE).is_file():
            raise unusable(
                "FILE", f"{folder} holds no finished results", f"a study that is finished: pathways study run {file}"
            )
        typer.echo(study_in_words(experiment, Results.load(folder)))


def _experiment(file: str, county: str | None) -> Experiment:
    from sim.experiments import load_experiment
    from sim.measures import MEASURES

    return load_experiment(file, MEASURES, county=county)


def _run(experiment: Experiment, folder: Path, how: How, again: str) -> Results:
    from sim.analysis.precision import PrecisionJudge
    from sim.report.study_tables import study_in_words, write_study
    from sim.study import Study

    inputs = {f"{experiment.name}.yaml": experiment.file_sha256}
    judge, begun = PrecisionJudge(experiment), Study.of(experiment)
    results = run_shown(begun, folder, how, experiment.folder, again=again, judge=judge, inputs=inputs)
    write_study(experiment, results, folder)
    typer.echo(study_in_words(experiment, results))
    typer.echo(f"Results: {folder}")
    return results


def _replications_in(folder: Path, seed: int) -> int:
    """Return the replications of the results in a folder, 0 without any."""
    from sim.results import RUN_FILE, read_run

    if not (folder / RUN_FILE).is_file():
        return 0
    said = read_run(folder)
    return int(said["replications"]) if said["seed"] == seed else 0

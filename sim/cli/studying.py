"""`pathways study run | status | extend | show`: study files, run on a store that studies share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import Cluster, CountyName, DryRun, Quiet, StoreFolder, Uncertain, Workers
from sim.cli.shared import How, folder_for, going_on, say_what_would_run, told, unusable

if TYPE_CHECKING:
    from sim.experiments import Experiment

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
    uncertainty: Uncertain = None,
) -> None:
    """Run what is missing of a study; stopped or killed, the same command goes on where it was."""
    with told():
        from sim.study import Study
        from sim.study_files import as_in

        experiment = _experiment(file, county, uncertainty)
        folder = _folder(experiment, output)
        going = as_in(folder, experiment)
        if going.replications > experiment.replications and not quiet:
            typer.echo(f"{folder} holds or goes for {going.replications} replications, which are kept.", err=True)
        if dry_run:
            say_what_would_run(Study.of(going), store or SHARED_STORE, workers)
            return
        given = {"county": county, "output": output, "store": store, "cluster": cluster, "uncertainty": uncertainty}
        again = _command("run", file, **given)
        _run(going, folder, How(workers, quiet, store or SHARED_STORE, cluster), again)


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
    uncertainty: Uncertain = None,
) -> None:
    """Run a study up to a larger number of replications; those that are finished are not run again."""
    with told():
        from sim.study_files import extended

        experiment = _experiment(file, county, uncertainty)
        folder = _folder(experiment, output)
        going = extended(experiment, replications, folder)
        given = {"replications": replications, "county": county, "output": output, "store": store, "cluster": cluster}
        given["uncertainty"] = uncertainty
        how = How(workers, quiet, store or SHARED_STORE, cluster)
        _run(going, folder, how, _command("extend", file, **given))


@study.command()
def status(
    file: StudyFile,
    county: CountyName = None,
    workers: Workers = None,
    output: Folder = None,
    store: StoreFolder = None,
    uncertainty: Uncertain = None,
) -> None:
    """Say how far a study is: runs finished, failed and missing, time left, and the precision reached."""
    with told():
        from sim.parallel import processes
        from sim.report.study_status import status_in_words
        from sim.store import Store
        from sim.study import Study
        from sim.study_files import as_in, judge_of, replayed

        experiment = _experiment(file, county, uncertainty)
        experiment = as_in(_folder(experiment, output), experiment)
        judge, keeper = judge_of(experiment), Store(store or SHARED_STORE)
        work = replayed(Study.of(experiment), keeper, judge)
        typer.echo(status_in_words(work, keeper, judge.standing(), processes(workers)))


@study.command()
def show(file: StudyFile, county: CountyName = None, output: Folder = None, uncertainty: Uncertain = None) -> None:
    """Print the headline measures of a finished study: interval of the mean, range of runs or futures, and points."""
    with told():
        from sim.report.study_tables import study_in_words
        from sim.results import RUN_FILE, Results

        experiment = _experiment(file, county, uncertainty)
        folder = _folder(experiment, output)
        if not (folder / RUN_FILE).is_file():
            raise unusable(
                "FILE", f"{folder} holds no finished results", f"a study that is finished: pathways study run {file}"
            )
        typer.echo(study_in_words(experiment, Results.load(folder)))


def _experiment(file: str, county: str | None, uncertainty: str | None) -> Experiment:
    from sim.experiments import load_experiment
    from sim.study import quantities_in

    return load_experiment(file, quantities_in, county=county, uncertainty=uncertainty)


def _command(verb: str, file: str, **given: Any) -> str:
    """Return a command as it was given, for use again."""
    options = [f"--{name} {value}" for name, value in given.items() if value]
    return " ".join(["pathways study", verb, file, *options])


def _folder(experiment: Experiment, output: Path | None) -> Path:
    from sim.study import Study

    return output or folder_for(Study.of(experiment), experiment.name)


def _run(experiment: Experiment, folder: Path, how: How, again: str) -> None:
    from sim.report.study_tables import study_in_words
    from sim.study import Study
    from sim.study_files import run_experiment

    with going_on(Study.of(experiment), how.quiet, again) as tell:
        results = run_experiment(experiment, folder, how.workers, tell, how.store, how.cluster)
    typer.echo(study_in_words(experiment, results))
    typer.echo(f"Results: {folder}")

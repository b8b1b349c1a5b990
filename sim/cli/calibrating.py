"""`pathways calibrate`: a county fitted to what was published about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import FAILED, STOPPED, Cluster, CountyName, Quiet, Seed, StoreFolder, Workers
from sim.cli.shared import seed_or_default, told, unusable

if TYPE_CHECKING:
    from sim.analysis.calibration.outcome import Calibration, Plan
    from sim.analysis.calibration.trials import Trials

SHARED_STORE = Path("results") / "store"
FEWEST_MEMBERS = 20

TargetsFile = Annotated[
    Path | None,
    typer.Option(
        "--targets", metavar="FILE", help="Targets in the form of a county's targets.csv; its own if not given."
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("--output", metavar="DIR", help="Results folder; results/<county>-calibration if not given."),
]


def calibrate(
    county: CountyName = None,
    targets: TargetsFile = None,
    waves: Annotated[
        str, typer.Option("--waves", metavar="N,N,...", help="Runs of each wave; the first fills the whole space.")
    ] = "240,160,120",
    members: Annotated[int, typer.Option("--members", min=1, help="Sets of figures to keep, at most.")] = 60,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Write what was found into the county's folder: figures and ensemble.")
    ] = False,
    seed: Seed = None,
    workers: Workers = None,
    output: Folder = None,
    store: StoreFolder = None,
    cluster: Cluster = "",
    quiet: Quiet = False,
) -> None:
    """Fit a county to its targets: waves of runs, and the sets of figures that nothing published rules out."""
    with told():
        from sim.analysis.calibration.outcome import Plan
        from sim.cli.shared import county_named
        from sim.parameters.load import find_county
        from sim.parameters.load_targets import find_targets
        from sim.report.calibration_words import calibration_in_words
        from sim.scenarios import defaults

        plan = Plan(sizes=_sizes(waves), members=members)
        trials = _trials(county, targets, seed_or_default(seed), workers, store or SHARED_STORE, cluster, quiet)
        folder = output or Path("results") / f"{county_named(county).county.name}-calibration"
        found = _run(trials, plan, quiet)
        record = _written(found, folder, find_targets(targets or find_county(county or defaults().county)))
        typer.echo(calibration_in_words(found, f"Calibration {record['run']}, seed {trials.seed}."))
        typer.echo(f"Results: {folder}")
        if adopt:
            _adopt(found, county, record)


def _sizes(waves: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(size) for size in waves.split(","))
    except ValueError:
        sizes = ()
    if len(sizes) < 2 or min(sizes) < 10:
        raise unusable("--waves", repr(waves), "two or more whole numbers of at least 10, such as 240,160,120")
    return sizes


def _trials(
    county: str | None, targets: Path | None, seed: int, workers: int | None, store: Path, cluster: str, quiet: bool
) -> Trials:
    from joblib import cpu_count

    from sim.analysis.calibration.forecasts import last_year_of
    from sim.analysis.calibration.trials import Trials, until
    from sim.measures import MEASURES
    from sim.parameters.load import find_county, load_county
    from sim.parameters.load_targets import load_targets
    from sim.parameters.load_uncertainty import UNCERTAINTY_FILE, load_uncertainty
    from sim.parameters.targets import Known, Use
    from sim.report.progress import shown
    from sim.scenarios import defaults
    from sim.school_year import academic_year_label
    from sim.store import Store

    folder = find_county(county or defaults().county)
    parameters = load_county(folder)
    spec = load_uncertainty(folder, parameters)
    if not spec.factors:
        raise unusable("--county", f"{folder} names no factors to fit", f"factors in {folder / UNCERTAINTY_FILE}")
    horizon = parameters.horizon
    known = Known(parameters, MEASURES, spec.shares, range(horizon.first_year, horizon.last_year + 1))
    asked = load_targets(targets or folder, known)
    if not any(target.use is Use.CALIBRATE for target in asked.values()):
        raise unusable("--targets", "no target with the use calibrate", "at least one")
    last = until(parameters, academic_year_label(last_year_of(asked, parameters)))
    number = int(workers or cpu_count())
    return Trials(last, spec, asked, seed, Store(store), number, cluster, lambda runs: shown(runs, quiet))


def _run(trials: Trials, plan: Plan, quiet: bool) -> Calibration:
    from sim.analysis.calibration.matching import Wave
    from sim.analysis.calibration.outcome import calibrate as run
    from sim.report.calibration_words import wave_in_words
    from sim.store import MixedCode
    from sim.study import StudyFailed

    def tell(wave: Wave) -> None:
        if not quiet:
            typer.echo(wave_in_words(wave), err=True)

    again = "The same command goes on where this stopped."
    try:
        return run(trials, plan, tell)
    except KeyboardInterrupt:
        typer.echo(f"\nStopped; finished runs are kept. {again}", err=True)
        raise typer.Exit(STOPPED) from None
    except (StudyFailed, MixedCode) as error:
        typer.echo(f"{error}\n{again}", err=True)
        raise typer.Exit(FAILED) from None


def _written(found: Calibration, folder: Path, targets: Path) -> dict[str, Any]:
    """Write the tables, the figure and the record of a calibration, and return the record."""
    from sim.analysis.calibration.record import record_of, write_tables
    from sim.report.style import Caption, save
    from sim.report.target_figure import figure_in_words, target_figure

    record = record_of(found, targets)
    write_tables(found, folder, record)
    caption = Caption(found.trials.county.county.label, record["run"], len(found.members), "", {})
    save(target_figure(found.table(), caption), folder / "targets.png", figure_in_words(found.table(), caption))
    return record


def _adopt(found: Calibration, county: str | None, record: dict[str, Any]) -> None:
    from sim.analysis.calibration.adoption import adopt
    from sim.parameters.load import find_county
    from sim.scenarios import defaults

    if len(found.members) < FEWEST_MEMBERS:
        raise unusable(
            "--adopt", f"an ensemble of {len(found.members)}", f"{FEWEST_MEMBERS} or more: run more in the waves"
        )
    folder = find_county(county or defaults().county)
    adopt(found, folder, record)
    typer.echo(f"Written into {folder}: figures of the centre, the ensemble and its record.")

"""`pathways calibrate` and `validate`: a county fitted to what was published about it, and put to the test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import Cluster, CountyName, Quiet, Seed, StoreFolder, Workers
from sim.cli.shared import How, goes_on, needs_extra, seed_or_default, told, unusable
from sim.cli.studying import SHARED_STORE

if TYPE_CHECKING:
    from sim.analysis.calibration.outcome import Calibration, Plan
    from sim.analysis.calibration.trials import Trials

FEWEST_MEMBERS = 20
AGAIN = "The same command"

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
Origin = Annotated[
    str | None,
    typer.Option(
        "--origin",
        metavar="YEAR",
        help="Forecast as from this academic year: yearly series of the county stay as they were in it.",
    ),
]


def calibrate(
    county: CountyName = None,
    targets: TargetsFile = None,
    origin: Origin = None,
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
    with told(), needs_extra("calibration", "emcee", "sklearn"):
        import emcee  # noqa: F401 - asked for before hours of runs, not after the first wave
        import sklearn  # noqa: F401

        from sim.analysis.calibration.outcome import Plan
        from sim.parameters.load_targets import find_targets
        from sim.report.calibration_words import calibration_in_words

        plan = Plan(sizes=_sizes(waves), members=members)
        if adopt:
            _refuse_to_adopt(origin, members)
        how = How(workers, quiet, store or SHARED_STORE, cluster)
        place = _folder_of(county)
        trials = _trials(place, targets, origin, seed_or_default(seed), how)
        _refuse_nothing_to_fit(trials)
        found = _run(trials, plan, quiet)
        folder = output or Path("results") / f"{trials.county.county.name}-calibration"
        record = _written(found, folder, find_targets(targets or place), origin or "")
        typer.echo(calibration_in_words(found, f"Calibration {record['run']}, seed {trials.seed}."))
        typer.echo(f"Results: {folder}")
        if adopt:
            _adopt(found, place, record)


def validate(
    county: CountyName = None,
    targets: TargetsFile = None,
    origin: Origin = None,
    replications: Annotated[int, typer.Option("--replications", min=1, help="Runs of each member.")] = 2,
    workers: Workers = None,
    output: Folder = None,
    store: StoreFolder = None,
    cluster: Cluster = "",
    quiet: Quiet = False,
) -> None:
    """Put a county's ensemble to the test: targets it was fitted to and held-out ones, beside other forecasts."""
    with told():
        from sim.analysis.calibration.validation import validate as put_to_the_test
        from sim.parameters.load import calibration_record
        from sim.report.validation_words import validation_in_words, write_validation

        place = _folder_of(county)
        record = calibration_record(place)
        _refuse_known_years(record, origin)
        how = How(workers, quiet, store or SHARED_STORE, cluster)
        trials = _trials(place, targets, origin, int(record.get("seed", 0)), how)
        if trials.spec.ensemble is None:
            found = f"{place}, which has no ensemble, or figures that have changed since it was found"
            raise unusable("--county", found, "a county that was fitted: pathways calibrate --adopt")
        with goes_on(AGAIN):
            tested = put_to_the_test(trials, replications)
        folder = output or Path("results") / f"{trials.county.county.name}-validation"
        write_validation(tested, folder, record["run"])
        typer.echo(validation_in_words(tested, record["run"]))
        typer.echo(f"Results: {folder}")


def _folder_of(county: str | None) -> Path:
    from sim.parameters.load import find_county
    from sim.scenarios import defaults

    return find_county(county or defaults().county)


def _refuse_known_years(record: Mapping[str, Any], origin: str | None) -> None:
    """Refuse to call a forecast what the ensemble was fitted to."""
    fitted = record.get("last_fitted", "")
    if origin is not None and origin < fitted:
        allowed = f"{fitted} or later, or a fit of its own: pathways calibrate --origin {origin} --targets FILE"
        raise unusable("--origin", f"{origin}, while the ensemble was fitted to figures up to {fitted}", allowed)


def _refuse_to_adopt(origin: str | None, members: int) -> None:
    if origin is not None:
        raise unusable("--adopt", f"--origin {origin} beside it", "a fit to all there is: a forecast is no county")
    if members < FEWEST_MEMBERS:
        raise unusable("--members", f"{members} with --adopt", f"{FEWEST_MEMBERS} or more")


def _sizes(waves: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(size) for size in waves.split(","))
    except ValueError:
        sizes = ()
    if len(sizes) < 2 or min(sizes) < 10:
        raise unusable("--waves", repr(waves), "two or more whole numbers of at least 10, such as 240,160,120")
    return sizes


def _trials(folder: Path, targets: Path | None, origin: str | None, seed: int, how: How) -> Trials:
    """Return how a county is tried on its targets, or on those of a file."""
    from sim.analysis.calibration.forecasts import last_year_of
    from sim.analysis.calibration.trials import Trials, held_after, until
    from sim.measures import MEASURES
    from sim.parallel import processes
    from sim.parameters.load import load_county
    from sim.parameters.load_targets import load_targets
    from sim.parameters.load_uncertainty import load_uncertainty
    from sim.parameters.targets import Known
    from sim.report.progress import shown
    from sim.school_year import academic_year_label
    from sim.store import Store

    parameters = load_county(folder)
    spec = load_uncertainty(folder, parameters)
    horizon = parameters.horizon
    known = Known(parameters, MEASURES, spec.shares, range(horizon.first_year, horizon.last_year + 1))
    asked = load_targets(targets or folder, known)
    if origin is not None:
        parameters = held_after(parameters, _academic_year(origin))
    last = until(parameters, academic_year_label(last_year_of(asked, parameters)))
    number = processes(how.workers)
    keeper = Store(how.store or SHARED_STORE)
    return Trials(last, spec, asked, seed, keeper, number, how.cluster, lambda runs: shown(runs, how.quiet))


def _refuse_nothing_to_fit(trials: Trials) -> None:
    if not trials.spec.factors:
        raise unusable("--county", "a county that names no factors to fit", "factors in its uncertainty.yaml")
    if not trials.fitted:
        raise unusable("--targets", "no target with the use calibrate", "at least one")


def _academic_year(label: str) -> str:
    from sim.parameters.periods import PeriodKind, kind_and_year

    try:
        if kind_and_year(label)[0] is PeriodKind.ACADEMIC:
            return label
    except ValueError:
        pass
    raise unusable("--origin", repr(label), "an academic year such as 2016/17")


def _run(trials: Trials, plan: Plan, quiet: bool) -> Calibration:
    from sim.analysis.calibration.matching import Wave
    from sim.analysis.calibration.outcome import calibrate as run
    from sim.report.calibration_words import wave_in_words

    def tell(wave: Wave) -> None:
        if not quiet:
            typer.echo(wave_in_words(wave), err=True)

    with goes_on(AGAIN):
        return run(trials, plan, tell)


def _written(found: Calibration, folder: Path, targets: Path, origin: str) -> dict[str, Any]:
    """Write the tables, the figure and the record of a calibration, and return the record."""
    from sim.analysis.calibration.record import record_of, write_tables
    from sim.report.style import Caption, save
    from sim.report.target_figure import figure_in_words, target_figure

    record = record_of(found, targets, origin)
    write_tables(found, folder, record)
    if not len(found.numbers):
        return record
    number = len(found.members)
    caption = Caption(found.trials.county.county.label, record["run"], number, "", {}, members=number)
    save(target_figure(found.table(), caption), folder / "targets.png", figure_in_words(found.table(), caption))
    return record


def _adopt(found: Calibration, folder: Path, record: dict[str, Any]) -> None:
    from sim.analysis.calibration.adoption import adopt

    if record["members"] < FEWEST_MEMBERS:
        allowed = f"{FEWEST_MEMBERS} or more: run more in the waves"
        raise unusable("--adopt", f"an ensemble of {record['members']}", allowed)
    adopt(found, folder, record)
    typer.echo(f"Written into {folder}: figures of the centre, the ensemble and its record.")

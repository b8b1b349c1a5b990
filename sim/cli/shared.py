"""What commands have in common: messages and exit codes, the county and seed asked for, and running a study."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.options import FAILED, STOPPED, UNUSABLE
from sim.parameters.problems import ConfigurationError, Problem

if TYPE_CHECKING:
    from sim.parameters.opening_roll import OpeningRoll
    from sim.parameters.schema import Parameters
    from sim.replicate import Unit
    from sim.results import Results
    from sim.scenarios import Scenario
    from sim.store import Store
    from sim.study import Study
    from sim.uncertainty import Draws
    from sim.work import Progress

BYTES_IN_MEGABYTE = 1e6
SHOWN_OF_HASH = 8
MOST_TRIED = 2


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn what may go wrong into a message on stderr and an exit code, without a traceback."""
    try:
        yield
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNUSABLE) from None
    except BrokenPipeError:  # who reads has seen enough, as with `| head`
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except OSError as error:
        typer.echo(f"A file or folder cannot be read or written: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        raise typer.Exit(STOPPED) from None


@contextlib.contextmanager
def needs_extra(extra: str, *packages: str) -> Iterator[None]:
    """Say which extra is missing when one of its packages is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in packages:
            raise
        found, allowed = (
            f"no {error.name}",
            f'the extra: python3 -m pip --python .venv install -c constraints.txt -e ".[{extra}]"',
        )
        raise unusable("installation", found, allowed) from None


def unusable(where: str, found: str, allowed: str) -> ConfigurationError:
    """Return what to raise for a command that cannot be used as it was given."""
    return ConfigurationError(Problem("command line", where, found, allowed, "see pathways --help"))


def county_named(name: str | None) -> Parameters:
    """Return the county of that name or folder, or the default one."""
    from sim.parameters.load import find_county, load_county
    from sim.scenarios import defaults

    return load_county(find_county(name or defaults().county))


def seed_or_default(seed: int | None) -> int:
    """Return the seed given, else the default one, else a new one."""
    from sim.scenarios import defaults

    default = defaults().seed
    if seed is None and default is None:
        from secrets import randbits

        return randbits(31)
    return seed if seed is not None else int(default or 0)


def draws_in(county: str | None, parameters: Parameters, asked: str | None, seed: int) -> Draws | None:
    """Return the draws of a study of a county, by name or folder; None if its parameters are held."""
    from sim.parameters.load import find_county
    from sim.parameters.load_uncertainty import load_uncertainty
    from sim.scenarios import defaults
    from sim.uncertainty import draws_for

    default = defaults()
    spec = load_uncertainty(find_county(county or default.county), parameters)
    return draws_for(spec, asked, seed, default.replications_per_draw)


def study_of(
    scenarios: tuple[Scenario, ...],
    seed: int,
    replications: int,
    roll: OpeningRoll | None = None,
    name: str = "",
    draws: Draws | None = None,
) -> Study:
    """Return the study of scenarios, named after the last of them if nothing else is said."""
    from sim.study import Study

    try:
        return Study(name or scenarios[-1].name, scenarios, seed, replications, opening_roll=roll, draws=draws)
    except ValueError as error:
        raise unusable("--scenario", str(error), "each scenario once") from None


def opening_roll_in(file: Path | None, parameters: Parameters) -> OpeningRoll | None:
    """Return the opening roll, if one is asked for, and say on stderr what is odd about it, in numbers only."""
    if file is None:
        return None
    from sim.parameters.load_roll import read_opening_roll
    from sim.parameters.opening_roll import over_full

    roll = read_opening_roll(file, parameters)
    full = over_full(roll.rows, parameters)
    if full:
        typer.echo(f"Warning: {full} provision(s) hold more pupils of the opening roll than usable places.", err=True)
    return roll


def folder_for(study: Study, called: str = "") -> Path:
    """Return the results folder of a study: after its county, its scenarios (or `called`) and its seed."""
    county = study.scenarios[0].parameters.county.name
    names = [one.name for one in study.scenarios[1:]] or [study.scenarios[0].name]
    roll = f"-roll{study.roll_hash[:SHOWN_OF_HASH]}" if study.roll_hash else ""
    drawn = "-drawn" if study.draws else ""
    return Path("results") / f"{county}-{called or '-'.join(names)}-seed{study.seed}{roll}{drawn}"


@dataclass(frozen=True)
class How:
    """How a study is run: nothing here changes an answer.

    Attributes
    ----------
    store : folder of the run store; None is the results folder.
    cluster : address of a Dask scheduler, or 'local'; '' for the cores of this machine.
    """

    workers: int | None = None
    quiet: bool = False
    store: Path | None = None
    cluster: str = ""


def run_shown(study: Study, folder: Path, how: How, county: str | None = None) -> Results:
    """Run the study with progress on stderr; a stop or failed runs say how to go on."""
    from sim.study import run_study

    with going_on(study, how.quiet, f"The same command with --output {folder}") as tell:
        more: dict[str, Any] = {"store": how.store, "cluster": how.cluster}
        return run_study(study, folder, how.workers, tell, _inputs(study, county), **more)


@contextlib.contextmanager
def goes_on(again: str) -> Iterator[None]:
    """Say how to go on when the user stops, or runs fail.

    Parameters
    ----------
    again : the command that goes on.
    """
    from sim.parallel import ClusterLost
    from sim.store import MixedCode
    from sim.study import StudyFailed

    on = f"{again} goes on where this stopped."
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"\nStopped; finished runs are kept. {on}", err=True)
        raise typer.Exit(STOPPED) from None
    except (StudyFailed, MixedCode, ClusterLost) as error:
        typer.echo(f"{error}\n{on}", err=True)
        raise typer.Exit(FAILED) from None


@contextlib.contextmanager
def going_on(study: Study, quiet: bool, again: str) -> Iterator[Progress | None]:
    """Show progress on stderr while a study runs; a stop or failed runs say how to go on, as in `goes_on`."""
    from sim.report.progress import shown

    with goes_on(again), shown(len(study.scenarios) * study.replications, quiet) as tell:
        yield tell


def say_what_would_run(study: Study, folder: Path, workers: int | None) -> None:
    """Say how many runs there are, how many are finished, and what the rest takes; one is tried if none is finished.

    Parameters
    ----------
    folder : of the run store.
    """
    from sim.parallel import processes
    from sim.report.progress import in_minutes
    from sim.store import Store
    from sim.study import work_of

    study, store, cores = study.opened(), Store(folder), processes(workers)
    work = work_of(study, store, to_run=False)
    keys, missing = {unit.key for unit in work.units}, {unit.key for unit in work.missing()}
    typer.echo(f"{len(keys)} runs: {len(study.scenarios)} scenarios by {study.replications} replications")
    typer.echo(f"{len(keys) - len(missing)} finished, {len(missing)} to do in {folder}")
    finished = sorted(keys - missing)
    seconds, size = _measured(store, finished) if finished else _tried(study, next(work.tasks(lambda: cores)))
    left = in_minutes(len(missing) * seconds / min(cores, max(1, len(missing))))
    typer.echo(f"one run took {seconds:.1f} seconds; with {cores} worker(s) about {left}")
    typer.echo(f"about {len(missing) * size / BYTES_IN_MEGABYTE:.0f} MB of disk")


def _measured(store: Store, keys: list[str]) -> tuple[float, float]:
    """Return seconds and bytes of a finished unit, on average."""
    notes = [store.note(key) for key in keys]
    bytes_of = [sum(file["bytes"] for file in note["files"].values()) for note in notes]
    return sum(note["seconds"] for note in notes) / len(notes), sum(bytes_of) / len(notes)


def _tried(study: Study, task: list[Unit]) -> tuple[float, float]:
    """Return seconds and bytes of a unit, on average over the first of a task, which are run and not kept.

    Two units share their run-in as those of the task do. Units that fail are told, and left out.
    """
    from sim.replicate import run_together

    units = task[:MOST_TRIED]
    outcomes = run_together(units, [study.cases.of(unit.scenario, unit.replication).packed for unit in units])
    for one in outcomes:
        if one.error:
            typer.echo(f"Tried, and failed: {one.unit.label}: {one.error.strip().splitlines()[-1]}", err=True)
    ran = [one for one in outcomes if not one.error]
    if not ran:
        raise typer.Exit(FAILED)
    bytes_of = sum(len(content) for one in ran for content in one.tables.values())
    return sum(one.seconds for one in ran) / len(ran), bytes_of / len(ran)


def _inputs(study: Study, county: str | None) -> dict[str, str]:
    """Return the hash of every configuration file that the study was read from."""
    from sim.parameters.load import find_county
    from sim.study import inputs_of

    return inputs_of(find_county(county or study.scenarios[0].parameters.county.name))

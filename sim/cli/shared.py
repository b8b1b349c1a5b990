"""What commands have in common: messages and exit codes, the county and seed asked for, and running a study."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli.options import FAILED, STOPPED, UNUSABLE
from sim.parameters.problems import ConfigurationError, Problem

if TYPE_CHECKING:
    from sim.parameters.opening_roll import OpeningRoll
    from sim.parameters.schema import Parameters
    from sim.results import Results
    from sim.scenarios import Scenario
    from sim.study import Study

SHOWN_OF_HASH = 8


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn what may go wrong into a message on stderr and an exit code, without a traceback."""
    try:
        yield
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNUSABLE) from None
    except OSError as error:
        typer.echo(f"A file or folder cannot be read or written: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        raise typer.Exit(STOPPED) from None


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


def study_of(
    scenarios: tuple[Scenario, ...],
    seed: int | None,
    replications: int,
    roll: OpeningRoll | None = None,
    name: str = "",
) -> Study:
    """Return the study of scenarios, named after the last of them if nothing else is said."""
    from sim.study import Study

    try:
        return Study(name or scenarios[-1].name, scenarios, seed_or_default(seed), replications, opening_roll=roll)
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
    return Path("results") / f"{county}-{called or '-'.join(names)}-seed{study.seed}{roll}"


def run_shown(study: Study, folder: Path, workers: int | None, county: str | None, quiet: bool) -> Results:
    """Run the study with progress on stderr; a stop or failed runs say how to go on."""
    from sim.report.progress import shown
    from sim.study import StudyFailed, run_study

    again = f"The same command with --output {folder} goes on where this stopped."
    try:
        with shown(len(study.scenarios) * study.replications, quiet) as progress:
            return run_study(study, folder, workers, progress, _inputs(study, county))
    except KeyboardInterrupt:
        typer.echo(f"\nStopped; finished runs are kept. {again}", err=True)
        raise typer.Exit(STOPPED) from None
    except StudyFailed as error:
        typer.echo(f"{error}\n{again}", err=True)
        raise typer.Exit(FAILED) from None


def _inputs(study: Study, county: str | None) -> dict[str, str]:
    """Return the hash of every configuration file that the study was read from."""
    from sim.parameters.load import find_county
    from sim.store import file_hashes

    folder = find_county(county or study.scenarios[0].parameters.county.name)
    return {f"{folder.name}/{name}": found for name, found in file_hashes(folder).items()}

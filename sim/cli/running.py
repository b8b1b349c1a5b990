"""`pathways compare` and `pathways run`: scenarios against the baseline, or one scenario by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import (
    CountyName,
    Format,
    OpeningRollFile,
    Output,
    Quiet,
    Replications,
    ScenarioName,
    ScenarioNames,
    Seed,
    TableFormat,
    Workers,
)
from sim.cli.shared import county_named, folder_for, opening_roll_in, run_shown, study_of, told, unusable

if TYPE_CHECKING:
    from sim.results import Results
    from sim.study import Study

BYTES_IN_MEGABYTE = 1e6


def compare(
    county: CountyName = None,
    scenario: ScenarioNames = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Output = None,
    opening_roll: OpeningRollFile = None,
    table_format: Format = TableFormat.PARQUET,
    quiet: Quiet = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and how long it takes.")] = False,
) -> None:
    """Run the baseline and one or more scenarios with the same luck, and print what changes.

    With no options: the default county and scenario of configs/defaults.yaml, 30 replications each, on all cores.
    """
    with told():
        from sim.scenarios import baseline, defaults, load_scenario

        parameters = county_named(county)
        chosen = [load_scenario(name, parameters) for name in scenario or [defaults().scenario]]
        others = [one for one in chosen if one.name != "baseline"]
        if not others:
            raise unusable("--scenario", "only the baseline", "at least one other scenario")
        roll = opening_roll_in(opening_roll, parameters)
        number = replications or defaults().replications
        study = study_of((baseline(parameters), *others), seed, number, roll)
        folder = output or folder_for(study)
        if dry_run:
            _say_what_would_run(study, folder, workers)
            return
        results = run_shown(study, folder, workers, county, quiet)
        _copied(results, folder, table_format)
        _report(results, folder)


def run(
    county: CountyName = None,
    scenario: ScenarioName = "baseline",
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Output = None,
    opening_roll: OpeningRollFile = None,
    table_format: Format = TableFormat.PARQUET,
    quiet: Quiet = False,
) -> None:
    """Run one scenario and print its levels with intervals."""
    with told():
        from sim.report.tables import console, print_levels
        from sim.scenarios import defaults, load_scenario

        parameters = county_named(county)
        chosen = (load_scenario(scenario or "baseline", parameters),)
        number = replications or defaults().replications
        study = study_of(chosen, seed, number, opening_roll_in(opening_roll, parameters))
        folder = output or folder_for(study)
        results = run_shown(study, folder, workers, county, quiet)
        _copied(results, folder, table_format)
        out = console()
        print_levels(out, results)
        out.print(f"Results: {folder}", soft_wrap=True)


def _copied(results: Results, folder: Path, table_format: TableFormat) -> None:
    if table_format is TableFormat.CSV:
        results.write_csv(folder)


def _report(results: Results, folder: Path) -> None:
    from sim.report.figures import save_figures
    from sim.report.tables import console, print_comparison, write_differences

    out = console()
    print_comparison(out, results)
    write_differences(results, folder)
    figures = save_figures(results, folder / "figures")
    out.print(f"Results: {folder} (figures: {', '.join(path.name for path in figures)})", soft_wrap=True)


def _say_what_would_run(study: Study, folder: Path, workers: int | None) -> None:
    """Try one run, and say how many there are, how many are finished, and what the rest takes."""
    from sim.parameters.changes import fingerprint
    from sim.replicate import Unit, pack, run_unit
    from sim.report.progress import in_minutes
    from sim.store import Store, code_hash, unit_key

    study = study.opened()
    parameters, rows = study.scenarios[-1].parameters, study.opening_roll.rows if study.opening_roll else ()
    hashes = [fingerprint(one.parameters) for one in study.scenarios]
    numbers = range(study.replications)
    keys = {unit_key(found, study.seed, number, study.roll_hash).name for found in hashes for number in numbers}
    left = sum(not Store(folder).has(key) for key in keys)
    tried = run_unit(Unit("", study.scenarios[-1].name, study.seed, 0, False, code_hash()), pack(parameters, rows))
    size = sum(len(content) for content in tried.tables.values()) / BYTES_IN_MEGABYTE
    cores = workers or os.cpu_count() or 1
    typer.echo(f"{len(keys)} runs: {len(study.scenarios)} scenarios by {study.replications} replications")
    typer.echo(f"{len(keys) - left} finished, {left} to do in {folder}")
    needed = in_minutes(left * tried.seconds / cores)
    typer.echo(f"one run took {tried.seconds:.1f} seconds; with {cores} worker(s) about {needed}")
    typer.echo(f"about {left * size:.0f} MB of disk")

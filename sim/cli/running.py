"""`pathways compare` and `pathways run`: scenarios against the baseline, or one scenario by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import (
    Cluster,
    CountyName,
    DryRun,
    Format,
    OpeningRollFile,
    Output,
    Quiet,
    Replications,
    ScenarioName,
    ScenarioNames,
    Seed,
    StoreFolder,
    TableFormat,
    Uncertain,
    Workers,
)
from sim.cli.shared import (
    How,
    county_named,
    draws_in,
    folder_for,
    opening_roll_in,
    run_shown,
    say_what_would_run,
    seed_or_default,
    study_of,
    told,
    unusable,
)

if TYPE_CHECKING:
    from sim.results import Results


Misplaced = Annotated[list[str] | None, typer.Argument(hidden=True, metavar="--scenario NAME_OR_FILE")]
"""Scenarios given without --scenario, to tell how to give them."""


def compare(
    misplaced: Misplaced = None,
    county: CountyName = None,
    scenario: ScenarioNames = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Output = None,
    opening_roll: OpeningRollFile = None,
    table_format: Format = TableFormat.PARQUET,
    quiet: Quiet = False,
    dry_run: DryRun = False,
    store: StoreFolder = None,
    cluster: Cluster = "",
    uncertainty: Uncertain = None,
) -> None:
    """Run the baseline and one or more scenarios with the same luck, and print what changes.

    With no options: the default county and scenario of configs/defaults.yaml, 30 replications each, on all cores.
    """
    with told():
        from sim.scenarios import baseline, defaults, load_scenario

        if misplaced:
            again = " ".join(f"--scenario {name}" for name in misplaced)
            raise unusable("arguments", " ".join(misplaced), f"a scenario as an option: pathways compare {again}")
        parameters = county_named(county)
        chosen = [load_scenario(name, parameters) for name in scenario or [defaults().scenario]]
        others = [one for one in chosen if one.name != "baseline"]
        if not others:
            raise unusable("--scenario", "only the baseline", "at least one other scenario")
        roll = opening_roll_in(opening_roll, parameters)
        number, luck = replications or defaults().replications, seed_or_default(seed)
        draws = draws_in(county, parameters, uncertainty, luck)
        study = study_of((baseline(parameters), *others), luck, number, roll, draws=draws)
        folder = output or folder_for(study)
        if dry_run:
            say_what_would_run(study, store or folder, workers)
            return
        results = run_shown(study, folder, How(workers, quiet, store, cluster), county)
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
    uncertainty: Uncertain = None,
) -> None:
    """Run one scenario and print its levels with intervals."""
    with told():
        from sim.report.tables import console, print_levels
        from sim.scenarios import defaults, load_scenario

        parameters = county_named(county)
        chosen = (load_scenario(scenario or "baseline", parameters),)
        number, luck = replications or defaults().replications, seed_or_default(seed)
        draws = draws_in(county, parameters, uncertainty, luck)
        study = study_of(chosen, luck, number, opening_roll_in(opening_roll, parameters), draws=draws)
        folder = output or folder_for(study)
        results = run_shown(study, folder, How(workers, quiet), county)
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

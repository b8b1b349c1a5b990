"""`pathways allocate`: the best split of a grant over levers, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Cluster, CountyName, DryRun, Quiet, Seed, StoreFolder, Uncertain, Workers
from sim.cli.shared import folder_for, going_on, say_what_would_run, told
from sim.cli.studying import SHARED_STORE


def allocate(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Allocation file; a bare name is looked for in experiments/allocations/."),
    ],
    county: CountyName = None,
    seed: Seed = None,
    workers: Workers = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="DIR", help="Results folder; if not given, results/<county>-<file>-seed<seed>."
        ),
    ] = None,
    store: StoreFolder = None,
    cluster: Cluster = "",
    dry_run: DryRun = False,
    quiet: Quiet = False,
    uncertainty: Uncertain = None,
) -> None:
    """Search for the best split of a grant over levers; stopped or killed, the same command goes on where it was."""
    with told():
        from sim.report.allocation_words import allocation_in_words, splits_in_words, write_allocation
        from sim.search import first_study, load_allocation, search

        found = load_allocation(file, county, seed, uncertainty)
        begun, kept = first_study(found), store or SHARED_STORE
        if dry_run:
            typer.echo(f"{splits_in_words(found)}\n\nThe first {begun.replications} replications of each:")
            say_what_would_run(begun, kept, workers)
            return
        folder = output or folder_for(begun, found.name)
        with going_on(begun, quiet, "The same command") as tell:
            searched = search(found, folder, workers, tell, kept, cluster)
        write_allocation(searched, folder)
        typer.echo(f"{allocation_in_words(searched)}\nResults: {folder}")

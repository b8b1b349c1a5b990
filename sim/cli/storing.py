"""`pathways store list | verify | prune`: what is in a run store, whether it is whole, and clearing it up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import FAILED
from sim.cli.shared import BYTES_IN_MEGABYTE, told, unusable
from sim.cli.studying import SHARED_STORE

if TYPE_CHECKING:
    from sim.store import Store

MOST_LISTED = 20

store = typer.Typer(name="store", no_args_is_help=True, help="Look after a run store.")

Folder = Annotated[Path, typer.Option("--store", metavar="DIR", help="Run store, or a results folder with one.")]


@store.command("list")
def list_units(folder: Folder = SHARED_STORE) -> None:
    """List the finished runs by scenario, seed and version of the code."""
    with told():
        from sim.report.plain_table import plain_table
        from sim.store_care import contents

        kept = _store(folder)
        groups = contents(kept)
        rows = [
            (
                f"{group.scenario} {group.parameters[:8]}",
                str(group.seed),
                str(len(group.replications)),
                f"{group.size / BYTES_IN_MEGABYTE:.1f}",
                f"{group.seconds / max(1, len(group.replications)):.1f}",
                group.code[:8] if group.is_current else f"{group.code[:8]} (other)",
            )
            for group in groups
        ]
        heads = ("seed", "runs", "MB", "seconds\na run", "code")
        typer.echo(plain_table(heads, rows, 100))
        size = sum(group.size for group in groups) / BYTES_IN_MEGABYTE
        laid = f", {len(kept.laid_aside())} damaged and laid aside" if kept.laid_aside() else ""
        rest = f"{len(kept.failures())} failed, {len(kept.drafts())} drafts{laid}"
        typer.echo(f"{_runs(kept)}, {size:.1f} MB; {rest} in {folder}")
        if any(not group.is_current for group in groups):
            typer.echo("Runs of other code or packages are never used; pathways store prune removes them.")


@store.command()
def verify(
    folder: Folder = SHARED_STORE,
    rerun: Annotated[int, typer.Option("--rerun", min=0, help="Run so many again, and compare byte for byte.")] = 0,
    remove: Annotated[bool, typer.Option("--remove", help="Remove damaged runs; studies run them again.")] = False,
) -> None:
    """Check every file against its hash; with --rerun, also that runs come out the same again."""
    with told():
        from sim.store_care import damaged
        from sim.store_care import rerun as run_again

        kept = _store(folder)
        wrong = damaged(kept)
        for name, said in wrong.items():
            typer.echo(f"{name}: {'; '.join(said)}")
        typer.echo(f"{_runs(kept)} checked; {len(wrong)} damaged{' and removed' if wrong and remove else ''}")
        for name in wrong if remove else ():
            kept.remove(kept.folder / name)
        again = dict(run_again(kept, rerun)) if rerun else {}
        for key, difference in again.items():
            typer.echo(f"{key}: {difference or 'the same, byte for byte'}")
        if rerun and len(again) < rerun:
            typer.echo(f"only {len(again)} can be run again: by this code, with parameters kept, without opening roll")
        if (wrong and not remove) or any(again.values()):
            raise typer.Exit(FAILED)


@store.command()
def prune(
    folder: Folder = SHARED_STORE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it.")] = False,
) -> None:
    """Remove old drafts, records of failures, damaged runs, and runs that other code or packages made."""
    with told():
        from sim.store_care import throw_away, waste

        kept = _store(folder)
        found = waste(kept)
        for thing in found[:MOST_LISTED]:
            typer.echo(f"{thing.path.relative_to(folder)}: {thing.why}")
        if len(found) > MOST_LISTED:
            typer.echo(f"... and {len(found) - MOST_LISTED} more")
        if not found or dry_run:
            typer.echo(f"{len(found)} to remove")
        elif yes:
            throw_away(kept, found)
            typer.echo(f"{len(found)} removed")
        else:
            raise unusable("prune", f"{len(found)} to remove, which cannot be undone", "--yes to remove, or --dry-run")


def _runs(kept: Store) -> str:
    """Return in words how many runs are finished, and how many of them have their recorded facts kept."""
    from sim.store import WITH_FACTS

    folders = [unit.name for unit in kept.folders()]
    facts = sum(name.endswith(WITH_FACTS) for name in folders)
    return f"{len(folders) - facts} runs ({facts} of them with recorded facts)"


def _store(folder: Path) -> Store:
    from sim.store import UNITS_FOLDER, Store

    if not (folder / UNITS_FOLDER).is_dir():
        raise unusable(
            "--store", f"{folder}, which holds no runs", "a run store, or a results folder of pathways compare"
        )
    return Store(folder)

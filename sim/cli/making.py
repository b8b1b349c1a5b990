"""`pathways new`: commented files to start from."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.shared import told, unusable

new = typer.Typer(name="new", no_args_is_help=True, help="Write a commented file to start from, in this folder.")


@new.command("scenario")
def new_scenario(name: Annotated[str, typer.Argument(help="Name of the scenario, and of its file.")]) -> None:
    """Write NAME.yaml with every key of a scenario explained; it can be used as it is, and changes nothing."""
    with told():
        from sim.scenarios import list_scenarios, scenario_skeleton

        file = _new_file(name, list_scenarios())
        file.write_text(scenario_skeleton(name), encoding="utf-8", newline="\n")
        typer.echo(f"Written: {file}. Next: pathways check {file}")


@new.command("lever")
def new_lever(name: Annotated[str, typer.Argument(help="Name of the lever, and of its file.")]) -> None:
    """Write NAME.yaml with every key of a lever explained; it is valid, and changes nothing until filled in."""
    with told():
        from sim.levers.catalogue import levers
        from sim.parameters.load import config_folders
        from sim.scenarios import skeleton

        file = _new_file(name, levers())
        file.write_text(skeleton("lever", name), encoding="utf-8", newline="\n")
        typer.echo(f"Written: {file}. Next: pathways levers {file}")
        typer.echo(f"For use in scenarios, put it into {config_folders()[-1] / 'levers'}")


def _new_file(name: str, taken: Collection[str]) -> Path:
    """Return the file of that name in this folder; ConfigurationError when the name cannot be used or is taken."""
    from sim.scenarios import FILE_NAME

    file = Path(f"{name}.yaml")
    if not re.fullmatch(FILE_NAME, name):
        raise unusable("NAME", repr(name), "letters, digits, '_', '-' and '.', the first a letter or digit")
    if name in taken or file.exists():
        raise unusable("NAME", f"{name}, which there is already", f"a new name; taken are {', '.join(taken)}")
    return file

"""`pathways doctor`: what the program finds on this machine."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import typer

DISTRIBUTION = "pupil-pathways"


def doctor() -> None:
    """Say which versions, cores, memory and folders the program finds, and which extras are installed."""
    from platform import platform, python_version

    typer.echo(f"{DISTRIBUTION} {_version(DISTRIBUTION)}, Python {python_version()}, {platform()}")
    typer.echo(f"cores: {os.cpu_count()}; output encoding: {sys.stdout.encoding}")
    typer.echo(f"results can be written here: {'yes' if os.access(Path.cwd(), os.W_OK) else 'no'} ({Path.cwd()})")
    for extra, packages in _requirements().items():
        typer.echo(f"{f'extra {extra}' if extra else 'needed'}:")
        for name in packages:
            typer.echo(f"  {name:<18}{_version(name)}")


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _requirements() -> dict[str, list[str]]:
    """Return the packages that the installed distribution asks for, by extra ('' for those always needed)."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    for line in lines:
        name = re.split(r"[^A-Za-z0-9_.-]", line)[0]
        extra = re.search(r"extra == ['\"]([^'\"]+)", line)
        found.setdefault(extra[1] if extra else "", []).append(name)
    return found

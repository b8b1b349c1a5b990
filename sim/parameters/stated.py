"""YAML files that planners write, while they are read: found by name, with every problem told at its line and key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, suggestions
from sim.parameters.small_files import place


def find_stated(name_or_path: str | Path, folder: Path, kind: str) -> Path:
    """Return the path of a file; a bare name is looked for in a folder of such files.

    Parameters
    ----------
    kind : what messages call such a file.

    Raises ConfigurationError that lists those there are.
    """
    path = Path(name_or_path)
    found = next((file for file in (path, folder / f"{path}.yaml", folder / path) if file.is_file()), None)
    if found is None:
        name, known = str(name_or_path), stated_in(folder)
        fix = did_you_mean(name, known, "correct the name or path")
        allowed = f"{suggestions(name, known)}, or the path of a YAML file"
        raise ConfigurationError(Problem(name, "", f"no such {kind} file", allowed, fix))
    return found


def stated_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(file.stem for file in folder.glob("*.yaml"))


class StatedFile:
    """A file while it is read: how to name a place in it.

    Attributes
    ----------
    lines : the line of each path in the file.
    """

    def __init__(self, path: Path, lines: Mapping[tuple[str, ...], int]) -> None:
        self.path, self.lines = path, lines

    def where(self, *path: str) -> str:
        """Return the words for a place in the file."""
        return place(self.lines, path, self.path)

    def problem(self, path: Sequence[str], found: str, allowed: str, fix: str) -> Problem:
        """Return a problem of a place in the file; of the file as a whole without a path."""
        return Problem(str(self.path), self.where(*path) if path else "", found, allowed, fix)

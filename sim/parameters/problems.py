"""What is wrong with a configuration, said so that its author can mend it. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MOST_SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One thing wrong: file, where in it (row, key or column), what was found, what is allowed, the fix."""

    file: str
    where: str
    found: str
    allowed: str = ""
    fix: str = ""

    def __str__(self) -> str:
        """Return the problem as a few lines of plain text."""
        parts = [("found", self.found), ("allowed", self.allowed), ("fix", self.fix)]
        body = [f"   {name + ':':<9}{text}" for name, text in parts if text]
        return "\n".join([f"{self.file}, {self.where}" if self.where else self.file, *body])


class ConfigurationError(Exception):
    """A configuration that cannot be used; `problems` holds everything that was found wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """Return a plain-text message in ASCII: every problem up to a limit, and how many there are."""
        count = len(self.problems)
        head = "1 problem in the configuration" if count == 1 else f"{count} problems in the configuration"
        shown = [f"{number}. {problem}" for number, problem in enumerate(self.problems[:MOST_SHOWN], start=1)]
        rest = [f"... and {count - MOST_SHOWN} more"] if count > MOST_SHOWN else []
        text = "\n".join([f"{head}:", *shown, *rest])
        return text.encode("ascii", "backslashreplace").decode("ascii")

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback: the message, as at the command line."""
        return [str(self)]


def raise_if_any(problems: Sequence[Problem]) -> None:
    """Raise ConfigurationError when there are problems; each is listed once."""
    if problems:
        raise ConfigurationError(*dict.fromkeys(problems))


Path = tuple[str, ...]
"""Steps through the parameters, such as ("rates", "suspension_primary", "value")."""


@dataclass(frozen=True)
class Finding:
    """A problem told in terms of the parameters; `Origins` turns it into one told in terms of files.

    `rows` are the paths of the rows concerned, most important first; `column` is one of their columns or "".
    """

    rows: tuple[Path, ...]
    found: str
    allowed: str = ""
    fix: str = ""
    column: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a row was read: file, line (0 when unknown) and the name by which its author knows it."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        """Return for example 'line 12 (row suspension_primary)'."""
        return f"line {self.line} ({self.name})" if self.line else self.name


def suggestions(word: str, known: Iterable[str]) -> str:
    """Return the names in `known`, those most like `word` first, as text; long lists are cut."""
    names = list(dict.fromkeys(known))
    near = get_close_matches(word, names, n=3, cutoff=0.5)
    ordered = near + [name for name in names if name not in near]
    more = f", ... ({len(ordered)} in all)" if len(ordered) > MOST_SHOWN else ""
    return (", ".join(ordered[:MOST_SHOWN]) + more) or "nothing"


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return a fix that offers the nearest known name, or `otherwise` when none is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else otherwise

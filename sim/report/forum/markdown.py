"""Markdown for pandoc: text from data in which nothing is markup, numbered paragraphs, and tables with a caption."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from markupsafe import Markup

MOST_LETTERS = 160
"""Names and titles longer than this are cut, with an ellipsis."""

SYMBOLS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~^$@'\":=&])")


def plain(text: object, most: int = 0) -> str:
    """Return text on one line, without control characters, cut to `most` letters if that is not 0."""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") else letter for letter in str(text))
    line = " ".join(kept.split())
    return f"{line[: most - 1].rstrip()}…" if 0 < most < len(line) else line


def escaped(text: object) -> Markup:
    """Return text in which pandoc finds no markup, on one line."""
    return Markup(SYMBOLS.sub(r"\\\1", plain(text)))


def joined(parts: Sequence[str], by: str = " ") -> Markup:
    """Return parts of Markdown put together; each is escaped unless it is Markdown already."""
    return Markup(by.join(part if isinstance(part, Markup) else escaped(part) for part in parts))


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Markup:
    """Return a pipe table.

    Parameters
    ----------
    widths : of the columns, relative to each other; the first column is aligned left, the others right.
    """
    bars = ["-" * (widths[0] * 2), *(f"{'-' * (width * 2 - 1)}:" for width in widths[1:])]
    lines = [_row(heads), f"|{'|'.join(bars)}|", *(_row(row) for row in rows)]
    return Markup("\n".join([*lines, "", f": {escaped(caption)}", ""]))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


class Numbering:
    """Numbers sections and the paragraphs in them: 1, 1.1, 1.2, 2, 2.1."""

    def __init__(self) -> None:
        self._section = self._paragraph = self._table = self._figure = 0

    def section(self, title: str) -> Markup:
        """Return the heading of the next section."""
        self._section, self._paragraph = self._section + 1, 0
        return Markup(f"# {self._section}. {escaped(title)}\n")

    def paragraph(self) -> Markup:
        """Return the number of the next paragraph."""
        self._paragraph += 1
        return Markup(f"{self._section}.{self._paragraph}")

    def table(self) -> str:
        """Return 'Table' with the next number."""
        self._table += 1
        return f"Table {self._table}"

    def figure(self) -> str:
        """Return 'Figure' with the next number."""
        self._figure += 1
        return f"Figure {self._figure}"

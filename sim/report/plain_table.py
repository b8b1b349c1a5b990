"""Tables as plain text, which every terminal, editor and mail shows alike."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 80
GAP = 2
NARROWEST = 16
"""The first column is never narrower than this, even if the table then grows beyond WIDTH."""


def plain_table(heads: Sequence[str], rows: Iterable[str | Sequence[str]], width: int = WIDTH) -> str:
    """Return a table: text in the first column, which is wrapped, and figures in the others, to the right.

    Parameters
    ----------
    heads : heading of each column but the first; a line feed breaks it.
    rows : cells, those after the first as many as heads; or text that runs across all columns.
    """
    given = list(rows)
    cells = [row for row in given if not isinstance(row, str)]
    columns = [
        max(len(part) for row in (head.split("\n"), *([row[i]] for row in cells)) for part in row)
        for i, head in enumerate(heads, start=1)
    ]
    first = max(width - sum(size + GAP for size in columns), NARROWEST)
    whole = first + sum(size + GAP for size in columns)
    lines = [*_heading(heads, first, columns), "-" * whole]
    for row in given:
        lines += (textwrap.wrap(row, whole) or [""]) if isinstance(row, str) else _row(row, first, columns)
    return "\n".join(line.rstrip() for line in lines)


def _heading(heads: Sequence[str], first: int, columns: Sequence[int]) -> list[str]:
    parts = [head.split("\n") for head in heads]
    height = max(map(len, parts), default=0)
    padded = [[""] * (height - len(part)) + part for part in parts]
    return [_line("", [part[i] for part in padded], first, columns) for i in range(height)]


def _row(row: Sequence[str], first: int, columns: Sequence[int]) -> list[str]:
    indent = " " * (len(row[0]) - len(row[0].lstrip()))
    wrapped = textwrap.wrap(row[0], first, subsequent_indent=f"{indent}  ") or [""]
    return [_line(wrapped[0], row[1:], first, columns), *wrapped[1:]]


def _line(text: str, figures: Sequence[str], first: int, columns: Sequence[int]) -> str:
    right = (figure.rjust(size + GAP) for figure, size in zip(figures, columns, strict=True))
    return text.ljust(first) + "".join(right)

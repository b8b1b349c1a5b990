"""Tables, figures and links in Markdown, the same on every page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from sim.parameters.schema import Source

WIDTH = 120
ITEM = "- "
AS_THEY_ARE = "#|!"
"""Marks with which headings, tables and pictures begin."""

NO_RANGE = "none"


def table_row(cells: Iterable[str]) -> str:
    """Return a row of a table; line breaks become spaces, and a bar, which would end the cell, a stroke."""
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in cells)} |"


def table_lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table with an empty line before it; nothing without rows.

    Columns in which no row says anything are left out.
    """
    given = [tuple(cells) for cells in rows]
    shown = [place for place in range(len(heads)) if any(cells[place].strip() for cells in given)]
    if given:
        yield from ("", table_row(heads[place] for place in shown), f"|{'---|' * len(shown)}")
        yield from (table_row(cells[place] for place in shown) for cells in given)


def wrapped(text: str) -> list[str]:
    """Return a paragraph in lines of the width of the pages."""
    return textwrap.wrap(" ".join(text.split()), WIDTH - len(ITEM), break_long_words=False, break_on_hyphens=False)


def reflowed(text: str) -> str:
    """Return a page with its paragraphs and list items in lines of the width of the pages, and the rest as it is."""
    return "\n\n".join(map(_reflowed, text.strip().split("\n\n"))) + "\n"


def _reflowed(block: str) -> str:
    if block[0] in AS_THEY_ARE:
        return block
    if not block.startswith(ITEM):
        return "\n".join(wrapped(block))
    items = f"\n{block}".split(f"\n{ITEM}")[1:]
    return "\n".join(ITEM + "\n  ".join(wrapped(item)) for item in items)


def figure(value: float) -> str:
    """Return a figure with thousands commas and no more digits than it has."""
    return f"{value:,.10g}"


def extent(low: float, high: float) -> str:
    """Return a range, or that there is none."""
    return NO_RANGE if low == high else f"{figure(low)} to {figure(high)}"


def titled(source: Source) -> str:
    """Return the title of a source, linked if it has an address."""
    return f"[{source.title}]({source.url})" if source.url else source.title


def in_full(day: date) -> str:
    """Return a date such as 1 September 2019."""
    return f"{day.day} {day:%B %Y}"

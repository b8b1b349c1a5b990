"""Small pieces of HTML for notebooks, with every text escaped, and of plain text. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

CELL = "text-align:left;vertical-align:top"
MOST_LISTED = 5


def element(tag: str, text: object, style: str = "") -> str:
    """Return an element that holds a text, which is escaped."""
    return (
        f'<{tag} style="{escape(style)}">{escape(str(text))}</{tag}>'
        if style
        else f"<{tag}>{escape(str(text))}</{tag}>"
    )


def table(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with a row of headings; cells are texts, which are escaped."""
    top = "".join(element("th", head, CELL) for head in heads)
    body = "".join(f"<tr>{''.join(element('td', cell, CELL) for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def block(*parts: str) -> str:
    """Return pieces of HTML in one block, the empty ones left out."""
    return f"<div>{''.join(part for part in parts if part)}</div>"


def brief(kind: str, name: str, *parts: str) -> str:
    """Return one line that stands for an object in a Python session; parts without text are left out."""
    said = "; ".join(part for part in parts if part)
    return f"<{kind} {name}: {said}>" if said else f"<{kind} {name}>"


def listed(names: Iterable[str], most: int = MOST_LISTED) -> str:
    """Return names with commas; of more than `most` the first ones, and how many more there are."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def counted(number: int, what: str) -> str:
    """Return a number with its noun, which takes an s but for one."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"

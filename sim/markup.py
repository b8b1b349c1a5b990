"""Small pieces of HTML for notebooks; every text is escaped. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

CELL = "text-align:left;vertical-align:top"


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

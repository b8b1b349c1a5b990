"""Makes Markdown of the project's docstrings, whose sections name a parameter and say what it is on one line."""

from __future__ import annotations

import re
from typing import Any

import griffe

HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
ITEM = re.compile(r"^(\*{0,2}\w[\w*, ]*) : (.*)$", re.MULTILINE)
EXAMPLE = re.compile(r"::\n\n")


class ProjectDocstrings(griffe.Extension):
    """Rewrites each docstring as it is read."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Turn headings of sections into bold words, and named items into a list."""
        if obj.docstring:
            obj.docstring.value = in_markdown(obj.docstring.value)


def in_markdown(text: str) -> str:
    """Return a docstring as Markdown; the text of an item may go on in indented lines."""
    parts = HEADING.split(text)
    made = [EXAMPLE.sub(":\n\n", parts[0])]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        made.append(f"\n**{heading}**\n\n{ITEM.sub(_item, body.strip(chr(10)))}\n")
    return "".join(made)


def _item(found: re.Match[str]) -> str:
    names = ", ".join(f"`{name.strip()}`" for name in found[1].split(","))
    return f"- {names}: {found[2]}"

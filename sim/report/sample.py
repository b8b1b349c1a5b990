"""The sample of printed results in a document, between two marks: put there as it was printed."""

from __future__ import annotations

import re

FROM, TO = "<!-- sample -->", "<!-- /sample -->"
_BETWEEN = re.compile(f"(?<={FROM}\n).*?(?={TO})", re.DOTALL)


def with_sample(document: str, printed: str) -> str:
    """Return a document with what a command printed in place of its old sample; trailing spaces are left out.

    Raises ValueError when the document has no place for a sample.
    """
    lines = "\n".join(line.rstrip() for line in printed.strip("\n").split("\n"))
    if not _BETWEEN.search(document):
        raise ValueError(f"no {FROM} followed by {TO}")
    return _BETWEEN.sub(lambda _: f"```\n{lines}\n```\n\n", document, count=1)

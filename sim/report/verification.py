"""The verification page: what theory says, what was simulated, and the tests that hold the laws of the model.

It is made from the results of the tests, which `pytest --claims=FILE` writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

FOLDERS = {
    "tests/theory": "Theory",
    "tests/properties": "Laws",
    "tests/stories": "Stories of single pupils",
}
"""Folders of tests that the page lists, with their headings."""

COMMAND = (
    'python -m pytest -m "slow or not slow" ' + " ".join(FOLDERS) + " --claims=docs/verification.json && pathways docs"
)
DIGITS = 5


def verification_in_markdown(found: Mapping[str, Any]) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    found : what `pytest --claims=FILE` wrote: `false_alarm`, `level`, `claims` (one row each: part, what, exact,
        estimate, low, high, limit, basis, command, half_width_95) and `tests` (names of tests that passed).
    """
    claims = sorted(found["claims"], key=lambda claim: (claim["part"], claim["what"]))
    parts = [*_opening(found, claims)]
    for part, rows in groupby(claims, key=lambda claim: str(claim["part"])):
        parts += ["", f"### {part}", "", *_table(list(rows))]
    for folder, heading in FOLDERS.items():
        parts += ["", f"## {heading}: the tests in `{folder}`", "", *_tests(found["tests"], folder)]
    return "\n".join(parts) + "\n"


def _opening(found: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> list[str]:
    held = sum(_holds(claim) for claim in claims)
    return [
        "# Verification",
        "",
        "Does the simulation compute what it claims? This page is written from the results of the tests by",
        "",
        "```bash",
        COMMAND,
        "```",
        "",
        "It says nothing about whether the parameters are right.",
        "",
        "## Exact answers",
        "",
        f"{held} of {len(claims)} claims hold. The interval of each is that of the mean of independent samples, at the",
        f"level of {found['level']:.2%}: were the model exact, the chance of any failure on this page would be at most",
        f"{found['false_alarm']:.0%}. It must cover the exact value and, unless the quantity is said to be rare, its",
        "half-width may be no larger than the share of the value in the column *allowed*. A row about a whole table is",
        "the largest standardised distance among its cells; its interval is as wide as that distance may be. Seeds are",
        "fixed and are not changed to make a row hold. *Alone* is the half-width of the 95% interval of that quantity",
        "by itself.",
    ]


def _holds(claim: Mapping[str, Any]) -> bool:
    covers = bool(claim["low"] <= claim["exact"] <= claim["high"])
    return covers and (claim["limit"] is None or _relative(claim) <= claim["limit"])


def _relative(claim: Mapping[str, Any]) -> float:
    half = (claim["high"] - claim["low"]) / 2.0
    return float(half / abs(claim["exact"])) if claim["exact"] else float("inf")


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| quantity | exact | simulated | interval | half-width | allowed | alone, 95% | holds | from |"
    yield "|---|---:|---:|---:|---:|---:|---:|---|---|"
    for row in rows:
        relative = f"{_relative(row):.2%}" if row["exact"] else ""
        allowed = "" if row["limit"] is None else f"{row['limit']:.1%}"
        interval = f"{_number(row['low'])} to {_number(row['high'])}"
        holds = "yes" if _holds(row) else "**no**"
        alone = row["half_width_95"]
        usual = f"{alone / abs(row['exact']):.2%}" if alone is not None and row["exact"] else ""
        figures = [_number(row["exact"]), _number(row["estimate"]), interval, relative, allowed, usual]
        yield f"| {' | '.join([row['what'], *figures, holds, row['basis']])} |"
    yield ""
    yield "To repeat:"
    yield ""
    yield "```bash"
    yield from sorted({str(row["command"]) for row in rows})
    yield "```"


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}"


def _tests(names: Sequence[str], folder: str) -> Iterator[str]:
    """Yield the sentences of the tests of a folder by file, with the number of cases of each."""
    mine = sorted(name for name in names if name.startswith(f"{folder}/"))
    for file, tests in groupby(mine, key=lambda name: name.partition("::")[0]):
        yield f"- `{file.removeprefix(f'{folder}/')}`"
        for sentence, cases in sorted(Counter(_sentence(test) for test in tests).items()):
            yield f"  - {sentence}" + (f" ({cases} cases)" if cases > 1 else "")


def _sentence(test: str) -> str:
    """Return the name of a test as a sentence: 'x.py::test_it_rains[1]' gives 'It rains'."""
    name = test.partition("[")[0].rpartition("::")[2]
    words = name.removeprefix("test_").replace("_", " ")
    return words[:1].upper() + words[1:]

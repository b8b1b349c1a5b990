"""`python -m tests.benchmarks [--quick] [--only PART ...] [--output FILE]`: measure, and print or write the page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

from tests.benchmarks import batch, contenders, county, luck
from tests.benchmarks.page import page

SECTIONS = {
    "contenders": contenders.section,
    "county": county.section,
    "batch": batch.section,
    "luck": luck.section,
}


def main(given: list[str] | None = None) -> None:
    """Run the parts asked for."""
    arguments = list(sys.argv[1:] if given is None else given)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="parts to measure")
    parser.add_argument("--quick", action="store_true", help="small sizes and few repeats, to see that it works")
    parser.add_argument("--output", type=Path, help="file for the page, such as docs/performance.md")
    asked = parser.parse_args(arguments)
    began, parts = perf_counter(), []
    for name in asked.only:
        parts.append(SECTIONS[name](asked.quick, lambda words: _say(perf_counter() - began, words)))
    text = page(parts, arguments, (perf_counter() - began) / 60.0)
    if asked.output is None:
        print(text)
    else:
        asked.output.write_text(text, encoding="utf-8", newline="\n")
        _say(perf_counter() - began, f"wrote {asked.output}")


def _say(seconds: float, words: str) -> None:
    print(f"{seconds:7.1f} s  {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

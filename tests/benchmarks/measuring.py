"""Measuring in a process of one's own, contenders in turns, and what is made of repeats.

`python -m tests.benchmarks.measuring MODULE:FUNCTION JSON` is what the benchmark starts for each measurement: it calls
the function with the arguments in the JSON, and prints what it returns as JSON.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
WIDTH = 118
Say = Callable[[str], None]


class Clock(NamedTuple):
    """Seconds on the wall and of processor time of this process, with any child processes that have ended."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Clock:
        """Read both clocks."""
        children = os.times()
        return cls(perf_counter(), process_time() + children.children_user + children.children_system)

    def since(self, before: Clock) -> dict[str, float]:
        """Return the seconds since an earlier reading."""
        return {"wall": self.wall - before.wall, "cpu": self.cpu - before.cpu}


def peak_memory() -> float:
    """Return the largest memory this process has had, in MB (resident)."""
    import resource  # not on Windows

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024.0 if sys.platform != "darwin" else most / 1024.0**2


def timed(run: Callable[[], Any], collects: bool = False) -> tuple[Any, dict[str, float]]:
    """Return what `run` returns, and its seconds; with Python's collector of garbage off unless `collects`."""
    gc.collect()
    if not collects:
        gc.disable()
    before, memory = Clock.now(), peak_memory()
    try:
        made = run()
        return made, {**Clock.now().since(before), "memory": peak_memory() - memory}
    finally:
        gc.enable()


def in_own_process(call: str, **arguments: Any) -> dict[str, Any]:
    """Return what a function ('module:function', in this package) returns when it is called in a fresh process."""
    command = [sys.executable, "-m", "tests.benchmarks.measuring", call, json.dumps(arguments)]
    ended = subprocess.run(
        command, cwd=ROOT, env=os.environ | ONE_THREAD, stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def in_turns(
    names: Sequence[str], repeats: int, measure: Callable[[str, int], dict[str, Any]], say: Say
) -> dict[str, list[dict[str, Any]]]:
    """Measure each contender once in every repeat, beginning with another one each time."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for repeat in range(repeats):
        start = repeat % len(names)
        for name in (*names[start:], *names[:start]):
            found[name].append(measure(name, repeat))
            say(f"{name}, repeat {repeat + 1} of {repeats}: {found[name][-1]['cpu']:.3f} s")
    return found


def middle(measured: Iterable[Mapping[str, Any]], what: str = "cpu") -> float:
    """Return the median of a figure over repeats."""
    return float(median(one[what] for one in measured))


class Ratio(NamedTuple):
    """How many times as long one takes as the other: the median over repeats, and the range of repeats."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]], what: str = "cpu") -> Ratio:
        """Return the ratio within each repeat, so that a machine that slows down for both is no matter."""
        ratios = [a[what] / b[what] for a, b in zip(one, other, strict=True)]
        return cls(float(median(ratios)), min(ratios), max(ratios))

    def __str__(self) -> str:
        """Return it with two digits."""
        return f"{short(self.middle)} ({short(self.least)} to {short(self.most)})"


def short(value: float) -> str:
    """Return a figure with as many digits as its size deserves."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def paragraph(*sentences: str) -> list[str]:
    """Return the lines of a paragraph, and the blank line after it."""
    return [*textwrap.wrap(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False), ""]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table, text in its first column and figures in the others."""
    lines = (f"| {' | '.join(row)} |" for row in rows)
    return ["", f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1), *lines, ""]


def verdict(value: float, limit: float, is_most: bool = True) -> str:
    """Return in words whether a goal is met."""
    met = value <= limit if is_most else value >= limit
    words = "at most" if is_most else "at least"
    return f"{'met' if met else '**not met**'} ({words} {limit:g})"


def main() -> None:
    """Call the function named on the command line, and print what it returns."""
    module, function = sys.argv[1].split(":")
    called = getattr(importlib.import_module(f"tests.benchmarks.{module}"), function)
    print(json.dumps(called(**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()

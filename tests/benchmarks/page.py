"""The page: what was measured, on which machine, with which versions, and how to do it again."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.store import code_hash, git_state

COMMAND = "python -m tests.benchmarks"
PACKAGES = ("simpy", "numpy", "pandas", "pyarrow", "joblib", "ciw", "salabim", "greenlet", "numba")


def page(sections: Sequence[Sequence[str]], arguments: Sequence[str], minutes: float) -> str:
    """Return the page as Markdown."""
    command = " ".join([COMMAND, *arguments])
    lines = [
        "# Performance",
        "",
        "Every figure here was measured by one run of",
        "",
        "```bash",
        command,
        "```",
        "",
        f"which took {minutes:.0f} minutes. Seconds hold for this machine; ratios were taken within the run, with",
        "contenders in turns, and hold more widely. No test of the suite depends on them.",
        "",
        *(f"- {words}" for words in machine()),
        *(line for lines in sections for line in ("", *lines)),
    ]
    return "\n".join(_single_blanks(lines)) + "\n"


def machine() -> Iterator[str]:
    """Yield what the figures depend on, in words."""
    yield f"Date: {datetime.now(UTC):%Y-%m-%d}; sources {code_hash()[:10]}, commit {_commit()}"
    yield f"Machine: {_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB of memory, {platform.platform()}"
    yield f"Load when the run began (processes waiting for a core, mean of a minute): {_load:.1f}"
    yield f"Python {platform.python_version()}; " + ", ".join(map(_installed, PACKAGES))


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def _load_now() -> float:
    return os.getloadavg()[0]


_load = _load_now()


def _commit() -> str:
    state = git_state()
    return "unknown" if state["commit"] is None else state["commit"][:10] + (" and changes" if state["dirty"] else "")


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024.0**3


def _single_blanks(lines: Sequence[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line

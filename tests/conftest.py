"""What tests share."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from sim.parameters.load import find_county, load_county
from sim.parameters.schema import Parameters
from sim.report.verification import FOLDERS
from tests.claims import Claim, Claims, write

RECORD = pytest.StashKey[list[Claim]]()
PASSED = pytest.StashKey[set[str]]()
LISTED = tuple(f"{folder}/" for folder in FOLDERS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--claims", metavar="FILE", type=Path, help="write what tests of theory and laws found as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORD], config.stash[PASSED] = [], set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.passed and item.nodeid.startswith(LISTED):
        item.config.stash[PASSED].add(item.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the record; a process that runs part of the tests hands its part to the one that started it."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["found"] = [asdict(claim) for claim in config.stash[RECORD]], sorted(config.stash[PASSED])
    elif (file := config.getoption("--claims")) is not None:
        write(config.stash[RECORD], config.stash[PASSED], file)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process found that ran part of the tests."""
    claims, tests = getattr(node, "workeroutput", {}).get("found", ((), ()))
    node.config.stash[RECORD].extend(Claim(**claim) for claim in claims)
    node.config.stash[PASSED].update(tests)


@pytest.fixture
def claims(request: pytest.FixtureRequest) -> Iterator[Claims]:
    """Return what tests of theory state their claims to."""
    slow = " -m slow" if request.node.get_closest_marker("slow") else ""
    made = Claims(f"python -m pytest{slow} '{request.node.nodeid}'")
    yield made
    request.config.stash[RECORD].extend(made.record)


@pytest.fixture(scope="session")
def exampleshire() -> Parameters:
    """Return the small fictional county."""
    return load_county(find_county("exampleshire"))

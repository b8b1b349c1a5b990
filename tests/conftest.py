"""What tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.parameters.load import find_county, load_county
from sim.parameters.schema import Parameters
from tests.claims import ROWS_AT_MOST, Claim, Claims, write

RECORD = pytest.StashKey[list[Claim]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--claims", metavar="FILE", type=Path, help="write the claims of theory that were tested as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORD] = []


def pytest_sessionfinish(session: pytest.Session) -> None:
    record, file = session.config.stash[RECORD], session.config.getoption("--claims")
    assert len(record) <= ROWS_AT_MOST, f"{len(record)} claims share the false alarm of {ROWS_AT_MOST}"
    if file is not None:
        write(record, file)


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

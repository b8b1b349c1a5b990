"""What unit tests share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import sim
from sim.parameters.load import find_county
from tests.outcomes import small as small_outcome


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional county with a short horizon, as a folder of one's own."""
    folder = tmp_path_factory.mktemp("config") / "littleshire"
    shutil.copytree(find_county("exampleshire"), folder)
    file = folder / "county.yaml"
    text = file.read_text(encoding="utf-8")
    shorter = text.replace("name: exampleshire", "name: littleshire")
    for last in ("2023/24", "2024/25", "2028/29"):
        shorter = shorter.replace(f'last_academic_year: "{last}"', 'last_academic_year: "2020/21"')
    assert shorter != text
    file.write_text(shorter, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture(scope="session")
def county() -> sim.Scenario:
    """The fictional county as it is."""
    return sim.county("exampleshire")


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> sim.Outcome:
    """A study of two scenarios in a tiny county, made once for all tests of figures and tables."""
    return small_outcome(tmp_path_factory.getbasetemp() / "outcomes")

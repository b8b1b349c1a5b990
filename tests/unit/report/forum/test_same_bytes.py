"""A paper and money pages made again are the same byte for byte: other process, other folder, a copy of the results."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forum_results import made
from tests.unit.analysis.made_money import made_money, pupil

LIVES = {
    name: [pupil(number, number % 2, signed=number < 9, special_school=float(number < most)) for number in range(60)]
    for name, most in (("baseline", 40), ("open", 20))
}
SUFFIXES = {".docx", ".html", ".xlsx", ".png", ".csv", ".txt"}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def in_a_process(study: Path, out: Path, place: Path, seed: str) -> dict[str, str]:
    """Write paper and money pages in a process of their own, and return the digest of each file."""
    place.mkdir(parents=True)
    root = Path(__file__).parents[4]
    told = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
    for command in (["report", "--date", "2026-05-17"], ["money"]):
        asked = [sys.executable, "-m", "sim", command[0], str(study), "--output", str(out / command[0]), *command[1:]]
        done = subprocess.run(asked, cwd=place, env=told, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
    return digests(out)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["figures", "pupils"])
def test_made_again_elsewhere_every_file_is_the_same(tmp_path: Path, kind: str) -> None:
    results = made("one", "two") if kind == "figures" else made_money(pupils=LIVES)
    study = results.save(tmp_path / "study")
    shutil.copytree(study, tmp_path / "a copy" / "under another name")
    first = in_a_process(study, tmp_path / "first", tmp_path / "here", "1")
    second = in_a_process(tmp_path / "a copy" / "under another name", tmp_path / "second", tmp_path / "there", "2")
    assert {Path(name).suffix for name in first} == SUFFIXES
    assert first == second

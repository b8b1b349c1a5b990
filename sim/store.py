"""The run store: one folder per unit (parameters, seed, replication, code), finished or not there at all.

A unit is written into a folder beside its own and moved into place when complete, so a run that was stopped
goes on where it was. Only the process that started the study writes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from sim.results import read_json, read_table, write_json, write_table

RESULT_SOURCES = (
    "vocabulary.py",
    "school_year.py",
    "parameters",
    "chance",
    "engine",
    "pathways",
    "model.py",
    "measures",
)
"""Sources that can change what a run gives; those of the store, of reports and so on cannot."""

KEY_PACKAGES = ("numpy", "simpy")
PACKAGES = (*KEY_PACKAGES, "joblib", "pandas", "pyarrow", "pydantic", "scipy")
DIGITS = 16
UNITS_FOLDER, UNIT_FILE = "units", "unit.json"
SUMMARIES = ("measures", "pupils")
FACTS = ("spells", "supports", "waits", "events", "places", "enrolments", "sign_ups", "meetings")

Tables = dict[str, pa.Table]


class UnitKey(NamedTuple):
    """What a unit's result depends on; its `name` is the unit's folder."""

    parameters: str
    seed: int
    replication: int
    code: str
    packages: tuple[str, ...]
    opening_roll: str

    @property
    def name(self) -> str:
        """First hexadecimal digits of the hash of all parts."""
        return digest(repr(tuple(self)).encode())[:DIGITS]


class Keeper(Protocol):
    """Where the tables of finished units are kept."""

    def has(self, key: str, in_full: bool) -> bool:
        """Whether the unit is finished (and, for `in_full`, its recorded facts are there)."""

    def put(self, key: str, tables: Tables, note: Mapping[str, Any]) -> None:
        """Keep a finished unit's tables."""

    def get(self, key: str, names: tuple[str, ...]) -> Tables:
        """Return tables of a finished unit."""


class Store:
    """Units in a folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder) / UNITS_FOLDER

    def has(self, key: str, in_full: bool = False) -> bool:
        """Whether the unit is finished (and, for `in_full`, its recorded facts are there)."""
        unit = self.folder / key
        return (unit / UNIT_FILE).is_file() and (not in_full or (unit / f"{FACTS[0]}.parquet").is_file())

    def put(self, key: str, tables: Tables, note: Mapping[str, Any]) -> None:
        """Write a unit beside its place, unit.json last, and move it there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{key}.{os.getpid()}"
        try:
            shutil.rmtree(draft, ignore_errors=True)
            for name, table in tables.items():
                write_table(table, draft / f"{name}.parquet")
            write_json({**note, "rows": {name: table.num_rows for name, table in tables.items()}}, draft / UNIT_FILE)
            shutil.rmtree(self.folder / key, ignore_errors=True)
            os.replace(draft, self.folder / key)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def get(self, key: str, names: tuple[str, ...]) -> Tables:
        """Return tables of a finished unit."""
        return {name: read_table(self.folder / key / f"{name}.parquet") for name in names}

    def note(self, key: str) -> dict[str, Any]:
        """Return what unit.json of a finished unit says."""
        return read_json(self.folder / key / UNIT_FILE)


class MemoryStore:
    """Units in memory, for studies that are not to be written."""

    def __init__(self) -> None:
        self._units: dict[str, Tables] = {}

    def has(self, key: str, in_full: bool = False) -> bool:
        """Whether the unit is finished (and, for `in_full`, its recorded facts are there)."""
        return key in self._units and (not in_full or FACTS[0] in self._units[key])

    def put(self, key: str, tables: Tables, note: Mapping[str, Any]) -> None:
        """Keep a finished unit's tables."""
        self._units[key] = tables

    def get(self, key: str, names: tuple[str, ...]) -> Tables:
        """Return tables of a finished unit."""
        return {name: self._units[key][name] for name in names}


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the hash of the sources that can change a run, whatever their line endings."""
    root = Path(__file__).parent
    paths = [root / name for name in RESULT_SOURCES]
    files = sorted(file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    parts = (f"{file.relative_to(root).as_posix()}:{digest(_normalised(file))}" for file in files)
    return digest("\n".join(parts).encode())


def unit_key(parameters: str, seed: int, replication: int, opening_roll: str = "") -> UnitKey:
    """Return the key of a unit, given the hashes of its parameters and of the opening roll it starts from."""
    packages = tuple(f"{name} {version(name)}" for name in KEY_PACKAGES)
    return UnitKey(parameters, seed, replication, code_hash(), packages, opening_roll)


def file_hashes(folder: str | Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder of configuration, by path inside it."""
    root = Path(folder)
    files = sorted(file for file in root.rglob("*") if file.is_file())
    return {file.relative_to(root).as_posix(): digest(file.read_bytes()) for file in files}


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that results rest on; 'unknown' for one that cannot be asked."""
    return {name: _version(name) for name in PACKAGES}


def git_state() -> dict[str, Any]:
    """Return commit and whether files differ from it, for the record only; both None outside a checkout."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no") if commit else None
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _normalised(file: Path) -> bytes:
    return file.read_bytes().replace(b"\r\n", b"\n")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _git(*arguments: str) -> str | None:
    """Return what git says about the folder of these sources, if they are tracked there."""
    here = Path(__file__).parent
    try:
        for words in (("ls-files", "--error-unmatch", Path(__file__).name), arguments):
            said = subprocess.run(
                ["git", *words], cwd=here, capture_output=True, encoding="utf-8", timeout=10, check=True
            )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip()

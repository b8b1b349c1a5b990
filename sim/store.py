"""The run store: one folder per unit (parameters, seed, replication, code), finished or not there at all.

A unit is written into a draft beside its place and renamed when complete. Renaming a folder onto a finished one fails,
so the first of two writers wins, the other throws its draft away, and what is finished is never replaced: readers and
other processes can use the store meanwhile. Recorded facts, which only some units have, are a folder of their own.
Only processes that started a study write; workers hand back bytes. A unit whose files are not as they were written is
never used: a study lays it aside, in `damaged`, and runs it again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import pyarrow as pa

from sim.parameters.load import sha256_of
from sim.parameters.problems import ConfigurationError, Problem
from sim.results import UnreadableFile, read_json, read_table, write_json, write_table, write_text

RESULT_SOURCES = (
    "vocabulary.py",
    "school_year.py",
    "parameters",
    "chance",
    "engine",
    "pathways",
    "model.py",
    "measures",
    "replicate.py",
)
"""Sources that can change what a run gives; those of the store, of reports and so on cannot."""

KEY_PACKAGES = ("numpy", "pandas", "pyarrow", "python", "scipy", "simpy")
"""What those sources stand on. What reads parameters (pydantic, PyYAML) is left out: its outcome is in the key."""

PACKAGES = (*KEY_PACKAGES, "PyYAML", "joblib", "pydantic")
DIGITS = 16
UNITS_FOLDER, UNIT_FILE = "units", "unit.json"
FAILURES_FOLDER, PARAMETERS_FOLDER, DAMAGED_FOLDER = "failures", "parameters", "damaged"
FILE_NOTE = {"sha256", "bytes"}
"""What unit.json says of each file."""

WITH_FACTS = "-facts"
"""Ends the name of the folder with a unit's recorded facts."""
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


class MixedCode(Exception):
    """Results would rest on units that different versions of the code have made."""


class DamagedUnit(ConfigurationError):
    """A file of a finished unit is not what was written."""

    def __init__(self, file: Path, found: str) -> None:
        fix = "pathways store verify --remove, or run the study again, which lays the damaged run aside"
        super().__init__(Problem(str(file), "", found, "the file as it was written", fix))


class Keeper(Protocol):
    """Where the tables of finished units are kept."""

    def has(self, key: str, in_full: bool) -> bool:
        """Whether the unit is finished (and, for `in_full`, its recorded facts are there)."""

    def put(self, key: str, tables: Tables, note: Mapping[str, Any]) -> None:
        """Keep a finished unit's tables, and forget that it failed before."""

    def get(self, key: str, names: tuple[str, ...]) -> Tables:
        """Return tables of a finished unit; DamagedUnit if they are not what was put."""

    def lay_aside(self, key: str, in_full: bool) -> str:
        """Move what is damaged of a unit out of the way, and return in words what is wrong; '' if nothing is."""

    def fail(self, key: str, note: Mapping[str, Any]) -> None:
        """Record that a unit failed: its error, seed and so on."""

    def keep_parameters(self, fingerprint: str, content: str) -> None:
        """Keep parameters (JSON) by their fingerprint, so that a unit can be run again from the store alone."""

    def has_parameters(self, fingerprint: str) -> bool:
        """Whether parameters are kept, or need not be."""


class Store:
    """Units in a folder, which several processes may use at once."""

    def __init__(self, folder: str | Path) -> None:
        self.root = Path(folder)
        self.folder = self.root / UNITS_FOLDER
        self._checked: set[Path] = set()

    def has(self, key: str, in_full: bool = False) -> bool:
        """Whether the unit is finished (and, for `in_full`, its recorded facts are there), with files of their size."""
        return all(_is_sound(folder) for folder in self._folders(key, in_full))

    def put(self, key: str, tables: Tables, note: Mapping[str, Any]) -> None:
        """Write a unit beside its place, unit.json last, and move it there; a finished one is left as it is."""
        facts = {name: table for name, table in tables.items() if name in FACTS}
        if facts:
            self._put(f"{key}{WITH_FACTS}", facts, note)
        self._put(key, {name: table for name, table in tables.items() if name not in FACTS}, note)
        self._failure(key).unlink(missing_ok=True)

    def _put(self, name: str, tables: Tables, note: Mapping[str, Any]) -> None:
        draft = self.folder / f".{name}.{uuid4().hex}"
        try:
            for table in tables:
                write_table(tables[table], draft / f"{table}.parquet")
            files = {file.name: _file_note(file) for file in sorted(draft.iterdir())}
            rows = {table: tables[table].num_rows for table in tables}
            created = datetime.now(UTC).isoformat(timespec="seconds")
            said = {**note, "unit": name, "rows": rows, "files": files, "created": created}
            write_json(said, draft / UNIT_FILE)
            _settle(draft)
            self._move(draft, self.folder / name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _move(self, draft: Path, place: Path) -> None:
        """Move a draft to its place unless a finished unit is there; one that is damaged or half-made gives way."""
        if place.is_dir() and not _is_sound(place):
            self._lay_aside(place)
        try:
            os.rename(draft, place)
        except OSError:
            if not _is_sound(place):
                raise

    def get(self, key: str, names: tuple[str, ...]) -> Tables:
        """Return tables of a finished unit.

        Raises MixedCode if other code made it than this process runs, DamagedUnit if a file is not what was written.
        """
        self._check_code(key)
        return {name: self._table(key, name) for name in names}

    def _table(self, key: str, name: str) -> pa.Table:
        folder, file = self.folder / (f"{key}{WITH_FACTS}" if name in FACTS else key), f"{name}.parquet"
        said = note_in(folder)
        wrong = _copied_from(said, folder) or _damage_of(folder, file, said["files"])
        if wrong:
            raise DamagedUnit(folder / file, wrong)
        return read_table(folder / file)

    def _check_code(self, key: str) -> None:
        made_by = self.note(key).get("code", code_hash())
        if made_by != code_hash():
            raise MixedCode(f"unit {key} in {self.folder} was made by other code ({made_by[:DIGITS]}); remove it")

    def lay_aside(self, key: str, in_full: bool) -> str:
        """Move what is damaged of a unit into the folder of damaged ones; return in words what is wrong.

        What was found whole is not read again here, as often as this is asked.
        """
        unchecked = [one for one in self._folders(key, in_full) if one not in self._checked and one.is_dir()]
        found = {folder: wrong for folder in unchecked if (wrong := damage(folder))}
        self._checked.update(set(unchecked) - set(found))
        for folder in found:
            self._lay_aside(folder)
        return "; ".join(f"{folder.name}: {', '.join(wrong)}" for folder, wrong in found.items())

    def _lay_aside(self, unit: Path) -> None:
        place = self.root / DAMAGED_FOLDER / f"{unit.name}.{uuid4().hex}"
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another process has laid it aside
            os.rename(unit, place)

    def _folders(self, key: str, in_full: bool) -> list[Path]:
        return [self.folder / name for name in ((key, f"{key}{WITH_FACTS}") if in_full else (key,))]

    def note(self, key: str) -> dict[str, Any]:
        """Return what unit.json of a finished unit says; DamagedUnit if it cannot be read."""
        return note_in(self.folder / key)

    def fail(self, key: str, note: Mapping[str, Any]) -> None:
        """Record that a unit failed, with the time, unless another process has finished it."""
        write_json({**note, "when": datetime.now(UTC).isoformat(timespec="seconds")}, self._failure(key))
        if self.has(key, bool(note.get("in_full"))):  # also if it was finished while this was written
            self._failure(key).unlink(missing_ok=True)

    def failures(self) -> dict[str, dict[str, Any]]:
        """Return what is recorded of each unit that failed and has not succeeded since, by key."""
        files = sorted((self.root / FAILURES_FOLDER).glob("*.json"))
        said = {file.stem: note for file in files if (note := _read_if_whole(file)) is not None}
        return {key: note for key, note in said.items() if not self.has(key, bool(note.get("in_full")))}

    def _failure(self, key: str) -> Path:
        return self.root / FAILURES_FOLDER / f"{key}.json"

    def keep_parameters(self, fingerprint: str, content: str) -> None:
        """Keep parameters (JSON) by their fingerprint, if they are not there yet, and note that they are in use."""
        file = self._parameters(fingerprint)
        if self.parameters(fingerprint) is None:
            write_text(content, file)
        else:
            os.utime(file)

    def has_parameters(self, fingerprint: str) -> bool:
        """Whether parameters are kept."""
        return self._parameters(fingerprint).is_file()

    def parameters(self, fingerprint: str) -> dict[str, Any] | None:
        """Return parameters as plain data, or None if they are not kept, or damaged."""
        return _read_if_whole(self._parameters(fingerprint))

    def _parameters(self, fingerprint: str) -> Path:
        return self.root / PARAMETERS_FOLDER / f"{fingerprint}.json"

    def folders(self) -> Iterator[Path]:
        """Yield the folders of finished units and of their facts, also of damaged ones, by name."""
        found = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        yield from (unit for unit in found if not unit.name.startswith(".") and _is_finished(unit))

    def finished(self) -> list[str]:
        """Return the keys of all finished units, in order, without those that are plainly damaged."""
        return [unit.name for unit in self.folders() if not unit.name.endswith(WITH_FACTS) and _is_sound(unit)]

    def codes(self) -> set[str]:
        """Return the hashes of the sources that made the finished units."""
        notes = (_unit_file(unit) for unit in self.folders())
        return {str(note["code"]) for note in notes if note and "code" in note}

    def laid_aside(self) -> list[Path]:
        """Return the damaged units that were moved out of the way, by name."""
        folder = self.root / DAMAGED_FOLDER
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def drafts(self) -> list[Path]:
        """Return what was being written: by a process that was killed, or by one that is at it now."""
        found = self.folder.glob(".*") if self.folder.is_dir() else ()
        return sorted(path for path in found if path.is_dir())

    def remove(self, unit: Path) -> None:
        """Remove a unit's folder; from the first moment on it is not there for others."""
        gone = self.folder / f".{unit.name.lstrip('.')}.{uuid4().hex}"
        os.rename(unit, gone)
        shutil.rmtree(gone)


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

    def lay_aside(self, key: str, in_full: bool) -> str:
        """Do nothing: what is in memory is not damaged."""
        return ""

    def fail(self, key: str, note: Mapping[str, Any]) -> None:
        """Keep nothing of a failure; the study tells of it."""

    def keep_parameters(self, fingerprint: str, content: str) -> None:
        """Keep nothing: the scenarios are at hand."""

    def has_parameters(self, fingerprint: str) -> bool:
        """Whether parameters need not be kept: always."""
        return True


def _is_finished(unit: Path) -> bool:
    return (unit / UNIT_FILE).is_file()


def _is_sound(unit: Path) -> bool:
    """Whether a unit is finished and its files have the size that they should have; contents are not looked at."""
    said = _unit_file(unit)
    if said is None or _copied_from(said, unit):
        return False
    return all(_size(unit / name) == note["bytes"] for name, note in said["files"].items())


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None


def _unit_file(unit: Path) -> dict[str, Any] | None:
    """Return what unit.json says, or None if there is none or it is damaged."""
    said = _read_if_whole(unit / UNIT_FILE)
    files = said.get("files") if said else None
    is_whole = isinstance(files, dict) and all(set(note) >= FILE_NOTE for note in files.values())
    return said if is_whole else None


def note_in(unit: Path) -> dict[str, Any]:
    """Return what the unit.json in a folder says; DamagedUnit if it cannot be read."""
    said = _unit_file(unit)
    if said is None:
        raise DamagedUnit(unit / UNIT_FILE, "cannot be read")
    return said


def _read_if_whole(file: Path) -> dict[str, Any] | None:
    """Return what a JSON file says, or None if there is none or it is damaged."""
    try:
        return read_json(file)
    except (FileNotFoundError, NotADirectoryError, UnreadableFile):
        return None


def _settle(folder: Path) -> None:
    """Have the system write a folder's files to the disk, so that a power cut leaves no empty ones in its place."""
    for file in folder.iterdir():
        with file.open("rb+") as content:
            os.fsync(content.fileno())
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _file_note(file: Path) -> dict[str, Any]:
    return {"sha256": sha256_of(file), "bytes": file.stat().st_size}


def damage(unit: Path) -> list[str]:
    """Return what is wrong with a finished unit's files, against the hashes that unit.json holds."""
    said = _unit_file(unit)
    if said is None:
        return [f"{UNIT_FILE} cannot be read"]
    if copied := _copied_from(said, unit):
        return [copied]
    found = {name: _damage_of(unit, name, said["files"]) for name in said["files"]}
    return [f"{name} {wrong}" for name, wrong in found.items() if wrong]


def _copied_from(said: Mapping[str, Any], unit: Path) -> str:
    return f"is a copy of {said['unit']}" if said.get("unit", unit.name) != unit.name else ""


def _damage_of(unit: Path, name: str, said: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what is wrong with a file, against the hash that unit.json holds; '' if nothing is."""
    if name not in said or not (unit / name).is_file():
        return "is missing"
    return "" if sha256_of(unit / name) == said[name]["sha256"] else "has changed"


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the hash of the sources that can change a run, whatever their line endings."""
    root = Path(__file__).parent
    paths = [root / name for name in RESULT_SOURCES]
    files = sorted(file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    parts = [f"{file.relative_to(root).as_posix()}:{digest(_normalised(file))}" for file in files]
    return digest("\n".join([*parts, *SUMMARIES, *FACTS]).encode())


def unit_key(parameters: str, seed: int, replication: int, opening_roll: str = "") -> UnitKey:
    """Return the key of a unit, given the hashes of its parameters and of the opening roll it starts from."""
    return UnitKey(parameters, seed, replication, code_hash(), key_packages(), opening_roll)


def key_packages() -> tuple[str, ...]:
    """Return the packages whose version can change a run, such as 'numpy 2.4.0'."""
    return tuple(f"{name} {_version(name)}" for name in KEY_PACKAGES)


def file_hashes(folder: str | Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder of configuration, by path inside it."""
    root = Path(folder)
    files = sorted(file for file in root.rglob("*") if file.is_file())
    return {file.relative_to(root).as_posix(): digest(file.read_bytes()) for file in files}


def package_versions() -> dict[str, str]:
    """Return the versions of Python and the packages that results rest on; 'unknown' for one that cannot be asked."""
    return {name: _version(name) for name in PACKAGES}


def git_state() -> dict[str, Any]:
    """Return commit and whether files differ from it, for the record only; both None outside a checkout."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no") if commit else None
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _normalised(file: Path) -> bytes:
    return file.read_bytes().replace(b"\r\n", b"\n")


@lru_cache(maxsize=len(PACKAGES))
def _version(name: str) -> str:
    if name == "python":
        return ".".join(platform.python_version_tuple()[:2])
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

"""Looking after a run store: what is in it, whether it is whole and repeats itself, and what may be thrown away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from sim.parameters.fingerprint import fingerprint
from sim.parameters.schema import Parameters
from sim.replicate import Unit, from_bytes, pack, run_unit
from sim.store import (
    FAILURES_FOLDER,
    PARAMETERS_FOLDER,
    WITH_FACTS,
    DamagedUnit,
    Store,
    code_hash,
    damage,
    key_packages,
    note_in,
)

OLD_DRAFT_SECONDS = 3600.0
"""A draft untouched for so long belongs to no process that is still at it."""

DRAFT, LAID_ASIDE = "draft", "damaged, laid aside"


@dataclass(frozen=True)
class Group:
    """Units of one scenario, seed and version of the code.

    `parameters` are those that were drawn from, where parameters were drawn. `is_current` says whether the code and
    packages here made the units; `size` is in bytes, `seconds` is computing time.
    """

    scenario: str
    parameters: str
    seed: int
    code: str
    is_current: bool
    replications: tuple[int, ...]
    size: int
    seconds: float
    last: str


def contents(store: Store) -> list[Group]:
    """Return what is in a store, by scenario, seed and code; units whose unit.json is damaged are left out."""
    found: dict[tuple[str, str, int, str, bool], list[dict[str, Any]]] = {}
    for unit, note in _notes(store):
        note["size"] = sum(file.stat().st_size for file in unit.iterdir())
        note["is_facts"] = unit.name.endswith(WITH_FACTS)
        parameters = note.get("drawn_from", note["parameters"])
        key = (note["scenario"], parameters, note["seed"], note["code"], is_current(note))
        found.setdefault(key, []).append(note)
    return [_group(*key, notes) for key, notes in sorted(found.items(), key=lambda one: one[0])]


def _notes(store: Store) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the folders of units and of facts whose unit.json can be read, and what it says."""
    for unit in store.folders():
        with suppress(DamagedUnit):
            yield unit, note_in(unit)


def _group(
    scenario: str, parameters: str, seed: int, code: str, current: bool, notes: Sequence[Mapping[str, Any]]
) -> Group:
    units = [note for note in notes if not note["is_facts"]]
    numbers = tuple(sorted(note["replication"] for note in units))
    size, seconds = sum(note["size"] for note in notes), sum(note["seconds"] for note in units)
    last = max(note.get("created", "") for note in notes)
    return Group(scenario, parameters, seed, code, current, numbers, size, seconds, last)


def is_current(note: dict[str, Any]) -> bool:
    """Whether a unit was made by the code and the packages that run here."""
    made_by = {f"{name} {version}" for name, version in note.get("packages", {}).items()}
    return note.get("code") == code_hash() and set(key_packages()) <= made_by


def damaged(store: Store) -> dict[str, list[str]]:
    """Return what is wrong with each unit whose files are not what its unit.json says, by folder."""
    found = {unit.name: damage(unit) for unit in store.folders()}
    return {name: wrong for name, wrong in found.items() if wrong}


def rerun(store: Store, number: int) -> Iterator[tuple[str, str]]:
    """Run a number of units again, spread over the store, and yield the key of each and how it differs ('' if not).

    Only units can be run again that this code and these packages made, whose parameters are in the store, and that
    did not start from an opening roll, which is never kept.
    """
    fit = [key for key in store.finished() if _can_run(store, store.note(key))]
    chosen = fit[:: max(1, len(fit) // number)][:number] if number else []
    for key in chosen:
        yield key, _difference(store, key)


def _can_run(store: Store, note: dict[str, Any]) -> bool:
    return is_current(note) and not note.get("opening_roll") and store.parameters(note["parameters"]) is not None


def _difference(store: Store, key: str) -> str:
    """Return in words how a unit that is run again differs from the one in the store, byte for byte."""
    note, in_full = store.note(key), store.has(key, in_full=True)
    parameters = Parameters.model_validate(store.parameters(note["parameters"]))
    if fingerprint(parameters) != note["parameters"]:
        return "its parameters have changed in the store"
    unit = Unit(key, note["scenario"], note["seed"], note["replication"], in_full, note["code"])
    outcome = run_unit(unit, pack(parameters))
    if outcome.error:
        return f"it fails now: {outcome.error.strip().splitlines()[-1]}"
    with tempfile.TemporaryDirectory() as folder:
        again = Store(folder)
        again.put(key, {name: from_bytes(content) for name, content in outcome.tables.items()}, {})
        names = [key, f"{key}{WITH_FACTS}"] if in_full else [key]
        differing = [file for name in names for file in _differing(store.folder / name, again.folder / name)]
    return f"other content in {', '.join(differing)}" if differing else ""


def _differing(unit: Path, again: Path) -> list[str]:
    was, now = (note_in(folder)["files"] for folder in (unit, again))
    return [file for file in was if was[file] != now.get(file)]


@dataclass(frozen=True)
class Waste:
    """Something that may be thrown away, and why."""

    path: Path
    why: str


def waste(store: Store) -> list[Waste]:
    """Return old drafts, records of failures, damaged units, those of other code or packages, and unused parameters.

    Damaged units are those laid aside, and those whose unit.json cannot be read. A study notes that it needs its
    parameters when it begins, and keeps them again with its units, should they have been removed meanwhile.
    """
    notes = dict(_notes(store))
    found = [Waste(path, DRAFT) for path in store.drafts() if time() - path.stat().st_mtime > OLD_DRAFT_SECONDS]
    found += [Waste(path, "failure") for path in sorted((store.root / FAILURES_FOLDER).glob("*.json"))]
    found += [Waste(path, LAID_ASIDE) for path in store.laid_aside()]
    found += [Waste(unit, "damaged") for unit in store.folders() if unit not in notes]
    found += [Waste(unit, "made by other code or packages") for unit, note in notes.items() if not is_current(note)]
    used = {note["parameters"] for note in notes.values() if is_current(note)}
    kept = sorted((store.root / PARAMETERS_FOLDER).glob("*.json"))
    old = [path for path in kept if time() - path.stat().st_mtime > OLD_DRAFT_SECONDS]
    return found + [Waste(path, "parameters of no unit") for path in old if path.stem not in used]


def throw_away(store: Store, things: Iterable[Waste]) -> None:
    """Remove what `waste` found."""
    for thing in things:
        if thing.path.is_file():
            thing.path.unlink()
        elif thing.why in (DRAFT, LAID_ASIDE):
            shutil.rmtree(thing.path)
        else:
            store.remove(thing.path)

"""Looking after a store: what is in it, whether it is whole and repeats itself, and what may go."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sim import store_care
from sim.store import Store, code_hash, package_versions
from sim.store_care import OLD_DRAFT_SECONDS, contents, damaged, rerun, throw_away, waste
from sim.study import Study, run_study
from tests.studies import study_file

TABLES = {"measures": pa.table({"value": [1.5]}), "pupils": pa.table({"pupil": ["2012-Y3-1"]})}


def note(**more: Any) -> dict[str, Any]:
    said = {"scenario": "baseline", "parameters": "aa", "seed": 1, "replication": 0, "seconds": 2.0}
    return {**said, "code": code_hash(), "packages": package_versions(), **more}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two units of this code, one of other code and one of another numpy."""
    kept = Store(tmp_path)
    kept.put("a0", TABLES, note())
    kept.put("a1", {**TABLES, "spells": pa.table({"start": [0.0]})}, note(replication=1))
    kept.put("b0", TABLES, note(code="other", parameters="bb"))
    kept.put("c0", TABLES, note(packages={**package_versions(), "numpy": "0"}, parameters="cc"))
    for parameters in ("aa", "bb"):
        kept.keep_parameters(parameters, "{}")
    return kept


def aged(path: Path) -> Path:
    old = path.stat().st_mtime - OLD_DRAFT_SECONDS - 60
    os.utime(path, (old, old))
    return path


def test_contents_are_told_by_scenario_seed_and_code(store: Store) -> None:
    groups = contents(store)
    assert sum(len(group.replications) for group in groups) == 4
    (mine,) = [group for group in groups if group.is_current]
    assert (mine.scenario, mine.replications, mine.seconds) == ("baseline", (0, 1), 4.0)
    assert mine.size == sum(file.stat().st_size for file in store.folder.glob("a*/*"))
    assert {group.parameters for group in groups if not group.is_current} == {"bb", "cc"}


def test_damage_is_found_wherever_it_is(store: Store) -> None:
    assert damaged(store) == {}
    (store.folder / "a1-facts" / "spells.parquet").write_bytes(b"")
    assert damaged(store) == {"a1-facts": ["spells.parquet has changed"]}


def test_waste_is_what_nobody_uses_and_nothing_else(store: Store) -> None:
    store.fail("d0", {"error": "no"})
    for name, is_old in ((".x0.1", True), (".y0.1", False)):
        (store.folder / name).mkdir()
        if is_old:
            aged(store.folder / name)
    aged(store.root / "parameters" / "bb.json")
    found = {thing.path.name: thing.why for thing in waste(store)}
    assert found == {
        ".x0.1": "draft",
        "d0.json": "failure",
        "b0": "made by other code or packages",
        "c0": "made by other code or packages",
        "bb.json": "parameters of no unit",
    }
    throw_away(store, waste(store))
    assert waste(store) == []
    assert store.finished() == ["a0", "a1"]
    assert [path.name for path in store.drafts()] == [".y0.1"]
    assert store.parameters("aa") == {}


def test_a_study_that_begins_with_old_parameters_has_them_as_long_as_it_needs_them(store: Store) -> None:
    aged(store.root / "parameters" / "bb.json")
    store.keep_parameters("bb", "{}")
    assert "bb.json" not in {thing.path.name for thing in waste(store)}


def test_damaged_units_are_left_out_of_the_list_and_may_be_thrown_away(store: Store) -> None:
    (store.folder / "a0" / "unit.json").write_text("", encoding="utf-8")
    (store.folder / "a1" / "pupils.parquet").write_bytes(b"")
    assert store.lay_aside("a1", in_full=False)
    assert [group.replications for group in contents(store) if group.is_current] == [()]
    assert damaged(store) == {"a0": ["unit.json cannot be read"]}
    why = {thing.path.name.partition(".")[0]: thing.why for thing in waste(store)}
    assert (why["a0"], why["a1"]) == ("damaged", "damaged, laid aside")
    assert "a1-facts" not in why
    throw_away(store, waste(store))
    assert waste(store) == []
    assert [unit.name for unit in store.folders()] == ["a1-facts"]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one unit of a tiny county, its facts included."""
    folder = tmp_path_factory.mktemp("real")
    from sim.experiments import load_experiment

    study = Study.of(load_experiment(study_file(folder)))
    run_study(replace(study, scenarios=study.scenarios[:1], replications=1), store=folder / "store", workers=1)
    return Store(folder / "store")


def test_a_unit_that_is_run_again_from_the_store_alone_comes_out_the_same(real: Store) -> None:
    ((key, difference),) = rerun(real, 5)
    assert (key, difference) == (real.finished()[0], "")


def test_a_unit_that_does_not_repeat_itself_is_told(real: Store) -> None:
    file = real.folder / real.finished()[0] / "unit.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    said["files"]["pupils.parquet"]["sha256"] = "0" * 64
    file.write_text(json.dumps(said), encoding="utf-8")
    assert [difference for _, difference in rerun(real, 1)] == ["other content in pupils.parquet"]


def test_units_of_other_code_or_without_parameters_are_not_run_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(store_care, "_difference", lambda _store, key: ran.append(key) or "")
    assert len(list(rerun(store, 1))) == 1
    assert len(list(rerun(store, 9))) == 2
    assert set(ran) == {"a0", "a1"}

"""The run store: finished or not there, keyed by everything that can change a run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from sim import store as store_module
from sim.parameters.fingerprint import fingerprint
from sim.parameters.schema import Parameters
from sim.results import write_table
from sim.store import (
    DIGITS,
    KEY_PACKAGES,
    RESULT_SOURCES,
    DamagedUnit,
    MemoryStore,
    MixedCode,
    Store,
    code_hash,
    damage,
    file_hashes,
    git_state,
    package_versions,
    unit_key,
)

TABLES = {"measures": pa.table({"value": [1.5, float("nan")]}), "pupils": pa.table({"pupil": ["2012-Y3-1"]})}
WITH_FACTS = {**TABLES, "spells": pa.table({"start": [0.0]})}


@pytest.fixture(params=["folder", "memory"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Store | MemoryStore:
    return Store(tmp_path) if request.param == "folder" else MemoryStore()


def test_a_unit_comes_back_as_it_was_put(keeper: Store | MemoryStore) -> None:
    keeper.put("abc", TABLES, {"seed": 1})
    found = keeper.get("abc", ("measures", "pupils"))
    assert found["pupils"].equals(TABLES["pupils"])
    assert str(found["measures"].to_pydict()) == str(TABLES["measures"].to_pydict())


def test_a_unit_without_its_facts_is_not_finished_for_those_who_want_them(
    keeper: Store | MemoryStore,
) -> None:
    assert not keeper.has("abc", in_full=False)
    keeper.put("abc", TABLES, {})
    assert keeper.has("abc", in_full=False)
    assert not keeper.has("abc", in_full=True)
    keeper.put("abc", WITH_FACTS, {})
    assert keeper.has("abc", in_full=True)


def test_a_unit_that_was_cut_off_while_writing_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module, "write_json", stop)
    with pytest.raises(KeyboardInterrupt):
        store.put("abc", TABLES, {})
    assert not store.has("abc")
    assert list(store.folder.iterdir()) == []


def test_a_half_written_folder_is_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (store.folder / "abc").mkdir(parents=True)
    (store.folder / "abc" / "measures.parquet").write_text("cut off", encoding="utf-8")
    assert not store.has("abc")
    store.put("abc", TABLES, {"seed": 5})
    assert store.get("abc", ("pupils",))["pupils"].num_rows == 1
    note = store.note("abc")
    assert (note["seed"], note["rows"]) == (5, {"measures": 2, "pupils": 1})
    assert set(note["files"]) == {"measures.parquet", "pupils.parquet"}


def test_the_key_follows_parameters_seed_and_replication(exampleshire: Parameters) -> None:
    same = exampleshire.model_copy(deep=True)
    other = exampleshire.model_copy(update={"horizon": exampleshire.horizon.model_copy(update={"census": "01-18"})})
    assert fingerprint(same) == fingerprint(exampleshire) != fingerprint(other)
    keys = {unit_key(text, seed, number).name for text in "ab" for seed in (1, 2) for number in (0, 1)}
    assert len(keys) == 8
    assert all(len(key) == DIGITS for key in keys)


def test_the_key_follows_the_code_and_the_packages() -> None:
    key = unit_key("a", 1, 0)
    assert key.code == code_hash()
    assert tuple(text.split()[0] for text in key.packages) == KEY_PACKAGES
    changed = (key._replace(code="other"), key._replace(packages=("numpy 0", *key.packages[1:])))
    assert len({key.name, *(other.name for other in changed)}) == 3


def _copy_of_sources(folder: Path) -> None:
    for name in RESULT_SOURCES:
        file = folder / (name if name.endswith(".py") else f"{name}/a.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"one\ntwo\n")


def test_the_code_hash_knows_every_source_but_not_line_endings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "__file__", str(tmp_path / "store.py"))
    _copy_of_sources(tmp_path)
    hashed = code_hash.__wrapped__
    before = hashed()
    (tmp_path / "study.py").write_text("no part of a run", encoding="utf-8")
    (tmp_path / "model.py").write_bytes(b"one\r\ntwo\r\n")
    assert hashed() == before
    for name in RESULT_SOURCES:
        file = tmp_path / (name if name.endswith(".py") else f"{name}/a.py")
        file.write_bytes(b"one\nthree\n")
        assert hashed() != before, name
        file.write_bytes(b"one\ntwo\n")


def test_the_sources_that_are_hashed_exist() -> None:
    package = Path(store_module.__file__).parent
    assert all((package / name).exists() for name in RESULT_SOURCES)


def test_input_files_are_hashed_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a.yaml").write_text("x", encoding="utf-8")
    before = file_hashes(tmp_path)
    assert list(before) == ["scenarios/a.yaml"]
    (tmp_path / "scenarios" / "a.yaml").write_text("y", encoding="utf-8")
    assert file_hashes(tmp_path) != before


def test_provenance_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(git_state()) == {"commit", "dirty"}
    monkeypatch.setenv("PATH", "")
    assert git_state() == {"commit": None, "dirty": None}
    assert "unknown" not in package_versions().values()


def test_the_first_of_two_writers_wins_and_the_other_leaves_no_trace(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", TABLES, {"seed": 1})
    before = (store.folder / "abc" / "measures.parquet").stat().st_ino
    store.put("abc", {**TABLES, "pupils": pa.table({"pupil": ["another"]})}, {"seed": 2})
    assert store.note("abc")["seed"] == 1
    assert (store.folder / "abc" / "measures.parquet").stat().st_ino == before
    assert store.drafts() == []


def test_facts_that_come_later_are_put_beside_a_unit_without_touching_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", TABLES, {})
    before = (store.folder / "abc" / "unit.json").read_text(encoding="utf-8")
    store.put("abc", WITH_FACTS, {})
    assert (store.folder / "abc" / "unit.json").read_text(encoding="utf-8") == before
    assert store.get("abc", ("spells",))["spells"].num_rows == 1
    assert store.finished() == ["abc"]


def test_a_failure_is_kept_with_its_time_until_the_unit_succeeds(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.fail("abc", {"error": "ValueError: no", "seed": 5})
    said = store.failures()["abc"]
    assert (said["error"], said["seed"]) == ("ValueError: no", 5)
    assert "when" in said
    store.put("abc", TABLES, {})
    assert store.failures() == {}


def test_units_of_other_code_are_never_handed_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", TABLES, {"code": "other"})
    with pytest.raises(MixedCode, match="abc"):
        store.get("abc", ("measures",))
    store.put("def", TABLES, {"code": code_hash()})
    assert store.get("def", ("measures",))["measures"].num_rows == 2


def test_damage_is_told_by_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", WITH_FACTS, {})
    assert [damage(unit) for unit in store.folders()] == [[], []]
    content = (store.folder / "abc" / "pupils.parquet").read_bytes()
    (store.folder / "abc" / "pupils.parquet").write_bytes(content[:-1] + b"x")
    (store.folder / "abc-facts" / "spells.parquet").unlink()
    assert [damage(unit) for unit in store.folders()] == [
        ["pupils.parquet has changed"],
        ["spells.parquet is missing"],
    ]


def broken_json(unit: Path) -> None:
    (unit / "unit.json").write_text('{"files": ', encoding="utf-8")


def empty_json(unit: Path) -> None:
    (unit / "unit.json").write_text("{}", encoding="utf-8")


def short_table(unit: Path) -> None:
    (unit / "measures.parquet").write_bytes((unit / "measures.parquet").read_bytes()[:-9])


def no_table(unit: Path) -> None:
    (unit / "measures.parquet").unlink()


def table_of_another_run(unit: Path) -> None:
    write_table(pa.table({"value": [9.5, 2.0]}), unit / "measures.parquet")


def whole_of_another_run(unit: Path) -> None:
    shutil.rmtree(unit)
    shutil.copytree(unit.parent / "other", unit)


SEEN_AT_ONCE = (broken_json, empty_json, short_table, no_table, whole_of_another_run)


@pytest.mark.parametrize("damaging", [*SEEN_AT_ONCE, table_of_another_run])
def test_a_damaged_unit_is_never_handed_out_and_gives_way_when_it_is_run_again(
    damaging: Callable[[Path], None], tmp_path: Path
) -> None:
    store = Store(tmp_path)
    for key in ("abc", "other"):
        store.put(key, TABLES, {"key": key})
    damaging(store.folder / "abc")
    if damaging in SEEN_AT_ONCE:
        assert not store.has("abc")
    with pytest.raises(DamagedUnit, match="abc") as told:
        store.get("abc", ("measures",))
    assert "pathways store verify --remove" in str(told.value)
    assert store.lay_aside("abc", in_full=False).startswith("abc: ")
    assert not store.has("abc")
    assert len(store.laid_aside()) == 1
    store.put("abc", TABLES, {})
    assert store.lay_aside("abc", in_full=False) == ""
    assert store.get("abc", ("pupils",))["pupils"].num_rows == 1


def test_a_plainly_damaged_unit_gives_way_to_the_next_that_is_put(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", TABLES, {"seed": 1})
    short_table(store.folder / "abc")
    store.put("abc", TABLES, {"seed": 2})
    assert store.note("abc")["seed"] == 2
    assert damage(store.folder / "abc") == []


def test_facts_that_are_damaged_leave_the_unit_itself_in_its_place(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", WITH_FACTS, {})
    (store.folder / "abc-facts" / "spells.parquet").write_bytes(b"")
    assert store.has("abc")
    assert not store.has("abc", in_full=True)
    assert store.lay_aside("abc", in_full=False) == ""
    assert store.lay_aside("abc", in_full=True) == "abc-facts: spells.parquet has changed"
    assert store.has("abc")


def test_a_failure_told_late_is_forgotten_when_another_process_has_finished_the_unit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", TABLES, {})
    store.fail("abc", {"error": "the worker process was lost"})
    assert store.failures() == {}
    assert list((store.root / "failures").iterdir()) == []


def test_the_failure_of_a_unit_whose_facts_are_wanted_is_kept_although_the_unit_is_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("abc", TABLES, {})
    store.fail("abc", {"error": "no", "in_full": True})
    assert set(store.failures()) == {"abc"}


def test_a_finished_unit_is_no_failure_whatever_was_left_behind(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.fail("abc", {"error": "no"})
    record = (store.root / "failures" / "abc.json").read_bytes()
    store.put("abc", TABLES, {})
    (store.root / "failures" / "abc.json").write_bytes(record)
    (store.root / "failures" / "def.json").write_bytes(record[:-9])
    assert store.failures() == {}


def test_parameters_that_are_damaged_are_kept_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_parameters("aa", '{"a": 1}')
    (tmp_path / "parameters" / "aa.json").write_text('{"a"', encoding="utf-8")
    assert store.parameters("aa") is None
    store.keep_parameters("aa", '{"a": 1}')
    assert store.parameters("aa") == {"a": 1}


def test_parameters_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep_parameters("aa", '{"a": 1}')
    store.keep_parameters("aa", '{"a": 2}')
    assert store.parameters("aa") == {"a": 1}
    assert store.parameters("bb") is None

"""`pathways study` and `pathways store`, and a results folder as others read it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import sim
from sim.analysis.precision import PrecisionJudge
from sim.cli import app
from sim.cli.options import FAILED, STOPPED, UNUSABLE
from sim.experiments import Point, load_experiment
from sim.parameters.problems import ConfigurationError
from sim.replicate import Outcome, Unit
from sim.report.study_tables import DESIGN_FILE, HEADLINES_FILE, points_in_words, write_study
from sim.store import Store
from sim.study import Study, quantities_in, work_of
from tests.studies import POINTS, study_file

NUMBER = """\
precision:
  first: 3
  look_ahead: 0
  most: 3
  targets:
    - {measure: spend_total, provision: in_block, over: sum, half_width: 0.001}
    - {measure: suspensions, half_width: 100000}
"""
ONE_FACTOR = """\
title: A bursary in a tiny county
county: {county}
design:
  kind: factorial
  factors:
    bursary: {{of: levers/fund_training_bursary, levels: [neutral, pulled]}}
{number}
seed: 11
measures:
  - {{measure: suspensions, label: Suspensions, unit: a year, falls_is: good}}
  - {{measure: spend_total, provision: in_block, over: sum, label: Spend of the block, unit: £m}}
"""


def pathways(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study file, where a study of two scenarios by three replications has run."""
    folder = tmp_path_factory.mktemp("study")
    file = study_file(folder, NUMBER, ONE_FACTOR)
    result = pathways("study", "run", file, "--store", folder / "store", "--output", folder / "out", "--workers", 1)
    (folder / "said.txt").write_text(result.stdout, encoding="utf-8")
    assert result.exit_code == 0, result.output
    return folder


def on(place: Path, *arguments: object) -> Result:
    return pathways("study", *arguments, place / "tiny.yaml", "--store", place / "store", "--output", place / "out")


def test_a_study_prints_interval_of_the_mean_and_range_of_futures_apart(place: Path) -> None:
    said = words_of((place / "said.txt").read_text(encoding="utf-8"))
    for needed in (
        "95% interval of",
        "run-to-run range",
        "what luck alone may bring in one run",
        "Spend of the block",
        "Results:",
    ):
        assert needed in said
    assert said.count("Uncalibrated") == 1


def test_a_budget_that_was_not_enough_says_how_many_more_are_needed(place: Path) -> None:
    said = words_of((place / "said.txt").read_text(encoding="utf-8"))
    assert "The budget of 3 replications ended before every paired difference was as precise as asked" in said
    assert "bursary-pulled, Spend of the block (£m): +-" in said
    assert ", to be 1e-09; " in said
    assert "more needed" in said
    assert words_of("Points of the design (2): bursary ---") in re.sub("-{4,}", "---", said)
    assert "bursary-pulled pulled All are in design.csv." in said
    record = json.loads((place / "out" / "run.json").read_text(encoding="utf-8"))["precision"]
    assert (record["most"], record["reached_after"]) == (3, None)
    assert [row["more_needed"] > 0 for row in record["intervals"]] == [True, False]


def test_the_results_folder_holds_the_design_and_the_headlines(place: Path) -> None:
    design = pd.read_csv(place / "out" / "design.csv")
    assert design.to_dict("records") == [
        {"scenario": "baseline", "bursary": "neutral"},
        {"scenario": "bursary-pulled", "bursary": "pulled"},
    ]
    headlines = pd.read_csv(place / "out" / "headlines.csv")
    assert {"low", "high", "p10", "p90"} <= set(headlines.columns)
    assert len(headlines) == 2
    run = json.loads((place / "out" / "run.json").read_text(encoding="utf-8"))
    assert "tiny.yaml" in run["inputs"]
    assert not (place / "out" / "units").exists()


def test_show_prints_the_same_again(place: Path) -> None:
    shown = pathways("study", "show", place / "tiny.yaml", "--output", place / "out")
    assert shown.stdout in (place / "said.txt").read_text(encoding="utf-8")
    refused = pathways("study", "show", place / "tiny.yaml", "--output", place / "nothing")
    assert refused.exit_code == UNUSABLE
    assert "pathways study run" in refused.stderr


def test_status_counts_units_and_says_what_is_precise(place: Path) -> None:
    said = words_of(on(place, "status").stdout)
    assert "bursary-pulled 3 0 0" in said
    assert "6 of 6 runs finished" in said
    assert "Spend of the block (£m): widest +-" in said
    assert "(to be 1e-09)" in said


def test_a_dry_run_runs_nothing_and_knows_from_finished_units_how_long_the_rest_takes(place: Path) -> None:
    before = Store(place / "store").finished()
    result = pathways("study", "run", place / "tiny.yaml", "--store", place / "store", "--dry-run", "--workers", 1)
    assert "6 runs: 2 scenarios by 3 replications" in result.stdout
    assert "6 finished, 0 to do" in result.stdout
    assert Store(place / "store").finished() == before


def test_extending_a_study_runs_only_what_is_new(place: Path, tmp_path: Path) -> None:
    store = Store(place / "store")
    before = {unit.name: (unit / "unit.json").stat().st_mtime_ns for unit in store.folders()}
    arguments = ("--replications", 4, "--store", store.root, "--output", tmp_path, "--workers", 1, "--quiet")
    result = pathways("study", "extend", place / "tiny.yaml", *arguments)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    after = {unit.name: (unit / "unit.json").stat().st_mtime_ns for unit in store.folders()}
    assert before.items() <= after.items()
    assert len(store.finished()) == 8
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert run["replications"] == 4
    status = pathways("study", "status", place / "tiny.yaml", "--store", store.root, "--output", tmp_path)
    assert "8 of 8 runs finished" in status.stdout


def test_results_never_lose_replications(place: Path, tmp_path: Path) -> None:
    store, out = place / "store", tmp_path / "out"
    options = ("--store", store, "--output", out, "--workers", 1)
    assert pathways("study", "extend", place / "tiny.yaml", "--replications", 4, *options).exit_code == 0
    refused = pathways("study", "extend", place / "tiny.yaml", "--replications", 3, *options)
    assert refused.exit_code == UNUSABLE
    assert f"found: 3, and {out} holds results of 4 replications allowed: 4 or more" in words_of(refused.stderr)
    again = pathways("study", "run", place / "tiny.yaml", *options)
    assert again.exit_code == 0, again.output
    assert "4 replications, which are kept" in again.stderr
    assert "4 replications." in again.stdout
    assert sim.Results.load(out).provenance["replications"] == 4
    with pytest.raises(ConfigurationError, match="4 or more"):
        sim.experiment(place / "tiny.yaml", store=store, output=out, replications=2)


def test_an_extension_that_was_stopped_is_known_to_status_and_to_run(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    options = ("--store", place / "store", "--output", tmp_path)
    monkeypatch.setattr("sim.study_files.run_study", stop)
    stopped = pathways("study", "extend", place / "tiny.yaml", "--replications", 9, *options)
    assert stopped.exit_code == STOPPED
    assert f"--replications 9 --output {tmp_path} --store" in stopped.stderr
    said = words_of(pathways("study", "status", place / "tiny.yaml", *options).stdout)
    assert "of 18 runs finished" in said
    dry = pathways("study", "run", place / "tiny.yaml", *options, "--dry-run").stdout
    assert "2 scenarios by 9 replications" in dry


def test_status_of_a_study_stopped_on_its_way_to_a_precision_counts_the_replications_it_was_heading_for(
    place: Path, tmp_path: Path
) -> None:
    """Three replications are in the store; the budget of ten lets the judge ask for six next."""
    text = (place / "tiny.yaml").read_text(encoding="utf-8").replace("most: 3", "most: 10")
    file = tmp_path / "tiny.yaml"
    file.write_text(text, encoding="utf-8")
    experiment = load_experiment(file, quantities_in)
    judge, store = PrecisionJudge(experiment), Store(place / "store")
    work = work_of(Study.of(experiment), store, judge=judge, to_run=False)
    work.tell_judge_of_finished()
    heading = judge.further(3)
    assert 3 < heading <= 10
    said = pathways("study", "status", file, "--store", store.root, "--output", tmp_path / "out").stdout
    assert f"of {2 * heading} runs finished" in said


def test_a_folder_keeps_no_design_of_an_earlier_study(place: Path, tmp_path: Path) -> None:
    experiment, results = load_experiment(place / "tiny.yaml"), sim.Results.load(place / "out")
    write_study(experiment, results, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {DESIGN_FILE, HEADLINES_FILE}
    write_study(replace(experiment, points=(), looks_at=()), results, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_long_design_prints_its_first_points_and_says_where_the_others_are(place: Path) -> None:
    experiment = load_experiment(place / "tiny.yaml")
    points = tuple(Point(f"point_{number}", {"budget": number * 1e-7, "of": "all"}) for number in range(12))
    said = "\n".join(points_in_words(replace(experiment, points=points)))
    assert "Points of the design (the first 10 of 12)" in said
    assert "The other points are in design.csv." in said
    assert "0.0000009" in said
    assert "point_10" not in said


def test_python_runs_the_same_study_on_the_same_store(place: Path) -> None:
    results = sim.experiment(place / "tiny.yaml", store=place / "store", workers=1)
    pd.testing.assert_frame_equal(results.measures, sim.Results.load(place / "out").measures, check_exact=True)


def test_duckdb_reads_the_measures_as_they_are_and_finds_the_same_difference(place: Path) -> None:
    query = """
        select avg(policy.value - base.value)
        from read_parquet(?) as policy
        join read_parquet(?) as base
            using (replication, period, measure, provision, phase, district)
        where policy.scenario = 'bursary-pulled' and base.scenario = 'baseline'
            and measure = 'suspensions' and period = '2020/21' and phase = 'all' and district = 'all'
    """
    file = str(place / "out" / "measures.parquet")
    (found,) = duckdb.execute(query, [file, file]).fetchone()
    rows = sim.Results.load(place / "out").differences()
    asked = "measure == 'suspensions' and period == '2020/21' and phase == 'all' and district == 'all'"
    (row,) = rows.query(asked).to_dict("records")
    assert row["difference"] != 0
    assert found == pytest.approx(row["difference"], rel=1e-12)


def test_the_store_is_listed_verified_and_pruned(place: Path) -> None:
    store = Store(place / "store")
    listed = words_of(pathways("store", "list", "--store", store.root).stdout)
    assert "baseline" in listed
    assert "0 failed, 0 drafts" in listed
    checked = pathways("store", "verify", "--store", store.root, "--rerun", 1)
    assert checked.exit_code == 0, checked.output
    assert "0 damaged" in checked.stdout
    assert "the same, byte for byte" in checked.stdout
    store.fail("abc", {"error": "no"})
    assert "failures" in pathways("store", "prune", "--store", store.root, "--dry-run").stdout
    refused = pathways("store", "prune", "--store", store.root)
    assert refused.exit_code == UNUSABLE
    assert "--yes" in refused.stderr
    assert store.failures()
    assert "1 removed" in pathways("store", "prune", "--store", store.root, "--yes").stdout
    assert not store.failures()


def test_a_damaged_unit_is_found(place: Path) -> None:
    store = Store(place / "store")
    unit = next(iter(store.folders()))
    file = unit / "measures.parquet"
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    try:
        checked = pathways("store", "verify", "--store", store.root)
    finally:
        file.write_bytes(content)
    assert checked.exit_code == FAILED
    assert f"{unit.name}: measures.parquet has changed" in checked.stdout


def test_study_and_store_commands_go_on_over_damaged_units(place: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    shutil.copytree(place / "store", store.root)
    of_study = [key for key in store.finished() if store.note(key)["replication"] < 3]
    first, second, third = [store.folder / key for key in of_study[:3]]
    (first / "unit.json").write_text('{"scenario": ', encoding="utf-8")
    (second / "measures.parquet").write_bytes((second / "measures.parquet").read_bytes()[:100])
    (third / "measures.parquet").write_bytes((store.folder / second.name / "pupils.parquet").read_bytes())
    on_it = ("--store", store.root)
    status = pathways("study", "status", place / "tiny.yaml", *on_it, "--output", tmp_path / "out")
    assert (status.exit_code, "3 of 6 runs finished" in status.stdout) == (0, True), status.output
    listed, checked = pathways("store", "list", *on_it), pathways("store", "verify", *on_it)
    assert (listed.exit_code, checked.exit_code) == (0, FAILED)
    assert "3 damaged" in checked.stdout
    assert pathways("store", "prune", *on_it, "--dry-run").exit_code == 0
    run = pathways("study", "run", place / "tiny.yaml", *on_it, "--output", tmp_path / "out", "--workers", 1, "--quiet")
    assert run.exit_code == 0, run.output
    pd.testing.assert_frame_equal(
        sim.Results.load(tmp_path / "out").measures, sim.Results.load(place / "out").measures, check_exact=True
    )
    assert "0 damaged" in pathways("store", "verify", *on_it).stdout
    assert "3 damaged and laid aside" in pathways("store", "list", *on_it).stdout
    assert "3 removed" in pathways("store", "prune", *on_it, "--yes").stdout


def test_damaged_units_are_removed_if_that_is_asked_for(place: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    shutil.copytree(place / "store", store.root)
    unit = next(iter(store.folders()))
    (unit / "unit.json").write_text("", encoding="utf-8")
    removed = pathways("store", "verify", "--store", store.root, "--remove")
    assert removed.exit_code == 0, removed.output
    assert f"{unit.name}: unit.json cannot be read" in removed.stdout
    assert "1 damaged and removed" in removed.stdout
    assert not unit.exists()
    assert "0 damaged" in pathways("store", "verify", "--store", store.root).stdout


def test_list_and_verify_count_the_same_runs(place: Path) -> None:
    said = [pathways("store", command, "--store", place / "store").stdout for command in ("list", "verify")]
    listed, checked = [re.findall(r"(\d+) runs \((\d+) of them with recorded facts\)", text) for text in said]
    assert listed == checked == [(str(len(Store(place / "store").finished())), "2")]


@pytest.mark.parametrize("content", ['{"seed": 11, "repl', "[]", "{}", "\ud800"])
def test_a_broken_record_of_a_run_gives_one_message(content: str, place: Path, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    for command in ("show", "status"):
        where = ("--store", place / "store") if command == "status" else ()
        told = pathways("study", command, place / "tiny.yaml", *where, "--output", tmp_path)
        assert told.exit_code == UNUSABLE
        assert "run.json" in told.stderr
        assert told.stderr.count("found:") == 1


def test_a_broken_table_of_results_gives_one_message(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "out", tmp_path / "out")
    (tmp_path / "out" / "measures.parquet").write_bytes(b"PAR1")
    told = pathways("study", "show", place / "tiny.yaml", "--output", tmp_path / "out")
    assert told.exit_code == UNUSABLE
    assert "measures.parquet" in told.stderr


def test_a_dry_run_of_nothing_finished_tries_two_runs_that_share_their_run_in(place: Path, tmp_path: Path) -> None:
    arguments = ("--store", tmp_path / "store", "--dry-run", "--workers", 1)
    tried = pathways("study", "run", place / "tiny.yaml", *arguments)
    assert tried.exit_code == 0, tried.output
    assert "0 finished, 6 to do" in tried.stdout
    assert not (tmp_path / "store").exists()


def test_a_dry_run_counts_only_what_succeeded(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(units: list[Unit], _packed: list[bytes]) -> list[Outcome]:
        broken = Outcome(units[0], {}, 99.0, "ValueError: no")
        return [broken, *(Outcome(unit, {"measures": b"12"}, 4.0) for unit in units[1:])]

    arguments = ("--store", tmp_path / "store", "--dry-run", "--workers", 2)
    monkeypatch.setattr("sim.replicate.run_together", half)
    tried = pathways("study", "run", place / "tiny.yaml", *arguments)
    assert "one run took 4.0 seconds; with 2 worker(s) about 12 seconds" in tried.stdout
    assert "ValueError: no" in tried.stderr
    monkeypatch.setattr("sim.replicate.run_together", lambda units, packed: half(units[:1], packed))
    assert pathways("study", "run", place / "tiny.yaml", *arguments).exit_code == FAILED


def test_a_dry_run_counts_runs_without_wanted_facts_as_to_do(place: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    shutil.copytree(place / "store", store.root)
    store.remove(next(unit for unit in store.folders() if unit.name.endswith("-facts")))
    said = pathways("study", "run", place / "tiny.yaml", "--store", store.root, "--dry-run").stdout
    assert "5 finished, 1 to do" in said


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    for command in ("list", "verify", "prune"):
        refused = pathways("store", command, "--store", tmp_path)
        assert refused.exit_code == UNUSABLE
        assert "holds no runs" in refused.stderr


def test_a_wrong_study_file_is_refused_with_its_line(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = (place / "tiny.yaml").read_text(encoding="utf-8").replace("kind: factorial", "kind: factoral")
    file.write_text(text, encoding="utf-8")
    refused = pathways("study", "run", file, "--store", tmp_path / "store")
    assert refused.exit_code == UNUSABLE
    for needed in ("wrong.yaml", "line 4", "factorial"):
        assert needed in refused.stderr
    assert not (tmp_path / "store").exists()


def test_the_points_of_the_study_for_other_tests_are_those_it_says(tmp_path: Path) -> None:
    assert tuple(point.scenario for point in load_experiment(study_file(tmp_path)).points) == POINTS

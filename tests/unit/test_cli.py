"""The command line: what each command prints and writes, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sim.cli import app
from sim.parameters.load import list_counties
from sim.scenarios import scenario_skeleton

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = "primary_bases_2019"


def pathways(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def compared(small, tmp_path_factory) -> tuple[Result, Path]:
    """One small comparison, in one process."""
    folder = tmp_path_factory.mktemp("results") / "small"
    arguments = ("--config", small, "--scenario", SCENARIO, "--replications", 2, "--seed", 5, "--workers", 1)
    return pathways("compare", *arguments, "--output", folder), folder


def test_help_names_every_command_and_the_one_to_start_with():
    said = pathways("--help").output
    for command in ("compare", "run", "check", "map", "trace", "new", "doctor"):
        assert command in said
    assert "Start with: pathways compare" in said


@pytest.mark.parametrize("command", ["compare", "run"])
def test_the_same_options_stand_in_both_running_commands(command):
    said = pathways(command, "--help").output
    for option in ("--county", "--config", "--seed", "--replications", "--workers", "--output", "--quiet"):
        assert option in said
    for option in ("--opening-roll", "--format"):
        assert option in said


def test_help_loads_no_slow_library():
    slow = "{'numpy', 'pandas', 'matplotlib', 'pydantic', 'pyarrow', 'scipy', 'rich'}"
    code = f"import sys, sim.cli; sys.exit(' '.join({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr.strip() == ""


def test_python_m_sim_is_the_same_program():
    done = subprocess.run(
        [sys.executable, "-m", "sim", "--help"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert "compare" in done.stdout


def test_a_scenario_without_its_option_is_told_how_to_be_given():
    result = pathways("compare", "panels.yaml")
    assert result.exit_code == 2
    assert "pathways compare --scenario panels.yaml" in words_of(result.stderr)


def test_compare_prints_differences_with_intervals_and_the_stamp(compared):
    result, _ = compared
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    for needed in ("compared with the baseline", "95% interval of", "Uncalibrated", "not children's outcomes", "Covid"):
        assert needed in said


def test_compare_says_where_the_results_are_and_writes_them_with_three_figures(compared):
    result, folder = compared
    assert str(folder) in result.stdout.replace("\n", "")
    assert sorted(path.name for path in (folder / "figures").glob("*.png")) == ["change.png", "rolls.png", "spend.png"]
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["seed"] == 5
    assert (folder / "differences.csv").is_file()
    assert (folder / "measures.parquet").is_file()


def test_compare_records_the_configuration_files_it_read(compared, small):
    _, folder = compared
    inputs = json.loads((folder / "run.json").read_text(encoding="utf-8"))["inputs"]
    assert f"{small.name}/rates.csv" in inputs


def test_compare_tells_progress_on_stderr_only(compared):
    result, _ = compared
    assert "4 of 4 runs" in result.stderr
    assert "of 4 runs" not in result.stdout


def test_a_dry_run_counts_what_is_finished_and_runs_nothing_more(compared, small):
    _, folder = compared
    before = sorted((folder / "units").iterdir())
    arguments = ("--config", small, "--scenario", SCENARIO, "--replications", 3, "--seed", 5, "--output", folder)
    result = pathways("compare", *arguments, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "6 runs: 2 scenarios by 3 replications" in result.stdout
    assert "4 finished, 2 to do" in result.stdout
    assert sorted((folder / "units").iterdir()) == before


def test_the_same_command_goes_on_where_a_stopped_one_ended(compared, small, monkeypatch):
    _, folder = compared

    def refuse(*_: object) -> None:
        raise AssertionError("a finished run was run again")

    monkeypatch.setattr("sim.parallel.run_together", refuse)
    arguments = ("--config", small, "--replications", 2, "--seed", 5, "--workers", 1, "--output", folder, "--quiet")
    result = pathways("run", *arguments)
    assert result.exit_code == 0, result.output
    assert "run-to-run range" in result.stdout


def test_run_prints_levels_with_the_interval_of_the_mean_and_the_stamp(small, tmp_path):
    arguments = ("--config", small, "--replications", 1, "--workers", 1, "--output", tmp_path / "out", "--quiet")
    result = pathways("run", *arguments)
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    for needed in ("Academic year 2018/19", "Uncalibrated", "One replication gives no interval"):
        assert needed in said
    assert result.stderr == ""


def test_check_says_what_a_county_holds():
    result = pathways("check", "exampleshire")
    assert result.exit_code == 0
    for needed in ("Exampleshire", "fictional", "provisions", "rates", "baseline year", "factors to", "No problems"):
        assert needed in result.stdout


def test_check_reads_a_scenario_file_on_top_of_a_county():
    file = ROOT / "configs" / "scenarios" / f"{SCENARIO}.yaml"
    result = pathways("check", file, "--county", "exampleshire")
    assert result.exit_code == 0
    assert f"Scenario {SCENARIO}" in result.stdout


def test_check_lists_all_problems_of_a_broken_county_and_ends_with_2(small, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(small, broken)
    for name, found, wrong in (
        ("rates.csv", "per school year", "per fortnight"),
        ("routes.csv", "probability", "chance"),
    ):
        text = (broken / name).read_text(encoding="utf-8")
        (broken / name).write_text(text.replace(found, wrong, 1), encoding="utf-8", newline="\n")
    result = pathways("check", broken)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "rates.csv" in result.stderr
    assert "routes.csv" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("check", "nowhere"), "exampleshire"),
        (("compare", "--county", "exampleshire", "--scenario", "primary_bases"), SCENARIO),
        (("compare", "--county", "exampleshire", "--scenario", "baseline"), "at least one other scenario"),
        (("trace", "1999-Y3-1", "--county", "exampleshire"), "2012-Y3-17"),
        (("run", "--replications", "0"), "--replications"),
        (("compare", "--seed", "-1"), "--seed"),
    ],
)
def test_what_cannot_be_used_is_said_on_stderr_with_exit_code_2(arguments, needed):
    result = pathways(*arguments)
    assert result.exit_code == 2
    assert needed in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_the_same_scenario_twice_is_refused():
    result = pathways("compare", "--county", "exampleshire", "--scenario", SCENARIO, "--scenario", SCENARIO)
    assert result.exit_code == 2
    assert "different names" in result.stderr


def test_a_stop_says_how_to_go_on_and_ends_with_130(small, tmp_path, monkeypatch):
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.study.run_study", stopped)
    result = pathways("run", "--config", small, "--output", tmp_path / "half")
    assert result.exit_code == 130
    assert f"--output {tmp_path / 'half'} goes on where this stopped" in result.stderr


def test_failed_runs_are_named_with_their_seed_and_end_with_1(small, tmp_path, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("the model fell over")

    monkeypatch.setattr("sim.replicate.Run", broken)
    arguments = ("--config", small, "--replications", 1, "--seed", 9, "--workers", 1, "--output", tmp_path / "out")
    result = pathways("run", *arguments)
    assert result.exit_code == 1
    assert "seed 9" in result.stderr
    assert "the model fell over" in result.stderr


def test_a_folder_that_cannot_be_written_is_a_message_and_not_a_traceback(small, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    arguments = ("--config", small, "--replications", 1, "--workers", 1, "--output", tmp_path / "file")
    result = pathways("run", *arguments, "--quiet")
    assert result.exit_code == 1
    assert "cannot be read or written" in result.stderr


def test_without_output_results_are_named_after_county_scenario_and_seed(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = pathways("run", "--config", small, "--replications", 1, "--workers", 1, "--seed", 3, "--quiet")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "results" / "littleshire-baseline-seed3" / "run.json").is_file()


def test_map_writes_a_picture_and_the_same_as_text(tmp_path):
    file = tmp_path / "map.png"
    result = pathways("map", "--county", "exampleshire", "--output", file)
    assert result.exit_code == 0, result.output
    assert file.is_file()
    assert "From mainstream school:" in file.with_suffix(".txt").read_text(encoding="utf-8")


def test_map_as_text_draws_nothing():
    code = (
        "import sys; from sim.cli import app;"
        "app(['map', '--text', '--county', 'exampleshire'], standalone_mode=False);"
        "sys.exit('matplotlib' if 'matplotlib' in sys.modules else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "From mainstream school:" in done.stdout


def test_trace_tells_two_lives_side_by_side_marks_where_they_part_and_says_why_this_pupil():
    result = pathways("trace", "--county", "exampleshire", "--scenario", SCENARIO, "--seed", 5)
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    assert "nobody real" in said
    assert "Picked: the pupil whose days in special schools" in said
    assert said.count("from here on the two lives differ") == 2


def test_trace_of_the_baseline_against_itself_says_that_nothing_differs(small):
    said = words_of(pathways("trace", "--config", small, "--scenario", "baseline", "--seed", 5).stdout)
    assert "No pupil's placements differ" in said
    assert "from here on" not in said


def test_format_csv_adds_a_copy_of_the_measures(small, tmp_path):
    arguments = ("--config", small, "--replications", 1, "--workers", 1, "--seed", 3, "--output", tmp_path / "out")
    result = pathways("run", *arguments, "--quiet", "--format", "csv")
    assert result.exit_code == 0, result.output
    copy = pd.read_csv(tmp_path / "out" / "measures.csv", keep_default_na=False, na_values={"value": [""]})
    table = pd.read_parquet(tmp_path / "out" / "measures.parquet")
    assert list(copy.columns) == list(table.columns)
    assert copy["value"].to_numpy() == pytest.approx(table["value"].to_numpy(), nan_ok=True)
    assert copy["measure"].tolist() == table["measure"].tolist()


def test_a_new_scenario_can_be_used_as_it_is_and_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = pathways("new", "scenario", "my_policy")
    assert result.exit_code == 0, result.output
    assert "pathways check my_policy.yaml" in result.stdout
    checked = pathways("check", "my_policy.yaml", "--county", "exampleshire")
    assert "Scenario my_policy: my_policy" in checked.stdout
    assert "0 changes" in checked.stdout


@pytest.mark.parametrize("county", list_counties())
def test_the_examples_in_a_new_scenario_can_be_used(county, tmp_path):
    head, examples = scenario_skeleton("my_policy").split("changes: {}\n")
    file = tmp_path / "my_policy.yaml"
    uncommented = "".join(line[1:] for line in examples.splitlines(keepends=True))
    file.write_text(f"{head}changes:\n{uncommented}", encoding="utf-8")
    result = pathways("check", file, "--county", county)
    assert result.exit_code == 0, result.output
    assert "4 changes" in result.stdout


@pytest.mark.parametrize("name", ["baseline", "my policy", "../up", SCENARIO, "mine"])
def test_a_new_scenario_needs_a_name_that_is_free_and_can_be_a_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("title: Mine\n", encoding="utf-8")
    result = pathways("new", "scenario", name)
    assert result.exit_code == 2
    assert "NAME" in result.stderr or "command line" in result.stderr
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == "title: Mine\n"


def test_doctor_names_versions_cores_and_whether_results_can_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = pathways("doctor").stdout
    assert f"cores: {os.cpu_count()}" in said
    assert "results can be written here: yes" in said
    assert "Python 3." in said


def test_results_can_be_printed_where_the_terminal_has_few_signs():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "sim", "trace", "--county", "exampleshire", "--seed", "5"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="ascii",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "| Date" in done.stdout

"""Questions, levers and documents on the command line, and asking from Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import sim
from sim.cli import app
from sim.levers.catalogue import levers, read_lever
from sim.measures import MEASURES
from sim.parameters.schema import Parameters
from sim.questions import questions
from sim.report.documents import DOCUMENTS
from sim.scenarios import baseline, skeleton

ROOT = Path(__file__).resolve().parents[2]
KNOWN = questions(MEASURES)
SMALLEST = min((key for key in KNOWN if KNOWN[key].runs), key=lambda key: len(KNOWN[key].runs))
LEVELS = next(key for key in KNOWN if not KNOWN[key].runs)


def pathways(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def asked(small: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("results") / "asked"
    arguments = ("--county", small, "--replications", 2, "--seed", 5, "--workers", 1, "--output", folder)
    return pathways("ask", SMALLEST.lower(), *arguments), folder


def test_questions_are_listed_with_the_scenarios_that_answer_them() -> None:
    result = pathways("questions")
    assert result.exit_code == 0
    for key, question in KNOWN.items():
        assert f"{key} " in result.stdout
        for name in question.runs:
            assert f"- {name}:" in result.stdout
    assert pathways("ask").stdout == result.stdout


def test_an_answer_is_printed_in_words_and_written_word_for_word(asked: tuple[Result, Path]) -> None:
    result, folder = asked
    assert result.exit_code == 0, result.output
    said = (folder / "finding.txt").read_text(encoding="utf-8")
    assert result.stdout == f"{said}Results: {folder}\n"
    for words in (f"{SMALLEST}. ", "UNCALIBRATED", "not children's outcomes", "Covid", "What is looked at"):
        assert words in said


def test_commands_to_go_further_are_about_the_county_that_was_asked_for(
    asked: tuple[Result, Path], small: Path
) -> None:
    said = asked[0].stdout.partition("To go further:\n")[2].partition("\n\n")[0]
    assert said.splitlines() == [f"  {command} --county {small}" for command in KNOWN[SMALLEST].go_further]


def test_an_answer_leaves_a_results_folder_with_figures(asked: tuple[Result, Path]) -> None:
    _, folder = asked
    recorded = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert recorded["study"] == SMALLEST
    assert [one["name"] for one in recorded["scenarios"]] == ["baseline", *KNOWN[SMALLEST].runs]
    assert (folder / "differences.csv").is_file()
    assert {f"{SMALLEST}.png", "rolls.png", "spend.png"} <= {path.name for path in (folder / "figures").glob("*.png")}


def test_progress_is_told_on_stderr_only(asked: tuple[Result, Path]) -> None:
    result, _ = asked
    assert "of 6 runs" in result.stderr
    assert "of 6 runs" not in result.stdout


def test_the_same_question_from_python_has_the_same_words_and_runs_nothing_again(
    asked: tuple[Result, Path], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a finished run was run again")

    file = asked[1] / "finding.txt"
    said = file.read_text(encoding="utf-8")
    file.unlink()
    monkeypatch.setattr("sim.parallel.run_together", refuse)
    answer = sim.ask(SMALLEST, on=small, replications=2, seed=5, workers=1, output=asked[1])
    assert f"{answer.finding()}\n" == said == file.read_text(encoding="utf-8")
    assert answer.scenarios == ("baseline", *KNOWN[SMALLEST].runs)
    assert not answer.differences().empty


def test_a_question_about_the_baseline_tells_levels(small: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = pathways("ask", LEVELS, "--county", small, "--replications", 2, "--seed", 5, "--workers", 1, "--quiet")
    folder = Path("results") / f"littleshire-{LEVELS}-seed5"
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "run-to-run range" in result.stdout
    assert (folder / "levels.csv").is_file()
    assert not (folder / "differences.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("ask", "Q99"), "no question Q99"),
        (("ask", SMALLEST, "--county", "nowhere"), "exampleshire"),
        (("levers", "protect_time"), "protect_preventive_time"),
        (("levers", "nothing.yaml"), "no such file"),
        (("new", "lever", "protect_preventive_time"), "which there is already"),
    ],
)
def test_what_cannot_be_used_is_said_once_with_exit_code_2(arguments: tuple[str, ...], needed: str) -> None:
    result = pathways(*arguments)
    assert result.exit_code == 2
    assert needed in result.stderr
    assert "1 problem" in result.stderr
    assert result.stdout == ""


def test_levers_are_printed_with_figures_ranges_and_sources() -> None:
    result = pathways("levers", "--county", "exampleshire")
    assert result.exit_code == 0, result.output
    for name in levers():
        assert f"{name}: " in result.stdout
    for words in ("grade", "range", "judgement", "Effects on pupils, Exampleshire", "0.3 to 0.7"):
        assert words in result.stdout


def test_one_lever_can_be_printed_by_itself() -> None:
    one, other = sorted(levers())[:2]
    said = pathways("levers", one, "--county", "exampleshire").stdout
    assert said.startswith(f"{one}: ")
    assert f"\n{other}: " not in said


def test_a_new_lever_is_valid_can_be_printed_and_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = pathways("new", "lever", "my_lever")
    assert result.exit_code == 0, result.output
    assert "pathways levers my_lever.yaml" in result.stdout
    printed = pathways("levers", "my_lever.yaml", "--county", "exampleshire")
    assert printed.exit_code == 0, printed.output
    assert "my_lever: my_lever" in printed.stdout
    found = read_lever(tmp_path / "my_lever.yaml")
    assert not found.settings
    assert not found.acts


def test_the_example_in_a_new_lever_is_valid_and_neutral(tmp_path: Path, monkeypatch, exampleshire: Parameters) -> None:
    text = skeleton("lever", "my_lever")
    lines = text.replace("settings: {}", "settings:").replace("acts: []", "acts:").splitlines(keepends=True)
    file = tmp_path / "my_lever.yaml"
    file.write_text("".join(line[1:] if line.startswith("#  ") and _is_data(line) else line for line in lines), "utf-8")
    spec = read_lever(file)
    assert spec.acts
    monkeypatch.setattr("sim.levers.catalogue.levers", lambda: {"my_lever": spec})
    start, day = baseline(exampleshire), exampleshire.horizon.study_start
    assert start.with_(levers={"my_lever": {"strength": 0}}).parameters == exampleshire
    pulled = start.with_(levers={"my_lever": {}}).parameters.on(day).quantities.team.protected_share
    assert pulled.value == exampleshire.quantities.team.protected_share.value


def _is_data(line: str) -> bool:
    """Whether a commented line is part of an example, and no command of the first lines."""
    return "pathways" not in line


def test_documents_are_written_and_found_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    written = pathways("docs", "--output", folder)
    assert written.exit_code == 0, written.output
    assert {file.name for file in folder.iterdir()} == set(DOCUMENTS)
    assert pathways("docs", "--check", "--output", folder).exit_code == 0


def test_a_document_that_differs_ends_with_1_its_name_and_the_command_and_is_left_alone(tmp_path: Path) -> None:
    pathways("docs", "--output", tmp_path)
    name = next(iter(DOCUMENTS))
    (tmp_path / name).write_text("changed by hand\n", encoding="utf-8")
    result = pathways("docs", "--check", "--output", tmp_path)
    assert result.exit_code == 1
    assert name in result.stderr
    assert all(other not in result.stderr for other in list(DOCUMENTS)[1:])
    assert f"pathways docs --output {tmp_path}" in result.stderr
    assert (tmp_path / name).read_text(encoding="utf-8") == "changed by hand\n"


def test_levers_and_questions_can_be_read_from_python() -> None:
    table = sim.list_levers()
    assert set(table["lever"]) == {name for name, spec in levers().items() if spec.settings}
    assert {"setting", "value", "low", "high", "unit", "role", "grade", "source", "questions"} <= set(table.columns)
    assert list(sim.list_questions()) == list(KNOWN)


def test_help_of_every_command_comes_without_slow_libraries() -> None:
    slow = "{'numpy', 'pandas', 'matplotlib', 'pyarrow', 'scipy', 'simpy', 'yaml'}"
    code = (
        "import sys; from sim.cli import app\n"
        "for name in ('questions', 'ask', 'levers', 'docs', 'new'):\n"
        "    try: app([name, '--help'])\n"
        "    except SystemExit as end: assert not end.code\n"
        f"sys.exit(' '.join({slow} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr

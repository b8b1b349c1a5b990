"""When a lever pays, when money comes back and what is due to what, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sim.analysis.break_even_chance import chance_in_draws
from sim.cli import app
from sim.replicate import Outcome, Unit
from sim.results import Results

TWO_LEVERS = """
question: Q3
title: Cheaper fees and more places
levers:
  agree_fee_framework: {}
  fund_special_places: {}
"""


def pathways(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def two_levers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scenario") / "fees_and_places.yaml"
    file.write_text(TWO_LEVERS, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def split(small: Path, two_levers: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """A scenario of two levers, split between them."""
    folder = tmp_path_factory.mktemp("results") / "split"
    arguments = ("--county", small, "--replications", 1, "--seed", 5, "--workers", 1, "--output", folder, "--quiet")
    return pathways("waterfall", two_levers, *arguments), folder


def test_breakeven_runs_levels_and_says_what_a_lever_may_cost(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ("--on", "cost", "--county", small, "--replications", 1, "--seed", 5, "--workers", 1, "--quiet")
    result = pathways("breakeven", "agree_fee_framework", *arguments, "--set", "price=0.8")
    said, folder = words_of(result.stdout), Path("results") / "littleshire-breakeven-agree_fee_framework-cost"
    assert result.exit_code == 0, result.output
    assert "when does it pay for itself?" in said
    assert "times its price" in said
    assert "seed 5, 1 replication of each level" in said
    assert said.endswith(f"Results: {folder}")
    recorded = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    levels = {one["name"]: one["levers"] for one in recorded["scenarios"][1:]}
    assert list(levels) == ["level_0", "level_0.5", "level_1"]
    assert all(one["agree_fee_framework"]["price"] == 0.8 for one in levels.values())
    refused = pathways("payback", folder)
    assert refused.exit_code == 2
    assert "which holds levels of one lever from pathways breakeven and no policies" in words_of(refused.stderr)


def test_breakeven_in_draws_says_in_how_many_of_them_the_lever_pays(small: Path, tmp_path: Path) -> None:
    arguments = ("--on", "cost", "--county", small, "--replications", 1, "--seed", 5, "--workers", 1, "--quiet")
    more = ("--draws", 2, "--output", tmp_path / "out")
    result = pathways("breakeven", "agree_fee_framework", *arguments, *more)
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    results = Results.load(tmp_path / "out" / "drawn")
    assert (results.are_drawn, results.per_draw, results.provenance["draws"]) == (True, 2, 2)
    assert f"pays for itself in {chance_in_draws(results).value:.0%} of 2 draws of all that is not known" in said


def test_breakeven_asks_about_the_first_axis_a_lever_has_if_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def remember(_county: object, question: Any, *_: object) -> None:
        asked.append(question)
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.analysis.lever_break_even.break_even", remember)
    result = pathways(
        "breakeven", "fund_training_bursary", "--county", "exampleshire", "--set", "budget=5", "--seed", 3
    )
    assert result.exit_code == 130
    (question,) = asked
    assert (question.axis, question.settings, question.seed) == ("effect", {"budget": 5.0}, 3)


def test_breakeven_that_failed_says_which_runs_and_how_to_go_on(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(units: list[Unit], _packed: object) -> list[Outcome]:
        return [Outcome(unit, {}, error="Traceback\nRuntimeError: no more paper") for unit in units]

    monkeypatch.setattr("sim.parallel.run_together", fail)
    arguments = ("--county", small, "--replications", 1, "--workers", 1, "--output", tmp_path / "out", "--quiet")
    result = pathways("breakeven", "agree_fee_framework", "--on", "cost", *arguments)
    assert result.exit_code == 1
    assert "RuntimeError: no more paper" in result.stderr
    assert "The same command goes on where this stopped." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("agree_fee_framework", "--on", "dose"), "found: dose for agree_fee_framework allowed: effect, cost fix"),
        (("change_baip_funding",), "found: nothing for change_baip_funding allowed: a lever with something to scale"),
        (("fund_casework", "--set", "size"), "found: 'size' allowed: NAME=VALUE, such as agenda=12"),
        (("fund_casework", "--set", "=2"), "found: '=2' allowed: NAME=VALUE"),
        (("fund_casework", "--set", "sise=2"), "did you mean size"),
        (
            ("open_primary_bases", "--set", "design=a_tent"),
            "found: 'a_tent' allowed: outreach_only,",
        ),
        (("fund_casewerk",), "found: no lever fund_casewerk allowed: fund_casework"),
    ],
)
def test_breakeven_that_cannot_be_used_is_said_with_exit_code_2(arguments: tuple[str, ...], needed: str) -> None:
    result = pathways("breakeven", *arguments, "--county", "exampleshire")
    assert result.exit_code == 2
    assert needed in words_of(result.stderr)
    assert result.stdout == ""


def test_waterfall_runs_each_lever_alone_and_all_together(split: tuple[Result, Path]) -> None:
    result, folder = split
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    assert "Cheaper fees and more places: what is due to which part" in said
    assert "From the baseline to the combination: what the high needs block spends, £ thousand cash, total of" in said
    assert said.endswith(f"Results: {folder}")
    recorded = json.loads((folder / "run.json").read_text(encoding="utf-8"))["scenarios"]
    assert [sorted(one["levers"]) for one in recorded] == [
        [],
        ["agree_fee_framework"],
        ["fund_special_places"],
        ["agree_fee_framework", "fund_special_places"],
    ]


@pytest.mark.parametrize("name", ["special_places_added", "baseline"])
def test_waterfall_of_fewer_than_two_levers_is_refused(name: str) -> None:
    result = pathways("waterfall", name, "--county", "exampleshire")
    assert result.exit_code == 2
    assert f"{name}, which has {int(name != 'baseline')} lever(s)" in words_of(result.stderr)


def test_payback_is_printed_for_finished_results(split: tuple[Result, Path]) -> None:
    result = pathways("payback", split[1])
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    assert said.count("Paid back for good within the horizon in") == 3
    assert "Net present value" in said


def test_payback_of_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    result = pathways("payback", tmp_path)
    assert result.exit_code == 2
    assert "which holds no finished results" in words_of(result.stderr)


def test_payback_of_one_scenario_is_refused(small: Path, tmp_path: Path) -> None:
    arguments = ("--config", small, "--replications", 1, "--workers", 1, "--output", tmp_path / "one", "--quiet")
    assert pathways("run", *arguments).exit_code == 0
    result = pathways("payback", tmp_path / "one")
    assert result.exit_code == 2
    assert "which holds only baseline" in words_of(result.stderr)


def test_payback_of_results_without_a_whole_year_of_the_study_is_refused(
    split: tuple[Result, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "moved"
    folder.mkdir()
    for file in split[1].glob("*.parquet"):
        (folder / file.name).write_bytes(file.read_bytes())
    recorded = json.loads((split[1] / "run.json").read_text(encoding="utf-8"))
    recorded["horizon"]["study_start"] = "2030-09-01"
    (folder / "run.json").write_text(json.dumps(recorded), encoding="utf-8")
    result = pathways("payback", folder)
    assert result.exit_code == 2
    assert "results that hold the whole first year of the study" in words_of(result.stderr)

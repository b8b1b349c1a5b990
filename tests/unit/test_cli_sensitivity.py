"""How sure an answer is and what it hangs on, on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sim.cli import app
from sim.replicate import Outcome, Unit
from tests.unit.analysis.made_results import changed, level, results_of

DRAWS, PER_DRAW = 40, 2


def pathways(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A results folder of bases that save in half of the draws, by a figure alone."""
    recur = np.linspace(0.0, 1.0, DRAWS)
    cost = np.repeat(20e6 * (recur - 0.4), PER_DRAW)
    before = level(DRAWS * PER_DRAW, fees=100e6)
    said = {
        "uncertainty": "parameters",
        "replications_per_draw": PER_DRAW,
        "replications": DRAWS * PER_DRAW,
        "county": {"name": "madeshire", "label": "Madeshire"},
        "stamp": "uncalibrated",
        "seed": 1,
        "code": "c0de",
    }
    made = results_of({"baseline": before, "bases": changed(before, {("bases", "2019-20"): cost})}, **said)
    scenarios = [{**one, "parameters": one["name"]} for one in made.provenance["scenarios"]]
    rows = [(number, "rates/recur", u, u) for number, u in enumerate(recur)]
    rows += [(number, "rates/idle", (7 * number % DRAWS) / DRAWS, 0.5) for number in range(DRAWS)]
    draws = pd.DataFrame(rows, columns=["draw", "name", "quantile", "value"])
    return made.with_(draws=draws, provenance={**made.provenance, "scenarios": scenarios}).save(tmp_path / "drawn")


def test_ranking_tells_the_chance_of_each_scenario_and_what_could_change_it(drawn: Path) -> None:
    result = pathways("sensitivity", "ranking", drawn)
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    assert "Cheapest on average: Title of baseline. The chance that it is the cheapest is 60%" in said
    assert "* Rates: recur: where it is in the lower third of its draws, the cheapest stays the cheapest in 0%" in said
    assert "Title of bases in the lower third, Title of baseline in the upper" in said
    assert pd.read_csv(drawn / "ranking.csv")["scenario"].tolist() == ["baseline", "bases"]
    assert pd.read_csv(drawn / "assumptions.csv")["name"].tolist() == ["rates/recur"]


def test_a_ranking_is_drawn_and_each_question_to_a_folder_has_files_of_its_own(drawn: Path) -> None:
    assert pathways("sensitivity", "ranking", drawn).exit_code == 0
    beside = (drawn / "figures" / "ranking.txt").read_text(encoding="utf-8")
    assert "1. Title of baseline: best in 60% of the draws" in beside
    assert "80 replications" in beside
    asked = ("--measure", "spend_total", "--provision", "in_block", "--over", "sum", "--aim", "most")
    result = pathways("sensitivity", "ranking", drawn, *asked)
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    assert "Which scenario has the most, and how sure is that?" in said
    assert "Best on average: Title of bases. The chance that it is the best is 60%" in said
    rows = pd.read_csv(drawn / "ranking-spend_total-in_block-sum-most.csv").set_index("scenario")
    assert rows.loc["bases", "change"] == pytest.approx(2e6)
    assert rows.loc["bases", "low"] < 2e6 < rows.loc["bases", "high"]
    assert (drawn / "figures" / "ranking-spend_total-in_block-sum-most.png").is_file()
    assert not list(drawn.rglob("*.part"))


def test_some_scenarios_are_ranked_by_themselves(drawn: Path) -> None:
    result = pathways("sensitivity", "ranking", drawn, "--scenario", "bases", "--scenario", "baseline")
    assert result.exit_code == 0, result.output
    assert len(pd.read_csv(drawn / "ranking-bases-baseline.csv")) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--scenario", "bases", "--scenario", "panels"), "no results of scenario panels; there are baseline, bases"),
        (("--scenario", "bases"), "1 scenario(s)"),
        (("--measure", "spend_totl"), "--measure found: no figures of measure spend_totl"),
        (("--measure", "spend_total", "--provision", "moon"), "--provision found: no figures of provision moon"),
        (("--phase", "primary"), "--measure found: nothing, with other options of a measure"),
    ],
)
def test_what_cannot_be_ranked_is_told(asked: tuple[str, ...], said: str, drawn: Path) -> None:
    result = pathways("sensitivity", "ranking", drawn, *asked)
    assert result.exit_code == 2
    assert said in words_of(result.stderr)
    assert "Traceback" not in result.stderr


def test_value_tells_which_evidence_is_worth_collecting(drawn: Path) -> None:
    result = pathways("sensitivity", "value", drawn)
    said = words_of(result.stdout)
    assert result.exit_code == 0, result.output
    # 40% of draws save £4m on average
    assert "Knowing everything that was drawn before choosing would save £1.6" in said
    assert "Most worth knowing by themselves: Rates: recur" in said
    assert pd.read_csv(drawn / "value.csv")["name"].tolist() == ["rates/recur"]
    assert "Knowing everything" in (drawn / "figures" / "value.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("method", ["ranking", "value"])
def test_results_without_draws_are_refused_with_what_to_do(method: str, tmp_path: Path) -> None:
    held = results_of({"baseline": level(), "bases": level()}, replications=2).save(tmp_path / "held")
    result = pathways("sensitivity", method, held)
    assert result.exit_code == 2
    assert "results without draws of what is not known" in words_of(result.stderr)
    assert "run with --uncertainty parameters" in words_of(result.stderr)


@pytest.mark.parametrize("method", ["ranking", "value"])
def test_a_folder_without_results_is_refused(method: str, tmp_path: Path) -> None:
    result = pathways("sensitivity", method, tmp_path)
    assert result.exit_code == 2
    assert "holds no finished results" in words_of(result.stderr)


def test_without_the_extra_it_is_said_how_to_get_it(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.analysis.sensitivity.value.value_of_all", no_sklearn)
    result = pathways("sensitivity", "value", drawn)
    assert result.exit_code == 2
    assert '-e ".[sensitivity]"' in words_of(result.stderr)


def no_sklearn(_decision: object) -> Any:
    raise ModuleNotFoundError("no module", name="sklearn.linear_model")


def test_tornado_runs_each_figure_at_both_ends_and_writes_what_it_found(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("--only", "together/independent_fees", "--replications", 1, "--seed", 5, "--workers", 1, "--quiet")
    result = pathways("sensitivity", "tornado", "baseline", "--county", small, *asked)
    said, folder = words_of(result.stdout), Path("results") / "littleshire-tornado-baseline-seed5"
    assert result.exit_code == 0, result.output
    assert "What moves it: spend of the high needs block over the study" in said
    assert said.endswith(f"Results: {folder}")
    (row,) = pd.read_csv(folder / "tornado.csv").to_dict("records")
    assert row["at_low"] < row["at_high"]
    assert (folder / "figures" / "tornado.png").is_file()


def test_morris_runs_its_trajectories_and_writes_what_it_found(small: Path, tmp_path: Path) -> None:
    asked = ("--only", "together/independent_fees", "--replications", 1, "--workers", 1, "--quiet")
    more = ("--trajectories", 2, "--output", tmp_path)
    result = pathways("sensitivity", "morris", "baseline", "--county", small, *asked, *more)
    assert result.exit_code == 0, result.output
    assert "2 trajectories." in words_of(result.stdout)
    (row,) = pd.read_csv(tmp_path / "morris.csv").to_dict("records")
    assert row["mu_star"] > 0.0
    assert (tmp_path / "figures" / "morris.png").is_file()


@pytest.mark.parametrize(("method", "points"), [("tornado", 3), ("morris", 12)])
def test_a_dry_run_says_how_many_runs_there_are(method: str, points: int, small: Path) -> None:
    asked = ("--only", "rates/recur", "--replications", 5, "--dry-run", "--county", small)
    result = pathways("sensitivity", method, "special_places_added", *asked)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{points * 2 * 5} runs: {points} points by 2 scenario(s) by 5 replications")


def test_figures_that_there_are_not_are_refused_with_those_there_are(small: Path) -> None:
    result = pathways("sensitivity", "tornado", "baseline", "--only", "weather/*", "--county", small)
    assert result.exit_code == 2
    assert "found: weather/* allowed: factors/*, " in words_of(result.stderr)


def test_runs_that_fail_say_how_to_go_on(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(units: list[Unit], _packed: object) -> list[Outcome]:
        return [Outcome(unit, {}, error="Traceback\nRuntimeError: no more paper") for unit in units]

    monkeypatch.setattr("sim.parallel.run_together", fail)
    asked = ("--only", "rates/recur", "--workers", 1, "--quiet", "--output", tmp_path, "--county", small)
    result = pathways("sensitivity", "tornado", "baseline", *asked)
    assert result.exit_code == 1
    assert "RuntimeError: no more paper" in result.stderr
    assert "goes on where this stopped." in result.stderr

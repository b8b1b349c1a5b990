"""`pathways calibrate` and `validate`: what they refuse, and a whole calibration of the small county."""

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sim.cli import app
from sim.cli.options import UNUSABLE
from sim.parameters.load import find_county, load_county


def pathways(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("waves", ["240", "many,few", "100,5", ""])
def test_waves_that_cannot_be_run_are_refused(waves: str) -> None:
    told = pathways("calibrate", "--county", "exampleshire", "--waves", waves)
    assert told.exit_code == UNUSABLE
    assert "--waves" in told.stderr
    assert "such as 240,160,120" in told.stderr


def test_a_county_without_factors_is_refused(tmp_path: Path) -> None:
    county = shutil.copytree(find_county("exampleshire"), tmp_path / "mine")
    file = county / "uncertainty.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[text.index("\ntogether:") :], encoding="utf-8")
    told = pathways("calibrate", "--county", county, "--waves", "20,10", "--store", tmp_path / "store")
    assert told.exit_code == UNUSABLE
    assert "factors in its uncertainty.yaml" in told.stderr


def test_targets_without_one_to_fit_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "targets.csv"
    text = (find_county("exampleshire") / "targets.csv").read_text(encoding="utf-8")
    file.write_text(text.replace(",calibrate,", ",context,"), encoding="utf-8")
    told = pathways("calibrate", "--county", "exampleshire", "--targets", file, "--store", tmp_path / "store")
    assert told.exit_code == UNUSABLE
    assert "no target with the use calibrate" in told.stderr


@pytest.mark.parametrize("origin", ["2016", "2016-17", "soon"])
def test_an_origin_that_is_no_academic_year_is_refused(origin: str, tmp_path: Path) -> None:
    told = pathways("calibrate", "--county", "exampleshire", "--origin", origin, "--store", tmp_path / "store")
    assert told.exit_code == UNUSABLE
    assert "an academic year such as 2016/17" in told.stderr


def test_a_county_without_an_ensemble_cannot_be_validated() -> None:
    told = pathways("validate", "--county", "exampleshire")
    assert told.exit_code == UNUSABLE
    assert "pathways calibrate --adopt" in told.stderr


def test_a_forecast_is_never_taken_over(tmp_path: Path) -> None:
    told = pathways("calibrate", "--county", "exampleshire", "--origin", "2016/17", "--adopt", "--store", tmp_path)
    assert told.exit_code == UNUSABLE
    assert "a forecast is no county" in told.stderr


def test_without_the_extra_nothing_is_run_and_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "emcee", None)
    told = pathways("calibrate", "--county", "exampleshire", "--waves", "20,10", "--store", tmp_path / "store")
    assert told.exit_code == UNUSABLE
    assert '-e ".[calibration]"' in told.stderr
    assert not (tmp_path / "store").exists()


def test_an_ensemble_that_would_be_too_small_is_refused_before_anything_runs(tmp_path: Path) -> None:
    told = pathways("calibrate", "--county", "exampleshire", "--members", 10, "--adopt", "--store", tmp_path / "store")
    assert told.exit_code == UNUSABLE
    assert "20 or more" in told.stderr
    assert not (tmp_path / "store").exists()


@pytest.mark.slow
def test_a_county_can_be_fitted_taken_over_and_put_to_the_test(tmp_path: Path) -> None:
    county = shutil.copytree(find_county("exampleshire"), tmp_path / "mine")
    store, output = tmp_path / "store", tmp_path / "out"
    plan = ("--county", county, "--waves", "60,60", "--members", "30", "--store", store, "--quiet")
    told = pathways("calibrate", *plan, "--adopt", "--output", output)
    assert told.exit_code == 0, told.stderr
    record = json.loads((county / "calibration.json").read_text(encoding="utf-8"))
    assert load_county(county).county.calibration == record["run"]
    assert record["misfit"]["after"] <= record["misfit"]["before"]
    assert {f"{name}.csv" for name in ("runs", "factors", "conflicts", "targets")} <= {f.name for f in output.iterdir()}
    assert len(pd.read_csv(output / "runs.csv")) == 120
    assert (output / "targets.png").read_bytes().startswith(b"\x89PNG")
    tested = pathways("validate", "--county", county, "--replications", "1", "--store", store, "--output", output)
    assert tested.exit_code == 0, tested.stderr
    assert "Held out" in tested.stdout
    assert f"calibration {record['run']}" in tested.stdout
    assert "Markov projection" in tested.stdout
    targets = pd.read_csv(output / "targets.csv", index_col="target")
    assert targets["markov"].notna().any()
    assert pd.read_csv(output / "forecasts.csv")["error_markov"].notna().any()

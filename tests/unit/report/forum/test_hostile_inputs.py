"""What a report, a quotation and the money pages do with input that nobody meant to give them."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.questions import LooksAt
from sim.report.forum.figures import CODE
from sim.report.forum.paper import Paper
from sim.report.forum.writing import write_paper
from sim.results import Results
from sim.store import Store
from tests.forum_results import EXCLUSIONS, TUITION, made
from tests.unit.analysis.made_money import made_money, pupil

FORMULAS = ("=1+1", "+1", "-1", "@now")
LIVES = {"baseline": [pupil(1, special_school=5), pupil(2, 1)], "open": [pupil(1), pupil(2, 1)]}


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def refused(said: Any, *parts: str) -> None:
    """Check that a command was refused with one message that says why, and no traceback."""
    assert said.exit_code == 2, said.output
    assert "Traceback" not in said.output
    for part in parts:
        assert part in " ".join(said.stderr.split())


def written(results: Results, folder: Path, looks_at: tuple[LooksAt, ...] = (TUITION, EXCLUSIONS)) -> str:
    write_paper(Paper(results, None, looks_at, date(2026, 5, 17)), folder)
    return (folder / "forum_paper.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lacks", ["unit", "over"])
def test_a_headline_measure_without_a_unit_or_another_key_is_refused(tmp_path: Path, lacks: str) -> None:
    study = made().save(tmp_path / "study")
    row = {"measure": "mean_roll", "provision": "tuition", "phase": "all", "over": "mean", "label": "Roll", "unit": "x"}
    (study / "headlines.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    assert "Roll, mean of" in run("quote", study).stdout
    row[lacks] = ""
    (study / "headlines.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    for command in ("report", "quote"):
        refused(run(command, study), "no list of headline measures")


@pytest.mark.parametrize("name", ["../../secret", "<b>bold</b>", *FORMULAS])
def test_a_name_of_a_scenario_is_no_path_no_markup_and_no_formula(tmp_path: Path, name: str) -> None:
    page = written(made(name), tmp_path / "out")
    assert "<b>" not in page
    assert not (tmp_path.parent / "secret").exists()
    with (tmp_path / "out" / "references.csv").open(encoding="utf-8") as file:
        cells = [cell for row in csv.DictReader(file) for key, cell in row.items() if key in ("scenario", "sentence")]
    assert any(name in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_cells_that_look_like_formulas_are_text_in_the_workbook(tmp_path: Path) -> None:
    for number, title in enumerate(FORMULAS):
        study = made_money(pupils=LIVES, titles={"open": title}).save(tmp_path / str(number))
        assert run("money", study).exit_code == 0
        book = openpyxl.load_workbook(study / "money" / "money.xlsx")
        cells = [cell for page in book for row in page.iter_rows() for cell in row if str(cell.value) == title]
        assert cells
        assert all(cell.data_type == "s" for cell in cells)


def test_a_very_long_name_fits_everywhere(tmp_path: Path) -> None:
    study = made_money(pupils=LIVES, titles={"open": "long " * 10_000}).save(tmp_path / "study")
    assert run("money", study).exit_code == 0
    assert "…" in written(made(**{"study": "long " * 10_000}), tmp_path / "out")


def test_one_replication_is_refused_by_report_and_quote_and_told_by_money(tmp_path: Path) -> None:
    study = made(replications=1).save(tmp_path / "study")
    for command in ("report", "quote"):
        refused(run(command, study), "one, which gives no interval")
    assert "no interval" in run_money(made_money({("bases", "2020-21"): [5.0]}, 1), tmp_path / "money")


def run_money(results: Results, folder: Path) -> str:
    study = results.save(folder)
    said = run("money", study)
    assert said.exit_code == 0, said.output
    return (study / "money" / "summary.html").read_text(encoding="utf-8")


def test_runs_of_mixed_code_are_refused_by_all_three(tmp_path: Path) -> None:
    study = made().save(tmp_path / "study")
    Store(study).put("unit", {"measures": pa.table({"value": [1.0]})}, {"code": "0ld"})
    for command in ("report", "quote", "money"):
        refused(run(command, study), "made by code 0ld")


def test_a_study_with_a_failed_run_and_no_results_is_refused_by_all_three(tmp_path: Path) -> None:
    Store(tmp_path).fail("unit", {"error": "it broke"})
    for command in ("report", "quote", "money"):
        refused(run(command, tmp_path), "holds no finished results")


@pytest.mark.parametrize("command", ["report", "quote", "money"])
@pytest.mark.parametrize(
    ("lost", "says"),
    [
        ("measures.parquet", "a file is gone"),
        ("run.json", "no finished results"),
        ("pupils/open.parquet", "no pupils of"),
    ],
)
def test_a_results_folder_that_was_deleted_by_half_is_refused(
    tmp_path: Path, command: str, lost: str, says: str
) -> None:
    study = made_money(pupils=LIVES).save(tmp_path / "study")
    (study / lost).unlink()
    refused(run(command, study), says)


@pytest.mark.parametrize("lost", ["run.json", "measures.parquet"])
def test_a_results_folder_with_a_file_cut_off_is_refused(tmp_path: Path, lost: str) -> None:
    study = made().save(tmp_path / "study")
    whole = (study / lost).read_bytes()
    (study / lost).write_bytes(whole[: len(whole) // 2])
    for command in ("report", "quote", "money"):
        refused(run(command, study), "as this program wrote it")


def test_a_template_that_does_not_resolve_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    study = made().save(tmp_path / "study")
    template = tmp_path / "mine.md"
    template.write_text('{{ figure("mean_rols") }}\n', encoding="utf-8")
    refused(run("report", study, "--template", template), "mean_rols")
    assert not (study / "paper" / "forum_paper.docx").exists()
    refused(run("report", study, "--template", tmp_path / "nowhere.md"), "nowhere.md")


@pytest.mark.parametrize("kind", ["text", "zip", "spreadsheet", "broken styles"])
def test_a_reference_document_that_is_none_is_refused(tmp_path: Path, kind: str) -> None:
    study, file = made().save(tmp_path / "study"), tmp_path / "mine.docx"
    if kind == "text":
        file.write_text("no document", encoding="utf-8")
    elif kind == "spreadsheet":
        openpyxl.Workbook().save(file)
    else:
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("word/styles.xml" if kind == "broken styles" else "a.txt", "<broken")
    refused(run("report", study, "--reference-docx", file), "not a Word document")


def test_a_code_is_found_from_any_folder_below_and_beside_damaged_studies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = made().save(tmp_path / "results" / "mine")
    made("two").save(tmp_path / "results" / "other")
    (tmp_path / "results" / "broken").mkdir()
    (tmp_path / "results" / "broken" / "run.json").write_text("{", encoding="utf-8")
    code = re.findall(rf"\[({CODE})\]", run("quote", study).stdout)[0]
    deep = tmp_path / "papers" / "june"
    deep.mkdir(parents=True)
    for place in (tmp_path, deep, study, tmp_path / "results" / "other"):
        monkeypatch.chdir(place)
        said = run("quote", code)
        assert said.exit_code == 0, said.output
        assert "mine/measures.parquet" in said.stdout
    moved = shutil.move(study, tmp_path / "elsewhere")
    refused(run("quote", code), "--results DIR says where its results are", "broken")
    assert run("quote", code, "--results", moved).exit_code == 0

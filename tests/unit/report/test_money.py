"""The workbook, tables, page and pictures of a study's money, with hostile names and few runs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

from sim.cli import app
from sim.report.money.sheets import money_sheets
from sim.report.money.slides import MOST_TOLD, file_name
from sim.report.money.summary import summary_page
from sim.report.money.workbook import HEADER_ROW, repeatable, write_workbook
from sim.report.money.writing import write_money
from sim.results import Results
from tests.unit.analysis.made_money import made_money, pupil

HOSTILE = '=HYPERLINK("http://x","<b>$\\frac{1}{0}$</b>")\x07'
LIVES = {"baseline": [pupil(1, special_school=5), pupil(2, 1)], "open": [pupil(1), pupil(2, 1)]}


def hostile(**more: Any) -> Results:
    titles = {"open": HOSTILE, "baseline": "@now"}
    return made_money(titles=titles, pupils=LIVES, county={"label": "-1+1|<script>"}, **more)


def cells_of(file: Path) -> list[Any]:
    return [cell for page in openpyxl.load_workbook(file) for row in page.iter_rows() for cell in row]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money")
    write_money(hostile(), folder)
    return folder


def test_no_cell_is_a_formula_and_text_that_looks_like_one_stays_text(written: Path) -> None:
    cells = cells_of(written / "money.xlsx")
    assert "f" not in {cell.data_type for cell in cells}
    texts = [cell for cell in cells if str(cell.value).startswith(("=", "@", "-1+1"))]
    assert texts
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in texts)


def test_no_text_of_the_csv_files_begins_like_a_formula(written: Path) -> None:
    text = (written / "tables" / "provenance.csv").read_text(encoding="utf-8")
    assert ",'@now" in text
    assert ",@now" not in text


def test_every_sheet_has_a_frozen_header_and_provenance_stands_by_itself(written: Path) -> None:
    book = openpyxl.load_workbook(written / "money.xlsx")
    assert {page.freeze_panes for page in book} == {f"A{HEADER_ROW + 1}"}
    assert book.sheetnames[-1] == "Provenance"
    assert {"Spend by line", "Section 251", "DSG plan", "Invest to save", "Changed for whom", "Flows"} <= set(
        book.sheetnames
    )
    page = book["Spend by line"]
    heads = {cell.value: cell.column for cell in page[HEADER_ROW]}
    assert page.cell(HEADER_ROW + 1, heads["2019-20"]).value == 1000
    assert page.cell(HEADER_ROW + 1, heads["2019-20"]).number_format == "#,##0;-#,##0"


def test_written_again_from_the_same_results_every_file_is_the_same(written: Path, tmp_path: Path) -> None:
    write_money(hostile(), tmp_path)
    assert digests(tmp_path) == digests(written)


def test_the_dates_inside_a_workbook_are_those_of_the_run(written: Path) -> None:
    book = openpyxl.load_workbook(written / "money.xlsx")
    assert book.properties.created.isoformat() == "2026-01-02T03:04:05"
    content = (written / "money.xlsx").read_bytes()
    assert repeatable(content, "not a date") != content


def test_markup_in_names_is_text_on_the_page(written: Path) -> None:
    page = (written / "summary.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_pictures_are_sixteen_to_nine_with_the_same_in_words_beside_them(written: Path) -> None:
    pictures = sorted((written / "slides").glob("*.png"))
    assert [file.stem.partition("_")[2] for file in pictures] == [
        "open_flow",
        "open_net_cost",
        "open_payback",
        "open_savings",
    ]
    for file in pictures:
        height, width = imread(file).shape[:2]
        assert width / height == pytest.approx(16 / 9, rel=0.01)
        assert "Run " in file.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_forty_scenarios_are_all_in_the_workbook_and_the_first_few_on_slides(tmp_path: Path) -> None:
    names = [f"open_{number}" for number in range(40)]
    results = made_money(scenarios=names)
    write_money(results, tmp_path)
    page = openpyxl.load_workbook(tmp_path / "money.xlsx")["Invest to save"]
    assert len({page.cell(row, 1).value for row in range(HEADER_ROW + 1, page.max_row + 1)}) == len(names)
    assert len(list((tmp_path / "slides").glob("*net_cost.png"))) == MOST_TOLD
    assert (tmp_path / "summary.html").read_text(encoding="utf-8").count("<th scope=row>") == len(names)


def test_one_replication_says_that_there_is_no_interval() -> None:
    results = made_money({("bases", "2020-21"): [5.0]}, 1)
    assert "no interval" in summary_page(results)
    words = {row[1]: row[2] for row in money_sheets(results)[-1].shown.itertuples(index=False)}
    assert "read nothing into" in words["no interval"]


def test_a_study_of_the_baseline_alone_has_spend_and_plan_and_says_so(tmp_path: Path) -> None:
    alone = made_money(scenarios=())
    names = [sheet.name for sheet in money_sheets(alone)]
    assert names == ["Spend by line", "Section 251", "DSG plan", "Who pays", "Provenance"]
    assert "Only the baseline was run" in summary_page(alone)


def test_names_become_plain_parts_of_file_names() -> None:
    assert file_name("../../etc/passwd") == "etc-passwd"
    assert file_name("=(") == "scenario"


def test_a_workbook_without_openpyxl_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.parameters.problems import ConfigurationError

    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ConfigurationError, match="excel"):
        write_workbook([], tmp_path / "x.xlsx", "")


def test_the_command_writes_and_says_where_to_begin_and_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    made_money(pupils=LIVES).save(tmp_path / "study")
    council = tmp_path / "council.csv"
    council.write_text("financial_year,line,amount\n2019-20,fees,900\n", encoding="utf-8")
    run = CliRunner()
    said = run.invoke(app, ["money", str(tmp_path / "study"), "--council", str(council), "--scenario", "open"])
    assert said.exit_code == 0, said.output
    assert "summary.html" in said.output
    book = openpyxl.load_workbook(tmp_path / "study" / "money" / "money.xlsx")
    assert "Council forecast" in book.sheetnames
    assert run.invoke(app, ["money", str(tmp_path / "nowhere")]).exit_code == 2
    assert run.invoke(app, ["money", str(tmp_path / "study"), "--scenario", "opne"]).exit_code == 2
    council.write_text("year,money\n2019-20,1\n", encoding="utf-8")
    assert run.invoke(app, ["money", str(tmp_path / "study"), "--council", str(council)]).exit_code == 2

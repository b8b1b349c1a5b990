"""Papers: Word and HTML that are complete, accessible, the same again, and unmoved by hostile input."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.parameters.problems import ConfigurationError
from sim.report.forum.figures import CODE
from sim.report.forum.paper import Paper
from sim.report.forum.writing import write_paper
from sim.results import Results
from sim.store import Store
from tests.forum_results import EXCLUSIONS, TUITION, made

SECTIONS = (
    "Purpose",
    "Recommendations to consider",
    "Background",
    "Findings",
    "Options compared",
    "Finance by budget line and financial year",
    "Risks and assumptions",
    "What the model must not be used for",
    "Sign-off",
    "Appendix: provenance",
)
HOSTILE = "<script>alert(1)</script> **bold** [link](../../secret) $x$ `code` | cell\n# heading {{ 7 * 7 }}"


def write(results: Results, folder: Path, **more: Any) -> str:
    """Write a paper and return its page."""
    paper = Paper(results, None, (TUITION, EXCLUSIONS), date(2026, 5, 17))
    write_paper(paper, folder, **more)
    return (folder / "forum_paper.html").read_text(encoding="utf-8")


def titled(title: str) -> Results:
    results = made()
    first, second = results.provenance["scenarios"]
    return results.with_(provenance={**results.provenance, "scenarios": [first, {**second, "title": title}]})


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def saved(folder: Path, results: Results) -> str:
    return str(results.save(folder / "study"))


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_a_paper_has_every_section_and_a_code_behind_every_finding(tmp_path: Path) -> None:
    page = write(made(), tmp_path)
    assert re.findall(r"<h2[^>]*>\d+\. (.*?)</h2>", page) == list(SECTIONS)
    findings = page[page.index("Findings</h2>") : page.index("Options compared</h2>")]
    told = [one for one in re.findall(r"<p>(.*?)</p>", findings, re.DOTALL) if "interval" in one]
    assert len(told) >= 3
    assert all(re.search(rf"\[{CODE}\]", one) for one in told)


def test_the_page_stands_alone_and_can_be_read_by_a_screen_reader(tmp_path: Path) -> None:
    page = write(made(), tmp_path)
    assert '<html lang="en-GB">' in page
    assert page.count("<h1") == 1
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert all(len(alt) > 40 for alt in re.findall(r'<img [^>]*alt="([^"]*)"', page))
    assert "<img " in page
    assert page.count("<table") == page.count("<caption")
    assert not re.search(r"<th(?! scope=)[ >]", page)


def test_the_word_document_has_language_alternative_texts_and_heads_of_tables(tmp_path: Path) -> None:
    write(made(), tmp_path)
    with zipfile.ZipFile(tmp_path / "forum_paper.docx") as document:
        body = document.read("word/document.xml").decode()
        core = document.read("docProps/core.xml").decode()
    assert "<dc:language>en-GB</dc:language>" in core
    assert body.count("<w:tbl>") == body.count("<w:tblHeader")
    assert all(len(alt) > 40 for alt in re.findall(r'<wp:docPr descr="([^"]*)"', body))
    assert body.count('w:val="Heading1"') == len(SECTIONS)


def test_a_paper_written_again_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(made(), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*") if path.is_file())
    assert {file.suffix for file in files} == {".docx", ".html", ".csv", ".png", ".txt"}
    for file in files:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes(), file


def test_markup_and_paths_in_a_title_stay_text(tmp_path: Path) -> None:
    page = write(titled(HOSTILE), tmp_path)
    assert "<script" not in page
    assert "../../secret" in text_of(page)
    assert 'href="' not in page
    assert "{{ 7 * 7 }}" in page
    assert re.findall(r"<h2[^>]*>\d+\. (.*?)</h2>", page) == list(SECTIONS)


def test_a_very_long_title_is_cut(tmp_path: Path) -> None:
    page = write(titled("long " * 2000), tmp_path)
    assert "…" in page
    assert "long " * 40 not in page


def test_forty_scenarios_are_compared_in_one_table_and_six_are_told_in_full(tmp_path: Path) -> None:
    names = tuple(f"s{number}" for number in range(40))
    page = write(made(*names), tmp_path)
    assert "the other 34 options" in text_of(page)
    assert "40. Policy s39" in text_of(page)
    assert len(re.findall(r"<h3[^>]*>Option", page)) == 12
    assert (tmp_path / "pictures" / "net_2.png").is_file()


def test_an_interval_of_no_width_makes_a_paper_that_says_so(tmp_path: Path) -> None:
    assert "the same in all 6 replications" in text_of(write(made(luck=0.0), tmp_path))


def test_a_paper_of_an_invented_county_with_figures_held_says_both(tmp_path: Path) -> None:
    results = made()
    invented = {**results.provenance, "county": {**results.provenance["county"], "fictional": True}}
    said = text_of(write(results.with_(provenance=invented), tmp_path / "invented"))
    assert "does not exist: it is invented" in said
    assert "both ranges hold luck only" in said
    assert "is invented" not in text_of(write(results, tmp_path / "real"))


def test_a_template_that_asks_for_what_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    for number, asked in enumerate(("{{ nothing }}", '{{ figure("mean_rols") }}', "{{ figure( }}")):
        template = tmp_path / f"{number}.md"
        template.write_text(f"# Mine\n\n{asked}\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"nothing|mean_roll|line 3"):
            write(made(), tmp_path / "out", template=template)


def test_a_template_of_ones_own_may_name_figures(tmp_path: Path) -> None:
    template = tmp_path / "mine.md"
    asked = 'figure("mean_roll", scenario="one", comparison="baseline")'
    template.write_text(f"# Mine\n\nIn tuition: {{{{ {asked} }}}}.\n", encoding="utf-8")
    assert "In tuition: 3.0 fewer pupils than in the baseline (95%" in text_of(
        write(made(), tmp_path, template=template)
    )


@pytest.mark.parametrize("content", [b"no zip at all", None])
def test_a_reference_document_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mine.docx"
    if content is None:
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("a.txt", "no document")
    else:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="not a Word document"):
        write(made(), tmp_path / "out", reference=file)


def test_report_and_quote_work_on_a_results_folder_and_find_a_code_again(tmp_path: Path) -> None:
    study = saved(tmp_path, made())
    done = run("report", study)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "study" / "paper" / "forum_paper.docx").is_file()
    listed = run("quote", study)
    code = re.findall(rf"\[({CODE})\]", listed.stdout)[0]
    told = run("quote", code, "--results", str(tmp_path))
    assert told.exit_code == 0, told.output
    assert "To make it again:" in told.stdout
    unknown = run("quote", f"{code[:5]}0000000", "--results", str(tmp_path))
    assert unknown.exit_code == 2


def test_one_replication_and_other_code_end_with_exit_code_2(tmp_path: Path) -> None:
    single = run("report", saved(tmp_path / "a", made(replications=1)))
    assert single.exit_code == 2
    assert "gives no interval" in single.stderr
    study = saved(tmp_path / "b", made())
    Store(study).put("unit", {"measures": pa.table({"value": [1.0]})}, {"code": "0ld"})
    mixed = run("report", study)
    assert mixed.exit_code == 2
    assert "made by code 0ld" in mixed.stderr


def test_unfinished_results_with_a_failed_run_are_refused(tmp_path: Path) -> None:
    Store(tmp_path).fail("unit", {"error": "it broke"})
    said = run("report", str(tmp_path))
    assert said.exit_code == 2
    assert "1 of its runs failed" in said.stderr

"""The pages of a paper about money and about whom it changes, on results few enough to add up by hand."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from sim.report.forum import fit
from sim.report.forum.figures import CODE, Interval
from sim.report.forum.paper import Paper
from sim.report.forum.quoting import origin_in_words, sentences
from sim.report.forum.rounding import interval_words
from sim.report.forum.writing import write_paper
from sim.report.money.sheets import money_sheets
from tests.forum_results import made
from tests.unit.analysis.made_money import made_money, pupil

LIVES = {
    name: [
        pupil(number, replication, "east" if number % 3 else "west", special_school=float(number < most + replication))
        for replication in (0, 1)
        for number in range(60)
    ]
    for name, most in (("baseline", 40), ("open", 20))
}
PAGES = ("Spend by section 251 heading", "Deficit management plan", "Invest to save", "Who pays and who saves")


@pytest.fixture(scope="module")
def paper() -> Paper:
    return Paper(made_money(pupils=LIVES), None, (), date(2026, 5, 17))


@pytest.fixture(scope="module")
def page(paper: Paper, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("paper")
    write_paper(paper, folder)
    return (folder / "forum_paper.html").read_text(encoding="utf-8")


def tables_of(page: str) -> list[str]:
    return re.findall(r"<table.*?</table>", page, re.DOTALL)


def test_every_page_about_money_is_in_the_section_on_finance(page: str) -> None:
    finance = page[page.index("Finance by budget line") : page.index("Risks and assumptions</h2>")]
    heads = re.findall(r"<h3[^>]*>(.*?)</h3>", finance)
    assert [head for head in heads if not head.startswith("Option")] == list(PAGES)


def test_every_number_in_the_tables_stands_beside_a_code_that_is_found(page: str, paper: Paper) -> None:
    for table in tables_of(page[: page.index("Sign-off</h2>")]):
        for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)[1:]:
            numbers = re.search(r"<td[^>]*>[−\d]", row)
            caption = re.findall(CODE, table[: table.index("<thead")])
            assert not numbers or re.search(CODE, row) or caption, row
    for code in dict.fromkeys(re.findall(CODE, page)):
        assert paper.catalogue.has(code), code


def test_the_paper_and_the_workbook_say_the_same(paper: Paper) -> None:
    sheets = {sheet.name: sheet.tidy for sheet in money_sheets(paper.results)}
    plan = sheets["DSG plan"]
    carried = plan[
        (plan["plan"] == "effect of mitigation")
        & plan["item"].str.contains("lines modelled")
        & (plan["period"] != "2018-19")
    ]
    carried = carried[carried["period"].str[:4].str.isdecimal()]
    figures = paper.catalogue.those({"measure": "plan_spend", "comparison": "baseline"})
    assert {one.about.period: one.value for one in figures if one.about.period[:4].isdecimal()} == dict(
        zip(carried["period"], carried["value"], strict=True)
    )
    whom = sheets["Changed for whom"]
    row = whom[(whom["spell"] == "special_school") & (whom["grouping"] == "all") & (whom["quantity"] == "avoided")]
    avoided = paper.catalogue.one("pupils_avoided", provision="special_school", phase="all")
    assert (avoided.value, avoided.low) == (row["value"].iloc[0], row["low"].iloc[0])


def test_headings_of_section_251_add_up_their_lines(paper: Paper) -> None:
    keys = {"scenario": "open", "comparison": "baseline", "period": "2020-21"}
    assert paper.catalogue.one("spend_section_251", provision="1.2.4", **keys).value == pytest.approx(40)
    assert paper.catalogue.one("spend_section_251", provision="1.2.3", **keys).value == pytest.approx(-150)


def test_what_the_configuration_gives_says_so_in_place_of_an_interval(paper: Paper) -> None:
    block = paper.catalogue.one("plan_block", scenario="baseline", period="2020-21")
    assert (block.value, block.interval) == (6000, Interval.GIVEN)
    assert interval_words(block) == "no interval: given by the county's configuration"


def test_few_pupils_have_no_number(page: str, paper: Paper) -> None:
    assert not paper.catalogue.those({"measure": "pupils_avoided", "provision": "tuition"})[0].value
    assert not paper.catalogue.those(
        {"measure": "pupils_avoided", "provision": "special_school", "phase": "district west"}
    )
    assert "fewer than 10" in page


def test_a_code_of_a_row_of_pupils_stands_for_all_its_counts(paper: Paper) -> None:
    avoided = paper.catalogue.one("pupils_avoided", provision="special_school", phase="all")
    found = paper.catalogue.with_code(avoided.series)
    assert {"pupils_in_baseline", "pupils_avoided", "pupils_gained", "pupils_net"} == {
        one.about.measure for one in found
    }
    said = origin_in_words(found, paper.said, "results/x")
    assert "pupils/open.parquet" in said


def test_optimism_bias_has_figures_of_its_own_and_none_is_twice(paper: Paper) -> None:
    keys = {"scenario": "open", "period": "total of 2019-20 to 2021-22"}
    plain, cautious = (paper.catalogue.one(f"start_up_cost{end}", **keys) for end in ("", "_optimism_cautious"))
    assert cautious.value == pytest.approx(plain.value * 1.24)
    assert len(set(sentences(paper.catalogue, paper.titles))) == len(list(sentences(paper.catalogue, paper.titles)))


def test_money_and_placements_are_said_to_be_no_outcomes_beside_them(page: str) -> None:
    for section in ("What changed for whom</h2>", "Finance by budget line and financial year</h2>"):
        assert "children's outcomes" in " ".join(unescape(page[page.index(section) :][:1500]).split())


def test_results_of_a_county_that_was_not_fitted_say_nothing_of_targets_but_are_stamped() -> None:
    assert fit.fit_of(made()) == []


def test_a_county_that_was_fitted_again_since_is_said_to_be() -> None:
    results = made()
    other = {**results.provenance, "stamp": "", "county": {"name": "cambridgeshire", "label": "C"}}
    assert fit.fit_of(results.with_(provenance=other)) == [fit.CHANGED_SINCE]


def test_a_paper_about_results_without_pupils_has_no_section_on_them(tmp_path: Path) -> None:
    write_paper(Paper(made(), None, (), date(2026, 5, 17)), tmp_path)
    assert "What changed for whom" not in (tmp_path / "forum_paper.html").read_text(encoding="utf-8")

"""STRESS-DES and ODD: every item of the checklists, filled with what the configuration says now."""

import re
from datetime import date
from string import Template

import pytest

from sim.assumptions import assumptions
from sim.dictionary import dictionary
from sim.parameters.changes import with_changes
from sim.parameters.load import read_text
from sim.parameters.schema import Parameters
from sim.pathways import PATHWAYS
from sim.report.described import TEMPLATES, described, filled
from sim.report.markdown import reflowed
from sim.report.shipped import county_and_targets

STRESS_ITEMS = {"1": 3, "2": 5, "3": 4, "4": 3, "5": 4, "6": 1}
"""Items of each section of the checklist of Monks and others (2019): 20 in all."""

ODD_ELEMENTS = (
    "1 Purpose and patterns",
    "2 Entities, state variables and scales",
    "3 Process overview and scheduling",
    "4 Design concepts",
    "5 Initialisation",
    "6 Input data",
    "7 Submodels",
)
DESIGN_CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction"),
    *("Sensing", "Interaction", "Stochasticity", "Collectives", "Observation"),
)
PAGES = ("stress_des", "odd")


def facts_of(county: Parameters) -> dict[str, str]:
    _, targets = county_and_targets("exampleshire")
    return described(county, targets, assumptions(), dictionary().state, "parameters.md")


@pytest.fixture(scope="module")
def facts(exampleshire: Parameters) -> dict[str, str]:
    return facts_of(exampleshire)


def test_stress_des_answers_all_20_items_in_order(facts: dict[str, str]) -> None:
    asked = [f"{section}.{item}" for section, items in STRESS_ITEMS.items() for item in range(1, items + 1)]
    assert len(asked) == 20
    assert re.findall(r"^### (\d\.\d)", filled("stress_des", facts), re.MULTILINE) == asked


def test_odd_has_its_seven_elements_and_eleven_design_concepts_in_order(facts: dict[str, str]) -> None:
    text = filled("odd", facts)
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == ODD_ELEMENTS
    concepts = text[text.index("## 4") : text.index("## 5")]
    assert tuple(re.findall(r"^\*\*(.+?)\.\*\*", concepts, re.MULTILINE)) == DESIGN_CONCEPTS


def test_no_heading_is_left_without_an_answer(facts: dict[str, str]) -> None:
    for page in PAGES:
        bodies = re.split(r"^#+ .+$", filled(page, facts), flags=re.MULTILINE)[1:]
        empty = [body for body in bodies if not body.strip()]
        assert len(empty) == len(re.findall(r"^## .+\n\n### ", filled(page, facts), re.MULTILINE))


def test_every_fact_stands_in_a_template_and_a_template_names_no_other(facts: dict[str, str]) -> None:
    named = {name for page in PAGES for name in Template(read_text(TEMPLATES / f"{page}.md")).get_identifiers()}
    assert named == set(facts)
    with pytest.raises(KeyError, match="county"):
        filled("odd", {name: text for name, text in facts.items() if name != "county"})


def test_what_changes_in_the_county_changes_on_the_page(exampleshire: Parameters, facts: dict[str, str]) -> None:
    sources = {"own": {"title": "Own", "publisher": "The tester"}}
    evidence = {"grade": "published local", "source": "own", "year": "2019", "note": ""}
    changes = {"rates/leave_county": 0.01, "horizon/study_start": date(2020, 9, 1)}
    changed = facts_of(with_changes(exampleshire, changes, evidence, sources))
    assert (facts["run_in"], changed["run_in"]) == ("8", "9")
    assert (facts["study_year"], changed["study_year"]) == ("2019/20", "2020/21")
    assert int(changed["sources"]) == int(facts["sources"]) + 1
    assert "| published local | 1 |" in changed["grades"]
    assert "run in for 9 academic years" in filled("odd", changed)


def test_processes_stand_in_the_order_in_which_ties_fall_with_a_link_to_their_file(facts: dict[str, str]) -> None:
    rows = facts["events"].splitlines()[2:]
    assert [row.split("|")[1].strip().replace(" ", "_") for row in rows] == [kind.value for kind in PATHWAYS]
    for row, pathway in zip(rows, PATHWAYS.values(), strict=True):
        assert f"(../{pathway.__module__.replace('.', '/')}.py)" in row


def test_places_are_told_as_they_are_when_the_study_starts(facts: dict[str, str], exampleshire: Parameters) -> None:
    rows = {row.split("|")[1].strip(): row for row in facts["resources"].splitlines()}
    day = exampleshire.horizon.study_start
    special = [spec for spec in exampleshire.provisions.values() if spec.kind == "special_school"]
    in_force = [spec.places[max(start for start in spec.places if start <= day)] for spec in special]
    commissioned, usable = sum(one.commissioned for one in in_force), sum(one.usable or 0 for one in in_force)
    assert rows["Special school (SEMH)"].endswith(f"| {len(special)} | {commissioned} | {usable} |")
    assert rows["Mainstream school"].endswith("| no limit | no limit |")
    assert rows["Base: in-reach"].endswith("| 0 | 0 |")


def test_paragraphs_and_items_are_put_into_lines_and_tables_are_left_alone() -> None:
    long = "word " * 40
    text = reflowed(f"# {long}\n\n{long}\n\n- {long}\n- short\n\n| {long} |\n|---|")
    heading, paragraph, items, table = text.rstrip("\n").split("\n\n")
    assert heading == f"# {long}"
    assert paragraph.split() == long.split()
    assert max(map(len, paragraph.splitlines())) <= 120
    assert [line[:2] for line in items.splitlines()] == ["- ", "  ", "- "]
    assert table == f"| {long} |\n|---|"

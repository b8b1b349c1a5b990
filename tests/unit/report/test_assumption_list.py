"""The register of assumptions as a page."""

import re

import pytest

from sim.assumptions import assumptions, figures_of
from sim.parameters.schema import Parameters
from sim.report.assumption_list import HEADINGS, anchor, assumptions_in_markdown, impact, words_of
from sim.report.shipped import county_and_targets
from sim.scenarios import defaults

REGISTER = assumptions()


@pytest.fixture(scope="module")
def county() -> Parameters:
    return county_and_targets(defaults().county)[0]


@pytest.fixture(scope="module")
def page(county: Parameters) -> str:
    return assumptions_in_markdown(REGISTER, figures_of(county), county, "parameters.md")


def test_every_assumption_has_its_heading_under_its_kind_and_the_summary_leads_there(page: str) -> None:
    assert {one.kind for one in REGISTER.values()} == set(HEADINGS)
    for key, one in REGISTER.items():
        before = page[: page.index(f"\n### {words_of(key)}\n")]
        assert before.rindex(f"## {HEADINGS[one.kind]}") == max(
            before.rindex(f"## {text}") for text in HEADINGS.values() if f"## {text}" in before
        )
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^### (.+)$", page, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) == {anchor(key) for key in REGISTER} == anchors


def test_the_summary_begins_with_the_highest_impact(page: str) -> None:
    told = [row.split("|")[2].strip().partition(" ")[0] for row in page.splitlines() if row.startswith("| [")]
    assert told == sorted(told, key=("high", "medium", "low").index)
    assert len(set(told)) == 3


def test_an_impact_is_said_to_be_a_judgement_until_a_figure_governed_has_been_varied(county: Parameters) -> None:
    figures, refusals = figures_of(county), REGISTER["requests_and_refusals"]
    assert impact(refusals, figures, {}) == "high (a judgement)"
    assert impact(refusals, figures, {"rates/leave_county": 0.9}) == "high (a judgement)"
    varied = {"yearly/refused_share": -0.31, "rates/ehc_request_alternative_provision": 0.1}
    assert impact(refusals, figures, varied) == "31 points (measured)"


def test_the_page_says_whether_a_sensitivity_analysis_stands_behind_it(page: str, county: Parameters) -> None:
    assert "High, medium and low are judgements here" in " ".join(page.split())
    measured = assumptions_in_markdown(REGISTER, figures_of(county), county, "parameters.md", {"rates/recur": 0.5})
    assert "50 points (measured)" in measured
    assert "No sensitivity analysis" not in " ".join(measured.split())

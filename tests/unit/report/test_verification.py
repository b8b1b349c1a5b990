"""The verification page, from made-up results of tests."""

from pathlib import Path

import pytest

from sim.report.documents import VERIFICATION_PAGE, documents_of, outdated, write_documents
from sim.report.verification import verification_in_markdown
from sim.results import write_json

CLAIM = {
    "part": "Erlang B",
    "what": "share turned away",
    "exact": 0.2,
    "estimate": 0.2005,
    "low": 0.199,
    "high": 0.202,
    "limit": 0.01,
    "basis": "40 runs",
    "command": "pytest x",
    "half_width_95": 0.0008,
}
FOUND = {
    "false_alarm": 0.01,
    "level": 0.9999,
    "claims": [CLAIM],
    "tests": [
        "tests/theory/test_queues.py::test_nobody_waits_in_vain",
        "tests/properties/test_laws.py::test_it_adds_up[a::b]",
        "tests/properties/test_laws.py::test_it_adds_up[c]",
    ],
}


def page_of(**changes: object) -> str:
    return verification_in_markdown({**FOUND, "claims": [{**CLAIM, **changes}]})


def row_of(page: str) -> str:
    return next(line for line in page.splitlines() if line.startswith("| share turned away"))


def test_a_claim_is_shown_with_its_exact_value_interval_and_half_width() -> None:
    row = row_of(page_of())
    assert row == "| share turned away | 0.2 | 0.2005 | 0.199 to 0.202 | 0.75% | 1.0% | 0.40% | yes | 40 runs |"
    assert "1 of 1 claims hold" in page_of()


@pytest.mark.parametrize("changes", [{"low": 0.2003}, {"limit": 0.005}], ids=["not covered", "too wide"])
def test_a_claim_that_does_not_hold_is_said_not_to(changes: dict[str, float]) -> None:
    assert "**no**" in row_of(page_of(**changes))
    assert "0 of 1 claims hold" in page_of(**changes)


def test_a_rare_quantity_may_have_a_wide_interval() -> None:
    assert "| 50.00% |  | 0.40% | yes |" in row_of(page_of(low=0.1, high=0.3, limit=None))


def test_tests_are_listed_as_sentences_with_their_number_of_cases() -> None:
    page = page_of()
    assert "- `test_laws.py`\n  - It adds up (2 cases)" in page
    assert "  - Nobody waits in vain\n" in page


def test_the_page_is_among_the_documents_once_there_are_results(tmp_path: Path) -> None:
    assert VERIFICATION_PAGE not in documents_of(tmp_path)
    write_json(FOUND, tmp_path / "verification.json")
    only = {VERIFICATION_PAGE: documents_of(tmp_path)[VERIFICATION_PAGE]}
    assert outdated(tmp_path, only) == [VERIFICATION_PAGE]
    write_documents(tmp_path, only)
    assert outdated(tmp_path, only) == []


def test_results_elsewhere_can_be_held_against_the_page(tmp_path: Path) -> None:
    write_json(FOUND, tmp_path / "verification.json")
    write_documents(tmp_path, documents_of(tmp_path))
    fresh = tmp_path / "fresh.json"
    write_json({**FOUND, "claims": [{**CLAIM, "estimate": 0.2006}]}, fresh)
    assert outdated(tmp_path, documents_of(tmp_path, fresh)) == [VERIFICATION_PAGE]

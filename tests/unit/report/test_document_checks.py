"""What would make the documents untrue is found and told before they are written."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.parameters.load import read_text
from sim.parameters.schema import Source
from sim.report import document_checks
from sim.report.document_checks import DECISIONS, decision_problems, numbers_in, problems, source_problems
from sim.report.shipped import county_and_targets

DOCS = Path(__file__).resolve().parents[3] / "docs"
ENTRY = (
    "**{0}. Something was decided.** *Context:* A choice. **Choice:** One way.\n*Consequence:* It goes that way.\n\n"
)
LOG = "# Decisions\n\n" + ENTRY.format(1) + ENTRY.format(2)


def test_the_documents_of_the_repository_can_be_true() -> None:
    assert (DOCS / DECISIONS).is_file()
    assert problems(DOCS) == []


def test_a_log_of_whole_decisions_in_order_is_sound() -> None:
    assert list(decision_problems(LOG, "decisions.md")) == []
    assert numbers_in(LOG) == {1, 2}


@pytest.mark.parametrize(
    ("old", "new", "where", "found"),
    [
        ("**2.", "**3.", "line 6 (decision 3)", "number 3"),
        ("**2.", "**1.", "line 6 (decision 1)", "number 1"),
        ("*Context:* A choice. ", "", "line 3 (decision 1)", "without *Context:*"),
        ("**Choice:** One way.", "**Choice:**", "line 3 (decision 1)", "without **Choice:**"),
        ("*Consequence:* It goes that way.", "", "line 3 (decision 1)", "without *Consequence:*"),
        ("*Context:* A choice. **Choice:** One way.", "**Choice:** One way. *Context:* A choice.", "line 3", "without"),
        (ENTRY.format(1) + ENTRY.format(2), "", "", "no decision"),
    ],
)
def test_what_is_wrong_with_a_log_is_told_with_the_decision(old: str, new: str, where: str, found: str) -> None:
    assert old in LOG
    first = next(iter(decision_problems(LOG.replace(old, new, 1), "decisions.md")))
    assert first.where.startswith(where)
    assert first.found.startswith(found)


def test_an_assumption_may_name_no_decision_that_the_log_lacks(tmp_path: Path) -> None:
    (tmp_path / DECISIONS).write_text(LOG, encoding="utf-8")
    found = problems(tmp_path)
    assert any(problem.where == "key deficit_has_no_consequence/decisions" for problem in found)
    assert {problem.found.partition(",")[0] for problem in found} <= {f"decision {number}" for number in range(3, 1000)}


def test_a_source_that_nobody_uses_is_told_with_its_file_and_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_another(name: str) -> object:
        county, targets = county_and_targets(name)
        idle = Source(title="Read by nobody", publisher="The tester")
        return county.model_copy(update={"sources": {**county.sources, "idle": idle}}), targets

    assert list(source_problems()) == []
    monkeypatch.setattr(document_checks, "county_and_targets", with_another)
    found = list(source_problems())
    assert {problem.where for problem in found} == {"row idle"}
    assert all(problem.file.endswith("sources.csv") for problem in found)


@pytest.mark.parametrize("arguments", [("--check",), ()])
def test_the_command_refuses_documents_that_cannot_be_true_and_writes_none(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    whole = read_text(DOCS / DECISIONS)
    (tmp_path / DECISIONS).write_text(whole.replace("**2. ", "**99. "), encoding="utf-8")
    result = CliRunner().invoke(app, ["docs", "--output", str(tmp_path), *arguments])
    assert result.exit_code == 1
    assert "decision 99" in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == [DECISIONS]

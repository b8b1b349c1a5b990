"""Documents written from the data: the same text every time, checked against what is in the repository."""

from pathlib import Path

import pytest

from sim.levers.catalogue import levers
from sim.levers.spec import LeverSpec
from sim.measures import MEASURES
from sim.parameters.schema import Parameters
from sim.questions import questions
from sim.report.documents import DOCUMENTS, SENSITIVITY_RESULTS, documents_of, outdated, write_documents
from sim.report.lever_list import levers_in_markdown, parts_of, sources_of
from sim.report.question_list import questions_in_words

ROOT = Path(__file__).resolve().parents[3]
SAID = {"grade": "judgement", "source": "own", "year": "2019", "note": "A | guess."}
SETTING = {"label": "How much", "value": 0.25, "low": 0.1, "high": 0.5, "unit": "share", "least": 0, "most": 1}
SPEC = LeverSpec.model_validate(
    {
        "label": "Do something",
        "questions": ["Q4"],
        "description": "It is done.",
        "settings": {
            "share": {**SETTING, "role": "dose", **SAID},
            "price": {**SETTING, "unit": "GBP", "price_base": "2019-20", "role": "cost", **SAID},
        },
        "choices": {"mode": {"label": "How", "default": "a", "options": ["a", "b"]}},
        "effects": ["team_not_returning", "an_effect_that_the_county_lacks"],
        "sources": {"own": {"title": "Own idea", "publisher": "The tester", "url": "https://example.org/idea"}},
    }
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    write_documents(folder)
    return folder


def test_every_registered_document_is_written_in_utf8_with_line_feeds(written: Path) -> None:
    assert {file.name for file in written.iterdir()} == set(DOCUMENTS)
    for file in written.iterdir():
        content = file.read_bytes()
        assert b"\r" not in content
        assert content.decode("utf-8").endswith("\n")


def test_documents_are_the_same_every_time(written: Path) -> None:
    assert outdated(written) == []


def test_the_documents_in_the_repository_are_up_to_date() -> None:
    assert outdated(ROOT / "docs", documents_of(ROOT / "docs")) == [], "write them anew with: pathways docs"


def test_the_register_of_assumptions_takes_impacts_from_a_sensitivity_analysis_in_the_folder(tmp_path: Path) -> None:
    heads = "name,below,above,lower,upper,change,best_lower,best_upper,p_value,clear"
    (tmp_path / SENSITIVITY_RESULTS).write_text(
        f"{heads}\nrates/recur,0.1,0.2,0.9,0.5,-0.4,a,b,0.001,True\n", encoding="utf-8"
    )
    assert "40 points (measured)" in documents_of(tmp_path)["assumptions.md"]()
    (tmp_path / SENSITIVITY_RESULTS).unlink()
    assert "(measured)" not in documents_of(tmp_path)["assumptions.md"]()


def test_no_page_names_a_folder_of_this_computer(written: Path) -> None:
    for file in written.iterdir():
        text = file.read_text(encoding="utf-8")
        assert str(ROOT) not in text
        assert str(Path.home()) not in text


def test_a_document_that_differs_or_is_missing_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    documents = {"one.md": lambda: "one\n", "two.md": lambda: "two\n", "three.md": lambda: "three\n"}
    write_documents(tmp_path, documents)
    (tmp_path / "one.md").unlink()
    (tmp_path / "two.md").write_text("other\n", encoding="utf-8")
    assert outdated(tmp_path, documents) == ["one.md", "two.md"]
    assert not (tmp_path / "one.md").exists()


def test_a_document_that_went_through_windows_is_still_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_bytes(b"one\r\ntwo\r\n")
    assert outdated(tmp_path, {"one.md": lambda: "one\ntwo\n"}) == []


def test_a_lever_is_told_with_its_settings_choices_and_effects_in_the_county(exampleshire: Parameters) -> None:
    settings, choices, effects = parts_of(SPEC, exampleshire)
    assert settings.rows[0] == (
        "share",
        "How much",
        "0.25",
        "share",
        "0.1 to 0.5",
        "dose",
        "judgement",
        "own",
        "A | guess.",
    )
    assert settings.rows[1][3] == "GBP, 2019-20 prices"
    assert choices.rows == (("mode", "How", "a", "a, b"),)
    assert [row[:4] for row in effects.rows] == [("team_not_returning", "SEND district team", "not returning", "0.8")]
    assert list(sources_of(SPEC, exampleshire)) == ["own", "cambridgeshire_configuration"]


def test_tables_of_every_page_have_as_many_cells_in_each_row_as_in_the_heading(written: Path) -> None:
    for file in written.glob("*.md"):
        cells = 0
        for line in file.read_text(encoding="utf-8").splitlines():
            cells = (cells or line.count("|")) if line.startswith("|") else 0
            assert line.count("|") == cells or not cells, f"{file.name}: {line}"


def test_tables_of_markdown_have_as_many_cells_in_each_row_as_in_the_heading(exampleshire: Parameters) -> None:
    text = levers_in_markdown({"do_something": SPEC, **levers()}, exampleshire)
    assert "[Own idea](https://example.org/idea)" in text
    cells = 0
    for line in text.splitlines():
        if line.startswith("|"):
            cells = cells or line.count("|")
            assert line.count("|") == cells, line
        else:
            cells = 0


def test_every_lever_and_its_designs_are_in_the_document(written: Path) -> None:
    text = (written / "levers.md").read_text(encoding="utf-8")
    for name, spec in levers().items():
        assert f"\n## {name}\n" in text
        for setting in spec.settings:
            assert f"| {setting} |" in text
    options = {option for spec in levers().values() for choice in spec.choices.values() for option in choice.options}
    assert {option for option in options if f"| {option} | base: " in text}, "designs are told tier by tier"


def test_questions_are_told_with_scenarios_and_the_levers_they_pull(written: Path) -> None:
    text = (written / "questions.md").read_text(encoding="utf-8")
    for key, question in questions(MEASURES).items():
        assert f"\n## {key}\n" in text
        for name in question.runs:
            assert f"| `{name}` |" in text
    assert any(f"| `{lever}`" in text for lever in levers())


def test_the_list_of_questions_fits_eighty_columns() -> None:
    lines = questions_in_words(questions(MEASURES)).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("Q1 ")

"""The data dictionary: allowed values and bounds read from the code, measures and columns as they are written."""

import json
from enum import Enum
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from pydantic import BaseModel, Field

import sim
from sim.dictionary import dictionary
from sim.parameters.schema import Parameters
from sim.report.data_dictionary import RESULTS, allowed, dictionary_in_markdown
from sim.report.tables import write_differences
from sim.results import RUN_FILE
from sim.vocabulary import EventKind, Phase
from tests.studies import study_file, tiny_county


class Row(BaseModel):
    amount: float = Field(ge=0, le=40)
    number: int = Field(gt=0)
    mark: Literal["yes", "no", "unknown"]
    phase: Literal["all"] | Phase
    event: EventKind
    told: bool
    note: str = ""
    law: Literal["fixed", "beta"] = "beta"
    most: int | None = None
    phases: Phase = Phase.PRIMARY


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("amount", "a number, at least 0, at most 40"),
        ("number", "a whole number, above 0"),
        ("mark", "yes, no or unknown"),
        ("phase", "all, primary or secondary"),
        ("event", "a word of EventKind"),
        ("told", "true or false"),
        ("note", "text; may be blank"),
        ("law", "fixed or beta; blank: beta"),
        ("most", "a whole number; may be blank"),
        ("phases", "primary or secondary; blank: primary"),
    ],
)
def test_what_is_allowed_in_a_column_is_read_from_its_type(column: str, words: str) -> None:
    assert allowed(Row.model_fields[column]) == words


@pytest.fixture(scope="module")
def page(exampleshire: Parameters) -> str:
    return dictionary_in_markdown(dictionary(), exampleshire)


def rows_of(page: str, heading: str) -> dict[str, list[str]]:
    """Return the rows of the tables under a heading, by their first cell."""
    level = heading.partition(" ")[0]
    body = page.split(f"\n{heading}\n", 1)[1]
    body = body.split(f"\n{level} ")[0].split("\n## ")[0]
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line[:1] == "|")
    return {first: rest for first, *rest in cells}


def test_measures_are_told_with_their_unit_their_periods_and_what_they_are_broken_down_by(page: str) -> None:
    told = rows_of(page, "## Measures")
    assert told["mean_roll"][1:] == ["pupils", "academic year", "provision, phase"]
    assert told["recorded_census"][2] == "census day"
    assert told["spend"][1:] == ["GBP", "financial year", "provision"]
    assert told["plans_issued_calendar"][2] == "calendar year"
    assert told["suspensions"][3] == "phase, district"
    assert told["suspensions"][0].startswith("How often: The pupil was suspended")


def test_figures_are_told_with_the_bounds_within_which_they_must_lie(page: str) -> None:
    assert rows_of(page, "### quantities.csv")["standards.correlation"][1:] == ["correlation", "-1 to 1"]
    assert rows_of(page, "### yearly.csv")["refused_share"][1:] == ["share", "0 to 1"]
    assert rows_of(page, "### tariffs.csv")["hours_per_week"][1:] == [
        "hours",
        "a number, at least 0, at most 40; blank: 0.0",
    ]


def test_words_that_a_cell_refers_to_have_a_list_of_their_own(page: str) -> None:
    referred = {part.partition(" |")[0].partition(",")[0].partition(";")[0] for part in page.split("a word of ")[1:]}
    assert referred
    for name in referred:
        assert f"\n### {name}\n" in page.split("## Words with fixed values")[1]
    kinds: list[type[Enum]] = [EventKind]
    for kind in kinds:
        assert all(f"`{one.value}`" in page for one in kind)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a study of a tiny county, a comparison and a question about its baseline leave."""
    folder = tmp_path_factory.mktemp("written")
    county = tiny_county(folder)
    study = sim.experiment(study_file(folder), store=folder / "store", output=folder / "study", workers=1)
    write_differences(study, folder / "study")
    sim.ask("Q10", on=county, replications=2, seed=5, workers=1, output=folder / "asked").finding()
    return folder


@pytest.mark.slow
def test_files_of_a_results_folder_have_the_columns_that_the_dictionary_tells(place: Path) -> None:
    study = place / "study"
    found = {
        "measures.parquet": pd.read_parquet(study / "measures.parquet"),
        "pupils/SCENARIO.parquet": pd.read_parquet(study / "pupils" / "baseline.parquet"),
        **{name: pd.read_csv(study / name) for name in ("differences.csv", "headlines.csv", "design.csv")},
        "levels.csv": pd.read_csv(place / "asked" / "levels.csv"),
    }
    assert set(found) == set(RESULTS)
    factors = {"bursary": "FACTOR", "panels": "FACTOR"}
    for file, table in found.items():
        columns = ["days_*" if name.startswith("days_") else factors.get(name, name) for name in table.columns]
        assert tuple(dict.fromkeys(columns)) == RESULTS[file], file
    run = json.loads((study / RUN_FILE).read_text(encoding="utf-8"))
    assert set(run) == set(dictionary().run) - {"draws", "replications_per_draw", "members", "drawn_from"}  # none drawn


@pytest.mark.slow
def test_the_run_store_holds_what_the_dictionary_tells(place: Path) -> None:
    store = place / "store"
    shapes = set()
    for file in (path.relative_to(store) for path in store.rglob("*") if path.is_file()):
        folder, key, *rest = file.parts
        name = f"{'KEY-facts/*.parquet' if key.endswith('-facts') else 'KEY/' + '/'.join(rest)}"
        shapes.add(f"{folder}/{'HASH.json' if folder == 'parameters' else name}")
    assert shapes == set(dictionary().store) - {"failures/KEY.json", "damaged/"}

"""Scenarios: found by name or path, small diffs on a county, refused with file, line and key."""

from dataclasses import FrozenInstanceError
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import find_county, list_counties
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.scenarios import (
    BASELINE,
    Scenario,
    baseline,
    defaults,
    find_scenario,
    list_scenarios,
    load_scenario,
)

TEXT = """\
question: Q9
title: A test
evidence: {grade: judgement, source: own, year: "2020"}
sources:
  own: {title: Own idea, publisher: The tester}
changes:
  quantities/crisis/identify: 0.5
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "my_own.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str, county: Parameters) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_scenario(written(folder, text), county)
    return str(caught.value)


def test_the_baseline_changes_nothing(exampleshire: Parameters) -> None:
    assert load_scenario(BASELINE, exampleshire) == baseline(exampleshire)
    assert baseline(exampleshire).parameters is exampleshire


def test_every_scenario_listed_loads_on_every_county(exampleshire: Parameters) -> None:
    assert list_scenarios()[0] == BASELINE
    for name in list_scenarios():
        assert load_scenario(name, exampleshire).name == name


def test_defaults_name_what_exists() -> None:
    chosen = defaults()
    assert chosen.county in list_counties()
    assert chosen.scenario in list_scenarios()
    assert chosen.replications >= 1
    assert find_county(chosen.county).is_dir()


def test_a_scenario_file_of_ones_own_is_read(tmp_path: Path, exampleshire: Parameters) -> None:
    scenario = load_scenario(str(written(tmp_path, TEXT)), exampleshire)
    assert (scenario.name, scenario.question, scenario.title) == ("my_own", "Q9", "A test")
    assert scenario.parameters.quantities.crisis.identify.source == "own"
    assert scenario.changes == {"quantities/crisis/identify": 0.5}


def test_a_scenario_is_not_changed_in_place(exampleshire: Parameters) -> None:
    with pytest.raises(FrozenInstanceError):
        baseline(exampleshire).name = "other"  # type: ignore[misc]


def test_with_changes_a_copy_under_another_name(exampleshire: Parameters) -> None:
    original = baseline(exampleshire)
    changed = original.with_({"quantities/crisis/identify": 0.5}, title="Identified more often")
    assert (changed.name, changed.title) == ("baseline_changed", "Identified more often")
    assert changed.changes == {"quantities/crisis/identify": 0.5}
    assert fingerprint(changed.parameters) != fingerprint(original.parameters)
    assert original == baseline(exampleshire)


def test_with_keeps_what_is_not_named(exampleshire: Parameters) -> None:
    scenario = Scenario("a", exampleshire, "Title", "Q1", "Words")
    assert scenario.with_() == scenario
    renamed = scenario.with_(name="b", question="Q2", description="Other words")
    assert (renamed.name, renamed.title, renamed.question) == ("b", "Title", "Q2")
    assert renamed.parameters is exampleshire


def test_changes_of_a_copy_come_on_top(exampleshire: Parameters) -> None:
    once = baseline(exampleshire).with_({"quantities/crisis/identify": 0.5}, name="once")
    twice = once.with_({"quantities/crisis/identify": 0.6}, name="twice")
    assert twice.parameters.quantities.crisis.identify.value == 0.6
    assert twice.name == "twice"


def test_an_unknown_scenario_is_answered_with_those_that_exist(exampleshire: Parameters) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_scenario("primary_base_2019", exampleshire)
    message = str(caught.value)
    assert "did you mean primary_bases_2019?" in message
    assert BASELINE in message


def test_the_bases_open_in_every_district(exampleshire: Parameters) -> None:
    parameters = load_scenario("primary_bases_2019", exampleshire).parameters
    for district in exampleshire.districts:
        assert parameters.provisions[f"base_{district}_in_reach"].places[date(2019, 9, 1)].usable


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title: A test\n", "", ("key title", "add title")),
        ("question: Q9", "questions: Q9", ("line 1 (key questions)", "did you mean question?")),
        ("question: Q9", "question: no", ("line 1 (key question)", "true or false")),
        ('"2020"', "2020", ("line 3 (key evidence/year)", "put it in quotes")),
        ("publisher", "publsher", ("line 5 (key sources/own/publsher)",)),
        ("identify: 0.5", "identify: 5", ("line 7 (key changes/quantities/crisis/identify)", "value is 5")),
        ("identify: 0.5", "identify: 5e-1", ("line 7", "write 0.5 if it is a number")),
        ("crisis/identify", "crisis/identfy", ("line 7", "did you mean identify?")),
        ("source: own", "source: owl", ("line 7", "did you mean own?")),
        (
            "own: {title: Own",
            "fictional: {title: Own",
            ("line 5 (key sources/fictional)", "choose another key"),
        ),
        ("changes:\n", "changes: []\nmore:\n", ("line 6 (key changes)", "line 7 (key more)")),
    ],
)
def test_a_wrong_scenario_file_is_refused_with_its_line(
    tmp_path: Path, exampleshire: Parameters, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert old in TEXT
    message = refusal(tmp_path, TEXT.replace(old, new, 1), exampleshire)
    assert "my_own.yaml" in message
    for word in words:
        assert word in message


def test_a_scenario_knows_the_hash_of_its_file_until_it_is_changed(exampleshire: Parameters) -> None:
    found = load_scenario("primary_bases_2019", exampleshire)
    assert found.file_sha256 == sha256(find_scenario("primary_bases_2019").read_bytes()).hexdigest()
    assert found.with_(title="Other words").file_sha256 == found.file_sha256
    assert found.with_({"horizon/last_academic_year": "2022/23"}).file_sha256 == ""
    assert baseline(exampleshire).file_sha256 == ""

"""What a plain Python session prints of a scenario, a study, results and questions."""

from __future__ import annotations

import sim
from sim.experiments import load_experiment
from sim.scenarios import MOST_TOLD
from sim.search import load_allocation
from sim.study import quantities_in

MOST_LETTERS = 400


def test_a_scenario_is_one_line_with_its_name_title_county_levers_and_changes(county: sim.Scenario) -> None:
    trained = county.with_(
        sim.levers.fund_training_bursary(), {county.paths.rates.recur: 0.1}, name="trained", title="Train the staff"
    )
    said = repr(trained)
    assert "\n" not in said
    assert len(said) < MOST_LETTERS
    for part in ("Scenario", "trained", "Train the staff", "Exampleshire", "fund_training_bursary", "rates/recur"):
        assert part in said


def test_printing_a_scenario_gives_each_change_with_what_was_there_before(county: sim.Scenario) -> None:
    before = county.parameters.rates["recur"].value
    said = str(county.with_(sim.levers.fund_training_bursary(budget=7000), {"rates/recur": 0.1}, name="trained"))
    assert f"rates/recur: {before:g}" in said
    assert "-> 0.1" in said
    assert "budget 7000" in said
    assert "Nothing changed" in str(county)


def test_a_scenario_with_very_many_changes_prints_the_first_and_says_how_many_more(county: sim.Scenario) -> None:
    paths = [f"effects/{name}" for name in list(county.parameters.effects)[: MOST_TOLD + 3]]
    many = county.with_(dict.fromkeys(paths, 1.0))
    assert len(repr(many)) < MOST_LETTERS
    assert f"and {len(paths) - 5} more" in repr(many)
    assert str(many).splitlines()[-1].strip() == "and 3 more"


def test_results_and_their_figures_are_one_line_with_run_scenarios_and_replications(found: sim.Outcome) -> None:
    for said in (repr(found), repr(found.plot)):
        assert len(said) < MOST_LETTERS
        for part in ("Outcome", *found.scenarios, "3 replications", "uncalibrated"):
            assert part in said
    assert "waterfall" in repr(found.plot)


def test_a_study_a_study_file_and_an_allocation_are_one_line(county: sim.Scenario) -> None:
    study = sim.Study("mine", (county,), 5, 1)
    assert repr(study) == "<Study mine: baseline; 1 replication each; seed 5>"
    for one in (
        load_experiment("latin_hypercube_example", quantities_in),
        load_allocation("exampleshire_grant"),
    ):
        assert "\n" not in repr(one)
        assert len(repr(one)) < MOST_LETTERS
        assert one.title in repr(one)


def test_a_question_prints_as_it_was_put() -> None:
    question = sim.list_questions()["Q3"]
    assert str(question) == question.asked
    assert "panels_for_primary" in repr(question)

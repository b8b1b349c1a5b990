"""Runs at points of the uncertain figures: paired with the baseline, with the same luck at every point."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.analysis.lever_break_even import spend_over_study
from sim.analysis.sensitivity.points import How, Subject, names_of, outcomes_at
from sim.analysis.sensitivity.screening import grouped, screening
from sim.analysis.sensitivity.tornado import tornado
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import load_county
from sim.parameters.load_uncertainty import load_uncertainty
from sim.questions import LooksAt
from sim.scenarios import baseline
from sim.study import Standing, Study, run_study

PRICE = "together/independent_fees"


@pytest.fixture(scope="module")
def subject(small: Path) -> Subject:
    county = load_county(small)
    scenario = baseline(county).with_(levers={"fund_special_places": {}}, name="places")
    return Subject(scenario, load_uncertainty(small, county), seed=3, replications=2)


def test_the_central_point_is_the_comparison_as_it_is(subject: Subject) -> None:
    found = outcomes_at(subject, [{}], How(1))
    study = Study("s", subject.scenarios_at({}), subject.seed, subject.replications, spells_of=())
    spend = spend_over_study(run_study(study, workers=1))
    assert found.values.tolist() == [(spend["places"] - spend["baseline"]).tolist()]


@pytest.mark.parametrize("measure", ["spend", "mean_roll"])
def test_points_share_their_luck_so_a_price_moves_spend_and_no_pupil(subject: Subject, measure: str) -> None:
    where = {"spend": "independent_fees", "mean_roll": "independent_special"}[measure]
    fees = LooksAt(measure=measure, provision=where, over="sum", label="Fees or roll", unit="GBP or pupils")
    level = Subject(baseline(subject.scenario.county), subject.spec, 3, 2, fees)
    found = outcomes_at(level, [{PRICE: 0.05}, {}, {PRICE: 0.95}], How(1))
    assert level.is_level
    low, middle, high = found.values
    if measure == "spend":
        assert (low < middle).all()
        assert (middle < high).all()
    else:
        assert low.tolist() == middle.tolist() == high.tolist()


def test_finished_points_are_not_run_again_and_progress_counts_all_points(subject: Subject, tmp_path: Path) -> None:
    told: list[Standing] = []
    how = How(1, tmp_path, told.append)
    first = outcomes_at(subject, [{}, {PRICE: 0.05}], how)
    assert [(one.done, one.total) for one in told] == [(number, 8) for number in range(1, 9)]
    told.clear()
    again = outcomes_at(subject, [{}, {PRICE: 0.05}], how)
    assert told == []
    assert again.run == first.run
    assert (again.values == first.values).all()


def test_names_are_all_that_a_draw_moves_factors_first(subject: Subject) -> None:
    names = names_of(subject)
    assert names[: len(subject.spec.factors)] == [f"factors/{name}" for name in subject.spec.factors]
    assert any(one.startswith("levers/fund_special_places/") for one in names)
    assert len(set(names)) == len(names)
    assert names_of(subject, ["rates/*", "factors/onset_*"]) == [
        one for one in names if one.startswith(("rates/", "factors/onset_"))
    ]


@pytest.mark.slow
def test_every_name_moves_the_scenario(subject: Subject) -> None:
    as_it_is = {fingerprint(one.parameters) for one in subject.scenarios_at({})}
    for name in names_of(subject):
        assert any(fingerprint(one.parameters) not in as_it_is for one in subject.scenarios_at({name: 0.95})), name


def test_a_measure_without_figures_is_refused(subject: Subject) -> None:
    nothing = LooksAt(measure="nothing", label="Nothing", unit="none")
    with pytest.raises(ValueError, match="no figures of nothing"):
        outcomes_at(Subject(subject.scenario, subject.spec, 3, 1, nothing), [{}], How(1))


@pytest.mark.slow
def test_tornado_and_screening_agree_on_what_moves_the_spend(subject: Subject) -> None:
    names = ["factors/independent", "rates/recur"]
    level = Subject(baseline(subject.scenario.county), subject.spec, 3, 2)
    bars = tornado(level, names, How(1)).bars
    effects = screening(level, grouped(names, by_figure=True), 3, How(1)).effects
    assert bars["name"].tolist() == effects["group"].tolist() == names

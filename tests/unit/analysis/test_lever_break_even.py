"""Where a lever breaks even: which levels are tried, what they are compared with, and what the answer comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from typing import Any

import numpy as np
import pytest

from sim.analysis.break_even import Outcome
from sim.analysis.lever_break_even import Answer, Question, axes_of, break_even, effects_of, scaled_by
from sim.levers.acts import LeverInUse
from sim.levers.catalogue import in_use, levers
from sim.parameters.changes import with_changes
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.results import Results
from sim.study import Study
from tests.unit.analysis.made_results import level as spend_level
from tests.unit.analysis.made_results import results_of

LUCK = (-20.0, 20.0, 10.0)
"""What each replication's net cost differs from the mean by, in pounds; the mean is a third of 10."""

YEARS_OF_STUDY = 3
Cost = Callable[[str, float], float]
"""Net cost in pounds over the study, by what a scenario is ('level' or 'without') and its level."""


class Bench:
    """Stands in for running: spend is told, and what was asked to be run is kept."""

    def __init__(self, cost: Cost) -> None:
        self.cost, self.studies, self.told = cost, [], []

    def __call__(self, study: Study, output: Any, workers: int | None, progress: Any) -> Results:
        self.studies.append(study)
        self.told.append((output, workers, progress))
        return results_of({one.name: self.spend(one.name) for one in study.scenarios}, run=f"run {len(self.studies)}")

    def spend(self, name: str) -> dict[str, dict[str, list[float]]]:
        made = spend_level(len(LUCK), fees=1e6)
        if name != "baseline":
            what, level = name.split("_")
            pounds = self.cost(what, float(level)) + (np.array(LUCK) if what == "level" else 0.0)
            for year in list(made["fees"])[1:]:
                made["fees"][year] = list(np.array(made["fees"][year]) + pounds / YEARS_OF_STUDY)
        return made

    def tried(self, number: int) -> list[str]:
        return [scenario.name for scenario in self.studies[number].scenarios]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, exampleshire: Parameters) -> Callable[..., tuple[Answer, Bench]]:
    def asked(lever: str, axis: str, cost: Cost, county: Parameters = exampleshire, **settings: Any) -> Any:
        bench = Bench(cost)
        monkeypatch.setattr("sim.analysis.lever_break_even.run_study", bench)
        return break_even(county, Question(lever, axis, settings, len(LUCK), 5)), bench

    return asked


def pulled(county: Parameters, name: str, **settings: Any) -> LeverInUse:
    return in_use(county, name, settings, "test")


def meaning(answer: Answer) -> dict[str, float]:
    return {one.name: one.value for one in answer.meaning}


def test_levels_are_laid_closer_where_the_net_cost_changes_sign(run: Any) -> None:
    answer, bench = run("support_return_to_mainstream", "effect", lambda _what, level: 1000.0 - 800.0 * level)
    assert bench.tried(0) == ["baseline", "level_0", "level_0.5", "level_1", "level_1.5", "level_2"]
    assert bench.tried(1) == ["baseline", "level_1.125", "level_1.25", "level_1.375"]
    assert answer.levels == (0.0, 0.5, 1.0, 1.125, 1.25, 1.375, 1.5, 2.0)
    mean = np.mean(LUCK)
    assert answer.net_costs.mean(axis=1) == pytest.approx([1000 + mean - 800 * level for level in answer.levels])
    assert answer.net_costs[4] == pytest.approx(np.array(LUCK))
    assert (answer.root.outcome, answer.root.pays_above) == (Outcome.FOUND, True)
    assert answer.root.level == pytest.approx(1.25 + mean / 800)
    assert answer.run == "run 2"


def test_a_level_means_a_multiple_of_how_far_each_figure_is_from_doing_nothing(run: Any) -> None:
    answer, _ = run("support_return_to_mainstream", "effect", lambda _what, level: 1000.0 - 800.0 * level)
    root = answer.root
    assert meaning(answer) == pytest.approx({"special": 1 + 2 * root.level, "independent": 1 + root.level})
    special = next(one for one in answer.meaning if one.name == "special")
    assert special.central == 3.0
    assert (special.low, special.high) == pytest.approx((1 + 2 * root.low, 1 + 2 * root.high))


def test_a_stronger_effect_asked_for_means_effects_of_that_strength_in_the_run(
    run: Any, exampleshire: Parameters
) -> None:
    _, bench = run("fund_training_bursary", "effect", lambda _what, _level: -1.0)
    by_name = {scenario.name: scenario for scenario in bench.studies[0].scenarios}
    start = exampleshire.horizon.study_start
    factor = exampleshire.effects["trained_suspension"].value
    at = {name: by_name[name].parameters.on(start).effects["trained_suspension"].value for name in by_name}
    assert at["baseline"] == at["level_1"] == factor
    assert at["level_0"] == 1.0
    assert at["level_2"] == pytest.approx(1 - 2 * (1 - factor))
    assert "without_1" not in by_name, "nobody is trained without the lever"


def test_effects_are_tried_up_to_the_level_at_which_the_first_prevents_everything(run: Any) -> None:
    answer, _ = run("protect_preventive_time", "effect", lambda _what, _level: 100.0)
    assert answer.levels == pytest.approx((0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0))
    assert (1.0 - answer.levels[-1] * 0.2) == pytest.approx(0.0), "the strongest effect is a factor of 0.8"


def test_effects_already_at_work_are_as_strong_in_what_a_level_is_compared_with(
    run: Any, exampleshire: Parameters
) -> None:
    answer, bench = run(
        "protect_preventive_time", "effect", lambda what, level: 700.0 if what == "without" else 700.0 + 10 * level
    )
    by_name = {scenario.name: scenario for scenario in bench.studies[0].scenarios}
    assert set(by_name) == {"baseline"} | {
        f"{what}_{level:g}" for what in ("level", "without") for level in answer.levels
    }
    assert answer.net_costs.mean(axis=1) == pytest.approx([np.mean(LUCK) + 10 * level for level in answer.levels])
    start = exampleshire.horizon.study_start
    without, level = (by_name[name].parameters.on(start) for name in ("without_2", "level_2"))
    factor = exampleshire.effects["team_not_returning"].value
    for parameters in (without, level):
        assert parameters.effects["team_not_returning"].value == pytest.approx(1 - 2 * (1 - factor))
    assert without.quantities.team.protected_share.value == exampleshire.quantities.team.protected_share.value
    assert level.quantities.team.protected_share.value == 0.5


def test_effects_of_teams_that_open_later_than_the_lever_are_not_at_work_without_it(
    run: Any, exampleshire: Parameters
) -> None:
    closed = {f"provisions/{name}/places/2011-09-01": {"commissioned": 0, "usable": 0} for name in teams(exampleshire)}
    _, bench = run(
        "protect_preventive_time", "effect", lambda _what, _level: 1.0, county=with_changes(exampleshire, closed)
    )
    assert not any(name.startswith("without") for name in bench.tried(0))


def teams(county: Parameters) -> list[str]:
    return [name for name, _ in county.provisions_of("district_team")]  # type: ignore[arg-type]


def test_a_price_is_found_on_a_straight_line_from_three_levels(run: Any) -> None:
    answer, bench = run("agree_fee_framework", "cost", lambda _what, level: -500.0 + 200.0 * level)
    assert len(bench.studies) == 1
    assert answer.levels == (0.0, 0.5, 1.0)
    assert answer.root.level == pytest.approx(2.5 - np.mean(LUCK) / 200)
    assert not answer.root.pays_above
    assert meaning(answer) == pytest.approx({"running_cost": 55_000 * answer.root.level})
    asked = {one.name: dict(one.levers["agree_fee_framework"]) for one in bench.studies[0].scenarios[1:]}
    assert asked == {
        "level_0": {"running_cost": 0.0},
        "level_0.5": {"running_cost": 27_500.0},
        "level_1": {"running_cost": 55_000.0},
    }


def test_the_price_of_training_bends_what_it_buys_so_it_is_found_on_a_curve(run: Any) -> None:
    answer, bench = run("fund_training_bursary", "cost", lambda _what, level: -500.0 + 2000.0 * level**2)
    assert bench.tried(1) == ["baseline", "level_0.125", "level_0.25", "level_0.375"]
    assert 0.375 < answer.root.level < 0.5
    bought = {
        one.name: one.levers["fund_training_bursary"]["cost_per_school"] for one in bench.studies[0].scenarios[1:]
    }
    least = levers()["fund_training_bursary"].settings["cost_per_school"].least
    assert bought == {"level_0": least, "level_0.5": 2000.0, "level_1": 4000.0}


def test_a_dose_is_tried_up_to_all_there_can_be(run: Any) -> None:
    answer, bench = run("assess_ap_pupils", "dose", lambda _what, level: 90.0 - 45.0 * level)
    assert answer.levels == pytest.approx((0.0, 0.5, 1.0, 1.0 / 0.9))
    shares = [one.levers["assess_ap_pupils"]["strength"] for one in bench.studies[0].scenarios[1:]]
    assert shares == pytest.approx([0.0, 0.5, 1.0, 1.0 / 0.9])
    assert answer.root.outcome is Outcome.NEVER
    assert isnan(meaning(answer)["share"])


def test_a_price_that_may_be_paid_is_never_said_to_be_more_than_may_be_asked_for(run: Any) -> None:
    answer, _ = run("agree_fee_framework", "cost", lambda _what, level: -5e6 + 200.0 * level)
    most = levers()["agree_fee_framework"].settings["running_cost"].most
    assert 55_000 * answer.root.level > most
    (cost,) = answer.meaning
    assert (cost.value, cost.low, cost.high) == (most, most, most)


def test_an_end_that_is_not_known_stays_unknown(run: Any) -> None:
    answer, _ = run("assess_ap_pupils", "dose", lambda _what, level: 5.0 - 8.0 * level)
    (share,) = answer.meaning
    assert share.value == pytest.approx(0.9 * answer.root.level)
    assert (share.low, share.high) == (-np.inf, np.inf) == (answer.root.low, answer.root.high)


def test_settings_of_the_question_hold_at_every_level(run: Any) -> None:
    _, bench = run("agree_fee_framework", "cost", lambda _what, _level: 1.0, price=0.9)
    assert [one.levers["agree_fee_framework"]["price"] for one in bench.studies[0].scenarios[1:]] == [0.9] * 3


def test_a_design_of_a_base_works_by_the_effects_of_its_own_tiers(exampleshire: Parameters) -> None:
    outreach = pulled(exampleshire, "open_primary_bases", design="outreach_only")
    assert set(effects_of(outreach)) == {"outreach_worsen", "outreach_suspension"}
    assert set(effects_of(outreach)) < set(effects_of(pulled(exampleshire, "open_primary_bases", design="full_centre")))


def test_settings_that_no_act_of_the_option_chosen_uses_are_not_scaled(exampleshire: Parameters) -> None:
    assert axes_of(pulled(exampleshire, "change_baip_funding")) == []
    per_pupil = pulled(exampleshire, "change_baip_funding", **per_head())
    assert all(name in per_pupil.settings for axis in axes_of(per_pupil) for name in scaled_by(per_pupil, axis))


def per_head() -> dict[str, str]:
    choices = levers()["change_baip_funding"].choices
    name, choice = next(iter(choices.items()))
    return {name: next(option for option in choice.options if option != choice.default)}


@pytest.mark.parametrize(
    ("lever", "axis", "said"),
    [
        ("change_baip_funding", "effect", "change_baip_funding has no effect to scale; it has none"),
        ("fund_special_places", "cost", "fund_special_places has no cost to scale; it has dose"),
    ],
)
def test_an_axis_that_a_lever_has_not_is_refused(run: Any, lever: str, axis: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run(lever, axis, lambda _what, _level: 0.0)


def test_a_lever_that_there_is_not_is_refused_with_the_one_that_may_be_meant(run: Any) -> None:
    with pytest.raises(ConfigurationError, match="fund_training_bursary"):
        run("fund_training_bursery", "effect", lambda _what, _level: 0.0)


def test_a_run_is_told_of_with_the_number_of_its_runs_and_kept_where_it_is_asked_to_be(
    monkeypatch: pytest.MonkeyPatch, exampleshire: Parameters, tmp_path: Any
) -> None:
    numbers = []

    @contextmanager
    def shown(number: int) -> Iterator[str]:
        numbers.append(number)
        yield f"progress of {number}"

    bench = Bench(lambda _what, level: 100.0 - 200.0 * level)
    monkeypatch.setattr("sim.analysis.lever_break_even.run_study", bench)
    question = Question("reintegrate_from_ap", "effect", {}, len(LUCK), 5)
    break_even(exampleshire, question, workers=2, output=tmp_path, progress=shown)
    assert numbers == [6 * len(LUCK), 4 * len(LUCK)], "baseline and five levels, then baseline and three"
    assert bench.told == [(tmp_path, 2, f"progress of {number}") for number in numbers]
    assert [(one.seed, one.replications, one.spells_of) for one in bench.studies] == [(5, len(LUCK), ())] * 2

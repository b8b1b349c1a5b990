"""Precision: intervals after each replication, look-ahead, growing until enough, and what is said when it is not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.precision import PrecisionJudge, enough, half_widths, is_same, look_ahead, means, rare_half_widths
from sim.experiments import Experiment, Precision, Target
from sim.parameters.schema import Parameters
from sim.parameters.uncertainty import Uncertainty
from sim.questions import LooksAt
from sim.scenarios import Scenario, baseline
from sim.uncertainty import Draws

SUSPENSIONS = LooksAt(measure="suspensions", label="Suspensions", unit="a year")
LEVEL = 0.95


def rule(most: int = 100, **more: Any) -> Precision:
    width = {key: more.pop(key) for key in ("half_width", "of_difference", "of_baseline") if key in more}
    return Precision(targets=(Target(measure="suspensions", **(width or {"half_width": 1.0})),), most=most, **more)


@pytest.fixture
def experiment(exampleshire: Parameters) -> Experiment:
    policy = baseline(exampleshire).with_({"quantities/team/protected_share": 0.2}, name="policy")
    return Experiment(
        "made_up", "Made up", "", "", (baseline(exampleshire), policy), (), 5, rule(), (SUSPENSIONS,), 1, ""
    )


def measures(value: float) -> pd.DataFrame:
    """Return the rows of one unit: the value in one year of the study, and others that are not to be taken for it."""
    row = {"period": "2020/21", "measure": "suspensions", "provision": "", "phase": "all", "district": "all"}
    others = [{"period": "2016/17"}, {"phase": "primary"}, {"measure": "other"}, {"district": "east"}]
    return pd.DataFrame([{**row, "value": value}, *({**row, **other, "value": 1e9} for other in others)])


def shown(judge: PrecisionJudge, differences: np.ndarray, since: int = 0) -> PrecisionJudge:
    for replication, difference in enumerate(differences[since:], start=since):
        judge.note("baseline", replication, measures(100.0 + replication))
        judge.note("policy", replication, measures(100.0 + replication + difference))
    return judge


def grown(judge: PrecisionJudge, differences: np.ndarray) -> list[int]:
    """Return the numbers of replications that the judge asks for, one after the other."""
    asked = [judge.first]
    while True:
        shown(judge, differences[: asked[-1]], since=asked[-2] if len(asked) > 1 else 0)
        wanted = judge.further(asked[-1])
        if wanted == asked[-1]:
            return asked
        asked.append(wanted)


@settings(deadline=None, derandomize=True)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_half_width_is_that_of_the_t_interval_of_what_there_is_so_far(values: list[float]) -> None:
    found = half_widths(np.array(values), LEVEL)
    sem = stats.sem(values)
    expected = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * sem
    assert found[-1] == pytest.approx(expected, rel=1e-6, abs=1e-4)
    assert found[0] == np.inf
    assert means(np.array(values))[-1] == pytest.approx(np.mean(values), abs=1e-6)


def test_replications_without_a_value_add_nothing() -> None:
    holes = np.array([1.0, np.nan, 2.0, 4.0, np.nan])
    assert half_widths(holes, LEVEL)[-1] == half_widths(np.array([1.0, 2.0, 4.0]), LEVEL)[-1]
    assert means(holes).tolist() == [1.0, 1.0, 1.5, pytest.approx(7 / 3), pytest.approx(7 / 3)]


def test_no_change_in_any_replication_so_far_is_not_yet_precise(experiment: Experiment) -> None:
    """The baseline of these tests rises by one with each replication."""
    rare = np.array([*np.zeros(10), 40.0, *np.zeros(89)])
    judge = PrecisionJudge(replace(experiment, precision=rule(half_width=1.0)))
    shown(judge, rare[:10])
    assert judge.further(10) > 10
    assert judge.record()["reached_after"] is None
    spread = np.std(np.arange(10.0), ddof=1)
    (row,) = judge.record()["intervals"]
    assert row["half_width"] == pytest.approx((1 - 0.05**0.1) * np.sqrt(2) * spread)


@settings(deadline=None, derandomize=True)
@given(number=st.integers(2, 200), confidence=st.floats(0.6, 0.99))
def test_the_bound_for_rare_events_uses_the_largest_share_of_futures_that_could_have_stayed_unseen(
    number: int, confidence: float
) -> None:
    levels = np.arange(float(number))
    largest = stats.binomtest(0, number, alternative="less").proportion_ci(confidence).high
    expected = largest * np.sqrt(2) * np.std(levels, ddof=1)
    assert rare_half_widths(levels, confidence)[-1] == pytest.approx(expected)


def test_where_nothing_varies_nothing_is_known_of_rare_events_and_the_budget_is_used_up(experiment: Experiment) -> None:
    judge = PrecisionJudge(replace(experiment, precision=rule(half_width=1e9, most=30)))
    for replication in range(30):
        judge.note("baseline", replication, measures(0.0))
        judge.note("policy", replication, measures(0.0))
    assert judge.further(10) == 20
    assert judge.further(30) == 30
    (row,) = judge.record()["intervals"]
    assert (row["half_width"], row["more_needed"], row["is_same"]) == (None, None, True)
    assert judge.record()["reached_after"] is None


def test_a_cost_that_is_the_same_in_each_replication_counts_as_no_variation_despite_rounding() -> None:
    levels = np.array([0.1, 0.2, 0.30000000000000004, 7e6])
    assert is_same((levels + 947.7) - levels, levels).all()
    assert is_same(np.array([0.0, 0.0, 1e-3]), levels[:3]).tolist() == [True, True, False]


def test_a_scenario_with_the_figures_of_the_baseline_is_precise_by_construction(experiment: Experiment) -> None:
    base = experiment.scenarios[0]
    same = replace(experiment, scenarios=(base, Scenario("policy", base.parameters)), precision=rule(half_width=1e-9))
    judge = PrecisionJudge(same)
    assert grown(judge, np.zeros(30)) == [5, 10]
    assert judge.record()["reached_after"] == 5


@pytest.mark.parametrize("often", [0.01, 0.05, 0.3])
def test_studies_of_rare_events_cover_the_mean_although_they_stop_by_themselves(often: float) -> None:
    """A change of 3 in a share of futures, where the baseline has a standard deviation of 3."""
    draws = np.random.default_rng(20190517)
    covered = []
    for _ in range(300):
        levels, change = draws.normal(50.0, 3.0, 400), 3.0 * (draws.random(400) < often)
        same = is_same(change, levels)
        half = np.where(same, rare_half_widths(levels, LEVEL), half_widths(change, LEVEL))
        reached, _ = enough((half <= 0.4).tolist(), 5, 5)
        assert reached is not None
        end = reached + look_ahead(5, reached) - 1
        covered.append(abs(means(change)[end] - 3.0 * often) <= half[end])
    assert stats.binomtest(sum(covered), len(covered)).proportion_ci(0.999).high > LEVEL


@pytest.mark.parametrize(("replications", "ahead"), [(3, 5), (100, 5), (101, 5), (120, 6), (200, 10), (1000, 50)])
def test_the_look_ahead_grows_in_proportion_above_a_hundred(replications: int, ahead: int) -> None:
    assert look_ahead(5, replications) == ahead


@pytest.mark.parametrize(
    ("precise", "expected"),
    [
        ("0000000000", (None, 10)),
        ("0000001111", (None, 12)),
        ("000011111100", (5, 10)),
        ("00011110111111", (9, 14)),
        ("1111111111", (3, 8)),
    ],
)
def test_a_precision_counts_when_it_has_held_through_the_look_ahead(precise: str, expected: tuple[Any, int]) -> None:
    assert enough([sign == "1" for sign in precise], first=3, limit=5) == expected


def test_being_precise_by_luck_does_not_stop_a_study(experiment: Experiment) -> None:
    lucky = np.array([0.0, 0.1, 0.0, 0.1, 0.0, 9.0, -9.0, 8.0, -8.0, *np.tile([9.0, -9.0], 30)])
    judge = PrecisionJudge(replace(experiment, precision=rule(most=40)))
    asked = grown(judge, lucky)
    assert asked[:2] == [5, 10]
    assert asked[-1] == 40
    assert judge.record()["reached_after"] is None


def test_a_study_grows_until_its_differences_are_precise_and_then_stops(experiment: Experiment) -> None:
    noise = np.random.default_rng(3).normal(5.0, 2.0, 200)
    judge = PrecisionJudge(replace(experiment, precision=rule(half_width=1.0, most=200)))
    asked = grown(judge, noise)
    reached = judge.record()["reached_after"]
    widths = half_widths(noise[: asked[-1]], LEVEL)
    assert all(later > sooner for sooner, later in pairwise(asked))
    assert widths[reached - 2] > 1.0
    assert (widths[reached - 1 : reached + look_ahead(5, reached)] <= 1.0).all()
    assert asked[-1] < 3 * (1.96 * 2.0 / 1.0) ** 2
    assert judge.record()["intervals"][0]["more_needed"] == 0


@pytest.mark.parametrize(("width", "target"), [({"of_difference": 0.1}, 0.5), ({"of_baseline": 0.005}, 0.52)])
def test_a_width_may_be_a_share_of_the_difference_or_of_the_baseline(
    experiment: Experiment, width: dict[str, float], target: float
) -> None:
    judge = PrecisionJudge(replace(experiment, precision=rule(**width)))
    (row,) = shown(judge, np.array([4.0, 5.0, 6.0, 5.0, 5.0, 4.0, 6.0, 5.0, 5.0])).record()["intervals"]
    assert row["at_most"] == pytest.approx(target)


def test_a_budget_that_ends_too_soon_says_how_many_more_would_be_needed(experiment: Experiment) -> None:
    differences = np.tile([4.0, -4.0], 10)
    judge = PrecisionJudge(replace(experiment, precision=rule(half_width=0.5, most=20)))
    assert grown(judge, differences)[-1] == 20
    (row,) = judge.record()["intervals"]
    half = half_widths(differences, LEVEL)[-1]
    assert row["half_width"] == pytest.approx(half)
    assert row["more_needed"] == int(np.ceil(20 * (half / 0.5) ** 2)) - 20


def test_what_is_decided_does_not_depend_on_the_order_in_which_units_end(experiment: Experiment) -> None:
    values = np.random.default_rng(1).normal(2.0, 1.0, 20)
    forward, backward = PrecisionJudge(experiment), PrecisionJudge(experiment)
    shown(forward, values)
    for replication in reversed(range(20)):
        backward.note("policy", replication, measures(100.0 + replication + values[replication]))
        backward.note("baseline", replication, measures(100.0 + replication))
    assert forward.further(20) == backward.further(20)
    assert forward.record() == backward.record()


def test_a_measure_without_figures_takes_the_whole_budget_and_is_named(experiment: Experiment) -> None:
    judge = PrecisionJudge(replace(experiment, precision=rule(most=12)))
    for replication in range(12):
        for scenario in ("baseline", "policy"):
            judge.note(scenario, replication, measures(1.0).iloc[1:])
    assert judge.further(5) == 10
    assert judge.further(12) == 12
    assert judge.record()["intervals"][0]["half_width"] is None


def test_without_a_target_the_judge_only_watches(experiment: Experiment) -> None:
    judge = PrecisionJudge(replace(experiment, precision=None, replications=4))
    shown(judge, np.array([1.0, 2.0, 3.0, 4.0]))
    assert judge.first == judge.further(4) == 4
    assert judge.standing() == (f"suspensions: widest +-{half_widths(np.arange(4.0), LEVEL)[-1]:.3g} in policy",)
    assert "most" not in judge.record()


def test_intervals_of_studies_that_stop_by_themselves_still_cover(experiment: Experiment) -> None:
    """Stopping when the interval is narrow costs some coverage; it must not cost much."""
    draws = np.random.default_rng(20190517)
    covered = []
    for _ in range(300):
        values = draws.normal(3.0, 1.5, 200)
        precise = half_widths(values, LEVEL) <= 0.6
        reached, _ = enough(precise.tolist(), 5, 5)
        assert reached is not None
        used = values[: reached + 5]
        covered.append(abs(used.mean() - 3.0) <= half_widths(used, LEVEL)[-1])
    low, high = stats.binomtest(sum(covered), len(covered)).proportion_ci(0.999)
    assert high > LEVEL - 0.03
    assert low > LEVEL - 0.1


def test_where_parameters_are_drawn_the_mean_of_each_draw_counts_and_whole_draws_are_added(
    experiment: Experiment,
) -> None:
    drawn = replace(experiment, draws=Draws(Uncertainty(), seed=1, per_draw=2))
    means_of_draws = np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    apart = np.tile([-10.0, 10.0], 5)
    by_replication, by_draw = PrecisionJudge(drawn), PrecisionJudge(experiment)
    shown(by_replication, np.repeat(means_of_draws, 2) + apart)
    shown(by_draw, means_of_draws)
    found, expected = by_replication.record(), by_draw.record()
    assert found["intervals"][0]["half_width"] == pytest.approx(expected["intervals"][0]["half_width"])
    assert (found["replications"], expected["replications"]) == (10, 5)
    assert by_replication.further(10) % 2 == 0

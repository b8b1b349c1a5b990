"""Waves that close in on what was observed, tried on a simulation whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.calibration.emulator import emulator_of, names_of_terms
from sim.analysis.calibration.learnt import conflicts, factors_learnt, judged_learnt
from sim.analysis.calibration.likelihood import Observed
from sim.analysis.calibration.matching import Matching, Wave, matched, worst
from sim.analysis.calibration.points import Floats, Points, first_design, scores, space_of

SPACE = space_of({"onset": (0.5, 2.0), "requests": (0.5, 2.0), "unseen": (0.5, 2.0)}, [f"judged_{i}" for i in range(6)])
"""Two targets tell of onset, one of requests and the first judged figure, none of the factor unseen."""

POWERS = np.array([[1.0, 0.7, 0.5], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
SHIFTS = np.array([0.0, 0.0, 0.3])
NOISE = 0.03


def quantiles(numbers: np.ndarray) -> Floats:
    return np.array([np.random.default_rng([7, int(n)]).random(6) for n in numbers]).reshape(len(numbers), 6)


def without_noise(points: Points) -> Floats:
    return np.log(SPACE.ratios(points.places)) @ POWERS + scores(points.quantiles)[:, :1] * SHIFTS


def simulate(points: Points) -> Floats:
    luck = [np.random.default_rng([9, int(number)]).standard_normal(3) for number in points.numbers]
    return without_noise(points) + NOISE * np.array(luck).reshape(len(points), 3)


def at(onset: float, requests: float, judged: float) -> Points:
    middle = np.full((1, 6), 0.5)
    middle[0, 0] = judged
    places = SPACE.places(np.array([[onset, requests, 1.0]]))
    return Points(SPACE, np.array([10_000]), places, middle, np.ones(1, np.int64))


TRUTH = at(onset=1.5, requests=0.7, judged=0.3)
OBSERVED = Observed(("prevalence", "suspensions", "plans"), without_noise(TRUTH)[0], np.full(3, 0.05))
CHANCE = np.full(3, NOISE)


@pytest.fixture(scope="module")
def found() -> Matching:
    return matched(SPACE, OBSERVED, quantiles, simulate, CHANCE, [60, 60], seed=3)


def test_ratios_and_places_are_each_others_inverse() -> None:
    ratios = np.array([[0.5, 1.0, 2.0], [0.7, 1.3, 1.9]])
    assert SPACE.places(ratios)[0] == pytest.approx([-1.0, 0.0, 1.0])
    assert SPACE.ratios(SPACE.places(ratios)) == pytest.approx(ratios)


def test_the_first_design_has_one_point_in_each_slice_of_each_factor() -> None:
    points = first_design(SPACE, quantiles(np.arange(10)), seed=1)
    slices = np.sort(np.floor((points.places + 1) / 2 * 10), axis=0)
    assert (slices == np.arange(10)[:, None]).all()


def test_implausibility_is_distance_over_the_root_of_all_variances() -> None:
    observed = Observed(("one", "two"), np.array([1.0, 2.0]), np.array([0.3, 0.6]))
    distance = observed.implausibility(np.array([[1.5, 1.0]]), np.array([0.4, 0.8]))
    assert distance == pytest.approx(np.array([[1.0, 1.0]]))


def test_a_run_without_a_value_is_ruled_out() -> None:
    assert worst(np.array([[0.1, np.nan], [0.1, 2.0]])).tolist() == [np.inf, 2.0]


def test_an_emulator_of_powers_finds_them_and_the_noise() -> None:
    points = first_design(SPACE, quantiles(np.arange(200)), seed=2)
    emulator = emulator_of(points.inputs, simulate(points), factors=3)
    per_input = np.log(2.0) / np.sqrt(3)  # half a range on the log scale, in units of one standard deviation
    assert emulator.coefficients[:3] / per_input == pytest.approx(POWERS, abs=0.03)
    assert emulator.coefficients[3] == pytest.approx(SHIFTS, abs=0.02)
    assert emulator.errors == pytest.approx(CHANCE, rel=0.25)
    assert (emulator.explained > 0.98).all()


def test_an_emulator_of_noise_explains_nothing() -> None:
    points = first_design(SPACE, quantiles(np.arange(120)), seed=2)
    noise = np.random.default_rng(5).standard_normal((120, 1))
    emulator = emulator_of(points.inputs, noise, factors=3)
    assert emulator.explained[0] < 0.1
    assert emulator.errors[0] == pytest.approx(1.0, rel=0.2)


def test_an_emulator_follows_a_product_of_two_factors() -> None:
    points = first_design(SPACE, quantiles(np.arange(120)), seed=4)
    product = points.inputs[:, :1] * points.inputs[:, 1:2]
    emulator = emulator_of(points.inputs, product, factors=3)
    names = names_of_terms(SPACE.names, 3)
    largest = names[int(np.abs(emulator.coefficients[:, 0]).argmax())]
    assert largest == "onset x requests"
    assert emulator.errors[0] < 0.05


def test_members_of_the_last_wave_surround_the_truth(found: Matching) -> None:
    members = found.points.taken(found.members(most=60))
    learnt = factors_learnt(found, members).set_index("factor")
    assert len(members) >= 20
    assert learnt.loc["onset", "p5"] < 1.5 < learnt.loc["onset", "p95"]
    assert learnt.loc["requests", "p5"] < 0.7 < learnt.loc["requests", "p95"]


def test_a_factor_that_two_targets_tell_of_is_pinned_down_and_one_that_none_does_is_not(found: Matching) -> None:
    learnt = factors_learnt(found, found.points.taken(found.members(most=60))).set_index("factor")["spread_left"]
    assert learnt["onset"] < 0.25
    assert learnt["requests"] < 0.8
    assert learnt["unseen"] > 0.7


def test_figures_that_targets_do_not_tell_of_keep_their_ranges(found: Matching) -> None:
    learnt = judged_learnt(found, found.points.taken(found.members(most=60)))
    assert set(learnt["figure"]) <= {"judged_0"}


def test_later_waves_come_closer(found: Matching) -> None:
    first, second = found.waves
    assert second.median_worst < first.median_worst
    assert second.plausible > first.plausible


def test_only_points_that_every_target_leaves_plausible_become_members(found: Matching) -> None:
    members = found.members(most=1000, waves=[1, 2])
    distance = found.observed.implausibility(found.simulated[members], found.chance)
    assert len(members) == found.plausible.sum() > 0
    assert distance.max() <= 3.0


def test_the_same_seed_gives_the_same_points_to_the_bit(found: Matching) -> None:
    again = matched(SPACE, OBSERVED, quantiles, simulate, CHANCE, [60, 60], seed=3)
    assert (again.points.places == found.points.places).all()
    assert (again.points.quantiles == found.points.quantiles).all()
    assert (again.simulated == found.simulated).all()


def test_each_wave_is_told_of_when_it_is_done() -> None:
    told: list[Wave] = []
    matched(SPACE, OBSERVED, quantiles, simulate, CHANCE, [60, 10], seed=3, tell=told.append)
    assert [(wave.number, wave.points) for wave in told] == [(1, 60), (2, 10)]


def test_targets_that_cannot_both_be_met_are_said_to_conflict(found: Matching) -> None:
    values = OBSERVED.values.copy()
    values[1] += 0.25  # suspensions that the onset of the prevalence cannot give
    table = conflicts(replace(found.likelihood, observed=replace(OBSERVED, values=values))).set_index("target")
    assert table.loc["prevalence", "missed_by"] > 2 > -2 > table.loc["suspensions", "missed_by"]
    assert table.loc["suspensions", "gives_way"] == "prevalence"
    assert table.loc["suspensions", "forced_costs"] > 2
    assert abs(table.loc["plans", "missed_by"]) < 1


def test_targets_that_agree_are_not_said_to_conflict(found: Matching) -> None:
    table = conflicts(found.likelihood)
    assert table["missed_by"].abs().max() < 1
    assert table["forced_costs"].max() < 1

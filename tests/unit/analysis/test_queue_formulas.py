"""The formulas of queueing theory against published values, balance equations and each other."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from sim.analysis.theory.queues import (
    after_changes,
    chance_of_waiting,
    chance_of_waiting_longer,
    giving_up,
    mean_wait,
    mean_wait_by_class,
    share_turned_away,
)


def steady(rates):
    """Solve the balance equations of a chain; `rates[i, j]` is the rate from state i to state j."""
    generator = rates - np.diag(rates.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(len(rates))])
    return np.linalg.lstsq(equations, np.append(np.zeros(len(rates)), 1.0), rcond=None)[0]


def births_and_deaths(up, down, most):
    """Return the steady chances of 0..most, with rates as functions of the number."""
    rates = np.zeros((most + 1, most + 1))
    for n in range(most):
        rates[n, n + 1], rates[n + 1, n] = up(n), down(n + 1)
    return steady(rates)


def two_classes(first, second, places, most):
    """Solve two ranked classes by balance over (in a place, first class waiting, second class waiting)."""
    states = [(n, 0, 0) for n in range(places)]
    states += [(places, i, j) for i in range(most) for j in range(most)]
    index = {state: number for number, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for (n, i, j), here in index.items():
        full = n == places
        served = (n, i - 1, j) if i else (n, i, j - 1) if j else (n - 1, 0, 0)
        for rate, to in (
            (first, (n, i + 1, j) if full else (n + 1, 0, 0)),
            (second, (n, i, j + 1) if full else (n + 1, 0, 0)),
            (float(n), served),
        ):
            if to in index:
                rates[here, index[to]] += rate
    chances = steady(rates)
    return [float(sum(p * state[k] for p, state in zip(chances, states, strict=True))) for k in (1, 2)]


@pytest.mark.parametrize(("offered", "places", "share"), [(1.0, 1, 1 / 2), (1.0, 2, 1 / 5), (2.0, 3, 4 / 19)])
def test_erlang_b_gives_the_fractions_worked_by_hand(offered, places, share):
    assert share_turned_away(offered, 1.0, places) == pytest.approx(share, rel=1e-14)


@pytest.mark.parametrize(("offered", "places"), [(0.1, 4), (7.0, 12), (150.0, 160), (5_000.0, 5_050), (900.0, 700)])
def test_erlang_b_is_the_reciprocal_of_fortets_integral_however_many_places(offered, places):
    far = 60.0 * (1.0 + 1.0 / abs(1.0 - places / offered) + places**0.5)
    reciprocal, _ = integrate.quad(
        lambda t: np.exp(-t + places * np.log1p(t / offered)), 0.0, far, limit=2_000, epsabs=0.0, epsrel=1e-11
    )
    assert share_turned_away(offered / 3.0, 3.0, places) == pytest.approx(1.0 / reciprocal, rel=1e-8)


def test_erlang_b_is_the_last_state_of_a_cut_off_poisson_roll():
    roll = stats.poisson(7.0)
    assert share_turned_away(3.5, 2.0, 9) == pytest.approx(roll.pmf(9) / roll.cdf(9), rel=1e-12)


def test_erlang_c_gives_the_published_examples():
    assert chance_of_waiting(1.0, 0.5, 1) == pytest.approx(0.5, rel=1e-14)  # one place: the load itself
    assert chance_of_waiting(2.0, 0.5, 2) == pytest.approx(1.0 / 3.0, rel=1e-14)
    assert mean_wait(2.0, 0.5, 2) == pytest.approx(1.0 / 6.0, rel=1e-14)


@pytest.mark.parametrize(("arrivals", "mean_stay", "places"), [(1.2, 1.0, 2), (0.8, 5.0, 6), (30.0, 0.5, 20)])
def test_erlang_c_solves_the_balance_equations(arrivals, mean_stay, places):
    chances = births_and_deaths(lambda _n: arrivals, lambda n: min(n, places) / mean_stay, 240)
    waiting = np.maximum(np.arange(241) - places, 0)
    assert chance_of_waiting(arrivals, mean_stay, places) == pytest.approx(chances[places:].sum(), rel=1e-9)
    assert mean_wait(arrivals, mean_stay, places) == pytest.approx(chances @ waiting / arrivals, rel=1e-9)


@pytest.mark.parametrize("days", [0.0, 0.3, 2.0])
def test_the_distribution_of_the_wait_is_a_mixture_of_gamma_laws_over_the_pupils_ahead(days):
    arrivals, mean_stay, places = 3.0, 0.8, 4
    chances = births_and_deaths(lambda _n: arrivals, lambda n: min(n, places) / mean_stay, 200)
    ahead = np.arange(1, 200 - places + 2)  # departures needed by who meets n = places + ahead - 1
    longer = chances[places:] @ special.gammaincc(ahead, days * places / mean_stay)
    assert chance_of_waiting_longer(days, arrivals, mean_stay, places) == pytest.approx(longer, rel=1e-9)


def test_too_few_places_have_no_steady_state():
    with pytest.raises(ValueError, match="never enough for 4 pupils"):
        mean_wait(2.0, 2.0, 4)


@pytest.mark.parametrize("places", [1, 3])
def test_cobham_solves_the_balance_equations_of_two_classes(places):
    first, second = 0.2 * places, 0.25 * places
    waiting = two_classes(first, second, places, 26)
    expected = [waiting[0] / first, waiting[1] / second]
    assert mean_wait_by_class([first, second], 1.0, places) == pytest.approx(expected, rel=1e-6)


def test_classes_share_the_wait_that_everybody_would_have_without_ranks():
    arrivals = np.array([0.9, 1.4, 0.6])
    waits = mean_wait_by_class(list(arrivals), 2.0, 7)
    assert arrivals @ waits / arrivals.sum() == pytest.approx(mean_wait(arrivals.sum(), 2.0, 7), rel=1e-12)
    assert (np.diff(waits) > 0.0).all()


@pytest.mark.parametrize(
    ("arrivals", "mean_stay", "places", "mean_patience"),
    [(8.0, 1.0, 5, 2.0), (0.5, 4.0, 3, 1.0), (2.0, 1.0, 1, 0.2), (6.0, 1.5, 12, 30.0), (3.0, 1.0, 0, 0.7)],
)
def test_erlang_a_solves_the_balance_equations(arrivals, mean_stay, places, mean_patience):
    n = np.arange(301)
    waiting = np.maximum(n - places, 0)
    chances = births_and_deaths(
        lambda _n: arrivals, lambda n: min(n, places) / mean_stay + max(n - places, 0) / mean_patience, 300
    )
    found = giving_up(arrivals, mean_stay, places, mean_patience)
    assert found.must_wait == pytest.approx(chances[places:].sum(), rel=1e-9)
    assert found.mean_waiting == pytest.approx(chances @ waiting, rel=1e-9)
    assert found.mean_wait == pytest.approx(chances @ waiting / arrivals, rel=1e-9)
    assert found.share == pytest.approx(chances @ waiting / mean_patience / arrivals, rel=1e-9)
    assert found.mean_roll == pytest.approx(chances @ np.minimum(n, places), rel=1e-9, abs=1e-12)


def test_erlang_a_with_endless_patience_is_erlang_c_and_with_none_is_erlang_b():
    assert giving_up(3.0, 1.0, 4, 1e8).mean_wait == pytest.approx(mean_wait(3.0, 1.0, 4), rel=1e-6)
    assert giving_up(3.0, 1.0, 4, 1e-9).share == pytest.approx(share_turned_away(3.0, 1.0, 4), rel=1e-6)


@pytest.mark.parametrize(("places", "patience"), [(2_000, 0.5), (2_000, 40.0), (1_000, 1.0), (5, 1.0)])
def test_erlang_a_stays_accurate_for_thousands_of_pupils(places, patience):
    arrivals = 1_900.0
    n = np.arange(90_000 if patience > 1.0 else 8_000)
    down = np.minimum(n, places) + np.maximum(n - places, 0) / patience
    logs = np.append(0.0, np.cumsum(np.log(arrivals / down[1:])))
    chances = np.exp(logs - special.logsumexp(logs))
    assert giving_up(arrivals, 1.0, places, patience).mean_waiting == pytest.approx(
        chances @ np.maximum(n - places, 0), rel=1e-8
    )


def test_no_place_is_ever_missed_where_places_are_beyond_counting():
    found = giving_up(2.0, 1.0, 600, 1.0)
    assert (found.must_wait, found.mean_waiting, found.mean_roll) == (0.0, 0.0, 2.0)


def test_an_endless_provision_fills_as_a_poisson_roll():
    found = after_changes(3.0, 2.0, [(0.0, 40)], [0.5, 4.0], 1)
    for chances, day in zip(found.chances, found.at, strict=True):
        expected = stats.poisson(6.0 * (1.0 - np.exp(-day / 2.0))).pmf(np.arange(41))
        assert chances[:, 0] == pytest.approx(expected, abs=1e-9)


def test_after_a_long_time_the_chances_are_those_of_the_steady_state():
    found = after_changes(3.0, 1.0, [(0.0, 9), (5.0, 4)], [4.0, 200.0], 150)
    assert found.mean_waiting[-1] == pytest.approx(3.0 * mean_wait(3.0, 1.0, 4), rel=1e-6)
    assert found.mean_roll[-1] == pytest.approx(3.0, rel=1e-6)
    assert found.chances[-1][4:].sum() == pytest.approx(chance_of_waiting(3.0, 1.0, 4), rel=1e-6)


def test_nobody_is_sent_away_when_places_fall():
    days = np.array([2.0, 2.5, 4.0])
    found = after_changes(5.0, 1.0, [(0.0, 30), (2.0, 0)], list(days), 60)
    full = 5.0 * (1.0 - np.exp(-2.0))
    assert found.mean_roll == pytest.approx(full * np.exp(-(days - 2.0)), rel=1e-7)
    assert found.mean_waiting == pytest.approx(5.0 * (days - 2.0), rel=1e-7, abs=1e-9)


def test_new_places_are_filled_at_once_by_those_who_wait():
    found = after_changes(5.0, 1.0, [(0.0, 0), (2.0, 3)], [2.0, 2.0 + 1e-12], 60)
    waiting = stats.poisson(10.0)
    assert found.chances[0][0] == pytest.approx(waiting.pmf(np.arange(61)), abs=1e-9)
    assert found.mean_roll == pytest.approx([0.0, np.minimum(np.arange(61), 3) @ waiting.pmf(np.arange(61))])
    assert found.mean_roll + found.mean_waiting == pytest.approx([10.0, 10.0], rel=1e-8)


def test_the_chance_that_is_cut_off_is_counted_and_refused_when_it_matters():
    assert after_changes(2.0, 1.0, [(0.0, 0)], [3.0], 12, error=1.0).missing == pytest.approx(
        stats.poisson(6.0).sf(12), rel=1e-7
    )
    with pytest.raises(ValueError, match="is lost with at most 12 waiting"):
        after_changes(2.0, 1.0, [(0.0, 0)], [3.0], 12)

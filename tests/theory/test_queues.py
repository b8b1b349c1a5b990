"""One provision of the engine does what queueing theory says, within narrow intervals.

Arrivals are Poisson, stays exponential with a mean of one day. Every run starts empty; what its first pupils meet is
left out for long enough that the start is forgotten.
"""

import numpy as np
import pytest

from sim.analysis.theory.queues import (
    after_changes,
    chance_of_waiting,
    chance_of_waiting_longer,
    giving_up,
    mean_wait,
    mean_wait_by_class,
    share_turned_away,
)
from tests.theory.driven import Driven, Luck, drawn, generator, share_turned_away_of, steadied, waits_of

PART = "One provision: queueing theory"
RUNS = 40
WARM_UP = 500
"""Pupils before, and after, those who count: the slowest of these provisions forgets its start by e^-30 meanwhile."""

EXPLAINED = "what the drawn means explain taken out"

LOSS = {"arrivals": 15.0, "places": 10}
DELAY = {"arrivals": 1.0, "places": 2}
RANKED = {"first": 0.4, "second": 0.6, "places": 2}
IMPATIENT = {"arrivals": 8.0, "places": 5, "mean_patience": 2.0}


def basis(pupils, words="pupils"):
    return f"{RUNS} runs of {pupils:,} {words} after {WARM_UP:,} to warm up; {EXPLAINED}"


def state_erlang_b(claims, seed, pupils, limit, words=""):
    arrivals, places = LOSS["arrivals"], LOSS["places"]

    def exact(gap, stay):
        return share_turned_away(1.0 / gap, stay, places)

    samples, means = [], []
    for run in range(RUNS):
        luck = drawn(generator(seed, run), pupils + WARM_UP, arrivals)
        samples.append(share_turned_away_of(places, luck, WARM_UP))
        means.append((luck.gaps.mean(), luck.stays.mean()))
    expected = (1.0 / arrivals, 1.0)
    found = steadied(samples, exact, expected, means)
    what = f"Erlang B{words}: share turned away, {places} places, offered load {arrivals:g}"
    claims.covers(PART, what, exact(*expected), found, basis(pupils), limit)


def state_erlang_a(claims, seed, pupils, limit, words=""):
    arrivals, places, patience = IMPATIENT["arrivals"], IMPATIENT["places"], IMPATIENT["mean_patience"]

    def exact(gap, stay, mean_patience):
        return giving_up(1.0 / gap, stay, places, mean_patience)

    found, means = [], []
    for run in range(RUNS):
        luck = drawn(generator(seed, run), pupils + 2 * WARM_UP, arrivals, mean_patience=patience)
        waits = waits_of(places, luck, WARM_UP)
        found.append((waits.gave_up.mean(), waits.days.mean()))
        means.append((luck.gaps.mean(), luck.stays.mean(), luck.patience.mean()))
    expected = (1.0 / arrivals, 1.0, patience)
    of = f"{places} places, offered load {arrivals:g}, mean patience {patience:g} days"
    for column, name, unit in ((0, "share", "share giving up"), (1, "mean_wait", "mean wait in days")):
        samples = steadied(
            [one[column] for one in found], lambda *at, name=name: getattr(exact(*at), name), expected, means
        )
        what = f"Erlang A{words}: {unit}, {of}"
        claims.covers(PART, what, getattr(exact(*expected), name), samples, basis(pupils), limit)


def test_a_small_run_turns_away_the_share_that_erlang_b_says(claims):
    state_erlang_b(claims, 101, 3_000, 0.03, " (small run)")


def test_a_small_run_loses_the_patience_that_erlang_a_says(claims):
    state_erlang_a(claims, 102, 1_500, 0.06, " (small run)")


@pytest.mark.slow
def test_the_share_turned_away_is_that_of_erlang_b(claims):
    state_erlang_b(claims, 103, 25_000, 0.01)


@pytest.mark.slow
def test_who_waits_and_how_long_is_as_erlang_c_says(claims):
    arrivals, places, pupils = DELAY["arrivals"], DELAY["places"], 200_000
    longer = (0.5, 1.0)
    found, means = [], []
    for run in range(RUNS):
        luck = drawn(generator(104, run), pupils + 2 * WARM_UP, arrivals)
        days = waits_of(places, luck, WARM_UP).days
        found.append(((days > 0.0).mean(), days.mean(), *((days > one).mean() for one in longer)))
        means.append((luck.gaps.mean(), luck.stays.mean()))
    expected = (1.0 / arrivals, 1.0)
    stated = [
        ("chance of waiting", lambda gap, stay: chance_of_waiting(1.0 / gap, stay, places)),
        ("mean wait in days", lambda gap, stay: mean_wait(1.0 / gap, stay, places)),
        *(
            (
                f"chance of waiting longer than {one:g} days",
                lambda gap, stay, one=one: chance_of_waiting_longer(one, 1.0 / gap, stay, places),
            )
            for one in longer
        ),
    ]
    for samples, (words, exact) in zip(np.transpose(found), stated, strict=True):
        what = f"Erlang C: {words}, {places} places, offered load {arrivals:g}"
        claims.covers(PART, what, exact(*expected), steadied(samples, exact, expected, means), basis(pupils))


@pytest.mark.slow
def test_each_class_waits_as_long_as_cobham_says(claims):
    first, second, places, pupils = RANKED["first"], RANKED["second"], RANKED["places"], 200_000
    arrivals = first + second

    def waits(gap, stay, share):
        return mean_wait_by_class([(1.0 - share) / gap, share / gap], stay, places)

    found, means = [], []
    for run in range(RUNS):
        luck = drawn(generator(105, run), pupils + 2 * WARM_UP, arrivals, second / arrivals)
        waited = waits_of(places, luck, WARM_UP)
        found.append([waited.days[waited.ranks == rank].mean() for rank in (0, 1)])
        means.append((luck.gaps.mean(), luck.stays.mean(), luck.ranks.mean()))
    expected = (1.0 / arrivals, 1.0, second / arrivals)
    for rank, name in enumerate(("first", "second")):

        def exact(*at, rank=rank):
            return waits(*at)[rank]

        samples = steadied([one[rank] for one in found], exact, expected, means)
        what = f"Cobham: mean wait in days of the {name} of two classes, {places} places, offered load {arrivals:g}"
        claims.covers(PART, what, exact(*expected), samples, basis(pupils, "pupils of both classes"))


@pytest.mark.slow
def test_who_gives_up_and_how_long_they_wait_is_as_erlang_a_says(claims):
    state_erlang_a(claims, 106, 40_000, 0.01)


CHANGES = ((0.0, 14), (2.0, 2), (5.0, 12))
AT = (2.0, 2.5, 3.0, 3.5, 5.0, 5.25, 6.5)
COMING = 12.0


def rolls_and_waits(rng, runs):
    """Mean roll and mean number waiting at each instant, over runs from an empty provision."""
    pupils = 160
    found = np.zeros((2, len(AT)))
    gaps, stays = rng.exponential(1.0 / COMING, (runs, pupils)), rng.exponential(1.0, (runs, pupils))
    assert gaps.sum(axis=1).min() > max(AT), "the pupils run out before the last instant"
    one_class = np.zeros(pupils, dtype=np.int64)
    for run in range(runs):
        driven = Driven(CHANGES[0][1], Luck(gaps[run], stays[run], one_class))
        driven.let_in(driven.waits)
        for day, places in CHANGES[1:]:
            driven.env.first_at(day).callbacks.append(
                lambda _event, driven=driven, places=places: driven.provision.fund(places)
            )
        for column, day in enumerate(AT):
            driven.env.run_before(day)
            found[:, column] += driven.provision.roll, len(driven.provision.open_waits())
    return found / runs


@pytest.mark.slow
def test_roll_and_waiting_list_follow_places_that_fall_and_rise_as_kolmogorovs_equations_say(claims):
    exact = after_changes(COMING, 1.0, CHANGES, AT, most_waiting=110)
    each = 1_200
    found = np.array([rolls_and_waits(generator(107, run), each) for run in range(RUNS)])
    says = {
        ("mean roll", 0): {2.0: "just before places fall", 2.5: "while above the places", 3.5: "nearly at the places"},
        ("mean number waiting", 1): {
            3.0: "after places fell",
            5.0: "just before places rise",
            5.25: "after places rose",
            6.5: "after places rose",
        },
    }
    for (name, row), instants in says.items():
        values = exact.mean_waiting if row else exact.mean_roll
        for day, words in instants.items():
            column = AT.index(day)
            what = f"Places 14, 2 from day 2, 12 from day 5, offered load {COMING:g}: {name} on day {day:g}, {words}"
            said = f"{RUNS} samples, each the mean of {each:,} independent runs"
            claims.covers(PART, what, values[column], found[:, row, column], said)

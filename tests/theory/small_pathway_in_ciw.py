"""The small pathway in Ciw 3, a queueing simulator by others (Palmer et al., 2019, Journal of Simulation 13, 68-82).

Leaving at a date is reneging while a pupil waits; in a place it is a stay cut to the time left. Ciw comes with the
development tools, so only slow tests import this file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ciw
import numpy as np
from numpy.typing import NDArray

from tests.theory.small_pathway import COLUMNS, Floats, Luck, Setting


@dataclass(frozen=True)
class Draws:
    """Where luck comes from; `ind` is Ciw's individual, whose number is the order of coming, from 1."""

    next_arrival: Callable[[int, float], float]  # class, now -> days until the next of that class
    stay: Callable[[int, Any], float]  # provision, ind -> days
    escalates: Callable[[Any], bool]
    age: Callable[[float, Any], float]  # now, ind -> date of leaving


class Coming(ciw.dists.Distribution):
    def __init__(self, draws: Draws, rank: int) -> None:
        self.draws, self.rank = draws, rank

    def sample(self, t=None, ind=None):
        return self.draws.next_arrival(self.rank, t)


class Stay(ciw.dists.Distribution):
    """Who would stay longer than the time left leaves at the end of it and goes nowhere else."""

    def __init__(self, draws: Draws, provision: int) -> None:
        self.draws, self.provision = draws, provision

    def sample(self, t=None, ind=None):
        stay, left = self.draws.stay(self.provision, ind), ind.leaves - t
        ind.is_cut_short = left < stay
        return min(stay, left)


class TimeLeft(ciw.dists.Distribution):
    def __init__(self, draws: Draws) -> None:
        self.draws = draws

    def sample(self, t=None, ind=None):
        if not hasattr(ind, "leaves"):
            ind.leaves = self.draws.age(t, ind)
        return ind.leaves - t


class Onward(ciw.routing.NodeRouting):
    def __init__(self, draws: Draws) -> None:
        self.draws = draws

    def next_node(self, ind):
        return self.simulation.nodes[2 if not ind.is_cut_short and self.draws.escalates(ind) else -1]


def _run(setting: Setting, draws: Draws, until: float) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Return when pupils came, their classes, and the instants of `COLUMNS`, by pupil."""
    names = ("class 0", "class 1")
    network = ciw.create_network(
        arrival_distributions={name: [Coming(draws, rank), None] for rank, name in enumerate(names)},
        service_distributions={name: [Stay(draws, 0), Stay(draws, 1)] for name in names},
        reneging_time_distributions={name: [TimeLeft(draws)] * 2 for name in names},
        routing={name: ciw.routing.NetworkRouting([Onward(draws), ciw.routing.Leave()]) for name in names},
        priority_classes={name: rank for rank, name in enumerate(names)},
        number_of_servers=list(setting.places),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(until)
    records = simulation.get_all_records()
    pupils = max(record.id_number for record in records)
    comes, ranks = np.full(pupils, np.nan), np.zeros(pupils, dtype=np.int64)
    found = np.full((pupils, len(COLUMNS)), np.nan)
    for record in sorted(records, key=lambda record: (record.id_number, record.node)):
        pupil, node = record.id_number - 1, record.node - 1
        if node == 0:
            comes[pupil], ranks[pupil] = record.arrival_date, names.index(record.customer_class)
        else:
            found[pupil, 2] = record.arrival_date
        if record.record_type == "service":
            found[pupil, [3 * node, 1 + 3 * node]] = record.service_start_date, record.exit_date
        found[pupil, 5] = record.exit_date
    return comes, ranks, found


def run_in_ciw(setting: Setting, luck: Luck) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Run with luck drawn beforehand."""
    following = [iter(luck.comes[luck.ranks == rank].tolist()) for rank in (0, 1)]
    stays, escalates, leaves = luck.stays.tolist(), luck.escalates.tolist(), luck.leaves.tolist()
    return _run(
        setting,
        Draws(
            lambda rank, now: next(following[rank], np.inf) - now,
            lambda provision, ind: stays[provision][ind.id_number - 1],
            lambda ind: escalates[ind.id_number - 1],
            lambda _now, ind: leaves[ind.id_number - 1],
        ),
        float(luck.leaves.max()) + 1.0,
    )


def run_in_ciw_alone(setting: Setting, seed: int, days: float) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Run with luck from Ciw's own generators; pupils come for `days` and all of them are seen to the end."""
    ciw.seed(seed)
    shares = 1.0 - setting.second_class, setting.second_class
    classes = [ciw.dists.Exponential(setting.arrivals * share) for share in shares]
    stays = [ciw.dists.Exponential(1.0 / mean) for mean in setting.mean_stays]
    age = ciw.dists.Deterministic(setting.mean_age)
    if not setting.is_age_fixed:
        age = ciw.dists.Exponential(1.0 / setting.mean_age)

    def next_arrival(rank: int, now: float) -> float:
        gap = classes[rank].sample()
        return gap if now + gap < days else np.inf

    draws = Draws(
        next_arrival,
        lambda provision, _ind: stays[provision].sample(),
        lambda _ind: random.random() < setting.escalating,
        lambda now, _ind: now + age.sample(),
    )
    return _run(setting, draws, 2.0 * days + 100.0 * setting.mean_age)

"""Simulated runs of a county without limits, counted in the same way as the Markov chain counts."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from sim.analysis.theory.markov import MarkovCounty
from sim.measures import facts_of
from sim.measures.facts import Facts, Table
from sim.measures.ledger import spend_between
from sim.model import simulate
from sim.school_year import APRIL
from sim.vocabulary import YEAR_GROUPS, Happening, Record


class Counts(NamedTuple):
    """Counts of one run, or of all (a further first axis); the last axis of the first two is the year group.

    census : (academic years, rolls, year groups); happenings : (academic years, happenings, year groups).
    entries : (academic years, provisions); spend : (financial years, lines).
    """

    census: np.ndarray
    happenings: np.ndarray
    entries: np.ndarray
    spend: np.ndarray


def runs(exact: MarkovCounty, seed: int, replications: int, cores: int = -1) -> Counts:
    """Simulate the county of a chain and count, on all cores; the order of the runs is that of their numbers."""
    made = Parallel(n_jobs=cores)(delayed(_run)(exact, seed, number) for number in range(replications))
    return Counts(*(np.array(column) for column in zip(*made, strict=True)))


def _run(exact: MarkovCounty, seed: int, number: int) -> Counts:
    return _counted(exact, simulate(exact.parameters, seed, number).tables())


def _counted(exact: MarkovCounty, tables: dict[str, Table]) -> Counts:
    facts = facts_of(tables, exact.parameters)
    first, last = exact.calendar.first_year, exact.calendar.last_year
    cuts = [date(year, APRIL, 1) for year in range(first + 1, last + 2)]
    spend = spend_between(facts, cuts).to_numpy().T
    return Counts(_census(facts), _happenings(facts), _entries(facts), spend)


def _census(facts: Facts) -> np.ndarray:
    calendar, horizon, spells = facts.calendar, facts.parameters.horizon, facts.tables["spells"]
    month, day = (int(part) for part in horizon.census.split("-"))
    years = range(calendar.first_year, calendar.last_year + 1)
    shape = len(years), len(facts.provisions), len(Record), len(YEAR_GROUPS)
    found = np.zeros(shape)
    cohort = facts.tables["pupils"]["cohort"].astype(int)[spells["pupil"]]
    for number, year in enumerate(years):
        at = calendar.census(year, month, day)
        there = (spells["start"] <= at) & (at < spells["end"])
        np.add.at(found[number], (spells["provision"][there], spells["record"][there], year - cohort[there]), 1.0)
    return found.reshape(len(years), -1, len(YEAR_GROUPS))


def _happenings(facts: Facts) -> np.ndarray:
    events, calendar = facts.tables["events"], facts.calendar
    year = (events["at"] // calendar.days_per_year).astype(int)
    found = np.zeros((calendar.last_year - calendar.first_year + 1, len(Happening), len(YEAR_GROUPS)))
    np.add.at(found, (year, events["happening"], events["year_group"]), 1.0)
    return found


def _entries(facts: Facts) -> np.ndarray:
    """Count changes of placement, not the first nor cuts of one stay."""
    spells, calendar = facts.tables["spells"], facts.calendar
    moved = (np.diff(spells["pupil"]) == 0) & (np.diff(spells["provision"]) != 0)
    after = np.flatnonzero(moved) + 1
    year = (spells["start"][after] // calendar.days_per_year).astype(int)
    found = np.zeros((calendar.last_year - calendar.first_year + 1, len(facts.provisions)))
    np.add.at(found, (year, spells["provision"][after]), 1.0)
    return found

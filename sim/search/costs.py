"""What levers cost by themselves: the lines of the ledger that follow dates and places, worked out without pupils."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.journal import Journal
from sim.measures import facts_of
from sim.measures.ledger import spend_between
from sim.parameters.schema import Parameters
from sim.school_year import APRIL, financial_year_label, financial_year_of, year_start
from sim.search.schema import ONE_OFF, POTS, RECURRING, Grant, OwnCost

Floats = NDArray[np.float64]

PENNY = 0.01
HALF_A_PENNY = 0.005
DAYS_IN_YEAR = 365.25


def spend_without_pupils(parameters: Parameters) -> pd.DataFrame:
    """Return what each budget line (index) costs in each financial year (columns: labels) with nobody there, in cash.

    Running costs, start-up costs, budgets of programmes, devolved budgets and funded places; not what follows pupils.
    """
    facts = facts_of(Journal().tables(), parameters)
    years = facts.financial_years
    found = spend_between(facts, [date(year, APRIL, 1) for year in range(years.start, years.stop + 1)])
    return found.set_axis([financial_year_label(year) for year in years], axis=1)


def own_cost(before: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return what a county with levers costs more than it did before, by line and year; lines without a change out.

    Parameters
    ----------
    before : what `spend_without_pupils` says of the county without them.
    """
    after = spend_without_pupils(parameters)
    more = after.sub(before.reindex(columns=after.columns), fill_value=0.0)
    return more[more.abs().max(axis=1) > PENNY]


def by_pot(costs: pd.DataFrame, grant: Grant) -> Mapping[str, Floats]:
    """Return own costs added up over the lines of each pot: one value for each year (column) of `costs`."""
    lines = {name: [line for line in pot.lines if line in costs.index] for name, pot in grant.pots.items()}
    return {name: costs.loc[mine].sum().to_numpy(dtype=np.float64) for name, mine in lines.items()}


def stated(cost: OwnCost, start: date, years: list[str]) -> Mapping[str, Floats]:
    """Return stated costs by year: one-off in the year of the start, recurring from it on, by days."""
    first = financial_year_of(start)
    share = (date(first + 1, APRIL, 1) - start).days / DAYS_IN_YEAR
    parts = np.array([0.0 if year_start(y) < first else share if year_start(y) == first else 1.0 for y in years])
    once = np.array([1.0 if year_start(year) == first else 0.0 for year in years])
    return {ONE_OFF: once * cost.one_off, RECURRING: parts * cost.recurring_a_year}


def affordable(costs: Mapping[str, Floats], years: list[str], grant: Grant) -> NDArray[np.bool_]:
    """Return which splits the grant pays for, and which use as much of it as they must.

    Parameters
    ----------
    costs : own cost of each pot: shape (splits, years), pounds.
    years : labels of the years, in order.
    """
    whole = costs[ONE_OFF] + costs[RECURRING]
    covered = is_covered(years, grant)
    given = np.array([sum(a for y, a in grant.amounts.items() if year_start(y) <= year_start(one)) for one in years])
    if not grant.carry_forward:
        spent, there = whole, np.array([grant.amounts.get(year, 0.0) for year in years])
    else:
        spent, there = np.cumsum(whole, axis=1), given
    fits = (spent <= there + HALF_A_PENNY)[:, covered].all(axis=1)
    for name in POTS:
        most = grant.pots[name].most
        if most is not None:
            fits &= costs[name][:, covered].sum(axis=1) <= most + HALF_A_PENNY
    used: NDArray[np.bool_] = whole[:, covered].sum(axis=1) >= grant.spent_at_least * grant.total - HALF_A_PENNY
    return np.asarray(fits & used)


def is_covered(years: list[str], grant: Grant) -> NDArray[np.bool_]:
    """Return which years the grant must pay for."""
    return np.array([year_start(year) <= year_start(grant.covers_to) for year in years])

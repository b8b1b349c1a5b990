"""Support beside the placement: how district teams spend their slots, and how full the bases are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Cut, Facts, Table, chosen, cut_by_year
from sim.measures.tidy import (
    ALL,
    by_kind,
    days_by_provision,
    names_of_kinds,
    ratio,
    rows,
    tally,
    with_all_phases,
    year_labels,
)
from sim.vocabulary import BASE_TIERS, ProvisionKind

UNLIMITED = -1
TEAM = KINDS.index(ProvisionKind.DISTRICT_TEAM)
TIERS = [KINDS.index(kind) for kind in BASE_TIERS]


def team_crisis_cases(facts: Facts) -> pd.DataFrame:
    """Cases that district teams took up after a crisis in the academic year."""
    return _cases(facts, "team_crisis_cases", crisis=True)


def team_preventive_cases(facts: Facts) -> pd.DataFrame:
    """Cases that district teams took up before any crisis, other needs' cases not counted."""
    return _cases(facts, "team_preventive_cases", crisis=False)


def team_preventive_share(facts: Facts) -> pd.DataFrame:
    """Preventive share of the slot time that district teams gave to SEMH cases; NaN where they gave none."""
    days = facts.once(_slot_days)
    share = ratio(days[:, 0], days[:, 0] + days[:, 1])
    return rows("team_preventive_share", share, year_labels(facts), phases=(ALL,))


def team_occupancy(facts: Facts) -> pd.DataFrame:
    """Slot time in use, other needs' cases included, as a share of the slots there are."""
    used = facts.once(_slot_days).sum(axis=1)
    share = ratio(used, facts.once(place_days)[:, TEAM])
    return rows("team_occupancy", share, year_labels(facts), phases=(ALL,))


def base_occupancy(facts: Facts) -> pd.DataFrame:
    """Mean roll of each tier as a share of its usable places; NaN where it has none, or no limit."""
    share = ratio(facts.once(_support_days)[:, TIERS].sum(axis=-1), facts.once(place_days)[:, TIERS])
    return rows("base_occupancy", share, year_labels(facts), _tier_names(), (ALL,))


def usable_places(facts: Facts) -> pd.DataFrame:
    """Usable places of each kind on average over the academic year; NaN where there is no limit."""
    mean = facts.once(place_days) / facts.calendar.days_per_year
    return rows("usable_places", mean, year_labels(facts), names_of_kinds(KINDS)[:-1], (ALL,))


def place_days(facts: Facts) -> Column:
    """Return usable places x school days: (academic years, kinds); NaN where a provision is unlimited.

    A provision has no places before its first row in the journal.
    """
    places = facts.tables["places"]
    order = np.lexsort((np.arange(len(places["at"])), places["at"], places["provision"]))
    provision, at, usable = (places[name][order] for name in ("provision", "at", "usable"))
    until = np.append(at[1:], np.inf)
    until = np.where(np.append(provision[1:], -1) == provision, until, facts.calendar.end)
    opening = facts.calendar.days_per_year * (
        np.arange(len(facts.academic_years) + 1) + facts.academic_years.start - facts.calendar.first_year
    )
    inside = np.diff(np.clip(opening[:, None], at, np.maximum(at, until)), axis=0)
    held = np.where(usable == UNLIMITED, np.where(inside > 0, np.nan, 0.0), usable * inside)
    sums = np.zeros((len(KINDS), len(facts.academic_years)))
    np.add.at(sums, facts.once(Facts.kinds)[provision], held.T)
    return sums.T


def support_of_pupils(facts: Facts) -> Table:
    """Return the spells of support given to the model's own pupils."""
    supports = facts.tables["supports"]
    return chosen(supports, supports["pupil"] >= 0)


def _tier_names() -> list[str]:
    return [kind.value for kind in BASE_TIERS]


def _cases(facts: Facts, measure: str, crisis: bool) -> pd.DataFrame:
    supports = facts.once(support_of_pupils)
    mine = chosen(supports, (facts.kind_of(supports) == TEAM) & (supports["crisis"] == crisis))
    year = facts.began_in(mine["start"])
    secondary = facts.secondary(mine["pupil"], year + facts.academic_years.start)
    sums = tally(year, np.zeros_like(year), secondary, None, (len(facts.academic_years), 1))
    return rows(measure, with_all_phases(sums[:, 0]), year_labels(facts))


def supports_by_year(facts: Facts) -> Cut:
    """Return the spells of support of the model's own pupils cut by academic year."""
    return cut_by_year(facts, facts.once(support_of_pupils))


def _support_days(facts: Facts) -> Column:
    """Return pupil school days by academic year, kind and phase: (years, kinds, 2)."""
    days = days_by_provision(facts, facts.once(support_of_pupils), facts.once(supports_by_year))
    return by_kind(facts, days)


def _slot_days(facts: Facts) -> Column:
    """Return slot days of district teams by academic year: preventive, crisis and other needs' cases."""
    supports = facts.tables["supports"]
    cut = cut_by_year(facts, supports)
    use = np.where(supports["pupil"] < 0, 2, np.where(supports["crisis"] != 0, 1, 0))
    use = np.where(facts.kind_of(supports) == TEAM, use, -1)
    sums = tally(cut.year, use[cut.row], cut.secondary, cut.days, (len(facts.academic_years), 3))
    return np.asarray(sums.sum(axis=-1))

"""Centre of Expertise panels: meetings and cases; and how long it takes from an exclusion to a new school."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Facts, chosen
from sim.measures.happenings import count, events_of
from sim.measures.tidy import ALL, ratio, rows, tally, with_all_phases, year_labels
from sim.vocabulary import FIRST_SECONDARY, Happening, ProvisionKind

SCHOOLS = [KINDS.index(kind) for kind in (ProvisionKind.MAINSTREAM, ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT)]
"""Kinds of placement that are a school again for a pupil excluded for good."""


def panel_meetings(facts: Facts) -> pd.DataFrame:
    """Meetings held in the academic year, in all and by district."""
    return _by_district(facts, "panel_meetings", facts.once(_meetings))


def panel_cases_heard(facts: Facts) -> pd.DataFrame:
    """Cases heard in the academic year, by phase of the pupil then and by district."""
    return count(facts, "panel_cases_heard", Happening.PANEL_HEARD)


def panel_cases_unheard(facts: Facts) -> pd.DataFrame:
    """Cases left over at a meeting, on average over the meetings of the year; NaN where there was none."""
    left_over = _summed(facts, facts.tables["meetings"]["unheard"])
    return _by_district(facts, "panel_cases_unheard", ratio(left_over, facts.once(_meetings)))


def panel_placed(facts: Facts) -> pd.DataFrame:
    """Pupils for whom a panel found a school in the academic year, by fair access too; by phase and by district."""
    return count(facts, "panel_placed", Happening.PANEL_ALLOCATED)


def days_to_new_school(facts: Facts) -> pd.DataFrame:
    """Mean school days from a permanent exclusion of the academic year to the next mainstream or special placement.

    By phase at the exclusion. Exclusions after which there was no school again are left out, and counted in
    `excluded_without_school_yet`; NaN where that leaves none.
    """
    days, placed = facts.once(_days_to_school)
    return rows("days_to_new_school", ratio(days, placed), year_labels(facts))


def excluded_without_school_yet(facts: Facts) -> pd.DataFrame:
    """Permanent exclusions of the year with no school again by the time the pupil left or the run ended."""
    excluded, placed = _by_phase(facts, None), facts.once(_days_to_school)[1]
    return rows("excluded_without_school_yet", excluded - placed, year_labels(facts))


def _meetings(facts: Facts) -> Column:
    return _summed(facts, None)


def _summed(facts: Facts, weights: Column | None) -> Column:
    """Return sums over meetings by academic year and district of the panel, the last of all: (years, districts + 1)."""
    meetings, districts = facts.tables["meetings"], facts.parameters.districts
    specs = facts.parameters.provisions.values()
    of_panel = np.array([districts.index(s.district) if s.district in districts else -1 for s in specs])
    year = facts.began_in(meetings["at"])
    shape = (len(facts.academic_years), len(districts))
    sums = tally(year, of_panel[meetings["provision"]], np.zeros_like(year), weights, shape).sum(axis=-1)
    return np.append(sums, sums.sum(axis=1, keepdims=True), axis=1)


def _by_district(facts: Facts, measure: str, values: Column) -> pd.DataFrame:
    districts = (*facts.parameters.districts, ALL)
    return rows(measure, values, year_labels(facts), phases=(ALL,), districts=districts)


def _days_to_school(facts: Facts) -> tuple[Column, Column]:
    """Return school days to a new school and the exclusions that led to one: (years, phases) each."""
    days = facts.once(_days_of_each)
    is_placed = np.isfinite(days)
    return _by_phase(facts, np.where(is_placed, days, 0.0)), _by_phase(facts, is_placed.astype(np.float64))


def _days_of_each(facts: Facts) -> Column:
    """Return the school days from each permanent exclusion to the pupil's next school; infinity if there is none."""
    excluded, spells = events_of(facts, Happening.PERMANENT_EXCLUSION), facts.tables["spells"]
    at_school = chosen(spells, np.isin(facts.kind_of(spells), SCHOOLS))
    pupil, start = (np.append(at_school[name], np.inf) for name in ("pupil", "start"))
    row = np.searchsorted(_in_order(facts, pupil, start), _in_order(facts, excluded["pupil"], excluded["at"]))
    return np.where(pupil[row] == excluded["pupil"], start[row] - excluded["at"], np.inf)


def _in_order(facts: Facts, pupil: Column, at: Column) -> Column:
    """Return keys in order of pupil and instant; those of an opening roll began before the run."""
    return np.asarray(pupil * (facts.calendar.end + 1.0) + np.maximum(at, 0.0))


def _by_phase(facts: Facts, weights: Column | None) -> Column:
    """Return sums over permanent exclusions by academic year and phase: (years, 3)."""
    excluded = events_of(facts, Happening.PERMANENT_EXCLUSION)
    secondary = (excluded["year_group"] >= FIRST_SECONDARY).astype(np.int64)
    year = facts.began_in(excluded["at"])
    sums = tally(year, np.zeros_like(year), secondary, weights, (len(facts.academic_years), 1))
    return with_all_phases(sums[:, 0])

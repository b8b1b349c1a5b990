"""Schools that have signed the Standards for Inclusion beside those that have not: what happens in each.

A pupil counts with the school on whose roll they are, or were last, at that moment.
"""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from sim.measures.charges import spend_by_group
from sim.measures.facts import KINDS, Column, Facts, chosen, cut_by_year
from sim.measures.happenings import events_of
from sim.measures.prices import Timeline
from sim.measures.standing import cut_by_standing, enrolments, standing_at
from sim.measures.tidy import NOT_APPLICABLE, ratio, rows, tally, with_all_phases, year_labels
from sim.school_year import APRIL, financial_year_label
from sim.vocabulary import FIRST_SECONDARY, Happening, Phase, ProvisionKind

PER_THOUSAND = 1000.0
SIGN_UP = ("not_signed", "signed")
"""Names of the codes 0 and 1 of the standing of a pupil's school."""

OFF_ROLL = (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT, ProvisionKind.HOME_EDUCATION)
"""Placements in which a pupil is on no mainstream school's roll."""


def exclusions_by_sign_up(facts: Facts) -> pd.DataFrame:
    """Permanent exclusions of the academic year, by whether the school that excluded had signed."""
    return _happened(facts, "exclusions_by_sign_up", Happening.PERMANENT_EXCLUSION)


def exclusion_rate_by_sign_up(facts: Facts) -> pd.DataFrame:
    """Permanent exclusions per 1,000 pupils with visible need on the rolls of those schools; NaN with nobody there."""
    excluded, roll = exclusions_by_sign_up(facts), facts.once(_roll)
    rate = PER_THOUSAND * ratio(excluded["value"].to_numpy(), roll["value"].to_numpy())
    return excluded.assign(measure="exclusion_rate_by_sign_up", value=rate)


def suspensions_by_sign_up(facts: Facts) -> pd.DataFrame:
    """Suspensions from mainstream schools in the academic year; those from special schools are left out."""
    return _happened(facts, "suspensions_by_sign_up", Happening.SUSPENSION)


def received_by_sign_up(facts: Facts) -> pd.DataFrame:
    """Pupils who joined a school other than at onset and by phase transfer: moved, or back after an exclusion."""
    enrolled = facts.once(enrolments)
    joins = _received(facts)
    pupil, at = enrolled["pupil"][joins], enrolled["at"][joins]
    year = facts.began_in(at)
    secondary = facts.secondary(pupil, year + facts.academic_years.start)
    return _rows(facts, "received_by_sign_up", year, standing_at(facts, "signed", pupil, at), secondary)


def roll_by_sign_up(facts: Facts) -> pd.DataFrame:
    """Pupils with visible need on the rolls of mainstream schools on average over the academic year.

    Pupils at AP or in tuition are on a roll unless excluded; those at special schools or home educated are not.
    """
    return facts.once(_roll)


def spend_by_sign_up(facts: Facts) -> pd.DataFrame:
    """What pupils' own placements, support and cases cost in the financial year, in cash.

    A stay counts with the standing at its start, so that a package of tuition stays with the school that the pupil
    left for it; a stay in mainstream is cut where the pupil changes school or the school signs.
    """
    years = facts.financial_years
    periods = [financial_year_label(year) for year in years]
    values = facts.once(_yearly_spend) if years else np.empty((0, len(SIGN_UP)))
    return rows("spend_by_sign_up", values, periods, SIGN_UP, (NOT_APPLICABLE,), (NOT_APPLICABLE,))


def schools_signed(facts: Facts) -> pd.DataFrame:
    """Schools that have signed the Standards in the academic year, by phase of the school."""
    return _schools(facts, "schools_signed", "signed")


def schools_trained(facts: Facts) -> pd.DataFrame:
    """Schools whose staff are trained in the academic year; those that have signed are among them."""
    return _schools(facts, "schools_trained", "trained")


def _roll(facts: Facts) -> pd.DataFrame:
    spells = facts.tables["spells"]
    off_roll = [KINDS.index(kind) for kind in OFF_ROLL]
    pieces = cut_by_standing(facts, np.ones(len(spells["pupil"]), dtype=bool))
    on_roll = standing_at(facts, "on_roll", pieces["pupil"], pieces["start"]) == 1
    pieces = chosen(pieces, on_roll & ~np.isin(facts.kind_of(pieces), off_roll))
    signed = standing_at(facts, "signed", pieces["pupil"], pieces["start"])
    cut = cut_by_year(facts, pieces)
    pupils = cut.days / facts.calendar.days_per_year
    return _rows(facts, "roll_by_sign_up", cut.year, signed[cut.row], cut.secondary, pupils)


def _happened(facts: Facts, measure: str, happening: Happening) -> pd.DataFrame:
    found = events_of(facts, happening)
    found = chosen(found, facts.kind_of(found) == KINDS.index(ProvisionKind.MAINSTREAM))
    secondary = (found["year_group"] >= FIRST_SECONDARY).astype(np.int64)
    signed = standing_at(facts, "signed", found["pupil"], found["at"])
    return _rows(facts, measure, facts.began_in(found["at"]), signed, secondary)


def _received(facts: Facts) -> Column:
    """Whether each enrolment is a pupil received: on a roll again, or moved to another school between phases."""
    enrolled = facts.once(enrolments)
    pupil, school = enrolled["pupil"], enrolled["school"]
    goes_on = np.append(False, pupil[1:] == pupil[:-1])[: len(pupil)]
    had_school = goes_on & (np.append(-1, school[:-1])[: len(pupil)] >= 0)
    cohort = facts.tables["pupils"]["cohort"][pupil].astype(np.int64)
    year_7 = (cohort + FIRST_SECONDARY - facts.calendar.first_year) * float(facts.calendar.days_per_year)
    return np.asarray(goes_on & (school >= 0) & ~(had_school & (enrolled["at"] == year_7)))


def _yearly_spend(facts: Facts) -> Column:
    """Return pounds by financial year and standing."""
    years = facts.financial_years
    cuts = tuple(date(year, APRIL, 1) for year in range(years.start, years.stop + 1))
    time = Timeline(facts.parameters, facts.calendar, cuts)
    mainstream = facts.kind_of(facts.tables["spells"]) == KINDS.index(ProvisionKind.MAINSTREAM)
    tables = {**facts.tables, "spells": cut_by_standing(facts, mainstream)}
    signed = partial(standing_at, facts, "signed")
    cut = Facts(facts.parameters, facts.calendar, tables)
    return np.asarray(time.asked(spend_by_group(cut, time, signed, len(SIGN_UP))).T)


def _rows(
    facts: Facts, measure: str, year: Column, signed: Column, secondary: Column, weights: Column | None = None
) -> pd.DataFrame:
    sums = tally(year, signed, secondary, weights, (len(facts.academic_years), len(SIGN_UP)))
    return rows(measure, with_all_phases(sums), year_labels(facts), SIGN_UP)


def _schools(facts: Facts, measure: str, status: str) -> pd.DataFrame:
    """Count the schools of a status: each row of sign_ups adds what it changes, from its academic year on."""
    changes = facts.tables["sign_ups"]
    order = np.lexsort((changes["at"], changes["school"]))
    school, at, now = changes["school"][order], changes["at"][order], changes[status][order].astype(np.int64)
    again = np.append(False, school[1:] == school[:-1])[: len(school)]
    gained = now - np.where(again, np.append(0, now[:-1])[: len(now)], 0)
    phases = [spec.phase == Phase.SECONDARY for spec in facts.parameters.schools.values()]
    shape = (len(facts.academic_years), 1)
    year = np.maximum(facts.began_in(at), 0)
    sums = tally(year, np.zeros_like(year), np.array(phases, dtype=np.int64)[school], gained, shape)
    return rows(measure, with_all_phases(np.cumsum(sums[:, 0], axis=0)), year_labels(facts))

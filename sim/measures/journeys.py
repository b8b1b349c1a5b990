"""Moves between kinds of placement, and tuition packages from start to end.

What begins is counted in the year in which it begins; what ends, in the year it ends (a stay that ends at the
first moment of 1 September closes the old year).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Facts, chosen
from sim.measures.rolls import pupil_days
from sim.measures.tidy import (
    ALL,
    by_kind,
    names_of_kinds,
    ratio,
    rows,
    tally,
    with_all_codes,
    with_all_phases,
    year_labels,
)
from sim.school_year import DAYS_IN_SCHOOL_WEEK
from sim.vocabulary import PLACEMENTS, ProvisionKind

ONSET, LEFT = "onset", "left"
OUTSIDE = len(PLACEMENTS)
TUITION = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
LONG = 90
"""The percentile by which long tuition packages are reported."""


class Stays(NamedTuple):
    """Unbroken stays in one group of placements, in order of pupil and start."""

    pupil: Column
    group: Column
    start: Column
    end: Column
    ended: Column
    last_kind: Column


def stays(facts: Facts, group_of_kind: Column) -> Stays:
    """Join abutting spells of a pupil whose kinds fall in one group; kinds in group -1 are left out.

    Parameters
    ----------
    group_of_kind : the group of each kind code.
    """
    spells, kind = facts.tables["spells"], facts.kind_of(facts.tables["spells"])
    group = group_of_kind[kind]
    again = (spells["pupil"][1:] == spells["pupil"][:-1]) & (spells["start"][1:] == spells["end"][:-1])
    joined = again & (group[1:] == group[:-1])
    first = np.flatnonzero(np.append(True, ~joined)) if len(group) else np.empty(0, dtype=np.int64)
    last = np.append(first[1:], len(group))[: len(first)] - 1
    keep = group[first] >= 0
    first, last = first[keep], last[keep]
    return Stays(
        spells["pupil"][first],
        group[first],
        spells["start"][first],
        spells["end"][last],
        spells["ended"][last],
        kind[last],
    )


def flow(facts: Facts) -> pd.DataFrame:
    """Pupils who moved from one kind of placement to another; 'onset' and 'left' are the ways in and out."""
    moves = facts.once(_moves)
    names = names_of_kinds(PLACEMENTS)[:-1]
    sources, targets = [*names, ONSET], [*names, LEFT]
    pairs = [(i, j) for i in range(OUTSIDE + 1) for j in range(OUTSIDE + 1) if i != j]
    values = np.stack([moves[:, i, j] for i, j in pairs], axis=1)
    labels = [f"{sources[i]}>{targets[j]}" for i, j in pairs]
    return rows("flow", with_all_phases(values), year_labels(facts), labels)


def entries(facts: Facts) -> pd.DataFrame:
    """Pupils who entered each kind of placement, from another kind or at onset."""
    return _by_kind(facts, "entries", facts.once(_moves).sum(axis=1))


def exits(facts: Facts) -> pd.DataFrame:
    """Pupils who left each kind of placement, for another kind or altogether."""
    return _by_kind(facts, "exits", facts.once(_moves).sum(axis=2))


def ap_repeat_entries(facts: Facts) -> pd.DataFrame:
    """Entries to alternative provision in the academic year by pupils who had been there before."""
    kinds = np.array([0 if kind is ProvisionKind.ALTERNATIVE_PROVISION else -1 for kind in KINDS])
    found = stays(facts, kinds)
    order = np.lexsort((found.start, found.pupil))
    again = np.append(False, np.diff(found.pupil[order]) == 0)[: len(order)]
    pupil, start = found.pupil[order][again], found.start[order][again]
    year = facts.began_in(start)
    secondary = facts.secondary(pupil, year + facts.academic_years.start)
    sums = tally(year, np.zeros_like(year), secondary, None, (len(facts.academic_years), 1))
    return rows("ap_repeat_entries", with_all_phases(sums[:, 0]), year_labels(facts))


def tuition_packages(facts: Facts) -> pd.DataFrame:
    """Pupils with a tuition package on average over the academic year, by stream and in all."""
    rolls = by_kind(facts, facts.once(pupil_days) / facts.calendar.days_per_year)
    rolls = rolls[:, [KINDS.index(kind) for kind in TUITION]]
    return _package_rows(facts, "tuition_packages", with_all_phases(with_all_codes(rolls)))


def tuition_packages_ended(facts: Facts) -> pd.DataFrame:
    """Tuition packages that ended in the academic year."""
    return _package_rows(facts, "tuition_packages_ended", facts.once(_packages_ended))


def tuition_length_mean(facts: Facts) -> pd.DataFrame:
    """Mean length in school weeks of the packages that ended in the year, by the stream they ended in."""
    ended = facts.once(_packages_ended)
    return _package_rows(facts, "tuition_length_mean", ratio(_package_sums(facts, lengths=True), ended))


def tuition_length_p90(facts: Facts) -> pd.DataFrame:
    """90th percentile of the same lengths."""
    packages, stream, year = facts.once(_packages)
    weeks = (packages.end - packages.start) / DAYS_IN_SCHOOL_WEEK
    streams = [stream == 0, stream == 1, stream >= 0]
    years = range(len(facts.academic_years))
    values = np.array([[_long(weeks[(year == y) & among]) for among in streams] for y in years])
    return rows("tuition_length_p90", values, year_labels(facts), names_of_kinds(TUITION), (ALL,))


def _moves(facts: Facts) -> Column:
    """Count moves: (years, from, to, phases); the last 'from' is onset and the last 'to' is leaving."""
    stay = stays(facts, np.where(np.arange(len(KINDS)) < OUTSIDE, np.arange(len(KINDS)), -1))
    goes_on = (stay.pupil[1:] == stay.pupil[:-1]) & (stay.start[1:] == stay.end[:-1])
    before = np.full(len(stay.group), OUTSIDE)
    before[1:] = np.where(goes_on, stay.group[:-1], OUTSIDE)
    left = stay.ended != 0
    left[:-1] &= ~goes_on
    code = np.concatenate([before * (OUTSIDE + 1) + stay.group, stay.group[left] * (OUTSIDE + 1) + OUTSIDE])
    year = np.concatenate([facts.began_in(stay.start), facts.ended_in(stay.end[left])])
    pupil = np.concatenate([stay.pupil, stay.pupil[left]])
    shape = (len(facts.academic_years), (OUTSIDE + 1) ** 2)
    sums = tally(year, code, facts.secondary(pupil, year + facts.academic_years.start), None, shape)
    return sums.reshape(shape[0], OUTSIDE + 1, OUTSIDE + 1, 2)


def _by_kind(facts: Facts, measure: str, sums: Column) -> pd.DataFrame:
    values = with_all_phases(sums[:, :OUTSIDE])
    return rows(measure, values, year_labels(facts), names_of_kinds(PLACEMENTS)[:-1])


def _packages(facts: Facts) -> tuple[Stays, Column, Column]:
    """Return ended stays in tuition of either stream, the stream each ended in, and the year it ended in."""
    tuition = np.array([0 if kind in TUITION else -1 for kind in KINDS])
    every = stays(facts, tuition)
    ended = Stays(**chosen(every._asdict(), every.ended != 0))
    stream = np.where(ended.last_kind == KINDS.index(TUITION[0]), 0, 1)
    return ended, stream, facts.ended_in(ended.end)


def _package_sums(facts: Facts, lengths: bool) -> Column:
    packages, stream, year = facts.once(_packages)
    weeks = (packages.end - packages.start) / DAYS_IN_SCHOOL_WEEK if lengths else None
    secondary = facts.secondary(packages.pupil, year + facts.academic_years.start)
    sums = tally(year, stream, secondary, weeks, (len(facts.academic_years), len(TUITION)))
    return with_all_phases(with_all_codes(sums))


def _packages_ended(facts: Facts) -> Column:
    return _package_sums(facts, lengths=False)


def _package_rows(facts: Facts, measure: str, values: Column) -> pd.DataFrame:
    return rows(measure, values, year_labels(facts), names_of_kinds(TUITION))


def _long(weeks: Column) -> float:
    return float(np.percentile(weeks, LONG)) if len(weeks) else np.nan

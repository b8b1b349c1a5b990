"""Counts in the periods and groups in which authorities return them: calendar years, age groups, key stages, records.

Ages are those on 31 August before the academic year, so that 5 to 10 are Years 1 to 6 and 11 to 15 Years 7 to 11.
What the provision column holds is an age group, a key stage or a record; 'all' is their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Facts, chosen, spells_by_year
from sim.measures.happenings import CODES, events_of
from sim.measures.journeys import stays
from sim.measures.tidy import ALL, census_labels, rows, tally, with_all_codes, year_labels
from sim.vocabulary import FIRST_SECONDARY, LAST_YEAR_GROUP, PLACEMENTS, YEAR_GROUPS, Happening, ProvisionKind, Record

Groups = Mapping[str, range]
AGES: Groups = {
    "aged_5_to_10": range(YEAR_GROUPS.index("Y1"), FIRST_SECONDARY),
    "aged_11_to_15": range(FIRST_SECONDARY, LAST_YEAR_GROUP + 1),
}
KEY_STAGES: Groups = {
    "key_stage_3": range(FIRST_SECONDARY, YEAR_GROUPS.index("Y10")),
    "key_stage_4": range(YEAR_GROUPS.index("Y10"), LAST_YEAR_GROUP + 1),
}
"""Group -> its year group numbers."""

RECORDS = tuple(record.name.lower() for record in Record)
IN_CALENDAR_YEAR = {
    "ehc_requests_calendar": Happening.EHC_REQUESTED,
    "plans_issued_calendar": Happening.PLAN_ISSUED,
    "plans_late_calendar": Happening.PLAN_LATE,
}
"""Measure -> the happening it counts."""

MAINSTREAM, SPECIAL = KINDS.index(ProvisionKind.MAINSTREAM), KINDS.index(ProvisionKind.SPECIAL)
TO_SPECIAL, TO_MAINSTREAM = (f"{KINDS[i]}>{KINDS[j]}" for i, j in ((MAINSTREAM, SPECIAL), (SPECIAL, MAINSTREAM)))
_RECONSIDERED = [CODES[what] for what in (Happening.ANNUAL_REVIEW, Happening.BREAKDOWN, Happening.PHASE_TRANSFER)]


def plans_census_by_age(facts: Facts) -> pd.DataFrame:
    """Pupils with an EHC plan on census day by age group; those below 5 are left out."""
    row, year = facts.once(_on_census_day)
    has_plan = facts.tables["spells"]["record"][row] == Record.PLAN
    group = _group_in_force(facts, row[has_plan], year[has_plan], AGES)
    return _census_rows(facts, "plans_census_by_age", year[has_plan], group, tuple(AGES))


def plans_issued_by_age(facts: Facts) -> pd.DataFrame:
    """EHC plans issued in the academic year by age group of the pupil then; those below 5 are left out."""
    found = events_of(facts, Happening.PLAN_ISSUED)
    year, group = facts.began_in(found["at"]), _group_of(found["year_group"], AGES)
    values = _sums(year, group, (len(facts.academic_years), len(AGES)))
    return rows("plans_issued_by_age", values, year_labels(facts), [*AGES, ALL], (ALL,))


def ap_census_by_key_stage(facts: Facts) -> pd.DataFrame:
    """Pupils in alternative provision on census day by secondary key stage."""
    row, year = _in_ap(facts)
    return _census_rows(
        facts, "ap_census_by_key_stage", year, _group_in_force(facts, row, year, KEY_STAGES), tuple(KEY_STAGES)
    )


def ap_census_by_record(facts: Facts) -> pd.DataFrame:
    """Pupils in alternative provision on census day by how their need is recorded: not, as SEN support, in a plan."""
    row, year = _in_ap(facts)
    record = facts.tables["spells"]["record"][row].astype(np.int64)
    return _census_rows(facts, "ap_census_by_record", year, record, RECORDS)


def calendar_counts() -> dict[str, Callable[[Facts], pd.DataFrame]]:
    """Return measure -> function for everything in IN_CALENDAR_YEAR."""
    return {
        name: partial(count_by_calendar_year, measure=name, happening=what) for name, what in IN_CALENDAR_YEAR.items()
    }


def count_by_calendar_year(facts: Facts, measure: str, happening: Happening) -> pd.DataFrame:
    """Return how often it happened in the calendar year."""
    year = facts.in_calendar_year(events_of(facts, happening)["at"])
    values = _sums(year, np.zeros_like(year), (len(facts.calendar_years), 1))[:, 0]
    return rows(measure, values, _calendar_labels(facts), (ALL,), (ALL,))


def moves_calendar(facts: Facts) -> pd.DataFrame:
    """Pupils with a plan who moved between mainstream and special school in the calendar year.

    Counted as SEN2 returns count them: going to the special school that a plan named when it was issued is a new
    plan's placement and no move; one named at a later review, breakdown or transfer is.
    """
    stay = stays(facts, np.where(np.arange(len(KINDS)) < len(PLACEMENTS), np.arange(len(KINDS)), -1))
    goes_on = (stay.pupil[1:] == stay.pupil[:-1]) & (stay.start[1:] == stay.end[:-1])
    before, after, at = stay.group[:-1], stay.group[1:], stay.start[1:]
    into = goes_on & (before == MAINSTREAM) & (after == SPECIAL)
    into[into] = ~_as_first_named(facts, stay.pupil[1:][into], at[into])
    out = goes_on & (before == SPECIAL) & (after == MAINSTREAM)
    year = facts.in_calendar_year(at)
    moved = [_sums(year[moves], np.zeros_like(year[moves]), (len(facts.calendar_years), 1)) for moves in (into, out)]
    values = np.stack([sums[:, 0] for sums in moved], axis=1)
    return rows("moves_calendar", values, _calendar_labels(facts), (TO_SPECIAL, TO_MAINSTREAM), (ALL,))


def _as_first_named(facts: Facts, pupil: Column, at: Column) -> Column:
    """Return whether the special school joined at `at` was named on issue of the plan, with no review since."""
    named = _last_of(facts, [CODES[Happening.SPECIAL_NAMED]], pupil, at)
    issued = _last_of(facts, [CODES[Happening.PLAN_ISSUED]], pupil, at)
    reconsidered = _last_of(facts, _RECONSIDERED, pupil, np.where(np.isnan(named), at, named))
    return ~np.isnan(issued) & ~(reconsidered > issued)


def _last_of(facts: Facts, codes: list[int], pupil: Column, at: Column) -> Column:
    """Return the instant of the last such event of each pupil up to `at`; NaN where there was none."""
    events = chosen(facts.tables["events"], np.isin(facts.tables["events"]["happening"], codes))
    scale = facts.calendar.end + 1.0
    order = np.lexsort((events["at"], events["pupil"]))
    whose, when = np.append(-1, events["pupil"][order]), np.append(np.nan, events["at"][order])
    row = np.searchsorted(whose[1:] * scale + when[1:], pupil * scale + np.maximum(at, 0.0), side="right")
    return np.where(whose[row] == pupil, when[row], np.nan)


def _on_census_day(facts: Facts) -> tuple[Column, Column]:
    """Return each spell in force on a census day: its row, and the index of the academic year."""
    cut, spells = facts.once(spells_by_year), facts.tables["spells"]
    day = facts.once(Facts.census_clocks)[cut.year]
    there = (spells["start"][cut.row] <= day) & (day < spells["end"][cut.row])
    return cut.row[there], cut.year[there]


def _in_ap(facts: Facts) -> tuple[Column, Column]:
    row, year = facts.once(_on_census_day)
    kind = facts.kind_of(facts.tables["spells"])[row]
    is_there = kind == KINDS.index(ProvisionKind.ALTERNATIVE_PROVISION)
    return row[is_there], year[is_there]


def _group_in_force(facts: Facts, row: Column, year: Column, groups: Groups) -> Column:
    pupil = facts.tables["spells"]["pupil"][row]
    return _group_of(facts.year_group(pupil, facts.academic_years.start + year), groups)


def _group_of(year_group: Column, groups: Groups) -> Column:
    """Return the index of the group that holds each year group number; -1 for none."""
    code = np.full(len(YEAR_GROUPS) + 1, -1)
    for index, members in enumerate(groups.values()):
        code[list(members)] = index
    return np.asarray(code[np.clip(year_group, -1, LAST_YEAR_GROUP)])


def _census_rows(facts: Facts, measure: str, year: Column, group: Column, names: tuple[str, ...]) -> pd.DataFrame:
    values = _sums(year, group, (len(facts.academic_years), len(names)))
    return rows(measure, values, census_labels(facts), [*names, ALL], (ALL,))


def _sums(year: Column, code: Column, shape: tuple[int, int]) -> Column:
    """Count rows by year and code, with the sum over codes as one more code: (years, codes + 1)."""
    return with_all_codes(tally(year, code, np.zeros_like(year), None, shape).sum(axis=-1))


def _calendar_labels(facts: Facts) -> list[str]:
    return [str(year) for year in facts.calendar_years]

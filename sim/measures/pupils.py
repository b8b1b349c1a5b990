"""One row per pupil: where the days of the study went and what happened; for 'what changed for whom'."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.measures.charges import pupil_spend
from sim.measures.facts import KINDS, Column, Facts, Table, chosen
from sim.measures.happenings import events_of
from sim.measures.journeys import TUITION, stays
from sim.measures.standing import standing_at
from sim.parameters.opening_roll import MOST_ROWS
from sim.vocabulary import PLACEMENTS, YEAR_GROUPS, Happening

COUNTS = {
    "suspensions": Happening.SUSPENSION,
    "permanent_exclusions": Happening.PERMANENT_EXCLUSION,
    "plans_issued": Happening.PLAN_ISSUED,
}


def pupil_table(facts: Facts) -> pd.DataFrame:
    """Return one row per pupil who is on a roll at any time from the start of the study on.

    Columns: pupil (such as '2012-Y3-17': cohort, year group of onset, number), cohort, year_group_of_onset,
    number, male, district, school_signed (whether the school that the pupil was on the roll of had signed the
    Standards when the study began, or at onset if that was later), `days_<placement>` (school days from the study's
    start), suspensions, permanent_exclusions, plans_issued, tuition_entries (since then), spend_gbp (what the pupil's
    own placements, support and cases cost since then; places paid when empty, staff and budgets are nobody's in
    particular). Pupils of an opening roll are left out, because they may be real.
    """
    pupils, start = facts.tables["pupils"], _study_start(facts)
    is_here = (pupils["left"] > start) & (pupils["onset"] < facts.calendar.end)
    here = np.flatnonzero(is_here & (pupils["number"] < MOST_ROWS))
    days = _days_by_kind(facts, start)
    table = _identity(facts, here)
    seen = np.maximum(pupils["onset"][here], start)
    table["school_signed"] = standing_at(facts, "signed", here, seen) == 1
    table |= {f"days_{kind.value}": days[here, i] for i, kind in enumerate(PLACEMENTS)}
    table |= {name: _counted(facts, happening, start)[here] for name, happening in COUNTS.items()}
    table["tuition_entries"] = _tuition_entries(facts, start)[here]
    table["spend_gbp"] = pupil_spend(facts, facts.parameters.horizon.study_start)[here]
    return pd.DataFrame(table)


def without_roll(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return recorded tables without the rows of pupils of an opening roll: nothing about one of them is kept."""
    pupils = tables["pupils"]
    of_roll = pupils["pupil"][pupils["number"] >= MOST_ROWS]
    if not len(of_roll):
        return dict(tables)
    return {
        name: chosen(table, ~np.isin(table["pupil"], of_roll)) if "pupil" in table else table
        for name, table in tables.items()
    }


def _identity(facts: Facts, here: Column) -> dict[str, Column | list[str]]:
    pupils = facts.tables["pupils"]
    cohort, number = pupils["cohort"][here], pupils["number"][here]
    group = np.array(YEAR_GROUPS, dtype=object)[pupils["year_group_of_onset"][here]]
    parts = zip(cohort.tolist(), group.tolist(), number.tolist(), strict=True)
    return {
        "pupil": [f"{year}-{label}-{place}" for year, label, place in parts],
        "cohort": cohort,
        "year_group_of_onset": group,
        "number": number,
        "male": pupils["male"][here] != 0,
        "district": np.array(facts.parameters.districts, dtype=object)[pupils["district"][here]],
    }


def _study_start(facts: Facts) -> float:
    return facts.calendar.clock(facts.parameters.horizon.study_start)


def _days_by_kind(facts: Facts, start: float) -> Column:
    spells, number = facts.tables["spells"], len(facts.tables["pupils"]["pupil"])
    days = np.maximum(spells["end"] - np.maximum(spells["start"], start), 0.0)
    place = spells["pupil"] * len(KINDS) + facts.kind_of(spells)
    sums = np.bincount(place, days, minlength=number * len(KINDS)).reshape(number, len(KINDS))
    return sums[:, : len(PLACEMENTS)]


def _counted(facts: Facts, happening: Happening, start: float) -> Column:
    found = events_of(facts, happening)
    return _number_by_pupil(facts, found["pupil"][found["at"] >= start])


def _tuition_entries(facts: Facts, start: float) -> Column:
    tuition = stays(facts, np.array([0 if kind in TUITION else -1 for kind in KINDS]))
    return _number_by_pupil(facts, tuition.pupil[tuition.start >= start])


def _number_by_pupil(facts: Facts, pupil: Column) -> Column:
    return np.bincount(pupil, minlength=len(facts.tables["pupils"]["pupil"])).astype(np.int32)

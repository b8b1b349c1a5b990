"""Waits for a place: how many wait, and how long those waited whose wait has ended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Cut, Facts, Table, chosen, cut_by_year
from sim.measures.tidy import (
    ALL,
    by_kind,
    census_by_provision,
    census_labels,
    days_by_provision,
    names_of_kinds,
    own_names,
    ratio,
    rows,
    tally,
    with_all_codes,
    with_all_phases,
    year_labels,
)
from sim.vocabulary import WaitOutcome

CENSORED = tuple(WaitOutcome).index(WaitOutcome.CENSORED)
OFFERED = tuple(WaitOutcome).index(WaitOutcome.OFFERED)


def waiting_number(facts: Facts) -> pd.DataFrame:
    """Pupils waiting for a place on average over the academic year, by kind of place and by provision."""
    days = days_by_provision(facts, facts.once(_waits), facts.once(_cut))
    return _numbers(facts, "waiting_number", days / facts.calendar.days_per_year, year_labels(facts))


def waiting_census(facts: Facts) -> pd.DataFrame:
    """Pupils waiting for a place on census day."""
    waiting = census_by_provision(facts, facts.once(_waits), facts.once(_cut))
    return _numbers(facts, "waiting_census", waiting, census_labels(facts))


def waits_ended(facts: Facts) -> pd.DataFrame:
    """All waits that ended in the academic year, in whatever way; a place offered on 1 September is the new year's."""
    return _by_kind(facts, "waits_ended", facts.once(_ended_number))


def wait_days(facts: Facts) -> pd.DataFrame:
    """Mean school days waited, of the waits that ended in the academic year; NaN where none ended."""
    return _by_kind(facts, "wait_days", ratio(_ended(facts, lengths=True), facts.once(_ended_number)))


def waits_censored(facts: Facts) -> pd.DataFrame:
    """All waits still open when the run ended, under the last academic year."""
    waits = facts.once(_waits)
    open_still = chosen(waits, waits["outcome"] == CENSORED)
    last = np.zeros(len(open_still["pupil"]), dtype=np.int64)
    secondary = facts.secondary(open_still["pupil"], last + facts.academic_years[-1])
    sums = tally(last, open_still["provision"], secondary, None, (1, len(facts.provisions)))
    values = with_all_phases(with_all_codes(by_kind(facts, sums)))
    return rows("waits_censored", values, year_labels(facts)[-1:], names_of_kinds(KINDS))


def _waits(facts: Facts) -> Table:
    """Return the waits of the model's own pupils (other needs' cases wait too)."""
    waits = facts.tables["waits"]
    return chosen(waits, waits["pupil"] >= 0)


def _cut(facts: Facts) -> Cut:
    return cut_by_year(facts, facts.once(_waits))


def _shape(facts: Facts) -> tuple[int, int]:
    return len(facts.academic_years), len(facts.provisions)


def _ended(facts: Facts, lengths: bool) -> Column:
    waits = facts.once(_waits)
    ended = chosen(waits, waits["outcome"] != CENSORED)
    closed = facts.ended_in(np.maximum(ended["end"], np.nextafter(ended["start"], np.inf)))
    year = np.where(ended["outcome"] == OFFERED, facts.began_in(ended["end"]), closed)
    secondary = facts.secondary(ended["pupil"], year + facts.academic_years.start)
    weights = ended["end"] - ended["start"] if lengths else None
    sums = by_kind(facts, tally(year, ended["provision"], secondary, weights, _shape(facts)))
    return with_all_phases(with_all_codes(sums))


def _ended_number(facts: Facts) -> Column:
    return _ended(facts, lengths=False)


def _by_kind(facts: Facts, measure: str, values: Column) -> pd.DataFrame:
    return rows(measure, values, year_labels(facts), names_of_kinds(KINDS))


def _numbers(facts: Facts, measure: str, by_provision: Column, periods: list[str]) -> pd.DataFrame:
    kinds = with_all_phases(with_all_codes(by_kind(facts, by_provision)))
    named = own_names(facts, KINDS)
    single = by_provision[:, list(named.values())].sum(axis=-1)
    return pd.concat(
        [
            rows(measure, kinds, periods, names_of_kinds(KINDS)),
            rows(measure, single, periods, list(named), (ALL,)),
        ],
        ignore_index=True,
    )

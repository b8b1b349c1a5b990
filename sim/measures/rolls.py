"""How many pupils are where: mean rolls of an academic year, rolls on census day, recorded need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Facts, spells_by_year
from sim.measures.support import support_of_pupils, supports_by_year
from sim.measures.tidy import (
    ALL,
    PHASES,
    by_kind,
    census_by_provision,
    census_labels,
    days_by_provision,
    names_of_kinds,
    own_names,
    ratio,
    rows,
    with_all_phases,
    year_labels,
)
from sim.parameters.schema import Parameters
from sim.vocabulary import ProvisionKind, Record

HEADCOUNT = "headcount"
ON_A_SCHOOL_ROLL = (ProvisionKind.MAINSTREAM, ProvisionKind.ALTERNATIVE_PROVISION)


def mean_roll(facts: Facts) -> pd.DataFrame:
    """Pupils on roll on average over the academic year: pupil school days / school days of the year.

    'all' is every pupil with visible need. Pupils with support count there as well as in their placement.
    """
    length = facts.calendar.days_per_year
    placed, supported = facts.once(pupil_days) / length, facts.once(_support_days) / length
    return _rolls(facts, "mean_roll", placed, supported, year_labels(facts))


def census_roll(facts: Facts) -> pd.DataFrame:
    """Pupils on roll on census day, counted in the same way."""
    supported = census_by_provision(facts, facts.once(support_of_pupils), facts.once(supports_by_year))
    return _rolls(facts, "census_roll", _on_census_day(facts, None), supported, census_labels(facts))


def no_education_days(facts: Facts) -> pd.DataFrame:
    """School days that pupils spent without any education in the academic year."""
    days = by_kind(facts, facts.once(pupil_days))[:, KINDS.index(ProvisionKind.NO_EDUCATION)]
    return rows("no_education_days", with_all_phases(days), year_labels(facts))


def plans_census(facts: Facts) -> pd.DataFrame:
    """Pupils with an EHC plan on census day, in any placement."""
    held = _on_census_day(facts, facts.tables["spells"]["record"] == Record.PLAN).sum(axis=1)
    return rows("plans_census", with_all_phases(held), census_labels(facts))


def recorded_census(facts: Facts) -> pd.DataFrame:
    """Pupils of mainstream schools, those at AP included, whose SEMH need is recorded, on census day."""
    return rows("recorded_census", facts.once(_recorded), census_labels(facts))


def recorded_prevalence(facts: Facts) -> pd.DataFrame:
    """Pupils with recorded SEMH need in % of the published headcount; NaN where none is published."""
    headcount = published(facts, HEADCOUNT)
    return rows("recorded_prevalence", ratio(100 * facts.once(_recorded), headcount), census_labels(facts))


def published(facts: Facts, measure: str) -> Column:
    """Return a published figure by academic year and phase (primary, secondary, all), NaN where none is.

    'all' is the sum of both phases when only they are published.
    """
    labels = zip(year_labels(facts), census_labels(facts), strict=True)
    return np.array(
        [[published_figure(facts.parameters, measure, phase, names) for phase in PHASES] for names in labels]
    )


def published_figure(parameters: Parameters, measure: str, phase: str, periods: Sequence[str]) -> float:
    """Return the figure published for the first of some periods for which there is one, else NaN.

    'all' is the sum of both phases when only they are published.
    """
    rows_of = (row for row in parameters.observed.values() if row.measure == measure)
    found = {(row.period, str(row.phase)): row.value for row in rows_of}
    own, *parts = (next((found[p, each] for p in periods if (p, each) in found), np.nan) for each in (phase, *PHASES))
    return float(parts[0] + parts[1] if phase == ALL and np.isnan(own) else own)


def pupil_days(facts: Facts) -> Column:
    """Return pupil school days in placements: (academic years, provisions, 2 phases)."""
    return days_by_provision(facts, facts.tables["spells"], facts.once(spells_by_year))


def _support_days(facts: Facts) -> Column:
    return days_by_provision(facts, facts.once(support_of_pupils), facts.once(supports_by_year))


def _on_census_day(facts: Facts, mask: Column | None) -> Column:
    return census_by_provision(facts, facts.tables["spells"], facts.once(spells_by_year), mask)


def _recorded(facts: Facts) -> Column:
    counts = by_kind(facts, _on_census_day(facts, facts.tables["spells"]["record"] != Record.NONE))
    return with_all_phases(counts[:, [KINDS.index(kind) for kind in ON_A_SCHOOL_ROLL]].sum(axis=1))


def _rolls(facts: Facts, measure: str, placed: Column, supported: Column, periods: list[str]) -> pd.DataFrame:
    """Return rows by kind and phase, 'all' being every placement; then by provision, both phases together."""
    kinds = by_kind(facts, placed + supported)
    kinds = np.concatenate([kinds, placed.sum(axis=1, keepdims=True)], axis=1)
    named = own_names(facts, KINDS)
    single = (placed + supported)[:, list(named.values())].sum(axis=-1)
    return pd.concat(
        [
            rows(measure, with_all_phases(kinds), periods, names_of_kinds(KINDS)),
            rows(measure, single, periods, list(named), (ALL,)),
        ],
        ignore_index=True,
    )

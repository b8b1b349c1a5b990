"""What the independent Markov projection says of each target, in the terms of the published figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sim.analysis.calibration.simulated import simulated
from sim.analysis.projection.cohorts import Projection
from sim.analysis.projection.rules import SUSPENDED_IN_MAINSTREAM
from sim.analysis.projection.rules import TO_MAINSTREAM as LEFT_SPECIAL
from sim.analysis.projection.rules import TO_SPECIAL as JOINED_SPECIAL
from sim.measures.facts import KINDS, Column
from sim.measures.returns import AGES, KEY_STAGES, RECORDS, TO_MAINSTREAM, TO_SPECIAL
from sim.measures.rolls import HEADCOUNT, ON_A_SCHOOL_ROLL, published_figure
from sim.measures.tidy import ALL, COLUMNS, MONTHS, PHASES, names_of_kinds, ratio, rows, with_all_codes, with_all_phases
from sim.parameters.schema import Parameters
from sim.parameters.targets import Targets
from sim.school_year import academic_year_label, financial_year_label
from sim.vocabulary import FIRST_SECONDARY, Happening, ProvisionKind, Record

QUEUE = "waiting_census"
"""Nobody waits in the projection: 0 where it is added to a roll, and nothing to say where it stands alone."""

_IN_ACADEMIC_YEAR = {
    "suspensions": Happening.SUSPENSION.value,
    "suspensions_mainstream": SUSPENDED_IN_MAINSTREAM,
    "permanent_exclusions": Happening.PERMANENT_EXCLUSION.value,
    "ehc_requests": Happening.EHC_REQUESTED.value,
    "plans_issued": Happening.PLAN_ISSUED.value,
}
_IN_CALENDAR_YEAR = {
    "ehc_requests_calendar": Happening.EHC_REQUESTED.value,
    "plans_issued_calendar": Happening.PLAN_ISSUED.value,
}


def projected(targets: Targets, parameters: Parameters, shares: Mapping[str, float]) -> pd.Series:
    """Return the expected value of each target (index) by `sim.analysis.projection`; NaN where it cannot say.

    Parameters
    ----------
    parameters : of the county, with a horizon that holds all periods of the targets.
    shares : value of each share that targets name; those named by a path are taken from `parameters`.
    """
    found = simulated(targets, projected_measures(parameters), shares, parameters)
    alone = [name for name, target in targets.items() if set(target.measures) == {QUEUE}]
    found[alone] = np.nan
    return found.rename("markov")


def projected_measures(parameters: Parameters) -> pd.DataFrame:
    """Return the measures that the projection can speak to, in the columns and rows of those of a run."""
    projection = Projection(parameters)
    parts = [*_rolls(projection), *_counts(projection), *_calendar_counts(projection), *_spend(projection)]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _rolls(projection: Projection) -> Iterator[pd.DataFrame]:
    """Yield what is counted on census day, and mean rolls."""
    calendar, county = projection.calendar, projection.parameters
    month, day = (int(part) for part in county.horizon.census.split("-"))
    census, mean = [], []
    for year, (lived, _) in projection.years.items():
        at = calendar.census(year, month, day) - calendar.september(year)
        census.append(lived.rolls[np.searchsorted(lived.instants, at)])
        mean.append(lived.days[-1] / calendar.days_per_year)
    labels = [f"{MONTHS[month - 1]} {year + 1}" for year in projection.years]
    academic = [academic_year_label(year) for year in projection.years]
    pupils, days = (_by_kind_and_record(projection, np.array(found)) for found in (census, mean))
    for name, counts, periods in (("census_roll", pupils, labels), ("mean_roll", days, academic)):
        yield rows(name, _phases(with_all_codes(counts.sum(axis=2))), periods, names_of_kinds(KINDS))
    yield rows(QUEUE, np.zeros((len(labels), 1, 3)), labels, (ProvisionKind.SPECIAL.value,))
    plans = pupils[:, :, Record.PLAN].sum(axis=1)
    yield rows("plans_census", _phases(plans), labels)
    yield rows("plans_census_by_age", _grouped(plans, AGES), labels, [*AGES, ALL], (ALL,))
    known = pupils[:, [KINDS.index(kind) for kind in ON_A_SCHOOL_ROLL], Record.SEN_SUPPORT :].sum(axis=(1, 2))
    yield rows("recorded_census", _phases(known), labels)
    headcount = [
        [published_figure(county, HEADCOUNT, phase, names) for phase in PHASES]
        for names in zip(academic, labels, strict=True)
    ]
    yield rows("recorded_prevalence", ratio(100 * _phases(known), np.array(headcount)), labels)
    in_ap = pupils[:, KINDS.index(ProvisionKind.ALTERNATIVE_PROVISION)]
    stages = _grouped(in_ap.sum(axis=1), KEY_STAGES)
    yield rows("ap_census_by_key_stage", stages, labels, [*KEY_STAGES, ALL], (ALL,))
    yield rows("ap_census_by_record", with_all_codes(in_ap.sum(axis=-1)), labels, [*RECORDS, ALL], (ALL,))


def _counts(projection: Projection) -> Iterator[pd.DataFrame]:
    labels = [academic_year_label(year) for year in projection.years]
    counts = np.array([lived.year.counts[-1] for lived in projection.years.values()])
    for name, counted in _IN_ACADEMIC_YEAR.items():
        yield rows(name, _phases(counts[:, projection.counted.index(counted)]), labels)
    issued = counts[:, projection.counted.index(Happening.PLAN_ISSUED)]
    yield rows("plans_issued_by_age", _grouped(issued, AGES), labels, [*AGES, ALL], (ALL,))


def _calendar_counts(projection: Projection) -> Iterator[pd.DataFrame]:
    """Yield counts by calendar year, of those that lie in the run from end to end."""
    whole = np.array([lived.year.counts[-1].sum(axis=-1) for lived in projection.years.values()])
    early = np.array([lived.before_january.sum(axis=-1) for lived in projection.years.values()])
    counts, labels = (whole - early)[:-1] + early[1:], [str(year) for year in list(projection.years)[1:]]
    for name, counted in _IN_CALENDAR_YEAR.items():
        yield rows(name, counts[:, projection.counted.index(counted)], labels, (ALL,), (ALL,))
    moves = counts[:, [projection.counted.index(name) for name in (JOINED_SPECIAL, LEFT_SPECIAL)]]
    yield rows("moves_calendar", moves, labels, (TO_SPECIAL, TO_MAINSTREAM), (ALL,))


def _spend(projection: Projection) -> Iterator[pd.DataFrame]:
    """Yield the spend of lines that follow pupils only, in financial years that lie in the run."""
    years = list(projection.years)[1:]
    lines = [line for line in projection.parameters.lines if projection.spends(line)]
    values = np.array([[projection.spend(line, year) for line in lines] for year in years]).reshape(-1, len(lines))
    yield rows("spend", values, [financial_year_label(year) for year in years], lines, (ALL,))


def _by_kind_and_record(projection: Projection, rolls: Column) -> Column:
    """Add rolls (years, rolls, year groups) up to (years, kinds, records, year groups)."""
    found = np.zeros((len(rolls), len(KINDS), len(Record), rolls.shape[-1]))
    for number, (place, record) in enumerate(projection.rolls):
        found[:, KINDS.index(projection.parameters.provisions[place].kind), record] += rolls[:, number]
    return found


def _phases(by_year_group: Column) -> Column:
    """Add up the last axis, year groups, to primary, secondary and all."""
    parts = by_year_group[..., :FIRST_SECONDARY], by_year_group[..., FIRST_SECONDARY:]
    return with_all_phases(np.stack([part.sum(axis=-1) for part in parts], axis=-1))


def _grouped(by_year_group: Column, groups: Mapping[str, range]) -> Column:
    """Add up year groups to groups of them, and their sum: (years, groups + 1)."""
    return with_all_codes(np.stack([by_year_group[:, list(mine)].sum(axis=1) for mine in groups.values()], axis=1))

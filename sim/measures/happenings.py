"""Counts of what happened to pupils in an academic year: suspensions, exclusions, moves, EHC plans."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from sim.measures.facts import KINDS, Column, Facts, Table, chosen
from sim.measures.rolls import HEADCOUNT, published
from sim.measures.tidy import ALL, ratio, rows, tally, with_all_phases, year_labels
from sim.vocabulary import FIRST_SECONDARY, Happening, ProvisionKind

SUSPENSION_RATE = "suspension_rate"
"""Name in observed.csv of the published suspensions per 100 pupils on roll."""

CODES = {happening: code for code, happening in enumerate(Happening)}

COUNTED: dict[str, Happening] = {
    "suspensions": Happening.SUSPENSION,
    "permanent_exclusions": Happening.PERMANENT_EXCLUSION,
    "managed_moves": Happening.MANAGED_MOVE_STARTED,
    "managed_moves_succeeded": Happening.MANAGED_MOVE_SUCCEEDED,
    "ap_referrals_after_crisis": Happening.AP_REFERRED_AFTER_CRISIS,
    "ap_referrals_planned": Happening.AP_REFERRED_PLANNED,
    "ehc_requests": Happening.EHC_REQUESTED,
    "ehc_refused": Happening.EHC_REFUSED,
    "plans_issued": Happening.PLAN_ISSUED,
    "support_referrals": Happening.SUPPORT_REFERRED,
    "reintegrations": Happening.REINTEGRATED,
    "reintegrations_failed": Happening.REINTEGRATION_FAILED,
    "ap_pupils_assessed": Happening.AP_ASSESSED,
    "tuition_reviews": Happening.TUITION_REVIEWED,
    "crises_served": Happening.CRISIS_SERVED,
    "crises_unserved": Happening.CRISIS_UNSERVED,
    "crises_absorbed": Happening.CRISIS_ABSORBED,
}
"""Measure -> the happening it counts."""


def count(facts: Facts, measure: str, happening: Happening) -> pd.DataFrame:
    """Return how often it happened in the academic year, by phase of the pupil then and by district."""
    found = events_of(facts, happening)
    secondary = _secondary(found)
    district = facts.tables["pupils"]["district"][found["pupil"]].astype(np.int64)
    districts = facts.parameters.districts
    year = facts.began_in(found["at"])
    sums = tally(year, district, secondary, None, (len(facts.academic_years), len(districts)))
    labels = year_labels(facts)
    return pd.concat(
        [
            rows(measure, with_all_phases(sums.sum(axis=1)), labels),
            rows(measure, sums.sum(axis=-1), labels, phases=(ALL,), districts=districts),
        ],
        ignore_index=True,
    )


def counts() -> dict[str, Callable[[Facts], pd.DataFrame]]:
    """Return measure -> function for everything in COUNTED."""
    return {name: partial(count, measure=name, happening=happening) for name, happening in COUNTED.items()}


def pupils_suspended(facts: Facts) -> pd.DataFrame:
    """Pupils suspended at least once in the academic year, by phase."""
    return _suspended(facts, "pupils_suspended", events_of(facts, Happening.SUSPENSION))


def suspensions_mainstream(facts: Facts) -> pd.DataFrame:
    """Suspensions from mainstream schools, which published primary and secondary figures are of."""
    found = facts.once(_from_mainstream)
    sums = _by_phase(facts, facts.began_in(found["at"]), _secondary(found))
    return rows("suspensions_mainstream", with_all_phases(sums), year_labels(facts))


def pupils_suspended_mainstream(facts: Facts) -> pd.DataFrame:
    """Pupils suspended from a mainstream school at least once in the academic year, by phase."""
    return _suspended(facts, "pupils_suspended_mainstream", facts.once(_from_mainstream))


def _suspended(facts: Facts, measure: str, found: Table) -> pd.DataFrame:
    secondary = _secondary(found)
    year = facts.began_in(found["at"])
    order = np.lexsort((secondary, year, found["pupil"]))
    pupil, year, secondary = found["pupil"][order], year[order], secondary[order]
    again = (np.diff(pupil) == 0) & (np.diff(year) == 0) & (np.diff(secondary) == 0)
    first = np.append(True, ~again)[: len(pupil)]
    sums = _by_phase(facts, year[first], secondary[first])
    return rows(measure, with_all_phases(sums), year_labels(facts))


def plans_on_time_share(facts: Facts) -> pd.DataFrame:
    """Share of the plans of the academic year that were issued by their due date; NaN where none was."""
    issued, late = (_counted(facts, happening) for happening in (Happening.PLAN_ISSUED, Happening.PLAN_LATE))
    return rows("plans_on_time_share", ratio(issued - late, issued), year_labels(facts))


def modelled_share_of_suspensions(facts: Facts) -> pd.DataFrame:
    """Modelled suspensions from mainstream as a share of all published ones; NaN where none is published.

    Published rates count all pupils of mainstream schools; the model holds pupils with visible SEMH need.
    """
    found = facts.once(_from_mainstream)
    modelled = _by_phase(facts, facts.began_in(found["at"]), _secondary(found))
    everybody = (published(facts, SUSPENSION_RATE) / 100 * published(facts, HEADCOUNT))[:, :2]
    share = ratio(with_all_phases(modelled), with_all_phases(everybody))
    return rows("modelled_share_of_suspensions", share, year_labels(facts))


def events_of(facts: Facts, happening: Happening) -> Table:
    """Return the events of one kind."""
    events = facts.tables["events"]
    return chosen(events, events["happening"] == CODES[happening])


def _from_mainstream(facts: Facts) -> Table:
    """Return the suspensions of pupils who were then in a mainstream school."""
    found = events_of(facts, Happening.SUSPENSION)
    row = facts.placement_at(found["pupil"], found["at"])
    kind = facts.kind_of(facts.tables["spells"])
    return chosen(found, (row >= 0) & (kind[row] == KINDS.index(ProvisionKind.MAINSTREAM)))


def _secondary(found: Table) -> Column:
    return np.asarray(found["year_group"] >= FIRST_SECONDARY, dtype=np.int64)


def _counted(facts: Facts, happening: Happening) -> Column:
    found = events_of(facts, happening)
    return with_all_phases(_by_phase(facts, facts.began_in(found["at"]), _secondary(found)))


def _by_phase(facts: Facts, year: Column, secondary: Column) -> Column:
    sums = tally(year, np.zeros_like(year), secondary, None, (len(facts.academic_years), 1))
    return np.asarray(sums[:, 0])

"""From recorded facts to numbers: every measure is a function of `Facts`, found in MEASURES by name.

A measure returns tidy rows: period, measure, provision, phase, district, value. Provision holds the name of
a provision or of a kind of provision, a flow such as 'mainstream>special_school', a budget line, or the group
that a measure of `returns` counts by. 'all' marks a total and '' a key that does not apply. 'all' provisions of a
roll are all placements.

Periods are academic years ('2018/19'), census days ('Jan 2019'), financial years ('2018-19') and, for what is
returned so, calendar years ('2018'); years are whole. NaN means 'not defined', such as the mean of no waits.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from sim.measures import commitments, happenings, journeys, ledger, panels, returns, rolls, schools, support, waits
from sim.measures.facts import Facts, facts_of
from sim.measures.pupils import pupil_table, without_roll
from sim.measures.tidy import ALL, NOT_APPLICABLE

__all__ = ["MEASURES", "Facts", "facts_of", "measure", "measured", "pupil_table", "without_roll"]

MEASURES: dict[str, Callable[[Facts], pd.DataFrame]] = {
    "mean_roll": rolls.mean_roll,
    "census_roll": rolls.census_roll,
    "no_education_days": rolls.no_education_days,
    "plans_census": rolls.plans_census,
    "recorded_census": rolls.recorded_census,
    "recorded_prevalence": rolls.recorded_prevalence,
    "entries": journeys.entries,
    "exits": journeys.exits,
    "flow": journeys.flow,
    "ap_repeat_entries": journeys.ap_repeat_entries,
    "tuition_packages": journeys.tuition_packages,
    "tuition_packages_ended": journeys.tuition_packages_ended,
    "tuition_length_mean": journeys.tuition_length_mean,
    "tuition_length_p90": journeys.tuition_length_p90,
    "waiting_number": waits.waiting_number,
    "waiting_census": waits.waiting_census,
    "wait_days": waits.wait_days,
    "waits_ended": waits.waits_ended,
    "waits_censored": waits.waits_censored,
    **happenings.counts(),
    "pupils_suspended": happenings.pupils_suspended,
    "suspensions_mainstream": happenings.suspensions_mainstream,
    "pupils_suspended_mainstream": happenings.pupils_suspended_mainstream,
    "plans_on_time_share": happenings.plans_on_time_share,
    "modelled_share_of_suspensions": happenings.modelled_share_of_suspensions,
    "plans_census_by_age": returns.plans_census_by_age,
    "plans_issued_by_age": returns.plans_issued_by_age,
    "ap_census_by_key_stage": returns.ap_census_by_key_stage,
    "ap_census_by_record": returns.ap_census_by_record,
    **returns.calendar_counts(),
    "moves_calendar": returns.moves_calendar,
    "team_crisis_cases": support.team_crisis_cases,
    "team_preventive_cases": support.team_preventive_cases,
    "team_preventive_share": support.team_preventive_share,
    "team_occupancy": support.team_occupancy,
    "base_occupancy": support.base_occupancy,
    "usable_places": support.usable_places,
    "panel_meetings": panels.panel_meetings,
    "panel_cases_heard": panels.panel_cases_heard,
    "panel_cases_unheard": panels.panel_cases_unheard,
    "panel_placed": panels.panel_placed,
    "days_to_new_school": panels.days_to_new_school,
    "excluded_without_school_yet": panels.excluded_without_school_yet,
    "exclusions_by_sign_up": schools.exclusions_by_sign_up,
    "exclusion_rate_by_sign_up": schools.exclusion_rate_by_sign_up,
    "suspensions_by_sign_up": schools.suspensions_by_sign_up,
    "received_by_sign_up": schools.received_by_sign_up,
    "roll_by_sign_up": schools.roll_by_sign_up,
    "spend_by_sign_up": schools.spend_by_sign_up,
    "schools_signed": schools.schools_signed,
    "schools_trained": schools.schools_trained,
    "spend": ledger.spend,
    "spend_total": ledger.spend_total,
    "balance_in_year": ledger.balance_in_year,
    "balance_cumulative": ledger.balance_cumulative,
    "committed_spend": commitments.committed_spend,
}
"""Measure -> function. Each adds rows under its own name."""


def measure(facts: Facts) -> pd.DataFrame:
    """Return every measure of one replication, in the order of MEASURES."""
    return pd.concat([make(facts) for make in MEASURES.values()], ignore_index=True)


def measured(facts: Facts) -> set[tuple[str, str, str]]:
    """Return every measure with each provision and phase for which it has rows; 'all' also where none applies.

    Which rows there are depends on the county and not on what happens there: facts of nothing have the same.
    """
    rows = measure(facts)[["measure", "provision", "phase"]].replace(NOT_APPLICABLE, ALL).drop_duplicates()
    return set(rows.itertuples(index=False, name=None))

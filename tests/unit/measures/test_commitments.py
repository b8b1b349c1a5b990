"""Committed spend: stays under way when the study starts (1 September 2017), until each ends, and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES
from sim.measures.ledger import spend_between
from sim.vocabulary import Happening, Record
from tests.made_up import Run, tariff
from tests.money import charge, flat

START = date(2017, 9, 1)
DAY = 50_000 / 365 + 11
"""What a day at the far school costs at constant prices."""


def committed(run: Run) -> pd.Series:
    return MEASURES["committed_spend"](run.facts()).set_index(["provision", "period"])["value"]


def placed(place: str, *parts: tuple[float, float], record: Record = Record.PLAN) -> Run:
    """Return a run of one pupil with stays at a place, in school days from the start of the study."""
    run = Run(flat())
    begin = run.at(2017)
    pupil = run.pupil(1, 0.0, 950.0)
    for start, end in parts:
        run.spell(pupil, place, begin + start, begin + end, record)
    return run


def test_a_stay_under_way_counts_from_the_start_of_the_study_until_it_ends() -> None:
    run = placed("far_school", (-100.0, 190.0))
    spent = committed(run)
    days = (date(2018, 4, 1) - START).days, (date(2018, 9, 1) - date(2018, 4, 1)).days
    assert spent["fees"].to_list() == pytest.approx([0, days[0] * DAY, days[1] * DAY])
    assert spent["in_block"].to_list() == spent["fees"].to_list()


def test_a_stay_that_goes_on_to_the_end_of_the_run_counts_to_its_end() -> None:
    spent = committed(placed("far_school", (-1.0, 380.0)))
    assert spent["fees", "2018-19"] == pytest.approx(365 * DAY)


@pytest.mark.parametrize("parts", [(-100.0, 0.0), (0.0, 190.0), (40.0, 190.0)])
def test_what_ended_by_then_or_began_then_is_not_committed(parts: tuple[float, float]) -> None:
    assert (committed(placed("far_school", parts)) == 0).all()


def test_a_stay_cut_by_a_change_of_record_is_one_stay() -> None:
    whole = committed(placed("oak_lodge", (-50.0, 190.0)))
    at_once = committed(placed("oak_lodge", (-50.0, 0.0), (0.0, 190.0)))
    later = committed(placed("oak_lodge", (-50.0, 30.0), (30.0, 190.0)))
    assert whole["transport", "2017-18"] > 0
    assert np.allclose(whole, at_once, atol=1e-6)
    assert np.allclose(whole, later, atol=1e-6)


def test_coming_back_after_time_elsewhere_is_no_longer_committed() -> None:
    left = committed(placed("far_school", (-50.0, 20.0), (60.0, 190.0)))
    assert np.allclose(left, committed(placed("far_school", (-50.0, 20.0))))


def test_another_stream_of_tuition_is_another_placement() -> None:
    run = placed("tuition_without_plan", (-50.0, 20.0), record=Record.NONE)
    run.spell(1007, "tuition_with_plan", run.at(2017, 20.0), run.at(2017, 190.0), Record.PLAN)
    assert committed(run)["tuition"].sum() == pytest.approx(20 / 190 * 10 * 36 * 40)


def test_lines_beside_the_block_stand_on_their_own_and_not_in_the_total() -> None:
    spent = committed(placed("oak_lodge", (-50.0, 190.0)))
    assert spent["transport"].sum() == pytest.approx(4_000)
    assert spent["in_block"].sum() == 0


def test_mainstream_support_places_cases_and_services_are_not_commitments_of_placements() -> None:
    run = placed("mainstream", (-50.0, 190.0))
    run.support(1007, "base_east", run.at(2017, -10.0), run.at(2017, 90.0))
    run.event(1007, Happening.EHC_REQUESTED, run.at(2017, 5.0))
    charge(run, 1007, "ap_east", run.at(2017, 5.0), 100.0)
    assert (committed(run) == 0).all()


def test_support_that_is_paid_by_time_is_no_commitment_of_a_placement() -> None:
    run = Run(flat(tariffs={"base": tariff("fees", "base_in_reach", "pupil_year", 9_000)}))
    pupil = run.pupil(1, 0.0, 950.0)
    run.spell(pupil, "far_school", run.at(2017, -50.0), run.at(2017, 190.0), Record.PLAN)
    run.support(pupil, "base_east", run.at(2017, -10.0), run.at(2017, 90.0))
    assert spend_between(run.facts(), [START, date(2018, 9, 1)]).loc["fees"].sum() > 0
    assert (committed(run) == 0).all()


def test_what_is_charged_under_a_heading_that_is_no_line_of_the_county_is_told_but_not_in_the_block() -> None:
    run = Run(flat(tariffs={"fee": tariff("pocket_money", "far_school", "pupil_year", 500)}))
    run.spell(run.pupil(1, 0.0, 950.0), "far_school", run.at(2017, -50.0), run.at(2018, 190.0), Record.PLAN)
    spent = committed(run)
    assert spent["pocket_money"].to_list() == pytest.approx([0.0, 500 * 212 / 365, 500])
    assert (spent["in_block"] == 0).all()


def test_committed_spend_is_never_more_than_spend_and_reaches_it_when_nobody_else_comes() -> None:
    run = placed("far_school", (-100.0, 250.0))
    whole = spend_between(run.facts(), [date(2018, 4, 1), date(2019, 4, 1)])[date(2018, 4, 1)]
    assert committed(run)["fees", "2018-19"] == pytest.approx(whole["fees"])


def test_a_run_without_a_whole_financial_year_has_no_rows() -> None:
    short = flat()
    horizon = {"first_academic_year": "2018/19", "study_start": date(2018, 9, 1)}
    short = short.model_copy(update={"horizon": short.horizon.model_copy(update=horizon)})
    assert MEASURES["committed_spend"](Run(short).facts()).empty

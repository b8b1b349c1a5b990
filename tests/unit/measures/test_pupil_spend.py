"""What each pupil's own placements, support and cases cost."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.measures.charges import pupil_spend
from sim.measures.ledger import spend_between
from sim.vocabulary import Happening, Record
from tests.made_up import Run, county, tariff
from tests.money import changed, charge, flat, later, one_stay

START, END = date(2014, 9, 1), date(2019, 9, 1)


def two_pupils() -> Run:
    """One is at the far school and asks for a plan twice; the other is tutored, then comes to the base."""
    made = county()
    run = Run(made.model_copy(update={"later": later(made, {date(2016, 9, 1): changed("request", value=1_500.0)})}))
    first, second = run.pupil(1, 0.0, 950.0), run.pupil(0, 100.0, 700.0)
    run.spell(first, "far_school", 0.0, 950.0)
    run.event(first, Happening.EHC_REQUESTED, 150.0)
    run.event(first, Happening.EHC_REQUESTED, run.at(2018, 3.0))
    run.spell(second, "tuition_with_plan", 100.0, 400.0, Record.PLAN)
    run.spell(second, "mainstream", 400.0, 700.0)
    run.support(second, "base_east", 500.0, 560.0)
    return run


def test_all_pupils_together_cost_what_the_ledger_says_of_stays_and_cases() -> None:
    run = two_pupils()
    ledger = spend_between(run.facts(), [START, END])[START]
    spent = pupil_spend(run.facts(), START)
    assert spent.sum() == pytest.approx(ledger[["fees", "tuition", "casework"]].sum())
    assert (spent > 0).all()


def test_each_pupil_costs_their_own_stays_and_cases_whatever_the_others_do() -> None:
    both = pupil_spend(two_pupils().facts(), START)
    for number in (0, 1):
        alone = two_pupils()
        identity = 1000 + 7 * number
        for name in ("pupils", "spells", "supports", "events"):
            alone.rows[name] = [row for row in alone.rows[name] if row[0] == identity]
        assert pupil_spend(alone.facts(), START).tolist() == pytest.approx([both[number]])


def test_a_case_costs_the_price_of_its_day_and_one_before_the_date_asked_for_nothing() -> None:
    prices = {"request": tariff("casework", "ehc_requested", "case", 900)}
    run = Run(flat(tariffs=prices))
    pupil = run.pupil(1, 0.0, 950.0)
    for at in (10.0, run.at(2016), run.at(2017, 20.0)):
        run.event(pupil, Happening.EHC_REQUESTED, at)
    assert pupil_spend(run.facts(), START).tolist() == [2700]
    assert pupil_spend(run.facts(), date(2016, 9, 1)).tolist() == [1800]
    assert pupil_spend(run.facts(), date(2016, 9, 2)).tolist() == [900]


@pytest.mark.parametrize(("start", "cases"), [(-40.0, 0), (0.0, 1), (0.5, 1), (300.0, 1)])
def test_who_was_there_before_the_run_began_is_no_new_case(start: float, cases: int) -> None:
    run = one_stay(flat(tariffs={"entry": tariff("casework", "oak_lodge", "case", 100)}), "oak_lodge", start, 400.0)
    assert spend_between(run.facts(), [START, END])[START]["casework"] == 100 * cases
    assert pupil_spend(run.facts(), START).tolist() == [100 * cases]


def test_charges_places_and_services_are_nobodys_own() -> None:
    run = Run(county())
    pupil = run.pupil(1, 0.0, 950.0)
    charge(run, pupil, "ap_east", 20.0, 5_000.0)
    assert np.array_equal(pupil_spend(run.facts(), START), [0.0])

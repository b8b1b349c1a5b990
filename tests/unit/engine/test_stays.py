"""Stays: the same for everybody when their law is fixed, else drawn by each pupil's own luck."""

from math import log

import pytest

from sim.chance.streams import Purpose
from tests.worlds import Story, fixed


def test_a_fixed_stay_draws_no_luck():
    story = Story({"durations/sixth_day": fixed(5)})
    pupil = story.pupil(told={Purpose.SIXTH_DAY: [0.9]})
    assert story.world.after(pupil, "sixth_day", Purpose.SIXTH_DAY) == 15.0
    assert pupil.luck.uniform(Purpose.SIXTH_DAY) == 0.9


@pytest.mark.parametrize(
    ("stay", "purpose"),
    [
        ("decision_window", Purpose.DECISION_WINDOW),
        ("after_crisis", Purpose.AFTER_CRISIS),
        ("ehc_decision", Purpose.EHC_DECISION),
        ("annual_review", Purpose.ANNUAL_REVIEW),
    ],
)
def test_a_stay_that_varies_is_drawn_by_the_luck_of_its_purpose(stay, purpose):
    story = Story({f"durations/{stay}": {"value": 20.0, "unit": "school days", "law": "exponential"}})
    pupil = story.pupil(told={purpose: [0.25, 0.75]})
    lengths = [story.world.after(pupil, stay, purpose) - story.world.now for _ in range(2)]
    assert lengths == pytest.approx([-20.0 * log(0.75), -20.0 * log(0.25)])

"""A story tells what was recorded, in order, and two stories part where the lives do."""

import numpy as np
import pytest

from sim.report import stories


def texts(life: list[stories.Moment]) -> list[str]:
    return [clause for moment in life for clause in moment.clauses]


def test_a_story_begins_when_need_becomes_visible_with_the_date_and_the_year_group(lives, exampleshire):
    first = stories.life_of("2008-Y3-17", lives, exampleshire)[0]
    assert first.clauses == ("the pupil's need became visible",)
    assert first.day == exampleshire.calendar().date_of(100.0)
    assert stories.year_words(first.year_group) == "Year 3"


def test_a_story_tells_the_days_of_a_suspension_and_the_weeks_of_a_wait(lives, exampleshire):
    told = texts(stories.life_of("2008-Y3-17", lives, exampleshire))
    assert "the pupil was suspended for 2.5 school days" in told
    assert any(text.endswith("after 10 school weeks") for text in told)


def test_a_place_is_offered_before_it_is_taken_up(lives, exampleshire):
    moment = next(
        m
        for m in stories.life_of("2008-Y3-17", lives, exampleshire)
        if len(m.clauses) == 2 and "came up" in m.clauses[0]
    )
    assert moment.clauses[1].startswith("the pupil started at")


def test_a_new_record_at_the_same_school_is_not_told_as_a_move(lives, exampleshire):
    told = texts(stories.life_of("2008-Y3-17", lives, exampleshire))
    assert sum("started at" in text for text in told) == 1


def test_a_leaver_is_told_on_the_last_school_day_and_not_in_september(lives, exampleshire):
    last = stories.life_of("2008-Y3-17", lives, exampleshire)[-1]
    assert last.clauses == ("the pupil left at the end of Year 11",)
    assert last.day.month == 7


def test_a_pupil_still_there_at_the_horizon_is_said_to_be(lives, exampleshire):
    lives["spells"]["ended"][-1] = 0
    assert texts(stories.life_of("2007-Y4-9", lives, exampleshire))[-1].startswith("the modelled years end")


def test_the_story_in_words_says_that_the_pupil_is_nobody_real(lives, exampleshire):
    said = stories.story("2008-Y3-17", lives, exampleshire)
    assert "nobody real" in said.splitlines()[0]
    assert said.splitlines()[1].startswith("On ")


def test_a_name_that_is_not_in_the_run_is_refused(lives, exampleshire):
    with pytest.raises(ValueError, match="no pupil 1999-Y3-1"):
        stories.life_of("1999-Y3-1", lives, exampleshire)


def changed(lives: dict, pupil: int, days: float) -> dict:
    """Return the same lives, in which the last stay of a pupil ends some days earlier."""
    spells = {name: column.copy() for name, column in lives["spells"].items()}
    row = np.flatnonzero(spells["pupil"] == pupil)[-1]
    spells["end"][row] -= days
    return {**lives, "spells": spells}


def test_the_pupil_picked_is_the_one_whose_days_differ_most(lives, exampleshire):
    other = changed(changed(lives, 1, 30.0), 3, 50.0)
    assert stories.pick_pupil(lives, other, exampleshire) == ("2007-Y4-9", 50.0)


def test_days_in_mainstream_do_not_count_as_a_difference(lives, exampleshire):
    assert stories.pick_pupil(lives, changed(lives, 2, 100.0), exampleshire)[1] == 0.0


def test_among_equals_the_earliest_cohort_year_group_and_number_is_picked(lives, exampleshire):
    assert stories.pick_pupil(lives, lives, exampleshire) == ("2007-Y4-9", 0.0)
    other = changed(changed(lives, 1, 30.0), 3, 30.0)
    assert stories.pick_pupil(lives, other, exampleshire) == ("2007-Y4-9", 30.0)


def test_numbers_are_compared_as_numbers_and_not_as_text(lives, exampleshire):
    lives["pupils"]["number"][:] = (17, 4, 9)
    lives["pupils"]["cohort"][:] = 2008
    lives["pupils"]["year_group_of_onset"][:] = 3
    assert stories.pick_pupil(lives, lives, exampleshire)[0] == "2008-Y3-4"


def test_two_lives_part_on_one_day_only_and_stay_aligned_by_date(lives, exampleshire):
    events = {name: column.copy() for name, column in lives["events"].items()}
    events["value"][1] = 5.0
    first = stories.life_of("2008-Y3-17", lives, exampleshire)
    second = stories.life_of("2008-Y3-17", {**lives, "events": events}, exampleshire)
    pairs = stories.side_by_side(first, second)
    parting = [pair for pair in pairs if pair.parts_here]
    assert [pair.day for pair in parting] == [exampleshire.calendar().date_of(150.0)]
    assert [pair.day for pair in pairs] == sorted({pair.day for pair in pairs})


def test_the_same_life_twice_never_parts(lives, exampleshire):
    life = stories.life_of("2008-Y3-17", lives, exampleshire)
    assert not any(pair.parts_here for pair in stories.side_by_side(life, life))


def test_a_day_on_which_only_one_life_has_something_leaves_the_other_empty(lives, exampleshire):
    life = stories.life_of("2008-Y3-17", lives, exampleshire)
    pairs = stories.side_by_side(life, life[:-1])
    assert pairs[-1].parts_here
    assert pairs[-1].second == ()

"""Places by date: what is in force when, what a devolved budget buys, and what changes inside a year."""

from datetime import date

import pytest

from sim.chance.streams import Purpose
from sim.pathways.places import places_on
from sim.pathways.specialist_place import special_place
from sim.vocabulary import Record, WaitOutcome
from tests.worlds import EXAMPLESHIRE, Story, fixed, places

PATIENT = {"durations/special_deadline": fixed(900), "quantities/special/refusal": 0}


def usable(story, name, until):
    story.run(until)
    return story.world.by_name[name].usable


def test_places_hold_from_their_date_on_and_there_are_none_before():
    changes = {"provisions/marsh_house/places/2013-09-01": places(4)}
    story = Story(changes)
    provision = story.world.by_name["marsh_house"]
    on = [
        places_on(story.world, provision, date(*day))
        for day in ((2011, 8, 31), (2011, 9, 1), (2013, 8, 31), (2013, 9, 1))
    ]
    assert on == [0, 9, 9, 4]
    assert usable(story, "marsh_house", 379.9) == 9
    assert usable(story, "marsh_house", 380.1) == 4


def test_kinds_without_places_are_unlimited():
    story = Story()
    for name in ("mainstream", "tuition_with_plan", "no_education", "independent_in_county", "home_education"):
        assert story.world.by_name[name].usable is None


def test_a_change_inside_the_year_comes_on_the_next_school_day():
    story = Story({"provisions/marsh_house/places/2012-02-11": places(4)})  # a Saturday before the half-term holiday
    day = story.world.calendar.clock(date(2012, 2, 11))
    assert usable(story, "marsh_house", day - 0.1) == 9
    assert usable(story, "marsh_house", day + 0.1) == 4


def test_a_change_in_the_summer_holiday_comes_on_1_september_with_the_others():
    changed = Story({"provisions/marsh_house/places/2012-08-20": places(4)})
    assert usable(changed, "marsh_house", 189.9) == 9
    assert usable(changed, "marsh_house", 190.1) == 4
    assert changed.rows("places").query("at == 190")["usable"].tolist() == [4]


def test_of_two_changes_in_one_holiday_the_later_date_counts():
    story = Story(
        {"provisions/marsh_house/places/2011-12-20": places(4), "provisions/marsh_house/places/2011-12-28": places(3)}
    )
    assert usable(story, "marsh_house", 100) == 3


def test_a_change_to_the_same_number_is_none():
    story = Story({"provisions/marsh_house/places/2012-02-20": {"commissioned": 12, "usable": 9}})
    story.run(189)
    assert set(story.rows("places")["at"]) == {0.0}


def test_a_devolved_budget_buys_whole_places_at_the_price_of_the_year():
    price = next(
        t for t in EXAMPLESHIRE.tariffs.values() if t.applies_to == "alternative_provision" and t.basis == "place_year"
    )
    share = EXAMPLESHIRE.quantities.alternative_provision.part_time_share.value
    budget = 3.5 * price.value * share
    change = {"provisions/ap_northmarsh/devolved_budget/2011-09-01": {"value": budget, "price_base": price.price_base}}
    story = Story(change)
    assert story.world.by_name["ap_northmarsh"].usable == 3


def test_the_places_a_budget_buys_follow_its_own_price_base():
    price = next(
        t for t in EXAMPLESHIRE.tariffs.values() if t.applies_to == "alternative_provision" and t.basis == "place_year"
    )
    share = EXAMPLESHIRE.quantities.alternative_provision.part_time_share.value
    rise = EXAMPLESHIRE.inflation["2019-20"].value / EXAMPLESHIRE.inflation["2014-15"].value
    assert rise > 1.02
    budget = (
        100
        * price.value
        * share
        * EXAMPLESHIRE.inflation["2014-15"].value
        / EXAMPLESHIRE.inflation[price.price_base].value
    )
    old, new = (
        Story({"provisions/ap_northmarsh/devolved_budget/2011-09-01": {"value": budget, "price_base": base}})
        for base in ("2014-15", "2019-20")
    )
    assert old.world.by_name["ap_northmarsh"].usable == 100
    assert new.world.by_name["ap_northmarsh"].usable == int(100 / rise)


@pytest.mark.parametrize("day", ["2013-08-20", "2013-09-01"])
def test_a_place_that_opens_with_the_new_year_is_not_offered_to_a_pupil_who_leaves_then(day):
    story = Story(
        {
            **PATIENT,
            "provisions/marsh_house/places/2011-09-01": places(0),
            f"provisions/marsh_house/places/{day}": places(1),
        }
    )
    story.run(370)
    told = {Purpose.SPECIAL_NAMED: [0.1]}
    leaver, stays = (story.pupil(group, Record.PLAN, told=told) for group in (11, 3))
    for pupil in (leaver, stays):
        story.begin(special_place, pupil)
    story.run(381)
    assert leaver.has_left
    assert story.waits(leaver)[0][3] is WaitOutcome.CASE_CHANGED
    assert stays.kind == "special_school"


@pytest.mark.parametrize("number", [0, 3])
def test_the_new_year_is_allotted_in_one_ranked_round_after_the_leavers_have_gone(number):
    """Places that open on 1 September go to the best class then, not to whoever asked first in the holiday."""
    story = Story({**PATIENT, "provisions/marsh_house/places/2012-09-01": places(number)}, day=180.0)
    marsh_house = story.world.by_name["marsh_house"]
    leavers = [story.pupil(year_group=11, record=Record.PLAN, at="marsh_house") for _ in range(9)]
    waiting = [story.pupil(record=Record.PLAN) for _ in range(4)]
    for pupil in waiting:
        story.begin(special_place, pupil)
    story.run(195)
    assert all(pupil.has_left for pupil in leavers)
    assert marsh_house.roll == number
    assert [pupil.kind == "special_school" for pupil in waiting] == [place < number for place in range(4)]

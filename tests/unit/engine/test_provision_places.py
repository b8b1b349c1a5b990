"""Places, the roll that fills them and the ranked waiting list."""

import pytest

from sim.engine.environment import Environment
from sim.engine.journal import Journal
from sim.engine.provision import Provision, Reserve
from sim.vocabulary import WaitingClass, WaitOutcome
from tests.worlds import EXAMPLESHIRE

NO_EDUCATION, TUITION, OTHER = WaitingClass.NO_EDUCATION, WaitingClass.TUITION, WaitingClass.OTHER
CRISIS, TEACHING, PREVENTIVE = WaitingClass.CRISIS, WaitingClass.TEACHING, WaitingClass.PREVENTIVE


@pytest.fixture
def env():
    return Environment()


@pytest.fixture
def special(env):
    return made(env)


@pytest.fixture
def team(env):
    return made(env, name="team_northmarsh")


def made(env, usable=0, name="marsh_house"):
    provision = Provision(name, 6, EXAMPLESHIRE.provisions[name], env, Journal())
    provision.usable = usable
    return provision


def waits(provision):
    return provision._journal.tables()["waits"]


def later(env, days=1.0):
    env.run(until=env.now + days)


def test_a_free_place_is_offered_at_once(env, special):
    special.usable = 1
    waiting = special.wait(1, OTHER)
    assert waiting.decided.value is WaitOutcome.OFFERED
    assert special.roll == 1
    assert not special.has_vacancy()


def test_a_free_place_is_not_given_past_those_who_wait_for_the_next_allocation(special):
    special.is_held = True
    special.usable = 1
    worse, better = special.wait(1, OTHER), special.wait(2, TUITION)
    assert worse.is_open
    special.is_held = False
    last = special.wait(3, OTHER)
    assert not better.is_open
    assert worse.is_open
    assert last.is_open


def test_with_no_places_everybody_waits(special):
    assert not special.is_open
    assert not special.has_vacancy()
    assert special.wait(1, NO_EDUCATION).is_open
    assert special.roll == 0


def test_with_unlimited_places_nobody_waits(env):
    special = made(env, None)
    assert special.is_open
    assert not any(special.wait(pupil, OTHER).is_open for pupil in range(500))
    assert special.roll == 500


def test_a_new_place_goes_to_the_best_class_then_to_the_longest_waiting(env, special):
    mainstream = special.wait(1, OTHER)
    later(env)
    tutored = special.wait(2, TUITION)
    later(env)
    also_tutored, nowhere = special.wait(3, TUITION), special.wait(4, NO_EDUCATION)
    for expected in (nowhere, tutored, also_tutored, mainstream):
        assert expected.is_open
        special.fund(special.roll + 1)
        assert not expected.is_open
    assert special.roll == 4


def test_on_the_same_date_the_lower_pupil_id_goes_first_whatever_the_order_of_asking(special):
    late_id, early_id = special.wait(9, OTHER), special.wait(3, OTHER)
    special.fund(1)
    assert late_id.is_open
    assert not early_id.is_open


def test_an_earlier_date_that_counts_goes_first(env, special):
    later(env, 10)
    today, named_before = special.wait(1, OTHER), special.wait(2, OTHER, order=3.0)
    special.fund(1)
    assert today.is_open
    assert not named_before.is_open
    assert waits(special)["start"].tolist() == [10.0]


def test_a_wait_moves_to_another_class_and_keeps_its_date(env, special):
    first = special.wait(1, TUITION)
    later(env)
    second, third = special.wait(2, OTHER), special.wait(3, TUITION)
    special.rerank(second, TUITION)
    special.fund(1)
    assert not first.is_open
    special.fund(2)
    assert not second.is_open
    assert third.is_open
    special.rerank(third, OTHER)
    special.rerank(third, TUITION)
    assert special.open_waits() == [third]
    special.fund(3)
    assert special.roll == 3
    assert waits(special)["rank"].tolist() == [TUITION] * 3


def test_a_closed_wait_gets_no_place_and_its_outcome_is_recorded_once(env, special):
    waiting = special.wait(1, OTHER)
    later(env, 4)
    special.close(waiting, WaitOutcome.DEADLINE)
    special.close(waiting, WaitOutcome.CASE_CHANGED)
    special.fund(1)
    assert waiting.decided.value is WaitOutcome.DEADLINE
    assert special.roll == 0
    rows = waits(special)
    assert (rows["start"].tolist(), rows["end"].tolist()) == ([0.0], [4.0])
    assert rows["outcome"].tolist() == [tuple(WaitOutcome).index(WaitOutcome.DEADLINE)]


def test_a_place_that_is_left_goes_to_the_next_pupil_at_once(special):
    special.fund(1)
    special.wait(1, OTHER)
    second, third = special.wait(2, OTHER), special.wait(3, OTHER)
    special.release()
    assert not second.is_open
    assert third.is_open
    assert special.roll == 1


def test_when_places_fall_below_the_roll_nobody_is_sent_away_and_nobody_admitted(special):
    special.fund(3)
    for pupil in range(3):
        special.wait(pupil, OTHER)
    special.fund(1)
    waiting = special.wait(9, NO_EDUCATION)
    assert special.roll == 3
    special.release()
    special.release()
    assert waiting.is_open
    assert special.roll == 1
    special.release()
    assert not waiting.is_open
    assert special.roll == 1


def test_while_allocation_is_held_no_place_is_offered(special):
    special.is_held = True
    special.fund(2)
    waiting = special.wait(1, OTHER)
    special.allocate()
    assert waiting.is_open
    special.is_held = False
    special.allocate()
    assert not waiting.is_open


def test_a_reserved_share_of_slots_is_closed_to_crises(team):
    team.reserves = (Reserve((PREVENTIVE,), 0.5),)
    team.fund(4)
    crises = [team.wait(pupil, CRISIS) for pupil in range(4)]
    assert [waiting.is_open for waiting in crises] == [False, False, True, True]
    assert not team.has_vacancy(CRISIS)
    assert team.has_vacancy(PREVENTIVE)
    early = [team.wait(pupil, PREVENTIVE) for pupil in range(10, 13)]
    assert [waiting.is_open for waiting in early] == [False, False, True]
    team.release(PREVENTIVE)
    assert not early[2].is_open
    assert crises[2].is_open
    team.release(CRISIS)
    assert not crises[2].is_open
    assert team.roll == 4


def test_each_class_finds_the_slots_kept_for_it_whoever_comes_first(team):
    team.reserves = (Reserve((PREVENTIVE,), 0.25), Reserve((TEACHING,), 0.25))
    team.fund(4)
    crises = [team.wait(pupil, CRISIS) for pupil in range(4)]
    assert [waiting.is_open for waiting in crises] == [False, False, True, True]
    assert team.has_vacancy(TEACHING)
    assert team.has_vacancy(PREVENTIVE)
    team.admit(TEACHING)
    assert not team.has_vacancy(TEACHING)
    assert not team.wait(10, PREVENTIVE).is_open
    assert team.roll == 4
    assert not team.has_vacancy(PREVENTIVE)


def test_a_class_may_use_more_than_is_kept_for_it(team):
    team.reserves = (Reserve((TEACHING,), 0.25),)
    team.fund(4)
    for _ in range(4):
        assert team.has_vacancy(TEACHING)
        team.admit(TEACHING)
    assert team.wait(1, CRISIS).is_open


def test_a_reserve_that_comes_into_force_later_counts_those_already_there(team):
    team.fund(4)
    for rank in (CRISIS, CRISIS, PREVENTIVE):
        team.admit(rank)
    team.reserves = (Reserve((PREVENTIVE,), 0.5),)
    assert not team.has_vacancy(CRISIS)
    team.release(CRISIS)
    assert team.has_vacancy(CRISIS)
    team.reserves = ()
    team.admit(CRISIS)
    assert team.has_vacancy(CRISIS)


def test_a_reserve_of_a_placement_is_of_vacancies_for_some_classes(special):
    special.reserves = (Reserve((NO_EDUCATION, TUITION), 0.5),)
    special.fund(4)
    others = [special.wait(pupil, OTHER) for pupil in range(4)]
    assert [waiting.is_open for waiting in others] == [False, False, True, True]
    assert not special.wait(10, TUITION).is_open
    assert not special.wait(11, NO_EDUCATION).is_open
    special.release()
    assert others[2].is_open
    assert special.has_vacancy(TUITION)
    assert not special.has_vacancy(OTHER)


@pytest.mark.parametrize(("share", "kept"), [(0.0, 0), (0.29, 29), (0.57, 57), (0.999, 99), (1.0, 100)])
def test_a_reserve_is_rounded_down_to_whole_places(special, share, kept):
    special.reserves = (Reserve((TUITION,), share),)
    special.fund(100)
    assert sum(not special.wait(pupil, OTHER).is_open for pupil in range(101)) == 100 - kept


def test_nothing_is_kept_of_unlimited_places(env):
    special = made(env, None)
    special.reserves = (Reserve((TUITION,), 1.0),)
    assert special.has_vacancy(OTHER)


def test_without_a_reserve_crises_may_take_every_slot_and_go_first(special):
    early = special.wait(1, PREVENTIVE)
    crises = [special.wait(pupil, CRISIS) for pupil in (2, 3)]
    special.fund(2)
    assert early.is_open
    assert not any(waiting.is_open for waiting in crises)


def test_changes_of_places_are_recorded_with_their_date(env, special):
    special.fund(5)
    later(env, 2)
    special.fund(None)
    rows = special._journal.tables()["places"]
    assert rows["at"].tolist() == [0.0, 2.0]
    assert rows["usable"].tolist() == [5, -1]


def test_waits_open_at_the_end_are_censored(env, special):
    waiting = special.wait(1, OTHER)
    later(env, 7)
    special.censor(waiting)
    rows = waits(special)
    assert rows["outcome"].tolist() == [tuple(WaitOutcome).index(WaitOutcome.CENSORED)]
    assert rows["end"].tolist() == [7.0]


def test_until_places_are_told_there_is_no_limit(env):
    provision = Provision("marsh_house", 6, EXAMPLESHIRE.provisions["marsh_house"], env, Journal())
    assert provision.is_open
    assert not provision.wait(1, OTHER).is_open


def test_open_waits_are_told_by_pupil_each_once(env, special):
    last, first = special.wait(9, OTHER), special.wait(3, TUITION)
    ended = special.wait(5, OTHER)
    special.rerank(last, NO_EDUCATION)
    special.close(ended, WaitOutcome.CASE_CHANGED)
    later(env)
    again = special.wait(3, OTHER)
    assert special.open_waits() == [first, again, last]


def test_who_gives_up_and_asks_again_on_the_same_day_waits_anew(special):
    special.close(special.wait(1, OTHER), WaitOutcome.CASE_CHANGED)
    again = special.wait(1, OTHER)
    assert special.open_waits() == [again]
    special.fund(1)
    assert not again.is_open
    assert special.roll == 1


def test_where_no_class_is_named_the_best_one_is_meant(special, team):
    special.reserves = (Reserve((NO_EDUCATION,), 1.0),)
    special.fund(1)
    assert special.has_vacancy()
    assert not special.has_vacancy(TUITION)
    team.reserves = (Reserve((CRISIS,), 0.5),)
    team.fund(2)
    team.admit()
    assert team.has_vacancy(TEACHING), "the slot kept for crises is taken by one"
    team.release()
    team.admit(TEACHING)
    assert not team.has_vacancy(TEACHING)


def test_slots_left_by_the_class_they_are_kept_for_are_kept_again(team):
    team.reserves = (Reserve((PREVENTIVE,), 0.5),)
    team.fund(4)
    for _ in range(2):
        team.admit(PREVENTIVE)
    for _ in range(2):
        team.release(PREVENTIVE)
    assert [team.wait(pupil, CRISIS).is_open for pupil in range(4)] == [False, False, True, True]

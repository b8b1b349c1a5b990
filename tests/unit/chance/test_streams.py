"""Keyed luck: it belongs to a pupil, a purpose and an occasion, never to the order of calls."""

from math import log1p

import numpy as np
import pytest

from sim.chance import streams
from sim.chance.streams import BUDGETS, ROW_WIDTH, STORED, Purpose, Streams
from sim.vocabulary import EventKind

SUSPENSION = list(EventKind).index(EventKind.SUSPENSION)
ALL_PURPOSES = range(BUDGETS + len(EventKind))


def luck(number=0, cohort=2012, year_group=3, seed=1, replication=0, count=None):
    cell = Streams(seed, replication).pupils(cohort, year_group, number + 1 if count is None else count)
    return cell.lucks()[number]


def first_of_each_purpose(pupil_luck):
    return [pupil_luck.uniform(purpose) for purpose in ALL_PURPOSES]


def test_one_more_pupil_moves_nobody():
    few, more = (Streams(1, 0).pupils(2012, 3, count).lucks() for count in (4, 5))
    for before, after in zip(few, more, strict=False):
        assert first_of_each_purpose(before) == first_of_each_purpose(after)
        assert before.first_budgets == after.first_budgets


def test_no_two_pupils_cells_replications_or_seeds_share_their_luck():
    lucks = [
        luck(),
        luck(number=1),
        luck(cohort=2013),
        luck(year_group=4),
        luck(replication=1),
        luck(seed=2),
        Streams(1, 0).opening_pupils(1).lucks()[0],
    ]
    drawn = np.array([first_of_each_purpose(one) for one in lucks])
    assert len(np.unique(drawn)) == drawn.size


def test_each_occasion_of_each_purpose_has_a_uniform_of_its_own():
    one = luck()
    drawn = [one.uniform(purpose) for purpose in ALL_PURPOSES for _ in range(STORED[purpose] + 40)]
    assert len(set(drawn)) == len(drawn)
    assert 0 <= min(drawn) <= max(drawn) < 1


def test_asking_for_another_purpose_in_between_changes_nothing_even_beyond_the_stored_occasions():
    alone, mixed = luck(), luck()
    expected = [alone.uniform(Purpose.DAYS_OUT) for _ in range(60)]
    found = []
    for _ in range(60):
        for purpose in (Purpose.REVIEW_ROUTE, BUDGETS + SUSPENSION):
            mixed.uniform(purpose)
        found.append(mixed.uniform(Purpose.DAYS_OUT))
    assert found == expected


def test_luck_asked_for_again_is_the_same():
    first, again = luck(), luck()
    assert [first.uniform(Purpose.DAYS_OUT) for _ in range(60)] == [again.uniform(Purpose.DAYS_OUT) for _ in range(60)]


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1, 2**32, 2**63 + 7, 2**128 + 5])
def test_a_generator_is_the_one_that_numpy_spawns_for_the_key(seed):
    spawned = np.random.SeedSequence(seed, spawn_key=(3, 1, 2**32 - 1, 0))
    expected = np.random.Generator(np.random.Philox(spawned)).random(5)
    assert Streams(seed, 3).generator(1, 2**32 - 1, 0).random(5).tolist() == expected.tolist()


def test_later_occasions_do_not_depend_on_how_many_pupils_there_are():
    few, many = luck(count=1), luck(count=9)
    assert [few.uniform(Purpose.SEX) for _ in range(30)] == [many.uniform(Purpose.SEX) for _ in range(30)]


@pytest.mark.parametrize("kind", range(len(EventKind)))
def test_the_first_budget_is_the_exponential_of_the_first_occasion_and_the_second_follows(kind):
    asked, kept = luck(), luck()
    uniforms = [asked.uniform(BUDGETS + kind) for _ in range(40)]
    budgets = [kept.first_budgets[kind], *(kept.later_budget(kind) for _ in range(39))]
    assert budgets == pytest.approx([-log1p(-u) for u in uniforms], rel=1e-15)


def test_the_uniforms_of_a_whole_cell_are_those_of_its_pupils():
    cell = Streams(1, 0).pupils(2012, 3, 6)
    assert cell.first(Purpose.FRAILTY).tolist() == [one.uniform(Purpose.FRAILTY) for one in cell.lucks()]


def test_every_purpose_and_kind_of_event_has_room_in_the_row_but_stays_that_no_county_varies():
    in_use = {*Purpose, *range(BUDGETS, BUDGETS + len(EventKind))} - set(streams._SAME_FOR_EVERYBODY)
    assert {purpose for purpose, occasions in enumerate(STORED) if occasions} == in_use
    assert sum(STORED) <= ROW_WIDTH


def test_uniforms_are_uniform_and_independent():
    rows = np.array([first_of_each_purpose(one) for one in Streams(5, 0).pupils(2012, 3, 500).lucks()])
    assert abs(rows.mean() - 0.5) < 4 / np.sqrt(12 * rows.size)
    correlations = np.corrcoef(rows.T)[np.triu_indices(rows.shape[1], 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(len(rows))


def test_schools_onsets_and_other_cases_have_luck_of_their_own():
    streams = Streams(1, 0)
    drawn = [
        streams.school("a"),
        streams.school("b"),
        *(draw(name) for draw in (streams.signing, streams.training) for name in ("a", "b")),
        *streams.onsets(2012, 12),
        *streams.onsets(2013, 12),
        *streams.other_cases("team", 2012, 3),
        *streams.other_cases("team", 2013, 3),
    ]
    assert len(set(drawn)) == len(drawn)
    assert streams.school("a") == Streams(1, 0).school("a")


def test_more_other_cases_keep_the_times_of_those_before():
    few, more = (Streams(1, 0).other_cases("team", 2012, most) for most in (2, 5))
    assert few.tolist() == more[:3].tolist()


def test_a_purpose_added_at_the_end_comes_after_all_others_in_the_row():
    offsets = {purpose: streams._OFFSETS[purpose] for purpose in Purpose}
    budgets = [streams._OFFSETS[BUDGETS + kind] for kind in range(len(EventKind))]
    last = max(Purpose)
    assert max(offsets.values()) == offsets[last] > max(budgets)
    assert last < BUDGETS

"""The mainstream schools of a run: who is drawn, and what signing the Standards does to that."""

import pytest

from sim.chance.streams import Streams
from sim.engine.schools import WHOLE_COUNTY, Schools
from sim.vocabulary import Phase
from tests.worlds import EXAMPLESHIRE

STEPS = 4000


@pytest.fixture
def schools():
    return Schools(EXAMPLESHIRE, Streams(1, 0))


def shares(draw, district=0):
    """The share of an even grid of uniforms on which each secondary school is drawn."""
    found = [draw(Phase.SECONDARY, district, (step + 0.5) / STEPS).name for step in range(STEPS)]
    return {name: found.count(name) / STEPS for name in set(found)}


def sizes(district):
    mine = {
        name: school.pupils
        for name, school in EXAMPLESHIRE.schools.items()
        if school.phase == "secondary"
        and (district == WHOLE_COUNTY or school.district == EXAMPLESHIRE.districts[district])
    }
    return {name: pupils / sum(mine.values()) for name, pupils in mine.items()}


@pytest.mark.parametrize("district", [0, 1, WHOLE_COUNTY])
def test_schools_of_a_district_are_drawn_by_size(schools, district):
    for draw in (schools.draw, schools.draw_receiving):
        assert shares(draw, district) == pytest.approx(sizes(district), abs=2 / STEPS)


def test_where_there_is_no_school_none_is_drawn(schools):
    assert schools.draw(Phase.SECONDARY, 7, 0.5) is None


def test_a_pupil_who_needs_a_new_school_is_the_more_likely_to_come_to_one_that_has_signed(schools):
    signed = {school.name for school in schools.sign_and_train(0.5, 0.5, 0.0) if school.is_signed}
    schools.weigh(1.5)
    weights = {name: share * (2.5 if name in signed else 1.0) for name, share in sizes(WHOLE_COUNTY).items()}
    assert signed & weights.keys()
    assert weights.keys() - signed
    expected = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    assert shares(schools.draw_receiving, WHOLE_COUNTY) == pytest.approx(expected, abs=2 / STEPS)
    assert shares(schools.draw, WHOLE_COUNTY) == pytest.approx(sizes(WHOLE_COUNTY), abs=2 / STEPS)
    schools.weigh(0.0)
    assert shares(schools.draw_receiving, WHOLE_COUNTY) == pytest.approx(sizes(WHOLE_COUNTY), abs=2 / STEPS)


def test_schools_that_sign_are_trained_and_a_larger_share_only_adds_schools(schools):
    every = list(schools)
    before = set()
    for share in (0.2, 0.5, 1.0):
        changed = schools.sign_and_train(share, 0.0, 0.3)
        now = {school.name for school in every if school.is_signed}
        assert before <= now
        assert {school.name for school in changed} == now - before
        assert all(school.is_trained == school.is_signed for school in every)
        before = now
    assert before == {school.name for school in every}
    assert schools.sign_and_train(1.0, 1.0, 0.3) == []
    assert schools.any_trained
    assert len(schools.sign_and_train(0.0, 0.0, 0.3)) == len(every)
    assert not schools.any_trained

"""Counting pathway events and making a county larger."""

import numpy as np

from sim.engine.journal import Journal
from sim.model import simulate
from sim.vocabulary import Happening, WaitOutcome
from tests.benchmarks.county import pathway_events, scaled
from tests.worlds import EXAMPLESHIRE

OUTCOMES = tuple(WaitOutcome)
SUSPENSION = tuple(Happening).index(Happening.SUSPENSION)


def journal(**rows):
    made = Journal()
    for name, values in rows.items():
        for row in values:
            made.rows[name].extend(row)
    return made.tables()


def test_what_happens_to_a_pupil_at_one_instant_is_one_event():
    tables = journal(
        spells=[(1, 0, 0, 5.0, 9.0, 1), (1, 2, 0, 9.0, 12.0, 1)], events=[(1, 9.0, SUSPENSION, 0, 0, 0, 0)]
    )
    assert pathway_events(tables) == 3


def test_pupils_at_the_same_instant_are_counted_apart():
    tables = journal(events=[(1, 9.0, SUSPENSION, 0, 0, 0, 0), (2, 9.0, SUSPENSION, 0, 0, 0, 0)])
    assert pathway_events(tables) == 2


def test_what_the_horizon_cuts_off_has_not_ended():
    cut, ended = OUTCOMES.index(WaitOutcome.CENSORED), OUTCOMES.index(WaitOutcome.OFFERED)
    assert pathway_events(journal(spells=[(1, 0, 0, 5.0, 9.0, 0)], waits=[(2, 1, 0, 3.0, 9.0, cut)])) == 2
    assert pathway_events(journal(spells=[(1, 0, 0, 5.0, 9.0, 1)], waits=[(2, 1, 0, 3.0, 9.0, ended)])) == 4


def test_another_needs_case_is_an_event_when_it_begins_and_when_it_ends():
    ended = OUTCOMES.index(WaitOutcome.OFFERED)
    tables = journal(supports=[(-1, 3, 0, 4.0, 8.0, 1)], waits=[(-7, 3, 2, 4.0, 4.0, ended)])
    assert pathway_events(tables) == 2


def test_a_county_twice_as_large_has_about_twice_the_events():
    one = pathway_events(simulate(EXAMPLESHIRE, 1).tables())
    two = pathway_events(simulate(scaled("exampleshire", 2.0), 1).tables())
    assert 1.8 < two / one < 2.2


def test_a_county_made_larger_has_more_of_everything_that_is_queued_for():
    larger = scaled("exampleshire", 4.0)
    for name, spec in EXAMPLESHIRE.provisions.items():
        for day, places in spec.places.items():
            usable = larger.provisions[name].places[day].usable
            assert usable == (None if places.usable is None else 4 * places.usable), name
        for day, money in spec.devolved_budget.items():
            assert np.isclose(larger.provisions[name].devolved_budget[day].value, 4.0 * money.value), name
    for year, row in EXAMPLESHIRE.yearly.casework_capacity.items():
        assert larger.yearly.casework_capacity[year].value == 4.0 * row.value

"""Pathways are followed from event to event until they end or the pupil leaves."""

import pytest

from sim.engine.environment import Environment
from sim.engine.follow import follow
from sim.engine.pupil import Pupil
from tests.worlds import ToldLuck


@pytest.fixture
def env():
    return Environment()


@pytest.fixture
def pupil():
    return Pupil(2012, 3, 0, ToldLuck(), 0.0)


def test_a_pathway_starts_at_once_and_goes_on_as_its_events_happen(env, pupil):
    log = []

    def pathway():
        log.append(("start", env.now))
        answer = yield env.timeout(2.0, "an answer")
        log.append((answer, env.now))
        yield env.at(5.0, pupil.id)
        log.append(("end", env.now))

    follow(pathway(), pupil)
    assert log == [("start", 0.0)]
    env.run()
    assert log == [("start", 0.0), ("an answer", 2.0), ("end", 5.0)]


def test_a_pathway_stops_when_the_pupil_leaves_and_tidies_up(env, pupil):
    log = []

    def inner():
        try:
            yield env.at(4.0, pupil.id)
            log.append("went on")
        finally:
            log.append(f"inner tidied up at {env.now}")

    def pathway():
        try:
            yield from inner()
            log.append("went on")
        finally:
            log.append("outer tidied up")

    follow(pathway(), pupil)
    env.run(until=2.0)
    pupil.has_left = True
    env.run()
    assert log == ["inner tidied up at 4.0", "outer tidied up"]


def test_an_event_that_has_already_happened_is_answered_at_once(env, pupil):
    done, log = env.event(), []
    done.succeed("earlier")
    env.run()

    def pathway():
        log.append((yield done))
        log.append((yield done))

    follow(pathway(), pupil)
    assert log == ["earlier", "earlier"]


def test_a_pupil_who_leaves_during_a_step_takes_no_further_one(env, pupil):
    done, log = env.event(), []
    done.succeed()
    env.run()

    def pathway():
        try:
            pupil.has_left = True
            yield done
            log.append("went on")
        finally:
            log.append("tidied up")

    follow(pathway(), pupil)
    assert log == ["tidied up"]


def test_two_pathways_of_one_pupil_run_beside_each_other(env, pupil):
    log = []

    def pathway(name, days):
        for _ in range(2):
            yield env.timeout(days)
            log.append((name, env.now))

    follow(pathway("slow", 3.0), pupil)
    follow(pathway("fast", 2.0), pupil)
    env.run()
    assert log == [("fast", 2.0), ("slow", 3.0), ("fast", 4.0), ("slow", 6.0)]


def test_an_error_in_a_pathway_is_not_swallowed(env, pupil):
    def pathway():
        yield env.timeout(1.0)
        raise RuntimeError("a mistake")

    follow(pathway(), pupil)
    with pytest.raises(RuntimeError, match="a mistake"):
        env.run()


def test_what_happens_to_nobody_in_particular_is_followed_to_its_end(env):
    log = []

    def pathway():
        log.append(("start", env.now))
        yield env.at(3.0)
        log.append(("end", env.now))

    follow(pathway())
    env.run()
    assert log == [("start", 0.0), ("end", 3.0)]

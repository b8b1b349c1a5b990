"""Events at exact instants and the stated order among events at the same instant."""

import random

import pytest
import simpy

from sim.engine.environment import Environment


def told_in_order(env, asked):
    """Ask for events in the order given; return their names in the order in which they happened."""
    log = []
    for name, make in asked:
        make(env).callbacks.append(lambda _event, name=name: log.append(name))
    env.run()
    return log


def test_earlier_instants_come_first_however_they_were_asked_for():
    asked = [(at, lambda env, at=at: env.at(at, 7)) for at in (5.5, 0.25, 9.0, 3.0)]
    assert told_in_order(Environment(), asked) == [0.25, 3.0, 5.5, 9.0]


def test_at_one_instant_urgent_events_come_first_then_lower_pupil_ids():
    asked = [
        ("pupil 9", lambda env: env.at(4.0, 9)),
        ("pupil 2", lambda env: env.at(4.0, 2)),
        ("urgent", lambda env: env.first_at(4.0)),
        ("nobody's", lambda env: env.at(4.0)),
        ("pupil 2 again", lambda env: env.at(4.0, 2)),
        ("before", lambda env: env.at(3.9, 999)),
    ]
    expected = ["before", "urgent", "nobody's", "pupil 2", "pupil 2 again", "pupil 9"]
    assert told_in_order(Environment(), asked) == expected


def test_what_follows_at_once_comes_before_other_pupils_events_of_the_instant():
    env, log = Environment(), []
    env.at(1.0, 5).callbacks.append(lambda _event: (log.append("pupil 5"), follow_up()))
    env.at(1.0, 6).callbacks.append(lambda _event: log.append("pupil 6"))

    def follow_up():
        offer = env.event()
        offer.callbacks.append(lambda _event: log.append("offer"))
        offer.succeed()

    env.run()
    assert log == ["pupil 5", "offer", "pupil 6"]


def told_of_two_answers(env, undecided, answer):
    """Answer the second of two questions, then the first, at an instant at which another pupil has an event."""
    log, asked = [], [undecided(), undecided()]
    for name, event in zip(("first", "second"), asked, strict=True):
        event.callbacks.append(lambda event, name=name: log.append((env.now, name, event.value)))
    env.at(1.0, 6).callbacks.append(lambda _event: log.append("pupil 6"))
    env.at(1.0, 5).callbacks.append(lambda _event: (answer(asked[1], "a place"), answer(asked[0], "none")))
    env.run_before(2.0)
    return log


def test_what_is_decided_happens_where_simpys_own_success_would():
    ours, simpys = Environment(), Environment()
    told = told_of_two_answers(ours, ours.undecided, ours.decide)
    assert told == told_of_two_answers(simpys, simpys.event, lambda event, value: event.succeed(value))
    assert told == [(1.0, "second", "a place"), (1.0, "first", "none"), "pupil 6"]


def test_the_clock_is_the_one_that_simpys_own_events_go_by():
    env, log = Environment(), []
    env.at(3.0).callbacks.append(lambda _event: env.timeout(2.0).callbacks.append(lambda _e: log.append(env.now)))
    env.run_before(9.0)
    assert (log, env.now) == ([5.0], 9.0)
    env.timeout(0.5).callbacks.append(lambda _event: log.append(env.now))
    env.run(until=10.0)
    assert (log, env.now) == ([5.0, 9.5], 10.0)


def test_the_order_of_calls_does_not_matter_between_pupils():
    times = [(round(random.Random(i).uniform(0, 3)), i) for i in range(200)]
    logs = []
    for seed in (1, 2):
        shuffled = random.Random(seed).sample(times, len(times))
        asked = [((at, pupil), lambda env, at=at, pupil=pupil: env.at(at, pupil)) for at, pupil in shuffled]
        logs.append(told_in_order(Environment(), asked))
    assert logs[0] == logs[1] == sorted(times)


def test_distinct_instants_happen_in_the_order_and_at_the_time_of_plain_simpy():
    delays = [random.Random(i).random() * 100 for i in range(300)]
    plain, ours = simpy.Environment(), Environment()
    logs = {plain: [], ours: []}
    for env, make in ((plain, plain.timeout), (ours, ours.at)):
        for number, delay in enumerate(delays):
            make(delay).callbacks.append(lambda _e, env=env, number=number: logs[env].append((env.now, number)))
        env.run()
    assert logs[plain] == logs[ours]


def test_events_far_ahead_and_simpys_own_happen_in_the_order_of_plain_simpy_also_when_the_run_stops_on_the_way():
    plain, ours = simpy.Environment(), Environment()
    logs = {plain: [], ours: []}

    def ask(env, make, name, delay, depth):
        def happen(_event):
            logs[env].append((env.now, name))
            if depth:
                ask(env, make, f"{name} then", random.Random(name).choice((0.5, 3.0, 40.0, 900.0)), depth - 1)

        (make(delay) if depth % 2 else env.timeout(delay)).callbacks.append(happen)

    for env, make in ((plain, plain.timeout), (ours, lambda delay: ours.at(ours.now + delay))):
        for number in range(300):
            ask(env, make, str(number), random.Random(number).random() * 3000, 4)
    for until in (8.0, 8.5, 100.0, 2000.0, 9000.0):
        plain.run(until)
        ours.run_before(until)
        assert logs[plain] == logs[ours]
    assert len(logs[ours]) == 1500
    assert logs[ours][-1][0] > 3000


def test_an_event_asked_for_at_infinity_never_happens():
    assert told_in_order(Environment(), [("never", lambda env: env.at(float("inf"), 1))]) == []


def test_a_process_can_wait_for_an_instant_and_nothing_is_passed_to_it():
    env, log = Environment(), []

    def process():
        log.append(((yield env.at(2.5, 3)), env.now))

    env.process(process())
    env.run()
    assert log == [(None, 2.5)]


def test_an_event_without_a_pupil_stands_where_those_of_pupil_0_do_and_after_ordinary_ones():
    asked = [
        ("nobody's", lambda env: env.at(4.0)),
        ("pupil 0", lambda env: env.at(4.0, 0)),
        ("ordinary", lambda env: env.timeout(4.0)),
    ]
    assert told_in_order(Environment(), asked) == ["ordinary", "nobody's", "pupil 0"]


def test_a_run_before_an_instant_lets_everything_before_it_happen_and_nothing_at_it():
    env, log = Environment(), []
    for at in (1.0, 2.0, 3.0):
        env.at(at).callbacks.append(lambda event: log.append((env.now, event.callbacks)))
    env.run_before(3.0)
    assert (log, env.now) == ([(1.0, None), (2.0, None)], 3.0)
    env.run_before(5.0)
    assert (log[2:], env.now) == ([(3.0, None)], 5.0)


def test_a_run_before_an_instant_raises_what_went_wrong_unless_somebody_has_seen_to_it():
    env = Environment()
    env.event().fail(RuntimeError("seen to")).defused = True
    env.run_before(1.0)
    env.event().fail(RuntimeError("a mistake"))
    with pytest.raises(RuntimeError, match="a mistake"):
        env.run_before(2.0)

"""The casework queue: work ahead in closed form, one throughput for all needs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.casework import UNLIMITED, Casework


def queue(throughput, inflow=0.0):
    casework = Casework()
    casework.set_rates(0.0, throughput, inflow)
    return casework


def test_a_request_is_reached_at_once_when_nobody_is_ahead():
    assert queue(2.0, inflow=1.0).join(50.0) == 0.0


def test_requests_at_one_instant_wait_for_those_before():
    casework = queue(2.0)
    assert [casework.join(5.0) for _ in range(3)] == [0.0, 0.5, 1.0]


def test_the_backlog_of_other_needs_grows_by_inflow_less_throughput():
    casework = queue(2.0, inflow=3.0)
    assert casework.join(10.0) == pytest.approx(10.0 / 2.0)
    assert casework.join(20.0) == pytest.approx((10.0 + 1.0 + 10.0) / 2.0)


def test_a_new_rate_holds_from_its_day_on():
    casework = queue(2.0, inflow=3.0)
    casework.set_rates(10.0, throughput=4.0, inflow=3.0)
    assert casework.join(14.0) == pytest.approx((10.0 - 4.0) / 4.0)
    assert casework.join(100.0) == 0.0


def test_before_any_rates_are_set_the_queue_never_delays():
    casework = Casework()
    assert [casework.join(day) for day in (0.0, 5.0, 5.0)] == [0.0] * 3


def test_without_any_throughput_no_request_is_ever_reached():
    casework = queue(0.0)
    assert casework.join(1.0) == 0.0 or casework.join(1.0) == float("inf")
    assert casework.join(2.0) == float("inf")


@pytest.mark.parametrize("throughput", [UNLIMITED, 1e9 / 190])
def test_from_a_great_throughput_on_the_queue_never_delays(throughput):
    casework = queue(throughput)
    assert [casework.join(30.0) for _ in range(1000)] == [0.0] * 1000


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(st.floats(0, 3), min_size=1, max_size=30), st.floats(0.1, 3))
def test_the_queue_is_first_come_first_served(gaps, throughput):
    """Without other needs it is a queue of one server: nobody is reached before the one ahead is done."""
    casework, now, free_at = queue(throughput), 0.0, 0.0
    for gap in gaps:
        now += gap
        assert now + casework.join(now) == pytest.approx(max(now, free_at), abs=1e-9)
        free_at = max(now, free_at) + 1.0 / throughput

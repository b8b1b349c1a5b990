"""Laws of places and waiting lists under random comings and goings."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.environment import Environment
from sim.engine.journal import Journal
from sim.engine.provision import Provision
from sim.vocabulary import WaitOutcome
from tests.worlds import EXAMPLESHIRE

steady = settings(deadline=None, derandomize=True, max_examples=60)
moves = st.lists(
    st.tuples(st.sampled_from(["wait", "leave", "fund", "close", "rerank", "hold", "allocate"]), st.integers(0, 4)),
    max_size=60,
)


def made(usable):
    provision = Provision("p", 0, EXAMPLESHIRE.provisions["marsh_house"], Environment(), Journal())
    provision.usable = usable
    return provision


class SlowList:
    """The reference: whenever a place may be free, sort everybody who waits by class, date and pupil."""

    def __init__(self):
        self.real, self.limit, self.roll = made(0), 0, 0
        self.outcomes = {}

    def open(self, n):
        """One of the open waits, or None."""
        found = [one for one, outcome in self.outcomes.items() if outcome is None]
        return found[n % len(found)] if found else None

    def wait(self, number, n):
        self.outcomes[self.real.wait(number, n % 3)] = None

    def leave(self, _number, _n):
        if self.roll:
            self.roll -= 1
            self.real.release()

    def fund(self, _number, n):
        self.limit = n
        self.real.fund(n)

    def close(self, _number, n):
        if one := self.open(n):
            self.outcomes[one] = WaitOutcome.DEADLINE
            self.real.close(one, WaitOutcome.DEADLINE)

    def rerank(self, number, n):
        if one := self.open(number):
            self.real.rerank(one, n % 3)

    def hold(self, _number, _n):
        self.real.is_held = True

    def allocate(self, _number, _n):
        self.real.is_held = False
        self.real.allocate()

    def offer(self):
        if self.real.is_held:
            return
        queue = [one for one, outcome in self.outcomes.items() if outcome is None]
        queue.sort(key=lambda one: (one.rank, one.since, one.pupil_id))
        for one in queue[: max(0, self.limit - self.roll)]:
            self.outcomes[one] = WaitOutcome.OFFERED
            self.roll += 1


@steady
@given(moves)
def test_a_list_kept_the_slow_way_gives_the_same_offers(asked):
    slow = SlowList()
    for number, (move, n) in enumerate(asked):
        slow.real._env._now = float(number // 3)
        getattr(slow, move)(number, n)
        slow.offer()
        assert slow.real.roll == slow.roll
        assert {one: None if one.is_open else one.decided.value for one in slow.outcomes} == slow.outcomes


def waits_of(places, arrivals):
    """Waits of one class, first come first served: each pupil stays for a time of their own."""
    provision, found = made(places), {}
    env = provision._env

    def pupil(number, at, stay):
        yield env.at(at, number)
        waiting = provision.wait(number, 0)
        yield waiting.decided
        found[number] = env.now - at
        yield env.at(env.now + stay, number)
        provision.release()

    clock = 0.0
    for number, (gap, stay) in enumerate(arrivals):
        clock += gap
        env.process(pupil(number, clock, stay))
    env.run()
    return found


@steady
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 10)), min_size=1, max_size=40),
)
def test_more_places_never_lengthen_anybodys_wait_first_come_first_served(places, arrivals):
    few, more = waits_of(places, arrivals), waits_of(places + 1, arrivals)
    assert few.keys() == more.keys() == set(range(len(arrivals)))
    assert all(more[number] <= few[number] + 1e-9 for number in few)

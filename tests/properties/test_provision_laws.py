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


@steady
@given(moves)
def test_a_list_kept_the_slow_way_gives_the_same_offers(asked):
    """The reference: sort everybody who waits by class, date and pupil whenever a place may be free."""
    provision, limit, roll = made(0), 0, 0
    waits, expected = [], {}
    for number, (move, n) in enumerate(asked):
        provision._env._now = float(number // 3)
        is_open = [one for one in waits if expected[id(one)] is None]
        if move == "wait":
            one = provision.wait(number, n % 3)
            waits.append(one)
            expected[id(one)] = None
        elif move == "leave" and roll:
            roll -= 1
            provision.release()
        elif move == "fund":
            limit = n
            provision.fund(n)
        elif move == "close" and is_open:
            expected[id(is_open[n % len(is_open)])] = WaitOutcome.DEADLINE
            provision.close(is_open[n % len(is_open)], WaitOutcome.DEADLINE)
        elif move == "rerank" and is_open:
            provision.rerank(is_open[n % len(is_open)], n % 3)
        elif move == "hold":
            provision.is_held = not provision.is_held
        elif move == "allocate":
            provision.allocate()
        if not provision.is_held and move != "hold":
            queue = sorted(
                (one for one in waits if expected[id(one)] is None), key=lambda w: (w.rank, w.since, w.pupil_id)
            )
            for one in queue[: max(0, limit - roll)]:
                expected[id(one)] = WaitOutcome.OFFERED
                roll += 1
        assert provision.roll == roll
        found = {id(one): None if one.is_open else one.decided.value for one in waits}
        assert found == expected


def waits_of(places, arrivals):
    """Waits of one class, first come first served: each pupil stays for a time of their own."""
    provision, env = made(places), None
    env, found = provision._env, {}

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

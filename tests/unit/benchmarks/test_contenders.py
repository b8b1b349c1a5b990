"""What the benchmark compares must be the same: its contenders agree event by event. Nothing is timed here."""

import importlib

import numpy as np
import pytest

from tests.benchmarks import in_engine, in_heapq, in_simpy
from tests.benchmarks.cases import Network, Pathway
from tests.benchmarks.luck import variance_ratio
from tests.benchmarks.measuring import Ratio

COUNTY = Pathway(seed=1, scale=0.05)
CROWDED = Pathway(seed=2, scale=0.05, squeeze=3.5)
QUEUES = Network(seed=1, customers=1_000)


def found(model, case):
    """Run a model on luck of its own: keyed luck is used up by whoever reads it."""
    return model(type(case)(**vars_of(case)))()()


def vars_of(case):
    return {name: getattr(case, name) for name in case.__dataclass_fields__}


@pytest.mark.parametrize("case", [COUNTY, CROWDED], ids=["county", "crowded"])
def test_the_pathway_goes_the_same_way_here_in_simpy_and_by_hand(case):
    by_hand = found(in_heapq.pathway, case)
    assert min(by_hand.waits) > 10
    assert min(by_hand.outcomes) > 10
    assert found(in_engine.pathway, case).equals(by_hand)
    assert found(in_simpy.pathway, case).equals(by_hand)


def test_the_network_serves_the_same_customers_here_in_simpy_and_by_hand():
    by_hand = found(in_heapq.network, QUEUES)
    assert min(by_hand.waited) > 0.0
    assert found(in_engine.network, QUEUES).equals(by_hand)
    assert found(in_simpy.network, QUEUES).equals(by_hand)


def test_long_queues_are_longer():
    assert sum(found(in_heapq.pathway, CROWDED).waited) > 5.0 * sum(found(in_heapq.pathway, COUNTY).waited)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["salabim", "numba"])
def test_contenders_that_need_more_packages_agree_too(library):
    pytest.importorskip(library)
    module = importlib.import_module(f"tests.benchmarks.in_{library}")
    for model, case in (("pathway", COUNTY), ("pathway", CROWDED), ("network", QUEUES)):
        assert found(getattr(module, model), case).equals(found(getattr(in_heapq, model), case)), model


def test_a_difference_in_what_happened_is_seen():
    one, other = found(in_heapq.pathway, COUNTY), found(in_heapq.pathway, Pathway(seed=3, scale=0.05))
    assert not one.equals(other)


def test_a_ratio_is_taken_within_each_repeat():
    slow, fast = [{"cpu": 4.0}, {"cpu": 40.0}], [{"cpu": 2.0}, {"cpu": 20.0}]
    assert Ratio.of(slow, fast) == Ratio(2.0, 2.0, 2.0)


def test_the_variance_ratio_is_that_of_variances():
    rng = np.random.default_rng(1)
    before = rng.normal(size=12)
    after = before + 0.1 * rng.normal(size=12)
    saved = variance_ratio(before, after)
    independent = np.var(before, ddof=1) + np.var(after, ddof=1)
    assert saved.ratio == pytest.approx(independent / np.var(after - before, ddof=1))
    assert saved.low < saved.ratio < saved.high


def test_the_interval_of_the_variance_ratio_covers_as_often_as_it_says():
    rng = np.random.default_rng(2)
    runs, noise = 2_000, 0.2
    covered = 0
    for _ in range(runs):
        shared = rng.normal(size=10)
        saved = variance_ratio(shared + noise * rng.normal(size=10), shared + noise * rng.normal(size=10))
        covered += saved.low <= (1.0 + noise**2) / noise**2 <= saved.high
    error = (0.95 * 0.05 / runs) ** 0.5
    assert abs(covered / runs - 0.95) < 4.0 * error


def test_the_ratio_of_a_difference_that_never_varies_is_undefined():
    before = np.arange(5.0)
    assert np.isnan(variance_ratio(before, before + 1.0).ratio)

"""The chance that a lever works as well as it must: against laws whose quantiles are known."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest

from sim.analysis.break_even import Outcome, Root
from sim.analysis.break_even_chance import chances
from sim.analysis.lever_break_even import Answer, Question
from sim.levers.acts import LeverInUse
from sim.levers.catalogue import in_use
from sim.parameters.schema import Parameters

ROOT = Root(Outcome.FOUND, 1.0, 0.5, 1.5, 10, 0.95, 0.0, 2.0, pays_above=True)


def answer(axis: str, root: Root) -> Answer:
    return Answer(Question("fund_casework", axis, {}, 10, 1), (0.0, 1.0), np.zeros((2, 10)), root, (), "r")


@pytest.fixture
def lever(exampleshire: Parameters) -> LeverInUse:
    """A lever whose one price lies evenly between 50 and 150, with 100 in the middle."""
    found = in_use(exampleshire, "agree_fee_framework", {}, "test")
    (name,) = [name for name, one in found.spec.settings.items() if one.role == "cost" and one.price_base]
    bounds = {"value": 100.0, "low": 50.0, "high": 150.0, "least": 0.0, "most": 1e3, "distribution": "uniform"}
    row = found.spec.settings[name].model_copy(update=bounds)
    settings = {**found.spec.settings, name: row}
    return replace(found, spec=found.spec.model_copy(update={"settings": settings}), settings=settings)


def the_chance(lever: LeverInUse, **changes: Any) -> tuple[float, float, float]:
    (found,) = chances(lever, answer("cost", replace(ROOT, **changes)))
    return found[1:]


def test_a_lever_that_pays_up_to_a_price_pays_with_the_chance_that_the_price_is_below(lever: LeverInUse) -> None:
    found = the_chance(lever, level=1.2, low=1.1, high=1.4, pays_above=False)
    assert found == pytest.approx((0.7, 0.6, 0.9), abs=1e-4)


def test_a_lever_that_pays_from_a_level_pays_with_the_chance_that_the_figure_is_above(lever: LeverInUse) -> None:
    assert the_chance(lever, level=1.2, low=1.1, high=1.4) == pytest.approx((0.3, 0.1, 0.4), abs=1e-4)


def test_an_interval_without_end_reaches_no_chance_or_certainty(lever: LeverInUse) -> None:
    assert the_chance(lever, level=1.2, low=-inf, high=inf) == pytest.approx((0.3, 0.0, 1.0), abs=1e-4)


def test_without_an_interval_of_the_level_there_is_none_of_the_chance(lever: LeverInUse) -> None:
    value, low, high = the_chance(lever, level=1.2, low=nan, high=nan)
    assert value == pytest.approx(0.3, abs=1e-4)
    assert isnan(low)
    assert isnan(high)


def test_beyond_the_levels_looked_at_a_lever_may_pay_or_not(lever: LeverInUse) -> None:
    never = the_chance(lever, outcome=Outcome.NEVER, level=nan, lowest=0.0, highest=1.3)
    always = the_chance(lever, outcome=Outcome.ALWAYS, level=nan, lowest=0.0, highest=1.3)
    assert never == pytest.approx((0.0, 0.0, 0.2), abs=1e-4)
    assert always == pytest.approx((0.8, 0.8, 1.0), abs=1e-4)


def test_an_effect_is_stronger_the_further_it_is_from_none(exampleshire: Parameters) -> None:
    found = in_use(exampleshire, "fund_training_bursary", {}, "test")
    rows = {one.name: one for one in chances(found, answer("effect", replace(ROOT, level=0.0, low=0.0, high=0.0)))}
    suspension = exampleshire.effects["trained_suspension"]
    # triangular: the chance of no harm, a factor of at most 1
    away = (suspension.high - 1.0) ** 2 / (suspension.high - suspension.low) / (suspension.high - suspension.value)
    assert suspension.value < 1.0 < suspension.high
    assert rows["trained_suspension"].value == pytest.approx(1.0 - away, abs=1e-3)

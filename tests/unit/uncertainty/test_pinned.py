"""A few figures at quantiles that are asked for, all others as they are."""

import pytest

from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import find_county
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.schema import Parameters
from sim.parameters.uncertainty import Uncertainty
from sim.scenarios import baseline
from sim.uncertainty import drawn
from sim.uncertainty.pinned import pinned


@pytest.fixture(scope="module")
def spec(exampleshire: Parameters) -> Uncertainty:
    return load_uncertainty(find_county("exampleshire"), exampleshire)


def test_with_nothing_pinned_the_county_is_as_it_was(exampleshire: Parameters, spec: Uncertainty) -> None:
    assert fingerprint(drawn(exampleshire, pinned(spec, {}), spec)) == fingerprint(exampleshire)


def test_a_pinned_figure_moves_alone_to_its_quantile(exampleshire: Parameters, spec: Uncertainty) -> None:
    moved = drawn(exampleshire, pinned(spec, {"rates/recur": 0.0}), spec)
    assert moved.rates["recur"].value == exampleshire.rates["recur"].low
    back = moved.rates["recur"].model_copy(update={"value": exampleshire.rates["recur"].value})
    assert moved.model_copy(update={"rates": {**moved.rates, "recur": back}}) == exampleshire


def test_rows_of_one_judgement_move_together(exampleshire: Parameters, spec: Uncertainty) -> None:
    moved = drawn(exampleshire, pinned(spec, {"together/worsen_moderate": 1.0}), spec)
    changed = {name for name, row in moved.rates.items() if row.value != exampleshire.rates[name].value}
    assert changed == {name for name in exampleshire.rates if name.startswith("worsen_moderate")}
    assert all(moved.rates[name].value == moved.rates[name].high for name in changed)


def test_a_pinned_factor_multiplies_its_figures(exampleshire: Parameters, spec: Uncertainty) -> None:
    moved = drawn(exampleshire, pinned(spec, {"factors/resolve_sen_support": 1.0}), spec)
    before = exampleshire.rates["resolve_emerging_sen_support"].value
    ratio = spec.factors["resolve_sen_support"].high
    assert moved.rates["resolve_emerging_sen_support"].value == pytest.approx(before * ratio)


def test_a_setting_of_a_lever_is_pinned_too_and_the_baseline_does_not_feel_it(
    exampleshire: Parameters, spec: Uncertainty
) -> None:
    scenario = baseline(exampleshire).with_(levers={"fund_training_bursary": {}}, name="bursary")
    draws = [pinned(spec, {"levers/fund_training_bursary/take_up": end}) for end in (0.05, 0.95)]
    low, high = (scenario.under(draw, spec).parameters for draw in draws)
    assert fingerprint(low) != fingerprint(high)
    before = {fingerprint(baseline(exampleshire).under(draw, spec).parameters) for draw in draws}
    assert before == {fingerprint(exampleshire)}


def test_a_factor_that_there_is_not_is_refused(spec: Uncertainty) -> None:
    with pytest.raises(KeyError, match="weather"):
        pinned(spec, {"factors/weather": 0.5})

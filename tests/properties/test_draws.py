"""Laws of drawing, in the counties that come along: every draw is a sound county, within its ranges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.chance.figures import quantiles
from sim.levers.catalogue import levers
from sim.parameters.figures import figures, is_uncertain
from sim.parameters.load import find_county, load_county
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.schema import Parameters
from sim.parameters.uncertainty import Uncertainty
from sim.scenarios import baseline
from sim.uncertainty import Draw, draw_from_ranges, drawn, scaled
from tests.counties import County, built, counties, scenarios, under
from tests.counties import Scenario as Uses
from tests.worlds import EXAMPLESHIRE

DRAWS = 200
SAID = load_uncertainty(find_county("exampleshire"), EXAMPLESHIRE)


@pytest.fixture(scope="module", params=["cambridgeshire", "exampleshire"])
def county(request: pytest.FixtureRequest) -> tuple[Parameters, Uncertainty]:
    folder = find_county(request.param)
    parameters = load_county(folder)
    return parameters, load_uncertainty(folder, parameters)


def values(parameters: Parameters) -> dict[tuple[str, ...], float]:
    return {path: row["value"] for path, row in figures(parameters.model_dump(mode="json"))}


@pytest.mark.slow
def test_every_draw_is_a_sound_county_within_its_ranges(county: tuple[Parameters, Uncertainty]) -> None:
    parameters, spec = county
    rows = dict(figures(parameters.model_dump(mode="json")))
    for number in range(DRAWS):
        draw = draw_from_ranges(spec, 20190517, number)
        found = drawn(parameters, draw, spec)  # checked as a whole, or it would have been refused
        for path, value in values(found).items():
            row = rows[path]
            if spec.ratio(path, {}) is None and path[0] != "routes":
                assert row["low"] <= value <= row["high"], (number, path)
                assert is_uncertain(row) or value == row["value"], (number, path)


@pytest.mark.slow
def test_every_uncertain_figure_is_drawn_uniformly_over_its_quantiles(
    county: tuple[Parameters, Uncertainty],
) -> None:
    parameters, spec = county
    rows = dict(figures(parameters.model_dump(mode="json")))
    free = [path for path, row in rows.items() if is_uncertain(row) and spec.ratio(path, {}) is None]
    free = [path for path in free if path[0] != "routes"]
    found = [values(drawn(parameters, Draw(number, 1), spec)) for number in range(DRAWS)]
    grid = np.linspace(0.0, 1.0, 201)
    level = 0.001 / len(free)
    for path in free:
        row = rows[path]
        known = quantiles(row["distribution"], grid[:-1], row["value"], row["low"], row["high"])
        at = np.interp([one[path] for one in found], [*known, row["high"]], grid)
        assert stats.kstest(at, "uniform").pvalue > level, path


def test_factors_at_their_ends_give_sound_counties(county: tuple[Parameters, Uncertainty]) -> None:
    parameters, spec = county
    for end in ("low", "high"):
        found = scaled(parameters, {name: getattr(factor, end) for name, factor in spec.factors.items()}, spec)
        assert found != parameters
    assert scaled(parameters, dict.fromkeys(spec.factors, 1.0), spec) == parameters


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=30)
@given(counties(), scenarios(), st.integers(0, 2**31), st.data())
def test_any_county_under_any_scenario_can_be_drawn_with_any_factors(
    county: County, scenario: Uses, number: int, data: st.DataObject
) -> None:
    parameters = built(county)
    under(parameters, scenario)  # a pair that is refused is no example
    asked = data.draw(st.fixed_dictionaries({name: st.floats(one.low, one.high) for name, one in SAID.factors.items()}))
    draw = Draw(number, 1, asked)
    for drawn_scenario in (baseline(parameters), baseline(parameters).with_(levers=scenario)):
        found = drawn_scenario.under(draw, SAID).parameters  # its check of sums and bounds would have refused it
        assert found.horizon == parameters.horizon


def test_all_levers_together_can_be_drawn(exampleshire: Parameters) -> None:
    everything = baseline(exampleshire).with_(levers={name: {} for name in levers()})
    for number in range(3):
        draw = draw_from_ranges(SAID, 7, number)
        assert everything.under(draw, SAID).parameters.rates == drawn(exampleshire, draw, SAID).rates

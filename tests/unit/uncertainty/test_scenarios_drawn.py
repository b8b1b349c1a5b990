"""Scenarios in a draw: the county is drawn first, the scenario acts on it, and all scenarios share the county."""

from datetime import date

import pytest

from sim.levers.catalogue import designs, levers
from sim.parameters.load import find_county
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.schema import Parameters
from sim.parameters.uncertainty import Uncertainty
from sim.scenarios import Scenario, baseline, list_scenarios, load_scenario
from sim.uncertainty import Draw, draw_from_ranges, drawn

BURSARY, BASES, PANELS = "fund_training_bursary", "open_primary_bases", "run_centres_of_expertise"
START = date(2019, 9, 1)


@pytest.fixture(scope="module")
def spec(exampleshire: Parameters) -> Uncertainty:
    return load_uncertainty(find_county("exampleshire"), exampleshire)


@pytest.fixture(scope="module")
def draw(spec: Uncertainty) -> Draw:
    return draw_from_ranges(spec, 5, 2)


def test_the_baseline_in_a_draw_is_the_county_drawn(exampleshire: Parameters, spec: Uncertainty, draw: Draw) -> None:
    assert baseline(exampleshire).under(draw, spec).parameters == drawn(exampleshire, draw, spec)


@pytest.mark.slow
def test_a_scenario_played_again_on_its_own_county_is_itself(exampleshire: Parameters) -> None:
    for name in list_scenarios():
        scenario = load_scenario(name, exampleshire)
        assert scenario.on(exampleshire).parameters == scenario.parameters, name


def test_a_scenario_changed_in_code_is_played_again_with_all_its_steps(exampleshire: Parameters) -> None:
    later = {date(2021, 9, 1): {"rates/leave_county": 0.02}}
    changed = load_scenario("primary_bases_2019", exampleshire).with_({"rates/recur": 0.1}, later=later, name="mine")
    changed = changed.with_(levers={PANELS: {"agenda": 7}}, delay_years=1)
    assert changed.on(exampleshire) == changed


def test_a_scenario_without_a_county_is_one_by_itself(exampleshire: Parameters, spec: Uncertainty, draw: Draw) -> None:
    alone = Scenario("alone", exampleshire)
    assert alone.under(draw, spec).parameters == drawn(exampleshire, draw, spec)
    changed = alone.with_({"rates/recur": 0.1})
    assert changed.on(exampleshire).parameters == changed.parameters


def test_scenarios_of_a_draw_share_every_figure_that_they_do_not_touch(
    exampleshire: Parameters, spec: Uncertainty, draw: Draw
) -> None:
    without = baseline(exampleshire).under(draw, spec).parameters
    bases = load_scenario("primary_bases_2019", exampleshire).under(draw, spec).parameters
    bursary = load_scenario("bursary_for_schools", exampleshire).under(draw, spec).parameters
    for part in ("rates", "quantities", "effects", "onset", "budgets", "inflation", "tariffs"):
        assert getattr(bases, part) == getattr(without, part) == getattr(bursary, part), part
    assert bases.provisions != without.provisions
    assert bursary.yearly != without.yearly


def test_what_a_scenario_states_is_its_choice_in_every_draw(
    exampleshire: Parameters, spec: Uncertainty, draw: Draw
) -> None:
    county = baseline(exampleshire)
    scenario = county.with_({"rates/recur": 0.11}, levers={PANELS: {"agenda": 9, "allocates": 0.25}})
    found = scenario.under(draw, spec).parameters
    assert found.rates["recur"].value == 0.11
    assert found.on(START).quantities.panel.allocates.value == 0.25
    panels = [one.places[START].commissioned for _, one in found.provisions.items() if START in one.places]
    assert 9 in panels


def test_settings_that_a_scenario_leaves_open_are_drawn_the_same_wherever_the_lever_is_used(
    exampleshire: Parameters, spec: Uncertainty, draw: Draw
) -> None:
    setting = levers()[PANELS].settings["allocates"]
    expected = draw.value(f"levers/{PANELS}/allocates", setting)
    assert expected != setting.value
    plain = baseline(exampleshire).with_(levers={PANELS: {}})
    later = baseline(exampleshire).with_(levers={"second": {"lever": PANELS, "meeting_weeks": 3}, BURSARY: {}})
    for scenario in (plain, later):
        row = scenario.under(draw, spec).parameters.on(START).quantities.panel.allocates
        assert (row.value, row.low, row.high) == (expected, setting.low, setting.high)


def test_lengths_of_stay_of_a_design_are_drawn(exampleshire: Parameters, spec: Uncertainty, draw: Draw) -> None:
    scenario = baseline(exampleshire).with_(levers={BASES: {"design": "full_centre", "lead_months": 0}})
    found = scenario.under(draw, spec).parameters.on(START).durations
    for kind, tier in designs()["full_centre"].tiers.items():
        expected = draw.value(f"designs/full_centre/{kind}/length_days", tier.length_days)
        assert getattr(found, kind).value == pytest.approx(expected), kind


def test_a_judgement_may_span_settings_of_levers(exampleshire: Parameters) -> None:
    draw = Draw(2, seed=5)
    said = Uncertainty(together={"willing": (f"levers/{BURSARY}/take_up", f"levers/{PANELS}/allocates")})
    uses = {BURSARY: {}, PANELS: {}}
    found = baseline(exampleshire).with_(levers=uses).under(draw, said).parameters
    setting = levers()[PANELS].settings["allocates"]
    expected = draw.value("together/willing", setting)
    assert found.on(START).quantities.panel.allocates.value == expected


def test_a_lever_at_strength_0_changes_nothing_in_a_draw(
    exampleshire: Parameters, spec: Uncertainty, draw: Draw
) -> None:
    without = baseline(exampleshire).under(draw, spec).parameters
    for name in levers():
        nothing = baseline(exampleshire).with_(levers={name: {"strength": 0.0}})
        assert nothing.under(draw, spec).parameters == without, name


@pytest.mark.slow
def test_every_scenario_that_comes_along_can_be_drawn(exampleshire: Parameters, spec: Uncertainty) -> None:
    for name in list_scenarios():
        scenario = load_scenario(name, exampleshire)
        drawn_twice = {
            scenario.under(draw_from_ranges(spec, 9, n), spec).parameters.rates["recur"].value for n in (0, 1)
        }
        assert len(drawn_twice) == 2, name

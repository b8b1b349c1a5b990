"""What a lever's acts come to: strength, ramps, districts, lead times, shares and shifts."""

from datetime import date
from typing import Any

import pytest

from sim.levers.acts import LeverInUse, of_acts, of_effects
from sim.levers.adjustments import composed
from sim.levers.spec import LeverSpec, Use
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters

FIRST, SECOND, THIRD = date(2019, 9, 1), date(2020, 9, 1), date(2021, 9, 1)
SHARE = "quantities/team/protected_share"


def setting(value: float, unit: str = "share", neutral: float | None = 0, most: float = 1e6, **more: Any) -> dict:
    said = {"grade": "judgement", "source": "fictional", "year": "2020", "label": "A setting", "role": "dose"}
    bounds = {"low": value, "high": value, "least": -most, "most": most}
    return said | bounds | {"value": value, "unit": unit, "neutral": neutral} | more


def lever(county: Parameters, settings: dict, acts: list[dict] | None = None, **more: Any) -> LeverInUse:
    use = Use(lever="a", start=more.pop("start", FIRST), **more.pop("use", {}))
    words = {"label": "A lever", "questions": ["Q1"], "description": "What it does."}
    spec = LeverSpec.model_validate({**words, "settings": settings, "acts": acts or [], **more})
    return LeverInUse("a", spec, use, spec.settings, {}, county)


def applied(county: Parameters, made: LeverInUse) -> Parameters:
    diff = composed(county, [*of_acts(made), *of_effects(made)])
    return with_changes(county, diff.changes, later=diff.later)


def test_a_ramp_grows_in_equal_steps_each_september(exampleshire: Parameters) -> None:
    made = lever(
        exampleshire,
        {"share": setting(0.6)},
        [{"path": SHARE, "op": "set", "setting": "share"}],
        use={"ramp_years": 3},
    )
    changed = applied(exampleshire, made)
    shares = [changed.on(day).quantities.team.protected_share.value for day in (FIRST, SECOND, THIRD)]
    assert shares == pytest.approx([0.2, 0.4, 0.6])


def test_strength_scales_between_neutral_and_what_is_asked_for(exampleshire: Parameters) -> None:
    acts = [{"path": "provisions/{district_team}/running_cost", "op": "multiply", "setting": "size"}]
    made = lever(exampleshire, {"size": setting(1.5, "ratio", neutral=1)}, acts, use={"strength": 0.5})
    assert {adjustment.figure.value for adjustment in of_acts(made)} == {1.25}


@pytest.mark.parametrize("neutral", [0, 1])
def test_strength_zero_makes_no_adjustment_at_all(exampleshire: Parameters, neutral: float) -> None:
    acts = [{"path": SHARE, "op": "set", "setting": "share"}]
    made = lever(exampleshire, {"share": setting(0.6, neutral=neutral)}, acts, use={"strength": 0})
    assert list(of_acts(made)) == []


def test_a_lever_reaches_only_the_districts_named(exampleshire: Parameters) -> None:
    acts = [{"path": "provisions/{centre_of_expertise}/places", "op": "set", "setting": "agenda"}]
    made = lever(exampleshire, {"agenda": setting(9)}, acts, use={"districts": ["southfield"]})
    changed = applied(exampleshire, made)
    assert changed.provisions["panel_southfield"].places[FIRST].usable == 9
    assert changed.provisions["panel_northmarsh"] == exampleshire.provisions["panel_northmarsh"]


def test_a_number_of_districts_takes_those_with_most_pupils(exampleshire: Parameters) -> None:
    pupils: dict[str, int] = {}
    for school in exampleshire.schools.values():
        pupils[school.district] = pupils.get(school.district, 0) + school.pupils
    made = lever(exampleshire, {"agenda": setting(9)}, use={"number": 1})
    assert made.districts == (max(pupils, key=lambda district: pupils[district]),)


@pytest.mark.parametrize("total", [1, 3, -3])
def test_places_shared_out_are_whole_and_add_up(exampleshire: Parameters, total: int) -> None:
    acts = [{"path": "provisions/{special_school}/places", "op": "add", "setting": "places", "split": True}]
    made = lever(exampleshire, {"places": setting(total, "places")}, acts)
    shares = [adjustment.figure.value for adjustment in of_acts(made)]
    assert sum(shares) == total
    assert all(share == int(share) for share in shares)


def test_usable_places_are_a_share_of_those_commissioned(exampleshire: Parameters) -> None:
    path = "provisions/{special_school}/places"
    acts = [
        {"path": path, "op": "add", "setting": "places", "column": "commissioned"},
        {"path": path, "op": "add", "setting": "places", "column": "usable", "times": "usable"},
    ]
    settings = {"places": setting(10, "places"), "usable": setting(0.9, neutral=None)}
    changed = applied(exampleshire, lever(exampleshire, settings, acts))
    found = changed.provisions["marsh_house"].places[FIRST]
    assert (found.commissioned, found.usable) == (20, 18)


def test_a_lead_time_delays_the_places_but_not_the_start_up_cost(exampleshire: Parameters) -> None:
    tier = "provisions/base_northmarsh_teaching"
    acts = [
        {"path": f"{tier}/places", "op": "set", "setting": "places"},
        {"path": f"{tier}/start_up", "op": "add", "setting": "cost"},
    ]
    settings = {
        "places": setting(8, "places"),
        "cost": setting(900, "GBP", price_base="2019-20"),
        "lead": setting(12, "months", neutral=None),
    }
    changed = applied(exampleshire, lever(exampleshire, settings, acts, lead="lead"))
    spec = changed.provisions["base_northmarsh_teaching"]
    assert [day for day, places in spec.places.items() if places.usable] == [SECOND]
    assert list(spec.start_up) == [FIRST]


def test_figures_that_change_only_in_september_wait_for_it(exampleshire: Parameters) -> None:
    acts = [{"path": SHARE, "op": "set", "setting": "share"}]
    made = lever(exampleshire, {"share": setting(0.6)}, acts, start=date(2019, 11, 4))
    assert [adjustment.start for adjustment in of_acts(made)] == [SECOND]


def test_money_of_partnerships_waits_for_september_too(exampleshire: Parameters) -> None:
    acts = [{"path": "provisions/{alternative_provision}/charge_per_tuition", "op": "set", "setting": "charge"}]
    settings = {"charge": setting(900, "GBP", price_base="2018-19")}
    made = lever(exampleshire, settings, acts, start=date(2019, 11, 4))
    assert {adjustment.start for adjustment in of_acts(made)} == {SECOND}


def test_a_lever_without_strength_leaves_its_effects_alone(exampleshire: Parameters) -> None:
    made = lever(exampleshire, {}, effects=["panel_suspension"], use={"strength": 0, "effect_strength": 2})
    assert list(of_effects(made)) == []


def test_a_shift_moves_a_share_of_every_groups_probability(exampleshire: Parameters) -> None:
    shift = {
        "decision": "suspension",
        "source": "alternative_provision",
        "target": "permanent_exclusion",
        "setting": "share",
        "phase": "secondary",
    }
    changed = applied(exampleshire, lever(exampleshire, {"share": setting(0.25)}, shifts=[shift])).on(FIRST)
    before = exampleshire.routes
    pairs = [("key_stage_3", "no_plan"), ("key_stage_4", "plan")]
    for stage, record in pairs:
        away, towards = (f"suspension_{stage}_{record}_{d}" for d in ("alternative_provision", "permanent_exclusion"))
        moved = 0.25 * before[away].value
        assert changed.routes[away].value == pytest.approx(before[away].value - moved)
        assert changed.routes[towards].value == pytest.approx(before[towards].value + moved)


def test_growth_with_pupils_follows_the_cohorts(exampleshire: Parameters) -> None:
    name = next(name for name, _ in exampleshire.provisions_of("alternative_provision"))
    acts = [{"path": f"provisions/{name}/devolved_budget", "op": "grow_with_secondary_pupils", "setting": "size"}]
    changed = applied(exampleshire, lever(exampleshire, {"size": setting(1, "ratio", neutral=1)}, acts))
    pupils = {year: sum(groups[f"Y{n}"].value for n in range(7, 12)) for year, groups in exampleshire.cohorts.items()}
    before = exampleshire.provisions[name].devolved_budget
    after = changed.provisions[name].devolved_budget
    base = list(before.values())[-1].value
    assert after[SECOND].value == pytest.approx(base * pupils["2020/21"] / pupils["2018/19"])


def test_the_strength_of_effects_scales_their_distance_from_none(exampleshire: Parameters) -> None:
    made = lever(exampleshire, {}, effects=["panel_suspension"], use={"effect_strength": 2})
    factor = exampleshire.effects["panel_suspension"].value
    changed = applied(exampleshire, made).on(FIRST)
    assert changed.effects["panel_suspension"].value == pytest.approx(1 - 2 * (1 - factor))


def test_effects_as_strong_as_the_evidence_says_are_left_alone(exampleshire: Parameters) -> None:
    assert list(of_effects(lever(exampleshire, {}, effects=["panel_suspension"]))) == []

"""Drawing a county: who shares a quantile, what factors do, how a decision keeps its sum."""

from datetime import date
from math import isnan
from typing import Any

import pytest

from sim.parameters.changes import with_changes
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.parameters.uncertainty import Factor, Share, Uncertainty
from sim.uncertainty import Draw, Draws, Named, draw_from_ranges, drawing, drawn, named, scaled

DRAW = Draw(3, seed=11)
NOTHING_SAID = Uncertainty()
EVIDENCE = {"grade": "judgement", "source": "fictional", "year": "2019"}


def factor(*scales: str, divides: tuple[str, ...] = ()) -> Factor:
    return Factor(label="A factor", scales=scales, divides=divides, low=0.5, high=2.0, **EVIDENCE)


def spec(factors: dict[str, Factor] | None = None, **together: tuple[str, ...]) -> Uncertainty:
    return Uncertainty(factors=factors or {}, together=together)


def quantile(row: Any) -> float:
    """The quantile of a triangular figure, from its value and the mode in the county's file."""
    value, (mode, low, high) = row
    below = (value - low) ** 2 / ((high - low) * (mode - low)) if value <= mode else 0.0
    return below if value <= mode else 1 - (high - value) ** 2 / ((high - low) * (high - mode))


def rows(county: Parameters, found: Parameters, part: str, name: str) -> Any:
    row = getattr(county, part)[name]
    return getattr(found, part)[name].value, (row.value, row.low, row.high)


def test_a_figure_is_drawn_at_the_quantile_of_its_path_and_keeps_its_range(exampleshire: Parameters) -> None:
    found = drawn(exampleshire, DRAW, NOTHING_SAID)
    before, after = exampleshire.quantities.crisis.identify, found.quantities.crisis.identify
    expected = DRAW.uniform("quantities/crisis/identify")
    assert quantile((after.value, (before.value, before.low, before.high))) == pytest.approx(expected)
    assert (after.low, after.high, after.distribution) == (before.low, before.high, before.distribution)
    assert quantile(rows(exampleshire, found, "rates", "recur")) == pytest.approx(DRAW.uniform("rates/recur"))


def test_a_figure_without_a_range_is_never_drawn(exampleshire: Parameters) -> None:
    fixed = with_changes(exampleshire, {"rates/recur": 0.5, "rates/leave_county/distribution": "fixed"})
    found = drawn(fixed, DRAW, NOTHING_SAID)
    assert found.rates["recur"] == fixed.rates["recur"]
    assert found.rates["leave_county"] == fixed.rates["leave_county"]


def test_the_same_draw_gives_the_same_county_and_another_draw_another(exampleshire: Parameters) -> None:
    assert drawn(exampleshire, DRAW, NOTHING_SAID) == drawn(exampleshire, DRAW, NOTHING_SAID)
    for other in (Draw(4, 11), Draw(3, 12)):
        assert (
            drawn(exampleshire, other, NOTHING_SAID).rates["recur"]
            != drawn(exampleshire, DRAW, NOTHING_SAID).rates["recur"]
        )


def test_one_figure_more_moves_no_other(exampleshire: Parameters) -> None:
    wider = with_changes(exampleshire, {"quantities/team/case_cv": {"value": 0.1, "low": 0.0, "high": 0.2}})
    wider = with_changes(wider, {"quantities/team/case_cv/distribution": "triangular"})
    found = drawn(wider, DRAW, NOTHING_SAID)
    assert found.quantities.team.case_cv.value != 0.1
    assert found.rates == drawn(exampleshire, DRAW, NOTHING_SAID).rates


def test_a_yearly_series_and_a_dated_sum_share_one_quantile(exampleshire: Parameters) -> None:
    found = drawn(exampleshire, DRAW, NOTHING_SAID)
    expected = DRAW.uniform("yearly/refused_share")
    for year, row in exampleshire.yearly.refused_share.items():
        drawn_value = found.yearly.refused_share[year].value
        assert quantile((drawn_value, (row.value, row.low, row.high))) == pytest.approx(expected), year
    team = next(name for name, one in exampleshire.provisions.items() if len(one.running_cost) > 1)
    expected = DRAW.uniform(f"provisions/{team}/running_cost")
    for day, money in exampleshire.provisions[team].running_cost.items():
        drawn_value = found.provisions[team].running_cost[day].value
        assert quantile((drawn_value, (money.value, money.low, money.high))) == pytest.approx(expected), day


def test_rows_that_state_one_judgement_share_its_quantile(exampleshire: Parameters) -> None:
    found = drawn(exampleshire, DRAW, spec(outreach=("effects/outreach_*",), fees=("tariffs/independent_*_fee",)))
    for part, names, together in (
        ("effects", ("outreach_worsen", "outreach_suspension"), "together/outreach"),
        ("tariffs", ("independent_in_county_fee", "independent_out_of_county_fee"), "together/fees"),
    ):
        for name in names:
            assert quantile(rows(exampleshire, found, part, name)) == pytest.approx(DRAW.uniform(together)), name


def test_what_was_observed_is_not_drawn(exampleshire: Parameters) -> None:
    assert any(row.low < row.high for row in exampleshire.observed.values())
    assert drawn(exampleshire, DRAW, NOTHING_SAID).observed == exampleshire.observed


def test_what_holds_later_is_drawn_at_the_same_quantiles(exampleshire: Parameters) -> None:
    day = date(2020, 9, 1)
    row = {"value": 0.2, "low": 0.1, "high": 0.4, "distribution": "triangular"}
    county = with_changes(exampleshire, {}, later={day: {"rates/recur": row}})
    found = drawn(county, DRAW, spec({"requests": factor("rates/ehc_request_*_primary")}))
    expected = pytest.approx(DRAW.uniform("rates/recur"))
    assert quantile((found.on(day).rates["recur"].value, (0.2, 0.1, 0.4))) == expected
    assert quantile(rows(exampleshire, found, "rates", "recur")) == expected
    assert found.on(day).rates["worsen_moderate_mainstream"] == found.rates["worsen_moderate_mainstream"]


def test_a_factor_multiplies_value_and_range_and_leaves_nothing_to_draw(exampleshire: Parameters) -> None:
    mine = spec({"secondary": factor("rates/suspension_*_secondary")})
    found = drawn(exampleshire, Draw(3, 11, {"secondary": 1.25}), mine)
    names = [name for name in exampleshire.rates if name.startswith("suspension_") and name.endswith("_secondary")]
    assert names
    for name in names:
        before, after = exampleshire.rates[name], found.rates[name]
        assert (after.value, after.low, after.high) == (before.value * 1.25, before.low * 1.25, before.high * 1.25)
    unscaled = drawn(exampleshire, DRAW, mine)
    assert all(unscaled.rates[name] == exampleshire.rates[name] for name in names)
    assert found.rates["recur"] == unscaled.rates["recur"]


def test_a_factor_divides_what_is_its_inverse(exampleshire: Parameters) -> None:
    mine = spec(
        {"overflow": factor("routes/annual_review_*_independent_special", divides=("durations/special_deadline",))}
    )
    found = scaled(exampleshire, {"overflow": 2.0}, mine)
    before, after = exampleshire.durations.special_deadline, found.durations.special_deadline
    assert (after.value, after.low, after.high) == (before.value / 2, before.low / 2, before.high / 2)


def test_factors_of_one_change_nothing(exampleshire: Parameters) -> None:
    mine = spec({"secondary": factor("rates/suspension_*_secondary"), "named": factor("routes/*_special_school")})
    assert scaled(exampleshire, {"secondary": 1.0, "named": 1.0}, mine) == exampleshire
    assert scaled(exampleshire, {}, mine) == exampleshire


def test_a_scaled_figure_stays_within_what_the_schema_allows(exampleshire: Parameters) -> None:
    mine = spec({"identify": factor("quantities/crisis/identify"), "refused": factor("yearly/refused_share/*")})
    found = scaled(exampleshire, {"identify": 2.0, "refused": 5.0}, mine)
    assert found.quantities.crisis.identify.high == min(1.0, 2.0 * exampleshire.quantities.crisis.identify.high)
    assert max(row.high for row in found.yearly.refused_share.values()) == 1.0


def test_a_factor_that_the_county_does_not_have_is_refused_with_those_it_has(exampleshire: Parameters) -> None:
    with pytest.raises(ConfigurationError, match="did you mean secondary"):
        scaled(exampleshire, {"secondry": 1.1}, spec({"secondary": factor("rates/suspension_*_secondary")}))


def primary_crisis(county: Parameters) -> dict[str, float]:
    prefix = "suspension_primary_no_plan_"
    return {name.removeprefix(prefix): row.value for name, row in county.routes.items() if name.startswith(prefix)}


def test_the_largest_destination_takes_the_difference(exampleshire: Parameters) -> None:
    mine = spec({"excluded": factor("routes/suspension_primary_*_permanent_exclusion")})
    before, after = primary_crisis(exampleshire), primary_crisis(scaled(exampleshire, {"excluded": 2.0}, mine))
    assert after["permanent_exclusion"] == 2 * before["permanent_exclusion"]
    assert after["return"] == pytest.approx(before["return"] - before["permanent_exclusion"])
    assert (after["managed_move"], after["tuition"]) == (before["managed_move"], before["tuition"])


def test_the_largest_destination_is_not_drawn_itself(exampleshire: Parameters) -> None:
    found = primary_crisis(drawn(exampleshire, DRAW, NOTHING_SAID))
    assert found["return"] == pytest.approx(1 - sum(value for name, value in found.items() if name != "return"))
    prefix = "suspension_primary_no_plan_"
    for name in ("managed_move", "tuition", "permanent_exclusion"):
        expected = DRAW.uniform(f"routes/{prefix}{name}")
        found_row = rows(exampleshire, drawn(exampleshire, DRAW, NOTHING_SAID), "routes", f"{prefix}{name}")
        assert quantile(found_row) == pytest.approx(expected)


def test_a_scaled_destination_is_not_the_one_that_takes_the_difference_even_if_it_is_largest(
    exampleshire: Parameters,
) -> None:
    county = with_changes(
        exampleshire,
        {"routes/phase_transfer_complex_special_school": 0.6, "routes/phase_transfer_complex_keep": 0.35,
         "routes/phase_transfer_complex_independent_special": 0.05},
    )  # fmt: skip
    found = scaled(county, {"named": 0.5}, spec({"named": factor("routes/phase_transfer_*_special_school")}))
    assert found.routes["phase_transfer_complex_special_school"].value == 0.3
    assert found.routes["phase_transfer_complex_keep"].value == pytest.approx(0.65)


def test_destinations_that_exceed_one_are_scaled_down_and_the_remainder_is_none(exampleshire: Parameters) -> None:
    county = with_changes(
        exampleshire,
        {"routes/phase_transfer_complex_special_school": 0.4, "routes/phase_transfer_complex_keep": 0.4,
         "routes/phase_transfer_complex_independent_special": 0.2},
    )  # fmt: skip
    mine = spec({"named": factor("routes/phase_transfer_*_special_school")})
    found = scaled(county, {"named": 2.0}, mine)
    assert found.routes["phase_transfer_complex_special_school"].value == pytest.approx(0.8)
    assert found.routes["phase_transfer_complex_independent_special"].value == pytest.approx(0.2)
    assert found.routes["phase_transfer_complex_keep"].value == pytest.approx(0.0, abs=1e-15)
    found = scaled(county, {"named": 2.5}, mine)
    assert found.routes["phase_transfer_complex_special_school"].value == pytest.approx(1 / 1.2)
    assert found.routes["phase_transfer_complex_independent_special"].value == pytest.approx(0.2 / 1.2)
    assert found.routes["phase_transfer_complex_keep"].value == 0.0


def test_a_decision_told_apart_in_part_only_keeps_its_sum(exampleshire: Parameters) -> None:
    names = ("keep", "special_school", "independent_special")
    rows = {name: exampleshire.routes[f"plan_issued_emerging_{name}"] for name in names}
    halves = {
        f"{record}_{name}": rows[name].model_copy(update={"record": record})
        for record in ("plan", "no_plan")
        for name in ("keep", "special_school")
    }
    routes = {name: row for name, row in exampleshire.routes.items() if name not in (
        "plan_issued_emerging_keep", "plan_issued_emerging_special_school")}  # fmt: skip
    county = exampleshire.model_copy(update={"routes": routes | halves})
    found = drawn(county, DRAW, NOTHING_SAID).routes  # its check of sums would have refused it
    left = 1 - found["plan_issued_emerging_independent_special"].value
    assert found["plan_keep"].value + found["plan_special_school"].value == pytest.approx(left)
    assert found["plan_special_school"].value != rows["special_school"].value


def test_a_draw_from_ranges_has_every_factor_and_share_within_its_range() -> None:
    share = Share(label="A share", value=0.2, low=0.1, high=0.5, **EVIDENCE)
    said = Uncertainty(
        factors={"one": factor("rates/recur"), "two": factor("rates/leave_county")}, shares={"part": share}
    )
    draws = [draw_from_ranges(said, 5, number) for number in range(200)]
    assert {tuple(draw.factors) for draw in draws} == {("one", "two")}
    for low, high, values in (
        (0.5, 2.0, [draw.factors["one"] for draw in draws]),
        (0.5, 2.0, [draw.factors["two"] for draw in draws]),
        (0.1, 0.5, [draw.shares["part"] for draw in draws]),
    ):
        assert low <= min(values) < low + 0.25 * (high - low)
        assert high - 0.25 * (high - low) < max(values) <= high
    assert draws[7] == draw_from_ranges(said, 5, 7)


# -- what a draw came to, by name --------------------------------------------------------------------------------------


def test_each_name_is_told_once_with_its_quantile_and_the_value_of_a_figure_by_itself(
    exampleshire: Parameters,
) -> None:
    mine = spec({"secondary": factor("rates/suspension_*_secondary")}, outreach=("effects/outreach_*",))
    draw = Draw(3, 11, {"secondary": 1.25}, {"part": 0.2})
    told = list(named(exampleshire, draw, mine))
    by_name = {one.name: one for one in told}
    assert len(by_name) == len(told)
    assert (by_name["factors/secondary"].value, by_name["shares/part"].value) == (1.25, 0.2)
    assert isnan(by_name["factors/secondary"].quantile)
    found = drawn(exampleshire, draw, mine)
    assert by_name["rates/recur"] == ("rates/recur", draw.uniform("rates/recur"), found.rates["recur"].value)
    assert by_name["together/outreach"].quantile == draw.uniform("together/outreach")
    assert isnan(by_name["together/outreach"].value)
    assert "yearly/refused_share" in by_name
    left_out = {
        "effects/outreach_worsen",
        "rates/suspension_emerging_secondary",
        "routes/suspension_primary_no_plan_return",
    }
    assert not left_out & set(by_name)  # one of a judgement, one that is scaled, one that takes the difference


def test_settings_of_levers_that_are_drawn_are_noted() -> None:
    seen: dict[str, Named] = {}
    draw = Draw(3, 11)
    take = drawing(draw, spec(willing=("levers/one/*",)), seen)
    share = Share(label="A share", value=0.2, low=0.1, high=0.5, **EVIDENCE)
    values = [take(f"levers/one/{name}", share) for name in ("a", "b")]
    assert take("levers/one/fixed", share.model_copy(update={"low": 0.2, "high": 0.2})) == 0.2
    assert values == [draw.value("together/willing", share)] * 2
    assert seen["levers/one/b"] == ("levers/one/b", draw.uniform("together/willing"), values[1])
    assert list(seen) == ["levers/one/a", "levers/one/b"]


# -- the draws of a study ----------------------------------------------------------------------------------------------


def test_replications_belong_to_draws_in_turn() -> None:
    draws = Draws(NOTHING_SAID, seed=4, per_draw=3)
    assert [draws.number_of(replication) for replication in range(7)] == [0, 0, 0, 1, 1, 1, 2]
    assert draws.draw(2) == draw_from_ranges(NOTHING_SAID, 4, 2)


def test_an_ensemble_gives_its_members_in_order_and_over_again() -> None:
    members = tuple(Draw(number, 9, {"one": 1.0 + number}) for number in (4, 7))
    draws = Draws(NOTHING_SAID, seed=4, members=members)
    assert [draws.draw(number) for number in range(3)] == [members[0], members[1], members[0]]


def test_a_draw_without_replications_is_refused() -> None:
    with pytest.raises(ValueError, match="found 0"):
        Draws(NOTHING_SAID, seed=4, per_draw=0)

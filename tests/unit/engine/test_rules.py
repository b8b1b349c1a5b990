"""Parameters compiled for a run: hazards, routes, stays and effects by group."""

from dataclasses import replace

import pytest

from sim.engine.pupil import KIND_INDEX, NOT_RETURNING, Support
from sim.engine.rules import DESTINATION_ORDER, Choice, Rules
from sim.parameters.changes import with_changes
from sim.parameters.schema import DESTINATIONS
from sim.vocabulary import PLACEMENTS, YEAR_GROUPS, Decision, EventKind, ProvisionKind, Record, Severity
from tests.worlds import EXAMPLESHIRE

RULES = Rules(EXAMPLESHIRE)


def test_every_rate_stands_in_exactly_the_cells_it_selects():
    table = RULES.hazards(2018)
    expected = {}
    for rate in EXAMPLESHIRE.rates.values():
        kinds = range(len(PLACEMENTS)) if rate.placement == "any" else [PLACEMENTS.index(ProvisionKind(rate.placement))]
        for place in kinds:
            for year_group in rate.year_groups:
                for record in rate.records:
                    for severity in rate.severities:
                        expected[place, year_group, record, severity, KIND_INDEX[rate.event]] = rate.value / 190
    found = {
        (place, year_group, record, severity, kind): hazard
        for place in range(len(PLACEMENTS))
        for year_group in range(len(YEAR_GROUPS))
        for record in Record
        for severity in Severity
        for kind, hazard in enumerate(table[place][year_group][record][severity].rates)
        if hazard
    }
    assert found == {cell: hazard for cell, hazard in expected.items() if hazard}


STANDING = [name for name, effect in EXAMPLESHIRE.effects.items() if effect.given_by == "everyone"]


@pytest.mark.parametrize("name", STANDING)
@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("words", [{}, {"placement": "any", "first_year_group": "Y4", "last_year_group": "Y8"}])
def test_an_effect_given_to_everyone_multiplies_one_hazard_of_those_it_reaches_and_no_other(name, factor, words):
    row = {"value": factor, "low": factor, "high": factor, **words}
    changed = with_changes(EXAMPLESHIRE, {f"effects/{name}/{column}": said for column, said in row.items()})
    effect, before, after = changed.effects[name], RULES.hazards(2018), Rules(changed).hazards(2018)
    kind, reach = KIND_INDEX[EventKind(effect.target)], effect.selector
    reached = 0
    for number, place in enumerate(PLACEMENTS):
        for year_group in range(len(YEAR_GROUPS)):
            for record in Record:
                for severity in Severity:
                    old, new = (list(table[number][year_group][record][severity].rates) for table in (before, after))
                    is_reached = (
                        effect.placement in ("any", place)
                        and year_group in reach.year_groups
                        and record in reach.records
                        and severity in reach.severities
                    )
                    reached += is_reached and old[kind] > 0.0
                    old[kind] *= factor if is_reached else 1.0
                    assert new == old
    assert reached


def test_a_series_holds_its_first_figure_before_and_its_last_after():
    series = EXAMPLESHIRE.yearly.refused_share
    values = [RULES.in_year(series, year) for year in (1990, 2011, 2014, 2015, 2019, 2050)]
    assert values == [0.388, 0.388, 0.388, 0.388, 0.217, 0.217]
    assert RULES.in_year(series, 2018) == 0.298


def test_the_yearly_factor_scales_requests_for_plans_only():
    before, after = (RULES.hazards(year)[0][8][Record.SEN_SUPPORT][Severity.COMPLEX].rates for year in (2012, 2019))
    request = KIND_INDEX[EventKind.EHC_REQUEST]
    assert after[request] / before[request] == pytest.approx(1.1 / 0.8)
    assert after[:request] + after[request + 1 :] == before[:request] + before[request + 1 :]
    assert RULES.hazards(2012) is RULES.hazards(2013)


def test_groups_with_equal_hazards_share_one_row():
    table = RULES.hazards(2018)
    assert table[0][1][Record.NONE][Severity.MODERATE] is table[0][5][Record.NONE][Severity.MODERATE]


def test_destinations_lie_from_the_least_to_the_most_intensive_whatever_the_order_of_the_file():
    backwards = EXAMPLESHIRE.model_copy(update={"routes": dict(reversed(EXAMPLESHIRE.routes.items()))})
    for rules in (RULES, Rules(backwards)):
        choice = rules.choice(Decision.SUSPENSION, 8, Record.NONE, Severity.MODERATE, "northmarsh")
        assert choice.destinations == (
            "return",
            "managed_move",
            "alternative_provision",
            "tuition",
            "permanent_exclusion",
        )
        assert choice.thresholds == pytest.approx((0.7602, 0.8202, 0.9952, 0.9992, 1.0))


def test_every_destination_a_decision_allows_has_a_place_on_the_scale():
    assert {str(name) for allowed in DESTINATIONS.values() for name in allowed} <= set(DESTINATION_ORDER)


@pytest.mark.parametrize(("uniform", "where"), [(0.0, "a"), (0.4999, "a"), (0.5, "b"), (1 - 2**-53, "b")])
def test_a_uniform_falls_on_one_destination(uniform, where):
    assert Choice(("a", "b"), (0.5, 1.0)).pick(uniform) == where


def test_a_destination_of_weight_zero_is_never_picked():
    rules = Rules(
        with_changes(EXAMPLESHIRE, {"routes/onset_emerging": 0, "routes/onset_moderate": 1, "routes/onset_complex": 0})
    )
    choice = rules.choice(Decision.ONSET_SEVERITY, 3, Record.NONE, Severity.NONE, "northmarsh")
    assert {choice.pick(uniform) for uniform in (0.0, 0.5, 1 - 2**-53)} == {"moderate"}


def test_a_group_that_no_row_covers_has_no_choice():
    assert RULES.choice(Decision.AP_FULL, 3, Record.NONE, Severity.MODERATE, "northmarsh") is None


def test_stays_come_in_school_days_or_calendar_weeks():
    stays = Rules(with_changes(EXAMPLESHIRE, {"durations/*/law": "fixed", "durations/*/cv": 0})).stays
    assert (stays["sixth_day"].draw(0.9), stays["sixth_day"].unit) == (5.0, "school days")
    assert (stays["annual_review"].draw(0.1), stays["annual_review"].unit) == (190.0, "school days")
    assert (stays["ehc_due"].draw(0.1), stays["ehc_due"].unit) == (20.0, "calendar weeks")


def test_effects_hold_for_their_severity_and_are_exactly_one_for_others():
    effects = {effect.name: effect for effect in RULES.effects[ProvisionKind.DISTRICT_TEAM]}
    assert effects["team_worsen_emerging"].factors == (1.0, 0.88, 1.0, 1.0)
    assert effects["team_not_returning"].kind == NOT_RETURNING
    assert [effect.name for effect in RULES.effects[ProvisionKind.TEACHING]] == [
        "teaching_breakdown",
        "teaching_suspension",
        "teaching_worsen",
    ]


def test_effects_hold_for_their_year_groups_and_are_exactly_one_for_others():
    changed = Rules(with_changes(EXAMPLESHIRE, {"effects/team_not_returning/first_year_group": "Y7"}))
    effect = next(e for e in changed.effects[ProvisionKind.DISTRICT_TEAM] if e.name == "team_not_returning")
    assert [effect.factor(Severity.MODERATE, year_group) for year_group in (0, 6, 7, 11)] == [1.0, 1.0, 0.8, 0.8]


@pytest.mark.parametrize(
    ("cases", "crisis", "early"), [("any", True, True), ("crisis", True, False), ("early", False, True)]
)
def test_effects_come_with_the_cases_of_support_that_they_are_for(cases, crisis, early):
    effect = replace(RULES.effects[ProvisionKind.DISTRICT_TEAM][0], cases=cases)
    assert effect.comes_with(Support(None, 0.0, True)) is crisis
    assert effect.comes_with(Support(None, 0.0, False)) is early

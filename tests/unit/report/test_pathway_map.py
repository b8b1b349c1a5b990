"""The map follows the data: a way is there if and only if some row leads along it."""

import pytest

from sim.parameters.schema import Parameters
from sim.report.pathway_map import OUTSIDE, edges_of, in_words, nodes_of
from sim.vocabulary import Decision, EventKind, ProvisionKind, Route

KIND = ProvisionKind


def ways(parameters: Parameters) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(edge.source, edge.target): edge.labels for edge in edges_of(parameters)}


def without(parameters: Parameters, table: str, drop) -> Parameters:
    rows = {name: row for name, row in getattr(parameters, table).items() if not drop(row)}
    return parameters.model_copy(update={table: rows})


def test_a_crisis_may_lead_to_alternative_provision(exampleshire):
    assert "after a suspension" in ways(exampleshire)[KIND.MAINSTREAM, KIND.ALTERNATIVE_PROVISION]


def test_without_breakdowns_no_special_school_leads_to_tuition(exampleshire):
    edited = without(exampleshire, "rates", lambda row: row.event is EventKind.BREAKDOWN)
    assert (KIND.SPECIAL, KIND.TUITION_WITH_PLAN) in ways(exampleshire)
    assert (KIND.SPECIAL, KIND.TUITION_WITH_PLAN) not in ways(edited)


def test_a_weight_of_zero_takes_the_way_away(exampleshire):
    routes = {
        name: row.model_copy(update={"value": 0.0}) if row.destination == Route.MANAGED_MOVE else row
        for name, row in exampleshire.routes.items()
    }
    edited = exampleshire.model_copy(update={"routes": routes})
    assert (KIND.MAINSTREAM, KIND.MANAGED_MOVE) in ways(exampleshire)
    assert (KIND.MAINSTREAM, KIND.MANAGED_MOVE) not in ways(edited)


def test_without_suspensions_nobody_is_excluded_or_educated_from_the_sixth_day_on(exampleshire):
    edited = without(exampleshire, "routes", lambda row: row.destination == Route.PERMANENT_EXCLUSION)
    found = ways(edited)
    assert (KIND.MAINSTREAM, KIND.NO_EDUCATION) not in found
    assert (KIND.NO_EDUCATION, KIND.ALTERNATIVE_PROVISION) not in found


def test_a_special_school_that_has_no_place_in_time_leads_to_an_independent_one(exampleshire):
    assert "no special place in time" in ways(exampleshire)[KIND.MAINSTREAM, KIND.INDEPENDENT]
    edited = without(exampleshire, "routes", lambda row: row.destination == KIND.SPECIAL)
    assert "no special place in time" not in ways(edited)[KIND.MAINSTREAM, KIND.INDEPENDENT]


def test_only_pupils_with_a_plan_come_from_a_special_school_to_tuition(exampleshire):
    assert (KIND.SPECIAL, KIND.TUITION_WITHOUT_PLAN) not in ways(exampleshire)


def test_no_way_leads_from_a_node_to_itself_or_to_a_kind_the_county_does_not_have(exampleshire):
    nodes = set(nodes_of(exampleshire))
    for edge in edges_of(exampleshire):
        assert edge.source != edge.target
        assert {edge.source, edge.target} <= nodes
        assert edge.labels


def test_a_kind_without_provisions_is_not_on_the_map(exampleshire):
    edited = without(exampleshire, "provisions", lambda row: row.kind is KIND.RESPITE)
    assert KIND.RESPITE in nodes_of(exampleshire)
    assert KIND.RESPITE not in nodes_of(edited)
    assert all(edge.target != KIND.RESPITE for edge in edges_of(edited))


def test_the_text_holds_every_way(exampleshire):
    said = in_words(exampleshire)
    assert said.count("\n  to ") == len(edges_of(exampleshire))
    assert f"  to {OUTSIDE}: leaves the county" in said


@pytest.mark.parametrize("decision", [Decision.FAIR_ACCESS, Decision.PHASE_TRANSFER, Decision.ANNUAL_REVIEW])
def test_every_decision_of_the_tables_appears_on_the_map(exampleshire, decision):
    label = {"fair_access": "Fair Access"}.get(decision, decision.replace("_", " "))
    assert any(label in labels for labels in ways(exampleshire).values())

"""Figures that change on a 1 September of the run: how they are set, checked, and read on a date."""

from datetime import date

import pytest

from sim.parameters.changes import with_changes
from sim.parameters.fingerprint import fingerprint
from sim.parameters.parting import parting_date
from sim.parameters.schema import Later, Parameters

SHARE = "quantities/team/protected_share"
HOURS = "quantities/team/slot_hours"
FIRST, SECOND = date(2019, 9, 1), date(2021, 9, 1)


def test_a_later_figure_holds_from_its_day_and_not_before(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {}, later={FIRST: {SHARE: 0.3}})
    shares = [changed.on(day).quantities.team.protected_share.value for day in (date(2019, 8, 31), FIRST, SECOND)]
    assert shares == [0, 0.3, 0.3]


def test_what_is_said_later_comes_on_top_of_what_was_said_before(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {HOURS: 2}, later={FIRST: {SHARE: 0.3}, SECOND: {HOURS: 2.5}})
    assert changed.quantities.team.slot_hours.value == 2
    assert changed.on(FIRST).quantities.team.slot_hours.value == 2
    in_force = changed.on(SECOND).quantities.team
    assert (in_force.protected_share.value, in_force.slot_hours.value) == (0.3, 2.5)


def test_a_change_throughout_reaches_what_holds_later_too(exampleshire: Parameters) -> None:
    once = with_changes(exampleshire, {}, later={FIRST: {SHARE: 0.3}})
    twice = with_changes(once, {HOURS: 2})
    assert twice == with_changes(exampleshire, {HOURS: 2}, later={FIRST: {SHARE: 0.3}})


def test_later_changes_count_in_the_fingerprint(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {}, later={FIRST: {SHARE: 0.3}})
    assert fingerprint(changed) != fingerprint(exampleshire)
    assert changed.quantities == exampleshire.quantities


@pytest.mark.parametrize(
    ("day", "path", "value", "said"),
    [
        (date(2019, 10, 1), SHARE, 0.3, "1 September"),
        (FIRST, "schools/abbot_primary/pupils", 3, "quantities, durations, rates, routes, effects, tariffs"),
        (FIRST, SHARE, 1.3, "0 to 1 share"),
        (FIRST, "quantities/team/protected_shar", 0.3, "did you mean protected_share?"),
        (FIRST, "routes/fair_access_primary_keep", 0.9, "a sum of 1"),
    ],
)
def test_a_wrong_later_change_is_refused_with_its_reason(exampleshire, refusal, day, path, value, said) -> None:
    assert said in refusal(lambda: with_changes(exampleshire, {}, later={day: {path: value}}))


def test_a_row_that_is_wrong_only_later_is_told_as_that_row(exampleshire: Parameters, refusal) -> None:
    message = refusal(lambda: with_changes(exampleshire, {}, later={FIRST: {SHARE: 1.3}}))
    assert f"key changes/{SHARE}" in message


def test_scenarios_part_when_what_holds_later_begins(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {}, later={SECOND: {SHARE: 0.3}})
    assert parting_date(exampleshire, changed) == SECOND
    other = with_changes(exampleshire, {}, later={FIRST: {HOURS: 2}, SECOND: {SHARE: 0.3}})
    assert parting_date(changed, other) == FIRST


def test_scenarios_part_in_the_academic_year_in_which_a_series_differs(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {"yearly/signed_share/2020/21": 0.5})
    assert parting_date(exampleshire, changed) == date(2020, 9, 1)
    assert parting_date(exampleshire, with_changes(exampleshire, {"yearly/signed_share/2011/12": 0.5})) == date.min


def test_a_tier_may_be_of_any_kind_until_it_opens(exampleshire: Parameters) -> None:
    tier = "provisions/base_northmarsh_teaching"
    closed = with_changes(exampleshire, {f"{tier}/record": "plan"})
    assert parting_date(exampleshire, closed) == date.max
    opened = with_changes(
        exampleshire, {f"{tier}/record": "plan", f"{tier}/places/2021-01-10": {"commissioned": 8, "usable": 8}}
    )
    assert parting_date(exampleshire, opened) == date(2021, 1, 10)
    special = with_changes(exampleshire, {"provisions/marsh_house/primary_sexes": "any"})
    assert parting_date(exampleshire, special) is None


def test_provisions_in_another_order_part_from_the_start_because_their_numbers_do(exampleshire: Parameters) -> None:
    backwards = exampleshire.model_copy(update={"provisions": dict(reversed(exampleshire.provisions.items()))})
    assert backwards.provisions == exampleshire.provisions
    assert parting_date(exampleshire, backwards) is None


def test_later_parts_that_are_those_of_before_part_nothing(exampleshire: Parameters) -> None:
    again = Later(**{name: getattr(exampleshire, name) for name in Later.model_fields})
    assert parting_date(exampleshire, exampleshire.model_copy(update={"later": {FIRST: again}})) == date.max

"""What changed for whom, on pupils few enough to count by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.analysis.changed_for_whom import (
    AVOIDED,
    BEFORE,
    CHANGED,
    GAINED,
    NET,
    NOT_SIGNED,
    SIGNED,
    changed_for_whom,
    flows,
)
from tests.unit.analysis.made_money import made_money, pupil

BASELINE = [
    pupil(1, special_school=5),
    pupil(2, tuition_with_plan=3),
    pupil(3, district="west"),
    pupil(1, 1, special_school=5),
    pupil(2, 1),
    pupil(3, 1, "west", permanent_exclusions=1),
]
SCENARIO = [
    pupil(1, signed=True),
    pupil(2, tuition_without_plan=9),
    pupil(3, district="west", independent_special=1),
    pupil(1, 1, signed=True, special_school=2),
    pupil(2, 1, special_school=2),
    pupil(3, 1, "west"),
]
LIVES = {"baseline": BASELINE, "open": SCENARIO}


def counts(found: pd.DataFrame, spell: str, grouping: str = "all", group: str = "all") -> dict[str, float]:
    mine = found[(found["spell"] == spell) & (found["grouping"] == grouping) & (found["group"] == group)]
    return dict(zip(mine["quantity"], mine["value"], strict=True))


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return changed_for_whom(made_money(pupils=LIVES), "open")


def test_pupils_avoid_and_gain_spells_within_a_replication(found: pd.DataFrame) -> None:
    assert counts(found, "special_school") == {BEFORE: 1.0, AVOIDED: 0.5, GAINED: 0.5, NET: 0.0}
    assert counts(found, "independent_special") == {BEFORE: 0.0, AVOIDED: 0.0, GAINED: 0.5, NET: 0.5}
    assert counts(found, "excluded") == {BEFORE: 0.5, AVOIDED: 0.5, GAINED: 0.0, NET: -0.5}


def test_another_stream_of_tuition_is_still_tuition(found: pd.DataFrame) -> None:
    assert counts(found, "tuition") == {BEFORE: 0.5, AVOIDED: 0.0, GAINED: 0.0, NET: 0.0}


def test_any_spell_is_avoided_only_if_none_is_left(found: pd.DataFrame) -> None:
    assert counts(found, "any") == {BEFORE: 2.0, AVOIDED: 1.0, GAINED: 1.0, NET: 0.0, CHANGED: 2.5}


def test_a_life_has_changed_if_days_in_a_placement_differ_by_a_school_day() -> None:
    longer = [pupil(1, special_school=6), pupil(2, tuition_with_plan=3.5), *BASELINE[2:]]
    found = changed_for_whom(made_money(pupils={"baseline": BASELINE, "open": longer}), "open")
    assert counts(found, "any") == {BEFORE: 2.0, AVOIDED: 0.0, GAINED: 0.0, NET: 0.0, CHANGED: 0.5}


def test_groups_add_up_and_the_sign_up_is_that_under_the_scenario(found: pd.DataFrame) -> None:
    assert counts(found, "excluded", "district", "west")[AVOIDED] == 0.5
    assert counts(found, "excluded", "district", "east")[AVOIDED] == 0.0
    assert counts(found, "special_school", "school_signed", SIGNED)[AVOIDED] == 0.5
    assert counts(found, "special_school", "school_signed", NOT_SIGNED)[GAINED] == 0.5
    assert counts(found, "any", "year_group", "Y7") == counts(found, "any")


def test_the_interval_is_over_replications_and_few_pupils_have_no_share(found: pd.DataFrame) -> None:
    row = found[(found["spell"] == "special_school") & (found["grouping"] == "all")].set_index("quantity").loc[AVOIDED]
    assert (row["low"], row["high"]) == (pytest.approx(0.5 - 12.706 / 2, rel=1e-3), pytest.approx(6.853, rel=1e-3))
    assert row["few"]
    assert found["share"].isna().all()


def test_enough_pupils_have_a_share_of_those_in_the_baseline() -> None:
    many = [pupil(number, special_school=1) for number in range(40)]
    fewer = [pupil(number, special_school=float(number >= 10)) for number in range(40)]
    found = changed_for_whom(made_money({}, 1, pupils={"baseline": many, "open": fewer}), "open")
    row = found[(found["spell"] == "special_school") & (found["grouping"] == "all")].set_index("quantity").loc[AVOIDED]
    assert (row["value"], row["share"], row["few"]) == (10, 0.25, False)


def test_a_scenario_that_changes_nobodys_life_avoids_and_gains_nothing() -> None:
    found = changed_for_whom(made_money(pupils={"baseline": BASELINE, "open": BASELINE}), "open")
    assert set(found.loc[found["quantity"] != BEFORE, "value"]) == {0.0}


def test_a_pupil_who_is_in_one_life_only_has_no_spells_in_the_other() -> None:
    found = changed_for_whom(made_money(pupils={"baseline": BASELINE, "open": SCENARIO[1:]}), "open")
    assert counts(found, "special_school")[AVOIDED] == 0.5


def test_flows_tell_the_furthest_placement_of_both_lives_and_hold_every_pupil() -> None:
    found = flows(made_money(pupils=LIVES), "open")
    pairs = {(row["before"], row["after"]): row["value"] for row in found.to_dict("records")}
    assert pairs == {
        ("special_school", "mainstream"): 0.5,
        ("special_school", "special_school"): 0.5,
        ("tuition", "tuition"): 0.5,
        ("mainstream", "independent_special"): 0.5,
        ("mainstream", "special_school"): 0.5,
        ("mainstream", "mainstream"): 0.5,
    }


def test_replications_of_one_draw_are_put_together_before_the_interval() -> None:
    drawn = made_money(pupils=LIVES, uncertainty="parameters", replications_per_draw=2, draws=1)
    found = flows(drawn, "open")
    assert set(found["replications"]) == {1}
    assert found["low"].isna().all()


def test_results_without_pupils_say_so() -> None:
    with pytest.raises(ValueError, match="nothing is kept"):
        changed_for_whom(made_money(), "open")

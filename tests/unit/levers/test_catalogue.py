"""Levers as scenarios ask for them: what cannot be meant is refused in words, with what is allowed and the fix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sim.levers.catalogue import designs, in_use, levers, produced, read_lever
from sim.levers.designs import Design
from sim.levers.spec import Choice, LeverSpec, Setting, Use
from sim.parameters.changes import with_changes
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from tests.unit.levers.test_acts import setting

BASES, TIME = "open_primary_bases", "protect_preventive_time"


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("protect_time", {}, ["no lever protect_time", "did you mean protect_preventive_time?"]),
        ("mine", {"lever": "fund_basis"}, ["key levers/mine", "no lever fund_basis"]),
        (
            TIME,
            {"start": date(1999, 9, 1)},
            ["levers/protect_preventive_time/start", "1999-09-01", "the years of the run"],
        ),
        (TIME, {"start": date(2050, 9, 1)}, ["2050-09-01", "correct the date"]),
        (TIME, {"start": date(2019, 11, 4)}, ["2019-11-04", "1 September of a year", "use 2019-09-01 or 2020-09-01"]),
        (TIME, {"end": date(2021, 1, 5)}, ["levers/protect_preventive_time/end", "use 2021-09-01 or 2022-09-01"]),
        (TIME, {"end": date(2019, 9, 1)}, ["end 2019-09-01 is not after start 2019-09-01"]),
        (TIME, {"strength": 21}, ["levers/protect_preventive_time/strength", "21"]),
        (TIME, {"number": 1}, ["which works in the whole county", "districts or number for", BASES]),
        (TIME, {"districts": ["southfield"]}, ["districts for protect_preventive_time", "remove it"]),
        (TIME, {"share": 1.5}, ["levers/protect_preventive_time/share", "1.5", "a number from 0 to 1 share"]),
        (TIME, {"share": True}, ["True", "a number from 0 to 1 share"]),
        (TIME, {"share": "half"}, ["'half'", "a number from 0 to 1 share"]),
        (TIME, {"shore": 0.5}, ["no such setting", "did you mean share?"]),
        (BASES, {"districts": ["southfeild"]}, ["no district southfeild", "did you mean southfield?"]),
        (BASES, {"number": 3}, ["levers/open_primary_bases/number", "0 to 2, the districts there are"]),
        (BASES, {"number": 1, "districts": ["southfield"]}, ["give districts or number, not both"]),
        (BASES, {"design": "full_center"}, ["'full_center'", "outreach_only", "did you mean full_centre?"]),
    ],
)
def test_a_lever_that_cannot_be_used_so_is_refused_with_the_place_what_is_allowed_and_the_fix(
    exampleshire: Parameters, name: str, asked: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        in_use(exampleshire, name, asked, "policy.yaml")
    message = str(refused.value)
    assert "policy.yaml" in message
    for words in said:
        assert words in message


def test_everything_wrong_with_the_settings_of_a_lever_is_told_at_once(exampleshire: Parameters) -> None:
    with pytest.raises(ConfigurationError, match="3 problems") as refused:
        in_use(exampleshire, BASES, {"design": "tent", "grant_years": -1, "colour": 3}, "policy.yaml")
    for words in ("'tent'", "-1", "key levers/open_primary_bases/colour"):
        assert words in str(refused.value)


def test_bases_may_open_on_any_day_and_a_leap_day_is_kept_within_the_month_in_later_years(
    exampleshire: Parameters,
) -> None:
    asked = {"start": date(2020, 2, 29), "end": date(2024, 2, 29)}
    for years, start, end in ((0, date(2020, 2, 29), date(2024, 2, 29)), (1, date(2021, 2, 28), date(2025, 2, 28))):
        use = in_use(exampleshire, BASES, asked, "policy.yaml", years).use
        assert (use.start, use.end) == (start, end)


def test_a_lever_that_comes_later_without_an_end_has_none(exampleshire: Parameters) -> None:
    use = in_use(exampleshire, TIME, {}, "policy.yaml", delay_years=2).use
    assert (use.start, use.end) == (date(2021, 9, 1), None)


def test_what_a_scenario_chooses_has_no_range(exampleshire: Parameters) -> None:
    chosen = in_use(exampleshire, TIME, {"share": 1}, "policy.yaml").settings["share"]
    assert (chosen.value, chosen.low, chosen.high, chosen.distribution) == (1.0, 1.0, 1.0, "fixed")
    assert levers()[TIME].settings["share"].value != 1.0


@pytest.mark.parametrize("asked", [{"number": 0}, {"districts": []}, {"strength": 0}])
@pytest.mark.parametrize("name", [BASES, "run_centres_of_expertise"])
def test_a_lever_in_no_district_changes_nothing(exampleshire: Parameters, name: str, asked: dict[str, Any]) -> None:
    diff = produced(exampleshire, {name: asked}, "policy.yaml")
    assert (diff.changes, diff.later) == ({}, {})


def test_bases_that_would_close_before_they_open_change_nothing(exampleshire: Parameters) -> None:
    asked = {"start": date(2019, 9, 1), "end": date(2019, 12, 1), "lead_months": 12}
    assert produced(exampleshire, {BASES: asked}, "policy.yaml").changes == {}


def test_a_tier_with_places_of_its_own_cannot_be_opened_to_other_pupils(exampleshire: Parameters) -> None:
    tier = "provisions/base_southfield_assessment"
    open_to = {f"{tier}/places/2015-09-01": {"commissioned": 4, "usable": 4}, f"{tier}/record": "plan"}
    county = with_changes(exampleshire, open_to)
    with pytest.raises(ConfigurationError, match="base_southfield_assessment has places already, for record plan"):
        produced(county, {BASES: {"design": "assessment_centre"}}, "policy.yaml")


def test_a_lever_for_a_kind_that_no_district_reached_has_is_refused(exampleshire: Parameters) -> None:
    others = {name: spec for name, spec in exampleshire.provisions.items() if spec.kind != "centre_of_expertise"}
    county = exampleshire.model_copy(update={"provisions": others})
    with pytest.raises(ConfigurationError, match="no centre_of_expertise in northmarsh, southfield"):
        produced(county, {"run_centres_of_expertise": {}}, "policy.yaml")


def test_a_lever_file_is_refused_with_every_key_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "my_lever.yaml"
    file.write_text("label: Mine\nquestions: [Q1]\nacts: [{path: x, op: halve, setting: share}]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="2 problems") as refused:
        read_lever(file)
    message = str(refused.value)
    assert f"{file}, key description" in message
    assert "key acts/0/op" in message
    assert "'halve'" in message
    assert "grow_with_secondary_pupils" in message


# -- the shape of levers and designs -----------------------------------------------------------------------------------

WORDS = {"label": "A lever", "questions": ["Q1"], "description": "What it does."}
SHARE = setting(0.5, most=1.0)


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [
        (
            Setting,
            SHARE | {"value": 2.0},
            "least <= low <= value <= high <= most is needed; found least -1, low 0.5, value 2",
        ),
        (Setting, SHARE | {"unit": "GBP per year"}, "a setting in GBP needs price_base, such as 2019-20"),
        (Setting, SHARE | {"low": 0.0, "distribution": "lognormal"}, "a lognormal setting is above 0"),
        (Choice, {"label": "Which", "default": "c", "options": ["a", "b"]}, "default 'c' is not among a, b"),
        (
            LeverSpec,
            {**WORDS, "settings": {"share": SHARE}, "lead": "months"},
            "setting 'months' is used but not defined; defined are share",
        ),
        (
            LeverSpec,
            {
                **WORDS,
                "settings": {"share": SHARE},
                "acts": [{"path": "x", "op": "set", "setting": "share", "times": "by"}],
            },
            "setting 'by' is used but not defined",
        ),
        (
            LeverSpec,
            {
                **WORDS,
                "settings": {"share": SHARE},
                "acts": [{"path": "x", "op": "set", "setting": "share", "when": {"mode": "on"}}],
            },
            "when: mode 'on' is not an option of this lever",
        ),
        (
            Use,
            {"lever": "a", "start": date(2019, 9, 1), "districts": [], "number": 0},
            "give districts or number, not both",
        ),
    ],
)
def test_a_lever_that_contradicts_itself_is_refused(model: type[Any], data: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        model.model_validate(data)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tiers": {"special_school": {}}}, "special_school is not a tier of a base; allowed are base_outreach"),
        ({"referrals": {"complex": {"district_team": 0.5}}}, "referrals of complex sum to 0.5; they must sum to 1"),
        (
            {"referrals": {"complex": {"base_teaching": 1.0}}},
            "referrals of complex name base_teaching, which the design has not",
        ),
    ],
)
def test_a_design_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    data = designs()["outreach_only"].model_dump(mode="json")
    tier = next(iter(data["tiers"].values()))
    changes = {key: {name: part or tier for name, part in value.items()} for key, value in changes.items()}
    with pytest.raises(ValueError, match=said):
        Design.model_validate(data | changes)

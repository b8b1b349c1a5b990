"""Every lever: at strength nought it is not there, its direct effect has the right sign, and its extremes run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analysis.comparison import over_study
from sim.levers.catalogue import levers
from sim.measures import facts_of, measure
from sim.model import simulate
from sim.parameters.changes import with_changes
from sim.parameters.parting import parting_date
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.scenarios import baseline
from tests.worlds import EXAMPLESHIRE

SEED, REPLICATIONS = 20190517, 2
START = EXAMPLESHIRE.horizon.study_start
ROLL, FLOW = "mean_roll", "flow"

DIRECT: dict[str, tuple[dict[str, Any], str, str, int]] = {
    "adopt_standards": ({"share": 1, "effect_strength": 2}, "ap_referrals_after_crisis", "all", -1),
    "agree_fee_framework": ({"price": 0.8}, "spend", "independent_fees", -1),
    "assess_ap_pupils": ({}, "ehc_requests", "all", 1),
    "challenge_ap_referrals": ({}, "ap_referrals_planned", "all", -1),
    "change_baip_funding": ({"mode": "ended"}, ROLL, "alternative_provision", -1),
    "devolve_tuition_funding": ({}, ROLL, "tuition_with_plan", -1),
    "fund_ap_places": ({"size": 2}, ROLL, "alternative_provision", 1),
    "fund_casework": ({"size": 1.5}, "plans_on_time_share", "all", 1),
    "fund_district_team": ({"size": 2}, "team_preventive_cases", "all", 1),
    "fund_special_places": ({}, ROLL, "special_school", 1),
    "fund_training_bursary": ({"effect_strength": 6}, "suspensions", "all", -1),
    "issue_graduated_response": ({"effect_strength": 3}, "ehc_requests", "all", -1),
    "limit_tuition": ({}, "tuition_packages", "all", -1),
    "open_primary_bases": ({}, ROLL, "base_outreach", 1),
    "place_in_county_first": ({}, ROLL, "independent_out_of_county", -1),
    "protect_preventive_time": ({"share": 0.7}, "team_preventive_share", "all", 1),
    "refer_earlier": ({}, "support_referrals", "all", 1),
    "reintegrate_from_ap": ({}, FLOW, "alternative_provision>mainstream", 1),
    "reserve_district_teachers": ({}, ROLL, "tuition_without_plan", -1),
    "reserve_special_places": ({"share": 0.6}, FLOW, "mainstream>special_school", -1),
    "run_centres_of_expertise": ({}, "tuition_packages", "all", -1),
    "set_ehc_gate": ({"change": 0.3}, "plans_issued", "all", -1),
    "support_return_to_mainstream": ({"special": 20}, FLOW, "special_school>mainstream", 1),
}
"""Lever -> settings that make its mechanism plain, the measure it acts on first, and whether that rises or falls."""

LEVERS = sorted(levers())


def pulled(name: str, asked: Mapping[str, Any]) -> Parameters:
    return baseline(EXAMPLESHIRE).with_(levers={name: dict(asked)}).parameters


def measured(parameters: Parameters, replications: int = REPLICATIONS) -> pd.DataFrame:
    """Return measures of the study years, each the mean of its years, over a few replications."""
    parts = [
        measure(facts_of(simulate(parameters, SEED, number).tables(), parameters)).assign(
            scenario="one", replication=number
        )
        for number in range(replications)
    ]
    return over_study(pd.concat(parts, ignore_index=True), START, "mean")


def level(found: pd.DataFrame, name: str, provision: str) -> float:
    rows = found[(found["measure"] == name) & (found["provision"] == provision) & found["phase"].isin(["all", ""])]
    return float(rows["value"].mean())


@lru_cache(maxsize=1)
def unchanged() -> pd.DataFrame:
    return measured(EXAMPLESHIRE)


def test_each_lever_has_a_direct_effect_that_is_tested() -> None:
    assert sorted(DIRECT) == LEVERS


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_at_strength_nought_is_not_there(name: str) -> None:
    assert pulled(name, {"strength": 0}) == EXAMPLESHIRE


@pytest.mark.parametrize("name", LEVERS)
def test_nothing_changes_before_a_lever_starts(name: str) -> None:
    parts = parting_date(EXAMPLESHIRE, pulled(name, DIRECT[name][0]))
    assert (parts or START.min) >= START


@pytest.mark.parametrize("name", LEVERS)
def test_what_a_lever_acts_on_first_moves_the_right_way(name: str) -> None:
    settings, acted_on, provision, sign = DIRECT[name]
    before = level(unchanged(), acted_on, provision)
    after = level(measured(pulled(name, settings)), acted_on, provision)
    assert sign * (after - before) > 0, f"{acted_on} {provision}: {before:.3f} to {after:.3f}"


@pytest.mark.slow
@pytest.mark.parametrize("end", ["least", "most"])
@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_at_its_extremes_runs_or_is_refused(name: str, end: str) -> None:
    extremes = {key: getattr(setting, end) for key, setting in levers()[name].settings.items()}
    try:
        parameters = pulled(name, extremes)
    except ConfigurationError as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert "allowed:" in told
        return
    found = measure(facts_of(simulate(parameters, SEED).tables(), parameters))
    rolls = found[found["measure"] == ROLL]["value"]
    spend = found[found["measure"] == "spend_total"]["value"]
    assert (rolls >= 0).all()
    assert np.isfinite(spend).all()
    assert rolls.max() < 1.5 * unchanged().query("measure == @ROLL")["value"].max()


SHORT_OF_STAFF = {
    "effects/team_worsen_*": 0.05,
    "effects/team_not_returning": 1.0,
    "provisions/team_*/places/2011-09-01": {"commissioned": 24, "usable": 24},
    "quantities/crisis/referred_to_team_primary": 1,
    "quantities/crisis/referred_to_team_secondary": 1,
}
"""Teams that crises fill, early work that helps much and help after a crisis that comes too late: the loop, plain."""


def test_crises_crowd_out_early_work_and_protected_time_brings_it_back() -> None:
    referrals = {name: rate.value for name, rate in EXAMPLESHIRE.rates.items() if rate.event == "support_referral"}
    often = {f"rates/{name}": 3 * value for name, value in referrals.items()}
    county, over = with_changes(EXAMPLESHIRE, SHORT_OF_STAFF | often), 3
    cut = baseline(county).with_(levers={"fund_district_team": {"size": 0.25}}).parameters
    kept = baseline(county).with_(levers={"protect_preventive_time": {"share": 0.7}}).parameters
    found = {name: measured(made, over) for name, made in (("now", county), ("cut", cut), ("kept", kept))}
    share = {name: level(rows, "team_preventive_share", "all") for name, rows in found.items()}
    crises = {name: level(rows, "suspensions", "all") for name, rows in found.items()}
    assert share["cut"] < share["now"] < share["kept"]
    assert crises["cut"] > crises["now"] > crises["kept"]

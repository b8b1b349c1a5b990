"""What `import sim` gives: load, change, simulate, run, compare."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.parameters.load import find_county
from sim.results import Results
from sim.store import FACTS
from sim.uncertainty import draw_from_ranges

SCENARIO = "primary_bases_2019"


@pytest.fixture(scope="module")
def county() -> sim.Scenario:
    return sim.county("exampleshire")


@pytest.fixture(scope="module")
def told(county: sim.Scenario) -> dict[str, pd.DataFrame]:
    return sim.simulate(county, seed=3)


def test_a_county_is_its_baseline_by_name_or_by_path(county: sim.Scenario) -> None:
    assert county.name == "baseline"
    assert sim.county(Path(find_county("exampleshire"))).parameters == county.parameters


def test_what_is_not_named_is_the_default() -> None:
    assert sim.county().parameters.county.name == "cambridgeshire"
    assert sim.scenario(on="exampleshire").name == SCENARIO


def test_schools_are_told_by_name_and_when_they_signed(county: sim.Scenario) -> None:
    signing = sim.simulate(county.with_({"yearly/signed_share/2019/20": 1}), seed=3)
    schools = set(county.parameters.schools)
    assert set(signing["enrolments"]["school"].dropna()) == schools == set(signing["sign_ups"]["school"])
    assert set(signing["sign_ups"]["at_date"]) == {pd.Timestamp(2019, 9, 1)}
    assert signing["sign_ups"]["signed"].dtype == signing["sign_ups"]["trained"].dtype == bool


def test_an_unknown_county_is_refused_with_those_there_are() -> None:
    with pytest.raises(sim.ConfigurationError, match="did you mean exampleshire"):
        sim.county("exampelshire")


def test_a_scenario_can_be_put_on_top_of_another(county: sim.Scenario) -> None:
    protected = {"quantities/team/protected_share": 0.3}
    under = county.with_(protected, name="protected")
    both = sim.scenario(SCENARIO, under)
    assert both.name == SCENARIO
    assert both.parameters.quantities.team.protected_share.value == 0.3
    assert set(both.changes) == set(protected) | set(sim.scenario(SCENARIO, county).changes)
    assert county.parameters.quantities.team.protected_share.value == 0


def test_a_scenario_on_top_of_another_is_drawn_like_both(county: sim.Scenario) -> None:
    under = county.with_({"rates/recur": 0.1}, levers={"protect_preventive_time": {}}, name="protected")
    both = sim.scenario(SCENARIO, under)
    assert list(both.levers) == ["protect_preventive_time", *sim.scenario(SCENARIO, county).levers]
    assert both.on(county.parameters).parameters == both.parameters
    spec = county.uncertainty
    assert spec is not None
    draw = draw_from_ranges(spec, 5, 1)
    alone, together = (one.under(draw, spec).parameters for one in (under, both))
    assert together.rates == alone.rates
    assert together.quantities == alone.quantities
    by_itself = sim.scenario(SCENARIO, sim.Scenario("alone", county.parameters))
    assert by_itself.on(county.parameters).parameters == by_itself.parameters


def test_recorded_tables_come_in_words_with_dates(told: dict[str, pd.DataFrame], county: sim.Scenario) -> None:
    assert set(told) == {"measures", "pupils", "stays", *FACTS}
    spells = told["spells"]
    assert set(spells["provision"].unique()) <= set(county.parameters.provisions)
    assert set(spells["record"].unique()) == {"none", "sen_support", "plan"}
    assert spells["ended"].dtype == bool
    assert {"suspension", "plan_issued"} <= set(told["events"]["happening"])
    assert spells["start_date"].min() >= pd.Timestamp(2011, 9, 1)
    assert spells["end_date"].max() == pd.Timestamp(2024, 9, 1)
    assert (spells["start_date"] <= spells["end_date"]).all()


def test_tables_of_one_run_fit_together(told: dict[str, pd.DataFrame]) -> None:
    pupils, spells = told["pupils"], told["spells"]
    assert set(pupils["pupil"]) <= set(spells["pupil"])
    own = told["supports"]["pupil"].dropna()
    assert set(own) <= set(spells["pupil"])
    assert told["supports"]["pupil"].isna().any(), "cases of other needs are nobody's"


def test_the_same_seed_and_replication_give_the_same_tables(
    told: dict[str, pd.DataFrame], county: sim.Scenario
) -> None:
    again, other = sim.simulate(county, seed=3), sim.simulate(county, seed=3, replication=1)
    for name, table in told.items():
        pd.testing.assert_frame_equal(table, again[name])
    assert not told["spells"].equals(other["spells"])


def test_one_run_is_the_replication_of_that_number_in_a_study(
    told: dict[str, pd.DataFrame], county: sim.Scenario
) -> None:
    results = sim.run(county, replications=1, seed=3, workers=1)
    np.testing.assert_array_equal(results.measures["value"], told["measures"]["value"])


def test_compare_writes_a_folder_that_can_be_read_again(county: sim.Scenario, tmp_path: Path) -> None:
    calls: list[int] = []
    found = sim.compare(
        county,
        sim.scenario(SCENARIO, county),
        replications=2,
        seed=3,
        workers=1,
        output=tmp_path / "results",
        progress=lambda standing: calls.append(standing.done),
    )
    assert sorted(calls) == [1, 2, 3, 4]
    assert found.scenarios == ("baseline", SCENARIO)
    assert (tmp_path / "results" / "differences.csv").is_file()
    read = Results.load(tmp_path / "results")
    pd.testing.assert_frame_equal(read.differences(), found.differences())


def test_one_scenario_cannot_be_compared(county: sim.Scenario) -> None:
    with pytest.raises(ValueError, match="two or more scenarios; found only 'baseline'"):
        sim.compare(county)


def test_pupils_of_an_opening_roll_count_but_are_not_told_of(county: sim.Scenario, tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    rows = ["provision,year_group,record,severity", *["mainstream,Y2,sen_support,moderate"] * 500]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = sim.simulate(county, seed=3, opening_roll=file)
    first_year = told["measures"].query("measure == 'mean_roll' and period == '2019/20'")
    everybody = first_year.query("provision == 'all' and phase == 'all'")["value"].iloc[0]
    days = told["spells"].query("start < 190").assign(end=lambda spells: spells["end"].clip(upper=190))
    assert everybody > (days["end"] - days["start"]).sum() / 190 + 400

"""What a Python session is told when it asks for what cannot be, and what a data set and whole stays hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.report.dataset import ANY_KIND, DATASET
from tests.outcomes import only_baseline


def test_a_name_in_place_of_a_scenario_is_refused_with_how_a_scenario_is_made() -> None:
    for call in (lambda: sim.compare("exampleshire", "bases"), lambda: sim.run("exampleshire")):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"sim\.county\(NAME\).*found 'exampleshire'"):
            call()


def test_two_scenarios_of_one_name_are_refused_with_how_to_rename_one() -> None:
    county = sim.county("exampleshire")
    with pytest.raises(ValueError, match=r"different names.*with_\(name='...'\)"):
        sim.compare(county, county, replications=1)


def test_a_folder_without_results_is_refused_with_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a folder that compare, ask or study run wrote"):
        sim.load(tmp_path)


@pytest.mark.slow
def test_facts_that_were_not_kept_are_asked_for_by_name(found: sim.Outcome) -> None:
    bare = found.with_(fact_tables={})
    for name in ("spells", "stays", "events"):
        with pytest.raises(ValueError, match="keep_facts=1"):
            getattr(bare, name)


@pytest.mark.slow
def test_the_baseline_alone_has_nothing_to_be_set_against(found: sim.Outcome) -> None:
    bare = only_baseline(found)
    for ask in (bare.plot.change, bare.changed_for_whom):
        with pytest.raises(ValueError, match="compare two or more"):
            ask()
    assert list(bare.differences().columns) == list(found.differences().columns)
    assert bare.differences().empty


@pytest.mark.slow
def test_a_data_set_has_the_columns_that_the_dictionary_tells_of(found: sim.Outcome, tmp_path: Path) -> None:
    for shape in (found, only_baseline(found)):
        folder = shape.to_dataset(tmp_path / str(len(shape.scenarios)))
        written = {file.stem: list(pd.read_parquet(file).columns) for file in folder.glob("*.parquet")}
        assert set(written) == set(DATASET)
        for name, columns in written.items():
            of_kinds = [ANY_KIND if column.startswith(ANY_KIND[:-1]) else column for column in columns]
            assert tuple(dict.fromkeys(of_kinds)) == DATASET[name], name
        said = pd.read_csv(folder / "columns.csv")
        assert (said["meaning"] != said["column"].str.replace("_", " ")).all()
        assert not list(folder.glob("*.part"))


@pytest.mark.slow
def test_whole_stays_join_what_spells_cut_and_know_the_year_group(found: sim.Outcome) -> None:
    stays, spells = found.stays, found.spells
    lives = ["scenario", "replication", "pupil"]
    assert len(stays) < len(spells)
    assert stays["school_days"].sum() == pytest.approx((spells["end"] - spells["start"]).sum())
    ordered = stays.sort_values([*lives, "start"]).reset_index(drop=True)
    after = ordered.groupby(lives).shift(-1)
    assert not ((ordered["provision"] == after["provision"]) & (ordered["end"] == after["start"])).any()
    first = ordered.groupby(lives).first().reset_index()
    assert (first["year_group"] == first["pupil"].str.split("-").str[1]).all()


def test_scenarios_of_two_counties_are_not_compared() -> None:
    here, there = sim.county("exampleshire"), sim.scenario("primary_bases_2019", sim.county("cambridgeshire"))
    with pytest.raises(ValueError, match="found those of exampleshire and cambridgeshire; give the county to each"):
        sim.compare(here, there, replications=1)


def test_dates_of_later_changes_may_be_text() -> None:
    county = sim.county("exampleshire")
    changes = {"quantities/team/protected_share": 0.3}
    as_text, as_date = (
        county.with_(later={day: changes}, name="x").parameters for day in ("2022-09-01", date(2022, 9, 1))
    )
    assert as_text == as_date != county.parameters
    with pytest.raises(ValueError, match="dates such as 2022-09-01; found soon"):
        county.with_(later={"soon": changes})

"""Runs that start from an opening roll: the same placements, the same processes, and nothing written about pupils."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from sim import replicate as replicate_module
from sim.cli import app
from sim.engine.journal import Tables
from sim.measures import facts_of, measure, pupil_table, without_roll
from sim.model import simulate
from sim.parameters.changes import with_changes
from sim.parameters.load import find_county
from sim.parameters.load_roll import load_opening_roll, read_opening_roll
from sim.parameters.opening_roll import MOST_ROWS, OpeningRoll, OpeningRow, starting_at_study
from sim.parameters.schema import Parameters
from sim.results import Results, run_id
from sim.scenarios import baseline, load_scenario
from sim.store import Store, unit_key
from sim.study import Study
from sim.vocabulary import Happening, ProvisionKind, Record, Severity

EXAMPLE = find_county("exampleshire") / "opening_roll_example.csv"
MANY = 10_000


@pytest.fixture(scope="module")
def opened(exampleshire: Parameters) -> Parameters:
    return with_changes(starting_at_study(exampleshire), {"horizon/last_academic_year": "2021/22"})


@pytest.fixture(scope="module")
def rows(exampleshire: Parameters) -> tuple[OpeningRow, ...]:
    return load_opening_roll(EXAMPLE, exampleshire)


@pytest.fixture(scope="module")
def tables(opened: Parameters, rows: tuple[OpeningRow, ...]) -> Tables:
    return simulate(opened, 5, 0, rows).tables()


def unlimited(parameters: Parameters) -> Parameters:
    """Return parameters in which no pupil is in another's way."""
    placed = [name for name, spec in parameters.provisions.items() if spec.places]
    changes: dict[str, object] = {
        f"provisions/{name}/places/2019-09-01": {"commissioned": MANY, "usable": MANY} for name in placed
    }
    bought = [name for name, spec in parameters.provisions.items() if spec.devolved_budget]
    budgets = {f"provisions/{name}/devolved_budget/2011-09-01/value": 1e9 for name in bought}
    budgets |= {f"provisions/{name}/devolved_budget/2011-09-01/high": 1e9 for name in bought}
    years = parameters.yearly.casework_capacity
    casework = {f"yearly/casework_capacity/{year}": 1e9 for year in years}
    return with_changes(parameters, changes | budgets | casework)


def of_roll(tables: Tables) -> NDArray[np.generic]:
    """Return the identities of the pupils of the roll, in order of their rows."""
    pupils = tables["pupils"]
    from_roll = pupils["number"] >= MOST_ROWS
    return pupils["pupil"][from_roll][np.argsort(pupils["number"][from_roll])]


def first_spells(tables: Tables) -> pd.DataFrame:
    spells = pd.DataFrame(tables["spells"]).sort_values(["pupil", "start"])
    return spells.drop_duplicates("pupil").set_index("pupil")


def test_the_run_starts_with_exactly_those_placements(
    tables: Tables, opened: Parameters, rows: tuple[OpeningRow, ...]
) -> None:
    names, pupils = list(opened.provisions), of_roll(tables)
    assert len(pupils) == len(rows)
    started = first_spells(tables).loc[pupils]
    assert [names[code] for code in started["provision"]] == [row.provision for row in rows]
    assert started["record"].tolist() == [row.record for row in rows]
    others = np.setdiff1d(tables["pupils"]["pupil"], pupils)
    assert (first_spells(tables).loc[others, "start"] >= 0).all()


def test_who_they_are_is_what_the_roll_says(tables: Tables, opened: Parameters, rows: tuple[OpeningRow, ...]) -> None:
    pupils = pd.DataFrame(tables["pupils"]).set_index("pupil").loc[of_roll(tables)]
    assert (2019 - pupils["cohort"]).tolist() == [row.year_group for row in rows]
    for male, district, row in zip(pupils["male"], pupils["district"], rows, strict=True):
        assert row.sex is None or male == (row.sex == "male")
        assert row.district is None or opened.districts[district] == row.district


def test_a_sex_that_is_not_given_is_one_that_the_provision_admits(opened: Parameters) -> None:
    boys = OpeningRow(provision="marsh_house", year_group=3, record=Record.PLAN, severity=Severity.COMPLEX)
    pupils = simulate(opened, 5, 0, [boys] * 40).tables()["pupils"]
    assert pupils["male"][pupils["number"] >= MOST_ROWS].all()


def test_the_day_placed_dates_the_stay_and_a_day_not_known_is_no_entry(
    tables: Tables, opened: Parameters, rows: tuple[OpeningRow, ...]
) -> None:
    starts = first_spells(tables).loc[of_roll(tables), "start"]
    for start, row in zip(starts, rows, strict=True):
        assert start == -1.0 if row.placed is None else start < 0
    years = [row.placed is not None and str(row.placed) == "2018-09-03" for row in rows]
    assert set(starts[years]) == {-float(opened.calendar().days_per_year)}
    found = measure(facts_of(tables, opened))
    first = found[(found["measure"] == "entries") & (found["period"] == "2019/20") & (found["phase"] == "all")]
    special = first.set_index("provision").loc["special_school", "value"]
    arrivals = pd.DataFrame(tables["spells"]).query("0 <= start < 190")
    kinds = [spec.kind for spec in opened.provisions.values()]
    assert special == sum(kinds[code] is ProvisionKind.SPECIAL for code in arrivals["provision"])


def test_plans_are_reviewed_through_the_year_and_each_year(
    tables: Tables, rows: tuple[OpeningRow, ...], opened: Parameters
) -> None:
    events, days = pd.DataFrame(tables["events"]), opened.calendar().days_per_year
    reviewed = events[events["happening"] == list(Happening).index(Happening.ANNUAL_REVIEW)]
    with_plan = [p for p, row in zip(of_roll(tables), rows, strict=True) if row.record is Record.PLAN]
    left = pd.DataFrame(tables["pupils"]).set_index("pupil")["left"]
    stayed = [pupil for pupil in with_plan if left[pupil] >= days]
    first = reviewed.groupby("pupil")["at"].min().reindex(stayed)
    assert first.notna().all()
    assert (first < days).all()
    assert first.quantile(0.75) - first.quantile(0.25) > days / 5
    assert reviewed.groupby("pupil").size().reindex([p for p in stayed if left[p] >= 2 * days]).min() >= 1


def test_pupils_in_tuition_with_a_plan_look_for_a_place(opened: Parameters) -> None:
    tutored = OpeningRow(provision="tuition_with_plan", year_group=8, record=Record.PLAN, severity=Severity.COMPLEX)
    tables = simulate(opened, 5, 0, [tutored] * 30).tables()
    named = [list(Happening).index(one) for one in (Happening.SPECIAL_NAMED, Happening.INDEPENDENT_NAMED)]
    seekers = tables["events"]["pupil"][np.isin(tables["events"]["happening"], named)]
    assert len(np.intersect1d(seekers, of_roll(tables))) > 5


def test_those_without_education_are_tutored_and_those_taught_by_the_team_hold_a_slot(
    tables: Tables, opened: Parameters, rows: tuple[OpeningRow, ...]
) -> None:
    kinds, pupils = [spec.kind for spec in opened.provisions.values()], of_roll(tables)
    placed = {kind: [] for kind in ProvisionKind}
    for pupil, row in zip(pupils, rows, strict=True):
        placed[opened.provisions[row.provision].kind].append(pupil)
    spells = pd.DataFrame(tables["spells"]).sort_values("start")
    for pupil in placed[ProvisionKind.NO_EDUCATION]:
        assert ProvisionKind.TUITION_WITHOUT_PLAN in [kinds[p] for p in spells[spells["pupil"] == pupil]["provision"]]
    supports = pd.DataFrame(tables["supports"])
    for pupil in placed[ProvisionKind.DISTRICT_TEACHING]:
        held = supports[(supports["pupil"] == pupil) & (supports["start"] == 0)]
        assert [kinds[code] for code in held["provision"]] == [ProvisionKind.DISTRICT_TEAM]


def lives(tables: Tables) -> Mapping[int, list[tuple[float, ...]]]:
    """Return the spells of each pupil."""
    found: dict[int, list[tuple[float, ...]]] = {}
    for row in pd.DataFrame(tables["spells"]).itertuples(index=False):
        found.setdefault(row.pupil, []).append(tuple(row))
    return found


def test_one_more_row_changes_nobody_else_where_places_are_unlimited(
    opened: Parameters, rows: tuple[OpeningRow, ...]
) -> None:
    parameters = unlimited(opened)
    one_more = OpeningRow(provision="marsh_house", year_group=7, record=Record.PLAN, severity=Severity.COMPLEX)
    before = lives(simulate(parameters, 5, 0, rows).tables())
    after = lives(simulate(parameters, 5, 0, [*rows, one_more]).tables())
    assert len(after) == len(before) + 1
    assert {pupil: after[pupil] for pupil in before} == before


def test_more_pupils_than_places_stay_and_nobody_is_admitted(opened: Parameters) -> None:
    row = OpeningRow(provision="southfield_beacon", year_group=7, record=Record.PLAN, severity=Severity.COMPLEX)
    tables = simulate(opened, 5, 0, [row] * 12).tables()
    code = list(opened.provisions).index("southfield_beacon")
    first_year = pd.DataFrame(tables["spells"]).query(f"provision == {code} and start >= 0 and start < 190")
    of_the_roll = set(of_roll(tables).tolist())
    assert set(first_year["pupil"]) <= of_the_roll


def test_measures_begin_with_the_run_and_rows_of_the_roll_are_left_out(tables: Tables, opened: Parameters) -> None:
    facts = facts_of(tables, opened)
    periods = set(measure(facts)["period"])
    assert {"2019/20", "2021/22", "Jan 2020", "2020-21"} <= periods
    assert "2018/19" not in periods
    kept = without_roll(tables)
    assert not set(of_roll(tables)) & set(kept["pupils"]["pupil"])
    for name in ("spells", "supports", "waits", "events"):
        assert not set(of_roll(tables)) & set(kept[name]["pupil"])
    assert kept["places"] is tables["places"]
    assert (pupil_table(facts)["number"] < MOST_ROWS).all()


def test_a_placement_is_found_by_date_also_for_stays_that_began_before_the_run(
    tables: Tables, opened: Parameters
) -> None:
    facts = facts_of(tables, opened)
    spells = facts.tables["spells"]
    middle = (np.maximum(spells["start"], 0.0) + spells["end"]) / 2
    assert (facts.placement_at(spells["pupil"], middle) == np.arange(len(middle))).all()


def test_without_a_day_before_the_run_a_balance_carried_over_is_not_known(tables: Tables, opened: Parameters) -> None:
    found = measure(facts_of(tables, opened))
    assert found.loc[found["measure"] == "balance_cumulative", "value"].isna().all()
    assert found.loc[found["measure"] == "balance_in_year", "value"].notna().all()


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A roll of 150 pupils with dates and a file name by which its contents can be found again."""
    file = tmp_path_factory.mktemp("secret") / "very_private.csv"
    pupil = "mainstream,Y{},sen_support,moderate,female,northmarsh,2019-05-{:02d}"
    lines = [pupil.format(i % 11 + 1, i % 28 + 1) for i in range(150)]
    header = "provision,year_group,record,severity,sex,district,placed"
    file.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def written(exampleshire: Parameters, marked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    short = with_changes(exampleshire, {"horizon/last_academic_year": "2020/21"})
    scenarios = (baseline(short), load_scenario("primary_bases_2019", short))
    study = Study("opened", scenarios, seed=5, replications=1, opening_roll=read_opening_roll(marked, short))
    folder = tmp_path_factory.mktemp("results")
    return folder, study.run(folder, workers=1)


def test_run_json_holds_the_hash_and_no_more(
    written: tuple[Path, Results], marked: Path, exampleshire: Parameters
) -> None:
    folder, results = written
    said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert said["opening_roll"] == read_opening_roll(marked, exampleshire).sha256
    assert said["horizon"]["first_academic_year"] == "2019/20"
    assert said["run"] == run_id(results.provenance) != run_id({**said, "opening_roll": ""})


def test_the_contents_of_the_file_are_nowhere_in_the_results(written: tuple[Path, Results], marked: Path) -> None:
    folder, results = written
    lines = marked.read_text(encoding="utf-8").split()
    for file in (path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        assert marked.stem.encode() not in content, file
        assert not any(line.encode() in content for line in lines[1:]), file
    for file in folder.rglob("*.parquet"):
        table = pd.read_parquet(file)
        if "number" in table:
            assert (table["number"] < MOST_ROWS).all(), file
        if "pupil" in table and "start" in table:
            assert (table["start"] >= 0).all(), file
            assert (table["pupil"] % (1 << 16) < MOST_ROWS).where(table["pupil"] >= 0, True).all(), file
    assert len(results.recorded("spells", "baseline"))


def test_another_roll_is_another_run(written: tuple[Path, Results]) -> None:
    assert len(Store(written[0]).finished()) == 2
    assert len({unit_key("p", 1, 0, roll).name for roll in ("", "a", "b")}) == 3


def test_a_stopped_study_goes_on_and_other_rows_are_run_again(
    exampleshire: Parameters, rows: tuple[OpeningRow, ...], tmp_path: Path
) -> None:
    short = with_changes(exampleshire, {"horizon/last_academic_year": "2019/20"})
    study = Study("opened", (baseline(short),), seed=5, replications=1, opening_roll=OpeningRoll(rows, "aa"))
    study.run(tmp_path, workers=1)
    units = Store(tmp_path)
    study.run(tmp_path, workers=1)
    assert len(units.finished()) == 1
    study.with_(opening_roll=OpeningRoll(rows[:5], "bb")).run(tmp_path, workers=1)
    assert len(units.finished()) == 2
    assert not list(tmp_path.glob("parameters/*"))


@pytest.mark.skipif(not replicate_module.CAN_FORK, reason="only platforms that can fork share a start")
def test_scenarios_that_part_later_share_their_start_from_the_roll(
    exampleshire: Parameters, rows: tuple[OpeningRow, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = baseline(with_changes(exampleshire, {"horizon/last_academic_year": "2020/21"}))
    more = short.with_({"provisions/marsh_house/places/2020-01-13": {"commissioned": 30, "usable": 30}}, name="more")
    study = Study("opened", (short, more), seed=5, replications=1, opening_roll=OpeningRoll(rows, "aa"))
    shared = study.run(workers=1)
    monkeypatch.setattr(replicate_module, "CAN_FORK", False)
    pd.testing.assert_frame_equal(shared.measures, study.run(workers=1).measures, check_exact=True)


def test_scenarios_with_different_opening_days_are_refused(
    exampleshire: Parameters, rows: tuple[OpeningRow, ...]
) -> None:
    later = baseline(exampleshire).with_({"horizon/study_start": "2020-09-01"}, name="later")
    study = Study("two", (baseline(exampleshire), later), seed=1, replications=1, opening_roll=OpeningRoll(rows, "aa"))
    with pytest.raises(ValueError, match="one opening day"):
        study.opened()


def test_the_command_line_takes_a_roll_and_warns_in_numbers_only(tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    lines = ["provision,year_group,record,severity", *["southfield_beacon,Y9,plan,complex"] * 9]
    file.write_text("\n".join(lines), encoding="utf-8")
    chosen = ["--county", "exampleshire", "--replications", "1", "--workers", "1", "--opening-roll", str(file)]
    done = CliRunner().invoke(app, ["run", *chosen, "--quiet", "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert done.stderr == "Warning: 1 provision(s) hold more pupils of the opening roll than usable places.\n"
    assert "The runs start from an opening roll" in done.stdout
    dry = CliRunner().invoke(app, ["compare", *chosen, "--dry-run", "--output", str(tmp_path / "out")])
    assert "1 finished, 1 to do" in dry.stdout


def test_trace_tells_nothing_about_a_pupil_of_the_roll() -> None:
    chosen = ["--county", "exampleshire", "--seed", "5", "--opening-roll", str(EXAMPLE)]
    picked = CliRunner().invoke(app, ["trace", *chosen])
    assert picked.exit_code == 0, picked.output
    refused = CliRunner().invoke(app, ["trace", f"2017-Y2-{MOST_ROWS}", *chosen])
    assert refused.exit_code == 2
    assert "there is no pupil" in refused.stderr

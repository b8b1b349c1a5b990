"""Studies with uncertain parameters: draws shared by scenarios, replications nested in them, and what is kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.parameters.changes import with_changes
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import find_county
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.schema import Parameters
from sim.results import Results, run_id
from sim.scenarios import baseline
from sim.store import Store
from sim.store_care import contents
from sim.study import Study, run_study, units_of, work_of
from sim.uncertainty import Draw, Draws, drawn

PANELS = "run_centres_of_expertise"
DRAWS, PER_DRAW = 2, 2


@pytest.fixture(scope="module")
def small(exampleshire: Parameters) -> Parameters:
    """Return the fictional county for three academic years."""
    years = {"horizon/first_academic_year": "2016/17", "horizon/baseline_academic_year": "2017/18"}
    later = {"horizon/study_start": "2018-09-01", "horizon/last_academic_year": "2018/19"}
    return with_changes(exampleshire, {**years, **later})


@pytest.fixture(scope="module")
def draws(small: Parameters) -> Draws:
    return Draws(load_uncertainty(find_county("exampleshire"), small), seed=7, per_draw=PER_DRAW)


@pytest.fixture(scope="module")
def study(small: Parameters, draws: Draws) -> Study:
    panels = baseline(small).with_(levers={PANELS: {"agenda": 9}}, name="panels")
    return Study("drawn", (baseline(small), panels), seed=7, replications=DRAWS * PER_DRAW, draws=draws)


@pytest.fixture(scope="module")
def finished(study: Study, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("drawn")
    return folder, run_study(study, folder, workers=1)


def test_replications_of_a_draw_share_its_parameters_and_all_scenarios_its_county(
    study: Study, small: Parameters, draws: Draws
) -> None:
    found = {
        (unit.scenario, unit.replication): study.cases.of(unit.scenario, unit.replication) for unit in units_of(study)
    }
    for replication in range(DRAWS * PER_DRAW):
        number = replication // PER_DRAW
        county = drawn(small, draws.draw(number), draws.spec)
        case = found["baseline", replication]
        assert (case.draw, case.fingerprint) == (number, fingerprint(county))
        other = study.cases.parameters(found["panels", replication])
        assert other.rates == county.rates
        panel = other.on(date(2018, 9, 1)).quantities.panel.allocates
        assert county.quantities.panel.allocates.value != panel.value  # set by the lever, and drawn as its own
    assert len({case.fingerprint for case in found.values()}) == 2 * DRAWS


def test_each_replication_has_luck_of_its_own(finished: tuple[Path, Results]) -> None:
    pupils = finished[1].pupils("baseline")
    lives = [rows.drop(columns="replication").to_csv(index=False) for _, rows in pupils.groupby("replication")]
    assert len(set(lives)) == len(lives) == DRAWS * PER_DRAW


@pytest.mark.slow
def test_no_answer_depends_on_the_number_of_workers(study: Study, finished: tuple[Path, Results]) -> None:
    again = run_study(study, workers=2)
    pd.testing.assert_frame_equal(again.measures, finished[1].measures, check_exact=True)
    pd.testing.assert_frame_equal(again.draws, finished[1].draws, check_exact=True)


def test_what_was_drawn_is_said_and_kept(study: Study, draws: Draws, finished: tuple[Path, Results]) -> None:
    folder, results = finished
    said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (said["uncertainty"], said["draws"], said["replications_per_draw"]) == ("parameters", DRAWS, PER_DRAW)
    assert said["replications"] == DRAWS * PER_DRAW
    held = study.with_(draws=None)
    assert [one["parameters"] for one in said["scenarios"]] == list(held.hashes.values())
    loaded = Results.load(folder)
    pd.testing.assert_frame_equal(loaded.draws, results.draws)
    table = loaded.draws.set_index(["draw", "name"])
    assert set(loaded.draws["draw"]) == set(range(DRAWS))
    assert not table.index.has_duplicates
    draw = draws.draw(1)
    assert table.loc[(1, "factors/onset_primary"), "value"] == draw.factors["onset_primary"]
    assert table.loc[(1, "rates/recur"), "quantile"] == draw.uniform("rates/recur")
    assert table.loc[(1, f"levers/{PANELS}/allocates"), "quantile"] == draw.uniform(f"levers/{PANELS}/allocates")
    assert f"levers/{PANELS}/agenda" not in set(loaded.draws["name"])  # the scenario states it


def test_a_run_with_other_draws_has_another_name(study: Study, draws: Draws, finished: tuple[Path, Results]) -> None:
    said = finished[1].provenance
    names = {run_id(said), run_id({**said, "drawn_from": "other"})}
    names.add(run_id({key: value for key, value in said.items() if key != "drawn_from"}))
    assert len(names) == 3
    members = (Draw(0, 7, {"onset_primary": 1.1}),)
    others = (Draws(draws.spec, 8, PER_DRAW), Draws(draws.spec, 7, 3), Draws(draws.spec, 7, PER_DRAW, members))
    assert len({one.fingerprint for one in (draws, *others)}) == 4


def test_more_replications_keep_those_that_are_finished(study: Study, finished: tuple[Path, Results]) -> None:
    store = Store(finished[0])
    more = work_of(study.with_(replications=DRAWS * PER_DRAW + 1), store, to_run=False)
    assert [unit.replication for unit in more.missing()] == [DRAWS * PER_DRAW] * 2
    assert work_of(study, store, to_run=False).missing() == []


def test_draws_of_a_scenario_are_one_group_of_the_store(finished: tuple[Path, Results], study: Study) -> None:
    groups = contents(Store(finished[0]))
    assert [group.scenario for group in groups] == ["baseline", "panels"]
    assert [group.parameters for group in groups] == list(study.hashes.values())
    assert all(group.replications == tuple(range(DRAWS * PER_DRAW)) for group in groups)


def test_a_mean_and_its_interval_come_from_the_means_of_the_draws(finished: tuple[Path, Results]) -> None:
    results = finished[1]
    for found, scenarios in (
        (results.means("baseline"), ("baseline",)),
        (results.differences(), ("panels", "baseline")),
    ):
        row = found[(found["measure"] == "suspensions") & (found["district"] == "all")].iloc[0]
        keys = {key: row[key] for key in ("measure", "period", "provision", "phase", "district")}
        values = [_values(results, name, keys) for name in scenarios]
        by_draw = (values[0] - (values[1] if len(values) > 1 else 0)).reshape(DRAWS, PER_DRAW).mean(axis=1)
        half = stats.t(DRAWS - 1).ppf(0.975) * stats.sem(by_draw)
        centre = row["mean"] if "mean" in row else row["difference"]
        assert centre == pytest.approx(by_draw.mean())
        assert row["high"] - row["low"] == pytest.approx(2 * half)
        assert row["replications"] == DRAWS


def _values(results: Results, scenario: str, keys: dict[str, str]) -> np.ndarray:
    rows = results.measures[results.measures["scenario"] == scenario]
    for key, value in keys.items():
        rows = rows[rows[key] == value]
    return rows.sort_values("replication")["value"].to_numpy()


def test_results_with_nothing_drawn_are_their_own_draws(study: Study) -> None:
    held = run_study(study.with_(draws=None, replications=2), workers=1)
    assert held.of_draws() is held
    assert held.draws.empty
    assert held.provenance["uncertainty"] == "none"
    assert not held.are_drawn

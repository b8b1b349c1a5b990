"""What a notebook meets: levers as functions, paths that complete, outcomes, event logs, measures of one's own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import sim
from sim.analysis.changed_for_whom import changed_for_whom
from sim.parameters.load import list_counties
from sim.report.notebook_bar import NotebookBar, bar_html
from sim.work import Standing


def test_every_county_that_comes_along_is_a_function(county: sim.Scenario) -> None:
    assert set(list_counties()) <= set(dir(sim))
    assert getattr(sim, county.parameters.county.name)().parameters == county.parameters


def test_a_levers_arguments_are_its_settings(county: sim.Scenario) -> None:
    pull = sim.levers.fund_training_bursary
    assert list(inspect.signature(pull).parameters)[:2] == ["budget", "cost_per_school"]
    assert "GBP per year" in (pull.__doc__ or "")
    by_object = county.with_(pull(budget=100_000), name="trained")
    by_words = county.with_(levers={"fund_training_bursary": {"budget": 100_000}}, name="trained")
    assert by_object.parameters == by_words.parameters


def test_a_wrong_setting_is_refused_at_once_as_at_the_command_line() -> None:
    with pytest.raises(sim.ConfigurationError, match="did you mean budget"):
        sim.levers.fund_training_bursary(budgt=1)
    with pytest.raises(AttributeError, match="did you mean fund_training_bursary"):
        sim.levers.fund_trainin_bursary  # noqa: B018 - the asking is what fails


def test_a_lever_used_twice_needs_two_names(county: sim.Scenario) -> None:
    pull = sim.levers.fund_district_team
    with pytest.raises(ValueError, match=r"named\('...'\)"):
        county.with_(pull(), pull())
    both = county.with_(pull(), pull().named("again"))
    assert set(both.levers) == {"fund_district_team", "again"}


def test_a_lever_of_ones_own_from_a_mapping_does_what_it_states(county: sim.Scenario) -> None:
    said = {
        "label": "Hurry",
        "questions": ["Q1"],
        "description": "Made up.",
        "settings": {
            "share": {
                "label": "Share",
                "value": 0.3,
                "low": 0.3,
                "high": 0.3,
                "distribution": "fixed",
                "unit": "share",
                "least": 0,
                "most": 1,
                "role": "dose",
                "grade": "judgement",
                "source": "mine",
                "year": "2020",
            }
        },
        "acts": [{"path": "quantities/team/protected_share", "op": "set", "setting": "share"}],
        "sources": {"mine": {"title": "Made up", "publisher": "nobody", "url": ""}},
    }
    hurry = sim.lever(said, name="hurry")
    day = county.parameters.horizon.study_start
    assert county.with_(hurry()).parameters.on(day).quantities.team.protected_share.value == 0.3
    assert county.with_(hurry(share=0.5)).parameters.on(day).quantities.team.protected_share.value == 0.5
    with pytest.raises(sim.ConfigurationError, match="a number from 0 to 1"):
        hurry(share=2)
    with pytest.raises(sim.ConfigurationError, match="lever broken"):
        sim.lever({"label": "x"}, name="broken")


def test_paths_complete_and_stand_for_their_text(county: sim.Scenario) -> None:
    path = county.paths.rates.recur
    assert str(path) == "rates/recur"
    assert "recur" in dir(county.paths.rates)
    assert county.with_({path: 0.1}).parameters.rates["recur"].value == 0.1
    assert county.with_({county.paths.yearly.signed_share["2011/12"]: 0}, name="x").name == "x"
    with pytest.raises(AttributeError, match="did you mean recur"):
        county.paths.rates.recurr  # noqa: B018 - the asking is what fails


def test_a_scenario_shows_what_it_changes_and_no_markup_of_its_title(county: sim.Scenario) -> None:
    shown = county.with_({"rates/recur": 0.1}, name="less", title="<script>")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert all(text in shown for text in ("rates/recur", "0.08 per school year", "0.1"))


def test_a_changed_scenario_does_not_keep_words_that_no_longer_fit(county: sim.Scenario) -> None:
    assert county.with_({"rates/recur": 0.1}, name="less").title == ""
    assert county.with_(name="again").title == county.title


@pytest.mark.slow
def test_results_show_each_change_with_its_interval_in_words(found: sim.Outcome) -> None:
    shown = found._repr_html_()
    assert "Train the staff of schools, compared with the baseline" in shown
    assert "95% interval of the mean difference" in shown
    assert found.provenance["run"] in shown


@pytest.mark.slow
def test_recorded_facts_are_those_of_the_run_in_words(found: sim.Outcome) -> None:
    assert set(found.spells["replication"]) == {0, 1}
    assert (found.spells["start_date"] <= found.spells["end_date"]).all()
    assert set(found.spells["pupil"]) >= set(found.pupils("baseline").query("replication == 0")["pupil"])


@pytest.mark.slow
def test_an_event_log_is_read_by_other_tools_with_cases_in_order_of_time(found: sim.Outcome, tmp_path: Path) -> None:
    folder = found.to_dataset(tmp_path / "data")
    query = f"select \"case\", activity, timestamp from '{folder / 'event_log.parquet'}'"
    log = duckdb.sql(query).df()
    assert len(log) == len(found.event_log()) > 0
    assert log.groupby("case")["timestamp"].is_monotonic_increasing.all()
    assert log.notna().all(axis=None)
    assert {"start of mainstream", "onset"} <= set(log["activity"])
    described = pd.read_csv(folder / "columns.csv")
    assert set(described["table"]) == {file.stem for file in folder.glob("*.parquet")}
    assert set(found.event_log(xes=True).columns) >= {"case:concept:name", "concept:name", "time:timestamp"}


@pytest.mark.slow
def test_a_dataset_can_be_written_as_csv_and_nothing_else(found: sim.Outcome, tmp_path: Path) -> None:
    log = pd.read_csv(found.to_dataset(tmp_path, form="csv") / "event_log.csv", parse_dates=["timestamp"])
    pd.testing.assert_series_equal(log["activity"], found.event_log()["activity"], check_dtype=False)
    with pytest.raises(ValueError, match="'parquet' or 'csv'"):
        found.to_dataset(tmp_path, form="xlsx")


@pytest.mark.slow
def test_a_measure_of_ones_own_joins_the_differences(found: sim.Outcome) -> None:
    def suspended(tables: Mapping[str, pd.DataFrame]) -> float:
        return float((tables["events"]["happening"] == "suspension").sum())

    own = sim.measure_of("suspensions_ever", suspended)
    row = found.with_measures(own).differences().query("measure == 'suspensions_ever'").iloc[0]
    counted = found.events.query("happening == 'suspension'").groupby(["scenario"], observed=False).size() / 2
    assert row["replications"] == 2
    assert row["baseline_mean"] == counted["baseline"]
    assert row["scenario_mean"] == counted["trained"]


@pytest.mark.slow
def test_for_whom_it_changes_adds_up(found: sim.Outcome) -> None:
    table = found.changed_for_whom()
    pd.testing.assert_frame_equal(table, changed_for_whom(found, "trained"))
    mine = table[(table["spell"] == "any") & table["quantity"].isin(["in_baseline", "changed"])]
    whole = mine[mine["grouping"] == "all"].set_index("quantity")["value"]
    for grouping in ("year_group", "male", "district", "school_signed"):
        part = mine[mine["grouping"] == grouping].groupby("quantity")["value"].sum()
        assert part.to_dict() == pytest.approx(whole.to_dict())
    assert whole["changed"] > 0


@pytest.mark.slow
def test_flows_are_the_moves_between_kinds(found: sim.Outcome) -> None:
    flows = found.flows().query("scenario == 'baseline' and phase == 'all'")
    measured = found.measures.query("scenario == 'baseline' and measure == 'flow' and phase == 'all'")["value"].sum()
    assert flows["mean"].sum() * 3 == pytest.approx(measured)
    assert not flows["source"].eq(flows["target"]).any()


@pytest.mark.slow
def test_what_was_saved_is_loaded_with_the_same_words(found: sim.Outcome, tmp_path: Path) -> None:
    again = sim.load(found.save(tmp_path / "results"))
    pd.testing.assert_frame_equal(again.spells, found.spells)
    pd.testing.assert_frame_equal(again.event_log(), found.event_log())


def test_a_notebook_bar_moves_in_place_and_ends_in_a_line() -> None:
    shown: list[str] = []

    class Display:
        HTML = staticmethod(str)

        def display(self, text: str, display_id: bool) -> Display:
            shown.append(text)
            return self

        def update(self, text: str) -> None:
            shown.append(text)

    bar = NotebookBar(Display())
    for done in (1, 2):
        bar.tell(Standing(done, 2, "baseline"))
    assert "<progress" in shown[0]
    assert shown[-1].startswith("<div>2 runs in")
    assert "1 failed" in bar_html(Standing(1, 2, "baseline", failed=1), 1.0)

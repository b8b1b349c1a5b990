"""Printed payback and waterfalls: every figure with its interval, on terminals with few signs too."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from sim.analysis.waterfall import waterfall
from sim.report import tables
from sim.report.payback_table import print_paybacks, scenario_titles, waterfall_table
from sim.results import CAVEATS, Results
from tests.unit.analysis.made_results import changed, level, results_of

SAID = {"caveats": list(CAVEATS), "county": {"label": "Madeshire"}, "seed": 3, "code": "c0de"}


def made(replications: int = 2) -> Results:
    base = level(replications, fees=5e6)
    saved = {("fees", "2020-21"): [-4e5, -5e5], ("fees", "2021-22"): [-1e6, -1.2e6]}
    start = {("start_up", "2019-20"): [3e5, 3e5], ("bases", "2020-21"): [6e4, 6e4]}
    cut = {key: values[:replications] for key, values in {**saved, **start}.items()}
    open_bases = changed(base, cut)
    team = changed(base, {("bases", "2019-20"): [1e5] * replications})
    scenarios = {"baseline": base, "open": open_bases, "team": team, "both": open_bases}
    results = results_of(scenarios, replications=replications, **SAID)
    records = [{**one, "parameters": one["name"]} for one in results.provenance["scenarios"]]
    return results.with_(provenance={**results.provenance, "scenarios": records})


def printed(show: Callable[[Console], None], encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    show(tables.console(file))
    file.flush()
    return raw.getvalue().decode(encoding)


def row(text: str, label: str) -> list[str]:
    lines = text.replace("|", " ").splitlines()
    return next(line for line in lines if line.strip().startswith(label)).split()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1"])
def test_net_cost_payback_and_worth_are_printed_with_their_intervals(encoding: str) -> None:
    said = printed(lambda out: print_paybacks(out, made()), encoding)
    assert "Title of open, compared with the baseline" in said
    cells = row(said, "2020-21")
    assert cells[1] == "-390"
    assert "-90" in cells
    assert cells[-4:] == ["100%", "16%", "to", "100%"]
    assert "Paid back for good within the horizon in 2 of 2 replications; half or more by 2020-21." in said
    whole = " ".join(said.split())
    assert "£ thousand in prices of 2018-19, discounted to 2019-20: +" in whole
    assert "(95% interval of the mean, 2 replications)" in whole
    for caveat in CAVEATS:
        assert caveat in whole


def test_every_column_fits_a_log_file() -> None:
    said = printed(lambda out: print_paybacks(out, made()))
    assert said.count("of the share") == 3
    assert max(map(len, said.splitlines())) <= tables.LOG_WIDTH


def test_savings_are_told_by_line_and_in_all() -> None:
    said = printed(lambda out: print_paybacks(out, made()))
    assert row(said, "Independent fees")[2] == "+1,550"
    assert "+300" in row(said, "Start-up costs")
    assert "+360" in " ".join(row(said, "High needs block"))


def test_one_replication_has_no_interval_and_what_never_pays_back_says_so() -> None:
    said = printed(lambda out: print_paybacks(out, made(1)))
    assert row(said, "2020-21")[2:4] == ["no", "interval"]
    assert "in 0 of 1 replication; fewer than half of them do." in said


def test_a_waterfall_goes_from_level_to_level() -> None:
    results = made()
    steps = waterfall(results, ["open", "team"], "both")
    said = printed(lambda out: out.print(waterfall_table(out, steps, scenario_titles(results))))
    lines = [line for line in said.splitlines() if line.strip().startswith(("Title", "interaction", "all parts"))]
    assert [line.split()[-1] for line in lines] == ["2"] * 6
    assert lines[0].split()[3] == "15,000"
    assert row(said, "interaction")[4] == "-100"
    assert row(said, "all parts")[3] == lines[1].split()[3] == "-1,190"

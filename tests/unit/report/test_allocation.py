"""What the search for the best split says and draws, on made-up values with known means."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sim.parameters.load_uncertainty import load_uncertainty
from sim.report.allocation_figure import allocation_figure, allocation_in_a_figure
from sim.report.allocation_words import allocation_in_words, money_table, splits_in_words, write_allocation
from sim.results import CAVEATS, STAMP, Results
from sim.search import Searched, load_allocation
from sim.search.searching import BestIn, _found, _level, _rounds
from sim.uncertainty import Draw, Draws
from tests.unit.search.made_allocations import MadeUp, allocation_file

FIRST, TWIN, BROKEN = (1, 1, 0), (1, 0, 0), (0, 1, 0)
MEANS = {FIRST: -100_000.0, TWIN: -99_990.0, BROKEN: -200_000.0}


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """A search with a best split, one as good, one better that breaks a condition, and others far behind."""
    found = load_allocation(allocation_file(tmp_path_factory.mktemp("allocation")))
    trials = MadeUp(
        found, lambda split: MEANS.get(split, 500_000.0), lambda split: 9.0 if split == BROKEN else 0.0, noise=500.0
    )
    rounds = _rounds(found, trials)
    _level(trials, rounds[-1].best, trials.replications_of(rounds[-1].best))
    titles = [{"name": found.name_of(one), "title": found.title_of(one)} for one in ((0, 0, 0), FIRST, TWIN)]
    said = {
        "county": {"label": "Exampleshire"},
        "run": "abc",
        "seed": 7,
        "replications": 5,
        "stamp": STAMP,
        "caveats": list(CAVEATS),
        "scenarios": [{**one, "parameters": "x"} for one in titles],
        "code": "c",
    }
    results = Results(pd.DataFrame(), said)
    return Searched(found, _found(trials, rounds), rounds[-1].selection, 0, trials.runs, results)


def test_the_words_name_the_best_what_equals_it_and_what_breaks_a_condition(searched: Searched) -> None:
    said = " ".join(allocation_in_words(searched).split())
    best, twin = (searched.allocation.title_of(one.split) for one in searched.found[:2])
    assert {searched.found[0].split, searched.found[1].split} == {FIRST, TWIN}
    assert f"Best split: {best}" in said
    assert f"Not told apart from it with the replications there are: 1 of the others. * {twin}" in said
    assert f"Next best: {twin}; worse by" in said
    broken = len(searched.found)
    assert f"{broken}. Bursary £50,000 a year breaks a condition" in said
    assert "With probability 90% or more" in said
    assert "if none of the others is within £10,000 of it" in said
    assert "Uncalibrated" in said


def test_the_money_of_the_best_split_adds_up(searched: Searched) -> None:
    table = money_table(searched.allocation, FIRST)
    bases, bursary, teams, everything, unspent = (line.split("£") for line in table.splitlines()[-5:])

    def pounds(parts: list[str]) -> list[int]:
        return [int(part.strip().replace(",", "")) for part in parts]

    assert pounds(teams[1:]) == [0] * 6
    rows = [pounds(row[-6:]) for row in (bases, bursary, everything)]
    for column in zip(*rows, strict=True):
        assert sum(column[:2]) == pytest.approx(column[2], abs=1)
    in_2019, in_2020, one_off, recurring, in_all, _ = rows[2]
    assert in_2019 + in_2020 == pytest.approx(in_all, abs=1)
    assert one_off + recurring == pytest.approx(in_all, abs=1)
    assert in_all + pounds(unspent[1:])[0] == pytest.approx(400_000, abs=1)


def test_when_the_budget_ended_first_the_words_promise_nothing(searched: Searched) -> None:
    unsure = Searched(
        searched.allocation,
        searched.found,
        searched.selection.__class__(0, (0, 1), (5, 5), False, 40),
        0,
        searched.runs,
        searched.results,
    )
    said = " ".join(allocation_in_words(unsure).split())
    assert "2 splits were left when 5 replications had been made of each: nothing is guaranteed" in said
    assert "With 40 replications or fewer" in said
    assert "With probability" not in said


@pytest.fixture
def over_draws(searched: Searched) -> Searched:
    """The same search, as if each replication had a draw of its own from an ensemble of five."""
    found = searched.allocation
    members = tuple(Draw(number, 7) for number in range(4))
    draws = Draws(load_uncertainty(Path(found.folder), found.county), 7, 1, members)
    first, second, *rest = searched.found
    shares = replace(first, best_in=BestIn(0.4, 0.1, 0.8)), replace(second, best_in=BestIn(0.6, 0.2, 0.9))
    more = {"uncertainty": "parameters", "draws": 4, "replications_per_draw": 1, "members": 4, "drawn_from": "f1"}
    results = searched.results.with_(provenance={**searched.results.provenance, **more})
    return replace(searched, allocation=replace(found, draws=draws), found=(*shares, *rest), results=results)


def test_over_draws_the_words_say_over_what_and_in_how_many_a_split_is_the_best(
    searched: Searched, over_draws: Searched
) -> None:
    said = " ".join(allocation_in_words(over_draws).split())
    assert "draws of what is not known, one replication of each; every split ran in the same draws" in said
    assert (
        "has 4 members, each drawn once, so that no split is run more often than that (selection/most asks for 5)"
        in said
    )
    assert "It is the best of these" in said
    assert "in 40% of the draws (95% interval 10% to 80%; with one replication of a draw" in said
    assert f"{searched.allocation.title_of(searched.found[1].split)} is the best more often, in 60% (20%-90%)" in said
    assert "this is, on average over what is not known, the best of the" in said
    held = " ".join(allocation_in_words(searched).split())
    assert "All figures of the county are held at their central values" in held
    assert "of the draws" not in held
    assert "All figures of the county are held" in " ".join(splits_in_words(searched.allocation).split())
    assert "has 4 members" in " ".join(splits_in_words(over_draws.allocation).split())


def test_over_draws_the_tables_the_record_and_the_figure_tell_of_them(over_draws: Searched, tmp_path: Path) -> None:
    write_allocation(over_draws, tmp_path)
    splits = pd.read_csv(tmp_path / "splits.csv")
    assert splits["best_in_draws"][:2].tolist() == [0.4, 0.6]
    assert splits["best_in_draws"][2:].isna().all()
    record = json.loads((tmp_path / "allocation.json").read_text(encoding="utf-8"))
    assert (record["draws"], record["members"], record["drawn_from"], record["most_replications"]) == (4, 4, "f1", 4)
    axes, shares = allocation_figure(over_draws).axes
    assert [bar.get_width() for bar in shares.patches] == [40.0, 60.0]
    assert "in 4 draws of the parameters" in (tmp_path / "figures" / "splits.txt").read_text(encoding="utf-8") or axes
    assert "; best in 40% of the draws (10% to 80%)" in allocation_in_a_figure(over_draws)


def test_before_anything_runs_each_split_is_listed_with_its_money(searched: Searched) -> None:
    said = splits_in_words(searched.allocation)
    assert said.count("split_") == len(searched.allocation.first_splits) - 1  # one is the baseline
    assert "baseline: None of the levers" in said


def test_the_figure_marks_best_tied_broken_and_the_rest_by_shape_and_fill(searched: Searched) -> None:
    figure = allocation_figure(searched)
    axes = figure.axes[0]
    dots = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    looks = [(dot.get_marker(), dot.get_markerfacecolor() == "white") for dot in dots]
    assert looks[0] == ("D", False)
    assert looks[1] == ("o", False)
    assert looks[-1] == ("X", True)
    assert set(looks[2:-1]) == {("o", True)}
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "best",
        "not told apart from the best",
        "told apart, or screened out",
        "breaks a condition",
    ]
    assert any(text.get_text() == STAMP.upper() for text in figure.texts)


def test_the_text_beside_the_figure_says_the_same(searched: Searched) -> None:
    said = allocation_in_a_figure(searched)
    for one in searched.found:
        assert searched.allocation.title_of(one.split) in said
    assert said.count("not told apart from the best") == 1


def test_the_results_folder_holds_splits_money_record_and_figure(searched: Searched, tmp_path: Path) -> None:
    write_allocation(searched, tmp_path)
    splits = pd.read_csv(tmp_path / "splits.csv")
    assert splits["split"].tolist() == [searched.allocation.name_of(one.split) for one in searched.found]
    assert splits["breaks_a_condition"].sum() == 1
    assert (tmp_path / "allocation.json").is_file()
    assert (tmp_path / "best_split.csv").is_file()
    assert (tmp_path / "figures" / "splits.txt").is_file()

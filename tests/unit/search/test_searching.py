"""The search over splits: on made-up values with known means, and on a tiny county with pupils."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sim.cases import Cases, MadeCases
from sim.cli import app
from sim.cli.options import STOPPED, UNUSABLE
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.problems import ConfigurationError
from sim.report.allocation_words import allocation_in_words, write_allocation
from sim.results import Results
from sim.scenarios import BASELINE
from sim.search import Allocation, Found, Split, load_allocation, search
from sim.search.allocation import PER_DRAW
from sim.search.searching import Trials, _found, _level, _rounds
from sim.study import Standing
from sim.uncertainty import Draw, Draws
from tests.studies import tiny_county
from tests.unit.search.made_allocations import MadeUp, Mean, allocation_file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Allocation:
    changes = ("first: 3, step: 2, most: 5", "first: 5, step: 2, most: 40"), ("indifference: 10000", "indifference: 1")
    return load_allocation(allocation_file(tmp_path_factory.mktemp("allocation"), "exampleshire", *changes))


@pytest.fixture(scope="module")
def thinned(tmp_path_factory: pytest.TempPathFactory) -> Allocation:
    changes = (
        ("first: 3, step: 2, most: 5", "first: 5, step: 2, most: 40"),
        ("indifference: 10000", "indifference: 1"),
        ("seed: 7", "seed: 7\ncandidates: {most: 3, rounds: 10}"),
    )
    return load_allocation(allocation_file(tmp_path_factory.mktemp("allocation"), "exampleshire", *changes))


def towards(target: Split) -> Mean:
    """Return a mean that is least at a split and grows with the steps away from it."""
    return lambda split: 10.0 * float(np.abs(np.array(split) - target).sum())


def ended(allocation: Allocation, trials: MadeUp) -> tuple[Found, ...]:
    """Run all rounds, level the best with its rivals, and return what is known of every split."""
    rounds = _rounds(allocation, trials)
    best = rounds[-1].best
    _level(trials, best, trials.replications_of(best))
    return _found(trials, rounds)


def test_the_split_with_the_least_mean_is_found_among_all(made: Allocation) -> None:
    for target in made.affordable[::4]:
        trials = MadeUp(made, towards(target))
        rounds = _rounds(made, trials)
        assert (len(rounds), rounds[0].best) == (1, target)
        assert set(rounds[0].screened) == set(made.affordable) - {target}


def test_the_largest_is_the_best_when_the_aim_is_most(made: Allocation) -> None:
    said = made.said.model_copy(update={"objective": made.said.objective.model_copy(update={"aim": "most"})})
    most = replace(made, said=said)
    target = made.affordable[-1]
    trials = MadeUp(most, lambda split: -towards(target)(split))
    assert _rounds(most, trials)[0].best == target


def test_neighbours_lead_to_the_best_when_not_all_are_run_at_first(thinned: Allocation) -> None:
    assert len(thinned.first_splits) == 3
    target = next(split for split in thinned.affordable if split not in thinned.first_splits)
    trials = MadeUp(thinned, towards(target))
    rounds = _rounds(thinned, trials)
    assert len(rounds) > 1
    assert rounds[-1].best == target


def test_splits_of_earlier_rounds_with_more_replications_count_in_the_chance(thinned: Allocation) -> None:
    target = next(split for split in thinned.affordable if split not in thinned.first_splits)
    trials = MadeUp(thinned, towards(target))
    rounds = _rounds(thinned, trials)
    best = rounds[-1].best
    rival = next(split for split in trials.splits if split != best)
    _level(trials, best, trials.replications_of(best))
    trials.finish([rival], trials.replications_of(best) + 7)
    chances = {one.split: one.chance for one in _found(trials, rounds)}
    assert trials.replications_of(rival) > trials.replications_of(best)
    assert not np.isnan(chances[rival])
    assert sum(chance for chance in chances.values() if not np.isnan(chance)) == pytest.approx(1.0)


def test_a_split_that_breaks_a_condition_is_not_the_best(made: Allocation) -> None:
    target, others = made.affordable[1], towards(made.affordable[1])
    trials = MadeUp(made, others, lambda split: 5.0 if split == target else 0.0)
    rounds = _rounds(made, trials)
    assert rounds[-1].best != target
    _level(trials, rounds[-1].best, trials.replications_of(rounds[-1].best))
    found = _found(trials, rounds)
    assert [one.split for one in found if one.breaks] == [target]
    assert found[-1].split == target, "it comes last"
    assert not found[-1].is_tied


def test_splits_that_are_equal_are_not_told_apart_and_share_the_chance(made: Allocation) -> None:
    twins = made.affordable[1], made.affordable[5]
    trials = MadeUp(made, lambda split: 0.0 if split in twins else 50.0, noise=2.0)
    found = ended(made, trials)
    assert {found[0].split, found[1].split} == set(twins)
    assert [one.is_tied for one in found] == [True, True] + [False] * (len(found) - 2)
    assert found[0].replications == found[1].replications
    assert sum(one.chance for one in found if not np.isnan(one.chance)) == pytest.approx(1.0)
    assert found[1].chance > 0.01


def test_what_is_known_of_a_split_is_its_paired_difference(made: Allocation) -> None:
    trials = MadeUp(made, towards(made.affordable[3]))
    rounds = _rounds(made, trials)
    found = {one.split: one for one in _found(trials, rounds)}
    for split, one in found.items():
        change = trials.values([split], one.replications)[:, 0] - trials.baseline(one.replications)
        assert one.change.mean == pytest.approx(change.mean())
        assert one.change.replications == one.replications
        assert one.behind.mean == pytest.approx(
            (trials.values([split], one.replications) - trials.values([rounds[-1].best], one.replications)).mean()
        )


@pytest.fixture(scope="module")
def over_draws(made: Allocation) -> Allocation:
    return replace(made, draws=Draws(load_uncertainty(Path(made.folder), made.county), made.seed, PER_DRAW))


def test_the_share_of_draws_in_which_a_split_is_the_best_is_counted_and_has_an_interval(over_draws: Allocation) -> None:
    twins = over_draws.affordable[1], over_draws.affordable[5]
    trials = MadeUp(over_draws, lambda split: 0.0 if split in twins else 50.0, noise=2.0)
    found = ended(over_draws, trials)
    values = trials.values(twins, found[0].replications)
    counted = {twin: float((values.argmin(axis=1) == place).mean()) for place, twin in enumerate(twins)}
    for one in found[:2]:
        assert one.best_in.share == pytest.approx(counted[one.split])
        assert one.best_in.low < one.best_in.share < one.best_in.high
    assert 0.0 < counted[found[0].split] < 1.0
    assert all(np.isnan(one.best_in.share) for one in found if np.isnan(one.chance))


def test_of_the_largest_the_share_counts_draws_in_which_a_split_is_the_largest(over_draws: Allocation) -> None:
    said = over_draws.said.model_copy(
        update={"objective": over_draws.said.objective.model_copy(update={"aim": "most"})}
    )
    most, target = replace(over_draws, said=said), over_draws.affordable[-1]
    trials = MadeUp(most, lambda split: -towards(target)(split))
    found = ended(most, trials)
    assert (found[0].split, found[0].best_in.share) == (target, 1.0)


def test_while_figures_are_held_no_share_of_draws_is_told(made: Allocation) -> None:
    trials = MadeUp(made, towards(made.affordable[3]))
    assert all(np.isnan(one.best_in.share) for one in _found(trials, _rounds(made, trials)))


def test_no_split_is_run_more_often_than_there_are_draws(over_draws: Allocation) -> None:
    assert over_draws.draws is not None
    members = tuple(Draw(number, 7) for number in range(6))
    few = replace(over_draws, draws=replace(over_draws.draws, members=members))
    assert (over_draws.most, few.most) == (40, 6)
    trials = MadeUp(few, lambda _: 0.0, noise=100.0)
    selection = _rounds(few, trials)[-1].selection
    assert max(selection.replications) == 6
    assert not selection.is_sure


def test_cases_made_for_one_look_are_used_again_at_the_next(over_draws: Allocation) -> None:
    split = over_draws.affordable[1]
    trials = MadeUp(over_draws, towards(split))
    known: MadeCases = {}
    first, again = (
        Cases(study.scenarios, study.draws, None, known)
        for study in (trials.study([split], 1), trials.study([split, over_draws.affordable[2]], 2))
    )
    name = over_draws.name_of(split)
    assert again.of(name, 0) is not first.of(BASELINE, 1)
    assert first.of(name, 0) is again.of(name, 0)
    assert first.of(name, 0).fingerprint != first.of(name, 1).fingerprint, "each replication has a draw of its own"
    plain = Cases(trials.study([split], 1).scenarios, over_draws.draws, None)
    assert plain.of(name, 1).fingerprint == first.of(name, 1).fingerprint


def test_an_objective_without_a_value_is_refused(made: Allocation) -> None:
    trials = Trials(made, None, None, None)  # type: ignore[arg-type]
    columns = {"period": "2019-20", "measure": "spend_total", "provision": "in_block", "phase": "n/a"}
    rows = pd.DataFrame([{**columns, "district": "n/a", "value": np.nan}])
    with pytest.raises(ConfigurationError, match="no value of spend_total in replication 3"):
        trials.note("split_02", 3, rows)


TINY = (
    ("covers_to: 2020-21", "covers_to: 2019-20\n  spent_at_least: 0.2"),
    ("vary: {budget: {from: 50000, to: 150000, step: 50000}}", "vary: {budget: [150000]}"),
    ("vary: {size: [1.5, 2]}", "vary: {size: [2]}"),
    ("vary: {number: [1, 2]}", "vary: {number: [2]}"),
)


def pathways(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an allocation file on a tiny county."""
    folder = tmp_path_factory.mktemp("allocation")
    allocation_file(folder, tiny_county(folder), *TINY)
    return folder


def run(place: Path, *more: object) -> Result:
    folders = ("--store", place / "store", "--output", place / "out")
    return pathways("allocate", place / "grant.yaml", *folders, "--workers", 1, *more)


def test_a_dry_run_says_which_splits_there_are_and_runs_none(place: Path) -> None:
    result = run(place, "--dry-run")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "8 combinations of steps; 7 of them fit the grant" in said
    assert "split_2: Teams times 2" in said
    assert "24 runs: 8 scenarios by 3 replications" in said
    assert not (place / "out").exists()


@pytest.mark.slow
def test_a_search_that_was_stopped_goes_on_where_it_was(place: Path) -> None:
    told: list[Standing] = []

    def stop(standing: Standing) -> None:
        told.append(standing)
        if len(told) == 4:
            raise KeyboardInterrupt

    found = load_allocation(place / "grant.yaml")
    with pytest.raises(KeyboardInterrupt):
        search(found, place / "out", 1, stop, store=place / "store")
    assert not (place / "out" / "run.json").exists()
    kept = {path: path.stat().st_mtime_ns for path in (place / "store").rglob("*.parquet")}
    result = run(place)
    assert result.exit_code == 0, result.output
    after = {path: path.stat().st_mtime_ns for path in (place / "store").rglob("*.parquet")}
    assert kept.items() <= after.items()
    said = " ".join(result.stdout.split())
    for needed in ("Best split:", "Unspent of the grant", "Chance of being the best", "Results:", "Uncalibrated"):
        assert needed in said
    again = run(place, "--quiet")
    assert again.stdout == result.stdout
    assert {path: path.stat().st_mtime_ns for path in (place / "store").rglob("*.parquet")} == after

    folder = place / "out"
    results, splits = Results.load(folder), pd.read_csv(folder / "splits.csv")
    record = json.loads((folder / "allocation.json").read_text(encoding="utf-8"))
    assert results.scenarios[:2] == (BASELINE, record["best"])
    assert splits["split"][0] == record["best"]
    assert splits["not_told_apart"].sum() == len(record["not_told_apart"]) + 1
    values = results.measures.query("measure == 'spend_total' and provision == 'in_block'")
    values = values[values["period"].astype(str) >= "2019-20"]
    sums = values.astype({"scenario": str}).pivot_table("value", "replication", "scenario", "sum")
    change = (sums[record["best"]] - sums[BASELINE]).mean()
    assert splits["change_mean"][0] == pytest.approx(change)
    money = pd.read_csv(folder / "best_split.csv")
    granted = money[money["paid_by"] == "grant"]["gbp"].sum()
    assert granted == pytest.approx(400_000 - splits["unspent_gbp"][0])
    assert (folder / "figures" / "splits.png").is_file()
    assert pathways("payback", folder).exit_code == 0


@pytest.mark.slow
def test_a_search_over_draws_runs_all_splits_on_the_same_draws_whatever_the_workers(place: Path) -> None:
    found = load_allocation(place / "grant.yaml", uncertainty="parameters")
    assert load_allocation(place / "grant.yaml").draws is None, "the county has no ensemble"
    alone = search(found, place / "drawn", 1, store=place / "store_drawn")
    two = search(found, None, 2)
    assert [(one.split, one.change, one.best_in) for one in alone.found] == [
        (one.split, one.change, one.best_in) for one in two.found
    ]
    said = alone.results.provenance
    whole = alone.best.replications
    assert (said["uncertainty"], said["draws"], said["replications_per_draw"]) == ("parameters", whole, 1)
    assert said["drawn_from"] == found.draws.fingerprint  # type: ignore[union-attr]
    assert set(alone.results.draws["draw"]) == set(range(whole))
    write_allocation(alone, place / "drawn")
    record = json.loads((place / "drawn" / "allocation.json").read_text(encoding="utf-8"))
    assert (record["draws"], record["drawn_from"]) == (whole, said["drawn_from"])
    words = " ".join(allocation_in_words(alone).split())
    assert f"Over {whole} draws of what is not known, one replication of each" in words
    held = search(load_allocation(place / "grant.yaml"), None, 1, store=place / "store")
    assert held.best.change != alone.best.change


def test_a_file_that_cannot_be_used_ends_with_a_message_and_no_traceback(tmp_path: Path) -> None:
    file = allocation_file(tmp_path, "exampleshire", ("lever: fund_training_bursary", "lever: fund_everything"))
    result = pathways("allocate", file)
    assert result.exit_code == UNUSABLE
    assert "no lever fund_everything" in result.output
    assert "Traceback" not in result.output
    assert pathways("allocate", "no_such_grant").exit_code == UNUSABLE


def test_a_stop_says_how_to_go_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.search.search", stopped)
    result = run(place)
    assert result.exit_code == STOPPED
    assert "The same command goes on where this stopped" in result.output

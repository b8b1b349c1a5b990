"""Figures of a paper: reference codes, words, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.parameters.problems import ConfigurationError
from sim.report.forum.catalogue import Catalogue
from sim.report.forum.figures import Figure, Interval
from sim.report.forum.gathering import figures_of
from sim.report.forum.quoting import command_of, origin_in_words, sentence, told
from sim.report.forum.refusals import check_made_by, check_results
from sim.report.forum.rounding import how_often, value_words
from tests.forum_results import EXCLUSIONS, LONG, LUCK, TUITION, made, provenance

TITLES = {"baseline": "Baseline", "one": "Policy one"}
CHANGE = {"scenario": "one", "comparison": "baseline"}


def catalogue(**more: Any) -> Catalogue:
    return Catalogue(figures_of(made(**more), (TUITION, EXCLUSIONS)))


def change(name: str = "mean_roll", **more: Any) -> Figure:
    return catalogue(**more).one(name, **CHANGE)


def test_a_sentence_holds_value_interval_range_replications_and_code() -> None:
    figure = change()
    said = sentence(figure, TITLES)
    assert said.startswith("“Policy one”: Pupils in tuition, mean of 2019/20 to 2020/21: 3.0 fewer pupils than in the")
    assert "95% interval of the mean difference 2.7 to 3.3; run-to-run range 2.7 to 3.3" in said
    assert said.endswith(f"6 replications) [{figure.code}].")


def test_an_amount_names_its_prices() -> None:
    figure = catalogue().one("spend_total", period="total of 2019-20 to 2020-21", **CHANGE)
    assert "£200,000 less than in the baseline" in told(figure)
    assert "cash: prices of each year" in told(figure)


def test_the_code_of_a_figure_depends_on_what_it_says_it_is_and_on_nothing_else() -> None:
    first, again = change(), replace(change(), value=99.0, label="Other words")
    assert first.code == again.code
    others = {replace(first, about=first.about._replace(**{key: "other"})).code for key in first.about._fields}
    assert len(others | {first.code}) == len(first.about) + 1
    assert first.code != replace(first, origin=replace(first.origin, run="f" * 10)).code


def test_with_draws_intervals_come_from_draws_and_the_range_is_of_futures() -> None:
    drawn = {"uncertainty": "parameters", "draws": 3, "replications_per_draw": 2, "drawn_from": "d"}
    figure, held = change(**drawn), change()
    assert figure.number == 3
    assert "range of futures" in told(figure)
    assert "3 draws" in told(figure)
    pairs = (0.2 * np.roll(LUCK, -1) - 3).reshape(3, 2).mean(axis=1)
    assert figure.value == pytest.approx(pairs.mean())
    assert figure.futures == held.futures


def test_a_count_below_one_a_year_is_given_as_one_in_so_many_years() -> None:
    assert value_words(change("permanent_exclusions")) == "about 1 fewer in 5 years"
    assert how_often(0.7, " more") == "about 7 more in 10 years"
    assert how_often(0.001) == "less than 1 in 50 years"


@pytest.mark.parametrize(
    ("hits", "number", "words"),
    [(3, 30, "in 3 of 30 replications"), (9, 100, "in 9 of 100 replications"), (15, 30, "in 50% of 30 replications")],
)
def test_a_share_is_given_in_percent_only_from_ten_counted_on(hits: int, number: int, words: str) -> None:
    figure = replace(change(), interval=Interval.CHANCE, unit="share", value=hits / number, number=number)
    assert value_words(figure) == words


def test_an_interval_of_no_width_is_told_as_what_it_is() -> None:
    said = told(change(luck=0.0))
    assert "the same in all 6 replications" in said
    assert "95% interval" not in said


def test_a_figure_without_an_interval_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="has no interval"):
        told(replace(change(), low=float("nan"), high=float("nan")))


def test_a_percentile_that_is_added_up_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="tuition_length_p90 added up over years"):
        list(figures_of(made(), (LONG,)))


@pytest.mark.parametrize("field", ["code", "configuration", "run"])
def test_figures_of_mixed_origin_are_refused(field: str) -> None:
    one = change()
    with pytest.raises(ConfigurationError, match=f"with different {field}"):
        Catalogue([one, replace(one, origin=replace(one.origin, **{field: "other"}))])


def test_an_unknown_figure_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ConfigurationError, match="mean_roll"):
        catalogue().one("mean_rolls", **CHANGE)
    with pytest.raises(ConfigurationError, match="2 figures fit"):
        catalogue().one("mean_roll", comparison="")


def test_results_of_one_replication_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="one, which gives no interval"):
        check_results(made(replications=1))


def test_results_with_a_replication_missing_are_refused() -> None:
    results = made()
    lacking = results.measures.query("not (scenario == 'one' and replication == 3)")
    with pytest.raises(ConfigurationError, match="5 of 6 replications of one"):
        check_results(results.with_(measures=lacking))


def test_a_record_that_was_changed_after_the_run_is_refused() -> None:
    results = made()
    with pytest.raises(ConfigurationError, match="names run"):
        check_results(results.with_(provenance={**results.provenance, "code": "other"}))


def test_runs_of_two_versions_of_the_code_in_one_folder_are_refused(tmp_path: Any) -> None:
    origin = change().origin
    check_made_by(origin, {origin.code}, tmp_path)
    with pytest.raises(ConfigurationError, match="made by code 0ld"):
        check_made_by(origin, {origin.code, "0ld"}, tmp_path)


def test_where_a_figure_comes_from_is_told_with_the_command_that_makes_it_again() -> None:
    figure = change()
    said = origin_in_words([figure], made().provenance, "results/x")
    for part in (figure.origin.run, "mean_roll", "results/x/measures.parquet", "hash of one"):
        assert part in said
    assert said.endswith("pathways compare --scenario one --county madeshire --seed 7 --replications 6")


def test_the_command_is_that_of_the_question_or_the_study_file_and_names_uncertainty() -> None:
    asked = provenance(("one",), 6, study="Q4", draws=3)
    assert command_of(asked) == (
        "pathways ask Q4 --county madeshire --seed 7 --replications 6 --uncertainty parameters"
    )
    filed = provenance(("one",), 6, study="mine", inputs={"mine.yaml": "0"})
    assert command_of(filed) == "pathways study run mine --county madeshire"


def test_the_code_of_a_series_finds_every_year() -> None:
    found = catalogue()
    net = found.those({"measure": "net_cost"})
    assert [one.about.period for one in found.with_code(net[0].series)] == ["2019-20", "2020-21"]

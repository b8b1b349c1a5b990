"""Results with uncertain parameters in words: names of ranges, numbers of draws, and the split of the variance."""

import numpy as np
import pandas as pd
import pytest

from sim.analysis.comparison import Row
from sim.report.drawn_words import how_many, range_name, variance_in_words, variance_table
from sim.report.tables import console, print_comparison
from sim.results import Results

ROLL = Row("Pupils on roll", "Alternative provision", "pupils", "mean_roll", "alternative_provision", "all", "mean")
PER_DRAW = 2


@pytest.fixture(scope="module")
def drawn(results: Results) -> Results:
    """The made-up run as if its eight replications were of four draws."""
    said = {"uncertainty": "parameters", "draws": 4, "replications_per_draw": PER_DRAW, "drawn_from": "ranges"}
    return results.with_(provenance={**results.provenance, **said})


def test_a_range_is_of_futures_only_where_parameters_vary(results: Results, drawn: Results) -> None:
    assert range_name(results.provenance) == "run-to-run range"
    assert range_name(drawn.provenance) == "range of futures"
    assert how_many(results.provenance) == "8 replications"
    assert how_many(drawn.provenance) == "8 replications in 4 draws of the parameters"


def test_nothing_is_said_of_parameters_that_are_held(results: Results) -> None:
    assert variance_in_words(results, [ROLL]) == []


def test_the_split_is_told_for_the_level_and_for_the_change(drawn: Results) -> None:
    told = "\n".join(variance_in_words(drawn, [ROLL]))
    assert "4 draws of 2 replications" in told
    assert "Pupils on roll: Alternative provision" in told
    table = variance_table(drawn, [ROLL])
    assert table["scenario"].tolist() == ["baseline", "open_bases"]
    assert table["draws"].tolist() == [4, 4]
    share = table["share"].iloc[0]
    assert f"{share:.0%} (" in told


def test_a_quantity_that_depends_on_the_draw_alone_is_due_to_parameters(drawn: Results) -> None:
    rows = drawn.measures
    level = 100.0 + 10.0 * (rows["replication"] // PER_DRAW)
    told = variance_in_words(drawn.with_(measures=rows.assign(value=level)), [ROLL])
    assert any("100%" in line for line in told)


def test_one_replication_of_a_draw_says_that_luck_cannot_be_told_apart(drawn: Results) -> None:
    alone = drawn.with_(provenance={**drawn.provenance, "replications_per_draw": 1, "draws": 8})
    assert "cannot be told" in " ".join(variance_in_words(alone, [ROLL]))


def test_tables_of_a_comparison_take_their_intervals_from_draws(
    drawn: Results, results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    print_comparison(console(), drawn)
    told = capsys.readouterr().out
    assert "due to parameters that are not known" in told
    assert "8 replications in 4 draws" in told
    by_draw, by_run = (
        found.differences().set_index(["measure", "period", "provision", "phase"]) for found in (drawn, results)
    )
    assert (by_draw["replications"] == 4).all()
    np.testing.assert_allclose(by_draw["difference"], by_run["difference"])
    pd.testing.assert_index_equal(by_draw.index, by_run.index)

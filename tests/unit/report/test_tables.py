"""Printed results: plain words, stamps, and terminals with few signs."""

import io

import pandas as pd
import pytest

from sim.report import tables
from sim.report.frames import changes_of
from sim.report.words import between, level, signed, words
from sim.results import run_id


def printed(results, encoding: str = "utf-8", show=tables.print_comparison) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    show(tables.console(file), results)
    file.flush()
    return raw.getvalue().decode(encoding)


def test_the_comparison_holds_every_stamp_and_caveat(results):
    said = " ".join(printed(results).split())
    for caveat in results.provenance["caveats"]:
        assert caveat in said
    assert run_id(results.provenance) in said


def test_the_comparison_names_a_clear_change_in_plain_words(results):
    said = " ".join(printed(results).split())
    assert "Independent special down 2.0 (2.0 to 2.0)" in said
    assert "Alternative provision up" not in said


def test_the_comparison_gives_spend_by_line_and_year_and_the_cumulative_balance(results):
    said = printed(results)
    line = next(row for row in said.splitlines() if "Primary bases" in row and "+900" in row.split()[2:3] + row.split())
    assert line.split().count("+900") == 10
    assert "2024-25" in said


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("show", [tables.print_comparison, tables.print_levels])
def test_tables_can_be_printed_on_a_windows_console(results, encoding, show):
    assert "Independent special" in printed(results, encoding, show)


def test_one_replication_gives_no_interval_and_says_so(results):
    one = results.with_(
        measures=results.measures[results.measures["replication"] == 0],
        provenance={**results.provenance, "replications": 1},
    )
    said = " ".join(printed(one).split())
    assert "no interval" in said
    assert "One replication gives no interval" in said
    assert "no change is larger than what chance alone may bring" in said


def test_the_differences_file_holds_every_row_with_its_run_and_kind_of_interval(results, tmp_path):
    table = pd.read_csv(tables.write_differences(results, tmp_path))
    assert len(table) == len(changes_of(results, "open_bases"))
    assert set(table["interval"]) == {"95% interval of the mean difference"}
    assert set(table["run"]) == {run_id(results.provenance)}


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(-0.04, 1, "0.0"), (0.06, 1, "+0.1"), (-1234.5, 0, "-1,234"), (0.0, 2, "0.00")]
)
def test_a_change_that_rounds_to_nothing_has_no_sign(value, digits, text):
    assert signed(value, digits) == text


def test_an_interval_that_is_not_defined_is_said_to_be_missing():
    assert between(float("nan"), float("nan"), 1) == "no interval"


def test_what_is_not_defined_is_said_in_words_and_not_as_nan():
    assert signed(float("nan"), 1) == level(float("nan"), 2) == "not known"
    assert level(1234.56, 1) == "1,234.6"


def test_a_run_from_an_opening_roll_says_so(results):
    assert "opening roll" not in printed(results)
    opened = results.with_(provenance={**results.provenance, "opening_roll": "00ff"})
    assert "The runs start from an opening roll" in printed(opened)


def test_the_run_id_changes_with_the_seed_and_not_with_the_date(results):
    said = {**results.provenance, "created": "yesterday"}
    assert run_id(said) == run_id(results.provenance)
    assert run_id({**said, "seed": 8}) != run_id(results.provenance)


def test_names_become_words():
    assert words("base_in_reach") == "Base: in-reach"
    assert words("fund_special_places") == "Fund special places"

"""Opening-roll files: what is read, and what is said when a file cannot be used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sim.parameters.load import find_county, load_county
from sim.parameters.load_roll import load_opening_roll, read_opening_roll
from sim.parameters.opening_roll import OPTIONAL, REQUIRED, opening_day, over_full, starting_at_study
from sim.parameters.schema import Parameters
from sim.vocabulary import Record, Severity, Sex

EXAMPLE = find_county("exampleshire") / "opening_roll_example.csv"
HEADER = ",".join((*REQUIRED, *OPTIONAL))
Refusal = Callable[[Callable[[], object]], str]


def roll_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    file = folder / "roll.csv"
    file.write_text("\n".join([header, *lines, ""]), encoding="utf-8", newline="\n")
    return file


def test_the_example_loads_and_covers_every_kind_of_placement(exampleshire: Parameters) -> None:
    rows = load_opening_roll(EXAMPLE, exampleshire)
    assert 50 <= len(rows) <= 80
    kinds = {exampleshire.provisions[row.provision].kind for row in rows}
    assert len(kinds) == 9
    assert over_full(rows, exampleshire) == 0


def test_the_county_does_not_read_the_example(exampleshire: Parameters) -> None:
    assert EXAMPLE.is_file()
    assert load_county(EXAMPLE.parent) == exampleshire


def test_a_row_is_read_as_it_is_meant(exampleshire: Parameters, tmp_path: Path) -> None:
    file = roll_file(tmp_path, "marsh_house,R,plan,complex,male,northmarsh,2019-09-01", "mainstream,Y11,none,none,,,")
    first, second = load_opening_roll(file, exampleshire)
    assert (first.year_group, first.record, first.severity) == (0, Record.PLAN, Severity.COMPLEX)
    assert (first.sex, first.district, first.placed) == (Sex.MALE, "northmarsh", date(2019, 9, 1))
    assert (second.year_group, second.sex, second.district, second.placed) == (11, None, None, None)


def test_the_optional_columns_may_be_left_out(exampleshire: Parameters, tmp_path: Path) -> None:
    file = roll_file(tmp_path, "mainstream,Y4,sen_support,emerging", header=",".join(REQUIRED))
    assert len(load_opening_roll(file, exampleshire)) == 1


BAD = {
    "unknown provision": ("marsh_hous,Y3,plan,complex,,,", "provision", ["marsh_hous", "did you mean marsh_house?"]),
    "not a placement": ("team_northmarsh,Y3,none,emerging,,,", "provision", ["team_northmarsh", "mainstream"]),
    "year group not admitted": ("southfield_beacon,Y5,plan,complex,,,", "year_group", ["Y5", "Y7 to Y11"]),
    "unknown year group": ("mainstream,Year 5,none,emerging,,,", "year_group", ["Year 5", "Y5"]),
    "sex not admitted": ("marsh_house,Y3,plan,complex,female,,", "sex", ["female", "admits in this year group"]),
    "no plan": ("independent_in_county,Y8,sen_support,complex,,,", "record", ["sen_support", "plan, which every"]),
    "a plan": ("tuition_without_plan,Y8,plan,complex,,,", "record", ["none or sen_support", "have no plan"]),
    "unknown record": ("mainstream,Y8,EHCP,complex,,,", "record", ["EHCP", "sen_support"]),
    "blank severity": ("mainstream,Y8,none,,,,", "severity", ["a blank cell", "emerging"]),
    "unknown district": ("mainstream,Y8,none,emerging,,eastfen,", "district", ["eastfen", "northmarsh, southfield"]),
    "another way of writing dates": ("mainstream,Y8,none,emerging,,,03/09/2018", "placed", ["write 2018-09-03"]),
    "a date that does not exist": ("mainstream,Y8,none,emerging,,,2019-02-30", "placed", ["such as 2019-09-01"]),
    "after the opening": ("mainstream,Y8,none,emerging,,,2019-09-02", "placed", ["up to the opening, 2019-09-01"]),
    "before Reception": ("mainstream,Y2,none,emerging,,,2016-09-02", "placed", ["from 2017-09-01 on"]),
}


@pytest.mark.parametrize("line, column, needed", BAD.values(), ids=BAD)  # noqa: PT006
def test_what_is_wrong_is_said_with_file_line_and_column(
    line: str, column: str, needed: list[str], exampleshire: Parameters, tmp_path: Path, refusal: Refusal
) -> None:
    file = roll_file(tmp_path, "mainstream,Y9,sen_support,moderate,male,southfield,2018-01-08", line)
    said = refusal(lambda: load_opening_roll(file, exampleshire))
    assert f"{file}, line 3, column {column}" in said
    assert [text for text in needed if text not in said] == []


@pytest.mark.parametrize(
    ("header", "lines", "needed"),
    [
        (HEADER, (), "0 rows"),
        ("provision,year_group,severity", ("mainstream,Y9,none",), "no column record"),
        (f"{HEADER},pupil_name", ("mainstream,Y9,none,emerging,,,,Nobody",), "unknown column pupil_name"),
        (HEADER.replace(",", ";"), ("mainstream;Y9;none;emerging;;;",), "semicolons"),
        (HEADER, ("mainstream,Y9,none",), "3 cells"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    header: str, lines: tuple[str, ...], needed: str, exampleshire: Parameters, tmp_path: Path, refusal: Refusal
) -> None:
    file = roll_file(tmp_path, *lines, header=header)
    said = refusal(lambda: load_opening_roll(file, exampleshire))
    assert needed in said
    assert "Nobody" not in said


def test_a_file_without_column_names_is_refused_without_telling_its_first_pupil(
    exampleshire: Parameters, tmp_path: Path, refusal: Refusal
) -> None:
    file = roll_file(tmp_path, header="marsh_house,Y3,plan,complex,male,northmarsh,2018-01-08")
    said = refusal(lambda: load_opening_roll(file, exampleshire))
    assert "no column names" in said
    assert "marsh_house" not in said


def test_a_message_holds_the_cell_at_fault_and_no_other(
    exampleshire: Parameters, tmp_path: Path, refusal: Refusal
) -> None:
    file = roll_file(tmp_path, "southfield_beacon,Y5,plan,complex,female,northmarsh,2018-01-08")
    said = refusal(lambda: load_opening_roll(file, exampleshire))
    for other in ("southfield_beacon", "complex", "female", "northmarsh", "2018-01-08"):
        assert other not in said


def test_a_roll_shows_its_hash_and_none_of_its_rows(exampleshire: Parameters) -> None:
    roll = read_opening_roll(EXAMPLE, exampleshire)
    assert roll.sha256 == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert repr(roll) == f"OpeningRoll(sha256='{roll.sha256}')"
    assert repr(roll.rows[0]) == "OpeningRow()"


def test_more_pupils_than_places_are_counted_and_not_refused(exampleshire: Parameters, tmp_path: Path) -> None:
    file = roll_file(tmp_path, *["southfield_beacon,Y9,plan,complex,,,"] * 6, *["mainstream,Y9,none,emerging,,,"] * 99)
    assert over_full(load_opening_roll(file, exampleshire), exampleshire) == 1


def test_the_run_begins_when_the_study_does(exampleshire: Parameters) -> None:
    opened = starting_at_study(exampleshire)
    assert opened.horizon.first_academic_year == opened.horizon.baseline_academic_year == "2019/20"
    assert opening_day(opened) == date(2019, 9, 1)
    assert starting_at_study(opened) is opened
    horizon = {"horizon": exampleshire.horizon}
    assert opened.model_copy(update=horizon) == exampleshire

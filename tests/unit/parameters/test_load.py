"""Loading a county: what is read, and how a broken folder is refused."""

import time
from datetime import date
from pathlib import Path

import pytest

from sim.parameters.load import find_county, list_counties, load_county, read_table, read_yaml
from sim.parameters.problems import MOST_SHOWN, ConfigurationError, Problem
from sim.parameters.schema import Parameters


def test_an_untouched_copy_loads_as_the_county_it_was_copied_from(county, exampleshire: Parameters) -> None:
    assert load_county(county.folder) == exampleshire


def test_a_large_county_loads_in_less_than_half_a_second() -> None:
    folder = find_county("cambridgeshire")
    load_county(folder)
    start = time.process_time()
    load_county(folder)
    assert time.process_time() - start < 0.5


def test_an_unknown_county_is_answered_with_those_that_exist(refusal) -> None:
    message = refusal(lambda: find_county("exampelshire"))
    assert "did you mean exampleshire?" in message
    assert set(list_counties()) <= set(message.replace(",", " ").split())


def test_a_folder_without_a_county_file_is_no_county(tmp_path: Path, refusal) -> None:
    assert "the folder has no county.yaml" in refusal(lambda: find_county(tmp_path))


def test_a_county_is_found_by_its_path(county) -> None:
    assert find_county(str(county.folder)) == county.folder


def test_a_folder_of_ones_own_wins_over_a_county_of_the_same_name(county, monkeypatch: pytest.MonkeyPatch) -> None:
    own = county.folder.rename(county.folder.parent / "exampleshire")
    monkeypatch.chdir(own.parent)
    assert find_county("./exampleshire").resolve() == own.resolve()
    assert find_county(Path("exampleshire")).resolve() == own.resolve()
    assert find_county("exampleshire").resolve() != own.resolve()


def test_a_missing_file_is_named(county) -> None:
    (county.folder / "tariffs.csv").unlink()
    message = county.message()
    assert "tariffs.csv" in message
    assert "no such file" in message
    assert "add tariffs.csv" in message


def test_several_missing_files_are_told_together(county) -> None:
    for file in ("rates.csv", "county.yaml"):
        (county.folder / file).unlink()
    assert "2 problems" in county.message()


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(county) -> None:
    name = county.first("schools.csv")
    county.set("schools.csv", name, note="Caf\u00e9")
    text = (county.folder / "schools.csv").read_text(encoding="utf-8")
    (county.folder / "schools.csv").write_bytes(text.encode("latin-1"))
    message = county.message()
    assert f"schools.csv, line {county_line(text, 'Caf')}" in message
    assert "not UTF-8" in message
    assert "CSV UTF-8" in message


def county_line(text: str, word: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if word in line)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(county, exampleshire: Parameters) -> None:
    for file in county.folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_county(county.folder) == exampleshire


def test_blank_rows_at_the_end_are_skipped(county, exampleshire: Parameters) -> None:
    with (county.folder / "places.csv").open("a", encoding="utf-8") as file:
        file.write(",,,,,,,\n\n")
    assert load_county(county.folder) == exampleshire


def test_semicolons_are_refused_with_the_way_out(county) -> None:
    text = (county.folder / "onset.csv").read_text(encoding="utf-8")
    (county.folder / "onset.csv").write_text(text.replace(",", ";"), encoding="utf-8")
    message = county.message()
    assert "onset.csv, line 1 (header)" in message
    assert "semicolons" in message
    assert "comma-separated CSV" in message


def test_a_missing_and_an_unknown_column_are_named_with_the_nearest_one(county) -> None:
    records = county.records("rates.csv")
    records[0][records[0].index("placement")] = "placment"
    county.write("rates.csv", records)
    message = county.message()
    assert "rates.csv, line 1 (header)" in message
    assert "unknown column placment" in message
    assert "did you mean placement?" in message
    assert "no column placement" in message


def test_a_row_with_a_stray_comma_is_refused(county) -> None:
    with (county.folder / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("extra,A title, with a comma,somebody,\n")
    message = county.message()
    line = len(county.records("sources.csv"))
    assert f"sources.csv, line {line}" in message
    assert "5 cells" in message
    assert "4 cells, as in the header" in message


def test_a_date_as_day_month_year_is_refused_with_its_iso_form(county) -> None:
    name = county.first("places.csv")
    county.set("places.csv", name, **{"from": "01/09/2011"})
    message = county.message()
    assert f"places.csv, line {county.line('places.csv', name)}" in message
    assert "write 2011-09-01 if 01/09/2011 is day/month/year" in message


def test_two_rows_of_one_name_are_refused_with_both_lines(county) -> None:
    name = county.first("rates.csv")
    line = county.copy_row("rates.csv", name)
    message = county.message()
    assert f"rates.csv, line {line} (row {name})" in message
    assert "the same row as line 2" in message


def test_a_name_that_would_confuse_paths_is_refused(county) -> None:
    county.copy_row("effects.csv", county.first("effects.csv"), name="team/worsen")
    assert "names without / * ? [ ]" in county.message()


def test_places_of_an_unknown_provision_are_refused(county) -> None:
    county.copy_row("places.csv", "team_northmarsh", provision="team_northmarch")
    message = county.message()
    assert "unknown provision team_northmarch" in message
    assert "did you mean team_northmarsh?" in message


def test_an_unknown_item_of_money_is_refused(county) -> None:
    county.copy_row("services.csv", county.first("services.csv"), item="running_costs")
    assert "did you mean running_cost?" in county.message()


def test_an_unknown_key_in_the_county_file_is_refused_with_its_line(county) -> None:
    county.replace("county.yaml", "  fictional:", "  colour: green\n  fictional:")
    message = county.message()
    line = county_line((county.folder / "county.yaml").read_text(encoding="utf-8"), "colour")
    assert f"county.yaml, line {line} (key county/colour)" in message
    assert "unknown name colour" in message
    assert "name, label, fictional, statement" in message


def test_an_unknown_section_of_the_county_file_is_refused(county) -> None:
    county.replace("county.yaml", "horizon:", "horizons: 1\nhorizon:")
    message = county.message()
    assert "unknown key horizons" in message
    assert "did you mean horizon?" in message


def test_an_unknown_quantity_is_refused_with_its_line(county) -> None:
    line = county.copy_row("quantities.csv", "crisis.identify", id="crisis.identfy")
    message = county.message()
    assert f"quantities.csv, line {line} (row crisis.identfy)" in message
    assert "did you mean identify?" in message


def test_a_quantity_that_is_not_there_is_asked_for(county) -> None:
    records = [row for row in county.records("quantities.csv") if row[0] != "crisis.identify"]
    county.write("quantities.csv", records)
    message = county.message()
    assert "quantities.csv, row crisis.identify" in message
    assert "add the row" in message


def test_an_id_without_its_group_is_refused(county) -> None:
    county.copy_row("quantities.csv", "crisis.identify", id="identify")
    assert "such as crisis.identify" in county.message()


def test_a_wrong_unit_is_refused(county) -> None:
    county.set("quantities.csv", "crisis.identify", unit="per cent")
    message = county.message()
    assert f"line {county.line('quantities.csv', 'crisis.identify')} (row crisis.identify)" in message
    assert "unit is 'per cent'" in message
    assert "allowed: 'probability'" in message


def test_a_value_out_of_range_is_refused(county) -> None:
    county.set("quantities.csv", "crisis.identify", value="1.2", low="0", high="1.5")
    message = county.message()
    assert "value is 1.2" in message
    assert "0 to 1 probability" in message


def test_a_value_of_a_yearly_series_out_of_range_names_its_year(county) -> None:
    _, series, year, *_ = [*county.records("yearly.csv")[0][:1], *county.records("yearly.csv")[1]]
    county.set("yearly.csv", series, year, value="11", high="12")
    message = county.message()
    assert f"yearly.csv, line {county.line('yearly.csv', series, year)} (row {series} {year})" in message


def test_a_value_outside_its_own_range_is_refused(county) -> None:
    county.set("durations.csv", "sixth_day", low="7", value="6", high="8")
    message = county.message()
    assert "7.0 <= 6.0 <= 8.0" in message
    assert "low <= value <= high is needed" in message


@pytest.mark.parametrize("text", ["lots", "1,000", "20%", "nan", "inf"])
def test_text_where_a_number_belongs_is_refused(county, text: str) -> None:
    name = county.first("onset.csv")
    county.set("onset.csv", name, value=text)
    message = county.message()
    assert f"(row {name}), column value" in message


def test_a_blank_cell_is_asked_to_be_filled(county) -> None:
    name = county.first("onset.csv")
    county.set("onset.csv", name, low="")
    message = county.message()
    assert f"(row {name}), column low" in message
    assert "fill in low" in message


def test_a_blank_name_is_asked_to_be_filled(county) -> None:
    county.copy_row("onset.csv", county.first("onset.csv"), name="")
    assert "name is blank" in county.message()


def test_yes_is_not_true(county) -> None:
    name = county.first("lines.csv")
    county.set("lines.csv", name, in_block="yes")
    message = county.message()
    assert f"lines.csv, line 2 (row {name})" in message
    assert "true or false" in message


def test_excels_true_is_true(county) -> None:
    name = county.first("lines.csv")
    county.set("lines.csv", name, in_block="TRUE")
    assert load_county(county.folder).lines[name].in_block


def test_a_word_outside_a_closed_list_is_refused_with_the_nearest(county) -> None:
    name = county.first("rates.csv")
    county.set("rates.csv", name, event="suspention")
    message = county.message()
    assert f"(row {name}), column event" in message
    assert "did you mean suspension?" in message


def test_alternatives_of_one_cell_are_told_together(county) -> None:
    county.set("rates.csv", county.first("rates.csv"), placement="everywhere")
    message = county.message()
    assert "1 problem" in message
    assert "any or mainstream, alternative_provision" in message


def test_an_unknown_year_group_is_refused(county) -> None:
    name = county.first("provisions.csv")
    county.set("provisions.csv", name, last_year_group="Y12")
    message = county.message()
    assert f"provisions.csv, line 2 (row {name}), column last_year_group" in message
    assert "R, Y1, Y2" in message


def test_usable_places_may_not_exceed_commissioned_ones(county) -> None:
    name = county.of_kind("special_school")
    county.set("places.csv", name, commissioned="3", usable="4")
    message = county.message()
    assert f"places.csv, line {county.line('places.csv', name)}" in message
    assert "usable places 4 exceed commissioned places 3" in message


def test_unlimited_places_have_no_number(county) -> None:
    name = county.of_kind("special_school")
    county.set("places.csv", name, usable="unlimited")
    spec = load_county(county.folder).provisions[name]
    assert [places.usable for places in spec.places.values()] == [None]


def test_an_effect_of_a_placement_and_an_unknown_distribution_are_told_together(county) -> None:
    name = county.first("effects.csv")
    county.set("effects.csv", name, given_by="mainstream", distribution="gaussian")
    message = county.message()
    assert "mainstream is a placement" in message
    assert "fixed, uniform, triangular" in message


def test_a_table_of_ones_own_is_read_with_line_numbers(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text('name,note\na,"two\nlines"\n\nb,\n', encoding="utf-8")
    rows = read_table(file, ("name",), ("note",))
    assert [(row.line, row.cells) for row in rows] == [
        (2, {"name": "a", "note": "two\nlines"}),
        (5, {"name": "b"}),
    ]


def test_an_unclosed_quotation_mark_is_refused(tmp_path: Path, refusal) -> None:
    file = tmp_path / "own.csv"
    file.write_text('name\n"a\n', encoding="utf-8")
    assert "own.csv, line 2" in refusal(lambda: read_table(file, ("name",)))


def test_a_yaml_date_is_a_date_and_keys_are_text(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("start: 2019-09-01\n2019-09-01: 1\nyes: [a, 2, 0.5, -3, true, ~]\n", encoding="utf-8")
    assert read_yaml(file).data == {
        "start": date(2019, 9, 1),
        "2019-09-01": 1,
        "yes": ["a", 2, 0.5, -3, True, None],
    }


@pytest.mark.parametrize(
    "text",
    ["yes", "No", "on", "12:30", "1:30.5", "08", "010", "0x1F", "1e3", "1_000", "1,000", ".inf", ".nan"],
)
def test_yaml_that_would_be_read_as_something_else_is_refused(tmp_path: Path, refusal, text: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"first: 1\nvalue: {text}\n", encoding="utf-8")
    message = refusal(lambda: read_yaml(file))
    assert "own.yaml, line 2 (key value)" in message
    assert text in message
    assert "quotes" in message


def test_the_same_text_in_quotes_is_text(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("a: 'yes'\nb: \"1e3\"\n", encoding="utf-8")
    assert read_yaml(file).data == {"a": "yes", "b": "1e3"}


def test_a_key_given_twice_is_refused_with_both_lines(county) -> None:
    county.replace("county.yaml", "  fictional:", "  label: Another\n  fictional:")
    message = county.message()
    assert "the key label again; it first stands at line" in message
    assert "(key county/label)" in message
    assert "remove one of the two" in message


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "no keys"),
        ("- a list\n", 1, "no keys"),
        ("a: 1\nb: [1,\n", 3, "mend this line"),
        ("a: 1\n\tb: 2\n", 2, "mend this line"),
        ("a: 1\nb: 2019-02-30\n", 2, "a date that exists"),
        ("a: !!python/name:os.system x\n", 1, "python/name"),
        ("a: &name [*name]\n", 1, "holds itself"),
        ("? [a, b]\n: 1\n", 1, "a key that is not text"),
    ],
)
def test_other_faults_of_yaml_are_told_with_their_line(
    tmp_path: Path, refusal, text: str, line: int, word: str
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    message = refusal(lambda: read_yaml(file))
    assert f"own.yaml, line {line}" in message
    assert word in message


def test_a_long_list_of_problems_is_cut_and_counted() -> None:
    problems = [Problem("a.csv", f"line {n}", "x") for n in range(MOST_SHOWN + 5)]
    message = str(ConfigurationError(*problems))
    assert f"{MOST_SHOWN + 5} problems" in message
    assert message.endswith("... and 5 more")


def test_messages_are_plain_ascii() -> None:
    assert str(ConfigurationError(Problem("a.csv", "", "\u00a320"))).isascii()

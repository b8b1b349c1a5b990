"""Files of targets: what is read, and what is said when a row cannot be used."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.parameters.load_targets import find_targets, load_targets
from sim.parameters.schema import Parameters
from sim.parameters.targets import COLUMNS, Known, Targets, Use, share_of

Refusal = Callable[[Callable[[], object]], str]
MEASURES = ("suspensions", "census_roll", "waiting_census", "plans_issued")
ROW = {
    "name": "suspensions",
    "label": "Suspensions",
    "measure": "suspensions",
    "phase": "primary",
    "periods": "2016/17 to 2018/19",
    "divided_by": "headcount",
    "per": "100",
    "share": "quantities/crisis/modelled_share_primary * part",
    "value": "2.1",
    "unit": "per 100 pupils",
    "error": "poisson",
    "discrepancy": "0.1",
    "use": "calibrate",
    "grade": "judgement",
    "source": "fictional",
    "year": "2018/19",
}


@pytest.fixture
def known(exampleshire: Parameters) -> Known:
    county = exampleshire.county.model_copy(update={"school_closures": ("2019/20",)})
    return Known(exampleshire.model_copy(update={"county": county}), MEASURES, ("part",), range(2015, 2024))


def written(folder: Path, *rows: dict[str, str]) -> Path:
    file = folder / "mine.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_a_row_is_read_as_it_is_meant(known: Known, tmp_path: Path) -> None:
    target = load_targets(written(tmp_path, ROW), known)["suspensions"]
    assert target.labels == ("2016/17", "2017/18", "2018/19")
    assert (target.over, target.provision, target.provisions) == ("mean", "all", ("all",))
    assert (target.value, target.per, target.discrepancy, target.use) == (2.1, 100.0, 0.1, Use.CALIBRATE)
    assert target.shares == ("quantities/crisis/modelled_share_primary", "part")


def test_shares_multiply_and_a_path_takes_the_figure_of_the_county(known: Known, tmp_path: Path) -> None:
    target = load_targets(written(tmp_path, ROW), known)["suspensions"]
    of_county = known.parameters.quantities.crisis.modelled_share_primary.value
    assert share_of(target, {"part": 0.5}, known.parameters) == pytest.approx(of_county * 0.5)
    alone = load_targets(written(tmp_path, {**ROW, "share": ""}), known)["suspensions"]
    assert share_of(alone, {}, known.parameters) == 1.0


def test_measures_and_provisions_may_be_added_up(known: Known, tmp_path: Path) -> None:
    row = {**ROW, "measure": "census_roll + waiting_census", "provision": "special_school + mainstream"}
    target = load_targets(written(tmp_path, {**row, "periods": "Jan 2018"}), known)["suspensions"]
    assert target.measures == ("census_roll", "waiting_census")
    assert target.provisions == ("special_school", "mainstream")


def test_the_targets_of_a_county_are_found_by_its_name_or_folder() -> None:
    by_name = find_targets("exampleshire")
    assert by_name.name == "targets.csv"
    assert find_targets(by_name.parent) == find_targets(by_name) == by_name


def test_figures_of_closures_may_be_shown(known: Known, tmp_path: Path) -> None:
    rows: Targets = load_targets(written(tmp_path, {**ROW, "periods": "2019/20", "use": "context"}), known)
    assert rows["suspensions"].use is Use.CONTEXT


BAD = {
    "unknown measure": ({"measure": "suspension"}, "column measure", ["unknown measure suspension", "suspensions?"]),
    "one of two measures": ({"measure": "census_roll + wait"}, "column measure", ["unknown measure wait"]),
    "unknown share": ({"share": "parts"}, "column share", ["unknown share parts", "did you mean part?"]),
    "path that is no figure": ({"share": "quantities/crisis/part"}, "column share", ["quantities/crisis/part"]),
    "unknown source": ({"source": "fiction"}, "column source", ["did you mean fictional?"]),
    "unknown denominator": ({"divided_by": "headcounts"}, "column divided_by", ["headcounts", "headcount?"]),
    "before the measures": ({"periods": "2014/15"}, "column periods", ["2014/15", "from 2015 to 2023"]),
    "after the run": ({"periods": "2023-24 to 2024-25"}, "column periods", ["2024-25"]),
    "financial year that begins too early": ({"periods": "2015-16"}, "column periods", ["2015-16"]),
    "no period": ({"periods": "2018"[:3]}, "column periods", ["201", "2015/16 to 2018/19"]),
    "calibrated in a closure": ({"periods": "2018/19 to 2019/20"}, "column use", ["calibrate", "2019/20", "context"]),
    "scored in a closure": ({"periods": "2019/20", "use": "validate"}, "column use", ["validate", "shown, not scored"]),
    "unknown use": ({"use": "fit"}, "column use", ["'fit'", "calibrate, validate or context"]),
    "unknown error": ({"error": "gamma"}, "column error", ["'gamma'", "poisson, binomial or normal"]),
    "normal without sd": ({"error": "normal"}, "row suspensions", ["normal without sd", "a normal error with sd"]),
    "poisson with sd": ({"sd": "0.1"}, "row suspensions", ["poisson with sd"]),
    "binomial without trials": ({"error": "binomial"}, "row suspensions", ["binomial without trials"]),
    "share above its whole": (
        {"error": "binomial", "trials": "50", "value": "1.2", "per": "1", "divided_by": "plans_issued"},
        "row suspensions",
        ["value 1.2", "between 0 and 1"],
    ),
    "negative count": ({"value": "-1"}, "row suspensions", ["value -1", "at least 0"]),
    "poisson over a simulated number": ({"divided_by": "plans_issued"}, "column error", ["poisson", "plans_issued"]),
    "no number": ({"value": "2,1"}, "column value", ["'2,1'", "a number"]),
    "negative discrepancy": ({"discrepancy": "-0.1"}, "column discrepancy", ["at least 0"]),
    "blank": ({"value": ""}, "column value", ["must be filled in"]),
    "no name": ({"name": ""}, "column name", ["blank", "a name of its own"]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_refused_with_its_place_and_a_remedy(
    case: str, known: Known, tmp_path: Path, refusal: Refusal
) -> None:
    cells, place, words = BAD[case]
    file = written(tmp_path, {**ROW, **cells})
    message = refusal(lambda: load_targets(file, known))
    assert f"{file}, line 2" in message
    for word in (place, *words):
        assert word in message, message


def test_two_rows_of_one_name_are_refused(known: Known, tmp_path: Path, refusal: Refusal) -> None:
    file = written(tmp_path, ROW, ROW)
    assert "line 3 (row suspensions), column name" in refusal(lambda: load_targets(file, known))


def test_everything_wrong_is_told_at_once(known: Known, tmp_path: Path, refusal: Refusal) -> None:
    file = written(tmp_path, {**ROW, "measure": "nothing", "source": "nobody"}, {**ROW, "name": "b", "use": "fit"})
    assert "3 problems" in refusal(lambda: load_targets(file, known))


def test_a_file_without_a_needed_column_is_refused(known: Known, tmp_path: Path, refusal: Refusal) -> None:
    file = tmp_path / "short.csv"
    file.write_text("name,label\na,b\n", encoding="utf-8")
    assert "no column measure" in refusal(lambda: load_targets(file, known))


def test_closures_of_a_county_are_periods(county, refusal: Refusal) -> None:
    county.replace("county.yaml", "  fictional: true", "  fictional: true\n  school_closures: [spring]")
    assert "spring is not a period" in county.message()

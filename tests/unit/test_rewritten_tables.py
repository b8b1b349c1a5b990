"""Changed figures written back into the tables of a county."""

import pytest

from sim.parameters.problems import ConfigurationError
from sim.parameters.rewrite import rewritten, with_row
from sim.parameters.tables import table_of

ONSET = table_of(("onset", "reception"))
HEADER = "name,first_year_group,last_year_group,value,low,high,distribution,unit,grade,source,year,note"
RECEPTION = 'reception,R,R,32,19.2,48,triangular,per 1000 pupils per school year,derived,balance,2018/19,"Made, up"'
OTHERS = RECEPTION.replace("reception,R,R", "others,Y1,Y11")
TEXT = "\n".join([HEADER, RECEPTION, OTHERS, ""])


def changed(cells: dict[str, object], path: tuple[str, ...] = ("onset", "reception"), text: str = TEXT) -> str:
    assert ONSET is not None
    return rewritten(text, ONSET, {path: cells}, "onset.csv")


def test_only_the_cells_asked_for_change() -> None:
    after = changed({"value": 30.5, "note": 'Calibrated, so "fitted".'})
    expected = RECEPTION.replace(",32,", ",30.5,").replace('"Made, up"', '"Calibrated, so ""fitted""."')
    assert after == "\n".join([HEADER, expected, OTHERS, ""])


def test_a_figure_is_read_back_exactly() -> None:
    third = 1 / 3
    assert f",{third!r}," in changed({"value": third})
    assert float(repr(third)) == third


def test_nothing_changed_gives_the_same_text() -> None:
    assert changed({}) == TEXT


def test_a_row_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"onset\.csv, row nobody\n *found: *no such row"):
        changed({"value": 1.0}, path=("onset", "nobody"))


def test_a_table_with_semicolons_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="commas"):
        changed({"value": 1.0}, text=TEXT.replace(",", ";"))


def test_a_source_is_added_once() -> None:
    text = "key,title,publisher,url\nlait,A tool,DfE,\n"
    row = {"key": "calibration", "title": "Fitted, by waves", "publisher": "Us", "url": ""}
    once = with_row(text, row)
    assert once == 'key,title,publisher,url\nlait,A tool,DfE,\ncalibration,"Fitted, by waves",Us,\n'
    assert with_row(once, row) == once

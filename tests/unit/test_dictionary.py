"""The words of the data dictionary: one for every name that the code has, and none for a name that it has not."""

from pathlib import Path

import pytest

from sim.dictionary import Dictionary, Named, dictionary, gaps
from sim.parameters.problems import ConfigurationError
from sim.report.data_dictionary import named

WORDS = Dictionary.model_validate(
    {
        "shared": {"grade": "How good the evidence is."},
        "county": {
            "rates.csv": {"about": "Rates.", "columns": {"value": {"unit": "per school year", "meaning": "Rate."}}}
        },
        "figures": {"crisis.identify": "Chance that a need is recorded."},
        "results": {"measures.parquet": {"about": "Measures.", "columns": {"value": "Its value."}}},
        "recorded": {"waits": {"about": "Waits.", "columns": {"rank": "Class."}}},
        "recorded_shared": {"pupil": "Who."},
        "run.json": {"seed": "Root of all luck."},
        "store": {"units/": "Runs."},
        "measures": {"mean_roll": "pupils"},
        "happenings": {"onset": "Need became visible."},
        "state": {"pupil": {"id": "Identity."}},
    }
)
NAMED = Named(
    county={"rates.csv": ("value", "grade")},
    results={"measures.parquet": ("value",)},
    recorded={"waits": ("pupil", "rank")},
    others={"figures": ("crisis.identify",), "measures": ("mean_roll",), "state/pupil": ("id",)},
)


def test_every_name_of_the_code_has_a_meaning_and_every_meaning_a_name() -> None:
    names = named()
    assert set(names.others) == {"figures", "measures", "happenings", "state/pupil", "state/mainstream school"}
    assert gaps(dictionary(), names) == []


def test_words_that_fit_the_names_leave_no_gap() -> None:
    assert gaps(WORDS, NAMED) == []


@pytest.mark.parametrize(
    ("part", "names", "where", "found"),
    [
        ("county", {"rates.csv": ("value", "grade", "event")}, "county/rates.csv/columns", "no meaning of event"),
        ("county", {"rates.csv": ("grade",)}, "county/rates.csv/columns", "a meaning of value, which there is not"),
        ("county", {"rate.csv": ("value",)}, "county", "no meaning of rate.csv"),
        ("recorded", {"waits": ("pupil", "rank", "school")}, "recorded/waits/columns", "no meaning of school"),
        ("others", {"measures": ("mean_roll", "entries")}, "measures", "no meaning of entries"),
        ("others", {"state/pupil": ()}, "state/pupil", "a meaning of id, which there is not"),
    ],
)
def test_a_name_without_a_meaning_and_a_meaning_without_a_name_are_told_with_their_key(
    part: str, names: dict[str, tuple[str, ...]], where: str, found: str
) -> None:
    changed = NAMED.model_copy(update={part: names})
    assert (f"key {where}", found) in [(problem.where, problem.found) for problem in gaps(WORDS, changed)]


def test_text_is_a_meaning_without_a_unit() -> None:
    assert (WORDS.shared["grade"].unit, WORDS.shared["grade"].meaning) == ("", "How good the evidence is.")
    assert WORDS.county["rates.csv"].columns["value"].unit == "per school year"


def test_a_dictionary_of_another_shape_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "dictionary.yaml"
    file.write_text("shared:\n  grade: {units: none, meaning: How good it is.}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        dictionary(file)
    assert "line 2 (key shared/grade/units)" in [problem.where for problem in raised.value.problems]

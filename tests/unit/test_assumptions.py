"""The register of assumptions: every judgement stands under one, every pattern reaches something."""

from pathlib import Path

import pytest

from sim.assumptions import Assumption, assumptions, figures_of, gaps, governed, matches, shipped_figures
from sim.levers.catalogue import levers
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.vocabulary import Grade

ENTRY = """\
leaving:
  statement: Families leave at one rate.
  kind: simplification
  because: No other rate was found.
  if_wrong: Rolls would be thinned more or less.
  impact: low
  grade: judgement
  source: [project_judgement]
  decisions: [5]
  governs: [rates/leave_county]
"""


def register(folder: Path, text: str) -> dict[str, Assumption]:
    file = folder / "assumptions.yaml"
    file.write_text(text, encoding="utf-8")
    return assumptions(file)


def test_every_judgement_of_every_county_stands_under_an_assumption_and_every_pattern_reaches_something() -> None:
    figures = shipped_figures()
    assert sum(row.grade is Grade.JUDGEMENT for rows in figures.values() for row in rows.values()) > 0
    assert gaps(assumptions(), figures) == []


def test_settings_of_levers_are_figures_too(exampleshire: Parameters) -> None:
    paths = set(figures_of(exampleshire))
    assert {("levers", name, setting) for name, spec in levers().items() for setting in spec.settings} <= paths
    assert ("quantities", "crisis", "identify") in paths
    assert ("yearly", "onset_factor", next(iter(exampleshire.yearly.onset_factor))) in paths


@pytest.mark.parametrize("key", ["tuition_lasts", "effects_may_be_nil", "levers_as_planned", "prices"])
def test_a_judgement_that_nothing_governs_is_named_with_its_county(key: str, exampleshire: Parameters) -> None:
    known = assumptions()
    figures = {"exampleshire": figures_of(exampleshire)}
    others = {name: one for name, one in known.items() if name != key}
    alone = [
        path
        for path in governed(known[key], figures["exampleshire"])
        if figures["exampleshire"][path].grade is Grade.JUDGEMENT
        and not any(one.reaches(path) for one in others.values())
    ]
    found = [problem.found for problem in gaps(others, figures) if "no assumption governs" in problem.found]
    assert alone
    said = [f"{'/'.join(path)} of exampleshire is a judgement that no assumption governs" for path in alone]
    assert sorted(found) == sorted(said)


def test_a_pattern_that_reaches_nothing_is_named_with_its_key(tmp_path: Path, exampleshire: Parameters) -> None:
    mistyped = register(tmp_path, ENTRY.replace("leave_county", "leaves_county"))
    figures = {"exampleshire": figures_of(exampleshire)}
    first = gaps(mistyped, figures)[0]
    assert (first.where, first.found) == ("key leaving/governs", "rates/leaves_county reaches nothing")
    assert "rates/leave_county" in first.fix


def test_a_star_stands_for_any_text_in_one_step() -> None:
    assert matches(("rates", "worsen_moderate"), "rates/worsen_*")
    assert matches(("cohorts", "2018/19", "Y3"), "cohorts/*/*")
    assert not matches(("cohorts", "2018/19", "Y3"), "cohorts/*")
    assert not matches(("rates", "worsen_moderate"), "rates/worsen")
    assert not matches(("rates",), "rates/*")


@pytest.mark.parametrize(
    ("old", "new", "line", "allowed"),
    [
        ("[project_judgement]", "[project_judgment]", "line 8 (key leaving/source)", "project_judgement"),
        ("rates/leave", "rate/leave", "line 10 (key leaving/governs)", "rates"),
        ("[rates/leave_county]", "['*/leave_county']", "line 10 (key leaving/governs)", "rates"),
        ("impact: low", "impact: small", "line 6 (key leaving/impact)", "low"),
        ("grade: judgement", "grade: guess", "line 7 (key leaving/grade)", "judgement"),
        ("  because: No other rate was found.\n", "", "line 1 (key leaving/because)", ""),
    ],
)
def test_what_is_wrong_in_the_register_is_told_with_its_line(
    old: str, new: str, line: str, allowed: str, tmp_path: Path
) -> None:
    assert old in ENTRY
    with pytest.raises(ConfigurationError) as raised:
        register(tmp_path, ENTRY.replace(old, new))
    (problem,) = raised.value.problems
    assert problem.where == line
    assert allowed in problem.allowed

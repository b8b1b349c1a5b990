"""Study files: read strictly, turned into scenarios, and told with line and key when they are wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.experiments import Design, Experiment, load_experiment, reading
from sim.experiments.points import badly_named, distinct, name_of
from sim.parameters.fingerprint import fingerprint
from sim.parameters.parse import parse_yaml
from sim.parameters.problems import ConfigurationError
from sim.questions import questions
from sim.study import quantities_in

SHIPPED = sorted(file for file in (Path(__file__).resolve().parents[2] / "experiments").iterdir() if file.is_file())
LISTED = """\
title: Two policies
county: exampleshire
scenarios: [bursary_for_schools, early_work_protected]
replications: 4
seed: 3
measures:
  - {measure: suspensions, label: Suspensions, unit: a year}
"""
FACTORIAL = """\
title: Bases and a bursary
county: exampleshire
design:
  kind: factorial
  factors:
    bases: {of: levers/open_primary_bases/design, levels: [neutral, full_centre]}
    bursary: {of: levers/fund_training_bursary/budget, levels: [neutral, 150000.5]}
precision:
  most: 50
  targets:
    - {measure: suspensions, half_width: 2}
measures:
  - {measure: suspensions, label: Suspensions, unit: a year}
"""
CUBE = """\
title: A cube
county: exampleshire
design:
  kind: latin_hypercube
  points: 8
  factors:
    budget: {of: levers/fund_training_bursary/budget, low: 0, high: 80000}
    design: {of: levers/open_primary_bases/design, levels: [outreach_only, full_centre]}
    share: {of: quantities/team/protected_share, start: 2019-09-01, low: 0, high: 0.5}
replications: 2
seed: 5
measures:
  - {measure: suspensions, label: Suspensions, unit: a year}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str, found: str, wrong: str) -> str:
    assert found in text
    with pytest.raises(ConfigurationError) as caught:
        load_experiment(written(folder, text.replace(found, wrong)), quantities_in)
    return str(caught.value)


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return load_experiment(written(tmp_path_factory.mktemp("cube"), CUBE), quantities_in)


def test_a_study_of_scenarios_is_those_scenarios_beside_the_baseline(tmp_path: Path) -> None:
    found = load_experiment(written(tmp_path, LISTED), quantities_in)
    assert [one.name for one in found.scenarios] == ["baseline", "bursary_for_schools", "early_work_protected"]
    assert (found.name, found.replications, found.seed, found.precision, found.points) == ("mine", 4, 3, None, ())


def test_a_scenario_file_beside_the_study_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("title: Own\nlevers: {fund_training_bursary: {}}\n", encoding="utf-8")
    found = load_experiment(written(tmp_path, LISTED.replace("bursary_for_schools", "own.yaml")), quantities_in)
    assert found.scenarios[1].title == "Own"


def test_a_question_brings_its_scenarios_and_measures(tmp_path: Path) -> None:
    asked = questions()["Q2"]
    found = load_experiment(written(tmp_path, "title: T\ncounty: exampleshire\nquestion: Q2\nreplications: 3\n"))
    assert tuple(one.name for one in found.scenarios[1:]) == asked.runs
    assert found.looks_at == asked.looks_at


def test_a_factorial_has_every_combination_under_a_name_that_says_which(tmp_path: Path) -> None:
    found = load_experiment(written(tmp_path, FACTORIAL), quantities_in)
    assert {point.scenario: point.levels for point in found.points} == {
        "baseline": {"bases": "neutral", "bursary": "neutral"},
        "bursary-150000.5": {"bases": "neutral", "bursary": 150000.5},
        "bases-full_centre": {"bases": "full_centre", "bursary": "neutral"},
        "bases-full_centre_bursary-150000.5": {"bases": "full_centre", "bursary": 150000.5},
    }
    assert [one.name for one in found.scenarios] == [point.scenario for point in found.points]
    assert [sorted(one.levers) for one in found.scenarios] == [
        [],
        ["fund_training_bursary"],
        ["open_primary_bases"],
        ["fund_training_bursary", "open_primary_bases"],
    ]
    assert found.replications == found.precision.first < found.precision.most


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_factor(cube: Experiment) -> None:
    budgets = sorted(float(levels["budget"]) for _, levels in cube.points)
    shares = sorted(float(levels["share"]) for _, levels in cube.points)
    designs = [levels["design"] for _, levels in cube.points]
    assert [int(budget / 10_000) for budget in budgets] == list(range(8))
    assert np.floor(np.array(shares) / 0.5 * 8).tolist() == list(range(8))
    assert designs.count("outreach_only") == designs.count("full_centre") == 4


def test_the_same_seed_gives_the_same_points_and_another_seed_others(cube: Experiment) -> None:
    design = Design.model_validate(parse_yaml(CUBE, "mine.yaml").data["design"])
    assert design.levels(5) == [point.levels for point in cube.points] != design.levels(6)


def test_a_point_holds_what_its_levels_say(cube: Experiment) -> None:
    scenario = cube.scenarios[3]
    (levels,) = (point.levels for point in cube.points if point.scenario == scenario.name)
    assert scenario.levers["fund_training_bursary"] == {"budget": levels["budget"]}
    (later,) = [change for day, change in scenario.parameters.later.items() if day.year == 2019]
    assert later.quantities.team.protected_share.value == levels["share"]


@pytest.mark.parametrize(
    ("text", "found", "wrong", "needed"),
    [
        (LISTED, "title: Two", "titel: Two", ("unknown key titel", "line 1", "did you mean title?")),
        (LISTED, "replications: 4", "replications: 0", ("line 4", "key replications", "at least 1")),
        (LISTED, "replications: 4\n", "", ("replications and precision", "one of the two")),
        (LISTED, "exampleshire", "exampleshir", ("line 2", "did you mean exampleshire?")),
        (LISTED, "bursary_for_schools", "bursary_for_school", ("line 3", "did you mean bursary_for_schools?")),
        (LISTED, "suspensions,", "suspensons,", ("line 7", "unknown measure", "did you mean suspensions?")),
        (LISTED, "unit: a year}", "unit: a year, phse: primary}", ("unknown key phse", "did you mean phase?")),
        (LISTED, "title: Two policies\n", "", ("key title", "this key must be there")),
        (LISTED, "seed: 3", "question: Q99", ("line 5", "no question Q99")),
        (LISTED, "scenarios: [bursary_for_schools, early_work_protected]\n", "", ("nothing to run",)),
        (FACTORIAL, "kind: factorial", "kind: fractional", ("line 4", "factorial or latin_hypercube")),
        (FACTORIAL, "kind: factorial", "kind: factorial\n  points: 3", ("points belong to a latin_hypercube",)),
        (FACTORIAL, "levels: [neutral, full_centre]", "levels: [neutral]", ("line 6", "two or more")),
        (FACTORIAL, "levels: [neutral, full_centre]", "low: 1, high: 2", ("low and high of bases",)),
        (FACTORIAL, "bases/design", "bases/desing", ("no such setting", "did you mean design?")),
        (FACTORIAL, "open_primary_bases/design", "open_primary_base/design", ("did you mean open_primary_bases?",)),
        (FACTORIAL, "fund_training_bursary/budget", "fund_training_bursary", ("whole lever", "neutral and pulled")),
        (FACTORIAL, "bursary: {", "bursary: {form: 3, ", ("unknown key form", "line 7")),
        (FACTORIAL, "bursary: {", f"{'long' * 30}: {{", ("at most 100 characters", "shorter names")),
        (FACTORIAL, "most: 50", "most: 4", ("first 5, most 4",)),
        (FACTORIAL, "half_width: 2}", "half_width: 2, of_difference: 0.1}", ("2 widths", "line 11")),
        (FACTORIAL, "half_width: 2}", "half_wdth: 2}", ("unknown key half_wdth", "did you mean half_width?")),
        (FACTORIAL, "measure: suspensions, half", "measure: suspenions, half", ("line 11", "unknown measure")),
        (CUBE, "low: 0, high: 80000", "low: 9, high: 8", ("low 9, high 8", "low below high")),
        (CUBE, "low: 0, high: 80000", "low: 0", ("low and high", "line 7")),
        (CUBE, "protected_share", "protected_shar", ("did you mean protected_share?",)),
        (CUBE, "high: 0.5}", "high: 0.5, levels: [1, 2]}", ("levels, or low and high",)),
        (CUBE, "  points: 8\n", "", ("points belong to a latin_hypercube",)),
        (LISTED, "suspensions,", "suspensions, provision: special_school,", ("line 7", "measures/0/provision", "all")),
        (LISTED, "suspensions,", "suspensions, phase: primry,", ("measures/0/phase", "did you mean primary?")),
        (FACTORIAL, "half_width: 2", "phase: tertiary, half_width: 2", ("line 11", "targets/0/phase", "tertiary")),
        (LISTED, "early_work_protected", "bursary_for_schools", ("line 3", "scenarios/1", "two scenarios of the name")),
        (CUBE, "training_bursary/budget", "training_bursary/budgt", ("line 7 (key design/factors/budget/of)",)),
        (CUBE, "training_bursary/budget", "training_bursry/budget", ("line 7 (key design/factors/budget/of)",)),
        (CUBE, "levels: [outreach_only", "levels: [outreach", ("line 8 (key design/factors/design/levels)",)),
        (CUBE, "low: 0, high: 0.5", "low: 0, high: 1.5", ("line 9 (key design/factors/share/high)", "0 to 1")),
        (CUBE, "low: 0, high: 0.5", "low: -1, high: 0.5", ("line 9 (key design/factors/share/low)", "0 to 1")),
        (CUBE, "2019-09-01", "2019-09-02", ("line 9 (key design/factors/share/start)", "1 September")),
        (CUBE, "high: 80000", "high: 80,000", ("line 7", "unknown key 000", "without commas, such as 100000")),
        (CUBE, "high: 80000}", "high: 8e4}", ("line 7", "write 80000 if it is a number")),
        (FACTORIAL, "150000.5", "150,000", ("line 7", "without commas, such as 100000 for 100,000")),
        (FACTORIAL, "    bases:", "    früh b:", ("line 6 (key design/factors/fr", "letters from a to z")),
        (FACTORIAL, "[neutral, 150000.5]", "[5, '5.']", ("line 7 (key design/factors/bursary/levels)", "a number")),
    ],
)
def test_what_is_wrong_is_told_with_file_place_and_what_is_allowed(
    tmp_path: Path, text: str, found: str, wrong: str, needed: tuple[str, ...]
) -> None:
    said = " ".join(refusal(tmp_path, text, found, wrong).split())
    for words in ("mine.yaml", *needed):
        assert words in said


def test_thousands_with_commas_in_a_line_of_their_own_are_told_how_to_be_written(tmp_path: Path) -> None:
    said = refusal(tmp_path, LISTED, "seed: 3", "seed: 100,000")
    assert "write 100000 if it is a number" in said
    assert "line 5 (key seed)" in said


@pytest.mark.parametrize("levels", [["a_b", "A_b"], [0.5, "0.5"], ["a", "b c"]])
def test_levels_that_cannot_be_told_apart_in_names_of_files_are_laid_at_their_factor(levels: list[str | float]) -> None:
    factors = {"fine": {"of": "levers/x/y", "levels": [1, 2]}, "base": {"of": "levers/x/z", "levels": levels}}
    design = Design.model_validate({"kind": "factorial", "factors": factors})
    names = [name_of(design, number, one) for number, one in enumerate(design.levels(1), start=1)]
    assert list(distinct(names))
    assert badly_named(design) == ("design", "factors", "base")


def test_a_small_level_stands_in_full_in_the_name_of_its_point(tmp_path: Path) -> None:
    text = FACTORIAL.replace("150000.5", "0.0000001").replace("[neutral, full_centre]", "[full_centre, outreach_only]")
    found = load_experiment(written(tmp_path, text), quantities_in)
    assert "bases-full_centre_bursary-0.0000001" in [one.name for one in found.scenarios]


def test_points_at_which_nothing_changes_have_the_results_of_the_baseline_and_no_others(tmp_path: Path) -> None:
    share = "share: {of: quantities/team/protected_share, levels: [0, 0.25]}"
    text = FACTORIAL.replace("bases: {of: levers/open_primary_bases/design, levels: [neutral, full_centre]}", share)
    found = load_experiment(written(tmp_path, text), quantities_in)
    names = ["baseline", "share-0_bursary-150000.5", "share-0.25", "share-0.25_bursary-150000.5"]
    assert [point.scenario for point in found.points] == [one.name for one in found.scenarios] == names
    assert found.points[0].levels == {"share": 0, "bursary": "neutral"}


def test_a_bare_name_is_looked_for_in_the_folder_of_experiments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    written(tmp_path, LISTED)
    assert load_experiment("mine").title == "Two policies"
    with pytest.raises(ConfigurationError, match="did you mean mine"):
        load_experiment("mime")


def test_every_question_has_a_study_file_and_the_folder_holds_nothing_but_studies() -> None:
    assert {file.suffix for file in SHIPPED} == {".yaml"}
    said = [parse_yaml(file.read_text(encoding="utf-8"), file.name).data for file in SHIPPED]
    whole = [one["question"] for one in said if "question" in one and "scenarios" not in one]
    assert whole == list(questions())


@pytest.mark.slow
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_study_files_that_come_along_are_valid_on_their_county(file: Path) -> None:
    found = load_experiment(file, quantities_in)
    named = parse_yaml(file.read_text(encoding="utf-8"), file.name).data.get("scenarios", ())
    asked = questions()[found.question].runs if found.question else ()
    known = named or asked or tuple({point.scenario for point in found.points} - {"baseline"})
    assert {one.name for one in found.scenarios} == {"baseline", *known}


@pytest.mark.parametrize("file", [one for one in SHIPPED if one.stem.endswith("example")], ids=lambda file: file.stem)
def test_designs_that_come_along_can_be_run_on_the_fictional_county(file: Path) -> None:
    found = load_experiment(file, quantities_in, county="exampleshire")
    assert len({fingerprint(one.parameters) for one in found.scenarios}) == len(found.scenarios) >= len(found.points)


def test_a_study_file_may_ask_for_uncertain_parameters(tmp_path: Path) -> None:
    asked = load_experiment(written(tmp_path, f"{LISTED}uncertainty: parameters\nreplications_per_draw: 3\n"))
    assert asked.draws is not None
    assert (asked.draws.per_draw, asked.draws.seed) == (3, 3)
    assert load_experiment(written(tmp_path, f"{LISTED}uncertainty: parameters\n"), uncertainty="none").draws is None

"""Questions: read strictly, refused with line and key, and put on a county with their scenarios."""

from pathlib import Path

import pytest

from sim.analysis.lever_break_even import axes_of
from sim.levers.catalogue import in_use
from sim.measures import MEASURES
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.questions import Question, question_named, questions
from sim.scenarios import list_scenarios, outline

SCENARIO = "primary_bases_2019"
TEXT = f"""\
Q10:
  asked: What is the position?
  looks_at:
    - {{measure: spend_total, provision: in_block, over: sum, label: Spend, unit: "£m"}}
Q2:
  asked: Do bases pay?
  scenarios: [{SCENARIO}]
  looks_at:
    - {{measure: mean_roll, label: Pupils, unit: pupils, falls_is: good}}
  caveats: [Few figures are published.]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "questions.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, found: str, wrong: str) -> str:
    assert found in TEXT
    with pytest.raises(ConfigurationError) as caught:
        questions(MEASURES, written(folder, TEXT.replace(found, wrong)))
    return str(caught.value)


@pytest.fixture(scope="module")
def shipped() -> dict[str, Question]:
    return questions(MEASURES)


def test_questions_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    assert list(questions(MEASURES, written(tmp_path, TEXT))) == ["Q2", "Q10"]


def test_what_a_question_does_not_say_has_a_default(tmp_path: Path) -> None:
    first, second = questions(MEASURES, written(tmp_path, TEXT)).values()
    assert (first.looks_at[0].provision, first.looks_at[0].phase, first.looks_at[0].over) == ("all", "all", "mean")
    assert second.looks_at[0].falls_is == "neither"
    assert second.runs == second.caveats == ()


@pytest.mark.parametrize(
    ("found", "wrong", "needed"),
    [
        (SCENARIO, "primary_base_2019", ("key Q2/scenarios", f"did you mean {SCENARIO}?")),
        ("mean_roll", "mean_rolls", ("line 9", "unknown measure mean_rolls", "did you mean mean_roll?")),
        ("asked: Do bases", "askd: Do bases", ("line 6", "unknown key askd", "did you mean asked?", "add asked")),
        ("label: Pupils", "lable: Pupils", ("line 9", "unknown key lable", "did you mean label?")),
        ("over: sum", "over: total", ("line 4", "'total'", "mean, sum or last")),
        ("falls_is: good", "falls_is: great", ("line 9", "good, bad or neither")),
        ("Q2:", "B2:", ("line 5", "such as Q4")),
        ("caveats: [Few", "combination: {parts: [a], whole: b}\n  caveats: [Few", ("unknown key whole", "together")),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(tmp_path: Path, found: str, wrong: str, needed: tuple) -> None:
    said = refusal(tmp_path, found, wrong)
    for words in needed:
        assert words in said


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, TEXT, TEXT.replace("mean_roll", "roll").replace("spend_total", "total"))
    assert "2 problems" in said


def test_a_file_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"add questions\.yaml"):
        questions(MEASURES, tmp_path / "questions.yaml")


@pytest.mark.parametrize("asked", ["Q2", "q2", "2", " Q2 "])
def test_a_question_is_known_by_its_key_however_it_is_typed(tmp_path: Path, asked: str) -> None:
    assert question_named(asked, questions(MEASURES, written(tmp_path, TEXT))) == "Q2"


def test_a_question_that_there_is_not_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Q2, Q10"):
        question_named("Q3", questions(MEASURES, written(tmp_path, TEXT)))


def test_parts_and_whole_of_a_combination_are_run_each_once() -> None:
    looks_at = [{"measure": "mean_roll", "label": "Pupils", "unit": "pupils"}]
    combination = {"parts": ["one", "two"], "together": "both"}
    made = Question(asked="Both?", scenarios=("two", "other"), combination=combination, looks_at=looks_at)
    assert made.runs == ("two", "other", "one", "both")


def test_a_question_is_put_on_a_county_with_the_baseline_first(tmp_path: Path, exampleshire: Parameters) -> None:
    found = questions(MEASURES, written(tmp_path, TEXT))["Q2"].scenarios_on(exampleshire)
    assert [scenario.name for scenario in found] == ["baseline", SCENARIO]


def test_all_thirteen_questions_are_there_and_only_the_baseline_answers_without_scenarios(
    shipped: dict[str, Question],
) -> None:
    assert list(shipped) == [f"Q{number}" for number in range(1, 14)]
    assert sum(not question.runs for question in shipped.values()) == 1


def test_a_scenario_belongs_to_a_question_that_there_is(shipped: dict[str, Question]) -> None:
    for name in list_scenarios()[1:]:
        assert outline(name).question in shipped, name


def test_a_scenario_of_a_question_loads_on_the_small_county(
    shipped: dict[str, Question], exampleshire: Parameters
) -> None:
    for question in shipped.values():
        assert len(question.scenarios_on(exampleshire)) == len(question.runs) + 1


def test_measures_of_money_are_in_pounds_and_others_are_not(shipped: dict[str, Question]) -> None:
    for key, question in shipped.items():
        for quantity in question.looks_at:
            is_money = quantity.measure.startswith(("spend", "balance", "committed"))
            assert quantity.unit.startswith("£") == is_money, f"{key}: {quantity.label}"


def test_commands_that_lead_further_name_levers_axes_settings_and_scenarios_that_there_are(
    shipped: dict[str, Question], exampleshire: Parameters
) -> None:
    commands = [command for question in shipped.values() for command in question.go_further]
    assert commands
    for command in commands:
        program, verb, name, *options = command.partition("#")[0].split()
        given = dict(zip(options[::2], options[1::2], strict=True))
        assert (program, set(given) <= {"--on", "--set"}) == ("pathways", True), command
        if verb == "waterfall":
            assert name in list_scenarios(), command
        else:
            settings = dict([given["--set"].split("=")]) if "--set" in given else {}
            axes = axes_of(in_use(exampleshire, name, settings, "test"))
            assert (verb, given.get("--on", axes[0]) in axes) == ("breakeven", True), f"{command}: {axes}"


def test_a_line_asked_about_by_price_or_volume_is_one_of_the_block(
    shipped: dict[str, Question], exampleshire: Parameters
) -> None:
    lines = [question.price_or_volume for question in shipped.values() if question.price_or_volume]
    assert lines
    assert all(exampleshire.lines[line].in_block for line in lines)

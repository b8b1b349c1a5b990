"""Where a lever breaks even, in words and tables for a terminal."""

from __future__ import annotations

import io
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest

from sim.analysis.break_even import Outcome, Root, linear_root, root_of_curve
from sim.analysis.break_even_chance import Chance, chances
from sim.analysis.lever_break_even import Answer, Meaning, Question
from sim.levers.acts import LeverInUse
from sim.levers.catalogue import in_use
from sim.parameters.schema import Parameters
from sim.report.tables import console
from sim.report.threshold_words import chance_words, print_answer, sentence
from sim.results import CAVEATS, STAMP, mean_with_interval

NOBODY_KNOWS = (nan, nan, nan)


@pytest.fixture
def bursary(exampleshire: Parameters) -> LeverInUse:
    return in_use(exampleshire, "fund_training_bursary", {}, "test")


def root(outcome: Outcome = Outcome.FOUND, at: tuple[float, float, float] = NOBODY_KNOWS, **more: Any) -> Root:
    said = {
        "stretches": () if isnan(at[1]) else (at[1:],),
        "replications": 3,
        "confidence": 0.95,
        "lowest": 0.0,
        "highest": 2.0,
        "pays_above": True,
        **more,
    }
    return Root(outcome, *at, **said)


def answer(axis: str, found: Root, meaning: tuple[Meaning, ...] = (), costs: Any = None) -> Answer:
    question = Question("fund_training_bursary", axis, {}, 3, 5)
    net_costs = np.array([[9e3, 8e3, 7e3], [-1e3, -2e3, -3e3]]) if costs is None else np.array(costs)
    return Answer(question, (0.0, 1.0), net_costs, found, meaning, "1a2b3c")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            root(at=(1.25, 0.9, 1.6)),
            "It pays for itself from 1.25 times as strong an effect as the evidence says (95% interval 0.9 to 1.6).",
        ),
        (
            root(at=(1.25, -inf, inf), pays_above=False, confidence=0.9),
            "It pays for itself up to 1.25 times as strong an effect as the evidence says "
            "(90% interval below 0 to beyond 2).",
        ),
        (root(at=(1.25, nan, nan)), "It pays for itself from 1.25 times as strong an effect as the evidence says."),
        (
            root(Outcome.ALWAYS),
            "It pays for itself at every level looked at, from 0 to 2 times as strong an effect as the evidence says.",
        ),
        (
            root(Outcome.NEVER, (nan, 1.5, inf)),
            "It does not pay for itself at any level looked at, from 0 to 2 times as strong an effect as the evidence "
            "says; the 95% interval of its net cost includes nought at levels 1.5 to beyond 2.",
        ),
        (
            root(at=(1.25, -inf, 1.6), stretches=((-inf, 0.2), (1.1, 1.6))),
            "It pays for itself from 1.25 times as strong an effect as the evidence says; the 95% interval of its net "
            "cost includes nought at levels below 0 to 0.2 and 1.1 to 1.6.",
        ),
    ],
)
def test_the_finding_is_a_sentence_with_its_interval(bursary: LeverInUse, found: Root, said: str) -> None:
    assert sentence(bursary, answer("effect", found)) == said


def test_words_and_table_agree_at_each_level_that_was_run_however_few_the_replications(bursary: LeverInUse) -> None:
    """With two replications the t interval is wide, and may include nought on both sides of a level that is clear."""
    levels, costs = [0.0, 1.0, 2.0], [[-50.0e3, 60.0e3], [30.0e3, 31.0e3], [-90.0e3, 40.0e3]]
    found = root_of_curve(levels, costs)
    said = sentence(bursary, answer("effect", found, costs=costs))
    table = mean_with_interval(np.array(costs), 0.95)
    for level, low, high in zip(levels, table["low"], table["high"], strict=True):
        assert (low <= 0 <= high) == any(start <= level <= end for start, end in found.stretches)
    assert said.count(" to ") == len(found.stretches) == 2
    assert "(95% interval" not in said


def test_a_dose_is_so_much_of_the_lever(bursary: LeverInUse) -> None:
    assert sentence(bursary, answer("dose", root(at=(0.5, 0.4, 0.6)))) == (
        "It pays for itself from 0.5 times as much of the lever (95% interval 0.4 to 0.6)."
    )


def test_a_price_has_no_highest_level(bursary: LeverInUse) -> None:
    cheap = [[-9.0, -10.0, -11.0], [-9.0, -10.0, -11.0]]
    found = linear_root({0.0: cheap[0], 1.0: cheap[1]})
    assert sentence(bursary, answer("cost", found, costs=cheap)) == (
        "It pays for itself at every level looked at, from 0 up times its price."
    )
    unsure = root(Outcome.ALWAYS, (nan, 3.0, inf), highest=inf, pays_above=False)
    assert sentence(bursary, answer("cost", unsure, costs=cheap)).endswith(
        "; the 95% interval of its net cost includes nought at levels 3 to any."
    )


@pytest.mark.parametrize("free", [[5.0, 6.0, 7.0], [-9.0, 1.0, 5.0], [0.0, 0.0, 0.0]])
def test_a_lever_that_saves_nothing_when_it_is_free_has_no_price(bursary: LeverInUse, free: list[float]) -> None:
    costs = [free, [20.0, 21.0, 22.0]]
    found = answer("cost", root_of_curve([0.0, 1.0], costs), costs=costs)
    assert sentence(bursary, found) == "Even free of charge it saves nothing that can be told from nought."


def test_one_replication_that_saves_when_free_has_a_price_without_an_interval(bursary: LeverInUse) -> None:
    found = answer("cost", linear_root({0.0: [-50.0], 1.0: [-30.0]}), costs=[[-50.0], [-30.0]])
    assert sentence(bursary, found) == "It pays for itself up to 2.5 times its price."


def printed(lever: LeverInUse, found: Answer) -> list[str]:
    """What is printed, line by line, with single spaces."""
    file = io.StringIO()
    out = console(file)
    out.width = 200
    print_answer(out, lever, found)
    return [" ".join(line.split()) for line in file.getvalue().splitlines() if line.strip()]


def test_what_is_needed_stands_beside_the_evidence_and_says_whether_it_lies_in_its_range(bursary: LeverInUse) -> None:
    made = (
        Meaning("trained_suspension", 0.93, 0.91, 0.8, 0.95),
        Meaning("cost_per_school", 4000.0, 1e6, 9e5, 2e6),
        Meaning("trained_worsen", 0.93, nan, nan, nan),
    )
    found = answer("effect", root(at=(1.25, 0.9, 1.6)), made)
    lines = printed(bursary, found)
    likely = next(chance_words(one) for one in chances(bursary, found) if one.name == "trained_suspension")
    effect, setting = bursary.parameters.effects["trained_suspension"], bursary.settings["cost_per_school"]
    said = {line.split(" (")[0]: line for line in lines}
    assert effect.low <= 0.91 <= effect.high
    assert said["Trained suspension"].endswith(f"0.93 {effect.low:g} to {effect.high:g} 0.91 yes {likely}")
    assert setting.high < 1e6
    assert said[setting.label].endswith(f"4,000 {setting.low:,g} to {setting.high:,g} 1,000,000 no")
    assert said["Trained worsen"].endswith(f"none found no {likely}")


def test_a_lever_that_pays_at_every_level_needs_no_more_than_any_of_them(bursary: LeverInUse) -> None:
    made = (Meaning("trained_worsen", 0.93, nan, nan, nan),)
    lines = printed(bursary, answer("effect", root(Outcome.ALWAYS), made))
    assert next(line for line in lines if line.startswith("Trained worsen")).endswith(
        "any looked at yes 89% (89% to 100%)"
    )


def test_a_chance_is_said_with_its_interval_if_it_has_one() -> None:
    assert chance_words(Chance("a", 0.341, 0.2, 0.508)) == "34% (20% to 51%)"
    assert chance_words(Chance("a", 1.0, nan, nan)) == "100%"


def test_every_level_is_printed_with_its_net_cost_and_what_was_run(bursary: LeverInUse) -> None:
    lines = printed(bursary, answer("effect", root(at=(1.25, 0.9, 1.6))))
    assert lines[0] == f"{bursary.spec.label}: when does it pay for itself?"
    assert [line for line in lines if line.startswith(("0 ", "1 "))] == ["0 +8 (+6 to +10)", "1 -2 (-4 to 0)"]
    text = " ".join(lines)
    assert "Run 1a2b3c, seed 5, 3 replications of each level" in text
    assert f"{STAMP.upper()}. " in text
    assert all(caveat in text for caveat in CAVEATS[1:])

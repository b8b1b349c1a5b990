"""Allocation files that cannot be used: each is refused with the place, what was found, what is allowed and the fix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.parameters.problems import ConfigurationError
from sim.search import find_allocation, list_allocations, load_allocation
from tests.unit.search.made_allocations import OPTIONS, allocation_file

SECOND_BURSARY = """\
  again:
    label: Bursary again
    lever: fund_training_bursary
    vary: {budget: [20000]}
"""
FREE = """\
options:
  early:
    label: Early work
    lever: protect_preventive_time
    vary: {share: [0.2, 0.4]}
"""
LEAVES_DISTRICTS = "vary: {number: [1, 2]}", "vary: {number: [1, 9]}"


def refused(folder: Path, *changes: tuple[str, str]) -> str:
    """Return what is said of a file that cannot be used, on one line."""
    with pytest.raises(ConfigurationError) as error:
        load_allocation(allocation_file(folder, "exampleshire", *changes))
    return " ".join(str(error.value).split())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [("lever: fund_training_bursary", "lever: fund_training_bursery")],
            "grant.yaml, line 17 (key options/bursary/lever) found: no lever fund_training_bursery allowed: "
            "fund_training_bursary",
        ),
        (
            [LEAVES_DISTRICTS],
            "line 14 (key options/bases/vary/number) found: 9 allowed: 0 to 2, the districts there are",
        ),
        (
            [("size: [1.5, 2]", "size: [1.5, 7]")],
            "(key options/teams/vary/size) found: 7 allowed: a number from 0 to 5 ratio",
        ),
        ([("size: [1.5, 2]", "sise: [1.5, 2]")], "(key options/teams/vary/sise)"),
        (
            [("vary: {size: [1.5, 2]}\n", "vary: {size: [1.5, 2]}\n" + SECOND_BURSARY)],
            "options bursary and again, which both pull fund_training_bursary everywhere allowed: one option for a",
        ),
        (
            [("vary: {size: [1.5, 2]}", "vary: {size: [1, 2]}")],
            "(key options/teams/vary) found: times 1 is the same as left out",
        ),
        ([("size: [1.5, 2]", "size: [2, 2]")], "values of size that are missing or repeat allowed: different values"),
        (
            [("to: 150000, step: 50000", "to: 150000, step: 40000")],
            "from 50000 to 150000 by 40000 allowed: two to 100 values, the last of them reached exactly",
        ),
        (
            [("settings: {design: outreach_only}", "settings: {design: outreach_only, number: 1}")],
            "number both fixed and varied allowed: one of the two",
        ),
        (
            [("vary: {size: [1.5, 2]}", "vary: {size: [1.5, 2]}\n    price: 3")],
            "(key options/teams/price) found: unknown key price",
        ),
        (
            [("lines: [start_up], most", "lines: [start_upp], most")],
            "(key grant/one_off/lines/0) found: no budget line start_upp in the block allowed: start_up",
        ),
        (
            [("training_bursary, send_district_team]", "training_bursary]")],
            "(key options/teams) found: times 1.5 costs money on the line send_district_team, on which none of the "
            "grant may be spent",
        ),
        ([("lines: [start_up], most", "lines: [start_up, training_bursary], most")], "training_bursary in both pots"),
        (
            [
                ("2018-19: 200000, 2019-20: 200000", "2018-19: 100, 2019-20: 100"),
                ("2020-21", "2020-21\n  spent_at_least: 0.5"),
            ],
            "(key grant) found: no split that the grant pays for allowed: one split or more within 200 pounds up to",
        ),
        ([("2018-19: 200000", "2018-20: 200000")], "the year 2018-20 allowed: financial years such as 2019-20"),
        ([("2018-19: 200000", "2018-19: -1")], "-1 pounds in 2018-19 allowed: 0 or more"),
        (
            [("covers_to: 2020-21", "covers_to: 2035-36")],
            "(key grant/covers_to) found: 2035-36 allowed: a financial year from 2019-20 to 2023-24",
        ),
        ([("covers_to: 2020-21", "covers_to: 2017-18")], "covers_to 2017-18 before the grant"),
        (
            [("measure: spend_total", "measure: spend_totl")],
            "(key objective/measure) found: no figures of measure spend_totl",
        ),
        ([("measure: suspensions,", "measure: suspensions, phase: nursery,")], "(key conditions/0/phase)"),
        ([("not_above: baseline", "not_above: baseline, not_below: 3")], "not_above and not_below, both or neither"),
        (
            [("not_above: baseline", "not_above: basline")],
            "1 problem in the configuration: 1. {file}, line 31 (key conditions/0/not_above) found: 'basline' allowed: "
            "baseline, or a number",
        ),
        (
            [("vary: {size: [1.5, 2]}", "vary: {size: 1.5}")],
            "1 problem in the configuration: 1. {file}, line 22 (key options/teams/vary/size) found: 1.5 allowed: "
            "values in square brackets, or from, to and step",
        ),
        (
            [("to: 150000, step: 50000", "to: 150000")],
            "1 problem in the configuration: 1. {file}, line 18 (key options/bursary/vary/budget/step) found: nothing",
        ),
        ([("aim: least", "aim: lowest")], "(key objective/aim) found: 'lowest'"),
        ([("indifference: 10000", "indifference: 0")], "(key selection/indifference) found: 0"),
        ([("first: 3", "first: 9")], "first 9, most 5 allowed: first up to most"),
        (
            [(OPTIONS, FREE)],
            "(key options/early) found: 0.2 share costs nothing that can be worked out without pupils allowed: a lever "
            "with a cost of its own, or own_cost with one_off and recurring_a_year in pounds fix: state own_cost",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(tmp_path: Path, changes: list[tuple[str, str]], said: str) -> None:
    assert said.replace("{file}", str(tmp_path / "grant.yaml")) in refused(tmp_path, *changes)


def test_parameters_are_drawn_if_the_file_or_the_command_asks_for_it_and_the_command_comes_first(
    tmp_path: Path,
) -> None:
    file = allocation_file(tmp_path, "exampleshire", ("seed: 7", "seed: 7\nuncertainty: parameters"))
    drawn = load_allocation(file).draws
    assert drawn is not None
    assert (drawn.per_draw, drawn.seed, drawn.most_replications) == (1, 7, None)
    assert load_allocation(file, uncertainty="none").draws is None
    assert "(key uncertainty) found: 'all'" in refused(tmp_path, ("seed: 7", "seed: 7\nuncertainty: all"))


@pytest.mark.slow
def test_a_county_with_an_ensemble_is_drawn_from_it_and_more_draws_to_begin_with_are_refused(tmp_path: Path) -> None:
    found = load_allocation("grant_2018")
    assert found.draws is not None
    assert found.most == min(len(found.draws.members), found.said.selection.most)
    shipped = find_allocation("grant_2018").read_text(encoding="utf-8")
    file = tmp_path / "many.yaml"
    selection = "selection: {confidence: 0.95, indifference: 100000, first: 61, step: 5, most: 100}"
    file.write_text(re.sub(r"(?m)^selection: .*$", selection, shipped), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load_allocation(file)
    said = " ".join(str(error.value).split())
    assert "(key selection/first) found: 61 replications of each split to begin with, each in a draw of its own" in said
    assert "allowed: up to 60, the members of the county's ensemble fix: take fewer" in said
    assert load_allocation(file, uncertainty="none").most == 100


def test_a_lever_without_a_cost_of_its_own_can_be_used_when_its_cost_is_stated(tmp_path: Path) -> None:
    stated = FREE + "    own_cost: {one_off: 1000, recurring_a_year: 12000}\n"
    found = load_allocation(allocation_file(tmp_path, "exampleshire", (OPTIONS, stated)))
    first = found.years.index("2019-20")
    nothing, *steps = found.steps["early"]
    assert nothing.cost.sum() == 0
    for step in steps:
        assert step.one_off[first] == 1000
        assert step.one_off.sum() == 1000
        assert step.recurring[first] == pytest.approx(12000 * 213 / 365.25)  # 1 September to 31 March of a leap year
        assert step.recurring[first + 1 :].tolist() == [12000] * len(step.recurring[first + 1 :])


def test_a_file_that_is_not_there_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigurationError, match="no such allocation file"):
        find_allocation("exampleshire_grand")
    assert list_allocations()


@pytest.mark.slow
@pytest.mark.parametrize("name", list_allocations())
def test_every_allocation_that_comes_along_has_splits_to_choose_from(name: str) -> None:
    found = load_allocation(name)
    assert len(found.affordable) >= 2
    assert all(found.unspent(split) >= -0.005 for split in found.affordable)

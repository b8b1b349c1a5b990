"""Own costs of levers, and which splits a grant pays for: against hand-worked figures and plain loops."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from sim.scenarios import BASELINE
from sim.search import Allocation, load_allocation
from sim.search.costs import affordable, by_pot, own_cost, spend_without_pupils
from sim.search.schema import ONE_OFF, RECURRING, Grant, Pot, Span
from tests.unit.search.made_allocations import allocation_file

YEARS = ["2018-19", "2019-20", "2020-21", "2021-22"]


def grant(**more: object) -> Grant:
    said = {"amounts": {"2018-19": 100.0, "2019-20": 100.0}, "covers_to": "2020-21", "afterwards": "block_pays"}
    pots = {"one_off": Pot(lines=("start_up",)), "recurring": Pot(lines=("training_bursary",))}
    return Grant.model_validate({**said, **pots, **more})


def fits(once: list[float], each_year: list[float], **more: object) -> bool:
    costs = {ONE_OFF: np.array([once]), RECURRING: np.array([each_year])}
    return bool(affordable(costs, YEARS, grant(**more))[0])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Allocation:
    return load_allocation(allocation_file(tmp_path_factory.mktemp("allocation")))


def test_money_of_a_year_can_be_spent_later_but_not_earlier() -> None:
    assert fits([0, 0, 0, 0], [0, 0, 200, 0])
    assert fits([0, 50, 0, 0], [0, 100, 50, 0])
    assert not fits([0, 0, 0, 0], [150, 0, 0, 0])


def test_money_that_is_not_carried_forward_is_lost() -> None:
    assert fits([0, 0, 0, 0], [100, 100, 0, 0], carry_forward=False)
    assert not fits([0, 0, 0, 0], [0, 150, 0, 0], carry_forward=False)
    assert not fits([0, 0, 0, 0], [0, 0, 1, 0], carry_forward=False)


def test_costs_after_the_years_covered_are_no_concern_of_the_grant() -> None:
    assert fits([0, 0, 0, 0], [0, 0, 0, 1e9])
    assert not fits([0, 0, 0, 0], [0, 0, 0, 1e9], covers_to="2021-22")


def test_one_off_and_recurring_money_are_kept_apart() -> None:
    small = Pot(lines=("start_up",), most=40)
    assert fits([0, 40, 0, 0], [0, 100, 0, 0], one_off=small)
    assert not fits([0, 41, 0, 0], [0, 0, 0, 0], one_off=small)
    assert not fits([0, 0, 0, 0], [0, 60, 0, 0], recurring=Pot(lines=("training_bursary",), most=50))


def test_a_part_of_the_grant_must_be_used() -> None:
    assert not fits([0, 0, 0, 0], [0, 0, 0, 0], spent_at_least=0.5)
    assert fits([0, 50, 0, 0], [0, 0, 50, 0], spent_at_least=0.5)
    assert not fits([0, 50, 0, 0], [0, 0, 49, 900], spent_at_least=0.5)


def test_the_own_cost_of_a_bursary_is_its_budget_from_september_on_at_the_prices_of_each_year(made: Allocation) -> None:
    step = made.steps["bursary"][1]
    index = {year: row.value for year, row in made.county.inflation.items()}
    for label, pounds in zip(made.years, step.recurring, strict=True):
        year = int(label[:4])
        september = [date(each, 9, 1) for each in (year - 1, year, year + 1)]
        summer = (september[1] - date(year, 4, 1)) / (september[1] - september[0]) if year > 2019 else 0.0
        rest = (date(year + 1, 4, 1) - september[1]) / (september[2] - september[1]) if year >= 2019 else 0.0
        assert pounds == pytest.approx(50_000 * (summer + rest) * index[label] / index["2019-20"]), label
    assert step.one_off.sum() == 0


def test_setting_up_is_one_off_and_running_is_recurring(made: Allocation) -> None:
    nothing, one, two = made.steps["bases"]
    assert nothing.cost.sum() == 0
    assert (one.one_off.sum(), two.one_off.sum()) == (75_000, 150_000)
    np.testing.assert_allclose(two.recurring, 2 * one.recurring)
    assert one.recurring[made.years.index("2019-20")] == 0, "a base opens a year after the decision"


def test_the_own_cost_of_a_split_is_the_sum_of_its_steps(made: Allocation) -> None:
    before = spend_without_pupils(made.county)
    for split in made.affordable:
        costs = by_pot(own_cost(before, made.scenario(split).parameters), made.said.grant)
        for pot in (ONE_OFF, RECURRING):
            parts = sum(getattr(step, pot) for step in made.chosen(split).values())
            np.testing.assert_allclose(costs[pot], parts, atol=0.01)


def test_the_splits_are_those_that_a_plain_loop_finds(made: Allocation) -> None:
    last = made.years.index("2020-21") + 1
    expected = []
    for split in product(*(range(len(steps)) for steps in made.steps.values())):
        steps = made.chosen(split).values()
        spent = np.cumsum(sum(step.cost for step in steps))[:last]
        there = [200_000 * min(max(int(year[:4]) - 2017, 0), 2) for year in made.years[:last]]
        once = sum(step.one_off.sum() for step in steps)
        if (spent <= there).all() and once <= 150_000:
            expected.append(split)
    assert list(made.affordable) == expected
    assert 1 < len(expected) < made.combinations


def test_what_is_not_spent_is_left(made: Allocation) -> None:
    for split in made.affordable:
        assert made.spent(split).sum() + made.unspent(split) == pytest.approx(400_000)


def test_a_split_without_levers_is_the_baseline(made: Allocation) -> None:
    assert made.affordable[0] == (0, 0, 0)
    assert made.name_of((0, 0, 0)) == BASELINE
    assert made.scenario((0, 0, 0)).parameters == made.county


def test_names_are_of_one_split_each_and_titles_say_what_it_buys(made: Allocation) -> None:
    names = [made.name_of(split) for split in made.affordable]
    assert len(set(names)) == len(names)
    assert made.title_of((2, 1, 0)) == "Bases in 2 districts; Bursary £50,000 a year"
    assert made.title_of((0, 0, 1)) == "Teams times 1.5"


def test_neighbours_move_money_to_from_or_between_two_options(made: Allocation) -> None:
    near = made.neighbours((1, 1, 0))
    assert near
    for split in near:
        apart = np.array(split) - (1, 1, 0)
        assert split in made.affordable
        assert set(apart.tolist()) <= {-1, 0, 1}
        assert 1 <= np.abs(apart).sum() <= 2
    one_step = {(0, 1, 0), (2, 1, 0), (1, 0, 0), (1, 2, 0), (1, 1, 1), (2, 0, 0), (0, 2, 0)}
    assert one_step & set(made.affordable) <= set(near)


def test_too_many_splits_are_thinned_to_some_that_are_spread_over_all(tmp_path: Path) -> None:
    fewer = "seed: 7\n", "seed: 7\ncandidates: {most: 6}\n"
    found = load_allocation(allocation_file(tmp_path, "exampleshire", fewer))
    assert len(found.affordable) > 6
    assert len(set(found.first_splits)) == 6
    assert set(found.first_splits) <= set(found.affordable)
    assert all(len({split[place] for split in found.first_splits}) > 1 for place in range(3))
    assert len({split[0] for split in found.affordable[:6]}) == 1, "the first six in order are not spread"
    assert found.first_splits == load_allocation(tmp_path / "grant.yaml").first_splits


def test_levers_that_stop_cost_nothing_after_the_years_covered(tmp_path: Path) -> None:
    stop = ("afterwards: block_pays", "afterwards: levers_stop"), ("covers_to: 2020-21", "covers_to: 2021-22")
    found = load_allocation(allocation_file(tmp_path, "exampleshire", *stop))
    after = found.years.index("2021-22") + 1
    for steps in found.steps.values():
        assert all(abs(step.cost[after:]).max() < 0.01 for step in steps)
        assert all(step.cost[after - 1] > 0 for step in steps[1:])


def test_a_span_holds_both_ends() -> None:
    assert Span.model_validate({"from": 0.1, "to": 0.3, "step": 0.1}).values == (0.1, 0.2, 0.3)
    assert Span.model_validate({"from": 10, "to": 30, "step": 10}).values == (10, 20, 30)

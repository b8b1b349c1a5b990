"""Payback: net cost within a replication, when it is earned back for good, and what it is worth today."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.analysis.payback import (
    CUMULATIVE,
    NET,
    NEVER,
    ONE_OFF,
    PAID_BACK,
    RECURRING,
    discount_factors,
    payback,
    payback_years,
    paybacks,
    share_with_interval,
)
from sim.analysis.savings import ADDED, AVOIDED, RELEASED
from sim.parameters.schema import Parameters
from sim.results import Results
from sim.scenarios import baseline
from sim.study import Study, run_study
from tests.unit.analysis.made_results import DISCOUNT, LINES, YEARS, changed, level, results_of

STUDY = YEARS[1:]
BASE = level(fees=1000.0)


def compared(changes: dict[tuple[str, str], list[float]], replications: int = 2) -> Results:
    base = level(replications, fees=1000.0)
    return results_of({"baseline": base, "open": changed(base, changes)})


OPEN = compared(
    {
        ("start_up", "2019-20"): [100.0, 100.0],
        ("bases", "2020-21"): [40.0, 40.0],
        ("fees", "2020-21"): [-100.0, -200.0],
        ("fees", "2021-22"): [-100.0, 30.0],
    }
)
"""Net cost 100, -60, -100 in one replication and 100, -160, 30 in the other."""


def values(results: Results, quantity: str) -> pd.DataFrame:
    found = payback(results, "open").by_year
    return found[found["quantity"] == quantity].set_index("period")


def test_net_cost_is_what_the_block_spends_more_year_by_year_and_added_up() -> None:
    assert values(OPEN, NET)["mean"].to_list() == pytest.approx([100, -110, -35])
    assert values(OPEN, CUMULATIVE)["mean"].to_list() == pytest.approx([100, -10, -45])
    assert values(OPEN, NET).index.to_list() == list(STUDY)
    row = values(OPEN, NET).loc["2020-21"]
    half = stats.t.ppf(0.975, 1) * stats.sem([-60, -160])
    assert (row["high"] - row["mean"], row["replications"]) == (pytest.approx(half), 2)


def test_one_off_and_recurring_add_up_to_net_cost() -> None:
    assert values(OPEN, ONE_OFF)["mean"].to_list() == [100, 0, 0]
    both = values(OPEN, ONE_OFF)["mean"] + values(OPEN, RECURRING)["mean"]
    assert both.to_list() == pytest.approx(values(OPEN, NET)["mean"].to_list())


def test_payback_is_the_first_year_from_which_nothing_is_owed_any_more() -> None:
    found = payback(OPEN, "open")
    assert found.year.to_list() == ["2021-22", "2020-21"]
    assert values(OPEN, PAID_BACK)["mean"].to_list() == [0, 0.5, 1]
    assert found.likely_year == "2020-21"


@pytest.mark.parametrize(
    ("net", "year"),
    [
        ([0, 0, 0], "2019-20"),
        ([-5, 1, 1], "2019-20"),
        ([0, 0, 5], NEVER),
        ([0, 5, -5], "2021-22"),
        ([5, -6, 2], NEVER),
        ([5, -5, 0], "2020-21"),
        ([1e-4, 0, 0], "2019-20"),
        ([5, 5, 5], NEVER),
    ],
    ids=str,
)
def test_payback_lasts_to_the_end_of_the_horizon(net: list[float], year: str) -> None:
    assert payback_years(np.array([net]), [2019, 2020, 2021]) == [year]


def test_a_scenario_that_changes_nothing_has_paid_back_at_once_and_is_worth_nothing() -> None:
    found = payback(compared({}), "open")
    assert set(found.year) == {"2019-20"}
    assert found.npv == (0, 0, 0, 2)
    assert set(found.by_year[found.by_year["quantity"] == PAID_BACK]["mean"]) == {1.0}
    assert set(found.savings["mean"]) == {0.0}


def test_what_never_pays_back_says_so() -> None:
    found = payback(compared({("bases", "2021-22"): [1.0, 1.0]}), "open")
    assert set(found.year) == {NEVER}
    assert found.likely_year == NEVER
    assert list(found.by_year[found.by_year["quantity"] == PAID_BACK]["mean"]) == [0, 0, 0]


def test_one_replication_gives_values_and_no_interval() -> None:
    found = payback(compared({("bases", "2020-21"): [5.0]}, 1), "open")
    assert found.by_year["mean"].notna().all()
    assert found.by_year[["low", "high"]].isna().all(axis=None)
    assert found.npv.mean == pytest.approx(-5 / 1.2 / 1.1)
    assert np.isnan([found.npv.low, found.npv.high]).all()


def test_net_present_value_is_what_is_saved_in_prices_before_the_study_discounted_from_its_first_year() -> None:
    found = payback(OPEN, "open")
    worth = [
        -sum(net[i] * weight for i, weight in enumerate((1 / 1.1, 1 / 1.2 / 1.1, 1 / 1.25 / 1.1 / 1.25)))
        for net in ((100, -60, -100), (100, -160, 30))
    ]
    assert found.npv.mean == pytest.approx(np.mean(worth))
    assert found.npv.high - found.npv.mean == pytest.approx(stats.t.ppf(0.975, 1) * stats.sem(worth))
    assert (found.price_base, found.present, found.npv.replications) == ("2018-19", "2019-20", 2)


def test_the_rate_in_force_in_each_year_discounts_from_the_year_before() -> None:
    factors = discount_factors(DISCOUNT, [2018, 2019, 2020, 2021, 2022], 2019)
    assert factors.tolist() == pytest.approx([1.1, 1, 1 / 1.1, 1 / 1.1 / 1.25, 1 / 1.1 / 1.25**2])


def test_money_spent_before_the_study_counts() -> None:
    found = payback(compared({("start_up", "2018-19"): [10.0, 10.0]}), "open")
    assert found.by_year["period"].iloc[0] == "2018-19"
    assert found.npv.mean == pytest.approx(-10 * 1.1)


def test_a_replication_without_a_value_is_left_out_and_undefined_balances_are_no_matter() -> None:
    is_hole = (OPEN.measures["replication"] == 1) & (OPEN.measures["period"] == "2020-21")
    holed = OPEN.with_(measures=OPEN.measures.assign(value=OPEN.measures["value"].mask(is_hole)))
    found = payback(holed, "open")
    assert found.year.to_dict() == {0: "2021-22"}
    assert set(found.by_year["replications"]) == {1}
    assert payback(OPEN, "open").npv.replications == 2


def test_results_without_the_whole_first_year_or_without_prices_are_refused_in_words() -> None:
    late = OPEN.with_(measures=OPEN.measures[~OPEN.measures["period"].isin(["2018-19", "2019-20"])])
    with pytest.raises(ValueError, match="the whole of 2019-20"):
        payback(late, "open")
    old = {name: said for name, said in OPEN.provenance.items() if name != "money"}
    with pytest.raises(ValueError, match="run them again"):
        payback(OPEN.with_(provenance=old), "open")
    with pytest.raises(ValueError, match="no spend_total of scenario 'closed'"):
        payback(OPEN, "closed")


def test_every_scenario_but_the_baseline_has_its_payback() -> None:
    three = results_of({"baseline": BASE, "one": BASE, "other": changed(BASE, {("bases", "2021-22"): [9.0, 9.0]})})
    assert {name: set(found.year) for name, found in paybacks(three).items()} == {
        "one": {"2019-20"},
        "other": {NEVER},
    }


@pytest.mark.parametrize(("hits", "number"), [(0, 10), (3, 10), (10, 10), (1, 2)])
def test_the_interval_of_a_share_is_exact(hits: int, number: int) -> None:
    paid = np.array([[i < hits] for i in range(number)])
    row = share_with_interval(paid, 0.95).iloc[0]
    exact = stats.binomtest(hits, number).proportion_ci(0.95, method="exact")
    assert row["mean"] == hits / number
    assert (row["low"], row["high"]) == (pytest.approx(exact.low), pytest.approx(exact.high))


@pytest.mark.parametrize("per_draw", [2, 4])
def test_the_interval_of_a_share_counts_draws_where_replications_of_a_draw_are_the_same(per_draw: int) -> None:
    draws = np.repeat(np.arange(30), per_draw)
    found = share_with_interval((np.arange(30) < 9)[draws][:, None], 0.95, draws.tolist()).iloc[0]
    exact = stats.binomtest(9, 30).proportion_ci(0.95, method="exact")
    assert found["mean"] == pytest.approx(0.3)
    assert found["high"] - found["low"] == pytest.approx(exact.high - exact.low, rel=0.06)


def test_a_draw_for_each_replication_changes_no_interval() -> None:
    paid = (np.arange(40) % 3 == 0)[:, None]
    pd.testing.assert_frame_equal(share_with_interval(paid, 0.95, range(40)), share_with_interval(paid, 0.95))


def test_the_interval_of_a_share_of_draws_covers_the_truth() -> None:
    random = np.random.default_rng(11)
    drawn = random.normal(0.3, 1.0, (2000, 25, 1)) + random.normal(0.0, 1.0, (2000, 25, 2)) > 0
    truth = float(stats.norm.cdf(0.3 / np.sqrt(2)))
    found = share_with_interval(drawn.reshape(2000, 50).T, 0.95, np.repeat(np.arange(25), 2).tolist())
    assert 0.945 < ((found["low"] <= truth) & (truth <= found["high"])).mean() < 0.995


def test_the_chance_of_payback_is_that_of_one_future_whatever_the_replications_of_a_draw() -> None:
    random = np.random.default_rng(5)
    change = random.normal(-20.0, 50.0, 24).tolist()
    results = compared({("fees", "2020-21"): change}, 24)
    drawn = results.with_(provenance={**results.provenance, "replications_per_draw": 2})
    alone, together = (payback(one, "open") for one in (results, drawn))
    assert (alone.year == together.year).all()
    of_alone, of_drawn = (one.by_year[one.by_year["quantity"] == PAID_BACK] for one in (alone, together))
    assert of_alone["mean"].tolist() == of_drawn["mean"].tolist()
    assert together.npv.replications == 12


# -- cash released and cost avoided --------------------------------------------------------------------------------


def part(results: Results, name: str, line: str, period: str) -> float:
    found = payback(results, "open").savings
    return found[(found["part"] == name) & (found["line"] == line) & (found["period"] == period)]["mean"].item()


@pytest.mark.parametrize(
    ("before", "after", "released", "avoided", "added"),
    [
        (1500, 1200, 0, 300, 0),  # growth that does not come
        (1500, 800, 200, 500, 0),  # below the 1,000 of the year before the study
        (900, 700, 200, 0, 0),  # falls anyway, and falls further
        (900, 1300, 0, 0, 400),
        (1200, 1200, 0, 0, 0),
    ],
)
def test_only_what_falls_below_the_year_before_the_study_releases_cash(
    before: float, after: float, released: float, avoided: float, added: float
) -> None:
    base = changed(BASE, {("fees", "2020-21"): [before - 1000.0] * 2})
    made = results_of({"baseline": base, "open": changed(base, {("fees", "2020-21"): [after - before] * 2})})
    for name, pounds in ((RELEASED, released), (AVOIDED, avoided), (ADDED, added)):
        assert part(made, name, "fees", "2020-21") == pytest.approx(pounds)
        assert part(made, name, "in_block", "2020-21") == pytest.approx(pounds)
        assert part(made, name, "in_block", "2019-20 to 2021-22") == pytest.approx(pounds)


def test_released_and_avoided_less_added_is_what_is_saved_whatever_chance_brings() -> None:
    rng = np.random.default_rng(5)
    base = {line: {year: list(rng.uniform(0, 1e6, 20)) for year in YEARS} for line in LINES}
    noise = {(line, year): list(rng.normal(0, 1e5, 20)) for line in LINES for year in STUDY}
    made = results_of({"baseline": base, "open": changed(base, noise)})
    saved = -values(made, NET)["mean"]
    for year in STUDY:
        parts = part(made, RELEASED, "in_block", year) + part(made, AVOIDED, "in_block", year)
        assert parts - part(made, ADDED, "in_block", year) == pytest.approx(saved[year])


def test_chance_that_moves_a_line_both_ways_is_not_counted_twice() -> None:
    base = changed(BASE, {("fees", "2020-21"): [500.0] * 2})
    made = results_of({"baseline": base, "open": changed(base, {("fees", "2020-21"): [-50.0, 50.0]})})
    assert [part(made, name, "fees", "2020-21") for name in (RELEASED, AVOIDED, ADDED)] == [0, 0, 0]


def test_without_the_year_before_the_study_only_what_is_added_is_known() -> None:
    later = OPEN.with_(measures=OPEN.measures[OPEN.measures["period"] != "2018-19"])
    assert np.isnan([part(later, name, "fees", "2020-21") for name in (RELEASED, AVOIDED)]).all()
    assert np.isnan(part(later, RELEASED, "in_block", "2019-20 to 2021-22"))
    assert part(later, ADDED, "bases", "2020-21") == 40


def test_a_programme_that_nobody_feels_costs_its_price_in_every_replication_and_never_pays_back(
    exampleshire: Parameters,
) -> None:
    years = {"first_academic_year": "2016/17", "baseline_academic_year": "2017/18", "last_academic_year": "2019/20"}
    horizon = exampleshire.horizon.model_copy(update={**years, "study_start": date(2018, 9, 1)})
    county = exampleshire.model_copy(update={"horizon": horizon})
    paths = {"running_cost/2019-04-01": 12_000.0, "start_up/2018-10-01": 5_000.0}
    money = {
        f"programmes/training_bursary/{path}": {"value": value, "price_base": "2018-19"}
        for path, value in paths.items()
    }
    scenario = baseline(county).with_(money, name="training")
    results = run_study(Study("programme", (baseline(county), scenario), seed=4, replications=2), workers=1)
    found = payback(results, "training")
    net = found.by_year[found.by_year["quantity"] == NET].set_index("period")
    paid = 12_000 * (153 / 365 + 213 / 366)  # a year's money runs evenly from one 1 September to the next
    assert net["mean"].to_list() == pytest.approx([5_000, paid * county.inflation["2019-20"].value])
    assert net["low"].to_list() == pytest.approx(net["high"].to_list())
    worth = -5_000 - paid / (1 + county.discount["2018-19"].value)
    assert found.npv.mean == pytest.approx(worth * county.inflation["2017-18"].value)
    assert set(found.year) == {NEVER}

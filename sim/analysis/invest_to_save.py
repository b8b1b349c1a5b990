"""Invest to save: what a scenario costs to start and to run, what it saves, when that pays, and how safe this is.

All is within a replication (or draw) first. A budget line of the block that costs more in the scenario, on average over
replications in a year, is a cost: that of the line of start-up costs once, that of the others to run. A line that costs
less is a saving (`sim.analysis.savings` splits it into cash released and cost avoided). Start-up + running - saving is
the net cost.

- Optimism bias: costs are raised and savings cut by the shares of optimism_bias.csv of the configurations, at their
  value ('central') and at the high end of their ranges ('cautious').
- Switching value: by how much running cost could rise in every year of the study, in prices of the year before it,
  before the net present value is 0; below 0, by how much it would have to fall (HM Treasury, The Green Book, chapter on
  sensitivity analysis: switching values). It is what breaks even in pounds; `pathways breakeven` finds it in effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.money_values import CASH, LEVEL, POUNDS, TOTAL, estimated
from sim.analysis.paired_spend import Floats, PairedSpend, first_study_year, line_spend, money_of, study_years
from sim.analysis.payback import (
    NEVER,
    discount_factors,
    is_paid_back,
    payback_years,
    present_values,
    share_with_interval,
)
from sim.analysis.savings import rises_on_average
from sim.parameters.appraisal import Bias, optimism_bias
from sim.parameters.check_provisions import START_UP_LINE
from sim.results import Results, interval_name, run_id
from sim.school_year import financial_year_label

START_UP, RUNNING, SAVING, NET, CUMULATIVE = (
    "start_up_cost",
    "running_cost",
    "saving",
    "net_cost",
    "cumulative_net_cost",
)
PAID_BACK, PAYBACK_YEAR, NPV, SWITCHING = "paid_back_by", "payback_year", "net_present_value", "switching_value"
AS_MODELLED, CENTRAL, CAUTIOUS = "as modelled", "optimism bias, central", "optimism bias, cautious"
CASES = {AS_MODELLED: "", CENTRAL: "value", CAUTIOUS: "high"}
"""How estimates are taken: as they come, or adjusted by the shares at `value` or `high`."""

CHANCE = "interval of the chance"
COLUMNS = ("value", "low", "high", "p10", "p90", "replications")


@dataclass(frozen=True)
class Flows:
    """Costs and savings of a scenario: pounds of each year, replications (or draws) x years."""

    years: tuple[int, ...]
    replications: tuple[int, ...]
    start_up: Floats
    running: Floats
    saving: Floats

    @property
    def net(self) -> Floats:
        """What it costs after what it saves."""
        return self.start_up + self.running - self.saving

    def adjusted(self, bias: Bias, end: str) -> Flows:
        """Return costs raised and savings cut by the shares at an end of their ranges ('' changes nothing)."""
        start, run, save = bias.at(end) if end else (0.0, 0.0, 0.0)
        costs = self.start_up * (1 + start), self.running * (1 + run)
        return Flows(self.years, self.replications, *costs, self.saving * (1 - save))


def cash_flows(results: Results, scenario: str, years: Sequence[int]) -> Flows:
    """Return what a scenario costs to start and to run and what it saves in the block."""
    spend = line_spend(results, scenario)
    before, after = spend.at(years)
    change, rises = after - before, rises_on_average(before, after)
    costs, starts = np.where(rises, change, 0.0), np.array([line == START_UP_LINE for line in spend.lines])
    saving = np.where(rises, 0.0, -change).sum(axis=0)
    return Flows(tuple(years), spend.replications, costs[starts].sum(axis=0), costs[~starts].sum(axis=0), saving)


def invest_to_save(results: Results, scenario: str, level: float = LEVEL) -> pd.DataFrame:
    """Return the rows of an invest-to-save page of one scenario.

    Returns
    -------
    Rows of scenario, comparison, case (as modelled, or with optimism bias), quantity, period, value, low, high, p10,
    p90, interval, replications, unit, price_base, run. `paid_back_by` is the chance that the money is back for good by
    the end of the year, `payback_year` the chance that it is back in that year (or never within the horizon).

    Raises ValueError when the results do not hold the whole of the year in which the study starts.
    """
    singles = results.one_by_one()
    years = study_years(_block(results, scenario), results)
    bias = optimism_bias()
    both = tuple(cash_flows(held, scenario, years) for held in (results, singles))
    made = []
    for case, end in CASES.items():
        means, ones = (flows.adjusted(bias, end) for flows in both)
        made += [rows.assign(case=case) for rows in _of_case(results, means, ones, level)]
    table = pd.concat(made, ignore_index=True).assign(scenario=scenario, comparison=results.baseline)
    front = ["scenario", "comparison", "case", "quantity", "period", *COLUMNS[:5], "interval", "replications"]
    return table.assign(run=run_id(results.provenance))[[*front, "unit", "price_base", "run"]]


def _block(results: Results, scenario: str) -> PairedSpend:
    return line_spend(results, scenario)


def _of_case(results: Results, means: Flows, ones: Flows, level: float) -> Iterator[pd.DataFrame]:
    periods, name = [financial_year_label(year) for year in means.years], interval_name(level)
    for quantity in (START_UP, RUNNING, SAVING, NET, CUMULATIVE):
        values = [_values(flows, quantity) for flows in (means, ones)]
        shown = [*periods, TOTAL] if quantity != CUMULATIVE else periods
        rows = estimated(values[0], values[1], level, quantity=quantity, period=shown, interval=name)
        yield rows.assign(unit=POUNDS, price_base=CASH)
    draws = [number // results.per_draw for number in ones.replications]
    yield from _chances(ones, draws, periods, level)
    yield from _worth(results, means, ones, level)


def _values(flows: Flows, quantity: str) -> Floats:
    """Return replications x years, with the total of all years last."""
    if quantity == CUMULATIVE:
        return np.asarray(np.cumsum(flows.net, axis=1))
    by_year = {START_UP: flows.start_up, RUNNING: flows.running, SAVING: flows.saving, NET: flows.net}[quantity]
    return np.concatenate([by_year, by_year.sum(axis=1, keepdims=True)], axis=1)


def _chances(flows: Flows, draws: Sequence[int], periods: list[str], level: float) -> Iterator[pd.DataFrame]:
    """Yield the chance that one future has paid back by each year, and of each payback year."""
    year = np.array(payback_years(flows.net, flows.years), dtype=object)
    hits = np.array([year == period for period in (*periods, NEVER)]).T
    for quantity, found, shown in (
        (PAID_BACK, is_paid_back(flows.net), periods),
        (PAYBACK_YEAR, hits.reshape(len(year), -1), [*periods, NEVER]),
    ):
        rows = share_with_interval(found, level, draws).rename(columns={"mean": "value"})
        said = {"quantity": quantity, "interval": f"{100 * level:g}% {CHANCE}", "unit": "share", "price_base": ""}
        yield rows.assign(period=shown, p10=np.nan, p90=np.nan, **said)


def _worth(results: Results, means: Flows, ones: Flows, level: float) -> Iterator[pd.DataFrame]:
    """Yield net present value and switching value, in prices of the year before the study."""
    first = first_study_year(results)
    weights = present_values(results, means.years)
    factors = discount_factors(money_of(results)["discount"], means.years, first)
    annuity = factors[np.array(means.years) >= first].sum()
    said = {"unit": POUNDS, "price_base": f"prices of {financial_year_label(first - 1)}"}
    for quantity, over, period in (
        (NPV, 1.0, f"discounted to {financial_year_label(first)}"),
        (SWITCHING, annuity, "each year of the study"),
    ):
        values = [-(flows.net @ weights)[:, None] / over for flows in (means, ones)]
        keys = {"quantity": quantity, "period": [period], "interval": interval_name(level)}
        yield estimated(values[0], values[1], level, **keys).assign(**said)

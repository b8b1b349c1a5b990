"""Does a scenario pay for itself, and when: net cost by year, payback, net present value.

Net cost is what the scenario spends less what the baseline spends, on all lines in the high needs block, in cash,
by financial year within one replication; only then is there a mean and an interval. Years run from the financial
year in which the study starts (or in which money was first spent, if that is earlier) to the last whole one.

- Payback year of a replication: the first financial year at whose end the cumulative net cost is 0 or less and
  stays so to the end of the horizon. What costs nothing at first pays back at once; what is later lost again has not
  paid back. NEVER says that it does not within the horizon.
- Paid back: the share of replications whose payback year has come, which is the chance that one future has paid back,
  by luck and by what is not known. Its interval is exact (Clopper-Pearson); where replications share the parameters of
  a draw, it is that of so many replications apart as tell as much (Korn and Graubard 1998).
- Net present value of a replication: the sum over years of what is saved, cash brought to the prices of the
  financial year before the study by the price index, then discounted at the real rate in force in each year, the
  study's first financial year counting in full. Above 0 the scenario saves. Price index and rates are the central
  ones of the study. What comes after the horizon does not count.
- One-off is the line of start-up costs; recurring is everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from sim.analysis.paired_spend import (
    HALF_A_PENNY,
    Estimate,
    Floats,
    PairedSpend,
    block_spend,
    estimate,
    estimates,
    first_study_year,
    line_spend,
    money_of,
    study_years,
)
from sim.analysis.savings import savings
from sim.measures.prices import in_force
from sim.parameters.check_provisions import START_UP_LINE
from sim.results import Results
from sim.school_year import financial_year_label

NEVER = "never within the horizon"
NET, CUMULATIVE, ONE_OFF, RECURRING = "net_cost", "cumulative_net_cost", "one_off", "recurring"
PAID_BACK = "paid_back"
CASH = "GBP, cash; below 0 is a saving"


@dataclass(frozen=True)
class Payback:
    """What one scenario costs and saves against the baseline.

    Attributes
    ----------
    by_year : rows of quantity (net_cost, cumulative_net_cost, one_off, recurring in pounds; paid_back as a share),
        unit, period, mean, low, high, replications.
    year : payback year, such as '2024-25', or NEVER, by replication.
    npv : net present value of what is saved, in pounds of `price_base`, `present` being the year that counts in full;
        over draws, if parameters were drawn.
    savings : see `sim.analysis.savings`.
    """

    scenario: str
    by_year: pd.DataFrame
    year: pd.Series[str]
    npv: Estimate
    price_base: str
    present: str
    savings: pd.DataFrame

    @property
    def likely_year(self) -> str:
        """The first financial year by whose end at least half of the replications have paid back, or NEVER."""
        paid = self.by_year[(self.by_year["quantity"] == PAID_BACK) & (self.by_year["mean"] * 2 >= 1)]
        return NEVER if paid.empty else str(paid["period"].iloc[0])


def paybacks(results: Results, level: float = 0.95) -> dict[str, Payback]:
    """Return the payback of every scenario but the baseline, by name."""
    return {name: payback(results, name, level) for name in results.scenarios[1:]}


def payback(results: Results, scenario: str, level: float = 0.95) -> Payback:
    """Return what a scenario costs and saves against the baseline.

    Parameters
    ----------
    level : of all intervals.

    Raises ValueError when the results hold no such scenario, or not the whole of the study's first financial year.
    """
    singles = block_spend(results.one_by_one(), scenario)
    spend = singles if results.per_draw == 1 else block_spend(results, scenario)
    years = study_years(singles, results)
    net = _net(spend, years)[0]
    first = first_study_year(results)
    worth = -(net * present_values(results, years)).sum(axis=1)
    one_by_one = _net(singles, years)[0]
    shares = _shares(one_by_one, years, [number // results.per_draw for number in singles.replications], level)
    return Payback(
        scenario,
        pd.concat([_by_year(results, scenario, net, years, level), shares], ignore_index=True),
        pd.Series(payback_years(one_by_one, years), index=list(singles.replications), dtype="object"),
        estimate(worth, level),
        financial_year_label(first - 1),
        financial_year_label(first),
        savings(results, scenario, years, level),
    )


def payback_years(net: Floats, years: Sequence[int]) -> list[str]:
    """Return the payback year of each replication.

    Parameters
    ----------
    net : net cost, replications x years.
    """
    paid = is_paid_back(net)
    return [financial_year_label(years[int(row.argmax())]) if row[-1] else NEVER for row in paid]


def share_with_interval(paid: Floats, level: float, draws: Sequence[int] = ()) -> pd.DataFrame:
    """Return the share of true values in each column (rows are replications) with its Clopper-Pearson interval.

    Replications of one draw are alike: of them, the interval counts so many as would tell as much if they were apart
    (Korn and Graubard 1998, Survey Methodology 24, 193-201). Low and high are NaN where there are fewer than two
    replications or draws.

    Parameters
    ----------
    draws : to which each replication belongs; () if each stands for itself.
    """
    number = len(paid)
    if not number:
        return pd.DataFrame({"mean": np.full(paid.shape[1], np.nan), "low": np.nan, "high": np.nan, "replications": 0})
    share = paid.mean(axis=0)
    clusters = len(set(draws)) if len(draws) else number
    apart = number if clusters == number else _as_many_apart(paid, share, level, np.asarray(draws))
    hits, misses = share * apart, (1 - share) * apart
    tail = (1 - level) / 2
    low = np.where(share > 0, betaincinv(np.where(share > 0, hits, 1.0), misses + 1, tail), 0.0)
    high = np.where(share < 1, betaincinv(hits + 1, np.where(share < 1, misses, 1.0), 1 - tail), 1.0)
    known = np.nan if clusters < 2 else 1.0
    return pd.DataFrame({"mean": share, "low": low * known, "high": high * known, "replications": number})


def _as_many_apart(paid: Floats, share: Floats, level: float, draws: NDArray[np.int64]) -> Floats:
    """Return for each column as how many replications apart these count."""
    number, clusters = len(paid), len(np.unique(draws))
    if clusters < 2:
        return np.ones(len(share))
    of_draws = pd.DataFrame(np.asarray(paid, dtype=np.float64)).groupby(draws).mean().to_numpy()
    variance = of_draws.var(axis=0, ddof=1) / clusters
    as_known = (stdtrit(number - 1, (1 + level) / 2) / stdtrit(clusters - 1, (1 + level) / 2)) ** 2
    varies = variance > 0
    apart = np.where(varies, share * (1 - share) / np.where(varies, variance, 1.0), clusters) * as_known
    return np.asarray(np.minimum(apart, number))


def discount_factors(rates: Mapping[str, float], years: Sequence[int], present: int) -> Floats:
    """Return what a pound of each year is worth in the present year, at the real rate in force in each year."""
    factors = [1.0]
    for year in range(present + 1, max(years) + 1):
        factors.append(factors[-1] / (1 + in_force(rates, year)))
    before = [1.0]
    for year in range(present, min(years), -1):
        before.append(before[-1] * (1 + in_force(rates, year)))
    return np.array([factors[year - present] if year >= present else before[present - year] for year in years])


def _net(spend: PairedSpend, years: Sequence[int]) -> Floats:
    before, after = spend.at(years)
    return np.asarray(after - before)


def is_paid_back(net: Floats) -> Floats:
    """Return whether each replication (row) has paid back by the end of each year, and for good."""
    paid = np.cumsum(net, axis=1) <= HALF_A_PENNY
    return np.logical_and.accumulate(paid[:, ::-1], axis=1)[:, ::-1]


def present_values(results: Results, years: Sequence[int]) -> Floats:
    """Return what a pound of cash of each year is worth in the year before the study's prices, discounted."""
    money, first = money_of(results), first_study_year(results)
    base = in_force(money["inflation"], first - 1)
    prices = np.array([base / in_force(money["inflation"], year) for year in years])
    return prices * discount_factors(money["discount"], years, first)


def _by_year(results: Results, scenario: str, net: Floats, years: Sequence[int], level: float) -> pd.DataFrame:
    start_up = _start_up(results, scenario, years)
    pounds = {NET: net, CUMULATIVE: np.cumsum(net, axis=1), ONE_OFF: start_up, RECURRING: net - start_up}
    periods = [financial_year_label(year) for year in years]
    made = [
        estimates(values, level, quantity=quantity, unit=CASH, period=periods) for quantity, values in pounds.items()
    ]
    return pd.concat(made, ignore_index=True)


def _shares(net: Floats, years: Sequence[int], draws: Sequence[int], level: float) -> pd.DataFrame:
    """Return in which share of replications (rows of `net`, each of a draw) the money is back by each year."""
    shares = share_with_interval(is_paid_back(net), level, draws)
    keys = {
        "quantity": PAID_BACK,
        "unit": "share of replications",
        "period": [financial_year_label(year) for year in years],
    }
    return pd.concat([pd.DataFrame(keys, index=shares.index), shares], axis=1)


def _start_up(results: Results, scenario: str, years: Sequence[int]) -> Floats:
    """Return the net start-up cost: replications x years; nothing when start-up is not paid from the block."""
    lines = line_spend(results, scenario)
    net = _net(lines, years)
    if START_UP_LINE not in lines.lines:
        return np.zeros(net.shape[1:])
    return np.asarray(net[lines.lines.index(START_UP_LINE)])

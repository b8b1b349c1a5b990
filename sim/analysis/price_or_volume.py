"""Whether spend of a budget line grows by price or by volume.

In the financial year t of a replication a line costs spend(t) = price(t) x volume(t): `price` is the price level that
all tariffs follow, `volume` the spend at constant prices, which is the number and the kind of places bought. From a
first year to a last one,

    growth = (volume(last) - volume(first)) x mean price + (price(last) - price(first)) x mean volume,

with means over both years (Bennet 1920), so that the two parts add up to the growth in every replication.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.analysis.paired_spend import Estimate, estimate, line_spend, money_of, study_years
from sim.measures.prices import in_force
from sim.results import Results
from sim.school_year import financial_year_label


class Growth(NamedTuple):
    """Growth of a line from one financial year to another, and its parts; pounds of each year (cash)."""

    first: str
    last: str
    before: Estimate
    after: Estimate
    by_volume: Estimate
    by_price: Estimate


def price_or_volume(results: Results, line: str, level: float = 0.95) -> Growth | None:
    """Return why a line of the block grows in the baseline over the financial years of the study.

    None when the results do not hold the line or hold it for fewer than two years. Raises ValueError for results
    without price levels.
    """
    spend = line_spend(results, results.baseline)
    years = study_years(spend, results)
    if line not in spend.lines or len(years) < 2:
        return None
    first, last = years[0], years[-1]
    inflation = money_of(results)["inflation"]
    prices = [in_force(inflation, year) for year in (first, last)]
    before, after = spend.at([first, last])[0][spend.lines.index(line)].T
    volumes = [cash / price for cash, price in zip((before, after), prices, strict=True)]
    by_volume = (volumes[1] - volumes[0]) * sum(prices) / 2.0
    by_price = (prices[1] - prices[0]) * sum(volumes) / 2.0
    found = (estimate(values, level) for values in (before, after, by_volume, by_price))
    return Growth(financial_year_label(first), financial_year_label(last), *found)

"""Figures out of results: changes and levels over the study, spend by line and financial year, and payback.

Each replication's years are put together first; then replications are paired and, if parameters were drawn, averaged
within their draw; only then are there means, intervals and percentiles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.analysis.comparison import headline_rows, is_in_study
from sim.analysis.money_values import MEASURES as MONEY_MEASURES
from sim.analysis.paired_spend import study_years
from sim.analysis.payback import CUMULATIVE, NET, ONE_OFF, PAID_BACK, RECURRING, Payback, paybacks
from sim.analysis.quantities import by_scenario, rows_of_one, rows_over_study
from sim.measures.ledger import BESIDE_BLOCK, IN_BLOCK
from sim.measures.tidy import ALL
from sim.questions import LooksAt
from sim.report.amounts import is_money
from sim.report.forum.figures import CASH, About, Figure, Interval, Origin
from sim.report.forum.refusals import check_added_up
from sim.report.frames import BLOCK_LABEL, LEVEL, range_of_futures
from sim.results import Results, mean_with_interval, means_of_draws

__all__ = ["BLOCK", "figures_of", "headline_quantities", "line_quantities", "study_years"]

BLOCK = LooksAt(measure="spend_total", provision=IN_BLOCK, over="sum", label=BLOCK_LABEL, unit="£", falls_is="good")
BESIDE = LooksAt(measure="spend_total", provision=BESIDE_BLOCK, over="sum", label="Spend beside the block", unit="£")
NPV = "net_present_value"
PAYBACK_LABELS = {
    NET: "Net cost to the high needs block",
    CUMULATIVE: "Net cost to the high needs block, added up since the start",
    ONE_OFF: "Net cost that is paid once (start-up)",
    RECURRING: "Net cost that recurs",
    PAID_BACK: "Paid back for good by the end of the year",
}


class Row(NamedTuple):
    """One quantity in one period: what it is, and its values (scenarios x replications)."""

    quantity: LooksAt
    period: str
    values: pd.DataFrame


def figures_of(results: Results, looks_at: Sequence[LooksAt]) -> Iterator[Figure]:
    """Yield every figure that a paper may print: of what is looked at, of money by line and year, and of payback."""
    for quantity in looks_at:
        check_added_up(quantity)
    wanted = list(dict.fromkeys([*looks_at, BLOCK, BESIDE, *line_quantities(results)]))
    for row in [*_over_study(results, wanted), *_by_year(results, [BLOCK, *line_quantities(results)])]:
        yield from _of_row(results, row)
    yield from _of_paybacks(results)


def only_needed(results: Results, looks_at: Sequence[LooksAt]) -> Results:
    """Return the results with the measures that figures are made of, which are a tenth of all."""
    names = {*(one.measure for one in looks_at), *MONEY_MEASURES}
    measures = results.measures[results.measures["measure"].isin(names)]
    return results.with_(measures=measures.reset_index(drop=True))


def headline_quantities(results: Results) -> tuple[LooksAt, ...]:
    """Return what is looked at when nothing was asked: the rows of the printed table, money of the study as totals."""
    rows = [
        row for row in headline_rows(dict(results.provenance["lines"])) if row.measure not in ("spend", "spend_total")
    ]
    return tuple(
        LooksAt(
            measure=row.measure,
            provision=row.provision or "all",
            phase=row.phase or "all",
            over=row.over,
            label=row.quantity,
            unit={"number": "a year"}.get(row.unit, row.unit),
        )
        for row in rows
    )


def line_quantities(results: Results) -> list[LooksAt]:
    """Return the budget lines on which anything is ever spent, as quantities, in the order of the authority."""
    spend = results.measures[(results.measures["measure"] == "spend") & (results.measures["value"] != 0)]
    used = set(spend["provision"].astype("str"))
    lines = results.provenance["lines"].items()
    return [
        LooksAt(measure="spend", provision=line, over="sum", label=label, unit="£")
        for line, label in lines
        if line in used
    ]


def _start(results: Results) -> date:
    return date.fromisoformat(str(results.provenance["horizon"]["study_start"]))


def _over_study(results: Results, quantities: Sequence[LooksAt]) -> Iterator[Row]:
    for quantity in quantities:
        rows = rows_over_study(results.measures, quantity, _start(results))
        for period, mine in rows.astype({"period": "str"}).groupby("period", sort=False):
            yield Row(quantity, str(period), by_scenario(mine))


def _by_year(results: Results, quantities: Sequence[LooksAt]) -> Iterator[Row]:
    for quantity in quantities:
        rows = rows_of_one(results.measures, quantity).astype({"period": "str"})
        for period, mine in rows.groupby("period", sort=True):
            if is_in_study(str(period), _start(results)):
                yield Row(quantity, str(period), by_scenario(mine))


def _of_row(results: Results, row: Row) -> Iterator[Figure]:
    """Yield the level of every scenario that has values, and its change from the baseline."""
    table = _levels_and_changes(row.values, results)
    means = means_of_draws(table.to_numpy(dtype=np.float64), table.columns.to_numpy(), results.per_draw)
    found = mean_with_interval(means, LEVEL).to_dict("records")
    origin = Origin.of(results.provenance)
    one, price_base = row.quantity, CASH if is_money(row.quantity.unit) else ""
    keys = [(str(scenario), str(comparison)) for scenario, comparison in table.index]
    for (scenario, comparison), of_mean, values in zip(keys, found, table.to_numpy(dtype=np.float64), strict=True):
        yield Figure(
            about=About(one.measure, one.provision or ALL, one.phase or ALL, row.period, scenario, comparison),
            label=one.label,
            unit=one.unit,
            value=of_mean["mean"],
            low=of_mean["low"],
            high=of_mean["high"],
            interval=Interval.DIFFERENCE if comparison else Interval.MEAN,
            number=int(of_mean["replications"]),
            origin=origin,
            futures=range_of_futures(values[~np.isnan(values)]),
            price_base=price_base,
        )


def _levels_and_changes(values: pd.DataFrame, results: Results) -> pd.DataFrame:
    """Return levels, then paired changes: scenario and what it is compared with ('' for a level) x replications."""
    first, there = results.baseline, [name for name in results.scenarios if name in values.index]
    rows = {(name, ""): values.loc[name] for name in there}
    if first in there:
        rows |= {(name, first): values.loc[name] - values.loc[first] for name in there if name != first}
    return pd.DataFrame(rows).T.dropna(how="all")


def _of_paybacks(results: Results) -> Iterator[Figure]:
    try:
        found = paybacks(results, LEVEL)
    except ValueError:  # the results do not hold the whole first year; the paper then says nothing of payback
        return
    for one in found.values():
        for row in one.by_year.to_dict("records"):
            yield _of_payback(results, one, row)
        worth = {
            **one.npv._asdict(),
            "quantity": NPV,
            "period": f"discounted to {one.present}",
            "unit": "£",
        }
        yield _of_payback(results, one, worth)


def _of_payback(results: Results, one: Payback, row: Mapping[Any, Any]) -> Figure:
    is_chance, is_worth = row["quantity"] == PAID_BACK, row["quantity"] == NPV
    made = partial(Figure, origin=Origin.of(results.provenance), number=int(row["replications"]))
    return made(
        about=About(str(row["quantity"]), IN_BLOCK, "all", str(row["period"]), one.scenario, results.baseline),
        label=PAYBACK_LABELS.get(row["quantity"], "Net present value of what is saved"),
        unit="share" if is_chance else "£",
        value=row["mean"],
        low=row["low"],
        high=row["high"],
        interval=Interval.CHANCE if is_chance else Interval.MEAN if is_worth else Interval.DIFFERENCE,
        price_base=f"prices of {one.price_base}" if is_worth else "" if is_chance else CASH,
    )

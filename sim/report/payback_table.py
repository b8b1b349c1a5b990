"""Payback and waterfalls for a terminal: what a scenario costs year by year, when it is earned back, and by what."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.analysis.payback import CUMULATIVE, NET, NEVER, ONE_OFF, PAID_BACK, RECURRING, Payback, paybacks
from sim.analysis.savings import ADDED, AVOIDED, RELEASED
from sim.analysis.waterfall import BASELINE, COMBINATION, INTERACTION, TOGETHER, waterfall
from sim.measures.ledger import IN_BLOCK
from sim.report.frames import BLOCK_LABEL, LEVEL, THOUSAND
from sim.report.tables import interval_heading, new_table, print_caveats
from sim.report.words import between, level, signed, words
from sim.results import Results

DIGITS = 0
"""Money is printed in thousands of pounds."""

PARTS = {RELEASED: "cash\nreleased", AVOIDED: "cost\navoided", ADDED: "added\ncost"}
STEPS = {INTERACTION: "  interaction of the parts", TOGETHER: "  all parts together"}

SHARE_INTERVAL = f"{100 * LEVEL:g}% interval\nof the share"

Row = Mapping[Any, Any]


def print_paybacks(out: Console, results: Results) -> None:
    """Print for each scenario net cost and payback by year, what it is worth, and where it saves."""
    titles = scenario_titles(results)
    for scenario, found in paybacks(results, LEVEL).items():
        out.print()
        out.print(Text(f"{titles[scenario]}, compared with the baseline", style="bold"))
        out.print(payback_table(out, found))
        out.print(recurring_table(out, found))
        for line in payback_sentences(found):
            out.print(line)
        out.print()
        out.print(savings_table(out, found, results.provenance["lines"]))
    print_caveats(out, results)


def payback_table(out: Console, found: Payback) -> Table:
    """Return net cost by financial year, in all and added up, and the share of replications that have paid back."""
    title = "Net cost to the high needs block by financial year, £ thousand cash (below 0 is a saving)"
    heads = ("net cost", interval_heading(), "added up", interval_heading(), "paid back\nby then", SHARE_INTERVAL)
    table = new_table(out, title, "", *heads)
    net, total, paid = (_rows_of(found, name) for name in (NET, CUMULATIVE, PAID_BACK))
    for one, added_up, share in zip(net, total, paid, strict=True):
        table.add_row(one["period"], *_money(one), *_money(added_up), *_share(share))
    return table


def recurring_table(out: Console, found: Payback) -> Table:
    """Return net cost by financial year, one-off apart from recurring."""
    title = "Of it one-off (start-up costs) and recurring, £ thousand cash"
    table = new_table(out, title, "", "one-off", interval_heading(), "recurring", interval_heading())
    for one, other in zip(*(_rows_of(found, name) for name in (ONE_OFF, RECURRING)), strict=True):
        table.add_row(one["period"], *_money(one), *_money(other))
    return table


def payback_sentences(found: Payback) -> list[str]:
    """Return when the scenario pays back and what it is worth, in sentences."""
    number, known = len(found.year), found.npv.replications
    of = f"{number} replication{'s' if number != 1 else ''}"
    over = of if known == number else f"{known} draws of the parameters"
    paid = sum(year != NEVER for year in found.year)
    mean, low, high = (value / THOUSAND for value in found.npv[:3])
    worth = f"{signed(mean, DIGITS)} {between(low, high, DIGITS)} ({100 * LEVEL:g}% interval of the mean, {over})"
    likely = "fewer than half of them do" if found.likely_year == NEVER else f"half or more by {found.likely_year}"
    return [
        f"Paid back for good within the horizon in {paid} of {of}; {likely}.",
        f"Net present value of what is saved, £ thousand in prices of {found.price_base}, discounted to "
        f"{found.present}: {worth}.",
    ]


def savings_table(out: Console, found: Payback, labels: Mapping[str, str]) -> Table:
    """Return cash released, cost avoided and added cost by budget line, over all years together."""
    whole = found.savings[found.savings["period"] == found.savings["period"].iloc[-1]]
    title = (
        f"Savings against the baseline, £ thousand cash, total of {whole['period'].iloc[0]}, lines that change. Cash "
        f"released: spend below that of {found.price_base}. Cost avoided: growth that does not come."
    )
    heads = [text for name in PARTS.values() for text in (name, interval_heading())]
    table = new_table(out, title, "", *heads)
    for line, rows in whole.groupby("line", sort=False):
        parts = rows.set_index("part").to_dict("index")
        label = BLOCK_LABEL if line == IN_BLOCK else labels.get(str(line), words(str(line)))
        if line == IN_BLOCK or any(round(one["mean"] / THOUSAND) for one in parts.values() if not isnan(one["mean"])):
            table.add_row(label, *(text for name in PARTS for text in _money(parts[name])))
    return table


def print_waterfall(out: Console, results: Results, parts: Sequence[str], whole: str) -> None:
    """Print what each part of a scenario does to spend alone, and what comes from their being together."""
    titles = scenario_titles(results)
    out.print(Text(f"{titles[whole]}: what is due to which part", style="bold"))
    out.print(waterfall_table(out, waterfall(results, parts, whole), titles))
    print_caveats(out, results)


def waterfall_table(
    out: Console,
    steps: pd.DataFrame,
    titles: Mapping[str, str],
    unit: str = "£ thousand cash",
    divisor: float = THOUSAND,
    digits: int = DIGITS,
) -> Table:
    """Return the steps of a waterfall, from the level of the baseline to that of the combination.

    Parameters
    ----------
    steps : as `sim.analysis.waterfall.waterfall` returns them.
    titles : what to call each scenario.
    unit, divisor, digits : how to print values, which are divided by `divisor`.
    """
    what = f"what the high needs block spends, {unit}, {steps['period'].iloc[0]}"
    title = f"From the baseline to the combination: {what}"
    table = new_table(out, title, "", "mean", f"{100 * LEVEL:g}% interval\nof the mean", "replications")
    for row in steps.to_dict("records"):
        mean, low, high = (row[name] / divisor for name in ("mean", "low", "high"))
        is_level = row["kind"] in (BASELINE, COMBINATION)
        printed = level(mean, digits) if is_level else signed(mean, digits)
        interval = f"{level(low, digits)} to {level(high, digits)}" if is_level else between(low, high, digits)
        interval = "no interval" if isnan(low) else interval
        table.add_row(_step_words(row, titles), printed, interval, str(row["replications"]))
    return table


def scenario_titles(results: Results) -> dict[str, str]:
    """Return what each scenario is called."""
    return {one["name"]: one["title"] or one["name"] for one in results.provenance["scenarios"]}


def _step_words(row: Mapping[Any, Any], titles: Mapping[str, str]) -> str:
    name = titles.get(row["step"], row["step"])
    return name if row["kind"] in (BASELINE, COMBINATION) else STEPS.get(row["kind"], f"  {name}")


def _rows_of(found: Payback, quantity: str) -> list[dict[Hashable, Any]]:
    return found.by_year[found.by_year["quantity"] == quantity].to_dict("records")


def _money(row: Row) -> tuple[str, str]:
    """Return a change in thousands of pounds and its interval."""
    mean, low, high = (row[name] / THOUSAND for name in ("mean", "low", "high"))
    return signed(mean, DIGITS), between(low, high, DIGITS)


def _share(row: Row) -> tuple[str, str]:
    low, high = row["low"], row["high"]
    return f"{row['mean']:.0%}", "no interval" if isnan(low) else f"{low:.0%} to {high:.0%}"

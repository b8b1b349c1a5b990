"""Sensitivity for a terminal: rankings, what could change the answer, what evidence is worth, and what moves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from sim.analysis.sensitivity.decision import NET_COST, Criterion, Decision, decision_of
from sim.analysis.sensitivity.ranking import ranking
from sim.analysis.sensitivity.screening import Screening
from sim.analysis.sensitivity.tornado import Tornado
from sim.analysis.sensitivity.value import FEWEST_PER_FIGURE, Worth
from sim.report.amounts import is_money
from sim.report.frames import MILLION
from sim.report.payback_table import scenario_titles
from sim.report.tables import new_table
from sim.report.words import NOT_KNOWN, between, level, signed, words
from sim.results import Results

DIGITS = 2
"""Money is printed in millions of pounds."""

STRONGEST, MOST_ROWS = 3, 12
WORTH_DIGITS, LEAST_WORTH = 3, 500.0
"""What is below half of the last digit printed, in pounds, is printed as nothing."""

KINDS = {"together": "Judgement", "factors": "Factor"}
PARTS = {"together": "Judgements that stand in several rows", "levers": "What levers achieve and cost"}
INTERVAL = "95% interval"

TELLS_NOTHING = 0.5
"""A chance whose interval is wider than this is not told: it may as well be its opposite."""

Row = Mapping[Any, Any]


def figure_words(name: str) -> str:
    """Return the name of a figure, judgement or factor as a reader meets it: its part of the county, then itself."""
    kind, _, rest = name.partition("/")
    said = rest.replace("/", ", ").replace("_", " ")
    return f"{KINDS.get(kind) or words(kind)}: {said}" if rest else PARTS.get(kind, words(kind))


def print_ranking(
    out: Console,
    decision: Decision,
    found: pd.DataFrame,
    could_change: pd.DataFrame,
    titles: Mapping[str, str],
    by: Criterion = NET_COST,
) -> None:
    """Print how likely each scenario is the cheapest (or best), and which assumptions could change that.

    Parameters
    ----------
    found : a ranking as `sim.analysis.sensitivity.ranking.told_by` tells it.
    """
    out.print(Text(ranking_title(by), style="bold"))
    out.print()
    out.print(ranking_sentence(found, titles, by))
    out.print()
    number, best = ("net cost", "cheapest") if by.is_net_cost else ("change", "best")
    heads = (number, f"{INTERVAL}\nof the mean", f"chance of\nbeing {best}", INTERVAL, "rank, on\naverage")
    table = new_table(out, quantity_words(by), "", *heads)
    ranks = [f"rank_{number + 1}" for number in range(len(found))]
    for row in found.to_dict("records"):
        names = ("net_cost" if by.is_net_cost else "change", "low", "high")
        mean, low, high = (row[name] / _scale(by) for name in names)
        shown = NOT_KNOWN if _tells_nothing(row) else f"{row['probability_best']:.0%}"
        chance = (shown, f"{row['best_low']:.0%} to {row['best_high']:.0%}")
        rank = sum((number + 1) * row[name] for number, name in enumerate(ranks))
        table.add_row(titles[row["scenario"]], signed(mean, DIGITS), between(low, high, DIGITS), *chance, f"{rank:.1f}")
    out.print(table)
    if _tells_nothing(found.iloc[0]):
        out.print("Which assumptions could change this cannot be told from the luck of the runs either.")
    else:
        for line in assumption_sentences(could_change, titles, best):
            out.print(line)
    _print_draws(out, decision)


def _tells_nothing(row: Row | pd.Series[Any]) -> bool:
    return bool(row["best_high"] - row["best_low"] > TELLS_NOTHING)


def ranking_title(by: Criterion) -> str:
    """Return the question that a ranking answers."""
    if by.is_net_cost:
        return "Which scenario costs the high needs block least, and how sure is that?"
    return f"Which scenario has the {by.aim}, and how sure is that? {by.quantity.label}"


def quantity_words(by: Criterion) -> str:
    """Return what scenarios are ranked by, with its unit."""
    if by.is_net_cost:
        return "Net cost to the block over the study against the baseline, £m cash (below 0 is a saving)"
    unit = "£m cash" if is_money(by.quantity.unit) else by.quantity.unit
    years = {"mean": "mean of the years of the study", "sum": "total of the study", "last": "last year"}
    return f"{by.quantity.label}: change from the baseline, {unit}, {years[by.quantity.over]}"


def _scale(by: Criterion) -> float:
    return MILLION if is_money(by.quantity.unit) else 1.0


def ranking_sentence(found: pd.DataFrame, titles: Mapping[str, str], by: Criterion = NET_COST) -> str:
    """Return which scenario is cheapest (or best) on average, and how likely it is that."""
    first, best = found.iloc[0], "cheapest" if by.is_net_cost else "best"
    ends = f"{first['best_low']:.0%} to {first['best_high']:.0%}"
    average = f"{best.capitalize()} on average: {titles[first['scenario']]}."
    number = "net_cost" if by.is_net_cost else "change"
    same = found[(found[[number, "low", "high"]] == first[[number, "low", "high"]]).all(axis=1)]["scenario"].tolist()
    if len(same) > 1:
        named = " and ".join(titles[name] for name in same)
        return f"{best.capitalize()} on average are {named}, which cannot be told apart: their figures are equal."
    if _tells_nothing(first):
        return (
            f"{average} How likely it is the {best} cannot be told: luck is large beside what differs ({INTERVAL} of "
            f"the chance {ends}); more draws, or more replications of each, would tell."
        )
    return f"{average} The chance that it is the {best} is {first['probability_best']:.0%} ({INTERVAL} {ends})."


def cheapest_in_words(results: Results) -> str:
    """Return which scenario costs the block least and how sure that is; '' without draws or anything to choose from."""
    if not results.are_drawn or len(results.scenarios) < 2:
        return ""
    try:
        decision = decision_of(results)
    except ValueError:  # fewer than two whole draws, or no spend
        return ""
    titles = scenario_titles(results)
    found, others = ranking(decision), results.scenarios[1:]
    said = ranking_sentence(found, titles)
    if found["scenario"][0] == results.baseline and len(others) > 1:
        said += f" Without it: {ranking_sentence(ranking(decision_of(results, NET_COST, others)), titles)}"
    return (
        f"{said} That is over {decision.draws} draws of what is not known and by net cost to the high needs block over "
        "the study; pathways sensitivity ranking tells more."
    )


def ranking_in_words(found: pd.DataFrame, titles: Mapping[str, str], by: Criterion = NET_COST) -> list[str]:
    """Return a ranking in words, for beside the figure."""
    rows = [
        f"{number}. {titles[row['scenario']]}: best in {row['probability_best']:.0%} of the draws "
        f"({row['best_low']:.0%} to {row['best_high']:.0%})"
        for number, row in enumerate(found.to_dict("records"), start=1)
    ]
    return [ranking_title(by), f"Share of the draws in which each scenario is the best, with its {INTERVAL}:", *rows]


def assumption_sentences(
    could_change: pd.DataFrame, titles: Mapping[str, str], best: str = "cheapest"
) -> Iterator[str]:
    """Yield the three assumptions that could change the answer most, in words."""
    could_change = could_change[could_change["change"] != 0.0]
    clear = could_change[could_change["clear"]]
    if could_change.empty:
        yield f"No assumption changes this: no figure goes with how often the {best} is the {best}."
    elif clear.empty:
        yield "No single assumption changes this by more than chance may among so many. The largest changes seen:"
    else:
        yield "Assumptions that could change the answer:"
    for row in (could_change if clear.empty else clear).head(STRONGEST).to_dict("records"):
        yield f"* {_turn(row, best)}{_swap(row, titles, best)}"


def _turn(row: Row, best: str) -> str:
    return (
        f"{figure_words(row['name'])}: where it is in the lower third of its draws, the {best} stays the {best} in "
        f"{row['lower']:.0%} of them; in the upper third, in {row['upper']:.0%}."
    )


def _swap(row: Row, titles: Mapping[str, str], best: str) -> str:
    """Return what is cheapest (or best) on average in each third, if that differs."""
    if row["best_lower"] == row["best_upper"]:
        return ""
    lower, upper = titles[row["best_lower"]], titles[row["best_upper"]]
    return f" {best.capitalize()} on average: {lower} in the lower third, {upper} in the upper."


def print_value(out: Console, decision: Decision, all_known: Worth, parts: pd.DataFrame, groups: pd.DataFrame) -> None:
    """Print what it would be worth to know everything, each figure and each part of the county."""
    out.print(Text("Which evidence is worth collecting?", style="bold"))
    out.print()
    for line in value_sentences(all_known, parts):
        out.print(line)
    some, none = parts[parts["high"] >= LEAST_WORTH], parts[parts["high"] < LEAST_WORTH]
    tables = (("each figure by itself", some.head(MOST_ROWS)), ("all figures of a part", groups))
    for title, every in tables if all_known.high else ():
        rows = every.dropna(subset="value")
        out.print()
        heads = ("worth", INTERVAL)
        table = new_table(out, f"Value of knowing exactly {title}, £m cash over the study", "", *heads)
        for row in rows.to_dict("records"):
            table.add_row(figure_words(row["name"]), *_worth(row))
        out.print(table)
    for line in _untold(decision, groups) if all_known.high else ():
        out.print(line)
    if len(none) and all_known.high:
        out.print(f"{len(none)} other figures are worth nothing that these draws can tell; value.csv holds them.")
    _print_draws(out, decision)


def _untold(decision: Decision, groups: pd.DataFrame) -> Iterator[str]:
    """Yield the parts with more figures than the draws can tell of, and how many draws it would take."""
    for row in groups[groups["value"].isna()].to_dict("records"):
        needed = FEWEST_PER_FIGURE * int(row["figures"])
        yield (
            f"{figure_words(row['name'])}: {row['figures']} figures are too many for {decision.draws} draws; with "
            f"{needed} or more it could be told what knowing all of them is worth."
        )


def value_sentences(all_known: Worth, parts: pd.DataFrame) -> list[str]:
    """Return what knowing everything is worth, and which figures most."""
    if not all_known.high:
        return [
            "The same scenario is the cheapest in every draw, so no evidence about the figures would change the choice."
        ]
    whole, ends = _worth(all_known._asdict())
    said = [
        f"Knowing everything that was drawn before choosing would save £{whole}m on average ({INTERVAL} {ends}): no "
        f"evidence about it is worth more, for this choice in this county."
    ]
    worth = [row for row in parts.head(STRONGEST).to_dict("records") if row["value"] >= LEAST_WORTH]
    if not worth:
        return [*said, "No single figure is worth knowing exactly: none changes the choice enough."]
    told = "; ".join(f"{figure_words(row['name'])} (£{_worth(row)[0]}m, {_worth(row)[1]})" for row in worth)
    return [*said, f"Most worth knowing by themselves: {told}."]


def _worth(row: Row) -> tuple[str, str]:
    value, low, high = (f"{row[name] / MILLION:.{WORTH_DIGITS}f}" for name in ("value", "low", "high"))
    return value, f"{low} to {high}"


def _print_draws(out: Console, decision: Decision) -> None:
    number = decision.costs.shape[2]
    luck = (
        "their luck is taken out" if number > 1 else "with one each, luck cannot be told apart from what is not known"
    )
    out.print(f"{decision.draws} draws of what is not known, {number} replication(s) of each; {luck}.")


def print_tornado(out: Console, found: Tornado, what: str, origin: str) -> None:
    """Print what each figure does to the outcome at its low and its high end, the largest swing first."""
    out.print(Text(f"What moves it: {what}", style="bold"))
    out.print()
    middle = between(found.central_low / MILLION, found.central_high / MILLION, DIGITS)
    out.print(f"With all figures as they are: £{level(found.central / MILLION, DIGITS)}m {middle}.")
    out.print()
    title = "One figure at a time at its 5% and its 95% quantile, all others as they are, £m cash"
    table = new_table(out, title, "", "at 5%", "at 95%", "swing", f"{INTERVAL}\nof the swing")
    for row in found.bars.to_dict("records"):
        names = ("at_low", "at_high", "swing", "swing_low", "swing_high")
        low, high, swing, *ends = (row[name] / MILLION for name in names)
        cells = (level(low, DIGITS), level(high, DIGITS), signed(swing, DIGITS), between(ends[0], ends[1], DIGITS))
        table.add_row(figure_words(row["name"]), *cells)
    out.print(table)
    clear = int(((found.bars["swing_low"] > 0) | (found.bars["swing_high"] < 0)).sum())
    out.print(
        f"{clear} of the {len(found.bars)} intervals shown leave out nought. Of figures that do nothing, about 5 in "
        "100 would by luck."
    )
    _print_runs(out, origin)


def bars_in_words(found: Tornado) -> list[str]:
    """Return the largest swings in words, for beside the figure."""
    middle = level(found.central / MILLION, DIGITS)
    said = f"With all figures as they are £{middle}m. Swing from the 5% to the 95% quantile, £m:"
    return [said, *(f"{figure_words(row['name'])} {_change(row)}" for row in found.bars.to_dict("records"))]


def _change(row: Row) -> str:
    swing, low, high = (row[name] / MILLION for name in ("swing", "swing_low", "swing_high"))
    return f"{signed(swing, DIGITS)} {between(low, high, DIGITS)}"


def effects_in_words(found: Screening) -> list[str]:
    """Return the mean size of each group's effect in words, for beside the figure."""
    return [
        f"{figure_words(row['group'])}: mean size £{_sized(row, 'mu_star')[0]}m ({_sized(row, 'mu_star')[1]})"
        for row in found.effects.to_dict("records")
    ]


def print_screening(out: Console, found: Screening, what: str, origin: str) -> None:
    """Print how much each group of figures moves the outcome, and how unevenly."""
    out.print(Text(f"What moves it: {what}", style="bold"))
    out.print()
    title = "Effect of moving from the 5% to the 95% quantile, all others anywhere in their ranges, £m cash"
    heads = ("figures", "mean size", INTERVAL, "of nothing,\nby luck", "spread", INTERVAL)
    table = new_table(out, title, "", *heads)
    for row in found.effects.to_dict("records"):
        luck = "-" if isnan(row["luck"]) else f"{row['luck'] / MILLION:.{DIGITS}f}"
        table.add_row(
            figure_words(row["group"]), str(row["figures"]), *_sized(row, "mu_star"), luck, *_sized(row, "sigma")
        )
    out.print(table)
    lost = found.effects[found.effects["mu_star_low"] <= found.effects["luck"]]
    if len(lost):
        named = ", ".join(figure_words(name) for name in lost["group"])
        out.print(f"Not to be told from figures that do nothing, whose mean size is luck: {named}.")
    out.print(
        f"{found.trajectories} trajectories. Mean size: mean of the absolute effect. Spread: standard deviation of the "
        f"effect; large beside the mean size, it says that the effect bends or depends on other figures. It is not "
        f"defined for several figures that move in different directions."
    )
    _print_runs(out, origin)


def _sized(row: Row, name: str) -> tuple[str, str]:
    if isnan(row[name]):
        return "-", "-"
    value, low, high = (f"{row[key] / MILLION:.{DIGITS}f}" for key in (name, f"{name}_low", f"{name}_high"))
    return value, f"{low} to {high}"


def _print_runs(out: Console, origin: str) -> None:
    out.print("All points begin with the same luck; lives part where a figure moves them.")
    out.print(origin)

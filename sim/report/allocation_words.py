"""What the search for the best split of a grant found: in words, in tables, and as files of a results folder."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.paired_spend import Estimate
from sim.report.allocation_figure import draw_allocation
from sim.report.amounts import Style
from sim.report.plain_table import plain_table
from sim.results import write_json, write_text
from sim.school_year import financial_year_of, year_start
from sim.search import Allocation, Found, Searched, Split
from sim.search.costs import is_covered
from sim.search.schema import POTS, Condition
from sim.search.searching import DRAWS, LEVEL, BestIn

WIDTH = 110
MEANS_DRAWN = f"true means are drawn {DRAWS:,} times from the t distribution around those found"
SPLITS_FILE, MONEY_FILE, ALLOCATION_FILE = "splits.csv", "best_split.csv", "allocation.json"
SHOWN = 30
"""Splits in the printed table at most; splits.csv holds them all."""

DRAWN_KEYS = ("uncertainty", "draws", "replications_per_draw", "members", "drawn_from")
"""What the record says of draws, as run.json of the same folder does."""

HELD = (
    "All figures of the county are held at their central values: what is not known about them is not in this answer "
    "(--uncertainty parameters draws them)."
)
TO_DRAW = "Parameters are drawn: each replication has a draw of what is not known of its own, the same for all splits."


def allocation_in_words(searched: Searched) -> str:
    """Return the best split in pounds, how sure it is, what cannot be told apart from it, and all splits."""
    found, said = searched.allocation, searched.results.provenance
    best = found.title_of(searched.best.split)
    paragraphs = [grant_in_words(found), f"Best split: {best}", *_over_what(searched), *_how_sure(searched)]
    paragraphs += _tied(searched)
    told = [_wrapped(line) for line in paragraphs]
    caveats = [_wrapped(f"* {caveat}") for caveat in said["caveats"]]
    origin = f"{said['county']['label']}. Run {said['run']}, seed {said['seed']}, {searched.runs} runs in all."
    parts = [found.title, "", *told[:2], "", money_table(found, searched.best.split), "", *told[2:], ""]
    return "\n".join([*parts, splits_table(searched), "", *caveats, "", origin])


def splits_in_words(found: Allocation) -> str:
    """Return what there is to spend and the splits that would be run, before anything is."""
    least = found.said.grant.spent_at_least
    use = f" and use at least {least:.0%} of it" if least else ""
    fitting = f"{len(found.affordable):,} of them fit the grant{use}"
    number = f"{found.combinations:,} combinations of steps; {fitting}"
    most = _fewer_draws(found)
    rows = [
        (f"{found.name_of(split)}: {found.title_of(split)}", *_pounds(*found.spent(split), found.unspent(split)))
        for split in found.first_splits
    ]
    table = plain_table(("one-off", "recurring", "unspent"), rows, WIDTH)
    drawn = [_wrapped(f"{HELD if found.draws is None else TO_DRAW}{most}")]
    told = [_wrapped(grant_in_words(found)), *drawn, _wrapped(f"{number}; to begin with:")]
    return "\n".join([found.title, "", *told, "", table])


def grant_in_words(found: Allocation) -> str:
    """Return what there is, to when it must last, and what happens then."""
    grant = found.said.grant
    amounts = " and ".join(f"£{amount:,.0f} in {year}" for year, amount in grant.amounts.items())
    carried = (
        "unspent money is carried forward" if grant.carry_forward else "unspent money is lost at the end of a year"
    )
    after = {
        "block_pays": "after that the levers go on and the high needs block pays for them",
        "levers_stop": f"the levers stop on 1 September {grant.covers_to[:4]}",
    }[grant.afterwards]
    least = f" At least {grant.spent_at_least:.0%} of it must be used." if grant.spent_at_least else ""
    return (
        f"The grant: {amounts}; {carried}. It covers what levers cost by themselves to the end of {grant.covers_to}; "
        f"{after}.{least} Cash; savings are not spent again."
    )


def money_table(found: Allocation, split: Split) -> str:
    """Return what each option of a split costs by itself: by year, one-off and recurring, and a year afterwards."""
    covered = is_covered(list(found.years), found.said.grant)
    begun = np.array([year_start(y) >= financial_year_of(found.county.horizon.study_start) for y in found.years])
    shown = np.flatnonzero(covered & begun)
    later = np.flatnonzero(~covered)[:1]
    heads = [*(found.years[year] for year in shown), "one-off", "recurring", "in all"]
    heads += [f"then, in\n{found.years[year]}" for year in later]
    rows, sums = [], np.zeros(len(heads))
    for name, step in found.chosen(split).items():
        pots = np.array([getattr(step, pot)[covered].sum() for pot in POTS])
        pounds = np.concatenate([step.cost[shown], pots, [pots.sum()], step.cost[later]])
        sums += pounds
        rows.append((f"{found.said.options[name].label}: {step.label}", *_pounds(*pounds)))
    blank = [""] * (len(shown) + len(POTS))
    unspent = ("Unspent of the grant", *blank, *_pounds(found.unspent(split)), *([""] * len(later)))
    return plain_table(heads, [*rows, ("All", *_pounds(*sums)), unspent], WIDTH)


def splits_table(searched: Searched) -> str:
    """Return every split, the best first: what it costs, changes and falls short by, and how far it was run."""
    found, unit = searched.allocation, searched.allocation.said.objective.unit
    heads = (
        "own cost",
        "change from\nbaseline",
        f"{LEVEL:.0%} interval of\nthe mean change",
        "worse than\nthe best by",
        "chance of\nbeing best",
        *(["best in so\nmany draws"] if searched.is_drawn else []),
        "screened\nout after",
    )
    rows: list[str | tuple[str, ...]] = []
    for number, one in enumerate(searched.found[:SHOWN], start=1):
        style, behind = Style.of(unit, *one.change[:3]), Style.of(unit, *one.behind[:3])
        rows += [
            f"{number}. {found.title_of(one.split)}",
            (
                f"   {_mark(one, number == 1)}",
                *_pounds(found.spent(one.split).sum()),
                _signed(style, one.change.mean),
                f"{_signed(style, one.change.low)} to {_signed(style, one.change.high)}",
                "" if number == 1 else behind.signed(one.behind.mean),
                "" if isnan(one.chance) else f"{one.chance:.0%}",
                *([share_in_words(one.best_in)] if searched.is_drawn else []),
                f"{one.screened_after}" if one.screened_after else "",
            ),
        ]
    more = len(searched.found) - SHOWN
    rest = [f"... and {more} more in {SPLITS_FILE}"] if more > 0 else []
    title = f"{found.said.objective.label}: the {len(searched.found)} splits that were run"
    return "\n".join([title, plain_table(heads, [*rows, *rest], WIDTH)])


def share_in_words(found: BestIn) -> str:
    """Return the share of draws in which a split is the best, with its interval; nothing where it is not known."""
    return "" if isnan(found.share) else f"{found.share:.0%} ({found.low:.0%}-{found.high:.0%})"


def _mark(one: Found, is_best: bool) -> str:
    if is_best:
        return "best"
    return "breaks a condition" if one.breaks else "not told apart" if one.is_tied else ""


def write_allocation(searched: Searched, folder: Path) -> None:
    """Write splits.csv, best_split.csv, allocation.json and the figure into the results folder."""
    stamp = searched.results.provenance["stamp"]
    for rows, name in ((list(_split_rows(searched)), SPLITS_FILE), (list(_money_rows(searched)), MONEY_FILE)):
        table = pd.DataFrame(rows).assign(stamp=stamp)
        write_text(table.to_csv(index=False, lineterminator="\n"), folder / name)
    write_json(_record(searched), folder / ALLOCATION_FILE)
    draw_allocation(searched, folder)


def _over_what(searched: Searched) -> Iterator[str]:
    """Yield over how many draws of what is not known the splits are compared, or that nothing was drawn."""
    if not searched.is_drawn:
        yield HELD
        return
    draws = searched.best.replications
    yield (
        f"Over {draws} draws of what is not known, one replication of each; every split ran in the same draws with the "
        f"same luck, and the best is that of the mean over them.{_fewer_draws(searched.allocation)}"
    )


def _fewer_draws(found: Allocation) -> str:
    """Return that there are fewer draws than replications that the file asks for at most; nothing otherwise."""
    asked = found.said.selection.most
    if found.most >= asked:
        return ""
    return (
        f" The county's ensemble has {found.most} members, each drawn once, so that no split is run more often than "
        f"that (selection/most asks for {asked})."
    )


def _how_sure(searched: Searched) -> Iterator[str]:
    """Yield what the best split changes, how far it is ahead, and what is guaranteed."""
    found, best = searched.allocation, searched.best
    yield f"{found.said.objective.label}, compared with the baseline: {_change(found, best.change)}."
    if searched.runner_up is not None:
        next_best = searched.runner_up
        mean, low, high, number = next_best.behind
        style = Style.of(found.said.objective.unit, mean, low, high)
        yield (
            f"Next best: {found.title_of(next_best.split)}; worse by {style.signed(mean)} "
            f"({LEVEL:.0%} interval {style.signed(low)} to {style.signed(high)}; {number} replications)."
        )
    compared = sum(not isnan(one.chance) for one in searched.found)
    yield (
        f"Chance of being the best of the {compared} splits with all {best.replications} replications: "
        f"{best.chance:.0%} (that its mean is the best, as far as luck goes; {MEANS_DRAWN})."
    )
    yield from _best_in_draws(searched, compared)
    yield _guarantee(searched)
    yield from _conditions(searched)


def _best_in_draws(searched: Searched, compared: int) -> Iterator[str]:
    """Yield in which share of the draws the best split is the best, and which split is more often."""
    best = searched.best
    if isnan(best.best_in.share):
        return
    often = max(searched.found, key=lambda one: -1.0 if isnan(one.best_in.share) else one.best_in.share)
    more = (
        f" {searched.allocation.title_of(often.split)} is the best more often, in {share_in_words(often.best_in)}, but "
        "not on average."
        if often.best_in.share > best.best_in.share
        else ""
    )
    yield (
        f"It is the best of these {compared} in {best.best_in.share:.0%} of the draws ({LEVEL:.0%} interval "
        f"{best.best_in.low:.0%} to {best.best_in.high:.0%}; with one replication of a draw, the luck of single runs "
        f"is in this share).{more}"
    )


def _guarantee(searched: Searched) -> str:
    """Return what the selection guarantees, or why it does not."""
    found, rule = searched.allocation, searched.allocation.said.selection
    matters = Style.of(found.said.objective.unit, rule.indifference, np.nan, np.nan).words(rule.indifference)
    if not searched.selection.is_sure:
        more = (
            f"selection/most in the file, and an ensemble of so many members, as its {found.most} are all used"
            if found.most < rule.most
            else "selection/most in the file"
        )
        return (
            f"{len(searched.selection.survivors)} splits were left when {found.most} replications had been made of "
            f"each: nothing is guaranteed. With {searched.selection.needed:,} replications or fewer ({more}) it would "
            f"be known which of them is the best, up to {matters}."
        )
    among = f"the {len(searched.found)} splits that were run"
    left = len(found.affordable) - len(searched.found)
    unseen = f" Another {left:,} that the grant pays for were not run." if left > 0 else ""
    rounds = " Rounds of trying neighbours use replications again, so that this is approximate." * bool(searched.rounds)
    about, what = (
        (", on average over what is not known,", "over draws of what is not known and chance of the runs")
        if searched.is_drawn
        else ("", "chance of the runs only, with all figures of the county as they are")
    )
    return (
        f"With probability {rule.confidence:.0%} or more this is{about} the best of {among}, if none of the others is "
        f"within {matters} of it (Kim and Nelson 2001; {what}).{rounds}{unseen}"
    )


def _conditions(searched: Searched) -> Iterator[str]:
    found = searched.allocation
    for condition, beyond in zip(found.said.conditions, searched.best.conditions, strict=True):
        ends = sorted((condition.sign * beyond.low, condition.sign * beyond.high))
        style = Style.of(condition.unit, beyond.mean, *ends)
        kept = (
            "kept" if beyond.high <= 0 else "broken" if searched.best.breaks else "neither shown to be kept nor broken"
        )
        low, mean, high = (_signed(style, value) for value in (ends[0], condition.sign * beyond.mean, ends[1]))
        yield (
            f"Condition: {condition.label} {_limit(condition)}: {kept} "
            f"({mean} from the limit; {LEVEL:.0%} interval {low} to {high})."
        )


def _limit(condition: Condition) -> str:
    words = "not above" if condition.sign > 0 else "not below"
    return f"{words} {'the baseline' if condition.limit == 'baseline' else condition.limit}"


def _tied(searched: Searched) -> Iterator[str]:
    """Yield the splits that cannot be told apart from the best."""
    titles = [searched.allocation.title_of(one.split) for one in searched.tied]
    if not titles:
        yield "No other split that was run could be as good: all are told apart from it."
        return
    yield f"Not told apart from it with the replications there are: {len(titles)} of the others."
    yield from (f"* {title}" for title in titles)


def _change(found: Allocation, change: Estimate) -> str:
    style = Style.of(found.said.objective.unit, *change[:3])
    interval = f"{LEVEL:.0%} interval of the mean change {style.between(change.low, change.high)}"
    return f"{style.moved(change.mean)} ({interval}; {change.replications} replications)"


def _signed(style: Style, value: float) -> str:
    words = style.words(value)
    return words if isnan(value) or not round(value, -style.place) else f"{'-' if value < 0 else '+'}{words}"


def _pounds(*values: float) -> list[str]:
    return [f"£{value:,.0f}" if round(value) >= 0 else f"-£{-value:,.0f}" for value in values]


def _split_rows(searched: Searched) -> Iterator[dict[str, Any]]:
    for one in searched.found:
        yield {**_keys(searched.allocation, one), **_figures(searched.allocation, one)}


def _keys(found: Allocation, one: Found) -> dict[str, Any]:
    steps = {name: step.label for name, step in found.chosen(one.split).items()}
    one_off, recurring = found.spent(one.split)
    money = {"one_off_gbp": one_off, "recurring_gbp": recurring, "unspent_gbp": found.unspent(one.split)}
    return {"split": found.name_of(one.split), **steps, **{name: round(value, 2) for name, value in money.items()}}


def _figures(found: Allocation, one: Found) -> dict[str, Any]:
    beyond = {
        f"condition_{number}_{key}": value
        for number, estimate in enumerate(one.conditions, start=1)
        for key, value in zip(("mean", "low", "high"), estimate[:3], strict=True)
    }
    return {
        "measure": found.said.objective.measure,
        "unit": found.said.objective.unit,
        **{f"change_{key}": getattr(one.change, key) for key in ("mean", "low", "high")},
        **{f"behind_{key}": getattr(one.behind, key) for key in ("mean", "low", "high")},
        "replications": one.replications,
        "screened_out_after": one.screened_after or "",
        "chance_of_being_best": one.chance,
        **dict(zip(("best_in_draws", "best_in_draws_low", "best_in_draws_high"), one.best_in, strict=True)),
        "not_told_apart": one.is_tied,
        "breaks_a_condition": one.breaks,
        **beyond,
    }


def _money_rows(searched: Searched) -> Iterator[dict[str, Any]]:
    found = searched.allocation
    covered = is_covered(list(found.years), found.said.grant)
    for name, step in found.chosen(searched.best.split).items():
        for pot in POTS:
            for year, pounds, is_paid in zip(found.years, getattr(step, pot), covered, strict=True):
                if pounds:
                    paid_by = "grant" if is_paid else "high needs block"
                    keys = {"option": name, "step": step.label, "pot": pot, "year": year}
                    yield {**keys, "gbp": round(float(pounds), 2), "paid_by": paid_by}


def _record(searched: Searched) -> Mapping[str, Any]:
    found, said = searched.allocation, searched.results.provenance
    return {
        "title": found.title,
        "question": found.question,
        "file_sha256": found.file_sha256,
        "stamp": said["stamp"],
        "grant": found.said.grant.model_dump(),
        "objective": found.said.objective.model_dump(),
        "conditions": [condition.model_dump() for condition in found.said.conditions],
        "selection": {**found.said.selection.model_dump(), **asdict(searched.selection)},
        "procedure": "KN (Kim and Nelson 2001) under common random numbers; " + _guarantee(searched),
        "chance_of_being_best": f"that the mean is the best: {MEANS_DRAWN}",
        **{key: said[key] for key in DRAWN_KEYS if key in said},
        "most_replications": found.most,
        "combinations": found.combinations,
        "affordable": len(found.affordable),
        "run": len(searched.found),
        "rounds_of_neighbours": searched.rounds,
        "runs": searched.runs,
        "best": found.name_of(searched.best.split),
        "not_told_apart": [found.name_of(one.split) for one in searched.tied],
    }


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  " if text.startswith("* ") else "")

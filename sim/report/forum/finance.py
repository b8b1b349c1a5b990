"""Money in a paper: spend by budget line and financial year, and payback; a place for further pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, log10
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from sim.analysis.payback import CUMULATIVE, NET, PAID_BACK
from sim.measures.ledger import IN_BLOCK
from sim.report.amounts import place_of
from sim.report.forum.figures import Figure
from sim.report.forum.markdown import table
from sim.report.forum.refusals import checked
from sim.report.forum.rounding import interval_words, value_words
from sim.report.frames import THOUSAND

if TYPE_CHECKING:
    from sim.report.forum.paper import Paper

YEARS_ABREAST = 5
"""So many financial years stand side by side in a table."""

LINE_WIDTH, YEAR_WIDTH, CODE_WIDTH = 22, 13, 15
FINEST = 1
"""Amounts are given to tens of pounds at the finest."""

MINUS = "\N{MINUS SIGN}"


class Page(NamedTuple):
    """A page about money: its heading and its text in Markdown."""

    title: str
    text: Markup


MONEY_PAGES: tuple[Callable[[Paper], Page], ...] = ()
"""Further pages about money, which stand at the end of the section on finance. A feature registers its page here."""


def line_tables(paper: Paper, scenario: str) -> list[Markup]:
    """Return tables of what a scenario changes, by budget line and financial year; unchanged lines are left out."""
    figures = _changes(paper, scenario)
    years = list(dict.fromkeys(one.about.period for one in figures))
    lines = dict.fromkeys(one.about.provision for one in figures if one.value or not one.never_varies)
    order = [*(line for line in lines if line != IN_BLOCK), *([IN_BLOCK] if IN_BLOCK in lines else [])]
    return [
        _line_table(paper, scenario, [one for one in figures if one.about.period in part], order, part)
        for part in (years[start : start + YEARS_ABREAST] for start in range(0, len(years), YEARS_ABREAST))
        if order
    ]


def _changes(paper: Paper, scenario: str) -> list[Figure]:
    wanted = {"scenario": scenario, "comparison": paper.baseline}
    found = [
        one for measure in ("spend", "spend_total") for one in paper.catalogue.those({"measure": measure, **wanted})
    ]
    return [checked(one) for one in found if one.about.period[:4].isdecimal()]


def _line_table(
    paper: Paper, scenario: str, figures: Sequence[Figure], lines: Sequence[str], years: Sequence[str]
) -> Markup:
    there = {(one.about.provision, one.about.period): one for one in figures}
    rows = [
        (there[line, years[0]].label, *(thousands(there[line, year]) for year in years), there[line, years[0]].series)
        for line in lines
    ]
    caption = (
        f"{paper.number.table()}. {paper.short(scenario)}: change in spend by budget line and financial year, "
        f"£ thousand, cash, with the 95% interval of the mean difference; below 0 is a saving"
    )
    return table(caption, ["Budget line", *years, "Ref."], rows, [LINE_WIDTH, *[YEAR_WIDTH] * len(years), CODE_WIDTH])


def thousands(figure: Figure) -> str:
    """Return an amount in thousands of pounds with its interval, such as '−88 (−112 to −64)', if it varies."""
    place = max(FINEST, place_of(figure.value, figure.low, figure.high))
    mean, low, high = (_thousands(value, place) for value in (figure.value, figure.low, figure.high))
    return mean if figure.never_varies else f"{mean} ({low} to {high})"


def _thousands(value: float, place: int) -> str:
    rounded = round(value, -place) / THOUSAND
    said = f"{abs(rounded):,.{max(0, floor(log10(THOUSAND)) - place)}f}"
    return f"{MINUS}{said}" if rounded < 0 else said if rounded else "0"


def payback_table(paper: Paper, scenario: str) -> Markup:
    """Return net cost by financial year, added up, and in how many replications it is paid back; '' without figures."""
    wanted = {"scenario": scenario}
    parts = [paper.catalogue.those({"measure": name, **wanted}) for name in (NET, CUMULATIVE, PAID_BACK)]
    rows = [
        (one.about.period, thousands(checked(one)), thousands(checked(total)), _chance(checked(paid)))
        for one, total, paid in zip(*parts, strict=True)
    ]
    if not rows:
        return Markup("")
    codes = ", ".join(
        f"{name} {part[0].series}" for name, part in zip(("net cost", "added up", "paid back"), parts, strict=True)
    )
    caption = (
        f"{paper.number.table()}. {paper.short(scenario)}: net cost to the high needs block, £ thousand, cash, with "
        f"the 95% interval of the mean difference; below 0 is a saving. References: {codes}"
    )
    heads = ["Financial year", "Net cost", "Added up", "Paid back for good by then"]
    return table(caption, heads, rows, [12, 22, 22, 34])


def _chance(figure: Figure) -> str:
    return f"{value_words(figure)} ({interval_words(figure)})"

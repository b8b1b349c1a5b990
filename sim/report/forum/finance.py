"""Money in a paper: spend by budget line and financial year, and payback."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.analysis.money_pages import NOT_MAPPED, section_251_of
from sim.analysis.payback import CUMULATIVE, NET, PAID_BACK
from sim.measures.ledger import IN_BLOCK
from sim.report.amounts import place_of
from sim.report.forum.figures import Figure
from sim.report.forum.markdown import table
from sim.report.forum.money_figures import HEADING
from sim.report.forum.refusals import checked
from sim.report.forum.rounding import FEWEST_IN_PERCENT, PERCENT
from sim.report.frames import BLOCK_LABEL, THOUSAND

if TYPE_CHECKING:
    from sim.report.forum.paper import Paper

YEARS_ABREAST = 5
"""So many financial years stand side by side in a table."""

LINE_WIDTH, YEAR_WIDTH, CODE_WIDTH = 22, 13, 15
FINEST = 1
"""Amounts are given to tens of pounds at the finest."""

MINUS = "\N{MINUS SIGN}"


Rows = Mapping[str, Mapping[str, Figure]]
"""Figures by the label of their row and by period."""


def line_tables(paper: Paper, scenario: str) -> list[Markup]:
    """Return tables of what a scenario changes, by budget line under its section 251 heading and financial year.

    Unchanged lines are left out. A heading with several changed lines has a row that adds them up.
    """
    found: dict[str, dict[str, Figure]] = {}
    for one in _changes(paper, scenario):
        found.setdefault(one.about.provision, {})[one.about.period] = one
    changed = {
        line: row for line, row in found.items() if any(one.value or not one.never_varies for one in row.values())
    }
    caption = (
        f"{paper.short(scenario)}: change in spend by section 251 heading and budget line, by financial year, "
        f"£ thousand, cash, with the 95% interval of the mean difference; below 0 is a saving"
    )
    return tables_by_year(paper, caption, "Budget line", _under_headings(paper, scenario, changed))


def _under_headings(paper: Paper, scenario: str, changed: Rows) -> dict[str, Mapping[str, Figure]]:
    """Return rows in the order of section 251, lines behind the code of their heading, the block last."""
    codes = section_251_of(paper.results) if changed else {}
    lines = sorted((line for line in changed if line != IN_BLOCK), key=lambda line: codes.get(line, NOT_MAPPED))
    mine = [codes.get(line, "") for line in lines]
    rows: dict[str, Mapping[str, Figure]] = {}
    for line, code in zip(lines, mine, strict=True):
        label = next(iter(changed[line].values())).label
        if code and mine.count(code) > 1:
            added = by_period(paper, HEADING, code, scenario)
            rows |= {f"{code} in all": added} if added else {}
        rows[f"{code} {label}".strip()] = changed[line]
    return rows | ({BLOCK_LABEL: changed[IN_BLOCK]} if IN_BLOCK in changed else {})


def by_period(
    paper: Paper, measure: str, provision: str, scenario: str, comparison: str | None = None
) -> dict[str, Figure]:
    """Return the figures of financial years, by year; changes from the baseline unless '' is given for levels."""
    against = paper.baseline if comparison is None else comparison
    keys = {"measure": measure, "provision": provision, "scenario": scenario, "comparison": against}
    found = [checked(one) for one in paper.catalogue.those(keys)]
    return {one.about.period: one for one in found if one.about.period[:4].isdecimal()}


def _changes(paper: Paper, scenario: str) -> list[Figure]:
    wanted = {"scenario": scenario, "comparison": paper.baseline}
    found = [
        one for measure in ("spend", "spend_total") for one in paper.catalogue.those({"measure": measure, **wanted})
    ]
    return [checked(one) for one in found if one.about.period[:4].isdecimal()]


def tables_by_year(paper: Paper, caption: str, head: str, rows: Rows, unit: float = THOUSAND) -> list[Markup]:
    """Return tables of rows by financial year, so many years abreast, each row with the code of its series.

    Parameters
    ----------
    unit : pounds that are written as 1.
    """
    years = sorted({period for row in rows.values() for period in row})
    widths = [LINE_WIDTH, *[YEAR_WIDTH] * YEARS_ABREAST, CODE_WIDTH]
    made = []
    for part in (years[start : start + YEARS_ABREAST] for start in range(0, len(years), YEARS_ABREAST)):
        lines = [
            (label, *(amount(row[year], unit) if year in row else "" for year in part), _series(row))
            for label, row in rows.items()
        ]
        said = f"{paper.number.table()}. {caption} ({part[0]} to {part[-1]})"
        made.append(table(said, [head, *part, "Ref."], lines, [*widths[: len(part) + 1], CODE_WIDTH]))
    return made


def _series(row: Mapping[str, Figure]) -> str:
    return next(iter(row.values())).series if row else ""


def thousands(figure: Figure) -> str:
    """Return an amount in thousands of pounds with its interval, such as '−88 (−112 to −64)', if it varies."""
    return amount(figure, THOUSAND)


def amount(figure: Figure, unit: float) -> str:
    """Return an amount in thousands or millions of pounds with its interval, if it has one and varies."""
    place = max(FINEST, place_of(figure.value, figure.low, figure.high))
    mean, low, high = (_in_units(value, place, unit) for value in (figure.value, figure.low, figure.high))
    return mean if figure.never_varies else f"{mean} ({low} to {high})"


def _in_units(value: float, place: int, unit: float) -> str:
    rounded = round(value, -place) / unit
    said = f"{abs(rounded):,.{max(0, floor(log10(unit)) - place)}f}"
    return f"{MINUS}{said}" if rounded < 0 else said if rounded else "0"


def payback_table(paper: Paper, scenario: str) -> Markup:
    """Return net cost by financial year, added up, and in how many replications it is paid back; '' without figures."""
    wanted = {"scenario": scenario}
    parts = [
        [one for one in paper.catalogue.those({"measure": name, **wanted}) if one.about.period[:4].isdecimal()]
        for name in (NET, CUMULATIVE, PAID_BACK)
    ]
    rows = [
        (one.about.period, thousands(checked(one)), thousands(checked(total)), chance(checked(paid)))
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
    rows_of = parts[2][0].units
    heads = ["Financial year", "Net cost", "Added up", f"Paid back for good by then (share of {rows_of}, 95% interval)"]
    return table(caption, heads, rows, [14, 24, 24, 28])


def chance(figure: Figure | None) -> str:
    """Return a share of runs with its interval: '40% (20% to 62%)', or '3 of 50 (1% to 17%)' where few are counted."""
    if figure is None:
        return ""
    hits = round(figure.value * figure.number)
    said = f"{PERCENT * figure.value:.0f}%" if hits >= FEWEST_IN_PERCENT else f"{hits} of {figure.number}"
    return f"{said} ({figure.low:.0%} to {figure.high:.0%})"

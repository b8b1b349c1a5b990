"""Pages about money at the end of a paper's section on finance, and about whom the options change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from sim.analysis import invest_to_save as invest
from sim.analysis.money_pages import headings_of
from sim.analysis.payback import NEVER, PAID_BACK
from sim.analysis.savings import ADDED, AVOIDED, RELEASED
from sim.measures.ledger import IN_BLOCK
from sim.report.forum.figures import Figure
from sim.report.forum.finance import amount, by_period, chance, payback_table, tables_by_year
from sim.report.forum.markdown import joined, table
from sim.report.forum.money_figures import CASES, HEADING, PAYER, PLAN
from sim.report.forum.quoting import told
from sim.report.forum.refusals import checked
from sim.report.frames import MILLION
from sim.report.words import words

if TYPE_CHECKING:
    from sim.report.forum.paper import Paper

CASE_WIDTHS = [20, 27, 27, 27]
COSTS = (invest.START_UP, invest.RUNNING, invest.SAVING, invest.NET, invest.NPV, invest.SWITCHING)
LEVELS = ("plan_block", "plan_other_spend", "plan_left", "plan_spend", "plan_balance_in_year")
EFFECTS = ("plan_spend", "plan_balance_in_year")
CARRIED = "plan_balance_carried_forward"


class Page(NamedTuple):
    """A page about money: its heading and its text in Markdown."""

    title: str
    text: Markup


def pages(paper: Paper) -> list[Page]:
    """Return the pages for which there are figures."""
    made = [Page(title, joined(list(parts(paper)), "\n\n")) for title, parts in MONEY_PAGES.items()]
    return [page for page in made if page.text]


def _paragraph(paper: Paper, text: str | Markup) -> Markup:
    return joined([paper.number.paragraph(), text])


def section_251(paper: Paper) -> Iterator[Markup]:
    """Yield what the baseline spends by section 251 heading."""
    headings = headings_of(paper.results)
    codes = dict.fromkeys(one.about.provision for one in paper.catalogue.those({"measure": HEADING}))
    rows = {
        f"{code} {headings.get(code, '')}".strip(): by_period(paper, HEADING, code, paper.baseline, "")
        for code in codes
    }
    if not rows:
        return
    yield _paragraph(
        paper,
        "What the baseline spends on the lines that are modelled, by heading of the section 251 return. Codes in the "
        "tables of the options are those of these headings. Change by heading and line stands in those tables.",
    )
    caption = "Baseline: spend by section 251 heading, £m, cash, with the 95% interval of the mean"
    yield from tables_by_year(paper, caption, "Section 251 heading", rows, MILLION)


def management_plan(paper: Paper) -> Iterator[Markup]:
    """Yield the plan without any option, then with each, and the effect of each."""
    names = {measure: item for item, measure in PLAN.items()}

    def rows_of(measures: tuple[str, ...], scenario: str, comparison: str) -> dict[str, Mapping[str, Figure]]:
        found = {one: by_period(paper, one, IN_BLOCK, scenario, comparison) for one in measures}
        return {names[one]: row for one, row in found.items() if row}

    unmitigated = rows_of((*LEVELS, CARRIED), paper.baseline, "")
    if not unmitigated:
        return
    yield _paragraph(
        paper,
        "The tables follow the management plan that authorities with a deficit on their dedicated schools grant keep: "
        "unmitigated is the baseline, mitigated the option. Only the lines modelled move; the block and other high "
        "needs spend are given by the county's configuration and have no interval. A balance below 0 is a deficit.",
    )
    unit = "£m, cash, with the 95% interval of the mean"
    yield from tables_by_year(paper, f"Unmitigated (baseline): high needs block, {unit}", "Item", unmitigated, MILLION)
    for name in paper.in_full:
        rows = {f"Mitigated: {label}": row for label, row in rows_of((*LEVELS[3:], CARRIED), name, "").items()} | {
            f"Effect: {label}": row for label, row in rows_of((*EFFECTS, CARRIED), name, paper.baseline).items()
        }
        caption = f"{paper.short(name)}: mitigated, and effect of mitigation, {unit} (or mean difference)"
        yield from tables_by_year(paper, caption, "Item", rows, MILLION)


def invest_to_save(paper: Paper) -> Iterator[Markup]:
    """Yield costs, savings, payback and worth of each option, as modelled and with optimism bias."""
    if not paper.catalogue.those({"measure": invest.SWITCHING}):
        return
    yield _paragraph(
        paper,
        "Costs are lines of the block that cost more than in the baseline, savings those that cost less. With optimism "
        "bias, costs are raised and savings cut by the shares of HM Treasury's guidance, at their value (central) and "
        "at the high end of their ranges (cautious). The switching value is by how much running cost could rise in "
        "every year, in prices of the year before the study, before the net present value is 0; below 0, by how much "
        "it would have to fall. How strong an effect would have to be for a lever to break even is found by "
        "pathways breakeven LEVER.",
    )
    for name in paper.in_full:
        yield _of_cases(paper, name)
        yield from _split(paper, name)
        yield payback_table(paper, name)
        yield _chances(paper, name)


def _one(paper: Paper, scenario: str, measure: str, period: str = "") -> Figure | None:
    keys = {"measure": measure, "scenario": scenario, "comparison": paper.baseline}
    found = [one for one in paper.catalogue.those(keys) if not period or one.about.period == period]
    return checked(found[-1]) if found else None


def _total(paper: Paper, scenario: str, measure: str) -> Figure | None:
    keys = {"measure": measure, "scenario": scenario, "comparison": paper.baseline}
    found = [one for one in paper.catalogue.those(keys) if not one.about.period[:4].isdecimal()]
    return checked(found[-1]) if found else None


def _of_cases(paper: Paper, scenario: str) -> Markup:
    """Return the table of totals: a row for each quantity, a column for each way of taking estimates."""
    rows = []
    for quantity in COSTS:
        found = [_total(paper, scenario, f"{quantity}{after}") for after in CASES.values()]
        first = next(one for one in found if one)
        rows.append((_row_name(quantity, first), *(_with_code(one) for one in found)))
    caption = (
        f"{paper.number.table()}. {paper.short(scenario)}: invest to save, £m, with the 95% interval of the mean "
        "(of net cost: of the mean difference); years together in cash, net present and switching value in "
        f"{_one_base(paper, scenario)}"
    )
    return table(caption, ["Quantity", *(case.capitalize() for case in CASES)], rows, CASE_WIDTHS)


def _one_base(paper: Paper, scenario: str) -> str:
    found = _total(paper, scenario, invest.NPV)
    return found.price_base if found else ""


def _row_name(quantity: str, figure: Figure) -> str:
    return f"{words(quantity)}, {figure.about.period}"


def _with_code(figure: Figure | None) -> str:
    return f"{amount(figure, MILLION)} [{figure.code}]" if figure else ""


def _split(paper: Paper, scenario: str) -> Iterator[Markup]:
    """Yield the sentence on cash released and cost avoided."""
    parts = [(part, _one(paper, scenario, part)) for part in (RELEASED, AVOIDED, ADDED)]
    said = [f"{words(part).lower()} {told(one)}" for part, one in parts if one]
    if said:
        yield _paragraph(
            paper,
            f"{paper.short(scenario)}, {next(one.about.period for _, one in parts if one)}: {'; '.join(said)}. Cash "
            "released is spend below that of the year before the study; cost avoided is growth that does not come and "
            "frees no cash.",
        )


def _chances(paper: Paper, scenario: str) -> Markup:
    """Return in which year the money is back, and the chance that it is by then, with optimism bias."""
    columns = [by_period(paper, invest.PAYBACK_YEAR, IN_BLOCK, scenario)]
    columns += [by_period(paper, f"{PAID_BACK}{after}", IN_BLOCK, scenario) for after in CASES.values()]
    never = _one(paper, scenario, invest.PAYBACK_YEAR, NEVER)
    last = [list(column.values())[-1] for column in columns[1:] if column]
    if never and last and not any(one.value for one in last):
        codes = ", ".join(one.code for one in last)
        return _paragraph(
            paper,
            f"In none of the {never.number} {never.units} is the money back for good by the end of "
            f"{last[0].about.period}, as modelled or with optimism bias (95% interval of the chance "
            f"{last[0].low:.0%} to {last[0].high:.0%}) [{codes}].",
        )
    rows = [(year, *(chance(column.get(year)) for column in columns)) for year in columns[1]]
    if never:
        rows.append((NEVER.capitalize(), chance(never), "", "", ""))
    codes = ", ".join(next(iter(column.values())).series for column in columns if column)
    caption = (
        f"{paper.number.table()}. {paper.short(scenario)}: share of {last[0].units} in which the money is back "
        f"for good, with the 95% interval of the chance. References by column: {codes}"
    )
    heads = ["Financial year", "Back in that year", *(f"Back by then, {case}" for case in CASES)]
    return table(caption, heads, rows, [14, 20, 20, 23, 23])


def who_pays(paper: Paper) -> Iterator[Markup]:
    """Yield what each option changes for each payer over the study."""
    rows = []
    for name in paper.in_full:
        keys = {"measure": PAYER, "scenario": name, "comparison": paper.baseline}
        found = [one for one in paper.catalogue.those(keys) if not one.about.period[:4].isdecimal()]
        for one in found:
            label = f"Option {paper.options.index(name) + 1}: {one.about.provision}"
            rows.append((label, amount(checked(one), MILLION), one.code))
    if not rows:
        return
    yield _paragraph(paper, "A change below 0 is a saving for who pays, above 0 a cost.")
    caption = (
        f"{paper.number.table()}. Change in spend by who pays, {found[0].about.period}, £m, cash, with the 95% "
        "interval of the mean difference"
    )
    yield table(caption, ["Option and payer", "Change", "Ref."], rows, [46, 32, 22])


MONEY_PAGES: Mapping[str, Callable[[Paper], Iterator[Markup]]] = {
    "Spend by section 251 heading": section_251,
    "Deficit management plan": management_plan,
    "Invest to save": invest_to_save,
    "Who pays and who saves": who_pays,
}
"""Pages at the end of the section on finance, by heading. A feature registers its page here."""

"""Checks across the rows of a whole county, run after loading and after every change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from sim.parameters import check_choices, check_provisions
from sim.parameters.check_provisions import dated_rows
from sim.parameters.problems import Finding, Path, did_you_mean, suggestions
from sim.parameters.schema import Evidence, Parameters
from sim.parameters.tables import PROGRAMME_MONEY
from sim.school_year import academic_year_label, financial_year_label, year_start
from sim.vocabulary import BASE_TIERS, YEAR_GROUPS, ProvisionKind

OPENING = "opening_balance"
BUDGET_ITEMS = ("high_needs_block", "other_high_needs_spend", OPENING)

Findings = Iterator[Finding]


def check(parameters: Parameters) -> list[Finding]:
    """Return everything wrong across rows, in the order of CHECKS; empty when the county is sound."""
    in_force = [parameters, *(parameters.on(day) for day in sorted(parameters.later))]
    return list(dict.fromkeys(finding for p in in_force for one in CHECKS for finding in one(p)))


def _sources(p: Parameters) -> Findings:
    """Every row's source is a key of sources.csv."""
    for path, row in evidence_rows(p):
        if row.source not in p.sources:
            fix = did_you_mean(row.source, p.sources, "add it to sources.csv")
            yield Finding((path,), f"unknown source {row.source}", suggestions(row.source, p.sources), fix, "source")


def evidence_rows(p: Parameters) -> Iterator[tuple[Path, Evidence]]:
    """Yield (path, row) of every row that has a source."""
    for group in type(p.quantities).model_fields:
        members = getattr(p.quantities, group)
        yield from ((("quantities", group, name), getattr(members, name)) for name in type(members).model_fields)
    yield from ((("durations", n), getattr(p.durations, n)) for n in type(p.durations).model_fields)
    for name in type(p.yearly).model_fields:
        yield from ((("yearly", name, year), row) for year, row in getattr(p.yearly, name).items())
    for table in (
        "onset",
        "rates",
        "routes",
        "effects",
        "provisions",
        "schools",
        "tariffs",
        "lines",
        "inflation",
        "discount",
        "programmes",
    ):
        yield from (((table, name), row) for name, row in getattr(p, table).items())
    yield from ((("observed", name), row) for name, row in p.observed.items())
    for table in ("cohorts", "budgets"):
        for name, rows in getattr(p, table).items():
            yield from (((table, name, key), row) for key, row in rows.items())
    yield from _dated_evidence(p)


def _dated_evidence(p: Parameters) -> Iterator[tuple[Path, Evidence]]:
    """Yield (path, row) of the dated rows of provisions and programmes."""
    for name, spec in p.provisions.items():
        for item, dated in dated_rows(spec).items():
            yield from ((("provisions", name, item, day.isoformat()), row) for day, row in dated.items())
    for name, programme in p.programmes.items():
        for item in PROGRAMME_MONEY:
            for day, row in getattr(programme, item).items():
                yield ("programmes", name, item, day.isoformat()), row


def _calendar(p: Parameters) -> Findings:
    """Half terms are in order and dates exist in every year of the run."""
    if not p.terms:
        yield Finding((("terms",),), "no half terms", "at least one", "add the half terms of the school year")
        return
    try:
        p.calendar()
    except ValueError as error:
        allowed = "half terms in order, with dates that exist"
        yield Finding((("terms",),), str(error), allowed, "correct the half terms")
    for key in ("naming_deadline", "census"):
        text = getattr(p.horizon, key)
        try:
            date.fromisoformat(f"{p.horizon.last_year}-{text}")
        except ValueError:
            yield Finding((("horizon",),), text, "month-day, such as 02-15", f"correct {key}", key)


THE_SAME_FOR_ALL = ("ehc_due", ProvisionKind.PANEL.value)
"""Durations for which no luck is drawn, or not once only, so their law must be fixed: a statutory date; how long a
panel follows a case, which it and the pupil must agree on."""

RECURRING = ("annual_review", "tuition_term", "tuition_review")
"""Durations after which the same comes again: one of no length would never end."""

IN_SCHOOL_TIME = ("suspension_out", "support_wait", *(kind.value for kind in BASE_TIERS), ProvisionKind.PANEL.value)
IN_CALENDAR_WEEKS = ("ehc_due",)


def _durations(p: Parameters) -> Findings:
    """Laws and units are ones that the pathways honour."""
    for name in THE_SAME_FOR_ALL:
        law = getattr(p.durations, name).law
        if law != "fixed":
            yield Finding((("durations", name),), f"law {law}", "fixed", "give it the law fixed", "law")
    for name in RECURRING:
        value = getattr(p.durations, name).value
        if value <= 0.0:
            yield Finding((("durations", name),), f"{value:g}", "above 0, as it recurs", "correct it", "value")
    for names, allowed in ((IN_SCHOOL_TIME, _SCHOOL_UNITS), (IN_CALENDAR_WEEKS, ("calendar weeks",))):
        for name in names:
            unit = getattr(p.durations, name).unit
            if unit not in allowed:
                yield Finding((("durations", name),), f"unit {unit}", ", ".join(allowed), "convert it", "unit")


_SCHOOL_UNITS = ("school days", "school weeks", "school years")


def _panels(p: Parameters) -> Findings:
    """A panel hears a phase, and takes fair access, for every pupil or for nobody."""
    for name in ("hears_primary", "hears_secondary", "takes_fair_access"):
        share = getattr(p.quantities.panel, name)
        if share.low != share.high or share.value not in (0.0, 1.0):
            found = f"{share.value:g}, from {share.low:g} to {share.high:g}"
            row, fix = ("quantities", "panel", name), "choose 0 or 1, without a range"
            yield Finding((row,), found, "0 (for nobody) or 1 (for everybody)", fix, "value")


def _years(p: Parameters) -> Findings:
    """Cohorts and prices cover every year of the run, budgets every year from the baseline's."""
    run = range(p.horizon.first_year, p.horizon.last_year + 1)
    yield from _covered(("cohorts",), p.cohorts, [academic_year_label(year) for year in run], "/")
    for label, groups in p.cohorts.items():
        yield from _cohort_groups(label, groups)
    yield from _covered(("inflation",), p.inflation, [financial_year_label(year) for year in run])
    base = year_start(p.horizon.baseline_academic_year)
    for item in BUDGET_ITEMS:
        needed = [] if item == OPENING else [financial_year_label(year) for year in run if year >= base]
        if item in p.budgets:
            yield from _covered(("budgets", item), p.budgets[item], needed)
        else:
            yield Finding((("budgets",),), f"no {item}", ", ".join(BUDGET_ITEMS), f"add rows of {item}")


def _cohort_groups(year: str, groups: Mapping[str, object]) -> Findings:
    missing = [group for group in YEAR_GROUPS if group not in groups]
    if missing:
        row = ("cohorts", year, next(iter(groups), ""))
        yield Finding((row,), f"{year} lacks {', '.join(missing)}", "all year groups in each year", "add the rows")
    for group in groups:
        if group not in YEAR_GROUPS:
            fix = did_you_mean(group, YEAR_GROUPS, "correct it")
            yield Finding((("cohorts", year, group),), f"year group {group}", ", ".join(YEAR_GROUPS), fix)


def _covered(path: Path, series: Mapping[str, object], needed: list[str], mark: str = "-") -> Findings:
    """Yield the years needed that a series lacks, and those it has that are not written as years."""
    missing = [year for year in needed if year not in series]
    if missing:
        found = f"no rows for {suggestions('', missing)}"
        yield Finding((path,), found, f"every year from {needed[0]} to {needed[-1]}", "add the rows")
    for year in series:
        if not _is_year(year, mark):
            yield Finding(((*path, year),), f"year {year}", f"a year such as 2018{mark}19", "correct the year")


def _is_year(label: str, mark: str) -> bool:
    try:
        return mark in label and bool(year_start(label))
    except ValueError:
        return False


def _budget_items(p: Parameters) -> Findings:
    """Only known items of the budget, in pounds; price levels above zero."""
    for item, years in p.budgets.items():
        first = ("budgets", item, next(iter(years)))
        if item not in BUDGET_ITEMS:
            fix = did_you_mean(item, BUDGET_ITEMS, "remove the rows")
            yield Finding((first,), f"unknown item {item}", ", ".join(BUDGET_ITEMS), fix)
        for year, money in years.items():
            if money.unit != "GBP":
                yield Finding((("budgets", item, year),), f"unit {money.unit}", "GBP", "correct the unit", "unit")
    for year, level in p.inflation.items():
        if level.unit != "index" or level.low <= 0:
            found = f"{level.low:g} {level.unit}"
            yield Finding((("inflation", year),), found, "a price level above 0, unit index", "correct the row")


def _discount(p: Parameters) -> Findings:
    """Discount rates are shares of a year, below one."""
    for year, rate in p.discount.items():
        if rate.unit != "share per year" or not 0 <= rate.low <= rate.high < 1:
            found = f"{rate.low:g} to {rate.high:g} {rate.unit}"
            allowed = "a discount rate from 0 to below 1, unit share per year"
            yield Finding((("discount", year),), found, allowed, "correct the row")


CHECKS: tuple[Callable[[Parameters], Findings], ...] = (
    _sources,
    _calendar,
    _durations,
    _panels,
    check_choices.onset,
    check_choices.rates,
    check_choices.severities,
    check_choices.routes,
    check_choices.weights,
    check_choices.effects,
    check_provisions.schools,
    check_provisions.provisions,
    check_provisions.provision_rows,
    check_provisions.programmes,
    check_provisions.never_full,
    check_provisions.tariffs,
    check_provisions.price_of_a_place,
    _years,
    _budget_items,
    _discount,
)

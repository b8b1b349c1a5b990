"""Checks across the rows about schools, provisions and their money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from sim.parameters.problems import Finding, Path, did_you_mean, suggestions
from sim.parameters.schema import Evidence, Money, Parameters, ProvisionSpec, Tariff
from sim.parameters.tables import MONEY_UNITS, PROGRAMME_MONEY
from sim.school_year import SEPTEMBER
from sim.vocabulary import BASE_TIERS, Happening, Phase, ProvisionKind

START_UP_LINE = "start_up"
SCHOOLS_LINE = "school_contributions"
PARTNERSHIP_MONEY = ("devolved_budget", "charge_per_exclusion", "charge_per_tuition")

EXACTLY_ONE = (
    ProvisionKind.MAINSTREAM,
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.DISTRICT_TEACHING,
    ProvisionKind.NO_EDUCATION,
    ProvisionKind.HOME_EDUCATION,
    ProvisionKind.MANAGED_MOVE,
)
ONE_PER_DISTRICT = (
    ProvisionKind.DISTRICT_TEAM,
    ProvisionKind.ALTERNATIVE_PROVISION,
    *BASE_TIERS,
    ProvisionKind.PANEL,
)
MUST_HAVE_PLACES = (ProvisionKind.SPECIAL, ProvisionKind.DISTRICT_TEAM, *BASE_TIERS, ProvisionKind.PANEL)
NEVER_FULL = (*EXACTLY_ONE, ProvisionKind.INDEPENDENT)
AT_LEAST_ONE = (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT)

Findings = Iterator[Finding]


def schools(p: Parameters) -> Findings:
    """Each district has schools of both phases, so that every pupil can move up within it."""
    for district in p.districts:
        for phase in Phase:
            if not any(s.phase == phase and s.district == district for s in p.schools.values()):
                found = f"no {phase} school in {district}"
                yield Finding((("schools",),), found, "schools of both phases in each district", "add a school")
    if not p.schools:
        yield Finding((("schools",),), "no schools", "at least one of each phase", "add rows to schools.csv")


def never_full(p: Parameters) -> Findings:
    """Kinds that are unlimited by nature have no places."""
    for name, spec in p.provisions_of(*NEVER_FULL):
        for day in spec.places:
            found = f"places of {name}, which is {spec.kind}"
            allowed = "places only of kinds that can be full"
            yield Finding((("provisions", name, "places", day.isoformat()),), found, allowed, "remove the row")


def provisions(p: Parameters) -> Findings:
    """Every kind of provision is there as often as the model needs it."""
    for kind in EXACTLY_ONE:
        names = [name for name, _ in p.provisions_of(kind)]
        if len(names) != 1:
            yield _count_finding(names, f"{len(names)} provisions of kind {kind}", f"exactly one of kind {kind}")
    for kind in AT_LEAST_ONE:
        if not any(p.provisions_of(kind)):
            yield _count_finding([], f"no provision of kind {kind}", f"at least one of kind {kind}")
    for kind in ONE_PER_DISTRICT:
        for district in p.districts:
            names = [name for name, spec in p.provisions_of(kind) if spec.district == district]
            if len(names) != 1:
                found = f"{len(names)} provisions of kind {kind} in {district}"
                yield _count_finding(names, found, f"exactly one of kind {kind} in each district")


def _count_finding(names: list[str], found: str, allowed: str) -> Finding:
    fix = "remove all but one" if names else "add it to provisions.csv"
    return Finding(tuple(("provisions", name) for name in names) or (("provisions",),), found, allowed, fix)


def provision_rows(p: Parameters) -> Findings:
    """Each provision's district and budget line exist and its dated rows are in order."""
    for name, spec in p.provisions.items():
        row = ("provisions", name)
        yield from district_exists(p, row, spec.district)
        if spec.kind in ONE_PER_DISTRICT and spec.district == "any":
            allowed, fix = suggestions("any", p.districts), f"a {spec.kind} serves one district: name it"
            yield Finding((row,), "district any", allowed, fix, "district")
        yield from _line(p, row, spec.line, needed=bool(spec.running_cost or spec.devolved_budget))
        yield from _dates_in_order(name, spec)
        yield from _money(p, name, spec)
        yield from _has_places(name, spec)


def district_exists(p: Parameters, row: Path, district: str) -> Findings:
    """Yield a finding unless `district` is "any" or has schools."""
    if district != "any" and district not in p.districts:
        allowed = f"any, {suggestions(district, p.districts)}"
        fix = did_you_mean(district, p.districts, "use a district of schools.csv")
        yield Finding((row,), f"district {district}", allowed, fix, "district")


def _line(p: Parameters, row: Path, line: str, needed: bool) -> Findings:
    if line not in p.lines and (line or needed):
        fix = did_you_mean(line, p.lines, "use a name of lines.csv")
        yield Finding((row,), f"budget line {line or '(blank)'}", suggestions(line, p.lines), fix, "line")


def dated_rows(spec: ProvisionSpec) -> dict[str, Mapping[date, Evidence]]:
    """Return the dated rows of a provision by item: places and each kind of money."""
    return {"places": spec.places, **{item: getattr(spec, item) for item in MONEY_UNITS}}


def _dates_in_order(name: str, spec: ProvisionSpec) -> Findings:
    for item, dated in dated_rows(spec).items():
        days = list(dated)
        for before, after in pairwise(days):
            if after <= before:
                rows = tuple(("provisions", name, item, day.isoformat()) for day in (after, before))
                found, allowed = f"{after} comes after {before}", f"the dates of {name} in ascending order"
                yield Finding(rows, found, allowed, "move the row, or correct its date", "from")


def _money(p: Parameters, name: str, spec: ProvisionSpec) -> Findings:
    for item in MONEY_UNITS:
        for day, money in getattr(spec, item).items():
            row = ("provisions", name, item, day.isoformat())
            yield from _price_base(p, row, money.price_base)
            if money.unit != MONEY_UNITS[item]:
                yield Finding((row,), f"unit {money.unit}", MONEY_UNITS[item], "correct the unit", "unit")
    yield from _partnership_money(name, spec)
    for item, line in (("start_up", START_UP_LINE), ("school_contribution", SCHOOLS_LINE)):
        dated = getattr(spec, item)
        if dated and line not in p.lines:
            row = ("provisions", name, item, min(dated).isoformat())
            yield Finding((row,), f"no budget line {line}", "it must be in lines.csv", "add it to lines.csv")


def _partnership_money(name: str, spec: ProvisionSpec) -> Findings:
    """Money of area partnerships changes on 1 September, and only alternative provision has it."""
    for item in PARTNERSHIP_MONEY:
        for day in getattr(spec, item):
            row = ("provisions", name, item, day.isoformat())
            if (day.month, day.day) != (SEPTEMBER, 1):
                yield Finding((row,), f"from {day}", "1 September of a year", "correct the date", "from")
            if spec.kind != ProvisionKind.ALTERNATIVE_PROVISION:
                fix = "use running_cost instead"
                yield Finding((row,), f"a {spec.kind}", "alternative_provision only", fix, "item")


def programmes(p: Parameters) -> Findings:
    """Each programme has a budget line, and its dated money is in order and at known prices."""
    for name, programme in p.programmes.items():
        yield from _line(p, ("programmes", name), programme.line, needed=True)
        for item in PROGRAMME_MONEY:
            dated: Mapping[date, Money] = getattr(programme, item)
            rows = {day: ("programmes", name, item, day.isoformat()) for day in dated}
            for before, after in pairwise(dated):
                if after <= before:
                    found, allowed = f"{after} comes after {before}", f"the dates of {name} in ascending order"
                    yield Finding((rows[after],), found, allowed, "move the row, or correct its date", "from")
            for day, money in dated.items():
                yield from _price_base(p, rows[day], money.price_base)
                if money.unit != MONEY_UNITS[item]:
                    yield Finding((rows[day],), f"unit {money.unit}", MONEY_UNITS[item], "correct the unit", "unit")


def _price_base(p: Parameters, row: Path, year: str) -> Findings:
    if year not in p.inflation:
        fix = did_you_mean(year, p.inflation, "add the year to inflation.csv")
        yield Finding((row,), f"price base {year}", suggestions(year, p.inflation), fix, "price_base")


def _has_places(name: str, spec: ProvisionSpec) -> Findings:
    """Every provision that is not unlimited by its kind states how many places it has."""
    row = (("provisions", name),)
    if spec.kind in MUST_HAVE_PLACES and not spec.places:
        fix = "add a row to places.csv; a row of 0 if there are none yet"
        yield Finding(row, "no places", f"at least one dated row of places for a {spec.kind}", fix)
    if spec.kind == ProvisionKind.ALTERNATIVE_PROVISION and not (spec.places or spec.devolved_budget):
        yield Finding(row, "neither places nor a devolved budget", "one of them", "add a row to services.csv")


def price_of_a_place(p: Parameters) -> Findings:
    """Devolved budgets buy places at one price above zero."""
    if not any(spec.devolved_budget for spec in p.provisions.values()):
        return
    kind = ProvisionKind.ALTERNATIVE_PROVISION
    prices = [n for n, t in p.tariffs.items() if t.applies_to == kind and t.basis == "place_year"]
    if len(prices) != 1:
        rows = tuple(("tariffs", name) for name in prices) or (("tariffs",),)
        found = f"{len(prices)} tariffs of basis place_year for {kind}"
        fix = "remove all but one" if prices else "add one: devolved budgets buy places at its price"
        yield Finding(rows, found, "exactly one", fix)
    for name in prices:
        if p.tariffs[name].low <= 0:
            yield Finding((("tariffs", name),), f"low {p.tariffs[name].low:g}", "above 0", "correct it", "low")
    share = p.quantities.alternative_provision.part_time_share
    if share.low <= 0:
        row = ("quantities", "alternative_provision", "part_time_share")
        yield Finding((row,), f"low {share.low:g}", "above 0", "correct it", "low")


def tariffs(p: Parameters) -> Findings:
    """Each tariff has a line, something it applies to, and a price base."""
    for name, tariff in p.tariffs.items():
        row = ("tariffs", name)
        yield from _line(p, row, tariff.line, needed=True)
        yield from _price_base(p, row, tariff.price_base)
        yield from _applies_to(p, row, tariff)


def _applies_to(p: Parameters, row: Path, tariff: Tariff) -> Findings:
    target, happenings = tariff.applies_to, tuple(str(h) for h in Happening)
    known = (*p.provisions, *(str(kind) for kind in ProvisionKind), *happenings)
    if target not in known:
        fix = did_you_mean(target, known, "use a provision, a kind of provision or a happening")
        yield Finding((row,), f"applies_to {target}", suggestions(target, known), fix, "applies_to")
    elif target in happenings and tariff.basis != "case":
        fix = f"use basis case: {target} happens at an instant"
        yield Finding((row,), f"basis {tariff.basis}", "case for a happening", fix, "basis")

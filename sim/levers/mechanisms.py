"""Rules of levers that acts cannot state: opening bases of a design, and training schools with a yearly budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from sim.levers.acts import LeverInUse
from sim.levers.adjustments import Adjustment, Figure
from sim.levers.designs import Design, Tier
from sim.parameters.schema import Parameters
from sim.school_year import SEPTEMBER, academic_year_of
from sim.vocabulary import FIRST_SECONDARY, Decision, ProvisionKind

Designs = Mapping[str, Design]
Mechanism = Callable[[LeverInUse, Designs], Iterator[Adjustment]]


def open_bases(lever: LeverInUse, designs: Designs) -> Iterator[Adjustment]:
    """Open a base of the design chosen in each district reached: places, staff, money, rules and referrals."""
    design = designs[lever.choices["design"]]
    if lever.use.strength == 0.0:
        return
    if not any(lever.steps()):
        return
    for district in lever.districts:
        tiers = [(tier, _provision(lever.parameters, kind, district)) for kind, tier in design.tiers.items()]
        for number, (tier, provision) in enumerate(tiers):
            yield from _tier(lever, tier, provision, design.evidence(), is_first=number == 0)
    if lever.districts:
        yield from _rules_of(lever, design)


def _provision(parameters: Parameters, kind: ProvisionKind, district: str) -> str:
    return next(name for name, spec in parameters.provisions_of(kind) if spec.district == district)


def _tier(
    lever: LeverInUse, tier: Tier, provision: str, evidence: Mapping[str, str], is_first: bool
) -> Iterator[Adjustment]:
    path = f"provisions/{provision}"
    for strength, start, end in lever.steps():
        places = _exact(tier.places * strength)
        yield Adjustment(f"{path}/places", "set", places, start, end, lever.name, evidence)
        cost = _times(lever.figure("cost_per_fte", 1.0), tier.staff_fte * strength)
        yield lever.adjust(f"{path}/running_cost", "set", "cost_per_fte", cost, start, end)
        yield from _paid_by_schools(lever, path, cost, start, end)
    if is_first:
        paid = _times(lever.figure("start_up", 1.0), lever.use.strength)
        yield lever.adjust(f"{path}/start_up", "add", "start_up", paid, lever.use.start, None)
    for column, word in (("record", tier.record), ("least_severity", tier.least_severity)):
        if word != getattr(lever.parameters.provisions[provision], column):
            yield Adjustment(f"{path}/{column}", "set", _exact(0.0), lever.opens, None, lever.name, {"word": word})


def _paid_by_schools(lever: LeverInUse, path: str, cost: Figure, start: date, end: date | None) -> Iterator[Adjustment]:
    """After the years that the grant covers, schools pay their share of the running cost."""
    share = lever.settings["school_share"].value
    years = int(lever.settings["grant_years"].value)
    begins = max(start, lever.opens.replace(year=lever.opens.year + years))
    if share > 0.0 and (end is None or begins < end):
        yield lever.adjust(f"{path}/school_contribution", "set", "cost_per_fte", _times(cost, share), begins, end)


def _rules_of(lever: LeverInUse, design: Design) -> Iterator[Adjustment]:
    """Lengths of stay and referrals of the design, from the 1 September on or before the opening."""
    start = date(academic_year_of(lever.opens), SEPTEMBER, 1)
    evidence = design.evidence()
    for kind, tier in design.tiers.items():
        length = tier.length_days
        figure = Figure(length.value, length.low, length.high)
        yield Adjustment(f"durations/{kind}", "set", figure, start, None, lever.name, evidence)
    for name, row in lever.parameters.routes.items():
        is_primary = row.decision is Decision.SUPPORT_REFERRAL and row.year_groups[-1] < FIRST_SECONDARY
        if is_primary and row.severity in design.referrals:
            weights = {str(kind): weight for kind, weight in design.referrals[row.severity].items()}
            weight = weights.get(row.destination, 0.0)
            yield Adjustment(f"routes/{name}", "set", _exact(weight), start, None, lever.name, evidence)


def train_schools(lever: LeverInUse, _designs: Designs) -> Iterator[Adjustment]:
    """Each year the budget trains more schools, up to those who take it up; staff turnover wears training off."""
    settings = lever.settings
    budget = lever.figure("budget", lever.use.strength)
    if budget.value == 0.0:
        return
    turnover, most = settings["turnover"].value, settings["take_up"].value
    number, share = len(lever.parameters.schools), 0.0
    first = lever.opens if (lever.opens.month, lever.opens.day) == (SEPTEMBER, 1) else None
    begin = lever.opens.year if first or lever.opens.month < SEPTEMBER else lever.opens.year + 1
    for year in range(begin, lever.parameters.horizon.last_year + 1):
        day = date(year, SEPTEMBER, 1)
        is_funded = lever.use.end is None or day < lever.use.end
        trained = budget.value / settings["cost_per_school"].value / number if is_funded else 0.0
        share = min(max(most, share * (1.0 - turnover)), share * (1.0 - turnover) + trained)
        ends = date(year + 1, SEPTEMBER, 1) if year < lever.parameters.horizon.last_year else None
        yield lever.adjust("yearly/trained_share", "set", "take_up", _exact(share), day, ends)


def _exact(value: float) -> Figure:
    return Figure(value, value, value, "fixed")


def _times(figure: Figure, factor: float) -> Figure:
    return Figure(figure.value * factor, figure.low * factor, figure.high * factor, figure.distribution)


MECHANISMS: Mapping[str, Mechanism] = {"open_bases": open_bases, "train_schools": train_schools}

"""Rules of levers that acts cannot state: opening bases of a design, and training schools with a yearly budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from math import floor

from sim.levers.acts import LeverInUse, next_september
from sim.levers.adjustments import Adjustment, Figure
from sim.levers.designs import Design, Tier
from sim.parameters.problems import ConfigurationError, Problem
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
        places = floor(tier.places * strength + 0.5)
        yield Adjustment(f"{path}/places", "set", _exact(places), start, end, lever.name, evidence)
        staff = tier.staff_fte * (places / tier.places if tier.places else strength)
        cost = _times(lever.figure("cost_per_fte", 1.0), staff)
        yield lever.adjust(f"{path}/running_cost", "set", "cost_per_fte", cost, start, end)
        yield from _paid_by_schools(lever, path, cost, start, end)
    if is_first:
        paid = _times(lever.figure("start_up", 1.0), lever.use.strength)
        yield lever.adjust(f"{path}/start_up", "add", "start_up", paid, lever.use.start, None)
    for column, word in (("record", tier.record), ("least_severity", tier.least_severity)):
        if word != getattr(lever.parameters.provisions[provision], column):
            _refuse_open_tier(lever, provision, column, word)
            yield Adjustment(f"{path}/{column}", "set", _exact(0.0), lever.opens, None, lever.name, {"word": word})


def _refuse_open_tier(lever: LeverInUse, provision: str, column: str, word: str) -> None:
    """Whom a tier is open to holds at all dates, so a tier that has places without the lever cannot change it."""
    spec = lever.parameters.provisions[provision]
    if any(places.usable != 0 for places in spec.places.values()):
        found = f"{provision} has places already, for {column} {getattr(spec, column)}; the design wants {word}"
        fix = "use other districts, or a design that admits the same pupils"
        raise ConfigurationError(Problem(f"lever {lever.name}", "design", found, "tiers without places", fix))


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
    end = None if lever.use.end is None else next_september(lever.use.end)
    evidence = design.evidence()
    for kind, tier in design.tiers.items():
        length = tier.length_days
        name = f"designs/{lever.choices['design']}/{kind}/length_days"
        value = lever.drawing(name, length) if lever.drawing else length.value
        figure = Figure(value, length.low, length.high)
        yield Adjustment(f"durations/{kind}", "set", figure, start, end, lever.name, evidence)
    for name, row in lever.parameters.routes.items():
        is_primary = row.decision is Decision.SUPPORT_REFERRAL and row.year_groups[-1] < FIRST_SECONDARY
        if is_primary and row.severity in design.referrals:
            weights = {str(kind): weight for kind, weight in design.referrals[row.severity].items()}
            weight = weights.get(row.destination, 0.0)
            yield Adjustment(f"routes/{name}", "set", _exact(weight), start, end, lever.name, evidence)


def train_schools(lever: LeverInUse, _designs: Designs) -> Iterator[Adjustment]:
    """Money of one academic year trains schools for the next, up to those who take it up; turnover wears it off."""
    settings, last = lever.settings, lever.parameters.horizon.last_year
    turnover, most = settings["turnover"].value, settings["take_up"].value
    number, share = len(lever.parameters.schools), 0.0
    paid = [(lever.figure("budget", strength).value, start, end) for strength, start, end in lever.steps()]
    for year in range(academic_year_of(lever.opens), last if paid else 0):
        spent = sum(budget * _part_of_year(year, start, end) for budget, start, end in paid)
        kept = share * (1.0 - turnover)
        share = min(max(most, kept), kept + spent / settings["cost_per_school"].value / number)
        day, ends = date(year + 1, SEPTEMBER, 1), date(year + 2, SEPTEMBER, 1) if year + 1 < last else None
        yield lever.adjust("yearly/trained_share", "set", "take_up", _exact(share), day, ends)


def _part_of_year(year: int, start: date, end: date | None) -> float:
    """Return the part of an academic year that lies between two dates."""
    first, following = date(year, SEPTEMBER, 1), date(year + 1, SEPTEMBER, 1)
    inside = min(end or following, following) - max(start, first)
    return max(0, inside.days) / (following - first).days


def _exact(value: float) -> Figure:
    return Figure(value, value, value, "fixed")


def _times(figure: Figure, factor: float) -> Figure:
    return Figure(figure.value * factor, figure.low * factor, figure.high * factor, figure.distribution)


MECHANISMS: Mapping[str, Mechanism] = {"open_bases": open_bases, "train_schools": train_schools}

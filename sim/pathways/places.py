"""Dated places: what is commissioned and usable, and what a partnership's devolved budget buys."""

from collections.abc import Mapping
from datetime import date
from itertools import islice
from math import floor

from sim.engine.follow import Steps
from sim.engine.provision import Provision
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.parameters.schema import Money, Tariff
from sim.school_year import financial_year_label, financial_year_of
from sim.vocabulary import Happening, Phase, ProvisionKind, phase_of

_PRICE_BASIS = "place_year"
_ROUNDING = 1e-9


def set_places(world: World, day: date) -> None:
    """Bring into force the places dated on or before `day`, and those that budgets, free of charges, buy from then."""
    for provision in world.provisions:
        provision.charged, provision.withdrawn, provision.owed = 0.0, provision.owed, 0.0
        usable = places_on(world, provision, day)
        if usable != provision.usable or world.now == 0.0:
            provision.fund(usable)


def places_on(world: World, provision: Provision, day: date) -> int | None:
    """Return the usable places of a provision on a date; None is unlimited."""
    spec = provision.spec
    if spec.devolved_budget:
        return _bought(world, provision, day)
    if not spec.places:
        return None
    dated = [(start, places) for start, places in sorted(spec.places.items()) if start <= day]
    return dated[-1][1].usable if dated else 0


def _bought(world: World, provision: Provision, day: date) -> int:
    """Places that the budget in force, less charges, buys at the price of a place; part-time places cost their share.

    All prices rise alike, so the price level of the day makes no difference.
    """
    budget = _in_force(provision.spec.devolved_budget, day)
    if budget is None:
        return 0
    price = next(
        tariff
        for tariff in world.rules.parameters.tariffs.values()
        if tariff.applies_to == ProvisionKind.ALTERNATIVE_PROVISION and tariff.basis == _PRICE_BASIS
    )
    share = world.quantities.alternative_provision.part_time_share.value
    left = max(0.0, _real(world, budget) - provision.withdrawn)
    return floor(left / (_real(world, price) * share) + _ROUNDING)


def _in_force(dated: Mapping[date, Money], day: date) -> Money | None:
    begun = [start for start in dated if start <= day]
    return dated[max(begun)] if begun else None


def _real(world: World, money: Money | Tariff) -> float:
    """Return pounds at a price index of one."""
    return money.value / world.parameters.inflation[money.price_base].value


def charge_for_exclusion(pupil: Pupil, world: World) -> None:
    """Charge the area partnership for a permanent exclusion, if it is charged for them."""
    partnership = _partnership(pupil, world)
    if partnership is not None and partnership.spec.charge_per_exclusion:
        _charge(pupil, world, partnership, partnership.spec.charge_per_exclusion)


def charge_for_tuition(pupil: Pupil, world: World) -> None:
    """Charge the area partnership for a new package of tuition with a plan, if it is charged for them."""
    partnership = _partnership(pupil, world)
    if partnership is not None and partnership.spec.charge_per_tuition:
        _charge(pupil, world, partnership, partnership.spec.charge_per_tuition)


def _partnership(pupil: Pupil, world: World) -> Provision | None:
    """Return what the partnership of the district's secondary schools provides; primary pupils are not its concern."""
    is_secondary = phase_of(pupil.year_group) is Phase.SECONDARY
    return world.find(ProvisionKind.ALTERNATIVE_PROVISION, pupil) if is_secondary else None


def _charge(pupil: Pupil, world: World, partnership: Provision, dated: Mapping[date, Money]) -> None:
    """Charge what is in force, or what is left of the year's budget; places are withdrawn for it from the next term."""
    today = world.calendar.date_of(world.now)
    money, budget = _in_force(dated, today), _in_force(partnership.spec.devolved_budget, today)
    if money is None or budget is None:
        return
    taken = min(_real(world, money), _real(world, budget) - partnership.charged)
    if taken <= 0.0:
        return
    partnership.charged += taken
    partnership.owed += taken
    world.note(pupil, Happening.PARTNERSHIP_CHARGED, partnership, taken * price_index(world, today))
    term = _next_term(world)
    if term is not None:
        revision = world.env.first_at(term)
        revision.callbacks = [lambda _event: _revise(world, partnership)]


def _next_term(world: World) -> float | None:
    """Return when the next term of this academic year starts, None in the last: every second half term starts one."""
    year = world.academic_year
    half_terms = world.calendar.half_terms_from(world.calendar.september(year))
    starts = (start for start in islice(half_terms, 1, None, 2) if start > world.now)
    term = next(starts, world.calendar.end)
    return term if term < world.calendar.september(year + 1) else None


def _revise(world: World, partnership: Provision) -> None:
    """Withdraw places for what is owed, worth as much over the rest of the academic year.

    What is charged in the last term is taken from the new year's budget on 1 September.
    """
    ends = world.calendar.september(world.academic_year + 1)
    partnership.withdrawn += partnership.owed / ((ends - world.now) / world.calendar.days_per_year)
    partnership.owed = 0.0
    usable = places_on(world, partnership, world.calendar.date_of(world.now))
    if usable != partnership.usable:
        partnership.fund(usable)


def price_index(world: World, day: date) -> float:
    """Return the price level of the financial year of a date."""
    return world.parameters.inflation[financial_year_label(financial_year_of(day))].value


def mid_year_changes(world: World) -> Steps:
    """Bring into force places that change on another day than 1 September, for as long as these parameters hold.

    Places dated in the summer holiday come into force on 1 September, with the others of that day.
    """
    parameters, calendar = world.parameters, world.calendar
    dated = {
        (calendar.clock(day), provision.index): places.usable
        for provision in world.provisions
        for day, places in sorted(provision.spec.places.items())
    }
    for (at, index), usable in sorted(dated.items()):
        if at % calendar.days_per_year and world.now <= at < calendar.end:
            if at > world.now:
                yield world.env.first_at(at)
            if world.parameters is not parameters:
                return
            if world.provisions[index].usable != usable:
                world.provisions[index].fund(usable)

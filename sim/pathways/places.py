"""Dated places: what is commissioned and usable, and what a partnership's devolved budget buys."""

from datetime import date
from math import floor

from sim.engine.follow import Steps
from sim.engine.provision import Provision
from sim.engine.world import World
from sim.school_year import financial_year_label, financial_year_of
from sim.vocabulary import ProvisionKind

_PRICE_BASIS = "place_year"


def set_places(world: World, day: date) -> None:
    """Bring into force the places dated on or before `day`, and those that budgets buy from that day."""
    for provision in world.provisions:
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
    """Places that the budget in force buys at the price of a place, part-time places costing their share."""
    budgets = [(start, money) for start, money in sorted(provision.spec.devolved_budget.items()) if start <= day]
    if not budgets:
        return 0
    money = budgets[-1][1]
    price = next(
        tariff
        for tariff in world.parameters.tariffs.values()
        if tariff.applies_to == ProvisionKind.ALTERNATIVE_PROVISION and tariff.basis == _PRICE_BASIS
    )
    share = world.quantities.alternative_provision.part_time_share.value
    budget = money.value * price_index(world, day) / world.parameters.inflation[money.price_base].value
    cost = price.value * share * price_index(world, day) / world.parameters.inflation[price.price_base].value
    return floor(budget / cost + 1e-9)


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

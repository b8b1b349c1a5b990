"""The school year turns: on 1 September everything that happens at once happens in one stated order.

Exits, changes of places, the year-group step with phase transfer, arrivals, then one ranked allocation.
"""

from datetime import date

from sim.engine.follow import Steps
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.pathways.joining import BeginCareer, onsets_of_the_year
from sim.pathways.leaving import finish_year_11
from sim.pathways.phase_transfer import name_places, take_up_named_place, transfer
from sim.pathways.places import set_places
from sim.pathways.schools import sign_and_train
from sim.pathways.support import other_needs
from sim.vocabulary import FIRST_SECONDARY, LAST_YEAR_GROUP, ProvisionKind


def academic_years(world: World, begin_career: BeginCareer) -> Steps:
    """Turn the school year on each 1 September of the run."""
    first, last = world.calendar.first_year, world.calendar.last_year
    for year in range(first, last + 1):
        if year > first:
            yield world.env.first_at(world.calendar.september(year))
            _turn(world, year)
        else:
            _open(world, year)
        world.begin(onsets_of_the_year(world, begin_career))
        for provision in world.provisions:
            if provision.kind is ProvisionKind.DISTRICT_TEAM:
                world.begin(other_needs(world, provision))


def _open(world: World, year: int) -> None:
    world.bring_into_force(date(year, 9, 1))
    _set_rates(world, year)
    set_places(world, date(year, 9, 1))
    sign_and_train(world, year)


def _turn(world: World, year: int) -> None:
    for provision in world.provisions:
        provision.is_held = True
    everybody = [world.pupils[pupil_id] for pupil_id in sorted(world.pupils)]
    for pupil in everybody:
        if pupil.year_group == LAST_YEAR_GROUP:
            finish_year_11(pupil, world)
    pupils = [pupil for pupil in everybody if not pupil.has_left]
    world.bring_into_force(date(year, 9, 1))
    set_places(world, date(year, 9, 1))
    _set_rates(world, year)
    _step(pupils, world)
    sign_and_train(world, year)
    for provision in world.provisions:
        provision.is_held = False
        provision.allocate()


def _step(pupils: list[Pupil], world: World) -> None:
    """Move everybody up a year group; those new in secondary school change school and seek the place named."""
    for pupil in pupils:
        pupil.year_group += 1
        if pupil.year_group == FIRST_SECONDARY:
            transfer(pupil, world)
        world.rebase(pupil)
    for pupil in pupils:
        if pupil.transfer_named is not None:
            take_up_named_place(pupil, world, world.named_at)


def _set_rates(world: World, year: int) -> None:
    """Bring the new year's hazards and casework rates into force."""
    world.hazards = world.rules.hazards(year)
    yearly, days = world.parameters.yearly, world.calendar.days_per_year
    refused = world.rules.in_year(yearly.refused_share, year)
    assessed = world.rules.in_year(yearly.other_needs_requests, year) * (1.0 - refused)
    throughput = world.rules.in_year(yearly.casework_capacity, year)
    world.casework.set_rates(world.now, throughput / days, assessed / days)


def naming_deadlines(world: World) -> Steps:
    """Each year at the deadline, name the Year 7 places of plan holders."""
    month, day = (int(part) for part in world.parameters.horizon.naming_deadline.split("-"))
    for year in range(world.calendar.first_year, world.calendar.last_year + 1):
        deadline = world.calendar.clock(date(year + 1, month, day))
        yield world.env.first_at(deadline)
        world.named_at = deadline
        name_places(world)

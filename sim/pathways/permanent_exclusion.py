"""Off the roll, education again from the sixth school day, then fair access to another school.

Rule: Education and Inspections Act 2006 and Education Act 1996, section 19: the council provides from the sixth day.
"""

from functools import partial

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.pathways.alternative_provision import enter_if_free
from sim.pathways.district_teaching import taught_by_district_team
from sim.pathways.panel import leave_fair_access_to_panel
from sim.pathways.places import charge_for_exclusion
from sim.pathways.reintegration import join_new_school
from sim.pathways.tuition import start_tuition
from sim.vocabulary import (
    Decision,
    Happening,
    Phase,
    ProvisionKind,
    Record,
    Route,
    phase_of,
)

_BETWEEN_SCHOOLS = (
    ProvisionKind.NO_EDUCATION,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.DISTRICT_TEACHING,
    ProvisionKind.ALTERNATIVE_PROVISION,
)


def permanent_exclusion(pupil: Pupil, world: World) -> Steps:
    """Leave the roll for good, be educated elsewhere from the sixth day, and perhaps join a new school."""
    world.note(pupil, Happening.PERMANENT_EXCLUSION, pupil.provision)
    charge_for_exclusion(pupil, world)
    world.attend(pupil, None)
    pupil.exclusions += 1
    world.place(pupil, world.the(ProvisionKind.NO_EDUCATION))
    stay, exclusion = pupil.stay, pupil.exclusions
    is_for_panel = leave_fair_access_to_panel(pupil, world, partial(_fair_access, pupil, world, exclusion))
    yield world.pause(pupil, "sixth_day", Purpose.SIXTH_DAY)
    if pupil.stay == stay:
        world.note(pupil, Happening.SIXTH_DAY_DUTY)
        _educate(pupil, world)
    if not is_for_panel:
        yield from fair_access(pupil, world, exclusion)


def fair_access(pupil: Pupil, world: World, exclusion: int) -> Steps:
    """Let the protocol look for another school after an exclusion, by its number, which takes a while."""
    yield world.pause(pupil, "fair_access", Purpose.FAIR_ACCESS_DELAY)
    _fair_access(pupil, world, exclusion)


def _educate(pupil: Pupil, world: World) -> None:
    """Alternative provision if there is a place, district teachers for primary pupils if one is free, else tuition."""
    if phase_of(pupil.year_group) is Phase.SECONDARY:
        if enter_if_free(pupil, world):
            return
    elif pupil.record is not Record.PLAN and taught_by_district_team(pupil, world):
        return
    start_tuition(pupil, world)


def _fair_access(pupil: Pupil, world: World, exclusion: int) -> bool:
    """Place the pupil at another school, if the protocol finds one and they have no school yet; return whether.

    One who has joined a school and been excluded again since is a new case, which this decision is not about.
    """
    route = world.decide(Decision.FAIR_ACCESS, pupil, Purpose.FAIR_ACCESS_ROUTE, Route.KEEP)
    is_looking = pupil.school is None and pupil.exclusions == exclusion and pupil.kind in _BETWEEN_SCHOOLS
    if route != Route.NEW_SCHOOL or not is_looking:
        return False
    world.end_waits(pupil)
    world.end_supports(pupil)
    join_new_school(pupil, world)
    world.note(pupil, Happening.FAIR_ACCESS_PLACED)
    world.place(pupil, world.mainstream)
    return True

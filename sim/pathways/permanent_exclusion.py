"""Off the roll, education again from the sixth school day, then fair access to another school.

Rule: Education and Inspections Act 2006 and Education Act 1996, section 19: the council provides from the sixth day.
"""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.provision import Provision
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.pathways.reintegration import join_new_school
from sim.pathways.tuition import start_tuition
from sim.vocabulary import (
    Decision,
    Happening,
    Phase,
    ProvisionKind,
    Record,
    Route,
    WaitingClass,
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
    world.attend(pupil, None)
    nowhere = world.the(ProvisionKind.NO_EDUCATION)
    world.place(pupil, nowhere)
    yield world.pause(pupil, "sixth_day")
    if pupil.provision is nowhere:
        world.note(pupil, Happening.SIXTH_DAY_DUTY)
        _educate(pupil, world)
    yield from fair_access(pupil, world)


def fair_access(pupil: Pupil, world: World) -> Steps:
    """Let the protocol look for another school, which takes a while."""
    yield world.pause(pupil, "fair_access", Purpose.FAIR_ACCESS_DELAY)
    _fair_access(pupil, world)


def _educate(pupil: Pupil, world: World) -> None:
    """Alternative provision if there is a place, district teachers for primary pupils if one is free, else tuition."""
    if phase_of(pupil.year_group) is Phase.SECONDARY:
        provision = world.find(ProvisionKind.ALTERNATIVE_PROVISION, pupil)
        if provision is not None and provision.has_vacancy(WaitingClass.NO_EDUCATION):
            provision.admit()
            world.place(pupil, provision, is_offered=True)
            return
    elif pupil.record is not Record.PLAN and _taught_by_district_team(pupil, world):
        return
    start_tuition(pupil, world)


def _taught_by_district_team(pupil: Pupil, world: World) -> bool:
    """Whether a free slot lets a district teacher take the pupil; the slot is held until they move on."""
    team = world.find(ProvisionKind.DISTRICT_TEAM, pupil)
    if team is None or not team.has_vacancy(WaitingClass.CRISIS):
        return False
    world.place(pupil, world.the(ProvisionKind.DISTRICT_TEACHING))
    hold_slot(pupil, world, team)
    return True


def hold_slot(pupil: Pupil, world: World, team: Provision) -> None:
    """Let a pupil whom a district teacher teaches hold a slot of the team."""
    team.admit(WaitingClass.CRISIS)
    world.start_support(pupil, team, is_crisis=True)


def _fair_access(pupil: Pupil, world: World) -> None:
    """Place the pupil at another school, if the protocol finds one and they have no school yet."""
    route = world.decide(Decision.FAIR_ACCESS, pupil, Purpose.FAIR_ACCESS_ROUTE, Route.KEEP)
    if route != Route.NEW_SCHOOL or pupil.school is not None or pupil.kind not in _BETWEEN_SCHOOLS:
        return
    world.end_waits(pupil)
    world.end_supports(pupil)
    join_new_school(pupil, world)
    world.note(pupil, Happening.FAIR_ACCESS_PLACED)
    world.place(pupil, world.mainstream)

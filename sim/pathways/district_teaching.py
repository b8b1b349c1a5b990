"""District teachers teach primary pupils who are out of school, each in a slot of the team's time."""

from sim.chance.streams import Purpose
from sim.engine.provision import Provision
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.vocabulary import Happening, Phase, ProvisionKind, Record, WaitingClass, phase_of


def taught_by_district_team(pupil: Pupil, world: World) -> bool:
    """Whether a free slot lets a district teacher take the pupil; the slot is held until they move on."""
    team = world.find(ProvisionKind.DISTRICT_TEAM, pupil)
    if team is None or not team.has_vacancy(WaitingClass.TEACHING):
        return False
    world.place(pupil, world.the(ProvisionKind.DISTRICT_TEACHING))
    hold_slot(pupil, world, team)
    return True


def taught_instead_of_tutored(pupil: Pupil, world: World) -> bool:
    """Whether a district teacher takes over a primary pupil without a plan who is about to be tutored."""
    chance = world.quantities.team.teaches_tutored.value
    if not chance or pupil.record is Record.PLAN or phase_of(pupil.year_group) is not Phase.PRIMARY:
        return False
    if not (world.holds(pupil, Purpose.DISTRICT_TEACHES, chance) and taught_by_district_team(pupil, world)):
        return False
    world.note(pupil, Happening.TAUGHT_BY_DISTRICT, world.find(ProvisionKind.DISTRICT_TEAM, pupil))
    return True


def hold_slot(pupil: Pupil, world: World, team: Provision) -> None:
    """Let a pupil whom a district teacher teaches hold a slot of the team."""
    team.admit(WaitingClass.TEACHING)
    world.start_support(pupil, team, is_crisis=True).rank = WaitingClass.TEACHING

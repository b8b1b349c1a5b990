"""Ways out of the county's schools."""

from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.vocabulary import Happening, ProvisionKind


def leave_county(pupil: Pupil, world: World) -> None:
    """The family moves away."""
    world.leave(pupil, Happening.LEFT_COUNTY)


def finish_year_11(pupil: Pupil, world: World) -> None:
    """Compulsory schooling ends."""
    world.leave(pupil, Happening.LEFT_YEAR_11)


def become_home_educated(pupil: Pupil, world: World) -> None:
    """The parents take over; the pupil stays in the county but outside its provision until Year 11 ends."""
    world.note(pupil, Happening.HOME_EDUCATED)
    world.end_waits(pupil)
    world.place(pupil, world.the(ProvisionKind.HOME_EDUCATION))

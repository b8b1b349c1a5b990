"""Need rises, falls, resolves, comes back, and is recorded. Each happens in an instant."""

from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.vocabulary import Happening, Record, Severity


def worsen(pupil: Pupil, world: World) -> None:
    """Need becomes one step more serious."""
    world.note(pupil, Happening.WORSENED)
    world.set_severity(pupil, Severity(pupil.severity + 1))


def improve(pupil: Pupil, world: World) -> None:
    """Need becomes one step less serious."""
    world.note(pupil, Happening.IMPROVED)
    world.set_severity(pupil, Severity(pupil.severity - 1))


def resolve(pupil: Pupil, world: World) -> None:
    """Need is no longer visible; SEN support ends with it, a plan only at the next annual review."""
    world.note(pupil, Happening.RESOLVED)
    world.set_severity(pupil, Severity.NONE)
    if pupil.record is Record.SEN_SUPPORT:
        world.set_record(pupil, Record.NONE)


def recur(pupil: Pupil, world: World) -> None:
    """A need that had resolved becomes visible again, at its mildest."""
    world.note(pupil, Happening.RECURRED)
    world.set_severity(pupil, Severity.EMERGING)


def become_recorded(pupil: Pupil, world: World) -> None:
    """The school puts the pupil on SEN support with SEMH as the primary need."""
    if pupil.record is Record.NONE:
        world.note(pupil, Happening.RECORDED)
        world.set_record(pupil, Record.SEN_SUPPORT)

"""A place at an SEMH special school, or an independent one when none comes in time."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps, WaitSteps
from sim.engine.provision import Provision
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.vocabulary import Decision, EventKind, Happening, ProvisionKind, WaitOutcome

WAITING_FOR_SPECIAL = "waiting_for_special_place"
_BREAKDOWN = KIND_INDEX[EventKind.BREAKDOWN]
_PLACED_FOR_GOOD = (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT, ProvisionKind.HOME_EDUCATION)
_HAS_A_SCHOOL = (ProvisionKind.MAINSTREAM, ProvisionKind.ALTERNATIVE_PROVISION)


def seek_place(pupil: Pupil, world: World, sought: str, named_at: float | None = None) -> None:
    """Begin to look for the kind of place `sought`, unless the pupil has or already seeks one.

    `named_at` is the date that counts on the waiting list, when it is not today.
    """
    if pupil.search is not None or pupil.kind in _PLACED_FOR_GOOD or sought not in _PLACED_FOR_GOOD:
        return
    pupil.search = object()
    world.begin(_seek(pupil, world, sought, named_at), pupil)


def _seek(pupil: Pupil, world: World, sought: str, named_at: float | None) -> Steps:
    """Consult schools and parents, then follow the kind of place sought; a place found meanwhile ends it."""
    search = pupil.search
    try:
        if named_at is None:
            yield world.pause(pupil, "place_consultation", Purpose.CONSULTATION)
        if pupil.kind in _PLACED_FOR_GOOD or pupil.search is not search:
            return
        if sought == ProvisionKind.INDEPENDENT:
            buy_independent_place(pupil, world)
        else:
            yield from special_place(pupil, world, named_at)
    finally:
        if pupil.search is search:
            pupil.search = None


def end_search(pupil: Pupil, world: World) -> None:
    """A plan that ceases takes the place it named, and the search for one, with it."""
    pupil.search = pupil.transfer_named = None
    world.end_waits(pupil)


def special_place(pupil: Pupil, world: World, named_at: float | None = None) -> Steps:
    """Name a special school, wait for a place there, and go; at the deadline the council turns to an independent one.

    When no school admits the pupil or all refuse, a pupil who has a school stays there until the next review,
    and one who has none goes to an independent school.
    """
    school = _school_that_does_not_refuse(pupil, world)
    if school is None:
        outcome = WaitOutcome.CASE_CHANGED if pupil.kind in _HAS_A_SCHOOL else WaitOutcome.DEADLINE
    else:
        outcome = yield from _wait_for(pupil, world, school, named_at)
    if school is not None and outcome is WaitOutcome.OFFERED:
        world.place(pupil, school, is_offered=True)
        world.end_waits(pupil)
    if outcome is WaitOutcome.DEADLINE:
        buy_independent_place(pupil, world)


def _school_that_does_not_refuse(pupil: Pupil, world: World) -> Provision | None:
    asked: set[str] = set()
    while True:
        name = world.name_provision(Decision.SPECIAL_SCHOOL, pupil, Purpose.SPECIAL_NAMED, asked)
        if name is None:
            return None
        school = world.by_name[name]
        world.note(pupil, Happening.SPECIAL_NAMED, school)
        if not world.holds(pupil, Purpose.SPECIAL_REFUSES, world.quantities.special.refusal.value):
            return school
        world.note(pupil, Happening.SPECIAL_REFUSED, school)
        asked.add(name)


def _wait_for(pupil: Pupil, world: World, school: Provision, named_at: float | None) -> WaitSteps:
    deadline = world.after(pupil, "special_deadline", Purpose.SPECIAL_DEADLINE)
    world.influence(pupil, WAITING_FOR_SPECIAL, _BREAKDOWN, world.quantities.special.waiting_factor.value)
    try:
        outcome: WaitOutcome = yield world.wait(pupil, school, world.waiting_class(pupil), deadline, named_at)
        return outcome
    finally:
        world.lift(pupil, WAITING_FOR_SPECIAL)


def buy_independent_place(pupil: Pupil, world: World) -> None:
    """Buy a place at an independent special school, in or out of the county."""
    name = world.name_provision(Decision.INDEPENDENT_SCHOOL, pupil, Purpose.INDEPENDENT_NAMED, set())
    if name is not None:
        school = world.by_name[name]
        world.note(pupil, Happening.INDEPENDENT_NAMED, school)
        world.place(pupil, school)
        world.end_waits(pupil)

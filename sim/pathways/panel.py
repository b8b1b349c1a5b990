"""Centre of Expertise panels: every few weeks the schools of a district hear its cases, highest need first.

A pupil in mainstream becomes a panel case, whose effects the registry holds: later crises are diverted before
exclusion. A pupil out of school, or in alternative provision, may be found a school; one with a plan who waits for a
special place goes on waiting from there, because only the plan can end that wait. A panel may take fair access too.
"""

from collections.abc import Callable, Iterator

from sim.chance.streams import Purpose
from sim.engine.case_list import CaseList
from sim.engine.follow import Steps
from sim.engine.provision import Provision
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.pathways.reintegration import return_to_mainstream
from sim.school_year import DAYS_IN_SCHOOL_WEEK
from sim.vocabulary import Happening, Phase, ProvisionKind, Severity, phase_of

_TUTORED = (
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.DISTRICT_TEACHING,
)
_NOT_AT_SCHOOL = (ProvisionKind.NO_EDUCATION, *_TUTORED, ProvisionKind.ALTERNATIVE_PROVISION)
_HEARD_IN = (ProvisionKind.MAINSTREAM, *_NOT_AT_SCHOOL)
_FOLLOWED = ProvisionKind.PANEL.value


# -- when panels meet --------------------------------------------------------------------------------------------------


def begin_panels(world: World) -> None:
    """Let the panels that have an agenda at any time meet, for as long as these parameters hold."""
    for panel in world.provisions:
        if panel.kind is ProvisionKind.PANEL and any(places.usable != 0 for places in panel.spec.places.values()):
            world.case_lists.setdefault(panel.index, CaseList())
            world.env.process(_meets(world, panel))


def _meets(world: World, panel: Provision) -> Steps:
    """Meet on each day of meeting that is still to come; on 1 September the year turns first."""
    parameters, calendar = world.parameters, world.calendar
    for year in range(world.academic_year, calendar.last_year + 1):
        for at in _days_of_meeting(world, panel, year):
            if at < world.now:
                continue
            yield world.env.at(at, panel.index)
            if world.parameters is not parameters:
                return
            if panel.is_open:
                _hold_meeting(world, panel)
            else:
                _hand_back(world, panel)


def _days_of_meeting(world: World, panel: Provision, year: int) -> Iterator[float]:
    """Yield the first day of the academic year, or that on which the panel opens, and then one every so many weeks.

    The interval is read after each meeting, because it may change on 1 September.
    """
    start, end = world.calendar.september(year), world.calendar.september(year + 1)
    opens = _opens(world, panel, start, end)
    at = start if opens is None else opens
    while at < end:
        yield at
        weeks = world.quantities.panel.meeting_weeks.value
        at = end if opens is None else at + max(1, round(weeks * DAYS_IN_SCHOOL_WEEK))


def _opens(world: World, panel: Provision, start: float, end: float) -> float | None:
    """Return the first instant from `start` to before `end` at which the panel has an agenda; None if it has none."""
    dated = {world.calendar.clock(day): places.usable for day, places in sorted(panel.spec.places.items())}
    in_force = [usable for at, usable in dated.items() if at <= start]
    if in_force and in_force[-1] != 0:
        return start
    return next((at for at, usable in dated.items() if start < at < end and usable != 0), None)


# -- who comes before a panel ------------------------------------------------------------------------------------------


def _panel_for(pupil: Pupil, world: World) -> Provision | None:
    """Return the panel of the pupil's district if it meets and hears such pupils."""
    panel = world.find(ProvisionKind.PANEL, pupil) if world.case_lists else None
    if panel is None or panel.index not in world.case_lists or not panel.is_open:
        return None
    return panel if _hears(pupil, world, panel) else None


def _hears(pupil: Pupil, world: World, panel: Provision) -> bool:
    heard, spec = world.quantities.panel, panel.spec
    is_primary = phase_of(pupil.year_group) is Phase.PRIMARY
    hears_phase = (heard.hears_primary if is_primary else heard.hears_secondary).value > 0.0
    return hears_phase and spec.admits(pupil.year_group, pupil.sex) and spec.supports(pupil.record, pupil.severity)


def refer_to_panel(pupil: Pupil, world: World, route_due: float) -> None:
    """Refer a pupil suspended from mainstream, unless the panel follows the case or is to hear it already.

    `route_due` is the instant at which the route after the crisis is drawn.
    """
    panel = _panel_for(pupil, world)
    if panel is None or world.has_support(pupil, panel.kind):
        return
    cases = world.case_lists[panel.index]
    cases.route_due[pupil.id] = route_due
    if pupil.id not in cases.since:
        cases.since[pupil.id] = world.now
        world.note(pupil, Happening.PANEL_REFERRED, panel)


def leave_fair_access_to_panel(pupil: Pupil, world: World, decide: Callable[[], bool]) -> bool:
    """Whether a panel takes the fair access decision for this pupil, at the first meeting that hears them.

    `decide` returns whether a school is found; it is called at most once.
    """
    panel = _panel_for(pupil, world)
    if panel is None or world.quantities.panel.takes_fair_access.value == 0.0:
        return False
    world.case_lists[panel.index].fair_access[pupil.id] = decide
    return True


def _bring_up_to_date(world: World, panel: Provision, cases: CaseList) -> None:
    """Put those who are not at school on the list, and drop those who have left or whom the panel no longer hears."""
    for pupil in world.pupils_in(_NOT_AT_SCHOOL):
        is_new = pupil.id not in cases.since
        if is_new and world.find(ProvisionKind.PANEL, pupil) is panel and not _is_followed(pupil, world, cases):
            last_heard, _ = cases.followed.get(pupil.id, (pupil.spell_start, 0.0))
            cases.since[pupil.id] = max(pupil.spell_start, last_heard)
    has_school = {i for i in cases.fair_access if i not in world.pupils or world.pupils[i].school is not None}
    cases.fair_access = {i: decide for i, decide in cases.fair_access.items() if i not in has_school}
    for pupil_id in [i for i in cases.since if not _is_wanted(world.pupils.get(i), world, panel, cases)]:
        cases.drop(pupil_id)


def _is_followed(pupil: Pupil, world: World, cases: CaseList) -> bool:
    """Whether the panel has heard the pupil in this stay, so lately that it still follows the case."""
    heard, until = cases.followed.get(pupil.id, (-1.0, 0.0))
    return pupil.spell_start <= heard and world.now < until


def _is_wanted(pupil: Pupil | None, world: World, panel: Provision, cases: CaseList) -> bool:
    """Whether the case is still the panel's; fair access left to it stays with it when the pupil changes phase."""
    if pupil is None or pupil.kind not in _HEARD_IN:
        return False
    return pupil.id in cases.fair_access or _hears(pupil, world, panel)


# -- what a meeting does -----------------------------------------------------------------------------------------------


def _hold_meeting(world: World, panel: Provision) -> None:
    """Hear as many cases as the agenda holds; the others stay on the list."""
    cases, agenda = world.case_lists[panel.index], panel.usable
    _bring_up_to_date(world, panel, cases)
    listed = _ranked(world, cases)
    heard = listed if agenda is None else listed[:agenda]
    placed = sum([_hear(pupil, world, panel, cases) for pupil in heard])
    row = (panel.index, world.now, -1 if agenda is None else agenda, len(heard), len(listed) - len(heard), placed)
    world.journal.rows["meetings"].extend(row)


def _ranked(world: World, cases: CaseList) -> list[Pupil]:
    """Return the pupils to hear, highest need first, then longest waiting.

    One whose route after a crisis is drawn this day is heard next time: the panel does not change that route.
    """
    tomorrow = float(int(world.now) + 1)
    pupils = [world.pupils[i] for i in cases.since if not world.now <= cases.route_due.get(i, -1.0) < tomorrow]
    return sorted(pupils, key=lambda pupil: (_need(pupil, cases), cases.since[pupil.id], pupil.id))


def _need(pupil: Pupil, cases: CaseList) -> int:
    """Return the rank of a case, 0 first: without a school or education, tutored, then by severity."""
    if pupil.kind is ProvisionKind.NO_EDUCATION or pupil.id in cases.fair_access:
        return 0
    return 1 if pupil.kind in _TUTORED else 2 + Severity.COMPLEX - pupil.severity


def _hear(pupil: Pupil, world: World, panel: Provision, cases: CaseList) -> bool:
    """Hear one case, and return whether the pupil is found a school."""
    cases.drop(pupil.id)
    cases.followed[pupil.id] = (world.now, world.after(pupil, _FOLLOWED, Purpose.PANEL_FOLLOWS))
    world.note(pupil, Happening.PANEL_HEARD, panel)
    if pupil.kind is ProvisionKind.MAINSTREAM:
        world.begin(_panel_case(pupil, world, panel), pupil)
        return False
    is_found = _is_found_a_school(pupil, world, cases)
    if is_found:
        world.note(pupil, Happening.PANEL_ALLOCATED, panel)
    return is_found


def _panel_case(pupil: Pupil, world: World, panel: Provision) -> Steps:
    """Follow a pupil at school for a while; an agenda limits meetings, not the cases followed."""
    panel.admit()
    support = world.start_support(pupil, panel)
    length = world.rules.stays[_FOLLOWED].draw(pupil.luck.uniform(Purpose.PANEL_DECIDES))
    yield world.env.at(world.now + length, pupil.id)
    world.end_support(pupil, support)


def _is_found_a_school(pupil: Pupil, world: World, cases: CaseList) -> bool:
    """By fair access if that is for the panel to decide, else at the pupil's own school or a new one."""
    panel, is_in_ap = world.quantities.panel, pupil.kind is ProvisionKind.ALTERNATIVE_PROVISION
    chance = panel.reintegrates if is_in_ap else panel.allocates
    is_taken_back = world.holds(pupil, Purpose.PANEL_DECIDES, chance.value)
    decide = cases.fair_access.pop(pupil.id, None)
    if decide is not None and decide():
        return True
    if is_taken_back:
        return_to_mainstream(pupil, world, ProvisionKind.ALTERNATIVE_PROVISION)
    return is_taken_back


def _hand_back(world: World, panel: Provision) -> None:
    """A panel that has closed drops its cases; fair access that it has not decided is decided without it."""
    cases = world.case_lists[panel.index]
    undecided, cases.fair_access = sorted(cases.fair_access.items()), {}
    cases.since.clear()
    cases.route_due.clear()
    for pupil_id, decide in undecided:
        if pupil_id in world.pupils:
            decide()

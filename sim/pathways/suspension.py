"""A suspension, the days of decision after it, and the one route that is taken."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import KIND_INDEX, Pupil
from sim.engine.world import World
from sim.pathways.alternative_provision import refer_after_crisis
from sim.pathways.managed_move import managed_move
from sim.pathways.need import become_recorded
from sim.pathways.panel import refer_to_panel
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.support import crisis_support, respite
from sim.pathways.tuition import tuition_after_crisis
from sim.vocabulary import EventKind, Happening, Phase, ProvisionKind, phase_of

UNSETTLED = "crisis"
_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]

ROUTES = {
    "managed_move": managed_move,
    "alternative_provision": refer_after_crisis,
    "tuition": tuition_after_crisis,
    "permanent_exclusion": permanent_exclusion,
}


def suspension(pupil: Pupil, world: World) -> Steps:
    """Days out, then a window in which support may count, then one route draw; a special school's pupil returns."""
    days_out = world.rules.stays["suspension_out"].draw(pupil.luck.uniform(Purpose.DAYS_OUT))
    world.note(pupil, Happening.SUSPENSION, pupil.provision, days_out)
    if world.holds(pupil, Purpose.CRISIS_IDENTIFIES, world.quantities.crisis.identify.value):
        become_recorded(pupil, world)
    world.influence(pupil, UNSETTLED, _SUSPENSION, 0.0)
    stay = pupil.stay
    window_ends = world.after(pupil, "decision_window", Purpose.DECISION_WINDOW) + days_out
    absorbed = pupil.kind is ProvisionKind.MAINSTREAM and _ask_for_help(pupil, world, window_ends)
    yield world.env.at(window_ends, pupil.id)
    _unsettled(pupil, world)
    if pupil.stay != stay or pupil.kind is not ProvisionKind.MAINSTREAM:
        return
    route = "return" if absorbed else world.route_after_crisis(pupil)
    if route == "return":
        world.note(pupil, Happening.RETURNED)
    else:
        yield from ROUTES[route](pupil, world)


def _ask_for_help(pupil: Pupil, world: World, window_ends: float) -> bool:
    """The panel hears of it; respite may absorb the crisis; else the team may be asked. Return whether respite did."""
    crisis = world.quantities.crisis
    is_primary = phase_of(pupil.year_group) is Phase.PRIMARY
    referred = crisis.referred_to_team_primary if is_primary else crisis.referred_to_team_secondary
    is_referred = world.holds(pupil, Purpose.CRISIS_REFERRED, referred.value)
    refer_to_panel(pupil, world, window_ends)
    if respite(pupil, world):
        return True
    if is_referred:
        world.begin(crisis_support(pupil, world, window_ends), pupil)
    return False


def _unsettled(pupil: Pupil, world: World) -> None:
    """No second crisis can come inside the window; for a while after it another is more likely."""
    factor = world.quantities.crisis.after_factor.value
    until = world.after(pupil, "after_crisis", Purpose.AFTER_CRISIS)
    world.influence_for(pupil, UNSETTLED, _SUSPENSION, factor, until)

"""The whole model on one screen: parameters and luck in, a journal of facts out."""

from collections.abc import Sequence

from sim.engine.journal import Journal
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.parameters.opening_roll import OpeningRow
from sim.parameters.schema import Parameters
from sim.pathways import PATHWAYS
from sim.pathways.academic_year import academic_years, naming_deadlines
from sim.pathways.career import career
from sim.pathways.joining import opening_roll
from sim.pathways.places import mid_year_changes


def simulate(
    parameters: Parameters,
    seed: int,
    replication: int = 0,
    opening: Sequence[OpeningRow] = (),
) -> Journal:
    """Run one replication from the first to the last academic year and return its journal.

    Parameters
    ----------
    parameters : the county and, by its changes, the scenario.
    seed, replication : together they decide all luck; the same pair gives the same lives in every scenario.
    opening : pupils to start with on the first day, from an opening roll.
    """
    world = World(parameters, seed, replication)

    def begin_career(pupil: Pupil) -> None:
        world.begin(career(pupil, world, PATHWAYS), pupil)

    world.env.process(academic_years(world, begin_career))
    world.env.process(naming_deadlines(world))
    world.env.process(mid_year_changes(world))
    if opening:
        world.env.step()
        opening_roll(world, opening, begin_career)
    world.env.run(until=world.calendar.end)
    return world.close()

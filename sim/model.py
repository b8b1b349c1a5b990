"""The whole model on one screen: parameters and luck in, a journal of facts out."""

from collections.abc import Sequence
from datetime import date

from sim.engine.journal import Journal
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.parameters.opening_roll import OpeningRow
from sim.parameters.schema import Parameters
from sim.pathways import PATHWAYS
from sim.pathways.academic_year import academic_years, naming_deadlines
from sim.pathways.career import career
from sim.pathways.opening import opening_roll
from sim.pathways.panel import begin_panels
from sim.pathways.places import mid_year_changes


class Run:
    """One replication under way: it can stop before an instant and go on under other parameters."""

    def __init__(self, parameters: Parameters, seed: int, replication: int, opening: Sequence[OpeningRow] = ()) -> None:
        self.world = world = World(parameters, seed, replication)
        world.env.process(academic_years(world, self._begin_career))
        world.env.process(naming_deadlines(world))
        world.env.process(mid_year_changes(world))
        begin_panels(world)
        if opening:
            world.env.step()
            opening_roll(world, opening, self._begin_career)

    def _begin_career(self, pupil: Pupil) -> None:
        self.world.begin(career(pupil, self.world, PATHWAYS), pupil)

    def stop_before(self, day: date) -> None:
        """Run up to the first school day on or after `day`, of which nothing has happened yet."""
        self.world.env.run_before(self.world.calendar.clock(day))

    def change_to(self, parameters: Parameters) -> None:
        """Go on under parameters that part from the present ones today or later (see `parting_date`)."""
        if parameters is not self.world.parameters:
            self.world.change_to(parameters)
            self.world.env.process(mid_year_changes(self.world))
            begin_panels(self.world)

    def finish(self) -> Journal:
        """Run to the end and return the journal."""
        try:
            self.world.env.run_before(self.world.calendar.end)
        finally:
            journal = self.world.close()
        return journal


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
    return Run(parameters, seed, replication, opening).finish()

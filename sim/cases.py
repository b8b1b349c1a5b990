"""What the units of a study run with: the parameters of each scenario, in each draw if parameters are uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.parameters.fingerprint import fingerprint
from sim.parameters.opening_roll import OpeningRoll, starting_at_study
from sim.parameters.schema import Parameters
from sim.replicate import pack
from sim.scenarios import Scenario
from sim.uncertainty import Draws, Named, drawing, drawn, named


@dataclass(frozen=True)
class Case:
    """Parameters that units share.

    Attributes
    ----------
    scenario, draw : of which scenario, in which draw; None while the parameters are held.
    fingerprint, packed : of the parameters, and what `sim.replicate.pack` made of them.
    """

    scenario: str
    draw: int | None
    fingerprint: str
    packed: bytes = field(repr=False)


class Cases:
    """The cases of a study, each made when it is first asked for and kept, as replications are added.

    Parameters
    ----------
    scenarios : all of one county, which is drawn once for all of them.
    draws : None holds the parameters.
    roll : the opening roll that the units start from, if any.
    """

    def __init__(self, scenarios: Sequence[Scenario], draws: Draws | None, roll: OpeningRoll | None) -> None:
        self.scenarios, self.draws, self.roll = scenarios, draws, roll
        self._made: dict[int | None, dict[str, Case]] = {}
        self._seen: dict[int, dict[str, Named]] = {}

    def are_of(self, scenarios: Sequence[Scenario], draws: Draws | None, roll: OpeningRoll | None) -> bool:
        """Whether these are the cases of a study with these very parts."""
        return self.scenarios is scenarios and self.draws is draws and self.roll is roll

    def draw_of(self, replication: int) -> int | None:
        """Return the number of the draw that a replication belongs to."""
        return None if self.draws is None else self.draws.number_of(replication)

    def of(self, scenario: str, replication: int) -> Case:
        """Return the case of a unit."""
        draw = self.draw_of(replication)
        if draw not in self._made:
            self._made[draw] = {name: self._case(name, draw, found) for name, found in self._parameters(draw).items()}
        return self._made[draw][scenario]

    def parameters(self, case: Case) -> Parameters:
        """Return the parameters of a case, made again."""
        return self._parameters(case.draw)[case.scenario]

    def named(self, draw: int) -> list[Named]:
        """Return what each name came to in a draw: of the county, then settings of levers that scenarios left open."""
        if self.draws is None:
            return []
        self.of(self.scenarios[0].name, draw * self.draws.per_draw)
        county = self.scenarios[0].county or self.scenarios[0].parameters
        return [*named(county, self.draws.draw(draw), self.draws.spec), *self._seen[draw].values()]

    def _case(self, name: str, draw: int | None, parameters: Parameters) -> Case:
        rows = self.roll.rows if self.roll else ()
        return Case(name, draw, fingerprint(parameters), pack(parameters, rows))

    def _parameters(self, draw: int | None) -> dict[str, Parameters]:
        found = self.scenarios if draw is None or self.draws is None else self._drawn(draw, self.draws)
        made = {scenario.name: scenario.parameters for scenario in found}
        return {name: starting_at_study(one) for name, one in made.items()} if self.roll else made

    def _drawn(self, number: int, draws: Draws) -> list[Scenario]:
        draw, seen = draws.draw(number), self._seen.setdefault(number, {})
        counties: dict[int, Parameters] = {}
        found = []
        for scenario in self.scenarios:
            county = scenario.county or scenario.parameters
            if id(county) not in counties:
                counties[id(county)] = drawn(county, draw, draws.spec)
            found.append(scenario.on(counties[id(county)], drawing(draw, draws.spec, seen)))
        return found

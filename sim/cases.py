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


MadeCases = dict[tuple[str, int | None], Case]
"""Cases by the name of their scenario and the number of their draw."""


class Cases:
    """The cases of a study, each made when it is first asked for and kept, as replications are added.

    Parameters
    ----------
    scenarios : all of one county, which is drawn once for all of them.
    draws : None holds the parameters.
    roll : the opening roll that the units start from, if any.
    known : cases by scenario and draw that others with the same draws have made, to which new ones are added; a
        scenario must mean the same in all of them.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        draws: Draws | None,
        roll: OpeningRoll | None,
        known: MadeCases | None = None,
    ) -> None:
        self.scenarios, self.draws, self.roll = scenarios, draws, roll
        self._known: MadeCases = {} if known is None else known
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
            new = [one for one in self.scenarios if (one.name, draw) not in self._known]
            for name, found in self._parameters(draw, new).items() if new else ():
                self._known[name, draw] = self._case(name, draw, found)
            self._made[draw] = {one.name: self._known[one.name, draw] for one in self.scenarios}
        return self._made[draw][scenario]

    def parameters(self, case: Case) -> Parameters:
        """Return the parameters of a case, made again."""
        return self._parameters(case.draw, self.scenarios)[case.scenario]

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

    def _parameters(self, draw: int | None, scenarios: Sequence[Scenario]) -> dict[str, Parameters]:
        found = scenarios if draw is None or self.draws is None else self._drawn(draw, self.draws, scenarios)
        made = {scenario.name: scenario.parameters for scenario in found}
        return {name: starting_at_study(one) for name, one in made.items()} if self.roll else made

    def _drawn(self, number: int, draws: Draws, scenarios: Sequence[Scenario]) -> list[Scenario]:
        draw, seen = draws.draw(number), self._seen.setdefault(number, {})
        counties: dict[int, Parameters] = {}
        found = []
        for scenario in scenarios:
            county = scenario.county or scenario.parameters
            if id(county) not in counties:
                counties[id(county)] = drawn(county, draw, draws.spec)
            found.append(scenario.on(counties[id(county)], drawing(draw, draws.spec, seen)))
        return found

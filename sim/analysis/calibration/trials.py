"""Runs of a county at points of the space, and what they come to beside what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.calibration.points import Floats, Points, Space, space_of
from sim.analysis.targets import Target, on_own_scale, simulated
from sim.parallel import running
from sim.parameters.changes import fingerprint, with_changes
from sim.parameters.schema import Parameters
from sim.parameters.uncertainty import Uncertainty
from sim.replicate import Unit, pack
from sim.scenarios import BASELINE
from sim.store import Keeper, code_hash, unit_key
from sim.uncertainty import Draw, drawn, names_drawn, scaled
from sim.work import Progress, Work

FACTORS, SHARES = "factors", "shares"


@dataclass(frozen=True)
class Trials:
    """How a county is tried: its figures, what is uncertain about it, the targets, and where runs are kept.

    Attributes
    ----------
    county : with a horizon that holds all periods of the targets; see `for_targets`.
    seed : of all luck; a point has the replication of its own number.
    """

    county: Parameters
    spec: Uncertainty
    targets: tuple[Target, ...]
    seed: int
    keeper: Keeper
    workers: int
    cluster: str = ""
    progress: Progress | None = None
    packed: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def space(self) -> Space:
        """The factors with their ranges, and the judged figures: those of the county and the shares."""
        ends = {name: (factor.low, factor.high) for name, factor in self.spec.factors.items()}
        shares = [f"{SHARES}/{name}" for name in self.spec.shares]
        return space_of(ends, [*names_drawn(self.county, self.spec), *shares])

    def quantiles(self, numbers: NDArray[np.int64]) -> Floats:
        """Return points x judged figures: the uniform of each figure's name in the draw of each number."""
        names = self.space.judged
        rows = [[Draw(int(number), self.seed).uniform(name) for name in names] for number in numbers]
        return np.array(rows, dtype=np.float64).reshape(len(numbers), len(names))

    def draws(self, points: Points) -> list[Draw]:
        """Return the draw of each point; quantiles that its number does not decide are given."""
        own = self.quantiles(points.numbers)
        found = []
        for number, ratios, mine, usual in zip(points.numbers, points.ratios(), points.quantiles, own, strict=True):
            given = {
                name: float(quantile)
                for name, quantile, keyed in zip(points.space.judged, mine, usual, strict=True)
                if quantile != keyed
            }
            found.append(self.draw(int(number), ratios, given))
        return found

    def draw(self, number: int, ratios: Mapping[str, float], given: Mapping[str, float]) -> Draw:
        """Return a draw with given ratios and quantiles, the rest decided by its number."""
        plain = Draw(number, self.seed, ratios, given=given)
        shares = {name: plain.value(f"{SHARES}/{name}", share) for name, share in self.spec.shares.items()}
        return Draw(number, self.seed, ratios, shares, given)

    def simulate(self, points: Points) -> Floats:
        """Return points x targets on the scales of the targets; see `sim.analysis.targets.on_own_scale`."""
        return on_own_scale(self.targets, self.values(self.draws(points)))

    def values(self, draws: Sequence[Draw]) -> Floats:
        """Return draws x targets: what one run of each draw comes to, comparable with what was observed."""
        counties = [drawn(self.county, draw, self.spec) for draw in draws]
        return self._run(counties, [draw.number for draw in draws], [draw.shares for draw in draws])

    def central(self, ratios: Mapping[str, float], replications: Sequence[int]) -> Floats:
        """Return replications x targets of the county with factors on it and nothing drawn."""
        county = scaled(self.county, ratios, self.spec)
        shares = {name: share.value for name, share in self.spec.shares.items()}
        number = len(replications)
        return self._run([county] * number, replications, [shares] * number)

    def _run(
        self, counties: Sequence[Parameters], replications: Sequence[int], shares: Sequence[Mapping[str, float]]
    ) -> Floats:
        units = [self._unit(county, number) for county, number in zip(counties, replications, strict=True)]
        packed = {unit.scenario: pack(county) for unit, county in zip(units, counties, strict=True)}
        notes: dict[str, dict[str, Any]] = {
            unit.scenario: {"parameters": fingerprint(county), "opening_roll": ""}
            for unit, county in zip(units, counties, strict=True)
        }
        for unit, county in zip(units, counties, strict=True):
            self.keeper.keep_parameters(notes[unit.scenario]["parameters"], county.model_dump_json())
        work = Work(units, self.keeper, packed, notes, self.progress)
        with running(self.workers, self.cluster) as run:
            work.finish(run, self.workers)
        rows = [
            simulated(self.targets, self.keeper.get(unit.key, ("measures",))["measures"].to_pandas(), share, county)
            for unit, share, county in zip(units, shares, counties, strict=True)
        ]
        return np.array(rows, dtype=np.float64)

    def _unit(self, county: Parameters, number: int) -> Unit:
        key = unit_key(fingerprint(county), self.seed, number).name
        return Unit(key, f"{BASELINE}_{number}", self.seed, number, in_full=False, code=code_hash())


def for_targets(county: Parameters, last_academic_year: str) -> Parameters:
    """Return a county whose runs end with an academic year, without anything that comes later."""
    return with_changes(county, {"horizon/last_academic_year": last_academic_year})

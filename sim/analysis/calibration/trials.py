"""Runs of a county at points of the space, and what they come to beside what was observed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.calibration.points import Floats, Points, Space, space_of
from sim.analysis.calibration.projected import projected
from sim.analysis.calibration.scales import on_own_scales
from sim.analysis.calibration.simulated import simulated
from sim.parallel import running
from sim.parameters.changes import with_changes
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import validated
from sim.parameters.schema import Parameters
from sim.parameters.tables import Origins
from sim.parameters.targets import Targets, Use
from sim.parameters.uncertainty import Uncertainty
from sim.replicate import Unit, pack
from sim.school_year import academic_year_label, academic_year_of
from sim.store import Keeper, code_hash, unit_key
from sim.uncertainty import Draw, drawn, uncertain_names
from sim.uncertainty.pinned import Pinned
from sim.work import Progress, Work

SHARES = "shares"


@dataclass(frozen=True)
class Trials:
    """How a county is tried: its figures, what is uncertain about it, the targets, and where runs are kept.

    Attributes
    ----------
    county : with a horizon that holds all periods of the targets; see `until`.
    seed : of all luck; the run of a point has the replication of its own number.
    shown : given a number of runs, returns the context in which their progress is shown.
    """

    county: Parameters
    spec: Uncertainty
    targets: Targets
    seed: int
    keeper: Keeper
    workers: int
    cluster: str = ""
    shown: Callable[[int], AbstractContextManager[Progress | None]] = lambda runs: nullcontext()

    @cached_property
    def space(self) -> Space:
        """The factors with their ranges, and the judged figures: those of the county, and the shares."""
        ends = {name: (one.low, one.high) for name, one in self.spec.factors.items() if one.low < one.high}
        shares = [f"{SHARES}/{name}" for name in self.spec.shares]
        return space_of(ends, [*uncertain_names(self.county, self.spec), *shares])

    def quantiles(self, numbers: NDArray[np.int64]) -> Floats:
        """Return points x judged figures: the uniform of each figure's name in the draw of each number."""
        names = self.space.judged
        rows = [[Draw(int(number), self.seed).uniform(name) for name in names] for number in numbers]
        return np.array(rows, dtype=np.float64).reshape(len(numbers), len(names))

    def draws(self, points: Points) -> list[Draw]:
        """Return the draw of each point; quantiles that its number does not decide are given."""
        usual = self.quantiles(points.numbers)
        differs = points.quantiles != usual
        found = []
        for number, ratios, mine, is_given in zip(
            points.numbers, points.ratios(), points.quantiles, differs, strict=True
        ):
            names = zip(points.space.judged, mine.tolist(), is_given, strict=True)
            found.append(self.draw(int(number), ratios, {name: quantile for name, quantile, given in names if given}))
        return found

    def draw(self, number: int, ratios: Mapping[str, float], given: Mapping[str, float]) -> Draw:
        """Return a draw with given ratios and quantiles; the rest is decided by its number."""
        plain = Draw(number, self.seed, ratios, given=given)
        shares = {name: plain.value(f"{SHARES}/{name}", share) for name, share in self.spec.shares.items()}
        return Draw(number, self.seed, ratios, shares, given)

    @cached_property
    def fitted(self) -> Targets:
        """The targets that are fitted to."""
        return {name: target for name, target in self.targets.items() if target.use is Use.CALIBRATE}

    def simulate(self, points: Points) -> Floats:
        """Return points x fitted targets on the scales of the targets, one run each."""
        return self.on_scales(self.values(self.draws(points)))

    def on_scales(self, values: Floats) -> Floats:
        """Return the columns of the fitted targets on their scales."""
        is_fitted = [name in self.fitted for name in self.targets]
        return on_own_scales(self.fitted, values[:, is_fitted], self.county)

    def values(self, draws: Sequence[Draw], later_luck: int = 0) -> Floats:
        """Return draws x targets: what one run of each draw comes to, in the terms of the published figures.

        Parameters
        ----------
        later_luck : added to the number of a draw for the replication that it has; 0 is that of calibration.
        """
        counties = [drawn(self.county, draw, self.spec) for draw in draws]
        return self._run(counties, [draw.number + later_luck for draw in draws], [draw.shares for draw in draws])

    def central(
        self, ratios: Mapping[str, float], replications: Sequence[int], quantiles: Mapping[str, float] | None = None
    ) -> Floats:
        """Return replications x targets: the county with factors on it, and nothing drawn but what is given.

        Parameters
        ----------
        quantiles : of judged figures or shares, by name; all others keep their central value.
        """
        county, shares = self._centre(ratios, quantiles or {})
        return self._run([county] * len(replications), replications, [shares] * len(replications))

    def projected(
        self, ratios: Mapping[str, float] | None = None, quantiles: Mapping[str, float] | None = None
    ) -> pd.Series:
        """Return what a Markov projection of the same centre says of each target; see `projected`. Nothing is run."""
        return projected(self.targets, *self._centre(ratios or {}, quantiles or {}))

    def _centre(self, ratios: Mapping[str, float], at: Mapping[str, float]) -> tuple[Parameters, Mapping[str, float]]:
        """Return the county with factors on it, and the shares, nothing drawn but at given quantiles."""
        draw = Pinned(0, self.seed, ratios, at=at)
        county = drawn(self.county, draw, self.spec)
        shares = {
            name: draw.value(f"{SHARES}/{name}", share) if f"{SHARES}/{name}" in at else share.value
            for name, share in self.spec.shares.items()
        }
        return county, shares

    def _run(
        self, counties: Sequence[Parameters], replications: Sequence[int], shares: Sequence[Mapping[str, float]]
    ) -> Floats:
        hashes = [fingerprint(county) for county in counties]
        names = [f"{known}_{number}" for known, number in zip(hashes, replications, strict=True)]
        units = [
            Unit(unit_key(known, self.seed, number).name, name, self.seed, number, in_full=False, code=code_hash())
            for known, number, name in zip(hashes, replications, names, strict=True)
        ]
        packed = {name: pack(county) for name, county in zip(names, counties, strict=True)}
        notes = {name: {"parameters": known, "opening_roll": ""} for name, known in zip(names, hashes, strict=True)}
        for known, county in dict(zip(hashes, counties, strict=True)).items():
            self.keeper.keep_parameters(known, county.model_dump_json())
        with running(self.workers, self.cluster) as place, self.shown(len(units)) as tell:
            Work(units, self.keeper, packed, notes, tell).finish(place, place.cores)
        found = (self.keeper.get(unit.key, ("measures",))["measures"].to_pandas() for unit in units)
        looked = [
            simulated(self.targets, measures, share, county)
            for measures, share, county in zip(found, shares, counties, strict=True)
        ]
        return np.array([row.to_numpy() for row in looked], dtype=np.float64)


def until(county: Parameters, last_academic_year: str) -> Parameters:
    """Return a county whose runs end with an academic year, or with the first year of the study if that is later."""
    horizon = county.horizon
    first_of_study = max(academic_year_label(academic_year_of(horizon.study_start)), horizon.baseline_academic_year)
    return with_changes(county, {"horizon/last_academic_year": max(last_academic_year, first_of_study)})


def held_after(county: Parameters, academic_year: str) -> Parameters:
    """Return a county whose yearly series stay as they were in an academic year, as in a forecast made then.

    What was published later is not used, apart from pupils on roll by year group, whose number was well known before.
    """
    tree = county.model_dump(mode="json")
    for series in tree["yearly"].values():
        for label in [label for label in series if label > academic_year and len(series) > 1]:
            del series[label]
    return validated(tree, Origins({}, {}))

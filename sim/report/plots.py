"""The figures of results by name, as `results.plot.rolls()` gives them; each is a matplotlib Figure.

Every figure holds its units, the kind of its intervals and the id of its run, and reads in greyscale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim.analysis.sensitivity.tornado import Tornado
from sim.markup import brief, listed
from sim.report import (
    capacity_figure,
    convergence_figure,
    delay_figure,
    figures,
    flow_figure,
    journey_figure,
    payback_figure,
    sensitivity_figures,
    targets_of_results,
    tornado_of_scenarios,
    waterfall_figure,
)
from sim.report.frames import changes_of
from sim.report.style import Caption
from sim.results import Results
from sim.scenarios import Scenario

MOST_SHOWN = 6
"""Scenarios that a figure with several in each panel draws if none is named: more cannot be told apart."""

MOST_BARS = 4
"""The same where each is a bar for every year: more would be too thin to show their hatching."""


@dataclass(frozen=True)
class Plots:
    """What `results.plot` gives. A scenario that is not named is the last; money is cash."""

    _results: Results

    def __repr__(self) -> str:
        return brief("Plots", "of", repr(self._results), listed(sorted(_names(self)), 20))

    def rolls(self, *scenarios: str) -> Figure:
        """Pupils on roll by kind of provision and year, with the range of futures and usable places.

        Parameters
        ----------
        scenarios : those to draw beside the baseline; the first five, if none is named.
        """
        measures, left_out = self._shown(self._results.measures, scenarios)
        return figures.rolls_figure(measures, self._caption, left_out)

    def spend(self, *scenarios: str) -> Figure:
        """Spend by budget line and financial year.

        Parameters
        ----------
        scenarios : those to draw beside the baseline; the first three, if none is named.
        """
        measures, left_out = self._shown(self._results.of_draws().measures, scenarios, MOST_BARS)
        return figures.spend_figure(measures, self._caption, self._results.provenance["lines"], left_out)

    def change(self, scenario: str | None = None) -> Figure:
        """What a scenario changes: mean paired differences with intervals, a row for each quantity."""
        name = self._other(scenario)
        return figures.change_figure(changes_of(self._results, name), self._caption, name)

    def waterfall(self, parts: Sequence[str] | None = None, combination: str | None = None) -> Figure:
        """What the parts of a policy do to spend, one by one and together, with their interaction.

        Parameters
        ----------
        parts : scenarios with one part each; all but the first and the combination, if none are named.
        combination : scenario with all parts; the last if not named.
        """
        whole = self._other(combination)
        chosen = parts or [name for name in self._results.scenarios[1:] if name != whole]
        return waterfall_figure.waterfall_figure(self._results, chosen, whole)

    def payback(self, *scenarios: str) -> Figure:
        """Cumulative net cost by financial year, and the chance of having paid back.

        Parameters
        ----------
        scenarios : those to draw, a panel each; the first six, if none is named.
        """
        others = self._results.scenarios[1:]
        chosen = [self._other(name) for name in scenarios] or others[:MOST_SHOWN]
        return payback_figure.payback_figure(self._results, chosen, len(others) - len(set(chosen)))

    def cost_of_waiting(self, delays: Mapping[str, float] | None = None) -> Figure:
        """What beginning later costs: change in spend over the study by years of delay.

        Parameters
        ----------
        delays : years of delay by scenario; what the scenarios say themselves (`delay_years`) if not given.
        """
        return delay_figure.delay_figure(self._results, delays)

    def tornado(self, found: Tornado | Mapping[str, tuple[str, str]], what: str = "spend of the block") -> Figure:
        """What moves the outcome most, the largest swing on top.

        Parameters
        ----------
        found : of an analysis of sensitivity; or for each label the scenario with the figure low and with it high.
        what : words for the outcome.
        """
        if isinstance(found, Tornado):
            return sensitivity_figures.tornado_figure(found, self._caption, what)
        return tornado_of_scenarios.scenario_tornado_figure(self._results, found)

    def capacity(self, scenario: str | None = None) -> Figure:
        """How full each provision is and how many wait for it, by academic year: two heat maps.

        Parameters
        ----------
        scenario : the first if none is named.
        """
        return capacity_figure.capacity_figure(self._results, scenario or self._results.baseline)

    def flow(self, scenario: str | None = None, period: str | None = None) -> Figure:
        """Moves between kinds of provision in a year (or a year of the study on average) as bands.

        Parameters
        ----------
        scenario : the first if none is named.
        period : academic year such as '2022/23'.
        """
        return flow_figure.flow_figure(self._results, scenario or self._results.baseline, period)

    def journey(self, pupil: str | None = None, scenario: str | None = None, replication: int | None = None) -> Figure:
        """One pupil's way under the baseline and a scenario (replications kept in full).

        Parameters
        ----------
        pupil : such as '2012-Y3-17'; if not given, the one whose placements differ most.
        """
        return journey_figure.journey_figure(self._results, self._other(scenario), pupil, replication)

    def targets(self, county: Scenario | str | Path | None = None) -> Figure:
        """Published figures of a county beside those simulated: the panel of calibration and validation.

        Parameters
        ----------
        county : the county, its name or its folder; that of the results if not given.
        """
        return targets_of_results.results_target_figure(self._results, county)

    def convergence(self, scenario: str | None = None, quantities: Sequence[Any] = ()) -> Figure:
        """How the mean difference and its interval settle as replications are added.

        Parameters
        ----------
        quantities : what to look at (with measure, provision, phase, over); the spend of the block and three rolls that
            the policy changes most, if nothing is said.
        """
        return convergence_figure.convergence_figure(self._results, self._other(scenario), quantities)

    def _shown(
        self, measures: pd.DataFrame, scenarios: Sequence[str], most: int = MOST_SHOWN
    ) -> tuple[pd.DataFrame, int]:
        """Return the rows of the baseline and the scenarios to draw, and how many scenarios are left out."""
        there = self._results.scenarios
        chosen = [there[0], *map(self._other, scenarios or there[1:most])]
        return measures[measures["scenario"].isin(chosen)], len(there) - len(set(chosen))

    @property
    def _caption(self) -> Caption:
        return Caption.of(self._results.provenance)

    def _other(self, scenario: str | None) -> str:
        there = self._results.scenarios[1:]
        if not there:
            raise ValueError("there is no scenario to set against the baseline: compare two or more")
        if scenario is not None and scenario not in there:
            raise ValueError(f"no scenario {scenario!r} to set against the baseline; there is {', '.join(there)}")
        return scenario or there[-1]


def _names(plots: Plots) -> list[str]:
    return [name for name in dir(plots) if not name.startswith("_")]

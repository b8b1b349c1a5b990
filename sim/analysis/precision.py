"""How many replications are enough: until the paired differences are as precise as asked, and stay so for a while.

The algorithm is that of Hoad, Robinson and Davies (2010), Automated selection of the number of replications for a
discrete-event simulation, Journal of the Operational Research Society 61(11), 1632-1644. They watch the mean of one
scenario; here it is the mean paired difference of each scenario and measure, and all must be precise at once.

A difference that is the same in every replication so far has a t interval of no width, which tells nothing of events
too rare to have come yet. In its place stands a bound that does: at confidence c no more than a share p of futures
differ from those seen, where (1 - p)^n = 1 - c for n replications (about 3 / n at 95%, the rule of three: Hanley and
Lippman-Hand (1983), If nothing goes wrong, is everything all right?, JAMA 249(13), 1743-1745). If in these futures the
two scenarios have no more in common than two replications of the baseline, whose values are sqrt(2) standard
deviations apart in root mean square, the mean difference is off by at most p sqrt(2) standard deviations. Where the
baseline does not vary either nothing is known, and the budget is used up. Only a scenario with the figures of the
baseline is precise by construction.

What is decided depends on the values of the replications in their order alone, not on how many ran side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import ceil, inf, isfinite, isnan, sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.analysis.quantities import Quantity, by_replication
from sim.experiments import Experiment, Precision, Target
from sim.parameters.changes import same_figures
from sim.results import means_of_draws

LEAST_DRAWS = 3
"""Draws that are needed before anything is said of their spread."""

WATCHED = 3
"""Headline measures whose precision is shown while a study with a fixed number of replications runs."""

RESOLUTION = 1e-9
"""Differences are told apart down to this share of what they are differences of."""

GROWS_ABOVE = 100
"""Replications above which the look-ahead grows in proportion (Hoad et al. 2010)."""


def half_widths(values: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
    """Return half the width of the t interval of the mean after each value: shape as `values`.

    Values that are NaN add nothing; with fewer than two values it is infinite.
    """
    known = ~np.isnan(values)
    number = np.cumsum(known)
    filled = np.where(known, values, 0.0)
    centred = filled - np.where(known, filled[known][0] if known.any() else 0.0, 0.0)
    mean = np.cumsum(centred) / np.maximum(number, 1)
    spread = np.maximum(np.cumsum(centred**2) - number * mean**2, 0.0)
    free = np.maximum(number - 1, 1)
    half = stdtrit(free, (1 + confidence) / 2) * np.sqrt(spread / free / np.maximum(number, 1))
    whole: NDArray[np.float64] = np.where(number >= 2, half, inf)
    return whole


def is_same(values: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether all values so far are the same, after each value: shape as `values`; those that are NaN aside.

    Parameters
    ----------
    levels : of what the values are differences; to a billionth of these they are known, floating-point error aside.
    """
    apart = np.fmax.accumulate(values) - np.fmin.accumulate(values)
    same: NDArray[np.bool_] = ~(apart > RESOLUTION * np.fmax.accumulate(np.abs(levels)))
    return same


def rare_half_widths(levels: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
    """Return how far off the mean may be of a difference that was the same after each of n replications.

    Parameters
    ----------
    levels : values of the baseline where the difference is known, else NaN; infinite while they do not vary.

    Returns
    -------
    p sqrt(2) s, where p = 1 - (1 - confidence)^(1 / n) and s is the standard deviation so far: shape as `levels`.
    """
    number = np.maximum(np.cumsum(~np.isnan(levels)), 1)
    share = 1 - (1 - confidence) ** (1 / number)
    errors = half_widths(levels, confidence) / stdtrit(np.maximum(number - 1, 1), (1 + confidence) / 2)
    spread = errors * np.sqrt(number)
    whole: NDArray[np.float64] = np.where(is_same(levels, levels), inf, share * sqrt(2) * spread)
    return whole


def means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of what is known after each value: shape as `values`; NaN as long as nothing is."""
    number = np.cumsum(~np.isnan(values))
    sums = np.cumsum(np.nan_to_num(values))
    made: NDArray[np.float64] = np.divide(sums, number, out=np.full(len(values), np.nan), where=number > 0)
    return made


def look_ahead(limit: int, replications: int) -> int:
    """Return for how many further replications a precision must hold (f of kLimit in Hoad et al. 2010)."""
    return limit * max(replications, GROWS_ABOVE) // GROWS_ABOVE


def enough(precise: Sequence[bool], first: int, limit: int) -> tuple[int | None, int]:
    """Return after how many replications the precision is reached for good, and how many are needed to tell.

    Parameters
    ----------
    precise : whether all is precise after 1, 2, ... replications.
    first : replications before which nothing is decided.
    limit : kLimit, the look-ahead up to 100 replications.

    Returns
    -------
    The number reached (None if it is not yet), and the number up to which it has to be watched: at least as many as
    there are; more when everything is precise now but has not been so for long enough.
    """
    number, since = len(precise), None
    for n in range(first, number + 1):
        if not precise[n - 1]:
            since = None
            continue
        since = n if since is None else since
        if n >= since + look_ahead(limit, since):
            return since, n
    return None, number if since is None else since + look_ahead(limit, since)


@dataclass(frozen=True)
class Series:
    """The paired differences of one scenario and quantity, replication by replication, and how precise they are.

    Attributes
    ----------
    half : half the width of the interval after each replication: of the t interval, or the bound for rare events.
    width : what it may be at most; NaN when nothing is asked.
    is_same : whether the difference is the same in every replication.
    """

    scenario: str
    quantity: Quantity
    half: NDArray[np.float64]
    difference: NDArray[np.float64]
    width: NDArray[np.float64]
    is_same: bool

    @property
    def name(self) -> str:
        """The quantity in a few words."""
        parts = (self.quantity.measure, self.quantity.provision, self.quantity.phase)
        return " ".join(part for part in parts if part and part != "all")

    @property
    def precise(self) -> NDArray[np.bool_]:
        """Whether the interval is narrow enough after each replication."""
        return np.isfinite(self.half) & (self.half <= self.width)

    @property
    def shortfall(self) -> float:
        """Half the interval over what it may be, at the end; above 1 it is too wide."""
        half, width = float(self.half[-1]), float(self.width[-1])
        return half / width if width > 0 else (0.0 if half == 0 else inf)

    @property
    def needed(self) -> float:
        """Replications that would be needed if all stayed as it is: n (h / target) squared.

        The bound for rare events narrows with n and not with its root, so there it is n h / target.
        """
        return len(self.half) * self.shortfall ** (1 if self.is_same else 2)


def in_plain_figures(one: Series) -> str:
    """Return how wide an interval is, and what it may be if that is asked, in the unit of the measure."""
    asked = "" if isnan(one.width[-1]) else f" (to be {one.width[-1]:.3g})"
    return f"{one.name}: widest +-{one.half[-1]:.3g}{asked} in {one.scenario}"


class PrecisionJudge:
    """Watches the paired differences of a study, and says how many replications are needed.

    Parameters
    ----------
    experiment : without targets it is only watched, and its replications are enough.
    say : the words for one interval.

    Where parameters are drawn, replications of a draw are alike, so the mean of each draw that is whole takes the place
    of its replications, and whole draws are added.
    """

    def __init__(self, experiment: Experiment, say: Callable[[Series], str] = in_plain_figures) -> None:
        self._say = say
        self._per_draw = experiment.draws.per_draw if experiment.draws else 1
        self.rule: Precision | None = self._in_draws(experiment.precision)
        least = self.rule.first * self._per_draw if self.rule else 0
        self.first = max(experiment.replications, least)
        self.confidence = self.rule.confidence if self.rule else 0.95
        self.quantities: tuple[Quantity, ...] = self.rule.targets if self.rule else experiment.looks_at[:WATCHED]
        self.measures = tuple(dict.fromkeys(quantity.measure for quantity in self.quantities))
        self.scenarios = tuple(scenario.name for scenario in experiment.scenarios)
        county = experiment.scenarios[0].parameters
        self._same = {one.name for one in experiment.scenarios[1:] if same_figures(one.parameters, county)}
        self._start: date = experiment.scenarios[0].parameters.horizon.study_start
        self._values: dict[tuple[str, int], dict[int, float]] = {}
        self._reached: int | None = None

    def _in_draws(self, rule: Precision | None) -> Precision | None:
        """Return a rule about replications as one about draws."""
        if rule is None or self._per_draw == 1:
            return rule
        first, most = (max(LEAST_DRAWS, -(-number // self._per_draw)) for number in (rule.first, rule.most))
        return rule.model_copy(update={"first": first, "most": most})

    def note(self, scenario: str, replication: int, measures: pd.DataFrame) -> None:
        """Take note of a unit's measures; a unit may be told of again."""
        rows = measures.assign(scenario=scenario, replication=replication)
        for number, quantity in enumerate(self.quantities):
            found = by_replication(rows, quantity, self._start)
            value = float(found.to_numpy()[0, 0]) if found.size else float("nan")
            self._values.setdefault((scenario, number), {})[replication] = value

    def further(self, replications: int) -> int:
        """Return the number of replications to go on to, or `replications` when that is enough or all there may be."""
        if self.rule is None:
            return replications
        return self._per_draw * self._further(self.rule, replications // self._per_draw)

    def _further(self, rule: Precision, replications: int) -> int:
        """Return how many draws (or replications, while nothing is drawn) to go on to."""
        series = list(self._series(replications))
        precise = np.logical_and.reduce([one.precise for one in series]) if series else np.ones(replications, bool)
        self._reached, watch = enough(precise.tolist(), rule.first, rule.look_ahead)
        if self._reached is not None or replications >= rule.most:
            return replications
        if watch > replications:
            return min(watch, rule.most)
        needed = max(one.needed for one in series)
        limit = look_ahead(rule.look_ahead, replications)
        wanted = ceil(needed) + limit if isfinite(needed) else rule.most
        return min(max(wanted, replications + 1 + limit), 2 * replications, rule.most)

    def standing(self) -> tuple[str, ...]:
        """Return a line for each quantity: the widest interval there is, and what it may be."""
        number = self._draws_begun()
        series = list(self._series(number)) if number else []
        lines = []
        for quantity in self.quantities:
            mine = [one for one in series if one.quantity is quantity and isfinite(one.half[-1])]
            if mine:
                worst = max(mine, key=lambda one: one.shortfall if self.rule else float(one.half[-1]))
                lines.append(self._say(worst))
        return tuple(lines)

    def record(self) -> dict[str, Any]:
        """Return what run.json says: the rule, whether and when it was met, and each interval at the end."""
        number = self._draws_begun()
        rule: dict[str, Any] = {"confidence": self.confidence}
        if self.rule:
            rule = self.rule.model_dump(exclude={"targets"})
            rule |= {key: rule[key] * self._per_draw for key in ("first", "most")}
        rows = [self._row(one) for one in self._series(number)]
        reached = None if self._reached is None else self._reached * self._per_draw
        return {**rule, "reached_after": reached, "replications": number * self._per_draw, "intervals": rows}

    def _draws_begun(self) -> int:
        """Return the number of draws (or replications, while nothing is drawn) of which a replication is known."""
        return -(-(1 + max((max(found) for found in self._values.values()), default=-1)) // self._per_draw)

    def _row(self, one: Series) -> dict[str, Any]:
        said: dict[str, Any] = {
            "scenario": one.scenario,
            **{key: getattr(one.quantity, key) for key in ("measure", "provision", "phase", "over")},
            "difference": _or_none(one.difference[-1]),
            "half_width": _or_none(one.half[-1]),
            "is_same": one.is_same,
        }
        if self.rule is None:
            return said
        more = max(0, ceil(one.needed) - len(one.half)) * self._per_draw if isfinite(one.needed) else None
        return {**said, "at_most": _or_none(one.width[-1]), "more_needed": 0 if one.precise[-1] else more}

    def _series(self, replications: int) -> Iterator[Series]:
        """Yield the differences of each scenario from the first and each quantity."""
        first, *others = self.scenarios
        for scenario, number in product(others, range(len(self.quantities))):
            before, after = (self._known(name, number, replications) for name in (first, scenario))
            change, before = self._of_draws(after - before), self._of_draws(np.where(np.isnan(after), np.nan, before))
            widths, half = self._widths(self.quantities[number], change, before), self._half(scenario, change, before)
            unvaried = bool(is_same(change, before)[-1])
            yield Series(scenario, self.quantities[number], half, means(change), widths, unvaried)

    def _half(self, scenario: str, change: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return half the width of the interval of the mean difference after each replication."""
        half = half_widths(change, self.confidence)
        if scenario in self._same:
            return half
        whole: NDArray[np.float64] = np.where(is_same(change, before), rare_half_widths(before, self.confidence), half)
        return whole

    def _known(self, scenario: str, number: int, replications: int) -> NDArray[np.float64]:
        """Return the values of replications; NaN without one, and in a whole draw of which a replication is missing."""
        found = self._values.get((scenario, number), {})
        numbers = range(replications * self._per_draw)
        values = np.array([found.get(one, np.nan) for one in numbers])
        is_missing = np.array([one not in found for one in numbers]).reshape(-1, self._per_draw)
        whole: NDArray[np.float64] = np.where(np.repeat(is_missing.any(axis=1), self._per_draw), np.nan, values)
        return whole

    def _of_draws(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the means of draws; the values themselves while nothing is drawn."""
        whole: NDArray[np.float64] = means_of_draws(values[None, :], np.arange(len(values)), self._per_draw)[0]
        return whole

    def _widths(
        self, quantity: Quantity, change: NDArray[np.float64], before: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return what half the interval may be after each replication."""
        if not isinstance(quantity, Target):
            return np.full(len(change), np.nan)
        if quantity.of_difference is not None:
            return quantity.of_difference * np.abs(means(change))
        if quantity.of_baseline is not None:
            return quantity.of_baseline * np.abs(means(before))
        return np.full(len(change), quantity.half_width, dtype=np.float64)


def _or_none(value: float) -> float | None:
    return None if isnan(value) or not isfinite(value) else float(value)

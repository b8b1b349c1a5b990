"""Parameters compiled for a run: hazards, routes, stays and effects as lookups by pupil group."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from sim.chance.distributions import Sampler, cumulated, sampler
from sim.engine.hazard_row import HazardRow
from sim.engine.pupil import KIND_INDEX, KINDS, NOT_RETURNING, Support
from sim.parameters.schema import Duration, Effect, Parameters, Quantity, RouteWeight
from sim.school_year import DAYS_IN_SCHOOL_WEEK, year_start
from sim.vocabulary import PLACEMENTS, YEAR_GROUPS, Decision, EventKind, ProvisionKind, Record, Severity

HazardTable = list[list[list[list[HazardRow]]]]
"""Hazards per school day by placement kind, year group, record and severity; equal rows are one object."""

DESTINATION_ORDER = (
    "return",
    "keep",
    "emerging",
    "managed_move",
    "wait_in_school",
    "moderate",
    "district_team",
    "base_outreach",
    "base_in_reach",
    "base_assessment",
    "base_teaching",
    "alternative_provision",
    "ehc_request",
    "tuition",
    "mainstream",
    "new_school",
    "complex",
    "special_school",
    "independent_special",
    "permanent_exclusion",
)
"""Destinations from the least to the most intensive: the fixed scale on which a route's uniform falls."""


@dataclass(frozen=True)
class Choice:
    """Destinations of one decision for one group, least intensive first, with cumulative probabilities."""

    destinations: tuple[str, ...]
    thresholds: tuple[float, ...]

    def pick(self, uniform: float) -> str:
        """Return the destination on which a uniform falls."""
        return self.destinations[bisect_right(self.thresholds, uniform)]


@dataclass(frozen=True)
class CompiledEffect:
    """One effect of support or of a school: factor on event kind `kind` for pupils it reaches, and days it lasts."""

    name: str
    kind: int
    factors: tuple[float, ...]  # by severity
    year_groups: range
    lag: float
    full: float
    half: float
    cases: str  # 'any', or only cases of support that are 'early', or follow a 'crisis'

    def comes_with(self, support: Support) -> bool:
        """Whether a case of support brings the effect."""
        return self.cases == "any" or (self.cases == "crisis") == support.is_crisis

    def factor(self, severity: Severity, year_group: int) -> float:
        """Return the factor for a pupil; exactly 1 for those it does not reach."""
        return self.factors[severity] if year_group in self.year_groups else 1.0


@dataclass(frozen=True)
class Stay:
    """A duration: draw from a uniform, in school days or calendar weeks as `unit` says; some are always their mean."""

    draw: Sampler
    unit: str
    mean: float
    is_fixed: bool


class Rules:
    """Everything a run looks up, compiled once from `parameters`."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.days_per_year = sum(term.days for term in parameters.terms)
        self._tables: dict[float, HazardTable] = {}
        self._rows: dict[tuple[float, ...], HazardRow] = {}

    def in_year(self, series: Mapping[str, Quantity], academic_year: int) -> float:
        """Return a yearly series' value: before its first year the first holds, after its last the last."""
        found = next(iter(series.values())).value
        for label, quantity in series.items():
            if year_start(label) > academic_year:
                break
            found = quantity.value
        return found

    def hazards(self, academic_year: int) -> HazardTable:
        """Return the table of an academic year; years with equal factors share one table."""
        factor = self.in_year(self.parameters.yearly.ehc_request_factor, academic_year)
        if factor not in self._tables:
            self._tables[factor] = self._compile_hazards(factor)
        return self._tables[factor]

    def _compile_hazards(self, ehc_factor: float) -> HazardTable:
        cells: dict[tuple[int, int, int, int], list[float]] = defaultdict(lambda: [0.0] * len(KINDS))
        placements = list(PLACEMENTS)
        for rate in self.parameters.rates.values():
            kind = KIND_INDEX[rate.event]
            scale = ehc_factor if rate.event is EventKind.EHC_REQUEST else 1.0
            hazard = rate.value * scale / self.days_per_year
            where = placements if rate.placement == "any" else [ProvisionKind(rate.placement)]
            places = [placements.index(place) for place in where]
            for cell in product(places, rate.year_groups, rate.records, rate.severities):
                cells[cell][kind] = hazard
        self._apply_standing_effects(cells)
        empty = [0.0] * len(KINDS)
        return [
            [
                [
                    [self._interned(cells.get((place, year_group, record, severity), empty)) for severity in Severity]
                    for record in Record
                ]
                for year_group in range(len(YEAR_GROUPS))
            ]
            for place in range(len(placements))
        ]

    def _apply_standing_effects(self, cells: dict[tuple[int, int, int, int], list[float]]) -> None:
        """Multiply the factors of effects given to everyone onto the hazards they reach, in name order."""
        placements = list(PLACEMENTS)
        for _, effect in sorted(self.parameters.effects.items()):
            if effect.given_by != "everyone" or effect.value == 1.0:
                continue
            kind, reach = KIND_INDEX[EventKind(effect.target)], effect.selector
            where = placements if effect.placement == "any" else [ProvisionKind(effect.placement)]
            places = [placements.index(place) for place in where]
            for cell in product(places, reach.year_groups, reach.records, reach.severities):
                if cell in cells:
                    cells[cell][kind] *= effect.value

    def _interned(self, hazards: list[float]) -> HazardRow:
        rates = tuple(hazards)
        if rates not in self._rows:
            self._rows[rates] = HazardRow(rates)
        return self._rows[rates]

    def choice(
        self, decision: Decision, year_group: int, record: Record, severity: Severity, district: str
    ) -> Choice | None:
        """Return where a decision may lead for this group, or None when no row covers it."""
        return self._compiled_choices.get((decision, year_group, record, severity, district))

    @cached_property
    def _compiled_choices(self) -> dict[tuple[Decision, int, int, int, str], Choice]:
        weights: dict[tuple[Decision, int, int, int, str], dict[str, float]] = defaultdict(dict)
        for row in self.parameters.routes.values():
            for key in self._groups(row):
                weights[key][row.destination] = row.value
        return {key: _choice(tuple(found.items())) for key, found in weights.items()}

    def _groups(self, row: RouteWeight) -> list[tuple[Decision, int, int, int, str]]:
        districts = self.parameters.districts if row.district == "any" else (row.district,)
        return [
            (row.decision, year_group, record, severity, district)
            for year_group in row.year_groups
            for record in row.records
            for severity in row.severities
            for district in districts
        ]

    @cached_property
    def stays(self) -> dict[str, Stay]:
        """Durations by name, drawn in school days or calendar weeks."""
        return {name: self._stay(duration) for name, duration in self.parameters.durations}

    def _stay(self, duration: Duration) -> Stay:
        days = {"school days": 1.0, "school weeks": float(DAYS_IN_SCHOOL_WEEK), "school years": self.days_per_year}
        scale = days.get(duration.unit, 1.0)
        unit = "calendar weeks" if duration.unit == "calendar weeks" else "school days"
        mean = duration.value * scale
        return Stay(sampler(duration.law, mean, duration.cv), unit, mean, duration.law == "fixed")

    @cached_property
    def effects(self) -> dict[str, tuple[CompiledEffect, ...]]:
        """Effects of each kind of support, and of trained and signed schools, in name order."""
        found: dict[str, list[CompiledEffect]] = defaultdict(list)
        for name, effect in sorted(self.parameters.effects.items()):
            found[effect.given_by].append(_compiled(name, effect))
        return {given_by: tuple(effects) for given_by, effects in found.items()}


@lru_cache(maxsize=1024)  # most groups share their weights with others
def _choice(weights: tuple[tuple[str, float], ...]) -> Choice:
    scale = {name: place for place, name in enumerate(DESTINATION_ORDER)}
    ordered = sorted((scale.get(name, len(scale)), name, weight) for name, weight in weights if weight > 0.0)
    return Choice(tuple(name for _, name, _ in ordered), cumulated([weight for _, _, weight in ordered]))


def _compiled(name: str, effect: Effect) -> CompiledEffect:
    kind = NOT_RETURNING if effect.target == "not_returning" else KIND_INDEX[EventKind(effect.target)]
    factors = tuple(
        effect.value if effect.severity == "any" or severity.name.lower() == effect.severity else 1.0
        for severity in Severity
    )
    year_groups = effect.selector.year_groups
    days = effect.lag_days, effect.full_days, effect.half_days
    return CompiledEffect(name, kind, factors, year_groups, *days, effect.cases)

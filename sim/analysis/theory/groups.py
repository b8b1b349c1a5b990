"""What the parameters say about pupils of one year group, sex and district, in the words of the specification."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sim.analysis.theory.free_county import mean_days
from sim.parameters.schema import Effect, Parameters
from sim.school_year import DAYS_IN_SCHOOL_WEEK
from sim.vocabulary import (
    FIRST_SECONDARY,
    PLACEMENTS,
    Decision,
    EventKind,
    Phase,
    ProvisionKind,
    Record,
    Severity,
    Sex,
    phase_of,
)

Chances = Mapping[str, float]


class Stratum(NamedTuple):
    """What never changes about a pupil, and the share of pupils of whom it is true."""

    sex: Sex
    district: str


def strata(parameters: Parameters) -> dict[Stratum, float]:
    """Return the shares of pupils: sex by chance, district by the size of its primary schools."""
    size: dict[str, float] = defaultdict(float)
    for school in parameters.schools.values():
        if school.phase is Phase.PRIMARY:
            size[school.district] += school.pupils
    male, total = parameters.quantities.need.male_share.value, sum(size.values())
    sexes = {Sex.MALE: male, Sex.FEMALE: 1.0 - male}
    return {
        Stratum(sex, district): share * pupils / total
        for sex, share in sexes.items()
        for district, pupils in size.items()
        if share > 0.0
    }


@dataclass(frozen=True)
class Group:
    """Rates, chances and places of pupils of one year group in one stratum; rates are per school day."""

    parameters: Parameters
    year_group: int
    stratum: Stratum

    @property
    def is_primary(self) -> bool:
        """Whether the year group is primary."""
        return phase_of(self.year_group) is Phase.PRIMARY

    @cached_property
    def signature(self) -> tuple[object, ...]:
        """Everything that the chain of the group depends on: groups with equal signatures share it."""
        is_named = self.year_group == FIRST_SECONDARY - 1
        places = tuple(self.place_of(kind) for kind in PLACEMENTS if self._matters(kind))
        has_team = self.place_of(ProvisionKind.DISTRICT_TEAM) is not None
        special = tuple(sorted(self.special.items(), key=str)), tuple(self.independent.items())
        factors = tuple(self.case_factors(is_crisis, severity) for is_crisis in (False, True) for severity in Severity)
        return self.is_primary, is_named, places, has_team, special, self._rates, self._routes, factors

    def _matters(self, kind: ProvisionKind) -> bool:
        """Whether the district's place of a kind matters: not of schools that are drawn, nor one that nobody enters."""
        if kind in (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT):
            return False
        if kind is not ProvisionKind.ALTERNATIVE_PROVISION or not self.is_primary:
            return True
        is_route = any(destination == kind for (_, _, _, destination), _ in self._routes)
        return is_route or any(event == EventKind.AP_REFERRAL for (event, _, _, _), _ in self._rates)

    # -- hazards -----------------------------------------------------------------------------------------------

    @cached_property
    def days_per_year(self) -> int:
        """School days in a year."""
        return sum(term.days for term in self.parameters.terms)

    @cached_property
    def _rates(self) -> tuple[tuple[tuple[str, str, int, int], float], ...]:
        """Rates per school day that are not zero, by event, kind of placement, record and severity."""
        found: dict[tuple[str, str, int, int], float] = {}
        for row in self.parameters.rates.values():
            for where in ProvisionKind if row.placement == "any" else (row.placement,):
                for record in row.records:
                    for severity in row.severities if self.year_group in row.year_groups else ():
                        key = (row.event.value, str(where), int(record), int(severity))
                        factor = self._standing_factor(row.event, str(where), record, severity)
                        found[key] = row.value * factor / self.days_per_year
        return tuple(sorted((key, rate) for key, rate in found.items() if rate > 0.0))

    def _standing_factor(self, event: EventKind, where: str, record: Record, severity: Severity) -> float:
        """Product of the effects given to everyone."""
        factor = 1.0
        for effect in self._standing:
            reach = effect.selector
            if (
                effect.target == event
                and effect.placement in ("any", where)
                and self.year_group in reach.year_groups
                and record in reach.records
                and severity in reach.severities
            ):
                factor *= effect.value
        return factor

    @cached_property
    def _standing(self) -> tuple[Effect, ...]:
        effects = self.parameters.effects.values()
        return tuple(effect for effect in effects if effect.given_by == "everyone" and effect.value != 1.0)

    @cached_property
    def hazards(self) -> Mapping[tuple[str, int, int], Mapping[str, float]]:
        """Rates per school day by event, of each kind of placement, record and severity."""
        found: dict[tuple[str, int, int], dict[str, float]] = defaultdict(dict)
        for (event, where, record, severity), rate in self._rates:
            found[where, record, severity][event] = rate
        return found

    # -- decisions ---------------------------------------------------------------------------------------------

    @cached_property
    def _routes(self) -> tuple[tuple[tuple[str, int, int, str], float], ...]:
        found = {
            (row.decision.value, int(record), int(severity), row.destination): row.value
            for row in self.parameters.routes.values()
            if self.year_group in row.year_groups and row.district in ("any", self.stratum.district)
            for record in row.records
            for severity in row.severities
            if row.value > 0.0 and row.decision not in (Decision.SPECIAL_SCHOOL, Decision.INDEPENDENT_SCHOOL)
        }
        return tuple(sorted(found.items()))

    @cached_property
    def _choices(self) -> Mapping[tuple[str, int, int], Chances]:
        found: dict[tuple[str, int, int], dict[str, float]] = defaultdict(dict)
        for (decision, record, severity, destination), weight in self._routes:
            found[decision, record, severity][destination] = weight
        return found

    def choice(self, decision: Decision, record: int, severity: int, default: str) -> Chances:
        """Return the chance of each destination; `default` is certain when no row covers the pupil."""
        return self._choices.get((decision.value, record, severity), {default: 1.0})

    @cached_property
    def special(self) -> Mapping[str | None, float]:
        """Chance that each special school is the first asked that does not refuse; None when all refuse."""
        refusal = self.parameters.quantities.special.refusal.value
        return _first_to_accept(self._weights(Decision.SPECIAL_SCHOOL), refusal)

    @cached_property
    def independent(self) -> Mapping[str | None, float]:
        """Chance of each independent school; None is certain when none admits the pupil."""
        return _first_to_accept(self._weights(Decision.INDEPENDENT_SCHOOL), 0.0)

    def _weights(self, decision: Decision) -> dict[str, float]:
        """Weights of the schools that admit the group; they must not depend on record or severity."""
        found: dict[str, float] = {}
        for row in self.parameters.routes.values():
            here = row.decision == decision and row.district in ("any", self.stratum.district)
            if here and row.value > 0.0 and self.year_group in row.year_groups:
                if row.record != "any" or row.severity != "any":
                    raise ValueError(f"{row.decision} by record or severity is not part of the chain")
                if self.parameters.provisions[row.destination].admits(self.year_group, self.stratum.sex):
                    found[row.destination] = row.value
        return found

    # -- places and stays --------------------------------------------------------------------------------------

    def place_of(self, kind: ProvisionKind) -> str | None:
        """Return the provision of a kind that serves the district, or the county; None if there is none."""
        for district in (self.stratum.district, "any"):
            for name, spec in self.parameters.provisions_of(kind):
                if spec.district == district:
                    return name
        return None

    @cached_property
    def ends(self) -> Mapping[str, float]:
        """Rates per school day at which stays end, by duration; exponential ones only."""
        durations = self.parameters.durations
        return {
            name: 1.0 / mean_days(getattr(durations, name), self.days_per_year)
            for name in type(durations).model_fields
            if getattr(durations, name).law == "exponential"
        }

    def case_ends(self, is_crisis: bool) -> float:
        """Return the rate per school day at which cases of the district team end."""
        team = self.parameters.quantities.team
        hours = team.crisis_case_hours if is_crisis else team.preventive_case_hours
        return team.slot_hours.value / (hours.value * DAYS_IN_SCHOOL_WEEK)

    def case_factors(self, is_crisis: bool, severity: int) -> tuple[tuple[str, float], ...]:
        """Return the factors on rates, by target, that a case with the district team brings to this pupil."""
        factors: dict[str, float] = defaultdict(lambda: 1.0)
        for effect in self.parameters.effects.values():
            is_here = effect.given_by == ProvisionKind.DISTRICT_TEAM
            is_reached = self.year_group in effect.selector.year_groups and severity in effect.selector.severities
            if is_here and is_reached and effect.cases in ("any", "crisis" if is_crisis else "early"):
                factors[str(effect.target)] *= effect.value
        return tuple(sorted((target, factor) for target, factor in factors.items() if factor != 1.0))


def _first_to_accept(weights: Mapping[str, float], refusal: float) -> dict[str | None, float]:
    """Ask one school after the other, each drawn by weight among those not yet asked, until one does not refuse."""
    if not weights:
        return {None: 1.0}
    found: dict[str | None, float] = defaultdict(float)
    total = sum(weights.values())
    for name, weight in weights.items():
        found[name] += weight / total * (1.0 - refusal)
        if refusal > 0.0:
            rest = _first_to_accept({other: w for other, w in weights.items() if other != name}, refusal)
            for accepting, chance in rest.items():
                found[accepting] += weight / total * refusal * chance
    return dict(found)

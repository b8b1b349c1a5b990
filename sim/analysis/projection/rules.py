"""What may follow from where a pupil is: the pathways cut down to the present place, need and record.

It is the model that a planner would write in a spreadsheet: a pupil is in one place, with one severity and one record,
and what comes next depends on nothing else. Pupils of a year group are alike, so that chances which differ by sex and
district are averaged. Left out are all places and queues, casework and teams, what a crisis does to the next one,
unlike pupils and schools, steps of a few days, and whatever a policy would switch on. Written from the parameters
alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from sim.analysis.theory.free_county import mean_days
from sim.analysis.theory.groups import Group, strata
from sim.parameters.schema import Parameters
from sim.vocabulary import FIRST_SECONDARY, Decision, EventKind, Happening, ProvisionKind, Record, Route, Severity

NOTHING, ASSESSMENT, FIRST_SPECIAL, SPECIAL, INDEPENDENT = "", "assessment", "first_special", "special", "independent"
"""What is under way: an assessment, or a search for a place; first for the one named when the plan was issued."""

SUSPENDED_IN_MAINSTREAM = "suspension_in_mainstream"
TO_SPECIAL, TO_MAINSTREAM = "mainstream_to_special", "special_to_mainstream"
COUNTED = (
    Happening.SUSPENSION.value,
    Happening.PERMANENT_EXCLUSION.value,
    Happening.EHC_REQUESTED.value,
    Happening.PLAN_ISSUED.value,
    SUSPENDED_IN_MAINSTREAM,
    TO_SPECIAL,
    TO_MAINSTREAM,
)
"""What is counted; moves leave out the special school that a plan named when it was issued."""

_UNRECORDED, _SUPPORTED, _PLAN = (int(record) for record in Record)
_NO_NEED, _EMERGING = int(Severity.NONE), int(Severity.EMERGING)
_TUTORED = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
_FOR_GOOD = (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT, ProvisionKind.HOME_EDUCATION)
_HAS_A_SCHOOL = (ProvisionKind.MAINSTREAM, ProvisionKind.ALTERNATIVE_PROVISION)


class State(NamedTuple):
    """All that the future depends on; `place` is a provision, the first of its kind unless it is independent."""

    place: str
    severity: int
    record: int
    under_way: str = NOTHING
    has_stayed: bool = False  # in tuition, past the first term


class Branch(NamedTuple):
    """A state that follows with a chance, and what is counted on the way."""

    chance: float
    state: State
    counted: tuple[str, ...] = ()


Branches = list[Branch]


def sure(state: State, *counted: str) -> Branches:
    """Return the one branch that is certain."""
    return [Branch(1.0, state, counted)]


def mixed(parts: Iterator[tuple[float, Branches]]) -> Branches:
    """Return branches of which each part has a chance."""
    return [Branch(chance * b.chance, b.state, b.counted) for chance, found in parts for b in found if chance > 0.0]


@dataclass(frozen=True, eq=False)
class Rules:
    """What may happen to the pupils of one year group; rates are per school day."""

    parameters: Parameters
    year_group: int

    # -- inputs, averaged over sexes and districts ---------------------------------------------------------------

    @cached_property
    def _groups(self) -> list[tuple[float, Group]]:
        return [
            (share, Group(self.parameters, self.year_group, stratum))
            for stratum, share in strata(self.parameters).items()
        ]

    @cached_property
    def _any(self) -> Group:
        return self._groups[0][1]

    @cache  # noqa: B019 - lives as long as the few rules of one projection
    def _choice(self, decision: Decision, record: int, severity: int, default: str) -> Mapping[str, float]:
        found: dict[str, float] = defaultdict(float)
        for share, group in self._groups:
            for destination, chance in group.choice(decision, record, severity, default).items():
                found[destination] += share * chance
        return found

    def _asked(self, decision: Decision, s: State) -> Iterator[tuple[float, dict[str, float]]]:
        """Yield the share of pupils, and the weights of the schools that may be asked for them, by sex and district."""
        routes, provisions = self.parameters.routes.values(), self.parameters.provisions
        for share, group in self._groups:
            sex, district = group.stratum
            yield (
                share,
                {
                    row.destination: row.value
                    for row in routes
                    if row.decision == decision
                    and row.value > 0.0
                    and row.district in ("any", district)
                    and self.year_group in row.year_groups
                    and s.record in row.records
                    and s.severity in row.severities
                    and provisions[row.destination].admits(self.year_group, sex)
                },
            )

    def _accepted(self, s: State) -> float:
        """Return the chance that of the special schools, asked one after another, one does not refuse."""
        refusal = self.parameters.quantities.special.refusal.value
        asked = self._asked(Decision.SPECIAL_SCHOOL, s)
        return sum(share * (1.0 - refusal ** len(schools)) for share, schools in asked)

    def _bought(self, s: State) -> Branches:
        """Place a pupil in an independent school, if any admits them."""
        found: dict[State, float] = defaultdict(float)
        for share, schools in self._asked(Decision.INDEPENDENT_SCHOOL, s):
            total = sum(schools.values())
            for school, weight in schools.items():
                found[s._replace(place=school, has_stayed=False)] += share * weight / total
            found[s] += 0.0 if schools else share
        return [Branch(chance, state) for state, chance in found.items() if chance > 0.0]

    @cached_property
    def _places(self) -> dict[ProvisionKind, str]:
        """The first provision of each kind: all of one kind are one here, but independent schools."""
        found: dict[ProvisionKind, str] = {}
        for name, spec in self.parameters.provisions.items():
            found.setdefault(spec.kind, name)
        return found

    def _end(self, duration: str) -> float:
        """Rate at which what lasts so long ends; nothing lasts less than a day."""
        return 1.0 / max(mean_days(getattr(self.parameters.durations, duration), self._any.days_per_year), 1.0)

    def _kind(self, s: State) -> ProvisionKind:
        return self.parameters.provisions[s.place].kind

    # -- what happens, and how fast ------------------------------------------------------------------------------

    def onset(self) -> Branches:
        """Return the states in which need becomes visible."""
        recorded, place = self.parameters.quantities.need.recorded_at_onset.value, self._places[_HAS_A_SCHOOL[0]]
        return [
            Branch(share * chance, State(place, int(Severity[name.upper()]), record))
            for record, share in ((_SUPPORTED, recorded), (_UNRECORDED, 1.0 - recorded))
            for name, chance in self._choice(Decision.ONSET_SEVERITY, record, _EMERGING, Route.EMERGING).items()
            if share * chance > 0.0
        ]

    def events(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        """Yield each event that may happen now: its name, its rate per school day, and where it leads."""
        follows = self._follows
        for event, rate in self._any.hazards.get((self._kind(s).value, s.record, s.severity), {}).items():
            scaled = rate * self._factor(event, s)
            if scaled > 0.0 and event in follows:
                yield event, scaled, follows[event](s)
        yield from self._endings(s)

    @cached_property
    def _follows(self) -> Mapping[str, Callable[[State], Branches]]:
        return {
            EventKind.WORSEN: lambda s: sure(s._replace(severity=s.severity + 1)),
            EventKind.IMPROVE: lambda s: sure(s._replace(severity=s.severity - 1)),
            EventKind.RESOLVE: lambda s: sure(
                s._replace(severity=_NO_NEED, record=_UNRECORDED if s.record == _SUPPORTED else s.record)
            ),
            EventKind.RECUR: lambda s: sure(s._replace(severity=_EMERGING)),
            EventKind.RECORD: lambda s: sure(s._replace(record=_SUPPORTED)),
            EventKind.SUSPENSION: self._suspension,
            EventKind.EHC_REQUEST: lambda s: sure(s._replace(under_way=ASSESSMENT)),
            EventKind.AP_REFERRAL: lambda s: sure(self._to(s, ProvisionKind.ALTERNATIVE_PROVISION)),
            EventKind.BREAKDOWN: self._tuition,
            EventKind.MEDICAL: self._tuition,
            EventKind.REINTEGRATION: self._reintegration,
            EventKind.HOME_EDUCATION: self._home_education,
            EventKind.LEAVE_COUNTY: lambda s: [],
        }

    def _factor(self, event: str, s: State) -> float:
        if event == EventKind.EHC_REQUEST:
            return float(s.under_way != ASSESSMENT)
        if event == EventKind.REINTEGRATION and s.has_stayed:
            return self.parameters.quantities.tuition.stickiness.value
        if event == EventKind.SUSPENSION and self.year_group == FIRST_SECONDARY and self._is_in_mainstream(s):
            more = self.parameters.quantities.crisis.phase_transfer_factor.value - 1.0
            part = 1.0 / (self._end("after_phase_transfer") * self._any.days_per_year)
            return 1.0 + more * min(part, 1.0)
        return 1.0

    def _endings(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        if s.record == _PLAN:
            yield "annual_review", self._end("annual_review"), self._annual_review(s)
        if s.under_way == ASSESSMENT:
            yield "ehc_touch_time", self._end("ehc_touch_time"), self._assessed(s)
        elif s.under_way:
            yield "place_consultation", self._end("place_consultation"), self._found(s)
        if self._kind(s) in _TUTORED and not s.has_stayed:
            yield "tuition_term", self._end("tuition_term"), sure(s._replace(has_stayed=True))

    # -- moves ---------------------------------------------------------------------------------------------------

    def _is_in_mainstream(self, s: State) -> bool:
        return self._kind(s) is ProvisionKind.MAINSTREAM

    def _to(self, s: State, kind: ProvisionKind) -> State:
        """Move to a kind of placement, of which there is always a place; stay where the county has none."""
        place = self._places.get(kind, s.place)
        return s if place == s.place else s._replace(place=place, has_stayed=False)

    def _suspension(self, s: State) -> Branches:
        """Perhaps find the need of the pupil suspended; from a mainstream school, draw a route at once."""
        identify = self.parameters.quantities.crisis.identify.value if s.record == _UNRECORDED else 0.0
        known = s._replace(record=_SUPPORTED)
        if not self._is_in_mainstream(s):
            ways = mixed(iter([(identify, sure(known)), (1.0 - identify, sure(s))]))
            return [b._replace(counted=(Happening.SUSPENSION.value,)) for b in ways]
        ways = mixed(iter([(identify, self._routes(known)), (1.0 - identify, self._routes(s))]))
        counted = Happening.SUSPENSION.value, SUSPENDED_IN_MAINSTREAM
        return [b._replace(counted=(*counted, *b.counted)) for b in ways]

    def _routes(self, s: State) -> Branches:
        routes: Mapping[str, Callable[[State], Branches]] = {
            ProvisionKind.ALTERNATIVE_PROVISION: lambda s: sure(self._to(s, ProvisionKind.ALTERNATIVE_PROVISION)),
            Route.TUITION: self._tuition,
            Route.PERMANENT_EXCLUSION: self._excluded,
        }
        choice = self._choice(Decision.SUSPENSION, s.record, s.severity, Route.RETURN)
        return mixed((chance, routes.get(route, sure)(s)) for route, chance in choice.items())

    def _excluded(self, s: State) -> Branches:
        """A new mainstream school by fair access, or else alternative provision, a district teacher or tuition."""
        choice = self._choice(Decision.FAIR_ACCESS, s.record, s.severity, Route.KEEP)
        placed = choice.get(Route.NEW_SCHOOL, 0.0)
        if self.year_group >= FIRST_SECONDARY:
            other = sure(self._to(s, ProvisionKind.ALTERNATIVE_PROVISION))
        elif s.record != _PLAN and ProvisionKind.DISTRICT_TEAM in self._places:
            other = sure(self._to(s, ProvisionKind.DISTRICT_TEACHING))
        else:
            other = self._tuition(s)
        ways = mixed(iter([(placed, sure(s)), (1.0 - placed, other)]))
        return [b._replace(counted=(Happening.PERMANENT_EXCLUSION.value,)) for b in ways]

    def _tuition(self, s: State) -> Branches:
        """A package begins at once; who has a plan looks for a place, unless one is sought already."""
        if s.record != _PLAN:
            return sure(self._to(s, ProvisionKind.TUITION_WITHOUT_PLAN))
        return self._seek(self._to(s, ProvisionKind.TUITION_WITH_PLAN), Decision.TUITION_PLACE_SOUGHT, SPECIAL)

    def _reintegration(self, s: State) -> Branches:
        quantities, kind, chance = self.parameters.quantities, self._kind(s), 1.0
        if kind is ProvisionKind.ALTERNATIVE_PROVISION:
            chance = quantities.alternative_provision.reintegration_success.value
        elif kind in _TUTORED:
            chance = quantities.tuition.reintegration_success.value
        back = sure(self._to(s, ProvisionKind.MAINSTREAM), *((TO_MAINSTREAM,) if kind is ProvisionKind.SPECIAL else ()))
        return mixed(iter([(chance, back), (1.0 - chance, sure(s))]))

    def _home_education(self, s: State) -> Branches:
        kept = s.under_way if s.under_way == ASSESSMENT else NOTHING
        return sure(self._to(s, ProvisionKind.HOME_EDUCATION)._replace(under_way=kept))

    # -- plans and the places that they name ---------------------------------------------------------------------

    def _assessed(self, s: State) -> Branches:
        """A plan, with the search for the place it names, or none."""
        chance, ended = self.parameters.quantities.casework.plan_after_assessment.value, s._replace(under_way=NOTHING)
        held = ended._replace(record=_PLAN)
        if self._kind(s) in (*_TUTORED, ProvisionKind.DISTRICT_TEACHING):
            issued = [b._replace(state=b.state._replace(has_stayed=s.has_stayed)) for b in self._tuition(held)]
        else:
            issued = self._seek(held, Decision.PLAN_ISSUED, FIRST_SPECIAL)
        named = [b._replace(counted=(Happening.PLAN_ISSUED.value,)) for b in issued]
        return mixed(iter([(chance, named), (1.0 - chance, sure(ended))]))

    def _seek(self, s: State, decision: Decision, special: str) -> Branches:
        if s.under_way or self._kind(s) in _FOR_GOOD:
            return sure(s)
        sought = {ProvisionKind.SPECIAL: special, ProvisionKind.INDEPENDENT: INDEPENDENT}
        choice = self._choice(decision, s.record, s.severity, Route.KEEP)
        return [
            Branch(chance, s._replace(under_way=next((w for k, w in sought.items() if k == to), NOTHING)))
            for to, chance in choice.items()
        ]

    def _annual_review(self, s: State) -> Branches:
        """End a plan whose need has gone, or look for another place; a search begun is now one of the review."""
        if self._is_in_mainstream(s) and s.severity == _NO_NEED:
            return sure(s._replace(record=_UNRECORDED, under_way=NOTHING))
        reviewed = s._replace(under_way=SPECIAL) if s.under_way == FIRST_SPECIAL else s
        return self._seek(reviewed, Decision.ANNUAL_REVIEW, SPECIAL) if self._kind(s) in _HAS_A_SCHOOL else sure(s)

    def _found(self, s: State) -> Branches:
        """A special school that takes the pupil has a place; if none does, a pupil without a school goes elsewhere."""
        ended, sought = s._replace(under_way=NOTHING), s.under_way
        if self._kind(s) in _FOR_GOOD:
            return sure(ended)
        if sought == INDEPENDENT:
            return self._bought(ended)
        moves = (TO_SPECIAL,) if self._is_in_mainstream(s) and sought == SPECIAL else ()
        taken = sure(self._to(ended, ProvisionKind.SPECIAL), *moves)
        other = sure(ended) if self._kind(s) in _HAS_A_SCHOOL else self._bought(ended)
        accepted = self._accepted(ended)
        return mixed(iter([(accepted, taken), (1.0 - accepted, other)]))

    def arrive(self, s: State) -> Branches:
        """Enter this year group on 1 September; in Year 7 take up at once the place named at transfer."""
        if self.year_group != FIRST_SECONDARY:
            return sure(s)
        if self._kind(s) is ProvisionKind.DISTRICT_TEACHING:
            return self._tuition(s)
        if not self._is_in_mainstream(s) or s.record != _PLAN or s.under_way:
            return sure(s)
        named = self._seek(s, Decision.PHASE_TRANSFER, SPECIAL)
        return mixed((b.chance, self._found(b.state) if b.state.under_way else sure(b.state)) for b in named)

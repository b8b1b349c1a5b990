"""A pupil's life restated as states and rates: the pathways of the specification, without queues, luck or a clock.

A state says everything that the future depends on. An event happens at a rate and leads, by chances, to other states;
what is noted on the way is counted. It is written from the parameters alone, so that agreement with the simulation is
evidence for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sim.analysis.theory.groups import Group
from sim.vocabulary import (
    FIRST_SECONDARY,
    Decision,
    EventKind,
    Happening,
    ProvisionKind,
    Record,
    Route,
    Severity,
)

NONE, EMERGING, COMPLEX = int(Severity.NONE), int(Severity.EMERGING), int(Severity.COMPLEX)
UNRECORDED, SUPPORTED, PLAN = (int(record) for record in Record)

NO_REQUEST, UNDECIDED, TOUCHED, ACCEPTED = range(4)
"""A request for an EHC plan: decision and casework to come; casework done; casework to come."""
SETTLED, DAYS_OUT, WINDOW, OUT_ELSEWHERE, WINDOW_ELSEWHERE, UNSETTLED = range(6)
"""After a suspension: days out and window before a route is drawn, or is not because the pupil is elsewhere."""
FIRST, LATER = range(2)
"""Part of a stay: in tuition the first term and those after; without education until tuition, until the sixth day."""
ON_ROLL, SIXTH_DAY, FAIR_ACCESS = range(3)
"""After a permanent exclusion: what runs, and ends without effect once the pupil has a school again."""

_PLACED_FOR_GOOD = (ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT, ProvisionKind.HOME_EDUCATION)
_HAS_A_SCHOOL = (ProvisionKind.MAINSTREAM, ProvisionKind.ALTERNATIVE_PROVISION)
_TUTORED = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)
_BETWEEN_SCHOOLS = (
    *_TUTORED,
    ProvisionKind.NO_EDUCATION,
    ProvisionKind.DISTRICT_TEACHING,
    ProvisionKind.ALTERNATIVE_PROVISION,
)


class Case(NamedTuple):
    """A case with the district team and its factors on rates, as they were when it began."""

    is_crisis: bool
    factors: tuple[tuple[str, float], ...]


class State(NamedTuple):
    """Where a pupil is and what is under way; `place` is a provision of kind `kind`."""

    kind: str
    place: str
    severity: int
    record: int = UNRECORDED
    request: int = NO_REQUEST
    search: str = ""
    named: str = ""
    crisis: int = SETTLED
    after_ap: bool = False
    new_phase: bool = False
    case: Case | None = None
    is_referred: bool = False  # an early case, or the time for which it was planned, is under way
    on_trial: bool = False
    exclusion: int = ON_ROLL
    part: int = FIRST

    def factor(self, target: str) -> float:
        """Return the factor that the case with the district team puts on a rate."""
        return dict(self.case.factors).get(target, 1.0) if self.case else 1.0


class Branch(NamedTuple):
    """A state that follows with a chance, and what was noted on the way there."""

    chance: float
    state: State
    noted: tuple[str, ...] = ()


Branches = list[Branch]
Step = Callable[[State], Branches]


def sure(state: State, *noted: str) -> Branches:
    """Return the one branch that is certain."""
    return [Branch(1.0, state, noted)]


def then(branches: Branches, step: Step) -> Branches:
    """Follow each branch by a step."""
    return [
        Branch(one.chance * more.chance, more.state, one.noted + more.noted)
        for one in branches
        for more in step(one.state)
    ]


def either(chance: float, yes: Branches, no: Branches) -> Branches:
    """Return the branches of `yes` with a chance and those of `no` otherwise."""
    parts = ((chance, yes), (1.0 - chance, no))
    return [Branch(part * one.chance, one.state, one.noted) for part, ones in parts if part > 0.0 for one in ones]


class Life:
    """What can happen to the pupils of one group."""

    def __init__(self, group: Group) -> None:
        self.group, self.quantities, self.ends = group, group.parameters.quantities, group.ends
        self._refused = next(iter(group.parameters.yearly.refused_share.values())).value
        self._kinds = {name: spec.kind.value for name, spec in group.parameters.provisions.items()}
        self._follows: dict[str, Step] = {
            EventKind.WORSEN: lambda s: sure(s._replace(severity=s.severity + 1), Happening.WORSENED),
            EventKind.IMPROVE: lambda s: sure(s._replace(severity=s.severity - 1), Happening.IMPROVED),
            EventKind.RESOLVE: self._resolve,
            EventKind.RECUR: lambda s: sure(s._replace(severity=EMERGING), Happening.RECURRED),
            EventKind.RECORD: lambda s: sure(s._replace(record=SUPPORTED), Happening.RECORDED),
            EventKind.SUPPORT_REFERRAL: self._support_referral,
            EventKind.SUSPENSION: self._suspension,
            EventKind.EHC_REQUEST: self.request_assessment,
            EventKind.AP_REFERRAL: lambda s: self._enter_ap(s, Happening.AP_REFERRED_PLANNED),
            EventKind.BREAKDOWN: lambda s: self._tuition(s, Happening.BREAKDOWN),
            EventKind.MEDICAL: lambda s: self._tuition(s, Happening.MEDICAL_REFERRAL),
            EventKind.REINTEGRATION: self._reintegration,
            EventKind.HOME_EDUCATION: self._home_education,
            EventKind.LEAVE_COUNTY: lambda _: [],
        }

    # -- what happens, and how fast ----------------------------------------------------------------------------

    def onset(self) -> Branches:
        """Return the states in which need becomes visible."""
        recorded = self.quantities.need.recorded_at_onset.value
        place = self.group.place_of(ProvisionKind.MAINSTREAM)
        states = []
        for record, share in ((SUPPORTED, recorded), (UNRECORDED, 1.0 - recorded)):
            choice = self.group.choice(Decision.ONSET_SEVERITY, record, int(Severity.EMERGING), Route.EMERGING)
            for name, chance in choice.items():
                state = State(ProvisionKind.MAINSTREAM.value, str(place), int(Severity[name.upper()]), record)
                states.append(Branch(share * chance, state, (Happening.ONSET.value,)))
        return [one for one in states if one.chance > 0.0]

    def events(self, state: State) -> Iterator[tuple[str, float, Branches]]:
        """Yield each event that may happen now: its name, its rate per school day, and where it leads."""
        for event, rate in self.group.hazards.get((state.kind, state.record, state.severity), {}).items():
            scaled = rate * self._factor(event, state)
            if scaled > 0.0:
                yield event, scaled, self._follows[event](state)
        yield from self._endings(state)

    def _factor(self, event: str, state: State) -> float:
        """Product of what is in force on one rate."""
        factor = state.factor(event)
        if event == EventKind.SUSPENSION:
            crisis, provision = self.quantities.crisis, self.quantities.alternative_provision
            factor *= {SETTLED: 1.0, UNSETTLED: crisis.after_factor.value}.get(state.crisis, 0.0)
            factor *= crisis.phase_transfer_factor.value if state.new_phase else 1.0
            factor *= provision.repeat_factor.value if state.after_ap else 1.0
        elif event == EventKind.EHC_REQUEST:
            factor *= float(state.request == NO_REQUEST)
        elif event == EventKind.SUPPORT_REFERRAL:
            factor *= float(not state.is_referred)
        elif event == EventKind.REINTEGRATION and state.kind in _TUTORED and state.part == LATER:
            factor *= self.quantities.tuition.stickiness.value
        return factor

    def _endings(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        """Yield the ends of what is under way."""
        ends = self.ends
        if s.record == PLAN:
            yield "annual_review", ends["annual_review"], self._annual_review(s)
        yield from self._request_endings(s)
        if s.search:
            yield "place_consultation", ends["place_consultation"], self._found(s._replace(search=""), s.search)
        yield from self._crisis_endings(s)
        if s.after_ap:
            yield "after_ap", ends["after_alternative_provision"], sure(s._replace(after_ap=False))
        if s.new_phase:
            yield "after_phase_transfer", ends["after_phase_transfer"], sure(s._replace(new_phase=False))
        yield from self._support_endings(s)
        yield from self._stay_endings(s)

    # -- need and record ---------------------------------------------------------------------------------------

    def _resolve(self, s: State) -> Branches:
        record = UNRECORDED if s.record == SUPPORTED else s.record
        return sure(s._replace(severity=NONE, record=record), Happening.RESOLVED)

    def _become_recorded(self, s: State) -> Branches:
        if s.record != UNRECORDED:
            return sure(s)
        return sure(s._replace(record=SUPPORTED), Happening.RECORDED)

    # -- placements --------------------------------------------------------------------------------------------

    def _place(self, s: State, place: str, part: int = FIRST) -> State:
        """Move: support ends outside the pupil's own school, and a route after a crisis is no longer drawn."""
        kind = self._kinds[place]
        if place == s.place:
            return s
        elsewhere = {DAYS_OUT: OUT_ELSEWHERE, WINDOW: WINDOW_ELSEWHERE}
        moved = s._replace(kind=kind, place=place, part=part, crisis=elsewhere.get(s.crisis, s.crisis))
        if kind != ProvisionKind.MAINSTREAM or s.kind == ProvisionKind.DISTRICT_TEACHING:
            moved = moved._replace(case=None, on_trial=False)
        if kind == ProvisionKind.MAINSTREAM:
            moved = moved._replace(exclusion=ON_ROLL)
        return moved

    def _at(self, kind: ProvisionKind) -> str:
        return str(self.group.place_of(kind))

    def _return(self, s: State, *noted: str) -> Branches:
        """Back to a mainstream school; after alternative provision crises are more likely for a while."""
        is_from_ap = s.kind == ProvisionKind.ALTERNATIVE_PROVISION
        back = self._place(s, self._at(ProvisionKind.MAINSTREAM))
        return sure(back._replace(after_ap=back.after_ap or is_from_ap), *noted)

    def _reintegration(self, s: State) -> Branches:
        chance = 1.0
        if s.kind == ProvisionKind.ALTERNATIVE_PROVISION:
            chance = self.quantities.alternative_provision.reintegration_success.value
        elif s.kind in _TUTORED:
            chance = self.quantities.tuition.reintegration_success.value
        return either(chance, self._return(s, Happening.REINTEGRATED), sure(s, Happening.REINTEGRATION_FAILED))

    def _home_education(self, s: State) -> Branches:
        """Nothing but an assessment under way matters any more."""
        home = self._at(ProvisionKind.HOME_EDUCATION)
        kept = State(ProvisionKind.HOME_EDUCATION.value, home, s.severity, s.record, s.request)
        return sure(kept, Happening.HOME_EDUCATED)

    # -- a crisis ----------------------------------------------------------------------------------------------

    def _suspension(self, s: State) -> Branches:
        crisis, is_at_school = self.quantities.crisis, s.kind == ProvisionKind.MAINSTREAM
        suspended = s._replace(crisis=DAYS_OUT if is_at_school else OUT_ELSEWHERE)
        identify = crisis.identify.value
        branches = either(identify, self._become_recorded(suspended), sure(suspended))
        if is_at_school:
            referred = crisis.referred_to_team_primary if self.group.is_primary else crisis.referred_to_team_secondary
            branches = then(branches, lambda one: either(referred.value, self._crisis_case(one), sure(one)))
        return then(sure(s, Happening.SUSPENSION), lambda _: branches)

    def _crisis_endings(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        ends = self.ends
        if s.crisis in (DAYS_OUT, OUT_ELSEWHERE):
            yield "suspension_out", ends["suspension_out"], sure(s._replace(crisis=s.crisis + WINDOW - DAYS_OUT))
        elif s.crisis in (WINDOW, WINDOW_ELSEWHERE):
            after = s._replace(crisis=UNSETTLED)
            branches = self._decided(after) if s.crisis == WINDOW else sure(after)
            yield "decision_window", ends["decision_window"], branches
        elif s.crisis == UNSETTLED:
            yield "after_crisis", ends["after_crisis"], sure(s._replace(crisis=SETTLED))

    def _decided(self, s: State) -> Branches:
        """Draw the route; support in force scales every route but return."""
        choice = self.group.choice(Decision.SUSPENSION, s.record, s.severity, Route.RETURN)
        scale = s.factor("not_returning")
        others = {route: chance * scale for route, chance in choice.items() if route != Route.RETURN}
        if sum(others.values()) > 1.0 + 1e-12:
            raise ValueError("a factor above 1 on not returning exhausts the chance of return")
        routes: dict[str, Step] = {
            Route.MANAGED_MOVE: self._managed_move,
            ProvisionKind.ALTERNATIVE_PROVISION: lambda one: self._enter_ap(one, Happening.AP_REFERRED_AFTER_CRISIS),
            Route.TUITION: lambda one: self._tuition(one, Happening.TUITION_AFTER_CRISIS),
            Route.PERMANENT_EXCLUSION: self._permanent_exclusion,
        }
        branches = [Branch(1.0 - sum(others.values()), s, (Happening.RETURNED,))]
        for route, chance in others.items():
            branches += [Branch(chance * one.chance, one.state, one.noted) for one in routes[route](s)]
        return branches

    def _managed_move(self, s: State) -> Branches:
        if s.on_trial:
            return sure(s, Happening.RETURNED)
        return sure(s._replace(on_trial=True), Happening.MANAGED_MOVE_STARTED)

    # -- alternative provision ---------------------------------------------------------------------------------

    def _enter_ap(self, s: State, *noted: str) -> Branches:
        """Take a place; at entry the needs of a pupil without a plan may be assessed."""
        entered = self._place(s, self._at(ProvisionKind.ALTERNATIVE_PROVISION))
        branches = sure(entered, *noted)
        chance = self.quantities.alternative_provision.assessed_at_entry.value
        if s.record == PLAN or not chance:
            return branches
        return then(branches, lambda one: either(chance, self._assessed(one), sure(one)))

    def _assessed(self, s: State) -> Branches:
        finds = self.quantities.alternative_provision.assessment_finds_need.value
        branches = sure(s, Happening.AP_ASSESSED)
        if s.severity != NONE:
            branches = then(branches, lambda one: either(finds, self._become_recorded(one), sure(one)))
        return then(branches, self._put_forward)

    def _put_forward(self, s: State) -> Branches:
        """Ask for a plan when a recorded need is more than emerging."""
        if s.record == SUPPORTED and s.severity > EMERGING:
            return self.request_assessment(s)
        return sure(s)

    # -- tuition -----------------------------------------------------------------------------------------------

    def _tuition(self, s: State, *noted: str) -> Branches:
        return sure(self._place(s, self._at(ProvisionKind.NO_EDUCATION), FIRST), *noted)

    def _start_tuition(self, s: State) -> Branches:
        """A district teacher or the partnership may take the pupil instead; a plan holder looks for a place."""
        taught, taken = self.quantities.team.teaches_tutored.value, self.quantities.alternative_provision.takes_tutored
        if self.group.is_primary and s.record != PLAN and self.group.place_of(ProvisionKind.DISTRICT_TEAM):
            return either(taught, sure(self._taught(s), Happening.TAUGHT_BY_DISTRICT), self._package(s))
        if not self.group.is_primary and s.record == PLAN:
            branches = either(taken.value, self._enter_ap(s, Happening.PARTNERSHIP_PLACED), self._package(s))
        else:
            branches = self._package(s)
        return then(branches, self._look_for_place)

    def _package(self, s: State) -> Branches:
        kind = ProvisionKind.TUITION_WITH_PLAN if s.record == PLAN else ProvisionKind.TUITION_WITHOUT_PLAN
        return sure(self._place(s, self._at(kind), FIRST))

    def _taught(self, s: State) -> State:
        """The teacher holds a slot of the team, with the effects of a crisis case, until the pupil moves on."""
        placed = self._place(s, self._at(ProvisionKind.DISTRICT_TEACHING))
        return placed._replace(case=Case(True, self.group.case_factors(True, s.severity)))

    def _look_for_place(self, s: State) -> Branches:
        return self._seek(s, Decision.TUITION_PLACE_SOUGHT) if s.record == PLAN else sure(s)

    def _reviewed(self, s: State) -> Branches:
        """A review of a package: back to school, to alternative provision, a search for a special school, or on."""
        branches: Branches = []
        for route, chance in self.group.choice(Decision.TUITION_REVIEW, s.record, s.severity, Route.KEEP).items():
            if route == Route.RETURN:
                followed = self._return(s, Happening.REINTEGRATED)
            elif route == ProvisionKind.ALTERNATIVE_PROVISION and not self.group.is_primary:
                followed = self._enter_ap(s)
            else:
                followed = sure(self._searching(s, route))
            branches += [Branch(chance * one.chance, one.state, one.noted) for one in followed]
        return then(sure(s, Happening.TUITION_REVIEWED), lambda _: branches)

    # -- what ends with a stay ---------------------------------------------------------------------------------

    def _stay_endings(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        if s.kind in _TUTORED:
            if s.part == FIRST:
                yield "tuition_term", self.ends["tuition_term"], sure(s._replace(part=LATER))
            if self.quantities.tuition.reviewed.value:
                yield "tuition_review", self.ends["tuition_review"], self._reviewed(s)
        elif s.kind == ProvisionKind.NO_EDUCATION and s.part == FIRST:
            yield "tuition_start", self.ends["tuition_start"], self._start_tuition(s)
        if s.exclusion == SIXTH_DAY:
            yield "sixth_day", self.ends["sixth_day"], self._sixth_day(s._replace(exclusion=FAIR_ACCESS))
        elif s.exclusion == FAIR_ACCESS:
            yield "fair_access", self.ends["fair_access"], self._fair_access(s._replace(exclusion=ON_ROLL))

    # -- permanent exclusion -----------------------------------------------------------------------------------

    def _permanent_exclusion(self, s: State) -> Branches:
        out = self._place(s, self._at(ProvisionKind.NO_EDUCATION), LATER)
        return sure(out._replace(exclusion=SIXTH_DAY), Happening.PERMANENT_EXCLUSION)

    def _sixth_day(self, s: State) -> Branches:
        """Education again, for those who are still out of it for that reason."""
        if s.kind != ProvisionKind.NO_EDUCATION or s.part != LATER:
            return sure(s)
        if not self.group.is_primary:
            followed = self._enter_ap(s)
        elif s.record != PLAN and self.group.place_of(ProvisionKind.DISTRICT_TEAM):
            followed = sure(self._taught(s))
        else:
            followed = self._start_tuition(s)
        return then(sure(s, Happening.SIXTH_DAY_DUTY), lambda _: followed)

    def _fair_access(self, s: State) -> Branches:
        chance = self.group.choice(Decision.FAIR_ACCESS, s.record, s.severity, Route.KEEP).get(Route.NEW_SCHOOL, 0.0)
        if s.kind not in _BETWEEN_SCHOOLS:
            return sure(s)
        placed = self._place(s, self._at(ProvisionKind.MAINSTREAM))
        return either(chance, sure(placed, Happening.FAIR_ACCESS_PLACED), sure(s))

    # -- support -----------------------------------------------------------------------------------------------

    def _support_referral(self, s: State) -> Branches:
        """All go to the district team, since bases are closed; one case with the team at a time."""
        choice = self.group.choice(Decision.SUPPORT_REFERRAL, s.record, s.severity, Route.KEEP)
        kept = choice.get(Route.KEEP, 0.0)
        referred = s
        if s.case is None:
            referred = s._replace(case=Case(False, self.group.case_factors(False, s.severity)), is_referred=True)
        return either(kept, sure(s), sure(referred, Happening.SUPPORT_REFERRED))

    def _crisis_case(self, s: State) -> Branches:
        """A crisis case takes the place of an early one, whose planned time runs on before another referral."""
        return sure(s._replace(case=Case(True, self.group.case_factors(True, s.severity))), Happening.CRISIS_SERVED)

    def _support_endings(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        is_taught = s.kind == ProvisionKind.DISTRICT_TEACHING
        if s.case is not None and s.case.is_crisis and not is_taught:
            yield "crisis_case", self.group.case_ends(True), sure(s._replace(case=None))
        if s.is_referred:
            case = s.case if s.case is not None and s.case.is_crisis else None
            yield "early_case", self.group.case_ends(False), sure(s._replace(case=case, is_referred=False))
        if s.on_trial:
            success, ended = self.quantities.managed_move.success.value, s._replace(on_trial=False)
            how = Happening.MANAGED_MOVE_SUCCEEDED, Happening.MANAGED_MOVE_FAILED
            ways = either(success, sure(ended, how[0]), sure(ended, how[1]))
            yield "managed_move_trial", self.ends["managed_move_trial"], ways

    # -- plans and special places ------------------------------------------------------------------------------

    def request_assessment(self, s: State) -> Branches:
        """Begin an assessment unless the pupil has a plan or a request under way."""
        if s.request != NO_REQUEST or s.record == PLAN:
            return sure(s)
        return sure(s._replace(request=UNDECIDED), Happening.EHC_REQUESTED)

    def _request_endings(self, s: State) -> Iterator[tuple[str, float, Branches]]:
        if s.request in (UNDECIDED, TOUCHED):
            yield "ehc_decision", self.ends["ehc_decision"], self._decision(s)
        if s.request == UNDECIDED:
            yield "ehc_touch_time", self.ends["ehc_touch_time"], sure(s._replace(request=TOUCHED))
        elif s.request == ACCEPTED:
            yield "ehc_touch_time", self.ends["ehc_touch_time"], self._assessment_ends(s)

    def _decision(self, s: State) -> Branches:
        """Agree to assess or refuse; a refusal may be overturned, or the request repeated at once."""
        casework = self.quantities.casework
        accepted = self._assessment_ends(s) if s.request == TOUCHED else sure(s._replace(request=ACCEPTED))
        given_up = s._replace(request=NO_REQUEST)
        again = either(casework.repeat_after_refusal.value, self.request_assessment(given_up), sure(given_up))
        overturned = then(sure(s, Happening.EHC_OVERTURNED), lambda _: accepted)
        refused = either(casework.refusal_overturned.value, overturned, again)
        return either(self._refused, then(sure(s, Happening.EHC_REFUSED), lambda _: refused), accepted)

    def _assessment_ends(self, s: State) -> Branches:
        ended = s._replace(request=NO_REQUEST)
        issued = then(sure(ended._replace(record=PLAN), Happening.PLAN_ISSUED), self._first_placement)
        chance = self.quantities.casework.plan_after_assessment.value
        return either(chance, issued, sure(ended, Happening.EHC_NO_PLAN))

    def _first_placement(self, s: State) -> Branches:
        if s.kind == ProvisionKind.DISTRICT_TEACHING:
            return self._start_tuition(s)
        if s.kind == ProvisionKind.TUITION_WITHOUT_PLAN:
            taught = self._place(s, self._at(ProvisionKind.TUITION_WITH_PLAN), s.part)
            return self._look_for_place(taught)
        return self._seek(s, Decision.PLAN_ISSUED)

    def _annual_review(self, s: State) -> Branches:
        """Keep the plan, look for another place, or end it because the need has gone, and the search with it."""
        if s.kind == ProvisionKind.MAINSTREAM and s.severity == NONE:
            ceased = s._replace(record=UNRECORDED, search="", named="")
            return sure(ceased, Happening.ANNUAL_REVIEW, Happening.PLAN_CEASED)
        branches = self._seek(s, Decision.ANNUAL_REVIEW) if s.kind in _HAS_A_SCHOOL else sure(s)
        return then(sure(s, Happening.ANNUAL_REVIEW), lambda _: branches)

    def _seek(self, s: State, decision: Decision) -> Branches:
        choice = self.group.choice(decision, s.record, s.severity, Route.KEEP)
        return [Branch(chance, self._searching(s, sought)) for sought, chance in choice.items()]

    def _searching(self, s: State, sought: str) -> State:
        """Begin to look for a place, unless the pupil has or already seeks one."""
        if s.search or s.kind in _PLACED_FOR_GOOD or sought not in _PLACED_FOR_GOOD:
            return s
        return s._replace(search=sought)

    def _found(self, s: State, sought: str) -> Branches:
        """Take the place of the first special school that does not refuse, or buy an independent one."""
        if s.kind in _PLACED_FOR_GOOD:
            return sure(s)
        if sought == ProvisionKind.INDEPENDENT:
            return self._bought(s)
        branches: Branches = []
        for school, chance in self.group.special.items():
            if school is not None:
                followed = sure(self._place(s, school))
            else:
                followed = sure(s) if s.kind in _HAS_A_SCHOOL else self._bought(s)
            branches += [Branch(chance * one.chance, one.state, one.noted) for one in followed]
        return branches

    def _bought(self, s: State) -> Branches:
        return [
            Branch(chance, s if school is None else self._place(s, school), (Happening.INDEPENDENT_NAMED,))
            for school, chance in self.group.independent.items()
        ]

    # -- fixed dates -------------------------------------------------------------------------------------------

    def name_place(self, s: State) -> Branches:
        """At the naming deadline, name the Year 7 place of a plan holder in a mainstream school."""
        if s.record != PLAN or s.kind != ProvisionKind.MAINSTREAM or self.group.year_group != FIRST_SECONDARY - 1:
            return sure(s)
        choice = self.group.choice(Decision.PHASE_TRANSFER, s.record, s.severity, Route.KEEP)
        return [Branch(chance, s._replace(named="" if to == Route.KEEP else to)) for to, chance in choice.items()]

    def arrive(self, s: State) -> Branches:
        """Enter this year group on 1 September; in Year 7 move school and take up the place named."""
        if self.group.year_group != FIRST_SECONDARY:
            return sure(s)
        branches = sure(s._replace(named=""), Happening.PHASE_TRANSFER)
        if s.kind == ProvisionKind.DISTRICT_TEACHING:
            branches = then(branches, self._start_tuition)
        elif s.kind == ProvisionKind.MAINSTREAM and s.severity != NONE:
            branches = then(branches, lambda one: sure(one._replace(new_phase=True)))
        if s.named and s.record == PLAN and not s.search:
            branches = then(branches, lambda one: self._found(one, s.named))
        return branches

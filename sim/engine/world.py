"""What a pathway may see and do: chance, placements, waits, support, records, and the note of what happened."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from itertools import accumulate, chain
from operator import attrgetter
from typing import TYPE_CHECKING

import simpy

from sim.chance.streams import Purpose, Streams
from sim.engine.budgets import BudgetKeeper
from sim.engine.case_list import CaseList
from sim.engine.casework import Casework
from sim.engine.follow import Steps, follow
from sim.engine.journal import Journal
from sim.engine.provision import Provision, Reserve
from sim.engine.pupil import NEVER, NOT_RETURNING, MainstreamSchool, Pupil, Support
from sim.engine.rules import CompiledEffect, Rules
from sim.engine.schools import Schools
from sim.parameters.schema import Later, Parameters
from sim.vocabulary import (
    PLACEMENTS,
    SUPPORTS,
    Decision,
    Happening,
    Phase,
    ProvisionKind,
    Record,
    Severity,
    WaitingClass,
    WaitOutcome,
)

_HAPPENING_CODE = {happening: code for code, happening in enumerate(Happening)}
_TUITION = (
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.DISTRICT_TEACHING,
)


class World(BudgetKeeper):
    """One run: clock, chance, provisions, schools and the pupils now in them."""

    def __init__(self, parameters: Parameters, seed: int, replication: int) -> None:
        self.parameters, self.quantities = parameters, parameters.quantities
        self.calendar = parameters.calendar()
        self.rules = Rules(parameters)
        self._in_force: Later | None = None
        super().__init__(self.rules.hazards(self.calendar.first_year))
        self.streams = Streams(seed, replication)
        self.journal = Journal()
        self._events = self.journal.rows["events"]
        self.casework = Casework()
        self.pupils: dict[int, Pupil] = {}
        self._placed: list[dict[int, Pupil]] = [{} for _ in PLACEMENTS]  # by kind of placement
        self.districts = parameters.districts
        self.provisions = [
            Provision(name, index, spec, self.env, self.journal)
            for index, (name, spec) in enumerate(parameters.provisions.items())
        ]
        self._reserve()
        self.by_name = {provision.name: provision for provision in self.provisions}
        self._by_kind = {
            (provision.kind, provision.spec.district): provision for provision in reversed(self.provisions)
        }
        self.mainstream = self.the(ProvisionKind.MAINSTREAM)
        self.schools = Schools(parameters, self.streams)
        self.other_cases: dict[tuple[int, float, int], Provision] = {}
        self.case_lists: dict[int, CaseList] = {}
        self.named_at = 0.0

    def change_to(self, parameters: Parameters) -> None:
        """Go on under parameters that differ only in what holds from now on."""
        self.parameters = parameters
        for provision in self.provisions:
            provision.spec = parameters.provisions[provision.name]

    def bring_into_force(self, day: date) -> None:
        """Bring into force the figures, rates, routes and effects that hold from a 1 September on."""
        begun = [start for start in self.parameters.later if start <= day]
        parts = self.parameters.later[max(begun)] if begun else None
        if parts is not self._in_force:
            self._in_force = parts
            self.rules = Rules(self.parameters.on(day))
            self.quantities = self.rules.parameters.quantities
            self._reserve()

    def _reserve(self) -> None:
        """Keep shares of the places for some of those who ask; vacancies are offered at the next allocation."""
        team, special = self.quantities.team, self.quantities.special
        kept = {
            ProvisionKind.DISTRICT_TEAM: (
                Reserve((WaitingClass.PREVENTIVE,), team.protected_share.value),
                Reserve((WaitingClass.TEACHING,), team.teaching_share.value),
            ),
            ProvisionKind.SPECIAL: (
                Reserve((WaitingClass.NO_EDUCATION, WaitingClass.TUITION), special.reserved_for_tutored.value),
            ),
        }
        for provision in self.provisions:
            provision.reserves = tuple(one for one in kept.get(provision.kind, ()) if one.share)

    # -- the clock ---------------------------------------------------------------------------------------------

    if TYPE_CHECKING:

        @property
        def now(self) -> float:
            """The model clock, in school days."""

    else:
        now = property(attrgetter("env.now"), doc="The model clock, in school days.")

    @property
    def academic_year(self) -> int:
        """The academic year under way, by the calendar year in which it began."""
        return self.calendar.academic_year(self.env.now)

    begin = staticmethod(follow)
    """Start a pathway now, beside the others; it ends when the pupil leaves, if it is a pupil's."""

    def pause(self, pupil: Pupil, stay: str, purpose: Purpose) -> simpy.Event:
        """Return an event after a stay; `purpose` keys its draw."""
        return self.env.at(self.after(pupil, stay, purpose), pupil.id)

    def after(self, pupil: Pupil, stay: str, purpose: Purpose) -> float:
        """Return the instant at which a stay that starts now ends; luck is drawn unless it is the same for all."""
        rule = self.rules.stays[stay]
        length = rule.mean if rule.is_fixed else rule.draw(pupil.luck.uniform(purpose))
        if rule.unit == "calendar weeks":
            return max(self.env.now, self.calendar.after_weeks(self.env.now, length))
        return self.env.now + length

    # -- chance ------------------------------------------------------------------------------------------------

    def holds(self, pupil: Pupil, purpose: Purpose, probability: float) -> bool:
        """Whether something of this probability is so, by the pupil's own luck."""
        return pupil.luck.uniform(purpose) < probability

    def decide(self, decision: Decision, pupil: Pupil, purpose: Purpose, default: str) -> str:
        """Return where a decision leads this pupil; `default` when no row of the tables covers the group."""
        uniform = pupil.luck.uniform(purpose)
        choice = self.rules.choice(
            decision, pupil.year_group, pupil.record, pupil.severity, self.districts[pupil.district]
        )
        return default if choice is None else choice.pick(uniform)

    def route_after_crisis(self, pupil: Pupil) -> str:
        """Return the route after a suspension; factors move probability from every other route to return.

        The most intensive routes lie at the top of the uniform, each scaled by the factor, so a smaller factor
        can only turn some of them into a milder one, and on the whole frees mass for return.
        """
        uniform = pupil.luck.uniform(Purpose.SUSPENSION_ROUTE)
        choice = self.rules.choice(
            Decision.SUSPENSION, pupil.year_group, pupil.record, pupil.severity, self.districts[pupil.district]
        )
        if choice is None:
            return "return"
        factor = pupil.factors[NOT_RETURNING]
        if factor != 1.0:
            uniform = max(0.0, 1.0 - (1.0 - uniform) / factor) if factor > 0.0 else 0.0
        return choice.pick(uniform)

    def name_provision(self, decision: Decision, pupil: Pupil, purpose: Purpose, besides: set[str]) -> str | None:
        """Return a provision drawn among those that admit the pupil and are not in `besides`; None if there is none."""
        choice = self.rules.choice(
            decision, pupil.year_group, pupil.record, pupil.severity, self.districts[pupil.district]
        )
        uniform = pupil.luck.uniform(purpose)
        if choice is None:
            return None
        edges = (0.0, *choice.thresholds)
        fits = [
            (name, high - low)
            for name, low, high in zip(choice.destinations, edges, choice.thresholds, strict=False)
            if name not in besides and self.by_name[name].spec.admits(pupil.year_group, pupil.sex)
        ]
        if not fits:
            return None
        sums = list(accumulate(weight for _, weight in fits))
        return fits[min(bisect_right(sums, uniform * sums[-1]), len(fits) - 1)][0]

    def draw_school(self, phase: Phase, district: int, uniform: float) -> MainstreamSchool | None:
        """Return a mainstream school by size in a district (-1 for the whole county)."""
        return self.schools.draw(phase, district, uniform)

    # -- need, record and placement ----------------------------------------------------------------------------

    def note(self, pupil: Pupil, happening: Happening, about: Provision | None = None, value: float = 0.0) -> None:
        """Write down that something happened to a pupil now."""
        self._events += (
            pupil.id,
            self.env.now,
            _HAPPENING_CODE[happening],
            -1 if about is None else about.index,
            pupil.year_group,
            pupil.record,
            value,
        )

    def set_severity(self, pupil: Pupil, severity: Severity) -> None:
        """Change how serious the need is."""
        pupil.severity = severity
        if pupil.from_school:
            self.apply_school_effects(pupil)
        self.rebase(pupil)

    def set_record(self, pupil: Pupil, record: Record) -> None:
        """Change how the need is recorded; the spell is cut, because money follows the record."""
        if record != pupil.record:
            self._close_spell(pupil, ended=True)
            pupil.record = record
            self.rebase(pupil)

    def attend(self, pupil: Pupil, school: MainstreamSchool | None) -> None:
        """Put the pupil on the roll of a mainstream school, or of none; schools differ in how readily they suspend."""
        has_moved = school is not pupil.school
        pupil.school = school
        self.set_crisis_level(pupil, pupil.frailty * (1.0 if school is None else school.propensity))
        if has_moved and pupil.provision is not None:
            self._write_enrolment(pupil)
            self.apply_school_effects(pupil)

    def _write_enrolment(self, pupil: Pupil) -> None:
        school = -1 if pupil.school is None else pupil.school.index
        self.journal.rows["enrolments"].extend((pupil.id, school, self.env.now))

    def apply_school_effects(self, pupil: Pupil) -> None:
        """Put in force what the pupil's school gives while the pupil is there, and lift what no longer holds."""
        school, provision = pupil.school, pupil.provision
        is_there = provision is not None and provision.is_mainstream
        gives = school.gives if is_there and school is not None else ()
        given = pupil.from_school
        if not gives and not given:
            return
        pupil.from_school = gives
        kept = {(effect.name, effect.kind) for effect in gives}
        for effect in given:
            if (effect.name, effect.kind) not in kept:
                self.lift(pupil, effect.name)
        for effect in gives:
            factor, made = effect.factor(pupil.severity, pupil.year_group), pupil.influences.get(effect.name)
            if made is None or made.factor != factor:
                self.influence(pupil, effect.name, effect.kind, factor)

    def find(self, kind: ProvisionKind, pupil: Pupil) -> Provision | None:
        """Return the provision of a kind that serves the pupil's district, or the county; None if there is none."""
        return self._by_kind.get((kind, self.districts[pupil.district])) or self._by_kind.get((kind, "any"))

    def the(self, kind: ProvisionKind) -> Provision:
        """Return the county's one provision of a kind."""
        return self._by_kind[kind, "any"]

    def pupils_in(self, kinds: Iterable[ProvisionKind]) -> Iterator[Pupil]:
        """Return the pupils now in placements of these kinds, in order of kind and of coming there."""
        return chain.from_iterable(self._placed[PLACEMENTS.index(kind)].values() for kind in kinds)

    def place(self, pupil: Pupil, provision: Provision, is_offered: bool = False) -> None:
        """Change the placement: the old place is freed at once. `is_offered` says the new place is already held."""
        if provision is pupil.provision:
            return
        if not is_offered:
            provision.admit()
        old = pupil.provision
        if old is not None:
            self._close_spell(pupil, ended=True)
            del self._placed[old.kind_index][pupil.id]
        else:
            self._write_enrolment(pupil)
        self._placed[provision.kind_index][pupil.id] = pupil
        pupil.provision, pupil.spell_start = provision, self.env.now
        pupil.stay += 1
        self._end_what_goes_with_the_stay(pupil, old, provision)
        self.apply_school_effects(pupil)
        if old is not None:
            old.release()
        for waiting in pupil.waits:
            if waiting.provision.is_placement:
                waiting.provision.rerank(waiting, self.waiting_class(pupil))
        self.rebase(pupil)

    def _end_what_goes_with_the_stay(self, pupil: Pupil, old: Provision | None, new: Provision) -> None:
        """End support outside the pupil's own school, waits first, lest a freed place be offered to who leaves it."""
        is_from_teaching = old is not None and old.is_district_teaching
        if is_from_teaching or not new.is_mainstream:
            self.end_waits(pupil, *SUPPORTS)
            self.end_supports(pupil)
        if pupil.influences:
            for name in [n for n, made in pupil.influences.items() if made.while_in and new.kind not in made.while_in]:
                self.lift(pupil, name)

    def _close_spell(self, pupil: Pupil, ended: bool) -> None:
        if pupil.provision is not None and (self.env.now > pupil.spell_start or not ended):
            self.journal.rows["spells"].extend(
                (pupil.id, pupil.provision.index, pupil.record, pupil.spell_start, self.env.now, ended)
            )
        pupil.spell_start = self.env.now

    def leave(self, pupil: Pupil, happening: Happening) -> None:
        """Take a pupil off every roll and list for good."""
        self.note(pupil, happening, pupil.provision)
        self.end_waits(pupil)
        self.end_supports(pupil)
        self._close_spell(pupil, ended=True)
        if pupil.provision is not None:
            del self._placed[pupil.provision.kind_index][pupil.id]
            pupil.provision.release()
        pupil.has_left = True
        if pupil.alarm is not None:
            pupil.alarm.callbacks, pupil.alarm = [], None
        self._record_pupil(pupil, self.env.now)
        del self.pupils[pupil.id]

    def _record_pupil(self, pupil: Pupil, left: float) -> None:
        self.journal.rows["pupils"].extend(
            (
                pupil.id,
                pupil.cohort,
                pupil.onset_year_group,
                pupil.number,
                pupil.sex == "male",
                pupil.district,
                pupil.onset,
                left,
            )
        )

    # -- waiting and support -----------------------------------------------------------------------------------

    @staticmethod
    def waiting_class(pupil: Pupil) -> int:
        """Class on a waiting list for a placement: no education first, then tuition, then the others."""
        if pupil.kind is ProvisionKind.NO_EDUCATION:
            return WaitingClass.NO_EDUCATION
        return WaitingClass.TUITION if pupil.kind in _TUITION else WaitingClass.OTHER

    def wait(
        self, pupil: Pupil, provision: Provision, rank: int, until: float = NEVER, order: float | None = None
    ) -> simpy.Event:
        """Put the pupil on a waiting list; the event's value says how the wait ended (a WaitOutcome)."""
        waiting = provision.wait(pupil.id, rank, order)
        if waiting.is_open:
            pupil.waits = [w for w in pupil.waits if w.is_open]
            pupil.waits.append(waiting)
            if until < NEVER:
                self.call_at(pupil, until, lambda: provision.close(waiting, WaitOutcome.DEADLINE))
        return waiting.decided

    def end_waits(self, pupil: Pupil, *kinds: ProvisionKind) -> None:
        """Withdraw the pupil from the waiting lists of these kinds of provision (all, if none is named)."""
        if pupil.waits:
            for waiting in pupil.waits:
                if not kinds or waiting.provision.kind in kinds:
                    waiting.provision.close(waiting, WaitOutcome.CASE_CHANGED)
            pupil.waits = [w for w in pupil.waits if w.is_open]

    @staticmethod
    def has_support(pupil: Pupil, kind: ProvisionKind) -> bool:
        """Whether the pupil has support of a kind now; there is one of a kind at most."""
        return any(support.provision.kind is kind for support in pupil.supports)

    def start_support(self, pupil: Pupil, provision: Provision, is_crisis: bool = False) -> Support:
        """Start a spell of support on a place already held, with its effects."""
        support = Support(provision, self.env.now, is_crisis)
        pupil.supports.append(support)
        for effect in self.rules.effects.get(provision.kind, ()):
            if not effect.comes_with(support):
                continue
            if effect.lag == 0.0:
                self._start_effect(pupil, effect)
            else:
                self.call_at(pupil, self.env.now + effect.lag, partial(self._start_effect, pupil, effect, support))
        return support

    def _start_effect(self, pupil: Pupil, effect: CompiledEffect, support: Support | None = None) -> None:
        if support is None or support.is_open:
            self.influence(pupil, effect.name, effect.kind, effect.factor(pupil.severity, pupil.year_group))

    def end_support(self, pupil: Pupil, support: Support) -> None:
        """End a spell of support, free its place, and let its effects fade as the registry says."""
        if not support.is_open:
            return
        support.is_open = False
        pupil.supports.remove(support)
        self._write_support(pupil.id, support, ended=True)
        for effect in self.rules.effects.get(support.provision.kind, ()):
            if effect.comes_with(support):
                self._fade(pupil, effect)
        support.provision.release(support.rank)

    def _fade(self, pupil: Pupil, effect: CompiledEffect) -> None:
        """Full effect for `full` days, halfway to none for `half` days, then none."""
        made = pupil.influences.get(effect.name)
        if made is None:
            return

        def halve() -> None:
            if pupil.influences.get(effect.name) is made:
                until = self.env.now + effect.half
                self.influence_for(pupil, effect.name, effect.kind, 1.0 - (1.0 - made.factor) / 2.0, until)

        self.call_at(pupil, self.env.now + effect.full, halve)

    def end_supports(self, pupil: Pupil, *kinds: ProvisionKind) -> None:
        """End the support of these kinds of provision (all, if none is named), as on leaving the school."""
        for support in tuple(pupil.supports):
            if not kinds or support.provision.kind in kinds:
                self.end_support(pupil, support)

    def _write_support(self, pupil_id: int, support: Support, ended: bool) -> None:
        self.journal.rows["supports"].extend(
            (pupil_id, support.provision.index, support.is_crisis, support.start, self.env.now, ended)
        )

    def start_other_case(self, provision: Provision, number: int) -> tuple[int, float, int]:
        """Let another need's case use a place it has been offered; return the key that ends it."""
        key = (provision.index, self.env.now, number)
        self.other_cases[key] = provision
        return key

    def end_other_case(self, key: tuple[int, float, int]) -> None:
        """Record another need's case and free its place."""
        provision = self.other_cases.pop(key)
        self._write_support(-1, Support(provision, key[1], False), ended=True)
        provision.release(WaitingClass.PREVENTIVE)

    # -- the end -----------------------------------------------------------------------------------------------

    def close(self) -> Journal:
        """Write down everything that is still under way, as cut off by the horizon, and return the journal.

        Nobody stays in the run: the pathways cut off are tidied up whenever Python collects them, and drawing
        luck at that moment, inside another run, would call NumPy where that is not safe.
        """
        for provision in self.provisions:
            for waiting in provision.open_waits():
                provision.censor(waiting)
        for key, provision in sorted(self.other_cases.items(), key=lambda item: item[0]):
            self._write_support(-1, Support(provision, key[1], False), ended=False)
        for _, pupil in sorted(self.pupils.items()):
            for support in pupil.supports:
                self._write_support(pupil.id, support, ended=False)
            self._close_spell(pupil, ended=False)
            self._record_pupil(pupil, self.env.now)
            pupil.has_left = True
        return self.journal

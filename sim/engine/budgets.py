"""Competing events by random time change: each pupil holds one unit-exponential budget per kind of event.

The hazard in force spends the budget; the event happens when it is spent, and the next occasion gets a fresh
one. On a change of state only the kinds whose hazard changed are touched, because spending a budget in two
pieces rounds differently from spending it in one, and a lever that does nothing must change nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import simpy

from sim.engine.environment import Environment
from sim.engine.hazard_row import Change
from sim.engine.pupil import KIND_INDEX, KINDS, NEVER, NOT_RETURNING, NOWHERE, SPENT, Influence, Pupil
from sim.engine.rules import HazardTable
from sim.vocabulary import EventKind, ProvisionKind

_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]


class BudgetKeeper:
    """Keeps the budgets of the pupils of one run; `hazards` is the table in force."""

    def __init__(self, hazards: HazardTable) -> None:
        self.env = Environment()
        self.hazards = hazards

    def next_event(self, pupil: Pupil) -> simpy.Event:
        """Return the event that happens when the first of the pupil's budgets is spent, or earlier for nothing."""
        pupil.alarm_at = due = min(pupil.due)
        pupil.alarm = event = self.env.at(due if due < pupil.leaves_at else NEVER, pupil.id)
        return event

    def spent(self, pupil: Pupil) -> EventKind | None:
        """Return the kind whose budget is now spent, cleared for its next occasion; None if the alarm was early."""
        pupil.alarm = None
        due, now = pupil.due, self.env.now
        first = now if now in due else min(due)
        if first > now:
            return None
        kind = due.index(first)
        due[kind], pupil.left[kind], pupil.just_spent = NEVER, SPENT, kind
        return KINDS[kind]

    def rebase(self, pupil: Pupil) -> None:
        """Let the hazards of the pupil's present state spend the budgets from now on.

        What is left of a budget is the time to its due instant times the hazard, so a new hazard stretches that
        time by old over new; a budget whose hazard is zero keeps what is left, and is never due.
        """
        provision = pupil.provision
        if pupil.has_left or provision is None:
            return
        row = self.hazards[provision.kind_index][pupil.year_group][pupil.record][pupil.severity]
        before = pupil.row
        if row is not before:
            pupil.row = row
            if before is NOWHERE:
                self._spend(pupil, row.active)
            else:
                self._change(pupil, row.change_from(before))
        elif pupil.just_spent is None:
            return
        if pupil.just_spent is not None:
            kind, pupil.just_spent = pupil.just_spent, None
            if row.rates[kind] > 0.0 and pupil.due[kind] == NEVER:
                self._spend(pupil, ((kind, row.rates[kind]),))
        alarm = pupil.alarm
        if alarm is not None and min(pupil.due) < pupil.alarm_at:
            self._ring_earlier(pupil, alarm)

    def _change(self, pupil: Pupil, change: Change) -> None:
        now, due = self.env.now, pupil.due
        for kind, stretch in change.going_on:
            due[kind] = now + (due[kind] - now) * stretch
        for kind, rate in change.stopping:
            if due[kind] < NEVER:
                pupil.left[kind], due[kind] = (due[kind] - now) * (rate * pupil.factors[kind]), NEVER
        if change.starting:
            self._spend(pupil, change.starting)

    def _spend(self, pupil: Pupil, kinds: tuple[tuple[int, float], ...]) -> None:
        """Begin to spend budgets that were not being spent; one that is used up is drawn again."""
        now, due, left, factors = self.env.now, pupil.due, pupil.left, pupil.factors
        for kind, rate in kinds:
            hazard = rate * factors[kind]
            if hazard > 0.0:
                if left[kind] < 0.0:
                    left[kind] = pupil.luck.later_budget(kind)
                due[kind] = now + left[kind] / hazard

    def _ring_earlier(self, pupil: Pupil, old: simpy.Event) -> None:
        """Move whoever waits for the pupil's next event to an earlier alarm; the old one rings for nobody."""
        new = self.next_event(pupil)
        new.callbacks, old.callbacks = old.callbacks, []

    def set_crisis_level(self, pupil: Pupil, level: float) -> None:
        """Let the product of frailty and school propensity, which every crisis hazard carries, be this from now on."""
        pupil.crisis_level = level
        self._refactor(pupil, _SUSPENSION)

    def influence(
        self, pupil: Pupil, name: str, kind: int, factor: float, while_in: tuple[ProvisionKind, ...] = ()
    ) -> Influence:
        """Put a factor in force on one kind of event; a factor of the same name is replaced.

        `while_in` names the kinds of placement outside which it ends.
        """
        influences = pupil.influences
        is_out_of_order = name not in influences and influences and name < next(reversed(influences))
        made = influences[name] = Influence(kind, factor, while_in)
        if is_out_of_order:
            pupil.influences = dict(sorted(influences.items()))
        self._refactor(pupil, kind)
        return made

    def influence_for(self, pupil: Pupil, name: str, kind: int, factor: float, until: float) -> None:
        """Put a factor in force until an instant, unless another of the same name replaces it before."""
        made = self.influence(pupil, name, kind, factor)

        def lift_if_in_force(_event: simpy.Event) -> None:
            if not pupil.has_left and pupil.influences.get(name) is made:
                self.lift(pupil, name)

        self.env.at(until, pupil.id).callbacks.append(lift_if_in_force)

    def lift(self, pupil: Pupil, name: str) -> None:
        """End a factor, if it is in force."""
        gone = pupil.influences.pop(name, None)
        if gone is not None:
            self._refactor(pupil, gone.kind)

    def _refactor(self, pupil: Pupil, kind: int) -> None:
        """Multiply the factors in force on one kind, in name order, onto the pupil's own level."""
        factor = pupil.crisis_level if kind == _SUSPENSION else 1.0
        for made in pupil.influences.values():
            if made.kind == kind:
                factor *= made.factor
        was = pupil.factors[kind]
        if factor != was:
            pupil.factors[kind] = factor
            if kind != NOT_RETURNING and pupil.row.rates[kind] > 0.0 and not pupil.has_left:
                self._stretch(pupil, kind, was, factor)

    def _stretch(self, pupil: Pupil, kind: int, was: float, factor: float) -> None:
        """Let a new factor on one kind count from now on."""
        now, due, rate = self.env.now, pupil.due, pupil.row.rates[kind]
        if due[kind] == NEVER:
            if pupil.just_spent != kind:
                self._spend(pupil, ((kind, rate),))
        elif factor > 0.0:
            due[kind] = now + (due[kind] - now) * (was / factor)
        else:
            pupil.left[kind], due[kind] = (due[kind] - now) * (rate * was), NEVER
        alarm = pupil.alarm
        if alarm is not None and due[kind] < pupil.alarm_at:
            self._ring_earlier(pupil, alarm)

    def call_at(self, pupil: Pupil, instant: float, call: Callable[[], None]) -> None:
        """Call something at an instant, unless the pupil has left by then."""
        self.env.at(instant, pupil.id).callbacks.append(lambda _event: None if pupil.has_left else call())

"""Competing events by random time change: each pupil holds one unit-exponential budget per kind of event.

The hazard in force spends the budget; the event happens when it is spent, and the next occasion gets a fresh
one. On a change of state only the kinds whose hazard changed are touched, because spending a budget in two
pieces rounds differently from spending it in one, and a lever that does nothing must change nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import simpy

from sim.engine.environment import Environment, Instant
from sim.engine.pupil import KIND_INDEX, KINDS, NEVER, NOT_RETURNING, NOWHERE, SPENT, Influence, Pupil
from sim.engine.hazard_row import HazardRow
from sim.engine.rules import HazardTable
from sim.vocabulary import EventKind

_SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]


class BudgetKeeper:
    """Keeps the budgets of the pupils of one run; `hazards` is the table in force."""

    def __init__(self, hazards: HazardTable) -> None:
        self.env = Environment()
        self.hazards = hazards

    def next_event(self, pupil: Pupil) -> simpy.Event:
        """Return the event that happens when the first of the pupil's budgets is spent, or earlier for nothing."""
        pupil.alarm = event = Instant()
        pupil.alarm_at = due = min(pupil.due)
        if due < pupil.leaves_at:
            self.env.put(event, due, pupil.id)
        return event

    def spent(self, pupil: Pupil) -> EventKind | None:
        """Return the kind whose budget is now spent, cleared for its next occasion; None if the alarm was early."""
        pupil.alarm = None
        first = min(pupil.due)
        if first > self.env.now:
            return None
        kind = pupil.due.index(first)
        pupil.hazards[kind], pupil.left[kind], pupil.due[kind] = 0.0, SPENT, NEVER
        pupil.just_spent = (kind,)
        return KINDS[kind]

    def rebase(self, pupil: Pupil) -> None:
        """Let the hazards of the pupil's present state spend the budgets from now on."""
        provision = pupil.provision
        if pupil.has_left or provision is None:
            return
        row = self.hazards[provision.kind_index][pupil.year_group][pupil.record][pupil.severity]
        before, kinds = pupil.row, pupil.just_spent
        if row is not before:
            pupil.row = row
            if before is NOWHERE:
                self._start(pupil, row)
                return
            kinds = row.differences_from(before) + kinds
        if kinds:
            pupil.just_spent = ()
            self._touch(pupil, kinds)

    def _start(self, pupil: Pupil, row: HazardRow) -> None:
        """Begin to spend the budgets of a pupil who has just joined, in whom nothing has been spent yet."""
        now = self.env.now
        pupil.hazards = hazards = [rate * factor for rate, factor in zip(row.rates, pupil.factors, strict=False)]
        pupil.due = [now + left / rate if rate else NEVER for left, rate in zip(pupil.left, hazards, strict=True)]

    def _touch(self, pupil: Pupil, kinds: tuple[int, ...]) -> None:
        """Put new hazards in force; what is left of a budget is the time to its due instant times the hazard."""
        rates, factors, hazards, due = pupil.row.rates, pupil.factors, pupil.hazards, pupil.due
        now = self.env.now
        for kind in kinds:
            hazard, was = rates[kind] * factors[kind], hazards[kind]
            if hazard != was:
                hazards[kind] = hazard
                left = (due[kind] - now) * was if was else pupil.left[kind]
                if left < 0.0:
                    left = pupil.luck.later_budget(kind)
                if hazard:
                    due[kind] = now + left / hazard
                else:
                    due[kind], pupil.left[kind] = NEVER, left
        alarm = pupil.alarm
        if alarm is not None and min(due) < pupil.alarm_at:
            self._ring_earlier(pupil, alarm)

    def _ring_earlier(self, pupil: Pupil, old: simpy.Event) -> None:
        """Move whoever waits for the pupil's next event to an earlier alarm; the old one rings for nobody."""
        pupil.alarm = new = Instant()
        new.callbacks, old.callbacks = old.callbacks, []
        pupil.alarm_at = due = min(pupil.due)
        if due < pupil.leaves_at:
            self.env.put(new, due, pupil.id)

    def set_crisis_level(self, pupil: Pupil, level: float) -> None:
        """Let the product of frailty and school propensity, which every crisis hazard carries, be this from now on."""
        pupil.crisis_level = level
        if pupil.influences:
            self._refactor(pupil, _SUSPENSION)
        elif pupil.factors[_SUSPENSION] != level:
            pupil.factors[_SUSPENSION] = level
            if pupil.row is not NOWHERE:
                self._touch(pupil, (_SUSPENSION,))

    def influence(self, pupil: Pupil, name: str, kind: int, factor: float) -> Influence:
        """Put a factor in force on one kind of event; a factor of the same name is replaced."""
        made = pupil.influences[name] = Influence(kind, factor)
        self._refactor(pupil, kind)
        return made

    def influence_for(self, pupil: Pupil, name: str, kind: int, factor: float, until: float) -> None:
        """Put a factor in force until an instant, unless another of the same name replaces it before."""
        made = self.influence(pupil, name, kind, factor)

        def lift_if_in_force() -> None:
            if pupil.influences.get(name) is made:
                self.lift(pupil, name)

        self.call_at(pupil, until, lift_if_in_force)

    def lift(self, pupil: Pupil, name: str) -> None:
        """End a factor, if it is in force."""
        gone = pupil.influences.pop(name, None)
        if gone is not None:
            self._refactor(pupil, gone.kind)

    def _refactor(self, pupil: Pupil, kind: int) -> None:
        """Multiply the factors in force on one kind, in name order, onto the pupil's own level."""
        factor, influences = pupil.crisis_level if kind == _SUSPENSION else 1.0, pupil.influences
        for name in sorted(influences) if len(influences) > 1 else influences:
            if influences[name].kind == kind:
                factor *= influences[name].factor
        if pupil.factors[kind] != factor:
            pupil.factors[kind] = factor
            if kind != NOT_RETURNING and not pupil.has_left:
                self._touch(pupil, (kind,))

    def call_at(self, pupil: Pupil, instant: float, call: Callable[[], None]) -> None:
        """Call something at an instant, unless the pupil has left by then."""
        event = self.env.at(instant, pupil.id)
        if event.callbacks is not None:
            event.callbacks.append(lambda _event: None if pupil.has_left else call())

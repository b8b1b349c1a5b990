"""Waits for a place, and support beside the placement with the effects that come with it."""

from __future__ import annotations

from functools import partial

import simpy

from sim.engine.decisions import Decisions
from sim.engine.provision import Provision
from sim.engine.pupil import NEVER, Pupil, Support
from sim.engine.rules import CompiledEffect
from sim.vocabulary import ProvisionKind, WaitingClass, WaitOutcome

_TUITION = (
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.DISTRICT_TEACHING,
)


class Services(Decisions):
    """What pupils, and the cases of other needs, ask of provisions besides a placement."""

    # -- waiting -----------------------------------------------------------------------------------------------

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

    # -- support -----------------------------------------------------------------------------------------------

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

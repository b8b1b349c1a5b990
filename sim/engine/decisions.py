"""What the luck of a pupil decides: how long something lasts, whether it is so, and where it leads."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

import simpy

from sim.chance.streams import Purpose
from sim.engine.pupil import NOT_RETURNING, MainstreamSchool, Pupil
from sim.engine.setting import Setting
from sim.vocabulary import Decision, Phase


class Decisions(Setting):
    """Stays, chances and routes by the rules in force; each draw is the pupil's own."""

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

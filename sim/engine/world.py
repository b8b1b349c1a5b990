"""What a pathway may see and do; here the pupils themselves: need, record, school, placement, and leaving."""

from __future__ import annotations

from sim.engine.follow import follow
from sim.engine.journal import Journal
from sim.engine.provision import Provision
from sim.engine.pupil import MainstreamSchool, Pupil, Support
from sim.engine.services import Services
from sim.vocabulary import SUPPORTS, Happening, Record, Severity


class World(Services):
    """One run, as pathways meet it.

    It stands on layers, each a class that knows those below it: budgets of chance, the setting, decisions of luck,
    waits and support.
    """

    begin = staticmethod(follow)
    """Start a pathway now, beside the others; it ends when the pupil leaves, if it is a pupil's."""

    # -- need, record and school -------------------------------------------------------------------------------

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

    # -- placement ---------------------------------------------------------------------------------------------

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

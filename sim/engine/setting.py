"""What a run stands on: its clock, the rules in force, provisions, schools and the journal of what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from sim.chance.streams import Streams
from sim.engine.budgets import BudgetKeeper
from sim.engine.case_list import CaseList
from sim.engine.casework import Casework
from sim.engine.journal import Journal
from sim.engine.provision import Provision, Reserve
from sim.engine.pupil import Pupil
from sim.engine.rules import Rules
from sim.engine.schools import Schools
from sim.parameters.schema import Later, Parameters
from sim.vocabulary import PLACEMENTS, Happening, ProvisionKind, WaitingClass

_HAPPENING_CODE = {happening: code for code, happening in enumerate(Happening)}


class Setting(BudgetKeeper):
    """The county of one run, and the pupils now in it."""

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

    def find(self, kind: ProvisionKind, pupil: Pupil) -> Provision | None:
        """Return the provision of a kind that serves the pupil's district, or the county; None if there is none."""
        return self._by_kind.get((kind, self.districts[pupil.district])) or self._by_kind.get((kind, "any"))

    def the(self, kind: ProvisionKind) -> Provision:
        """Return the county's one provision of a kind."""
        return self._by_kind[kind, "any"]

    def pupils_in(self, kinds: Iterable[ProvisionKind]) -> Iterator[Pupil]:
        """Return the pupils now in placements of these kinds, in order of kind and of coming there."""
        return chain.from_iterable(self._placed[PLACEMENTS.index(kind)].values() for kind in kinds)

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

"""Places, the roll that fills them, and a ranked waiting list. The place is modelled, not the server."""

from __future__ import annotations

from heapq import heappop, heappush
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from simpy.events import PENDING

from sim.parameters.schema import ProvisionSpec
from sim.vocabulary import PLACEMENTS, ProvisionKind, WaitingClass, WaitOutcome

if TYPE_CHECKING:
    from sim.engine.environment import Environment, Instant
    from sim.engine.journal import Journal

OUTCOME_CODE = {outcome: code for code, outcome in enumerate(WaitOutcome)}
_ROUNDING = 1e-9


class Wait:
    """One wait for a place: `decided` happens with a WaitOutcome as its value."""

    __slots__ = ("decided", "order", "provision", "pupil_id", "rank", "since")

    def __init__(
        self, provision: Provision, pupil_id: int, rank: int, since: float, order: float, decided: Instant
    ) -> None:
        self.provision, self.pupil_id, self.rank = provision, pupil_id, rank
        self.since, self.order, self.decided = since, order, decided

    @property
    def is_open(self) -> bool:
        """Whether the wait has not ended yet."""
        return self.decided._value is PENDING  # what SimPy's `triggered` asks, without one more call


class Reserve(NamedTuple):
    """A share of the places, rounded down, kept for some classes: what they leave of it is closed to the others.

    Pupils in a placement are of no class any more, so there the reserve is of vacancies.
    """

    classes: tuple[WaitingClass, ...]
    share: float


class Provision:
    """One provision during a run.

    `usable` is the number of places that can be filled now, None for no limit. The waiting list is one heap per
    class, ordered by the date from which the pupil counts as waiting, then by pupil; closed or re-ranked
    entries are skipped when they come up. `reserves` may change at any time; district teams count who holds a
    slot by class. Of a devolved budget, `charged` is what has been charged since 1 September, `owed` what places are
    still to be withdrawn for, and `withdrawn` what is not spent on places now, a year; all in pounds at a
    price index of one.
    """

    def __init__(self, name: str, index: int, spec: ProvisionSpec, env: Environment, journal: Journal) -> None:
        self.name, self.index, self.spec = name, index, spec
        self.kind = spec.kind
        self.kind_index = tuple(ProvisionKind).index(spec.kind)
        self.is_placement = spec.kind in PLACEMENTS
        self.is_mainstream = spec.kind is ProvisionKind.MAINSTREAM
        self.is_district_teaching = spec.kind is ProvisionKind.DISTRICT_TEACHING
        self.usable: int | None = None
        self.roll = 0
        self.roll_by_class: dict[int, int] | None = {} if spec.kind is ProvisionKind.DISTRICT_TEAM else None
        self.reserves: tuple[Reserve, ...] = ()
        self.charged = self.withdrawn = self.owed = 0.0
        self.is_held = False
        self._env, self._journal, self._waits = env, journal, journal.rows["waits"]
        self._lists: dict[int, list[tuple[float, int, int, Wait]]] = {}  # by class, best first
        self._entries = 0

    @property
    def is_open(self) -> bool:
        """Whether there is any place at all, taken or free."""
        return self.usable is None or self.usable > 0

    def has_vacancy(self, rank: int = 0) -> bool:
        """Whether a pupil of this class could be admitted now."""
        if self.usable is None:
            return True
        closed = self._kept_from(rank, self.usable) if self.reserves else 0
        return self.roll + closed < self.usable

    def _kept_from(self, rank: int, usable: int) -> int:
        """Return the vacancies kept for other classes than this."""
        held = self.roll_by_class or {}
        kept = (
            floor(reserve.share * usable + _ROUNDING) - sum(held.get(one, 0) for one in reserve.classes)
            for reserve in self.reserves
            if rank not in reserve.classes
        )
        return sum(vacancies for vacancies in kept if vacancies > 0)

    def admit(self, rank: int = 0) -> None:
        """Add one to the roll; the caller has seen a vacancy or the provision is unlimited."""
        self.roll += 1
        if self.roll_by_class is not None:
            self.roll_by_class[rank] = self.roll_by_class.get(rank, 0) + 1

    def release(self, rank: int = 0) -> None:
        """Take one off the roll and offer the vacancy."""
        self.roll -= 1
        if self.roll_by_class is not None:
            self.roll_by_class[rank] -= 1
        self.allocate()

    def fund(self, usable: int | None) -> None:
        """Change the number of usable places; nobody is sent away when it falls."""
        self.usable = usable
        self._journal.rows["places"].extend((self.index, self._env.now, -1 if usable is None else usable))
        self.allocate()

    def wait(self, pupil_id: int, rank: int, order: float | None = None) -> Wait:
        """Put a pupil on the waiting list; a free place is offered at once.

        `order` is the date that ranks the pupil within the class, when it is not today.
        """
        now = self._env.now
        waiting = Wait(self, pupil_id, rank, now, now if order is None else order, self._env.undecided())
        if self.has_vacancy(rank) and not self.is_held and not any(self._lists.values()):
            self._offer(waiting)  # alone on the list, this wait would be the one that is taken off it
        else:
            self._enter(waiting)
            self.allocate()
        return waiting

    def rerank(self, waiting: Wait, rank: int) -> None:
        """Move a wait to another class; its date stays."""
        if waiting.rank != rank and waiting.is_open:
            waiting.rank = rank
            self._enter(waiting)
            self.allocate()

    def close(self, waiting: Wait, outcome: WaitOutcome) -> None:
        """End an open wait without a place."""
        if waiting.is_open:
            self._record(waiting, outcome)
            self._env.decide(waiting.decided, outcome)

    def allocate(self) -> None:
        """Offer vacancies, best class first, longest waiting first within a class."""
        if self.is_held or (self.usable is not None and self.roll >= self.usable):
            return
        for rank, heap in self._lists.items():
            while heap and self.has_vacancy(rank):
                waiting = heappop(heap)[-1]
                if waiting.is_open and waiting.rank == rank:
                    self._offer(waiting)

    def _offer(self, waiting: Wait) -> None:
        self.admit(waiting.rank)
        self._record(waiting, WaitOutcome.OFFERED)
        self._env.decide(waiting.decided, WaitOutcome.OFFERED)

    def open_waits(self) -> list[Wait]:
        """Return the waits not yet ended, by pupil."""
        found = {id(entry[-1]): entry[-1] for heap in self._lists.values() for entry in heap if entry[-1].is_open}
        return sorted(found.values(), key=lambda w: (w.pupil_id, w.since))

    def censor(self, waiting: Wait) -> None:
        """Record a wait that the horizon cuts off."""
        self._record(waiting, WaitOutcome.CENSORED)

    def _enter(self, waiting: Wait) -> None:
        self._entries += 1
        entry = (waiting.order, waiting.pupil_id, self._entries, waiting)
        if waiting.rank not in self._lists:
            self._lists = dict(sorted({**self._lists, waiting.rank: []}.items()))
        heappush(self._lists[waiting.rank], entry)

    def _record(self, waiting: Wait, outcome: WaitOutcome) -> None:
        row = (waiting.pupil_id, self.index, waiting.rank, waiting.since, self._env.now, OUTCOME_CODE[outcome])
        self._waits += row

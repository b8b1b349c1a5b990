"""Keyed luck: every uniform belongs to (root seed, replication, pupil, purpose, occasion), never to call order.

Pupils of one cell (cohort, year group of onset) share a Philox stream. Its block has one row per pupil, so one
more pupil adds a row and moves nobody; the row has a fixed width with room to spare, so a new purpose placed at
the end moves nothing either. A pupil who uses up the stored occasions of a purpose gets a stream for the rest.
"""

from __future__ import annotations

from enum import IntEnum
from math import log1p
from typing import cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sim.vocabulary import EventKind

ROW_WIDTH = 384
_WORD_BITS, _POOL_BITS = 32, 128
_WORD = (1 << _WORD_BITS) - 1
_LATER_BLOCK = 16
_OCCASIONS = 4
_MANY_OCCASIONS = 16


class Purpose(IntEnum):
    """What a uniform is for. Append only; then give it a number of stored occasions below."""

    SEX = 0
    FRAILTY = 1
    PRIMARY_SCHOOL = 2
    SECONDARY_SCHOOL = 3
    ONSET_TIME = 4
    ONSET_SEVERITY = 5
    RECORDED_AT_ONSET = 6
    CRISIS_IDENTIFIES = 7
    DAYS_OUT = 8
    CRISIS_REFERRED = 9
    RESPITE_ABSORBS = 10
    SUSPENSION_ROUTE = 11
    AP_FULL_ROUTE = 12
    SUPPORT_ROUTE = 13
    SUPPORT_LENGTH = 14
    TRIAL_LENGTH = 15
    TRIAL_SUCCEEDS = 16
    NEW_SCHOOL = 17
    FAIR_ACCESS_ROUTE = 18
    FAIR_ACCESS_DELAY = 19
    TUITION_START = 20
    TUITION_PLACE_SOUGHT = 21
    REQUEST_REFUSED = 22
    REFUSAL_OVERTURNED = 23
    PLAN_AFTER_ASSESSMENT = 24
    TOUCH_TIME = 25
    REQUEST_REPEATED = 26
    REPEAT_DELAY = 27
    PLAN_ISSUED_ROUTE = 28
    REVIEW_ROUTE = 29
    TRANSFER_ROUTE = 30
    SPECIAL_NAMED = 31
    SPECIAL_REFUSES = 32
    SPECIAL_DEADLINE = 33
    INDEPENDENT_NAMED = 34
    REINTEGRATION_SUCCEEDS = 35
    CONSULTATION = 36
    PANEL_DECIDES = 37
    AP_ASSESSED = 38
    ASSESSMENT_FINDS_NEED = 39
    TUITION_REVIEWED = 40
    TUITION_REVIEW_ROUTE = 41
    PARTNERSHIP_TAKES = 42
    DISTRICT_TEACHES = 43
    DECISION_WINDOW = 44
    AFTER_CRISIS = 45
    AFTER_PHASE_TRANSFER = 46
    AFTER_AP = 47
    SIXTH_DAY = 48
    TUITION_TERM = 49
    TUITION_REVIEW_WAIT = 50
    EHC_DECISION = 51
    ANNUAL_REVIEW = 52
    SUPPORT_WAIT = 53
    AP_WAIT = 54
    PANEL_FOLLOWS = 55


BUDGETS = 200
"""Purpose number of the first event kind's budget; the kinds follow in their own order."""

_AT_ONCE = (
    Purpose.SEX,
    Purpose.FRAILTY,
    Purpose.PRIMARY_SCHOOL,
    Purpose.SECONDARY_SCHOOL,
    Purpose.ONSET_TIME,
    Purpose.ONSET_SEVERITY,
    Purpose.RECORDED_AT_ONSET,
)
_OFTEN = (
    Purpose.DAYS_OUT,
    Purpose.CRISIS_IDENTIFIES,
    Purpose.CRISIS_REFERRED,
    Purpose.RESPITE_ABSORBS,
    Purpose.SUSPENSION_ROUTE,
    Purpose.REVIEW_ROUTE,
    BUDGETS + list(EventKind).index(EventKind.SUSPENSION),
)
_SAME_FOR_EVERYBODY = (
    Purpose.DECISION_WINDOW,
    Purpose.AFTER_CRISIS,
    Purpose.AFTER_PHASE_TRANSFER,
    Purpose.AFTER_AP,
    Purpose.SIXTH_DAY,
    Purpose.TUITION_TERM,
    Purpose.TUITION_REVIEW_WAIT,
    Purpose.EHC_DECISION,
    Purpose.ANNUAL_REVIEW,
    Purpose.SUPPORT_WAIT,
    Purpose.AP_WAIT,
    Purpose.PANEL_FOLLOWS,
)
"""Stays that counties fix, so nothing is stored for them; one that varies draws from the stream for the rest."""

_STORED = dict.fromkeys(_AT_ONCE, 1) | dict.fromkeys(_OFTEN, _MANY_OCCASIONS) | dict.fromkeys(_SAME_FOR_EVERYBODY, 0)
_BUDGET_ROOM = 128
_IN_USE = (*Purpose, *range(BUDGETS, BUDGETS + len(EventKind)))
STORED = tuple(_STORED.get(purpose, _OCCASIONS) if purpose in _IN_USE else 0 for purpose in range(_IN_USE[-1] + 1))
_OFFSETS = tuple(
    sum(STORED[BUDGETS:purpose]) if purpose >= BUDGETS else _BUDGET_ROOM + sum(STORED[:purpose])
    for purpose in range(len(STORED))
)
"""Budgets come first in a row, in room of their own, so that a purpose added at the end moves nothing."""
_FIRST_BUDGETS = [_OFFSETS[BUDGETS + kind] for kind in range(len(EventKind))]
if sum(STORED[BUDGETS:]) > _BUDGET_ROOM or _BUDGET_ROOM + sum(STORED[:BUDGETS]) > ROW_WIDTH:
    raise RuntimeError(f"{sum(STORED)} stored uniforms do not fit a row of {ROW_WIDTH}")


class _Domain(IntEnum):
    """First element of every key, so that streams of different uses never meet."""

    PUPILS = 0
    LATER = 1
    ONSETS = 2
    SCHOOLS = 3
    OTHER_CASES = 4
    OPENING = 5
    SIGNING = 6
    TRAINING = 7


class PupilLuck:
    """The uniforms of one pupil, each asked for by purpose and handed out in order of occasion.

    `first_budgets` are the unit-exponential budgets of the first occasion of each kind of event.
    """

    __slots__ = ("_key", "_later", "_source", "_start", "_uniforms", "_used", "first_budgets")

    def __init__(
        self, source: Streams, key: tuple[int, ...], uniforms: memoryview[float], start: int, first_budgets: list[float]
    ) -> None:
        self._source, self._key, self.first_budgets = source, key, first_budgets
        self._uniforms, self._start = uniforms, start  # those of the cell, and where this pupil's row starts
        self._used = bytearray(len(STORED))
        self._later: dict[int, tuple[np.random.Generator, list[float]]] | None = None

    def uniform(self, purpose: int) -> float:
        """Return this pupil's next uniform in [0, 1) for `purpose`."""
        used = self._used
        occasion = used[purpose]
        if occasion < STORED[purpose]:
            used[purpose] = occasion + 1
            return self._uniforms[self._start + _OFFSETS[purpose] + occasion]
        return self._beyond(purpose)

    def later_budget(self, kind: int) -> float:
        """Return the unit-exponential budget of the next occasion, after the first, of a kind of event."""
        purpose = BUDGETS + kind
        if self._used[purpose] == 0:
            self._used[purpose] = 1
        return -log1p(-self.uniform(purpose))

    def _beyond(self, purpose: int) -> float:
        self._later = {} if self._later is None else self._later
        if purpose not in self._later:
            generator = self._source.generator(_Domain.LATER, *self._key, purpose)
            self._later[purpose] = (generator, [])
        generator, values = self._later[purpose]
        if not values:
            values.extend(generator.random(_LATER_BLOCK).tolist()[::-1])
        return values.pop()


class Cell:
    """The luck of pupils who share a stream, in order of their number."""

    def __init__(self, source: Streams, key: tuple[int, int], rows: NDArray[np.float64]) -> None:
        self._source, self._key, self._rows = source, key, rows

    def first(self, purpose: Purpose) -> NDArray[np.float64]:
        """Return every pupil's uniform for the first occasion of a purpose."""
        return self._rows[:, _OFFSETS[purpose]]

    def lucks(self) -> list[PupilLuck]:
        """Return the luck of each pupil."""
        budgets = (-np.log1p(-self._rows[:, _FIRST_BUDGETS])).tolist()
        uniforms = cast("memoryview[float]", self._rows.reshape(-1).data)  # quicker to read than the array
        return [
            PupilLuck(self._source, (*self._key, number), uniforms, number * ROW_WIDTH, first)
            for number, first in enumerate(budgets)
        ]


class Streams:
    """All luck of one replication."""

    def __init__(self, root_seed: int, replication: int) -> None:
        words = range(0, max(root_seed.bit_length(), _POOL_BITS), _WORD_BITS)
        self._entropy = (*(root_seed >> shift & _WORD for shift in words), replication)

    def generator(self, *key: int) -> np.random.Generator:
        """Return the generator that belongs to `key` in this replication.

        It is that of SeedSequence(root seed, spawn_key=(replication, *key)), whose words are put together here
        because NumPy takes three times as long over it.
        """
        seed = np.random.SeedSequence(np.array((*self._entropy, *key), dtype=np.uint32))
        return np.random.Generator(np.random.Philox(seed))

    def pupils(self, cohort: int, year_group: int, count: int) -> Cell:
        """Return the luck of pupils number 0 to count - 1 of one cohort and year group of onset."""
        rows = self.generator(_Domain.PUPILS, cohort, year_group).random((count, ROW_WIDTH))
        return Cell(self, (cohort, year_group), rows)

    def opening_pupils(self, count: int) -> Cell:
        """Return the luck of the pupils of an opening roll, in row order."""
        return Cell(self, (_Domain.OPENING, 0), self.generator(_Domain.OPENING).random((count, ROW_WIDTH)))

    def onsets(self, cohort: int, year_groups: int) -> NDArray[np.float64]:
        """Return one uniform per year group of onset of a cohort; each decides how many onsets there are."""
        return self.generator(_Domain.ONSETS, cohort).random(year_groups)

    def school(self, name: str) -> float:
        """Return the uniform of a school's propensity."""
        return float(self.generator(_Domain.SCHOOLS, crc32(name.encode())).random())

    def signing(self, name: str) -> float:
        """Return the uniform of a school's readiness to sign the Standards for Inclusion."""
        return float(self.generator(_Domain.SIGNING, crc32(name.encode())).random())

    def training(self, name: str) -> float:
        """Return the uniform of a school's readiness to be trained."""
        return float(self.generator(_Domain.TRAINING, crc32(name.encode())).random())

    def other_cases(self, team: str, academic_year: int, most: int) -> NDArray[np.float64]:
        """Return `most` + 1 uniforms for other needs' cases of a team in a year: the count's, then the times'."""
        return self.generator(_Domain.OTHER_CASES, crc32(team.encode()), academic_year).random(most + 1)

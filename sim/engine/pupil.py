"""A pupil during a run: who they are, where they are, and the budgets of chance they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engine.hazard_row import HazardRow
from sim.vocabulary import EventKind, ProvisionKind, Record, Severity, Sex, WaitingClass

if TYPE_CHECKING:
    import simpy

    from sim.chance.streams import PupilLuck
    from sim.engine.provision import Provision, Wait
    from sim.engine.rules import CompiledEffect

KINDS = tuple(EventKind)
KIND_INDEX = {kind: index for index, kind in enumerate(KINDS)}
NOT_RETURNING = len(KINDS)
"""Index of the factor on the chance of not returning after a crisis; the event kinds come before it."""

NEVER = float("inf")
SPENT = -1.0
"""What is left of a budget that has been spent and not yet drawn again."""

NOWHERE = HazardRow((0.0,) * len(KINDS))
"""Hazards of a pupil who has no placement yet."""

_ID_YEARS = 16
_ID_NUMBERS = 1 << 16
_ID_FIRST_COHORT = 1900


def pupil_id(cohort: int, year_group: int, number: int) -> int:
    """Return the id of a pupil: cohort, year group of onset, number within them. Nobody is ever renumbered."""
    return ((cohort - _ID_FIRST_COHORT) * _ID_YEARS + year_group) * _ID_NUMBERS + number


def parts_of_ids(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return cohort, year group of onset and number of each pupil id: what `pupil_id` made it of."""
    groups, numbers = np.divmod(ids, _ID_NUMBERS)
    cohorts, year_groups = np.divmod(groups, _ID_YEARS)
    return cohorts + _ID_FIRST_COHORT, year_groups, numbers


class MainstreamSchool:
    """A school as pupils meet it: its place in the county and how readily it suspends (mean 1).

    Whether it has signed the Standards for Inclusion and is trained, and the effects that it therefore gives.
    """

    __slots__ = ("district", "gives", "index", "is_signed", "is_trained", "name", "propensity", "pupils")

    def __init__(self, index: int, name: str, district: int, pupils: int, propensity: float) -> None:
        self.index, self.name, self.district = index, name, district
        self.pupils, self.propensity = pupils, propensity
        self.is_signed = self.is_trained = False
        self.gives: tuple[CompiledEffect, ...] = ()


class Support:
    """A spell of support beside the placement; `rank` is the class that holds the place."""

    __slots__ = ("is_crisis", "is_open", "provision", "rank", "start")

    def __init__(self, provision: Provision, start: float, is_crisis: bool) -> None:
        self.provision, self.start, self.is_crisis = provision, start, is_crisis
        self.rank = WaitingClass.CRISIS if is_crisis else WaitingClass.PREVENTIVE
        self.is_open = True


class Influence:
    """A factor on one kind of event, in force until lifted, or only while in placements of some kinds."""

    __slots__ = ("factor", "kind", "while_in")

    def __init__(self, kind: int, factor: float, while_in: tuple[ProvisionKind, ...] = ()) -> None:
        self.kind, self.factor, self.while_in = kind, factor, while_in


class Pupil:
    """Identity and state. Per kind of event: when the budget is due, what is left while it is not spent.

    `stay` counts the changes of placement and `exclusions` the permanent ones, so that what began in one stay, or
    after one exclusion, is not taken to belong to a later one; `search` is the search for a place under way.
    """

    __slots__ = (
        "alarm",
        "alarm_at",
        "cohort",
        "crisis_level",
        "district",
        "due",
        "exclusions",
        "factors",
        "frailty",
        "from_school",
        "has_left",
        "id",
        "in_assessment",
        "influences",
        "just_spent",
        "leaves_at",
        "left",
        "luck",
        "number",
        "onset",
        "onset_year_group",
        "provision",
        "record",
        "row",
        "school",
        "search",
        "secondary_school",
        "severity",
        "sex",
        "spell_start",
        "stay",
        "supports",
        "transfer_named",
        "waits",
        "year_group",
    )

    def __init__(self, cohort: int, onset_year_group: int, number: int, luck: PupilLuck, onset: float) -> None:
        self.id = pupil_id(cohort, onset_year_group, number)
        self.cohort, self.onset_year_group, self.number = cohort, onset_year_group, number
        self.luck, self.onset = luck, onset
        self.year_group = onset_year_group
        self.sex = Sex.FEMALE
        self.frailty = 1.0
        self.crisis_level = 1.0
        self.severity = Severity.EMERGING
        self.record = Record.NONE
        self.district = 0
        self.school: MainstreamSchool | None = None
        self.secondary_school: MainstreamSchool | None = None
        self.provision: Provision | None = None
        self.spell_start = onset
        self.stay = 0
        self.exclusions = 0
        self.leaves_at = NEVER
        self.has_left = False
        self.in_assessment = False
        self.search: object | None = None
        self.transfer_named: ProvisionKind | None = None
        self.alarm: simpy.Event | None = None
        self.alarm_at = NEVER
        self.influences: dict[str, Influence] = {}  # in name order, the one in which their factors are multiplied
        self.from_school: tuple[CompiledEffect, ...] = ()
        self.factors = [1.0] * (len(KINDS) + 1)
        self.row = NOWHERE
        self.just_spent: int | None = None
        self.supports: list[Support] = []
        self.waits: list[Wait] = []
        self.left = luck.first_budgets
        self.due = [NEVER] * len(KINDS)

    @property
    def kind(self) -> ProvisionKind:
        """Kind of the placement the pupil is in."""
        if self.provision is None:
            raise RuntimeError(f"pupil {self.id} has no placement")
        return self.provision.kind

"""Small worlds for tests: Exampleshire with certain routes, fixed stays and luck that is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.engine.journal import Tables
from sim.engine.pupil import KINDS, Pupil
from sim.engine.world import World
from sim.parameters.changes import with_changes
from sim.parameters.load import find_county, load_county
from sim.parameters.schema import Parameters
from sim.pathways import PATHWAYS
from sim.pathways.academic_year import academic_years, naming_deadlines
from sim.pathways.career import career
from sim.pathways.places import mid_year_changes
from sim.vocabulary import Decision, Happening, Phase, Record, Severity, Sex, WaitOutcome, phase_of

EXAMPLESHIRE = load_county(find_county("exampleshire"))
"""Exampleshire as it is; frozen, so tests share it."""

NOBODY_BY_ITSELF = {"rates/*": 0, "onset/*": 0, "quantities/team/other_needs_cases": 0}
"""Nothing happens unless the test makes it happen."""

FIXED_STAYS = {"durations/*/law": "fixed", "durations/*/cv": 0}
"""Every stay lasts its mean."""

ENDLESS = {"commissioned": 1_000_000, "usable": "unlimited"}
UNLIMITED = {
    "provisions/team_*/places/2011-09-01": ENDLESS,
    "provisions/marsh_house/places/2011-09-01": ENDLESS,
    "provisions/southfield_beacon/places/2011-09-01": ENDLESS,
    "provisions/ap_*/devolved_budget/2011-09-01": {"value": 1e10, "price_base": "2018-19"},
    "yearly/casework_capacity/*": 1e9,
}
"""Places, slots and casework for everybody, so that no pupil can stand in another's way."""


def places(number: int) -> dict[str, int]:
    return {"commissioned": number, "usable": number}


def always(decision: Decision, destination: str, parameters: Parameters = EXAMPLESHIRE) -> dict[str, float]:
    """Changes by which a decision leads to one destination, for every pupil for whom it may."""
    rows = {name: row for name, row in parameters.routes.items() if row.decision == decision}
    groups = {_group(row) for row in rows.values() if row.destination == destination}
    return {
        f"routes/{name}": float(row.destination == destination) for name, row in rows.items() if _group(row) in groups
    }


def _group(row: Any) -> tuple[str, ...]:
    return row.first_year_group, row.last_year_group, row.record, row.severity, row.district


def fixed(days: float, unit: str = "school days") -> dict[str, Any]:
    return {"value": days, "unit": unit}


class ToldLuck:
    """Luck of one pupil: uniforms told by purpose, in order; one half otherwise. Budgets are one."""

    def __init__(self, told: Mapping[int, Sequence[float]] | None = None, budgets: Sequence[float] = ()) -> None:
        self._told = {purpose: list(values) for purpose, values in (told or {}).items()}
        self.first_budgets = list(budgets) or [1.0] * len(KINDS)

    def uniform(self, purpose: int) -> float:
        values = self._told.get(purpose)
        return values.pop(0) if values else 0.5

    def later_budget(self, kind: int) -> float:
        return 1.0


class Stay(NamedTuple):
    """A spell as stories tell it."""

    provision: str
    start: float
    end: float


class Story:
    """A world in which nothing happens by itself, from 1 September 2011; days are school days since then."""

    def __init__(
        self,
        changes: Mapping[str, Any] | None = None,
        day: float = 10.0,
        later: Mapping[date, Mapping[str, Any]] | None = None,
    ) -> None:
        quiet = {**NOBODY_BY_ITSELF, **FIXED_STAYS, "yearly/casework_capacity/*": 1e9}
        first = with_changes(EXAMPLESHIRE, quiet)
        self.world = World(with_changes(first, changes or {}, later=later), 1, 0)
        self.names = tuple(self.world.by_name)
        self._numbers = 0
        for process in (academic_years(self.world, lambda _: None), mid_year_changes(self.world)):
            self.world.env.process(process)
        self.world.env.process(naming_deadlines(self.world))
        self.run(day)

    def run(self, until: float) -> None:
        self.world.env.run(until=until)

    def pupil(
        self,
        year_group: int = 3,
        record: Record = Record.NONE,
        severity: Severity = Severity.MODERATE,
        sex: Sex = Sex.MALE,
        at: str = "mainstream",
        told: Mapping[int, Sequence[float]] | None = None,
    ) -> Pupil:
        """Return a pupil of the first district who is now at `at` and lives on from event to event."""
        world, year = self.world, self.world.academic_year
        pupil = Pupil(year - year_group, year_group, self._numbers, ToldLuck(told), world.now)  # type: ignore[arg-type]
        self._numbers += 1
        pupil.record, pupil.severity, pupil.sex = record, severity, sex
        pupil.leaves_at = world.calendar.september(pupil.cohort + 12)
        pupil.secondary_school = world.draw_school(Phase.SECONDARY, 0, 0.5)
        world.attend(pupil, world.draw_school(phase_of(year_group), 0, 0.5))
        world.pupils[pupil.id] = pupil
        world.place(pupil, world.by_name[at])
        world.begin(career(pupil, world, PATHWAYS), pupil)
        return pupil

    def begin(self, pathway: Callable[[Pupil, World], Any], pupil: Pupil) -> None:
        """Let a pathway follow for a pupil now."""
        steps = pathway(pupil, self.world)
        if steps is not None:
            self.world.begin(steps, pupil)

    def happenings(self, pupil: Pupil) -> list[tuple[Happening, float]]:
        """What has happened to a pupil so far, and when."""
        events = self.rows("events")
        mine = events[events.pupil == pupil.id]
        return [(tuple(Happening)[code], at) for code, at in zip(mine.happening, mine["at"], strict=True)]

    def when(self, pupil: Pupil, happening: Happening) -> list[float]:
        return [at for what, at in self.happenings(pupil) if what is happening]

    def value(self, pupil: Pupil, happening: Happening) -> float:
        events = self.rows("events")
        code = tuple(Happening).index(happening)
        return float(events[(events.pupil == pupil.id) & (events.happening == code)].value.iloc[0])

    def stays(self, pupil: Pupil) -> list[Stay]:
        """Spells that have ended, then the one under way, which ends now."""
        spells = self.rows("spells")
        mine = spells[spells.pupil == pupil.id]
        ended = [Stay(self.names[r.provision], r.start, r.end) for r in mine.itertuples()]
        if pupil.has_left or pupil.provision is None:
            return ended
        return [*ended, Stay(pupil.provision.name, pupil.spell_start, self.world.now)]

    def supports(self, pupil: Pupil) -> list[Stay]:
        """Spells of support that have ended."""
        rows = self.rows("supports")
        return [Stay(self.names[r.provision], r.start, r.end) for r in rows[rows.pupil == pupil.id].itertuples()]

    def waits(self, pupil: Pupil) -> list[tuple[str, float, float, WaitOutcome]]:
        """Waits that have ended."""
        rows = self.rows("waits")
        return [
            (self.names[r.provision], r.start, r.end, tuple(WaitOutcome)[r.outcome])
            for r in rows[rows.pupil == pupil.id].itertuples()
        ]

    def rows(self, table: str) -> pd.DataFrame:
        return pd.DataFrame(self.world.journal.tables()[table])


def differing(one: Tables, other: Tables, besides: Sequence[str] = ()) -> list[str]:
    """Names of the columns in which two runs differ in any bit, or in the number or order of rows."""
    return [
        f"{table}.{column}"
        for table, columns in one.items()
        if table not in besides
        for column, values in columns.items()
        if not np.array_equal(values, other[table][column])
    ]

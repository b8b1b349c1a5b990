"""What the laws of conservation say of the tables of any run: one placement each, places kept, areas that add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.chance.distributions import poisson
from sim.chance.streams import Streams
from sim.engine.journal import Tables
from sim.engine.provision import Provision, Wait
from sim.engine.world import World
from sim.parameters.schema import Parameters
from sim.pathways.joining import expected_onsets
from sim.school_year import academic_year_label
from sim.vocabulary import PLACEMENTS, YEAR_GROUPS, Happening, ProvisionKind, WaitOutcome
from tests.worlds import ENDLESS

LIVES = ("pupils", "spells", "events", "waits", "supports")
"""Tables that tell of single pupils."""

WITHOUT_PLACES_OF_THEIR_OWN = (ProvisionKind.PANEL,)
"""What limits a panel is its agenda at a meeting, not how many cases it follows."""


def frame(tables: Tables, name: str) -> pd.DataFrame:
    return pd.DataFrame(tables[name])


def count_of(happening: Happening, tables: Tables) -> int:
    return int((tables["events"]["happening"] == tuple(Happening).index(happening)).sum())


# -- one placement at a time -------------------------------------------------------------------------------------------


def assert_conserved(tables: Tables, parameters: Parameters) -> None:
    """Each pupil's spells abut from onset to leaving, in placements, and all that is told of them lies between."""
    end = parameters.calendar().end
    kinds = [spec.kind for spec in parameters.provisions.values()]
    pupils = frame(tables, "pupils").set_index("pupil")
    spells = frame(tables, "spells").sort_values(["pupil", "start"], kind="stable")
    assert pupils.index.is_unique
    assert set(spells["pupil"]) == set(pupils.index)
    assert (spells["end"] > spells["start"]).all()
    by_pupil = spells.groupby("pupil")
    assert by_pupil["start"].first().equals(pupils["onset"].sort_index().rename("start"))
    assert by_pupil["end"].last().equals(pupils["left"].sort_index().rename("end"))
    follows = spells["pupil"].eq(spells["pupil"].shift())
    assert (spells["start"] == spells["end"].shift())[follows].all()
    is_last = ~spells["pupil"].eq(spells["pupil"].shift(-1))
    assert spells.loc[~is_last, "ended"].all()
    assert (spells.loc[is_last, "ended"].eq(0) == spells.loc[is_last, "end"].eq(end)).all()
    assert {kinds[code] for code in spells["provision"].unique()} <= set(PLACEMENTS)
    for name in ("events", "waits", "supports"):
        rows = frame(tables, name)
        rows = rows[rows["pupil"] >= 0].join(pupils, on="pupil")
        time = "at" if name == "events" else "end"
        assert rows["onset"].notna().all()
        assert ((rows[time] >= rows["onset"]) & (rows[time] <= rows["left"])).all()


def assert_counted_day_by_day(tables: Tables, parameters: Parameters) -> None:
    """At the start of every school day each pupil present is in exactly one placement, and the others in none."""
    days, pupils = int(parameters.calendar().end), tables["pupils"]
    row = {pupil: number for number, pupil in enumerate(pupils["pupil"].tolist())}
    placements = np.zeros((len(row), days + 1), dtype=np.int64)
    spells = tables["spells"]
    for pupil, start, end in zip(*(spells[name].tolist() for name in ("pupil", "start", "end")), strict=True):
        placements[row[pupil], int(np.ceil(start)) : int(np.ceil(end))] += 1
    day = np.arange(days + 1)
    is_present = (pupils["onset"][:, None] <= day) & (day < pupils["left"][:, None])
    assert np.array_equal(placements, is_present)


# -- places ------------------------------------------------------------------------------------------------------------


def stays(tables: Tables, parameters: Parameters, code: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of everybody's time at a provision, sorted each by itself."""
    is_placement = list(parameters.provisions.values())[code].kind in PLACEMENTS
    rows = frame(tables, "spells" if is_placement else "supports")
    mine = rows[rows["provision"] == code]
    if is_placement:  # a change of record cuts a spell without anybody coming or going
        mine = mine.sort_values(["pupil", "start"])
        goes_on = mine["pupil"].eq(mine["pupil"].shift()) & mine["start"].eq(mine["end"].shift())
        starts, ends = mine["start"][~goes_on], mine["end"][~goes_on.shift(-1, fill_value=False)]
        return np.sort(starts.to_numpy()), np.sort(ends.to_numpy())
    return np.sort(mine["start"].to_numpy()), np.sort(mine["end"].to_numpy())


def assert_within_places(tables: Tables, parameters: Parameters) -> None:
    """The roll after each arrival is within the places in force then; a fall sends nobody away."""
    dated, end = frame(tables, "places"), parameters.calendar().end
    for code, (name, spec) in enumerate(parameters.provisions.items()):
        if spec.kind in WITHOUT_PLACES_OF_THEIR_OWN:
            continue
        funded = dated[dated["provision"] == code]
        starts, ends = stays(tables, parameters, code)
        at = np.searchsorted(funded["at"].to_numpy(), starts, side="right") - 1
        usable = funded["usable"].to_numpy()[at]
        order = np.arange(1, len(starts) + 1)
        roll = order - np.searchsorted(np.where(ends < end, ends, np.inf), starts, side="right")
        assert ((usable < 0) | (roll <= usable)).all(), name


class Areas:
    """Numbers that rise and fall by one, and the days under each so far."""

    def __init__(self) -> None:
        self.days: dict[str, float] = defaultdict(float)
        self.numbers: dict[str, int] = defaultdict(int)
        self._since: dict[str, float] = defaultdict(float)

    def step(self, name: str, now: float, by: int) -> None:
        self.days[name] += self.numbers[name] * (now - self._since[name])
        self._since[name], self.numbers[name] = now, self.numbers[name] + by
        assert self.numbers[name] >= 0, name

    def until(self, end: float) -> dict[str, float]:
        """Return the days under each number from the start to `end`."""
        for name in tuple(self.days):
            self.step(name, end, 0)
        return dict(self.days)


@dataclass
class Watched:
    """What the places of a run did while it was watched: rolls, pupils waiting, and every wait begun."""

    rolls: Areas = field(default_factory=Areas)
    queues: Areas = field(default_factory=Areas)
    waits: list[Wait] = field(default_factory=list)


@contextmanager
def watching() -> Iterator[Watched]:
    """Watch every coming and going; nobody may be admitted to a full provision."""
    watched = Watched()
    admit, release, wait, record = (getattr(Provision, name) for name in ("admit", "release", "wait", "_record"))

    def admitted(self: Provision, rank: int = 0) -> None:
        is_limited = self.usable is not None and self.kind not in WITHOUT_PLACES_OF_THEIR_OWN
        assert not is_limited or self.roll < (self.usable or 0), f"{self.name} is full"
        watched.rolls.step(self.name, self._env.now, 1)
        admit(self, rank)
        assert watched.rolls.numbers[self.name] == self.roll

    def released(self: Provision, rank: int = 0) -> None:
        watched.rolls.step(self.name, self._env.now, -1)
        release(self, rank)

    def waiting(self: Provision, pupil_id: int, *asked: Any) -> Wait:
        watched.queues.step(_queue(self, pupil_id), self._env.now, 1)
        made = wait(self, pupil_id, *asked)
        watched.waits.append(made)
        return made

    def recorded(self: Provision, made: Wait, outcome: WaitOutcome) -> None:
        watched.queues.step(_queue(self, made.pupil_id), self._env.now, -1)
        record(self, made, outcome)

    with pytest.MonkeyPatch.context() as patched:
        for name, watches in (("admit", admitted), ("release", released), ("wait", waiting), ("_record", recorded)):
            patched.setattr(Provision, name, watches)
        yield watched


def _queue(provision: Provision, pupil_id: int) -> str:
    """Return the name of a queue; other needs' cases, which are no pupils of the model, have their own."""
    return provision.name if pupil_id >= 0 else f"{provision.name}, other needs"


def assert_areas_add_up(watched: Watched, tables: Tables, parameters: Parameters) -> None:
    """The area under each roll is the sum of the spells there."""
    days, rows = watched.rolls.until(parameters.calendar().end), pd.concat([frame(tables, t) for t in _STAYS])
    sums = (rows["end"] - rows["start"]).groupby(rows["provision"]).sum()
    for code, name in enumerate(parameters.provisions):
        assert days.get(name, 0.0) == pytest.approx(sums.get(code, 0.0), abs=1e-6), name


_STAYS = ("spells", "supports")


# -- one more pupil ----------------------------------------------------------------------------------------------------


def unlimited(parameters: Parameters) -> dict[str, Any]:
    """Changes that give every provision places for everybody, every panel time for all, and casework no queue."""
    provisions = parameters.provisions.items()
    return {
        **{f"provisions/{name}/places/{day}": ENDLESS for name, spec in provisions for day in spec.places},
        **{
            f"provisions/{name}/devolved_budget/{day}": 1e10
            for name, spec in provisions
            for day in spec.devolved_budget
        },
        "yearly/casework_capacity/*": 1e9,
    }


def one_more(parameters: Parameters, year: int, year_group: str, seed: int = 1) -> dict[str, float]:
    """Changes by which one cell has one more pupil, and nothing else is different."""
    world, number = World(parameters, seed, 0), YEAR_GROUPS.index(year_group)
    label = academic_year_label(year)
    uniform = Streams(seed, 0).onsets(year - number, len(YEAR_GROUPS))[number]
    pupils, mean = parameters.cohorts[label][year_group].value, expected_onsets(world, year, number)
    assert mean > 0.0, "without onset no cohort is large enough"
    wanted = int(poisson(uniform, mean)) + 1
    enough = (pupils + n for n in count(1) if int(poisson(uniform, mean * (pupils + n) / pupils)) == wanted)
    return {f"cohorts/{label}/{year_group}": next(enough)}


def lives(tables: Tables, pupils: Collection[int]) -> Mapping[str, pd.DataFrame]:
    """What is recorded of these pupils, in an order that does not depend on others."""
    found = {}
    for name in LIVES:
        rows = frame(tables, name)
        rows = rows[rows["pupil"].isin(pupils)]
        found[name] = rows.sort_values(list(rows.columns), kind="stable").reset_index(drop=True)
    return found


def assert_others_live_on(before: Tables, after: Tables) -> None:
    """One pupil has come, and the lives of all the others are the same in every bit."""
    others = before["pupils"]["pupil"]
    assert len(after["pupils"]["pupil"]) == len(others) + 1
    assert set(others) < set(after["pupils"]["pupil"])
    found = lives(after, others)
    for name, rows in lives(before, others).items():
        pd.testing.assert_frame_equal(rows, found[name], check_exact=True, obj=name)

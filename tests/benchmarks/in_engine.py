"""The reference models in this project's engine, written as its pathways are, with the journal written."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.chance.streams import PupilLuck
from sim.engine.environment import Environment
from sim.engine.follow import Steps, follow
from sim.engine.journal import Journal, Tables
from sim.engine.provision import Provision
from sim.engine.provision import Wait as Waiting
from sim.vocabulary import Happening, WaitOutcome
from tests.benchmarks import cases
from tests.benchmarks.cases import Draw, Found, Network, Pathway, Read, Run, exponential, kind_of_place
from tests.worlds import EXAMPLESHIRE

CODE = {happening: code for code, happening in enumerate(Happening)}
OUTCOMES = tuple(WaitOutcome)
IN_SCHOOL = -1
"""Stands for support in school where a spell names the provision."""


class Person:
    """A pupil or a customer: as much of one as these models need."""

    __slots__ = ("has_left", "id", "leaves_at", "luck", "severity")

    def __init__(self, number: int, luck: PupilLuck | None, severity: int, leaves_at: float = float("inf")) -> None:
        self.id, self.luck, self.severity, self.leaves_at = number, luck, severity, leaves_at
        self.has_left = False


NOBODY = Person(-1, None, 0)
"""Whom arrivals are about."""


class World:
    """Clock, journal and places."""

    def __init__(self, usable: list[int | None]) -> None:
        self.env, self.journal = Environment(), Journal()
        spec = EXAMPLESHIRE.provisions["marsh_house"]
        self.provisions = [
            Provision(f"place_{index}", index, spec, self.env, self.journal) for index in range(len(usable))
        ]
        for provision, places in zip(self.provisions, usable, strict=True):
            provision.fund(places)

    def note(self, person: Person, happening: Happening) -> None:
        """Write down that something happened."""
        row = (person.id, self.env.now, CODE[happening], -1, 0, person.severity, 0.0)
        self.journal.rows["events"].extend(row)

    def wrote_stay(self, person: Person, provision: int, since: float) -> None:
        """Write down a stay that ends now."""
        self.journal.rows["spells"].extend((person.id, provision, person.severity, since, self.env.now, True))

    def wait(self, person: Person, provision: Provision, until: float) -> Waiting:
        """Put someone on a waiting list until an instant, the most serious first."""
        waiting = provision.wait(person.id, cases.CLASSES - 1 - person.severity)
        if waiting.is_open:
            limit = self.env.at(until, person.id)
            limit.callbacks.append(lambda _event: provision.close(waiting, WaitOutcome.DEADLINE))
        return waiting


# -- the pathway ---------------------------------------------------------------------------------------------------


def pathway(case: Pathway) -> Run:
    pupils = case.pupils
    people = [
        Person(*one) for one in zip(range(len(pupils)), pupils.lucks, pupils.severity, pupils.leaves_at, strict=True)
    ]

    def run() -> Read:
        world = World([*case.usable, None])
        follow(_onsets(people, pupils.onset, world, case.patience), NOBODY)
        world.env.run_before(case.end)
        tables = world.journal.tables()
        return lambda: _found(tables)

    return run


def _onsets(people: list[Person], onsets: list[float], world: World, patience: float) -> Steps:
    for person, onset in zip(people, onsets, strict=True):
        yield world.env.at(onset, person.id)
        follow(_life(person, world, patience), person)


def _life(person: Person, world: World, patience: float) -> Steps:
    """Support in school until the need resolves, or a referral leads to places; then support again, or an end."""
    env, luck = world.env, person.luck
    world.note(person, Happening.ONSET)
    while True:
        since = env.now
        resolved = since + exponential(luck, Draw.RESOLVES) * (cases.YEAR / cases.RESOLVES_A_YEAR[person.severity])
        referred = since + exponential(luck, Draw.REFERRED) * (cases.YEAR / cases.REFERRED_A_YEAR[person.severity])
        until = min(resolved, referred, person.leaves_at)
        yield env.at(until, person.id)
        world.wrote_stay(person, IN_SCHOOL, since)
        if until == person.leaves_at:
            return world.note(person, Happening.LEFT_YEAR_11)
        if until == resolved:
            return world.note(person, Happening.RESOLVED)
        if not (yield from _places(person, world, patience)):
            return None


def _places(person: Person, world: World, patience: float) -> Steps:
    """Wait and stay in one place after another; return whether the pupil comes back to support in school."""
    env, luck = world.env, person.luck
    kind = kind_of_place(person.severity, luck.uniform(Draw.KIND))
    while True:
        provision = world.provisions[kind]
        if kind == cases.INDEPENDENT:
            provision.admit()
        else:
            until = min(env.now + exponential(luck, Draw.PATIENCE) * patience, person.leaves_at)
            outcome = yield world.wait(person, provision, until).decided
            if outcome is WaitOutcome.DEADLINE:
                if until == person.leaves_at:
                    return world.note(person, Happening.LEFT_YEAR_11)
                kind = cases.ESCALATES_TO[kind]
                continue
        since = env.now
        until = min(since + exponential(luck, Draw.STAY) * (cases.STAY_YEARS[kind] * cases.YEAR), person.leaves_at)
        yield env.at(until, person.id)
        world.wrote_stay(person, kind, since)
        provision.release()
        if until == person.leaves_at:
            return world.note(person, Happening.LEFT_YEAR_11)
        uniform = luck.uniform(Draw.OUTCOME)
        if uniform < cases.RETURNS[kind]:
            return True
        if uniform >= cases.RETURNS[kind] + cases.ESCALATES[kind]:
            return world.note(person, Happening.REINTEGRATED)
        kind = cases.ESCALATES_TO[kind]


def _found(tables: Tables) -> Found:
    waits, events = tables["waits"], tables["events"]
    days = waits["end"] - waits["start"]
    onsets, left, resolved, gone = (
        int((events["happening"] == CODE[one]).sum())
        for one in (Happening.ONSET, Happening.LEFT_YEAR_11, Happening.RESOLVED, Happening.REINTEGRATED)
    )
    gave_up = int((waits["outcome"] == OUTCOMES.index(WaitOutcome.DEADLINE)).sum())
    return Found(
        onsets + len(tables["spells"]["pupil"]) + int((days > 0.0).sum()),
        cases.by_class(waits["rank"]),
        cases.by_class(waits["rank"], days),
        (left, resolved, gone, gave_up),
    )


# -- the network ---------------------------------------------------------------------------------------------------


def network(case: Network) -> Run:
    arrivals = case.arrivals
    people = [
        Person(number, luck, cases.CLASSES - 1 - rank)
        for number, (luck, rank) in enumerate(zip(arrivals.lucks, arrivals.rank, strict=True))
    ]

    def run() -> Read:
        world = World([cases.SERVERS] * cases.STATIONS)
        follow(_arrivals(people, arrivals.at, world), NOBODY)
        world.env.run_before(case.end)
        tables = world.journal.tables()
        return lambda: _served(tables, len(people))

    return run


def _arrivals(people: list[Person], instants: list[float], world: World) -> Steps:
    for person, at in zip(people, instants, strict=True):
        yield world.env.at(at, person.id)
        follow(_visits(person, world), person)


def _visits(person: Person, world: World) -> Steps:
    env, luck, rank, at = world.env, person.luck, cases.CLASSES - 1 - person.severity, None
    while True:
        at = cases.next_station(at, luck.uniform(Draw.KIND))
        station = world.provisions[at]
        yield station.wait(person.id, rank).decided
        since = env.now
        yield env.at(since + exponential(luck, Draw.STAY) * cases.SERVICE_DAYS, person.id)
        world.wrote_stay(person, station.index, since)
        station.release()
        if luck.uniform(Draw.OUTCOME) >= cases.GOES_ON:
            return


def _served(tables: Tables, customers: int) -> Found:
    """Return what happened; the waits that count are those whose service ended."""
    stays = pd.DataFrame({"pupil": tables["spells"]["pupil"], "end": tables["spells"]["start"]})
    waits = pd.DataFrame(dict(tables["waits"])).merge(stays, on=["pupil", "end"])
    days = (waits["end"] - waits["start"]).to_numpy(np.float64)
    rank = waits["rank"].to_numpy()
    return Found(customers + len(stays), cases.by_class(rank), cases.by_class(rank, days), ())

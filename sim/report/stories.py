"""One pupil's story in words, and two stories of the same pupil side by side under two scenarios.

A story is made from the facts a run recorded (the tables of `Journal.tables()`); nothing is inferred. The pupil is
nobody real. Pupils are named like '2012-Y3-17': the academic year in which their year group was in Reception, the
year group in which their need became visible, and a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.parameters.schema import Parameters
from sim.school_year import DAYS_IN_SCHOOL_WEEK
from sim.vocabulary import (
    LAST_YEAR_GROUP,
    YEAR_GROUPS,
    Happening,
    ProvisionKind,
    WaitOutcome,
)

Table = Mapping[str, NDArray[Any]]
Tables = Mapping[str, Table]
RULE = (
    "the pupil whose days in special schools, independent schools, tuition and no education differ most between the "
    "two scenarios (the earliest cohort, year group and number among equals)"
)
COMPARED = (
    ProvisionKind.SPECIAL,
    ProvisionKind.INDEPENDENT,
    ProvisionKind.TUITION_WITH_PLAN,
    ProvisionKind.TUITION_WITHOUT_PLAN,
    ProvisionKind.NO_EDUCATION,
)
HAPPENINGS = tuple(Happening)
LAST_DAY = 0.5  # leaving at the first moment of 1 September is told on the last school day before it
OUTCOMES = tuple(WaitOutcome)
PHRASES = {
    Happening.ONSET: "the pupil's need became visible",
    Happening.WORSENED: "the need became more severe",
    Happening.IMPROVED: "the need became less severe",
    Happening.RESOLVED: "the need resolved",
    Happening.RECURRED: "the need came back",
    Happening.RECORDED: "the need was recorded as SEN support",
    Happening.SUPPORT_REFERRED: "the school asked for help from {place}",
    Happening.SUSPENSION: "the pupil was suspended for {value:.1f} school days",
    Happening.RETURNED: "after the crisis the pupil returned to class",
    Happening.CRISIS_SERVED: "{place} gave support in the crisis",
    Happening.CRISIS_UNSERVED: "{place} was asked to help in the crisis but had no free slot",
    Happening.CRISIS_ABSORBED: "{place} took the pupil in during the crisis",
    Happening.MANAGED_MOVE_STARTED: "a managed move to another school began on trial",
    Happening.MANAGED_MOVE_SUCCEEDED: "the managed move succeeded and the pupil joined the new school",
    Happening.MANAGED_MOVE_FAILED: "the managed move failed",
    Happening.AP_REFERRED_AFTER_CRISIS: "after the crisis the pupil was referred to {place}",
    Happening.AP_REFERRED_PLANNED: "the school made a planned referral to {place}",
    Happening.AP_FULL: "{place} was full",
    Happening.PERMANENT_EXCLUSION: "the pupil was permanently excluded",
    Happening.SIXTH_DAY_DUTY: "the council had to provide education from the sixth school day",
    Happening.FAIR_ACCESS_PLACED: "Fair Access found the pupil a new school",
    Happening.MEDICAL_REFERRAL: "the pupil was referred to tuition for medical reasons",
    Happening.BREAKDOWN: "the placement broke down",
    Happening.TUITION_AFTER_CRISIS: "after the crisis tuition was chosen",
    Happening.EHC_REQUESTED: "an EHC needs assessment was requested",
    Happening.EHC_REFUSED: "the request was refused",
    Happening.EHC_OVERTURNED: "the refusal was overturned",
    Happening.EHC_NO_PLAN: "the assessment ended without a plan",
    Happening.PLAN_ISSUED: "an EHC plan was issued, {value:.0f} weeks after the request",
    Happening.PLAN_LATE: "the plan was {value:.0f} weeks late",
    Happening.PLAN_CEASED: "the EHC plan ended",
    Happening.SPECIAL_NAMED: "{place} was named",
    Happening.SPECIAL_REFUSED: "{place} refused",
    Happening.INDEPENDENT_NAMED: "{place} was named",
    Happening.REINTEGRATED: "the pupil went back to a mainstream school",
    Happening.REINTEGRATION_FAILED: "a return to a mainstream school was tried and failed",
    Happening.PHASE_TRANSFER: "the pupil moved up to the secondary phase",
    Happening.LEFT_YEAR_11: "the pupil left at the end of Year 11",
    Happening.LEFT_COUNTY: "the pupil's family left the county",
    Happening.HOME_EDUCATED: "the parents took over the pupil's education",
}
"""How each happening is told; one that is not here (an annual review that changed nothing) is left out."""
OUTCOME_PHRASES = {
    WaitOutcome.OFFERED: "a place came up at {place} after {weeks}",
    WaitOutcome.DEADLINE: "no place had come up at {place} after {weeks}",
    WaitOutcome.CASE_CHANGED: "the wait for {place} ended after {weeks}, as the case had changed",
    WaitOutcome.CENSORED: "the pupil was still waiting for {place} after {weeks}",
}


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
TOLD_BY_EVENTS = (ProvisionKind.MAINSTREAM, ProvisionKind.HOME_EDUCATION)
START_PHRASES = {
    ProvisionKind.NO_EDUCATION: "the pupil was without education",
    ProvisionKind.TUITION_WITH_PLAN: "tuition outside school began, with a plan",
    ProvisionKind.TUITION_WITHOUT_PLAN: "tuition outside school began, without a plan",
    ProvisionKind.DISTRICT_TEACHING: "district teachers began to teach the pupil",
}

Clause = tuple[float, int, str]
"""An instant on the model clock, its place among clauses of that instant, and what is told."""
WAIT_ENDS, HAPPENS, WAIT_BEGINS, SUPPORT, PLACEMENT = range(5)


class Moment(NamedTuple):
    """What happened to a pupil on one day, as clauses of a sentence; `year_group` is a number."""

    day: date
    year_group: int
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """One day of two lives; `parts_here` is true on the first day on which they differ."""

    day: date
    year_group: int
    first: tuple[str, ...]
    second: tuple[str, ...]
    parts_here: bool


def pupil_names(tables: Tables) -> NDArray[Any]:
    """Return the name of each row of the pupils table, such as '2012-Y3-17'."""
    pupils = tables["pupils"]
    columns = (pupils[name].tolist() for name in ("cohort", "year_group_of_onset", "number"))
    return np.array([f"{c}-{YEAR_GROUPS[g]}-{n}" for c, g, n in zip(*columns, strict=True)], dtype=object)


def pick_pupil(tables: Tables, other: Tables, parameters: Parameters) -> tuple[str, float]:
    """Return the pupil chosen by RULE among those in both runs, and by how many school days they differ.

    ValueError when the runs have no pupil in common.
    """
    days, theirs = _days_compared(tables, parameters), _days_compared(other, parameters)
    common = [name for name in days if name in theirs]
    if not common:
        raise ValueError("the two runs have no pupil in common")
    differ = {name: float(np.abs(days[name] - theirs[name]).sum()) for name in common}
    best = min(common, key=lambda name: (-differ[name], _in_order(name)))
    return best, differ[best]


def life_of(pupil: str, tables: Tables, parameters: Parameters) -> list[Moment]:
    """Return what happened to the pupil, by day; ValueError when no pupil has that name."""
    rows = np.flatnonzero(pupil_names(tables) == pupil)
    if not len(rows):
        raise ValueError(f"there is no pupil {pupil} in this run; names look like 2012-Y3-17")
    pupils = tables["pupils"]
    number, cohort = int(pupils["pupil"][rows[0]]), int(pupils["cohort"][rows[0]])
    calendar, found = parameters.calendar(), dict[date, tuple[int, list[str]]]()
    for at, _, clause in sorted(_clauses(tables, number, parameters), key=lambda told: told[:2]):
        year_group = min(calendar.academic_year(at) - cohort, LAST_YEAR_GROUP)
        found.setdefault(calendar.date_of(at), (year_group, []))[1].append(clause)
    return [Moment(day, year, tuple(dict.fromkeys(clauses))) for day, (year, clauses) in found.items()]


def story(pupil: str, tables: Tables, parameters: Parameters) -> str:
    """Return the pupil's story in words, one line for each day on which something happened."""
    told = [
        f"On {in_words(moment.day)}, in {year_words(moment.year_group)}, {'; '.join(moment.clauses)}."
        for moment in life_of(pupil, tables, parameters)
    ]
    return "\n".join([f"Pupil {pupil} of the model. This is nobody real.", *told])


def side_by_side(first: list[Moment], second: list[Moment]) -> list[Pair]:
    """Return two lives day by day, and mark the first day on which they differ."""
    left, right = ({moment.day: moment for moment in life} for life in (first, second))
    pairs, apart = [], False
    for day in sorted(left.keys() | right.keys()):
        moments = [life[day] for life in (left, right) if day in life]
        texts = [life[day].clauses if day in life else () for life in (left, right)]
        parts_here = not apart and texts[0] != texts[1]
        apart = apart or parts_here
        pairs.append(Pair(day, moments[0].year_group, texts[0], texts[1], parts_here))
    return pairs


def in_words(day: date) -> str:
    """Return for example '7 March 2017'."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def year_words(year_group: int) -> str:
    """Return 'Reception' or for example 'Year 3'."""
    return "Reception" if year_group == 0 else f"Year {year_group}"


def _in_order(name: str) -> tuple[int, int, int]:
    cohort, year_group, number = name.rsplit("-", 2)
    return int(cohort), YEAR_GROUPS.index(year_group), int(number)


def _days_compared(tables: Tables, parameters: Parameters) -> dict[str, NDArray[Any]]:
    """Return by pupil the school days in each kind of COMPARED."""
    kinds = [spec.kind for spec in parameters.provisions.values()]
    column = np.array([COMPARED.index(kind) if kind in COMPARED else -1 for kind in kinds])
    spells, ids = tables["spells"], tables["pupils"]["pupil"]
    order = np.argsort(ids)
    row = order[np.searchsorted(ids, spells["pupil"], sorter=order)]
    kind = column[spells["provision"]]
    days = np.zeros((len(ids), len(COMPARED)))
    np.add.at(days, (row[kind >= 0], kind[kind >= 0]), (spells["end"] - spells["start"])[kind >= 0])
    return dict(zip(pupil_names(tables).tolist(), days, strict=True))


def _clauses(tables: Tables, number: int, parameters: Parameters) -> Iterator[Clause]:
    """Yield the instant and the words of everything told about one pupil."""
    labels = [spec.label for spec in parameters.provisions.values()]
    kinds = [spec.kind for spec in parameters.provisions.values()]
    mine = {name: _records(tables[name], number) for name in ("events", "waits", "supports", "spells")}
    yield from _of_events(mine["events"], labels)
    yield from _of_waits(mine["waits"], labels)
    yield from _of_supports(mine["supports"], labels, kinds)
    yield from _of_spells(mine["spells"], labels, kinds)


def _records(table: Table, number: int) -> list[dict[str, Any]]:
    rows = np.flatnonzero(table["pupil"] == number)
    columns = [table[name][rows].tolist() for name in table]
    return [dict(zip(table, values, strict=True)) for values in zip(*columns, strict=True)]


def _of_events(events: list[dict[str, Any]], labels: list[str]) -> Iterator[Clause]:
    for event in events:
        phrase = PHRASES.get(HAPPENINGS[event["happening"]])
        if phrase is not None:
            place = labels[event["provision"]] if event["provision"] >= 0 else "the service"
            before = LAST_DAY if HAPPENINGS[event["happening"]] is Happening.LEFT_YEAR_11 else 0.0
            yield event["at"] - before, HAPPENS, phrase.format(place=place, value=event["value"])


def _of_waits(waits: list[dict[str, Any]], labels: list[str]) -> Iterator[Clause]:
    for wait in waits:
        place, outcome = labels[wait["provision"]], OUTCOMES[wait["outcome"]]
        days = wait["end"] - wait["start"]
        if days >= 1 or outcome is not WaitOutcome.OFFERED:
            yield wait["start"], WAIT_BEGINS, f"the pupil joined the waiting list of {place}"
            yield wait["end"], WAIT_ENDS, OUTCOME_PHRASES[outcome].format(place=place, weeks=_school_weeks(days))


def _school_weeks(days: float) -> str:
    weeks = round(days / DAYS_IN_SCHOOL_WEEK)
    return "less than a school week" if weeks < 1 else f"{weeks} school week{'s' if weeks > 1 else ''}"


def _of_supports(supports: list[dict[str, Any]], labels: list[str], kinds: list[ProvisionKind]) -> Iterator[Clause]:
    for support in supports:
        if kinds[support["provision"]] is not ProvisionKind.MANAGED_MOVE:
            label = labels[support["provision"]]
            yield support["start"], SUPPORT, f"support began: {label}"
            if support["ended"]:
                yield support["end"], SUPPORT, f"support ended: {label}"


def _of_spells(spells: list[dict[str, Any]], labels: list[str], kinds: list[ProvisionKind]) -> Iterator[Clause]:
    before = None
    for spell in sorted(spells, key=lambda row: row["start"]):
        kind, label = kinds[spell["provision"]], labels[spell["provision"]]
        if spell["provision"] != before and kind not in TOLD_BY_EVENTS:
            yield spell["start"], PLACEMENT, START_PHRASES.get(kind, "the pupil started at {place}").format(place=label)
        before = spell["provision"]
        if not spell["ended"]:
            yield spell["end"], PLACEMENT, f"the modelled years end, with the pupil in: {label}"

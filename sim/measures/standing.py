"""The school each pupil is, or was last, on the roll of, and whether it has signed the Standards for Inclusion.

Pupils who have been on no school's roll count with the schools that have not signed.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.measures.facts import Column, Facts, Table, chosen

NOBODY = -2
"""School of the row that stands for 'no such row'."""


def standing(facts: Facts) -> Table:
    """Return what changes in a pupil's standing, in order of pupil and instant (use with `facts.once`).

    Columns: `pupil`, `at`, `signed` (1 when the school the pupil is, or was last, on the roll of has signed, from
    then on), `on_roll` (1 when the pupil is on a mainstream school's roll, from then on).
    """
    enrolled = facts.once(enrolments)
    school, at = _last_school(enrolled), enrolled["at"]
    left = facts.tables["pupils"]["left"][enrolled["pupil"]]
    goes_on = np.append(enrolled["pupil"][1:] == enrolled["pupil"][:-1], False)[: len(at)]
    until = np.where(goes_on, np.append(at[1:], np.inf)[: len(at)], left)
    changes, first = facts.once(_sign_ups), _position(facts, school, at, "right")
    number = 1 + np.maximum(_position(facts, school, until, "left") - first, 0)
    row = np.repeat(np.arange(len(at)), number)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    change = first[row] + nth - 1
    return {
        "pupil": enrolled["pupil"][row],
        "at": np.where(nth == 0, at[row], changes["at"][change]),
        "signed": np.where(changes["school"][change] == school[row], changes["signed"][change], 0),
        "on_roll": (enrolled["school"][row] >= 0).astype(np.int64),
    }


def enrolments(facts: Facts) -> Table:
    """Return the enrolments in order of pupil and instant (use with `facts.once`)."""
    found = facts.tables["enrolments"]
    order = np.lexsort((found["at"], found["pupil"]))
    return {name: column[order] for name, column in found.items()}


def standing_at(facts: Facts, column: str, pupil: Column, at: Column) -> Column:
    """Return a column of `standing` for each pupil at an instant; 0 before they have been on any roll."""
    table, scale = facts.once(standing), _scale(facts)
    position = pupil * scale + np.maximum(at, 0.0)  # stays of an opening roll began before the run
    row = np.searchsorted(facts.once(_in_one_order), position, side="right") - 1
    found = np.append(table["pupil"], NOBODY)[row] == pupil
    return np.where(found, np.append(table[column], 0)[row], 0)


def cut_by_standing(facts: Facts, is_cut: Column) -> Table:
    """Return the placement spells, those in `is_cut` cut wherever the pupil's standing changes.

    Pieces abut, and only the last one of a spell that ended has ended.
    """
    spells, changes = facts.tables["spells"], facts.once(standing)
    within = facts.placement_at(changes["pupil"], changes["at"])
    inside = (within >= 0) & is_cut[within] & (spells["start"][within] < changes["at"])
    inside &= changes["at"] < spells["end"][within]
    row = np.concatenate([np.arange(len(spells["start"])), within[inside]])
    start = np.concatenate([spells["start"], changes["at"][inside]])
    order = np.lexsort((start, row))
    row, start = row[order], start[order]
    is_last = np.append(row[1:] != row[:-1], True)[: len(row)]
    end = np.where(is_last, spells["end"][row], np.append(start[1:], np.inf)[: len(row)])
    pieces = {name: column[row] for name, column in spells.items()}
    pieces |= {"start": start, "end": end, "ended": np.where(is_last, pieces["ended"], 0)}
    return chosen(pieces, end > start)


def _in_one_order(facts: Facts) -> Column:
    """Return pupil and instant of each row of `standing` as one number."""
    table = facts.once(standing)
    return np.asarray(table["pupil"] * _scale(facts) + table["at"])


def _last_school(enrolled: Table) -> Column:
    """Return for each enrolment the school joined, or the last one before; -1 when there was none."""
    rows = np.arange(len(enrolled["school"]))
    begins = np.append(True, enrolled["pupil"][1:] != enrolled["pupil"][:-1])[: len(rows)]
    first = np.maximum.accumulate(np.where(begins, rows, 0))
    last = np.maximum.accumulate(np.where(enrolled["school"] >= 0, rows, -1))
    return np.where(last >= first, enrolled["school"][last], -1) if len(rows) else enrolled["school"]


def _sign_ups(facts: Facts) -> Table:
    """Return the changes of status in order of school and instant, and one more row that is of no school."""
    found = facts.tables["sign_ups"]
    order = np.lexsort((found["at"], found["school"]))
    return {name: np.append(column[order], NOBODY) for name, column in found.items()}


def _position(facts: Facts, school: Column, at: Column, side: Literal["left", "right"]) -> Column:
    """Return where instants fall among the changes of status of these schools."""
    changes, scale = facts.once(_sign_ups), _scale(facts)
    return np.searchsorted((changes["school"] * scale + changes["at"])[:-1], school * scale + at, side=side)


def _scale(facts: Facts) -> float:
    """Return more than any instant, so that pairs of a number and an instant have one order."""
    return facts.calendar.end + 1.0

"""Append-only record of facts: spells, support, waits and events. No arithmetic, no measures.

Rows are appended to one flat list per table, because that costs least; `tables` turns them into columns once,
at the end of the run. All instants are on the model clock (school days from the start of the run).
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

COLUMNS: dict[str, dict[str, type]] = {
    "pupils": {
        "pupil": np.int32,
        "cohort": np.int16,  # academic year in which the pupil's year group was in Reception
        "year_group_of_onset": np.int8,
        "number": np.int32,
        "male": np.int8,
        "district": np.int8,  # index into Parameters.districts
        "onset": np.float64,
        "left": np.float64,
    },
    "spells": {  # one row per unbroken stay in one placement with one record: [start, end)
        "pupil": np.int32,
        "provision": np.int16,
        "record": np.int8,
        "start": np.float64,
        "end": np.float64,
        "ended": np.int8,  # 0 when still there at the horizon
    },
    "supports": {  # one row per spell of support beside the placement; pupil -1 is another need's case
        "pupil": np.int32,
        "provision": np.int16,
        "crisis": np.int8,
        "start": np.float64,
        "end": np.float64,
        "ended": np.int8,
    },
    "waits": {  # one row per wait for a place
        "pupil": np.int32,
        "provision": np.int16,
        "rank": np.int8,
        "start": np.float64,
        "end": np.float64,
        "outcome": np.int8,  # index into WaitOutcome
    },
    "events": {
        "pupil": np.int32,
        "at": np.float64,
        "happening": np.int16,  # index into Happening
        "provision": np.int16,  # the provision it is about, or -1
        "year_group": np.int8,
        "record": np.int8,
        "value": np.float64,
    },
    "places": {  # usable places in force from an instant; -1 is unlimited
        "provision": np.int16,
        "at": np.float64,
        "usable": np.int32,
    },
    "enrolments": {  # the mainstream school on whose roll a pupil is from an instant; -1 is none
        "pupil": np.int32,
        "school": np.int16,  # index into Parameters.schools
        "at": np.float64,
    },
    "sign_ups": {  # whether a school has signed the Standards, and is trained, from an instant; at first neither
        "school": np.int16,
        "at": np.float64,
        "signed": np.int8,
        "trained": np.int8,
    },
    "meetings": {  # one row per meeting of a panel
        "provision": np.int16,
        "at": np.float64,
        "agenda": np.int32,  # cases it could hear
        "heard": np.int32,
        "unheard": np.int32,
        "placed": np.int32,  # of those heard, found a school
    },
}

Tables = dict[str, dict[str, NDArray[np.generic]]]


class Journal:
    """Facts of one run, appended by the engine as they become final."""

    def __init__(self) -> None:
        self.rows: dict[str, list[float]] = {name: [] for name in COLUMNS}

    def tables(self) -> Tables:
        """Return every table as columns: table -> column -> array, in the order of recording."""
        made: Tables = {}
        for name, columns in COLUMNS.items():
            block = np.frombuffer(array("d", self.rows[name])).reshape(-1, len(columns))
            made[name] = {column: block[:, i].astype(kind) for i, (column, kind) in enumerate(columns.items())}
        return made

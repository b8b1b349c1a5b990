"""Recorded facts in words: names in place of codes, a date after each instant; event logs.

Facts are kept of some replications only (`facts_kept_of` in run.json). Instants are school days from the start of the
run. No row is about a pupil of an opening roll.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.pupil import parts_of_ids
from sim.measures.facts import Facts
from sim.results import Results
from sim.school_year import SchoolCalendar, TermPattern, year_start
from sim.vocabulary import YEAR_GROUPS, Happening, Record, WaitOutcome

INSTANTS = ("start", "end", "at")
YES_OR_NO = ("crisis", "ended", "signed", "trained")
EPOCH = date(1970, 1, 1).toordinal()
CASE, ACTIVITY, TIMESTAMP = "case", "activity", "timestamp"
XES = {CASE: "case:concept:name", ACTIVITY: "concept:name", TIMESTAMP: "time:timestamp"}
"""Names of the columns of an event log in IEEE 1849-2016 (XES), which process-mining tools look for."""

WAIT_BEGAN, WAIT_ENDED = "waiting for {}", "end of waiting for {} ({})"
STAY, SUPPORT = "start of {}", "start of support by {}"


@dataclass(frozen=True)
class Names:
    """What the codes in recorded tables stand for, and which day an instant is."""

    provisions: tuple[str, ...]
    schools: tuple[str, ...]
    calendar: SchoolCalendar

    @classmethod
    def of(cls, results: Results) -> Self:
        """Return the names of a study, from what run.json says; ValueError if an earlier version wrote it."""
        said = results.provenance
        if "terms" not in said:
            raise ValueError("these results do not say what codes in recorded facts mean; run the study again")
        horizon = said["horizon"]
        years = year_start(horizon["first_academic_year"]), year_start(horizon["last_academic_year"])
        calendar = SchoolCalendar([TermPattern(**term) for term in said["terms"]], *years)
        return cls(tuple(said["provisions"]), tuple(said["schools"]), calendar)

    @classmethod
    def of_facts(cls, facts: Facts) -> Self:
        """Return the names of one run."""
        return cls(facts.provisions, tuple(facts.parameters.schools), facts.calendar)

    def labels(self) -> dict[str, Sequence[str]]:
        """Return the names by column; a code of -1 is nothing."""
        return {
            "provision": self.provisions,
            "school": self.schools,
            "record": [record.name.lower() for record in Record],
            "happening": [happening.value for happening in Happening],
            "outcome": [outcome.value for outcome in WaitOutcome],
            "year_group": YEAR_GROUPS,
        }


def pupil_names(ids: NDArray[Any]) -> NDArray[Any]:
    """Return the name of each pupil by id, such as '2012-Y3-17'; None for nobody (-1)."""
    found, place = np.unique(ids, return_inverse=True)
    parts = zip(*(part.tolist() for part in parts_of_ids(found.astype(np.int64))), strict=True)
    names = [None if i < 0 else f"{c}-{YEAR_GROUPS[g]}-{n}" for i, (c, g, n) in zip(found, parts, strict=True)]
    return np.array([*names, None], dtype=object)[place]


def in_words(table: Mapping[str, NDArray[Any]], names: Names) -> pd.DataFrame:
    """Return a recorded table with names in place of codes, and a date after each instant.

    Spells of no length are left out: nobody was there.
    """
    labels, columns = names.labels(), {}
    for column, values in table.items():
        columns[column] = _worded(column, values, labels)
        if column in INSTANTS:
            days = np.floor(names.calendar.instant(values)).astype(np.int64) - EPOCH
            columns[f"{column}_date"] = days.astype("datetime64[D]").astype("datetime64[s]")
    made = pd.DataFrame(columns)
    is_spells = "record" in table and "ended" in table
    return made[made["end"] > made["start"]].reset_index(drop=True) if is_spells else made


def _worded(column: str, values: NDArray[Any], labels: Mapping[str, Sequence[str]]) -> Any:
    if column == "pupil":
        return pd.Categorical(pupil_names(values))
    if column in labels:
        return pd.Categorical.from_codes(values, pd.Index(labels[column]))
    return values.astype(bool) if column in YES_OR_NO else values


def recorded(results: Results, table: str, scenarios: Sequence[str] = ()) -> pd.DataFrame:
    """Return a recorded table in words for some scenarios (all, if none is named), with `scenario` in front."""
    names, made = Names.of(results), {}
    for name in scenarios or results.scenarios:
        rows = results.recorded(table, name)
        made[name] = in_words({str(column): rows[column].to_numpy() for column in rows}, names)
    joined = pd.concat(made, names=["scenario"]).reset_index("scenario").reset_index(drop=True)
    words = [column for column in joined if column == "pupil" or column in names.labels()]
    return joined.astype(dict.fromkeys(words, "category"))


def event_log(results: Results, scenarios: Sequence[str] = (), xes: bool = False) -> pd.DataFrame:
    """Return what happened to each pupil as an event log: one row per event.

    Parameters
    ----------
    xes : name case, activity and timestamp as IEEE 1849-2016 (XES) does, for process-mining tools.

    Returns
    -------
    case ('baseline/0/2012-Y3-17': scenario, replication, pupil), activity, timestamp (day), scenario, replication,
    pupil, provision and kind (of event, stay, support or wait), in order of case and time.
    """
    parts = [part for name in scenarios or results.scenarios for part in _events_of(results, name)]
    log = pd.concat(parts, ignore_index=True).dropna(subset="pupil")
    case = log["scenario"] + "/" + log["replication"].astype("str") + "/" + log["pupil"].astype("str")
    provision = log["provision"].where(log["provision"].notna(), "")
    log = log.assign(**{CASE: case}, provision=provision).astype({"pupil": "str", "provision": "str"})
    log = log.sort_values([CASE, TIMESTAMP, "_order"], kind="stable").drop(columns="_order")
    columns = [CASE, ACTIVITY, TIMESTAMP, "scenario", "replication", "pupil", "provision", "kind"]
    log = log[columns].reset_index(drop=True)
    return log.rename(columns=XES) if xes else log


def _events_of(results: Results, scenario: str) -> Iterator[pd.DataFrame]:
    only = (scenario,)
    events = recorded(results, "events", only)
    yield _rows(events, events["happening"].astype("str"), "at", "event", 1)
    spells = recorded(results, "spells", only)
    moved = spells[~_goes_on(spells)]
    yield _rows(moved, _named(STAY, moved), "start", "stay", 2)
    support = recorded(results, "supports", only)
    yield _rows(support, _named(SUPPORT, support), "start", "support", 3)
    waits = recorded(results, "waits", only)
    yield _rows(waits, _named(WAIT_BEGAN, waits), "start", "wait", 4)
    ended = [WAIT_ENDED.format(*pair) for pair in zip(waits["provision"], waits["outcome"], strict=True)]
    yield _rows(waits, pd.Series(ended, waits.index, dtype="str"), "end", "wait", 0)


def _goes_on(spells: pd.DataFrame) -> pd.Series[bool]:
    """Return whether a spell goes on with the one before: only the record changed."""
    ordered = spells.sort_values(["replication", "pupil", "start"])
    before = ordered.shift()
    same = (ordered["pupil"] == before["pupil"]) & (ordered["replication"] == before["replication"])
    same &= (ordered["provision"] == before["provision"]) & (ordered["start"] == before["end"])
    return same.reindex(spells.index)


def _named(words: str, table: pd.DataFrame) -> pd.Series[str]:
    return pd.Series([words.format(name) for name in table["provision"]], table.index, dtype="str")


def _rows(table: pd.DataFrame, activity: pd.Series[str], instant: str, kind: str, order: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "scenario": table["scenario"].astype("str"),
            "replication": table["replication"],
            "pupil": table["pupil"].astype("object"),
            ACTIVITY: activity,
            TIMESTAMP: table[f"{instant}_date"],
            "provision": table["provision"].astype("object"),
            "kind": kind,
            "_order": order,
        }
    )

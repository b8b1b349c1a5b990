"""Law 5 on whole counties: measures and money worked out again from the files of a results folder and of the county.

Nothing is shared with `sim.measures`: the calendar, the prices and every count are written anew here from the rules,
with plain loops and cumulative sums by day. Only the names of codes come from the vocabulary.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sim.parameters.load import load_county
from sim.scenarios import baseline
from sim.study import Study
from sim.vocabulary import PLACEMENTS, Happening, ProvisionKind, Record, WaitOutcome

CONFIGS = Path(__file__).parent.parent.parent / "configs"
HALF_A_PENNY, EXACT = 0.005, 1e-9
SEED = 20190517
YEARS_BEFORE_BASELINE = 3
"""Measures begin this many academic years before the baseline year."""

BUSY = {
    "places.csv": [
        "base_northmarsh_in_reach,2016-09-01,6,5",
        "base_southfield_respite,2018-11-12,3,3",
        "marsh_house,2018-01-08,4,3",
        "southfield_beacon,2020-09-01,9,9",
        "panel_northmarsh,2017-09-01,4,4",
    ],
    "services.csv": [
        "base_northmarsh_in_reach,start_up,2016-03-31,40000,40000,40000,fixed,GBP,2015-16",
        "base_northmarsh_in_reach,running_cost,2016-09-01,180000,180000,180000,fixed,GBP per year,2016-17",
        "base_northmarsh_in_reach,school_contribution,2018-01-15,90000,90000,90000,fixed,GBP per year,2018-19",
        "base_northmarsh_in_reach,school_contribution,2019-04-01,400000,400000,400000,fixed,GBP per year,2019-20",
        "ap_northmarsh,devolved_budget,2018-09-01,20000,20000,20000,fixed,GBP per year,2017-18",
        "ap_southfield,charge_per_exclusion,2016-09-01,9000,9000,9000,fixed,GBP,2018-19",
        "ap_southfield,charge_per_tuition,2016-09-01,7000,7000,7000,fixed,GBP,2018-19",
    ],
    "programme_costs.csv": [
        "casework,running_cost,2017-06-01,50000,50000,50000,fixed,GBP per year,2018-19",
        "casework,running_cost,2020-01-10,0,0,0,fixed,GBP per year,2018-19",
        "training_bursary,start_up,2019-04-01,12345.67,12345.67,12345.67,fixed,GBP,2017-18",
    ],
}
"""Rows by which Exampleshire spends in every way there is: bases, contributions, charges, places and budgets cut."""


# -- the county's files ------------------------------------------------------------------------------------------------


class Files:
    """A county as its CSV and YAML files have it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "county.yaml").open(encoding="utf-8") as said:
            county = yaml.safe_load(said)
        self.horizon, self.terms = county["horizon"], county["terms"]
        self.kinds = {row["name"]: row["kind"] for row in self.rows("provisions")}
        self.lines = {row["name"]: row["line"] for table in ("provisions", "programmes") for row in self.rows(table)}
        self.index = {int(row["financial_year"][:4]): float(row["value"]) for row in self.rows("inflation")}
        share = next(row for row in self.rows("quantities") if row["id"] == "alternative_provision.part_time_share")
        self.part_time_share = float(share["value"])

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as said:
            return list(csv.DictReader(said))

    def money(self, item: str) -> Iterator[tuple[str, list[tuple[date, float, int]]]]:
        """Yield provision or programme and its dated money of an item: date, amount, price base."""
        dated: dict[str, list[tuple[date, float, int]]] = defaultdict(list)
        for row in (*self.rows("services"), *self.rows("programme_costs")):
            if row["item"] == item:
                name = row.get("provision") or row["programme"]
                dated[name].append((day_of(row["from"]), float(row["value"]), int(row["price_base"][:4])))
        yield from dated.items()

    def named(self, applies_to: str) -> list[str]:
        """Return the provisions of a kind, or the one of that name."""
        return [name for name, kind in self.kinds.items() if applies_to in (name, kind)]

    def commissioned(self, name: str) -> list[tuple[date, int]]:
        rows = [row for row in self.rows("places") if row["provision"] == name]
        return [(day_of(row["from"]), int(row["commissioned"])) for row in rows]


def day_of(text: str) -> date:
    return date.fromisoformat(text)


class Time:
    """School days, calendar days and what a pound's worth of each costs, all as cumulative sums by day."""

    def __init__(self, files: Files) -> None:
        first, last = (int(files.horizon[f"{end}_academic_year"][:4]) for end in ("first", "last"))
        self.years = range(first, last + 1)
        self.start, self.end = date(first, 9, 1), date(last + 1, 9, 1)
        self.days = [day for year in self.years for day in self._school_days(files, year)]
        self.length = len(self.days) // len(self.years)
        begins = [self.number(day) for day in self.days]
        for i, year in enumerate(self.years):
            begins[i * self.length] = self.number(date(year, 9, 1))
        self.begins = np.array([*begins, self.number(self.end)], dtype=float)
        dates = [self.start + timedelta(days=i) for i in range(self.number(self.end))]
        self.levels = np.array([files.index[financial(day)] for day in dates])
        self.parts_of_year = np.array([1.0 / self._length_of_year(day) for day in dates])
        self.taught_levels = np.array([files.index[financial(day)] for day in self.days])

    @staticmethod
    def _school_days(files: Files, year: int) -> Iterator[date]:
        for term in files.terms:
            day, left = date(year if term["month"] >= 9 else year + 1, term["month"], term["day"]), term["days"]
            while left:
                if day.weekday() < 5:
                    yield day
                    left -= 1
                day += timedelta(days=1)

    @staticmethod
    def _length_of_year(day: date) -> int:
        september = day.year if day.month >= 9 else day.year - 1
        return (date(september + 1, 9, 1) - date(september, 9, 1)).days

    def number(self, day: date) -> int:
        """Return calendar days from the start of the run, within the run."""
        return (min(max(day, self.start), self.end) - self.start).days

    def moment(self, clock: np.ndarray) -> np.ndarray:
        """Return calendar days since the start at a clock; a holiday belongs to the school day before it."""
        whole = np.minimum(np.floor(clock).astype(int), len(self.days) - 1)
        return self.begins[whole] + (clock - whole) * (self.begins[whole + 1] - self.begins[whole])

    def clock(self, day: date) -> int:
        """Return the number of school days before a date."""
        return bisect_left(self.days, day)


def financial(day: date) -> int:
    return day.year if (day.month, day.day) >= (4, 1) else day.year - 1


def between(by_unit: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Return what stretches of time cost, at so much for each unit of the axis."""
    sums = np.concatenate([[0.0], np.cumsum(by_unit)])
    axis = np.arange(len(sums))
    return float(np.sum(np.interp(end, axis, sums) - np.interp(start, axis, sums)))


# -- what was recorded -------------------------------------------------------------------------------------------------


class Recorded:
    """The facts of one replication, and when measures begin."""

    def __init__(self, results: Path, files: Files) -> None:
        folder = results / "facts" / "baseline"
        self.files, self.time = files, Time(files)
        for name in ("spells", "supports", "waits", "events", "places"):
            setattr(self, name, pd.read_parquet(folder / f"{name}.parquet"))
        names = np.array(list(files.kinds))
        for table in (self.spells, self.supports, self.waits, self.places, self.events):
            table["name"] = [names[code] if code >= 0 else "" for code in table["provision"]]
            table["kind"] = [files.kinds.get(name, "") for name in table["name"]]
            if "pupil" in table:
                table["cohort"] = table["pupil"] // (16 * 65536) + 1900
        self.supports = self.supports[self.supports["pupil"] >= 0]
        self.waits = self.waits[self.waits["pupil"] >= 0]
        self.events["what"] = [str(tuple(Happening)[code]) for code in self.events["happening"]]
        self.waits["how"] = [str(tuple(WaitOutcome)[code]) for code in self.waits["outcome"]]
        self.spells = self.spells.sort_values(["pupil", "start"], kind="stable")
        base = int(files.horizon["baseline_academic_year"][:4])
        self.years = [year for year in self.time.years if year >= base - YEARS_BEFORE_BASELINE]
        self.financial_years = self.years[1:]

    def september(self, year: int) -> float:
        return float((year - self.time.years[0]) * self.time.length)

    def census(self, year: int) -> float:
        month, day = map(int, self.files.horizon["census"].split("-"))
        return float(self.time.clock(date(year + 1, month, day)))


def label(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02d}"


def phase(year_group: int) -> str:
    return "secondary" if year_group >= 7 else "primary"


Key = tuple[str, str, str, str]
"""Measure, provision, phase, period."""

Found = dict[Key, float]


def add(found: Found, measure: str, names: tuple[str, ...], phase_then: str, period: str, value: float) -> None:
    """Add a value under each name: by phase and in all for kinds, in all for a provision of its own name."""
    for name in dict.fromkeys(names):
        for one in dict.fromkeys((phase_then, "all")):
            found[measure, name, one, period] += value


# -- pupils ------------------------------------------------------------------------------------------------------------


def rolls(recorded: Recorded) -> Found:
    found: Found = defaultdict(float)
    for table, whole in ((recorded.spells, ("all",)), (recorded.supports, ())):
        for year in recorded.years:
            opens, census = recorded.september(year), recorded.census(year)
            closes = opens + recorded.time.length
            for row in table[(table["end"] > opens) & (table["start"] < closes)].itertuples():
                names, then = (row.kind, row.name, *whole), phase(year - row.cohort)
                days = min(row.end, closes) - max(row.start, opens)
                add(found, "mean_roll", names, then, label(year), days / recorded.time.length)
                if row.start <= census < row.end:
                    add(found, "census_roll", names, then, f"Jan {year + 1}", 1)
                    if whole and row.record == Record.PLAN:
                        add(found, "plans_census", ("all",), then, f"Jan {year + 1}", 1)
                if row.kind == "no_education":
                    add(found, "no_education_days", ("all",), then, label(year), days)
    return found


def moves(recorded: Recorded) -> Found:
    """Count who came to a kind of placement and who left it, in the year it began or ended."""
    found: Found = defaultdict(float)
    for _, spells in groupby(recorded.spells.itertuples(), key=lambda row: row.pupil):
        rows = list(spells)
        steps = [(None, rows[0]), *pairwise(rows), (rows[-1], None)]
        for before, after in steps:
            old, new = (one.kind if one is not None else None for one in (before, after))
            if old == new or (after is None and not before.ended):
                continue
            pair = f"{old or 'onset'}>{new or 'left'}"
            began = label_at(recorded, after.start) if after is not None else label_before(recorded, before.end)
            then = phase(int(began[:4]) - rows[0].cohort)
            add(found, "flow", (pair,), then, began, 1)
            if new:
                add(found, "entries", (new,), then, began, 1)
            if old:
                add(found, "exits", (old,), then, began, 1)
    return found


def label_at(recorded: Recorded, clock: float) -> str:
    return label(recorded.time.years[0] + int(clock // recorded.time.length))


def label_before(recorded: Recorded, clock: float) -> str:
    """Return the year of an ending: at the first moment of 1 September it closes the old year."""
    return label(recorded.time.years[0] + int(np.ceil(clock / recorded.time.length)) - 1)


def waiting(recorded: Recorded) -> Found:
    found: Found = defaultdict(float)
    for row in recorded.waits.itertuples():
        kinds = (row.kind, "all")
        for year in recorded.years:
            opens, census = recorded.september(year), recorded.census(year)
            days, then = min(row.end, opens + recorded.time.length) - max(row.start, opens), phase(year - row.cohort)
            if days > 0:
                number = days / recorded.time.length
                add(found, "waiting_number", (*kinds, row.name), then, label(year), number)
                if row.start <= census < row.end:
                    add(found, "waiting_census", (*kinds, row.name), then, f"Jan {year + 1}", 1)
        if row.how == "censored":
            then = phase(recorded.years[-1] - row.cohort)
            add(found, "waits_censored", kinds, then, label(recorded.years[-1]), 1)
            continue
        is_new = row.how == "offered" or row.end == row.start
        ended = label_at(recorded, row.end) if is_new else label_before(recorded, row.end)
        then = phase(int(ended[:4]) - row.cohort)
        add(found, "waits_ended", kinds, then, ended, 1)
        add(found, "wait_days", kinds, then, ended, row.end - row.start)
    for key in [key for key in found if key[0] == "wait_days"]:
        found[key] /= found["waits_ended", *key[1:]]
    return found


COUNTED = {
    "suspensions": "suspension",
    "permanent_exclusions": "permanent_exclusion",
    "managed_moves": "managed_move_started",
    "managed_moves_succeeded": "managed_move_succeeded",
    "ap_referrals_after_crisis": "ap_referred_after_crisis",
    "ap_referrals_planned": "ap_referred_planned",
    "ehc_requests": "ehc_requested",
    "ehc_refused": "ehc_refused",
    "plans_issued": "plan_issued",
    "support_referrals": "support_referred",
    "reintegrations": "reintegrated",
    "reintegrations_failed": "reintegration_failed",
    "ap_pupils_assessed": "ap_assessed",
    "tuition_reviews": "tuition_reviewed",
    "crises_served": "crisis_served",
    "crises_unserved": "crisis_unserved",
    "crises_absorbed": "crisis_absorbed",
}


def happenings(recorded: Recorded) -> Found:
    found: Found = defaultdict(float)
    named = {what: measure for measure, what in COUNTED.items()}
    suspended = set()
    late = Counter[tuple[str, str]]()
    for row in recorded.events.itertuples():
        year, then = label_at(recorded, row.at), phase(row.year_group)
        if row.what in named:
            add(found, named[row.what], ("all",), then, year, 1)
        if row.what == "suspension":
            suspended.add((row.pupil, year, then))
        if row.what == "plan_late":
            late.update([(then, year), ("all", year)])
    for _, year, then in suspended:
        add(found, "pupils_suspended", ("all",), then, year, 1)
    for (measure, _, then, year), issued in list(found.items()):
        if measure == "plans_issued":
            found["plans_on_time_share", "all", then, year] = 1.0 - late[then, year] / issued
    return found


# -- returns -----------------------------------------------------------------------------------------------------------

RETURNED = {
    "ehc_requested": "ehc_requests_calendar",
    "plan_issued": "plans_issued_calendar",
    "plan_late": "plans_late_calendar",
}
RECORDS = {Record.NONE: "none", Record.SEN_SUPPORT: "sen_support", Record.PLAN: "plan"}


def age_group(year_group: int) -> tuple[str, ...]:
    return ("aged_11_to_15", "all") if year_group >= 7 else ("aged_5_to_10", "all") if year_group >= 1 else ()


def key_stage(year_group: int) -> tuple[str, ...]:
    return ("key_stage_4", "all") if year_group >= 10 else ("key_stage_3", "all") if year_group >= 7 else ()


def on_census_days(recorded: Recorded) -> Found:
    """Count plans by age, and alternative provision by key stage and by record."""
    found: Found = defaultdict(float)
    for year in recorded.years:
        census, day = recorded.census(year), f"Jan {year + 1}"
        spells = recorded.spells
        for row in spells[(spells["start"] <= census) & (spells["end"] > census)].itertuples():
            year_group = year - row.cohort
            if row.record == Record.PLAN:
                add(found, "plans_census_by_age", age_group(year_group), "all", day, 1)
            if row.kind == "alternative_provision":
                add(found, "ap_census_by_key_stage", key_stage(year_group), "all", day, 1)
                add(found, "ap_census_by_record", (RECORDS[row.record], "all"), "all", day, 1)
    return found


def returned(recorded: Recorded) -> Found:
    """Count what happened by calendar year, plans by age, and suspensions from mainstream schools."""
    found: Found = defaultdict(float)
    suspended = set()
    spells = {pupil: list(rows) for pupil, rows in groupby(recorded.spells.itertuples(), key=lambda row: row.pupil)}
    for row in recorded.events.itertuples():
        year, then = label_at(recorded, row.at), phase(row.year_group)
        if row.what in RETURNED:
            add(found, RETURNED[row.what], ("all",), "all", str(recorded.time.days[int(row.at)].year), 1)
        if row.what == "plan_issued":
            add(found, "plans_issued_by_age", age_group(row.year_group), "all", year, 1)
        if row.what == "suspension" and [s for s in spells[row.pupil] if s.start <= row.at][-1].kind == "mainstream":
            add(found, "suspensions_mainstream", ("all",), then, year, 1)
            suspended.add((row.pupil, year, then))
    for _, year, then in suspended:
        add(found, "pupils_suspended_mainstream", ("all",), then, year, 1)
    return found


def moved_with_a_plan(recorded: Recorded) -> Found:
    """Count moves between mainstream and special by calendar year, first placements of a new plan left out."""
    found: Found = defaultdict(float)
    said = {pupil: list(rows.itertuples()) for pupil, rows in recorded.events.groupby("pupil", sort=False)}
    for pupil, spells in groupby(recorded.spells.itertuples(), key=lambda row: row.pupil):
        for before, after in pairwise(spells):
            pair = f"{before.kind}>{after.kind}"
            new = pair == "mainstream>special_school" and is_as_first_named(said[pupil], after.start)
            if pair in ("mainstream>special_school", "special_school>mainstream") and not new:
                add(found, "moves_calendar", (pair,), "all", str(recorded.time.days[int(after.start)].year), 1)
    return found


def is_as_first_named(events: list[object], at: float) -> bool:
    """Whether the school joined was the one named for a plan just issued, with nothing reconsidered in between."""
    steps = [row for row in events if row.at <= at]
    named = max(row.at for row in steps if row.what == "special_named")
    issued = [row.at for row in steps if row.what == "plan_issued"]
    again = ("annual_review", "breakdown", "phase_transfer")
    return bool(issued) and not any(max(issued) < row.at <= named for row in steps if row.what in again)


# -- money -------------------------------------------------------------------------------------------------------------


class Ledger:
    """Spend by budget line and financial year."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded, self.files, self.time = recorded, recorded.files, recorded.time
        self.owed: dict[tuple[str, int], float] = defaultdict(float)
        for part in ("stays", "cases", "places", "services", "started", "contributions", "charges", "beyond_places"):
            getattr(self, part)()

    def accrue(self, line: str, start: np.ndarray, end: np.ndarray, value: float, base: int, days: np.ndarray) -> None:
        """Charge stretches of calendar time, at `value` for each unit of `days`, a weight of each calendar day."""
        prices = value * days * self.time.levels / self.files.index[base]
        for year in self.recorded.financial_years:
            edges = [self.time.number(date(one, 4, 1)) for one in (year, year + 1)]
            self.owed[line, year] += between(prices, np.clip(start, *edges), np.clip(end, *edges))

    def for_a_time(self, line: str, since: date, until: date, value: float, base: int) -> None:
        """Charge so much a year from one date to another."""
        edges = (np.array([self.time.number(day)], dtype=float) for day in (since, until))
        self.accrue(line, *edges, value, base, self.time.parts_of_year)

    def lump(self, line: str, day: date, value: float, base: int) -> None:
        self.owed[line, financial(day)] += value * self.files.index[financial(day)] / self.files.index[base]

    def dated(self, rows: list) -> Iterator[tuple]:
        """Yield what holds, from when and until when."""
        for row, after in pairwise([*sorted(rows), (self.time.end,)]):
            yield row[0], after[0], *row[1:]

    def stays(self) -> None:
        spells = pd.concat([self.recorded.spells, self.recorded.supports])
        wanted = {"any": (0, 1, 2), "plan": (2,), "no_plan": (0, 1)}
        for row in self.files.rows("tariffs"):
            mine = spells[spells["name"].isin(self.files.named(row["applies_to"]))]
            mine = mine[mine["record"].isin(wanted[row["record"]])]
            start, end = mine["start"].to_numpy(), mine["end"].to_numpy()
            value, base = float(row["value"]), int(row["price_base"][:4])
            if row["basis"] == "pupil_year":
                stretch = self.time.moment(start), self.time.moment(end)
                self.accrue(row["line"], *stretch, value, base, self.time.parts_of_year)
            elif row["basis"] == "taught_hour":
                hours = float(row["hours_per_week"]) * float(row["weeks_per_year"]) / self.time.length
                prices = value * hours * self.time.taught_levels / self.files.index[base]
                for year in self.recorded.financial_years:
                    edges = [self.time.clock(date(one, 4, 1)) for one in (year, year + 1)]
                    self.owed[row["line"], year] += between(prices, np.clip(start, *edges), np.clip(end, *edges))
            else:
                assert row["basis"] in ("place_year", "case"), "a basis that this test does not know"

    def cases(self) -> None:
        for row in self.files.rows("tariffs"):
            if row["basis"] == "case":
                assert row["record"] == "any"
                assert row["applies_to"] in tuple(Happening)
                for at in self.recorded.events.loc[self.recorded.events["what"] == row["applies_to"], "at"]:
                    self.lump(row["line"], self.time.days[int(at)], float(row["value"]), int(row["price_base"][:4]))

    def places(self) -> None:
        """Commissioned places are paid for, filled or empty; a devolved budget pays for its own."""
        devolved = {name for name, _ in self.files.money("devolved_budget")}
        for row in (row for row in self.files.rows("tariffs") if row["basis"] == "place_year"):
            for name in set(self.files.named(row["applies_to"])) - devolved:
                for since, until, number in self.dated(self.files.commissioned(name)):
                    value = float(row["value"]) * number
                    self.for_a_time(row["line"], since, until, value, int(row["price_base"][:4]))

    def services(self) -> None:
        for item in ("running_cost", "devolved_budget"):
            for name, rows in self.files.money(item):
                for since, until, value, base in self.dated(rows):
                    self.for_a_time(self.files.lines[name], since, until, value, base)

    def started(self) -> None:
        for _, rows in self.files.money("start_up"):
            for day, value, base in rows:
                self.lump("start_up", day, value, base)

    def contributions(self) -> None:
        """Schools pay what they have agreed to, but never more than the service costs in the prices of the day."""
        costs = dict(self.files.money("running_cost"))
        for name, agreed in self.files.money("school_contribution"):
            for i, level in enumerate(self.time.levels):
                day = self.time.start + timedelta(days=i)
                paid = min(self._of_day(rows, day, level) for rows in (agreed, costs[name]))
                part = paid * self.time.parts_of_year[i]
                self.owed["school_contributions", financial(day)] += part
                self.owed[self.files.lines[name], financial(day)] -= part

    def _of_day(self, rows: list[tuple[date, float, int]], day: date, level: float) -> float:
        begun = [row for row in rows if row[0] <= day]
        return max(begun)[1] * level / self.files.index[max(begun)[2]] if begun else 0.0

    def charges(self) -> None:
        charged = self.recorded.events[self.recorded.events["what"] == "partnership_charged"]
        for row in charged.itertuples():
            self.owed[self.files.lines[row.name], financial(self.time.days[int(row.at)])] -= row.value

    def beyond_places(self) -> None:
        """Who stays where there are no longer places costs the price of one, between any two instants of change."""
        devolved = {name for name, _ in self.files.money("devolved_budget")}
        for row in (row for row in self.files.rows("tariffs") if row["basis"] == "place_year"):
            for name in self.files.named(row["applies_to"]):
                is_bought = name in devolved
                line = self.files.lines[name] if is_bought else row["line"]
                share = self.files.part_time_share if is_bought else 1.0
                start, end, number = self._beyond(name, is_bought)
                for beyond in np.unique(number[number > 0]):
                    stretch = (self.time.moment(one[number == beyond]) for one in (start, end))
                    value, base = float(row["value"]) * share * beyond, int(row["price_base"][:4])
                    self.accrue(line, *stretch, value, base, self.time.parts_of_year)

    def _beyond(self, name: str, is_bought: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return starts and ends of stretches of time, and how many pupils there are beyond the places paid for."""
        mine, held = (one[one["name"] == name] for one in (self.recorded.spells, self.recorded.places))
        paid = [(float(self.time.clock(day)), number) for day, number in self.files.commissioned(name)]
        if is_bought:
            paid = list(zip(held["at"], held["usable"], strict=True))
        instants = np.unique([*mine["start"], *mine["end"], *(at for at, _ in paid), len(self.time.days)])
        since, number = (np.array(column) for column in zip(*paid, strict=True))
        held_now = number[np.searchsorted(since, instants[:-1], side="right") - 1]
        come, gone = (np.searchsorted(np.sort(mine[edge]), instants[:-1], side="right") for edge in ("start", "end"))
        return instants[:-1], instants[1:], np.maximum(come - gone - held_now, 0)


def money(recorded: Recorded) -> Found:
    found: Found = defaultdict(float)
    in_block = {row["name"]: row["in_block"] == "true" for row in recorded.files.rows("lines")}
    budgets = {(row["item"], row["financial_year"]): float(row["value"]) for row in recorded.files.rows("budgets")}
    (opens, opening), *_ = ((year, value) for (item, year), value in budgets.items() if item == "opening_balance")
    held = None
    for (line, year), value in Ledger(recorded).owed.items():
        period = f"{year}-{(year + 1) % 100:02d}"
        found["spend", line, "", period] += value
        found["spend_total", "in_block" if in_block[line] else "beside_block", "", period] += value
    for year in recorded.financial_years:
        period = f"{year}-{(year + 1) % 100:02d}"
        income = budgets["high_needs_block", period] - budgets["other_high_needs_spend", period]
        balance = income - found["spend_total", "in_block", "", period]
        found["balance_in_year", "", "", period] = balance
        held = opening + balance if period == opens else None if held is None else held + balance
        found["balance_cumulative", "", "", period] = np.nan if held is None else held
    return found


# -- the comparison ----------------------------------------------------------------------------------------------------

PARTS = (rolls, moves, waiting, happenings, on_census_days, returned, moved_with_a_plan, money)
AREAS = ("mean_roll", "no_education_days", "waiting_number", "wait_days", "plans_on_time_share")
MONEY = ("spend", "spend_total", "balance_in_year", "balance_cumulative")
COUNTS = ("census_roll", "plans_census", "flow", "entries", "exits", "waiting_census", "waits_ended", "waits_censored")
RETURNS = (
    *RETURNED.values(),
    "plans_census_by_age",
    "plans_issued_by_age",
    "ap_census_by_key_stage",
    "ap_census_by_record",
    "suspensions_mainstream",
    "pupils_suspended_mainstream",
    "moves_calendar",
)
UNDEFINED_WHEN_NONE = ("wait_days", "plans_on_time_share")
EXPECTED = {*AREAS, *MONEY, *COUNTS, *RETURNS, *COUNTED, "pupils_suspended"}


def assert_recomputed(results: Path, county: Path) -> None:
    recorded = Recorded(results, Files(county))
    found = {key: value for part in PARTS for key, value in part(recorded).items()}
    told = pd.read_parquet(results / "measures.parquet")
    told = told[(told["replication"] == 0) & told["district"].isin(["all", ""]) & told["measure"].isin(EXPECTED)]
    assert set(told["measure"]) == EXPECTED
    wrong, seen = [], set()
    for row in told.itertuples():
        key = (row.measure, row.provision, row.phase, row.period)
        expected = found.get(key, np.nan if row.measure in UNDEFINED_WHEN_NONE else 0.0)
        within = HALF_A_PENNY if row.measure in MONEY else EXACT if row.measure in AREAS else 0.0
        seen.add(key)
        is_same = row.value == expected or np.isnan([row.value, expected]).all()
        if not is_same and not abs(row.value - expected) <= within:
            wrong.append((key, row.value, expected))
    assert wrong == []
    periods = set(told["period"])
    assert {key for key, value in found.items() if value and key[2] in ("all", "") and key[3] in periods} <= seen
    assert sum(value for key, value in found.items() if key[0] == "spend") > 1e7


def run(county: Path, folder: Path) -> Path:
    study = Study("recomputed", (baseline(load_county(county)),), seed=SEED, replications=1)
    study.run(folder, workers=1)
    return folder


def busy_copy(folder: Path) -> Path:
    """Return a copy of Exampleshire's files that has `BUSY` added."""
    county = folder / "exampleshire"
    county.mkdir()
    for file in (CONFIGS / "exampleshire").iterdir():
        added = "".join(f"{row},judgement,fictional,2018/19,Invented.\n" for row in BUSY.get(file.name, ()))
        county.joinpath(file.name).write_text(file.read_text(encoding="utf-8") + added, encoding="utf-8")
    return county


def test_measures_and_money_of_exampleshire_are_worked_out_again_from_its_files(tmp_path):
    county = CONFIGS / "exampleshire"
    assert_recomputed(run(county, tmp_path / "results"), county)


def test_and_so_they_are_when_money_is_spent_in_every_way_there_is(tmp_path):
    county = busy_copy(tmp_path)
    results = run(county, tmp_path / "results")
    assert_recomputed(results, county)
    ledger = Ledger(Recorded(results, Files(county)))
    for part in ("contributions", "charges", "beyond_places", "started"):
        ledger.owed.clear()
        getattr(ledger, part)()
        assert any(ledger.owed.values()), part


@pytest.mark.slow
def test_measures_and_money_of_cambridgeshire_are_worked_out_again_from_its_files(tmp_path):
    county = CONFIGS / "cambridgeshire"
    assert_recomputed(run(county, tmp_path / "results"), county)


def test_the_kinds_of_placement_are_those_that_are_counted():
    kinds = {row["kind"] for row in Files(CONFIGS / "cambridgeshire").rows("provisions")}
    assert set(PLACEMENTS) | {ProvisionKind.DISTRICT_TEAM} <= kinds

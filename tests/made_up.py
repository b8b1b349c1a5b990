"""A made-up county and run for tests of measures, money and results: few pupils, round prices, known answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from sim.engine.journal import COLUMNS, Tables
from sim.measures import Facts, facts_of
from sim.parameters.load import load_county
from sim.parameters.schema import (
    BudgetLine,
    Money,
    Observed,
    Parameters,
    Places,
    ProvisionSpec,
    Quantity,
    School,
    Tariff,
)
from sim.vocabulary import Happening, ProvisionKind, Record, WaitOutcome

CONFIGS = Path(__file__).parent.parent / "configs"
SAID = {"grade": "judgement", "source": "made_up", "year": "2020"}
FIXED = {**SAID, "distribution": "fixed"}
FIRST_YEAR = 2014


def gbp(value: float, base: str = "2018-19", unit: str = "GBP per year") -> Money:
    return Money(value=value, low=value, high=value, unit=unit, price_base=base, **FIXED)


def figure(value: float, unit: str = "GBP") -> Quantity:
    return Quantity(value=value, low=value, high=value, unit=unit, **FIXED)


def places(commissioned: int, usable: int | None = None) -> Places:
    return Places(commissioned=commissioned, usable=commissioned if usable is None else usable, **SAID)


def provision(kind: ProvisionKind, **dated: object) -> ProvisionSpec:
    groups = {"first_year_group": "R", "last_year_group": "Y11"}
    return ProvisionSpec(label=str(kind), kind=kind, line="services", **groups, **SAID, **dated)


def tariff(line: str, applies_to: str, basis: str, value: float, **more: object) -> Tariff:
    said = {"unit": "GBP", "price_base": "2018-19", **more}
    return Tariff(line=line, applies_to=applies_to, basis=basis, value=value, low=value, high=value, **FIXED, **said)


def line(in_block: bool = True) -> BudgetLine:
    payer = "high needs block" if in_block else "council"
    return BudgetLine(label="A line", in_block=in_block, payer=payer, section_251="1.2", **SAID)


def observed(measure: str, phase: str, period: str, value: float) -> Observed:
    return Observed(
        measure=measure,
        phase=phase,
        period=period,
        value=value,
        low=value,
        high=value,
        unit="pupils",
        **FIXED,
    )


PROVISIONS = {
    "mainstream": provision(ProvisionKind.MAINSTREAM),
    "oak_lodge": provision(
        ProvisionKind.SPECIAL, places={date(2014, 9, 1): places(3), date(2017, 1, 10): places(5, 4)}
    ),
    "elm_house": provision(ProvisionKind.SPECIAL),
    "tuition_with_plan": provision(ProvisionKind.TUITION_WITH_PLAN),
    "tuition_without_plan": provision(ProvisionKind.TUITION_WITHOUT_PLAN),
    "no_education": provision(ProvisionKind.NO_EDUCATION),
    "ap_east": provision(
        ProvisionKind.ALTERNATIVE_PROVISION, devolved_budget={date(2014, 9, 1): gbp(90_000, "2017-18")}
    ),
    "far_school": provision(ProvisionKind.INDEPENDENT),
    "team_east": provision(
        ProvisionKind.DISTRICT_TEAM,
        running_cost={date(2014, 9, 1): gbp(50_000), date(2017, 6, 15): gbp(60_000, "2016-17")},
    ),
    "base_east": provision(
        ProvisionKind.IN_REACH,
        running_cost={date(2017, 9, 1): gbp(100_000)},
        start_up={date(2017, 3, 31): gbp(20_000, unit="GBP"), date(2017, 4, 1): gbp(5_000, unit="GBP")},
    ),
}

TARIFFS = {
    "fee": tariff("fees", "independent_special", "pupil_year", 50_000),
    "boarding": tariff("fees", "far_school", "calendar_day", 11, price_base="2015-16"),
    "place": tariff("place_funding", "special_school", "place_year", 10_000),
    "ap_place": tariff("place_funding", "alternative_provision", "place_year", 18_000),
    "top_up": tariff("top_up", "mainstream", "pupil_year", 8_000, record="plan"),
    "hour": tariff("tuition", "tuition_with_plan", "taught_hour", 40, hours_per_week=20, weeks_per_year=38),
    "hour_2": tariff("tuition", "tuition_without_plan", "taught_hour", 40, hours_per_week=10, weeks_per_year=36),
    "request": tariff("casework", "ehc_requested", "case", 900),
    "base_case": tariff("casework", "base_in_reach", "case", 250),
    "taxi": tariff("transport", "special_school", "pupil_year", 4_000, price_base="2019-20"),
}

LINES = {
    **{name: line() for name in ("fees", "place_funding", "top_up", "tuition", "casework", "services", "start_up")},
    "transport": line(in_block=False),
}


def county(**changes: object) -> Parameters:
    """Return a county of three academic years of measures (2015/16 to 2017/18) after one of run-in."""
    base = load_county(CONFIGS / "exampleshire")
    horizon = base.horizon.model_copy(
        update={
            "first_academic_year": "2014/15",
            "baseline_academic_year": "2018/19",
            "study_start": date(2017, 9, 1),
            "last_academic_year": "2018/19",
        }
    )
    schools = {name: School(phase="primary", district=name, pupils=100, **SAID) for name in ("east", "west")}
    inflation = {f"{year}-{year % 100 + 1:02d}": figure(1 + (year - 2014) / 50, "index") for year in range(2014, 2020)}
    made = {
        "horizon": horizon,
        "schools": schools,
        "provisions": PROVISIONS,
        "tariffs": TARIFFS,
        "lines": LINES,
        "inflation": inflation,
        "observed": {},
        "budgets": {
            "high_needs_block": {"2016-17": figure(1e6), "2018-19": figure(2e6)},
            "other_high_needs_spend": {"2016-17": figure(4e5)},
            "opening_balance": {"2017-18": figure(-5e4)},
        },
    }
    return base.model_copy(update={**made, **changes})


class Run:
    """Facts written by hand. Instants are school days from 1 September 2014."""

    def __init__(self, parameters: Parameters | None = None) -> None:
        self.parameters = county() if parameters is None else parameters
        self.calendar = self.parameters.calendar()
        self.rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in COLUMNS}
        self.names = tuple(self.parameters.provisions)

    def at(self, year: int, day: float = 0.0) -> float:
        """Return the clock `day` school days into the academic year that begins in `year`."""
        return self.calendar.september(year) + day

    def pupil(self, number: int, onset: float, left: float, year_group: int = 3, cohort: int = 2012) -> int:
        identity = 1000 + 7 * number  # identities are neither dense nor in order of recording
        self.rows["pupils"].insert(0, (identity, cohort, year_group, number, number % 2, number % 2, onset, left))
        return identity

    def spell(
        self,
        pupil: int,
        place: str,
        start: float,
        end: float,
        record: Record = Record.NONE,
        ended: bool = True,
    ) -> None:
        self.rows["spells"].insert(0, (pupil, self.names.index(place), record, start, end, ended))

    def support(self, pupil: int, place: str, start: float, end: float, crisis: bool = False) -> None:
        self.rows["supports"].append((pupil, self.names.index(place), crisis, start, end, True))

    def wait(self, pupil: int, place: str, start: float, end: float, outcome: WaitOutcome) -> None:
        code = tuple(WaitOutcome).index(outcome)
        self.rows["waits"].append((pupil, self.names.index(place), 0, start, end, code))

    def event(
        self,
        pupil: int,
        happening: Happening,
        at: float,
        year_group: int = 3,
        record: Record = Record.NONE,
        value: float = 0.0,
        place: str | None = None,
    ) -> None:
        code, about = tuple(Happening).index(happening), -1 if place is None else self.names.index(place)
        self.rows["events"].append((pupil, at, code, about, year_group, record, value))

    def enrol(self, pupil: int, school: str | None, at: float) -> None:
        code = -1 if school is None else tuple(self.parameters.schools).index(school)
        self.rows["enrolments"].append((pupil, code, at))

    def sign(self, school: str, at: float, signed: bool = True, trained: bool = True) -> None:
        self.rows["sign_ups"].append((tuple(self.parameters.schools).index(school), at, signed, trained))

    def usable(self, place: str, at: float, number: int) -> None:
        self.rows["places"].append((self.names.index(place), at, number))

    def tables(self) -> Tables:
        made: Tables = {}
        for name, columns in COLUMNS.items():
            block = np.array(self.rows[name], dtype=np.float64).reshape(-1, len(columns))
            made[name] = {column: block[:, i].astype(kind) for i, (column, kind) in enumerate(columns.items())}
        return made

    def facts(self) -> Facts:
        return facts_of(self.tables(), self.parameters)

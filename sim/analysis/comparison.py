"""Comparing scenarios: paired differences, and the headline rows of the printed table in plain words.

Years are added up or averaged within a replication first; replications are then paired, and only then is
there a mean and an interval. The interval is that of the mean difference, not the range of replications.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

import pandas as pd

from sim.measures.ledger import BESIDE_BLOCK, IN_BLOCK
from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.results import KEYS, Results, interval_name
from sim.results import paired_differences as of_measures
from sim.school_year import SEPTEMBER, financial_year_of, year_start
from sim.vocabulary import BASE_TIERS, PLACEMENTS, Phase, ProvisionKind

__all__ = ["headline", "headline_rows", "interval_name", "over_study", "paired_differences"]

Over = Literal["mean", "sum", "last"]
PERIOD_WORDS: dict[Over, str] = {"mean": "mean of {}", "sum": "total of {}", "last": "{}"}


class Row(NamedTuple):
    """A row of the printed table: a measure, how its years are put together, and the words for it."""

    group: str
    quantity: str
    unit: str
    measure: str
    provision: str
    phase: str
    over: Over

    @property
    def label(self) -> str:
        """Group and quantity in words."""
        return f"{self.group}: {self.quantity}"


def paired_differences(
    results: Results | pd.DataFrame, scenario: str, level: float = 0.95, baseline: str | None = None
) -> pd.DataFrame:
    """Return the paired differences of a scenario from the baseline; see `sim.results.paired_differences`.

    Parameters
    ----------
    results : results, or their measures; then the baseline is the first scenario unless it is named.
    """
    if isinstance(results, Results):
        return of_measures(results.measures, scenario, baseline or results.baseline, level, results.per_draw)
    return of_measures(results, scenario, baseline or str(results["scenario"].iloc[0]), level)


def headline(results: Results, scenario: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return the rows of the printed table for one scenario (the last, if none is named).

    Columns: group, quantity, unit, period, baseline_mean, scenario_mean, difference, low, high, replications.
    Rows with nothing in either scenario, and budget lines without any spend, are left out. ValueError when the
    study holds no whole year.
    """
    name = scenario or results.scenarios[-1]
    wanted = headline_rows(results.provenance["lines"])
    measures = results.measures
    both = measures[measures["scenario"].isin([results.baseline, name])]
    parts = []
    for over in PERIOD_WORDS:
        names = {row.measure for row in wanted if row.over == over}
        joined = over_study(both[both["measure"].isin(names)], _study_start(results), over)
        if not joined.empty:
            found = of_measures(joined, name, results.baseline, level, results.per_draw)
            parts.append(found.assign(over=over))
    if not parts:
        raise ValueError("the study holds no whole year to report; its last academic year must end later")
    return _worded(pd.concat(parts).astype(dict.fromkeys(KEYS, "str")), wanted)


def over_study(measures: pd.DataFrame, study_start: date, over: Over) -> pd.DataFrame:
    """Return tidy rows in which each replication's study years are averaged, added up, or cut to the last.

    Study years are the academic years that begin on or after the start of the study and the financial years
    from the one it starts in. `period` then says which, such as 'mean of 2019/20 to 2028/29'. Years without a
    value are left out of a mean; only rows for the whole county are kept.
    """
    periods = list(dict.fromkeys(measures["period"].astype("str")))
    study = [label for label in periods if is_in_study(label, study_start)]
    made = []
    for labels in _by_type(study):
        mine = measures[measures["period"].isin(labels) & measures["district"].isin([ALL, NOT_APPLICABLE])]
        if over == "last":
            labels = labels[-1:]
            mine = mine[mine["period"] == labels[0]]
        keys = ["scenario", "replication", "measure", "provision", "phase", "district"]
        grouped = mine.groupby(keys, sort=False, observed=True)["value"]
        joined = grouped.sum(min_count=1) if over == "sum" else grouped.mean()
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
        made.append(joined.reset_index().assign(period=PERIOD_WORDS[over].format(span)))
    return pd.concat(made, ignore_index=True) if made else measures.iloc[:0]


def headline_rows(lines: dict[str, str]) -> list[Row]:
    """Return the rows of the printed table, in order; `lines` are the budget lines with their labels."""
    rolls = [_roll(kind) for kind in (*PLACEMENTS, *BASE_TIERS)]
    money = {
        **lines,
        IN_BLOCK: "All lines of the high needs block",
        BESIDE_BLOCK: "All lines beside the block",
    }
    return [
        *rolls,
        *_happenings(),
        *_packages(),
        *_waits(),
        *(_money(name, label, "sum") for name, label in money.items()),
        *(_money(name, label, "mean") for name, label in money.items()),
        _balance("balance_in_year", "In-year balance", "last"),
        _balance("balance_cumulative", "Cumulative balance", "last"),
    ]


def _worded(differences: pd.DataFrame, wanted: Iterable[Row]) -> pd.DataFrame:
    """Put the words of the rows beside their numbers, and leave out what is nothing throughout."""
    table = pd.DataFrame(wanted, columns=list(Row._fields)).merge(differences, on=list(Row._fields[3:]))
    is_nothing = (table["baseline_mean"].fillna(0.0) == 0) & (table["scenario_mean"].fillna(0.0) == 0)
    hidden = [*Row._fields[3:], "district"]
    return table[~is_nothing].drop(columns=hidden).reset_index(drop=True)


def _roll(kind: ProvisionKind) -> Row:
    group = "Pupils on roll" if kind in PLACEMENTS else "Pupils supported by the bases"
    return Row(group, _words(kind), "pupils", "mean_roll", kind.value, ALL, "mean")


def _happenings() -> list[Row]:
    named = {
        "permanent_exclusions": "Permanent exclusions",
        "suspensions": "Suspensions of pupils with visible SEMH need",
    }
    rows = [
        Row("Crises", f"{words}, {phase.value}", "number", measure, ALL, phase.value, "mean")
        for measure, words in named.items()
        for phase in Phase
    ]
    plans = Row("EHC plans", "EHC plans issued", "number", "plans_issued", ALL, ALL, "mean")
    return [*rows, plans]


def _packages() -> list[Row]:
    group = "Tuition packages"
    return [
        Row(group, "Tuition packages at any one time", "pupils", "tuition_packages", ALL, ALL, "mean"),
        Row(group, "Tuition packages that ended", "number", "tuition_packages_ended", ALL, ALL, "mean"),
        Row(group, "Mean length of those that ended", "school weeks", "tuition_length_mean", ALL, ALL, "mean"),
    ]


def _waits() -> list[Row]:
    kinds = (ProvisionKind.SPECIAL, ProvisionKind.ALTERNATIVE_PROVISION, ProvisionKind.DISTRICT_TEAM)
    named = (("Waiting", "pupils", "waiting_number"), ("Mean wait", "school days", "wait_days"))
    return [
        Row("Waits", f"{words}: {_words(kind)}", unit, measure, kind.value, ALL, "mean")
        for kind in kinds
        for words, unit, measure in named
    ]


def _money(name: str, label: str, over: Over) -> Row:
    group = "Spend over the study" if over == "sum" else "Spend a year"
    measure = "spend_total" if name in (IN_BLOCK, BESIDE_BLOCK) else "spend"
    return Row(group, label, "GBP, cash", measure, name, NOT_APPLICABLE, over)


def _balance(measure: str, words: str, over: Over) -> Row:
    unit = "GBP, cash; below 0 is a deficit"
    return Row("High needs block", words, unit, measure, NOT_APPLICABLE, NOT_APPLICABLE, over)


def _words(kind: ProvisionKind) -> str:
    spaced = kind.value.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def _study_start(results: Results) -> date:
    return date.fromisoformat(results.provenance["horizon"]["study_start"])


def _is_financial(label: str) -> bool:
    return "-" in label


def is_in_study(label: str, study_start: date) -> bool:
    """Whether a period is an academic or financial year of the study; census days and calendar years are left out."""
    if "/" not in label and not _is_financial(label):
        return False
    if _is_financial(label):
        return year_start(label) >= financial_year_of(study_start)
    return date(year_start(label), SEPTEMBER, 1) >= study_start


def _by_type(labels: list[str]) -> list[list[str]]:
    """Return academic and financial years apart, those of which there are any, in order."""
    financial = sorted(label for label in labels if _is_financial(label))
    academic = sorted(label for label in labels if not _is_financial(label))
    return [years for years in (academic, financial) if years]

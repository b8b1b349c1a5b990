"""What a scenario changes for whom: the same pupils, with the same luck, in the baseline and in the scenario.

A pupil of one replication lives twice. If a kind of spell stands in the baseline's life and not in the scenario's, the
pupil avoided it; the other way round, the pupil gained it. A life has changed if days in any placement differ by a
school day or more, which a pupil's may without any spell avoided or gained. Pupils are counted within each replication
(and averaged within a draw, if parameters were drawn); only then is there a mean over replications with an interval.

Small counts are treated as official statistics treat them: a mean of fewer than 10 pupils is marked as few, and no
share is given of it, because with so few cases chance alone may double or halve a share
(https://celsius.lshtm.ac.uk/onscell.html, advice of the Office for National Statistics on small counts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from sim.results import Results, interval_name, mean_with_interval, means_of_draws, run_id
from sim.school_year import academic_year_of
from sim.vocabulary import YEAR_GROUPS, ProvisionKind

FEWEST = 10
"""A mean count below this is marked as few, and has no share."""

LEVEL = 0.95
PERCENTILES = (10, 90)
AVOIDED, GAINED, NET, BEFORE, CHANGED = "avoided", "gained", "net", "in_baseline", "changed"
EVERYBODY, YEAR_GROUP, SEX, DISTRICT, SIGN_UP = "all", "year_group", "male", "district", "school_signed"
GROUPINGS = (EVERYBODY, YEAR_GROUP, SEX, DISTRICT, SIGN_UP)
SIGNED, NOT_SIGNED = "signed the Standards", "not signed"
SAID = {SIGN_UP: {True: SIGNED, False: NOT_SIGNED}, SEX: {True: "boys", False: "girls"}}
AT_LEAST = 1.0
"""School days by which days in a placement must differ for a pupil's life to count as changed."""

ANY = "any"
MAINSTREAM = ProvisionKind.MAINSTREAM.value
TUITION = ("tuition_with_plan", "tuition_without_plan", "district_teaching")
KEYS = ["replication", "pupil"]


def _days(*kinds: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    return lambda table: table[[f"days_{kind}" for kind in kinds]].sum(axis=1) > 0


SPELLS: Mapping[str, Callable[[pd.DataFrame], pd.Series[bool]]] = {
    "special_school": _days(ProvisionKind.SPECIAL),
    "independent_special": _days(ProvisionKind.INDEPENDENT),
    "tuition": _days(*TUITION),
    "alternative_provision": _days(ProvisionKind.ALTERNATIVE_PROVISION),
    "excluded": lambda table: table["permanent_exclusions"] > 0,
}
"""Kinds of spell, and whether each pupil had one since the study began."""

FURTHEST = ("independent_special", "special_school", "tuition", "alternative_provision")
"""Placements a pupil may come to beside mainstream, furthest first: what the flow between two lives tells."""


def changed_for_whom(
    results: Results, scenario: str, level: float = LEVEL, pairs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return how many pupils avoided and how many gained each kind of spell, by group.

    Parameters
    ----------
    pairs : what `paired_pupils` returns, where it is at hand.

    Returns
    -------
    Rows of scenario, comparison, spell (of SPELLS, or 'any' of them), grouping (of GROUPINGS; male and school_signed
    only if the results tell them), group, quantity (in_baseline, avoided, gained, net = gained - avoided; of 'any'
    also changed: pupils whose days in some placement differ), value, low, high
    (interval of the mean), p10, p90 (of single replications), replications, few, share (of those in the baseline; NaN
    when either count is few), unit, interval, run. A group is that of the study's start, or of onset if later; the
    sign-up is that under the scenario.

    Raises ValueError when the results hold no pupils of the scenario or of the baseline.
    """
    both = paired_pupils(results, scenario) if pairs is None else pairs
    made = []
    for spell, (before, after) in _lives(both).items():
        counts = pd.DataFrame({BEFORE: before, AVOIDED: before & ~after, GAINED: after & ~before}).astype(np.int64)
        counts[NET] = counts[GAINED] - counts[AVOIDED]
        if spell == ANY:
            counts[CHANGED] = _has_changed(both).astype(np.int64)
        for grouping in GROUPINGS:
            if grouping in both:
                keys = {"spell": spell, "grouping": grouping}
                made.append(_by_group(results, both, counts, grouping, level).assign(**keys))
    return _finished(results, scenario, pd.concat(made, ignore_index=True), level)


def flows(results: Results, scenario: str, level: float = LEVEL, pairs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how many pupils came how far in the baseline and in the scenario: the flow between the two lives.

    Returns
    -------
    Rows of scenario, comparison, before and after (the furthest placement since the study began: one of FURTHEST or
    mainstream), value, low, high, p10, p90, replications, few, unit, interval, run; each pair that ever occurs.
    """
    both = paired_pupils(results, scenario) if pairs is None else pairs
    lives = _lives(both)
    ends = [pd.Series(_furthest({name: lives[name][side] for name in FURTHEST}), index=both.index) for side in (0, 1)]
    table = pd.DataFrame({"before": ends[0], "after": ends[1], "replication": both["replication"], "pupils": 1})
    wide = table.pivot_table(index=["before", "after"], columns="replication", values="pupils", aggfunc="sum")
    found = _estimated(results, wide, level).reset_index()
    return _finished(results, scenario, found, level)


def paired_pupils(results: Results, scenario: str) -> pd.DataFrame:
    """Return one row per pupil and replication with columns of both lives, `_before` and `_after`, and groups.

    A pupil who is in one of the two only has no spells in the other.
    """
    before, after = (_plain(results.pupils(name)) for name in (results.baseline, scenario))
    told = [*before.columns.drop(KEYS)]
    both = before.merge(after, on=KEYS, how="outer", suffixes=("_before", "_after"), sort=True)
    numbers = [f"{name}_{end}" for name in told for end in ("before", "after") if _is_count(name)]
    return both.assign(**both[numbers].fillna(0), **_groups(results, both))


def _plain(pupils: pd.DataFrame) -> pd.DataFrame:
    """Return pupils with text in place of categories, which differ between scenarios."""
    return pupils.astype({name: "str" for name in pupils.columns if pupils[name].dtype == "category"})


def _is_count(name: str) -> bool:
    return name.startswith("days_") or name == "permanent_exclusions"


def _groups(results: Results, both: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """Return the group of each pupil in each grouping that the results tell of."""

    def told(name: str) -> pd.Series[str]:
        return both[f"{name}_after"].where(both[f"{name}_after"].notna(), both[f"{name}_before"])

    study = academic_year_of(date.fromisoformat(str(results.provenance["horizon"]["study_start"])))
    onset = told("year_group_of_onset").map({name: i for i, name in enumerate(YEAR_GROUPS)})
    number = np.clip(np.maximum(onset, study - told("cohort").astype(np.int64)), 0, len(YEAR_GROUPS) - 1)
    groups = {
        EVERYBODY: pd.Series(EVERYBODY, index=both.index),
        YEAR_GROUP: pd.Series(np.array(YEAR_GROUPS)[number.astype(np.int64)], index=both.index),
        DISTRICT: told("district").astype("str"),
    }
    there = {name: said for name, said in SAID.items() if f"{name}_after" in both}
    return groups | {name: told(name).astype(bool).map(said) for name, said in there.items()}


def _has_changed(both: pd.DataFrame) -> pd.Series[bool]:
    """Return whether days in any placement differ between the two lives by a school day or more."""
    days = [
        name.removesuffix("_after") for name in map(str, both) if name.startswith("days_") and name.endswith("_after")
    ]
    gaps = [(both[f"{name}_after"] - both[f"{name}_before"]).abs() for name in days]
    return pd.Series(np.maximum.reduce([gap.to_numpy() for gap in gaps]) >= AT_LEAST, index=both.index)


def _lives(both: pd.DataFrame) -> dict[str, tuple[pd.Series[bool], pd.Series[bool]]]:
    """Return whether each pupil had each kind of spell, and any of them, in the baseline and in the scenario."""
    lives = [_life(both, end) for end in ("_before", "_after")]
    found = {name: (had(lives[0]), had(lives[1])) for name, had in SPELLS.items()}
    every = [np.logical_or.reduce([pair[side] for pair in found.values()]) for side in (0, 1)]
    return found | {ANY: (pd.Series(every[0], index=both.index), pd.Series(every[1], index=both.index))}


def _life(both: pd.DataFrame, end: str) -> pd.DataFrame:
    mine = [name for name in both if str(name).endswith(end)]
    return both[mine].rename(columns=lambda name: name.removesuffix(end))


def _furthest(lives: Mapping[str, pd.Series[bool]]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.select([lives[name].to_numpy() for name in FURTHEST], FURTHEST, MAINSTREAM).astype(object)


def _by_group(results: Results, both: pd.DataFrame, counts: pd.DataFrame, grouping: str, level: float) -> pd.DataFrame:
    """Return mean, interval and range of each count of each group, and shares of those in the baseline."""
    sums = counts.groupby([both[grouping], both["replication"]]).sum().rename_axis(columns="quantity")
    wide = pd.DataFrame(sums.stack().unstack("replication"))  # noqa: PD010, PD013 - both levels are wanted as they are
    found = _estimated(results, wide, level).rename_axis(["group", "quantity"]).reset_index()
    base = found["group"].map(found[found["quantity"] == BEFORE].set_index("group")["value"])
    known = ~found["few"] & (base >= FEWEST) & ~found["quantity"].isin([BEFORE, CHANGED])
    found["share"] = (found["value"] / base.where(base > 0)).where(known)
    return _in_order(found, grouping)


def _estimated(results: Results, wide: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return estimates of counts (rows) by replication (columns); who is not there is not counted: 0."""
    numbers = np.arange(int(results.provenance["replications"]))
    full = wide.reindex(columns=numbers).fillna(0.0)
    values = full.to_numpy(dtype=np.float64)
    found = (
        mean_with_interval(means_of_draws(values, numbers, results.per_draw), level)
        .rename(columns={"mean": "value"})
        .set_index(full.index)
    )
    low, high = np.percentile(values, PERCENTILES, axis=1)
    few = (found["value"].abs() < FEWEST) & (found["value"] != 0)
    return found.assign(p10=low, p90=high, few=few)


def _in_order(found: pd.DataFrame, grouping: str) -> pd.DataFrame:
    order: Iterable[str] = YEAR_GROUPS if grouping == YEAR_GROUP else sorted(set(found["group"]))
    quantities = (BEFORE, AVOIDED, GAINED, NET, CHANGED)
    keys = {"group": {name: i for i, name in enumerate(order)}, "quantity": {q: i for i, q in enumerate(quantities)}}
    return found.sort_values(["group", "quantity"], key=lambda column: column.map(keys[str(column.name)]))


def _finished(results: Results, scenario: str, found: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the table with what must stand beside every number, keys first."""
    of = "draws" if results.are_drawn else "replications"
    said = {"scenario": scenario, "comparison": results.baseline}
    after = {
        "unit": "pupils since the study began, mean over " + of,
        "interval": interval_name(level).removesuffix(" difference"),
        "run": run_id(results.provenance),
    }
    keys = [name for name in ("spell", "grouping", "group", "quantity", "before", "after") if name in found]
    numbers = [name for name in found if name not in keys]
    return found.assign(**said, **after)[[*said, *keys, *numbers, *after]].reset_index(drop=True)

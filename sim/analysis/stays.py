"""Whole stays: the spells of a pupil in one provision, joined where only the record changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sim.analysis.recorded import recorded
from sim.results import Results
from sim.school_year import SEPTEMBER
from sim.vocabulary import YEAR_GROUPS

DAYS_IN_WEEK = 5
COLUMNS = (
    *("scenario", "replication", "pupil", "provision", "kind", "year_group", "record"),
    *("start", "end", "start_date", "end_date", "school_days", "school_weeks", "ended"),
)


def stays(results: Results, scenarios: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row for each stay of a pupil in a provision, of replications whose facts are kept.

    A stay goes on when the record changes, which spells do not. Stays that have not `ended` are cut off by the end of
    the run: leave them out, or say that they are in.

    Parameters
    ----------
    scenarios : those wanted; all, if none is named.

    Returns
    -------
    scenario, replication, pupil, provision, kind (of provision), year_group and record (when the stay began), start,
    end (school days since the run began), start_date, end_date, school_days, school_weeks (of five days), ended.
    """
    kinds = {name: one["kind"] for name, one in results.provenance["provisions"].items()}
    return whole_stays(recorded(results, "spells", scenarios), kinds)


def whole_stays(spells: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Return spells in words joined to stays; columns as `stays`, without those that the spells do not have.

    Parameters
    ----------
    kinds : kind of each provision, by its name.
    """
    keys = [name for name in ("scenario", "replication", "pupil") if name in spells]
    spells = spells.astype({name: "str" for name in ("pupil", "provision", "record")})
    spells = spells.sort_values([*keys, "start"], kind="stable").reset_index(drop=True)
    before = spells.shift()
    same = (spells[[*keys, "provision"]] == before[[*keys, "provision"]]).all(axis=1)
    number = (~(same & (spells["start"] == before["end"]))).cumsum()
    joined = spells.groupby(number, sort=False)
    first, last = joined.first(), joined.last()
    made = first.assign(
        kind=first["provision"].map(dict(kinds)),
        year_group=_year_groups(first),
        end=last["end"],
        end_date=last["end_date"],
        ended=last["ended"],
        school_days=last["end"] - first["start"],
    )
    made = made.assign(school_weeks=made["school_days"] / DAYS_IN_WEEK)
    return made[[name for name in COLUMNS if name in made]].reset_index(drop=True)


def _year_groups(rows: pd.DataFrame) -> pd.Series[str]:
    """Return the year group of each pupil on the day of `start_date`, from the cohort in the pupil's name."""
    begun = rows["start_date"].dt.year - (rows["start_date"].dt.month < SEPTEMBER).astype(int)
    since_reception = begun - rows["pupil"].str.split("-").str[0].astype(int)
    groups: pd.Series[str] = since_reception.clip(0, len(YEAR_GROUPS) - 1).map(dict(enumerate(YEAR_GROUPS)))
    return groups.astype("str")

"""Little's law for every provision of a county: mean number = rate of arrival x mean stay, for rolls and for waits."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.model import Run
from sim.parameters.changes import with_changes
from sim.parameters.schema import Parameters
from sim.vocabulary import YEAR_GROUPS
from tests.claims import LEVEL, Claims
from tests.earlier import beginning_in
from tests.laws import Watched, frame, watching
from tests.theory.scores import mean_scores
from tests.worlds import EXAMPLESHIRE, places

SEED, SCHOOL_DAYS = 20190517, 190

BUSY = with_changes(
    EXAMPLESHIRE,
    {
        **{f"provisions/base_*_{tier}/places/2014-09-01": places(3) for tier in ("outreach", "in_reach", "respite")},
        **{f"provisions/base_*_{tier}/places/2014-09-01": places(2) for tier in ("assessment", "teaching")},
        "provisions/panel_*/places/2016-01-11": places(3),
        "quantities/team/teaches_tutored": 0.5,
        "quantities/crisis/respite_absorbs": 1,
    },
)
"""Exampleshire with bases and panels, so that every provision is used."""

WINDOW = date(2015, 11, 2), date(2022, 3, 7)


class Window:
    """One run seen between two instants, with everything that was recorded of it to its end.

    `rolls` and `queues` are days under each roll and each waiting list, summed step by step while the run went on;
    `stays` and `waits` are what the tables say of them afterwards.
    """

    def __init__(self, parameters: Parameters, window: tuple[date, date], replication: int = 0) -> None:
        self.start, self.end = (parameters.calendar().clock(day) for day in window)
        with watching() as watched:
            run = Run(parameters, SEED, replication)
            before, after = (self._seen(run, day, watched) for day in window)
            tables = run.finish().tables()
        self.rolls, self.queues = (
            {name: days - then.get(name, 0.0) for name, days in now.items()}
            for then, now in zip(before, after, strict=True)
        )
        self.stays = self._named(parameters, frame(tables, "spells"), frame(tables, "supports"))
        self.waits = self._named(parameters, frame(tables, "waits"))

    @staticmethod
    def _seen(run: Run, day: date, watched: Watched) -> tuple[dict[str, float], dict[str, float]]:
        run.stop_before(day)
        return watched.rolls.until(run.world.now), watched.queues.until(run.world.now)

    @staticmethod
    def _named(parameters: Parameters, *tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
        names = dict(enumerate(parameters.provisions))
        rows = pd.concat(tables)
        return {names[code]: mine for code, mine in rows.groupby("provision")}

    @property
    def days(self) -> float:
        return self.end - self.start


def days_by_littles_law(rows: pd.DataFrame, start: float, end: float) -> float:
    """Return entries in the window x their mean stay, corrected for those who were there at its edges."""
    entered = rows[(start <= rows["start"]) & (rows["start"] < end)]
    there_at_start = rows[(rows["start"] < start) & (start < rows["end"])]
    whole = len(entered) * float((entered["end"] - entered["start"]).mean()) if len(entered) else 0.0
    carried_in = (np.minimum(there_at_start["end"], end) - start).sum()
    carried_out = (entered["end"] - end).clip(lower=0.0).sum()
    return float(whole + carried_in - carried_out)


@pytest.fixture(scope="module")
def busy() -> Window:
    return Window(BUSY, WINDOW)


def test_the_mean_roll_of_every_provision_is_entries_times_mean_stay(busy: Window) -> None:
    assert set(busy.rolls) == set(BUSY.provisions), "every provision is used"
    for name, days in busy.rolls.items():
        theory = days_by_littles_law(busy.stays[name], busy.start, busy.end)
        assert days / busy.days == pytest.approx(theory / busy.days, abs=1e-9), name


def test_the_mean_number_waiting_of_every_provision_is_arrivals_times_mean_wait(busy: Window) -> None:
    """Arrivals are all who begin to wait, also those whose wait ends otherwise than by an offer, or not in time."""
    waits = {name: rows[rows["pupil"] >= 0] for name, rows in busy.waits.items()}
    others = {f"{name}, other needs": rows[rows["pupil"] < 0] for name, rows in busy.waits.items()}
    waits |= {name: rows for name, rows in others.items() if len(rows)}
    assert set(busy.queues) == {name for name, rows in waits.items() if len(rows)}
    for name, days in busy.queues.items():
        theory = days_by_littles_law(waits[name], busy.start, busy.end)
        assert days / busy.days == pytest.approx(theory / busy.days, abs=1e-9), name
    assert sum(days > 0 for days in busy.queues.values()) >= 7


# -- over a long window of a county that stays as it is ----------------------------------------------------------------

REPLICATIONS, BEGINS = 40, 1998
LONG = date(2014, 9, 1), date(2023, 9, 1)
LEAST, MANY = 0.5, 2.0
"""Fewer pupils than the first, on the mean, are too few to say anything of; than the second, to say it narrowly."""


def unchanging() -> Parameters:
    """Return Exampleshire with the same cohorts and rates every year and no queue of casework, from long before."""
    year = EXAMPLESHIRE.cohorts[EXAMPLESHIRE.horizon.baseline_academic_year]
    flat = {f"cohorts/*/{group}": year[group].value for group in YEAR_GROUPS}
    yearly = {"yearly/ehc_request_factor/*": 1, "yearly/refused_share/*": 0.3, "yearly/casework_capacity/*": 1e9}
    return beginning_in(with_changes(EXAMPLESHIRE, flat | yearly), BEGINS)


def gaps(seen: Window) -> pd.DataFrame:
    """Return what there is to compare, by roll and waiting list.

    That is the mean number, how far it is from rate of leaving x mean stay, and the stay of those found
    there at a moment, who are more often those who stay long.
    """
    waits = {name: rows[rows["pupil"] >= 0] for name, rows in seen.waits.items()}
    found = {}
    for what, areas, rows_of in (("on the roll of", seen.rolls, seen.stays), ("waiting for", seen.queues, waits)):
        for name in areas.keys() & rows_of.keys():
            rows = rows_of[name]
            left = rows[(seen.start <= rows["end"]) & (rows["end"] < seen.end)]
            stays, number = left["end"] - left["start"], areas[name] / seen.days
            gap = number - len(left) / seen.days * (stays.mean() if len(left) else 0.0)
            found[f"{what} {name}"] = number, gap, (stays**2).sum() / stays.sum() if stays.any() else 0.0
    return pd.DataFrame(found, index=["number", "gap", "stay"]).T


@pytest.mark.slow
def test_in_the_long_run_the_mean_number_is_the_rate_of_leaving_times_the_mean_stay(claims: Claims) -> None:
    """Without corrections at the edges: those carried in and those carried out cancel when nothing drifts.

    If they did not cancel, they could come to the stay of everybody found there at an edge; each interval must be
    narrower than that, but where few are there.
    """
    runs = pd.concat({n: gaps(Window(unchanging(), LONG, n)) for n in range(REPLICATIONS)}).swaplevel().sort_index()
    mean = runs.groupby(level=0).mean()
    used = mean.index[(mean["number"] > LEAST) & (runs.groupby(level=0).size() == REPLICATIONS)]
    assert len(used) > 15
    error, days = runs["gap"].groupby(level=0).sem()[used], SCHOOL_DAYS * (LONG[1].year - LONG[0].year)
    half = stats.norm.isf((1.0 - LEVEL) / 2.0) * error
    is_narrow = half < mean["number"][used] * mean["stay"][used] / days
    assert is_narrow[mean["number"][used] > MANY].all()
    basis = f"{REPLICATIONS} runs of nine years, after {LONG[0].year - BEGINS} years"
    what = "mean number less rate of leaving x mean stay, by roll and waiting list"
    scores = mean_scores(np.transpose([runs["gap"][cell].to_numpy() for cell in used]), np.zeros(len(used)))
    claims.agrees("Little's law", what, np.zeros(len(used)), scores, np.ones(len(used)), basis)

"""The whole model: parameters and luck in, a journal of facts out; a run may stop and go on."""

import gc
from datetime import date

import numpy as np
import pytest

from sim.chance.streams import PupilLuck
from sim.engine.journal import COLUMNS
from sim.engine.pupil import pupil_id
from sim.model import Run, simulate
from sim.parameters.changes import with_changes
from sim.vocabulary import Happening
from tests.worlds import EXAMPLESHIRE, differing, places

FIVE_YEARS = with_changes(EXAMPLESHIRE, {"horizon/last_academic_year": "2019/20", "horizon/study_start": "2016-09-01"})
END = FIVE_YEARS.calendar().end


@pytest.fixture(scope="module")
def tables():
    return simulate(FIVE_YEARS, seed=3).tables()


def test_every_table_has_its_columns_and_their_types(tables):
    assert {name: list(columns) for name, columns in tables.items()} == {n: list(c) for n, c in COLUMNS.items()}
    for name, columns in COLUMNS.items():
        for column, kind in columns.items():
            assert tables[name][column].dtype == kind
            assert len(tables[name][column]) == len(next(iter(tables[name].values())))


def test_a_pupil_is_named_by_cohort_year_group_and_number(tables):
    pupils = tables["pupils"]
    ids = [
        pupil_id(*who)
        for who in zip(*(pupils[c].tolist() for c in ("cohort", "year_group_of_onset", "number")), strict=True)
    ]
    assert ids == pupils["pupil"].tolist()
    assert len(set(ids)) == len(ids)


def test_a_pupil_joins_in_the_academic_year_of_the_year_group_and_leaves_by_the_end_of_year_11(tables):
    pupils = tables["pupils"]
    year = FIVE_YEARS.calendar().first_year + pupils["onset"] // 190
    assert (year == pupils["cohort"] + pupils["year_group_of_onset"]).all()
    assert (pupils["left"] <= np.minimum(END, (pupils["cohort"].astype(float) + 12 - 2011) * 190)).all()


def test_onsets_are_as_many_as_the_rates_say_and_spread_over_the_year(tables):
    rates = {group: row.value for row in FIVE_YEARS.onset.values() for group in row.year_groups}
    expected = sum(
        quantity.value * rates[number] / 1000
        for year in range(2011, 2020)
        for number, quantity in enumerate(FIVE_YEARS.cohorts[f"{year}/{year - 1999:02d}"].values())
    )
    onsets = tables["pupils"]["onset"]
    assert abs(len(onsets) - expected) < 4 * expected**0.5
    share = (onsets % 190) / 190
    assert abs(share.mean() - 0.5) < 4 / (12 * len(share)) ** 0.5


def test_events_are_told_in_the_order_of_time(tables):
    assert (np.diff(tables["events"]["at"]) >= 0).all()
    assert set(tables["events"]["happening"].tolist()) <= set(range(len(tuple(Happening))))


def test_a_run_that_stops_and_goes_on_is_the_run_that_did_not_stop(tables):
    run = Run(FIVE_YEARS, 3, 0)
    for day in (date(2013, 2, 3), date(2016, 9, 1), date(2018, 12, 25)):
        run.stop_before(day)
    assert differing(tables, run.finish().tables()) == []


@pytest.mark.parametrize("day", ["2016-09-01", "2017-01-16", "2016-08-20"])
def test_a_run_that_goes_on_under_other_places_is_the_run_that_had_them_from_the_start(tables, day):
    changed = with_changes(
        FIVE_YEARS, {f"provisions/base_*/places/{day}": places(4), f"provisions/marsh_house/places/{day}": places(2)}
    )
    run = Run(FIVE_YEARS, 3, 0)
    run.stop_before(date.fromisoformat(day))
    run.change_to(changed)
    expected = simulate(changed, 3).tables()
    assert differing(tables, expected)
    assert differing(run.finish().tables(), expected) == []


def test_what_a_finished_run_leaves_behind_draws_no_luck_when_it_is_collected(monkeypatch):
    """Pathways cut off by the horizon are closed by the collector, perhaps in the middle of a call of NumPy."""
    gc.collect()
    gc.disable()
    try:
        simulate(FIVE_YEARS, seed=3)
        drawn, later_budget = [], PupilLuck.later_budget
        monkeypatch.setattr(
            PupilLuck, "later_budget", lambda self, kind: drawn.append(kind) or later_budget(self, kind)
        )
        assert gc.collect() > 1000
    finally:
        gc.enable()
    assert drawn == []

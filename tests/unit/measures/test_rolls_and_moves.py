"""Rolls, moves between placements and tuition packages, on runs small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.measures import MEASURES, measure, pupil_table
from sim.vocabulary import Record
from tests.made_up import Run, county, observed


def value(table: pd.DataFrame, period: str, provision: str = "all", phase: str = "all", district: str = "all") -> float:
    """Return the one value with these keys."""
    keys = {"period": period, "provision": provision, "phase": phase, "district": district}
    found = table
    for name, wanted in keys.items():
        found = found[found[name] == wanted]
    assert len(found) == 1, f"{len(found)} rows for {keys}"
    return float(found["value"].iloc[0])


def of(run: Run, name: str) -> pd.DataFrame:
    return MEASURES[name](run.facts())


@pytest.fixture
def moving() -> Run:
    """Return one pupil (Reception in 2012): mainstream, tuition, oak_lodge, elm_house, then leaves."""
    run = Run()
    pupil = run.pupil(1, run.at(2015, 10), run.at(2018, 100))
    run.spell(pupil, "mainstream", run.at(2015, 10), run.at(2015, 105))
    run.spell(pupil, "mainstream", run.at(2015, 105), run.at(2016), Record.PLAN)
    run.spell(pupil, "tuition_without_plan", run.at(2016), run.at(2016, 50))
    run.spell(pupil, "tuition_with_plan", run.at(2016, 50), run.at(2016, 95), Record.PLAN)
    run.spell(pupil, "oak_lodge", run.at(2016, 95), run.at(2018, 20), Record.PLAN)
    run.spell(pupil, "elm_house", run.at(2018, 20), run.at(2018, 100), Record.PLAN)
    return run


def test_the_mean_roll_is_pupil_days_over_days_of_the_year(moving: Run) -> None:
    roll = of(moving, "mean_roll")
    assert value(roll, "2015/16", "mainstream") == pytest.approx(180 / 190)
    assert value(roll, "2016/17", "special_school") == pytest.approx(95 / 190)
    assert value(roll, "2017/18", "oak_lodge") == 1.0
    assert value(roll, "2018/19", "special_school") == pytest.approx(100 / 190)
    assert value(roll, "2018/19", "elm_house") == pytest.approx(80 / 190)


def test_the_roll_of_all_placements_is_everybody_with_visible_need(moving: Run) -> None:
    roll = of(moving, "mean_roll")
    assert value(roll, "2016/17") == 1.0
    assert value(roll, "2018/19") == pytest.approx(100 / 190)


def test_a_pupil_is_in_the_phase_of_that_academic_year() -> None:
    run = Run()
    pupil = run.pupil(1, run.at(2017), run.calendar.end, year_group=6, cohort=2011)
    run.spell(pupil, "mainstream", run.at(2017), run.calendar.end, ended=False)
    roll = of(run, "mean_roll")
    assert value(roll, "2017/18", "mainstream", "primary") == 1.0
    assert value(roll, "2018/19", "mainstream", "primary") == 0.0
    assert value(roll, "2018/19", "mainstream", "secondary") == 1.0


def test_areas_under_the_rolls_are_the_sum_of_the_spells() -> None:
    rng, run = np.random.default_rng(5), Run()
    total = 0.0
    for number in range(60):
        start = run.at(2015, rng.uniform(0, 300))
        end = min(start + rng.uniform(0, 500), run.calendar.end)
        run.spell(
            run.pupil(number, start, end),
            str(rng.choice(["mainstream", "ap_east", "far_school"])),
            start,
            end,
        )
        total += end - start
    roll = of(run, "mean_roll")
    chosen = roll[(roll["provision"] == "all") & (roll["phase"] == "all")]
    assert chosen["value"].sum() * 190 == pytest.approx(total)


def test_the_census_counts_who_is_there_on_the_day(moving: Run) -> None:
    day = moving.calendar.census(2016) - moving.at(2016)
    census = of(moving, "census_roll")
    expected = "tuition_with_plan" if day < 95 else "special_school"
    assert value(census, "Jan 2017", expected) == 1
    assert value(census, "Jan 2017") == 1
    assert value(of(moving, "plans_census"), "Jan 2017", phase="primary") == 1
    assert value(of(moving, "plans_census"), "Jan 2016") == 0


def test_recorded_need_counts_pupils_on_school_rolls_only_and_divides_by_the_published_headcount() -> None:
    run = Run(county(observed={"h": observed("headcount", "primary", "2016/17", 200)}))
    for number, place in enumerate(("mainstream", "ap_east", "oak_lodge")):
        pupil = run.pupil(number, run.at(2016), run.at(2017))
        run.spell(pupil, place, run.at(2016), run.at(2017), Record.SEN_SUPPORT)
    unrecorded = run.pupil(9, run.at(2016), run.at(2017))
    run.spell(unrecorded, "mainstream", run.at(2016), run.at(2017))
    assert value(of(run, "recorded_census"), "Jan 2017", phase="primary") == 2
    prevalence = of(run, "recorded_prevalence")
    assert value(prevalence, "Jan 2017", phase="primary") == pytest.approx(1.0)
    assert np.isnan(value(prevalence, "Jan 2018", phase="primary"))
    assert np.isnan(value(prevalence, "Jan 2017", phase="secondary"))


def test_a_move_on_1_september_belongs_to_the_new_year_and_leaving_then_to_the_old(moving: Run) -> None:
    assert value(of(moving, "flow"), "2016/17", "mainstream>tuition_without_plan") == 1
    run = Run()
    pupil = run.pupil(1, run.at(2015), run.at(2016))
    run.spell(pupil, "mainstream", run.at(2015), run.at(2016))
    assert value(of(run, "flow"), "2015/16", "mainstream>left") == 1
    assert value(of(run, "flow"), "2016/17", "mainstream>left") == 0


def test_a_change_of_record_or_of_school_within_a_kind_is_no_move(moving: Run) -> None:
    flow = of(moving, "flow")
    total = flow[flow["phase"] == "all"]["value"].sum()
    named = ["onset>mainstream", "mainstream>tuition_without_plan", "tuition_without_plan>tuition_with_plan"]
    named += ["tuition_with_plan>special_school", "special_school>left"]
    assert total == len(named)
    assert all(flow[(flow["provision"] == name) & (flow["phase"] == "all")]["value"].sum() == 1 for name in named)


def test_a_spell_cut_off_by_the_horizon_is_no_exit() -> None:
    run = Run()
    pupil = run.pupil(1, run.at(2018), run.calendar.end)
    run.spell(pupil, "mainstream", run.at(2018), run.calendar.end, ended=False)
    assert value(of(run, "exits"), "2018/19", "mainstream") == 0
    assert value(of(run, "entries"), "2018/19", "mainstream") == 1


def test_entries_less_exits_are_what_the_roll_grew_by(moving: Run) -> None:
    entries, exits = of(moving, "entries"), of(moving, "exits")
    net = {
        kind: sum(value(entries, y, kind) - value(exits, y, kind) for y in ("2015/16", "2016/17", "2017/18"))
        for kind in ("mainstream", "tuition_with_plan", "special_school")
    }
    assert net == {"mainstream": 0, "tuition_with_plan": 0, "special_school": 1}


def test_a_tuition_package_runs_on_through_a_change_of_stream(moving: Run) -> None:
    assert value(of(moving, "tuition_packages_ended"), "2016/17") == 1
    assert value(of(moving, "tuition_packages_ended"), "2016/17", "tuition_with_plan") == 1
    assert value(of(moving, "tuition_length_mean"), "2016/17") == pytest.approx(95 / 5)
    assert value(of(moving, "tuition_packages"), "2016/17") == pytest.approx(95 / 190)
    assert value(of(moving, "tuition_packages"), "2016/17", "tuition_without_plan") == pytest.approx(50 / 190)


def test_the_long_packages_are_told_by_their_90th_percentile() -> None:
    run = Run()
    for number in range(11):
        pupil = run.pupil(number, run.at(2016), run.at(2017))
        run.spell(pupil, "tuition_without_plan", run.at(2016), run.at(2016, 10 + 10 * number))
    assert value(of(run, "tuition_length_p90"), "2016/17") == pytest.approx(100 / 5)
    assert np.isnan(value(of(run, "tuition_length_p90"), "2017/18"))


def test_no_education_days_are_counted_in_school_days() -> None:
    run = Run()
    pupil = run.pupil(1, run.at(2016), run.at(2018))
    run.spell(pupil, "no_education", run.at(2016, 185), run.at(2017, 7))
    assert value(of(run, "no_education_days"), "2016/17") == 5
    assert value(of(run, "no_education_days"), "2017/18") == 7


def test_measures_have_one_row_for_each_key_and_the_same_keys_whatever_happened(moving: Run) -> None:
    keys = ["period", "measure", "provision", "phase", "district"]
    full, empty = measure(moving.facts()), measure(Run().facts())
    assert not full.duplicated(keys).any()
    pd.testing.assert_frame_equal(full[keys], empty[keys])
    assert set(full["measure"]) == set(MEASURES)


def test_measures_leave_out_the_run_in_before_the_years_that_are_published() -> None:
    periods = set(measure(Run().facts())["period"])
    assert "2015/16" in periods
    assert "2014/15" not in periods
    assert {"2016-17", "2018-19"} <= periods
    assert not {"2015-16", "2019-20"} & periods


def test_each_pupil_of_the_study_has_a_row_with_days_and_counts(moving: Run) -> None:
    early = moving.pupil(2, moving.at(2015), moving.at(2016))
    moving.spell(early, "mainstream", moving.at(2015), moving.at(2016))
    table = pupil_table(moving.facts())
    assert list(table["pupil"]) == ["2012-Y3-1"]
    row = table.iloc[0]
    assert row["days_special_school"] == 190 + 100
    assert row["days_mainstream"] == 0
    assert row["district"] == "west"
    assert row["tuition_entries"] == 0

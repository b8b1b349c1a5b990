"""The targets that come with the counties: complete, within reach of the model, and used as they may be."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analysis.calibration.errors import observation_variance, observed_interval
from sim.analysis.calibration.simulated import denominators, simulated
from sim.analysis.calibration.table import target_table
from sim.measures import facts_of, measure
from sim.model import simulate
from sim.parameters.load import list_counties
from sim.parameters.periods import PeriodKind, kind_and_year
from sim.parameters.targets import Use
from sim.vocabulary import Grade
from tests.made_up import Run
from tests.shipped_targets import county_and_targets

COUNTIES = ("cambridgeshire", "exampleshire")
LAST_CALIBRATED = {
    PeriodKind.ACADEMIC: 2018,
    PeriodKind.FINANCIAL: 2018,
    PeriodKind.CALENDAR: 2018,
    PeriodKind.CENSUS: 2019,
}
"""The last period of each kind that ends by August 2019."""


def test_every_county_comes_with_targets() -> None:
    assert set(COUNTIES) == set(list_counties())


@pytest.mark.parametrize("name", COUNTIES)
def test_every_target_meets_figures_of_the_model(name: str) -> None:
    county, targets, _ = county_and_targets(name)
    nobody = measure(Run(county).facts()).assign(value=1.0)
    found = simulated(targets, nobody, dict.fromkeys(_shares(name), 1.0), county)
    assert list(found.index) == list(targets)
    assert found[found.isna()].empty


@pytest.mark.parametrize("name", COUNTIES)
def test_published_denominators_are_there_for_every_period(name: str) -> None:
    county, targets, _ = county_and_targets(name)
    for target in targets.values():
        assert np.all(denominators(target, county) > 0), target.label


@pytest.mark.parametrize("name", COUNTIES)
def test_figures_up_to_august_2019_are_calibrated_to_and_later_ones_held_out(name: str) -> None:
    _, targets, _ = county_and_targets(name)
    for target in targets.values():
        kind, year = kind_and_year(target.labels[-1])
        is_later = year > LAST_CALIBRATED[kind]
        assert not (is_later and target.use is Use.CALIBRATE), target.label
    assert {target.use for target in targets.values()} == set(Use)


@pytest.mark.parametrize("name", COUNTIES)
def test_every_target_has_an_interval_around_it_and_can_be_told_apart(name: str) -> None:
    county, targets, _ = county_and_targets(name)
    assert len({target.label for target in targets.values()}) == len(targets)
    for target in targets.values():
        low, high = observed_interval(target, county)
        assert low < target.value < high, target.label
        assert observation_variance(target, target.value, county) > 0, target.label


def test_targets_of_a_fictional_county_are_invented_and_those_of_a_real_one_are_not() -> None:
    for name in COUNTIES:
        county, targets, _ = county_and_targets(name)
        sources = {target.source for target in targets.values()}
        assert (sources == {"fictional"}) == county.county.fictional
        assert county.county.fictional or all(target.grade is not Grade.JUDGEMENT for target in targets.values())


def test_the_county_has_four_years_of_exclusions_as_a_poisson_count() -> None:
    county, targets, _ = county_and_targets("cambridgeshire")
    primary, secondary = targets["exclusions_primary"], targets["exclusions_secondary"]
    assert (primary.value, secondary.value) == (24, 3)
    for phase, target in (("primary", primary), ("secondary", secondary)):
        rows = [row for row in county.observed.values() if row.measure == "permanent_exclusions" and row.phase == phase]
        assert sum(row.value for row in rows if row.period in target.labels) == target.value
        assert (target.error, len(target.labels), target.over) == ("poisson", 4, "sum")


def test_rates_are_the_means_of_the_published_years() -> None:
    county, targets, _ = county_and_targets("cambridgeshire")
    for name, measured in (("suspensions", "suspension_rate"), ("pupils_suspended", "pupils_suspended_rate")):
        for phase in ("primary", "secondary"):
            target = targets[f"{name}_{phase}"]
            rows = [row for row in county.observed.values() if (row.measure, row.phase) == (measured, phase)]
            years = [row.value for row in rows if row.period in target.labels]
            assert len(years) == 4
            assert target.value == pytest.approx(np.mean(years), abs=0.001)


def test_a_run_of_the_small_county_can_be_set_against_its_targets() -> None:
    county, targets, shares = county_and_targets("exampleshire")
    facts = facts_of(simulate(county, 20190517, 0).tables(), county)
    run = simulated(targets, measure(facts), shares, county)
    assert run.notna().all()
    table = target_table(targets, run.to_frame().T, county)
    assert table["runs"].eq(1).all()
    assert table["simulated"].tolist() == run.tolist()
    assert np.isfinite(table["distance"]).all()


def _shares(name: str) -> list[str]:
    return list(county_and_targets(name)[2])

"""What calibration found goes into the files of a county, and members keep their figures."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.analysis.calibration.adoption import adopt, county_after, members_of
from sim.analysis.calibration.centre import Centre
from sim.analysis.calibration.matching import matched
from sim.analysis.calibration.outcome import Calibration, Plan
from sim.analysis.calibration.points import Floats, Points
from sim.analysis.calibration.scales import observed_of
from sim.analysis.calibration.trials import Trials, until
from sim.measures import MEASURES
from sim.parameters.figures import figures
from sim.parameters.load import find_county, load_county
from sim.parameters.load_ensemble import load_ensemble
from sim.parameters.load_targets import load_targets
from sim.parameters.load_uncertainty import load_uncertainty
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.parameters.targets import Known
from sim.results import caveats_of, stamp_of
from sim.store import MemoryStore
from sim.uncertainty import Draw, drawn

RATIOS = {"onset_primary": 1.25, "permanent_exclusion_primary": 0.8}
FRAILTY = "quantities/need/frailty_variance"


@pytest.fixture(scope="module")
def trials() -> Trials:
    folder = find_county("exampleshire")
    county = load_county(folder)
    spec = load_uncertainty(folder, county)
    known = Known(county, MEASURES, spec.shares, range(county.horizon.first_year, county.horizon.last_year + 1))
    return Trials(until(county, "2019/20"), spec, load_targets(folder, known), 7, MemoryStore(), 1)


@pytest.fixture(scope="module")
def found(trials: Trials) -> Calibration:
    """Return a calibration whose runs are made up: each target moves with the first factor alone."""
    observed = observed_of(trials.fitted, trials.county)

    def simulate(points: Points) -> Floats:
        return observed.values + points.places[:, :1] * observed.errors

    chance = np.full(len(observed.names), 0.01)
    matching = matched(trials.space, observed, trials.quantiles, simulate, chance, [30, 24], seed=1)
    values = np.ones((len(matching.points), len(trials.targets)))
    centre = Centre({**dict.fromkeys(trials.spec.factors, 1.0), **RATIOS}, {FRAILTY: 0.9}, observed.values, chance)
    return Calibration(trials, Plan((30, 24), 20), matching, values, (centre,), observed.values[None, :])


@pytest.fixture
def folder(tmp_path: Path, found: Calibration) -> Path:
    """Return a copy of the county into which the calibration has been taken."""
    copy = Path(shutil.copytree(find_county("exampleshire"), tmp_path / "mine"))
    adopt(found, copy, {"run": "c0ffee"})
    return copy


def values_of(county: Parameters) -> dict[tuple[str, ...], float]:
    return {path: row["value"] for path, row in figures(county.model_dump(mode="json"))}


def test_rows_that_a_factor_reaches_are_multiplied_and_say_what_they_were(folder: Path) -> None:
    before, after = load_county(find_county("exampleshire")), load_county(folder)
    for name in ("reception", "key_stages_1_and_2"):
        was, now = before.onset[name], after.onset[name]
        assert (now.value, now.low, now.high) == pytest.approx((was.value * 1.25, was.low * 1.25, was.high * 1.25))
        assert (now.grade, now.source) == ("derived", "calibration")
        assert f"before it was {was.value:g}" in now.note


def test_a_judged_figure_that_targets_moved_takes_its_new_value_and_keeps_its_range(folder: Path) -> None:
    before, after = (
        load_county(place).quantities.need.frailty_variance for place in (find_county("exampleshire"), folder)
    )
    assert after.value > before.value
    assert (after.low, after.high) == (before.low, before.high)


def test_probabilities_of_a_decision_still_sum_to_one(folder: Path) -> None:
    routes = [row for row in load_county(folder).routes.values() if row.decision == "suspension"]
    groups: dict[tuple[str, ...], float] = {}
    for row in routes:
        key = (row.first_year_group, row.last_year_group, row.record, row.severity, row.district)
        groups[key] = groups.get(key, 0.0) + row.value
    assert list(groups.values()) == pytest.approx([1.0] * len(groups))


def test_other_figures_and_other_files_stay_as_they_are(folder: Path) -> None:
    before = find_county("exampleshire")
    changed = {file.name for file in folder.iterdir() if file.read_bytes() != _bytes_of(before / file.name)}
    new = {"ensemble.csv", "calibration.json"}
    assert changed == {"onset.csv", "routes.csv", "quantities.csv", "sources.csv", *new}
    was, now = values_of(load_county(before)), values_of(load_county(folder))
    parts = {path[0] for path in was if was[path] != now[path]}
    assert parts == {"onset", "routes", "quantities"}


def test_a_county_counts_as_calibrated_until_a_figure_is_changed(folder: Path) -> None:
    assert load_county(folder).county.calibration == "c0ffee"
    file = folder / "rates.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",0.15,0.07,0.3,", ",0.16,0.07,0.3,"), encoding="utf-8")
    assert load_county(folder).county.calibration == ""


def test_results_lose_the_stamp_when_their_county_was_calibrated() -> None:
    assert (stamp_of(""), stamp_of("c0ffee")) == ("uncalibrated", "")
    assert "calibration c0ffee" in caveats_of("c0ffee")[0]
    assert caveats_of("c0ffee")[1:] == caveats_of("")[1:]


def test_members_have_the_same_figures_as_before(folder: Path, found: Calibration) -> None:
    """What a factor reaches, what calibration gave and what it moved come out the same on the new rows."""
    before, after = load_county(find_county("exampleshire")), load_county(folder)
    spec = load_uncertainty(folder, after)
    ensemble = load_ensemble(folder, spec)
    assert ensemble is not None
    assert len(ensemble.members) == len(found.members) == 20
    for member, draw in zip(ensemble.members[:4], found.trials.draws(found.members), strict=False):
        again = Draw(member.draw, ensemble.seed, member.factors, given=member.given)
        was, now = values_of(drawn(before, draw, spec)), values_of(drawn(after, again, spec))
        for path in was:
            assert now[path] == pytest.approx(was[path], rel=1e-4, abs=1e-6), path


def test_the_centre_alone_is_what_the_files_now_say(folder: Path, found: Calibration) -> None:
    expected = values_of(county_after(load_county(find_county("exampleshire")), found))
    assert values_of(load_county(folder)) == pytest.approx(expected)


def test_a_second_calibration_keeps_the_note_of_the_first(folder: Path, found: Calibration) -> None:
    note = load_county(folder).onset["reception"].note
    adopt(found, folder, {"run": "again"})
    assert load_county(folder).onset["reception"].note == note
    assert load_county(folder).county.calibration == "again"


@pytest.mark.parametrize(
    ("old", "new", "needed"),
    [
        ("factors/onset_primary", "factors/onset_primry", "no factor onset_primry"),
        (",value\n", ",number\n", "value"),
    ],
)
def test_a_damaged_ensemble_is_refused(folder: Path, old: str, new: str, needed: str) -> None:
    file = folder / "ensemble.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=needed):
        load_ensemble(folder, load_uncertainty(folder, load_county(folder)))


def test_a_damaged_record_is_refused(folder: Path) -> None:
    (folder / "calibration.json").write_text('{"county": "x"}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="key seed"):
        load_county(folder)


def test_ratios_of_members_are_those_on_the_figures_of_the_centre(found: Calibration) -> None:
    county = load_county(find_county("exampleshire"))
    first = members_of(found, county, county_after(county, found))[1]
    draw = found.trials.draws(found.members)[0]
    assert first.factors["onset_primary"] == pytest.approx(draw.factors["onset_primary"] / 1.25, rel=1e-5)
    assert first.factors["breakdown"] == draw.factors["breakdown"]


def test_an_ensemble_is_taken_from_the_latest_waves(found: Calibration) -> None:
    more = replace(found, plan=Plan((30, 24), 1000))
    assert set(found.members.wave) == {2}
    assert len(more.members) == (found.matching.plausible & (found.matching.points.wave == 2)).sum()


def _bytes_of(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""

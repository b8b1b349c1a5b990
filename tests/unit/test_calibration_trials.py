"""What a county is tried on: how far runs go, and what a forecast made earlier may know."""

import pytest

from sim.analysis.calibration.trials import held_after, until
from sim.parameters.load import find_county, load_county

COUNTY = load_county(find_county("cambridgeshire"))


@pytest.mark.parametrize(
    ("asked", "last"), [("2016/17", "2019/20"), ("2018/19", "2019/20"), ("2019/20", "2019/20"), ("2022/23", "2022/23")]
)
def test_runs_end_with_the_last_target_but_not_before_the_study_starts(asked: str, last: str) -> None:
    assert until(COUNTY, asked).horizon.last_academic_year == last


def test_a_forecast_made_earlier_knows_no_later_year() -> None:
    known = COUNTY.model_dump(mode="json")["yearly"]
    later = {name for name, series in known.items() if len(series) > 1 and max(series) > "2016/17"}
    assert later, "no series of the county goes beyond the origin, so that nothing is tried here"
    held = held_after(COUNTY, "2016/17").model_dump(mode="json")["yearly"]
    assert all(max(held[name]) <= "2016/17" for name in later)

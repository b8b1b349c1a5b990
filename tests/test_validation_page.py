"""The page on fit and forecasts is about the calibration that the county's files hold."""

import re
from pathlib import Path

from sim.parameters.load import calibration_record, find_county

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"


def test_the_page_tells_of_the_calibration_that_is_in_use() -> None:
    record = calibration_record(find_county("cambridgeshire"))
    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"ensemble of calibration (\w{10})", text)) == {record["run"]}
    assert f"ensemble of {record['members']} sets of figures (calibration {record['run']})" in text
    assert " + ".join(str(wave) for wave in record["waves"]) + " runs" in text
    assert f"by {record['misfit']['after']:.2f} standard deviations" in " ".join(text.split())

"""Reading what a county says of its uncertainty: complete, or refused with file, line and key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.parameters.load import find_county, list_counties, load_county
from sim.parameters.load_uncertainty import UNCERTAINTY_FILE, load_uncertainty
from sim.parameters.uncertainty import Uncertainty
from sim.vocabulary import Grade
from tests.unit.parameters.conftest import CountyCopy

TEXT = """\
factors:
  recurrence:
    label: Need that recurs
    scales: [rates/recur]
    divides: [durations/annual_review]
    low: 0.5
    high: 2
    grade: judgement
    source: fictional
    year: "2019"
together:
  fees: [tariffs/independent_*_fee, levers/*/price]
shares:
  of_plans:
    label: Share of plans
    value: 0.2
    low: 0.1
    high: 0.3
    grade: judgement
    source: fictional
    year: "2019"
"""

Refusal = Callable[[Callable[[], object]], str]


def loaded(county: CountyCopy, text: str) -> Uncertainty:
    (county.folder / UNCERTAINTY_FILE).write_text(text, encoding="utf-8", newline="\n")
    return load_uncertainty(county.folder, load_county(county.folder))


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1)


def test_factors_judgements_and_shares_are_read(county: CountyCopy) -> None:
    said = loaded(county, TEXT)
    factor, share = said.factors["recurrence"], said.shares["of_plans"]
    assert (factor.scales, factor.divides, factor.low, factor.high) == (
        ("rates/recur",),
        ("durations/annual_review",),
        0.5,
        2.0,
    )
    assert (factor.distribution, factor.value, factor.grade) == ("triangular", 1, Grade.JUDGEMENT)
    assert said.together == {"fees": ("tariffs/independent_*_fee", "levers/*/price")}
    assert (share.value, share.low, share.high, share.unit) == (0.2, 0.1, 0.3, "share")


def test_a_county_without_the_file_says_nothing_beyond_its_ranges(county: CountyCopy) -> None:
    (county.folder / UNCERTAINTY_FILE).unlink()
    assert load_uncertainty(county.folder, load_county(county.folder)) == Uncertainty()


def test_every_county_that_comes_along_has_factors_judgements_and_shares() -> None:
    for name in list_counties():
        folder = find_county(name)
        county = load_county(folder)
        said = load_uncertainty(folder, county)
        assert len(said.factors) >= 11, name
        assert said.together, name
        assert said.shares, name
        if county.county.fictional:
            assert {row.grade for row in (*said.factors.values(), *said.shares.values())} == {Grade.JUDGEMENT}


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("low: 0.5", "low: 1.5", 2, "low <= 1 <= high"),
        ("low: 0.5", "low: 0", 6, "greater than 0"),
        ("value: 0.2", "value: 0.4", 14, "low <= value <= high"),
        ("value: 0.2", "value: 20", 16, "at most 1"),
        ("    label: Need that recurs\n", "", 2, "add label"),
        ("scales:", "scale:", 4, "did you mean scales?"),
        ("together:", "togther:", 11, "did you mean together?"),
        ("rates/recur", "rates/recurr", 4, "did you mean rates/recur?"),
        ("rates/recur", "rates/nothing_*", 4, "rates/nothing_*, which reaches no figure"),
        ("rates/recur", "rates/recur/value", 4, "which reaches no figure"),
        ("tariffs/independent_*_fee", "tariffs/absent_*", 12, "tariffs/absent_*, which reaches no figure"),
        ("source: fictional", "source: fictionl", 9, "did you mean fictional?"),
        ("divides: [durations/annual_review]", "divides: [rates/rec*]", 5, "rates/recur, which factors/recurrence"),
        ("  fees:", "  price: [tariffs/*_fee]\n  fees:", 13, "which together/price reaches too"),
        ("low: 0.5", "low: yes", 6, "yes"),
        ("low: 0.5", "low: 0.5\n    low: 0.6", 7, "each key once"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(
    county: CountyCopy, refusal: Refusal, old: str, new: str, line: int, expected: str
) -> None:
    text = refusal(lambda: loaded(county, changed(old, new)))
    assert f"{UNCERTAINTY_FILE}, line {line}" in text
    assert expected in text


def test_everything_wrong_is_told_at_once(county: CountyCopy, refusal: Refusal) -> None:
    text = TEXT.replace("source: fictional", "source: unknown").replace("rates/recur", "rates/nothing")
    told = refusal(lambda: loaded(county, text))
    assert told.startswith("3 problems")


def test_a_file_that_is_not_yaml_is_refused(county: CountyCopy, refusal: Refusal, tmp_path: Path) -> None:
    assert f"{UNCERTAINTY_FILE}, line" in refusal(lambda: loaded(county, "factors: [a\n"))

"""Changed copies of parameters: what a change sets, what it leaves, and what is refused."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from sim.parameters.changes import UNSTATED, same_figures, with_changes
from sim.parameters.fingerprint import fingerprint
from sim.parameters.load import find_county, load_county
from sim.parameters.schema import Parameters
from sim.vocabulary import Grade, ProvisionKind

IDENTIFY = "quantities/crisis/identify"
PLACES = "provisions/base_*_teaching/places"
EVIDENCE = {"grade": "other authority", "source": "norfolk", "year": "2021"}
SOURCES = {"norfolk": {"title": "Bases", "publisher": "Norfolk County Council"}}


@pytest.fixture
def refused(exampleshire: Parameters, refusal):
    """Return a function that gives the message with which changes are refused."""
    return lambda changes, **more: refusal(lambda: with_changes(exampleshire, changes, **more))


def test_no_changes_give_the_same_parameters(exampleshire: Parameters) -> None:
    assert with_changes(exampleshire, {}) is exampleshire


def test_a_figure_set_to_what_it_is_leaves_the_same_figures_whatever_is_said_of_its_source(
    exampleshire: Parameters,
) -> None:
    held, september = exampleshire.quantities.crisis.identify.value, date(2019, 9, 1)
    for value, is_same in ((held, True), (held / 2, False)):
        now = with_changes(exampleshire, {IDENTIFY: value})
        from_a_date = with_changes(exampleshire, {}, later={september: {IDENTIFY: value}})
        assert fingerprint(now) != fingerprint(exampleshire) != fingerprint(from_a_date)
        assert same_figures(now, exampleshire) is same_figures(from_a_date, exampleshire) is is_same


def test_a_bare_number_fixes_the_figure_and_marks_it_as_the_users(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {IDENTIFY: 0.5})
    figure = changed.quantities.crisis.identify
    assert (figure.value, figure.low, figure.high, figure.distribution) == (0.5, 0.5, 0.5, "fixed")
    assert (figure.unit, figure.grade) == ("probability", Grade.JUDGEMENT)
    assert UNSTATED["source"] in changed.sources
    assert UNSTATED["source"] not in exampleshire.sources
    assert changed.quantities.need == exampleshire.quantities.need


def test_evidence_and_sources_are_taken_over(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {IDENTIFY: 0.5}, EVIDENCE, SOURCES)
    figure = changed.quantities.crisis.identify
    assert (figure.grade, figure.source, figure.year) == (Grade.OTHER_AUTHORITY, "norfolk", "2021")
    assert changed.sources["norfolk"].title == "Bases"
    assert UNSTATED["source"] not in changed.sources


def test_a_row_may_bring_its_own_evidence_and_range(exampleshire: Parameters) -> None:
    row = {"value": 0.5, "low": 0.4, "high": 0.7, "distribution": "uniform", "source": "fictional"}
    figure = with_changes(exampleshire, {IDENTIFY: row}, EVIDENCE, SOURCES).quantities.crisis.identify
    assert (figure.low, figure.high, figure.distribution) == (0.4, 0.7, "uniform")
    assert (figure.source, figure.year) == ("fictional", "2021")


def test_one_column_is_set_alone(exampleshire: Parameters) -> None:
    before = exampleshire.quantities.crisis.identify
    after = with_changes(exampleshire, {f"{IDENTIFY}/value": before.high}).quantities.crisis.identify
    assert after == before.model_copy(update={"value": before.high})


def test_a_mapping_keeps_the_columns_it_does_not_name(exampleshire: Parameters) -> None:
    name, before = next(iter(exampleshire.rates.items()))
    after = with_changes(exampleshire, {f"rates/{name}": {"value": 0.3}}).rates[name]
    assert (after.value, after.low, after.high) == (0.3, 0.3, 0.3)
    assert (after.event, after.placement, after.severity) == (before.event, before.placement, before.severity)


def test_a_star_reaches_every_name_it_matches(exampleshire: Parameters) -> None:
    opened = {f"{PLACES}/2019-09-01": {"commissioned": 6, "usable": 5}}
    changed = with_changes(exampleshire, opened, EVIDENCE, SOURCES)
    for district in exampleshire.districts:
        places = changed.provisions[f"base_{district}_teaching"].places[date(2019, 9, 1)]
        assert (places.commissioned, places.usable, places.source) == (6, 5, "norfolk")


def test_a_new_date_takes_its_place_in_the_order_of_dates(exampleshire: Parameters) -> None:
    early = {f"{PLACES}/2001-09-01": {"commissioned": 0, "usable": 0}}
    changed = with_changes(exampleshire, early)
    dates = list(changed.provisions["base_southfield_teaching"].places)
    assert dates == sorted(dates)
    assert dates[0] == date(2001, 9, 1)


def test_usable_places_may_be_unlimited(exampleshire: Parameters) -> None:
    later = {f"{PLACES}/2021-09-01": {"commissioned": 2, "usable": "unlimited"}}
    spec = with_changes(exampleshire, later).provisions["base_southfield_teaching"]
    assert spec.places[date(2021, 9, 1)].usable is None


def test_a_new_row_may_be_given_column_by_column(exampleshire: Parameters) -> None:
    row = f"{PLACES}/2019-09-01"
    changed = with_changes(exampleshire, {f"{row}/usable": 3, f"{row}/commissioned": 4}, EVIDENCE, SOURCES)
    places = changed.provisions["base_southfield_teaching"].places[date(2019, 9, 1)]
    assert (places.commissioned, places.usable, places.source) == (4, 3, "norfolk")


def test_mappings_may_be_nested_instead_of_written_as_paths(exampleshire: Parameters) -> None:
    row = {"commissioned": 6, "usable": 5}
    as_path = with_changes(exampleshire, {"provisions/base_southfield_teaching/places/2019-09-01": row})
    nested = {"provisions": {"base_southfield_teaching": {"places": {date(2019, 9, 1): row}}}}
    assert with_changes(exampleshire, nested) == as_path


def test_a_provisions_own_columns_and_its_dated_rows_may_change_together(exampleshire: Parameters) -> None:
    row = {"commissioned": 6, "usable": 6}
    school = next(name for name, _ in exampleshire.provisions_of(ProvisionKind.SPECIAL))
    changes = {f"provisions/{school}": {"sexes": "any", "places": {"2020-09-01": row}}}
    spec = with_changes(exampleshire, changes).provisions[school]
    assert spec.sexes == "any"
    assert spec.places[date(2020, 9, 1)].usable == 6


def test_money_takes_its_unit_from_what_it_is(exampleshire: Parameters) -> None:
    money = {"value": 1000, "price_base": "2018-19"}
    base = "provisions/base_southfield_teaching"
    changes = {f"{base}/running_cost/2019-09-01": money, f"{base}/start_up/2019-09-01": money}
    spec = with_changes(exampleshire, changes).provisions["base_southfield_teaching"]
    assert spec.running_cost[date(2019, 9, 1)].unit == "GBP per year"
    assert spec.start_up[date(2019, 9, 1)].unit == "GBP"


def test_an_academic_year_is_one_step_although_it_holds_a_slash(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {"cohorts/2018/19/Y3": 11, "yearly/onset_factor/2021/22": 0.9})
    assert changed.cohorts["2018/19"]["Y3"].value == 11
    added = changed.yearly.onset_factor["2021/22"]
    assert (added.value, added.unit) == (0.9, "ratio")


def test_the_horizon_may_change(exampleshire: Parameters) -> None:
    changed = with_changes(exampleshire, {"horizon/last_academic_year": "2021/22"})
    assert changed.horizon.last_year == 2021


def test_a_whole_cohort_year_may_be_added(exampleshire: Parameters) -> None:
    last = list(exampleshire.cohorts)[-1]
    groups = {group: row.value for group, row in exampleshire.cohorts[last].items()}
    changed = with_changes(exampleshire, {"cohorts/2040/41": groups})
    assert {group: row.value for group, row in changed.cohorts["2040/41"].items()} == groups
    assert {row.unit for row in changed.cohorts["2040/41"].values()} == {"pupils"}


REFUSALS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"quantities/crisis/identfy": 1}, ("no identfy in quantities/crisis", "did you mean identify?")),
    ({"provision/x": 1}, ("no provision in the parameters", "did you mean provisions?")),
    ({"provisions/base_*_teach/places": 1}, ("nothing in provisions matches base_*_teach",)),
    ({"tariffs/new_tariff": 1}, ("no new_tariff in tariffs",)),
    ({f"{PLACES}/September": 1}, ("no September", "or a date such as 2019-09-01")),
    ({"inflation/2018/19": 1}, ("no 2018/19 in inflation", "or a financial year such as 2018-19")),
    ({"yearly/onset_factor/2018-19": 1}, ("or an academic year such as 2018/19",)),
    ({"county/name/short": "x"}, ("county/name is a single value",)),
    ({"": 1}, ("an empty path",)),
    ({"quantities/crisis": 0.5}, ("which holds several values", "identify")),
    ({f"{PLACES}/2019-09-01": 20}, ("20 for a whole row", "commissioned, usable")),
    ({f"{PLACES}/2019-09-01": {"commissioned": 20}}, ("fill in usable",)),
    ({IDENTIFY: "0.5"}, ("value '0.5'", "without quotation marks")),
    ({IDENTIFY: True}, ("value True",)),
    ({IDENTIFY: {"value": 0.5, "colour": "red"}}, ("unknown name colour",)),
    ({IDENTIFY: 1.5}, ("value is 1.5", "0 to 1 probability")),
    ({f"{IDENTIFY}/value": 0.99}, ("low <= value <= high is needed", "without /value")),
    ({IDENTIFY: 0.5, f"{IDENTIFY}/value": 0.6}, (f"is set by {IDENTIFY} too", "one change for each figure")),
    ({IDENTIFY: {"value": 0.5, "source": "unheard_of"}}, ("unknown source unheard_of",)),
    ({IDENTIFY: {"value": 0.5, "grade": "certain"}}, ("column grade", "published local")),
    ({"routes/onset_emerging": 0.5}, ("the weights of onset_severity", "row onset_moderate")),
    ({"horizon/last_academic_year": "2060/61"}, ("cohorts.csv", "inflation.csv")),
]


@pytest.mark.parametrize(("changes", "words"), REFUSALS, ids=lambda part: str(part)[:60])
def test_a_wrong_change_is_refused_with_the_way_out(refused, changes: dict[str, Any], words: tuple[str, ...]) -> None:
    message = refused(changes)
    for word in words:
        assert word in message


def test_the_file_line_and_key_of_a_wrong_change_are_named(refused) -> None:
    message = refused({IDENTIFY: 7}, file="mine.yaml", lines={IDENTIFY: 12})
    assert f"mine.yaml, line 12 (key changes/{IDENTIFY})" in message


def test_all_wrong_changes_are_told_together(refused) -> None:
    assert "2 problems" in refused({"rate/x": 1, "route/x": 1})


def test_a_source_may_not_take_another_ones_key(refused) -> None:
    other = {"fictional": {"title": "Something else", "publisher": "Somebody"}}
    message = refused({}, sources=other)
    assert "key sources/fictional" in message
    assert "choose another key" in message


def test_changes_leave_the_original_as_it_was(exampleshire: Parameters) -> None:
    before = fingerprint(exampleshire)
    with_changes(exampleshire, {IDENTIFY: 0.5, f"{PLACES}/2019-09-01": {"commissioned": 1, "usable": 1}})
    assert fingerprint(exampleshire) == before


def test_the_fingerprint_tells_the_smallest_difference_of_a_figure(exampleshire: Parameters) -> None:
    low = exampleshire.quantities.crisis.identify.value
    nearly = low * (1 + 2**-52)
    assert nearly != low
    changed = with_changes(exampleshire, {f"{IDENTIFY}/value": nearly})
    assert changed.quantities.crisis.identify.value == nearly
    assert fingerprint(changed) != fingerprint(exampleshire)
    assert fingerprint(with_changes(changed, {f"{IDENTIFY}/value": low})) == fingerprint(exampleshire)


def test_parameters_survive_being_written_as_json(exampleshire: Parameters) -> None:
    again = Parameters.model_validate_json(exampleshire.model_dump_json())
    assert again == exampleshire
    assert fingerprint(again) == fingerprint(exampleshire)


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from sim.parameters.load import find_county, load_county\n"
        "from sim.parameters.fingerprint import fingerprint\n"
        "print(fingerprint(load_county(find_county('exampleshire'))))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == fingerprint(load_county(find_county("exampleshire")))

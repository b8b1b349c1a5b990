"""The shipped counties and scenarios are complete, sourced and true to the published figures."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from sim.parameters.checks import evidence_rows
from sim.parameters.load import config_folders, find_county, list_counties, load_county, read_text
from sim.parameters.schema import Parameters, Quantity
from sim.scenarios import Scenario, defaults, load_scenario
from sim.vocabulary import BASE_TIERS, YEAR_GROUPS, Grade, Phase, ProvisionKind

PRIMARY, SECONDARY = YEAR_GROUPS[:7], YEAR_GROUPS[7:]
PUBLISHED = (Grade.PUBLISHED_LOCAL, Grade.PUBLISHED_NATIONAL, Grade.OTHER_AUTHORITY)
COUNTIES = ("cambridgeshire", "exampleshire")
BASES_OPEN = date(2019, 9, 1)


@pytest.fixture(scope="module")
def cambridgeshire() -> Parameters:
    return load_county(find_county("cambridgeshire"))


@pytest.fixture(scope="module", params=COUNTIES)
def county(request: pytest.FixtureRequest) -> Parameters:
    return load_county(find_county(request.param))


@pytest.fixture(scope="module")
def bases(county: Parameters) -> Scenario:
    return load_scenario("primary_bases_2019", county)


def config_files() -> Iterator[Path]:
    for folder in config_folders():
        yield from (file for file in folder.rglob("*") if file.suffix in (".csv", ".yaml"))


def provisions_like(parameters: Parameters, *kinds: ProvisionKind) -> list[str]:
    return [name for name, _ in parameters.provisions_of(*kinds)]


def pupils(parameters: Parameters, academic_year: str, groups: tuple[str, ...]) -> float:
    return sum(parameters.cohorts[academic_year][group].value for group in groups)


def observed(parameters: Parameters, measure: str, phase: str, period: str) -> float:
    rows = parameters.observed.values()
    return next(r.value for r in rows if (r.measure, r.phase, r.period) == (measure, phase, period))


def test_both_counties_are_found_and_named_as_their_folders() -> None:
    assert set(COUNTIES) <= set(list_counties())
    for name in list_counties():
        assert load_county(find_county(name)).county.name == name


def test_defaults_name_a_county_and_a_scenario_that_exist() -> None:
    chosen = defaults()
    assert chosen.county in list_counties()
    assert load_scenario(chosen.scenario, load_county(find_county(chosen.county))).title
    assert chosen.replications > 1


def test_every_row_names_a_source_that_exists_and_every_source_is_used(county: Parameters) -> None:
    used = {row.source for _, row in evidence_rows(county)}
    assert used == set(county.sources)
    assert all(source.title and source.publisher for source in county.sources.values())


def test_files_are_plain_utf8_text_with_line_feeds_and_full_sources() -> None:
    for file in config_files():
        assert b"\r" not in file.read_bytes(), file
        assert read_text(file).endswith("\n"), file
        assert ",?," not in read_text(file), file


def test_published_figures_have_a_source_with_an_address(cambridgeshire: Parameters) -> None:
    for path, row in evidence_rows(cambridgeshire):
        if row.grade in PUBLISHED:
            assert cambridgeshire.sources[row.source].url, path


def test_a_fictional_county_publishes_nothing() -> None:
    exampleshire = load_county(find_county("exampleshire"))
    assert exampleshire.county.fictional
    assert {row.grade for _, row in evidence_rows(exampleshire)} == {Grade.JUDGEMENT}
    assert not any(source.url for source in exampleshire.sources.values())


def test_a_judgement_has_a_range_unless_it_is_neutral_or_certain(cambridgeshire: Parameters) -> None:
    for path, row in evidence_rows(cambridgeshire):
        if isinstance(row, Quantity) and row.grade is Grade.JUDGEMENT and row.value not in (0, 1):
            assert row.low < row.value < row.high, path


def test_every_preventive_effect_may_be_nil(county: Parameters) -> None:
    given = {name: effect for name, effect in county.effects.items() if effect.given_by != "everyone"}
    assert {effect.given_by for effect in given.values()} == {
        ProvisionKind.DISTRICT_TEAM,
        *BASE_TIERS,
        ProvisionKind.PANEL,
        "trained_school",
        "signed_school",
    }
    seen_earlier = ("record", "support_referral")
    for name, effect in given.items():
        nil_or_adverse = effect.low <= 1 < effect.value if effect.target in seen_earlier else effect.value < 1
        assert nil_or_adverse, name
        assert effect.low <= 1 <= effect.high, name


def test_no_rule_for_everybody_changes_anything_in_the_baseline(county: Parameters) -> None:
    rules = [effect for effect in county.effects.values() if effect.given_by == "everyone"]
    assert rules
    assert all(effect.value == effect.low == effect.high == 1.0 for effect in rules)


def test_the_statement_says_what_a_reader_of_results_must_know(county: Parameters) -> None:
    words = " ".join(county.county.statement.split())
    assert "without Covid school closures" in words
    assert ("were fitted" if county.county.calibration else "uncalibrated") in words
    assert "No primary alternative provision is modelled" in words
    assert "ynthetic" in words or "invented" in words


def test_a_year_has_190_school_days_in_every_year_of_the_run(county: Parameters) -> None:
    calendar = county.calendar()
    years = county.horizon.last_year - county.horizon.first_year + 1
    assert calendar.days_per_year == 190
    assert calendar.end == 190 * years


def test_the_run_in_of_cambridgeshire_is_18_years(cambridgeshire: Parameters) -> None:
    horizon = cambridgeshire.horizon
    assert horizon.study_start.year - horizon.first_year == 18
    assert horizon.study_start == BASES_OPEN


@pytest.mark.parametrize("year", ["2018/19", "2019/20"])
def test_cohorts_match_the_published_headcounts_within_3_percent(cambridgeshire: Parameters, year: str) -> None:
    sixth_form = observed(cambridgeshire, "sixth_form_headcount", "secondary", "2018/19")
    primary, secondary = (pupils(cambridgeshire, year, groups) for groups in (PRIMARY, SECONDARY))
    assert primary == pytest.approx(observed(cambridgeshire, "headcount", "primary", year), rel=0.03)
    assert secondary + sixth_form == pytest.approx(observed(cambridgeshire, "headcount", "secondary", year), rel=0.03)


def test_a_cohort_keeps_its_size_as_it_moves_up(cambridgeshire: Parameters) -> None:
    cohorts = list(cambridgeshire.cohorts.values())
    for before, after in pairwise(cohorts):
        for younger, older in pairwise(YEAR_GROUPS):
            assert before[younger].value == after[older].value


def test_synthetic_schools_add_up_to_the_published_numbers(cambridgeshire: Parameters) -> None:
    schools = list(cambridgeshire.schools.values())
    sizes = {phase: [s.pupils for s in schools if s.phase == phase] for phase in Phase}
    assert (len(sizes[Phase.PRIMARY]), len(sizes[Phase.SECONDARY])) == (209, 33)
    assert sum(sizes[Phase.PRIMARY]) == observed(cambridgeshire, "headcount", "primary", "2018/19")
    assert sum(sizes[Phase.SECONDARY]) == pupils(cambridgeshire, "2018/19", SECONDARY)
    assert {s.source for s in schools} == {"synthetic_schools"}
    assert cambridgeshire.districts == ("city", "east", "fenland", "hunts", "south")


def test_semh_special_places_are_about_210_commissioned_and_195_usable(cambridgeshire: Parameters) -> None:
    opened = [next(iter(s.places.values())) for _, s in cambridgeshire.provisions_of(ProvisionKind.SPECIAL)]
    assert sum(places.commissioned for places in opened) == 210
    assert sum(places.usable or 0 for places in opened) == 195


def test_devolved_budgets_buy_about_230_places(cambridgeshire: Parameters) -> None:
    price = cambridgeshire.tariffs["ap_place"].value
    share = cambridgeshire.quantities.alternative_provision.part_time_share.value
    areas = [spec for _, spec in cambridgeshire.provisions_of(ProvisionKind.ALTERNATIVE_PROVISION)]
    bought = [next(iter(area.devolved_budget.values())).value / (price * share) for area in areas]
    assert sum(map(int, bought)) == 230


def test_the_published_block_is_carried_over_unchanged(cambridgeshire: Parameters) -> None:
    block = cambridgeshire.budgets["high_needs_block"]
    millions = {"2019-20": 68.84, "2020-21": 75.41, "2021-22": 83.61, "2022-23": 94.36, "2023-24": 104.28}
    assert {year: block[year].value / 1e6 for year in millions} == pytest.approx(millions)
    assert all(block[year].grade is Grade.PUBLISHED_LOCAL for year in millions)


def test_casework_can_finish_slightly_more_than_is_begun(cambridgeshire: Parameters) -> None:
    yearly = cambridgeshire.yearly
    semh_requests = yearly.other_needs_requests["2018/19"].value * 0.2 / 0.8
    for year, capacity in yearly.casework_capacity.items():
        requests = yearly.other_needs_requests[year].value + semh_requests * yearly.ehc_request_factor[year].value
        begun = requests * (1 - yearly.refused_share[year].value)
        assert 1.0 < capacity.value / begun < 1.15, year


def test_bases_have_no_places_in_the_baseline(county: Parameters) -> None:
    for _, base in county.provisions_of(*BASE_TIERS):
        assert [p.commissioned for p in base.places.values()] == [0]
        assert not base.running_cost
        assert not base.start_up


def test_the_scenario_opens_one_base_in_each_district(county: Parameters, bases: Scenario) -> None:
    assert bases.question == "Q1"
    changed = bases.parameters
    for kind, places in ((ProvisionKind.IN_REACH, 8), (ProvisionKind.OUTREACH, 20)):
        opened = [changed.provisions[name].places[BASES_OPEN] for name in provisions_like(county, kind)]
        assert [p.usable for p in opened] == [places] * len(county.districts)
    for kind in (ProvisionKind.ASSESSMENT, ProvisionKind.TEACHING, ProvisionKind.RESPITE):
        assert all(BASES_OPEN not in changed.provisions[name].places for name in provisions_like(county, kind))


def test_the_scenario_costs_180000_a_year_and_75000_once_for_each_base(county: Parameters, bases: Scenario) -> None:
    specs = [bases.parameters.provisions[name] for name in provisions_like(county, *BASE_TIERS)]
    running = [spec.running_cost[BASES_OPEN] for spec in specs if spec.running_cost]
    once = [spec.start_up[BASES_OPEN] for spec in specs if spec.start_up]
    districts = len(county.districts)
    assert sum(money.value for money in running) == pytest.approx(180_000 * districts)
    assert sum(money.value for money in once) == pytest.approx(75_000 * districts)


def test_the_scenario_changes_nothing_else(county: Parameters, bases: Scenario) -> None:
    touched = {"provisions", "sources"}
    for section in set(Parameters.model_fields) - touched:
        assert plain(getattr(bases.parameters, section)) == plain(getattr(county, section)), section
    for name, spec in county.provisions.items():
        if spec.kind not in (ProvisionKind.IN_REACH, ProvisionKind.OUTREACH):
            assert bases.parameters.provisions[name] == spec


def plain(value: object) -> object:
    return value.model_dump() if isinstance(value, BaseModel) else value

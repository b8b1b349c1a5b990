"""The shipped levers, designs, scenarios and questions are complete, sourced and usable on both counties."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pandas as pd
import pytest

from sim.levers.catalogue import designs, levers, sources_of
from sim.levers.spec import LeverSpec
from sim.measures import MEASURES, facts_of, measure
from sim.model import simulate
from sim.parameters.load import find_county, load_county
from sim.parameters.parting import parting_date
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.questions import questions
from sim.scenarios import Scenario, baseline, list_scenarios, load_scenario
from sim.vocabulary import BASE_TIERS, ProvisionKind

COUNTIES = ("cambridgeshire", "exampleshire")
OF_NO_QUESTION = {"baseline", "primary_bases_2019"}
LEVERS, DESIGNS, SCENARIOS = sorted(levers()), sorted(designs()), sorted({*list_scenarios()} - OF_NO_QUESTION)
SEVERITIES = {"emerging", "moderate", "complex"}


@pytest.fixture(scope="module")
def cambridgeshire() -> Parameters:
    return load_county(find_county("cambridgeshire"))


@pytest.fixture(scope="module", params=COUNTIES)
def county(request: pytest.FixtureRequest) -> Parameters:
    return load_county(find_county(request.param))


@pytest.fixture(scope="module")
def of_baseline(exampleshire: Parameters) -> pd.DataFrame:
    return measure(facts_of(simulate(exampleshire, 1, 0).tables(), exampleshire))


def using(county: Parameters, *names: str, **settings: Any) -> Scenario:
    return baseline(county).with_(levers={name: dict(settings) for name in names})


def words_of(spec: LeverSpec) -> Iterator[Mapping[str, str]]:
    """Yield the choices that its acts and shifts depend on, or none at all."""
    found = [dict(part.when) for part in (*spec.acts, *spec.shifts) if part.when]
    yield from ({**one} for one in {tuple(when.items()): when for when in found}.values())
    if not found:
        yield {}


def levers_of(scenario: str, county: Parameters) -> Mapping[str, Mapping[str, Any]]:
    return load_scenario(scenario, county).levers


# -- levers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_at_its_own_settings_changes_parameters_that_are_sound(county: Parameters, name: str) -> None:
    assert using(county, name).parameters != county


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_without_strength_leaves_the_county_exactly_as_it_is(county: Parameters, name: str) -> None:
    assert using(county, name, strength=0).parameters == county
    assert using(county, name, strength=0, effect_strength=2).parameters == county


@pytest.mark.parametrize("name", LEVERS)
def test_each_setting_at_its_bounds_is_sound_or_refused_in_words(exampleshire: Parameters, name: str) -> None:
    spec = levers()[name]
    for words in words_of(spec):
        for setting, stated in spec.settings.items():
            for bound in (stated.least, stated.most):
                with suppress(ConfigurationError):
                    using(exampleshire, name, **words, **{setting: bound})


@pytest.mark.parametrize("name", LEVERS)
def test_all_settings_at_their_bounds_are_sound_or_refused_in_words(cambridgeshire: Parameters, name: str) -> None:
    settings = levers()[name].settings.items()
    for bounds in ({key: s.least for key, s in settings}, {key: s.most for key, s in settings}):
        with suppress(ConfigurationError):
            using(cambridgeshire, name, **bounds)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_at_either_end_of_its_ranges_is_sound(exampleshire: Parameters, name: str, end: str) -> None:
    ends = {key: getattr(setting, end) for key, setting in levers()[name].settings.items()}
    using(exampleshire, name, **ends)


def test_all_levers_together_are_sound_whatever_order_they_are_given_in(county: Parameters) -> None:
    one, other = using(county, *LEVERS), using(county, *reversed(LEVERS))
    assert one.parameters == other.parameters
    assert one.parameters != county


@pytest.mark.parametrize("when", [{"start": "2020-09-01", "ramp_years": 3}, {"end": "2022-09-01"}, {"strength": 0.5}])
def test_all_levers_may_begin_later_grow_end_or_be_used_in_part(
    exampleshire: Parameters, when: Mapping[str, Any]
) -> None:
    using(exampleshire, *LEVERS, **when)


@pytest.mark.parametrize("name", LEVERS)
def test_the_effects_by_which_a_lever_works_are_rows_of_every_county(county: Parameters, name: str) -> None:
    assert set(levers()[name].effects) <= set(county.effects)


@pytest.mark.parametrize("name", LEVERS)
def test_effects_listed_and_effects_set_by_a_lever_are_different_rows(name: str) -> None:
    set_by_acts = {act.path.removeprefix("effects/") for act in levers()[name].acts}
    assert not set_by_acts & set(levers()[name].effects)


@pytest.mark.parametrize("name", LEVERS)
def test_the_sources_of_a_lever_are_those_its_settings_name(name: str) -> None:
    spec = levers()[name]
    assert {setting.source for setting in spec.settings.values()} == set(spec.sources)


def test_levers_and_designs_mean_the_same_by_the_same_source() -> None:
    told: dict[str, object] = {}
    for one in (*levers().values(), *designs().values()):
        for key, source in one.sources.items():
            assert told.setdefault(key, source) == source, key


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_belongs_to_questions_that_there_are(name: str) -> None:
    assert set(levers()[name].questions) <= set(questions())


# -- designs of a base -------------------------------------------------------------------------------------------------


def test_bases_may_be_of_every_design_there_is() -> None:
    assert set(levers()["open_primary_bases"].choices["design"].options) == set(DESIGNS)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_says_where_referrals_of_every_severity_go(name: str) -> None:
    design = designs()[name]
    assert set(design.referrals) == SEVERITIES
    referred = {kind for weights in design.referrals.values() for kind in weights} - {ProvisionKind.DISTRICT_TEAM}
    assert set(design.tiers) - referred <= {ProvisionKind.RESPITE}, "pupils come to respite after a crisis"
    assert design.source in design.sources


@pytest.mark.parametrize("name", DESIGNS)
def test_a_base_opens_with_the_places_of_its_design_and_no_others(county: Parameters, name: str) -> None:
    scenario = using(county, "open_primary_bases", design=name, lead_months=0)
    opens, tiers = county.horizon.study_start, designs()[name].tiers
    for _, spec in scenario.parameters.provisions_of(*BASE_TIERS):
        places = spec.places.get(opens)
        assert (places.usable if places else 0) == (tiers[spec.kind].places if spec.kind in tiers else 0)


# -- scenarios ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_sound_names_no_district_and_parts_no_earlier_than_the_study(
    county: Parameters, name: str
) -> None:
    scenario = load_scenario(name, county)
    parting = parting_date(county, scenario.parameters)
    assert parting is not None
    assert county.horizon.study_start <= parting
    assert name in questions()[scenario.question].runs
    assert scenario.title
    assert scenario.description
    assert not any("districts" in asked for asked in scenario.levers.values())
    assert set(scenario.parameters.sources) - set(county.sources) <= set(sources_of(scenario.levers))


@pytest.mark.parametrize("years", [1, 2, 3])
def test_bases_that_come_later_are_the_same_bases(county: Parameters, years: int) -> None:
    name = {1: "bases_one_year_later", 2: "bases_two_years_later", 3: "bases_three_years_later"}[years]
    now, later = load_scenario("bases_full_centre", county), load_scenario(name, county)
    assert now.levers == later.levers
    assert opening(later) == opening(now).replace(year=opening(now).year + years)


def opening(scenario: Scenario) -> date:
    specs = [spec for _, spec in scenario.parameters.provisions_of(ProvisionKind.OUTREACH)]
    return min(day for spec in specs for day, places in spec.places.items() if places.usable)


# -- questions ---------------------------------------------------------------------------------------------------------


def test_thirteen_questions_are_asked() -> None:
    assert list(questions(MEASURES)) == [f"Q{number}" for number in range(1, 14)]


def test_every_scenario_but_the_oldest_answers_a_question() -> None:
    assert {scenario for question in questions().values() for scenario in question.runs} == set(SCENARIOS)


def test_a_whole_is_its_parts_and_nothing_else(exampleshire: Parameters) -> None:
    for question in questions().values():
        if question.combination is not None:
            parts = [levers_of(part, exampleshire) for part in question.combination.parts]
            union = {name: asked for part in parts for name, asked in part.items()}
            assert sum(map(len, parts)) == len(union), "a lever stands in one part only"
            assert levers_of(question.combination.together, exampleshire) == union


def test_what_a_question_looks_at_is_measured(of_baseline: pd.DataFrame) -> None:
    of_none = of_baseline.replace({"provision": "", "phase": ""}, "all")
    found = set(of_none[["measure", "provision", "phase"]].itertuples(index=False, name=None))
    for name, question in questions().items():
        for quantity in question.looks_at:
            assert (quantity.measure, quantity.provision, quantity.phase) in found, (name, quantity)


def test_labels_within_a_question_tell_its_quantities_apart() -> None:
    for question in questions().values():
        labels = [quantity.label for quantity in question.looks_at]
        assert len(set(labels)) == len(labels)
        assert question.caveats

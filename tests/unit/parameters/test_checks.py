"""Checks across rows: each way a county can contradict itself is told with its file, row and fix."""

import pytest

from sim.parameters.checks import check, evidence_rows
from sim.parameters.load import load_county
from sim.parameters.schema import Parameters
from sim.vocabulary import ProvisionKind

AP = "alternative_provision"
ROUTE = ("routes.csv", "onset_emerging")


def test_a_sound_county_has_no_findings(exampleshire: Parameters) -> None:
    assert check(exampleshire) == []


def test_every_row_of_the_files_with_evidence_is_visited(county, exampleshire: Parameters) -> None:
    beside = ("sources.csv", "opening_roll_example.csv", "targets.csv")  # targets are no parameters, and read apart
    files = [file for file in county.folder.glob("*.csv") if file.name not in beside]
    assert len(list(evidence_rows(exampleshire))) == sum(len(county.records(f.name)) - 1 for f in files)


def test_weights_that_do_not_sum_to_one_are_told_with_all_their_rows(county) -> None:
    county.set(*ROUTE, value="0.75")
    message = county.message()
    assert f"routes.csv, line {county.line(*ROUTE)} (row onset_emerging), column value" in message
    assert "(row onset_moderate)" in message
    assert "sum to 0.95" in message
    assert "add +0.05 to one of them" in message


def test_weights_that_sum_to_more_than_one_for_some_pupils_name_them(county) -> None:
    row = {"first_year_group": "Y11", "destination": "complex", "value": "0.01"}
    county.copy_row(*ROUTE, name="extra", **row, low="0", high="0.02")
    message = county.message()
    assert "for Y11, record none, severity none sum to 1.01" in message


def test_weights_for_one_district_only_are_told(county) -> None:
    for name in ("onset_emerging", "onset_moderate", "onset_complex"):
        county.set("routes.csv", name, district="southfield")
    message = county.message()
    assert "none in northmarsh" in message
    assert "add rows for northmarsh" in message


def test_a_decision_without_rows_is_told(county) -> None:
    records = county.records("routes.csv")
    county.write("routes.csv", [row for row in records if row[1] != "fair_access"])
    assert "no rows for the decision fair_access" in county.message()


def test_an_unknown_destination_is_told_with_those_allowed(county) -> None:
    county.set(*ROUTE, destination="emergent")
    message = county.message()
    assert "(row onset_emerging), column destination" in message
    assert "allowed: emerging, " in message
    assert "did you mean emerging?" in message


def test_a_school_decision_names_schools(county) -> None:
    name = next(row[0] for row in county.records("routes.csv") if row[1] == "special_school")
    school = county.of_kind("special_school")
    county.set("routes.csv", name, destination=f"{school}_s")
    assert f"did you mean {school}?" in county.message()


def test_a_route_in_an_unknown_district_is_told(county) -> None:
    county.set(*ROUTE, district="northmarch")
    assert "did you mean northmarsh?" in county.message()


def test_overlapping_rates_name_both_rows(county) -> None:
    name = county.first("rates.csv")
    line = county.copy_row("rates.csv", name, name="again", placement="any")
    message = county.message()
    assert f"rates.csv, line {line} (row again)" in message
    assert f"see also line 2 (row {name})" in message
    assert "narrow the placement" in message


def test_overlapping_onset_is_told(county) -> None:
    name = county.first("onset.csv")
    county.copy_row("onset.csv", name, name="again")
    message = county.message()
    assert "(row again)" in message
    assert f"is covered by {name} too" in message


def test_the_same_effect_twice_is_told(county) -> None:
    name = county.first("effects.csv")
    county.copy_row("effects.csv", name, name="again")
    assert f"the same effect as {name}" in county.message()


def test_a_missing_source_is_told_with_its_row(county) -> None:
    county.set(*ROUTE, source="invented_here")
    message = county.message()
    assert "(row onset_emerging), column source" in message
    assert "unknown source invented_here" in message
    assert "add it to sources.csv" in message


def test_dates_out_of_order_are_told(county) -> None:
    name = county.first("places.csv")
    line = county.copy_row("places.csv", name, **{"from": "2001-09-01"})
    message = county.message()
    assert f"places.csv, line {line}" in message
    assert f"the dates of {name} in ascending order" in message


def test_term_days_that_overlap_are_told(county) -> None:
    text = (county.folder / "county.yaml").read_text(encoding="utf-8")
    days = next(part for part in text.split("days: ")[1:])[:2]
    county.replace("county.yaml", f"days: {days}", "days: 80")
    message = county.message()
    assert "county.yaml, line" in message
    assert "(key terms)" in message
    assert "half terms overlap" in message


def test_a_year_without_half_terms_is_told(county) -> None:
    text = (county.folder / "county.yaml").read_text(encoding="utf-8")
    (county.folder / "county.yaml").write_text(text[: text.index("terms:")] + "terms: []\n", encoding="utf-8")
    assert "no half terms" in county.message()


def test_a_half_term_on_a_date_that_does_not_exist_is_told(county) -> None:
    county.replace("county.yaml", "month: 2, day: 20", "month: 2, day: 30")
    assert "half terms in order, with dates that exist" in county.message()


def test_a_county_without_schools_is_told(county) -> None:
    county.write("schools.csv", county.records("schools.csv")[:1])
    assert "no schools" in county.message()


def test_a_month_day_that_does_not_exist_is_told(county) -> None:
    county.replace("county.yaml", "02-15", "15-02")
    message = county.message()
    assert "(key horizon/naming_deadline)" in message
    assert "15-02" in message


def test_a_provision_the_model_needs_is_asked_for(county) -> None:
    records = county.records("provisions.csv")
    county.write("provisions.csv", [row for row in records if row[0] != "home_education"])
    message = county.message()
    assert "0 provisions of kind home_education" in message
    assert "add it to provisions.csv" in message


def test_a_special_school_is_needed(county) -> None:
    records = county.records("provisions.csv")
    gone = {row[0] for row in records if row[2] == "special_school"}
    county.write("provisions.csv", [row for row in records if row[0] not in gone])
    county.write("places.csv", [row for row in county.records("places.csv") if row[0] not in gone])
    assert "no provision of kind special_school" in county.message()


def test_places_may_stand_instead_of_a_devolved_budget(county) -> None:
    services = county.records("services.csv")
    county.write("services.csv", [row for row in services if row[1] != "devolved_budget"])
    for name in ("ap_northmarsh", "ap_southfield"):
        county.copy_row("places.csv", county.of_kind("special_school"), provision=name)
    assert all(spec.places for _, spec in load_county(county.folder).provisions_of(ProvisionKind(AP)))


def test_two_provisions_where_one_is_needed_are_told(county) -> None:
    county.copy_row("provisions.csv", "mainstream", name="mainstream_too")
    message = county.message()
    assert "2 provisions of kind mainstream" in message
    assert "remove all but one" in message


def test_a_team_for_each_district_is_needed(county) -> None:
    county.set("provisions.csv", "team_southfield", district="northmarsh")
    message = county.message()
    assert "0 provisions of kind district_team in southfield" in message
    assert "2 provisions of kind district_team in northmarsh" in message


def test_a_team_serves_one_district(county) -> None:
    county.set("provisions.csv", "team_southfield", district="any")
    assert "serves one district: name it" in county.message()


@pytest.mark.parametrize("name", ["marsh_house", "team_southfield", "base_southfield_respite"])
def test_a_provision_that_would_be_unlimited_by_oversight_is_told(county, name: str) -> None:
    records = county.records("places.csv")
    county.write("places.csv", [row for row in records if row[0] != name])
    message = county.message()
    assert f"(row {name})" in message
    assert "a row of 0 if there are none yet" in message


def test_devolved_budgets_need_one_price_above_zero(county) -> None:
    price = next(row[0] for row in county.records("tariffs.csv") if row[2] == AP and "place_year" in row)
    county.copy_row("tariffs.csv", price, name="again")
    county.set("tariffs.csv", price, low="0")
    county.set("quantities.csv", "alternative_provision.part_time_share", low="0")
    message = county.message()
    assert "2 tariffs of basis place_year for alternative_provision" in message
    assert f"(row {price}), column low" in message
    assert "(row alternative_provision.part_time_share), column low" in message


def test_devolved_budgets_without_a_price_are_told(county) -> None:
    records = county.records("tariffs.csv")
    county.write("tariffs.csv", [row for row in records if row[2] != AP])
    assert "devolved budgets buy places at its price" in county.message()


def test_alternative_provision_without_places_or_budget_is_told(county) -> None:
    records = county.records("services.csv")
    county.write("services.csv", [row for row in records if row[0] != "ap_northmarsh"])
    assert "neither places nor a devolved budget" in county.message()


def test_an_unknown_budget_line_of_a_tariff_is_told(county) -> None:
    name = county.first("tariffs.csv")
    county.set("tariffs.csv", name, line="place_fundng")
    message = county.message()
    assert f"tariffs.csv, line 2 (row {name}), column line" in message
    assert "did you mean place_funding?" in message


def test_a_provision_with_a_running_cost_needs_a_line(county) -> None:
    county.set("provisions.csv", "team_northmarsh", line="")
    message = county.message()
    assert "(row team_northmarsh), column line" in message
    assert "(blank)" in message


def test_start_up_money_needs_its_line(county) -> None:
    name = county.first("services.csv")
    county.copy_row("services.csv", name, item="start_up", unit="GBP")
    records = county.records("lines.csv")
    county.write("lines.csv", [row for row in records if row[0] != "start_up"])
    assert "no budget line start_up" in county.message()


def test_a_tariff_must_apply_to_something_that_exists(county) -> None:
    name = county.first("tariffs.csv")
    county.set("tariffs.csv", name, applies_to="special_schol")
    message = county.message()
    assert "column applies_to" in message
    assert "did you mean special_school?" in message


def test_a_tariff_of_a_happening_is_paid_by_the_case(county) -> None:
    county.set("tariffs.csv", county.first("tariffs.csv"), applies_to="plan_issued")
    assert "use basis case: plan_issued happens at an instant" in county.message()


def test_a_price_base_outside_the_index_is_told(county) -> None:
    name = county.first("tariffs.csv")
    county.set("tariffs.csv", name, price_base="1990-91")
    message = county.message()
    assert "column price_base" in message
    assert "price base 1990-91" in message


def test_running_costs_are_by_the_year_and_start_up_is_not(county) -> None:
    county.set("services.csv", county.first("services.csv", 1), "running_cost", "2011-09-01", unit="GBP")
    message = county.message()
    assert "column unit" in message
    assert "allowed: GBP per year" in message


def test_a_devolved_budget_begins_on_1_september_and_buys_alternative_provision(county) -> None:
    first = "2011-09-01"
    county.set("services.csv", "ap_northmarsh", "devolved_budget", first, **{"from": "2011-10-01"})
    county.copy_row("services.csv", "ap_southfield", provision="team_southfield")
    message = county.message()
    assert "1 September of a year" in message
    assert "alternative_provision only" in message


def test_years_without_cohorts_prices_or_budgets_are_told(county) -> None:
    for file, column in (("cohorts.csv", 0), ("inflation.csv", 0), ("budgets.csv", 1)):
        gone = ("2020/21", "2020-21")
        records = county.records(file)
        county.write(file, [row for row in records if row[column] not in gone])
    message = county.message()
    assert "cohorts.csv, the table" in message
    assert "no rows for 2020/21" in message
    assert "inflation.csv" in message
    assert "budgets.csv, row high_needs_block" in message


def test_a_cohort_needs_every_year_group_and_no_other(county) -> None:
    county.set("cohorts.csv", "2020/21", "Y3", year_group="Y12")
    message = county.message()
    assert "2020/21 lacks Y3" in message
    assert "year group Y12" in message


def test_years_are_written_as_their_table_writes_them(county) -> None:
    county.copy_row("inflation.csv", county.first("inflation.csv"), financial_year="2040/41")
    message = county.message()
    assert "year 2040/41" in message
    assert "a year such as 2018-19" in message


def test_an_unknown_or_missing_item_of_the_budget_is_told(county) -> None:
    records = county.records("budgets.csv")
    renamed = [["opening_balanse", *row[1:]] if row[0] == "opening_balance" else row for row in records]
    county.write("budgets.csv", renamed)
    message = county.message()
    assert "no opening_balance" in message
    assert "did you mean opening_balance?" in message


def test_budgets_are_in_pounds_and_price_levels_are_indices(county) -> None:
    item, year = county.records("budgets.csv")[1][:2]
    county.set("budgets.csv", item, year, unit="GBP million")
    county.set("inflation.csv", county.first("inflation.csv"), unit="per cent")
    message = county.message()
    assert "unit GBP million" in message
    assert "a price level above 0, unit index" in message


def test_each_district_has_schools_of_both_phases(county) -> None:
    records = county.records("schools.csv")
    kept = [row for row in records if row[1:3] != ["secondary", "southfield"]]
    county.write("schools.csv", kept)
    assert "no secondary school in southfield" in county.message()


def test_a_rate_at_a_severity_at_which_the_event_cannot_happen_is_refused(county):
    county.set("rates.csv", "worsen_emerging_primary_mainstream", severity="complex")
    message = county.message()
    assert "worsen at severity complex" in message
    assert "emerging, moderate" in message


def test_places_of_a_kind_that_is_never_full_are_refused(county):
    row = "mainstream,2011-09-01,10,10,judgement,fictional,2018/19,\n"
    file = county.folder / "places.csv"
    file.write_text(file.read_text(encoding="utf-8") + row, encoding="utf-8")
    assert "places of mainstream" in county.message()


@pytest.mark.parametrize(
    ("name", "column", "value", "said"),
    [
        ("ehc_due", "law", "exponential", "law exponential"),
        ("centre_of_expertise", "law", "exponential", "law exponential"),
        ("base_outreach", "unit", "calendar weeks", "unit calendar weeks"),
        ("ehc_due", "unit", "school weeks", "unit school weeks"),
    ],
)
def test_a_law_or_unit_that_a_pathway_would_not_honour_is_refused(county, name, column, value, said):
    county.set("durations.csv", name, **{column: value})
    message = county.message()
    assert said in message
    assert "durations.csv" in message


@pytest.mark.parametrize("name", ["decision_window", "annual_review", "ehc_decision", "tuition_term"])
def test_a_stay_that_is_the_same_for_everybody_today_may_vary_between_pupils(county, name):
    county.set("durations.csv", name, law="exponential", unit="school days")
    assert load_county(county.folder).durations.model_dump()[name]["law"] == "exponential"


@pytest.mark.parametrize("name", ["annual_review", "tuition_term", "tuition_review"])
def test_what_comes_again_and_again_must_take_some_time(county, name):
    county.set("durations.csv", name, value=0, low=0, high=0, distribution="fixed")
    assert "above 0, as it recurs" in county.message()

"""Every figure of a county on a page: each row once, with its range, evidence and source."""

import pytest

from sim.parameters.checks import evidence_rows
from sim.parameters.load import list_counties
from sim.parameters.schema import Parameters, Source
from sim.report.parameter_list import lines_by_table, parameters_in_markdown, unused_sources
from sim.report.shipped import county_and_targets


@pytest.mark.parametrize("name", list_counties())
def test_every_row_that_has_evidence_and_every_target_has_its_line(name: str) -> None:
    county, targets = county_and_targets(name)
    lines = lines_by_table(county, targets)
    assert sum(map(len, lines.values())) == len(list(evidence_rows(county))) + len(targets)
    for file, rows in lines.items():
        assert len({line.name for line in rows}) == len(rows), file


def test_a_figure_is_told_with_its_range_law_unit_and_evidence(exampleshire: Parameters) -> None:
    lines = {line.name: line for line in lines_by_table(exampleshire, {})["quantities.csv"]}
    row = exampleshire.quantities.crisis.identify
    assert lines["crisis.identify"].figures == ("0.25", "0.1 to 0.5", "triangular", "probability")
    assert lines["crisis.identify"].evidence is row
    assert lines["team.case_cv"].figures == ("0", "none", "", "ratio"), "no law is told where there is no range"


def test_what_else_a_row_says_is_told_unless_it_is_as_by_default(exampleshire: Parameters) -> None:
    lines = lines_by_table(exampleshire, {})
    rate = next(line for line in lines["rates.csv"] if line.name == "worsen_moderate_mainstream")
    assert rate.about == "R to Y11; severity: moderate; event: worsen; placement: mainstream"
    onset = {line.name: line.about for line in lines["onset.csv"]}
    assert onset["reception"] == "R"
    line = next(line for line in lines["lines.csv"] if line.name == "transport")
    assert "in block: no" in line.about


def test_columns_in_which_all_rows_agree_are_told_once_above_the_table(exampleshire: Parameters) -> None:
    text = parameters_in_markdown(exampleshire, {})
    onset = text[text.index("## Onset") : text.index("## Rates")]
    told, table = onset.split("| name |")
    assert "unit per 1000 pupils per school year" in " ".join(told.split())
    assert "per 1000 pupils" not in table


def test_a_note_that_rows_share_is_written_once(exampleshire: Parameters) -> None:
    schools = parameters_in_markdown(exampleshire, {})
    schools = schools[schools.index("## Schools") : schools.index("## Cohorts")]
    notes = {row.note for row in exampleshire.schools.values()}
    assert len(notes) < len(exampleshire.schools)
    assert len([line for line in schools.splitlines() if line.startswith("- [")]) == len(notes)


def test_a_source_that_no_row_refers_to_is_found(exampleshire: Parameters) -> None:
    idle = Source(title="Read by nobody", publisher="The tester")
    more = exampleshire.model_copy(update={"sources": {**exampleshire.sources, "idle": idle}})
    _, targets = county_and_targets("exampleshire")
    assert unused_sources(exampleshire, targets) == []
    assert unused_sources(more, targets) == ["idle"]
    assert "| idle | Read by nobody | The tester | 0 |" in parameters_in_markdown(more, targets)

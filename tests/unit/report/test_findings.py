"""Findings: sentences made from the data, no more precise than their intervals, and honest about what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.questions import Combination, LooksAt, Question
from sim.report.amounts import Style, place_of
from sim.report.findings import finding, quantities_drawn, write_finding
from sim.report.looked_at import changes, levels_by_year
from sim.report.plain_table import plain_table
from sim.report.sentences import level_sentences
from sim.results import CAVEATS, STAMP, Results

YEARS, FINANCIAL = ("2018/19", "2019/20", "2020/21"), ("2018-19", "2019-20", "2020-21")
NOISE = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
TUITION = LooksAt(measure="mean_roll", provision="tuition", label="Pupils in tuition", unit="pupils", falls_is="good")
PLANS = LooksAt(measure="plans_census", label="Pupils with a plan", unit="pupils")
SUSPENSIONS = LooksAt(measure="suspensions", phase="primary", label="Suspensions", unit="a year", falls_is="good")
TRAINED = LooksAt(measure="trained", label="Trained schools", unit="schools", falls_is="bad")
OCCUPIED = LooksAt(measure="occupied", label="Occupancy", unit="share of places")
FEES = LooksAt(measure="spend", provision="fees", over="sum", label="Fees", unit="£m")
BALANCE = LooksAt(measure="balance_cumulative", over="last", label="Balance", unit="£m", falls_is="bad")
QUESTION = Question(
    asked="What if?", scenarios=("one",), looks_at=(TUITION, SUSPENSIONS, FEES), caveats=("Little is known.",)
)


class Made:
    """Measures of scenarios whose differences from the baseline are stated; `spread` scales their noise."""

    def __init__(self, *names: str, replications: int = 5) -> None:
        self.names, self.replications = names, replications
        self.rows: list[tuple[object, ...]] = []

    def add(
        self,
        quantity: LooksAt,
        level: float,
        *differences: float,
        spread: float = 0.0,
        periods: tuple[str, ...] = YEARS,
    ) -> Made:
        place = "" if quantity.unit.startswith("£") else "all"
        key = (quantity.measure, quantity.provision, place if quantity.phase == "all" else quantity.phase, place)
        by_scenario = zip(("baseline", *self.names), (0.0, *differences), strict=True)
        for number, (scenario, difference) in enumerate(by_scenario):
            for replication in range(self.replications):
                noise = spread * np.roll(NOISE, number)[replication] if number else 0.0
                for period in periods:
                    self.rows.append((scenario, replication, period, *key, level + difference + noise))
        return self

    def money(self, *differences: float, spread: float = 0.0) -> Made:
        """Add spend of the block and of its only line: pounds a year."""
        for measure, provision in (("spend_total", "in_block"), ("spend", "fees")):
            quantity = LooksAt(measure=measure, provision=provision, label="Spend", unit="£")
            self.add(quantity, 2e6, *differences, spread=spread, periods=FINANCIAL)
        return self

    def results(self) -> Results:
        columns = ["scenario", "replication", "period", "measure", "provision", "phase", "district", "value"]
        scenarios = [{"name": name, "title": f"Policy {name}", "parameters": name} for name in self.names]
        provenance = {
            "county": {"label": "Madeshire"},
            "scenarios": [{"name": "baseline", "title": "Baseline", "parameters": ""}, *scenarios],
            "horizon": {"study_start": "2019-09-01"},
            "lines": {"fees": "Independent fees", "unused": "Never spent"},
            "money": {"in_block": ["fees"], "inflation": {"2018-19": 1.0}, "discount": {"2018-19": 0.035}},
            "seed": 7,
            "replications": self.replications,
            "code": "c0de",
            "stamp": STAMP,
            "caveats": list(CAVEATS),
        }
        return Results(pd.DataFrame(self.rows, columns=columns), provenance)


def told(results: Results, question: Question = QUESTION) -> str:
    return " ".join(str(finding(results, "Q4", question)).split())


def saving() -> Results:
    made = Made("one").money(-1e5, spread=1e4)
    return made.add(TUITION, 60, -3, spread=0.5).add(SUSPENSIONS, 100, 0.4, spread=2).results()


def test_a_finding_tells_spend_placements_payback_and_caveats() -> None:
    said = told(saving())
    assert "Q4. What if? Policy one Over 2019-20 to 2020-21 (cash) it saves the high needs block £200,000" in said
    assert "(95% interval £160,000 to £240,000)" in said
    assert "2 of 3 other changes looked at" in said
    assert "and besides Fees down £200,000 (£160,000 to £240,000)" in said
    assert "for the better Pupils in tuition down 3.0 pupils (2.0 to 4.0)" in said
    assert "It costs nothing more on average at any time, so there is nothing to pay back" in said
    assert "* UNCALIBRATED: the parameters" in said
    assert "* Little is known." in said
    assert "a cheaper placement is not a better one" in said
    assert "Covid" in said


def test_caveats_stand_before_the_table_and_the_table_holds_what_is_not_clear_too() -> None:
    text = str(finding(saving(), "Q4", QUESTION))
    assert text.index("UNCALIBRATED") < text.index("baseline  scenario  change")
    rows = text[text.index("baseline  scenario") :]
    assert "Suspensions" in rows
    assert rows.rstrip().endswith("seed 7, 5 replications.")


def test_a_finding_fits_eighty_columns_and_has_no_spaces_at_line_ends() -> None:
    for line in str(finding(saving(), "Q4", QUESTION)).splitlines():
        assert len(line) <= 80
        assert line == line.rstrip()


def test_a_change_whose_interval_includes_none_is_said_not_to_be_told_apart() -> None:
    made = Made("one").money(1000, spread=1e4).add(TUITION, 60, 0.1, spread=2).add(SUSPENSIONS, 100, 0)
    said = told(made.results())
    assert "it changes spend of the high needs block by what cannot be told apart from no change: £2,000 more" in said
    assert "(95% interval £37,000 less to £41,000 more)" in said
    assert "None of the other 3 changes looked at can be told apart from no change." in said
    assert "Pupils in tuition up" not in said


def test_a_scenario_that_changes_nothing_is_said_to_change_nothing_and_has_no_payback() -> None:
    said = told(Made("one").money(0).add(TUITION, 60, 0).add(SUSPENSIONS, 100, 0).results())
    assert "it changes nothing in what the high needs block spends." in said
    assert "paid back" not in said


def test_a_cost_that_is_never_earned_back_is_said_so() -> None:
    said = told(Made("one").money(5e4).add(TUITION, 60, 0).add(SUSPENSIONS, 100, 0).results())
    assert "it costs the high needs block £100,000 more" in said
    assert "It has not paid back by the end of 2020-21 in any of 5 replications." in said


def test_what_councils_and_schools_pay_beside_the_block_is_told_when_it_changes() -> None:
    beside = LooksAt(measure="spend_total", provision="beside_block", label="Beside", unit="£")
    made = Made("one").money(-1e5).add(beside, 1e6, 3e4, periods=FINANCIAL).add(TUITION, 60, 0)
    assert "and beside the block council and schools pay £60,000 more" in told(made.results())


def test_one_replication_tells_nothing_apart() -> None:
    said = told(Made("one", replications=1).money(-1e5).add(TUITION, 60, -3).results())
    assert "in the one replication run, which gives no interval" in said
    assert "One replication gives no interval, so no other change can be told apart from none." in said
    assert "no interval" in said[said.index("baseline scenario change") :]
    assert "nan" not in said


def test_at_most_three_changes_are_named_and_a_harm_is_always_among_them() -> None:
    others = [TUITION.model_copy(update={"label": f"Good {n}", "provision": f"p{n}"}) for n in range(4)]
    harm = TUITION.model_copy(update={"label": "Harm", "provision": "harm"})
    made = Made("one").money(0)
    for quantity in others:
        made.add(quantity, 60, -5, spread=0.1)
    made.add(harm, 60, 5, spread=2)
    said = told(made.results(), QUESTION.model_copy(update={"looks_at": (*others, harm)}))
    sentence = said[: said.index("To keep in mind")]
    assert "All 5 other changes looked at can be told apart from no change, the clearest being" in sentence
    assert "for the worse Harm up 5 pupils" in sentence
    assert sentence.count("Good") == 2


def test_whether_a_rise_is_better_comes_from_the_question() -> None:
    made = Made("one").money(0).add(TRAINED, 0, 20)
    assert "for the better Trained schools up 20" in told(
        made.results(), QUESTION.model_copy(update={"looks_at": (TRAINED,)})
    )


def test_many_scenarios_are_ranked_by_net_cost_with_a_sentence_each() -> None:
    names = ("a", "b", "c", "d")
    made = Made(*names).money(4e5, -1e5, 3e5, 3.001e5, spread=1e3)
    made.add(TUITION, 60, 0, -2, 0, 0)
    question = QUESTION.model_copy(update={"scenarios": names, "looks_at": (TUITION,)})
    text = str(finding(made.results(), "Q1", question))
    ranked = " ".join(text.split())
    assert (
        "over 2019-20 to 2020-21, least first: 2 (£200,000 less); 3 (£600,000 more); 4 (£600,000 more, not clearly"
        in ranked
    )
    assert "not clearly dearer than 3); 1 (£800,000 more)." in ranked
    for number, name in enumerate(names, start=1):
        paragraph = text[text.index(f"{number}. Policy {name}\n") :].split("\n\n")[0]
        assert paragraph.count(". ") == 1, "only the number of the heading is followed by a full stop"


def test_the_parts_of_a_combination_are_told_apart_and_together() -> None:
    made = Made("a", "b", "both").money(-1e5, -2e5, -1e5).add(TUITION, 60, -1, -1, -1)
    parts = Combination(parts=("a", "b"), together="both")
    question = QUESTION.model_copy(update={"scenarios": ("a", "b", "both"), "combination": parts})
    said = told(made.results(), question)
    assert "Added up, the parts by themselves save £600,000, and all together they save £200,000" in said
    assert "the difference, £400,000 more (95% interval £400,000 to £400,000), is what they bring only together" in said
    assert "What they bring only together +400 (+400 to +400)" in said


def test_what_is_only_counted_in_january_is_looked_at_too() -> None:
    made = Made("one").money(0).add(PLANS, 500, 20, periods=("Jan 2019", "Jan 2020", "Jan 2021"))
    found = changes(made.results(), [PLANS])
    assert [(one.difference, one.period) for one in found] == [(20, "mean of 2019/20 to 2020/21")]


def test_what_has_no_value_in_the_baseline_keeps_that_of_the_scenario() -> None:
    made = Made("one").money(0).add(TUITION, 60, -3).add(OCCUPIED, 0.2, 0.6)
    results = made.results()
    unknown = (results.measures["scenario"] == "baseline") & (results.measures["measure"] == "occupied")
    results.measures.loc[unknown, "value"] = np.nan
    question = QUESTION.model_copy(update={"looks_at": (TUITION, OCCUPIED)})
    said = told(results, question)
    assert "The only other change looked at can be told apart" in said
    assert "Occupancy - 80.0 - -" in said
    assert "% of places; mean of" in said


def test_what_the_county_has_no_figures_for_is_named() -> None:
    question = QUESTION.model_copy(update={"looks_at": (TUITION, TRAINED)})
    said = told(Made("one").money(0).add(TUITION, 60, -3).results(), question)
    assert "Without figures in this county: Trained schools." in said


def levels() -> Results:
    return Made().money().add(BALANCE, -3e6, periods=FINANCIAL).add(TUITION, 60).results()


def test_a_question_without_scenarios_tells_levels_by_year_and_spend_by_line(tmp_path) -> None:
    question = QUESTION.model_copy(update={"scenarios": (), "looks_at": (BALANCE, FEES, TUITION)})
    results = levels()
    found = finding(results, "Q10", question)
    said = " ".join(str(found).split())
    assert (
        "Balance: -£3.00m in 2019-20, -£3.00m in 2020-21 (95% interval of the mean -£3.00m to -£3.00m; run-to-run"
        in said
    )
    assert "Fees:" not in said, "single lines are in the tables"
    assert "Fees (£m) 2019-20 2.00 2.00 to 2.00" in said
    assert "Pupils in tuition: 60.0 pupils on average over 2019/20 to 2020/21" in said
    assert "Independent fees 2.00 2.00" in said
    assert "Never spent" not in said
    assert write_finding(found, results, question, tmp_path).read_text(encoding="utf-8") == f"{found}\n"
    table = pd.read_csv(tmp_path / "levels.csv")
    assert {"Balance", "Fees", "Independent fees", "Pupils in tuition"} == set(table["label"])
    assert set(table["stamp"]) == {STAMP}


def test_levels_of_a_question_have_an_interval_and_a_range_of_futures() -> None:
    made = Made()
    for replication, value in enumerate((10.0, 20.0, 30.0, 40.0, 50.0)):
        made.rows.append(("baseline", replication, "2019/20", "mean_roll", "tuition", "all", "all", value))
    level = levels_by_year(made.results(), [TUITION])[0]
    assert (level.mean, level.p10, level.p90) == (30, 14, 46)
    assert level.low == pytest.approx(30 - 2.776 * 250**0.5 / 5**0.5, rel=1e-3)
    assert level_sentences([level], [])[:1] == []


def test_a_level_of_one_replication_has_no_interval_and_says_so() -> None:
    level = levels_by_year(Made(replications=1).add(TUITION, 60, periods=("2019/20",)).results(), [TUITION])
    assert level_sentences([], level) == [
        "Pupils in tuition: 60.0 pupils on average over 2019/20 (one replication, no interval)."
    ]


def test_the_figure_gets_the_rows_as_the_measures_name_them() -> None:
    drawn = quantities_drawn(levels(), QUESTION.model_copy(update={"looks_at": (BALANCE, TUITION, TRAINED)}))
    assert [(one.measure, one.phase) for one in drawn] == [("balance_cumulative", ""), ("mean_roll", "all")]


@pytest.mark.parametrize(
    ("figures", "unit", "words", "interval"),
    [
        ((828_800, 806_700, 850_800), "£", "£830,000", "£810,000 to £850,000"),
        ((-8_287_800, -8_508_300, -8_067_400), "£", "£8.3m", "£8.1m to £8.5m"),
        ((100_000, -500_000, 700_000), "£m", "£100,000", "£500,000 less to £700,000 more"),
        ((37_512, 37_512, 37_512), "£", "£37,500", "£37,500 to £37,500"),
        ((-1.61, -2.03, -1.19), "pupils", "1.6 pupils", "1.2 to 2.0"),
        ((0.02, -31, 32), "pupils", "0 pupils", "30 less to 30 more"),
        ((6.0, -25, 37), "pupils", "6 pupils", "25 less to 37 more"),
        ((300.0, -4_700, 5_300), "£", "£300", "£4,700 less to £5,300 more"),
        ((828_800, -20e6, 21_657_600), "£", "£0.8m", "£20.0m less to £21.7m more"),
        ((0.853, 0.838, 0.868), "share of places", "85 percentage points", "84 to 87"),
        ((2.0, float("nan"), float("nan")), "pupils", "2.00 pupils", "no interval"),
    ],
)
def test_figures_are_no_more_precise_than_their_interval_deserves(figures, unit, words, interval) -> None:
    style = Style.of(unit, *figures)
    assert (style.words(figures[0]), style.between(*figures[1:])) == (words, interval)


def test_an_end_that_is_not_zero_is_given_one_place_more_before_it_reads_zero() -> None:
    assert place_of(0.3, 0.02, 0.58) == -2
    assert place_of(0.3, -0.02, 0.62) == -2
    assert place_of(0.3, -0.2, 0.8) == -1
    assert place_of(0.0, 0.0, 0.0) == 0


def test_a_plain_table_wraps_its_first_column_and_lines_up_the_others() -> None:
    table = plain_table(
        ("mean", "interval\nof it"), ["All of it", ("  a name which is too long", "1.0", "(0 to 2)")], 36
    )
    assert table.splitlines() == [
        "                            interval",
        "                      mean     of it",
        "------------------------------------",
        "All of it",
        "  a name which is      1.0  (0 to 2)",
        "    too long",
    ]


def test_growth_of_a_line_is_told_by_volume_and_by_price_and_commands_lead_further() -> None:
    asked = QUESTION.model_copy(update={"price_or_volume": "fees", "go_further": ("pathways questions",)})
    results = Made("one").money(-1000.0).results()
    money = {**results.provenance["money"], "inflation": {"2018-19": 1.0, "2020-21": 1.5}}
    found = finding(results.with_(provenance={**results.provenance, "money": money}), "Q1", asked)
    assert "To go further:\n  pathways questions --county 'my county'   # all of them" in str(
        finding(
            results, "Q1", asked.model_copy(update={"go_further": ("pathways questions   # all of them",)}), "my county"
        )
    )
    told = dict(found.paragraphs)["Price or volume"]
    assert told.startswith("In the baseline, Independent fees go from ")
    assert "of the difference -£833,000" in told
    assert told.index("is volume") < told.index("and £833,000") < told.index("is the general rise of prices")
    assert "To go further:\n  pathways questions\n" in str(found)

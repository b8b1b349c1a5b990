"""Law 5: the ledger adds up however time is cut, and agrees with a day-by-day reckoning that shares no code with it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures import MEASURES, Facts, pupil_table
from sim.measures.ledger import COST_LINES, spend_between
from sim.measures.prices import Timeline
from sim.parameters.schema import Money, Parameters, Tariff
from sim.vocabulary import Happening, Record
from tests.made_up import LINES, Run, county, gbp, line, places, provision, tariff
from tests.money import changed, charge, flat, later, one_stay, programme

HALF_A_PENNY = 0.005
START, END = date(2014, 9, 1), date(2019, 9, 1)
BOUGHT = ((0.0, 1), (400.0, 2), (760.0, 0))
"""Places in alternative provision that the budget buys, by the clock."""
CHARGED = (
    "mainstream",
    "oak_lodge",
    "elm_house",
    "tuition_with_plan",
    "tuition_without_plan",
    "far_school",
    "ap_east",
)


def busy_county() -> Parameters:
    """Return the county with every way of spending: programmes, schools that pay, and tariffs that change."""
    made = county()
    base = made.provisions["base_east"].model_copy(
        update={
            "school_contribution": {
                date(2017, 5, 1): gbp(30_000),
                date(2018, 2, 10): gbp(120_000, "2016-17"),
                date(2019, 1, 5): gbp(40_000, "2015-16"),
            }
        }
    )
    partnership = made.provisions["ap_east"]
    ended = {**partnership.devolved_budget, date(2018, 9, 1): gbp(0)}
    partnership = partnership.model_copy(update={"devolved_budget": ended})
    training = programme(
        running_cost={date(2016, 1, 20): gbp(7_000), date(2018, 9, 1): gbp(0)},
        start_up={date(2016, 1, 20): gbp(3_000, "2014-15", "GBP")},
    )
    new_prices = {
        date(2016, 9, 1): {
            **changed("fee", value=60_000.0, price_base="2016-17"),
            **changed("hour", hours_per_week=15.0),
            **changed("request", value=1_200.0),
        },
        date(2018, 9, 1): {**changed("fee", value=40_000.0), **changed("place", value=11_000.0)},
    }
    return made.model_copy(
        update={
            "provisions": {**made.provisions, "base_east": base, "ap_east": partnership},
            "programmes": {"training": training},
            "lines": {**LINES, "training": line(), "school_contributions": line(in_block=False)},
            "later": later(made, new_prices),
        }
    )


def busy_run(seed: int = 3, pupils: int = 8) -> Run:
    """Return pupils who move about at odd instants, with support, requests and charges to a partnership."""
    rng, run = np.random.default_rng(seed), Run(busy_county())
    for number in range(pupils):
        instants = np.sort(rng.uniform(0, run.calendar.end, rng.integers(2, 7)))
        pupil = run.pupil(number, instants[0], instants[-1])
        for start, end in itertools.pairwise(instants):
            record = Record(int(rng.integers(0, 3)))
            run.spell(pupil, str(rng.choice(CHARGED)), float(start), float(end), record)
        first, second = float(instants[0]), float(instants[1])
        run.support(pupil, "base_east", first, second)
        run.event(pupil, Happening.EHC_REQUESTED, (first + second) / 2)
        charge(run, pupil, "ap_east", first, 100.0 + number)
    run.support(-1, "base_east", 0.0, 500.0)
    for at, usable in BOUGHT:
        run.rows["places"].append((run.names.index("ap_east"), at, usable))
    return run


class Reckoning:
    """A ledger kept by plain loops over days: the same rules, other code."""

    def __init__(self, run: Run) -> None:
        self.run, self.parameters = run, run.parameters
        self.owed: dict[tuple[str, int], float] = defaultdict(float)
        self.school_days: list[date] = []
        for year in range(2014, 2019):
            self.school_days += self._days_of_year(self.parameters, year)

    @staticmethod
    def _days_of_year(parameters: Parameters, year: int) -> list[date]:
        days = []
        for term in parameters.terms:
            day = date(year if term.month >= 9 else year + 1, term.month, term.day)
            left = term.days
            while left:
                if day.weekday() < 5:
                    days.append(day)
                    left -= 1
                day += timedelta(days=1)
        return days

    def moment(self, clock: float) -> float:
        """Return days since START at a clock; a holiday belongs to the school day before it."""
        whole = min(int(clock), len(self.school_days) - 1)
        return self._begins(whole) + (clock - whole) * (self._begins(whole + 1) - self._begins(whole))

    def _begins(self, number: int) -> float:
        if number % 190 == 0:
            return float((date(2014 + number // 190, 9, 1) - START).days)
        return float((self.school_days[number] - START).days)

    def price(self, value: float, base: str, day: date) -> float:
        year = day.year if (day.month, day.day) >= (4, 1) else day.year - 1
        level = {int(label[:4]): quantity.value for label, quantity in self.parameters.inflation.items()}
        return value * level[year] / level[int(base[:4])]

    def owe(self, line: str, day: date, amount: float) -> None:
        self.owed[line, day.year if (day.month, day.day) >= (4, 1) else day.year - 1] += amount

    def daily(self, line: str, start: float, end: float, value: float, base: str, yearly: bool) -> None:
        """Charge each calendar day between two moments (days since START) for the part of it that is used."""
        for number in range(int(start), min(int(end) + 1, (END - START).days)):
            day = START + timedelta(days=number)
            used = min(end, number + 1.0) - max(start, float(number))
            september = day.year if day.month >= 9 else day.year - 1
            length = (date(september + 1, 9, 1) - date(september, 9, 1)).days if yearly else 1
            if used > 0:
                self.owe(line, day, used * self.price(value, base, day) / length)

    def taught(self, line: str, start: float, end: float, value: float, base: str, hours_a_year: float) -> None:
        for number, day in enumerate(self.school_days):
            used = min(end, number + 1.0) - max(start, float(number))
            if used > 0:
                self.owe(line, day, used * self.price(value, base, day) * hours_a_year / 190)

    def versions(self, name: str) -> list[tuple[Tariff, int, int]]:
        """Return a tariff as it is from one day to another (days since START)."""
        dated = {START: self.parameters.tariffs[name]}
        dated |= {day: parts.tariffs[name] for day, parts in self.parameters.later.items()}
        return [(version, (day - START).days, (until - START).days) for day, (version, until) in _ends(dated)]

    def stays(self) -> None:
        for name in self.parameters.tariffs:
            for version, since, until in self.versions(name):
                for row in self.run.rows["spells"]:
                    if self.covers(version, *row[1:3]):
                        self.stay(version, row[3], row[4], since, until)

    def covers(self, version: Tariff, place: float, record: float) -> bool:
        name = self.run.names[int(place)]
        wanted = {"any": (0, 1, 2), "plan": (2,), "no_plan": (0, 1)}[version.record]
        return version.applies_to in (name, self.parameters.provisions[name].kind) and record in wanted

    def stay(self, version: Tariff, start: float, end: float, since: int, until: int) -> None:
        if version.basis == "taught_hour":
            days = [(day - START).days for day in self.school_days]
            first, last = (sum(day < edge for day in days) for edge in (since, until))
            hours = version.hours_per_week * version.weeks_per_year
            within = max(start, float(first)), min(end, float(last))
            self.taught(version.line, *within, version.value, version.price_base, hours)
        elif version.basis in ("calendar_day", "pupil_year"):
            moments = max(self.moment(start), float(since)), min(self.moment(end), float(until))
            self.daily(version.line, *moments, version.value, version.price_base, version.basis == "pupil_year")

    def cases(self) -> None:
        code = tuple(Happening).index(Happening.EHC_REQUESTED)
        requests = [row[1] for row in self.run.rows["events"] if row[2] == code]
        bases = [row[3] for row in self.run.rows["supports"] if row[0] >= 0]
        for instants, name in ((requests, "request"), (bases, "base_case")):
            for at in instants:
                number = int(self._begins(int(at)))
                day = START + timedelta(days=number)
                value = next(version.value for version, since, until in self.versions(name) if since <= number < until)
                self.owe("casework", day, self.price(value, "2018-19", day))

    def charges(self) -> None:
        code = tuple(Happening).index(Happening.PARTNERSHIP_CHARGED)
        for row in self.run.rows["events"]:
            if row[2] == code:
                self.owe("services", START + timedelta(days=int(self._begins(int(row[1])))), -row[6])

    def contributions(self) -> None:
        """Schools pay day by day what they have agreed to, but never more than the day costs."""
        for spec in self.parameters.provisions.values():
            for number in range((END - START).days):
                day = START + timedelta(days=number)
                agreed, cost = (self.of_year(dated, day) for dated in (spec.school_contribution, spec.running_cost))
                september = day.year if day.month >= 9 else day.year - 1
                length = (date(september + 1, 9, 1) - date(september, 9, 1)).days
                self.owe(spec.line, day, -min(agreed, cost) / length)
                self.owe("school_contributions", day, min(agreed, cost) / length)

    def beyond_places(self) -> None:
        """Who stays where there are no longer places costs the price of one, piece by piece between all instants."""
        commissioned = self.parameters.provisions["oak_lodge"].places
        clocks = [
            (sum(day < start for day in self.school_days), held.commissioned) for start, held in commissioned.items()
        ]
        share = self.parameters.quantities.alternative_provision.part_time_share.value
        self.beyond("oak_lodge", "place", clocks, "place_funding", 1.0)
        self.beyond("ap_east", "ap_place", list(BOUGHT), "services", share)

    def beyond(self, place: str, price: str, paid: list[tuple[float, int]], line: str, share: float) -> None:
        stays = [row[3:5] for row in self.run.rows["spells"] if self.run.names[int(row[1])] == place]
        edges = sorted({at for stay in stays for at in stay} | {at for at, _ in paid} | {950.0})
        for start, end in itertools.pairwise(edges):
            roll = sum(since <= start < until for since, until in stays)
            number = roll - [held for at, held in paid if at <= start][-1]
            for version, since, until in self.versions(price):
                moments = max(self.moment(start), float(since)), min(self.moment(end), float(until))
                if number > 0:
                    self.daily(line, *moments, number * share * version.value, version.price_base, True)

    def of_year(self, dated: dict[date, Money], day: date) -> float:
        begun = [start for start in dated if start <= day]
        return self.price(dated[max(begun)].value, dated[max(begun)].price_base, day) if begun else 0.0

    def services(self) -> None:
        services = [*self.parameters.provisions.values(), *self.parameters.programmes.values()]
        for spec in services:
            for dated in (spec.running_cost, getattr(spec, "devolved_budget", {})):
                for day, (money, until) in _ends(dated):
                    spent = (day - START).days, (until - START).days, money.value, money.price_base
                    self.daily(spec.line, *spent, True)
            for day, money in spec.start_up.items():
                self.owe("start_up", day, self.price(money.value, money.price_base, day))

    def places(self) -> None:
        for name in ("oak_lodge", "elm_house"):
            for day, (held, until) in _ends(self.parameters.provisions[name].places):
                for version, since, to in self.versions("place"):
                    begins, ends = max((day - START).days, since), min((until - START).days, to)
                    value = version.value * held.commissioned
                    self.daily("place_funding", begins, ends, value, "2018-19", True)


def _ends(dated: dict) -> list[tuple]:
    """Return what holds from each date, with the date until which it does."""
    days = sorted(dated)
    untils = [*days[1:], END][: len(days)]
    return [(day, (dated[day], until)) for day, until in zip(days, untils, strict=True)]


def by_april(facts: Facts) -> pd.DataFrame:
    return spend_between(facts, [START, *(date(year, 4, 1) for year in range(2015, 2020)), END])


def test_a_day_by_day_reckoning_agrees_to_half_a_penny() -> None:
    run = busy_run()
    reckoning = Reckoning(run)
    for part in ("stays", "cases", "places", "services", "charges", "contributions", "beyond_places"):
        getattr(reckoning, part)()
    ledger = by_april(run.facts())
    assert {name for name, _ in reckoning.owed} == set(ledger.index), "every line is charged in this run"
    for name in ledger.index:
        for i, year in enumerate(range(2014, 2020)):
            owed = reckoning.owed.get((name, year), 0.0)
            assert ledger.loc[name].iloc[i] == pytest.approx(owed, abs=HALF_A_PENNY), (name, year)
    assert ledger.to_numpy().sum() > 1e6


dates = st.dates(min_value=START + timedelta(days=1), max_value=END - timedelta(days=1))
instants = st.floats(min_value=0.0, max_value=950.0, allow_nan=False)
BUSY = busy_run()


@settings(deadline=None, derandomize=True, max_examples=60)
@given(split=dates)
def test_splitting_the_horizon_at_any_date_adds_up(split: date) -> None:
    facts = BUSY.facts()
    whole = spend_between(facts, [START, END])[START]
    parts = spend_between(facts, [START, split, END])
    assert np.allclose(parts.sum(axis=1), whole, rtol=0, atol=HALF_A_PENNY)
    first = spend_between(facts, [START, split])[START]
    assert np.allclose(parts[START], first, rtol=0, atol=HALF_A_PENNY)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(split=instants)
def test_splitting_every_stay_at_any_instant_changes_nothing(split: float) -> None:
    cut = busy_run()
    for row in list(cut.rows["spells"]):
        pupil, place, record, start, end, ended = row
        if start < split < end:
            cut.rows["spells"].remove(row)
            cut.rows["spells"] += [
                (pupil, place, record, start, split, 1),
                (pupil, place, record, split, end, ended),
            ]
    assert np.allclose(by_april(cut.facts()), by_april(BUSY.facts()), rtol=0, atol=HALF_A_PENNY)


def test_academic_and_financial_years_add_up_to_the_same_money() -> None:
    facts = BUSY.facts()
    academic = spend_between(facts, [date(year, 9, 1) for year in range(2014, 2020)])
    assert np.allclose(academic.sum(axis=1), by_april(facts).sum(axis=1), rtol=0, atol=HALF_A_PENNY)


def test_what_pupils_cost_is_what_their_stays_and_cases_cost() -> None:
    facts = BUSY.facts()
    since = spend_between(facts, [date(2017, 9, 1), END])[date(2017, 9, 1)]
    theirs = since[["fees", "top_up", "tuition", "transport"]].sum() + since["casework"]
    assert pupil_table(facts)["spend_gbp"].sum() == pytest.approx(theirs, abs=HALF_A_PENNY)
    assert theirs > 0


@pytest.mark.parametrize("year", [2014, 2015, 2017])
def test_a_full_academic_year_costs_one_years_price_leap_year_or_not(year: int) -> None:
    run = one_stay(flat(tariffs={"fee": tariff("fees", "far_school", "pupil_year", 50_000)}), "far_school", 0, 0)
    run.spell(run.pupil(2, 0, 950), "far_school", run.at(year), run.at(year + 1))
    spent = spend_between(run.facts(), [START, END])[START]
    assert spent["fees"] == pytest.approx(50_000, abs=1e-6)


def test_a_taught_year_costs_hours_times_weeks_times_the_hourly_price() -> None:
    run = one_stay(flat(), "tuition_with_plan", 190, 380)
    assert spend_between(run.facts(), [START, END])[START]["tuition"] == pytest.approx(20 * 38 * 40)


def test_place_funding_is_paid_on_empty_places_and_not_on_unusable_ones_twice() -> None:
    spent = spend_between(Run(flat()).facts(), [date(2015, 9, 1), date(2016, 9, 1), date(2018, 9, 1), END])
    assert spent.loc["place_funding", date(2015, 9, 1)] == pytest.approx(3 * 10_000)
    assert spent.loc["place_funding", date(2018, 9, 1)] == pytest.approx(5 * 10_000)


def test_pupils_on_roll_do_not_change_place_funding() -> None:
    empty = spend_between(Run(flat()).facts(), [START, END])[START]
    filled = spend_between(one_stay(flat(), "oak_lodge", 0, 950).facts(), [START, END])[START]
    assert empty["place_funding"] == filled["place_funding"]
    assert filled["transport"] > empty["transport"] == 0


def test_a_devolved_budget_pays_for_its_own_places() -> None:
    by_price = {"places": {START: places(10)}}
    by_budget = {**by_price, "devolved_budget": {START: gbp(90_000)}}
    spent = []
    for pays in (by_price, by_budget):
        provisions = {**county().provisions, "ap_east": provision("alternative_provision", **pays)}
        spent.append(spend_between(Run(flat(provisions=provisions)).facts(), [START, END])[START])
    assert spent[0]["place_funding"] - spent[1]["place_funding"] == pytest.approx(5 * 10 * 18_000)
    assert spent[1]["services"] - spent[0]["services"] == pytest.approx(5 * 90_000)


def test_prices_rise_on_1_april_by_the_index() -> None:
    parameters = county(tariffs={"day": tariff("fees", "far_school", "calendar_day", 100, price_base="2015-16")})
    run = one_stay(parameters, "far_school", 0, 950)
    spent = spend_between(run.facts(), [date(2016, 3, 31), date(2016, 4, 1), date(2016, 4, 2)])
    assert spent.loc["fees"].to_list() == pytest.approx([100.0, 100.0 * 1.04 / 1.02])


def test_start_up_money_falls_in_the_financial_year_of_its_date_under_its_own_line() -> None:
    spent = MEASURES["spend"](Run(flat()).facts()).set_index(["provision", "period"])["value"]
    assert spent["start_up", "2016-17"] == 20_000
    assert spent["start_up", "2017-18"] == 5_000
    assert spent["start_up", "2018-19"] == 0


@pytest.mark.parametrize("hour", [0.0, 0.99])
def test_a_case_has_the_date_of_its_school_day_also_before_a_holiday_in_which_the_financial_year_turns(
    hour: float,
) -> None:
    run = Run(flat())
    last = run.calendar.clock(date(2016, 4, 1)) - 1
    assert run.calendar.date_of(last) < date(2016, 4, 1)
    assert run.calendar.date_of(last + 1) > date(2016, 4, 1)
    pupil = run.pupil(1, 0.0, 950.0)
    run.spell(pupil, "mainstream", 0.0, 950.0)
    run.event(pupil, Happening.EHC_REQUESTED, last + hour)
    charge(run, pupil, "ap_east", last + hour, 300.0)
    years = spend_between(run.facts(), [date(2015, 4, 1), date(2016, 4, 1), date(2017, 4, 1)])
    without = spend_between(Run(flat()).facts(), [date(2015, 4, 1), date(2016, 4, 1), date(2017, 4, 1)])
    assert years.loc["casework"].to_list() == [900.0, 0.0]
    assert (years - without).loc["services"].to_list() == pytest.approx([-300.0, 0.0])


def test_cases_of_other_needs_are_not_charged() -> None:
    run = Run(flat())
    run.support(-1, "base_east", 10.0, 60.0)
    assert spend_between(run.facts(), [START, END])[START]["casework"] == 0


def test_a_stay_cut_by_a_change_of_record_is_one_case() -> None:
    run = Run(flat(tariffs={"entry": tariff("casework", "oak_lodge", "case", 100)}))
    pupil = run.pupil(1, 10.0, 90.0)
    run.spell(pupil, "oak_lodge", 10.0, 50.0)
    run.spell(pupil, "oak_lodge", 50.0, 90.0, Record.PLAN)
    assert spend_between(run.facts(), [START, END])[START]["casework"] == 100


def test_top_up_follows_the_plan() -> None:
    with_plan = one_stay(flat(), "mainstream", 190, 380, Record.PLAN)
    without = one_stay(flat(), "mainstream", 190, 380, Record.SEN_SUPPORT)
    assert spend_between(with_plan.facts(), [START, END])[START]["top_up"] == pytest.approx(8_000)
    assert spend_between(without.facts(), [START, END])[START]["top_up"] == 0


def test_nothing_is_rounded() -> None:
    prices = {"day": tariff("fees", "far_school", "calendar_day", 0.001)}
    run = one_stay(flat(tariffs=prices), "far_school", 2.0, 3.0)
    assert spend_between(run.facts(), [START, END])[START]["fees"] == pytest.approx(0.001)


def test_a_new_amount_replaces_the_old_one_from_its_date() -> None:
    service = provision("district_team", running_cost={START: gbp(36_500), date(2018, 1, 1): gbp(73_000)})
    run = Run(flat(provisions={**county().provisions, "ap_east": service}))
    spent = spend_between(run.facts(), [date(2017, 12, 31), date(2018, 1, 1), date(2018, 1, 2)]).loc["services"]
    rest = (60_000 + 100_000) / 365
    assert (spent - rest).to_list() == pytest.approx([100, 200])


def test_the_balance_is_the_block_less_all_lines_in_it_and_the_rest() -> None:
    facts = BUSY.facts()
    table = pd.concat(
        [MEASURES[name](facts) for name in ("spend", "spend_total", "balance_in_year", "balance_cumulative")]
    )
    found = table.set_index(["measure", "provision", "period"])["value"]
    lines = facts.parameters.lines
    for period, block in (("2016-17", 1e6), ("2017-18", 1e6), ("2018-19", 2e6)):
        inside = sum(found["spend", name, period] for name, line in lines.items() if line.in_block)
        assert found["spend_total", "in_block", period] == pytest.approx(inside)
        beside = sum(found["spend", name, period] for name in ("transport", "school_contributions"))
        assert found["spend_total", "beside_block", period] == pytest.approx(beside)
        assert found["balance_in_year", "", period] == pytest.approx(block - 4e5 - inside)
    assert np.isnan(found["balance_cumulative", "", "2016-17"])
    first = found["balance_in_year", "", "2017-18"]
    assert found["balance_cumulative", "", "2017-18"] == pytest.approx(-5e4 + first)
    assert found["balance_cumulative", "", "2018-19"] == pytest.approx(
        -5e4 + first + found["balance_in_year", "", "2018-19"]
    )


def test_later_parts_that_leave_prices_alone_change_no_bit_of_the_ledger() -> None:
    made = county()
    same = made.model_copy(update={"later": later(made, {date(2016, 9, 1): {}, date(2018, 9, 1): {}})})
    one, other = busy_run(), busy_run()
    one.parameters, other.parameters = made, same
    assert by_april(one.facts()).equals(by_april(other.facts()))


def test_dates_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="ascending order; found 2016-04-01, 2015-04-01"):
        spend_between(Run().facts(), [date(2016, 4, 1), date(2015, 4, 1)])


def test_every_way_of_spending_spends_something_in_the_busy_run() -> None:
    facts = BUSY.facts()
    time = Timeline(facts.parameters, facts.calendar, (START, END))
    for name, cost_line in COST_LINES.items():
        assert sum(np.abs(amounts).sum() for _, amounts in cost_line(facts, time)) > 0, name

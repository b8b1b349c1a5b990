"""Competing events by random time change: exact, lazy, and blind to changes that change nothing."""

import pytest

from sim.engine.budgets import BudgetKeeper
from sim.engine.hazard_row import HazardRow
from sim.engine.pupil import KIND_INDEX, KINDS, NEVER, NOT_RETURNING, Pupil
from sim.vocabulary import EventKind, Record, Severity
from tests.worlds import EXAMPLESHIRE, ToldLuck

WORSEN, IMPROVE = KIND_INDEX[EventKind.WORSEN], KIND_INDEX[EventKind.IMPROVE]
SUSPENSION = KIND_INDEX[EventKind.SUSPENSION]


class Place:
    kind_index = 0


def row(**hazards):
    rates = [0.0] * len(KINDS)
    for name, hazard in hazards.items():
        rates[KIND_INDEX[EventKind[name.upper()]]] = hazard
    return HazardRow(tuple(rates))


@pytest.fixture
def keeper():
    return BudgetKeeper([])


def joined(keeper, begin, number=0, budgets=()):
    """A pupil who has just joined under the hazards of `begin`."""
    pupil = Pupil(2012, 3, number, ToldLuck(budgets=budgets), keeper.env.now)
    pupil.provision = Place()
    under(keeper, pupil, begin)
    return pupil


def under(keeper, pupil, hazards):
    """Bring other hazards into force for the pupil's group."""
    keeper.hazards = [[[[hazards] * len(Severity)] * len(Record)] * 12]
    keeper.rebase(pupil)


def later(keeper, at):
    keeper.env.run(until=at)


def test_an_event_is_due_when_its_hazard_has_spent_the_budget(keeper):
    pupil = joined(keeper, row(worsen=0.01), budgets=[1.7] * len(KINDS))
    assert pupil.due[WORSEN] == 1.7 / 0.01


def test_a_hazard_of_zero_means_never(keeper):
    pupil = joined(keeper, row())
    assert set(pupil.due) == {NEVER}
    keeper.next_event(pupil)
    assert keeper.env.peek() == NEVER


def test_halving_the_hazard_midway_doubles_the_remaining_wait_exactly(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    later(keeper, 1.5)
    remaining = pupil.due[WORSEN] - 1.5
    under(keeper, pupil, row(worsen=0.125))
    assert pupil.due[WORSEN] - 1.5 == 2 * remaining == 5.0


def test_spending_in_two_pieces_adds_up(keeper):
    pupil = joined(keeper, row(worsen=0.3), budgets=[2.0] * len(KINDS))
    later(keeper, 1.0)
    under(keeper, pupil, row(worsen=0.7))
    later(keeper, 2.0)
    under(keeper, pupil, row(worsen=0.1))
    assert pupil.due[WORSEN] == pytest.approx(2.0 + (2.0 - 0.3 - 0.7) / 0.1)


def test_a_hazard_that_does_not_change_is_not_touched_bit_for_bit(keeper):
    pupil = joined(keeper, row(worsen=0.1, suspension=0.3), budgets=[1 / 3] * len(KINDS))
    worsens, suspended = pupil.due[WORSEN], pupil.due[SUSPENSION]
    for step in range(1, 40):
        later(keeper, step / 70)
        under(keeper, pupil, row(worsen=0.1, suspension=0.3 + step / 1000))
    assert pupil.due[WORSEN] == worsens
    assert pupil.due[SUSPENSION] < suspended


def test_a_factor_of_exactly_one_changes_nothing_bit_for_bit(keeper):
    pupil = joined(keeper, row(worsen=0.1, suspension=0.3), budgets=[1 / 3] * len(KINDS))
    before = list(pupil.due)
    for step in range(1, 20):
        later(keeper, step / 70)
        keeper.influence(pupil, f"support {step}", WORSEN, 1.0)
        keeper.influence_for(pupil, f"for a while {step}", SUSPENSION, 1.0, step / 70 + 0.01)
        keeper.lift(pupil, f"support {step}")
    assert pupil.due == before


def test_a_hazard_that_stops_keeps_what_is_left_of_the_budget(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    later(keeper, 1.0)
    under(keeper, pupil, row())
    assert pupil.due[WORSEN] == NEVER
    later(keeper, 9.0)
    under(keeper, pupil, row(worsen=0.25))
    assert pupil.due[WORSEN] == 9.0 + 3.0


def test_a_lower_hazard_never_brings_the_first_event_forward(keeper):
    budgets = [0.1 + 0.37 * kind for kind in range(len(KINDS))]
    dues = [
        joined(keeper, row(suspension=hazard), number, budgets).due[SUSPENSION]
        for number, hazard in enumerate((0.5, 0.4, 0.399, 0.01, 0.0))
    ]
    assert dues == sorted(dues)
    assert len(set(dues)) == len(dues)


def test_a_lower_hazard_from_midway_delays_the_first_event(keeper):
    pupil = joined(keeper, row(suspension=0.2))
    before = pupil.due[SUSPENSION]
    later(keeper, 2.0)
    keeper.influence(pupil, "support", SUSPENSION, 0.7)
    assert pupil.due[SUSPENSION] == pytest.approx(2.0 + (1.0 - 0.4) / 0.14)
    assert pupil.due[SUSPENSION] > before


def test_after_an_event_the_next_occasion_has_a_new_budget(keeper):
    luck = ToldLuck(budgets=[0.5] * len(KINDS))
    luck.later_budget = lambda kind: 0.75
    pupil = Pupil(2012, 3, 0, luck, 0.0)
    pupil.provision = Place()
    under(keeper, pupil, row(worsen=0.25))
    keeper.next_event(pupil)
    later(keeper, 2.5)
    assert keeper.spent(pupil) is EventKind.WORSEN
    assert pupil.due[WORSEN] == NEVER
    keeper.rebase(pupil)
    assert pupil.due[WORSEN] == 2.5 + 0.75 / 0.25


def test_the_others_keep_their_due_times_when_one_event_happens(keeper):
    pupil = joined(keeper, row(worsen=0.5, suspension=0.1))
    due = pupil.due[SUSPENSION]
    keeper.next_event(pupil)
    later(keeper, 3.0)
    assert keeper.spent(pupil) is EventKind.WORSEN
    keeper.rebase(pupil)
    assert pupil.due[SUSPENSION] == due


def test_ties_between_kinds_fall_in_the_order_of_the_vocabulary(keeper):
    pupil = joined(keeper, row(suspension=0.5, worsen=0.5, improve=0.5))
    later(keeper, 2.0)
    happened = [keeper.spent(pupil) for _ in range(4)]
    assert happened == [EventKind.WORSEN, EventKind.IMPROVE, EventKind.SUSPENSION, None]


def alarms(keeper, pupil):
    """When the pupil is woken, in a list that fills as the run goes on."""
    rung = []
    keeper.next_event(pupil).callbacks.append(lambda _event: rung.append(keeper.env.now))
    return rung


def test_whoever_waits_is_woken_earlier_when_a_hazard_rises(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    rung = alarms(keeper, pupil)
    later(keeper, 1.0)
    under(keeper, pupil, row(worsen=0.5))
    later(keeper, 100.0)
    assert rung == [1.0 + 0.75 / 0.5]


def test_whoever_waits_is_woken_earlier_when_a_factor_raises_the_hazard(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    rung = alarms(keeper, pupil)
    later(keeper, 1.0)
    keeper.influence(pupil, "unsettled", WORSEN, 2.0)
    later(keeper, 100.0)
    assert rung == [1.0 + 0.75 / 0.5]


@pytest.mark.parametrize(("leaves_at", "expected"), [(2.5, []), (2.6, [2.5])])
def test_nobody_is_woken_earlier_at_the_instant_at_which_the_pupil_leaves(keeper, leaves_at, expected):
    pupil = joined(keeper, row(worsen=0.125))
    pupil.leaves_at = leaves_at
    rung = alarms(keeper, pupil)
    later(keeper, 1.0)
    under(keeper, pupil, row(worsen=0.125 * 7.0 / 1.5))
    assert pupil.due[WORSEN] == 2.5
    later(keeper, 50.0)
    assert rung == expected


def test_an_alarm_that_rings_too_early_is_for_nothing(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    rung = alarms(keeper, pupil)
    later(keeper, 1.0)
    under(keeper, pupil, row(worsen=0.125))
    later(keeper, 5.0)
    assert rung == [4.0]
    assert keeper.spent(pupil) is None
    assert pupil.due[WORSEN] == 7.0


def test_an_event_due_after_year_11_does_not_happen(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    pupil.leaves_at = 4.0
    rung = alarms(keeper, pupil)
    later(keeper, 50.0)
    assert rung == []


def test_factors_multiply_in_name_order_whatever_the_order_of_coming(keeper):
    factors = {"a": 0.85, "b": 1.15, "c": 0.65}
    assert 0.65 * 1.15 * 0.85 != 0.85 * 1.15 * 0.65, "the order can be told by the last bit"
    for number, names in enumerate(("abc", "cba", "bca", "cab")):
        pupil = joined(keeper, row(worsen=0.1), number)
        for name in names:
            keeper.influence(pupil, name, WORSEN, factors[name])
        assert pupil.factors[WORSEN] == 0.85 * 1.15 * 0.65
        assert pupil.due[WORSEN] == pytest.approx(1.0 / (0.1 * 0.85 * 1.15 * 0.65))


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_two_factors_come_after_the_pupils_own_level_in_name_order(keeper, names):
    pupil = joined(keeper, row(suspension=0.1))
    keeper.set_crisis_level(pupil, 0.85)
    for name in names:
        keeper.influence(pupil, name, SUSPENSION, {"a": 1.15, "b": 0.65}[name])
    assert pupil.factors[SUSPENSION] == 0.85 * 1.15 * 0.65


def test_a_factor_of_the_same_name_replaces_the_one_before(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    keeper.influence(pupil, "support", WORSEN, 0.5)
    keeper.influence(pupil, "support", WORSEN, 0.25)
    assert pupil.factors[WORSEN] == 0.25
    keeper.lift(pupil, "support")
    keeper.lift(pupil, "support")
    assert pupil.factors[WORSEN] == 1.0


def test_a_factor_for_a_while_ends_unless_it_was_replaced(keeper):
    pupil = joined(keeper, row(worsen=0.001))
    keeper.influence_for(pupil, "crisis", WORSEN, 2.0, until=5.0)
    keeper.influence_for(pupil, "move", WORSEN, 3.0, until=6.0)
    later(keeper, 4.0)
    keeper.influence_for(pupil, "crisis", WORSEN, 1.5, until=20.0)
    later(keeper, 5.5)
    assert pupil.factors[WORSEN] == 1.5 * 3.0
    later(keeper, 7.0)
    assert pupil.factors[WORSEN] == 1.5
    later(keeper, 21.0)
    assert pupil.factors[WORSEN] == 1.0


def test_the_crisis_level_multiplies_crises_only(keeper):
    pupil = joined(keeper, row(worsen=0.25, suspension=0.25))
    keeper.set_crisis_level(pupil, 2.0)
    keeper.influence(pupil, "unsettled", SUSPENSION, 1.5)
    assert pupil.factors[SUSPENSION] == 3.0
    assert pupil.due[SUSPENSION] == 1.0 / 0.75
    keeper.set_crisis_level(pupil, 1.0)
    assert pupil.factors[SUSPENSION] == 1.5
    assert pupil.due[WORSEN] == 4.0
    keeper.set_crisis_level(pupil, 2.0)
    keeper.influence(pupil, "support", WORSEN, 0.5)
    assert pupil.factors[WORSEN] == 0.5


def test_a_factor_of_nought_stops_a_kind_which_goes_on_with_what_is_left_when_it_is_lifted(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    keeper.influence(pupil, "half", WORSEN, 0.5)
    later(keeper, 2.0)
    keeper.influence(pupil, "shield", WORSEN, 0.0)
    assert pupil.due[WORSEN] == NEVER
    later(keeper, 9.0)
    keeper.lift(pupil, "shield")
    assert pupil.due[WORSEN] == 9.0 + (1.0 - 2.0 * 0.125) / 0.125


def test_a_kind_that_a_factor_of_nought_holds_back_does_not_begin_with_its_hazard(keeper):
    pupil = joined(keeper, row())
    keeper.influence(pupil, "shield", WORSEN, 0.0)
    under(keeper, pupil, row(worsen=0.25))
    assert pupil.due[WORSEN] == NEVER
    under(keeper, pupil, row())
    under(keeper, pupil, row(worsen=0.25))
    later(keeper, 3.0)
    keeper.lift(pupil, "shield")
    assert pupil.due[WORSEN] == 3.0 + 4.0


def test_a_factor_counts_for_a_hazard_that_begins_or_stops_while_it_is_in_force(keeper):
    pupil = joined(keeper, row())
    keeper.influence(pupil, "unsettled", WORSEN, 2.0)
    under(keeper, pupil, row(worsen=0.25))
    assert pupil.due[WORSEN] == 1.0 / 0.5
    later(keeper, 1.0)
    under(keeper, pupil, row())
    keeper.lift(pupil, "unsettled")
    under(keeper, pupil, row(worsen=0.25))
    assert pupil.due[WORSEN] == 1.0 + 0.5 / 0.25


def test_a_factor_on_a_kind_that_has_just_happened_waits_for_its_next_occasion(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    keeper.next_event(pupil)
    later(keeper, 4.0)
    assert keeper.spent(pupil) is EventKind.WORSEN
    keeper.influence(pupil, "unsettled", WORSEN, 2.0)
    assert pupil.due[WORSEN] == NEVER
    keeper.rebase(pupil)
    assert pupil.due[WORSEN] == 4.0 + 1.0 / 0.5


def test_a_hazard_that_stops_with_the_event_begins_anew_when_it_is_back(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    drawn = []
    pupil.luck.later_budget = lambda kind: drawn.append(kind) or 0.5
    keeper.next_event(pupil)
    later(keeper, 4.0)
    assert keeper.spent(pupil) is EventKind.WORSEN
    under(keeper, pupil, row())
    later(keeper, 6.0)
    assert drawn == []
    under(keeper, pupil, row(worsen=0.25))
    assert drawn == [WORSEN]
    assert pupil.due[WORSEN] == 6.0 + 0.5 / 0.25


def test_a_budget_used_up_to_the_last_when_its_hazard_stops_is_due_at_once_when_it_is_back(keeper):
    pupil = joined(keeper, row(worsen=0.25))
    later(keeper, 4.0)
    under(keeper, pupil, row())
    later(keeper, 7.0)
    under(keeper, pupil, row(worsen=0.25))
    assert pupil.due[WORSEN] == 7.0


def test_nothing_changes_any_more_for_a_pupil_who_has_left_or_has_no_placement(keeper):
    for number, change in enumerate((("has_left", True), ("provision", None))):
        pupil = joined(keeper, row(worsen=0.25), number)
        setattr(pupil, *change)
        before = list(pupil.due)
        under(keeper, pupil, row(worsen=0.5, suspension=0.1))
        assert pupil.due == before


def test_hazards_in_force_from_the_start_are_those_it_is_made_with():
    keeper = BudgetKeeper([[[[row(worsen=0.5)] * len(Severity)] * len(Record)] * 12])
    pupil = Pupil(2012, 3, 0, ToldLuck(), 0.0)
    pupil.provision = Place()
    keeper.rebase(pupil)
    assert pupil.due[WORSEN] == 2.0


def test_the_factor_on_not_returning_touches_no_budget(keeper):
    pupil = joined(keeper, row(worsen=0.25, suspension=0.25))
    due = list(pupil.due)
    later(keeper, 1.0)
    keeper.influence(pupil, "support", NOT_RETURNING, 0.5)
    assert pupil.factors[NOT_RETURNING] == 0.5
    assert pupil.due == due


def test_a_call_for_a_pupil_who_has_left_is_not_made(keeper):
    stays, leaves = joined(keeper, row()), joined(keeper, row(), 1)
    called = []
    for pupil in (stays, leaves):
        keeper.call_at(pupil, 3.0, lambda pupil=pupil: called.append(pupil))
    leaves.has_left = True
    later(keeper, 4.0)
    assert called == [stays]


def test_calls_at_one_instant_are_made_in_the_order_of_pupils(keeper):
    first, second = joined(keeper, row()), joined(keeper, row(), 1)
    called = []
    for pupil in (second, first):
        keeper.call_at(pupil, 3.0, lambda pupil=pupil: called.append(pupil))
    later(keeper, 4.0)
    assert called == [first, second]


def test_the_example_county_gives_hazards_per_school_day():
    from sim.engine.rules import Rules

    table = Rules(EXAMPLESHIRE).hazards(2018)
    mainstream_y3_unrecorded = table[0][3][Record.NONE][Severity.MODERATE].rates
    assert mainstream_y3_unrecorded[SUSPENSION] == EXAMPLESHIRE.rates["suspension_moderate_primary"].value / 190
    assert mainstream_y3_unrecorded[KIND_INDEX[EventKind.AP_REFERRAL]] == 0.0

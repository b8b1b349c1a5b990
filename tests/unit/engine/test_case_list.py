"""What a panel remembers of the cases before it."""

from sim.engine.case_list import CaseList


def test_a_case_taken_off_the_list_is_forgotten_but_for_what_the_panel_decided():
    cases = CaseList()
    cases.since = {1: 10.0, 2: 20.0, 3: 30.0}
    cases.route_due = {1: 17.0, 2: 27.0}
    cases.followed[1] = (5.0, 95.0)
    cases.drop(1)
    cases.drop(3)
    assert cases.since == {2: 20.0}
    assert cases.route_due == {2: 27.0}
    assert cases.followed == {1: (5.0, 95.0)}
    assert cases.fair_access == {}

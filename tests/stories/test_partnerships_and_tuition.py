"""Stories of area partnerships and tuition: charges, pupils taken on, needs assessed at entry, packages reviewed."""

from datetime import date

import numpy as np
import pytest

from sim.chance.streams import Purpose
from sim.model import simulate
from sim.parameters.changes import with_changes
from sim.pathways.alternative_provision import planned_referral
from sim.pathways.needs_assessment import needs_assessment
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.places import price_index
from sim.pathways.reintegration import reintegration
from sim.pathways.tuition import breakdown, medical_referral
from sim.vocabulary import Decision, Happening, Record, Severity
from tests.worlds import EXAMPLESHIRE, Stay, Story, always, differing, fixed, places

PRICE = EXAMPLESHIRE.tariffs["ap_place"].value * EXAMPLESHIRE.quantities.alternative_provision.part_time_share.value
"""Pounds of 2018-19 that a place costs its partnership for a year."""

AP, OTHER_AP = "ap_northmarsh", "ap_southfield"
CHARGE, TUITION_CHARGE = (f"provisions/ap_*/charge_per_{what}/2011-09-01" for what in ("exclusion", "tuition"))
UNPLACED = {**always(Decision.FAIR_ACCESS, "keep"), **always(Decision.TUITION_PLACE_SOUGHT, "keep")}
FULL = {"provisions/ap_*/devolved_budget/2011-09-01/value": 0, "provisions/ap_*/devolved_budget/2011-09-01/low": 0}


def pounds(value):
    return {"value": value, "price_base": "2018-19"}


def usable(story, *days, name=AP):
    found = []
    for day in days:
        story.run(day)
        found.append(story.world.by_name[name].usable)
    return found


def terms(story):
    """The first days of the three terms of 2011/12, and 1 September 2012."""
    calendar = story.world.calendar
    return tuple(calendar.clock(date(*day)) for day in ((2011, 9, 1), (2012, 1, 4), (2012, 4, 15), (2012, 9, 1)))


# -- charges -------------------------------------------------------------------------------------------------------


def excluding(changes, day=10.0, year_group=9):
    """A story in which a partnership that buys nine places sees a pupil excluded for good."""
    story = Story({**UNPLACED, "provisions/ap_*/devolved_budget/2011-09-01": pounds(9 * PRICE), **changes}, day)
    pupil = story.pupil(year_group)
    story.begin(permanent_exclusion, pupil)
    return story, pupil


def test_a_charge_takes_places_worth_as_much_from_the_next_term_to_the_end_of_the_year():
    story, _ = excluding({CHARGE: pounds(PRICE)})
    _, spring, _, september = terms(story)
    assert usable(story, spring - 0.1, spring + 0.1, september - 0.1, september + 0.1) == [
        9,
        7,
        7,
        9,
    ]  # 1.6 places for the 118 school days that are left
    rows = story.rows("places")
    mine = rows[rows["provision"] == story.names.index(AP)]
    assert list(zip(mine["at"], mine["usable"], strict=True)) == [(0.0, 9), (spring, 7), (september, 9)]


def test_a_half_term_is_no_term():
    story, _ = excluding({CHARGE: pounds(PRICE)})
    _, spring, summer, _ = terms(story)
    half_terms = [at for at in story.world.calendar.half_terms_from(10.0) if at < summer and at != spring]
    assert len(half_terms) == 2
    assert usable(story, half_terms[0] + 0.1) == [9]


def test_charges_of_two_terms_add_up_and_those_of_the_last_term_are_taken_from_the_next_year():
    story, _ = excluding({CHARGE: pounds(PRICE)})
    _, spring, summer, september = terms(story)
    story.run(spring + 1)
    story.begin(permanent_exclusion, story.pupil(9))
    assert usable(story, summer - 0.1, summer + 0.1) == [7, 4]
    story.begin(permanent_exclusion, story.pupil(9))
    assert usable(story, september - 0.1, september + 0.1, september + 100) == [4, 8, 8]


@pytest.mark.parametrize(("share", "left"), [(0.5, 8), (1.0, 7), (1.2, 7), (2.0, 5)])
def test_what_is_left_buys_whole_places(share, left):
    story, _ = excluding({CHARGE: pounds(share * PRICE)})
    assert usable(story, terms(story)[1] + 1) == [left]


def test_a_charge_is_noted_in_pounds_of_the_day():
    story, pupil = excluding({CHARGE: pounds(1000)})
    assert story.when(pupil, Happening.PARTNERSHIP_CHARGED) == [10.0]
    index = price_index(story.world, date(2011, 9, 20)) / EXAMPLESHIRE.inflation["2018-19"].value
    assert index < 1
    assert story.value(pupil, Happening.PARTNERSHIP_CHARGED) == pytest.approx(1000 * index)


def test_only_the_partnership_of_the_pupils_district_pays_and_only_for_secondary_pupils():
    story, _ = excluding({CHARGE: pounds(PRICE)})
    assert usable(story, 80, name=OTHER_AP) == [9]
    primary, pupil = excluding({CHARGE: pounds(PRICE)}, year_group=4)
    assert primary.when(pupil, Happening.PARTNERSHIP_CHARGED) == []
    assert usable(primary, 80) == [9]


def test_charges_never_come_to_more_than_the_budget():
    story, first = excluding({CHARGE: pounds(5 * PRICE)})
    pupils = [first, *(story.pupil(9) for _ in range(3))]
    for pupil in pupils[1:]:
        story.begin(permanent_exclusion, pupil)
    assert usable(story, 80) == [0]
    paid = [story.value(one, Happening.PARTNERSHIP_CHARGED) for one in pupils[:2]]
    assert paid[1] == pytest.approx(paid[0] * 4 / 5)
    assert [story.when(one, Happening.PARTNERSHIP_CHARGED) for one in pupils[2:]] == [[], []]
    assert usable(story, 191) == [9]


def test_a_charge_holds_from_its_date():
    story, pupil = excluding({"provisions/ap_*/charge_per_exclusion/2012-09-01": pounds(PRICE)})
    assert story.when(pupil, Happening.PARTNERSHIP_CHARGED) == []
    story.run(200)
    later = story.pupil(9)
    story.begin(permanent_exclusion, later)
    assert story.when(later, Happening.PARTNERSHIP_CHARGED) == [200.0]
    assert usable(story, 200 + 80) == [7]


def test_a_charge_of_nothing_changes_nothing():
    assert differing(simulated({}), simulated({CHARGE: pounds(0), TUITION_CHARGE: pounds(0)})) == []


@pytest.mark.parametrize(
    ("year_group", "record", "is_charged"),
    [(9, Record.PLAN, True), (9, Record.SEN_SUPPORT, False), (5, Record.PLAN, False)],
)
def test_a_new_package_of_tuition_with_a_plan_is_charged_to_the_partnership(year_group, record, is_charged):
    story = Story({**UNPLACED, TUITION_CHARGE: pounds(PRICE)})
    pupil = story.pupil(year_group, record)
    story.begin(breakdown, pupil)
    assert usable(story, 71, 73) == [9, 9 - 2 * is_charged]
    assert len(story.when(pupil, Happening.PARTNERSHIP_CHARGED)) == is_charged


def test_a_plan_issued_during_a_package_is_not_charged():
    agreed = {"yearly/refused_share/*": 0, "quantities/casework/plan_after_assessment": 1}
    story = Story({**UNPLACED, **agreed, TUITION_CHARGE: pounds(PRICE)})
    pupil = story.pupil(9)
    story.begin(medical_referral, pupil)
    story.begin(needs_assessment, pupil)
    story.run(180)
    assert pupil.kind == "tuition_with_plan"
    assert story.when(pupil, Happening.PARTNERSHIP_CHARGED) == []


def test_when_partnerships_end_pupils_stay_and_everybody_else_is_led_elsewhere():
    ends = {"provisions/ap_*/devolved_budget/2012-09-01": pounds(0)}
    story = Story({**UNPLACED, **ends, **always(Decision.AP_FULL, "tuition")})
    stays = story.pupil(8)
    story.begin(planned_referral, stays)
    assert usable(story, 189, 191) == [9, 0]
    assert stays.provision.name == AP
    referred, excluded = story.pupil(9), story.pupil(9)
    story.begin(planned_referral, referred)
    story.begin(permanent_exclusion, excluded)
    story.run(210)
    assert story.when(referred, Happening.AP_FULL) == [191.0]
    assert (referred.kind, excluded.kind) == ("tuition_without_plan", "tuition_without_plan")
    story.begin(reintegration, stays)
    assert story.world.by_name[AP].roll == 0


# -- pupils taken on instead of tutored ----------------------------------------------------------------------------

SEEKS = always(Decision.TUITION_PLACE_SOUGHT, "special_school")
TAKES = "quantities/alternative_provision/takes_tutored"


def broken_down(changes, year_group=9, record=Record.PLAN, told=None):
    story = Story({**UNPLACED, "durations/tuition_start": fixed(4), **changes})
    pupil = story.pupil(year_group, record, told=told)
    story.begin(breakdown, pupil)
    story.run(20)
    return story, pupil


def test_the_partnership_takes_a_pupil_who_would_be_tutored_when_it_has_a_place():
    story, pupil = broken_down({TAKES: 1})
    assert story.stays(pupil) == [
        Stay("no_education", 10.0, pupil.spell_start),
        Stay(AP, pupil.spell_start, 20.0),
    ]
    assert story.when(pupil, Happening.PARTNERSHIP_PLACED) == [pupil.spell_start]


@pytest.mark.parametrize(("uniform", "kind"), [(0.29, "alternative_provision"), (0.31, "tuition_with_plan")])
def test_the_partnership_takes_the_share_of_pupils_that_is_configured(uniform, kind):
    _, pupil = broken_down({TAKES: 0.3}, told={Purpose.PARTNERSHIP_TAKES: [uniform]})
    assert pupil.kind == kind


def test_a_partnership_without_a_place_leaves_the_pupil_to_tuition():
    story, pupil = broken_down({TAKES: 1, **FULL})
    assert pupil.kind == "tuition_with_plan"
    assert story.when(pupil, Happening.PARTNERSHIP_PLACED) == []


@pytest.mark.parametrize(
    ("year_group", "record", "kind"),
    [(9, Record.SEN_SUPPORT, "tuition_without_plan"), (4, Record.PLAN, "tuition_with_plan")],
)
def test_the_partnership_takes_only_secondary_pupils_with_a_plan(year_group, record, kind):
    assert broken_down({TAKES: 1}, year_group, record)[1].kind == kind


def test_by_default_partnerships_take_nobody_and_nothing_is_drawn():
    luck = {Purpose.PARTNERSHIP_TAKES: [0.0]}
    _, pupil = broken_down({}, told=luck)
    assert pupil.kind == "tuition_with_plan"
    assert pupil.luck.uniform(Purpose.PARTNERSHIP_TAKES) == 0.0


def test_a_pupil_whom_the_partnership_takes_still_seeks_the_special_place_decided_on():
    story, pupil = broken_down({TAKES: 1, **SEEKS, "durations/place_consultation": fixed(30)})
    story.run(60)
    assert [stay.provision for stay in story.stays(pupil)] == ["no_education", AP, "marsh_house"]


def test_a_partnership_is_not_charged_for_a_pupil_it_takes():
    story, pupil = broken_down({TAKES: 1, TUITION_CHARGE: pounds(PRICE)})
    assert story.when(pupil, Happening.PARTNERSHIP_CHARGED) == []


# -- needs assessed at entry ---------------------------------------------------------------------------------------

ASSESSED = {"quantities/alternative_provision/assessed_at_entry": 1}
FOUND = {**ASSESSED, "quantities/alternative_provision/assessment_finds_need": 1}


def entering(changes, how=planned_referral, **described):
    story = Story({**UNPLACED, **changes})
    pupil = story.pupil(9, **described)
    story.begin(how, pupil)
    story.run(20)
    assert pupil.kind == "alternative_provision"
    return story, pupil


@pytest.mark.parametrize("how", [planned_referral, permanent_exclusion])
def test_an_assessment_at_entry_brings_a_need_to_light_and_leads_to_a_request_for_a_plan(how):
    story, pupil = entering(FOUND, how)
    entered = [pupil.spell_start]
    assert story.when(pupil, Happening.AP_ASSESSED) == story.when(pupil, Happening.RECORDED) == entered
    assert story.when(pupil, Happening.EHC_REQUESTED) == entered
    assert pupil.record is Record.SEN_SUPPORT


def test_a_place_that_comes_after_a_wait_is_an_entry_too():
    story = Story({**FOUND, **FULL, **always(Decision.AP_FULL, "wait_in_school")})
    pupil = story.pupil(9)
    story.begin(planned_referral, pupil)
    story.run(30)
    assert story.when(pupil, Happening.AP_ASSESSED) == []
    story.world.by_name[AP].fund(1)
    story.run(40)
    assert story.when(pupil, Happening.AP_ASSESSED) == [30.0]


def test_an_assessment_of_a_need_that_is_only_emerging_leads_to_no_request():
    story, pupil = entering(FOUND, severity=Severity.EMERGING)
    assert pupil.record is Record.SEN_SUPPORT
    assert story.when(pupil, Happening.EHC_REQUESTED) == []


def test_an_assessment_finds_no_need_that_has_gone():
    story, pupil = entering(FOUND, severity=Severity.NONE)
    assert len(story.when(pupil, Happening.AP_ASSESSED)) == 1
    assert pupil.record is Record.NONE


def test_an_assessment_that_finds_nothing_asks_for_no_plan():
    story, pupil = entering({**ASSESSED, "quantities/alternative_provision/assessment_finds_need": 0})
    assert len(story.when(pupil, Happening.AP_ASSESSED)) == 1
    assert pupil.record is Record.NONE
    assert story.when(pupil, Happening.EHC_REQUESTED) == []


def test_a_recorded_need_is_put_forward_for_a_plan_and_a_plan_holder_is_not_assessed():
    story, recorded = entering(ASSESSED, record=Record.SEN_SUPPORT, severity=Severity.COMPLEX)
    assert len(story.when(recorded, Happening.EHC_REQUESTED)) == 1
    story, holder = entering(ASSESSED, record=Record.PLAN)
    assert story.happenings(holder) == [(Happening.AP_REFERRED_PLANNED, 10.0)]


def test_by_default_nobody_is_assessed_at_entry_and_nothing_is_drawn():
    story, pupil = entering({}, told={Purpose.AP_ASSESSED: [0.0], Purpose.ASSESSMENT_FINDS_NEED: [0.0]})
    assert story.happenings(pupil) == [(Happening.AP_REFERRED_PLANNED, 10.0)]
    assert pupil.luck.uniform(Purpose.AP_ASSESSED) == pupil.luck.uniform(Purpose.ASSESSMENT_FINDS_NEED) == 0.0


def test_each_entry_is_assessed_anew():
    story, pupil = entering({**ASSESSED, "quantities/alternative_provision/assessment_finds_need": 0})
    story.begin(reintegration, pupil)
    story.run(25)
    story.begin(planned_referral, pupil)
    assert story.when(pupil, Happening.AP_ASSESSED) == [10.0, 25.0]


# -- packages reviewed ---------------------------------------------------------------------------------------------

REVIEWED = {
    "quantities/tuition/reviewed": 1,
    "durations/tuition_review": fixed(50),
    "durations/tuition_start": fixed(4),
    "durations/tuition_term": fixed(1000),
}


def reviewing(route, changes=None, year_group=9, record=Record.NONE):
    """A story of a package that starts at about day 14 and is reviewed 50 days later."""
    routes = {} if route is None else always(Decision.TUITION_REVIEW, route)
    story = Story({**UNPLACED, **REVIEWED, **routes, **(changes or {})})
    pupil = story.pupil(year_group, record)
    story.begin(medical_referral, pupil)
    story.run(20)
    return story, pupil, pupil.spell_start


def test_a_package_that_is_kept_is_reviewed_again_after_the_same_time():
    story, pupil, start = reviewing("keep")
    story.run(start + 151)
    assert story.when(pupil, Happening.TUITION_REVIEWED) == [start + 50, start + 100, start + 150]
    assert pupil.kind == "tuition_without_plan"


def test_a_review_may_send_the_pupil_back_to_school_and_no_review_follows():
    story, pupil, start = reviewing("return")
    story.run(start + 200)
    assert story.when(pupil, Happening.TUITION_REVIEWED) == [start + 50]
    assert story.when(pupil, Happening.REINTEGRATED) == [start + 50]
    assert story.stays(pupil)[-1] == Stay("mainstream", start + 50, start + 200)


def test_a_review_may_lead_to_alternative_provision_when_it_has_a_place():
    story, pupil, start = reviewing("alternative_provision", FOUND)
    story.run(start + 60)
    assert story.stays(pupil)[-1] == Stay(AP, start + 50, start + 60)
    assert story.when(pupil, Happening.AP_ASSESSED) == [start + 50]


def test_without_a_place_in_alternative_provision_the_package_is_kept():
    story, pupil, start = reviewing("alternative_provision", FULL)
    story.run(start + 101)
    assert pupil.kind == "tuition_without_plan"
    assert story.when(pupil, Happening.TUITION_REVIEWED) == [start + 50, start + 100]


def test_a_review_may_begin_the_search_for_a_special_school():
    story, pupil, start = reviewing("special_school", {"durations/place_consultation": fixed(20)}, record=Record.PLAN)
    story.run(start + 80)
    assert story.stays(pupil)[-1] == Stay("marsh_house", start + 70, start + 80)
    assert story.when(pupil, Happening.TUITION_REVIEWED) == [start + 50]


def test_a_review_does_not_begin_a_second_search():
    no_places = {f"provisions/{school}/places/2011-09-01": places(0) for school in ("marsh_house", "southfield_beacon")}
    story, pupil, start = reviewing("special_school", {**no_places, **SEEKS, "quantities/special/refusal": 0,
        "durations/place_consultation": fixed(20)}, record=Record.PLAN)  # fmt: skip
    story.run(start + 120)
    assert len(story.when(pupil, Happening.TUITION_REVIEWED)) == 2
    assert len(story.when(pupil, Happening.SPECIAL_NAMED)) == 1


def test_a_plan_issued_during_a_package_keeps_its_one_review():
    agreed = {"yearly/refused_share/*": 0, "quantities/casework/plan_after_assessment": 1}
    story, pupil, start = reviewing("keep", agreed)
    story.begin(needs_assessment, pupil)
    story.run(180)
    assert pupil.kind == "tuition_with_plan"
    assert story.when(pupil, Happening.TUITION_REVIEWED) == [start + 50, start + 100, start + 150]


def test_a_second_package_is_reviewed_from_its_own_start():
    story, pupil, start = reviewing("keep")
    story.begin(reintegration, pupil)
    story.run(start + 20)
    story.begin(medical_referral, pupil)
    story.run(start + 30)
    second = pupil.spell_start
    story.run(second + 60)
    assert story.when(pupil, Happening.TUITION_REVIEWED) == [second + 50]


def test_by_default_no_package_is_reviewed_and_nothing_is_drawn():
    story = Story()
    pupil = story.pupil(9, told={Purpose.TUITION_REVIEWED: [0.0]})
    story.begin(medical_referral, pupil)
    story.run(189)
    assert story.when(pupil, Happening.TUITION_REVIEWED) == []
    assert pupil.luck.uniform(Purpose.TUITION_REVIEWED) == 0.0


def test_packages_that_began_before_reviews_are_not_reviewed():
    story = Story({**UNPLACED, **REVIEWED, **always(Decision.TUITION_REVIEW, "keep"), "quantities/tuition/reviewed": 0})
    begins = {date(2012, 9, 1): {"quantities/tuition/reviewed": 1}}
    story.world.change_to(with_changes(story.world.parameters, {}, later=begins))
    before = story.pupil(8)
    story.begin(medical_referral, before)
    story.run(200)
    after = story.pupil(8)
    story.begin(medical_referral, after)
    story.run(270)
    assert story.when(before, Happening.TUITION_REVIEWED) == []
    assert story.when(after, Happening.TUITION_REVIEWED) == [after.spell_start + 50]


# -- whole runs ----------------------------------------------------------------------------------------------------


def simulated(changes):
    return simulate(with_changes(EXAMPLESHIRE, changes), 1, 0).tables()


def test_reviews_that_keep_every_package_change_nobodys_life():
    tables = simulated({"quantities/tuition/reviewed": 1, **always(Decision.TUITION_REVIEW, "keep")})
    baseline = simulated({})
    assert differing(baseline, tables, besides=["events"]) == []
    code = tuple(Happening).index(Happening.TUITION_REVIEWED)
    is_review = tables["events"]["happening"] == code
    assert is_review.sum() > 50
    others = {"events": {name: column[~is_review] for name, column in tables["events"].items()}}
    assert differing({"events": baseline["events"]}, others) == []


def test_a_charge_above_the_budget_leaves_no_places_for_the_rest_of_the_year():
    tables = simulated({TUITION_CHARGE: pounds(1e9)})
    rows = tables["places"]
    is_partnership = np.isin(rows["provision"], [tuple(EXAMPLESHIRE.provisions).index(name) for name in (AP, OTHER_AP)])
    revised = is_partnership & (rows["at"] % 190 != 0)
    assert revised.sum() > 5
    assert (rows["usable"][revised] == 0).all()

"""What began in an earlier stay, under an earlier plan or after an earlier exclusion does not act on a later one."""

from sim.pathways.annual_review import annual_reviews
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.reintegration import return_to_mainstream
from sim.pathways.specialist_place import seek_place
from sim.pathways.suspension import suspension
from sim.pathways.tuition import tuition
from sim.vocabulary import Decision, Happening, ProvisionKind, Record, Severity
from tests.worlds import Stay, Story, always, fixed, places

CRISIS = {
    "durations/suspension_out": fixed(2),
    "quantities/crisis/identify": 0,
    "quantities/crisis/referred_to_team_*": 0,
}


def moved(story, pupil, to):
    story.world.place(pupil, story.world.by_name[to])


def test_no_route_is_drawn_for_a_crisis_before_which_the_pupil_went_elsewhere_and_came_back():
    story = Story({**CRISIS, **always(Decision.SUSPENSION, "tuition")})
    pupil = story.pupil(year_group=8)
    story.begin(suspension, pupil)
    story.run(12)
    moved(story, pupil, "ap_northmarsh")
    story.run(14)
    moved(story, pupil, "mainstream")
    story.run(30)
    assert story.when(pupil, Happening.TUITION_AFTER_CRISIS) == []


def test_a_second_wait_for_tuition_to_start_is_not_cut_short_by_the_first():
    story = Story({"durations/tuition_start": fixed(4)})
    pupil = story.pupil()
    story.begin(tuition, pupil)
    story.run(12)
    moved(story, pupil, "mainstream")
    story.run(13)
    story.begin(tuition, pupil)
    story.run(30)
    assert story.stays(pupil)[-2:] == [Stay("no_education", 13.0, 17.0), Stay("tuition_without_plan", 17.0, 30.0)]


def test_the_council_owes_education_from_the_sixth_day_of_the_exclusion_that_put_the_pupil_out_of_school():
    story = Story({**always(Decision.FAIR_ACCESS, "keep"), "provisions/team_*/places/2011-09-01": places(0)})
    pupil = story.pupil()
    story.begin(permanent_exclusion, pupil)
    story.run(12)
    moved(story, pupil, "mainstream")
    story.run(13)
    story.begin(permanent_exclusion, pupil)
    story.run(30)
    assert story.when(pupil, Happening.SIXTH_DAY_DUTY) == [18.0]


def test_fair_access_left_from_an_earlier_exclusion_does_not_decide_a_later_one():
    story = Story({**always(Decision.FAIR_ACCESS, "new_school"), "durations/fair_access": fixed(20)})
    pupil = story.pupil()
    story.begin(permanent_exclusion, pupil)
    story.run(16)
    return_to_mainstream(pupil, story.world)
    story.run(20)
    story.begin(permanent_exclusion, pupil)
    story.run(60)
    assert story.when(pupil, Happening.FAIR_ACCESS_PLACED) == [45.0]


def test_a_search_ends_with_its_plan_and_a_new_plan_searches_anew():
    changes = {"durations/place_consultation": fixed(60), "durations/annual_review": fixed(20), **places_for_all()}
    story = Story(changes)
    pupil = story.pupil(record=Record.PLAN, severity=Severity.NONE)
    seek_place(pupil, story.world, "independent_special")
    story.begin(annual_reviews, pupil)
    story.run(31)
    assert pupil.record is Record.NONE
    story.world.set_record(pupil, Record.PLAN)
    seek_place(pupil, story.world, "special_school")
    story.run(100)
    assert [stay.provision for stay in story.stays(pupil)] == ["mainstream", "mainstream", "mainstream", "marsh_house"]
    assert story.stays(pupil)[-1].start == 91.0


def test_a_place_named_for_year_7_goes_with_the_plan_that_named_it():
    story = Story({"durations/annual_review": fixed(20), "horizon/naming_deadline": "08-20", **places_for_all()})
    pupil = story.pupil(year_group=6, record=Record.PLAN, severity=Severity.NONE)
    pupil.transfer_named = ProvisionKind.SPECIAL
    story.begin(annual_reviews, pupil)
    story.run(31)
    assert pupil.record is Record.NONE
    story.world.set_record(pupil, Record.PLAN)
    story.run(200)
    assert pupil.year_group == 7
    assert {stay.provision for stay in story.stays(pupil)} == {"mainstream"}


def places_for_all():
    return {"provisions/marsh_house/places/2011-09-01": places(9), "quantities/special/refusal": 0}

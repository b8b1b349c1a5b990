"""What a run writes down: which provision an event is about, who a pupil was, and what is cut off at the end."""

import pandas as pd
import pytest

from sim.chance.streams import Purpose
from sim.engine.pupil import NOT_RETURNING
from sim.engine.rules import Rules
from sim.pathways.leaving import leave_county
from sim.pathways.needs_assessment import needs_assessment
from sim.pathways.permanent_exclusion import permanent_exclusion
from sim.pathways.specialist_place import special_place
from sim.pathways.suspension import suspension
from sim.vocabulary import Decision, Happening, Record, Sex, WaitingClass
from tests.worlds import Story, always, fixed, places

TEAM = "team_northmarsh"
AGREED = {"yearly/refused_share/*": 0, "quantities/casework/plan_after_assessment": 1}
KEEP = always(Decision.PLAN_ISSUED, "keep")


def about(story: Story, pupil, happening: Happening) -> list[str]:
    """Names of the provisions that a pupil's events of a kind are about."""
    events = story.rows("events")
    mine = events[(events.pupil == pupil.id) & (events.happening == tuple(Happening).index(happening))]
    return [story.names[code] for code in mine.provision]


def row(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    for name, value in columns.items():
        frame = frame[frame[name] == value]
    return frame


def test_who_leaves_the_county_leaves_from_where_they_are_with_a_spell_that_has_ended():
    story = Story()
    pupil = story.pupil(at="tuition_without_plan")
    story.run(30)
    story.begin(leave_county, pupil)
    assert about(story, pupil, Happening.LEFT_COUNTY) == ["tuition_without_plan"]
    assert row(story.rows("spells"), pupil=pupil.id)[["start", "end", "ended"]].to_numpy().tolist() == [[10, 30, 1]]


def test_events_of_plans_and_crises_are_about_the_placement_in_which_they_happen():
    story = Story({**AGREED, **KEEP, "durations/ehc_touch_time": fixed(8, "calendar weeks")})
    assessed, suspended, excluded = (story.pupil(year_group=8) for _ in range(3))
    story.begin(needs_assessment, assessed)
    story.begin(suspension, suspended)
    story.begin(permanent_exclusion, excluded)
    story.run(150)
    for pupil, happening in (
        (assessed, Happening.EHC_REQUESTED),
        (assessed, Happening.PLAN_ISSUED),
        (suspended, Happening.SUSPENSION),
        (excluded, Happening.PERMANENT_EXCLUSION),
    ):
        assert about(story, pupil, happening) == ["mainstream"], happening


@pytest.mark.parametrize(("uniform", "school"), [(0.1, "independent_in_county"), (0.9, "independent_out_of_county")])
def test_a_school_that_is_named_stands_with_the_event(uniform, school):
    full = {f"provisions/{name}/places/2011-09-01": places(0) for name in ("marsh_house", "southfield_beacon")}
    story = Story({**full, "quantities/special/refusal": 0, "durations/special_deadline": fixed(50)})
    told = {Purpose.INDEPENDENT_NAMED: [uniform], Purpose.SPECIAL_NAMED: [0.1]}
    pupil = story.pupil(year_group=8, record=Record.PLAN, told=told)
    story.begin(special_place, pupil)
    story.run(100)
    assert about(story, pupil, Happening.SPECIAL_NAMED) == ["marsh_house"]
    assert about(story, pupil, Happening.INDEPENDENT_NAMED) == [school]


def test_pupils_are_written_down_as_they_were():
    story = Story()
    boy, girl = story.pupil(year_group=8), story.pupil(year_group=3, sex=Sex.FEMALE)
    story.run(25)
    story.begin(leave_county, boy)
    story.world.close()
    table = story.rows("pupils").set_index("pupil")
    year = story.world.academic_year
    assert table.loc[boy.id].tolist() == [year - 8, 8, boy.number, 1, 0, 10.0, 25.0]
    assert table.loc[girl.id].tolist() == [year - 3, 3, girl.number, 0, 0, 10.0, 25.0]


def test_cases_of_other_needs_are_nobodys_and_those_under_way_at_the_end_are_cut_off():
    story = Story({f"provisions/{TEAM}/places/2011-09-01": places(2)})
    world = story.world
    team = world.by_name[TEAM]
    for _ in range(2):
        team.admit(WaitingClass.PREVENTIVE)
    ends, goes_on = (world.start_other_case(team, number) for number in range(2))
    story.run(30)
    world.end_other_case(ends)
    assert team.roll == 1
    story.run(40)
    world.close()
    expected = {"pupil": -1, "provision": team.index, "crisis": 0, "start": 10.0}
    rows = story.rows("supports")
    assert rows.to_dict("records") == [{**expected, "end": 30.0, "ended": 1}, {**expected, "end": 40.0, "ended": 0}]
    assert goes_on != ends


def test_the_time_until_casework_begins_on_a_request_is_a_matter_of_luck():
    law = {"durations/ehc_touch_time": {"value": 12, "unit": "calendar weeks", "law": "exponential", "cv": 0}}
    issued = []
    for uniform in (0.2, 0.9):
        story = Story({**AGREED, **KEEP, **law, "durations/ehc_decision": fixed(1)})
        pupil = story.pupil(told={Purpose.TOUCH_TIME: [uniform]})
        story.begin(needs_assessment, pupil)
        story.run(500)
        issued += story.when(pupil, Happening.PLAN_ISSUED)
    assert len(issued) == 2
    assert issued[0] < issued[1]


@pytest.mark.parametrize("factor", [0.75, 0.25, 0.0])
def test_a_factor_takes_the_same_share_from_every_route_but_return(factor):
    story, steps = Story(), 2000
    uniforms = [(step + 0.5) / steps for step in range(steps)]
    told = {Purpose.SUSPENSION_ROUTE: [*uniforms, *uniforms]}
    pupil = story.pupil(year_group=8, told=told)
    before = pd.Series([story.world.route_after_crisis(pupil) for _ in uniforms])
    story.world.influence(pupil, "support", NOT_RETURNING, factor)
    after = pd.Series([story.world.route_after_crisis(pupil) for _ in uniforms])
    scale = ["return", "managed_move", "alternative_provision", "tuition", "permanent_exclusion"]
    order = {name: place for place, name in enumerate(scale)}
    assert set(before) == set(scale)
    assert (after.map(order) <= before.map(order)).all(), "nobody takes a more intensive route"
    for route, number in before.value_counts().items():
        if route != "return":
            assert (after == route).sum() == pytest.approx(factor * number, abs=1)


def test_where_no_row_of_the_tables_covers_a_pupil_they_return_and_no_school_is_named():
    story = Story()
    pupil = story.pupil(record=Record.PLAN)
    parameters = story.world.rules.parameters
    silent = (Decision.SUSPENSION, Decision.SPECIAL_SCHOOL)
    rows = {name: row for name, row in parameters.routes.items() if row.decision not in silent}
    story.world.rules = Rules(parameters.model_copy(update={"routes": rows}))
    assert story.world.route_after_crisis(pupil) == "return"
    assert story.world.decide(Decision.SUSPENSION, pupil, Purpose.SUSPENSION_ROUTE, "keep") == "keep"
    assert story.world.name_provision(Decision.SPECIAL_SCHOOL, pupil, Purpose.SPECIAL_NAMED, set()) is None
    story.begin(special_place, pupil)
    story.run(20)
    assert (pupil.kind, story.happenings(pupil)) == ("mainstream", [])


@pytest.mark.parametrize("refused", ["marsh_house", "southfield_beacon", "independent_in_county"])
def test_among_the_schools_left_each_is_named_by_its_weight(refused):
    story, weights, steps = Story(), {"marsh_house": 0.5, "southfield_beacon": 0.3, "independent_in_county": 0.2}, 1000
    parameters = story.world.rules.parameters
    some = next(one for one in parameters.routes.values() if one.decision == Decision.SPECIAL_SCHOOL)
    groups = {"first_year_group": "R", "last_year_group": "Y11", "district": "any"}
    rows = {name: some.model_copy(update={**groups, "destination": name, "value": w}) for name, w in weights.items()}
    story.world.rules = Rules(parameters.model_copy(update={"routes": rows}))
    pupil = story.pupil(
        year_group=8, record=Record.PLAN, told={Purpose.SPECIAL_NAMED: [(i + 0.5) / steps for i in range(steps)]}
    )
    found = [
        story.world.name_provision(Decision.SPECIAL_SCHOOL, pupil, Purpose.SPECIAL_NAMED, {refused})
        for _ in range(steps)
    ]
    del weights[refused]
    for name, weight in weights.items():
        assert found.count(name) / steps == pytest.approx(weight / sum(weights.values()), abs=2 / steps)


def test_a_school_of_weight_nought_is_not_named_even_when_the_others_have_refused():
    story = Story(always(Decision.SPECIAL_SCHOOL, "marsh_house"))
    pupil = story.pupil(year_group=8, record=Record.PLAN)
    asked = Decision.SPECIAL_SCHOOL, pupil, Purpose.SPECIAL_NAMED
    assert story.world.name_provision(*asked, set()) == "marsh_house"
    assert story.world.name_provision(*asked, {"marsh_house"}) is None


def test_a_record_that_stays_as_it_is_cuts_no_spell():
    story = Story()
    pupil = story.pupil(record=Record.SEN_SUPPORT)
    story.run(30)
    story.world.set_record(pupil, Record.SEN_SUPPORT)
    assert story.rows("spells").empty
    story.world.set_record(pupil, Record.PLAN)
    assert story.rows("spells")[["record", "start", "end"]].to_numpy().tolist() == [[Record.SEN_SUPPORT, 10, 30]]

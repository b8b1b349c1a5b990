"""Each year a plan is reviewed: keep it, name another place, or end it because the need has gone."""

from sim.chance.streams import Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import Pupil
from sim.engine.world import World
from sim.pathways.specialist_place import end_search, seek_place
from sim.vocabulary import Decision, Happening, ProvisionKind, Record, Severity

_REVIEWED_FOR_A_PLACE = (ProvisionKind.MAINSTREAM, ProvisionKind.ALTERNATIVE_PROVISION)


def annual_reviews(pupil: Pupil, world: World, first: float | None = None) -> Steps:
    """Review the plan on each anniversary for as long as there is one.

    `first` is the instant of the first review, when the plan is older than the run.
    """
    review = world.after(pupil, "annual_review", Purpose.ANNUAL_REVIEW) if first is None else first
    while pupil.record is Record.PLAN:
        yield world.env.at(review, pupil.id)
        if pupil.record is Record.PLAN:
            world.note(pupil, Happening.ANNUAL_REVIEW, pupil.provision)
            _review(pupil, world)
        review = world.after(pupil, "annual_review", Purpose.ANNUAL_REVIEW)


def _review(pupil: Pupil, world: World) -> None:
    if pupil.kind is ProvisionKind.MAINSTREAM and pupil.severity is Severity.NONE:
        end_search(pupil, world)
        world.note(pupil, Happening.PLAN_CEASED)
        world.set_record(pupil, Record.NONE)
        return
    outcome = world.decide(Decision.ANNUAL_REVIEW, pupil, Purpose.REVIEW_ROUTE, "keep")
    if pupil.kind in _REVIEWED_FOR_A_PLACE:
        seek_place(pupil, world, outcome)

"""A run may start from an opening roll: its pupils are where it says, and what they are in the middle of goes on."""

from collections.abc import Sequence

from sim.chance.streams import Purpose
from sim.engine.pupil import MainstreamSchool, Pupil
from sim.engine.world import World
from sim.parameters.opening_roll import MOST_ROWS, OpeningRow, sexes_admitted
from sim.pathways.annual_review import annual_reviews
from sim.pathways.district_teaching import hold_slot
from sim.pathways.joining import BeginCareer, describe
from sim.pathways.permanent_exclusion import fair_access
from sim.pathways.phase_transfer import transfer
from sim.pathways.tuition import go_on_in_tuition, tuition
from sim.school_year import SchoolCalendar, TermPattern, academic_year_of
from sim.vocabulary import FIRST_SECONDARY, Phase, ProvisionKind, Record

_START_NOT_KNOWN = -1.0
"""The last school day before the run: a stay of unknown start is no entry of the first year, and counts as short."""

_TUTORED = (ProvisionKind.TUITION_WITH_PLAN, ProvisionKind.TUITION_WITHOUT_PLAN)


def opening_roll(world: World, rows: Sequence[OpeningRow], begin_career: BeginCareer) -> None:
    """Start with the pupils of an opening roll where the roll says they are.

    Luck goes by the number of the row, so rows added at the end change nobody else's.
    """
    cell = world.streams.opening_pupils(len(rows))
    starts = _starts(world, rows)
    pupils = [
        Pupil(world.academic_year - row.year_group, row.year_group, MOST_ROWS + number, luck, start)
        for number, (row, luck, start) in enumerate(zip(rows, cell.lucks(), starts, strict=True))
    ]
    describe(pupils, cell, world)
    for pupil, row in zip(pupils, rows, strict=True):
        _take_place(pupil, row, world)
    for pupil in sorted(pupils, key=lambda pupil: pupil.id):
        _go_on(pupil, world)
        begin_career(pupil)


def _starts(world: World, rows: Sequence[OpeningRow]) -> list[float]:
    """Return the model clock, 0 or less, at which each pupil's present placement began."""
    terms = [TermPattern(term.name, term.month, term.day, term.days) for term in world.parameters.terms]
    years = {academic_year_of(row.placed) for row in rows if row.placed is not None}
    earlier = {year: SchoolCalendar(terms, year, year) for year in years}

    def start(row: OpeningRow) -> float:
        if row.placed is None:
            return _START_NOT_KNOWN
        year = academic_year_of(row.placed)
        return world.calendar.september(year) + earlier[year].clock(row.placed)

    return [start(row) for row in rows]


def _take_place(pupil: Pupil, row: OpeningRow, world: World) -> None:
    provision = world.by_name[row.provision]
    admitted = sexes_admitted(provision.spec, row)
    pupil.sex = pupil.sex if pupil.sex in admitted else admitted[0]
    pupil.severity, pupil.record = row.severity, row.record
    world.attend(pupil, _school(pupil, world, row.district or provision.spec.district, provision.kind))
    world.pupils[pupil.id] = pupil
    world.place(pupil, provision)
    pupil.spell_start = pupil.onset


def _school(pupil: Pupil, world: World, district: str, kind: ProvisionKind) -> MainstreamSchool | None:
    """Return the school whose roll the pupil is on, by the pupil's luck, in the district if one is known.

    As in the course of a run, pupils placed elsewhere keep their school, but for those excluded for good.
    """
    known = world.districts.index(district) if district in world.districts else -1
    primary = world.draw_school(Phase.PRIMARY, known, pupil.luck.uniform(Purpose.PRIMARY_SCHOOL))
    pupil.district = max(known, 0) if primary is None else primary.district
    secondary = world.draw_school(Phase.SECONDARY, pupil.district, pupil.luck.uniform(Purpose.SECONDARY_SCHOOL))
    pupil.secondary_school = secondary
    if kind is ProvisionKind.DISTRICT_TEACHING:
        return None
    return secondary if pupil.year_group >= FIRST_SECONDARY else primary


def _go_on(pupil: Pupil, world: World) -> None:
    """Begin what a pupil in this state is in the middle of; hazards see to the rest."""
    if pupil.year_group == FIRST_SECONDARY:
        transfer(pupil, world)
    if pupil.record is Record.PLAN:
        world.begin(annual_reviews(pupil, world, _first_review(pupil, world)), pupil)
    if pupil.kind in _TUTORED:
        go_on_in_tuition(pupil, world)
    elif pupil.kind is ProvisionKind.NO_EDUCATION:
        world.begin(tuition(pupil, world), pupil)
    elif pupil.kind is ProvisionKind.DISTRICT_TEACHING:
        _go_on_with_teacher(pupil, world)


def _first_review(pupil: Pupil, world: World) -> float:
    """Spread the first reviews over the time between two, by the luck that for other pupils dates their onset."""
    interval = world.after(pupil, "annual_review", Purpose.ANNUAL_REVIEW) - world.now
    review: float = world.now + interval * pupil.luck.uniform(Purpose.ONSET_TIME)
    return review


def _go_on_with_teacher(pupil: Pupil, world: World) -> None:
    """A district teacher teaches a primary pupil without a school, for whom fair access is looking for one."""
    team = world.find(ProvisionKind.DISTRICT_TEAM, pupil)
    if team is not None:
        hold_slot(pupil, world, team)
    world.begin(fair_access(pupil, world, pupil.exclusions), pupil)

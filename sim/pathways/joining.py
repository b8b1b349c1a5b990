"""Pupils join the model when their need becomes visible."""

from collections.abc import Callable, Iterator, Mapping

from sim.chance.distributions import gammas, poisson
from sim.chance.streams import Cell, Purpose
from sim.engine.follow import Steps
from sim.engine.pupil import MainstreamSchool, Pupil
from sim.engine.world import World
from sim.school_year import academic_year_label
from sim.vocabulary import (
    FIRST_SECONDARY,
    LAST_YEAR_GROUP,
    YEAR_GROUPS,
    Decision,
    Happening,
    Phase,
    Record,
    Route,
    Severity,
    Sex,
)

BeginCareer = Callable[[Pupil], None]


def onsets_of_the_year(world: World, begin_career: BeginCareer) -> Steps:
    """Let each pupil whose need becomes visible this academic year join at that moment."""
    year = world.academic_year
    joining = sorted(
        (pupil for year_group in range(len(YEAR_GROUPS)) for pupil in _new_pupils(world, year, year_group)),
        key=lambda pupil: (pupil.onset, pupil.id),
    )
    for pupil in joining:
        yield world.env.at(pupil.onset, pupil.id)
        _join(pupil, world)
        begin_career(pupil)


def expected_onsets(world: World, year: int, year_group: int) -> float:
    """Return the mean number of onsets of a year group in an academic year."""
    cohorts = world.parameters.cohorts
    label = min(max(academic_year_label(year), min(cohorts)), max(cohorts))
    rate = sum(row.value for row in world.parameters.onset.values() if year_group in row.year_groups)
    factor = world.rules.in_year(world.parameters.yearly.onset_factor, year)
    return rate / 1000.0 * factor * cohorts[label][YEAR_GROUPS[year_group]].value


def _new_pupils(world: World, year: int, year_group: int) -> list[Pupil]:
    cohort = year - year_group
    uniform = world.streams.onsets(cohort, len(YEAR_GROUPS))[year_group]
    count = int(poisson(uniform, expected_onsets(world, year, year_group)))
    cell = world.streams.pupils(cohort, year_group, count)
    start, days = world.calendar.september(year), world.calendar.days_per_year
    onsets = (start + days * cell.first(Purpose.ONSET_TIME)).tolist()
    pupils = [
        Pupil(cohort, year_group, number, luck, onset)
        for number, (luck, onset) in enumerate(zip(cell.lucks(), onsets, strict=True))
    ]
    describe(pupils, cell, world)
    is_recorded = cell.first(Purpose.RECORDED_AT_ONSET) < world.quantities.need.recorded_at_onset.value
    for pupil, recorded, school in zip(pupils, is_recorded.tolist(), _schools(pupils, cell, world), strict=True):
        pupil.record = Record.SEN_SUPPORT if recorded else Record.NONE
        world.attend(pupil, school)
    return pupils


def describe(pupils: list[Pupil], cell: Cell, world: World) -> None:
    """Draw what does not change: sex and frailty; and work out when each pupil leaves."""
    need = world.quantities.need
    is_male = (cell.first(Purpose.SEX) < need.male_share.value).tolist()
    frailty = gammas(cell.first(Purpose.FRAILTY), 1.0, need.frailty_variance.value**0.5).tolist()
    for pupil, male, frail in zip(pupils, is_male, frailty, strict=True):
        pupil.sex = Sex.MALE if male else Sex.FEMALE
        pupil.frailty = frail
        pupil.leaves_at = world.calendar.september(pupil.cohort + LAST_YEAR_GROUP + 1)


def _schools(pupils: list[Pupil], cell: Cell, world: World) -> Iterator[MainstreamSchool | None]:
    """Yield the school each pupil attends now: a primary school by size, then a secondary of its district."""
    primary = cell.first(Purpose.PRIMARY_SCHOOL).tolist()
    secondary = cell.first(Purpose.SECONDARY_SCHOOL).tolist()
    for pupil, first, second in zip(pupils, primary, secondary, strict=True):
        school = world.draw_school(Phase.PRIMARY, -1, first)
        pupil.district = 0 if school is None else school.district
        pupil.secondary_school = world.draw_school(Phase.SECONDARY, pupil.district, second)
        yield pupil.secondary_school if pupil.year_group >= FIRST_SECONDARY else school


def _join(pupil: Pupil, world: World) -> None:
    severity = world.decide(Decision.ONSET_SEVERITY, pupil, Purpose.ONSET_SEVERITY, Route.EMERGING)
    pupil.severity = _SEVERITY[severity]
    world.pupils[pupil.id] = pupil
    world.note(pupil, Happening.ONSET)
    world.place(pupil, world.mainstream)


_SEVERITY: Mapping[str, Severity] = {
    Route.EMERGING: Severity.EMERGING,
    Route.MODERATE: Severity.MODERATE,
    Route.COMPLEX: Severity.COMPLEX,
}

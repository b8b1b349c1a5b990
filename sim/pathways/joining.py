"""Pupils join the model when their need becomes visible, or from an opening roll."""

from collections.abc import Callable, Iterable

from sim.chance.distributions import gamma, poisson
from sim.chance.streams import PupilLuck, Purpose
from sim.engine.pupil import Pupil
from sim.engine.world import Steps, World
from sim.parameters.opening_roll import OpeningRow
from sim.school_year import academic_year_label
from sim.vocabulary import (
    FIRST_SECONDARY,
    LAST_YEAR_GROUP,
    YEAR_GROUPS,
    Decision,
    Happening,
    Phase,
    ProvisionKind,
    Record,
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
    start, days = world.calendar.september(year), world.calendar.days_per_year
    return [
        Pupil(cohort, year_group, number, luck, start + days * luck.uniform(Purpose.ONSET_TIME))
        for number, luck in enumerate(world.streams.pupils(cohort, year_group, count))
    ]


def _join(pupil: Pupil, world: World) -> None:
    luck = pupil.luck
    pupil.severity = Severity[
        world.decide(Decision.ONSET_SEVERITY, pupil, Purpose.ONSET_SEVERITY, Severity.EMERGING.name).upper()
    ]
    describe(pupil, world)
    if luck.uniform(Purpose.RECORDED_AT_ONSET) < world.quantities.need.recorded_at_onset.value:
        pupil.record = Record.SEN_SUPPORT
    world.pupils[pupil.id] = pupil
    world.note(pupil, Happening.ONSET)
    world.place(pupil, world.the(ProvisionKind.MAINSTREAM))


def describe(pupil: Pupil, world: World) -> None:
    """Draw what does not change: sex, frailty, schools; and work out when the pupil leaves."""
    luck, need = pupil.luck, world.quantities.need
    pupil.sex = Sex.MALE if luck.uniform(Purpose.SEX) < need.male_share.value else Sex.FEMALE
    pupil.frailty = gamma(luck.uniform(Purpose.FRAILTY), 1.0, need.frailty_variance.value**0.5)
    primary = world.draw_school(Phase.PRIMARY, -1, luck.uniform(Purpose.PRIMARY_SCHOOL))
    pupil.district = primary.district if primary is not None else 0
    uniform = luck.uniform(Purpose.SECONDARY_SCHOOL)
    pupil.secondary_school = world.draw_school(Phase.SECONDARY, pupil.district, uniform) or world.draw_school(
        Phase.SECONDARY, -1, uniform
    )
    world.attend(pupil, pupil.secondary_school if pupil.year_group >= FIRST_SECONDARY else primary)
    pupil.leaves_at = world.calendar.september(pupil.cohort + LAST_YEAR_GROUP + 1)


def opening_roll(world: World, rows: Iterable[OpeningRow], begin_career: BeginCareer) -> None:
    """Start with the pupils of an opening roll where the roll says they are."""
    listed = tuple(rows)
    for number, (row, luck) in enumerate(zip(listed, world.streams.opening_pupils(len(listed)), strict=True)):
        _start_from(row, number, luck, world)
    for _, pupil in sorted(world.pupils.items()):
        begin_career(pupil)


def _start_from(row: OpeningRow, number: int, luck: PupilLuck, world: World) -> None:
    pupil = Pupil(world.academic_year - row.year_group, row.year_group, _OPENING + number, luck, world.now)
    pupil.severity, pupil.record = row.severity, row.record
    describe(pupil, world)
    pupil.sex = row.sex or pupil.sex
    if row.district is not None:
        pupil.district = world.districts.index(row.district)
    world.pupils[pupil.id] = pupil
    world.note(pupil, Happening.ONSET)
    world.place(pupil, world.by_name[row.provision])


_OPENING = 1 << 15
"""Pupils of an opening roll are numbered from here, apart from those whose need becomes visible in the run."""

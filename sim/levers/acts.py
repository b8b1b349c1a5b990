"""From a lever in use to adjustments: settings at the strength of the day, on the figures its acts name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import floor

from sim.levers.adjustments import LUMP, Adjustment, Figure
from sim.levers.spec import Act, Drawing, LeverSpec, Setting, Shift, Use
from sim.parameters.check_provisions import PARTNERSHIP_MONEY
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, suggestions
from sim.parameters.schema import Later, Parameters, RouteWeight
from sim.school_year import SEPTEMBER, academic_year_label
from sim.vocabulary import FIRST_SECONDARY, YEAR_GROUPS, Phase, ProvisionKind

_KIND = re.compile(r"\{(\w+)\}")
MONTHS = 12


@dataclass(frozen=True)
class LeverInUse:
    """A lever as a scenario uses it on a county: what acts and mechanisms look things up in.

    `drawing` draws what has a range and was not chosen; settings have been drawn already.
    """

    name: str
    spec: LeverSpec
    use: Use
    settings: Mapping[str, Setting]
    choices: Mapping[str, str]
    parameters: Parameters
    drawing: Drawing | None = None

    @cached_property
    def districts(self) -> tuple[str, ...]:
        """Districts reached, in name order."""
        every = self.parameters.districts
        if self.use.number is not None:
            pupils = Counter[str]()
            for school in self.parameters.schools.values():
                pupils[school.district] += school.pupils
            largest = sorted(every, key=lambda district: (-pupils[district], district))
            return tuple(sorted(largest[: self.use.number]))
        return every if self.use.districts is None else tuple(sorted(self.use.districts))

    @property
    def opens(self) -> date:
        """The day from which the lever works: the decision plus the lead time, if there is one."""
        months = floor(self.settings[self.spec.lead].value + 0.5) if self.spec.lead else 0
        year, month = divmod(self.use.start.year * MONTHS + self.use.start.month - 1 + months, MONTHS)
        return date(year, month + 1, min(self.use.start.day, 28) if months else self.use.start.day)

    def steps(self) -> Iterator[tuple[float, date, date | None]]:
        """Yield strength, first day and end of each step of the ramp."""
        days = [self.opens.replace(year=self.opens.year + i) for i in range(self.use.ramp_years)]
        ends = [*days[1:], None]
        for number, (start, end) in enumerate(zip(days, ends, strict=True), start=1):
            until = min((day for day in (end, self.use.end) if day is not None), default=None)
            if self.use.strength and (until is None or start < until):
                yield self.use.strength * number / self.use.ramp_years, start, until

    def figure(self, name: str, strength: float) -> Figure:
        """Return a setting at a strength: from neutral (0) to what is asked for (1)."""
        setting = self.settings[name]
        if setting.neutral is None:
            return Figure(setting.value, setting.low, setting.high, setting.distribution)
        if setting.role == "effect":
            strength = (1.0 if self.spec.has_dose else strength) * self.use.effect_strength
        ends = [
            min(max(scaled(end, setting.neutral, strength), setting.least), setting.most)
            for end in (setting.value, setting.low, setting.high)
        ]
        return Figure(ends[0], min(ends), max(ends), setting.distribution)

    def adjust(
        self, path: str, op: str, setting: str, figure: Figure, start: date, end: date | None, column: str = ""
    ) -> Adjustment:
        """Return an adjustment with the evidence of a setting; parts of the run change on 1 September only."""
        said = self.settings[setting]
        steps = path.split("/")
        if steps[0] in (*Later.model_fields, "yearly") or steps[-1] in PARTNERSHIP_MONEY:
            start, end = next_september(start), None if end is None else next_september(end)
        return Adjustment(path, op, figure, start, end, self.name, said.evidence(), column, said.price_base)


def scaled(value: float, neutral: float, strength: float) -> float:
    """Return the value at a strength; exactly the neutral or the full value at 0 and 1."""
    if strength == 1.0:
        return value
    return neutral + strength * (value - neutral) if strength else neutral


def next_september(day: date) -> date:
    """Return the day if it is a 1 September, else the next one."""
    this = date(day.year, SEPTEMBER, 1)
    return this if day <= this else date(day.year + 1, SEPTEMBER, 1)


def of_acts(lever: LeverInUse) -> Iterator[Adjustment]:
    """Yield what the acts and shifts of a lever come to, step by step of its ramp."""
    if not lever.districts:
        return
    for strength, start, end in lever.steps():
        for act in lever.spec.acts:
            if _applies(lever, act.when):
                yield from _of_act(lever, act, strength, start, end)
        for shift in lever.spec.shifts:
            if _applies(lever, shift.when):
                yield from _of_shift(lever, shift, strength, start, end)


def in_play(lever: LeverInUse) -> set[str]:
    """Return the settings that some act of the options chosen uses, and all of a lever with a mechanism."""
    if lever.spec.mechanism:
        return set(lever.settings)
    acts = [act for act in lever.spec.acts if _applies(lever, act.when)]
    shifts = [shift.setting for shift in lever.spec.shifts if _applies(lever, shift.when)]
    return {*(act.setting for act in acts), *(act.times for act in acts), *shifts}


def of_effects(lever: LeverInUse) -> Iterator[Adjustment]:
    """Yield the effects of the lever at another strength than theirs, when a scenario asks for it."""
    if lever.use.effect_strength != 1.0 and lever.use.strength:
        yield from effects_at(lever, lever.use.effect_strength)


def effects_at(lever: LeverInUse, strength: float) -> Iterator[Adjustment]:
    """Yield the effects by which a lever works at a multiple of their distance from none, pulled or not."""
    for name in lever.spec.effects:
        if name not in lever.parameters.effects:
            continue
        row = lever.parameters.effects[name]
        value = max(0.0, scaled(row.value, 1.0, strength))
        start = next_september(lever.use.start)
        yield Adjustment(
            f"effects/{name}", "set", Figure(value, value, value, "fixed"), start, None, lever.name, row.evidence()
        )


def _applies(lever: LeverInUse, when: Mapping[str, str]) -> bool:
    return all(lever.choices[choice] == option for choice, option in when.items())


def _of_act(lever: LeverInUse, act: Act, strength: float, start: date, end: date | None) -> Iterator[Adjustment]:
    figure = _factor(lever, act, strength)
    if is_neutral(act, figure):
        return
    if act.path.endswith(LUMP):
        if lever.use.ramp_years > 1 and start != lever.opens:
            return
        figure, start, end = _factor(lever, act, lever.use.strength), lever.use.start, None
    named = provisions_named(lever, act.path)
    paths = [_with_kind(act.path, name) for name in named] if _KIND.search(act.path) else [act.path]
    for number, path in enumerate(paths):
        mine = _share(figure, number, len(paths), act) if act.split else figure
        if act.op == "grow_with_secondary_pupils":
            yield from _growing(lever, act, path, strength, start, end)
        else:
            yield lever.adjust(path, act.op, act.setting, mine, start, end, act.column)


def _factor(lever: LeverInUse, act: Act, strength: float) -> Figure:
    figure = lever.figure(act.setting, strength)
    if not act.times:
        return figure
    by = lever.figure(act.times, 1.0)
    ends = [a * b for a in (figure.low, figure.high) for b in (by.low, by.high)]
    return Figure(figure.value * by.value, min(ends), max(ends), figure.distribution)


def is_neutral(act: Act, figure: Figure) -> bool:
    """Whether an act adds nothing or multiplies by one, so that no change is made for it.

    What is set is always made, as the county may hold another value than the neutral one.
    """
    neutral = {"add": 0.0, "multiply": 1.0}.get(act.op)
    return neutral is not None and figure.value == figure.low == figure.high == neutral


def provisions_named(lever: LeverInUse, path: str) -> list[str]:
    """Return the provisions that the placeholder in a path stands for; none without one."""
    found = _KIND.search(path)
    if found is None:
        return []
    kind = ProvisionKind(found[1])
    reached = [
        name for name, spec in lever.parameters.provisions_of(kind) if spec.district in ("any", *lever.districts)
    ]
    if not reached and lever.districts:
        where = f"path {path}"
        raise ConfigurationError(
            Problem(f"lever {lever.name}", where, f"no {kind} in {', '.join(lever.districts)}", "", "add the provision")
        )
    return reached


def _with_kind(path: str, provision: str) -> str:
    return _KIND.sub(provision, path)


def _share(figure: Figure, number: int, of: int, act: Act) -> Figure:
    """Return one provision's part of a number shared out; places are whole and add up."""
    if not act.path.endswith("/places"):
        return Figure(figure.value / of, figure.low / of, figure.high / of, figure.distribution)
    value, low, high = (_whole(end, number + 1, of) - _whole(end, number, of) for end in figure[:3])
    return Figure(value, low, high, "fixed")


def _whole(total: float, parts: int, of: int) -> int:
    return floor(total * parts / of + 0.5)


def _growing(
    lever: LeverInUse, act: Act, path: str, strength: float, start: date, end: date | None
) -> Iterator[Adjustment]:
    """Yield one factor a year: what was paid per secondary pupil in the baseline year, times the setting.

    At a strength below 1 the factor lies between none and that.
    """
    setting = lever.settings[act.setting]
    base = secondary_pupils(lever.parameters, lever.parameters.horizon.baseline_academic_year)
    last = lever.parameters.horizon.last_year if end is None else next_september(end).year - 1
    for year in range(next_september(start).year, last + 1):
        growth = secondary_pupils(lever.parameters, academic_year_label(year)) / base
        ends = [scaled(value * growth, 1.0, strength) for value in (setting.value, setting.low, setting.high)]
        mine = Figure(ends[0], min(ends), max(ends), setting.distribution)
        day = date(year, SEPTEMBER, 1)
        yield lever.adjust(path, "multiply", act.setting, mine, day, date(year + 1, SEPTEMBER, 1))


def secondary_pupils(parameters: Parameters, academic_year: str) -> float:
    """Return pupils on roll in Year 7 and above in an academic year."""
    groups = parameters.cohorts[academic_year]
    return sum(groups[label].value for label in YEAR_GROUPS[FIRST_SECONDARY:])


def _of_shift(lever: LeverInUse, shift: Shift, strength: float, start: date, end: date | None) -> Iterator[Adjustment]:
    figure = lever.figure(shift.setting, strength)
    if figure.value == 0.0:
        return
    pairs = list(route_pairs(lever.parameters, shift))
    if not pairs:
        known = sorted({row.destination for row in lever.parameters.routes.values() if row.decision == shift.decision})
        found = f"no rows of {shift.decision} with both {shift.source} and {shift.target}"
        fix = did_you_mean(shift.target, known, "add the rows to routes.csv")
        raise ConfigurationError(Problem(f"lever {lever.name}", "shifts", found, suggestions("", known), fix))
    for source, target, weight in pairs:
        moved = figure.value * weight
        keep = 1.0 - figure.value
        yield lever.adjust(f"routes/{source}", "multiply", shift.setting, _fixed(keep), start, end)
        yield lever.adjust(f"routes/{target}", "add", shift.setting, _fixed(moved), start, end)


def _fixed(value: float) -> Figure:
    return Figure(value, value, value, "fixed")


def route_pairs(parameters: Parameters, shift: Shift) -> Iterator[tuple[str, str, float]]:
    """Yield row, row and weight for each group of pupils whose decision names both destinations of a shift."""
    rows = {name: row for name, row in parameters.routes.items() if row.decision == shift.decision}
    targets = {_group(row): name for name, row in rows.items() if row.destination == shift.target}
    for name, row in rows.items():
        if row.destination == shift.source and _group(row) in targets and _in_phase(row, shift.phase):
            yield name, targets[_group(row)], row.value


def _group(row: RouteWeight) -> tuple[str, ...]:
    return row.first_year_group, row.last_year_group, row.record, row.severity, row.district


def _in_phase(row: RouteWeight, phase: str) -> bool:
    years = row.year_groups
    if phase == Phase.PRIMARY:
        return years[-1] < FIRST_SECONDARY
    return phase != Phase.SECONDARY or years[0] >= FIRST_SECONDARY

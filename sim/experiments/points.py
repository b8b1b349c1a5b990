"""From the points of a design to scenarios on a county: their names, and which factor is at fault when one fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from sim.experiments.schema import NEUTRAL, Design, Factor, Level, Levels
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.scenarios import BASELINE, FILE_NAME, Scenario, baseline

LONGEST_NAME = 100
"""Names of scenarios are names of files; longer ones are refused."""


def name_of(design: Design, number: int, levels: Levels) -> str:
    """Return the name of a point: of a factorial by its levels, of a hypercube by its number from 1 on."""
    if design.points is not None:
        return f"point_{number:0{len(str(design.points))}d}"
    return "_".join(f"{factor}-{plain(level)}" for factor, level in levels.items() if level != NEUTRAL) or BASELINE


def plain(level: Level) -> str:
    """Return a level as it stands in a name: figures without exponents."""
    return level if isinstance(level, str) else np.format_float_positional(level, trim="-")


def wrong_name(name: str, others: set[str]) -> tuple[str, str, str] | None:
    """Return what is wrong with the name of a scenario beside others (what was found, allowed, the fix), if anything.

    Parameters
    ----------
    others : names before it, in small letters: some systems tell no files apart that differ in capitals only.
    """
    if not re.fullmatch(FILE_NAME, name):
        allowed = "letters from a to z, digits, '_', '-' and '.', as names of scenarios are names of files"
        return f"{name} as the name of a scenario", allowed, "rename the scenario, factor or level"
    if len(name) > LONGEST_NAME:
        return name, f"names that come to at most {LONGEST_NAME} characters", "give the factors shorter names"
    if name.lower() in others:
        return f"two scenarios of the name {name}", "each scenario once", "remove one, or write it in another way"
    return None


def distinct(names: Sequence[str]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Yield the place of each name that cannot be used, and what is wrong with it."""
    before: set[str] = {BASELINE}
    for number, name in enumerate(names):
        wrong = wrong_name(name, before)
        if wrong:
            yield number, wrong
        before.add(name.lower())


def badly_named(design: Design) -> tuple[str, ...]:
    """Return the way to the factor by which names of points cannot be used, or to the factors."""
    for name, factor in design.factors.items():
        parts = [f"{name}-{plain(level)}".lower() for level in factor.levels]
        if len(set(parts)) < len(parts) or not all(re.fullmatch(FILE_NAME, part) for part in parts):
            return ("design", "factors", name)
    return ("design", "factors")


def scenario_at(county: Parameters, factors: Mapping[str, Factor], levels: Levels, name: str) -> Scenario:
    """Return the scenario of a point; a lever with a factor at 'neutral' is left out.

    Raises ConfigurationError, in terms of levers and figures, when the county cannot be changed like that.
    """
    uses: dict[str, dict[str, Any]] = {}
    changes: dict[str, Any] = {}
    later: dict[date, dict[str, Any]] = {}
    out = {factor.lever for key, factor in factors.items() if levels[key] == NEUTRAL}
    for key, factor in factors.items():
        if factor.lever:
            uses.setdefault(factor.lever, {}).update({factor.setting: levels[key]} if factor.setting else {})
        else:
            (later.setdefault(factor.start, {}) if factor.start else changes)[factor.of] = levels[key]
    title = ", ".join(f"{key} {plain(level)}" for key, level in levels.items())
    used = {lever: asked for lever, asked in uses.items() if lever not in out}
    return baseline(county).with_(changes, levers=used, later=later, name=name, title=title)


def culprit(county: Parameters, factors: Mapping[str, Factor], levels: Levels) -> tuple[str, ...]:
    """Return the way to what is at fault in a point that cannot be made: a factor and its key, or the factors."""
    for name, factor in factors.items():
        if not _works(county, factor, levels[name]):
            return ("design", "factors", name, _key_at_fault(county, factor, levels[name]))
    return ("design", "factors")


def _key_at_fault(county: Parameters, factor: Factor, level: Level) -> str:
    """Return which key of a factor is at fault: its start, the values it takes, or what it is of."""
    if factor.start is not None and _works(county, factor.model_copy(update={"start": None}), level):
        return "start"
    if not any(_works(county, factor, other) for other in _ends(factor) if other != level):
        return "of"
    if not factor.is_range:
        return "levels"
    return "high" if _works(county, factor, _ends(factor)[0]) else "low"


def _ends(factor: Factor) -> tuple[Level, ...]:
    return tuple(end for end in (factor.low, factor.high) if end is not None) or factor.levels


def _works(county: Parameters, factor: Factor, level: Level) -> bool:
    """Whether a factor by itself can be at a level."""
    try:
        scenario_at(county, {"alone": factor}, {"alone": level}, "alone")
    except ConfigurationError:
        return False
    return True

"""Reading levers and designs, and what the levers of a scenario come to on a county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.levers.acts import LeverInUse, of_acts, of_effects
from sim.levers.adjustments import Adjustment, Diff, composed
from sim.levers.designs import Design
from sim.levers.mechanisms import MECHANISMS
from sim.levers.spec import USE_KEYS, Drawing, LeverSpec, Setting, Use
from sim.parameters.load import config_folders, read_yaml
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, suggestions
from sim.parameters.schema import Later, Parameters
from sim.parameters.translate import allowed_by
from sim.school_year import SEPTEMBER

LEVERS, DESIGNS = "levers", "designs"
Model = TypeVar("Model", bound=BaseModel)


@lru_cache(maxsize=1)
def levers() -> Mapping[str, LeverSpec]:
    """Return every lever by name, in name order."""
    return dict(_read_all(LEVERS, LeverSpec))


def read_lever(file: Path) -> LeverSpec:
    """Return the lever of a file of one's own; ConfigurationError says what is wrong with it."""
    return _read(LeverSpec, file)


def lever_of(data: Mapping[str, Any], name: str) -> LeverSpec:
    """Return the lever that a mapping states as a file would; ConfigurationError says what is wrong with it."""
    return _checked(LeverSpec, data, f"lever {name}")


@lru_cache(maxsize=1)
def designs() -> Mapping[str, Design]:
    """Return every design of a base by name, in name order."""
    return dict(_read_all(DESIGNS, Design))


def _read_all(folder: str, model: type[Model]) -> Iterator[tuple[str, Model]]:
    files = {file.stem: file for place in reversed(config_folders()) for file in (place / folder).glob("*.yaml")}
    for name, file in sorted(files.items()):
        yield name, _read(model, file)


def _read(model: type[Model], file: Path) -> Model:
    return _checked(model, read_yaml(file).data, str(file))


def _checked(model: type[Model], data: Mapping[str, Any], file: str) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [
            Problem(file, f"key {'/'.join(map(str, e['loc'])) or '(file)'}", _found(e), allowed_by(e), "correct it")
            for e in error.errors()
        ]
        raise ConfigurationError(*problems) from None


def _found(error: Any) -> str:
    message = str(error.get("ctx", {}).get("error", "")) or error["msg"]
    return message if error["type"] in ("value_error", "missing") else repr(error["input"])


def produced(
    parameters: Parameters,
    uses: Mapping[str, Mapping[str, Any]],
    file: str,
    delay_years: int = 0,
    drawing: Drawing | None = None,
) -> Diff:
    """Return the changes that levers in use come to.

    Parameters
    ----------
    uses : for each lever (or for any name, with the key `lever`) its settings, start, end, ramp_years, strength,
        districts or number. A lever without a start begins with the study.
    file : what messages call the place where the levers stand.
    delay_years : everything begins that many years later.
    drawing : draws settings that have a range and are not chosen, and lengths of stay of designs; None leaves them.

    Raises ConfigurationError that names the lever, what was found, what is allowed and the fix.
    """
    return composed(parameters, adjustments_of(parameters, uses, file, delay_years, drawing))


def adjustments_of(
    parameters: Parameters,
    uses: Mapping[str, Mapping[str, Any]],
    file: str,
    delay_years: int = 0,
    drawing: Drawing | None = None,
) -> list[Adjustment]:
    """Return the adjustments of single figures behind `produced`, in the order of the levers' names."""
    made: list[Adjustment] = []
    for name in sorted(uses):
        lever = in_use(parameters, name, uses[name], file, delay_years, drawing)
        made += of_acts(lever)
        made += of_effects(lever)
        if lever.spec.mechanism:
            made += MECHANISMS[lever.spec.mechanism](lever, designs())
    return made


def sources_of(uses: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the sources that levers in use, and the designs they choose, bring along."""
    found: dict[str, dict[str, str]] = {}
    for name, asked in uses.items():
        spec = spec_of(name, asked)
        for source in (spec.sources if spec else {}).items():
            found[source[0]] = source[1].model_dump()
        design = designs().get(str(asked.get("design", "")))
        if spec is not None and "design" in spec.choices and design is None:
            design = designs()[spec.choices["design"].default]
        for key, row in (design.sources if design else {}).items():
            found[key] = row.model_dump()
    return found


def spec_of(name: str, asked: Mapping[str, Any]) -> LeverSpec | None:
    """Return the lever behind a name in a scenario: one that was made in code, or of the catalogue; None if unknown."""
    lever = asked.get("lever", name)
    return lever if isinstance(lever, LeverSpec) else levers().get(str(lever))


def on_record(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked of a lever as plain data; one that was made in code is told in full."""
    lever = asked.get("lever")
    return {**asked, "lever": lever.model_dump(mode="json")} if isinstance(lever, LeverSpec) else dict(asked)


def in_use(
    parameters: Parameters,
    name: str,
    asked: Mapping[str, Any],
    file: str,
    delay_years: int = 0,
    drawing: Drawing | None = None,
) -> LeverInUse:
    """Return a lever as `asked` uses it, checked against its bounds and the county."""
    spec, where = spec_of(name, asked), f"key levers/{name}"
    lever = name if isinstance(asked.get("lever"), LeverSpec) else str(asked.get("lever", name))
    if spec is None:
        known = levers()
        fix = did_you_mean(lever, known, "use a name that `pathways levers` prints")
        raise ConfigurationError(Problem(file, where, f"no lever {lever}", suggestions(lever, known), fix))
    keys = {key: value for key, value in asked.items() if key in USE_KEYS}
    given = {key: value for key, value in asked.items() if key not in USE_KEYS}
    use = _use(parameters, {**keys, "lever": lever, "settings": given}, file, where, delay_years)
    settings, choices = settings_of(spec, given, file, where)
    if drawing is not None:
        settings = {key: one if key in given else _drawn(lever, key, one, drawing) for key, one in settings.items()}
    _check_reach(parameters, use, file, where)
    _check_places(spec, use, file, where)
    _check_days(spec, use, file, where)
    return LeverInUse(name, spec, use, settings, choices, parameters, drawing)


def _drawn(lever: str, name: str, setting: Setting, drawing: Drawing) -> Setting:
    return setting.model_copy(update={"value": drawing(f"{LEVERS}/{lever}/{name}", setting)})


def _use(parameters: Parameters, keys: dict[str, Any], file: str, where: str, delay_years: int) -> Use:
    keys.setdefault("start", parameters.horizon.study_start)
    try:
        use = Use.model_validate(keys)
    except ValidationError as error:
        raise ConfigurationError(
            *(
                Problem(file, "/".join([where, *map(str, e["loc"])]), _found(e), allowed_by(e), "correct the value")
                for e in error.errors()
            )
        ) from None
    if delay_years:
        later = {"start": _years_on(use.start, delay_years)}
        use = use.model_copy(update=later | ({"end": _years_on(use.end, delay_years)} if use.end else {}))
    return use


def _years_on(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def _check_reach(parameters: Parameters, use: Use, file: str, where: str) -> None:
    horizon, districts = parameters.horizon, parameters.districts
    first, last = date(horizon.first_year, 9, 1), date(horizon.last_year + 1, 8, 31)
    if not first <= use.start <= last:
        allowed = f"a date from {first} to {last}, the years of the run"
        raise ConfigurationError(Problem(file, f"{where}/start", str(use.start), allowed, "correct the date"))
    for district in use.districts or ():
        if district not in districts:
            fix = did_you_mean(district, districts, "use a district of the county")
            allowed = suggestions(district, districts)
            raise ConfigurationError(Problem(file, f"{where}/districts", f"no district {district}", allowed, fix))
    if use.number is not None and use.number > len(districts):
        allowed = f"0 to {len(districts)}, the districts there are"
        raise ConfigurationError(Problem(file, f"{where}/number", str(use.number), allowed, "correct the number"))


def _check_places(spec: LeverSpec, use: Use, file: str, where: str) -> None:
    if not spec.by_district and (use.districts is not None or use.number is not None):
        found = f"districts for {use.lever}, which works in the whole county"
        allowed = ", ".join(name for name, lever in levers().items() if lever.by_district)
        raise ConfigurationError(Problem(file, where, found, f"districts or number for {allowed}", "remove it"))


def _check_days(spec: LeverSpec, use: Use, file: str, where: str) -> None:
    """Refuse other days than 1 September where money and places would not begin together with the rest."""
    parts = {act.path.split("/")[0] for act in spec.acts}
    has_rules = spec.shifts or spec.mechanism == "train_schools" or parts & {*Later.model_fields, "yearly"}
    if spec.mechanism == "open_bases" or not has_rules:
        return
    for key, day in (("start", use.start), ("end", use.end)):
        if day is not None and (day.month, day.day) != (SEPTEMBER, 1):
            fix = f"use {day.year}-09-01 or {day.year + 1}-09-01"
            raise ConfigurationError(Problem(file, f"{where}/{key}", str(day), "1 September of a year", fix))


def settings_of(
    spec: LeverSpec, given: Mapping[str, Any], file: str, where: str
) -> tuple[dict[str, Setting], dict[str, str]]:
    """Return the settings and choices of a lever with those given in their place.

    Raises ConfigurationError for one that there is not, or that is out of bounds.
    """
    settings, choices = dict(spec.settings), {name: choice.default for name, choice in spec.choices.items()}
    problems = []
    for name, value in given.items():
        if name in settings:
            problems += _set(settings, name, value, file, where)
        elif name in choices and value in spec.choices[name].options:
            choices[name] = str(value)
        elif name in choices:
            options = spec.choices[name].options
            fix = did_you_mean(str(value), options, "use one of these")
            problems.append(Problem(file, f"{where}/{name}", repr(value), ", ".join(options), fix))
        else:
            known = (*settings, *choices, *USE_KEYS)
            fix = did_you_mean(name, known, "remove it")
            problems.append(Problem(file, f"{where}/{name}", "no such setting", suggestions(name, known), fix))
    if problems:
        raise ConfigurationError(*problems)
    return settings, choices


def _set(settings: dict[str, Setting], name: str, value: Any, file: str, where: str) -> list[Problem]:
    """Put a scenario's value in place of a lever's own; what the scenario chooses has no range."""
    setting = settings[name]
    allowed = f"a number from {setting.least:g} to {setting.most:g} {setting.unit}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not setting.least <= value <= setting.most:
        return [Problem(file, f"{where}/{name}", repr(value), allowed, "correct the value")]
    number = float(value)
    settings[name] = setting.model_copy(
        update={"value": number, "low": number, "high": number, "distribution": "fixed"}
    )
    return []

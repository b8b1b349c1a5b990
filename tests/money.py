"""Money for tests in the made-up county: programmes, prices that change, charges, stays at constant prices."""

from __future__ import annotations

from datetime import date

from sim.parameters.schema import Later, Money, Parameters, Programme, Tariff
from sim.vocabulary import Happening, Record
from tests.made_up import SAID, TARIFFS, Run, county


def programme(**dated: dict[date, Money]) -> Programme:
    return Programme(label="Training", line="training", **SAID, **dated)


def later(parameters: Parameters, dated: dict[date, dict[str, Tariff]]) -> dict[date, Later]:
    """Return tariffs that change, by the 1 September from which each set holds."""
    parts = {name: getattr(parameters, name) for name in Later.model_fields}
    made, tariffs = {}, parameters.tariffs
    for day, changed in dated.items():
        tariffs = {**tariffs, **changed}
        made[day] = Later(**{**parts, "tariffs": tariffs})
    return made


def changed(name: str, **columns: object) -> dict[str, Tariff]:
    at = columns.get("value", TARIFFS[name].value)
    return {name: TARIFFS[name].model_copy(update={**columns, "low": at, "high": at})}


def charge(run: Run, pupil: int, place: str, at: float, pounds: float) -> None:
    code = tuple(Happening).index(Happening.PARTNERSHIP_CHARGED)
    run.rows["events"].append((pupil, at, code, run.names.index(place), 3, Record.NONE, pounds))


def flat(**changes: object) -> Parameters:
    """Return the county with constant prices."""
    made = county()
    level = next(iter(made.inflation.values()))
    return made.model_copy(update={"inflation": {"2014-15": level}, **changes})


def one_stay(parameters: Parameters, place: str, start: float, end: float, record: Record = Record.NONE) -> Run:
    run = Run(parameters)
    run.spell(run.pupil(1, start, end), place, start, end, record)
    return run

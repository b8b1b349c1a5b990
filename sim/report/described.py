"""STRESS-DES and ODD: templates beside this file, filled with what the configuration and the code say now."""

from __future__ import annotations

import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from string import Template
from types import ModuleType

from sim import engine, pathways
from sim.assumptions import Assumption
from sim.chance.streams import Purpose
from sim.dictionary import Words
from sim.levers.catalogue import levers
from sim.measures import MEASURES
from sim.measures.facts import YEARS_BEFORE_BASELINE
from sim.parameters.checks import evidence_rows
from sim.parameters.load import read_text
from sim.parameters.schema import Parameters, ProvisionSpec, Quantity
from sim.parameters.targets import Targets, Use
from sim.pathways import PATHWAYS, academic_year
from sim.questions import questions
from sim.report.frames import LEVEL
from sim.report.markdown import in_full, reflowed, table_lines
from sim.report.parameter_list import graded, lines_by_table
from sim.report.words import kind_words, words
from sim.scenarios import BASELINE, defaults, list_scenarios
from sim.school_year import academic_year_label, academic_year_of
from sim.store import KEY_PACKAGES, PACKAGES
from sim.vocabulary import PLACEMENTS, SUPPORTS, ProvisionKind

TEMPLATES = Path(__file__).with_name("templates")
RESOURCE_HEADS = ("kind", "provisions", "commissioned places", "usable places")
STATE_HEADS = ("state variable", "meaning", "unit")
EVENT_HEADS = ("event", "what it is", "where")
MODULE_HEADS = ("module", "what it does")
SERIES = ("cohorts", "yearly", "budgets", "inflation", "discount")
"""Parts of a county that change from one year to the next."""

Facts = Mapping[str, str]
"""What a template may name, without the dollar sign."""


def filled(name: str, facts: Facts) -> str:
    """Return the page of a template; KeyError when the template names something that is not among the facts."""
    return reflowed(Template(read_text(TEMPLATES / f"{name}.md")).substitute(facts))


def described(
    county: Parameters,
    targets: Targets,
    register: Mapping[str, Assumption],
    state: Mapping[str, Words],
    page_of_parameters: str,
) -> dict[str, str]:
    """Return all facts that the templates may name, as text.

    Parameters
    ----------
    state : what the state variables of each kind of entity mean.
    page_of_parameters : name of the page that lists the county's figures.
    """
    return {
        "county": county.county.label,
        "statement": " ".join(county.county.statement.split()),
        "parameters": page_of_parameters,
        "calibration": _calibration(county, targets),
        **_years(county),
        **_size(county),
        **_figures(county, targets),
        **_register(register),
        **_experiments(),
        **_code(state),
    }


def _calibration(county: Parameters, targets: Targets) -> str:
    """Return whether the county's figures were fitted, from its calibration record, and to how many targets."""
    run = county.county.calibration
    if not run:
        return "The county's figures have not been fitted to published ones, and results are stamped uncalibrated."
    fitted, held_out = (sum(one.use is use for one in targets.values()) for use in (Use.CALIBRATE, Use.VALIDATE))
    return f"The county's figures were fitted to {fitted} published ones (calibration {run}); {held_out} are held out."


def _years(county: Parameters) -> Facts:
    horizon = county.horizon
    begins = academic_year_of(horizon.study_start)
    return {
        "first_year": horizon.first_academic_year,
        "last_year": horizon.last_academic_year,
        "baseline_year": horizon.baseline_academic_year,
        "study_start": in_full(horizon.study_start),
        "study_year": academic_year_label(begins),
        "run_in": str(begins - horizon.first_year),
        "years": str(horizon.last_year - horizon.first_year + 1),
        "study_years": str(horizon.last_year - begins + 1),
        "school_days": str(county.calendar().days_per_year),
        "before": str(YEARS_BEFORE_BASELINE),
    }


def _size(county: Parameters) -> Facts:
    year = academic_year_label(academic_year_of(county.horizon.study_start))
    return {
        "pupils": f"{sum(cohort.value for cohort in county.cohorts[year].values()):,.0f}",
        "districts": str(len(county.districts)),
        "district_names": ", ".join(county.districts),
        "schools": f"{len(county.schools):,}",
        "placements": "; ".join(map(kind_words, PLACEMENTS)),
        "supports": "; ".join(map(kind_words, SUPPORTS)),
        "resources": _text(table_lines(RESOURCE_HEADS, _resources(county))),
    }


def _resources(county: Parameters) -> Iterator[tuple[str, ...]]:
    for kind in ProvisionKind:
        specs = [spec for _, spec in county.provisions_of(kind)]
        if specs:
            yield words(kind), str(len(specs)), _places(county, specs, "commissioned"), _places(county, specs, "usable")


def _places(county: Parameters, specs: Iterable[ProvisionSpec], column: str) -> str:
    """Return the places of some provisions in force when the study starts, in words where there is no number."""
    found: list[int | None] = []
    for spec in specs:
        begun = [day for day in spec.places if day <= county.horizon.study_start]
        if spec.devolved_budget:
            return "what the budget buys"
        if not spec.places:
            return "no limit"
        found.append(getattr(spec.places[max(begun)], column) if begun else 0)
    return "no limit" if None in found else f"{sum(number or 0 for number in found):,}"


def _figures(county: Parameters, targets: Targets) -> Facts:
    lines = [line for rows in lines_by_table(county, targets).values() for line in rows]
    drawn = [row.distribution for _, row in evidence_rows(county) if isinstance(row, Quantity) and row.low < row.high]
    laws = [getattr(county.durations, name).law for name in type(county.durations).model_fields]
    counts = ((grade.value, f"{number:,}") for grade, number in graded(lines).items())
    return {
        "rows": f"{len(lines):,}",
        "grades": _text(table_lines(("grade", "rows"), counts)),
        "laws": _counted(drawn),
        "stays": _counted(laws),
        "series": _listed(type(county.yearly).model_fields),
        "inputs": _listed(SERIES),
        "rates": str(len(county.rates)),
        "routes": str(len(county.routes)),
        "onset_rates": str(len(county.onset)),
        "sources": str(len(county.sources)),
        "targets": str(len(targets)),
        "calibrated": str(sum(target.use is Use.CALIBRATE for target in targets.values())),
        "validated": str(sum(target.use is Use.VALIDATE for target in targets.values())),
    }


def _register(register: Mapping[str, Assumption]) -> Facts:
    high = sum(one.impact == "high" for one in register.values())
    return {"assumptions": str(len(register)), "high": str(high)}


def _experiments() -> Facts:
    chosen, asked = defaults(), list(questions(MEASURES))
    return {
        "scenarios": f"{len(set(list_scenarios()) - {BASELINE})} scenarios",
        "questions": f"questions {asked[0]} to {asked[-1]}",
        "levers": str(len(levers())),
        "measures": str(len(MEASURES)),
        "level": f"{LEVEL:.0%}",
        "seed": str(chosen.seed),
        "replications": str(chosen.replications),
        "ask_replications": str(chosen.ask_replications),
    }


def _code(state: Mapping[str, Words]) -> Facts:
    libraries = sorted({*KEY_PACKAGES, *PACKAGES} - {"python"}, key=str.lower)
    return {
        "packages": ", ".join(libraries),
        "purposes": str(len(Purpose)),
        "september": _september(),
        "pupil_state": _text(_state(state["pupil"])),
        "school_state": _text(_state(state["mainstream school"])),
        "events": _text(table_lines(EVENT_HEADS, _events())),
        "pathways": _text(table_lines(MODULE_HEADS, _modules(pathways))),
        "engine": _text(table_lines(MODULE_HEADS, _modules(engine))),
    }


def _september() -> str:
    """Return the order of 1 September, as the module that keeps it says."""
    text = (inspect.getdoc(academic_year) or "").split("\n\n")[1]
    return text[:1].lower() + text[1:]


def _state(variables: Words) -> Iterator[str]:
    return table_lines(STATE_HEADS, ((name, word.meaning, word.unit) for name, word in variables.items()))


def _events() -> Iterator[tuple[str, ...]]:
    """Yield each kind of event, what its pathway does, and the file it is in."""
    for kind, pathway in PATHWAYS.items():
        module = pathway.__module__
        yield kind.value.replace("_", " "), _first_line(pathway), _link(module)


def _modules(package: ModuleType) -> Iterator[tuple[str, ...]]:
    """Yield each module of a package with the first paragraph of what it says of itself."""
    for found in pkgutil.iter_modules(package.__path__):
        name = f"{package.__name__}.{found.name}"
        yield _link(name), _first_line(import_module(name))


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0]


def _link(module: str) -> str:
    return f"[{module.rpartition('.')[2]}](../{module.replace('.', '/')}.py)"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _counted(names: Iterable[str]) -> str:
    counts = Counter(names)
    return ", ".join(f"{name} ({number})" for name, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])))

"""Pupil Pathways: what policies change for pupils with SEMH needs, where they are placed, and what is spent.

Ten lines do a study::

    import sim

    county = sim.county("exampleshire")                     # its baseline scenario; also sim.exampleshire()
    bases = sim.scenario("primary_bases_2019", county)        # a policy that comes along
    early = bases.with_(sim.levers.protect_preventive_time(), name="bases_and_early_work")
    more = early.with_({county.paths.rates.recur: 0.1}, name="and_need_comes_back_less")
    results = sim.compare(county, bases, early, more, replications=4)
    results.differences()                                     # a tidy pandas table
    results.plot.change("bases_and_early_work")               # a matplotlib figure

Everything is loaded when it is first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import levers as levers
    from sim.api import allocate as allocate
    from sim.api import ask as ask
    from sim.api import compare as compare
    from sim.api import county as county
    from sim.api import experiment as experiment
    from sim.api import lever as lever
    from sim.api import list_counties as list_counties
    from sim.api import list_levers as list_levers
    from sim.api import list_questions as list_questions
    from sim.api import list_scenarios as list_scenarios
    from sim.api import load as load
    from sim.api import measure_of as measure_of
    from sim.api import run as run
    from sim.api import scenario as scenario
    from sim.api import simulate as simulate
    from sim.outcome import Outcome as Outcome
    from sim.parameters.problems import ConfigurationError as ConfigurationError
    from sim.results import Results as Results
    from sim.scenarios import Scenario as Scenario
    from sim.study import Study as Study

    __version__: str

_HOME = {
    "ConfigurationError": "sim.parameters.problems",
    "Outcome": "sim.outcome",
    "Results": "sim.results",
    "Scenario": "sim.scenarios",
    "Study": "sim.study",
    "__version__": "sim.api",
    "allocate": "sim.api",
    "ask": "sim.api",
    "compare": "sim.api",
    "county": "sim.api",
    "experiment": "sim.api",
    "lever": "sim.api",
    "list_counties": "sim.api",
    "list_levers": "sim.api",
    "list_questions": "sim.api",
    "list_scenarios": "sim.api",
    "load": "sim.api",
    "measure_of": "sim.api",
    "run": "sim.api",
    "scenario": "sim.api",
    "simulate": "sim.api",
}
"""Public name -> module that holds it."""

__all__ = [
    "ConfigurationError",
    "Outcome",
    "Results",
    "Scenario",
    "Study",
    "__version__",
    "allocate",
    "ask",
    "compare",
    "county",
    "experiment",
    "lever",
    "levers",
    "list_counties",
    "list_levers",
    "list_questions",
    "list_scenarios",
    "load",
    "measure_of",
    "run",
    "scenario",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Load a public name, or the function of a county that comes with the package, when it is first asked for."""
    value: Any
    if name == "levers":
        value = import_module("sim.levers")
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name in _counties():
        value = _county_function(name)
    else:
        known = ", ".join(__dir__())
        raise AttributeError(f"module 'sim' has no attribute {name!r}; it has {known}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names and the counties, for completion."""
    return [*__all__, *_counties()]


def _counties() -> tuple[str, ...]:
    load: Any = import_module("sim.parameters.load")
    found: tuple[str, ...] = load.list_counties()
    return found


def _county_function(name: str) -> Callable[[], Scenario]:
    def of_county() -> Scenario:
        api: Any = import_module("sim.api")
        found: Scenario = api.county(name)
        return found

    of_county.__name__ = of_county.__qualname__ = name
    of_county.__doc__ = f"Return the county {name} as it is: the baseline scenario; see `sim.county`."
    return of_county

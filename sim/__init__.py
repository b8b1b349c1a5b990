"""Pupil Pathways: what policies change for pupils with SEMH needs, where they are placed, and what is spent.

Ten lines do a study::

    import sim

    county = sim.county("exampleshire")                     # its baseline scenario
    bases = sim.scenario("primary_bases_2019", county)        # a policy that comes along
    early = bases.with_({"quantities/team/protected_share": 0.3}, name="bases_and_early_work")
    results = sim.compare(county, bases, early, replications=4)
    results.differences()                                     # a tidy pandas table

Everything is loaded when it is first used, so that `import sim` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import allocate as allocate
    from sim.api import ask as ask
    from sim.api import compare as compare
    from sim.api import county as county
    from sim.api import experiment as experiment
    from sim.api import list_levers as list_levers
    from sim.api import list_questions as list_questions
    from sim.api import run as run
    from sim.api import scenario as scenario
    from sim.api import simulate as simulate
    from sim.parameters.problems import ConfigurationError as ConfigurationError
    from sim.results import Results as Results
    from sim.scenarios import Scenario as Scenario
    from sim.study import Study as Study

    __version__: str

__all__ = [
    "ConfigurationError",
    "Results",
    "Scenario",
    "Study",
    "__version__",
    "allocate",
    "ask",
    "compare",
    "county",
    "experiment",
    "list_levers",
    "list_questions",
    "run",
    "scenario",
    "simulate",
]

_HOME = {
    "ConfigurationError": "sim.parameters.problems",
    "Results": "sim.results",
    "Scenario": "sim.scenarios",
    "Study": "sim.study",
    "__version__": "sim.api",
    "allocate": "sim.api",
    "ask": "sim.api",
    "compare": "sim.api",
    "county": "sim.api",
    "experiment": "sim.api",
    "list_levers": "sim.api",
    "list_questions": "sim.api",
    "run": "sim.api",
    "scenario": "sim.api",
    "simulate": "sim.api",
}
"""Public name -> module that holds it."""


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    """Return the public names, for completion."""
    return list(__all__)

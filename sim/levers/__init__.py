"""Levers: what an authority can choose, each producing dated changes to a county's parameters.

Each lever of the configurations is a function here: `sim.levers.fund_casework(...)`, with its settings as arguments.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.levers.uses import LeverFunction


def __getattr__(name: str) -> LeverFunction:
    """Return the function of a lever by its name."""
    if name.startswith("_"):
        raise AttributeError(name)
    uses: Any = import_module("sim.levers.uses")
    try:
        found: LeverFunction = uses.shipped(name)
    except uses.ConfigurationError as error:
        raise AttributeError(str(error)) from None
    return found


def __dir__() -> list[str]:
    """Return the names of the levers, for completion."""
    catalogue: Any = import_module("sim.levers.catalogue")
    return list(catalogue.levers())

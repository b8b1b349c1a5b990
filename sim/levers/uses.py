"""Levers as functions: one for each, whose arguments are its settings; what they return goes into a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, Self

from sim.levers.catalogue import lever_of, levers, read_lever, settings_of
from sim.levers.spec import USE_KEYS, LeverSpec
from sim.markup import block, element, table
from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, suggestions

WHEN = tuple(name for name in USE_KEYS if name != "lever")
"""Arguments that every lever has: from when to when, how strongly, and where."""


@dataclass(frozen=True)
class LeverUse:
    """A lever with what is asked of it, to be put into a scenario: `county.with_(use)`.

    Attributes
    ----------
    name : what it is called in the scenario.
    asked : settings, start, end, ramp_years, strength, districts or number, as in a scenario file.
    spec : the lever itself.
    """

    name: str
    asked: Mapping[str, Any]
    spec: LeverSpec = field(repr=False)

    def named(self, name: str) -> Self:
        """Return a copy under another name, so that a lever can be used twice, such as in two districts."""
        return replace(self, name=name, asked={"lever": self.name, **self.asked})

    def _repr_html_(self) -> str:
        rows = [(key, value) for key, value in self.asked.items() if key != "lever"]
        return block(element("b", f"{self.spec.label} ({self.name})"), table(("setting", "value"), rows))


LeverFunction = Callable[..., LeverUse]


def lever_function(name: str, spec: LeverSpec, is_own: bool = False) -> LeverFunction:
    """Return the function of a lever: its arguments are the settings, with units and ranges in its docstring.

    Parameters
    ----------
    is_own : whether the lever is one's own, which a scenario then carries along.
    """

    def use(**asked: Any) -> LeverUse:
        given = {key: value for key, value in asked.items() if value is not None}
        own = {key: value for key, value in given.items() if key not in USE_KEYS}
        settings_of(spec, own, name, "settings")
        return LeverUse(name, {"lever": spec, **given} if is_own else given, spec)

    use.__name__ = use.__qualname__ = name
    use.__doc__ = _described(spec)
    use.__signature__ = _signature(spec)  # type: ignore[attr-defined]
    return use


def own_lever(source: str | Path | Mapping[str, Any], name: str | None = None) -> LeverFunction:
    """Return the function of a lever of one's own.

    Parameters
    ----------
    source : a YAML file such as `pathways new lever` writes, or the same as a mapping.
    name : of the lever; that of the file if not given.

    Raises ConfigurationError that says what is wrong with it; ValueError for a mapping without a name.
    """
    if isinstance(source, Mapping):
        if not name:
            raise ValueError("a lever from a mapping needs a name, such as name='open_a_hub'")
        return lever_function(name, lever_of(source, name), is_own=True)
    file = Path(source)
    return lever_function(name or file.stem, read_lever(file), is_own=True)


def shipped(name: str) -> LeverFunction:
    """Return the function of a lever that comes with the package; ConfigurationError lists those there are."""
    known = levers()
    if name not in known:
        fix = did_you_mean(name, known, "use a name that `pathways levers` prints")
        raise ConfigurationError(Problem("sim.levers", "", f"no lever {name}", suggestions(name, known), fix))
    return lever_function(name, known[name])


def _described(spec: LeverSpec) -> str:
    settings = [
        f"{name} : {one.label}; {one.value:g} {one.unit} if not given, from {one.least:g} to {one.most:g}."
        for name, one in spec.settings.items()
    ]
    choices = [
        f"{name} : {one.label}; {one.default!r} if not given, of {', '.join(one.options)}."
        for name, one in spec.choices.items()
    ]
    return "\n".join(
        [
            f"{spec.label}.",
            "",
            spec.description.strip(),
            "",
            "Parameters",
            "----------",
            *settings,
            *choices,
            "start, end : dates from which it holds, and no longer holds; from the start of the study if not given.",
            "ramp_years, strength : it grows in so many equal yearly steps, to so much of what is asked for.",
            *(["districts, number : where it works, by name or the largest so many."] if spec.by_district else []),
        ]
    )


def _signature(spec: LeverSpec) -> Signature:
    defaults: dict[str, Any] = {name: one.value for name, one in spec.settings.items()}
    defaults |= {name: one.default for name, one in spec.choices.items()}
    settings = [Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in defaults.items()]
    place = () if spec.by_district else ("districts", "number")
    when = [Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in WHEN if name not in place]
    return Signature([*settings, *when], return_annotation=LeverUse)

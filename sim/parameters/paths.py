"""Paths of parameters that complete in an editor: `scenario.paths.rates.recur` stands for 'rates/recur'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.markup import block, element, table
from sim.parameters.problems import did_you_mean, suggestions


@dataclass(frozen=True)
class ParameterPath:
    """A place among the parameters of a scenario; as text (`str`) it is the path that `with_` takes.

    Steps are attributes, or keys in brackets where they are no names: `paths.yearly.signed_share["2019/20"]`.
    """

    _steps: tuple[str, ...]
    _node: Any = field(repr=False, compare=False)

    def __str__(self) -> str:
        return "/".join(self._steps)

    def __repr__(self) -> str:
        return f"<{self}: {', '.join(f'{name} {value}' for name, value in self._shown())}>"

    def __getitem__(self, step: str) -> ParameterPath:
        """Return the path one step further; KeyError says what there is."""
        if not isinstance(self._node, Mapping) or step not in self._node:
            known = list(self._node) if isinstance(self._node, Mapping) else []
            fix = did_you_mean(step, known, "choose one of these")
            raise KeyError(f"no {step!r} in {self or 'the parameters'}; there is {suggestions(step, known)}; {fix}")
        return ParameterPath((*self._steps, step), self._node[step])

    def __getattr__(self, step: str) -> ParameterPath:
        """Return the path one step further, for names."""
        if step.startswith("_"):
            raise AttributeError(step)
        try:
            return self[step]
        except KeyError as error:
            raise AttributeError(str(error.args[0])) from None

    def __dir__(self) -> list[str]:
        return [name for name in self._ipython_key_completions_() if name.isidentifier()]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._node) if isinstance(self._node, Mapping) else []

    def _shown(self) -> list[tuple[str, object]]:
        """Return what is here: the figures of a row, or the next steps."""
        if not isinstance(self._node, Mapping):
            return [("", self._node)]
        is_row = not any(isinstance(one, Mapping) for one in self._node.values())
        return [(name, value if is_row else "...") for name, value in self._node.items() if value not in ("", None)]

    def _repr_html_(self) -> str:
        return block(element("b", str(self) or "parameters"), table(("", "value"), self._shown()))

"""All figures of a paper, found by what they are about or by their reference code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sim.report.forum.figures import CODE, Figure
from sim.report.forum.refusals import checked, of_one_origin, unresolved

KEYS = ("measure", "provision", "phase", "period", "scenario", "comparison")


class Catalogue:
    """Figures of one origin, each with an interval when it is asked for.

    Parameters
    ----------
    figures : of one run; refused when they are of several.
    """

    def __init__(self, figures: Iterable[Figure]) -> None:
        given = tuple(dict.fromkeys(figures))
        of_one_origin(given)
        self._by_code: dict[str, Figure] = {}
        for figure in given:
            other = self._by_code.setdefault(figure.code, figure)
            if other.about != figure.about:
                raise ValueError(f"{figure.about} and {other.about} have the same reference code")
        self.figures: tuple[Figure, ...] = tuple(self._by_code.values())

    def __iter__(self) -> Iterator[Figure]:
        """Yield the figures, each once, in the order in which they were gathered."""
        return iter(self._by_code.values())

    def has(self, code: str) -> bool:
        """Whether a reference code is that of a figure or of a series."""
        return code in self._by_code or any(figure.series == code for figure in self)

    def with_code(self, code: str) -> list[Figure]:
        """Return the figure with a reference code, or the figures of a series; refused when there is none."""
        if code in self._by_code:
            return [checked(self._by_code[code])]
        found = [checked(figure) for figure in self if figure.series == code]
        if not found:
            raise unresolved(code, self._by_code)
        return found

    def one(self, name: str, **keys: str) -> Figure:
        """Return the only figure of a measure (or code) that fits; refused when none does, or several.

        Parameters
        ----------
        keys : provision, phase, period, scenario, comparison; those left out fit all.
        """
        if re.fullmatch(CODE, name):
            return self.with_code(name)[0]
        unknown = sorted(set(keys) - set(KEYS))
        if unknown:
            raise unresolved(f"key {unknown[0]}", KEYS)
        found = self.those({"measure": name, **keys})
        if len(found) != 1:
            said = ", ".join([name, *(f"{key} {value!r}" for key, value in keys.items())])
            raise unresolved(f"{said} ({len(found)} figures fit)", _apart(found) or self.measures)
        return checked(found[0])

    def those(self, keys: Mapping[str, str], figures: Sequence[Figure] = ()) -> list[Figure]:
        """Return the figures that fit all keys."""
        wanted = keys.items()
        return [one for one in figures or self if all(getattr(one.about, key) == value for key, value in wanted)]

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures there are figures of."""
        return tuple(dict.fromkeys(figure.about.measure for figure in self))


def _apart(figures: Sequence[Figure]) -> list[str]:
    """Return in words what tells figures apart."""
    return [" / ".join(part or "level" for part in figure.about) for figure in figures]

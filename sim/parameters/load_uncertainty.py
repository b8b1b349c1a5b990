"""Reads what a county says of its uncertainty, and checks it against the county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath

from sim.parameters.figures import figures, reached, steps_of
from sim.parameters.load import read_yaml
from sim.parameters.load_ensemble import load_ensemble
from sim.parameters.problems import Path, Problem, did_you_mean, raise_if_any, suggestions
from sim.parameters.schema import Parameters
from sim.parameters.small_files import filled, place
from sim.parameters.uncertainty import Stated, Uncertainty

UNCERTAINTY_FILE = "uncertainty.yaml"
OF_LEVERS = ("levers", "designs")
"""First steps of the names of a lever's or design's figures, which the county's files do not hold."""

Lines = Mapping[Path, int]


def load_uncertainty(folder: FilePath, county: Parameters) -> Uncertainty:
    """Return what uncertainty.yaml in a county's folder says, and its ensemble while it is calibrated.

    Without the file nothing is said beyond the ranges.

    Raises
    ------
    ConfigurationError : naming file, line and key, for what the file may not hold, patterns that reach no figure,
        figures that two factors or two judgements claim, and sources that the county does not list.
    """
    file = folder / UNCERTAINTY_FILE
    if not file.exists():
        return Uncertainty()
    text = read_yaml(file)
    said = filled(Stated, text, file)
    paths = [path for path, _ in figures(county.model_dump(mode="json"))]
    checks = (_claims(said, paths), _judgements(said, paths), _sources(said, county))
    raise_if_any([_told(found, file, text.lines) for check in checks for found in check])
    ensemble = load_ensemble(folder, said) if county.county.calibration else None
    return Uncertainty(factors=said.factors, together=said.together, shares=said.shares, ensemble=ensemble)


Found = tuple[Path, str, str, str]
"""Key at fault, what was found, what is allowed, the fix."""


def _told(found: Found, file: FilePath, lines: Lines) -> Problem:
    path, *words = found
    return Problem(str(file), place(lines, path, file), *words)


def _claims(said: Stated, paths: list[Path]) -> Iterator[Found]:
    """Each pattern of a factor reaches a figure, and each figure is reached by one pattern at most."""
    keys = [
        (("factors", name, key, str(number)), pattern)
        for name, factor in said.factors.items()
        for key, patterns in (("scales", factor.scales), ("divides", factor.divides))
        for number, pattern in enumerate(patterns)
    ]
    yield from _reaches(keys, paths, "one factor for each figure")


def _judgements(said: Stated, paths: list[Path]) -> Iterator[Found]:
    """Each pattern of a judgement reaches a figure of the county, and each figure belongs to one judgement at most."""
    keys = [
        (("together", name, str(number)), pattern)
        for name, patterns in said.together.items()
        for number, pattern in enumerate(patterns)
        if steps_of(pattern)[:1] not in [(part,) for part in OF_LEVERS]
    ]
    yield from _reaches(keys, paths, "one judgement for each figure")


def _reaches(keys: Sequence[tuple[Path, str]], paths: Sequence[Path], allowed: str) -> Iterator[Found]:
    claimed: dict[Path, Path] = {}
    for key, pattern in keys:
        mine = list(reached([pattern], paths))
        if not mine:
            known = sorted("/".join(path) for path in paths)
            fix = did_you_mean(pattern, known, "correct the path")
            yield key, f"{pattern}, which reaches no figure", suggestions(pattern, known), fix
        for path in mine:
            first = claimed.setdefault(path, key)
            if first != key:
                found = f"{'/'.join(path)}, which {'/'.join(first[:2])} reaches too"
                yield key, found, allowed, "narrow one of the two"
                break


def _sources(said: Stated, county: Parameters) -> Iterator[Found]:
    for part, rows in (("factors", said.factors), ("shares", said.shares)):
        for name, row in rows.items():
            if row.source not in county.sources:
                fix = did_you_mean(row.source, county.sources, "add it to sources.csv")
                allowed = suggestions(row.source, county.sources)
                yield (part, name, "source"), f"unknown source {row.source}", allowed, fix

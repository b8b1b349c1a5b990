"""Sentences that may be quoted, and where the figure in each comes from."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from sim.questions import KEY
from sim.report.forum.catalogue import Catalogue
from sim.report.forum.figures import PUPILS, Figure, Interval
from sim.report.forum.markdown import MOST_LETTERS, plain
from sim.report.forum.refusals import checked
from sim.report.forum.rounding import futures_words, interval_words, value_words
from sim.results import MEASURES_FILE, PUPILS_FOLDER, RUN_FILE
from sim.uncertainty import PARAMETERS_DRAWN

WIDTH = 110
KEY_OF = re.compile(KEY)


def sentence(figure: Figure, titles: Mapping[str, str]) -> str:
    """Return a sentence with value, interval and its kind, replications, prices and the reference code.

    Parameters
    ----------
    titles : what to call each scenario.
    """
    who = plain(titles.get(figure.about.scenario) or figure.about.scenario, MOST_LETTERS)
    return f"“{who}”: {plain(figure.label)}, {figure.about.period}: {told(figure)}."


def told(figure: Figure) -> str:
    """Return a figure with all that must stand beside it, and its reference code."""
    figure = checked(figure)
    return f"{_said(figure)} ({beside(figure)}) [{figure.code}]"


def beside(figure: Figure) -> str:
    """Return what stands beside a figure: interval and its kind, range of single runs, number of runs, prices."""
    number = "" if figure.never_varies or figure.interval is Interval.CHANCE else f"{figure.number} {figure.units}"
    return "; ".join(
        part for part in (interval_words(figure), futures_words(figure), number, figure.price_base) if part
    )


def _said(figure: Figure) -> str:
    said = value_words(figure)
    if figure.interval is Interval.CHANCE or not figure.is_change:
        return said
    if figure.is_clear or figure.never_varies:
        return f"{said} than in the baseline" if figure.value else f"{said} from the baseline"
    return f"cannot be told apart from no change: {said}"


def sentences(catalogue: Catalogue, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield a quotable sentence for every figure that has an interval."""
    for figure in catalogue:
        if figure.has_interval:
            yield sentence(figure, titles)


def command_of(said: Mapping[str, Any]) -> str:
    """Return the command that makes the results of run.json again."""
    county = f"--county {quote(str(said['county'].get('name', '')))}"
    if f"{said['study']}.yaml" in said.get("inputs", {}):
        return f"pathways study run {quote(str(said['study']))} {county}"
    numbers = f"{county} --seed {said['seed']} --replications {said['replications']}"
    drawn = f" --uncertainty {PARAMETERS_DRAWN}" if "draws" in said else ""
    if KEY_OF.fullmatch(str(said["study"])):
        return f"pathways ask {said['study']} {numbers}{drawn}"
    names = " ".join(f"--scenario {quote(str(one['name']))}" for one in said["scenarios"][1:])
    return f"pathways compare {names} {numbers}{drawn}"


def origin_in_words(figures: Sequence[Figure], said: Mapping[str, Any], folder: str) -> str:
    """Return where a figure (or the figures of a series) comes from, and the command that makes it again.

    Parameters
    ----------
    said : what run.json of the results says.
    folder : the results folder.
    """
    first = figures[0]
    titles = {one["name"]: one["title"] for one in said["scenarios"]}
    lines = [*(textwrap.fill(sentence(figure, titles), WIDTH, subsequent_indent="  ") for figure in figures), ""]
    lines += [f"{name + ':':<15}{value}" for name, value in _about(first, said, folder) if value]
    return "\n".join([*lines, "", "To make it again:", f"  {command_of(said)}"])


def _about(figure: Figure, said: Mapping[str, Any], folder: str) -> list[tuple[str, str]]:
    scenarios = {one["name"]: one for one in said["scenarios"]}
    scenario, origin = scenarios[figure.about.scenario], figure.origin
    number = f"{origin.replications} replications" + (f" in {origin.draws} draws" if origin.draws else "")
    commit = said.get("git", {}).get("commit") or "not known"
    return [
        ("measure", f"{figure.about.measure} ({figure.about.provision or 'all'}; {figure.about.phase or 'all'})"),
        ("period", figure.about.period),
        ("scenario", figure.about.scenario),
        ("compared with", figure.about.comparison),
        ("run", f"{origin.run}, seed {origin.seed}, {number}"),
        ("code", f"{origin.code[:12]}, commit {commit[:12]}{' and local changes' if _is_dirty(said) else ''}"),
        ("files", f"{folder}/{_file_of(figure)}, {folder}/{RUN_FILE}"),
        ("levers", settings_in_words(scenario)),
        ("parameters", f"{scenario['parameters'][:16]} (in {folder}/parameters or the store, if kept)"),
        ("configuration", f"{origin.configuration[:16]}"),
    ]


def _file_of(figure: Figure) -> str:
    """Return the file that a figure is worked out from: that of the pupils for whom it changed, or the measures."""
    if not figure.about.measure.startswith(PUPILS):
        return MEASURES_FILE
    return f"{PUPILS_FOLDER}/{figure.about.scenario}.parquet"


def _is_dirty(said: Mapping[str, Any]) -> bool:
    return bool(said.get("git", {}).get("dirty"))


def settings_in_words(scenario: Mapping[str, Any]) -> str:
    """Return the levers of a scenario with their settings, and the figures that it changes."""
    levers = [
        f"{name} ({', '.join(f'{key} {value}' for key, value in asked.items()) or 'as it stands'})"
        for name, asked in scenario.get("levers", {}).items()
    ]
    return "; ".join([*levers, *(str(path) for path in scenario.get("changes", {}))])

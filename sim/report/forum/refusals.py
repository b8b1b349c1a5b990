"""What must not be printed: figures without interval, of mixed origin, added up without meaning, or unknown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from sim.parameters.problems import ConfigurationError, Problem, did_you_mean, suggestions
from sim.questions import LooksAt
from sim.report.amounts import is_share
from sim.report.forum.figures import Figure, Origin
from sim.results import Results

NOT_ADDED = re.compile(r"_(p\d+|mean|median|share)$")
"""Measures that are percentiles, means or shares: they cannot be added up over years."""

AGAIN = "run the study again, into a folder of its own; finished runs in the store are used"
MORE = "two or more replications: run again with --replications, or pathways study extend"


def refused(where: str, found: str, allowed: str, fix: str = "") -> ConfigurationError:
    """Return what to raise for a paper that must not be written."""
    return ConfigurationError(Problem("paper", where, found, allowed, fix))


def check_results(results: Results) -> None:
    """Refuse results of one scenario or one replication, with runs missing, or put together from two runs."""
    said = results.provenance
    origin = Origin.of(said)
    if said.get("run", origin.run) != origin.run:
        found = f"run.json names run {said['run']}, but what it describes is run {origin.run}"
        raise refused("run", found, "results of one version of code and configuration", AGAIN)
    if len(results.scenarios) < 2:
        raise refused("scenarios", f"only {results.baseline}", "results of two or more scenarios")
    if origin.replications < 2 or origin.draws == 1:
        raise refused("replications", "one, which gives no interval", MORE)
    _check_complete(results, origin.replications)
    check_pupils(results)


def check_pupils(results: Results) -> None:
    """Refuse results that hold pupils of some scenarios only: a file was lost."""
    lost = [name for name in results.scenarios if name not in results.pupil_tables]
    if lost and results.pupil_tables:
        raise refused(
            "pupils", f"no pupils of {', '.join(lost)}, but of other scenarios", "pupils of all or none", AGAIN
        )


def _check_complete(results: Results, replications: int) -> None:
    """Refuse results in which a scenario lacks replications, or that hold others than run.json names."""
    keys = results.measures[["scenario", "replication"]].drop_duplicates().astype({"scenario": "str"})
    found = {str(name): set(rows) for name, rows in keys.groupby("scenario")["replication"]}
    strange = sorted(set(found) - set(results.scenarios))
    if strange:
        raise refused("scenarios", f"figures of {', '.join(strange)}", "those that run.json names", AGAIN)
    for name in results.scenarios:
        there = found.get(name, set())
        if there != set(range(replications)):
            text = f"{len(there)} of {replications} replications of {name}"
            raise refused("replications", text, "all of them, and no others", AGAIN)


def check_made_by(origin: Origin, codes: Iterable[str], folder: Path) -> None:
    """Refuse results whose folder holds runs of other code than run.json names; `codes` are those of the runs."""
    others = sorted(set(codes) - {origin.code})
    if others:
        found = f"runs in {folder} made by code {', '.join(code[:8] for code in others)} and {origin.code[:8]}"
        raise refused("code", found, "runs of one version of the code", f"pathways store prune, or {AGAIN}")


def check_added_up(quantity: LooksAt) -> None:
    """Refuse a total over years of a percentile, mean or share."""
    if quantity.over == "sum" and (NOT_ADDED.search(quantity.measure) or is_share(quantity.unit)):
        found = f"{quantity.measure} added up over years"
        raise refused("figure", found, "over: mean or last; percentiles, means and shares have no total")


def checked(figure: Figure) -> Figure:
    """Return a figure that has an interval; refuse one that has none."""
    if not figure.has_interval:
        about = ", ".join(part for part in figure.about if part)
        found = f"{figure.label} ({about}) has no interval: {figure.number} {figure.units} with a value"
        raise refused("figure", found, "a figure with an interval", MORE)
    return figure


def of_one_origin(figures: Collection[Figure]) -> None:
    """Refuse figures of mixed runs, code versions or configurations."""
    origins = list(dict.fromkeys(figure.origin for figure in figures))
    if len(origins) > 1:
        one, other = origins[:2]
        differs = [name for name in ("code", "configuration", "run") if getattr(one, name) != getattr(other, name)]
        found = f"figures of runs {one.run} and {other.run}, with different {' and '.join(differs)}"
        raise refused("figures", found, "figures of one run", AGAIN)


def unresolved(name: str, known: Iterable[str]) -> ConfigurationError:
    """Return what to raise for a figure that a template or a reader asks for and that is not there."""
    names = list(known)
    return refused("figure", f"nothing known as {name}", suggestions(name, names), did_you_mean(name, names, "mend it"))

"""Studies: units of work per minute on one worker and two, what a study adds to its units, and the shared run-in."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import sim
from sim import replicate
from sim.study import Study, run_study
from tests.benchmarks.measuring import Clock, Ratio, Say, in_own_process, in_turns, middle, paragraph, short, table

SEED = 20190517
SHARED = ("primary_bases_2019", "special_places_added", "overhaul_everything")
"""Scenarios that go on from the run-in of the baseline."""


def one_scenario(county: str, units: int, workers: int) -> dict[str, Any]:
    """Run replications of the baseline into a folder, and return seconds on the wall, and inside the units."""
    study = Study("benchmark", (sim.county(county),), SEED, units)
    with tempfile.TemporaryDirectory() as folder:
        run_study(_small(), Path(folder) / "before", workers)  # starts the worker processes
        began = Clock.now()
        run_study(study, Path(folder) / "timed", workers)
        spent = Clock.now().since(began)
        inside = _seconds_inside(Path(folder) / "timed")
    return {**spent, "inside": inside, "overhead": (spent["wall"] * workers - inside) / units}


def _small() -> Study:
    return Study("before", (sim.county("exampleshire"),), SEED, 2)


def _seconds_inside(folder: Path) -> float:
    """Return what the units took by themselves, each counted once."""
    notes = [json.loads(file.read_text(encoding="utf-8")) for file in folder.rglob("unit.json")]
    return sum({(note["scenario"], note["replication"]): float(note["seconds"]) for note in notes}.values())


def several_scenarios(county: str, replications: int, shares: bool) -> dict[str, Any]:
    """Run the baseline and other scenarios in this process, sharing the run-in or each running it through."""
    replicate.CAN_FORK = replicate.CAN_FORK and shares
    base = sim.county(county)
    study = Study("benchmark", (base, *(sim.scenario(name, base) for name in SHARED)), SEED, replications)
    began = Clock.now()
    run_study(study, workers=1)
    return Clock.now().since(began)


def section(quick: bool, say: Say) -> list[str]:
    """Measure, and return the lines of the page."""
    county, units, repeats = ("exampleshire", 6, 1) if quick else ("cambridgeshire", 8, 2)
    replications = 2 if quick else 3
    by_workers = in_turns(
        ["1", "2"],
        repeats,
        lambda workers, _: in_own_process("batch:one_scenario", county=county, units=units, workers=int(workers)),
        say,
    )
    small = [
        in_own_process("batch:one_scenario", county="exampleshire", units=4 * units, workers=1) for _ in range(repeats)
    ]
    ways = {"shared": True, "run through": False}
    shared = in_turns(
        list(ways),
        1,
        lambda way, _: in_own_process(
            "batch:several_scenarios", county=county, replications=replications, shares=ways[way]
        ),
        say,
    )
    return [
        "## Studies",
        "",
        *paragraph(
            f"A study of the baseline of {county.capitalize()}, {units} replications, into a folder; worker processes",
            f"have started before. Medians of {repeats} repeats in turns. Efficiency is the wall of one worker over",
            "that of all workers added up; overhead is the wall times workers, less the time inside units, per unit.",
        ),
        *_throughput(by_workers, units),
        *paragraph(
            f"With the small units of Exampleshire ({middle(small, 'inside') / (4 * units):.3f} s each) on one worker,",
            f"the overhead is {1e3 * middle(small, 'overhead'):,.1f} ms per unit: keys, keeping the tables, putting",
            "results together.",
        ),
        "### The run-in, paid once",
        "",
        *paragraph(
            f"The baseline and {len(SHARED)} scenarios that part from it later ({', '.join(SHARED)}), {replications}",
            "replications, one worker.",
        ),
        *_sharing(shared, replications),
    ]


def _throughput(found: dict[str, list[dict[str, Any]]], units: int) -> list[str]:
    rows = []
    for workers, mine in found.items():
        efficiency = Ratio.of(found["1"], mine, "wall")
        rows.append(
            (
                workers,
                f"{60.0 * units / middle(mine, 'wall'):,.1f}",
                f"{middle(mine, 'wall') / units:.3f}",
                f"{efficiency.middle / int(workers):.2f}",
                f"{1e3 * middle(mine, 'overhead'):,.0f}",
            )
        )
    return table(("workers", "units per minute", "wall per unit, s", "efficiency", "overhead per unit, ms"), rows)


def _sharing(found: dict[str, list[dict[str, Any]]], replications: int) -> list[str]:
    scenarios = len(SHARED) + 1
    saved = float(
        np.median([1.0 - a["wall"] / b["wall"] for a, b in zip(found["shared"], found["run through"], strict=True)])
    )
    rows = [
        (f"run-in {way}", f"{middle(mine, 'wall') / replications:.3f}", f"{middle(mine) / replications:.3f}")
        for way, mine in found.items()
    ]
    return [
        *table((f"{scenarios} scenarios", "wall per replication, s", "processor, s"), rows),
        *paragraph(
            f"Sharing saves {saved:.0%} of the time: {short(1.0 / (1.0 - saved))} times as many units in the same time."
        ),
    ]

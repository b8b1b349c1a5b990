"""Studies: scenarios times replications, on any number of workers with the same answer; can be resumed."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import pyarrow as pa
from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky.process_executor import BrokenProcessPool

from sim.parameters.changes import fingerprint
from sim.parameters.opening_roll import OpeningRoll, opening_day, starting_at_study
from sim.parameters.schema import Parameters
from sim.replicate import Outcome, Unit, from_bytes, pack, run_together
from sim.results import CAVEATS, SCHEMA_VERSION, STAMP, Results, run_id
from sim.scenarios import Scenario
from sim.store import (
    FACTS,
    SUMMARIES,
    Keeper,
    MemoryStore,
    Store,
    code_hash,
    git_state,
    package_versions,
    unit_key,
)

ATTEMPTS = 3
"""A unit that failed, or was lost with its worker, is tried again at most twice."""

FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
"""Names of scenarios are names of files in the results folder."""

Progress = Callable[[int, int, str], None]
"""Called with units done, units in all and the label of the unit that ended."""


@dataclass(frozen=True)
class Study:
    """Scenarios (the first is the baseline) by replications under one seed.

    Attributes
    ----------
    spells_of : replications whose recorded facts (spells, supports, waits, events) are kept in full.
    opening_roll : pupils to start with, in place of a run-in. The runs then begin on 1 September of the study's
        first academic year. Only the hash of the file is kept, and no row about one of its pupils.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    seed: int
    replications: int
    spells_of: tuple[int, ...] = (0,)
    opening_roll: OpeningRoll | None = None

    def __post_init__(self) -> None:
        """Refuse a study that cannot be run."""
        names = [scenario.name for scenario in self.scenarios]
        said = ", ".join(map(repr, names)) or "none"
        if not names or len({name.lower() for name in names}) < len(names):
            raise ValueError(f"a study needs one or more scenarios with different names; found {said}")
        if not all(re.fullmatch(FILE_NAME, name) for name in names):
            raise ValueError(f"names of scenarios may hold letters, digits, '_', '-' and '.'; found {said}")
        if self.replications < 1 or self.seed < 0:
            found = f"{self.replications} replications, seed {self.seed}"
            raise ValueError(f"replications must be 1 or more and the seed 0 or more; found {found}")

    def with_(self, **changes: Any) -> Self:
        """Return a copy with other fields."""
        return replace(self, **changes)

    @property
    def roll_hash(self) -> str:
        """SHA-256 of the opening-roll file; '' without one."""
        return self.opening_roll.sha256 if self.opening_roll else ""

    def opened(self) -> Self:
        """Return the study with its scenarios starting when its opening roll does; itself without a roll."""
        if self.opening_roll is None:
            return self
        days = {opening_day(scenario.parameters) for scenario in self.scenarios}
        if len(days) > 1:
            raise ValueError(f"an opening roll needs one opening day; the scenarios have {sorted(map(str, days))}")
        return replace(
            self,
            scenarios=tuple(replace(one, parameters=starting_at_study(one.parameters)) for one in self.scenarios),
        )

    def run(
        self,
        output: str | Path | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> Results:
        """Run the study; see `run_study`."""
        return run_study(self, output, workers, progress, inputs)


class StudyFailed(Exception):
    """Some units could not be run; the others are finished and kept. `failures` are their outcomes."""

    def __init__(self, failures: list[Outcome]) -> None:
        super().__init__(failures)
        self.failures = failures

    def __str__(self) -> str:
        """Return the failed units with seed and error, one line each."""
        lines = [f"{f.unit.label} (seed {f.unit.seed}): {f.error.strip().splitlines()[-1]}" for f in self.failures]
        return "\n".join([f"{len(lines)} of the runs failed; the others are kept:", *lines])


def run_study(
    study: Study,
    output: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Results:
    """Run every unit that is not finished yet, and put the results together.

    Parameters
    ----------
    output : results folder, which is also the run store; None keeps everything in memory.
    workers : processes; None is one per core. One worker runs in this process.
    progress : told after each unit.
    inputs : configuration file -> SHA-256, for the record.

    Raises StudyFailed when units failed for good; the same call again goes on with what is in `output`.
    Tables are put together in the order of scenarios and replications, whatever the order of finishing.
    """
    started, study = perf_counter(), study.opened()
    keeper: Keeper = MemoryStore() if output is None else Store(output)
    work = _Work(study, keeper, progress)
    work.finish(workers or cpu_count())
    provenance = _provenance(study, inputs or {}, work) | {"duration_seconds": round(perf_counter() - started, 2)}
    results = _assembled(study, keeper, work.units, provenance)
    if output is not None:
        results.save(output)
    return results


class _Work:
    """The units of a study and what is left to do of them."""

    def __init__(self, study: Study, keeper: Keeper, progress: Progress | None) -> None:
        self.keeper, self.progress = keeper, progress
        self.hashes = {scenario.name: fingerprint(scenario.parameters) for scenario in study.scenarios}
        rows = study.opening_roll.rows if study.opening_roll else ()
        self.packed = {scenario.name: pack(scenario.parameters, rows) for scenario in study.scenarios}
        self.units = [
            self._unit(study, scenario.name, replication)
            for scenario in study.scenarios
            for replication in range(study.replications)
        ]

    def _unit(self, study: Study, scenario: str, replication: int) -> Unit:
        key = unit_key(self.hashes[scenario], study.seed, replication, study.roll_hash).name
        return Unit(key, scenario, study.seed, replication, replication in study.spells_of, code_hash())

    def missing(self) -> list[Unit]:
        """Return the units that are not finished; scenarios with equal parameters share theirs."""
        wanted = {unit.key: unit for unit in reversed(self.units)}
        return [unit for unit in self.units if wanted[unit.key] is unit and not self.keeper.has(unit.key, unit.in_full)]

    def finish(self, workers: int) -> None:
        """Run what is missing, with two more tries for what failed; StudyFailed if something still is."""
        failures: dict[str, Outcome] = {}
        for _ in range(ATTEMPTS):
            todo = self.missing()
            if not todo:
                return
            failures = {unit.key: Outcome(unit, {}, error="the worker process was lost") for unit in todo}
            for outcome in _outcomes(todo, self.packed, min(workers, len({unit.replication for unit in todo}))):
                failures[outcome.unit.key] = outcome
                self._keep(outcome)
        left = {unit.key for unit in self.missing()}
        if left:
            raise StudyFailed([outcome for key, outcome in failures.items() if key in left])

    def _keep(self, outcome: Outcome) -> None:
        unit = outcome.unit
        if not outcome.error:
            note = {
                "scenario": unit.scenario,
                "parameters": self.hashes[unit.scenario],
                "seed": unit.seed,
                "replication": unit.replication,
                "code": unit.code,
                "seconds": round(outcome.seconds, 3),
            }
            tables = {name: from_bytes(content) for name, content in outcome.tables.items()}
            self.keeper.put(unit.key, tables, note)
        if self.progress is not None:
            done = len(self.units) - len(self.missing())
            self.progress(done, len(self.units), unit.label)


def _outcomes(units: list[Unit], packed: Mapping[str, bytes], workers: int) -> Iterator[Outcome]:
    """Yield outcomes as units end, those of one replication together; ends early when a worker process dies."""
    together: dict[int, list[Unit]] = {}
    for unit in units:
        together.setdefault(unit.replication, []).append(unit)
    tasks = [(mine, [packed[unit.scenario] for unit in mine]) for mine in together.values()]
    if workers == 1:
        for mine, parameters in tasks:
            yield from run_together(mine, parameters)
        return
    try:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            running = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
            for outcomes in running(delayed(run_together)(mine, parameters) for mine, parameters in tasks):
                yield from outcomes
    except BrokenProcessPool:
        return


def _assembled(study: Study, keeper: Keeper, units: list[Unit], provenance: dict[str, Any]) -> Results:
    measures, pupils, facts = [], {}, {}
    for scenario in study.scenarios:
        mine = [unit for unit in units if unit.scenario == scenario.name]
        found = [keeper.get(unit.key, SUMMARIES) for unit in mine]
        keys = {"scenario": scenario.name}
        measures.append(_joined([_tagged(t["measures"], unit, keys) for t, unit in zip(found, mine, strict=True)]))
        pupils[scenario.name] = _joined([_tagged(t["pupils"], unit, {}) for t, unit in zip(found, mine, strict=True)])
        facts[scenario.name] = _facts(keeper, [unit for unit in mine if unit.in_full])
    return Results(_joined(measures).to_pandas(), provenance, pupils, facts)


def _facts(keeper: Keeper, units: list[Unit]) -> dict[str, pa.Table]:
    found = [keeper.get(unit.key, FACTS) for unit in units]
    return {
        name: _joined([_tagged(tables[name], unit, {}) for tables, unit in zip(found, units, strict=True)])
        for name in (FACTS if units else ())
    }


def _tagged(table: pa.Table, unit: Unit, keys: Mapping[str, str]) -> pa.Table:
    """Put scenario (if asked for) and replication in front."""
    table = table.add_column(0, "replication", pa.array([unit.replication] * table.num_rows, pa.int32()))
    for name, value in keys.items():
        table = table.add_column(0, name, pa.array([value] * table.num_rows, pa.string()).dictionary_encode())
    return table


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _provenance(study: Study, inputs: Mapping[str, str], work: _Work) -> dict[str, Any]:
    """Return what run.json says besides the duration."""
    first = study.scenarios[0].parameters
    said = {
        "schema_version": SCHEMA_VERSION,
        "study": study.name,
        "stamp": STAMP,
        "caveats": list(CAVEATS),
        "county": first.county.model_dump(mode="json"),
        "horizon": first.horizon.model_dump(mode="json"),
        "lines": {name: line.label for name, line in first.lines.items()},
        "money": _money(first),
        "scenarios": [_scenario_record(scenario, work.hashes[scenario.name]) for scenario in study.scenarios],
        "seed": study.seed,
        "replications": study.replications,
        "opening_roll": study.roll_hash,
        "facts_kept_of": list(study.spells_of),
        "inputs": dict(inputs),
        "code": code_hash(),
        "git": git_state(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": package_versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {"run": run_id(said), **said}


def _money(parameters: Parameters) -> dict[str, Any]:
    """Return what the analysis of money needs besides results: lines of the block, price levels, discount rates."""
    series = {"inflation": parameters.inflation, "discount": parameters.discount}
    return {
        "in_block": [name for name, line in parameters.lines.items() if line.in_block],
        **{name: {year: row.value for year, row in years.items()} for name, years in series.items()},
    }


def _scenario_record(scenario: Scenario, parameters: str) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "description": scenario.description,
        "file_sha256": scenario.file_sha256,
        "parameters": parameters,
        "delay_years": scenario.delay_years,
        "levers": {name: dict(asked) for name, asked in scenario.levers.items()},
        "changes": dict(scenario.changes),
    }

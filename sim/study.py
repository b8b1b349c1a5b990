"""Studies: scenarios times replications, on any number of workers with the same answer; can be resumed."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import pandas as pd
import pyarrow as pa

from sim.cases import Case, Cases
from sim.engine.journal import Journal
from sim.experiments import Experiment
from sim.levers.catalogue import on_record
from sim.markup import brief, counted, listed
from sim.measures import facts_of, measured
from sim.parallel import Place, processes, running
from sim.parameters.fingerprint import fingerprint
from sim.parameters.opening_roll import OpeningRoll, opening_day, starting_at_study
from sim.parameters.problems import ConfigurationError, Problem
from sim.parameters.schema import Parameters
from sim.replicate import Unit, unpacked
from sim.results import (
    DRAW_COLUMNS,
    SCHEMA_VERSION,
    Results,
    caveats_of,
    run_id,
    stamp_of,
)
from sim.scenarios import FILE_NAME, Scenario
from sim.store import (
    FACTS,
    SUMMARIES,
    Keeper,
    MemoryStore,
    Store,
    code_hash,
    file_hashes,
    git_state,
    package_versions,
    unit_key,
)
from sim.uncertainty import NOTHING_DRAWN, PARAMETERS_DRAWN, Draws
from sim.work import Judge, Progress, Standing, StudyFailed, Work

__all__ = [
    "Progress",
    "Standing",
    "Study",
    "StudyFailed",
    "inputs_of",
    "quantities_in",
    "run_study",
    "units_of",
    "work_of",
]


RENAMED = "give one another name, in Python with scenario.with_(name='...')"
NO_CASES = Cases((), None, None)


@dataclass(frozen=True)
class Study:
    """Scenarios (the first is the baseline) by replications under one seed.

    Attributes
    ----------
    spells_of : replications whose recorded facts (spells, supports, waits, events) are kept in full.
    opening_roll : pupils to start with, in place of a run-in. The runs then begin on 1 September of the study's
        first academic year. Only the hash of the file is kept, and no row about one of its pupils.
    draws : of uncertain parameters, which all scenarios share; None holds the parameters.
    cases : parameters of the units; made from the rest.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    seed: int
    replications: int
    spells_of: tuple[int, ...] = (0,)
    opening_roll: OpeningRoll | None = None
    draws: Draws | None = None
    cases: Cases = field(default=NO_CASES, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a study that cannot be run."""
        names = [scenario.name for scenario in self.scenarios]
        said = ", ".join(map(repr, names)) or "none"
        if not names or len({name.lower() for name in names}) < len(names):
            raise ValueError(f"a study needs one or more scenarios with different names; found {said}; {RENAMED}")
        if not all(re.fullmatch(FILE_NAME, name) for name in names):
            raise ValueError(f"names of scenarios may hold letters, digits, '_', '-' and '.'; found {said}")
        if self.replications < 1 or self.seed < 0:
            found = f"{self.replications} replications, seed {self.seed}"
            raise ValueError(f"replications must be 1 or more and the seed 0 or more; found {found}")
        most = self.draws.most_replications if self.draws else None
        if most is not None and self.replications > most:
            raise _too_many(self.replications, most)
        if not self.cases.are_of(self.scenarios, self.draws, self.opening_roll):
            object.__setattr__(self, "cases", Cases(self.scenarios, self.draws, self.opening_roll))

    def __repr__(self) -> str:
        number = f"{counted(self.replications, 'replication')} each"
        drawn = "parameters drawn" if self.draws else ""
        return brief("Study", self.name, listed(one.name for one in self.scenarios), number, f"seed {self.seed}", drawn)

    def with_(self, **changes: Any) -> Self:
        """Return a copy with other fields."""
        return replace(self, **changes)

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        """Return the study of a study file, with the replications that it begins with."""
        said = (experiment.name, experiment.scenarios, experiment.seed, experiment.replications)
        return cls(*said, draws=experiment.draws)

    @property
    def roll_hash(self) -> str:
        """SHA-256 of the opening-roll file; '' without one."""
        return self.opening_roll.sha256 if self.opening_roll else ""

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Fingerprint of each scenario's parameters before anything is drawn, by its name."""
        return {scenario.name: fingerprint(scenario.parameters) for scenario in self.scenarios}

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
        **more: Any,
    ) -> Results:
        """Run the study; see `run_study`."""
        return run_study(self, output, workers, progress, inputs, **more)


def run_study(
    study: Study,
    output: str | Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    inputs: Mapping[str, str] | None = None,
    *,
    store: str | Path | None = None,
    cluster: str = "",
    judge: Judge | None = None,
) -> Results:
    """Run every unit that is not finished yet, and put the results together.

    Parameters
    ----------
    output : results folder, which is also the run store if no other is given; None keeps the results in memory.
    workers : processes; None is one per core. One worker runs in this process. No answer depends on it.
    progress : told after each unit how far the study is.
    inputs : configuration file -> SHA-256, for the record.
    store : folder of a run store that other studies may share.
    cluster : address of a Dask scheduler to run on, or 'local' to start one with `workers` processes.
    judge : if given, replications begin with `judge.first` and grow until it has enough, whatever the study says.

    Raises StudyFailed when units failed for good; the same call again goes on with what is in the store.
    Tables are put together in the order of scenarios and replications, whatever the order of finishing.
    """
    started, study = perf_counter(), study.opened()
    folder, number = store or output, processes(workers)
    keeper: Keeper = MemoryStore() if folder is None else Store(folder)
    with running(number, cluster) as place:
        study, work = _finished(study, keeper, place, progress, judge)
    provenance = _provenance(study, inputs or {}) | {"duration_seconds": round(perf_counter() - started, 2)}
    if judge is not None:
        provenance["precision"] = judge.record()
    results = _assembled(study, keeper, work.units, provenance).with_(draws=_draws_of(study))
    if output is not None:
        results.save(output)
    return results


def _finished(
    study: Study, keeper: Keeper, place: Place, progress: Progress | None, judge: Judge | None
) -> tuple[Study, Work]:
    """Return the study with as many replications as were enough, and its work, which is done."""
    if judge is not None:
        study = study.with_(replications=judge.first)
    while True:
        work = work_of(study, keeper, progress, judge)
        work.finish(place, place.cores)
        wanted = judge.further(study.replications) if judge else study.replications
        most = study.draws.most_replications if study.draws else None
        wanted = wanted if most is None else min(wanted, most)
        if wanted <= study.replications:
            return study, work
        study = study.with_(replications=wanted)


def _too_many(replications: int, most: int) -> ConfigurationError:
    """Return the error of more replications than there are members of the ensemble to draw from."""
    found, fix = f"{replications}, with uncertain parameters", "take fewer, or more of each draw, or --uncertainty none"
    allowed = f"up to {most}: each member of the ensemble is drawn once"
    return ConfigurationError(Problem("study", "replications", found, allowed, fix))


def quantities_in(county: Parameters) -> set[tuple[str, str, str]]:
    """Return what can be looked at in a county: every measure with each provision and phase; 'all' is also none."""
    return measured(facts_of(Journal().tables(), county))


def work_of(
    study: Study, keeper: Keeper, progress: Progress | None = None, judge: Judge | None = None, to_run: bool = True
) -> Work:
    """Return the units of a study as work to be done with a store, which is left as it is unless they are `to_run`."""
    units = units_of(study)
    cases = {unit.case: study.cases.of(unit.scenario, unit.replication) for unit in units}
    for case in cases.values() if to_run and study.opening_roll is None else ():
        _keep_parameters(keeper, case)
    notes = {name: _note_of(case, study) for name, case in cases.items()}
    return Work(units, keeper, {name: case.packed for name, case in cases.items()}, notes, progress, judge)


def _keep_parameters(keeper: Keeper, case: Case) -> None:
    parameters, _ = unpacked(case.packed)
    keeper.keep_parameters(case.fingerprint, parameters.model_dump_json())


def _note_of(case: Case, study: Study) -> dict[str, Any]:
    """Return what unit.json says of a case; of one that was drawn, its draw and the parameters it was drawn from."""
    said = {"parameters": case.fingerprint, "opening_roll": study.roll_hash}
    return said if case.draw is None else {**said, "draw": case.draw, "drawn_from": study.hashes[case.scenario]}


def units_of(study: Study) -> list[Unit]:
    """Return the units of a study, by scenario, then replication."""
    code = code_hash()
    return [
        Unit(
            unit_key(study.cases.of(scenario.name, number).fingerprint, study.seed, number, study.roll_hash).name,
            scenario.name,
            study.seed,
            number,
            number in study.spells_of,
            code,
            draw=study.cases.draw_of(number),
        )
        for scenario in study.scenarios
        for number in range(study.replications)
    ]


def inputs_of(county: str | Path) -> dict[str, str]:
    """Return the hash of every file in the folder of a county, for the record."""
    folder = Path(county)
    return {f"{folder.name}/{name}": found for name, found in file_hashes(folder).items()}


def _assembled(study: Study, keeper: Keeper, units: Sequence[Unit], provenance: dict[str, Any]) -> Results:
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


def _provenance(study: Study, inputs: Mapping[str, str]) -> dict[str, Any]:
    """Return what run.json says besides the duration."""
    first = study.scenarios[0].parameters
    said = {
        "schema_version": SCHEMA_VERSION,
        "study": study.name,
        "stamp": stamp_of(first.county.calibration),
        "caveats": caveats_of(first.county.calibration),
        "county": first.county.model_dump(mode="json"),
        "horizon": first.horizon.model_dump(mode="json"),
        "lines": {name: line.label for name, line in first.lines.items()},
        "money": _money(first),
        "provisions": {name: {"label": one.label, "kind": str(one.kind)} for name, one in first.provisions.items()},
        "schools": list(first.schools),
        "terms": [term.model_dump(mode="json") for term in first.terms],
        "scenarios": [_scenario_record(scenario, study.hashes[scenario.name]) for scenario in study.scenarios],
        "seed": study.seed,
        "replications": study.replications,
        **_uncertainty(study),
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


def _uncertainty(study: Study) -> dict[str, Any]:
    """Return what run.json says of what was drawn: how many draws, and the hash of what they were drawn from."""
    draws = study.draws
    if draws is None:
        return {"uncertainty": NOTHING_DRAWN}
    numbers = sorted({draws.number_of(replication) for replication in range(study.replications)})
    return {
        "uncertainty": PARAMETERS_DRAWN,
        "draws": len(numbers),
        "replications_per_draw": draws.per_draw,
        "members": len(draws.members),
        "drawn_from": draws.fingerprint,
    }


def _draws_of(study: Study) -> pd.DataFrame:
    """Return what each name came to in each draw; without rows while the parameters are held."""
    draws = study.draws
    numbers = {draws.number_of(replication) for replication in range(study.replications)} if draws else set()
    rows = [(number, *one) for number in sorted(numbers) for one in study.cases.named(number)]
    return pd.DataFrame(rows, columns=list(DRAW_COLUMNS))


def _money(parameters: Parameters) -> dict[str, Any]:
    """Return what money pages need besides results: budget lines, the block, price levels and discount rates."""
    series = {"inflation": parameters.inflation, "discount": parameters.discount, **parameters.budgets}
    return {
        "in_block": [name for name, line in parameters.lines.items() if line.in_block],
        "payer": {name: line.payer for name, line in parameters.lines.items()},
        "section_251": {name: line.section_251 for name, line in parameters.lines.items()},
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
        "levers": {name: on_record(asked) for name, asked in scenario.levers.items()},
        "changes": dict(scenario.changes),
    }

"""One unit of work: run one replication, measure it, and hand the tables back as Arrow bytes.

A unit never raises: it returns what went wrong, because one exception would end all units of a parallel run.
"""

from __future__ import annotations

import gc
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

import pyarrow as pa

from sim.measures import facts_of, measure, pupil_table
from sim.model import simulate
from sim.parameters.schema import Parameters
from sim.store import FACTS, Tables, code_hash

@dataclass(frozen=True)
class Unit:
    """One replication of one scenario: what to run and under which key to keep it."""

    key: str
    scenario: str
    seed: int
    replication: int
    in_full: bool
    code: str

    @property
    def label(self) -> str:
        """How the unit is called in messages."""
        return f"{self.scenario}, replication {self.replication}"


@dataclass(frozen=True)
class Outcome:
    """A unit's tables as Arrow bytes, or the error that stopped it."""

    unit: Unit
    tables: dict[str, bytes]
    seconds: float = 0.0
    error: str = ""


def run_unit(unit: Unit, packed_parameters: bytes) -> Outcome:
    """Return the outcome of a unit.

    Parameters
    ----------
    packed_parameters : pickled Parameters; unpacked once per scenario in each process.
    """
    started = perf_counter()
    try:
        if unit.code != code_hash():
            raise RuntimeError("this worker has other sources of the model than the process that started the study")
        tables = _tables(unit, _unpacked(packed_parameters))
        return Outcome(unit, {name: to_bytes(table) for name, table in tables.items()}, perf_counter() - started)
    except Exception:
        return Outcome(unit, {}, perf_counter() - started, traceback.format_exc())


def _tables(unit: Unit, parameters: Parameters) -> Tables:
    with no_collections():
        recorded = simulate(parameters, unit.seed, unit.replication).tables()
    facts = facts_of(recorded, parameters)
    tables = {
        "measures": pa.Table.from_pandas(measure(facts), preserve_index=False),
        "pupils": pa.Table.from_pandas(pupil_table(facts), preserve_index=False),
    }
    if unit.in_full:
        tables |= {name: pa.table(dict(recorded[name])) for name in FACTS}
    return {name: _with_short_text(table) for name, table in tables.items()}


@contextmanager
def no_collections() -> Iterator[None]:
    """Keep the garbage collector out of a run, whose objects live until its end, and collect once after it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        gc.collect()


def _with_short_text(table: pa.Table) -> pa.Table:
    """Store text that repeats once, with a number in each row."""
    for i, column in enumerate(table.schema):
        is_text = pa.types.is_large_string(column.type) or pa.types.is_string(column.type)
        if is_text and column.name != "pupil":
            text = table.column(i).cast(pa.string()).dictionary_encode()
            table = table.set_column(i, column.name, text)
    return table.replace_schema_metadata(None)


def to_bytes(table: pa.Table) -> bytes:
    """Return a table in Arrow's stream format."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def from_bytes(content: bytes) -> pa.Table:
    """Return the table that `to_bytes` packed."""
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()


@lru_cache(maxsize=8)
def _unpacked(packed: bytes) -> Parameters:
    parameters: Parameters = pickle.loads(packed)
    return parameters


def pack(parameters: Parameters) -> bytes:
    """Return parameters in the form in which they are sent to workers."""
    return pickle.dumps(parameters, protocol=pickle.HIGHEST_PROTOCOL)

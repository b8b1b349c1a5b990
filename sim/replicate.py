"""Units of work: run one replication of scenarios, measure it, and hand the tables back as Arrow bytes.

A unit never raises: it returns what went wrong, because one exception would end all units of a parallel run.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from time import perf_counter

import pyarrow as pa

from sim.engine.journal import Tables as JournalTables
from sim.measures import facts_of, measure, pupil_table, without_roll
from sim.model import Run
from sim.parameters.opening_roll import OpeningRow
from sim.parameters.parting import parting_date
from sim.parameters.schema import Parameters
from sim.school_year import SEPTEMBER
from sim.store import FACTS, Tables, code_hash, key_packages

CAN_FORK = sys.platform.startswith("linux")
"""Whether scenarios may share a run-in: a forked process goes on safely here."""


@dataclass(frozen=True)
class Unit:
    """One replication of one scenario: what to run, under which key to keep it, and which code is to run it.

    `draw` is the number of the draw that its parameters are of, None while they are held.
    """

    key: str
    scenario: str
    seed: int
    replication: int
    in_full: bool
    code: str
    packages: tuple[str, ...] = field(default_factory=key_packages)
    draw: int | None = None

    @property
    def case(self) -> str:
        """Which parameters it runs with: those of its scenario, or of the scenario in its draw."""
        return self.scenario if self.draw is None else f"{self.scenario}/{self.draw}"

    @property
    def label(self) -> str:
        """How the unit is called in messages."""
        return f"{self.scenario}, replication {self.replication}"


@dataclass(frozen=True)
class Outcome:
    """A unit's tables as Arrow bytes, or the error that stopped it.

    Attributes
    ----------
    seconds : computing time, with the unit's part of a run-in that it shared.
    is_lost : whether its process was lost, or had no memory left, for which another unit may be to blame.
    """

    unit: Unit
    tables: dict[str, bytes]
    seconds: float = 0.0
    error: str = ""
    is_lost: bool = False


def run_together(units: Sequence[Unit], packed_parameters: Sequence[bytes]) -> list[Outcome]:
    """Return the outcomes of one replication of several scenarios.

    Where the platform can fork a process and the scenarios part at some date, what lies before is run once and
    each scenario goes on from a fork of it; elsewhere each runs it through. The outcomes are the same, bit for bit.

    Parameters
    ----------
    packed_parameters : what `pack` made for each unit; unpacked once per scenario in each process. All units
        start from the same opening roll, if from any.
    """
    try:
        _check_sources(units)
        starts = [unpacked(packed) for packed in packed_parameters]
        parameters, opening = [mine for mine, _ in starts], starts[0][1]
        parting = _parting(parameters)
    except Exception:
        return [Outcome(unit, {}, error=traceback.format_exc()) for unit in units]
    if parting is None:
        return [
            _outcome(unit, mine, partial(Run, mine, unit.seed, unit.replication, opening))
            for unit, mine in zip(units, parameters, strict=True)
        ]
    with no_collections():
        return _from_one_run_in(units, parameters, opening, parting)


def _check_sources(units: Sequence[Unit]) -> None:
    """Refuse to run units for a process with other code, whose results could differ."""
    if any(unit.code != code_hash() for unit in units):
        raise RuntimeError("this worker has other sources of the model than the process that started the study")
    for unit in units:
        if unit.packages != key_packages():
            here, there = ", ".join(key_packages()), ", ".join(unit.packages)
            raise RuntimeError(f"this worker has {here}; the process that started the study has {there}")


def run_unit(unit: Unit, packed_parameters: bytes) -> Outcome:
    """Return the outcome of one unit by itself."""
    return run_together([unit], [packed_parameters])[0]


def _parting(parameters: Sequence[Parameters]) -> date | None:
    """Return the date until which all scenarios are the same, if that is worth sharing and can be shared."""
    if len(parameters) < 2 or not CAN_FORK:
        return None
    dates = [parting_date(parameters[0], other) for other in parameters[1:]]
    known = [day for day in dates if day is not None]
    horizon = parameters[0].horizon
    start, end = date(horizon.first_year, SEPTEMBER, 1), date(horizon.last_year + 1, SEPTEMBER, 1)
    earliest = min(known, default=start)
    return min(earliest, end - timedelta(days=1)) if len(known) == len(dates) and earliest > start else None


def _from_one_run_in(
    units: Sequence[Unit], parameters: Sequence[Parameters], opening: Sequence[OpeningRow], parting: date
) -> list[Outcome]:
    started = perf_counter()
    try:
        run = Run(parameters[0], units[0].seed, units[0].replication, opening)
        run.stop_before(parting)
    except Exception:
        return [Outcome(unit, {}, perf_counter() - started, traceback.format_exc()) for unit in units]

    share = (perf_counter() - started) / len(units)

    def under(mine: Parameters) -> Run:
        run.change_to(mine)
        return run

    others = [
        _in_a_fork(unit, partial(_outcome, unit, mine, partial(under, mine)))
        for unit, mine in zip(units[1:], parameters[1:], strict=True)
    ]
    outcomes = [_outcome(units[0], parameters[0], lambda: run), *others]
    return [replace(outcome, seconds=outcome.seconds + share) for outcome in outcomes]


def _in_a_fork(unit: Unit, work: Callable[[], Outcome]) -> Outcome:
    """Return what `work` returns in a forked copy of this process, which ends with it."""
    reading, writing = os.pipe()
    try:
        child = _fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return Outcome(unit, {}, error=f"no process could be forked: {error}", is_lost=True)
    if child == 0:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(work(), pipe, protocol=pickle.HIGHEST_PROTOCOL)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0 or not content:
        return Outcome(unit, {}, error="the forked process was lost", is_lost=True)
    outcome: Outcome = pickle.loads(content)
    return outcome


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _outcome(unit: Unit, parameters: Parameters, begin: Callable[[], Run]) -> Outcome:
    started = perf_counter()
    try:
        with no_collections():
            recorded = begin().finish().tables()
        tables = _tables(unit, parameters, recorded)
        return Outcome(unit, {name: to_bytes(table) for name, table in tables.items()}, perf_counter() - started)
    except Exception as error:
        is_lost = isinstance(error, MemoryError)
        return Outcome(unit, {}, perf_counter() - started, traceback.format_exc(), is_lost)


def _tables(unit: Unit, parameters: Parameters, recorded: JournalTables) -> Tables:
    facts = facts_of(recorded, parameters)
    tables = {
        "measures": pa.Table.from_pandas(measure(facts), preserve_index=False, nthreads=1),
        "pupils": pa.Table.from_pandas(pupil_table(facts), preserve_index=False, nthreads=1),
    }
    if unit.in_full:
        kept = without_roll(recorded)
        tables |= {name: pa.table(dict(kept[name])) for name in FACTS}
    return {name: _with_short_text(table) for name, table in tables.items()}


@contextmanager
def no_collections() -> Iterator[None]:
    """Keep the garbage collector out of a run, whose objects live until its end, and collect once after it.

    All that the run made is in the youngest generation then, so only that is collected. Inside another one, as in
    a fork, which ends with its process, nothing is.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
            gc.collect(0)


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


@lru_cache(maxsize=32)
def unpacked(packed: bytes) -> tuple[Parameters, tuple[OpeningRow, ...]]:
    """Return the parameters and the opening roll that `pack` packed."""
    start: tuple[Parameters, tuple[OpeningRow, ...]] = pickle.loads(zlib.decompress(packed))
    return start


def pack(parameters: Parameters, opening: Sequence[OpeningRow] = ()) -> bytes:
    """Return parameters, and the opening roll to start from, as they are sent to workers: with every task, so small."""
    return zlib.compress(pickle.dumps((parameters, tuple(opening)), protocol=pickle.HIGHEST_PROTOCOL))

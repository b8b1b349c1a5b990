"""The data dictionary: tables and columns of counties, results and the store, measures and recorded facts."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import partial
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pandas as pd
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.dictionary import Dictionary, Named, TableWords, Word, Words
from sim.engine.journal import COLUMNS as RECORDED
from sim.engine.journal import Journal
from sim.engine.pupil import MainstreamSchool, Pupil
from sim.measures import MEASURES, facts_of, measure
from sim.measures.tidy import ALL, NOT_APPLICABLE
from sim.parameters import opening_roll, schema
from sim.parameters.periods import kind_and_year
from sim.parameters.schema import Parameters, Within
from sim.parameters.tables import COUNTY_FILE, TABLES, Table
from sim.parameters.targets import COLUMNS as TARGET_COLUMNS
from sim.parameters.targets import Target
from sim.report.dataset import DATASET
from sim.report.markdown import figure, table_lines, wrapped
from sim.report.parameter_list import TARGETS_FILE
from sim.results import KEYS, RUN_FILE
from sim.store import FACTS
from sim.vocabulary import Happening, WaitOutcome

ROLL_FILE, ROLL_COLUMNS = "opening_roll.csv", (*opening_roll.REQUIRED, *opening_roll.OPTIONAL)
HEADS = ("column", "meaning", "unit", "allowed values")
FIGURE_HEADS = ("figure", "meaning", "unit", "allowed values")
MEASURE_HEADS = ("measure", "meaning", "unit", "for each", "by")
CODE_HEADS = ("code", "name", "meaning", "unit of value")
MANY = 5
"""Words of more choices than these stand in a list of their own, to which the cell refers."""

BELOW = "Words with fixed values"

_COUNTY_PARTS: Mapping[str, type[BaseModel]] = {
    "county": schema.County,
    "horizon": schema.Horizon,
    "terms": schema.Term,
}
_SHARED = (schema.Quantity, schema.YearGroupRange)
_PLAIN = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}

RESULTS: Mapping[str, tuple[str, ...]] = {
    "measures.parquet": ("scenario", "replication", *KEYS, "value"),
    "pupils/SCENARIO.parquet": (
        *("replication", "pupil", "cohort", "year_group_of_onset", "number", "male", "district"),
        *("school_signed", "days_*"),
        *("suspensions", "permanent_exclusions", "plans_issued", "tuition_entries", "spend_gbp"),
    ),
    "differences.csv": (
        *("group", "quantity", "unit", "period", "baseline_mean", "scenario_mean", "difference", "low", "high"),
        *("replications", "digits", "scenario", "interval", "stamp", "run"),
    ),
    "headlines.csv": (
        *("scenario", "measure", "provision", "phase", "over", "label", "unit", "period"),
        *("before", "after", "difference", "low", "high", "p10", "p90", "stamp"),
    ),
    "design.csv": ("scenario", "FACTOR"),
    "levels.csv": (
        *("measure", "provision", "phase", "label", "unit", "period", "mean", "low", "high", "p10", "p90"),
        *("stamp", "run"),
    ),
}
"""Columns of the files of a results folder; tests compare them with what is written."""


def named() -> Named:
    """Return every name that the code has and the dictionary must explain."""
    county = {table.file: (*table.keys, *table.fields) for table in TABLES}
    own = {TARGETS_FILE: TARGET_COLUMNS, COUNTY_FILE: tuple(_county_keys()), ROLL_FILE: ROLL_COLUMNS}
    others = {
        "figures": tuple(name for part in _figures().values() for name in part),
        "measures": tuple(MEASURES),
        "happenings": tuple(happening.value for happening in Happening),
        "state/pupil": Pupil.__slots__,
        "state/mainstream school": MainstreamSchool.__slots__,
    }
    recorded = {name: tuple(RECORDED[name]) for name in FACTS}
    return Named(county=county | own, results=dict(RESULTS), recorded=recorded, dataset=dict(DATASET), others=others)


def dictionary_in_markdown(words: Dictionary, county: Parameters) -> str:
    """Return the data dictionary as a Markdown document; the county serves to see how measures are broken down."""
    parts = ["# Data dictionary", "", *wrapped(OPENING)]
    parts += [*_county_part(words), *_measures_part(words, county), *_results_part(words), *_recorded_part(words)]
    parts += [*_dataset_part(words)]
    parts += ["", "## The run store", "", *wrapped(STORE), *table_lines(("file", "what it holds"), words.store.items())]
    return "\n".join([*parts, *_fixed_words()]) + "\n"


OPENING = (
    "What every table and column means, in which unit, and what may stand there: of the folder of a county, which goes "
    "in, and of a results folder and the run store, which come out. Types and allowed values are read from the code. "
    "The figures themselves are in the list of parameters of each county."
)
STORE = (
    "`results/store` keeps finished runs, which studies share. KEY and HASH are hexadecimal digits of what a run or a "
    "set of parameters consists of. Files there are never changed by hand."
)
MEASURED = (
    "A measure is worked out from the recorded facts of one replication, for whole academic, financial or calendar "
    "years or for census days, and never rounded. Each row of it names a period, and a provision, a phase and a "
    "district where it is broken down by them; provision may also hold a kind of provision, a way such as "
    "mainstream>special_school, a budget line or a group of pupils. In these columns `all` marks a total, and a blank "
    "that nothing applies. A value that is not defined, such as the mean of no waits, is blank (NaN)."
)
RECORDS = (
    "In `facts/SCENARIO/` of a results folder: what happened in replications that are kept in full, before any measure "
    "is made of it. Each table begins with a column replication. Instants are school days since the first 1 September "
    "of the run, with fractions; holidays take no time."
)
WRITTEN = (
    "`results.to_dataset(folder)` writes these tables as Parquet or CSV files, which pandas, DuckDB and R read, and "
    "columns.csv, which says the same as here. Names stand in place of codes, and a date stands beside each instant. "
    "Tables of what was recorded hold the replications whose facts are kept."
)
WHOLE = (
    "Files are UTF-8 with commas, dates are written 2019-09-01, and a blank cell takes the default, if there is one."
)
PATHS = (
    "A scenario or a study names a figure by its path, steps with a stroke between them; the path of the rows of each "
    "table is given, to which `/value`, or another column, is added."
)


def _county_part(words: Dictionary) -> Iterator[str]:
    yield from ("", "## The folder of a county", "", *wrapped(WHOLE), "", *wrapped(PATHS))
    yield from ("", "### Columns that several tables share")
    known = {name: info for model in _SHARED for name, info in model.model_fields.items()}
    shared = {name: word for name, word in words.shared.items() if name in known}
    yield from table_lines(HEADS, (_column(name, word, known[name]) for name, word in shared.items()))
    for table in TABLES:
        told = words.county[table.file]
        path = "/".join("group/name" if step == "{id}" else step.strip("{}") for step in table.path)
        yield from ("", f"### {table.file}", "", *wrapped(f"{told.about} Path: `{path}`."))
        yield from _own_columns(told, words.shared, (*table.keys, *table.fields), table.model.model_fields, shared)
        yield from table_lines(FIGURE_HEADS, _figures_of(table, words.figures))
    for file, names, fields in _other_files():
        yield from ("", f"### {file}", "", words.county[file].about)
        yield from _own_columns(words.county[file], words.shared, names, fields, shared)


def _other_files() -> Iterator[tuple[str, tuple[str, ...], Mapping[str, FieldInfo]]]:
    """Yield the files of a county that are no tables of figures: name, columns and what is known of each."""
    yield TARGETS_FILE, TARGET_COLUMNS, Target.model_fields
    keys = _county_keys()
    yield COUNTY_FILE, tuple(keys), keys
    yield ROLL_FILE, ROLL_COLUMNS, {}


def _county_keys() -> dict[str, FieldInfo]:
    return {f"{part}/{key}": info for part, model in _COUNTY_PARTS.items() for key, info in model.model_fields.items()}


def _own_columns(
    told: TableWords, shared: Words, names: Iterable[str], fields: Mapping[str, FieldInfo], above: Iterable[str]
) -> Iterator[str]:
    """Yield the table of columns that mean something of their own in a file, or are not told above."""
    own = [name for name in names if name in told.columns or name not in above]
    words = {name: told.columns.get(name) or shared[name] for name in own}
    yield from table_lines(HEADS, (_column(name, word, fields.get(name)) for name, word in words.items()))


def _column(name: str, word: Word, info: FieldInfo | None) -> tuple[str, ...]:
    return (name, word.meaning, word.unit, "" if info is None else allowed(info))


# -- figures ---------------------------------------------------------------------------------------------------------


def _figures() -> dict[str, dict[str, tuple[str, str]]]:
    """Return the unit and the allowed values of every single figure, duration and yearly series, by part and name."""
    quantities: dict[str, tuple[str, str]] = {}
    for group, info in schema.Quantities.model_fields.items():
        for name, one in _model(info).model_fields.items():
            within = next(mark for mark in one.metadata if isinstance(mark, Within))
            quantities[f"{group}.{name}"] = _bounds(within)
    durations = dict.fromkeys(schema.Durations.model_fields, ("", "at least 0"))
    yearly = {name: _bounds(within) for name, within in schema.YearlySeries.ALLOWED.items()}
    return {"quantities": quantities, "durations": durations, "yearly": yearly}


def _bounds(within: Within) -> tuple[str, str]:
    return within.unit, f"{figure(within.low)} to {figure(within.high)}"


def _model(info: FieldInfo) -> type[BaseModel]:
    if not (inspect.isclass(info.annotation) and issubclass(info.annotation, BaseModel)):
        raise TypeError(f"{info.annotation} is not a group of figures")
    return info.annotation


def _figures_of(table: Table, words: Words) -> Iterator[tuple[str, ...]]:
    """Yield the figures that the rows of a table are, for tables of which the code knows every row."""
    for name, (unit, between) in _figures().get(table.path[0], {}).items():
        yield name, words[name].meaning, unit, between


# -- allowed values --------------------------------------------------------------------------------------------------


def allowed(info: FieldInfo) -> str:
    """Return in words what may stand in a column: its type, its bounds, and whether it may be left blank."""
    bounds = [text for mark in info.metadata for text in _bound(mark)]
    told = ", ".join([*dict.fromkeys(_types(info.annotation)), *bounds])
    if info.is_required():
        return told
    return f"{told}; blank: {_default(info)}" if _default(info) else f"{told}; may be blank"


def _bound(mark: Any) -> Iterator[str]:
    for name, words in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below")):
        if getattr(mark, name, None) is not None:
            yield f"{words} {figure(getattr(mark, name))}"


def _default(info: FieldInfo) -> str:
    value = info.default.value if isinstance(info.default, Enum) else info.default
    return "" if value in (None, "", ()) or info.default_factory else str(value)


def _types(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) in (Union, UnionType):
        yield from (text for part in get_args(annotation) if part is not type(None) for text in _types(part))
    elif get_origin(annotation) is Literal:
        yield from _choices([str(choice) for choice in get_args(annotation)])
    elif inspect.isclass(annotation) and issubclass(annotation, Enum):
        members = [_member(one) for one in annotation]
        yield from [_heading(annotation)] if len(members) > MANY else _choices(members)
    else:
        yield _PLAIN.get(annotation, "text")


def _choices(names: list[str]) -> Iterator[str]:
    yield ", ".join(names[:-1]) + f" or {names[-1]}" if len(names) > 1 else names[0]


def _member(one: Enum) -> str:
    return one.name.lower() if isinstance(one.value, int) else str(one.value)


def _heading(kind: type[Enum]) -> str:
    return f"a word of {kind.__name__}"


def _fixed_words() -> Iterator[str]:
    """Yield the lists of words that cells of tables refer to."""
    yield from ("", f"## {BELOW}")
    for kind in dict.fromkeys(_long_lists()):
        yield from ("", f"### {kind.__name__}", "", *wrapped(inspect.getdoc(kind) or ""), "")
        yield from wrapped(", ".join(f"`{_member(one)}`" for one in kind))


def _long_lists() -> Iterator[type[Enum]]:
    models: list[type[BaseModel]] = [*(table.model for table in TABLES), *_COUNTY_PARTS.values(), Target]
    for info in (info for model in models for info in model.model_fields.values()):
        for part in (info.annotation, *get_args(info.annotation)):
            if inspect.isclass(part) and issubclass(part, Enum) and len(part) > MANY:
                yield part


# -- results ---------------------------------------------------------------------------------------------------------


def _measures_part(words: Dictionary, county: Parameters) -> Iterator[str]:
    yield from ("", "## Measures", "", *wrapped(MEASURED))
    rows = _rows_of_nothing(county)
    yield from table_lines(MEASURE_HEADS, (_measure(name, words, rows) for name in MEASURES))


def _rows_of_nothing(county: Parameters) -> pd.DataFrame:
    """Return the rows that measures have of a county in which nothing happens."""
    return measure(facts_of(Journal().tables(), county))


def _measure(name: str, words: Dictionary, rows: pd.DataFrame) -> tuple[str, ...]:
    mine = rows[rows["measure"] == name]
    kinds = dict.fromkeys(kind_and_year(label)[0].value for label in mine["period"].unique())
    marks = {ALL, NOT_APPLICABLE}
    by = [column for column in ("provision", "phase", "district") if set(mine[column].unique()) - marks]
    return name, _meaning(name, words), words.measures[name], " or ".join(kinds), ", ".join(by)


def _meaning(name: str, words: Dictionary) -> str:
    """Return what a measure is: the first line of its function, or what it counts."""
    make = MEASURES[name]
    if isinstance(make, partial):
        return f"How often: {words.happenings[make.keywords['happening'].value].meaning}"
    return (inspect.getdoc(make) or "").split("\n\n")[0]


def _results_part(words: Dictionary) -> Iterator[str]:
    yield from ("", "## A results folder")
    for file, columns in RESULTS.items():
        yield from ("", f"### {file}", "", words.results[file].about)
        yield from _own_columns(words.results[file], words.shared, columns, {}, ())
    yield from ("", f"### {RUN_FILE}", "", "What was run, written last: a folder without it is unfinished.")
    yield from table_lines(("key", "meaning", "unit"), ((n, word.meaning, word.unit) for n, word in words.run.items()))


def _dataset_part(words: Dictionary) -> Iterator[str]:
    yield from ("", "## A data set", "", *wrapped(WRITTEN))
    for name, columns in DATASET.items():
        yield from ("", f"### {name}", "", words.dataset[name].about)
        own = {column: words.dataset[name].columns.get(column) or words.dataset_shared[column] for column in columns}
        yield from table_lines(HEADS[:3], ((column, word.meaning, word.unit) for column, word in own.items()))


def _recorded_part(words: Dictionary) -> Iterator[str]:
    yield from ("", "## Recorded facts", "", *wrapped(RECORDS))
    for name in FACTS:
        told = words.recorded[name]
        yield from ("", f"### {name}.parquet", "", told.about)
        own = {column: told.columns.get(column) or words.recorded_shared[column] for column in RECORDED[name]}
        yield from table_lines(HEADS[:3], ((column, word.meaning, word.unit) for column, word in own.items()))
    yield from ("", "### What happened: codes of happening")
    rows = ((str(code), one.value, words.happenings[one.value]) for code, one in enumerate(Happening))
    yield from table_lines(CODE_HEADS, ((code, name, word.meaning, word.unit) for code, name, word in rows))
    yield from ("", "### How a wait ended: codes of outcome")
    yield from table_lines(CODE_HEADS[:2], ((str(code), one.value) for code, one in enumerate(WaitOutcome)))

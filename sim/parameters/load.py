"""Reads a county's folder (and any configuration file) into checked parameters. Files are read here only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from sim.parameters.checks import check
from sim.parameters.fingerprint import fingerprint
from sim.parameters.parse import Row, YamlText, parse_table, parse_yaml
from sim.parameters.problems import (
    ConfigurationError,
    Finding,
    Origin,
    Path,
    Problem,
    did_you_mean,
    raise_if_any,
    suggestions,
)
from sim.parameters.schema import Parameters
from sim.parameters.tables import COUNTY_FILE, COUNTY_KEYS, MONEY_ITEMS, TABLES, Origins, Table
from sim.parameters.translate import DATE, findings, iso_hint

RECORD_FILE = "calibration.json"
RECORD_NEEDS = ("county", "seed", "run")

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def config_folders() -> list[FilePath]:
    """Return the folders that hold counties and scenarios: in the installed package, then beside it."""
    package = FilePath(__file__).resolve().parents[1]
    return [folder for folder in (package / "configs", package.parent / "configs") if folder.is_dir()]


def shipped_file(*steps: str) -> FilePath:
    """Return a file of the configuration that comes with the package, by its steps below `configs/`."""
    files = [folder.joinpath(*steps) for folder in config_folders()]
    return next((file for file in files if file.is_file()), files[-1])


def list_counties() -> tuple[str, ...]:
    """Return the names of the counties that come with the package, in name order."""
    found = (file.parent.name for folder in config_folders() for file in folder.glob(f"*/{COUNTY_FILE}"))
    return tuple(sorted(set(found)))


def candidates(name_or_path: str | FilePath, pattern: str) -> list[FilePath]:
    """Return where to look for something: under `configs/` if it is a bare name, then the path as it is.

    `pattern` holds {} where the name stands, such as "scenarios/{}.yaml". A path (an object, or text with a
    slash) is never taken for a name, so that ./cambridgeshire is the user's own folder.
    """
    is_name = isinstance(name_or_path, str) and not set(name_or_path) & set("/\\")
    shipped = [folder / pattern.format(name_or_path) for folder in config_folders()] if is_name else []
    return [*shipped, FilePath(name_or_path)]


def find_county(name_or_path: str | FilePath) -> FilePath:
    """Return the folder of a county, by name or by path; ConfigurationError lists those that exist."""
    for folder in candidates(name_or_path, "{}"):
        if (folder / COUNTY_FILE).is_file():
            return folder
    known, name = list_counties(), str(name_or_path)
    found = f"the folder has no {COUNTY_FILE}" if FilePath(name_or_path).is_dir() else "no such county or folder"
    allowed = f"{suggestions(name, known)}, or the path of a folder that holds {COUNTY_FILE}"
    raise ConfigurationError(Problem(name, "", found, allowed, did_you_mean(name, known, "correct the name or path")))


def read_text(file: FilePath) -> str:
    """Return the text of a UTF-8 file (a byte order mark is accepted), lines ending in a line feed."""
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise ConfigurationError(Problem(str(file), "", "no such file", "", f"add {file.name}")) from None
    except OSError as error:
        raise ConfigurationError(Problem(str(file), "", f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        fix = "save it again with the encoding UTF-8 (in Excel: 'CSV UTF-8')"
        raise ConfigurationError(Problem(str(file), f"line {line}", "not UTF-8 text", "UTF-8", fix)) from None


def sha256_of(file: FilePath) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return sha256(file.read_bytes()).hexdigest()


def read_yaml(file: FilePath) -> YamlText:
    """Return the mapping in a YAML file with its lines; see `sim.parameters.parse` for what is refused."""
    return parse_yaml(read_text(file), str(file))


def read_table(file: FilePath, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[Row]:
    """Return the rows of a CSV file with their lines; missing and unknown columns are errors."""
    return parse_table(read_text(file), str(file), required, optional)


def load_county(folder: FilePath) -> Parameters:
    """Return the checked parameters in a county's folder.

    They count as calibrated while they are what the folder's calibration.json speaks of: see
    `with_calibration`.

    Raises
    ------
    ConfigurationError : listing everything found wrong at the first stage that fails: reading the files, the
        shape of the rows, or the checks across rows.
    """
    draft = _Draft(folder)
    draft.add_county_file()
    for table in TABLES:
        draft.add_table(table)
    raise_if_any(draft.problems)
    return with_calibration(validated(draft.tree, draft.origins()), folder)


def with_calibration(parameters: Parameters, folder: FilePath) -> Parameters:
    """Return a county's parameters with the run of the calibration they come from, '' if they are not what it left."""
    record = calibration_record(folder)
    plain = parameters.model_copy(update={"county": parameters.county.model_copy(update={"calibration": ""})})
    if not record or record["county"] != fingerprint(plain):
        return plain
    return plain.model_copy(update={"county": plain.county.model_copy(update={"calibration": str(record["run"])})})


def calibration_record(folder: FilePath) -> dict[str, Any]:
    """Return what calibration.json in a county's folder says; nothing without the file."""
    file = folder / RECORD_FILE
    if not file.is_file():
        return {}
    fix = "write it again: pathways calibrate --adopt"
    try:
        said = json.loads(read_text(file))
    except json.JSONDecodeError as error:
        found = f"text that is not JSON ({error.msg})"
        raise ConfigurationError(Problem(str(file), f"line {error.lineno}", found, "JSON", fix)) from None
    missing = [key for key in RECORD_NEEDS if not isinstance(said, dict) or key not in said]
    if missing:
        raise ConfigurationError(Problem(str(file), f"key {missing[0]}", "nothing", "this key must be there", fix))
    return dict(said)


def validated(tree: Mapping[str, Any], origins: Origins) -> Parameters:
    """Return checked parameters from plain data; ConfigurationError tells problems in terms of `origins`."""
    try:
        parameters = Parameters.model_validate(tree)
    except ValidationError as error:
        raise ConfigurationError(*dict.fromkeys(origins.problem(f) for f in findings(error))) from None
    raise_if_any([origins.problem(finding) for finding in check(parameters)])
    return parameters


@dataclass
class _Draft:
    """A county while its files are being read: plain data, and where each row came from."""

    folder: FilePath
    tree: dict[str, Any] = field(default_factory=dict)
    rows: dict[Path, Origin] = field(default_factory=dict)
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def origins(self) -> Origins:
        """Return where everything came from."""
        return Origins(self.rows, self.lines, self.folder)

    def add_county_file(self) -> None:
        """Read county.yaml."""
        try:
            text = read_yaml(self.folder / COUNTY_FILE)
        except ConfigurationError as error:
            self.problems.extend(error.problems)
            return
        self.lines = text.lines
        self.tree.update({key: value for key, value in text.data.items() if key in COUNTY_KEYS})
        for key in text.data:
            if key not in COUNTY_KEYS:
                fix = did_you_mean(key, COUNTY_KEYS, "remove it")
                unknown = Finding(((key,),), f"unknown key {key}", ", ".join(COUNTY_KEYS), fix)
                self.problems.append(self.origins().problem(unknown))

    def add_table(self, table: Table) -> None:
        """Read one CSV file."""
        self.tree.setdefault(table.path[0], {})
        try:
            optional = tuple(name for name in table.fields if name not in table.required)
            rows = read_table(self.folder / table.file, table.required, optional)
        except ConfigurationError as error:
            self.problems.extend(error.problems)
            return
        for row in rows:
            self._add_row(table, row)

    def _add_row(self, table: Table, row: Row) -> None:
        blank = [key for key in table.keys if key not in row.cells]
        if blank:
            self._wrong(table, row, f"{blank[0]} is blank", "a name in each row", f"fill in {blank[0]}")
            return
        try:
            path = table.path_of(row.cells)
        except ValueError as error:
            self._wrong(table, row, row.cells[table.keys[0]], str(error), "correct the id")
            return
        wrong = list(self._key_problems(table, row)) + list(self._cell_problems(table, row))
        for found, allowed, fix in wrong:
            self._wrong(table, row, found, allowed, fix)
        if not wrong:
            self._place(table, row, path)

    def _place(self, table: Table, row: Row, path: Path) -> None:
        if path in self.rows:
            first = f"the same row as line {self.rows[path].line}"
            self._wrong(table, row, first, "each row once", "remove one of the two or give it another name")
            return
        self.rows[path] = Origin(str(self.folder / table.file), row.line, table.name_of(path))
        here = self.tree
        for step in path[:-1]:
            here = here.setdefault(step, {})
        here[path[-1]] = _fields(table, row)

    def _key_problems(self, table: Table, row: Row) -> Iterator[tuple[str, str, str]]:
        """Yield what is wrong with the cells that name a row."""
        provisions, cells = self.tree.get("provisions", {}), row.cells
        for key in table.keys:
            name = cells[key]
            if key in ("name", "key", "item") and set(name) & set("/*?[]"):
                yield f"{key} {name}", "names without / * ? [ ]", "choose another name; these mark paths"
            if key == "from" and not _ISO_DATE.fullmatch(name):
                yield f"{key} {name}", DATE, iso_hint(name)
            if key == "provision" and name not in provisions:
                fix = did_you_mean(name, provisions, "add it to provisions.csv")
                yield f"unknown provision {name}", suggestions(name, provisions), fix
            if key == "programme" and name not in self.tree.get("programmes", {}):
                programmes = self.tree.get("programmes", {})
                fix = did_you_mean(name, programmes, "add it to programmes.csv")
                yield f"unknown programme {name}", suggestions(name, programmes), fix
            items = MONEY_ITEMS.get(table.file, ())
            if key == "item" and items and name not in items:
                fix = did_you_mean(name, items, "use one of these words")
                yield f"unknown item {name}", ", ".join(items), fix

    @staticmethod
    def _cell_problems(table: Table, row: Row) -> Iterator[tuple[str, str, str]]:
        """Yield cells that would be read as something else than meant."""
        for name, info in table.model.model_fields.items():
            if info.annotation is bool and row.cells.get(name, "true").lower() not in ("true", "false"):
                yield f"{name} {row.cells[name]}", "true or false", "write true or false"

    def _wrong(self, table: Table, row: Row, found: str, allowed: str, fix: str) -> None:
        named = " ".join(row.cells[key] for key in table.keys if key in row.cells)
        where = f"line {row.line} (row {named})" if named else f"line {row.line}"
        self.problems.append(Problem(str(self.folder / table.file), where, found, allowed, fix))


def _fields(table: Table, row: Row) -> dict[str, Any]:
    """Return the cells that fill the model; blank ones are left to its defaults, or are empty text."""
    model = table.model.model_fields
    words = (n for n in table.fields if model[n].annotation is str and model[n].is_required() and not model[n].metadata)
    fields: dict[str, Any] = dict.fromkeys(words, "")
    fields.update({name: cell for name, cell in row.cells.items() if name not in table.keys})
    if table.file == "places.csv" and fields.get("usable") == "unlimited":
        fields["usable"] = None
    return fields

"""A copy of the small county that a test may break, one cell at a time."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.parameters.load import find_county, load_county
from sim.parameters.problems import ConfigurationError


class CountyCopy:
    """A county's folder and ways to break it; rows are found by the cell in their first column (or two)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def records(self, file: str) -> list[list[str]]:
        with (self.folder / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines))

    def write(self, file: str, records: list[list[str]]) -> None:
        with (self.folder / file).open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerows(records)

    def line(self, file: str, *names: str) -> int:
        """Return the line of the first row that begins with these cells."""
        found = [n for n, row in enumerate(self.records(file), 1) if tuple(row[: len(names)]) == names]
        assert found, (file, names)
        return found[0]

    def first(self, file: str, row: int = 1) -> str:
        """Return the name of a row (its first cell), the first one unless told."""
        return self.records(file)[row][0]

    def of_kind(self, kind: str) -> str:
        """Return the name of the first provision of a kind."""
        return next(row[0] for row in self.records("provisions.csv") if row[2] == kind)

    def set(self, file: str, *names: str, **cells: str) -> None:
        """Change cells of one row."""
        records = self.records(file)
        for column, text in cells.items():
            records[self.line(file, *names) - 1][records[0].index(column)] = text
        self.write(file, records)

    def copy_row(self, file: str, *names: str, **cells: str) -> int:
        """Add a changed copy of a row at the end and return its line."""
        records = self.records(file)
        row = list(records[self.line(file, *names) - 1])
        for column, text in cells.items():
            row[records[0].index(column)] = text
        self.write(file, [*records, row])
        return len(records) + 1

    def replace(self, file: str, old: str, new: str) -> None:
        """Change text that must be there."""
        text = (self.folder / file).read_text(encoding="utf-8")
        assert old in text
        (self.folder / file).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    def message(self) -> str:
        """Return what loading the folder complains of."""
        with pytest.raises(ConfigurationError) as caught:
            load_county(self.folder)
        text = str(caught.value)
        assert text.isascii()
        return text


@pytest.fixture
def county(tmp_path: Path) -> CountyCopy:
    folder = tmp_path / "copy"
    shutil.copytree(find_county("exampleshire"), folder)
    return CountyCopy(folder)


@pytest.fixture
def refusal() -> Callable[[Callable[[], object]], str]:
    """Return a function that calls another and returns what it refuses."""

    def told(action: Callable[[], object]) -> str:
        with pytest.raises(ConfigurationError) as caught:
            action()
        return str(caught.value)

    return told

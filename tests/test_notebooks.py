"""The notebooks run from top to bottom, are kept without outputs, and leave functions to the package."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
nbformat = pytest.importorskip("nbformat", reason="notebooks need the extra notebook")

each_notebook = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)


def cells_of(file: Path, kind: str) -> list[Any]:
    return [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == kind]


def code_of(file: Path) -> ast.Module:
    text = "\n".join(cell.source for cell in cells_of(file, "code"))
    return ast.parse(re.sub(r"^%.*$", "", text, flags=re.MULTILINE))


def test_there_are_six_notebooks_in_order() -> None:
    assert [file.name[:2] for file in NOTEBOOKS] == [f"{number}_" for number in range(1, 7)]


@each_notebook
def test_a_notebook_is_kept_without_outputs(file: Path) -> None:
    code = cells_of(file, "code")
    assert code
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


@each_notebook
def test_a_notebook_uses_only_the_public_names_of_the_package(file: Path) -> None:
    imported = [
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(code_of(file))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    assert "sim" in imported
    assert [name for name in imported if name.startswith("sim.")] == []


@each_notebook
def test_a_notebook_defines_at_most_a_short_reader_of_files(file: Path) -> None:
    functions = [node for node in ast.walk(code_of(file)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert all(isinstance(node, ast.FunctionDef) and len(node.body) == 1 for node in functions)


@each_notebook
def test_a_figure_of_a_notebook_is_told_in_words_as_well(file: Path) -> None:
    drawn = [cell for cell in cells_of(file, "code") if re.search(r"\.plot\b|plt\.", cell.source)]
    assert drawn
    assert [cell.id for cell in drawn if not cell.metadata.get("alt")] == []


@pytest.mark.slow
@each_notebook
def test_a_notebook_runs_from_top_to_bottom(file: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="notebooks need the extra notebook")
    notebook = nbformat.read(file, as_version=4)
    nbclient.NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(file.parent)}}).execute()
    said = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in said)

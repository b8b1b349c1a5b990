"""What the site adds to the pages in docs/: the notebooks as pages, and the map of pathways with its text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

ROOT = Path(__file__).resolve().parents[2]
RUN = "PATHWAYS_RUN_NOTEBOOKS"
TO_NOTEBOOK = re.compile(r"\.\./((?:\.\./)*notebooks/\w+)\.ipynb")
BETWEEN_NOTEBOOKS = re.compile(r"\]\((\w+)\.ipynb\)")
TO_DOCUMENT = re.compile(r"\]\(\.\./docs/")
TO_REPOSITORY = re.compile(r"\[(?P<words>[^\]]+)\]\((?:\.\./)+(?P<file>(?:sim|configs|tests|experiments)/[^)\s]*|[A-Z]+(?:\.\w+)?)\)")
"""A link to a file of the repository that is no page of the site."""

FIGURE = re.compile(r"!\[\w+\]\((?P<file>\w+?_(?P<cell>\d+)_\d+\.\w+)\)")
STYLE = re.compile(r"<style.*?</style>\s*", re.DOTALL)
MAP = """# The model in one picture

![Ways between mainstream schools, support, alternative provision, tuition, special and independent schools; the same in
words below](pathway_map.png)

```text
{}
```
"""


def on_files(files: Files, config: Any) -> Files:
    """Add a page for each notebook, with its figures, and one for the map of pathways."""
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for name, content in _page_of(notebook):
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    words = (ROOT / "docs" / "pathway_map.txt").read_text(encoding="utf-8")
    files.append(File.generated(config, "pathway_map.md", content=MAP.format(words)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Let links to notebook files lead to their pages, which in the repository stand one folder higher.

    Links to other files of the repository become the words and the place of the file, as the site does not hold them.
    """
    return TO_REPOSITORY.sub(_as_words, TO_NOTEBOOK.sub(r"\1.md", markdown))


def _as_words(found: re.Match[str]) -> str:
    words, file = found["words"], found["file"]
    return words if words.strip("`").endswith(file) or file.endswith(words.strip("`")) else f"{words} (`{file}`)"


def _page_of(file: Path) -> Iterator[tuple[str, str | bytes]]:
    """Return the page of a notebook and its figures, run first if that is asked for."""
    notebook: Any = nbformat.read(file, as_version=4)
    if os.environ.get(RUN) == "true":
        NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(file.parent)}}).execute()
    text, resources = MarkdownExporter().from_notebook_node(notebook, {"unique_key": file.stem})

    def described(found: re.Match[str]) -> str:
        alt = notebook.cells[int(found["cell"])].metadata.get("alt", "Figure, told of in the text above it")
        return f"![{alt}]({found['file']})"

    text = TO_DOCUMENT.sub("](../", BETWEEN_NOTEBOOKS.sub(r"](\1.md)", FIGURE.sub(described, STYLE.sub("", text))))
    yield f"{file.stem}.md", text
    yield from resources.get("outputs", {}).items()

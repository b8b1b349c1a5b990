"""The documentation site: every page can be reached, every command is told of, links lead to what is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from sim.cli import app

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MADE_BY_THE_SITE = {"pathway_map.md", *(f"notebooks/{file.stem}.md" for file in (ROOT / "notebooks").glob("*.ipynb"))}
PAGES = sorted(file for file in DOCS.rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def pages_in(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        for under in entry.values():
            yield from [under] if isinstance(under, str) else pages_in(under)


def test_every_page_stands_in_the_navigation_once_and_nothing_else_does() -> None:
    nav = yaml.safe_load((DOCS / "site" / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    there = [file.relative_to(DOCS).as_posix() for file in PAGES]
    assert sorted(pages_in(nav)) == sorted([*there, *MADE_BY_THE_SITE])


def test_every_command_is_told_of_in_the_reference() -> None:
    said = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in commands if not re.search(rf"`(\w+`, `)*{name}\b", said)] == []


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.relative_to(DOCS).as_posix())
def test_a_page_links_to_files_that_are_there(file: Path) -> None:
    made = {DOCS / name for name in MADE_BY_THE_SITE}
    targets = [(file.parent / link).resolve() for link in LINK.findall(file.read_text(encoding="utf-8"))]
    assert [target for target in targets if not target.exists() and target not in made] == []

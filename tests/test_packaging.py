"""What a new user meets first: the README's commands, the pinned versions, the package and its public names."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sim
from sim.parameters.load import list_counties

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SET_UP = "python3 -m venv --without-pip .venv && python3 -m pip --python .venv install -q -c constraints.txt -e "
COMMANDS = {
    "run": f"{SET_UP}. && .venv/bin/pathways compare",
    "test": f'{SET_UP}".[test]" && .venv/bin/python -m pytest',
}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {normalised(name): version for name, version in (line.split("==") for line in lines)}


def asked_for() -> list[str]:
    project = PROJECT["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [line for group in groups for line in group]


def block_after(marker: str) -> str:
    found = re.findall(rf"^<!-- {marker} -->\n```\w*\n(.*?)\n```$", README, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"README needs exactly one fenced block after <!-- {marker} -->"
    return found[0]


def test_constraints_are_bare_names_and_versions() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"@|--|://", text)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in text.splitlines())
    assert len(pinned()) == len(text.splitlines()), "a package is named twice"


def test_every_dependency_is_pinned() -> None:
    names = [normalised(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in asked_for()]
    assert {name for name in names if name != PROJECT["project"]["name"]} <= set(pinned())


@pytest.mark.parametrize("marker", COMMANDS)
def test_readme_gives_the_commands_word_for_word(marker: str) -> None:
    assert block_after(marker) == COMMANDS[marker]


def test_readme_begins_with_the_two_commands() -> None:
    assert README.index("<!-- run -->") < README.index("<!-- test -->") < README.index("\n## ")


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("bash") is None, reason="the CI script needs bash")
def test_ci_runs_the_test_command_of_the_readme() -> None:
    said = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "--show"],
        capture_output=True,
        encoding="utf-8",
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert said.stdout.strip() == COMMANDS["test"]


def test_links_in_the_documents_lead_somewhere() -> None:
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            assert "://" in target or (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_file_that_readme_names_exists() -> None:
    named = re.findall(r"`((?:sim|configs|docs|tests)/[\w/.]+)`", README)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_python_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = block_after("python")
    assert len(code.splitlines()) <= 10
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    changes = names["results"].differences()  # type: ignore[attr-defined]
    assert set(changes["scenario"]) == set(names["results"].scenarios[1:])  # type: ignore[attr-defined]


def test_every_package_is_listed() -> None:
    folders = {".".join(("sim", *file.parent.relative_to(ROOT / "sim").parts)) for file in (ROOT / "sim").rglob("*.py")}
    assert {*folders, "sim.configs"} == set(PROJECT["tool"]["setuptools"]["packages"])


def test_templates_of_pages_are_part_of_the_package() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["sim"]
    packed = {file for pattern in patterns for file in (ROOT / "sim").glob(pattern)}
    templates = {file for file in (ROOT / "sim" / "report" / "templates").iterdir() if file.is_file()}
    assert templates
    assert templates <= packed


def test_the_map_is_small_enough_to_load() -> None:
    assert (ROOT / "docs" / "pathway_map.png").stat().st_size < 500_000


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'pandas', 'matplotlib', 'pydantic', 'pyarrow', 'scipy', 'simpy', 'yaml'}"
    code = f"import sys, sim; sys.exit(' '.join({heavy} & set(sys.modules)) or None)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_public_names_are_there_and_others_are_refused() -> None:
    assert dir(sim) == sorted([*sim.__all__, *list_counties()])
    for name in sim.__all__:
        assert getattr(sim, name) is not None
    with pytest.raises(AttributeError, match=r"'sim' has no attribute 'comprae'; it has .*compare"):
        sim.comprae  # noqa: B018


def test_the_change_log_and_the_citation_know_the_version() -> None:
    version = PROJECT["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")

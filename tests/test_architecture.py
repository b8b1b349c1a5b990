"""The order of the layers and the fences between them, read from the sources."""

import ast
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

import sim
from sim.parameters.load import find_county, list_counties, load_county
from sim.scenarios import BASELINE, list_scenarios
from sim.store import KEY_PACKAGES, RESULT_SOURCES
from sim.vocabulary import ProvisionKind

ROOT = Path(sim.__file__).parent
LAYERS = (
    "vocabulary",
    "markup",
    "school_year",
    "parameters",
    "levers",
    "chance",
    "uncertainty",
    "scenarios",
    "questions",
    "assumptions",
    "dictionary",
    "experiments",
    "engine",
    "pathways",
    "model",
    "measures",
    "results",
    "store",
    "replicate",
    "store_care",
    "parallel",
    "work",
    "cases",
    "study",
    "analysis",
    "search",
    "report",
    "study_files",
    "outcome",
    "api",
    "__init__",
    "cli",
    "__main__",
)
"""Each layer may import only itself and those before it. Scenarios can be played again on a county that was drawn, so
uncertainty, and the luck it needs, come before them; luck itself knows only the vocabulary."""

FENCES = {
    "simpy": {"engine", "pathways", "model"},
    "pandas": {"measures", "results", "study", "analysis", "search", "report", "outcome", "api"},
    "seaborn": {"report"},
    "matplotlib": {"report"},
    "typer": {"cli"},
    "rich": {"report"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "pypandoc": {"report"},
    "openpyxl": {"report"},
    "joblib": {"parallel", "study", "search"},
    "distributed": {"parallel"},
    "yaml": {"parameters"},
    "pyarrow": {"results", "store", "replicate", "work", "study"},
}
"""Library -> layers that may import it."""

READERS = {"parameters/load.py", "results.py", "store.py"}
READING = {"open", "read_bytes", "read_csv", "read_excel", "read_json", "read_parquet", "read_table", "read_text"}
SOURCES = sorted(ROOT.rglob("*.py"))


def layer_of(file: Path) -> str:
    first = file.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imported(file: Path) -> Iterator[str]:
    """Yield every module that a file imports, also inside functions and for type checking only."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def layers_imported(file: Path) -> set[str]:
    return {module.split(".")[1] for module in imported(file) if module.startswith("sim.")}


def libraries_imported(file: Path) -> set[str]:
    return {module.split(".")[0] for module in imported(file)}


def calls_that_read(file: Path) -> Iterator[str]:
    """Yield calls such as open(...) and path.read_text(...), but not open(..., "w")."""
    for node in ast.walk(tree_of(file)):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        is_own = isinstance(node.func, ast.Name) and called != "open"
        if called in READING and not is_own and not (called == "open" and _opens_to_write(node)):
            yield f"line {node.lineno}: {called}"


def _opens_to_write(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Constant) and value.value in ("w", "a", "x", "wb", "ab", "xb") for value in given)


def words_in_code(file: Path) -> set[str]:
    """Return the words of all names and texts in a file, docstrings and comments left out."""
    tree = tree_of(file)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            words |= set(re.findall(r"\w+", node.value.lower()))
        elif isinstance(node, ast.Name):
            words.add(node.id.lower())
        elif isinstance(node, ast.Attribute):
            words.add(node.attr.lower())
    return words


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_leftwards(file: Path) -> None:
    layer = layer_of(file)
    assert layer in LAYERS, f"{layer} has no place in the order of layers"
    reachable = set(LAYERS[: LAYERS.index(layer) + 1])
    assert layers_imported(file) <= reachable, f"{file.relative_to(ROOT)} reaches to its right"


def test_measures_see_only_words_dates_and_parameters() -> None:
    for file in SOURCES:
        if layer_of(file) == "measures":
            allowed = {"vocabulary", "school_year", "parameters", "measures"}
            assert layers_imported(file) <= allowed, file.relative_to(ROOT)


def test_theory_shares_nothing_with_the_simulation_that_it_is_set_against() -> None:
    for file in (ROOT / "analysis" / "theory").glob("*.py"):
        allowed = {"vocabulary", "school_year", "parameters", "analysis"}
        assert layers_imported(file) <= allowed, file.relative_to(ROOT)
        assert not any(module.startswith("sim.analysis.") and ".theory" not in module for module in imported(file))


def test_the_markov_projection_shares_nothing_with_the_simulation_that_it_is_set_beside() -> None:
    files = sorted((ROOT / "analysis" / "projection").glob("*.py"))
    assert len(files) > 1
    reached = reached_from(*(file.relative_to(ROOT).as_posix() for file in files), stopping_at=())
    apart = {"vocabulary.py", "school_year.py", "parameters", "analysis/theory", "analysis/projection"}
    assert {name for name in reached if name not in apart and name.rpartition("/")[0] not in apart} == set()


@pytest.mark.parametrize("library", FENCES)
def test_libraries_stay_inside_their_fences(library: str) -> None:
    users = {layer_of(file) for file in SOURCES if library in libraries_imported(file)}
    assert users, f"nothing imports {library}: is the fence still needed?"
    assert users <= FENCES[library]


def reached_from(*names: str, stopping_at: Collection[str]) -> set[str]:
    """Return every source (by path in sim) that sources import, directly or through others, themselves included."""
    found: set[str] = set()
    following = list(names)
    while following:
        name = following.pop()
        if name not in found and name not in stopping_at:
            found.add(name)
            following += [path for module in imported(ROOT / name) if (path := source_of(module))]
    return found


def source_of(module: str) -> str:
    """Return the source of `sim.x.y`, or of `sim.x.y.name`; '' for what is not of this project."""
    steps = module.split(".")[1:] if module.startswith("sim.") else []
    for end in (len(steps), len(steps) - 1):
        path = "/".join(steps[: max(end, 0)])
        for name in (f"{path}.py", f"{path}/__init__.py"):
            if path and (ROOT / name).is_file():
                return name
    return ""


ONLY_KEEP = {"store.py", "results.py"}
"""What a run imports but for the names of tables: these are part of the hash by themselves."""

ONLY_READ = {"pydantic", "pydantic_core", "yaml"}
"""Libraries that make the parameters of a run, whose outcome is in the key of the store."""


def test_every_source_that_a_run_and_its_measures_import_is_part_of_the_key_of_the_store() -> None:
    sources = reached_from("replicate.py", stopping_at=ONLY_KEEP)
    assert {"model.py", "measures/ledger.py", "engine/world.py"} <= sources
    assert {
        name for name in sources if name not in RESULT_SOURCES and name.split("/")[0] not in RESULT_SOURCES
    } == set()


def test_every_library_that_a_run_and_its_measures_import_is_part_of_the_key_of_the_store() -> None:
    sources = reached_from("replicate.py", stopping_at=ONLY_KEEP)
    used = {library for name in sources for library in libraries_imported(ROOT / name)}
    others = used - set(sys.stdlib_module_names) - ONLY_READ - {"sim"}
    assert others == set(KEY_PACKAGES) - {"python"}


def test_random_numbers_are_drawn_in_chance_only() -> None:
    drawing = (r"\bnp\.random\b", r"\bnumpy\.random\b", r"^\s*(import|from) random\b")
    for file in SOURCES:
        if layer_of(file) != "chance":
            for pattern in drawing:
                assert not re.search(pattern, file.read_text(encoding="utf-8"), re.MULTILINE), file.relative_to(ROOT)


def test_files_are_read_in_three_places_only() -> None:
    found = {file.relative_to(ROOT).as_posix(): list(calls_that_read(file)) for file in SOURCES}
    assert {file: calls for file, calls in found.items() if calls and file not in READERS} == {}


def test_the_code_names_no_county_district_provision_school_or_scenario() -> None:
    kinds = {kind.value for kind in ProvisionKind}
    names = {*list_counties(), *list_scenarios()} - {BASELINE}
    for county in map(load_county, map(find_county, list_counties())):
        names |= {*county.districts, *county.provisions, *county.schools}
    for file in SOURCES:
        assert not words_in_code(file) & (names - kinds), file.relative_to(ROOT)


def test_pathways_are_the_only_behaviour_and_each_event_has_one() -> None:
    from sim.pathways import PATHWAYS
    from sim.vocabulary import EventKind

    assert set(PATHWAYS) == set(EventKind)

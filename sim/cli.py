"""The command line: `pathways compare | run | check | map | trace | new | doctor`.

Libraries that are slow to load are imported inside the commands, so that help comes at once. Exit codes: 0 done,
1 some runs failed, 2 the command or the configuration cannot be used, 130 stopped by the user.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.parameters.problems import ConfigurationError, Problem

if TYPE_CHECKING:
    from sim.parameters.opening_roll import OpeningRoll
    from sim.parameters.schema import Parameters
    from sim.results import Results
    from sim.scenarios import Scenario
    from sim.study import Study


class TableFormat(StrEnum):
    """Formats of the tables in a results folder; Parquet is always written."""

    PARQUET = "parquet"
    CSV = "csv"


FAILED, UNUSABLE, STOPPED = 1, 2, 130
BYTES_IN_MEGABYTE = 1e6
SHOWN_OF_HASH = 8
DISTRIBUTION = "pupil-pathways"

app = typer.Typer(
    name="pathways",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Pupil Pathways: what policies change for pupils with SEMH needs, where they are placed and what is spent. "
    "Start with: pathways compare",
)

new = typer.Typer(name="new", no_args_is_help=True, help="Write a commented file to start from, in this folder.")
app.add_typer(new)

CountyName = Annotated[
    str | None,
    typer.Option(
        "--county", "--config", metavar="NAME_OR_DIR", help="County that comes with the package, or a folder with one."
    ),
]
ScenarioNames = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="NAME_OR_FILE", help="Scenario to compare with the baseline; may be repeated."),
]
ScenarioName = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME_OR_FILE", help="Scenario: a name or a YAML file.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of all luck; the same seed, the same answer.")]
Replications = Annotated[int | None, typer.Option("--replications", min=1, help="Runs of each scenario.")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes to use; one per core if not given.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="DIR", help="Results folder; if not given, results/<county>-<scenario>-seed<seed>."
    ),
]
OpeningRollFile = Annotated[
    Path | None,
    typer.Option(
        "--opening-roll",
        metavar="FILE",
        help="CSV of pupils to start with, in place of a run-in; only its hash is ever written down.",
    ),
]
Format = Annotated[
    TableFormat, typer.Option("--format", help="csv: also write measures.csv, a copy of measures.parquet.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress.")]


@app.command()
def compare(
    county: CountyName = None,
    scenario: ScenarioNames = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Output = None,
    opening_roll: OpeningRollFile = None,
    table_format: Format = TableFormat.PARQUET,
    quiet: Quiet = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and how long it takes.")] = False,
) -> None:
    """Run the baseline and one or more scenarios with the same luck, and print what changes.

    With no options: the default county and scenario of configs/defaults.yaml, 30 replications each, on all cores.
    """
    with _told():
        from sim.scenarios import baseline, defaults, load_scenario

        parameters = _county(county)
        chosen = [load_scenario(name, parameters) for name in scenario or [defaults().scenario]]
        others = [one for one in chosen if one.name != "baseline"]
        if not others:
            raise _unusable("--scenario", "only the baseline", "at least one other scenario")
        roll = _roll(opening_roll, parameters)
        study = _study((baseline(parameters), *others), seed, replications, roll)
        folder = output or _folder(study)
        if dry_run:
            _say_what_would_run(study, folder, workers)
            return
        results = _run(study, folder, workers, county, quiet, table_format)
        _report(results, folder)


@app.command()
def run(
    county: CountyName = None,
    scenario: ScenarioName = "baseline",
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Output = None,
    opening_roll: OpeningRollFile = None,
    table_format: Format = TableFormat.PARQUET,
    quiet: Quiet = False,
) -> None:
    """Run one scenario and print its levels with intervals."""
    with _told():
        from sim.report.tables import console, print_levels
        from sim.scenarios import load_scenario

        parameters = _county(county)
        chosen = (load_scenario(scenario or "baseline", parameters),)
        study = _study(chosen, seed, replications, _roll(opening_roll, parameters))
        folder = output or _folder(study)
        results = _run(study, folder, workers, county, quiet, table_format)
        out = console()
        print_levels(out, results)
        out.print(f"Results: {folder}", soft_wrap=True)


@app.command()
def check(
    config: Annotated[
        str | None, typer.Argument(metavar="[CONFIG]", help="County (a name or a folder), or a scenario file.")
    ] = None,
    county: CountyName = None,
) -> None:
    """Load a configuration, check everything, and say what it holds or all that is wrong (exit code 2)."""
    with _told():
        from sim.scenarios import load_scenario

        is_scenario = config is not None and config.lower().endswith((".yaml", ".yml"))
        parameters = _county(county if is_scenario else config or county)
        lines = _holdings(parameters)
        if config is not None and is_scenario:
            found = load_scenario(config, parameters)
            lines = [f"Scenario {found.name}: {found.title}", f"  {len(found.changes)} changes, on top of:", *lines]
        typer.echo("\n".join([*lines, "No problems found."]))


@app.command("map")
def draw_pathways(
    county: CountyName = None,
    scenario: ScenarioName = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="PNG to write.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print the ways as text and draw nothing.")] = False,
) -> None:
    """Draw the pathway graph from the data: who may go where, by which event or decision."""
    with _told():
        from sim.report.pathway_map import edges_of, in_words
        from sim.scenarios import load_scenario

        parameters = load_scenario(scenario or "baseline", _county(county)).parameters
        if text:
            typer.echo(in_words(parameters))
            return
        from sim.report.map_drawing import draw_map
        from sim.report.style import save

        path = output or Path("results") / f"{parameters.county.name}-map.png"
        save(draw_map(parameters), path, in_words(parameters))
        typer.echo(f"{len(edges_of(parameters))} ways drawn in {path}; as text in {path.with_suffix('.txt')}")


@app.command()
def trace(
    pupil: Annotated[str | None, typer.Argument(help="Pupil such as 2012-Y3-17; if not given, one is picked.")] = None,
    county: CountyName = None,
    scenario: ScenarioName = None,
    seed: Seed = None,
    replication: Annotated[int, typer.Option("--replication", min=0, help="Which replication to tell.")] = 0,
    opening_roll: OpeningRollFile = None,
) -> None:
    """Tell one pupil's story in words, under the baseline and a scenario side by side.

    Pupils of an opening roll may be real, so none of them is told about.
    """
    with _told():
        from sim.report import stories
        from sim.report.tables import console, print_pairs
        from sim.scenarios import baseline, defaults, load_scenario

        parameters = _county(county)
        chosen = (baseline(parameters), load_scenario(scenario or defaults().scenario, parameters))
        luck, roll = _seed(seed), _roll(opening_roll, parameters)
        pair = _opened(chosen, roll)
        recorded = [_lives(one, luck, replication, roll) for one in pair]
        picked, why = (pupil, "") if pupil else _picked(recorded, pair[0].parameters)
        try:
            first, second = (
                stories.life_of(picked, tables, one.parameters) for tables, one in zip(recorded, pair, strict=True)
            )
        except ValueError as error:
            raise _unusable("PUPIL", str(error), "a pupil of this seed and replication") from None
        out = console()
        out.print(f"Pupil {picked} of the model (nobody real), seed {luck}, replication {replication}.{why}")
        print_pairs(out, stories.side_by_side(first, second), (pair[0].title, pair[1].title))


@new.command("scenario")
def new_scenario(name: Annotated[str, typer.Argument(help="Name of the scenario, and of its file.")]) -> None:
    """Write NAME.yaml with every key of a scenario explained; it can be used as it is, and changes nothing."""
    with _told():
        from sim.scenarios import list_scenarios, scenario_skeleton
        from sim.study import FILE_NAME

        file, taken = Path(f"{name}.yaml"), ", ".join(list_scenarios())
        if not re.fullmatch(FILE_NAME, name):
            raise _unusable("NAME", repr(name), "letters, digits, '_', '-' and '.', the first a letter or digit")
        if name in list_scenarios() or file.exists():
            raise _unusable("NAME", f"{name}, which there is already", f"a new name; taken are {taken}")
        file.write_text(scenario_skeleton(name), encoding="utf-8", newline="\n")
        typer.echo(f"Written: {file}. Next: pathways check {file}")


@app.command()
def doctor() -> None:
    """Say which versions, cores, memory and folders the program finds, and which extras are installed."""
    from platform import platform, python_version

    typer.echo(f"{DISTRIBUTION} {_version(DISTRIBUTION)}, Python {python_version()}, {platform()}")
    typer.echo(f"cores: {os.cpu_count()}; output encoding: {sys.stdout.encoding}")
    typer.echo(f"results can be written here: {'yes' if os.access(Path.cwd(), os.W_OK) else 'no'} ({Path.cwd()})")
    for extra, packages in _requirements().items():
        typer.echo(f"{f'extra {extra}' if extra else 'needed'}:")
        for name in packages:
            typer.echo(f"  {name:<18}{_version(name)}")


def main() -> None:
    """Start the command line; characters that the terminal does not have are replaced, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what may go wrong into a message on stderr and an exit code, without a traceback."""
    try:
        yield
    except ConfigurationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNUSABLE) from None
    except OSError as error:
        typer.echo(f"A file or folder cannot be read or written: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        raise typer.Exit(STOPPED) from None


def _unusable(where: str, found: str, allowed: str) -> ConfigurationError:
    return ConfigurationError(Problem("command line", where, found, allowed, "see pathways --help"))


def _county(name: str | None) -> Parameters:
    from sim.parameters.load import find_county, load_county
    from sim.scenarios import defaults

    return load_county(find_county(name or defaults().county))


def _seed(seed: int | None) -> int:
    from sim.scenarios import defaults

    default = defaults().seed
    if seed is None and default is None:
        from secrets import randbits

        return randbits(31)
    return seed if seed is not None else int(default or 0)


def _study(
    scenarios: tuple[Scenario, ...], seed: int | None, replications: int | None, roll: OpeningRoll | None
) -> Study:
    from sim.scenarios import defaults
    from sim.study import Study

    number = replications or defaults().replications
    try:
        return Study(scenarios[-1].name, scenarios, _seed(seed), number, opening_roll=roll)
    except ValueError as error:
        raise _unusable("--scenario", str(error), "each scenario once") from None


def _roll(file: Path | None, parameters: Parameters) -> OpeningRoll | None:
    """Return the opening roll, if one is asked for, and say on stderr what is odd about it, in numbers only."""
    if file is None:
        return None
    from sim.parameters.load_roll import read_opening_roll
    from sim.parameters.opening_roll import over_full

    roll = read_opening_roll(file, parameters)
    full = over_full(roll.rows, parameters)
    if full:
        typer.echo(f"Warning: {full} provision(s) hold more pupils of the opening roll than usable places.", err=True)
    return roll


def _opened(scenarios: tuple[Scenario, ...], roll: OpeningRoll | None) -> tuple[Scenario, ...]:
    """Return scenarios that start when the roll does, if there is one."""
    from dataclasses import replace

    from sim.parameters.opening_roll import starting_at_study

    if roll is None:
        return scenarios
    return tuple(replace(one, parameters=starting_at_study(one.parameters)) for one in scenarios)


def _lives(scenario: Scenario, seed: int, replication: int, roll: OpeningRoll | None) -> dict[str, Any]:
    """Return what one run recorded, without the pupils of the roll."""
    from sim.measures import without_roll
    from sim.model import simulate

    return without_roll(simulate(scenario.parameters, seed, replication, roll.rows if roll else ()).tables())


def _folder(study: Study) -> Path:
    county = study.scenarios[0].parameters.county.name
    names = [one.name for one in study.scenarios[1:]] or [study.scenarios[0].name]
    roll = f"-roll{study.roll_hash[:SHOWN_OF_HASH]}" if study.roll_hash else ""
    return Path("results") / f"{county}-{'-'.join(names)}-seed{study.seed}{roll}"


def _run(
    study: Study, folder: Path, workers: int | None, county: str | None, quiet: bool, table_format: TableFormat
) -> Results:
    """Run the study with progress on stderr; a stop or failed runs say how to go on."""
    from sim.report.progress import shown
    from sim.study import StudyFailed, run_study

    again = f"The same command with --output {folder} goes on where this stopped."
    try:
        with shown(len(study.scenarios) * study.replications, quiet) as progress:
            results = run_study(study, folder, workers, progress, _inputs(study, county))
        if table_format is TableFormat.CSV:
            results.write_csv(folder)
        return results
    except KeyboardInterrupt:
        typer.echo(f"\nStopped; finished runs are kept. {again}", err=True)
        raise typer.Exit(STOPPED) from None
    except StudyFailed as error:
        typer.echo(f"{error}\n{again}", err=True)
        raise typer.Exit(FAILED) from None


def _inputs(study: Study, county: str | None) -> dict[str, str]:
    """Return the hash of every configuration file that the study was read from."""
    from sim.parameters.load import find_county
    from sim.store import file_hashes

    folder = find_county(county or study.scenarios[0].parameters.county.name)
    return {f"{folder.name}/{name}": found for name, found in file_hashes(folder).items()}


def _report(results: Results, folder: Path) -> None:
    from sim.report.figures import save_figures
    from sim.report.tables import console, print_comparison, write_differences

    out = console()
    print_comparison(out, results)
    write_differences(results, folder)
    figures = save_figures(results, folder / "figures")
    out.print(f"Results: {folder} (figures: {', '.join(path.name for path in figures)})", soft_wrap=True)


def _say_what_would_run(study: Study, folder: Path, workers: int | None) -> None:
    """Try one run, and say how many there are, how many are finished, and what the rest takes."""
    from sim.parameters.changes import fingerprint
    from sim.replicate import Unit, pack, run_unit
    from sim.report.progress import in_minutes
    from sim.store import Store, code_hash, unit_key

    study = study.opened()
    parameters, rows = study.scenarios[-1].parameters, study.opening_roll.rows if study.opening_roll else ()
    hashes = [fingerprint(one.parameters) for one in study.scenarios]
    numbers = range(study.replications)
    keys = {unit_key(found, study.seed, number, study.roll_hash).name for found in hashes for number in numbers}
    left = sum(not Store(folder).has(key) for key in keys)
    tried = run_unit(Unit("", study.scenarios[-1].name, study.seed, 0, False, code_hash()), pack(parameters, rows))
    size = sum(len(content) for content in tried.tables.values()) / BYTES_IN_MEGABYTE
    cores = workers or os.cpu_count() or 1
    typer.echo(f"{len(keys)} runs: {len(study.scenarios)} scenarios by {study.replications} replications")
    typer.echo(f"{len(keys) - left} finished, {left} to do in {folder}")
    needed = in_minutes(left * tried.seconds / cores)
    typer.echo(f"one run took {tried.seconds:.1f} seconds; with {cores} worker(s) about {needed}")
    typer.echo(f"about {left * size:.0f} MB of disk")


def _picked(recorded: list[Any], parameters: Parameters) -> tuple[str, str]:
    from sim.report.stories import RULE, pick_pupil

    pupil, days = pick_pupil(recorded[0], recorded[1], parameters)
    if not days:
        return pupil, " No pupil's placements differ between the two scenarios; this is the first pupil."
    return pupil, f" Picked: {RULE}; here by {days:.0f} school days."


def _holdings(parameters: Parameters) -> list[str]:
    """Return what a county holds, in a few lines."""
    from sim.report.words import kind_words
    from sim.vocabulary import ProvisionKind

    horizon, county = parameters.horizon, parameters.county
    pupils = sum(row.value for row in parameters.cohorts.get(horizon.baseline_academic_year, {}).values())
    present = {kind: list(parameters.provisions_of(kind)) for kind in ProvisionKind}
    kinds = [f"{len(found)} {kind_words(kind)}" for kind, found in present.items() if found]
    return [
        f"{county.label}{' (fictional)' if county.fictional else ''}",
        f"  {county.statement}",
        f"  runs from {horizon.first_academic_year} to {horizon.last_academic_year}; baseline year "
        f"{horizon.baseline_academic_year}; study from {horizon.study_start}",
        f"  {pupils:,.0f} pupils on roll in {horizon.baseline_academic_year}, {len(parameters.schools)} schools, "
        f"districts: {', '.join(parameters.districts)}",
        f"  {len(parameters.provisions)} provisions: {', '.join(kinds)}",
        f"  {len(parameters.rates)} rates, {len(parameters.routes)} routes, {len(parameters.effects)} effects, "
        f"{len(parameters.tariffs)} tariffs, {len(parameters.lines)} budget lines, {len(parameters.sources)} sources",
    ]


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _requirements() -> dict[str, list[str]]:
    """Return the packages that the installed distribution asks for, by extra ('' for those always needed)."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return {}
    found: dict[str, list[str]] = {}
    for line in lines:
        name = re.split(r"[^A-Za-z0-9_.-]", line)[0]
        extra = re.search(r"extra == ['\"]([^'\"]+)", line)
        found.setdefault(extra[1] if extra else "", []).append(name)
    return found

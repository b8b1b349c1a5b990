"""`pathways check`, `map` and `trace`: what a configuration holds, its pathways, and one pupil's story."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import CountyName, OpeningRollFile, ScenarioName, Seed
from sim.cli.shared import county_named, opening_roll_in, seed_or_default, told, unusable

if TYPE_CHECKING:
    from sim.parameters.opening_roll import OpeningRoll
    from sim.parameters.schema import Parameters
    from sim.scenarios import Scenario


def check(
    config: Annotated[
        str | None, typer.Argument(metavar="[CONFIG]", help="County (a name or a folder), or a scenario file.")
    ] = None,
    county: CountyName = None,
) -> None:
    """Load a configuration, check everything, and say what it holds or all that is wrong (exit code 2)."""
    with told():
        from sim.scenarios import load_scenario

        is_scenario = config is not None and config.lower().endswith((".yaml", ".yml"))
        parameters = county_named(county if is_scenario else config or county)
        lines = [*_holdings(parameters), _uncertainty(county if is_scenario else config or county, parameters)]
        if config is not None and is_scenario:
            if _is_lever(Path(config)):
                raise unusable("CONFIG", f"{config}, which is a lever", f"a scenario; see pathways levers {config}")
            found = load_scenario(config, parameters)
            levers = f"{len(found.levers)} lever(s) and " if found.levers else ""
            said = f"  {levers}{len(found.changes)} changes, on top of:"
            lines = [f"Scenario {found.name}: {found.title}", said, *lines]
        typer.echo("\n".join([*lines, "No problems found."]))


def _is_lever(file: Path) -> bool:
    """Whether a file has the keys of a lever and not those of a scenario."""
    from sim.parameters.load import read_yaml

    keys = set(read_yaml(file).data) if file.is_file() else set()
    return {"label", "settings"} <= keys and "title" not in keys


def draw_pathways(
    county: CountyName = None,
    scenario: ScenarioName = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="PNG to write.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print the ways as text and draw nothing.")] = False,
) -> None:
    """Draw the pathway graph from the data: who may go where, by which event or decision."""
    with told():
        from sim.report.pathway_map import edges_of, in_words
        from sim.scenarios import load_scenario

        parameters = load_scenario(scenario or "baseline", county_named(county)).parameters
        if text:
            typer.echo(in_words(parameters))
            return
        from sim.report.map_drawing import draw_map
        from sim.report.style import save

        path = output or Path("results") / f"{parameters.county.name}-map.png"
        save(draw_map(parameters), path, in_words(parameters))
        typer.echo(f"{len(edges_of(parameters))} ways drawn in {path}; as text in {path.with_suffix('.txt')}")


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
    with told():
        from sim.report import stories
        from sim.report.tables import console, print_pairs
        from sim.scenarios import baseline, defaults, load_scenario

        parameters = county_named(county)
        chosen = (baseline(parameters), load_scenario(scenario or defaults().scenario, parameters))
        luck, roll = seed_or_default(seed), opening_roll_in(opening_roll, parameters)
        pair = _opened(chosen, roll)
        recorded = [_lives(one, luck, replication, roll) for one in pair]
        picked, why = (pupil, "") if pupil else _picked(recorded, pair[0].parameters)
        try:
            first, second = (
                stories.life_of(picked, tables, one.parameters) for tables, one in zip(recorded, pair, strict=True)
            )
        except ValueError as error:
            raise unusable("PUPIL", str(error), "a pupil of this seed and replication") from None
        out = console()
        out.print(f"Pupil {picked} of the model (nobody real), seed {luck}, replication {replication}.{why}")
        print_pairs(out, stories.side_by_side(first, second), (pair[0].title, pair[1].title))


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


def _picked(recorded: list[Any], parameters: Parameters) -> tuple[str, str]:
    from sim.report.stories import RULE, pick_pupil

    pupil, days = pick_pupil(recorded[0], recorded[1], parameters)
    if not days:
        return pupil, " No pupil's placements differ between the two scenarios; this is the first pupil."
    return pupil, f" Picked: {RULE}; here by {days:.0f} school days."


def _uncertainty(county: str | None, parameters: Parameters) -> str:
    """Return what a county says of its uncertainty, in a line."""
    from sim.parameters.load import find_county
    from sim.parameters.load_uncertainty import load_uncertainty
    from sim.scenarios import defaults

    said = load_uncertainty(find_county(county or defaults().county), parameters)
    return (
        f"  uncertain: {len(said.factors)} factors to calibrate, {len(said.together)} judgements that stand in "
        f"several rows, {len(said.shares)} shares of published figures"
    )


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

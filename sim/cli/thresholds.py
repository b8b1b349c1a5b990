"""`pathways breakeven`, `payback` and `waterfall`: when a lever pays, when money comes back, what is due to what."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import CountyName, Quiet, Replications, Seed, Workers
from sim.cli.shared import How, county_named, folder_for, run_shown, seed_or_default, study_of, told, unusable

if TYPE_CHECKING:
    from sim.analysis.lever_break_even import Question
    from sim.parameters.schema import Parameters


class Axis(StrEnum):
    """What is made stronger, larger or cheaper until the lever pays."""

    EFFECT = "effect"
    DOSE = "dose"
    COST = "cost"


Folder = Annotated[Path | None, typer.Option("--output", metavar="DIR", help="Results folder; made up if not given.")]


def breakeven(
    lever: Annotated[str, typer.Argument(help="A lever that `pathways levers` prints.")],
    on: Annotated[
        Axis | None, typer.Option("--on", help="What to scale; the first the lever has, if not given.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the lever; may be repeated.")
    ] = None,
    county: CountyName = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Folder = None,
    quiet: Quiet = False,
) -> None:
    """Find the smallest effect or dose, or the highest price, at which a lever pays for itself over the study."""
    with told():
        from sim.analysis.lever_break_even import Question, axes_of
        from sim.levers.catalogue import in_use
        from sim.report.tables import console
        from sim.report.threshold_words import print_answer
        from sim.scenarios import defaults

        parameters, asked = county_named(county), _settings(settings or [])
        pulled = in_use(parameters, lever, asked, "command line")
        axes = axes_of(pulled)
        if not axes or (on is not None and on not in axes):
            raise unusable(
                "--on", f"{on or 'nothing'} for {lever}", ", ".join(axes) or "a lever with something to scale"
            )
        number = replications or defaults().ask_replications
        question = Question(lever, on or axes[0], asked, number, seed_or_default(seed))
        folder = output or Path("results") / f"{parameters.county.name}-breakeven-{lever}-{question.axis}"
        answer = _answer(parameters, question, folder, workers, quiet)
        print_answer(console(), pulled, answer)
        typer.echo(f"Results: {folder}")


def _answer(parameters: Parameters, question: Question, folder: Path, workers: int | None, quiet: bool) -> Any:
    from sim.analysis.lever_break_even import break_even
    from sim.report.progress import shown
    from sim.study import StudyFailed

    try:
        return break_even(parameters, question, workers, folder, lambda runs: shown(runs, quiet))
    except StudyFailed as error:
        typer.echo(f"{error}\nThe same command goes on where this stopped.", err=True)
        raise typer.Exit(1) from None


def _settings(given: list[str]) -> dict[str, Any]:
    """Return NAME=VALUE pairs as settings: numbers where they read as such."""
    found: dict[str, Any] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not (name and sign and value):
            raise unusable("--set", repr(pair), "NAME=VALUE, such as agenda=12")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found


def payback(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Results folder of a finished comparison.")],
) -> None:
    """Print net cost by year, payback year, chance of payback and net present value of finished results."""
    with told():
        from sim.analysis.lever_break_even import BREAK_EVEN
        from sim.report.payback_table import print_paybacks
        from sim.report.tables import console
        from sim.results import RUN_FILE, Results

        if not (folder / RUN_FILE).is_file():
            raise unusable("DIR", f"{folder}, which holds no finished results", "a folder that compare or ask wrote")
        results = Results.load(folder)
        if str(results.provenance["study"]).startswith(BREAK_EVEN):
            levels = f"{folder}, which holds levels of one lever from pathways breakeven and no policies"
            raise unusable("DIR", levels, "a folder that compare, ask or study wrote")
        if len(results.scenarios) < 2:
            raise unusable("DIR", f"{folder}, which holds only {results.baseline}", "results of two or more scenarios")
        try:
            print_paybacks(console(), results)
        except ValueError as error:
            raise unusable("DIR", str(error), "results that hold the whole first year of the study") from None


def waterfall(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario with two or more levers.")],
    county: CountyName = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Folder = None,
    quiet: Quiet = False,
) -> None:
    """Split what a scenario changes into the effect of each of its levers alone and their interaction."""
    with told():
        from sim.report.payback_table import print_waterfall
        from sim.report.tables import console
        from sim.scenarios import baseline, defaults, load_scenario, single_levers

        parameters = county_named(county)
        whole = load_scenario(scenario, parameters)
        parts = single_levers(whole, parameters)
        if len(parts) < 2:
            raise unusable("SCENARIO", f"{whole.name}, which has {len(parts)} lever(s)", "a scenario of two or more")
        number, luck = replications or defaults().ask_replications, seed_or_default(seed)
        study = study_of((baseline(parameters), *parts, whole), luck, number)
        folder = output or folder_for(study, f"waterfall-{whole.name}")
        results = run_shown(study, folder, How(workers, quiet), county)
        print_waterfall(console(), results, [part.name for part in parts], whole.name)
        typer.echo(f"Results: {folder}")

"""`pathways questions` and `pathways ask`: a question in words, answered by its scenarios against the baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import Cluster, CountyName, Quiet, Replications, Seed, StoreFolder, Uncertain, Workers
from sim.cli.shared import How, county_named, draws_in, folder_for, run_shown, seed_or_default, study_of, told

if TYPE_CHECKING:
    from sim.questions import Question
    from sim.results import Results

Folder = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="DIR", help="Results folder; if not given, results/<county>-<question>-seed<seed>."
    ),
]


def questions() -> None:
    """List the questions, and the scenarios that answer each."""
    with told():
        from sim.measures import MEASURES
        from sim.questions import questions as all_questions
        from sim.report.question_list import questions_in_words

        typer.echo(questions_in_words(all_questions(MEASURES)))


def ask(
    question: Annotated[str | None, typer.Argument(help="Question such as Q4; if not given, all are listed.")] = None,
    county: CountyName = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Folder = None,
    quiet: Quiet = False,
    store: StoreFolder = None,
    cluster: Cluster = "",
    uncertainty: Uncertain = None,
) -> None:
    """Run the scenarios that answer a question against the baseline, and say in plain words what they change."""
    if question is None:
        questions()
        return
    with told():
        from sim.measures import MEASURES
        from sim.questions import question_named
        from sim.questions import questions as all_questions
        from sim.scenarios import defaults

        known = all_questions(MEASURES)
        key = question_named(question, known)
        parameters, luck = county_named(county), seed_or_default(seed)
        draws = draws_in(county, parameters, uncertainty, luck)
        number = replications or defaults().ask_replications
        study = study_of(known[key].scenarios_on(parameters), luck, number, name=key, draws=draws)
        folder = output or folder_for(study, key)
        results = run_shown(study, folder, How(workers, quiet, store, cluster), county)
        _report(results, key, known[key], folder, county or "")


def _report(results: Results, key: str, question: Question, folder: Path, county: str) -> None:
    """Print the finding, and write it into the results folder with differences and figures."""
    from sim.report.figures import save_figures
    from sim.report.findings import finding, quantities_drawn, write_finding
    from sim.report.question_figures import save_question_figure
    from sim.report.tables import write_differences

    found = finding(results, key, question, county)
    typer.echo(str(found))
    write_finding(found, results, question, folder)
    if len(results.scenarios) > 1:
        write_differences(results, folder)
    figures = folder / "figures"
    save_figures(results, figures)
    save_question_figure(results, found.asked, quantities_drawn(results, question), figures / f"{key}.png")
    typer.echo(f"Results: {folder}")

"""`pathways money`: workbook, tables, one-page summary and pictures of a finished study, for those who pay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.shared import told, unusable
from sim.parameters.problems import did_you_mean, suggestions

if TYPE_CHECKING:
    from sim.results import Results

Study = Annotated[Path, typer.Argument(metavar="STUDY", help="Results folder of a finished study or comparison.")]
Folder = Annotated[
    Path | None, typer.Option("--output", metavar="DIR", help="Where to write; STUDY/money if not given.")
]
Council = Annotated[
    Path | None,
    typer.Option(
        "--council",
        metavar="FILE",
        help="CSV with the council's own forecast: financial_year, line, amount. An empty one is written to fill in.",
    ),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="NAME", help="Scenario to tell of; may be repeated; all if not given."),
]


def money(study: Study, output: Folder = None, council: Council = None, scenario: Scenarios = None) -> None:
    """Write spend, deficit plan, invest-to-save, payback and who is affected: workbook, CSV, one page and slides."""
    with told():
        from sim.report.money.writing import write_money

        results = _results_in(study)
        names = _scenarios_in(results, scenario or [])
        folder = output or study / "money"
        try:
            written = write_money(results, folder, names, council)
        except ValueError as error:
            raise unusable("STUDY", str(error), "results that hold the whole first year of the study") from None
        typer.echo(f"{len(written)} files written in {folder}: begin with {folder / 'summary.html'}")


def _results_in(folder: Path) -> Results:
    from sim.analysis.lever_break_even import BREAK_EVEN
    from sim.cli.reporting import WHOLE
    from sim.report.forum.figures import Origin
    from sim.report.forum.refusals import check_made_by, check_pupils
    from sim.results import RUN_FILE, Results
    from sim.store import Store

    if not (folder / RUN_FILE).is_file():
        raise unusable(
            "STUDY", f"{folder}, which holds no finished results", "a folder that compare, ask or study wrote"
        )
    try:
        results = Results.load(folder)
    except FileNotFoundError as error:
        raise unusable("STUDY", f"{folder}, of which a file is gone: {error.filename}", WHOLE) from None
    check_made_by(Origin.of(results.provenance), Store(folder).codes(), folder)
    check_pupils(results)
    if str(results.provenance["study"]).startswith(BREAK_EVEN):
        levels = f"{folder}, which holds levels of one lever from pathways breakeven and no policies"
        raise unusable("STUDY", levels, "a folder that compare, ask or study wrote")
    return results


def _scenarios_in(results: Results, asked: list[str]) -> list[str]:
    known = results.scenarios[1:]
    for name in asked:
        if name not in known:
            raise unusable("--scenario", name, f"{suggestions(name, known)}; {did_you_mean(name, known, 'choose one')}")
    return asked

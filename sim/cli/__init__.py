"""The command line, `pathways`: one file for each group of commands.

Libraries that are slow to load are imported inside the commands, so that help comes at once. Exit codes: 0 done,
1 some runs failed or documents are not up to date, 2 the command or the configuration cannot be used, 130 stopped by
the user.
"""

from __future__ import annotations

import sys

import typer

from sim.cli import allocating, asking, calibrating, describing, doctor, looking, paying, reporting, running, thresholds
from sim.cli.making import new
from sim.cli.sensitivity import sensitivity
from sim.cli.storing import store
from sim.cli.studying import study

app = typer.Typer(
    name="pathways",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Pupil Pathways: what policies change for pupils with SEMH needs, where they are placed and what is spent. "
    "Start with: pathways compare, or pathways questions.",
)

app.command()(running.compare)
app.command()(running.run)
app.command()(asking.questions)
app.command()(asking.ask)
app.add_typer(study)
app.add_typer(store)
app.command()(allocating.allocate)
app.command()(describing.levers)
app.command()(thresholds.breakeven)
app.command()(thresholds.payback)
app.command()(thresholds.waterfall)
app.command()(paying.money)
app.command()(calibrating.calibrate)
app.command()(calibrating.validate)
app.add_typer(sensitivity)
app.command()(looking.check)
app.command("map")(looking.draw_pathways)
app.command()(looking.trace)
app.add_typer(new)
app.command()(reporting.report)
app.command()(reporting.quote)
app.command()(describing.docs)
app.command()(doctor.doctor)


def main() -> None:
    """Start the command line; characters that the terminal does not have are replaced, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()

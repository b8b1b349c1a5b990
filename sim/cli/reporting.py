"""`pathways report` and `pathways quote`: a Schools Forum paper, and where the figures in it come from."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import CountyName
from sim.cli.shared import folder_for, told, unusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.experiments import Experiment
    from sim.questions import LooksAt, Question
    from sim.report.forum.paper import Paper
    from sim.results import Results

PAPER, RESULTS = "paper", "results"

WHOLE = "a results folder with all its files: copy it again, or run the study again (finished runs are in the store)"

Finished = Annotated[
    str, typer.Argument(metavar="STUDY", help="Results folder of a finished study, or a study file or its name.")
]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Day on the paper; if not given, that of the runs."
    ),
]


def report(
    study: Finished,
    county: CountyName = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Folder; if not given, paper in the results folder.")
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", metavar="FILE", help="Template (Markdown with Jinja2) of your own.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option("--reference-docx", metavar="FILE", help="Word document whose styles to take over.")
    ] = None,
    date: Day = None,
) -> None:
    """Write a Schools Forum paper about a finished study, as Word and as a web page."""
    with told():
        _has_extra()
        from sim.report.forum.writing import write_paper

        folder, paper = _paper(study, county, date)
        for file in write_paper(paper, output or folder / PAPER, template, reference):
            typer.echo(file)


def quote(
    what: Annotated[
        str, typer.Argument(metavar="STUDY|CODE", help="A study to list sentences of, or a reference code.")
    ],
    county: CountyName = None,
    results: Annotated[
        Path | None,
        typer.Option(
            "--results",
            metavar="DIR",
            help="Where a code is looked for: a results folder, or a folder of them; if not given, this folder and the "
            "results folders of this one and those above it.",
        ),
    ] = None,
) -> None:
    """List the sentences that may be quoted from a study, or show where the figure with a reference code comes from."""
    with told():
        _has_extra()
        from sim.report.forum.figures import CODE
        from sim.report.forum.quoting import origin_in_words, sentences

        what = what.removeprefix("[").removesuffix("]")  # as a paper prints it
        if re.fullmatch(CODE, what) and not Path(what).exists():
            folder, paper = _with_code(what, results)
            typer.echo(origin_in_words(paper.catalogue.with_code(what), paper.said, folder.as_posix()))
            return
        _, paper = _paper(what, county, None)
        for said in sentences(paper.catalogue, paper.titles):
            typer.echo(said)


def _paper(study: str, county: str | None, day: datetime | None) -> tuple[Path, Paper]:
    """Return the results folder of a study, and its paper."""
    from sim.report.forum.figures import Origin
    from sim.report.forum.paper import paper_of
    from sim.report.forum.refusals import check_made_by
    from sim.store import Store

    folder = _finished(study, county)
    results = _results(folder)
    check_made_by(Origin.of(results.provenance), Store(folder).codes(), folder)
    file = _study_file(results)
    question, looks_at = _asked(results, _looked_at(folder), file.question if file else "")
    return folder, paper_of(results, question, looks_at, day.date() if day else None, file.title if file else "")


def _study_file(results: Results) -> Experiment | None:
    """Return the study file that the results were made with, if it is at hand and has not been changed since."""
    from sim.experiments import load_experiment
    from sim.parameters.problems import ConfigurationError
    from sim.study import quantities_in

    said = results.provenance
    digest = said.get("inputs", {}).get(f"{said['study']}.yaml")
    if not digest:
        return None
    try:
        found = load_experiment(str(said["study"]), quantities_in, county=said["county"]["name"])
    except ConfigurationError:
        return None
    return found if found.file_sha256 == digest else None


def _looked_at(folder: Path) -> tuple[LooksAt, ...]:
    """Return the headline measures of a study, which its results folder lists; nothing for other results."""
    from sim.parameters.load import read_text
    from sim.questions import LooksAt
    from sim.report.study_tables import HEADLINES_FILE

    file = folder / HEADLINES_FILE
    if not file.is_file():
        return ()
    keys = ("measure", "provision", "phase", "over", "label", "unit")
    rows = csv.DictReader(read_text(file).splitlines())
    try:
        said = dict.fromkeys(tuple(row[key] for key in keys) for row in rows)
        return tuple(LooksAt(**dict(zip(keys, row, strict=True))) for row in said)
    except (KeyError, ValueError):
        raise unusable("STUDY", f"{file}, which is no list of headline measures", WHOLE) from None


def _finished(study: str, county: str | None) -> Path:
    """Return the results folder of a study."""
    if Path(study).is_dir():
        return Path(study)
    from sim.experiments import load_experiment
    from sim.study import Study, quantities_in

    experiment = load_experiment(study, quantities_in, county=county)
    return folder_for(Study.of(experiment), experiment.name)


def _results(folder: Path) -> Results:
    from sim.analysis.lever_break_even import BREAK_EVEN
    from sim.results import RUN_FILE, Results
    from sim.store import Store

    if not (folder / RUN_FILE).is_file():
        failed = len(Store(folder).failures())
        runs = f"; {failed} of its runs failed" if failed else ""
        allowed = "a finished study: the command that ran it goes on where it stopped"
        raise unusable("STUDY", f"{folder}, which holds no finished results{runs}", allowed)
    try:
        results = Results.load(folder)
    except FileNotFoundError as error:
        raise unusable("STUDY", f"{folder}, of which a file is gone: {error.filename}", WHOLE) from None
    if str(results.provenance["study"]).startswith(BREAK_EVEN):
        raise unusable("STUDY", f"{folder}, which holds levels of one lever and no policies", "a study of policies")
    return results


def _asked(results: Results, looks_at: Sequence[LooksAt], key: str) -> tuple[Question | None, Sequence[LooksAt]]:
    """Return the question of results, if they answer one, and what to look at.

    Parameters
    ----------
    key : of the question that a study file names, if there is one.
    """
    from sim.questions import questions

    said = results.provenance
    keys = [key or str(said["study"]), *(str(one.get("question", "")) for one in said["scenarios"][1:])]
    known = questions()
    asked = {key for key in keys[1:] if key in known}
    key = keys[0] if keys[0] in known else asked.pop() if len(asked) == 1 else ""
    question = known.get(key)
    return question, looks_at or (question.looks_at if question else ())


def _with_code(code: str, root: Path | None) -> tuple[Path, Paper]:
    """Return the results folder and the paper of the run that a reference code belongs to.

    Parameters
    ----------
    root : where to look. If none is given: this folder and those above it, and a folder `results` in each.
    """
    from sim.report.forum.figures import RUN_LETTERS

    here = Path.cwd()
    roots = [root] if root else [place for one in (here, *here.parents) for place in (one, one / RESULTS)]
    folders, unread = _runs_in(roots, code[:RUN_LETTERS], is_given=root is not None)
    for folder in folders:
        _, paper = _paper(str(folder), None, None)
        if paper.catalogue.has(code):
            return folder, paper
    where = str(root) if root else f"{here} and in the results folders here and above"
    lost = f"; {', '.join(map(str, unread))} cannot be read" if unread else ""
    found = f"{code}, of a run that begins with {code[:RUN_LETTERS]}: {len(folders)} such runs in {where}, without it"
    raise unusable("CODE", f"{found}{lost}", "a code from a paper; --results DIR says where its results are")


def _runs_in(roots: Sequence[Path], letters: str, is_given: bool) -> tuple[list[Path], list[Path]]:
    """Return the results folders whose run begins with some letters, and folders whose run.json cannot be read.

    A folder that was given, or is called results, is looked into; of others only the folder itself counts.
    """
    from sim.results import RUN_FILE, UnreadableFile, read_run, run_id

    inside = [one for one in roots if is_given or one.name == RESULTS]
    files = [
        *(one / RUN_FILE for one in roots),
        *(file for one in inside for file in sorted(one.glob(f"*/{RUN_FILE}"))),
    ]
    found, unread = [], []
    for file in dict.fromkeys(files):
        try:
            if file.is_file() and run_id(read_run(file.parent)).startswith(letters):
                found.append(file.parent)
        except (UnreadableFile, KeyError):  # another study's folder may be damaged without harm to this one
            unread.append(file.parent)
    return found, unread


def _has_extra() -> None:
    """Refuse to go on without the libraries of the extra `report`."""
    from importlib.util import find_spec

    missing = [name for name in ("jinja2", "pypandoc") if find_spec(name) is None]
    if missing:
        allowed = 'the extra report: python3 -m pip --python .venv install -c constraints.txt -e ".[report]"'
        raise unusable("report", f"no {' and no '.join(missing)}", allowed)

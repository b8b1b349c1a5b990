"""`pathways levers` and `pathways docs`: what there is to choose, and the documents written from the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import FAILED, CountyName
from sim.cli.shared import county_named, told, unusable

if TYPE_CHECKING:
    from sim.levers.spec import LeverSpec


def levers(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One lever, or a file of one's own; all if not given.")
    ] = None,
    county: CountyName = None,
) -> None:
    """Print each lever: settings with range, grade and source, and the effects by which it works in a county."""
    with told():
        from sim.report.lever_list import print_lever
        from sim.report.tables import console

        chosen, parameters, out = _levers(name), county_named(county), console()
        for lever, spec in chosen.items():
            print_lever(out, lever, spec, parameters)


def _levers(name: str | None) -> dict[str, LeverSpec]:
    """Return the levers asked for."""
    from sim.levers.catalogue import levers as all_levers
    from sim.levers.catalogue import read_lever
    from sim.parameters.problems import suggestions

    known = dict(all_levers())
    if name is None:
        return known
    if name.lower().endswith((".yaml", ".yml")):
        return {Path(name).stem: read_lever(Path(name))}
    if name not in known:
        raise unusable("NAME", f"no lever {name}", suggestions(name, known))
    return {name: known[name]}


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 if a document differs.")] = False,
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder of the documents.")] = Path("docs"),
    verification: Annotated[
        Path | None,
        typer.Option(
            "--verification",
            metavar="FILE",
            help="Results of the tests, from pytest --claims=FILE; verification.json in the folder if not given.",
        ),
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option("--sample", metavar="FILE", help="Also run `compare`, and put what it prints into this document."),
    ] = None,
) -> None:
    """Write the documents that come from the data and the code.

    Levers, questions, the pathways in words, parameters, assumptions, data dictionary, STRESS-DES, ODD, and the
    verification page. First it is checked that every source is used, that every judgement stands under an assumption,
    that every name has a meaning, and that the log of decisions, which is written by hand, is whole.

    The drawn map, docs/pathway_map.png, is not among them, as its bytes differ between versions of the drawing
    library: pathways map --output docs/pathway_map.png draws it.
    """
    with told():
        from sim.parameters.problems import ConfigurationError
        from sim.report.document_checks import problems
        from sim.report.documents import COMMAND, documents_of, outdated, write_documents

        if sample is not None and not sample.is_file():
            raise unusable("--sample", f"no file {sample}", "a document with a sample, such as README.md")
        if verification is not None and not verification.is_file():
            raise unusable("--verification", f"no file {verification}", "a file that pytest --claims=FILE wrote")
        found = problems(output)
        if found:
            typer.echo(str(ConfigurationError(*found)), err=True)
            raise typer.Exit(FAILED)
        documents = documents_of(output, verification)
        if not check:
            files = write_documents(output, documents)
            files += [_sampled(sample)] if sample is not None else []
            typer.echo(f"Written: {', '.join(map(str, files))}")
            return
        if not output.is_dir():
            raise unusable("--output", f"no folder {output} here", "the folder of the documents; see --output")
        different = outdated(output, documents)
        if different:
            again = COMMAND if output == Path("docs") else f"{COMMAND} --output {output}"
            typer.echo(f"Not up to date in {output}: {', '.join(different)}. To write them anew: {again}", err=True)
            raise typer.Exit(FAILED)
        typer.echo(f"The documents in {output} are up to date.")


def _sampled(document: Path) -> Path:
    """Put what `compare` prints today into a document, and return its path."""
    import subprocess
    import sys

    from sim.parameters.load import read_text
    from sim.report.sample import with_sample
    from sim.results import write_text

    done = subprocess.run([sys.executable, "-m", "sim", "compare", "--quiet"], capture_output=True, encoding="utf-8")
    if done.returncode:
        typer.echo(done.stderr, err=True)
        raise typer.Exit(FAILED)
    printed = done.stdout.partition("\nResults: ")[0]
    try:
        write_text(with_sample(read_text(document), printed), document)
    except ValueError as error:
        raise unusable("--sample", f"{document} with {error}", "a document with these marks") from None
    return document

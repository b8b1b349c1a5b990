"""`pathways sensitivity ranking | value | tornado | morris`: how sure an answer is, and which figures it hangs on.

The first two read finished results that hold draws; the others run a scenario at points of the uncertain figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import AimOf, CountyName, DryRun, Quiet, Replications, Seed, Workers, YearsOf
from sim.cli.shared import county_named, goes_on, needs_extra, seed_or_default, told, unusable

if TYPE_CHECKING:
    from sim.analysis.sensitivity.decision import Criterion, Decision
    from sim.analysis.sensitivity.points import How, Subject
    from sim.report.style import Caption
    from sim.results import Results

ALL = "all"
REPLICATIONS, TRAJECTORIES = 4, 6
"""What is run at each point, and walks through the ranges, if not given."""

sensitivity = typer.Typer(
    name="sensitivity", no_args_is_help=True, help="How sure an answer is, and which assumptions it hangs on."
)

ResultsFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Results folder with draws (--uncertainty parameters).")
]
ScenarioToMove = Annotated[
    str | None,
    typer.Argument(metavar="SCENARIO", help="Scenario to compare with the baseline; baseline: its own level."),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PATTERN", help="Figures to look at, such as 'rates/*'; may be repeated."),
]
Folder = Annotated[Path | None, typer.Option("--output", metavar="DIR", help="Results folder; made up if not given.")]


@sensitivity.command()
def ranking(
    folder: ResultsFolder,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario", metavar="NAME", help="Scenario to rank, or baseline; may be repeated. All if not given."
        ),
    ] = None,
    measure: Annotated[
        str | None, typer.Option("--measure", help="Measure to rank by, in place of net cost to the block.")
    ] = None,
    provision: Annotated[str, typer.Option("--provision", help="Provision of the measure.")] = ALL,
    phase: Annotated[str, typer.Option("--phase", help="Phase of the measure.")] = ALL,
    over: Annotated[
        YearsOf | None, typer.Option("--over", help="How years of the study are put together; mean if not known.")
    ] = None,
    aim: Annotated[
        AimOf | None, typer.Option("--aim", help="Whether the least or the most is best; least if not known.")
    ] = None,
) -> None:
    """Print the chance that each scenario is the cheapest (or best), and the assumptions that could change that."""
    with told():
        from sim.analysis.sensitivity.assumptions import assumptions
        from sim.analysis.sensitivity.ranking import ranking as ranked
        from sim.analysis.sensitivity.ranking import told_by
        from sim.report.payback_table import scenario_titles
        from sim.report.ranked import files_of, write_ranking
        from sim.report.sensitivity_words import print_ranking
        from sim.report.tables import console

        results = _results_in(folder)
        by = _criterion(results, (measure, provision, phase), over, aim)
        decision = _decision_of(results, by, scenario or [])
        found, could_change = told_by(ranked(decision), by), assumptions(decision)
        print_ranking(console(), decision, found, could_change, scenario_titles(results), by)
        names = files_of(by, scenario or [])
        write_ranking(results, found, could_change, by, folder, names)
        _say_origin(results, folder, ", ".join(names))


@sensitivity.command()
def value(folder: ResultsFolder) -> None:
    """Print what it would be worth to know each uncertain figure exactly: which evidence to collect."""
    with told(), needs_extra("sensitivity", "SALib", "sklearn"):
        from sim.analysis.sensitivity.decision import varied
        from sim.analysis.sensitivity.screening import grouped
        from sim.analysis.sensitivity.value import value_of_all, values_of_parts
        from sim.report.sensitivity_figures import save_sensitivity, value_figure
        from sim.report.sensitivity_words import print_value, value_sentences
        from sim.report.style import Caption
        from sim.report.tables import console

        results = _results_in(folder)
        decision = _decision_of(results)
        parts: dict[str, list[str]] = {}
        for name in varied(decision.figures):
            parts.setdefault(grouped([name])[name].split("/")[0], []).append(name)
        whole, each, groups = value_of_all(decision), values_of_parts(decision), values_of_parts(decision, parts)
        each.to_csv(folder / "value.csv", index=False, encoding="utf-8", lineterminator="\n")
        print_value(console(), decision, whole, each, groups)
        caption = Caption.of(results.provenance)
        lines = value_sentences(whole, each)
        save_sensitivity(value_figure(whole, each, caption), folder / "figures" / "value.png", lines, caption)
        _say_origin(results, folder, "value.csv, figures/value.png")


@sensitivity.command()
def tornado(
    scenario: ScenarioToMove = None,
    only: Only = None,
    county: CountyName = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Folder = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Move one uncertain figure at a time to its 5% and 95% quantile, and print what that changes."""
    with told():
        from sim.analysis.sensitivity.tornado import points_of
        from sim.analysis.sensitivity.tornado import tornado as swung
        from sim.report.sensitivity_figures import save_sensitivity, tornado_figure
        from sim.report.sensitivity_words import bars_in_words, print_tornado
        from sim.report.tables import console

        subject = _subject(scenario, county, seed, replications)
        names = _names(subject, only)
        if dry_run:
            _say_runs(subject, len(points_of(names)))
            return
        folder = output or _folder_for(subject, "tornado")
        with _running(subject, len(points_of(names)), folder, workers, quiet) as how:
            found = swung(subject, names, how)
        found.bars.to_csv(folder / "tornado.csv", index=False, encoding="utf-8", lineterminator="\n")
        caption = _caption(subject, found.run)
        print_tornado(console(), found, _what(subject), caption.origin)
        figure = tornado_figure(found, caption, _what(subject))
        save_sensitivity(figure, folder / "figures" / "tornado.png", bars_in_words(found), caption)
        typer.echo(f"Results: {folder}")


@sensitivity.command()
def morris(
    scenario: ScenarioToMove = None,
    only: Only = None,
    by_figure: Annotated[
        bool, typer.Option("--by-figure", help="Each figure by itself, not the figures of a part together.")
    ] = False,
    trajectories: Annotated[
        int, typer.Option("--trajectories", min=2, help="Walks through the ranges.")
    ] = TRAJECTORIES,
    county: CountyName = None,
    seed: Seed = None,
    replications: Replications = None,
    workers: Workers = None,
    output: Folder = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Screen groups of uncertain figures by random walks through their ranges (Morris): which matter at all."""
    with told(), needs_extra("sensitivity", "SALib", "sklearn"):
        from sim.analysis.sensitivity.screening import grouped, screening
        from sim.report.sensitivity_figures import save_sensitivity, screening_figure
        from sim.report.sensitivity_words import effects_in_words, print_screening
        from sim.report.tables import console

        subject = _subject(scenario, county, seed, replications)
        groups = grouped(_names(subject, only), by_figure)
        points = trajectories * (len(set(groups.values())) + 1)
        if dry_run:
            _say_runs(subject, points)
            return
        folder = output or _folder_for(subject, "morris")
        with _running(subject, points, folder, workers, quiet) as how:
            found = screening(subject, groups, trajectories, how)
        found.effects.to_csv(folder / "morris.csv", index=False, encoding="utf-8", lineterminator="\n")
        caption = _caption(subject, found.run)
        print_screening(console(), found, _what(subject), caption.origin)
        figure = screening_figure(found, caption, _what(subject))
        save_sensitivity(figure, folder / "figures" / "morris.png", effects_in_words(found), caption)
        typer.echo(f"Results: {folder}")


def _results_in(folder: Path) -> Results:
    """Return the results in a folder."""
    from sim.results import RUN_FILE, Results

    if not (folder / RUN_FILE).is_file():
        raise unusable(
            "DIR", f"{folder}, which holds no finished results", "a folder that compare, ask or study run wrote"
        )
    return Results.load(folder)


def _criterion(
    results: Results, asked: tuple[str | None, str, str], over: YearsOf | None, aim: AimOf | None
) -> Criterion:
    """Return what scenarios are ranked by: net cost if no measure is asked for."""
    from sim.analysis.sensitivity.criteria import criterion, quantities_of
    from sim.analysis.sensitivity.decision import NET_COST
    from sim.experiments.reading import first_unknown
    from sim.measures import MEASURES
    from sim.parameters.problems import suggestions
    from sim.questions import questions

    measure, provision, phase = asked
    if measure is None:
        if (provision, phase, over, aim) != (ALL, ALL, None, None):
            raise unusable("--measure", "nothing, with other options of a measure", "a measure beside them")
        return NET_COST
    wrong = first_unknown((measure, provision, phase), quantities_of(results))
    if wrong:
        key, word, there = wrong
        raise unusable(f"--{key}", f"no figures of {key} {word}", suggestions(word, there))
    return criterion((measure, provision, phase), questions(MEASURES), over and over.value, aim and aim.value)


def _decision_of(results: Results, *by: Any) -> Decision:
    """Return the decision that results are about; see `decision_of`."""
    from sim.analysis.sensitivity.decision import decision_of

    try:
        return decision_of(results, *by)
    except ValueError as error:
        raise unusable(
            "DIR", str(error), "results of two or more scenarios, run with --uncertainty parameters"
        ) from None


def _say_origin(results: Results, folder: Path, files: str) -> None:
    from sim.report.style import Caption

    typer.echo(Caption.of(results.provenance).origin)
    typer.echo(f"Written to {folder}: {files}")


def _subject(scenario: str | None, county: str | None, seed: int | None, replications: int | None) -> Subject:
    from sim.analysis.sensitivity.points import Subject
    from sim.parameters.load import find_county
    from sim.parameters.load_uncertainty import load_uncertainty
    from sim.scenarios import BASELINE, baseline, defaults, load_scenario

    parameters = county_named(county)
    spec = load_uncertainty(find_county(county or defaults().county), parameters)
    name = scenario or defaults().scenario
    chosen = baseline(parameters) if name == BASELINE else load_scenario(name, parameters)
    return Subject(chosen, spec, seed_or_default(seed), replications or REPLICATIONS)


def _names(subject: Subject, only: list[str] | None) -> list[str]:
    from sim.analysis.sensitivity.points import names_of

    found = names_of(subject, only or ())
    if not found:
        known = ", ".join(dict.fromkeys(f"{name.split('/')[0]}/*" for name in names_of(subject)))
        raise unusable("--only", " ".join(only or ()) or "no uncertain figure", known or "a county with ranges")
    return found


def _say_runs(subject: Subject, points: int) -> None:
    scenarios = 1 if subject.is_level else 2
    runs = points * scenarios * subject.replications
    typer.echo(f"{runs} runs: {points} points by {scenarios} scenario(s) by {subject.replications} replications")


def _folder_for(subject: Subject, method: str) -> Path:
    county = (subject.scenario.county or subject.scenario.parameters).county.name
    return Path("results") / f"{county}-{method}-{subject.scenario.name}-seed{subject.seed}"


@contextmanager
def _running(subject: Subject, points: int, folder: Path, workers: int | None, quiet: bool) -> Iterator[How]:
    """Yield how to run points with progress on stderr; a stop or failed runs say how to go on."""
    from sim.analysis.sensitivity.points import How
    from sim.report.progress import shown

    runs = points * (1 if subject.is_level else 2) * subject.replications
    folder.mkdir(parents=True, exist_ok=True)
    with goes_on(f"The same command with --output {folder}"), shown(runs, quiet) as tell:
        yield How(workers, folder, tell)


def _what(subject: Subject) -> str:
    title = subject.scenario.title or subject.scenario.name
    if subject.is_level:
        return "spend of the high needs block over the study"
    return f"net cost to the high needs block over the study of: {title}"


def _caption(subject: Subject, run: str) -> Caption:
    from sim.report.style import Caption
    from sim.results import stamp_of

    county = (subject.scenario.county or subject.scenario.parameters).county
    return Caption(county.label, run, subject.replications, stamp_of(county.calibration), {})

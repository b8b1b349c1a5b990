"""What a paper holds, in the order and the words that its template can ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.analysis.changed_for_whom import flows
from sim.measures.ledger import IN_BLOCK
from sim.questions import LooksAt, Question
from sim.report.drawn_words import how_many
from sim.report.forum.catalogue import Catalogue
from sim.report.forum.figures import Figure
from sim.report.forum.finance import line_tables, payback_table
from sim.report.forum.fit import fit_of
from sim.report.forum.gathering import NPV, figures_of, headline_quantities, only_needed
from sim.report.forum.markdown import MOST_LETTERS, Numbering, plain, table
from sim.report.forum.money_figures import money_figures
from sim.report.forum.money_pages import pages
from sim.report.forum.pictures import Picture, cumulative
from sim.report.forum.quoting import command_of, sentence, settings_in_words, told
from sim.report.forum.refusals import check_results, checked
from sim.report.forum.rounding import ends, value_words
from sim.report.forum.whom import for_whom, has_pupils
from sim.results import Results

MOST_IN_FULL = 6
"""So many options, the first of the study, are told of in full; the others are in the table that compares all."""

SHORT = 70


@dataclass
class Paper:
    """A paper about the results of a study.

    Attributes
    ----------
    question : that was put, or None.
    looks_at : quantities to tell of.
    dated : the day on the paper.
    title : of the study; '' for the question that was put, or the name of the study.
    pictures, flows : set when they are drawn; flows between two lives of the same pupils by option.
    """

    results: Results
    question: Question | None
    looks_at: tuple[LooksAt, ...]
    dated: date
    title: str = ""
    number: Numbering = field(default_factory=Numbering)
    pictures: list[Picture] = field(default_factory=list)
    flows: dict[str, Picture] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gather the figures; refuse results that cannot be told of."""
        check_results(self.results)
        self.looks_at = self.looks_at or headline_quantities(self.results)
        told = only_needed(self.results, self.looks_at)
        figures = (*figures_of(told, self.looks_at), *money_figures(told, self.in_full))
        self.catalogue = Catalogue(figures)

    @property
    def said(self) -> Mapping[str, Any]:
        """What run.json says."""
        return self.results.provenance

    @property
    def baseline(self) -> str:
        """The scenario that the others are compared with."""
        return self.results.baseline

    @property
    def titles(self) -> dict[str, str]:
        """What each scenario is called."""
        return {one["name"]: plain(one["title"] or one["name"], MOST_LETTERS) for one in self.said["scenarios"]}

    @property
    def options(self) -> tuple[str, ...]:
        """The scenarios set beside the baseline."""
        return self.results.scenarios[1:]

    @property
    def in_full(self) -> tuple[str, ...]:
        """The options that are told of in full."""
        return self.options[:MOST_IN_FULL]

    def short(self, scenario: str) -> str:
        """Return the number of an option and its title, not too long for a heading."""
        return f"Option {self.options.index(scenario) + 1}, {plain(self.titles[scenario], SHORT)}"

    def net(self, scenario: str) -> Figure | None:
        """Return what a scenario changes in the spend of the block over the study."""
        found = self._over_study("spend_total", IN_BLOCK, scenario)
        return checked(found[0]) if found else None

    def nets(self) -> list[Figure]:
        """Return what each option changes in the spend of the block over the study."""
        return [one for name in self.options if (one := self.net(name))]

    def yearly(self) -> dict[str, list[Figure]]:
        """Return net cost added up since the start, by year, of the options told of in full."""
        return {name: cumulative(self.catalogue.figures, name) for name in self.in_full}

    def flow_tables(self) -> dict[str, pd.DataFrame]:
        """Return the flow between the two lives of the same pupils, of the options told of in full."""
        held = set(self.results.pupil_tables)
        return {name: flows(self.results, name) for name in self.in_full if {name, self.baseline} <= held}

    def changes(self, scenario: str) -> list[Figure]:
        """Return the changes of what is looked at in a scenario."""
        found = [self._over_study(one.measure, one.provision, scenario, one.phase) for one in self.looks_at]
        return list(dict.fromkeys(checked(one) for figures in found for one in figures))

    def _over_study(self, measure: str, provision: str, scenario: str, phase: str = "") -> list[Figure]:
        keys = {"measure": measure, "provision": provision, "scenario": scenario, "comparison": self.baseline}
        found = self.catalogue.those({**keys, **({"phase": phase} if phase else {})})
        spans = [one for one in found if " of " in one.about.period]
        return spans or found[-1:]


def context_of(paper: Paper) -> dict[str, Any]:
    """Return what a template may use; docs/forum_report.md lists it."""
    said, asked = paper.said, paper.question.asked if paper.question else ""
    return {
        "title": plain(paper.title or asked or said["study"], MOST_LETTERS),
        "asked": paper.title if paper.title.endswith("?") else asked,
        "county": said["county"]["label"],
        "date": f"{paper.dated.day} {paper.dated:%B %Y}",
        "stamp": said["stamp"],
        "run": paper.catalogue.figures[0].origin.run,
        "runs": how_many(said),
        "are_drawn": "draws" in said,
        "fictional": bool(said["county"].get("fictional")),
        "range_name": paper.catalogue.figures[0].origin.range_name,
        "years": years_of(paper),
        "options": [_option(paper, name) for name in paper.options],
        "in_full": [_option(paper, name) for name in paper.in_full],
        "left_out": len(paper.options) - len(paper.in_full),
        "compared": lambda: compared(paper),
        "changes_table": lambda name: changes_table(paper, name),
        "findings": lambda name: findings(paper, name),
        "line_tables": lambda name: line_tables(paper, name),
        "payback_table": lambda name: payback_table(paper, name),
        "worth": lambda name: worth(paper, name),
        "money_pages": lambda: pages(paper),
        "changed_for_whom": lambda name: list(for_whom(paper, name)),
        "has_pupils": has_pupils(paper),
        "pictures": paper.pictures,
        "flows": paper.flows,
        "fit": fit_of(paper.results),
        "caveats": [
            *(one.replace("`", "") for one in said["caveats"]),
            *(paper.question.caveats if paper.question else ()),
        ],
        "number": paper.number,
        "figure": lambda name, **keys: told(paper.catalogue.one(name, **keys)),
        "sentence": lambda name, **keys: sentence(paper.catalogue.one(name, **keys), paper.titles),
        "provenance": provenance(paper),
        "scenario_rows": [_record(one) for one in said["scenarios"]],
        "command": command_of(said),
        "code": lambda text: Markup(plain(text)),
    }


def _caveats(paper: Paper) -> list[str]:
    """Return what a reader must know, of the run and of the question; commands in it are no code."""
    asked = paper.question.caveats if paper.question else ()
    return [one.replace("`", "") for one in (*paper.said["caveats"], *asked)]


def years_of(paper: Paper) -> str:
    """Return the financial years that the paper is about."""
    nets = paper.nets()
    return nets[0].about.period.partition(" of ")[2] if nets else ""


def _option(paper: Paper, name: str) -> dict[str, Any]:
    record = next(one for one in paper.said["scenarios"] if one["name"] == name)
    net = paper.net(name)
    return {
        "name": name,
        "title": paper.titles[name],
        "short": paper.short(name),
        "description": plain(record.get("description", "")) or "No description was given.",
        "settings": settings_in_words(record) or "none",
        "net": told(net) if net else "no spend was modelled",
        "direction": _direction(net),
    }


def _direction(net: Figure | None) -> str:
    if net is None or not net.is_clear:
        return "makes no difference to the spend of the block that can be told apart from none"
    return "costs the block more than it saves" if net.value > 0 else "saves the block more than it costs"


def findings(paper: Paper, scenario: str) -> list[str]:
    """Return sentences on what a scenario changes: clear changes, each with its reference, then how many are not."""
    changes = [one for one in paper.changes(scenario) if one.about.measure != "spend_total"]
    clear = [one for one in changes if one.is_clear]
    rest = len(changes) - len(clear)
    found = [f"{one.label}, {one.about.period}: {told(one)}." for one in clear]
    if rest:
        number = f"{rest} of the {len(changes)}" if clear else f"None of the {len(changes)}"
        can = "cannot" if clear else "can"
        found.append(f"{number} quantities looked at {can} be told apart from no change; the table has them all.")
    return found


def worth(paper: Paper, scenario: str) -> str:
    """Return the sentence on the net present value of what is saved; '' if it was not worked out."""
    found = paper.catalogue.those({"measure": NPV, "scenario": scenario})
    return (
        f"{found[0].label} ({found[0].about.period}; above 0 the option saves): {_worth(checked(found[0]))}."
        if found
        else ""
    )


def _worth(figure: Figure) -> str:
    sign = "more is saved than spent" if figure.value > 0 else "more is spent than saved"
    return f"{told(figure)}; {sign}" if figure.is_clear else told(figure)


def compared(paper: Paper) -> Markup:
    """Return the table that compares all options by their net cost."""
    rows = [
        (f"{place}. {paper.titles[one.about.scenario]}", value_words(one), _ends(one), _range(one), one.code)
        for place, one in enumerate(paper.nets(), 1)
    ]
    period = paper.nets()[0].about.period
    caption = f"{paper.number.table()}. All options: change in spend of the high needs block, {period}, cash"
    return table(caption, ["Option", "Change", *_heads(paper), "Ref."], rows, [26, 14, 17, 18, 16])


def changes_table(paper: Paper, scenario: str) -> Markup:
    """Return the table of everything looked at in a scenario."""
    changes = paper.changes(scenario)
    usual = Counter(one.about.period for one in changes).most_common(1)[0][0] if changes else ""
    rows = [(_label(one, usual), value_words(one), _ends(one), _range(one), one.code) for one in changes]
    span = f" ({usual} unless another period is named)" if usual else ""
    caption = f"{paper.number.table()}. {paper.short(scenario)}: changes from the baseline{span}"
    return table(caption, ["What is looked at", "Change", *_heads(paper), "Ref."], rows, [26, 14, 17, 18, 16])


def _label(figure: Figure, usual: str) -> str:
    return figure.label if figure.about.period == usual else f"{figure.label}, {figure.about.period}"


def _heads(paper: Paper) -> tuple[str, str]:
    name = paper.catalogue.figures[0].origin.range_name
    return "95% interval of the mean difference", f"{name.capitalize()} (10th to 90th percentile)"


def _ends(figure: Figure) -> str:
    if figure.never_varies:
        return f"the same in all {figure.number}"
    return ends(figure, figure.low, figure.high)


def _range(figure: Figure) -> str:
    return "none" if figure.never_varies or figure.futures is None else ends(figure, *figure.futures)


def provenance(paper: Paper) -> list[tuple[str, str]]:
    """Return what the paper rests on: name and value."""
    said, origin = paper.said, paper.catalogue.figures[0].origin
    git = said.get("git", {})
    drawn = f"{origin.draws} draws" if origin.draws else "none: parameters are held at their central values"
    return [
        ("Run", origin.run),
        ("County", said["county"]["label"]),
        ("Seed", str(origin.seed)),
        ("Replications of each scenario", str(origin.replications)),
        ("Draws of uncertain parameters", drawn),
        ("Code (hash of the sources that can change a run)", origin.code[:16]),
        ("Commit", f"{git.get('commit') or 'not known'}{' with local changes' if git.get('dirty') else ''}"),
        ("Configuration (hash of parameters and files)", origin.configuration[:16]),
        ("Runs finished", str(said.get("created", "not known"))),
        ("Packages", ", ".join(f"{name} {number}" for name, number in said.get("packages", {}).items()) or "not known"),
        ("Study", str(said["study"])),
    ]


def _record(scenario: Mapping[str, Any]) -> tuple[str, str, str]:
    return plain(scenario["name"], SHORT), str(scenario["parameters"])[:16], settings_in_words(scenario) or "none"


def paper_of(
    results: Results, question: Question | None, looks_at: Sequence[LooksAt], dated: date | None, title: str = ""
) -> Paper:
    """Return the paper about results, dated on the day when the runs were finished unless another is given."""
    created = str(results.provenance.get("created", ""))[:10]
    day = dated or (date.fromisoformat(created) if created else date(1970, 1, 1))
    return Paper(results, question, tuple(looks_at), day, title)

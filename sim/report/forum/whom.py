"""What changed for whom in a paper: pupils who avoided and who gained spells, by group, and how far they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.analysis.changed_for_whom import (
    ANY,
    AVOIDED,
    BEFORE,
    CHANGED,
    DISTRICT,
    FEWEST,
    GAINED,
    NET,
    SEX,
    SIGN_UP,
    SPELLS,
    YEAR_GROUP,
)
from sim.measures.tidy import ALL
from sim.report.amounts import place_of
from sim.report.forum.figures import PUPILS, Figure
from sim.report.forum.finance import MINUS
from sim.report.forum.markdown import joined, table
from sim.report.forum.money_figures import ARROW, FLOW
from sim.report.forum.quoting import told
from sim.report.forum.refusals import checked
from sim.report.words import words
from sim.vocabulary import YEAR_GROUPS

if TYPE_CHECKING:
    from sim.report.forum.paper import Paper

QUANTITIES = (BEFORE, AVOIDED, GAINED, NET)
HEADS = ("In the baseline", "Avoided", "Gained", "Net change", "Ref.")
WIDTHS = [24, 17, 16, 16, 16, 16]
GROUPINGS = {YEAR_GROUP: "Year group", SEX: "Sex", DISTRICT: "District", SIGN_UP: "School"}
FEW = f"fewer than {FEWEST}"


def has_pupils(paper: Paper) -> bool:
    """Whether the results hold pupils of the options told of in full."""
    return any(one.about.measure.startswith(PUPILS) for one in paper.catalogue)


def for_whom(paper: Paper, scenario: str) -> Iterator[Markup]:
    """Yield for one option the table of spells, that of groups, the sentence on all, and the table of flows."""
    changed = _of(paper, scenario, f"{PUPILS}{CHANGED}", ANY, ALL)
    if changed:
        text = f"Pupils whose days in any placement differ from the baseline by a school day or more: {told(changed)}."
        yield joined([paper.number.paragraph(), text])
    unit = "pupils since the study began, with the 95% interval of the mean (net: of the mean difference)"
    rows = [_row(paper, scenario, words(spell), spell, ALL) for spell in (*SPELLS, ANY)]
    caption = f"{paper.number.table()}. {paper.short(scenario)}: spells avoided and gained by the same pupils; {unit}"
    yield table(caption, ["Spell", *HEADS], rows, WIDTHS)
    groups = [
        _row(paper, scenario, f"{name}: {words(group)}", ANY, f"{grouping} {group}")
        for grouping, name in GROUPINGS.items()
        for group in _groups(paper, scenario, grouping)
        if _is_told(paper, scenario, f"{grouping} {group}")
    ]
    if not groups and has_pupils(paper):
        text = f"In no group do {FEWEST} pupils or more avoid or gain any of these spells."
        yield joined([paper.number.paragraph(), text])
    if groups:
        told_of = f"where {FEWEST} or more avoid or gain one"
        caption = f"{paper.number.table()}. {paper.short(scenario)}: pupils with any spell, by group, {told_of}; {unit}"
        yield table(caption, ["Group", *HEADS], groups, WIDTHS)
    yield from _flows(paper, scenario)


def _of(paper: Paper, scenario: str, measure: str, spell: str, group: str) -> Figure | None:
    keys = {"measure": measure, "provision": spell, "phase": group, "scenario": scenario}
    found = paper.catalogue.those(keys)
    return checked(found[0]) if found else None


def _is_told(paper: Paper, scenario: str, group: str) -> bool:
    """Whether enough pupils of a group avoid or gain a spell to be told of."""
    found = [_of(paper, scenario, f"{PUPILS}{quantity}", ANY, group) for quantity in (AVOIDED, GAINED)]
    return any(one is not None and bool(one.value) for one in found)


def _row(paper: Paper, scenario: str, label: str, spell: str, group: str) -> Sequence[str]:
    found = [_of(paper, scenario, f"{PUPILS}{quantity}", spell, group) for quantity in QUANTITIES]
    code = next((one.series for one in found if one), "")
    return (label, *(pupils(one) for one in found), code)


def pupils(figure: Figure | None) -> str:
    """Return a mean count with its interval, or that it is of few; no figure is gathered of few pupils."""
    if figure is None:
        return FEW
    place = min(0, max(-1, place_of(figure.value, figure.low, figure.high)))
    mean, low, high = (_count(value, place) for value in (figure.value, figure.low, figure.high))
    return mean if figure.never_varies else f"{mean} ({low} to {high})"


def _count(value: float, place: int) -> str:
    rounded = round(value, -place)
    return f"{MINUS if rounded < 0 else ''}{abs(rounded):,.{-place}f}"


def _groups(paper: Paper, scenario: str, grouping: str) -> list[str]:
    """Return the groups of a grouping that have a figure; none when there is but one group."""
    there = paper.catalogue.those({"scenario": scenario, "provision": ANY})
    found = dict.fromkeys(one.about.phase for one in there if one.about.phase.startswith(f"{grouping} "))
    names = [phase.removeprefix(f"{grouping} ") for phase in found]
    order = {name: place for place, name in enumerate(YEAR_GROUPS)}
    names = sorted(names, key=lambda name: order.get(name, 0)) if grouping == YEAR_GROUP else sorted(names)
    return names if len(names) > 1 else []


def _flows(paper: Paper, scenario: str) -> Iterator[Markup]:
    """Yield the table of pupils who came to something else than in the baseline."""
    found = [one for one in paper.catalogue.those({"measure": FLOW, "scenario": scenario}) if _moves(one)]
    if not found:
        return
    rows = [
        (*map(words, one.about.provision.split(ARROW)), pupils(checked(one)), one.code)
        for one in sorted(found, key=lambda one: -one.value)
    ]
    caption = (
        f"{paper.number.table()}. {paper.short(scenario)}: pupils who come to another furthest placement than in the "
        f"baseline, with the 95% interval of the mean; flows of fewer than {FEWEST} pupils are left out"
    )
    yield table(caption, ["Baseline", "This option", "Pupils", "Ref."], rows, [28, 28, 24, 20])


def _moves(figure: Figure) -> bool:
    before, after = figure.about.provision.split(ARROW)
    return before != after and bool(figure.value)

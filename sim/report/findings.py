"""What a study found about a question: plain sentences, what to keep in mind, and the tables behind them.

The text is the same on a terminal and in finding.txt: eighty columns, no colours. Every word about scenarios and
quantities comes from the data.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd

from sim.analysis.price_or_volume import price_or_volume
from sim.analysis.waterfall import waterfall
from sim.measures.ledger import BESIDE_BLOCK, IN_BLOCK
from sim.measures.tidy import ALL
from sim.questions import LooksAt, Question
from sim.report.amounts import is_money
from sim.report.drawn_words import how_many, range_name, variance_in_words
from sim.report.finding_tables import change_table, level_table, line_table, step_table
from sim.report.looked_at import Change, Level, changes, levels_by_year, levels_over_study
from sim.report.plain_table import WIDTH
from sim.report.question_figures import Quantity
from sim.report.sensitivity_words import cheapest_in_words
from sim.report.sentences import (
    growth_words,
    level_sentences,
    payback_words,
    placement_words,
    rank_words,
    spend_words,
    together_words,
    years_of,
)
from sim.results import Results, interval_name, run_id

FINDING_FILE, LEVELS_FILE = "finding.txt", "levels.csv"
FEW = 3
"""Up to so many scenarios are told of in a paragraph each; more in a ranking and a sentence each."""

LINE_MEASURE = "spend"
"""What single budget lines are spent; they are in a table of their own and not told in sentences."""

NET = LooksAt(measure="spend_total", provision=IN_BLOCK, over="sum", label="Spend of the block", unit="GBP")
BESIDE = LooksAt(measure="spend_total", provision=BESIDE_BLOCK, over="sum", label="Spend beside it", unit="GBP")


@dataclass(frozen=True)
class Finding:
    """What was found: paragraphs (heading and text, either may be empty), caveats, tables and where it comes from."""

    asked: str
    paragraphs: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]
    go_further: tuple[str, ...]
    tables: tuple[tuple[str, str], ...]
    origin: str

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """Return the whole as text of eighty columns."""
        return "\n".join([_wrapped(self.asked), "", *self._said(), "", *self._kept_in_mind(), "", *self._shown()])

    def _said(self) -> Iterator[str]:
        for number, (heading, text) in enumerate(self.paragraphs):
            yield from [""] if number else []
            yield from [_wrapped(heading, hanging="   ")] if heading else []
            yield from [_wrapped(text, "   " if heading else "")] if text else []

    def _kept_in_mind(self) -> Iterator[str]:
        yield "To keep in mind:"
        yield from (_wrapped(f"* {caveat}", hanging="  ") for caveat in self.caveats)
        if self.go_further:
            yield from ("", "To go further:", *(f"  {command}" for command in self.go_further))

    def _shown(self) -> Iterator[str]:
        for heading, table in self.tables:
            yield from (_wrapped(heading), table, "")
        yield _wrapped(self.origin)


def finding(results: Results, key: str, question: Question, county: str = "") -> Finding:
    """Return what results say about a question.

    Parameters
    ----------
    results : of the baseline and the scenarios of the question, or of the baseline alone for its levels.
    key : the question's, such as Q4.
    county : the name or folder that was asked for; commands to go further repeat it.
    """
    said = _changes if len(results.scenarios) > 1 else _levels
    paragraphs, tables = said(results, question)
    if variance := variance_in_words(results, question.looks_at):
        tables.append(("What is not known, and luck", "\n".join(variance)))
    asked = f"{key}. {question.asked}"
    paragraphs += _growth(results, question)
    if sure := cheapest_in_words(results):
        paragraphs.append(("", sure))
    caveats = tuple(_caveats(results, question))
    further = tuple(_on_county(command, county) for command in question.go_further)
    return Finding(asked, tuple(paragraphs), caveats, further, tuple(tables), _origin(results))


def _on_county(command: str, county: str) -> str:
    """Return a command for a county, if one was asked for; what it answers may stand behind '#'."""
    if not county:
        return command
    words = command.partition("#")[0].rstrip()
    return f"{words} --county {quote(county)}{command.removeprefix(words)}"


def write_finding(found: Finding, results: Results, question: Question, folder: Path) -> Path:
    """Write finding.txt, and levels.csv for a question about levels, and return the path of the first."""
    if len(results.scenarios) == 1:
        _level_frame(results, question).to_csv(folder / LEVELS_FILE, index=False, encoding="utf-8", lineterminator="\n")
    path = folder / FINDING_FILE
    path.write_text(f"{found}\n", encoding="utf-8", newline="\n")
    return path


def quantities_drawn(results: Results, question: Question) -> list[Quantity]:
    """Return what the question looks at as the figure of a question asks for it; what has no figures is left out."""
    keys = results.measures[["measure", "provision", "phase"]].drop_duplicates().astype("str")
    there = {(row.measure, row.provision or ALL, row.phase or ALL): row for row in keys.itertuples()}
    found = [(one, there.get((one.measure, one.provision, one.phase))) for one in question.looks_at]
    return [
        Quantity(str(row.measure), str(row.provision), str(row.phase), one.label, one.unit)
        for one, row in found
        if row is not None
    ]


def _changes(results: Results, question: Question) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return paragraphs and tables about what scenarios change."""
    looked_at, money = changes(results, question.looks_at), changes(results, [NET, BESIDE])
    names = _names(results)
    paragraphs = [("", text) for text in _ranking(results, money)]
    paragraphs += [(names[name], _about(results, name, looked_at, money, short=len(names) > FEW)) for name in names]
    combined, steps = _combined(results, question, names)
    table = change_table(looked_at, names)
    missing = _without_figures(question.looks_at, {change.quantity for change in looked_at})
    heading = f"What is looked at, with the {interval_name(0.95)}.{missing}"
    return [*paragraphs, *combined], [*steps, (heading, table)]


def _names(results: Results) -> dict[str, str]:
    """Return scenario -> title, numbered when there are several."""
    titles = {one["name"]: one["title"] or one["name"] for one in results.provenance["scenarios"][1:]}
    if len(titles) == 1:
        return titles
    return {name: f"{number}. {title}" for number, (name, title) in enumerate(titles.items(), start=1)}


def _ranking(results: Results, money: Sequence[Change]) -> Iterator[str]:
    """Yield the ranking of many scenarios by net cost, each compared with the one before."""
    net = [change for change in money if change.quantity == NET]
    if len(net) <= FEW:
        return
    order = sorted(net, key=lambda change: change.difference)
    clear = {
        later.scenario: changes(results, [NET], [later.scenario], sooner.scenario)[0].is_clear
        for sooner, later in pairwise(order)
    }
    numbers = {name: str(number) for number, name in enumerate(results.scenarios)}
    yield rank_words(order, numbers, clear)


def _about(
    results: Results, scenario: str, looked_at: Sequence[Change], money: Sequence[Change], *, short: bool
) -> str:
    """Return a paragraph about a scenario, or one sentence."""
    spend = {change.quantity: change for change in money if change.scenario == scenario}
    mine = [change for change in looked_at if change.scenario == scenario]
    placements = placement_words(mine, short=short)
    if NET not in spend:
        return _sentences([placements])
    years = years_of(spend[NET].period)
    spent = f"it {spend_words(spend[NET], spend.get(BESIDE))}"
    returns = "" if spend[NET].is_none else f"it {payback_words(results, scenario)}"
    if short:
        return _sentences(["; ".join(part for part in (spent, placements, returns) if part)])
    return _sentences([f"over {years} (cash) {spent}", placements, returns])


def _sentences(parts: Sequence[str]) -> str:
    return " ".join(f"{part[:1].upper()}{part[1:].removesuffix('.')}." for part in parts if part)


def _combined(
    results: Results, question: Question, names: Mapping[str, str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the paragraph and the table about parts and whole, for a question about a combination."""
    if question.combination is None:
        return [], []
    parts, together = question.combination.parts, question.combination.together
    steps = waterfall(results, parts, together)
    heading = f"Net cost to the high needs block, part by part ({steps['period'].iloc[0]})"
    return [("Apart and together", _sentences([together_words(steps)]))], [(heading, step_table(steps, names))]


def _growth(results: Results, question: Question) -> Iterator[tuple[str, str]]:
    """Yield the paragraph on why a budget line grows, for a question about price or volume."""
    growth = price_or_volume(results, question.price_or_volume) if question.price_or_volume else None
    if growth is not None:
        label = results.provenance["lines"][question.price_or_volume]
        yield "Price or volume", _sentences([growth_words(label, growth)])


def _levels(results: Results, question: Question) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return paragraphs and tables about the levels of the baseline."""
    years = levels_by_year(results, question.looks_at)
    whole = levels_over_study(results, question.looks_at)
    missing = _without_figures(question.looks_at, {level.quantity for level in years})
    lines = levels_by_year(results, _lines(results))
    tables = [(f"Levels by year: mean over replications.{missing}", level_table(years, range_name(results.provenance)))]
    if lines:
        heading = f"Spend by budget line and financial year, £m cash, mean; intervals are in {LEVELS_FILE}"
        tables.append((heading, line_table(lines)))
    told = [level for level in whole if level.quantity.measure != LINE_MEASURE]
    return [("", text) for text in level_sentences(years, told, range_name(results.provenance))], tables


def _lines(results: Results) -> list[LooksAt]:
    """Return the budget lines on which anything is ever spent, as quantities."""
    spend = results.measures[(results.measures["measure"] == LINE_MEASURE) & (results.measures["value"] != 0)]
    used = set(spend["provision"].astype("str"))
    lines = {line: label for line, label in results.provenance["lines"].items() if line in used}
    return [
        LooksAt(measure=LINE_MEASURE, provision=line, over="last", label=label, unit="£m")
        for line, label in lines.items()
    ]


def _level_frame(results: Results, question: Question) -> pd.DataFrame:
    """Return every level of the question and of the budget lines by year, as written to levels.csv."""
    found: list[Level] = levels_by_year(results, [*question.looks_at, *_lines(results)])
    rows: list[dict[str, Any]] = [
        {
            **one.quantity.model_dump(include={"label", "measure", "provision", "phase"}),
            "unit": "GBP" if is_money(one.quantity.unit) else one.quantity.unit,
            "period": one.period,
            **{name: getattr(one, name) for name in ("mean", "low", "high", "p10", "p90")},
        }
        for one in found
    ]
    return pd.DataFrame(rows).assign(stamp=results.provenance["stamp"], run=run_id(results.provenance))


def _without_figures(asked: Sequence[LooksAt], found: set[LooksAt]) -> str:
    missing = [quantity.label for quantity in asked if quantity not in found]
    return f" Without figures in this county: {'; '.join(missing)}." if missing else ""


def _caveats(results: Results, question: Question) -> Iterator[str]:
    """Yield the stamp in capitals, the question's own caveats, and those of every result."""
    stamp = str(results.provenance["stamp"])
    general = [str(caveat) for caveat in results.provenance["caveats"]]
    stamped = [caveat for caveat in general if stamp and caveat.lower().startswith(stamp)]
    yield from (f"{stamp.upper()}{caveat[len(stamp) :]}" for caveat in stamped)
    yield from question.caveats
    yield from (caveat for caveat in general if caveat not in stamped)


def _origin(results: Results) -> str:
    said = results.provenance
    return f"{said['county']['label']}. Run {run_id(said)}, seed {said['seed']}, {how_many(said)}."


def _wrapped(text: str, indent: str = "", hanging: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent or hanging)

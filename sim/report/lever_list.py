"""Levers as tables: settings, choices, designs, and the effects by which they work, with range, grade and source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.levers.catalogue import designs
from sim.levers.designs import Design
from sim.levers.spec import LeverSpec, Setting
from sim.parameters.schema import Effect, Evidence, Parameters, Source
from sim.report.markdown import extent, figure, table_row
from sim.report.tables import box_for
from sim.report.words import kind_words

SETTINGS = ("setting", "what it is", "value", "unit", "range", "role", "grade", "source", "note")
CHOICES = ("choice", "what it is", "default", "options")
EFFECTS = ("effect", "given by", "acts on", "value", "range", "lag, full and half days", "grade", "source", "note")
TIERS = ("design", "tier", "places", "full-time staff", "school days", "open to", "grade", "source", "note")
SOURCE, NOTE = "source", "note"
ONE_LINE = 20
"""Cells up to so many characters stay on one line."""

PADDING = 3
"""Characters that a column of a table takes beside its text: spaces, and the line between columns."""


class Part(NamedTuple):
    """A table about a lever: what it is called, its columns and its rows; sources are keys."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """Return the cells of a column; nothing when there is no such column."""
        return [row[self.heads.index(name)] for row in self.rows] if name in self.heads else []


def parts_of(spec: LeverSpec, county: Parameters) -> Iterator[Part]:
    """Yield the tables about a lever; its effects are those of the county."""
    settings = (
        (name, one.label, figure(one.value), _unit(one), extent(one.low, one.high), one.role, *_said(one))
        for name, one in spec.settings.items()
    )
    yield from _part("Settings", SETTINGS, settings)
    choices = ((name, one.label, one.default, ", ".join(one.options)) for name, one in spec.choices.items())
    yield from _part("Choices", CHOICES, choices)
    yield from _part("Designs", TIERS, _tiers(spec))
    effects = (_effect(name, county.effects[name]) for name in spec.effects if name in county.effects)
    yield from _part(f"Effects on pupils, {county.county.label}", EFFECTS, effects)


def sources_of(spec: LeverSpec, county: Parameters) -> dict[str, Source]:
    """Return the sources named in the tables about a lever, by key."""
    known = {**county.sources, **spec.sources}
    for design in _designs(spec).values():
        known |= design.sources
    named = dict.fromkeys(key for part in parts_of(spec, county) for key in part.column(SOURCE))
    return {key: known[key] for key in named if key in known}


def print_lever(out: Console, name: str, spec: LeverSpec, county: Parameters) -> None:
    """Print what a lever is, its tables, and below them what the tables leave out: notes and titles of sources."""
    out.print(Text(f"{name}: {spec.label}", style="bold"))
    out.print(f"Answers {', '.join(spec.questions)}. {spec.description}")
    parts = list(parts_of(spec, county))
    for part in parts:
        if _narrowest(part) <= out.width:
            out.print(_printed(out, part))
        else:
            out.print("\n".join(_in_lines(part, out.width)), soft_wrap=True)
    noted = ((row[0], note) for part in parts for row, note in zip(part.rows, part.column(NOTE), strict=False) if note)
    for about, note in dict.fromkeys(noted):
        out.print(f"* {about}: {note}")
    for key, source in sources_of(spec, county).items():
        out.print(f"* {key}: {source.title} ({source.publisher})")
    out.print()


def _printed(out: Console, part: Part) -> Table:
    table = Table(title=part.title, title_justify="left", title_style="italic", box=box_for(out))
    shown = [place for place, head in enumerate(part.heads) if head != NOTE]
    for place in shown:
        table.add_column(part.heads[place], no_wrap=not _may_wrap(part, place))
    for row in part.rows:
        table.add_row(*(Text(row[place]) for place in shown))
    return table


def _may_wrap(part: Part, place: int) -> bool:
    """Whether a column of a table holds text that is worth more than one line, and not names or figures."""
    cells = [row[place] for row in part.rows]
    return any(len(cell) > ONE_LINE and " " in cell for cell in cells)


def _narrowest(part: Part) -> int:
    """Return the characters in which a table fits with every word in one piece."""
    sizes = []
    for place, head in enumerate(part.heads):
        cells = [head, *(row[place] for row in part.rows)] if head != NOTE else []
        pieces = (cell.split() or [""] if _may_wrap(part, place) else [cell] for cell in cells)
        sizes.append(max((len(piece) for piece_of in pieces for piece in piece_of), default=-PADDING) + PADDING)
    return sum(sizes) + 1


def _in_lines(part: Part, width: int) -> Iterator[str]:
    """Yield a table that is too wide as lines: a row's name, then what is in its other columns."""
    yield part.title
    for name, *cells in part.rows:
        told = "; ".join(f"{head}: {cell}" for head, cell in zip(part.heads[1:], cells, strict=True) if head != NOTE)
        yield f"  {name}"
        yield from textwrap.wrap(told, width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def levers_in_markdown(levers: Mapping[str, LeverSpec], county: Parameters) -> str:
    """Return every lever with its tables, as a Markdown document."""
    lines = [
        "# Levers",
        "",
        "What an authority can choose in a scenario, with every figure, its range and where it comes from. `pathways",
        "levers` prints the same. A scenario names a lever and what it sets differently; `start`, `end`, `ramp_years`,",
        "`strength` (0 is no change at all), `districts` or `number` say when, how strongly and where.",
        "",
        f"The effects are those of {county.county.label}: a factor on the rate or chance that they act on, 1 being no",
        "effect. One given by support begins after its lag, holds until the support ends, then in full and then by",
        "half for so many school days more.",
    ]
    for name, spec in levers.items():
        lines += ["", f"## {name}", "", f"**{spec.label}.** Answers {', '.join(spec.questions)}.", ""]
        lines += textwrap.wrap(spec.description, 120, break_on_hyphens=False)
        sources = sources_of(spec, county)
        for part in parts_of(spec, county):
            lines += ["", f"{part.title}:", "", table_row(part.heads), f"|{'---|' * len(part.heads)}"]
            lines += [table_row(_linked(part, row, sources)) for row in part.rows]
    return "\n".join(lines) + "\n"


def _linked(part: Part, row: tuple[str, ...], sources: Mapping[str, Source]) -> list[str]:
    """Return a row with the title of its source, linked if it has an address, in place of the key."""
    cells = list(row)
    if SOURCE in part.heads:
        place = part.heads.index(SOURCE)
        source = sources.get(cells[place])
        cells[place] = cells[place] if source is None else source.title
        cells[place] = f"[{cells[place]}]({source.url})" if source is not None and source.url else cells[place]
    return cells


def _part(title: str, heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[Part]:
    found = tuple(rows)
    if found:
        yield Part(title, heads, found)


def _designs(spec: LeverSpec) -> dict[str, Design]:
    """Return the designs that a lever lets choose from."""
    known = designs()
    options = (option for choice in spec.choices.values() for option in choice.options)
    return {option: known[option] for option in options if option in known}


def _tiers(spec: LeverSpec) -> Iterator[tuple[str, ...]]:
    for name, design in _designs(spec).items():
        for kind, tier in design.tiers.items():
            stay = f"{figure(tier.length_days.value)} ({extent(tier.length_days.low, tier.length_days.high)})"
            record = "any record" if tier.record == "any" else tier.record.replace("_", " ")
            need = "" if tier.least_severity == "none" else f", {tier.least_severity} need or more"
            staff = figure(tier.staff_fte)
            yield name, kind_words(kind), str(tier.places), staff, stay, f"{record}{need}", *_said(design)


def _effect(name: str, row: Effect) -> tuple[str, ...]:
    lasts = f"{row.lag_days:g}, {row.full_days:g}, {row.half_days:g}"
    acts_on = f"{row.target.replace('_', ' ')}{'' if row.severity == 'any' else f', {row.severity} need'}"
    figures = figure(row.value), extent(row.low, row.high)
    return (name, kind_words(row.given_by), acts_on, *figures, lasts, *_said(row))


def _said(row: Evidence) -> tuple[str, str, str]:
    return str(row.grade), row.source, " ".join(row.note.split())


def _unit(setting: Setting) -> str:
    return f"{setting.unit}, {setting.price_base} prices" if setting.price_base else setting.unit

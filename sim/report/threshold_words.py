"""Where a lever breaks even, for a terminal: the answer in a sentence, what it means, and what was run."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.analysis.break_even import Outcome, Root
from sim.analysis.break_even_chance import Chance, chances
from sim.analysis.lever_break_even import COST, DOSE, EFFECT, Answer, Meaning, effects_of
from sim.levers.acts import LeverInUse
from sim.levers.spec import Setting
from sim.parameters.schema import Effect
from sim.report.frames import LEVEL, THOUSAND
from sim.report.sentences import in_list
from sim.report.tables import interval_heading, new_table
from sim.report.words import between, signed, words
from sim.results import caveats_of, mean_with_interval, stamp_of

LEVEL_WORDS = {
    EFFECT: "times as strong an effect as the evidence says",
    DOSE: "times as much of the lever",
    COST: "times its price",
}


def print_answer(out: Console, lever: LeverInUse, answer: Answer) -> None:
    """Print where a lever pays for itself, with what was run and what to keep in mind."""
    question = answer.question
    out.print(Text(f"{lever.spec.label}: when does it pay for itself?", style="bold"))
    out.print()
    out.print(sentence(lever, answer))
    out.print()
    out.print(_meanings(out, lever, answer))
    out.print()
    out.print(_levels(out, answer))
    out.print()
    number = f"{question.replications} replication{'s' if question.replications != 1 else ''}"
    out.print(
        f"Run {answer.run}, seed {question.seed}, {number} of each level, cash over the years of the study; levels "
        f"share their luck."
    )
    calibration = lever.parameters.county.calibration
    first, *others = caveats_of(calibration)
    stamp = stamp_of(calibration)
    out.print(" ".join([f"{stamp.upper()}." if stamp else first, *others]))


def sentence(lever: LeverInUse, answer: Answer) -> str:
    """Return the finding in a sentence or two."""
    root, unit = answer.root, LEVEL_WORDS[answer.question.axis]
    if answer.question.axis == COST and not _saves_when_free(answer):
        return "Even free of charge it saves nothing that can be told from nought."
    looked = f"from {root.lowest:.3g} {_up_to(root.highest)} {unit}"
    if root.outcome is Outcome.FOUND:
        way = "It pays for itself from" if root.pays_above else "It pays for itself up to"
        return f"{way} {root.level:.3g} {unit}{_interval(root)}."
    if root.outcome is Outcome.ALWAYS:
        return f"It pays for itself at every level looked at, {looked}{_interval(root)}."
    return f"It does not pay for itself at any level looked at, {looked}{_interval(root)}."


def _saves_when_free(answer: Answer) -> bool:
    """Whether the net cost at the lowest price is below nought by more than chance alone may bring."""
    free = mean_with_interval(np.asarray(answer.net_costs)[:1], LEVEL).to_dict("records")[0]
    return bool(free["mean"] < 0.0 and not free["high"] >= 0.0)


def _up_to(highest: float) -> str:
    return f"to {highest:.3g}" if isfinite(highest) else "up"


def _interval(root: Root) -> str:
    """Return the levels at which breaking even cannot be ruled out: an interval of the level, or what they are."""
    if not root.stretches:
        return ""
    told = in_list([f"{_end(low, root)} to {_end(high, root)}" for low, high in root.stretches])
    name = f"{100 * root.confidence:g}% interval"
    if root.outcome is Outcome.FOUND and len(root.stretches) == 1:
        return f" ({name} {told})"
    return f"; the {name} of its net cost includes nought at levels {told}"


def _end(level: float, root: Root) -> str:
    if isfinite(level):
        return f"{level:.3g}"
    edge, side = (root.lowest, "below") if level < 0 else (root.highest, "beyond")
    return f"{side} {edge:.3g}" if isfinite(edge) else "any"


def _meanings(out: Console, lever: LeverInUse, answer: Answer) -> Table:
    """Return what the level comes to for each figure scaled, beside the evidence for it."""
    known: dict[str, Setting | Effect] = {**lever.spec.settings, **effects_of(lever)}
    title = "What that comes to"
    heads = ("evidence", "range of\nthe evidence", "needed", "inside\nthe range", "chance by the\nevidence of that")
    table = new_table(out, title, "", *heads)
    likely = {one.name: chance_words(one) for one in chances(lever, answer)}
    for made in answer.meaning:
        row = known[made.name]
        needed, inside = _needed(made, row, answer.root.outcome)
        label = getattr(row, "label", "") or words(made.name)
        evidence = (f"{row.value:,g}", f"{row.low:,g} to {row.high:,g}")
        table.add_row(f"{label} ({row.unit})", *evidence, needed, inside, likely.get(made.name, ""))
    return table


def chance_words(chance: Chance) -> str:
    """Return a chance in per cent with the interval that comes from not knowing exactly what is needed."""
    ends = "" if isnan(chance.low) else f" ({chance.low:.0%} to {chance.high:.0%})"
    return f"{chance.value:.0%}{ends}"


def _needed(made: Meaning, row: Setting | Effect, outcome: Outcome) -> tuple[str, str]:
    """Return the figure needed, and whether the evidence's range holds it."""
    if outcome is Outcome.ALWAYS:
        return "any looked at", "yes"
    if not isfinite(made.value):
        return "none found", "no"
    return _figure(made.value), "yes" if row.low <= made.value <= row.high else "no"


def _figure(value: float) -> str:
    """Return a number of three figures without an exponent."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= THOUSAND else f"{rounded:g}"


def _levels(out: Console, answer: Answer) -> Table:
    """Return the net cost at each level that was run."""
    title = "Net cost to the high needs block over the study, £ thousand cash (below 0 is a saving)"
    table = new_table(out, title, "level", "net cost", interval_heading())
    found = mean_with_interval(np.asarray(answer.net_costs) / THOUSAND, LEVEL)
    for level, row in zip(answer.levels, found.to_dict("records"), strict=True):
        table.add_row(f"{level:.3g}", signed(row["mean"], 0), between(row["low"], row["high"], 0))
    return table

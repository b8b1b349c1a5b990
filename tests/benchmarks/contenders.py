"""The reference models in this project's engine against other packages, after all have been seen to agree."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from tests.benchmarks import cases
from tests.benchmarks.cases import Found, Network, Pathway
from tests.benchmarks.measuring import (
    Ratio,
    Say,
    in_own_process,
    in_turns,
    middle,
    paragraph,
    short,
    table,
    timed,
    verdict,
)

FALSE_ALARM = 0.01
"""Chance that the comparison of means says that models differ although they do not."""

ENGINE, SIMPY, HEAPQ, CIW = "this engine", "SimPy, idiomatic", "heapq, by hand", "Ciw"


class Contender(NamedTuple):
    """Where a contender's models are; `collects` leaves Python's collector of garbage on, as it is by default."""

    module: str
    suffix: str = ""
    collects: bool = False


CONTENDERS = {
    ENGINE: Contender("in_engine"),
    SIMPY: Contender("in_simpy"),
    "SimPy, idiomatic, collector on": Contender("in_simpy", collects=True),
    CIW: Contender("in_ciw"),
    "salabim, generators": Contender("in_salabim"),
    "salabim, default style": Contender("in_salabim", "_default"),
    HEAPQ: Contender("in_heapq"),
    "numba": Contender("in_numba"),
}
OWN_LUCK = (CIW,)
"""Contenders that draw their own random numbers."""


class Simmer(NamedTuple):
    """What simmer 4.4.6 (R), which is not among this project's packages, took for each event of such a model.

    Measured for this project on another machine before it was built (2 virtual cores of an AMD EPYC, Linux, Python
    3.11.7, SimPy 4.1.2), in turns with idiomatic SimPy; microseconds of processor time for each event.
    """

    simmer: float
    simpy: float


QUOTED = {"pathway": Simmer(34.0, 7.0), "network": Simmer(7.9, 5.42)}


@dataclass(frozen=True)
class Size:
    """How much is run."""

    repeats: int
    scale: float
    customers: int
    replications: int
    customers_of_each: int


FULL = Size(repeats=3, scale=1.0, customers=20_000, replications=20, customers_of_each=10_000)
QUICK = Size(repeats=1, scale=0.1, customers=2_000, replications=8, customers_of_each=2_000)
LONG_QUEUES = 3.5
"""Squeeze of the pathway by which about 1,200 pupils of a county wait."""


def case_of(model: str, arguments: dict[str, Any]) -> Pathway | Network:
    """Return the case of a model."""
    return Pathway(**arguments) if model == "pathway" else Network(**arguments)


def run_once(name: str, model: str, case: dict[str, Any]) -> dict[str, Any]:
    """Run a model in one contender, and return its seconds and what it found."""
    contender = CONTENDERS[name]
    prepared = getattr(importlib.import_module(f"tests.benchmarks.{contender.module}"), model + contender.suffix)
    read, seconds = timed(prepared(case_of(model, case)), contender.collects)
    return {**seconds, **asdict(read())}


def mean_waits(name: str, seeds: Sequence[int], customers: int) -> dict[str, Any]:
    """Return the mean waits by class in the network, for each of several seeds."""
    model = importlib.import_module(f"tests.benchmarks.{CONTENDERS[name].module}").network
    return {"waits": [model(Network(seed, customers))()().mean_waits for seed in seeds]}


def section(quick: bool, say: Say) -> list[str]:
    """Measure, and return the lines of the page."""
    size = QUICK if quick else FULL
    squeezed = {"scale": size.scale, "squeeze": LONG_QUEUES}
    pathway = _measured("pathway", {"scale": size.scale}, size.repeats, say)
    crowded = _measured("pathway", squeezed, size.repeats, say)
    agreement = list(_means_agree(size, say))
    network = _measured("network", {"customers": size.customers}, size.repeats, say)
    return [
        "## The engine against other packages",
        "",
        *_how(size),
        "### The reference pathway",
        "",
        *_about_pathway(pathway, crowded, size),
        *_table(pathway),
        *_quoted(pathway, "pathway"),
        f"With long queues (places divided and patience multiplied by {LONG_QUEUES:g}):",
        *_table(crowded),
        "### The queueing network",
        "",
        *paragraph(
            f"{cases.STATIONS} stations of {cases.SERVERS} servers, {cases.CLASSES} priority classes, utilisation 0.9,",
            f"{size.customers:,} customers, {_events(network):,.0f} events (arrivals and ends of service).",
        ),
        *agreement,
        *_table(network),
        *_quoted(network, "network"),
        "### Goals",
        *_goals(pathway, crowded, network),
    ]


def _how(size: Size) -> list[str]:
    return paragraph(
        "Every contender runs the same model, written as its own documentation writes models. This engine writes its",
        "journal, turns it into columns and uses its keyed luck; the others only count, and read the same random",
        "numbers from lists made before the clock starts (Ciw draws its own). The collector of garbage is off for all",
        "but the row that says so, as in this project's runs; what numba compiles is compiled before. Each run has its",
        f"own process; contenders take turns, beginning with another one in each of {size.repeats} repeats, each with",
        "another seed. Seconds are medians of processor time; ratios are taken within a repeat: median (lowest to",
        "highest).",
    )


def _measured(model: str, case: dict[str, Any], repeats: int, say: Say) -> dict[str, list[dict[str, Any]]]:
    """Measure in turns; refuse to go on when contenders with the same luck found different things."""
    names = [name for name in CONTENDERS if model == "network" or name != CIW]

    def measure(name: str, repeat: int) -> dict[str, Any]:
        return in_own_process("contenders:run_once", name=name, model=model, case={**case, "seed": repeat + 1})

    found = in_turns(names, repeats, measure, say)
    for name in names:
        for mine, reference in zip(found[name], found[HEAPQ], strict=True):
            if name not in OWN_LUCK and not _found(mine).equals(_found(reference)):
                raise RuntimeError(f"{name} lived through another {model} than {HEAPQ}: {mine} instead of {reference}")
    return found


def _found(said: dict[str, Any]) -> Found:
    return Found(said["events"], tuple(said["waits"]), tuple(said["waited"]), tuple(said["outcomes"]))


def _events(found: dict[str, list[dict[str, Any]]]) -> float:
    return middle(found[HEAPQ], "events")


def _means_agree(size: Size, say: Say) -> Iterator[str]:
    """Yield in words how closely Ciw's mean waits agree with ours; RuntimeError if they do not."""
    ours, theirs = range(1_000, 1_000 + size.replications), range(size.replications)
    asked = {"customers": size.customers_of_each}
    here = np.array(in_own_process("contenders:mean_waits", name=HEAPQ, seeds=list(ours), **asked)["waits"])
    there = np.array(in_own_process("contenders:mean_waits", name=CIW, seeds=list(theirs), **asked)["waits"])
    level = 1.0 - FALSE_ALARM / cases.CLASSES
    interval = stats.ttest_ind(there, here, equal_var=False).confidence_interval(level)
    say(f"mean waits here {here.mean(0)}, in Ciw {there.mean(0)}")
    if (interval.low > 0.0).any() or (interval.high < 0.0).any():
        raise RuntimeError(f"Ciw's mean waits differ from ours: {interval.low} to {interval.high} by class")
    yield from paragraph(
        "All contenders with the same luck found the same customers, waits and days; the mean waits in Ciw differ",
        f"from theirs by no more than luck explains ({size.replications} runs each of {size.customers_of_each:,}",
        f"customers; simultaneous {1.0 - FALSE_ALARM:.0%} intervals by class):",
    )
    yield from table(
        ("class", "mean wait here, days", "in Ciw", "interval of the difference"),
        [
            (f"{rank + 1}", f"{a:.4f}", f"{b:.4f}", f"{low:+.4f} to {high:+.4f}")
            for rank, (a, b, low, high) in enumerate(
                zip(here.mean(0), there.mean(0), interval.low, interval.high, strict=True)
            )
        ],
    )


def _about_pathway(
    found: dict[str, list[dict[str, Any]]], crowded: dict[str, list[dict[str, Any]]], size: Size
) -> list[str]:
    end = Pathway(0).end
    waiting, many = (np.median([sum(one["waited"]) / end for one in each[HEAPQ]]) for each in (found, crowded))
    return paragraph(
        f"Onset, support in school, a ranked wait for one of {len(cases.PLACES)} kinds of place, a stay, then return,",
        f"escalation or leaving; {cases.YEARS:g} years at {size.scale:g} times a county, {_events(found):,.0f} events",
        "(onsets, ends of support, of waits that took time, and of stays). On average",
        f"{waiting:,.0f} pupils wait, and {many:,.0f} with long queues ({_events(crowded):,.0f} events). In every",
        "repeat all contenders found the same events, waits, days waited and outcomes; otherwise the command stops.",
    )


def _table(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    rows = [
        (
            f"**{name}**" if name == ENGINE else name,
            f"{middle(mine):.3f}",
            short(1e6 * middle(_per_event(mine))),
            "1" if name == ENGINE else str(Ratio.of(_per_event(mine), _per_event(found[ENGINE]))),
            f"{middle(mine, 'memory'):,.0f}",
        )
        for name, mine in sorted(found.items(), key=lambda item: middle(item[1]))
    ]
    return table(("contender", "seconds", "µs per event", "times this engine", "memory added, MB"), rows)


def _quoted(found: dict[str, list[dict[str, Any]]], model: str) -> list[str]:
    said = QUOTED[model]
    simpy = Ratio.of(_per_event(found[SIMPY]), _per_event(found[ENGINE])).middle
    return paragraph(
        f"simmer (R), quoted: {short(said.simmer / said.simpy)} times idiomatic SimPy ({said.simmer:g} against",
        f"{said.simpy:g} µs per event), measured for this project on another machine (2 virtual cores of an AMD EPYC,",
        "Python 3.11.7, simmer 4.4.6 in turns with SimPy 4.1.2) on a model of this kind; with SimPy's ratio here that",
        f"is {short(simpy * said.simmer / said.simpy)} times this engine.",
    )


def _per_event(measured: list[dict[str, Any]]) -> list[dict[str, float]]:
    return [{"cpu": one["cpu"] / one["events"]} for one in measured]


def _goals(
    pathway: dict[str, list[dict[str, Any]]],
    crowded: dict[str, list[dict[str, Any]]],
    network: dict[str, list[dict[str, Any]]],
) -> list[str]:
    def times(found: dict[str, list[dict[str, Any]]], name: str) -> float:
        return Ratio.of(_per_event(found[name]), _per_event(found[ENGINE])).middle

    heapq = 1.0 / times(pathway, HEAPQ)
    asked = [
        ("faster than idiomatic SimPy, pathway", times(pathway, SIMPY), 1.5, False),
        ("faster than idiomatic SimPy, pathway with long queues", times(crowded, SIMPY), 2.0, False),
        ("faster than salabim, pathway", times(pathway, "salabim, generators"), 15.0, False),
        ("faster than Ciw, network", times(network, CIW), 5.0, False),
        ("times a loop over heapq, pathway", heapq, 3.0, True),
        ("µs per event of the pathway", 1e6 * middle(_per_event(pathway[ENGINE])), 4.5, True),
    ]
    return table(
        ("measured", "value", "goal"),
        [(words, short(value), verdict(value, limit, is_most)) for words, value, limit, is_most in asked],
    )
